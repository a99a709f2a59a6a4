"""The seams of speech: what a recognizer and a synthesizer must be, and how the call session drives them.

Engines block and know nothing of asyncio: :class:`Recognizer` and :class:`Synthesizer`. The call session
never touches them; it uses an :class:`Ear` and a :class:`Mouth`, which run engines in threads for live
calls and inline, deterministically, for replay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from voice.errors import EngineError
from voice.model import Transcript


@dataclass(frozen=True, slots=True)
class Grammar:
    """What may be said now. Empty ``phrases``, no ``digits`` and no ``kinds``: anything the model knows.

    ``phrases`` are lower-case and without punctuation; ``digits`` adds a free loop of spoken digits;
    ``kinds`` adds the named sub-grammars of :data:`voice.speech.kinds.KINDS`. A phrase is said as a whole,
    unless ``free``: then the words of all phrases may come in any order. ``loose``: they may where no phrase
    was heard, for an engine that can look twice. ``others``: languages with their phrases, for an engine that
    can tell which one is spoken.
    """

    lang: str
    phrases: tuple[str, ...] = ()
    digits: bool = False
    kinds: tuple[str, ...] = ()
    free: bool = False
    loose: bool = False
    others: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def closed(self) -> bool:
        """Whether only some things may be said."""
        return bool(self.phrases or self.digits or self.kinds)


class RecognizerStream(Protocol):
    """One utterance. Used by one thread at a time. Times in results are relative to its first sample."""

    def feed(self, pcm: bytes) -> Transcript | None:
        """Takes 8 kHz PCM of any length; returns a new partial (``final`` false) or None."""

    def finish(self) -> Transcript:
        """No more audio: the final transcript, with empty text when no words were heard."""

    def close(self) -> None:
        """Frees the engine's memory. Safe to call twice."""


class Recognizer(Protocol):
    """An engine with its models, shared by all calls. Raises :class:`voice.errors.ModelError` early."""

    name: str

    def languages(self) -> tuple[str, ...]: ...

    def prepare(self, lang: str, phrases: tuple[str, ...]) -> tuple[str, ...]:
        """Makes a flow's phrases recognisable; returns the words that it cannot hear (for a warning)."""

    def open(self, grammar: Grammar) -> RecognizerStream:
        """Starts an utterance."""


class EarStream(Protocol):
    """One utterance of a live call. Methods never block; used from the call's thread only."""

    @property
    def behind_ms(self) -> int:
        """How much of the audio fed is not recognised yet, in ms: partial results know nothing of it."""

    def feed(self, pcm: bytes) -> None:
        """Bounded: when recognition falls behind by more than the limit the oldest audio is dropped and
        the drop is reported once through ``on_error``."""

    def finish(self) -> None:
        """The final transcript follows through ``on_result``."""

    def cancel(self) -> None:
        """No further callbacks."""


class Ear(Protocol):
    """Runs a recognizer for calls. Callbacks run in the thread that called :meth:`open`; ``on_result`` gets
    partial transcripts as they change, then the final one."""

    def open(
        self,
        grammar: Grammar,
        on_result: Callable[[Transcript], None],
        on_error: Callable[[EngineError], None],
    ) -> EarStream: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Voice:
    """How to speak: ``name`` is the engine's own voice name ("" for its default in ``lang``);
    ``rate`` is in words a minute."""

    lang: str
    name: str = ""
    rate: int = 165


class Synthesizer(Protocol):
    """An engine that speaks. Thread-safe: it serialises calls itself where the engine must."""

    name: str

    def voices(self, lang: str) -> tuple[str, ...]:
        """Names this engine can speak ``lang`` with; empty when it cannot."""

    def stream(self, text: str, voice: Voice) -> Iterator[bytes]:
        """Yields 8 kHz PCM as it is made, first piece as soon as there is one. Closing the iterator
        stops the engine. Raises :class:`voice.errors.VoiceError`."""


class Speaking(Protocol):
    def cancel(self) -> None:
        """No further callbacks."""


class Mouth(Protocol):
    """Speaks for calls: cache first, engine otherwise. Callbacks run in the thread that called
    :meth:`speak`; for cached text they may run before :meth:`speak` returns."""

    def speak(
        self,
        text: str,
        lang: str,
        on_audio: Callable[[bytes], None],
        on_done: Callable[[EngineError | None], None],
        pace: int = 100,
    ) -> Speaking:
        """``on_audio`` gets 8 kHz PCM pieces in order; ``on_done`` comes once, after the last. ``pace`` is in
        hundredths of the voice's usual rate."""

    def prepare(self, texts: list[tuple[str, str]]) -> None:
        """Makes (text, lang) pairs ahead of need, in the background."""

    def close(self) -> None: ...
