"""Say what is installed and in use, and what is missing for answering calls.

Looks at Python and its packages, the recognizer's models, the synthesizers (each says a sentence), the
database and the data folder, the secret of callers' keys, the flow that callers meet, the port, and what a
telephony provider needs.
Nothing is changed, no call is made and no secret is printed.

    voice doctor
    voice doctor --config /etc/centralita.toml --json

Each line is OK, WARNING (works, with a limit that is named) or MISSING (calls cannot be answered), with
what to do. Exit status: 0 the server could answer calls, 1 something is missing, 2 wrong use or settings.
"""

from __future__ import annotations

import argparse
import errno
import http.client
import importlib.metadata
import json
import os
import platform
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

from packaging.requirements import Requirement

from voice import __version__
from voice.errors import CentralitaError, FlowError, VoiceError
from voice.model import LANGUAGES
from voice.settings import MODELS, Settings, load
from voice.speech.seam import Grammar, Synthesizer, Voice

OK: Final = "ok"
WARNING: Final = "warning"
MISSING: Final = "missing"

_LEAST_FREE: Final = 1 << 30  # a call's recording takes 115 MB an hour
_SENTENCES: Final = {"es": "Esto es una prueba de voz.", "en": "This is a test of the voice."}
ANSWER_SECONDS = 2.0  # for whoever has our port to say who it is


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; ``state`` is ok, warning or missing."""

    topic: str
    state: str
    detail: str
    remedy: str = ""


class Check(Protocol):
    __name__: str

    def __call__(self, settings: Settings, /) -> Iterator[Finding]: ...


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings in TOML, as for 'voice serve'")
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data folder (default ./data)")
    parser.add_argument("--prompts", type=Path, metavar="DIR", help="flows and texts (default ./prompts)")


def run(arguments: argparse.Namespace) -> int:
    settings = load(arguments.config, overrides={"data": arguments.data, "prompts": arguments.prompts})
    findings = []
    for check in CHECKS:
        for finding in _guarded(check, settings):
            findings.append(finding)
            if not arguments.json:
                _show(finding)
    missing = sum(finding.state == MISSING for finding in findings)
    warnings = sum(finding.state == WARNING for finding in findings)
    if arguments.json:
        report = {
            "version": __version__,
            "ready": not missing,
            "findings": [asdict(finding) for finding in findings],
        }
        print(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        verdict = "The server cannot answer calls yet" if missing else "The server can answer calls"
        print(f"\n{verdict}: {missing} missing, {warnings} warnings.")
    return int(bool(missing))


def _guarded(check: Check, settings: Settings) -> Iterator[Finding]:
    """A package that is there but cannot be imported (built for another system) is a finding too."""
    try:
        yield from check(settings)
    except ImportError as error:
        topic = check.__name__.removeprefix("check_")
        remedy = "remove .venv and run make, or pip install --force-reinstall the package it names"
        yield Finding(topic, MISSING, f"cannot be loaded: {error}", remedy)


def _show(finding: Finding) -> None:
    print(f"{finding.state.upper():<8} {finding.topic:<18} {finding.detail}", flush=True)
    if finding.remedy:
        print(f"{'':<27} -> {finding.remedy}", flush=True)


# --- what is installed ----------------------------------------------------------------------------------


def check_python(_settings: Settings) -> Iterator[Finding]:
    detail = f"{platform.python_version()} at {sys.executable}, {platform.system()} {platform.machine()}"
    yield Finding("python", OK, detail)  # one that is too old cannot have come so far


def check_packages(_settings: Settings) -> Iterator[Finding]:
    try:
        needed = _required_packages(importlib.metadata.requires("centralita") or [])
    except importlib.metadata.PackageNotFoundError:
        yield Finding("packages", WARNING, "centralita itself is not installed", "pip install -e .")
        return
    versions, absent = [], []
    for name in needed:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            absent.append(name)
    if absent:
        remedy = "remove .venv and run make, or pip install -c constraints.txt -e ."
        yield Finding("packages", MISSING, f"not installed: {', '.join(absent)}", remedy)
    yield Finding("packages", OK, ", ".join(versions))


def _required_packages(requirements: list[str]) -> list[str]:
    """Names of what must be there on this Python and system, of a distribution's requirements."""
    parsed = [Requirement(requirement) for requirement in requirements]
    return [r.name for r in parsed if r.marker is None or r.marker.evaluate({"extra": ""})]


