"""Whole conversations in text with the telecom line, in both languages, for every intent."""

from __future__ import annotations

import pytest

from tests.dialogue.text_caller import Caller
from voice.dialogue.loader import Business
from voice.dialogue.seam import Keyed
from voice.events import (
    DisclosureMade,
    HandoffRequested,
    IntentRecognised,
    LanguageChanged,
    SlotConfirmed,
    SlotFilled,
)
from voice.model import BargeIn, ExpectKind, Source

ANA = {"es": "uno dos tres cuatro cinco seis siete ocho", "en": "one two three four five six seven eight"}
YES = {"es": "sí", "en": "yes"}
NO = {"es": "no gracias", "en": "no thanks"}


def talk(business: Business, lang: str, *lines: str) -> Caller:
    caller = Caller(business, lang)
    for line in lines:
        assert not caller.over, f"over before {line!r}: {caller.said[-2:]}"
        caller.says(line)
    return caller


@pytest.mark.parametrize(
    ("lang", "wish", "amount", "due"),
    [
        ("es", "cuánto debo", "cuarenta y dos euros con cincuenta céntimos", "veintiséis de enero"),
        ("en", "how much do i owe", "forty-two euros and fifty cents", "January twenty-sixth"),
    ],
)
@pytest.mark.parametrize("by_keys", [True, False])
def test_balance(telecom: Business, lang: str, wish: str, amount: str, due: str, by_keys: bool) -> None:
    caller = talk(telecom, lang, wish)
    assert caller.listens().kind is ExpectKind.DIGITS
    assert caller.listens().digits
    keypad = caller.listens().keypad
    assert keypad is not None
    assert keypad.max_keys == 8
    caller.says("#12345678" if by_keys else ANA[lang])
    assert caller.listens().kind is ExpectKind.YES_NO, "the customer number is confirmed"
    caller.says("#1" if by_keys else YES[lang])
    assert amount in caller.text
    assert due in caller.text
    caller.says(NO[lang])
    assert caller.hang_up is not None
    assert caller.hang_up.outcome == "completed"
    filled = caller.note(SlotFilled)[0]
    assert isinstance(filled, SlotFilled)
    assert (filled.value, filled.source) == ("12345678", Source.DTMF if by_keys else Source.SPEECH)
    assert caller.note(SlotConfirmed) == [SlotConfirmed("customer", "explicit")]


@pytest.mark.parametrize(
    ("lang", "wish", "order", "expected"),
    [
        ("es", "dónde está mi pedido", "#123456", "va de camino"),
        ("es", "mi pedido no llega", "#654321", "ya se ha entregado"),
        ("es", "estado de un pedido", "uno uno dos dos tres tres", "preparando su pedido"),
        ("en", "where is my order", "#123456", "on its way"),
        ("en", "my order is late", "#654321", "has been delivered"),
        ("en", "order status", "one one two two three three", "preparing your order"),
    ],
)
def test_order(telecom: Business, lang: str, wish: str, order: str, expected: str) -> None:
    caller = talk(telecom, lang, wish, order)
    assert expected in caller.text
    assert caller.says(NO[lang]).hang_up is not None


@pytest.mark.parametrize(
    ("lang", "wish", "amount", "why"),
    [
        ("es", "no entiendo la factura", "noventa y seis euros con treinta y cinco", "extranjero"),
        ("en", "i do not understand my bill", "ninety-six euros and thirty-five", "abroad"),
    ],
)
def test_invoice_is_explained_and_a_person_offered(
    telecom: Business, lang: str, wish: str, amount: str, why: str
) -> None:
    caller = talk(telecom, lang, wish, "#11223344", YES[lang])
    assert amount in caller.text
    assert why in caller.text
    caller.says(YES[lang])
    assert (caller.handed().queue, caller.handed().reason) == ("billing", "flow")
    intent = caller.handed().intent
    assert intent is not None
    assert intent.intent == "invoice"
    assert [t.outcome for t in caller.handed().tried] == {
        "es": ["hecho", "hecho", "respondido"],
        "en": ["done", "done", "answered"],
    }[lang]
    assert talk(telecom, lang, wish, "#11223344", YES[lang], NO[lang], NO[lang]).hang_up is not None


@pytest.mark.parametrize(
    ("lang", "wish", "what", "label"),
    [
        ("es", "me han robado el móvil", "bloquear la línea", "número de cliente"),
        ("en", "my phone was stolen", "block the line", "customer number"),
    ],
)
def test_lost_phone_is_blocked_and_urgent(
    telecom: Business, lang: str, wish: str, what: str, label: str
) -> None:
    caller = talk(telecom, lang, wish, ANA[lang], YES[lang], YES[lang])
    handoff = caller.handoff
    assert handoff is not None
    assert (handoff.queue, handoff.priority, handoff.urgent, handoff.reason) == ("urgent", 0, True, "urgent")
    assert [(t.what, t.outcome) for t in handoff.tried] == [(what, {"es": "hecho", "en": "done"}[lang])]
    slot = handoff.slots[0]
    assert (slot.name, slot.value, slot.confirmed, slot.label) == ("customer", "12345678", True, label)
    assert caller.note(HandoffRequested) == [HandoffRequested("urgent", "urgent", 0, "lost_phone")]


