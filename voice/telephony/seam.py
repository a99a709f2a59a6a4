"""What every provider's wire protocol turns into, and what it is asked for.

Two kinds: a :class:`Wire` carries the call's audio; on a :class:`TextWire` the provider hears and speaks,
and words go over it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

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


@dataclass(frozen=True, slots=True)
class Said:
    """The caller's words as the provider heard them: so far, or ``final``. ``lang`` is "" when unknown."""

    text: str
    lang: str
    final: bool


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The provider stopped what it was saying for the caller, after ``heard`` of it."""

    heard: str
    heard_ms: int


@dataclass(frozen=True, slots=True)
class Speaking:
    """The provider's voice begins (``on``) or falls silent."""

    on: bool


@dataclass(frozen=True, slots=True)
class Played:
    """The provider has said ``text``, a part of what it was given."""

    text: str


WireEvent = Frame | Digit | MarkPlayed | Connected | Disconnected
TextEvent = Connected | Digit | Disconnected | Said | Interrupted | Speaking | Played


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


@runtime_checkable
class TextWire(Protocol):
    """One connection's protocol state, as :class:`Wire`, where the provider does the hearing and speaking.

    ``lang`` is ours ("es"); the wire knows what the provider calls it.
    """

    def receive(self, message: str | bytes) -> tuple[TextEvent, ...]: ...

    def greeting(self) -> str:
        """What the provider says by itself as soon as the call is up; "" for nothing."""

    def text(self, words: str, lang: str, *, interruptible: bool, preemptible: bool) -> str:
        """Say ``words``. ``preemptible``: what is said next cuts it off."""

    def play(self, source: str, loop: int, *, interruptible: bool, preemptible: bool = False) -> str:
        """Play the recording at an address, ``loop`` times (0: until something else)."""

    def music(self) -> str:
        """Play a piece of hold music; "" when the provider cannot reach any."""

    def language(self, lang: str) -> str:
        """Hear and speak ``lang`` from here on."""

    def end(self, outcome: dict[str, str]) -> str:
        """The session is over; ``outcome`` comes back to the webhook that is asked what comes next."""

    def close_code(self, reason: str) -> tuple[int, str]:
        """As :meth:`Wire.close_code`."""