# --- speech ---------------------------------------------------------------------------------------------


def check_recognizer(settings: Settings) -> Iterator[Finding]:
    from voice.speech.vosk_engine import VoskRecognizer

    for lang in LANGUAGES:
        topic = f"recognizer {lang}"
        configured = getattr(settings.speech, f"model_{lang}")
        models = {lang: Path(configured)} if configured else {}
        beside = getattr(settings.speech, f"closed_model_{lang}")
        closed = {lang: Path(beside)} if beside else {}
        start = time.perf_counter()
        try:
            recognizer = VoskRecognizer(models, None, [lang], closed)
            stream = recognizer.open(Grammar(lang))
            stream.feed(bytes(16000))
            stream.finish()
            stream.close()
        except CentralitaError as error:
            yield Finding(topic, MISSING, str(error), f"correct speech.model_{lang}, or leave it empty")
            continue
        ms = round((time.perf_counter() - start) * 1000)
        which = configured or "built-in model (small vocabulary, extended by the flow's own words)"
        which += f", {beside} for closed answers" if beside else ""
        yield Finding(topic, OK, f"Vosk, {which}, ready in {ms} ms")


def check_models(settings: Settings) -> Iterator[Finding]:
    """What ``voice models`` installed; whether the one in use opens, the recognizer's own check says."""
    from voice.speech.install import ModelsFolder

    folder = ModelsFolder(settings.data / MODELS)
    installed = folder.installed()
    for model in installed:
        if not model.whole:
            remedy = f"voice models install {model.name} makes it whole again"
            yield Finding("models", WARNING, f"{model.path}: files are missing or damaged", remedy)
    for name, chosen in sorted(folder.in_use().items()):
        named = getattr(settings.speech, name)
        if Path(named or ".").resolve() != (folder.folder / chosen).resolve():
            detail = f"'voice models use' chose {chosen}, and the setting speech.{name} stands above it"
            yield Finding("models", WARNING, detail, "remove that setting, or choose again")
    names = ", ".join(model.name for model in installed) or "none ('voice models list' shows what there is)"
    yield Finding("models", OK, f"installed in {folder.folder}: {names}")


def check_recognition_servers(settings: Settings) -> Iterator[Finding]:
    """Only where some are set. Without them calls are heard locally, so none is indispensable."""
    from voice.speech.vosk_server import VoskServerRecognizer, servers

    found = servers(settings)
    recognizer = VoskServerRecognizer(found)
    for lang in found:
        topic = f"recognition server {lang}"
        start = time.perf_counter()
        try:
            recognizer.probe(lang)
        except CentralitaError as error:
            yield Finding(
                topic, WARNING, str(error), f"correct speech.server_{lang}; calls are heard locally"
            )
            continue
        yield Finding(topic, OK, f"answered in {round((time.perf_counter() - start) * 1000)} ms")


def check_voice_activity(settings: Settings) -> Iterator[Finding]:
    """Only where more than the plain detector is asked for."""
    from voice.speech.silero import SileroNetwork

    kind = settings.speech.vad
    if kind != "webrtc":
        try:
            SileroNetwork()
        except CentralitaError as error:
            yield Finding("voice activity", WARNING, str(error), "calls are heard with speech.vad webrtc")
        else:
            yield Finding("voice activity", OK, f"{kind}, Silero's network loads")


def check_synthesizers(settings: Settings) -> Iterator[Finding]:
    from voice.speech.espeak import EspeakSynthesizer
    from voice.speech.pyttsx3_engine import Pyttsx3Synthesizer

    in_use = settings.speech.synthesizer
    # espeak speaks whenever pyttsx3 cannot, so only its failure leaves the line mute
    yield from _try_voices("espeak", EspeakSynthesizer, settings, in_use == "espeak", MISSING)
    yield from _try_voices("pyttsx3", Pyttsx3Synthesizer, settings, in_use == "pyttsx3", WARNING)


