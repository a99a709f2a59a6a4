"""Callers who go back, correct what they said, change their mind, need time, or mean one of two things."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dialogue import text_caller
from tests.dialogue.text_caller import Caller
from voice.dialogue.loader import Business, load_business
from voice.dialogue.minds import Correction, Refusal, both, earlier_answer, neither, refusal
from voice.dialogue.understanding import Remembering, close_pair
from voice.events import CallerNotUnderstood, CallerSilent, IntentRecognised, LanguageChanged, SlotFilled
from voice.model import Expect, IntentGuess, Source

LANGS = ("es", "en")
WISH = {"es": "cuánto debo", "en": "how much do i owe"}
ORDER = {"es": "dónde está mi pedido", "en": "where is my order"}
DATE = {"es": "el veinte de marzo", "en": "march twentieth"}
APPOINTMENT = {"es": "cita", "en": "appointment"}
MOMENT = {"es": "un momento por favor", "en": "one moment please"}


def at(business: Business, *lines: str, lang: str = "es") -> Caller:
    return text_caller.at(business, lang, *lines)


def intents(caller: Caller) -> list[str]:
    return [n.intent for n in caller.note(IntentRecognised) if isinstance(n, IntentRecognised)]


class Guessing:
    """An understanding that guesses what it is told to."""

    def __init__(self, **by_text: dict[str, float]) -> None:
        self.by_text = {text.replace("_", " "): guesses for text, guesses in by_text.items()}

    def classify(self, text: str, lang: str) -> tuple[IntentGuess, ...]:
        found = self.by_text.get(text, {})
        return tuple(sorted((IntentGuess(i, p) for i, p in found.items()), key=lambda g: -g.confidence))


def unsure(business: Business, lang: str = "es", **by_text: dict[str, float]) -> Caller:
    """A caller of whom the line understands what ``by_text`` says (names with _ for spaces)."""
    caller = Caller(business, lang)
    caller.dialogue._understanding = Remembering(Guessing(**by_text))
    return caller


TWO = {"balance": 0.42, "invoice": 0.35, "order": 0.1}


# --- one of two --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "answer", "chosen"),
    [
        ("es", "la segunda", "invoice"),
        ("es", "saldo", "balance"),
        ("es", "#2", "invoice"),
        ("es", "#1", "balance"),
        ("es", "las dos", "balance"),
        ("en", "the second one", "invoice"),
        ("en", "balance", "balance"),
        ("en", "ask about your invoice", "invoice"),
        ("en", "#1", "balance"),
    ],
)
def test_two_close_wishes_are_told_apart_by_one_question(
    telecom: Business, lang: str, answer: str, chosen: str
) -> None:
    caller = unsure(telecom, lang, algo=TWO).says("algo")
    labels = [telecom.flow.intents[name].label[lang] for name in ("balance", "invoice")]
    assert all(label in caller.text for label in labels)
    assert {"es": "uno o dos", "en": "one or two"}[lang] in caller.text
    assert {"es": "la segunda", "en": "the second"}[lang] in caller.listens().phrases
    caller.says(answer)
    assert intents(caller) == [chosen]
    assert caller.listens().step == "customer"


@pytest.mark.parametrize(("lang", "no"), [("es", "ninguna"), ("es", "no"), ("en", "neither")])
def test_neither_of_two_is_not_offered_again(telecom: Business, lang: str, no: str) -> None:
    caller = unsure(telecom, lang, algo=TWO, otra=TWO).says("algo").says(no)
    assert telecom.texts.get("not_understood_1", lang) in caller.text
    caller.says("otra")
    label = telecom.flow.intents["balance"].label[lang]
    assert label not in caller.text, "both were refused: they are not offered once more"
    assert caller.handoff is None


def test_something_else_said_clearly_is_taken_at_once(telecom: Business) -> None:
    caller = unsure(telecom, algo=TWO, horario={"hours": 0.9}).says("algo").says("horario")
    assert intents(caller) == ["hours"]


@pytest.mark.parametrize("lang", LANGS)
def test_the_question_between_two_has_its_own_ladder(telecom: Business, lang: str) -> None:
    caller = unsure(telecom, lang, algo=TWO).says("algo")
    said = [caller.text, caller.says("zzz").text, caller.says("").text]
    assert len(set(said)) == 3
    assert all(telecom.flow.intents["balance"].label[lang] in text for text in said)
    caller.says("zzz").says("zzz")
    assert caller.handed().reason == "no_match"


def test_the_question_between_two_survives_another_language_and_a_repeat(telecom: Business) -> None:
    caller = unsure(telecom, "es", algo=TWO).says("algo").says("in english please")
    assert "check your balance" in caller.text
    assert "ask about your invoice" in caller.text
    assert "check your balance" in caller.says("say that again").text
    assert intents(caller.says("#2")) == ["invoice"]


def test_after_a_no_the_same_is_not_asked_again(telecom: Business) -> None:
    doubtful = {"balance": 0.48, "hours": 0.1}
    caller = unsure(telecom, algo=doubtful, eso=doubtful, saldo={"balance": 0.9})
    assert "¿Quiere consultar su saldo?" in caller.says("algo").text
    caller.says("no").says("eso")
    assert "consultar su saldo" not in caller.text
    assert intents(caller.says("saldo")) == ["balance"], "asked for clearly it is taken all the same"


def test_a_person_is_never_one_of_two(telecom: Business) -> None:
    caller = unsure(telecom, algo={"balance": 0.42, "person": 0.4}).says("algo")
    assert "¿Quiere consultar su saldo?" in caller.text


@given(st.lists(st.floats(0, 1), max_size=6))
@settings(max_examples=60, deadline=None)
def test_a_close_pair_is_the_best_two(confidences: list[float]) -> None:
    guesses = [IntentGuess(str(i), c) for i, c in enumerate(sorted(confidences, reverse=True))]
    pair = close_pair(guesses)
    assert pair is None or pair == (guesses[0], guesses[1])


# --- another mind ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "said", "refused", "wanted"),
    [
        ("es", "no quiero cancelar, quiero saber mi saldo", "cancelar", "quiero saber mi saldo"),
        ("es", "no, no quiero cancelar sino saber mi saldo", "cancelar", "saber mi saldo"),
        ("es", "no quiero cancelar", "cancelar", ""),
        ("es", "he cambiado de idea", "", ""),
        ("es", "mejor no, quiero el horario", "", "quiero el horario"),
        ("en", "I don't want to cancel, I want my balance", "cancel", "i want my balance"),
        ("en", "i did not mean cancel but balance", "cancel", "balance"),
        ("en", "forget it", "", ""),
        ("en", "i changed my mind i want my balance", "", "i want my balance"),
    ],
)
def test_refusals_are_read(lang: str, said: str, refused: str, wanted: str) -> None:
    assert refusal(said, lang) == Refusal(refused, wanted)


def test_an_example_that_says_no_is_a_wish() -> None:
    assert refusal("ya no quiero seguir con ustedes", "es", ["ya no quiero seguir con ustedes"]) is None
    assert refusal("quiero saber mi saldo", "es") is None
    assert refusal("i want to cancel", "en") is None


@pytest.mark.parametrize(
    ("lang", "first", "said"),
    [
        ("es", "quiero darme de baja", "no quiero cancelar, quiero saber mi saldo"),
        ("es", "", "no quiero darme de baja, quiero saber mi saldo"),
        ("en", "i want to cancel", "no, I don't want to cancel, I want to know my balance"),
        ("en", "", "i don't want to cancel my contract i want to know my balance"),
    ],
)
def test_what_is_wanted_instead_is_taken(telecom: Business, lang: str, first: str, said: str) -> None:
    caller = at(telecom, *filter(None, [first]), said, lang=lang)
    assert intents(caller)[-1] == "balance"
    assert caller.listens().step == "customer"


@pytest.mark.parametrize(("lang", "said"), [("es", "he cambiado de idea"), ("en", "forget it")])
def test_dropping_what_is_under_way_leads_to_the_menu(telecom: Business, lang: str, said: str) -> None:
    caller = at(telecom, WISH[lang], said, lang=lang)
    assert telecom.texts.get("dropped", lang) in caller.text
    assert caller.listens().step == "menu"


def test_the_wish_that_is_refused_alone_is_dropped(telecom: Business) -> None:
    caller = at(telecom, "quiero darme de baja", "no quiero darme de baja")
    assert caller.listens().step == "menu"
    assert telecom.texts.get("dropped", "es") in caller.text
    caller = at(telecom, "no quiero darme de baja")
    assert not intents(caller)


def test_no_quiero_is_still_a_no(telecom: Business) -> None:
    caller = at(telecom, "no entiendo la factura", "#11223344", "sí", "no quiero")
    assert caller.listens().step == "anything_else"
    assert "algo más" in caller.text


# --- earlier answers ---------------------------------------------------------------------------------

NAMES = {"order": ("número de pedido", "order number"), "day": ("día de la cita", "el día", "the day")}


@pytest.mark.parametrize(
    ("lang", "said", "found"),
    [
        ("es", "no, el número de pedido era 654321", Correction("order", "654321")),
        ("es", "perdón, el número de pedido está mal", Correction("order", "")),
        ("es", "quiero cambiar el número de pedido", Correction("order", "")),
        ("es", "no, el día es el quince de marzo", Correction("day", "quince de marzo")),
        ("es", "no, día es el martes", Correction("day", "martes")),
        ("es", "no, no, número de pedido es el 654321", Correction("order", "654321")),
        ("en", "no, day is tuesday", Correction("day", "tuesday")),
        ("es", "no día sé es", None),
        ("es", "no sé qué día es el martes", None),
        ("en", "no i know the day is tuesday", None),
        ("es", "no tengo el número de pedido", None),
        ("es", "el número de pedido", None),
        ("en", "no, the order number was one two", Correction("order", "one two")),
        ("en", "the order number is wrong", Correction("order", "")),
        ("en", "i don't know the order number", None),
        ("en", "what is the day", None),
    ],
)
def test_corrections_of_earlier_answers_are_read(lang: str, said: str, found: Correction | None) -> None:
    assert earlier_answer(said, lang, NAMES) == found


@given(st.text(max_size=60), st.sampled_from(LANGS))
@settings(max_examples=100, deadline=None)
def test_reading_second_thoughts_never_fails(said: str, lang: str) -> None:
    refusal(said, lang, ["quiero pagar"])
    earlier_answer(said, lang, NAMES)
    both(said), neither(said)


@pytest.mark.parametrize(
    ("lang", "said", "expected"),
    [
        ("es", "no, el número de pedido era seis cinco cuatro tres dos uno", "ya se ha entregado"),
        ("en", "no, the order number was six five four three two one", "has been delivered"),
    ],
)
def test_an_earlier_number_is_corrected_and_looked_up_again(
    telecom: Business, lang: str, said: str, expected: str
) -> None:
    caller = at(telecom, ORDER[lang], "#123456", lang=lang)
    assert caller.listens().step == "anything_else"
    caller.says(said)
    assert telecom.texts.get("corrected", lang, value="")[:6] in caller.text
    assert expected in caller.text
    filled = [n for n in caller.note(SlotFilled) if isinstance(n, SlotFilled)]
    assert (filled[-1].value, filled[-1].source) == ("654321", Source.SPEECH.value)


@pytest.mark.parametrize(
    ("lang", "said"), [("es", "quiero cambiar el número de pedido"), ("en", "the order number is wrong")]
)
def test_an_earlier_answer_without_a_new_one_is_asked_again(telecom: Business, lang: str, said: str) -> None:
    caller = at(telecom, ORDER[lang], "#123456", lang=lang)
    assert said in caller.listens().phrases, "a closed recognizer can hear it"
    caller.says(said)
    assert caller.listens().step == "order_number"
    assert telecom.texts.get("again_then", lang) in caller.text


@pytest.mark.parametrize(
    ("lang", "said", "expected"),
    [
        ("es", "no, el día era el quince de marzo", "quince de marzo"),
        ("en", "sorry, the day should be march fifteenth", "March fifteenth"),
    ],
)
def test_only_the_corrected_answer_changes(
    appointments: Business, lang: str, said: str, expected: str
) -> None:
    place = {"es": "norte", "en": "north"}[lang]
    caller = at(appointments, APPOINTMENT[lang], DATE[lang], place, lang=lang)
    assert caller.listens().step == "notes"
    caller.says(said)
    assert expected in caller.text
    assert caller.listens().step == "notes", "the place is kept"
    values = {n.name: n.value for n in caller.note(SlotFilled) if isinstance(n, SlotFilled)}
    assert values["day"] == "2026-03-15"


def test_money_that_is_corrected_is_confirmed_again(appointments: Business) -> None:
    caller = at(appointments, "pago", "#20", "sí", "no, la cantidad era treinta euros")
    assert "treinta euros. ¿Es correcto?" in caller.text
    caller.says("sí")
    assert caller.listens().step == "pin"


def test_correcting_the_same_answer_again_and_again_meets_a_person(telecom: Business) -> None:
    caller = at(telecom, ORDER["es"], "#123456")
    for _ in range(3):
        if not caller.over:
            caller.says("no, el número de pedido era 123456")
    assert caller.handed().reason == "loop"


# --- going back, help, time, pace --------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "back"), [("es", "atrás"), ("en", "go back")])
def test_back_leads_to_the_question_before_with_its_answer_forgotten(
    appointments: Business, lang: str, back: str
) -> None:
    caller = at(appointments, APPOINTMENT[lang], DATE[lang], lang=lang)
    assert caller.listens().step == "place"
    caller.says(back)
    assert appointments.texts.get("going_back", lang) in caller.text
    assert caller.listens().step == "day"
    caller.says(back)
    assert caller.listens().step == "menu"
    assert caller.handoff is None


@pytest.mark.parametrize(("lang", "back"), [("es", "volver atrás"), ("en", "go back")])
def test_back_at_a_confirmation_asks_the_same_again(telecom: Business, lang: str, back: str) -> None:
    caller = at(telecom, WISH[lang], "#12345678", back, lang=lang)
    assert caller.listens().step == "customer"
    assert caller.listens().digits, "the number itself is asked for, not whether it is right"
    caller.says("#11223344").says({"es": "sí", "en": "yes"}[lang])
    assert caller.listens().step == "anything_else"


def test_the_main_menu_is_still_one_word_away(appointments: Business) -> None:
    caller = at(appointments, "cita", "el veinte de marzo", "menú principal")
    assert caller.listens().step == "menu"


def test_back_has_an_end(appointments: Business) -> None:
    caller = at(appointments, "cita")
    for _ in range(30):
        if caller.over:
            break
        caller.says("atrás" if caller.listens().step != "menu" else "cita")
    assert caller.handoff is not None


@pytest.mark.parametrize(
    ("lang", "said"), [("es", "¿qué puedes hacer?"), ("en", "what can you do"), ("en", "how can you help me")]
)
def test_what_the_line_can_do_is_listed(telecom: Business, lang: str, said: str) -> None:
    caller = at(telecom, said, lang=lang)
    first = caller.text
    assert telecom.flow.intents["balance"].label[lang] in first
    assert {"es": "hablar con una persona", "en": "talk to a person"}[lang] in first
    caller.says(said)
    assert caller.text != first
    assert "algo más" not in caller.text
    at_a_number = at(telecom, WISH[lang], said, lang=lang)
    assert at_a_number.listens().step == "customer"
    assert telecom.flow.intents["order"].label[lang] in at_a_number.text


@pytest.mark.parametrize("lang", LANGS)
def test_a_moment_is_given_and_then_asked_about_once(telecom: Business, lang: str) -> None:
    caller = at(telecom, WISH[lang], MOMENT[lang], lang=lang)
    assert caller.listens().no_input_ms >= 20_000
    caller.says("")
    assert telecom.texts.get("still_there", lang) in caller.text
    assert caller.listens().no_input_ms >= 20_000
    assert not caller.note(CallerSilent), "the silence they asked for is no failure"
    caller.says("")
    assert telecom.texts.get("not_heard_1", lang) in caller.text
    assert len(caller.note(CallerSilent)) == 1


def test_a_moment_ends_with_the_answer(telecom: Business) -> None:
    caller = at(telecom, WISH["es"], "un momento", "#12345678")
    assert "¿Es correcto?" in caller.text
    caller.says("")
    assert len(caller.note(CallerSilent)) == 1


def test_moments_without_end_meet_a_person(telecom: Business) -> None:
    caller = at(telecom, WISH["es"])
    for _ in range(12):
        if caller.over:
            break
        caller.says("un momento")
    assert caller.handed().reason == "loop"


@pytest.mark.parametrize(
    ("lang", "slower", "faster"),
    [("es", "más despacio por favor", "más rápido"), ("en", "slow down please", "faster")],
)
def test_slower_slows_everything_said_from_then_on(
    telecom: Business, lang: str, slower: str, faster: str
) -> None:
    caller = at(telecom, WISH[lang], lang=lang)
    question = caller.answer[-1]
    assert question.pace == 100
    caller.says(slower)
    assert [p.pace for p in caller.answer] == [85, 85]
    assert caller.answer[-1].text == question.text
    caller.says("#12345678")
    assert {p.pace for p in caller.answer} == {85}
    caller.says(faster)
    assert {p.pace for p in caller.answer} == {100}
    caller.says("in english please" if lang == "es" else "en español por favor")
    assert len(caller.note(LanguageChanged)) == 1
    assert caller.listens().step == "customer"


def test_slower_has_a_floor_and_repeat_is_slower_once(telecom: Business) -> None:
    caller = at(telecom, WISH["es"], "¿me lo repite?")
    assert caller.answer[-1].pace == 88
    for _ in range(4):
        caller.says("más despacio")
    assert caller.answer[-1].pace == 70
    assert not caller.note(CallerNotUnderstood)


@pytest.mark.parametrize("lang", LANGS)
def test_a_closed_recognizer_may_hear_second_thoughts_everywhere(telecom: Business, lang: str) -> None:
    known = set(telecom.flow.phrases(lang))
    caller = at(telecom, ORDER[lang], "#123456", lang=lang)
    for expect in (caller.listens(), _either(telecom, lang)):
        assert {"es": "más despacio", "en": "slower"}[lang] in expect.phrases
        assert set(expect.phrases) <= known, "every phrase was compiled when the flow was loaded"
        assert len(expect.phrases) == len(expect.meanings)


def _either(business: Business, lang: str) -> Expect:
    return unsure(business, lang, algo=TWO).says("algo").listens()


def test_the_list_is_said_in_one_breath(telecom: Business) -> None:
    for lang in LANGS:
        caller = at(telecom, {"es": "qué puedes hacer", "en": "what can you do"}[lang], lang=lang)
        assert len(caller.answer[0].text) < 170


# --- an earlier choice, by what it is called -----------------------------------------------------------

PAYMENT = (
    text_caller.head("payment", "Prueba", "Trial")
    + """\
