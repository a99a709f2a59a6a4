"""A complete answer is recognised once more in the pause after it; what that may cost and change."""

from __future__ import annotations

import pytest

from voice.call.answer_check import AnswerCheck
from voice.call.hearing import Hearing
from voice.errors import EngineError
from voice.model import FRAME_BYTES, Completeness, Transcript
from voice.speech.ears import OnError, OnResult, RecognitionBehind
from voice.speech.endpointing import SpeechOff
from voice.speech.seam import EarStream, Grammar

LOUD, QUIET = b"\x01" * FRAME_BYTES, bytes(FRAME_BYTES)
SAID = "mi pedido no llega"
MENU = Grammar("es", (SAID,), loose=True)


class Stream:
    behind_ms = 0

    def __init__(self, grammar: Grammar, on_result: OnResult, on_error: OnError) -> None:
        self.grammar = grammar
        self._on_result, self._on_error = on_result, on_error
        self.bytes = 0
        self.cancelled = False

    def feed(self, pcm: bytes) -> None:
        self.bytes += len(pcm)

    def finish(self) -> None: ...

    def cancel(self) -> None:
        self.cancelled = True

    def answer(self, text: str) -> None:
        if not self.cancelled:
            self._on_result(Transcript(text, 1.0))

    def fail(self, error: EngineError) -> None:
        if not self.cancelled:
            self._on_error(error)

    def guess(self, text: str, *, foreseen: bool = True) -> None:
        self._on_result(Transcript(text, 0.0, final=False, foreseen=foreseen))


class Ear:
    def __init__(self) -> None:
        self.streams: list[Stream] = []
        self.broken = False

    def open(self, grammar: Grammar, on_result: OnResult, on_error: OnError) -> EarStream:
        self.streams.append(Stream(grammar, on_result, on_error))
        if self.broken:
            on_error(EngineError("gone"))
        return self.streams[-1]

    def close(self) -> None: ...


class Activity:
    def step(self, pcm_20ms: bytes) -> bool:
        return pcm_20ms == LOUD


