"""What works in every step: repair, confirmation, corrections, dead air, a way out."""

from __future__ import annotations

import pytest

from tests.dialogue.text_caller import Caller, started_at
from voice.dialogue.flow import MenuStep
from voice.dialogue.loader import Business
from voice.dialogue.seam import (
    ActionDone,
    ActionFailed,
    Heard,
    HearingFailed,
    Returned,
    Spoke,
    Tick,
)
from voice.events import CallerNotUnderstood, CallerSilent, SlotConfirmed, SlotFilled
from voice.model import BargeIn, Transcript


def at(business: Business, *lines: str, lang: str = "es", act: bool = True) -> Caller:
    caller = Caller(business, lang, act=act)
    for line in lines:
        caller.says(line)
    return caller


# --- ladders -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize(("turn", "reason"), [("", "no_input"), ("zzz bla", "no_match")])
def test_rephrase_then_example_then_person(telecom: Business, lang: str, turn: str, reason: str) -> None:
    caller = Caller(telecom, lang)
    menu = telecom.flow.steps["menu"]
    assert isinstance(menu, MenuStep)
    heard = [caller.text]
    for expected in menu.retry:
        caller.says(turn)
        assert expected[lang] in caller.text
        heard.append(caller.text)
    assert caller.handoff is None
    assert len(set(heard)) == 3, "never the same words twice"
    caller.says(turn)
    assert caller.handed().reason == reason
    assert caller.handed().tried
    assert caller.announced == telecom.texts.get(f"transfer.{reason}", lang)


def test_silence_and_misunderstanding_are_counted_apart(telecom: Business) -> None:
    caller = at(telecom, "", "zzz bla", "", "zzz bla")
    assert [n.count for n in caller.note(CallerSilent) if isinstance(n, CallerSilent)] == [1, 2]
    counts = [n.count for n in caller.note(CallerNotUnderstood) if isinstance(n, CallerNotUnderstood)]
    assert counts == [1, 2]
    assert caller.handoff is None
    assert caller.says("zzz bla").handoff is not None


def test_counters_start_again_in_the_next_step(telecom: Business) -> None:
    caller = at(telecom, "", "", "cuánto debo", "", "")
    assert caller.handoff is None
    assert caller.says("").handoff is not None


def test_the_ladder_of_a_confirmation(telecom: Business) -> None:
    caller = at(telecom, "cuánto debo", "#12345678")
    said = [caller.text]
    said += [caller.says("zzz bla").text, caller.says("").text]
    assert len(set(said)) == 3
    assert all("uno dos tres cuatro" in text for text in said)
    caller.says("zzz bla").says("zzz bla")
    assert caller.handed().reason == "no_match"


# --- confirmation ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("confidence", "becomes"),
    [(0.95, "Vale"), (0.8, "Vale"), (0.7, "¿Es correcto?"), (0.3, "no le he entendido")],
)
def test_confirmation_by_confidence(appointments: Business, confidence: float, becomes: str) -> None:
    caller = at(appointments, "cita").says("el veinte de marzo", confidence)
    assert becomes in caller.text


def test_money_is_confirmed_even_by_keys(appointments: Business) -> None:
    caller = at(appointments, "pago", "#20")
    assert "veinte euros. ¿Es correcto?" in caller.text
    assert caller.says("sí").expect is not None
    assert "clave" in caller.text


@pytest.mark.parametrize("amount", ["#4", "#501", "tres euros", "seiscientos euros"])
def test_values_out_of_range_are_not_taken(appointments: Business, amount: str) -> None:
    caller = at(appointments, "pago", amount)
    assert "Dígame la cantidad" in caller.text
    assert not caller.note(SlotFilled)


@pytest.mark.parametrize(
    ("lang", "wish", "first", "correction", "expected"),
    [
        ("es", "cita", "el veinte de marzo", "no, el quince de marzo", "quince de marzo"),
        ("en", "appointment", "march twentieth", "no, march fifteenth", "March fifteenth"),
    ],
)
def test_correcting_an_implicit_confirmation(
    appointments: Business, lang: str, wish: str, first: str, correction: str, expected: str
) -> None:
    caller = at(appointments, wish, first, lang=lang)
    assert {"es": "norte?", "en": "north?"}[lang] in caller.text, "the next question came with the echo"
    caller.says(correction)
    assert expected in caller.text
    assert caller.listens().step == "place", "only that slot is read again"
    hows = [n.how for n in caller.note(SlotConfirmed) if isinstance(n, SlotConfirmed)]
    assert hows == ["rejected"]
    values = [n.value for n in caller.note(SlotFilled) if isinstance(n, SlotFilled)]
    assert values == ["2026-03-20", "2026-03-15"]


def test_correcting_within_an_explicit_confirmation(telecom: Business) -> None:
    caller = at(telecom, "cuánto debo", "#12345679")
    caller.says("no, uno dos tres cuatro cinco seis siete ocho")
    assert "siete ocho. ¿Es correcto?" in caller.text
    caller.says("sí")
    assert "cuarenta y dos euros" in caller.text