@pytest.mark.parametrize(
    ("lang", "wish", "reason", "value", "spoken"),
    [
        ("es", "quiero darme de baja", "es muy caro", "price", "el precio"),
        ("es", "quiero darme de baja", "#3", "moving", "una mudanza"),
        ("en", "i want to cancel my contract", "it is too expensive", "price", "the price"),
        ("en", "i want to cancel", "#2", "service", "the service"),
    ],
)
def test_cancellation_goes_to_retention(
    telecom: Business, lang: str, wish: str, reason: str, value: str, spoken: str
) -> None:
    caller = talk(telecom, lang, wish, reason)
    assert caller.handed().queue == "retention"
    assert [(s.value, s.spoken) for s in caller.handed().slots] == [(value, spoken)]
    assert all(0 <= s.confidence <= 1 for s in caller.handed().slots)


@pytest.mark.parametrize(("lang", "wish"), [("es", "qué horario tienen"), ("en", "when are you open")])
@pytest.mark.parametrize("is_open", [True, False])
def test_opening_hours_know_the_time(telecom: Business, lang: str, wish: str, is_open: bool) -> None:
    from tests.dialogue.text_caller import WEDNESDAY

    caller = Caller(telecom, lang, wall_ms=WEDNESDAY + (0 if is_open else 12 * 3_600_000))
    caller.says(wish)
    assert {"es": ["cerrados", "abiertos"], "en": ["closed", "open now"]}[lang][is_open] in caller.text
    assert caller.says({"es": "eso es todo", "en": "that's all"}[lang]).hang_up is not None


@pytest.mark.parametrize(
    ("lang", "ask", "reason"),
    [
        ("es", "quiero hablar con una persona", "es por mi última factura"),
        ("en", "i want to talk to a person", "it is about my bill"),
    ],
)
def test_a_person_after_one_question(telecom: Business, lang: str, ask: str, reason: str) -> None:
    caller = talk(telecom, lang, ask)
    assert caller.handoff is None
    caller.says(reason)
    assert caller.handed().reason == "caller_asked"
    intent = caller.handed().intent
    assert intent is not None
    assert intent.intent == "invoice"


def test_the_disclosure_comes_first_and_cannot_be_interrupted(telecom: Business) -> None:
    import hashlib

    caller = Caller(telecom, "es")
    first = caller.answer[0]
    assert first.text == telecom.flow.disclosure["es"]
    assert first.barge_in is BargeIn.NONE
    digest = hashlib.sha256(first.text.encode()).hexdigest()
    assert caller.notes[0] == DisclosureMade("es", digest)


@pytest.mark.parametrize(
    ("start", "first", "lang"),
    [
        ("es", "i want to know my balance", "en"),
        ("en", "quiero saber mi saldo", "es"),
        ("es", "quiero saber mi saldo", "es"),
    ],
)
def test_the_first_words_decide_the_language(telecom: Business, start: str, first: str, lang: str) -> None:
    caller = talk(telecom, start, first)
    assert caller.dialogue.lang == lang
    assert caller.listens().lang == lang
    assert caller.listens().kind is ExpectKind.DIGITS


def test_another_language_may_be_asked_for_in_any_step_and_slots_are_kept(telecom: Business) -> None:
    caller = talk(telecom, "es", "cuánto debo", "#12345678", "in english please")
    assert "Is that right?" in caller.text
    assert "one two three four" in caller.text
    caller.says("yes")
    assert "forty-two euros" in caller.text
    caller.says("en español por favor")
    assert "algo más" in caller.text
    changes = [(n.lang, n.why) for n in caller.note(LanguageChanged) if isinstance(n, LanguageChanged)]
    assert changes == [("en", "asked"), ("es", "asked")]


@pytest.mark.parametrize(
    ("lang", "other", "misheard", "wish"),
    [
        ("en", "es", "alguien habla español", "what do i owe"),
        ("es", "en", "in english please", "cuánto debo"),
    ],
)
def test_words_hardly_heard_change_the_language_only_when_they_come_again(
    telecom: Business, lang: str, other: str, misheard: str, wish: str
) -> None:
    caller = talk(telecom, lang, wish)
    caller.says(misheard, 0.31)
    assert caller.dialogue.lang == lang
    caller.says(misheard, 0.35)
    assert caller.dialogue.lang == other
    assert talk(telecom, lang, wish).says(misheard, 0.9).dialogue.lang == other


def test_the_language_key(telecom: Business) -> None:
    caller = talk(telecom, "es", "#9")
    assert caller.dialogue.lang == "en"
    assert "What else" in caller.text or "How can I help" in caller.text