class Line:
    """A caller at a menu, whose every guess is a complete answer."""

    def __init__(self, grammar: Grammar = MENU) -> None:
        self.ear, self.now, self.deaf = Ear(), 0, 0
        self.ended: list[SpeechOff] = []
        self.hearing = Hearing(self.ear, self, activity=Activity(), onset_ms=80, endpoint_ms=500)
        self.hearing.grammar = grammar

    @property
    def checks(self) -> list[Stream]:
        return self.ear.streams[1:]

    @property
    def why(self) -> list[str]:
        return [off.why for off in self.ended]

    def says(self, ms: int, text: str = SAID, *, foreseen: bool = True) -> None:
        """Speaks for ``ms``, and then pauses for as long as a check needs to begin."""
        self.audio(LOUD, ms)
        self.ear.streams[0].guess(text, foreseen=foreseen)
        self.audio(QUIET, 160)

    def audio(self, frame: bytes, ms: int) -> None:
        for _ in range(ms // 20):
            self.now += 20
            self.hearing.audio(frame, self.now)

    def on_speech(self, start_ms: int) -> None: ...

    def on_partial(self, transcript: Transcript) -> None:
        heard = Completeness.COMPLETE if transcript.text else Completeness.OPEN
        self.hearing.so_far(transcript.text, heard)

    def on_silence(self, ended: SpeechOff) -> None:
        self.ended.append(ended)

    def on_transcript(self, transcript: Transcript) -> None: ...

    def on_deaf(self, error: EngineError) -> None:
        self.deaf += 1


@pytest.mark.parametrize("check", [SAID, None, "fails", "fails at once"])
def test_a_complete_answer_ends_the_turn_at_once(check: str | None) -> None:
    line = Line()
    line.audio(LOUD, 200)
    line.ear.broken = check == "fails at once"
    line.says(1000)
    if check == "fails":
        line.checks[0].fail(EngineError("gone"))
    elif check == SAID:
        line.checks[0].answer(SAID)
    line.audio(QUIET, 140)
    assert line.why == ["complete"]
    assert len(line.checks) == 1
    assert line.deaf == 0


def test_what_only_began_an_answer_is_waited_for() -> None:
    line = Line()
    line.says(1000)
    line.checks[0].answer("")
    line.audio(QUIET, 600)
    assert line.why == []
    line.says(400)  # "... llega"
    assert len(line.checks) == 2
    line.checks[-1].answer(SAID)
    line.audio(QUIET, 140)
    assert line.why == ["complete"]


def test_who_only_began_an_answer_and_says_no_more_is_not_waited_for_long() -> None:
    line = Line()
    line.says(1000)
    line.checks[0].answer("")
    line.audio(QUIET, 860)
    assert line.why == ["unfinished"]


def test_a_check_is_by_the_phrases_that_were_listened_for() -> None:
    line = Line()
    line.audio(LOUD, 200)
    line.hearing.grammar = Grammar("en", ("something else",))  # the next question is put meanwhile
    line.says(1000)
    assert line.checks[0].grammar == MENU


def test_words_that_were_said_are_not_checked() -> None:
    line = Line()
    line.says(1000, foreseen=False)
    assert line.checks == []
    digits = Line(Grammar("es", (SAID,), digits=True))
    digits.says(1000)
    assert digits.checks == []


def test_an_utterance_is_checked_three_times_at_most() -> None:
    line = Line()
    for _ in range(5):
        line.says(400)
        line.checks[-1].answer("")
    assert len(line.checks) == 3
    line.audio(QUIET, 140)
    assert line.why == ["complete"]  # as without checks


def test_a_check_that_comes_when_the_caller_has_gone_on_says_nothing_of_what_follows() -> None:
    line = Line()
    line.says(1000)
    late = line.checks[0]
    line.says(400)
    assert late.cancelled
    late.answer("")
    line.checks[1].answer(SAID)
    line.audio(QUIET, 140)
    assert line.why == ["complete"]


def test_a_check_that_another_engine_took_over_says_nothing() -> None:
    line = Line()
    line.says(1000)
    line.checks[0].fail(RecognitionBehind("some audio was dropped"))
    line.checks[0].answer("")
    line.audio(QUIET, 140)
    assert line.why == ["complete"]


@pytest.mark.parametrize("end", ["turn", "drop", "failure"])
def test_a_check_ends_with_its_utterance(end: str) -> None:
    line = Line()
    line.says(1000)
    if end == "turn":
        line.audio(QUIET, 140)
    elif end == "drop":
        line.hearing.drop()
    else:
        line.ear.streams[0].fail(EngineError("gone"))
    assert line.checks[0].cancelled


def test_a_long_utterance_is_checked_no_more_and_no_check_of_it_counts() -> None:
    line = Line()
    line.says(7000)
    line.checks[0].answer("")  # waited for
    line.audio(LOUD, 2000)
    line.says(400)
    assert len(line.checks) == 1
    line.audio(QUIET, 140)
    assert line.why == ["complete"]


@pytest.mark.parametrize(
    ("spoken_ms", "heard", "told"),
    [
        (500, "", [("", Completeness.UNFINISHED)]),  # "mi este ...": hardly begun
        (3000, "", []),  # other speech
        (500, "put me a", [("put me a", Completeness.HESITATING)]),
        (500, SAID, [(SAID, Completeness.COMPLETE)]),  # sooner than the partial words know it
    ],
)
def test_a_phrase_that_was_begun_and_lost_is_what_is_heard_to_the_end(
    spoken_ms: int, heard: str, told: list[tuple[str, Completeness]]
) -> None:
    ear, found = Ear(), list[tuple[str, Completeness]]()
    verdicts = {SAID: Completeness.COMPLETE}
    check = AnswerCheck(
        ear,
        MENU,
        bytes(16 * spoken_ms),
        lambda text, verdict: found.append((text, verdict)),
        lambda text: verdicts.get(text, Completeness.HESITATING),
    )
    check.so_far("mi", Completeness.UNFINISHED)
    check.so_far("", Completeness.EMPTY)
    for silence_ms in (100, 120, 140):
        check.audio(QUIET, silence_ms)
    assert len(ear.streams) == 1
    ear.streams[0].answer(heard)
    assert found == told
