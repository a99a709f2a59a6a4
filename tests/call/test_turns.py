from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.call.turns import (
    FALSE_STARTS,
    HESITATIONS,
    MOST_KEPT_CHARS,
    NOISE_MS,
    RECOGNITION_MS,
    RESUME_MS,
    AllSpoken,
    DropSpeech,
    Interrupt,
    Resume,
    TurnAction,
    TurnDone,
    TurnTaking,
)
from voice.dialogue.seam import Heard, Keyed, Silence
from voice.model import BargeIn, Digit, Expect, ExpectKind, KeypadSpec, Transcript

MENU = Expect(ExpectKind.INTENT, "es", keypad=KeypadSpec(1, 1), no_input_ms=5000)
NUMBER = Expect(ExpectKind.DIGITS, "en", digits=True, keypad=KeypadSpec(4, 8), no_input_ms=5000)


def said(text: str, start: int = 1000, end: int = 1800) -> Transcript:
    return Transcript(text, 0.9, start_ms=start, end_ms=end)


def press(turns: TurnTaking, keys: str, now: int) -> list[TurnAction]:
    out: list[TurnAction] = []
    for key in keys:
        out += turns.key(Digit(key, now), now)
    return out


def speaking_again() -> TurnTaking:
    """The caller has answered, the transcript is awaited, and they speak again."""
    turns = TurnTaking()
    turns.listen(MENU, 0)
    turns.speech_on(0, 80)
    turns.speech_off(500, 900)
    turns.speech_on(1000, 1080)
    return turns


def done(actions: list[TurnAction]) -> TurnDone | None:
    return next((a for a in actions if isinstance(a, TurnDone)), None)


def test_words_after_the_prompt_are_a_turn() -> None:
    turns = TurnTaking()
    turns.speak(1, BargeIn.ANY)
    turns.listen(MENU, 0)
    assert turns.finished(1, 900) == []
    assert turns.speech_on(1000, 1080) == []
    turns.speech_off(500, 2300)
    assert turns.heard(said("saldo"), 2310) == [TurnDone(Heard(said("saldo")), 1800, 500)]
    assert turns.expect is None


def test_a_failure_in_mid_speech_leaves_a_deadline_though_an_earlier_answer_is_awaited() -> None:
    turns = speaking_again()
    assert done(turns.deaf(1500))
    turns.listen(MENU, 1500)
    assert turns.deadline() == 1500 + MENU.no_input_ms


def test_silence_counts_from_the_end_of_the_prompt() -> None:
    turns = TurnTaking()
    turns.speak(1, BargeIn.ANY)
    turns.listen(MENU, 0)
    assert turns.deadline() is None  # the prompt's own deadline is the playout's
    turns.finished(1, 3000)
    assert turns.deadline() == 8000
    assert turns.tick(7999) == []
    assert turns.tick(8000) == [TurnDone(Silence(), 8000, 0)]


def test_silence_does_not_count_while_the_caller_talks() -> None:
    turns = TurnTaking()
    turns.listen(MENU, 0)
    turns.speech_on(4900, 4980)
    assert turns.tick(5000) == []
    turns.speech_off(500, 9000)
    assert turns.deadline() == 9000 + RECOGNITION_MS
    assert turns.heard(said("", 4900, 8500), 9001) == [TurnDone(Heard(said("", 4900, 8500)), 8500, 500)]


def test_a_click_is_no_answer_and_starts_the_wait_anew() -> None:
    turns = TurnTaking()
    turns.listen(MENU, 0)
    turns.speech_on(2000, 2080)
    turns.speech_off(500, 2600)
    assert turns.heard(said("", 2000, 2000 + NOISE_MS - 1), 2610) == []
    assert turns.deadline() == 2610 + MENU.no_input_ms


def test_a_recognizer_that_never_answers_does_not_end_in_silence() -> None:
    turns = TurnTaking()
    turns.listen(MENU, 0)
    turns.speech_on(1000, 1080)
    turns.speech_off(500, 2000)
    actions = turns.tick(2000 + RECOGNITION_MS)
    assert actions[0] == DropSpeech(talking=False)  # what comes later must not answer the next question
    action = done(actions)
    assert action is not None
    assert isinstance(action.turn, Heard)
    assert action.turn.transcript.text == ""