def test_the_same_wrong_value_twice_goes_to_a_person(telecom: Business) -> None:
    caller = at(telecom, "cuánto debo", "#12345679", "no", "#12345679", "no")
    assert caller.handed().reason == "loop"
    assert not caller.handed().slots, "a value the caller refused is not handed over"


def test_an_uncertain_intent_is_asked_about(telecom: Business) -> None:
    caller = Caller(telecom).says("quiero darme de baja", 0.5)
    assert "¿Quiere darse de baja?" in caller.text
    assert "motivo" in caller.says("sí").text
    other = Caller(telecom).says("quiero darme de baja", 0.5).says("no")
    assert other.expect is not None
    assert other.expect.step == "menu"
    assert other.handoff is None
    changed = Caller(telecom).says("quiero darme de baja", 0.5).says("no, quiero saber mi saldo")
    assert "número de cliente" in changed.text


def test_sensitive_values_never_leave(appointments: Business) -> None:
    caller = at(appointments, "pago", "#20", "sí")
    assert caller.listens().sensitive
    caller.says("#4711")
    caller.says("#0")
    assert caller.handoff is not None
    assert "4711" not in repr(caller.notes) + repr(caller.handoff) + repr(caller.said)
    assert [s.value for s in caller.handed().slots if s.sensitive] == ["••••"]


def test_actions_get_the_real_value_of_a_sensitive_slot(appointments: Business) -> None:
    caller = at(appointments, "pago", "#20", "sí", "#4711", "sí", act=False)
    assert caller.invoke is not None
    assert caller.invoke.arguments == {"amount": "20.00", "pin": "4711"}


# --- anywhere ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "word"), [("es", "¿me lo repite?"), ("es", "cómo dice"), ("en", "can you repeat that")]
)
def test_repeat(telecom: Business, lang: str, word: str) -> None:
    caller = at(telecom, "#1", lang=lang)
    question = caller.text
    caller.says(word)
    assert caller.text.endswith(question)
    assert caller.text != question
    again = caller.says(word).text
    assert again.count(question) == 1


@pytest.mark.parametrize(("lang", "word"), [("es", "un momento por favor"), ("en", "hold on")])
def test_a_caller_who_asks_for_a_moment_gets_it(telecom: Business, lang: str, word: str) -> None:
    caller = at(telecom, "#1", word, lang=lang)
    assert caller.listens().step == "customer"
    assert caller.listens().no_input_ms == 20_000
    assert not caller.note(CallerNotUnderstood)


def test_back_and_help(telecom: Business) -> None:
    caller = at(telecom, "cuánto debo", "ayuda")
    assert "ocho cifras" in caller.text
    assert caller.listens().step == "customer"
    caller.says("menú principal")
    assert caller.listens().step == "menu"


def test_key_zero_skips_the_question(telecom: Business) -> None:
    caller = at(telecom, "#0")
    assert (caller.handed().reason, caller.handed().intent) == ("caller_asked", None)


def test_asking_twice_skips_the_question(telecom: Business) -> None:
    assert at(telecom, "una persona", "una persona").handoff is not None


def test_no_question_when_the_intent_is_known(telecom: Business) -> None:
    caller = at(telecom, "cuánto debo", "agente")
    assert caller.handed().queue == "billing"


def test_every_listening_step_hears_the_universal_words(telecom: Business) -> None:
    for name in telecom.flow.steps:
        for lang, words in (("es", ("agente", "repetir")), ("en", ("agent", "repeat"))):
            caller = Caller(started_at(telecom, name), lang)
            if caller.expect is None:
                continue
            assert caller.listens().keypad is not None
            for word in words:
                assert word in caller.expect.phrases, (name, word)
            other = "english" if lang == "es" else "español"
            assert any(other in p for p in caller.expect.phrases)


def test_the_same_answer_heard_twice_goes_to_a_person(telecom: Business) -> None:
    caller = at(telecom, "qué horario tienen", "qué horario tienen")
    assert "Se lo repito. Ahora estamos abiertos." in caller.text
    assert caller.says("qué horario tienen").handed().reason == "loop"
    assert len(caller.handed().tried) == 1, "one answer, told twice"


def test_an_answer_that_was_cut_may_be_given_again(telecom: Business) -> None:
    caller = at(telecom, "qué horario tienen")
    caller.feed(Heard(Transcript("qué horario tienen", 1.0)), 500)  # nothing was heard to its end
    assert caller.handoff is None


# --- actions -----------------------------------------------------------------------------------------


def waiting(business: Business) -> Caller:
    """A caller who waits for the balance."""
    caller = at(business, "cuánto debo", "#12345678", "sí", act=False)
    assert caller.invoke is not None
    caller.feed(ActionDone(caller.invoke.id, {"outcome": "ok"}))  # the PIN is right
    assert caller.invoke is not None
    return caller


def tick(caller: Caller) -> int:
    """Goes to the dialogue's own deadline; returns how long that was."""
    due = caller.dialogue.deadline()
    assert due is not None
    start = caller.now
    caller.answer = []
    caller.feed(Tick(), due - start)
    return due - start