def _try_voices(
    name: str, make: Callable[[], Synthesizer], settings: Settings, in_use: bool, failure: str
) -> Iterator[Finding]:
    try:
        synthesizer = make()
    except VoiceError as error:
        yield Finding(f"voice {name}", failure, str(error))
        return
    for lang in LANGUAGES:
        topic = f"voice {name} {lang}"
        # the voice names in the settings are those of the engine in use
        voice = Voice(lang, getattr(settings.speech, f"voice_{lang}") if in_use else "", settings.speech.rate)
        try:
            first, spoken = _speak(synthesizer, _SENTENCES[lang], voice)
        except VoiceError as error:
            yield Finding(topic, failure, str(error), f"correct speech.voice_{lang}, or leave it empty")
            continue
        use = "in use" if in_use else "not in use"
        detail = f"{use}, {voice.name or 'default voice'}: first audio after {first} ms, {spoken} ms spoken"
        if spoken:
            yield Finding(topic, OK, detail)
        else:
            yield Finding(topic, failure, detail, "it was silent; choose another voice")
    close = getattr(synthesizer, "close", None)
    if close is not None:
        close()


def _speak(synthesizer: Synthesizer, text: str, voice: Voice) -> tuple[int, int]:
    """Milliseconds to the first audio, and of audio. The second time: the first one sets the voice up."""
    first = total = 0
    for _warm in range(2):
        start, first, total = time.perf_counter(), 0, 0
        for piece in synthesizer.stream(text, voice):
            if not total:
                first = round((time.perf_counter() - start) * 1000)
            total += len(piece) // 16
    return first, total


# --- what is kept ---------------------------------------------------------------------------------------


def check_data(settings: Settings) -> Iterator[Finding]:
    folder = settings.data.absolute()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    state = "exists" if there == folder else "will be made"
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        remedy = "give this user the right to write there, or choose another with --data"
        yield Finding("data folder", MISSING, f"{folder}: {there} cannot be written", remedy)
        return
    free = shutil.disk_usage(there).free
    detail = f"{folder} ({state}), {free / (1 << 30):.1f} GiB free"
    if free < _LEAST_FREE:
        remedy = "free some space: a recording takes 115 MB an hour"
        yield Finding("data folder", WARNING, detail, remedy)
    else:
        yield Finding("data folder", OK, detail)


def check_database(settings: Settings) -> Iterator[Finding]:
    from sqlalchemy import create_engine, text
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

    from voice.store.engines import store_url, with_driver

    try:
        url = with_driver(make_url(store_url(settings.data, settings.store.url)))
        where = url.render_as_string(hide_password=True)
        sqlite = url.get_backend_name() == "sqlite"
        if sqlite and url.database not in (None, "", ":memory:") and not Path(str(url.database)).exists():
            yield Finding("database", OK, f"{where} (will be made at the first start)")
            return
        engine = create_engine(url, hide_parameters=True)
        with engine.connect() as connection:
            if sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # takes the right to write, writes nothing
            connection.execute(text("SELECT 1"))
            connection.rollback()
        engine.dispose()
    except ArgumentError:
        yield Finding("database", MISSING, "store.url is not a database URL", "leave it empty for SQLite")
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        remedy = (
            "pip install 'centralita[postgres]' (or another's driver), or leave store.url empty for SQLite"
        )
        yield Finding("database", MISSING, f"{where}: no driver ({error})", remedy)
    except DBAPIError as error:
        words = (str(error.orig).strip().splitlines() or ["failed"])[0]
        remedy = "check that it runs, that store.url is right and that this user may write"
        yield Finding("database", MISSING, f"{where}: {words}", remedy)
    else:
        yield Finding("database", OK, f"{where}, reachable" + (" and writable" if sqlite else ""))