POLICIES: dict[BargeIn, tuple[bool, bool]] = {
    BargeIn.NONE: (False, False),
    BargeIn.DTMF: (False, True),
    BargeIn.SPEECH: (True, False),
    BargeIn.ANY: (True, True),
}


def test_barge_in_policies() -> None:
    for policy, (by_speech, by_dtmf) in POLICIES.items():
        turns = TurnTaking()
        turns.speak(1, policy)
        turns.listen(MENU, 0)
        interrupts = turns.speech_on(100, 180) == [Interrupt("speech", 100, resumable=True)]
        assert interrupts is by_speech, policy

        turns = TurnTaking()
        turns.speak(1, policy)
        turns.listen(MENU, 0)
        action = done(press(turns, "2", 300))
        assert (action is not None) is by_dtmf, policy


def test_what_is_said_during_a_protected_prompt_is_kept() -> None:
    turns = TurnTaking()
    turns.speak(1, BargeIn.NONE)
    turns.speak(2, BargeIn.ANY)
    turns.listen(MENU, 0)
    turns.speech_on(1000, 1080)
    turns.speech_off(500, 2300)
    assert turns.heard(said("saldo"), 2310) == []
    actions = turns.finished(1, 5000)
    assert actions == [
        Interrupt("speech", 1800, resumable=False),
        TurnDone(Heard(said("saldo")), 1800, 500),
    ]


@pytest.mark.parametrize(
    ("sentences", "kept"),
    [
        (["cuánto debo", "y quiero pagar"], "cuánto debo y quiero pagar"),
        (["saldo", "saldo"], "saldo"),
        (["x" * MOST_KEPT_CHARS, "saldo"], "saldo"),
    ],
)
def test_all_that_is_said_during_a_protected_prompt_counts(sentences: list[str], kept: str) -> None:
    turns = TurnTaking()
    turns.speak(1, BargeIn.NONE)
    turns.listen(MENU, 0)
    for n, sentence in enumerate(sentences):
        turns.speech_on(1000 + 2000 * n, 1080 + 2000 * n)
        turns.speech_off(500, 2300 + 2000 * n)
        assert turns.heard(said(sentence), 2310 + 2000 * n) == []
    turn = done(turns.finished(1, 9000))
    assert turn is not None
    assert isinstance(turn.turn, Heard)
    assert turn.turn.transcript.text == kept


def test_keys_during_a_protected_prompt_are_kept() -> None:
    turns = TurnTaking()
    turns.speak(1, BargeIn.NONE)
    turns.listen(NUMBER, 0)
    assert press(turns, "1234#", 500) == []
    actions = turns.finished(1, 4000)
    assert done(actions) == TurnDone(Keyed("1234"), 4000, 0)


def test_a_cough_over_a_prompt_loses_no_text() -> None:
    turns = TurnTaking()
    turns.speak(1, BargeIn.ANY)
    turns.listen(MENU, 0)
    for n in range(FALSE_STARTS):
        at = 1000 * (n + 1)
        assert turns.speech_on(at, at + 80) == [Interrupt("speech", at, resumable=True)]
        turns.speech_off(500, at + 700)
        assert turns.heard(said("", at, at + 150), at + 710) == [Resume()]
    # a line this noisy: the prompt is played to its end, words still count
    assert turns.speech_on(8000, 8080) == []
    turns.speech_off(500, 9000)
    assert done(turns.heard(said("saldo", 8000, 8500), 9010)) is not None


def test_an_interruption_with_words_is_a_turn() -> None:
    turns = TurnTaking()
    turns.speak(1, BargeIn.ANY)
    turns.listen(MENU, 0)
    turns.speech_on(1000, 1080)
    turns.speech_off(500, 2000)
    assert turns.heard(said("agente"), 2010) == [TurnDone(Heard(said("agente")), 1800, 500)]
    assert not turns.speaking


def test_a_one_key_menu_answers_at_once() -> None:
    turns = TurnTaking()
    turns.listen(MENU, 0)
    assert press(turns, "3", 700) == [TurnDone(Keyed("3"), 700, 0)]


