"""One call's ear when recognition is slower than the caller, and when it fails at once."""

from __future__ import annotations

from voice.call.hearing import Hearing
from voice.errors import EngineError
from voice.model import FRAME_BYTES, Transcript
from voice.speech.ears import OnError, OnResult
from voice.speech.endpointing import SpeechOff
from voice.speech.seam import EarStream, Grammar

LOUD, QUIET = b"\x01" * FRAME_BYTES, bytes(FRAME_BYTES)


class SlowStream:
    behind_ms = 0

    def __init__(self, grammar: Grammar, on_result: OnResult, on_error: OnError) -> None:
        self.grammar, self.bytes = grammar, 0
        self._on_result = on_result
        self.fail = on_error
        self.cancelled = False

    def feed(self, pcm: bytes) -> None:
        self.bytes += len(pcm)

    def finish(self) -> None: ...

    def cancel(self) -> None:
        self.cancelled = True

    def answer(self, text: str) -> None:
        """As an ear does it: nothing after it was cancelled."""
        if not self.cancelled:
            self._on_result(Transcript(text, 1.0))


class SlowEar:
    """Answers when the test says so; ``broken``: fails as an utterance is opened."""

    def __init__(self) -> None:
        self.streams: list[SlowStream] = []
        self.broken = False

    def open(self, grammar: Grammar, on_result: OnResult, on_error: OnError) -> EarStream:
        stream = SlowStream(grammar, on_result, on_error)
        self.streams.append(stream)
        if self.broken:
            on_error(EngineError("gone"))
        return stream

    def close(self) -> None: ...


class Listener:
    def __init__(self) -> None:
        self.heard: list[Transcript] = []
        self.ended: list[SpeechOff] = []
        self.deaf = 0

    def on_speech(self, start_ms: int) -> None: ...

    def on_partial(self, transcript: Transcript) -> None: ...

    def on_silence(self, ended: SpeechOff) -> None:
        self.ended.append(ended)

    def on_transcript(self, transcript: Transcript) -> None:
        self.heard.append(transcript)

    def on_deaf(self, error: EngineError) -> None:
        self.deaf += 1


class Loudness:
    def step(self, pcm_20ms: bytes) -> bool:
        return pcm_20ms == LOUD


class Line:
    def __init__(self) -> None:
        self.ear, self.listener, self.now = SlowEar(), Listener(), 0
        self.hearing = Hearing(self.ear, self.listener, activity=Loudness(), onset_ms=80, endpoint_ms=400)

    def audio(self, frame: bytes, ms: int) -> None:
        for _ in range(ms // 20):
            self.now += 20
            self.hearing.audio(frame, self.now)

    def say(self) -> None:
        self.audio(LOUD, 300)
        self.audio(QUIET, 500)


def test_what_is_dropped_includes_every_utterance_still_being_recognised() -> None:
    line = Line()
    line.say()
    line.say()
    line.hearing.drop()
    assert [stream.cancelled for stream in line.ear.streams] == [True, True]
    for stream in line.ear.streams:
        stream.answer("late")
    assert line.listener.heard == []


def test_what_came_too_late_is_given_up_and_who_talks_is_heard_on() -> None:
    line = Line()
    line.say()
    line.audio(LOUD, 300)
    line.hearing.give_up()
    line.audio(QUIET, 500)
    first, second = line.ear.streams
    first.answer("late")
    second.answer("now")
    assert [said.text for said in line.listener.heard] == ["now"]


def test_a_late_transcript_has_the_times_of_its_own_utterance() -> None:
    line = Line()
    line.say()
    line.say()
    first, second = line.ear.streams
    first.answer("one")
    second.answer("two")
    times = [(off.start_ms, off.end_ms) for off in line.listener.ended]
    assert [(said.start_ms, said.end_ms) for said in line.listener.heard] == times
    assert len(set(times)) == 2


def test_an_utterance_that_was_answered_leaves_the_next_one_droppable() -> None:
    line = Line()
    line.say()
    line.say()
    first, second = line.ear.streams
    first.answer("one")
    line.hearing.drop()
    assert second.cancelled


def test_who_talks_is_known_when_an_utterance_fails() -> None:
    line = Line()
    line.say()
    line.audio(LOUD, 300)
    first, second = line.ear.streams
    first.fail(EngineError("gone"))
    assert line.hearing.talking
    second.fail(EngineError("gone"))
    assert not line.hearing.talking


def test_an_ear_may_fail_while_it_opens_an_utterance() -> None:
    line = Line()
    line.ear.broken = True
    line.audio(LOUD, 80)
    line.audio(QUIET, 500)
    assert line.listener.deaf == 1
    assert line.listener.heard == []
    line.ear.broken = False
    line.say()
    line.ear.streams[-1].answer("again")
    assert [said.text for said in line.listener.heard] == ["again"]


class NoisyLoudness(Loudness):
    noise = 200.0  # RMS: 2 dB below the loud frames


def test_what_was_hardly_louder_than_the_noise_is_known_with_words_and_without() -> None:
    line = Line()
    line.hearing = Hearing(line.ear, line.listener, activity=NoisyLoudness(), onset_ms=80, endpoint_ms=400)
    for place, text in enumerate(("one", "")):
        line.audio(LOUD, 800)
        line.audio(QUIET, 500)
        line.ear.streams[place].answer(text)
        assert line.hearing.manner.noisy
    quiet = Line()
    quiet.audio(LOUD, 800)
    quiet.audio(QUIET, 500)
    quiet.ear.streams[0].answer("one")
    assert not quiet.hearing.manner.noisy
