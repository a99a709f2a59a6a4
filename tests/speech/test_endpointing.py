"""Turns begin and end where the speech frames say, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.model import FRAME_MS, Completeness
from voice.speech.endpointing import (
    COMPLETE_MS,
    COUNTED_MS,
    HESITATING_MS,
    RHYTHM_MS,
    SETTLED_MS,
    UNFINISHED_MS,
    Endpointer,
    SpeechOff,
    SpeechOn,
)

Turn = SpeechOn | SpeechOff


def run(endpointer: Endpointer, frames: list[bool], at_ms: int = 0) -> list[tuple[int, Turn]]:
    """(end of the frame, what came of it)"""
    found = []
    for index, speech in enumerate(frames):
        end_ms = at_ms + (index + 1) * FRAME_MS
        if (turn := endpointer.step(speech, end_ms)) is not None:
            found.append((end_ms, turn))
    return found


def frames(text: str) -> list[bool]:
    """``S`` is a speech frame, ``.`` a silent one."""
    return [letter == "S" for letter in text]


@pytest.mark.parametrize(
    ("pattern", "start_ms"),
    [("..SSSS", 40), ("..SS.S", 40), ("..S.SS", 40), (".SSS.SSSS", 20), ("S...SSSS", 80)],
)
def test_a_turn_starts_at_its_first_speech_frame(pattern: str, start_ms: int) -> None:
    assert [turn for _, turn in run(Endpointer(), frames(pattern))] == [SpeechOn(start_ms)]


@pytest.mark.parametrize("pattern", ["SSS.....", "S.S.S.S.S.", "SS..SS..SS", "...."])
def test_clicks_start_nothing(pattern: str) -> None:
    assert run(Endpointer(), frames(pattern)) == []


def test_a_turn_ends_after_the_endpoint_silence_and_pauses_do_not_end_it() -> None:
    pattern = "S" * 10 + "." * 24 + "S" * 5 + "." * 30
    found = run(Endpointer(endpoint_ms=500), frames(pattern))
    last_speech = 39 * FRAME_MS
    assert found[-1] == (last_speech + 500, SpeechOff(0, last_speech, 500))
    assert len(found) == 2


def test_the_longest_turn_ends_while_the_caller_still_speaks_and_the_next_one_begins() -> None:
    endpointer = Endpointer(max_speech_ms=1000)
    found = run(endpointer, frames("S" * 60))
    assert found[1] == (1000, SpeechOff(0, 1000, 0, "longest"))
    assert isinstance(found[2][1], SpeechOn)
    assert found[2][1].start_ms == 1000


def test_a_new_endpoint_takes_effect_within_a_turn() -> None:
    endpointer = Endpointer(endpoint_ms=2000)
    run(endpointer, frames("S" * 10 + "." * 20))
    endpointer.configure(300, 20000)
    assert endpointer.step(False, 31 * FRAME_MS) == SpeechOff(0, 200, 420)
    assert not endpointer.speaking


def test_reset_forgets_the_turn_and_the_onset() -> None:
    endpointer = Endpointer()
    run(endpointer, frames("SSSSSS"))
    endpointer.reset()
    assert not endpointer.speaking
    assert run(endpointer, frames("." * 50), at_ms=120) == []
    run(endpointer, frames("SSS"), at_ms=2000)
    endpointer.reset()
    assert run(endpointer, frames("SSS"), at_ms=2060) == []


def test_a_hole_in_time_ends_a_turn_and_breaks_an_onset() -> None:
    endpointer = Endpointer()
    run(endpointer, frames("SSSSSS"))
    assert endpointer.step(False, 5000) == SpeechOff(0, 120, 4880)
    assert run(endpointer, frames("SSS"), at_ms=5000) == []
    assert endpointer.step(True, 9000) is None


@pytest.mark.parametrize(("onset", "endpoint", "longest"), [(10, 500, 20000), (80, 0, 20000), (80, 500, 0)])
def test_impossible_settings_are_refused(onset: int, endpoint: int, longest: int) -> None:
    with pytest.raises(ValueError, match="frame"):
        Endpointer(onset, endpoint, longest)


def test_time_must_rise() -> None:
    endpointer = Endpointer()
    endpointer.step(True, 40)
    with pytest.raises(ValueError, match="40 ms"):
        endpointer.step(True, 40)


decisions = st.lists(
    st.tuples(st.booleans(), st.integers(1, 40)).map(lambda run: [run[0]] * run[1]), max_size=30
).map(lambda runs: [speech for run in runs for speech in run])
onsets = st.sampled_from([20, 40, 80, 100, 200])


@given(decisions, onsets, st.integers(1, 60), st.integers(5, 200))
@settings(max_examples=200, deadline=None)
def test_turns_alternate_in_order_and_end_exactly(
    speech: list[bool], onset_ms: int, endpoint_frames: int, longest_frames: int
) -> None:
    endpoint_ms, longest_ms = endpoint_frames * FRAME_MS, longest_frames * FRAME_MS
    endpointer = Endpointer(onset_ms, endpoint_ms, longest_ms)
    last_end = 0
    on: SpeechOn | None = None
    for now_ms, turn in run(endpointer, speech):
        if isinstance(turn, SpeechOn):
            assert on is None
            assert last_end <= turn.start_ms <= now_ms - onset_ms
            assert speech[turn.start_ms // FRAME_MS]
            on = turn
            continue
        assert on is not None
        assert turn.start_ms == on.start_ms < turn.end_ms <= now_ms
        assert turn.silence_ms == now_ms - turn.end_ms
        last_speech = max(i for i, said in enumerate(speech[: now_ms // FRAME_MS]) if said)
        assert turn.end_ms == (last_speech + 1) * FRAME_MS
        assert turn.silence_ms == endpoint_ms or now_ms - on.start_ms >= longest_ms
        last_end, on = turn.end_ms, None
    assert endpointer.speaking == (on is not None)


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(4, 30)), max_size=20))
@settings(max_examples=100, deadline=None)
def test_a_click_shorter_than_the_onset_never_starts_a_turn(clicks: list[tuple[int, int]]) -> None:
    speech = [part for loud, quiet in clicks for part in [True] * loud + [False] * quiet]
    assert run(Endpointer(onset_ms=80), speech) == []


@given(decisions)
@settings(max_examples=50, deadline=None)
def test_reconfiguring_with_the_same_values_changes_nothing(speech: list[bool]) -> None:
    plain, configured = Endpointer(), Endpointer()
    for index, said in enumerate(speech):
        configured.configure(500, 20000)
        end_ms = (index + 1) * FRAME_MS
        assert plain.step(said, end_ms) == configured.step(said, end_ms)


def dictate(heard: Completeness, pattern: str, endpoint_ms: int = 500, behind_ms: int = 0) -> list[Turn]:
    """The turns of ``pattern`` when its words are judged ``heard`` from the onset on."""
    endpointer, found = Endpointer(endpoint_ms=endpoint_ms), []
    for index, speech in enumerate(frames(pattern)):
        if turn := endpointer.step(speech, (index + 1) * FRAME_MS, behind_ms):
            found.append(turn)
        endpointer.heard(heard)
    return found


@pytest.mark.parametrize(
    ("heard", "endpoint_ms", "silence_ms", "why"),
    [
        (Completeness.EMPTY, 500, 500, "silence"),
        (Completeness.OPEN, 600, 600, "silence"),
        (Completeness.EXTENSIBLE, 400, 400, "silence"),
        (Completeness.COMPLETE, 500, COMPLETE_MS, "complete"),
        (Completeness.COMPLETE, 200, 200, "complete"),
        (Completeness.COUNTED, 1200, COMPLETE_MS, "complete"),
        (Completeness.UNFINISHED, 500, UNFINISHED_MS, "unfinished"),
        (Completeness.UNFINISHED, 1200, 1200, "unfinished"),
        (Completeness.HESITATING, 500, HESITATING_MS, "hesitation"),
    ],
)
def test_what_was_heard_decides_how_long_silence_lasts(
    heard: Completeness, endpoint_ms: int, silence_ms: int, why: str
) -> None:
    turns = dictate(heard, "S" * 10 + "." * 100, endpoint_ms)
    assert turns == [SpeechOn(0), SpeechOff(0, 200, silence_ms, why)]


@pytest.mark.parametrize("pause_ms", range(100, 720, 100))
def test_pauses_of_dictation_do_not_end_an_incomplete_number(pause_ms: int) -> None:
    group = "S" * 20 + "." * (pause_ms // FRAME_MS)
    assert dictate(Completeness.UNFINISHED, group * 4 + "S" * 20) == [SpeechOn(0)]


def test_a_number_of_open_length_ends_by_the_rhythm_it_is_said_in() -> None:
    even = "S" * 20 + "." * 10
    quick = dictate(Completeness.EXTENSIBLE, even * 3 + "." * 100, 1200)[1]
    assert isinstance(quick, SpeechOff)
    assert quick.silence_ms == RHYTHM_MS
    slow = dictate(Completeness.EXTENSIBLE, ("S" * 20 + "." * 35) * 3 + "." * 100, 1200)[1]
    assert isinstance(slow, SpeechOff)
    assert slow.silence_ms == 1200


def test_as_many_digits_as_asked_for_wait_out_the_callers_own_pauses() -> None:
    endpointer = Endpointer(endpoint_ms=1200)
    run(endpointer, frames("S" * 20 + "." * 20 + "S" * 20))
    endpointer.heard(Completeness.COUNTED)
    silence_ms = 400 + COUNTED_MS
    off = SpeechOff(0, 1200, silence_ms, "complete")
    assert run(endpointer, frames("." * 60), at_ms=1200) == [(1200 + silence_ms, off)]


@pytest.mark.parametrize(
    ("rest", "over"),
    [
        ("." * 60, (400 + UNFINISHED_MS, SpeechOff(0, 400, UNFINISHED_MS, "unfinished"))),
        ("." * 40 + "S" * 20 + "." * 40, (1880, SpeechOff(0, 1600, COMPLETE_MS, "complete"))),
    ],
    ids=["nothing follows", "the rest follows after a pause"],
)
def test_words_said_faster_than_anyone_speaks_are_only_begun(rest: str, over: tuple[int, Turn]) -> None:
    endpointer = Endpointer()
    run(endpointer, frames("S" * 20))
    endpointer.heard(Completeness.COMPLETE, least_ms=500)
    assert run(endpointer, frames(rest), at_ms=400) == [over]


def test_words_that_are_not_recognised_yet_do_not_complete_an_answer() -> None:
    _, off = dictate(Completeness.COMPLETE, "S" * 10 + "." * 100, behind_ms=240)
    assert off == SpeechOff(0, 200, 240 + SETTLED_MS, "complete")


def test_a_verdict_lasts_no_longer_than_its_turn() -> None:
    endpointer = Endpointer()
    endpointer.heard(Completeness.HESITATING)  # of nothing: no turn is on
    found = run(endpointer, frames("S" * 10 + "." * 30))
    assert found[1] == (700, SpeechOff(0, 200, 500))
    run(endpointer, frames("S" * 10), at_ms=800)
    endpointer.heard(Completeness.COMPLETE)
    assert run(endpointer, frames("." * 14), at_ms=1000) == [(1280, SpeechOff(800, 1000, 280, "complete"))]
    again = run(endpointer, frames("S" * 10 + "." * 30), at_ms=1300)
    assert again[-1][1] == SpeechOff(1300, 1500, 500)


@given(
    decisions,
    st.lists(st.sampled_from(list(Completeness)), min_size=1, max_size=20),
    st.integers(5, 75),
    st.integers(0, 15),
)
@settings(max_examples=150, deadline=None)
def test_no_verdict_keeps_a_turn_open_for_ever_or_ends_it_within_speech(
    speech: list[bool], verdicts: list[Completeness], endpoint_frames: int, behind_frames: int
) -> None:
    endpointer = Endpointer(endpoint_ms=endpoint_frames * FRAME_MS)
    longest = max(HESITATING_MS, endpoint_frames * FRAME_MS)
    for index, said in enumerate(speech + [False] * (longest // FRAME_MS)):
        turn = endpointer.step(said, (index + 1) * FRAME_MS, behind_frames * FRAME_MS)
        if isinstance(turn, SpeechOff):
            assert min(COMPLETE_MS, endpoint_frames * FRAME_MS) <= turn.silence_ms <= longest
        endpointer.heard(verdicts[index % len(verdicts)])
    assert not endpointer.speaking
