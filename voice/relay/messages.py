"""ConversationRelay from the other side: what we send to an application, and what it may answer. Pure.

Formats as in :mod:`voice.telephony.conversationrelay`, with the roles exchanged. What an application sends is
not trusted: sizes are limited, and a reason of refusal never repeats any of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import orjson

from voice.errors import WireError
from voice.telephony.messages import parse

MAX_TOKEN_CHARS: Final = 2_000
MAX_HANDOFF_CHARS: Final = 16_000
MAX_FIELDS: Final = 64
MAX_NAME_CHARS: Final = 60
MAX_VALUE_CHARS: Final = 500


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of what is to be said; ``last`` ends the answer. ``lang`` is ours, "" for the call's."""

    token: str
    last: bool
    lang: str
    interruptible: bool


@dataclass(frozen=True, slots=True)
class Language:
    """Hear and speak ``lang`` from here on."""

    lang: str


@dataclass(frozen=True, slots=True)
class End:
    """The application is done. ``values``: what it hands back; empty without handoff data."""

    values: dict[str, Any]
    handed: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """Something the application may not do here, said so in ``why``."""

    why: str


AppMessage = Text | Language | End | Refused


def read(message: str | bytes) -> AppMessage:
    """Raises :class:`WireError` for what cannot be understood."""
    body = parse(message, "ConversationRelay")
    kind = body.get("type")
    match kind:
        case "text":
            return _text(body)
        case "language":
            return Language(ours(body.get("transcriptionLanguage") or body.get("ttsLanguage")))
        case "end":
            return _end(body.get("handoffData"))
        case "play" | "sendDigits":
            return Refused(f"{kind} is not supported here; send text")
        case "config":
            return Refused("config is not supported here; a flow's step has its settings")
        case str():
            raise WireError("unknown type")
        case _:
            raise WireError("a message without a type")


def _text(body: dict[str, Any]) -> Text:
    token, last = body.get("token"), body.get("last", False)
    if not isinstance(token, str) or not isinstance(last, bool):
        raise WireError("text without token")
    if len(token) > MAX_TOKEN_CHARS:
        raise WireError(f"text of more than {MAX_TOKEN_CHARS} characters")
    interruptible = body.get("interruptible", True) not in (False, "none", "false")
    return Text(_printable(token), last, ours(body.get("lang")), interruptible)


def _end(raw: object) -> End:
    """``handoffData`` is a text, by agreement JSON; a plain text becomes the value ``handoff``."""
    if raw is None or raw == "":
        return End({}, False)
    if isinstance(raw, str) and len(raw) <= MAX_HANDOFF_CHARS:
        try:
            data = orjson.loads(raw)
        except orjson.JSONDecodeError:
            data = None
    elif isinstance(raw, dict):
        data = raw
    else:
        raise WireError("handoffData that is no text of a sensible length")
    if not isinstance(data, dict):
        return End({"handoff": _printable(str(raw)[:MAX_VALUE_CHARS])}, True)
    values: dict[str, Any] = {}
    for name, value in list(data.items())[:MAX_FIELDS]:
        if len(name) > MAX_NAME_CHARS:
            continue  # no flow has a name so long
        if isinstance(value, str):
            values[name] = _printable(value[:MAX_VALUE_CHARS])
        elif isinstance(value, bool | int | float):
            values[name] = value
    return End(values, True)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def ours(code: object) -> str:
    """ "es-ES" as "es"; "" for anything that is no language code."""
    if not isinstance(code, str) or len(code) > 35:
        return ""
    return code.lower().split("-")[0]


# --- to the application ---------------------------------------------------------------------------------


def setup(*, session: str, call: str, caller: str, called: str, parameters: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "setup",
        "sessionId": session,
        "accountSid": "",
        "parentCallSid": "",
        "callSid": call,
        "from": caller,
        "to": called,
        "forwardedFrom": "",
        "callerName": "",
        "direction": "inbound",
        "callType": "PSTN",
        "callStatus": "in-progress",
        "customParameters": parameters,
    }


def prompt(words: str, code: str, *, last: bool) -> dict[str, Any]:
    """What the caller said; without ``last``, so far."""
    return {"type": "prompt", "voicePrompt": words, "lang": code, "last": last}


def interrupt(heard: str, ms: int) -> dict[str, Any]:
    return {"type": "interrupt", "utteranceUntilInterrupt": heard, "durationUntilInterruptMs": ms}


def dtmf(key: str) -> dict[str, Any]:
    return {"type": "dtmf", "digit": key}


def error(why: str) -> dict[str, Any]:
    return {"type": "error", "description": why}
