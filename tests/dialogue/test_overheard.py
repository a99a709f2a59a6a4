"""What a caller says before being asked is not asked again: whole conversations in both languages."""

from __future__ import annotations

import pytest

from tests.dialogue.text_caller import Caller, head, make_prompts
from voice.dialogue.loader import Business, load_business
from voice.events import SlotConfirmed, SlotFilled

FLOW = (
    head("bookings", "Reservas", "Bookings")
    + """\
start: menu
steps:
  menu:
    type: menu
    prompt: {es: "¿Qué necesita?", en: "What do you need?"}
    retry: [{es: "Diga pagar o reservar.", en: "Say pay or book."}]
    intents:
      pay:
        label: {es: pagar una factura, en: pay an invoice}
        then: amount
        examples:
          es: [quiero pagar, quiero pagar una factura, pagar un recibo, hacer un pago, pagar con tarjeta]
          en: [i want to pay, i want to pay an invoice, pay a bill, make a payment, pay with my card]
      book:
        label: {es: reservar una mesa, en: book a table}
        then: people
        examples:
          es: [quiero reservar, una mesa, reservar una mesa para cenar, una reserva, quiero una mesa]
          en: [i want to book, a table, book a table for dinner, a reservation, i would like a table]
  amount:
    type: ask
    slot: amount
    kind: amount
    label: {es: importe, en: amount}
    max: 500
    confirm: explicit
    prompt: {es: "¿Cuánto quiere pagar?", en: "How much do you want to pay?"}
    retry: [{es: "Diga el importe en euros.", en: "Say the amount in euros."}]
    then: month
  month:
    type: ask
    slot: month
    kind: choice
    label: {es: mes de la factura, en: month of the invoice}
    prompt: {es: "¿De qué mes es la factura?", en: "Which month is the invoice of?"}
    retry: [{es: "Diga marzo o abril.", en: "Say March or April."}]
    options:
      march: {label: {es: marzo, en: march}, key: 1}
      april: {label: {es: abril, en: april}, key: 2}
    then: means
  means:
    type: ask
    slot: means
    kind: choice
    label: {es: forma de pago, en: means of payment}
    prompt: {es: "¿Cómo quiere pagar?", en: "How do you want to pay?"}
    retry: [{es: "Diga tarjeta o banco.", en: "Say card or bank."}]
    options:
      card: {label: {es: tarjeta, en: card}, key: 1}
      bank: {label: {es: banco, en: bank}, key: 2}
    then: paid
  paid:
    type: hang_up
    text: {es: "Pagado: {amount}, {month}, {means}.", en: "Paid: {amount}, {month}, {means}."}
  people:
    type: ask
    slot: people
    kind: integer
    label: {es: número de personas, en: number of people}
    min: 1
    max: 12
    confirm: never
    prompt: {es: "¿Para cuántas personas?", en: "For how many people?"}
    retry: [{es: "Diga cuántas personas son.", en: "Say how many you are."}]
    then: day
  day:
    type: ask
    slot: day
    kind: date
    label: {es: día, en: day}
    min: today
    max: today+60
    prompt: {es: "¿Qué día?", en: "Which day?"}
    retry: [{es: "Diga el día, por ejemplo, el lunes.", en: "Say the day, for example, on Monday."}]
    then: time
  time:
    type: ask
    slot: hour
    kind: time
    label: {es: hora, en: time}
    min: "13:00"
    max: "23:00"
    prompt: {es: "¿A qué hora?", en: "At what time?"}
    retry: [{es: "Diga la hora, por ejemplo, las nueve.", en: "Say the time, for example, nine o'clock."}]
    then: phone
  phone:
    type: ask
    slot: phone
    kind: phone
    label: {es: teléfono, en: phone number}
    prompt: {es: "¿Un teléfono de contacto?", en: "A contact phone number?"}
    retry: [{es: "Diga su teléfono.", en: "Say your phone number."}]
    then: booked
  booked:
    type: hang_up
    text:
      es: "Reservado para {people}, {day}, {hour}, teléfono {phone}."
      en: "Booked for {people}, {day}, {hour}, phone {phone}."
"""
)


@pytest.fixture(scope="module")
def bookings(tmp_path_factory: pytest.TempPathFactory) -> Business:
    folder = make_prompts(tmp_path_factory.mktemp("bookings"), FLOW, name="bookings")
    return load_business("bookings", folder)


def talk(business: Business, lang: str, *lines: str) -> Caller:
    caller = Caller(business, lang)
    for line in lines:
        assert not caller.over, caller.said[-2:]
        caller.says(line)
    return caller


def filled(caller: Caller) -> dict[str, str]:
    return {note.name: note.value for note in caller.note(SlotFilled) if isinstance(note, SlotFilled)}


@pytest.mark.parametrize(
    ("lang", "opening", "yes", "paid"),
    [
        (
            "es",
            "quiero pagar 30 euros de la factura de marzo con mi tarjeta",
            "sí",
            "Pagado: treinta euros, marzo, tarjeta.",
        ),
        (
            "en",
            "I want to pay 30 euros of the March invoice with my card",
            "yes",
            "Paid: thirty euros, march, card.",
        ),
    ],
)
def test_three_answers_in_the_opening_sentence(
    bookings: Business, lang: str, opening: str, yes: str, paid: str
) -> None:
    caller = talk(bookings, lang, opening)
    asked = caller.text
    assert "?" in asked
    assert ("treinta euros" in asked) or ("thirty euros" in asked), "money is confirmed with a question"
    caller.says(yes)
    assert caller.hang_up is not None, caller.said[-3:]
    assert caller.text.endswith(paid)
    assert filled(caller) == {"amount": "30", "month": "march", "means": "card"}