def test_dead_air_is_filled_then_apologised_for_then_given_up(telecom: Business) -> None:
    caller = waiting(telecom)
    assert tick(caller) == 1200
    assert caller.text == telecom.texts.get("filler", "es")
    assert tick(caller) == 4800
    assert caller.text == telecom.texts.get("apology_wait", "es")
    assert tick(caller) == 6000
    assert caller.handed().reason == "action_failed"
    assert [t.outcome for t in caller.handed().tried] == ["hecho", "no respondió a tiempo"]


def test_a_late_result_changes_nothing_for_the_caller(telecom: Business) -> None:
    caller = waiting(telecom)
    invoke = caller.invoke
    assert invoke is not None
    while caller.handoff is None:
        tick(caller)
    assert caller.dialogue.step(ActionDone(invoke.id, {"amount": "1"}), caller.now) == []


def test_dead_air_is_counted_from_the_end_of_our_own_voice(appointments: Business) -> None:
    caller = at(appointments, "cita", "#2003", "#1", "llego tarde", act=False)
    assert caller.invoke is not None
    caller.feed(Spoke(), 2000)
    due = caller.dialogue.deadline()
    assert due == caller.now + 1200


@pytest.mark.parametrize(("kind", "expected"), [("timeout", "No responde."), ("fault", None)])
def test_failed_actions_take_their_branch(appointments: Business, kind: str, expected: str | None) -> None:
    caller = at(appointments, "cita", "#2003", "#1", "llego tarde", act=False)
    assert caller.invoke is not None
    caller.answer = []
    caller.feed(ActionFailed(caller.invoke.id, kind))
    if expected:
        assert expected in caller.text
    else:
        assert caller.handed().reason == "action_failed"


@pytest.mark.parametrize("how", ["#0", "quiero hablar con una persona"])
def test_a_person_while_an_action_runs(telecom: Business, how: str) -> None:
    caller = waiting(telecom)
    caller.says(how)
    assert [t.outcome for t in caller.handed().tried] == ["hecho", "sin terminar"]


def test_a_result_without_a_value_the_text_needs_goes_to_a_person(telecom: Business) -> None:
    caller = waiting(telecom)
    assert caller.invoke is not None
    caller.feed(ActionDone(caller.invoke.id, {"amount": "42.50"}))
    assert caller.handed().reason == "fault"


def test_answers_of_other_actions_are_ignored(telecom: Business) -> None:
    caller = waiting(telecom)
    assert caller.feed(ActionDone("another", {})) == []
    assert caller.feed(ActionFailed("another", "fault")) == []


# --- engines and the queue ---------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["es", "en"])
def test_without_hearing_the_keypad_does_everything(telecom: Business, lang: str) -> None:
    caller = Caller(telecom, lang)
    caller.answer = []
    caller.feed(HearingFailed("gone"))
    assert telecom.texts.get("hearing_failed", lang) in caller.text
    assert {"es": "marque uno", "en": "press one"}[lang] in caller.text
    caller.says("#1")
    assert {"es": "almohadilla", "en": "hash key"}[lang] in caller.text
    caller.says("#12345678").says("#1")
    assert {"es": "cuarenta y dos", "en": "forty-two"}[lang] in caller.text
    assert caller.says("").handoff is None
    assert caller.says("#2").hang_up is not None or caller.expect is not None


def test_without_hearing_free_text_goes_to_a_person(appointments: Business) -> None:
    caller = at(appointments, "cita", "#2003")
    caller.feed(HearingFailed("gone"))
    caller.says("#1")
    assert caller.handed().reason == "fault"


@pytest.mark.parametrize(("reason", "key"), [("caller_asked", "returned"), ("nobody", "returned_nobody")])
def test_coming_back_from_the_queue(telecom: Business, reason: str, key: str) -> None:
    caller = at(telecom, "cuánto debo", "#0")
    caller.handoff, caller.answer = None, []
    caller.feed(Returned(reason))
    assert telecom.texts.get(key, "es") in caller.text
    assert caller.listens().step == "menu"
    assert caller.says("una persona").handoff is not None


def test_the_announcement_cannot_be_interrupted(telecom: Business) -> None:
    from voice.dialogue.seam import Transfer

    caller = at(telecom, "#0")
    transfer = caller.batch[-1]
    assert isinstance(transfer, Transfer)
    assert transfer.announce[0].barge_in is BargeIn.NONE


def test_a_turn_that_never_comes_ends_in_a_spoken_next_step(telecom: Business) -> None:
    caller = Caller(telecom)
    tick(caller)
    assert telecom.texts.get("not_heard_1", "es") in caller.text


def test_mood_follows_what_went_wrong(telecom: Business) -> None:
    calm = at(telecom, "cuánto debo", "#0").handoff
    bad = at(telecom, "", "zzz bla", "", "#0").handoff
    assert calm is not None
    assert bad is not None
    assert (calm.mood, bad.mood) == ("neutral", "frustrated")