def check_callers(settings: Settings) -> Iterator[Finding]:
    """What is remembered of callers, and whether the secret that it was kept under is the one there is."""
    from voice.commands import doctor_callers

    yield from doctor_callers.check_callers(settings)


# --- the line -------------------------------------------------------------------------------------------


def check_flow(settings: Settings) -> Iterator[Finding]:
    from voice.dialogue.loader import check_path, find_flow

    remedy = f"voice check {settings.prompts} prints each with file and line"
    try:
        path = find_flow(settings.call.flow, settings.prompts)
        business, problems = check_path(path, settings.prompts)
    except FlowError as error:
        first = error.problems[0] if error.problems else None
        advice = first.remedy if first else remedy
        yield Finding("flow", MISSING, f"{first.file}: {first.message}" if first else str(error), advice)
        return
    except CentralitaError as error:
        yield Finding("flow", MISSING, str(error), remedy)
        return
    errors = sum(problem.severity == "error" for problem in problems)
    if business is None:
        yield Finding("flow", MISSING, f"{path}: {errors} errors", remedy)
    elif problems:
        yield Finding("flow", WARNING, f"{path}: {len(problems)} warnings", remedy)
    else:
        flow = business.flow
        yield Finding("flow", OK, f"{path}: {flow.name} {flow.version}, {', '.join(flow.languages)}")


def check_port(settings: Settings) -> Iterator[Finding]:
    host, port = settings.server.host, settings.server.port
    where = f"{host}:{port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE and _answers(host, port):
            yield Finding("port", OK, f"{where}: a running server answers there already")
            return
        remedy = "choose another with --port or server.port (CENTRALITA_SERVER__PORT)"
        yield Finding("port", MISSING, f"{where}: {error.strerror or error}", remedy)
    else:
        yield Finding("port", OK, f"{where} is free")


def _answers(host: str, port: int) -> bool:
    """Whether a server of this project (or one much like it) is up there."""
    everywhere = ("", "::", "0.0.0.0")  # noqa: S104 (compared with, not bound to)
    connection = http.client.HTTPConnection(
        "127.0.0.1" if host in everywhere else host, port, timeout=ANSWER_SECONDS
    )
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def check_provider(settings: Settings) -> Iterator[Finding]:
    if settings.twilio.auth_token.get_secret_value():
        yield Finding("twilio token", OK, "set: every request must carry Twilio's signature")
    else:
        remedy = "set CENTRALITA_TWILIO__AUTH_TOKEN before the server can be reached from outside"
        yield Finding("twilio token", WARNING, "not set: anyone who reaches the server may call", remedy)
    url = settings.server.public_url
    if not url:
        remedy = (
            "set CENTRALITA_SERVER__PUBLIC_URL=https://voice.example.com (behind a proxy, checks need it)"
        )
        yield Finding("public address", WARNING, "server.public_url is not set", remedy)
    elif url.startswith("http://"):
        remedy = "put a proxy with a certificate in front and use https://"
        yield Finding("public address", WARNING, f"{url}: Twilio streams to wss:// only", remedy)
    else:
        yield Finding("public address", OK, url)


def check_language_model(settings: Settings) -> Iterator[Finding]:
    """The server that ``model.url`` names, which is not asked: only whether this one could."""
    if not settings.model.url:
        return
    lacking = [name for name in ("openai", "httpx2") if find_spec(name) is None]
    if lacking:
        remedy = "pip install 'centralita[llm]', or leave model.url empty"
        yield Finding("language model", MISSING, f"not installed: {', '.join(lacking)}", remedy)
        return
    host = urlsplit(settings.model.url).hostname or settings.model.url
    uses = "converse steps" + (" and summaries" if settings.model.summary else "")
    yield Finding("language model", OK, f"{settings.model.name or 'its own model'} at {host}, for {uses}")


CHECKS: Final[tuple[Check, ...]] = (
    check_python,
    check_packages,
    check_recognizer,
    check_models,
    check_recognition_servers,
    check_voice_activity,
    check_synthesizers,
    check_data,
    check_database,
    check_callers,
    check_flow,
    check_port,
    check_language_model,
    check_provider,
)