def test_a_second_wish_keeps_the_customer_number(telecom: Business) -> None:
    caller = talk(telecom, "es", "cuánto debo", "#11223344", "sí", "no entiendo la factura")
    assert "última factura" in caller.text


@pytest.mark.parametrize(
    ("lang", "wish", "asks", "no_match", "locked", "told"),
    [
        ("es", "cuánto debo", "clave de cliente", "no coinciden", "Por su seguridad", "cuarenta y dos euros"),
        ("en", "how much do i owe", "customer PIN", "do not match", "For your safety", "forty-two euros"),
    ],
)
def test_nothing_of_a_customer_is_told_before_the_pin(
    telecom: Business, lang: str, wish: str, asks: str, no_match: str, locked: str, told: str
) -> None:
    def asked(number: str = "#12345678") -> Caller:
        caller = Caller(telecom, lang, knows_pin=False).says(wish).says(number).says(YES[lang])
        assert asks in caller.text
        assert caller.listens().sensitive
        return caller

    caller = asked().says("#0001")
    assert no_match in caller.text
    assert told in caller.says("#2580").text
    handoff = caller.says("#0").says("").handed()
    assert [(s.name, s.value, s.verified) for s in handoff.slots] == [("customer", "12345678", True)]
    assert "2580" not in repr((caller.notes, handoff))

    for number in ("#12345678", "#99999999"):  # who is a customer cannot be told by the answers
        caller = asked(number).says("#0001").says("#0002").says("#0003")
        assert locked in " ".join([caller.text, caller.announced])
        handoff = caller.handed()
        assert (handoff.queue, [s.verified for s in handoff.slots]) == ("billing", [False])
        assert told not in " ".join(caller.said)

    caller = asked().says({"es": "no la sé", "en": "i don't know it"}[lang])
    if not caller.over:  # where to find it, first
        caller.says({"es": "no la tengo", "en": "i don't have it"}[lang])
    assert caller.handed().queue == "billing"


def test_a_lost_phone_is_blocked_without_a_pin(telecom: Business) -> None:
    caller = Caller(telecom, "es", knows_pin=False)
    caller.says("he perdido mi teléfono").says("#12345678").says("sí").says("sí")
    assert "Su línea está bloqueada" in caller.text
    assert [s.verified for s in caller.handed().slots] == [False, False]


def test_one_proof_a_call_is_enough(telecom: Business) -> None:
    caller = talk(telecom, "es", "cuánto debo", "#12345678", "sí")
    caller.knows_pin = False
    assert "Su última factura" in caller.says("no entiendo la factura").text


def test_changing_the_subject_in_the_middle(telecom: Business) -> None:
    caller = talk(telecom, "es", "cuánto debo", "quiero darme de baja")
    assert "motivo" in caller.text
    intents = [n.intent for n in caller.note(IntentRecognised) if isinstance(n, IntentRecognised)]
    assert intents == ["balance", "cancel"]


@pytest.mark.parametrize("lang", ["es", "en"])
def test_every_example_is_understood(telecom: Business, lang: str) -> None:
    wrong = []
    for name, intent in telecom.flow.intents.items():
        for example in intent.examples[lang]:
            caller = Caller(telecom, lang).says(example)
            if intent.person:
                if caller.handoff is None and caller.expect is not None and caller.says("").handoff is None:
                    wrong.append((name, example))
                continue
            found = caller.note(IntentRecognised)
            if not found or getattr(found[0], "intent", "") != name:
                wrong.append((name, example))
    assert not wrong


def test_type_ahead_keys_after_the_end_change_nothing(telecom: Business) -> None:
    caller = talk(telecom, "es", "#0")
    assert caller.handoff is not None
    assert caller.dialogue.step(Keyed("1"), caller.now) == []
    assert caller.dialogue.deadline() is None


@pytest.mark.parametrize(
    ("lang", "turns", "back"),
    [
        ("es", ("cuánto debo", "a qué hora cierran"), "Dígame su número de cliente"),
        ("en", ("how much do i owe", "what are your opening hours"), "Please say your customer number"),
        ("es", ("quiero saber mi saldo", "12345678", "qué horario tienen"), "¿Es correcto?"),
        ("en", ("i want to know my balance", "12345678", "what are your opening hours"), "Is that right?"),
    ],
)
def test_the_opening_hours_in_the_middle_and_back(
    telecom: Business, lang: str, turns: tuple[str, ...], back: str
) -> None:
    caller = Caller(telecom, lang)
    for turn in turns:
        caller.says(turn)
    step, text = caller.listens().step, caller.text
    assert {"es": "Ahora estamos abiertos", "en": "We are open now"}[lang] in text
    assert text.index({"es": "Seguimos donde", "en": "As we were"}[lang]) < text.index(back)
    assert step == "customer"
    for turn in ("12345678", {"es": "sí", "en": "yes"}[lang])[len(turns) - 2 :]:
        caller.says(turn)
    assert {"es": "Su saldo", "en": "Your balance"}[lang] in caller.text
