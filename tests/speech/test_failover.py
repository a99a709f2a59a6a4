"""Failover: an utterance whose engine fails is heard from its beginning by the next one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.clock import ManualClock
from voice.errors import EngineError
from voice.model import Transcript
from voice.speech.breaker import Breaker
from voice.speech.ears import RecognitionBehind
from voice.speech.failover import KEPT_BYTES, Engine, FailoverEar, RecognitionMoved
from voice.speech.seam import EarStream, Grammar

FRAME = bytes(320)
ES, EN = Grammar("es", ("sí",)), Grammar("en", ("yes",))
BOTH = frozenset({"es", "en"})


class ScriptedStream:
    def __init__(
        self, ear: ScriptedEar, on_result: Callable[..., None], on_error: Callable[..., None]
    ) -> None:
        self.ear, self.on_result, self.on_error = ear, on_result, on_error
        self.heard = bytearray()
        self.finished = self.cancelled = False

    @property
    def behind_ms(self) -> int:
        return len(self.heard) // 16

    def feed(self, pcm: bytes) -> None:
        assert not self.finished
        self.heard += pcm
        if self.ear.fails_in == "feed":
            self.fail()

    def finish(self) -> None:
        assert not self.finished
        self.finished = True
        if self.ear.fails_in == "finish":
            self.fail()
        elif self.ear.answers:
            self.on_result(Transcript(f"{self.ear.name} {len(self.heard)}", 1.0))

    def cancel(self) -> None:
        self.cancelled = True

    def fail(self) -> None:
        self.on_error(EngineError(f"{self.ear.name} broke"))


@dataclass
class ScriptedEar:
    """Answers at the end with its name and how many bytes it heard; fails where it is told to."""

    name: str
    fails_in: str = ""
    answers: bool = True
    streams: list[ScriptedStream] = field(default_factory=list)
    closed: bool = False

    def open(
        self, grammar: Grammar, on_result: Callable[..., None], on_error: Callable[..., None]
    ) -> EarStream:
        stream = ScriptedStream(self, on_result, on_error)
        self.streams.append(stream)
        if self.fails_in == "open":
            stream.fail()
        return stream

    def close(self) -> None:
        self.closed = True


class Line:
    """Two engines, the second the last resort."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.remote, self.local = ScriptedEar("remote"), ScriptedEar("local")
        self.states: list[tuple[str, bool]] = []
        self.results: list[Transcript] = []
        self.errors: list[EngineError] = []
        self.ear = FailoverEar(
            [
                Engine("remote", self.remote, frozenset({"es"}), Breaker(failures=2, rest_ms=1000)),
                Engine("local", self.local, BOTH),
            ],
            self.clock,
            lambda name, works: self.states.append((name, works)),
        )

    def open(self, grammar: Grammar = ES) -> EarStream:
        return self.ear.open(grammar, self.results.append, self.errors.append)

    def say(self, frames: int = 10, grammar: Grammar = ES) -> None:
        stream = self.open(grammar)
        for _ in range(frames):
            stream.feed(FRAME)
        stream.finish()

    @property
    def heard(self) -> list[tuple[str, str]]:
        return [(result.engine, result.text) for result in self.results]


@pytest.fixture
def line() -> Line:
    return Line()


def test_the_first_engine_hears_and_says_so(line: Line) -> None:
    line.say()
    assert line.heard == [("remote", "remote 3200")]
    assert line.errors == []
    assert line.local.streams == []


def test_a_language_it_does_not_know_goes_to_the_next_at_once(line: Line) -> None:
    line.say(grammar=EN)
    assert line.heard == [("local", "local 3200")]
    assert line.remote.streams == []


@pytest.mark.parametrize("place", ["open", "feed", "finish"])
def test_wherever_it_fails_the_next_one_hears_all_of_it_once(line: Line, place: str) -> None:
    line.remote.fails_in = place
    line.say()
    assert line.heard == [("local", "local 3200")]
    (moved,) = line.errors
    assert isinstance(moved, RecognitionMoved)
    assert (moved.failed, moved.engine) == ("remote", "local")
    assert "remote broke" in str(moved)


def test_it_may_fail_between_two_frames_and_after_the_end(line: Line) -> None:
    line.remote.answers = False
    stream = line.open()
    stream.feed(FRAME)
    line.remote.streams[0].fail()
    stream.feed(FRAME)
    stream.finish()
    line.say(5)
    line.remote.streams[1].fail()
    assert line.heard == [("local", "local 640"), ("local", "local 1600")]


def test_who_failed_is_heard_of_no_more(line: Line) -> None:
    line.remote.answers = False
    stream = line.open()
    stream.feed(FRAME)
    failed = line.remote.streams[0]
    failed.fail()
    failed.on_result(Transcript("late", 1.0))
    failed.fail()
    stream.finish()
    assert line.heard == [("local", "local 320")]
    assert len(line.errors) == 1