def test_keys_are_collected_until_full_terminated_or_paused() -> None:
    cases: list[tuple[str, str | None]] = [
        ("12345678", "12345678"),
        ("1234#", "1234"),
        ("12*5678#", "5678"),
        ("#1234#", "1234"),
        ("12#34#", "1234"),
        ("12", None),
    ]
    for keys, expected in cases:
        turns = TurnTaking()
        turns.listen(NUMBER, 0)
        action = done(press(turns, keys, 100))
        assert (action.turn if action else None) == (Keyed(expected) if expected else None), keys
    turns = TurnTaking()
    turns.listen(NUMBER, 0)
    press(turns, "12", 100)
    assert turns.deadline() == 3100
    assert turns.tick(3100) == [TurnDone(Keyed("12"), 100, 0)]


def test_type_ahead_feeds_the_next_questions() -> None:
    turns = TurnTaking()
    press(turns, "1312345678", 0)
    assert done(turns.listen(MENU, 10)) == TurnDone(Keyed("1"), 10, 0)
    assert done(turns.listen(MENU, 20)) == TurnDone(Keyed("3"), 20, 0)
    assert done(turns.listen(NUMBER, 30)) == TurnDone(Keyed("12345678"), 30, 0)


def test_type_ahead_skips_a_prompt_only_where_keys_may() -> None:
    for policy, skips in ((BargeIn.ANY, True), (BargeIn.DTMF, True), (BargeIn.NONE, False)):
        turns = TurnTaking()
        assert press(turns, "1", 0) == []
        turns.speak(1, policy)
        answer = [Interrupt("dtmf", 10, resumable=False), TurnDone(Keyed("1"), 10, 0)]
        assert turns.listen(MENU, 10) == (answer if skips else [])
        assert turns.finished(1, 900) == ([] if skips else [TurnDone(Keyed("1"), 900, 0)])


def test_type_ahead_can_be_forgotten() -> None:
    turns = TurnTaking()
    press(turns, "9", 0)
    turns.forget_keys()
    assert turns.listen(MENU, 10) == []


def test_keys_win_over_speech_in_progress() -> None:
    turns = TurnTaking()
    turns.listen(MENU, 0)
    turns.speech_on(100, 180)
    assert press(turns, "1", 300) == [DropSpeech(), TurnDone(Keyed("1"), 300, 0)]


def test_a_key_that_is_only_kept_does_not_leave_the_prompt_standing_still() -> None:
    turns = TurnTaking()
    turns.speak(1, BargeIn.SPEECH)
    turns.listen(MENU, 0)
    assert turns.speech_on(100, 180) == [Interrupt("speech", 100, resumable=True)]
    assert press(turns, "1", 300) == [DropSpeech(), Resume("dropped")]
    assert not turns.paused
    assert turns.finished(1, 2000) == [TurnDone(Keyed("1"), 2000, 0)]


def test_speech_that_nobody_will_report_the_end_of_does_not_hold_up_the_next_question() -> None:
    turns = TurnTaking()
    turns.speech_on(100, 180)
    turns.stop_listening()
    turns.listen(MENU, 1000)
    assert turns.deadline() == 1000 + MENU.no_input_ms


def test_a_recognizer_that_fails_in_mid_speech_fails_once() -> None:
    turns = TurnTaking()
    turns.listen(MENU, 0)
    turns.speech_on(100, 180)
    assert done(turns.deaf(500)) is not None
    turns.listen(MENU, 500)
    assert turns.deadline() == 500 + MENU.no_input_ms


def test_a_failure_of_the_last_utterance_does_not_end_the_one_in_progress() -> None:
    turns = speaking_again()
    turns.deaf(1500, talking=True)
    turns.listen(MENU, 1500)
    assert turns.deadline() is None


ASKED = Expect(
    ExpectKind.YES_NO, "es", ("sí", "bueno", "eh"), meanings=("yes", "yes", "repeat"), no_input_ms=5000
)


def thinks(turns: TurnTaking, text: str, at: int, ms: int = 800) -> TurnDone | None:
    turns.speech_on(at, at + 80)
    turns.partial(Transcript(text, 0.0, final=False), at + 300)
    turns.speech_off(500, at + ms + 500)
    return done(turns.heard(said(text, at, at + ms), at + ms + 600))


