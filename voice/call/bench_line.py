"""The line that ``voice serve --bench`` puts on: no flow, and unless it is told to hear no recognizer, so
that media work alone is measured. Every turn of the caller is answered with ``answer_ms`` of audio; speech
interrupts it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from voice.dialogue.seam import Action, Began, Dialogue, Heard, Input, Keyed, Listen, Say
from voice.errors import EngineError
from voice.model import BargeIn, CallInfo, Expect, ExpectKind, Prompt, Transcript
from voice.speech.builtin import base_words
from voice.speech.seam import EarStream, Grammar

ONSET_MS = 200
ENDPOINT_MS = 300
DEFAULT_ANSWER_MS = 1000
LONGEST_ANSWER_MS = 60_000
_FOREVER_MS = 10**9


@cache
def _expect() -> Expect:
    """Digits beside every word the built-in model knows: about as many phrases as a step of a flow has."""
    return Expect(
        ExpectKind.TEXT,
        "en",
        phrases=tuple(sorted(base_words("en"))),
        digits=True,
        no_input_ms=_FOREVER_MS,
        endpoint_ms=ENDPOINT_MS,
        step="bench",
    )


class BenchDialogue:
    """Answers every turn with audio of the length the caller asked for in ``answer_ms``."""

    def __init__(self, info: CallInfo) -> None:
        self.lang = "en"
        raw = info.parameters.get("answer_ms", "")
        wanted = int(raw) if raw.isdecimal() and len(raw) < 8 else DEFAULT_ANSWER_MS
        self._answer = Prompt(f"answer:{min(wanted, LONGEST_ANSWER_MS)}", "en", BargeIn.ANY)

    def step(self, event: Input, now: int) -> list[Action]:
        listen = Listen(_expect())
        if isinstance(event, Began):
            return [listen]
        if isinstance(event, Heard | Keyed):
            return [Say((self._answer,)), listen]
        return []

    def deadline(self) -> int | None:
        return None

    def checkpoint(self) -> None:
        return None


def new_bench_dialogue(info: CallInfo) -> Dialogue:
    return BenchDialogue(info)


class _Turn:
    """An utterance whose words do not matter."""

    behind_ms = 0

    def __init__(self, on_result: Callable[[Transcript], None]) -> None:
        self._on_result: Callable[[Transcript], None] | None = on_result

    def feed(self, pcm: bytes) -> None:
        pass

    def finish(self) -> None:
        if self._on_result is not None:
            self._on_result(Transcript("turn", 1.0, lang="en"))

    def cancel(self) -> None:
        self._on_result = None


class BenchEar:
    """Hears that something was said, at no cost."""

    def open(
        self,
        grammar: Grammar,
        on_result: Callable[[Transcript], None],
        on_error: Callable[[EngineError], None],
    ) -> EarStream:
        return _Turn(on_result)

    def close(self) -> None:
        pass
