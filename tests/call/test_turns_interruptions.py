"""What stops a prompt for good, and what only makes it stand still: behaviours 3 and 4."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.call.turns import (
    BELIEVED,
    LONGEST_PAUSE_MS,
    RESUME_MS,
    SIGNS,
    Interrupt,
    Resume,
    TurnAction,
    TurnDone,
    TurnTaking,
)
from voice.dialogue.seam import Heard
from voice.model import BargeIn, Completeness, Expect, ExpectKind, Transcript

MENU = Expect(ExpectKind.INTENT, "es", phrases=("saldo", "sí claro"), meanings=("balance", "other"))
QUESTION = {lang: Expect(ExpectKind.YES_NO, lang) for lang in ("es", "en")}
STOPPED = [Interrupt("speech", 1000, resumable=True)]


def said(text: str, lang: str = "es", confidence: float = 0.9) -> Transcript:
    return Transcript(text, confidence, lang=lang, start_ms=1000, end_ms=1400)


def partly(text: str, lang: str = "es") -> Transcript:
    return Transcript(text, 0.0, final=False, lang=lang)


def over_a_prompt(expect: Expect | None, prompts: int = 1) -> TurnTaking:
    """Speech has just begun over the first of ``prompts``."""
    turns = TurnTaking()
    for number in range(prompts):
        turns.speak(number + 1, BargeIn.ANY)
    if expect is not None:
        turns.listen(expect, 0)
    assert turns.speech_on(1000, 1080) == STOPPED
    return turns


def end(turns: TurnTaking, transcript: Transcript) -> list[TurnAction]:
    turns.speech_off(300, 1700)
    return turns.heard(transcript, 1710)


@pytest.mark.parametrize(
    ("lang", "text"), [("es", "ajá"), ("es", "sí sí"), ("es", "vale"), ("en", "uh huh"), ("en", "okay right")]
)
def test_signs_of_listening_do_not_stop_a_statement_and_answer_a_question(lang: str, text: str) -> None:
    statement = over_a_prompt(None)
    assert statement.completeness(text, lang) is Completeness.COMPLETE
    assert end(statement, said(text, lang)) == [Resume("backchannel")]
    menu = over_a_prompt(MENU)
    assert end(menu, said(text, lang)) == [Resume("backchannel")]
    before_the_question = over_a_prompt(QUESTION[lang], prompts=2)
    assert end(before_the_question, said(text, lang)) == [Resume("backchannel")]
    question = over_a_prompt(QUESTION[lang])
    assert end(question, said(text, lang)) == [TurnDone(Heard(said(text, lang)), 1400, 300)]


def test_signs_of_listening_are_no_false_starts() -> None:
    turns = TurnTaking()
    turns.speak(1, BargeIn.ANY)
    for n in range(SIGNS):
        at = 3000 * n + 1000
        assert turns.speech_on(at, at + 80) == [Interrupt("speech", at, resumable=True)]
        turns.speech_off(300, at + 600)
        assert turns.heard(said("ajá"), at + 610) == [Resume("backchannel")]
    assert turns.speech_on(60_000, 60_080) == []  # nobody says it that often


def test_a_sign_of_listening_after_the_question_is_no_wrong_answer() -> None:
    turns = TurnTaking()
    turns.listen(MENU, 0)
    turns.speech_on(1000, 1080)
    assert end(turns, said("ajá")) == []
    assert turns.deadline() == 1710 + MENU.no_input_ms


def test_more_than_a_sign_of_listening_is_a_turn() -> None:
    turns = over_a_prompt(MENU)
    assert turns.completeness("sí", "es") is Completeness.COMPLETE
    assert turns.completeness("sí claro saldo", "es") is not Completeness.COMPLETE
    assert end(turns, said("saldo")) == [TurnDone(Heard(said("saldo")), 1400, 300)]


def test_words_hardly_believed_do_not_stop_a_prompt_but_answer_in_silence() -> None:
    doubtful = said("saldo", confidence=BELIEVED - 0.01)
    assert end(over_a_prompt(MENU), doubtful) == [Resume("unsure")]
    turns = TurnTaking()
    turns.listen(MENU, 0)
    turns.speech_on(1000, 1080)
    assert end(turns, doubtful) == [TurnDone(Heard(doubtful), 1400, 300)]


def test_a_person_is_believed_from_less_over_a_prompt() -> None:
    asking = replace(MENU, phrases=("saldo", "una persona"), meanings=("balance", "person"))
    hardly = said("una persona", confidence=BELIEVED - 0.3)
    assert end(over_a_prompt(asking), hardly) == [TurnDone(Heard(hardly), 1400, 300)]
    assert end(over_a_prompt(asking), said("saldo", confidence=BELIEVED - 0.3)) == [Resume("unsure")]


def test_a_phrase_drawn_out_over_seconds_of_music_does_not_stop_a_prompt() -> None:
    text = "tengo una pregunta sobre mi factura"
    music = Transcript(text, 0.95, lang="es", start_ms=1000, end_ms=8300)
    turns = over_a_prompt(MENU)
    assert end(turns, music) == [Resume("unsure")]
    hesitating = Transcript(text, 0.95, lang="es", start_ms=1000, end_ms=6000)
    for answer in (hesitating, Transcript("no", 0.9, lang="es", start_ms=1000, end_ms=3000)):
        assert end(over_a_prompt(MENU), answer) == [TurnDone(Heard(answer), answer.end_ms, 300)]
    quiet = TurnTaking()
    quiet.listen(MENU, 0)
    quiet.speech_on(1000, 1080)
    assert end(quiet, music) == [TurnDone(Heard(music), 8300, 300)]


def test_sound_without_words_lets_the_prompt_go_on_in_two_seconds() -> None:
    turns = over_a_prompt(MENU)
    assert turns.deadline() == 1080 + RESUME_MS
    assert turns.tick(1079 + RESUME_MS) == []
    assert turns.tick(1080 + RESUME_MS) == [Resume("no_words")]
    assert turns.partial(partly("saldo"), 4000) == [Interrupt("speech", 4000, resumable=True)]
    assert end(turns, said("saldo")) == [TurnDone(Heard(said("saldo")), 1400, 300)]


def test_words_keep_the_prompt_still_until_the_caller_has_said_all() -> None:
    turns = over_a_prompt(MENU)
    assert turns.partial(partly("quiero"), 1500) == []
    assert turns.tick(1080 + RESUME_MS) == []
    assert end(turns, said("quiero mi saldo")) == [TurnDone(Heard(said("quiero mi saldo")), 1400, 300)]


def test_a_television_stops_the_prompt_once_and_not_for_long() -> None:
    turns = over_a_prompt(MENU)
    turns.partial(partly("saldo"), 1500)
    assert turns.tick(1080 + LONGEST_PAUSE_MS) == [Resume("late")]
    for at in range(7000, 30_000, 500):
        assert turns.partial(partly(f"saldo {at}"), at) == []
        assert turns.speech_on(at, at) == []
    assert not turns.paused


def test_a_partial_of_speech_that_is_over_changes_nothing() -> None:
    turns = over_a_prompt(MENU)
    turns.speech_off(300, 1700)
    assert turns.partial(partly("saldo"), 1705) == []
    assert turns.deadline() == 1080 + RESUME_MS


Step = tuple[str, int, str, float]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["on", "partial", "off", "heard", "wait"]),
        st.integers(0, 3000),
        st.sampled_from(["", "ajá", "saldo", "sí", "okay"]),
        st.floats(0, 1),
    ),
    max_size=25,
)


@given(STEPS, st.sampled_from(list(BargeIn)), st.sampled_from([None, MENU, QUESTION["es"]]))
@settings(max_examples=150, deadline=None)
def test_a_prompt_never_stands_still_without_an_end(
    steps: list[Step], policy: BargeIn, expect: Expect | None
) -> None:
    turns = TurnTaking()
    turns.speak(1, policy)
    if expect is not None:
        turns.listen(expect, 0)
    now = 0
    for kind, ms, text, confidence in steps:
        now += ms
        turns.tick(now)
        if kind == "on":
            turns.speech_on(now, now)
        elif kind == "partial":
            turns.partial(partly(text), now)
        elif kind == "off":
            turns.speech_off(300, now)
        elif kind == "heard":
            turns.heard(said(text, confidence=confidence), now)
        if turns.paused:
            due = turns.deadline()
            assert due is not None
            assert due <= now + LONGEST_PAUSE_MS
        assert not (turns.paused and not policy.by_speech)
    turns.tick(now + LONGEST_PAUSE_MS)
    turns.tick(now + 2 * LONGEST_PAUSE_MS)
    assert not turns.paused


@pytest.mark.parametrize(
    ("lang", "phrase", "around", "other"),
    [
        ("es", "qué horario tienen", "perdone qué horario tienen ustedes", "el tiempo para mañana"),
        ("en", "what are your opening hours", "sorry what are your opening hours please", "and now the news"),
    ],
)
def test_a_known_wish_in_open_speech_stops_a_prompt(lang: str, phrase: str, around: str, other: str) -> None:
    open_speech = Expect(ExpectKind.TEXT, lang, believed=(phrase,))
    for text in (phrase, around):
        turns = over_a_prompt(open_speech)
        actions = end(turns, said(text, lang, 0.6))
        assert isinstance(actions[0], TurnDone), text
        assert end(over_a_prompt(open_speech), said(text, lang, 0.3)) == [Resume("unsure")]
    assert end(over_a_prompt(open_speech), said(other, lang, 0.6)) == [Resume("unsure")]
    assert end(over_a_prompt(replace(open_speech, believed=())), said(phrase, lang, 0.6)) == [
        Resume("unsure")
    ]


def test_a_known_wish_is_believed_while_its_answer_is_on_its_way() -> None:
    turns = TurnTaking()
    turns.listen(Expect(ExpectKind.TEXT, "en", believed=("opening hours",)), 0)
    turns.speech_on(0, 80)
    assert isinstance(end(turns, said("my order", "en"))[-1], TurnDone)
    turns.speak(1, BargeIn.ANY)  # what a language model says first, with the rest still to come
    assert turns.speech_on(1000, 1080) == STOPPED
    assert isinstance(end(turns, said("opening hours", "en", 0.6))[-1], TurnDone)
