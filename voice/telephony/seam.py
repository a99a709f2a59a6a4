"""What every provider's wire protocol turns into, and what it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from voice.model import CallInfo, Digit, Frame


@dataclass(frozen=True, slots=True)
class Connected:
    """The stream is up; the first thing that matters. A second one on a stream is ignored by the wire."""

    info: CallInfo


@dataclass(frozen=True, slots=True)
class MarkPlayed:
    """The provider played everything sent before our mark (or dropped it on clear: the playout knows)."""

    name: str


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The provider ended the stream; normally the caller hung up."""

    reason: str


WireEvent = Frame | Digit | MarkPlayed | Connected | Disconnected


class Wire(Protocol):
    """One connection's protocol state. No I/O.

    ``receive`` decodes one message; it returns at most a few values, an empty tuple for messages that
    carry nothing for us, and raises :class:`voice.errors.WireError` for what cannot be understood (the
    connection stays usable: the shell decides how many are too many). Audio comes out as 8 kHz PCM
    whatever the provider's codec.
    """

    provider: str
    signals_keys: bool  # as :class:`Digit`; where not, keys are heard by their tones

    def receive(self, message: str | bytes) -> tuple[WireEvent, ...]: ...

    def audio(self, pcm: bytes) -> str | bytes: ...

    def mark(self, name: str) -> str | bytes: ...

    def clear(self) -> str | bytes: ...

    def close_code(self, reason: str) -> tuple[int, str]:
        """WebSocket close code and reason when we end the call."""