goodbye: bye
start: menu
steps:
  menu:
    type: menu
    prompt: {es: "¿Qué desea?", en: "What would you like?"}
    retry: [{es: "Diga pagar.", en: "Say pay."}]
    intents:
      pay:
        label: {es: pagar una factura, en: pay an invoice}
        key: 1
        then: month
        examples:
          es: [quiero pagar una factura, pagar, pagar la factura]
          en: [i want to pay an invoice, pay, pay my invoice]
  month:
    type: ask
    slot: month
    kind: choice
    label: {es: mes de la factura, en: month of the invoice}
    prompt: {es: "¿De qué mes?", en: "Of which month?"}
    retry: [{es: "Diga febrero o marzo.", en: "Say February or March."}]
    options:
      feb: {label: {es: febrero, en: february}, key: 1}
      mar: {label: {es: marzo, en: march}, key: 2}
    then: amount
  amount:
    type: ask
    slot: amount
    kind: amount
    confirm: explicit
    label: {es: importe, en: amount}
    prompt: {es: "¿Cuánto?", en: "How much?"}
    retry: [{es: "Dígame el importe.", en: "Tell me the amount."}]
    then: bye
  bye: {type: hang_up, text: {es: "Adiós.", en: "Goodbye."}}
"""
)


@pytest.fixture(scope="module")
def payment(tmp_path_factory: pytest.TempPathFactory) -> Business:
    folder = text_caller.make_prompts(tmp_path_factory.mktemp("line") / "prompts", PAYMENT, name="payment")
    return load_business("payment", folder)


@pytest.mark.parametrize(
    ("lang", "correction", "month"),
    [
        ("es", "no, perdón, la factura de febrero", "feb"),
        ("es", "perdón, el mes de febrero", "feb"),
        ("es", "no, perdón, febrero", "feb"),
        ("es", "no, perdón, la factura de agosto", "mar"),
        ("en", "no sorry the february invoice", "feb"),
        ("en", "sorry, the invoice of february", "feb"),
        ("en", "no sorry february", "feb"),
        ("en", "no sorry the august invoice", "mar"),
    ],
)
@pytest.mark.parametrize("back", [True, False])
def test_an_earlier_choice_is_corrected_by_what_it_is_called(
    payment: Business, lang: str, correction: str, month: str, back: bool
) -> None:
    said = {"es": ["pagar", "marzo"], "en": ["pay", "march"]}[lang]
    again = {"es": ["treinta euros", "atrás"], "en": ["thirty euros", "go back"]}[lang]
    caller = text_caller.at(payment, lang, *said, *(again if back else []))
    caller.says(correction)
    corrected = {"es": "Corregido: febrero", "en": "Corrected: february"}[lang] in caller.text
    assert corrected == (month == "feb")


@pytest.mark.parametrize(
    ("lang", "asks", "number", "corrects"),
    [
        ("es", "dónde está mi pedido", "uno dos tres cuatro cinco seis", "no el último es un ocho"),
        ("en", "where is my order", "one two three four five six", "no the last one is an eight"),
    ],
)
@pytest.mark.parametrize("sure", [1.0, 0.7], ids=["repeated", "asked about"])
def test_a_digit_is_corrected_by_its_place(
    telecom: Business, lang: str, asks: str, number: str, corrects: str, sure: float
) -> None:
    caller = Caller(telecom, lang).says(asks).says(number, sure)
    assert corrects in caller.listens().phrases
    caller.says(corrects)
    wanted = {"es": "uno dos tres, cuatro cinco ocho", "en": "one two three, four five eight"}[lang]
    assert wanted in caller.text
    assert not caller.note(CallerNotUnderstood)


@pytest.mark.parametrize(
    ("lang", "day", "corrects", "wanted"),
    [
        ("es", "el quince de marzo", "no, el dieciséis", "dieciséis de marzo"),
        ("es", "el quince de marzo", "no, el dos de abril", "dos de abril"),
        ("en", "march fifteenth", "no, the sixteenth", "March sixteenth"),
        ("en", "march fifteenth", "no, april second", "April second"),
    ],
)
@pytest.mark.parametrize("sure", [1.0, 0.6], ids=["repeated", "asked about"])
def test_another_day_stays_in_the_month_that_was_named(
    appointments: Business, lang: str, day: str, corrects: str, wanted: str, sure: float
) -> None:
    there = text_caller.started_at(appointments, "day")
    caller = Caller(there, lang).says(day, sure).says(corrects)
    assert wanted in caller.text
