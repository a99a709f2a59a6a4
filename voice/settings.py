"""Settings, read once: defaults, then a TOML file, then ``CENTRALITA_*`` environment variables. Where none
of them names a recognition model, the one that ``voice models use`` chose in the data folder is it.

The environment name of ``[twilio] auth_token`` is ``CENTRALITA_TWILIO__AUTH_TOKEN``. Unknown names are
errors, so that a typing mistake never silently means the default. Secrets print as ``**********``.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from voice.errors import ConfigError

ENV_PREFIX = "CENTRALITA_"
KeypadTones = Literal["off", "auto", "on"]
LANGUAGE_CODE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"  # BCP 47
MODELS = "models"  # in the data folder: installed recognition models
MODELS_IN_USE = "in-use.toml"  # there: [speech] model_es = "FOLDER"


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class ServerSettings(Section):
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    public_url: str = Field("", description="How providers reach this server, https://voice.example.com")
    max_calls: int = Field(100, ge=1, description="More callers than this hear a busy message")
    drain_seconds: int = Field(60, ge=0, description="How long live calls may go on after SIGTERM")

    @field_validator("public_url")
    @classmethod
    def _https(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError("must start with https:// (or http:// on a private network)")
        return value.rstrip("/")


class TwilioSettings(Section):
    auth_token: SecretStr = Field(SecretStr(""), description="With it, every request must be signed")
    stream_auth: str = Field(
        "signature",
        pattern="^(signature|token|both)$",
        description="What a stream must show when auth_token is set; token: for proxies that strip headers",
    )


class TelnyxSettings(Section):
    public_key: str = Field(
        "",
        pattern=r"^([A-Za-z0-9+/]{43}=)?$",
        description="The account's, in base64 (Mission Control, Keys & Credentials): webhooks must be signed",
    )


class SpeechSettings(Section):
    model_es: str = Field("", description="Vosk model directory for Spanish; empty: the built-in one")
    model_en: str = Field("", description="Vosk model directory for English; empty: the built-in one")
    closed_model_es: str = Field("", description="A model that takes grammars, where model_es takes none")
    closed_model_en: str = Field("", description="The same for English")
    recognition_threads: int = Field(2, ge=1, le=64)
    synthesizer: str = Field("espeak", pattern="^(espeak|pyttsx3)$")
    voice_es: str = ""
    voice_en: str = ""
    rate: int = Field(165, ge=80, le=400, description="Words a minute")
    vad: str = Field(
        "webrtc",
        pattern="^(webrtc|silero|two-stage)$",
        description="What tells speech from noise; the last two need pip install 'centralita[silero]'",
    )
    vad_mode: int = Field(3, ge=0, le=3, description="How strict WebRTC's detector is")
    onset_ms: int = Field(80, ge=20, le=1000, description="Speech this long starts a turn")
    endpoint_ms: int = Field(500, ge=100, le=3000, description="Silence this long ends a turn")
    server_es: str = Field("", description="Address of a vosk-server for Spanish, wss://host:2700")
    server_en: str = Field("", description="Address of a vosk-server for English, wss://host:2700")
    server_token: SecretStr = Field(SecretStr(""), description="Sent to these as a bearer token")
    server_ca: str = Field("", description="PEM file of the authority that signed their certificates")
    server_connect_ms: int = Field(1000, ge=100, le=10_000)
    server_answer_ms: int = Field(
        1500, ge=200, le=4000, description="Later than this, the local engine takes over"
    )

    @field_validator("server_es", "server_en")
    @classmethod
    def _socket(cls, value: str) -> str:
        if not value:
            return value
        try:
            parts = urlsplit(value)
            good = parts.scheme in ("ws", "wss") and bool(parts.hostname) and parts.port != 0
            good = good and re.search(r"[^!-~]", value) is None  # urlsplit drops line breaks silently
        except ValueError:
            good = False
        if not good or parts.fragment:
            raise ValueError("must be the address of a vosk-server, ws://host:2700 or wss://host:2700")
        if parts.username is not None or parts.password is not None:
            raise ValueError("must not hold a name or password; use speech.server_token")
        return value

    @field_validator("server_token")
    @classmethod
    def _header(cls, value: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[!-~]*", value.get_secret_value()):
            raise ValueError("must be printable ASCII without spaces")
        return value


class CallSettings(Section):
    flow: str = Field("telecom", description="Name of a flow under the prompts folder, or a path to one")
    lang: str = Field("es", pattern="^(es|en)$")
    max_seconds: int = Field(1800, ge=30, description="The longest call, then a polite end")
    stall_seconds: int = Field(10, ge=1, description="No audio from the provider for so long ends a call")
    record: bool = True
    reload_seconds: float = Field(
        2, ge=0, le=3600, description="How often edited flows are looked for; 0: only on SIGHUP"
    )
    max_bad_messages: int = Field(20, ge=1, description="Malformed messages before a stream is closed")
    keypad_tones: KeypadTones = Field(
        "auto", description="Hear keys by their tones; auto: where the provider does not signal keys"
    )
    keypad_tones_of: dict[str, KeypadTones] = Field({}, description="The same, by provider")
    lead_ms: int = Field(240, ge=40, le=2000, description="How far ahead of the caller's ear we send")


class RelaySettings(Section):
    """ConversationRelay: calls whose provider hears and speaks."""

    code_es: str = Field("es-ES", pattern=LANGUAGE_CODE, description="What the provider calls Spanish")
    code_en: str = Field("en-US", pattern=LANGUAGE_CODE, description="What it calls English")
    voice_es: str = Field("", description="The provider's voice for Spanish; empty: its default")
    voice_en: str = Field("", description="The same for English")
    tts_provider: str = Field("", description="Who speaks, for example ElevenLabs; empty: the default")
    transcription_provider: str = Field("", description="Who hears, for example Deepgram; empty: the default")
    speech_model: str = Field("", description="Its model; empty: the default")
    confidence: float = Field(
        0.9, gt=0, le=1, description="How far the provider's words are believed: it sends no confidence"
    )
    transfer_url: str = Field(
        "",
        pattern=r"^(https://[^\s]+)?$",
        description="TwiML with which the call goes on once a person has taken it; empty: it ends",
    )
    music: bool = Field(True, description="Let the provider fetch our hold music from public_url")

    @property
    def codes(self) -> dict[str, str]:
        """Our languages as the provider calls them."""
        return {"es": self.code_es, "en": self.code_en}


class StoreSettings(Section):
    url: str = Field("", description="SQLAlchemy URL; empty: SQLite in the data folder")


class ProfileSettings(Section):
    """What is remembered of callers between calls, for flows that have a ``remember`` section."""

    enabled: bool = Field(True, description="False: nothing is looked up or kept, whatever the flow says")
    key: SecretStr = Field(
        SecretStr(""),
        description="Secret for hashing numbers, 16 characters or more; empty: a file in the data folder",
    )
    days: int = Field(365, ge=1, le=3650, description="The longest that a flow may remember a caller")
    load_ms: int = Field(300, ge=10, le=2000, description="How long a call waits for its profile")
    resume_minutes: int = Field(10, ge=1, le=60, description="How long a call that was cut off can go on")


class ModelSettings(Section):
    """An optional language model behind any server that speaks OpenAI's protocol (docs/knowledge.md)."""

    url: str = Field(
        "", description="Its base address, such as http://127.0.0.1:11434/v1 (Ollama); empty: none is used"
    )
    name: str = Field("", description="The model's name there")
    key: SecretStr = Field(SecretStr(""), description="Sent as a bearer token; local servers want none")
    temperature: float | None = Field(None, ge=0, le=2, description="Empty: the server's own")
    silence_ms: int = Field(8000, ge=500, le=60_000, description="Without a word for so long, it has failed")
    summary: bool = Field(False, description="It also words the summary for the person who takes a call")
    summary_ms: int = Field(8000, ge=500, le=60_000, description="How long a summary may take to write")

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            good = not value or (
                parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
            )
        except ValueError:
            good = False
        if not good or re.search(r"[^!-~]", value) is not None:
            raise ValueError("must be the base address of a server, http://127.0.0.1:11434/v1")
        if value and (parts.username is not None or parts.password is not None):
            raise ValueError("must not hold a name or password; use model.key")
        return value.rstrip("/")

    @field_validator("key")
    @classmethod
    def _bearer(cls, value: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[!-~]*", value.get_secret_value()):
            raise ValueError("must be printable ASCII without spaces")
        return value

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.url and not self.name:
            raise ValueError("model.url needs model.name: the model to use there")
        return self


class DeskSettings(Section):
    enabled: bool = True
    link_minutes: int = Field(60, ge=1, description="How long a one-time address stays good")


class Settings(Section):
    data: Path = Path("data")
    prompts: Path = Path("prompts")
    server: ServerSettings = ServerSettings()
    twilio: TwilioSettings = TwilioSettings()
    telnyx: TelnyxSettings = TelnyxSettings()
    relay: RelaySettings = RelaySettings()
    speech: SpeechSettings = SpeechSettings()
    call: CallSettings = CallSettings()
    store: StoreSettings = StoreSettings()
    desk: DeskSettings = DeskSettings()
    model: ModelSettings = ModelSettings()
    profile: ProfileSettings = ProfileSettings()


def _put(tree: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
        if not isinstance(tree, dict):
            raise ConfigError(f"setting {'.'.join(path)}: {name} is a value, not a section")
    tree[path[-1]] = value


def _put_models_in_use(tree: dict[str, Any]) -> None:
    """Adds the models that ``voice models use`` chose, where nothing else names one."""
    folder = Path(str(tree.get("data", Settings.model_fields["data"].default))) / MODELS
    file = folder / MODELS_IN_USE
    try:
        chosen = tomllib.loads(file.read_text(encoding="utf-8")).get("speech", {})
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{file}: cannot be read ({error}); remove it (the built-in models are used then) and choose "
            "again with 'voice models use'"
        ) from error
    speech = tree.setdefault("speech", {})
    if isinstance(speech, dict) and isinstance(chosen, dict):
        for name, model in chosen.items():
            speech.setdefault(name, str(folder / str(model)))


def load(
    file: Path | None = None,
    env: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Settings:
    """Reads settings; ``overrides`` (dotted names, from the command line) win over everything.

    Raises :class:`ConfigError` naming each wrong setting and where it came from.
    """
    tree: dict[str, Any] = {}
    if file is not None:
        try:
            tree = tomllib.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigError(
                f"{file}: cannot be read ({error.strerror}); check the --config path"
            ) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{file}: not valid TOML: {error}") from error
    for name, value in (os.environ if env is None else env).items():
        if name.startswith(ENV_PREFIX):
            _put(tree, name.removeprefix(ENV_PREFIX).lower().split("__"), value)
    for name, value in (overrides or {}).items():
        if value is not None:
            _put(tree, name.split("."), value)
    _put_models_in_use(tree)
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        lines = []
        for item in error.errors(include_input=False, include_url=False):
            name = ".".join(map(str, item["loc"]))
            variable = ENV_PREFIX + name.replace(".", "__").upper()
            wrong = item["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
            if item["type"].endswith(("_type", "_parsing", "_from_float")):
                wrong = _TYPES.get(item["type"].partition("_")[0], wrong)
            if item["type"] == "extra_forbidden":
                wrong = "there is no such setting" + _nearest(item["loc"])
            elif item["type"] == "string_pattern_mismatch":
                wrong = "has not the form that it must have" + _described(item["loc"])
            lines.append(f"setting {name} (or {variable}): {wrong}")
        raise ConfigError("\n".join(lines)) from None


# by the first word of pydantic's error types, https://docs.pydantic.dev/latest/errors/validation_errors/
_TYPES = {
    "int": "must be a whole number",
    "float": "must be a number",
    "bool": "must be true or false",
    "string": "must be text, in quotation marks",
    "list": "must be a list, in square brackets",
    "model": "is a section: write its settings below its name in square brackets",
    "dict": "is a section: write its entries below its name in square brackets",
}


def _described(place: tuple[int | str, ...]) -> str:
    """What a setting is, and what it may be where that is a choice of words."""
    section: type[BaseModel] = Settings
    for step in place[:-1]:
        kind = section.model_fields[str(step)].annotation
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            return ""
        section = kind
    field = section.model_fields.get(str(place[-1]))
    if field is None:
        return ""
    patterns = [str(found) for item in field.metadata if (found := getattr(item, "pattern", None))]
    words = [match[1] for pattern in patterns if (match := re.fullmatch(r"\^\(([a-z0-9|-]+)\)\$", pattern))]
    said = [f"one of {', '.join(words[0].split('|'))}"] if words else []
    return "".join(f": {text}" for text in (*said, field.description) if text)


def _nearest(place: tuple[int | str, ...]) -> str:
    """What may have been meant, and what else its section has."""
    section: type[BaseModel] = Settings
    for step in place[:-1]:
        kind = section.model_fields[str(step)].annotation
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            return ""
        section = kind
    known = sorted(section.model_fields)
    close = difflib.get_close_matches(str(place[-1]), known, n=1)
    return f"; did you mean {close[0]}?" if close else f"; known here: {', '.join(known)}"