def test_when_every_engine_fails_the_last_error_ends_it(line: Line) -> None:
    line.remote.fails_in = line.local.fails_in = "feed"
    line.say()
    assert line.results == []
    assert [type(error) for error in line.errors] == [RecognitionMoved, EngineError]
    assert str(line.errors[1]) == "local broke"


def test_a_notice_is_passed_on_and_moves_nothing(line: Line) -> None:
    stream = line.open()
    stream.feed(FRAME)
    line.remote.streams[0].on_error(RecognitionBehind("slow"))
    stream.finish()
    assert [type(error) for error in line.errors] == [RecognitionBehind]
    assert line.heard == [("remote", "remote 320")]


def test_partials_are_passed_on(line: Line) -> None:
    stream = line.open()
    stream.feed(FRAME)
    line.remote.streams[0].on_result(Transcript("s", 0.0, final=False))
    assert [result.final for result in line.results] == [False]
    assert stream.behind_ms == 20


def test_of_an_endless_utterance_the_end_is_replayed_and_the_loss_reported(line: Line) -> None:
    line.remote.fails_in = "finish"
    stream = line.open()
    for _ in range(KEPT_BYTES // 32000 + 5):
        stream.feed(bytes(32000))
    stream.finish()
    assert line.heard == [("local", f"local {KEPT_BYTES}")]
    assert [type(error) for error in line.errors] == [RecognitionMoved, RecognitionBehind]


def test_after_failures_in_a_row_nobody_waits_for_it(line: Line) -> None:
    line.remote.fails_in = "finish"
    line.say()
    line.say()
    assert line.states == [("remote", False)]
    line.say()
    assert len(line.remote.streams) == 2
    assert line.heard == [("local", "local 3200")] * 3
    assert len(line.errors) == 2


def rested(line: Line) -> None:
    line.remote.fails_in = "finish"
    line.say()
    line.say()
    line.results.clear()
    line.errors.clear()
    line.clock.advance(1000)


def test_after_its_rest_it_is_tried_on_a_copy_that_nobody_waits_for(line: Line) -> None:
    rested(line)
    line.remote.fails_in, line.remote.answers = "", False
    line.say(4)
    assert line.heard == [("local", "local 1280")]
    trial = line.remote.streams[-1]
    assert (len(trial.heard), trial.finished, trial.cancelled) == (1280, True, False)
    line.say(4)
    assert line.remote.streams[-1] is trial  # one at a time
    trial.on_result(Transcript("sí", 1.0))
    assert line.states == [("remote", False), ("remote", True)]
    line.remote.answers = True
    line.say(4)
    assert line.heard[-1] == ("remote", "remote 1280")


def test_a_failed_trial_is_nobodys_trouble(line: Line) -> None:
    rested(line)
    line.say(4)
    assert line.heard == [("local", "local 1280")]
    assert line.errors == []
    line.clock.advance(1999)
    line.say(4)
    assert len(line.remote.streams) == 3
    line.clock.advance(1)
    line.say(4)
    assert len(line.remote.streams) == 4


def test_a_caller_who_keys_instead_gives_the_trial_to_the_next(line: Line) -> None:
    rested(line)
    line.remote.fails_in = ""
    line.open().cancel()
    assert line.remote.streams[-1].cancelled
    assert line.local.streams[-1].cancelled
    line.say(1)
    assert line.states[-1] == ("remote", True)


def test_when_the_last_engine_fails_the_trial_ends_too(line: Line) -> None:
    rested(line)
    line.local.fails_in = "feed"
    line.say(2)
    assert line.remote.streams[-1].cancelled
    assert [str(error) for error in line.errors] == ["local broke"]


def test_nothing_comes_after_cancel(line: Line) -> None:
    stream = line.open()
    stream.feed(FRAME)
    stream.cancel()
    line.remote.streams[0].fail()
    line.remote.streams[0].on_result(Transcript("late", 1.0))
    stream.feed(FRAME)
    stream.finish()
    stream.cancel()
    assert (line.results, line.errors, line.local.streams) == ([], [], [])


def test_closing_closes_every_engine_and_trial(line: Line) -> None:
    rested(line)
    line.remote.fails_in, line.remote.answers = "", False
    line.say(1)
    line.ear.close()
    assert line.remote.closed
    assert line.local.closed
    assert line.remote.streams[-1].cancelled


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "open", "feed", "finish"]),
            st.sampled_from(["", "open", "feed", "finish"]),
            st.integers(0, 2000),
            st.integers(1, 5),
        ),
        max_size=20,
    )
)
def test_every_utterance_ends_in_exactly_one_transcript_or_error(
    calls: list[tuple[str, str, int, int]],
) -> None:
    line = Line()
    for remote, local, wait, frames in calls:
        line.remote.fails_in, line.local.fails_in = remote, local
        line.results.clear()
        line.errors.clear()
        line.say(frames)
        final = [error for error in line.errors if not isinstance(error, RecognitionMoved)]
        assert len(line.results) + len(final) == 1
        assert all(result.text.endswith(str(frames * 320)) for result in line.results)
        if not local:
            assert line.results  # with one that works, the caller is always heard
        line.clock.advance(wait)