@pytest.mark.parametrize("text", ["eh", "em", "pues", "a ver", "este eh"])
def test_who_thinks_aloud_is_waited_for_anew_and_not_for_ever(text: str) -> None:
    turns = TurnTaking()
    turns.listen(ASKED, 0)
    for number in range(HESITATIONS):
        at = 3000 * (number + 1)
        assert thinks(turns, text, at) is None
        assert turns.deadline() == at + 1400 + ASKED.no_input_ms
    answer = thinks(turns, text, 10_000)
    assert answer is not None
    assert isinstance(answer.turn, Heard)


@pytest.mark.parametrize(("text", "ms"), [("eh", 250), ("bueno", 800), ("sí", 800)])
def test_what_may_be_an_answer_is_one(text: str, ms: int) -> None:
    turns = TurnTaking()
    turns.listen(ASKED, 0)
    assert thinks(turns, text, 1000, ms) is not None


def test_who_thinks_aloud_does_not_hold_up_a_prompt() -> None:
    turns = TurnTaking()
    turns.speak(1, BargeIn.ANY)
    turns.listen(MENU, 0)
    assert turns.speech_on(1000, 1080) == [Interrupt("speech", 1000, resumable=True)]
    turns.partial(Transcript("eh", 0.0, final=False), 1400)
    assert turns.deadline() == 1080 + RESUME_MS
    turns.speech_off(500, 2300)
    assert turns.heard(said("eh"), 2310) == [Resume("no_words")]
    assert turns.expect is MENU


def test_statements_end_in_all_spoken() -> None:
    turns = TurnTaking()
    turns.speak(1, BargeIn.ANY)
    turns.speak(2, BargeIn.ANY)
    assert turns.finished(1, 100) == []
    assert turns.finished(2, 200) == [AllSpoken()]
    assert turns.finished(2, 300) == []  # a late report of something already over


Step = Callable[[TurnTaking, int], list[TurnAction]]


def _steps() -> st.SearchStrategy[tuple[str, int, str]]:
    kinds = st.sampled_from(["listen", "speak", "finish", "on", "off", "words", "noise", "key", "wait"])
    return st.tuples(kinds, st.integers(0, 4000), st.sampled_from("0123456789*#"))


@settings(max_examples=300, deadline=None)
@given(st.lists(_steps(), max_size=60), st.sampled_from(list(BargeIn)))
def test_never_silent_whatever_happens(steps: list[tuple[str, int, str]], policy: BargeIn) -> None:
    """From any history: once the prompts are over and the caller is quiet, a turn follows in bounded time."""
    turns = TurnTaking()
    now, utterance, playing = 0, 0, []
    for kind, wait, key in steps:
        now += wait
        assert sum(isinstance(a, TurnDone) for a in turns.tick(now)) <= 1
        actions: list[TurnAction] = []
        if kind == "listen" and turns.expect is None:
            actions += turns.listen(NUMBER if wait % 2 else MENU, now)
        elif kind == "speak":
            utterance += 1
            playing.append(utterance)
            turns.speak(utterance, policy)
        elif kind == "finish" and playing:
            actions += turns.finished(playing.pop(0), now)
        elif kind == "on":
            actions += turns.speech_on(now, now)
        elif kind == "off":
            turns.speech_off(500, now)
        elif kind == "words":
            actions += turns.heard(said("saldo", max(0, now - 800), now), now)
        elif kind == "noise":
            actions += turns.heard(said("", max(0, now - 100), now), now)
        elif kind == "key":
            actions += press(turns, key, now)
        assert sum(isinstance(a, TurnDone) for a in actions) <= 1
    for number in playing:
        turns.finished(number, now)
    turns.heard(said("", now, now), now)
    turns.speech_off(0, now)
    turns.heard(said("", now, now), now)
    if turns.expect is None:
        turns.listen(MENU, now)
    if turns.expect is not None:
        due = turns.deadline()
        assert due is not None
        assert due <= now + max(RECOGNITION_MS, MENU.no_input_ms, 3000)
        assert done(turns.tick(due)) is not None
