"""The provider's end of Twilio Media Streams: messages made and understood, without I/O.

Format: https://www.twilio.com/docs/voice/media-streams/websocket-messages. ``sequenceNumber``, ``chunk``
and ``timestamp`` are decimal strings; ``dtmf.track`` is ``inbound_track``; ``connected`` carries neither
sequence number nor stream.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from voice.errors import WireError
from voice.model import FRAME_MS

CALLER_PARAMETER = "From"
CALLED_PARAMETER = "To"


def _sid(prefix: str) -> str:
    return prefix + secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Identity:
    """The names of a call, in the provider's shape."""

    call_sid: str = field(default_factory=lambda: _sid("CA"))
    stream_sid: str = field(default_factory=lambda: _sid("MZ"))
    account_sid: str = field(default_factory=lambda: _sid("AC"))


@dataclass(frozen=True, slots=True)
class Media:
    """Audio for the caller, mu-law."""

    ulaw: bytes


@dataclass(frozen=True, slots=True)
class Mark:
    name: str


@dataclass(frozen=True, slots=True)
class Clear:
    pass


class ProviderStream:
    """Makes the messages of one stream, with its counters."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self._sequence = 0
        self._chunk = 0

    def _message(self, event: str, **body: Any) -> str:
        self._sequence += 1
        return json.dumps(
            {
                "event": event,
                "sequenceNumber": str(self._sequence),
                **body,
                "streamSid": self.identity.stream_sid,
            },
            separators=(",", ":"),
        )

    def connected(self) -> str:
        return '{"event":"connected","protocol":"Call","version":"1.0.0"}'

    def start(self, parameters: dict[str, str]) -> str:
        return self._message(
            "start",
            start={
                "accountSid": self.identity.account_sid,
                "streamSid": self.identity.stream_sid,
                "callSid": self.identity.call_sid,
                "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": parameters,
            },
        )

    def media(self, ulaw: bytes) -> str:
        """One 20 ms frame of the caller's audio."""
        self._chunk += 1
        return self._message(
            "media",
            media={
                "track": "inbound",
                "chunk": str(self._chunk),
                "timestamp": str((self._chunk - 1) * FRAME_MS),
                "payload": base64.b64encode(ulaw).decode("ascii"),
            },
        )

    def dtmf(self, key: str) -> str:
        return self._message("dtmf", dtmf={"track": "inbound_track", "digit": key})

    def mark(self, name: str) -> str:
        return self._message("mark", mark={"name": name})

    def stop(self) -> str:
        return self._message(
            "stop",
            stop={"accountSid": self.identity.account_sid, "callSid": self.identity.call_sid},
        )


def parse(message: str | bytes, stream_sid: str) -> Media | Mark | Clear:
    """A message of the server. Raises :class:`WireError` saying what Twilio would not accept."""
    try:
        body = json.loads(message)
    except ValueError:
        raise WireError("the server sent something that is not JSON") from None
    if not isinstance(body, dict):
        raise WireError("the server sent JSON that is not an object")
    if body.get("streamSid") != stream_sid:
        raise WireError("the server sent a message without this stream's streamSid")
    try:
        match body.get("event"):
            case "media":
                return Media(base64.b64decode(body["media"]["payload"], validate=True))
            case "mark":
                return Mark(str(body["mark"]["name"]))
            case "clear":
                return Clear()
    except (KeyError, TypeError, binascii.Error):
        raise WireError(f"the server sent a {body['event']} message without its content") from None
    raise WireError("the server sent an event that Twilio does not know")
