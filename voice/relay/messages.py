"""ConversationRelay from the other side: what we send to an application, and what it may answer. Pure.

Formats as in :mod:`voice.telephony.conversationrelay`, with the roles exchanged. What an application sends is
not trusted: sizes are limited, and a reason of refusal never repeats any of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import orjson

from voice.errors import WireError
from voice.telephony.messages import parse

MAX_TOKEN_CHARS: Final = 2_000
MAX_SOURCE_CHARS: Final = 1_000
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
class Play:
    """A recording at the address ``source``, ``loop`` times (0: as long as may be). ``preemptible``: it
    gives way to what comes next."""

    source: str
    loop: int
    interruptible: bool
    preemptible: bool


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


AppMessage = Text | Play | Language | End | Refused


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
        case "play":
            return _play(body)
        case "sendDigits":
            return Refused("sendDigits is not supported here: the caller's keys come as dtmf")
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
    return Text(_printable(token), last, ours(body.get("lang")), _interruptible(body))


def _play(body: dict[str, Any]) -> Play:
    source, loop = body.get("source"), body.get("loop", 1)
    if not isinstance(source, str) or not source.isascii() or not source.isprintable():
        raise WireError("play without source")
    if len(source) > MAX_SOURCE_CHARS:
        raise WireError(f"a source of more than {MAX_SOURCE_CHARS} characters")
    if isinstance(loop, bool) or not isinstance(loop, int) or loop < 0:
        raise WireError("loop that is no number of times")
    preemptible = body.get("preemptible", False) in (True, "true")
    return Play(source, loop, _interruptible(body), preemptible)


def may_play(source: str, application: str, play_from: Sequence[str]) -> bool:
    """Whether a recording comes from where an application (at a ``ws`` address) itself is, or from an address
    that begins as the flow allows. Nothing else is fetched: it would be from inside our network."""
    try:
        asked, own = urlsplit(source), urlsplit(application)
        at = (asked.scheme, asked.hostname, asked.port)
        here = (_SCHEMES[own.scheme], own.hostname, own.port)
    except ValueError:
        return False
    if asked.scheme not in _SCHEMES.values() or "@" in asked.netloc or "\\" in source:
        return False
    # "%2e%2e" is ".." to whoever fetches it
    up = ".." in unquote(asked.path)
    return at == here or (not up and any(source.startswith(begin) for begin in play_from))


_SCHEMES = {"ws": "http", "wss": "https"}


def _interruptible(body: dict[str, Any]) -> bool:
    return body.get("interruptible", True) not in (False, "none", "false")


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
