"""What providers' WebSocket protocols have in common: JSON objects, custom parameters, ends. Pure.

What comes is not trusted: what is refused raises :class:`WireError` with a reason that never repeats any of
the message.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from voice.errors import WireError

MAX_MESSAGE_BYTES: Final = 64 * 1024
MAX_PARAMETERS: Final = 32
MAX_PARAMETER_CHARS: Final = 1024  # of a name and its value

_CLOSE_CODES: Final = {
    "busy": 1013,  # try again later
    "draining": 1013,
    "refused": 1008,  # policy
    "bad_messages": 1008,
    "never_started": 1008,
    "flood": 1008,
    "fault": 1011,
    "cancelled": 1011,
}


def parse(message: str | bytes, protocol: str) -> dict[str, Any]:
    """A message of ``protocol`` as a JSON object. Raises :class:`WireError`."""
    if not isinstance(message, str):
        raise WireError(f"a binary message; {protocol} has only text")
    if len(message) > MAX_MESSAGE_BYTES:
        raise WireError(f"a message of more than {MAX_MESSAGE_BYTES // 1024} KiB")
    try:
        body = orjson.loads(message)
    except orjson.JSONDecodeError:
        raise WireError("not JSON") from None
    if not isinstance(body, dict):
        raise WireError("not a JSON object")
    return body


def custom_parameters(raw: object) -> dict[str, str]:
    """``customParameters`` as short texts; None is none. Raises :class:`WireError`."""
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        raise WireError("customParameters is not an object")
    if len(raw) > MAX_PARAMETERS:
        raise WireError(f"more than {MAX_PARAMETERS} customParameters")
    parameters: dict[str, str] = {}
    for name, value in raw.items():
        text = str(value) if type(value) in (int, float) else value
        if not isinstance(text, str) or len(name) + len(text) > MAX_PARAMETER_CHARS:
            raise WireError("a customParameter that is not a short text")
        parameters[name] = text
    return parameters


def close_frame(reason: str) -> tuple[int, str]:
    """Code and text for closing: 1000 unless ``reason`` says that somebody did wrong. The text is cut to what
    a frame holds (RFC 6455, 5.5: 125 bytes with the code)."""
    text = reason.encode("utf-8", "replace")[:123].decode("utf-8", "ignore")
    return _CLOSE_CODES.get(reason, 1000), text