def test_a_no_to_what_was_said_early_asks_for_it(bookings: Business) -> None:
    caller = talk(bookings, "es", "quiero pagar 30 euros de la factura de marzo", "no")
    assert "Diga el importe en euros." in caller.text
    caller.says("cuarenta euros").says("sí")
    assert "¿Cómo quiere pagar?" in caller.text
    assert filled(caller)["month"] == "march"


def test_an_amount_beyond_the_limit_is_asked_for(bookings: Business) -> None:
    caller = talk(bookings, "es", "quiero pagar 900 euros de la factura de marzo")
    assert "¿Cuánto quiere pagar?" in caller.text


def test_an_invoice_number_is_no_amount(bookings: Business) -> None:
    caller = talk(bookings, "es", "quiero pagar la factura 4521 de marzo")
    assert "¿Cuánto quiere pagar?" in caller.text


@pytest.mark.parametrize(
    ("lang", "opening", "phone", "yes", "booked"),
    [
        (
            "es",
            "quiero reservar una mesa para cuatro personas el viernes a las nueve y media",
            "seiscientos doce treinta y cuatro cincuenta y seis setenta y ocho",
            "sí",
            "las nueve y media de la noche, teléfono seis uno dos, tres cuatro, cinco seis, siete ocho.",
        ),
        (
            "en",
            "I want to book a table for four people on Friday at half past nine",
            "six one two three four five six seven eight",
            "yes",
            "nine thirty at night, phone six one two, three four, five six, seven eight.",
        ),
    ],
)
def test_people_day_and_time_at_once(
    bookings: Business, lang: str, opening: str, phone: str, yes: str, booked: str
) -> None:
    caller = talk(bookings, lang, opening)
    for _ in range(3):  # each is echoed or confirmed, none is asked for
        if caller.expect is not None and caller.expect.step == "phone":
            break
        caller.says(yes)
    assert caller.listens().step == "phone"
    assert filled(caller) | {"day": ""} == {"people": "4", "day": "", "hour": "21:30"}
    caller.says(phone)
    while not caller.over:
        caller.says(yes)
    assert caller.said[-1].endswith(booked)


def test_an_answer_may_hold_the_next_one(bookings: Business) -> None:
    caller = talk(bookings, "es", "una mesa", "cuatro", "el lunes a las dos y media de la tarde")
    while caller.listens().step != "phone":
        caller.says("sí")
    assert filled(caller)["hour"] == "14:30"


def test_what_was_wrong_is_said(bookings: Business) -> None:
    caller = talk(bookings, "es", "una mesa", "cuatro", "el lunes", "a las nueve", "seis uno dos")
    while caller.listens().step != "phone":
        caller.says("sí")
    caller.says("seis uno dos tres")
    assert "falta algo" in " ".join(caller.said[-2:])
    caller = talk(bookings, "en", "a table", "forty")
    assert "cannot take that" in caller.text


def test_a_phone_by_keys(bookings: Business) -> None:
    caller = talk(bookings, "en", "a table", "#4", "tomorrow", "at nine in the evening")
    while caller.listens().step != "phone":
        caller.says("yes")
    caller.says("#612345678")
    assert filled(caller)["phone"] == "+34612345678"


def test_every_value_is_noted_once(bookings: Business) -> None:
    caller = talk(bookings, "es", "quiero pagar 30 euros de la factura de marzo con mi tarjeta", "sí")
    names = [note.name for note in caller.note(SlotConfirmed) if isinstance(note, SlotConfirmed)]
    assert sorted(names) == sorted(set(names))


def test_the_country_follows_from_the_timezone(bookings: Business) -> None:
    assert bookings.flow.home == "ES"
    assert bookings.flow.model_copy(update={"timezone": "America/Mexico_City"}).home == "MX"


TWO_AT_ONCE = {
    "es": "quiero reservar una mesa para cuatro personas el viernes a las nueve de la noche",
    "en": "i want to book a table for four people on friday at nine in the evening",
}


@pytest.mark.parametrize(
    ("lang", "correction", "slot"),
    [
        ("es", "no, el sábado", "day"),
        ("es", "no, a las diez de la noche", "hour"),
        ("en", "no, on saturday", "day"),
        ("en", "no, at ten in the evening", "hour"),
    ],
)
def test_each_of_two_echoes_stays_open_to_a_no(
    bookings: Business, lang: str, correction: str, slot: str
) -> None:
    caller = talk(bookings, lang, TWO_AT_ONCE[lang])
    before = filled(caller)
    assert before.keys() >= {"day", "hour"}
    caller.says(correction)
    after = filled(caller)
    assert [name for name in after if after[name] != before.get(name)] == [slot]
    caller.says("612 345 678")  # the question that stood is put again
    assert filled(caller)["phone"] == "+34612345678"
