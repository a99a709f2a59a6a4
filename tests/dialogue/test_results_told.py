"""What actions answered, as the person who gets the call reads it: typed, named, with its source, masked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialogue.conftest import Load
from tests.dialogue.text_caller import APPOINTMENTS, Caller, make_prompts
from voice.dialogue.loader import Business, load_business
from voice.errors import FlowError
from voice.events import ValuesSaved
from voice.model import CallInfo
from voice.queue.packet import Packet, build
from voice.webhooks.fields import FieldSpec

LANGS = ("es", "en")
DECLARED = """
actions:
  book:
    result:
      code: {type: digits, label: {es: "código de la cita", en: "booking code"}}
      price: {type: amount, label: {es: "precio", en: "price"}}
      paid: {type: yes_no, label: {es: "cita pagada", en: "paid appointment"}}
      desk: {type: choice, label: {es: "mostrador", en: "desk"},
             values: {upper: {es: "el de arriba", en: "the upper one"}, lower: {es: "el de abajo", en: "the lower one"}}}
      day: date
      card: {type: digits, sensitive: true, label: {es: "tarjeta", en: "card"}}
      list: {type: text, optional: true}
"""  # noqa: E501
FLOW = DECLARED + APPOINTMENTS.lstrip().replace(
    "    save: {code: code}\n",
    "    save: {code: code, price: price, paid: paid, desk: desk, free: day, card: card, list: list}\n",
)
ACTIONS = """
from voice.dialogue.actions import action

@action("book")
def book(day, place):
    return {"code": "4711", "price": 1042.5, "paid": False, "desk": "upper", "day": "2026-01-20",
            "card": "4111111111111111", "more": "unsaid"}

@action("pay")
def pay(amount, pin):
    return {}
"""
VISIT = {
    "es": ["quiero pedir cita", "el veinte de enero", "centro", "llego tarde"],
    "en": ["i want an appointment", "january twentieth", "centre", "i will be late"],
}
PERSON = {"es": "una persona", "en": "an agent"}
INFO = CallInfo("CA1", "MZ1", "twilio", "+34600111222")


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Business:
    folder = tmp_path_factory.mktemp("results") / "prompts"
    return load_business("appointments", make_prompts(folder, FLOW, ACTIONS))


def packet_of(caller: Caller) -> Packet:
    handoff = caller.handed()
    return build(handoff, (), INFO, ticket_id="t", created_at_ms=0, recording=None, call_ms=1000)


def booked(business: Business, lang: str) -> Caller:
    caller = Caller(business, lang)
    for line in VISIT[lang]:
        caller.says(line)
    return caller


@pytest.mark.parametrize("lang", LANGS)
def test_every_answer_is_in_the_packet_with_type_label_and_source(declared: Business, lang: str) -> None:
    caller = booked(declared, lang).says(PERSON[lang])
    found = {one.name: one for one in packet_of(caller).results}
    assert {name: (one.type, one.value, one.shown) for name, one in found.items()} == {
        "code": ("digits", "4711", "4711"),
        "price": ("amount", "1042.5", {"es": "1.042,5", "en": "1,042.5"}[lang]),
        "paid": ("yes_no", "no", "no"),
        "desk": ("choice", "upper", {"es": "el de arriba", "en": "the upper one"}[lang]),
        "free": ("date", "2026-01-20", {"es": "20 de enero de 2026", "en": "January 20, 2026"}[lang]),
        "card": ("digits", "••••", "••••"),
    }
    assert found["code"].label == {"es": "código de la cita", "en": "booking code"}[lang]
    assert (found["free"].label, found["free"].action) == ("free", "book"), "without a label, its name"
    assert {one.source for one in found.values()} == {caller.business.flow.steps["book"].label[lang]}  # type: ignore[union-attr]  # a call step has one
    assert found["card"].sensitive
    text = packet_of(caller).model_dump_json()
    assert "4111" not in text
    assert "unsaid" not in text


@pytest.mark.parametrize("lang", LANGS)
def test_a_colleague_says_what_the_caller_has_not_heard(declared: Business, lang: str) -> None:
    caller = booked(declared, lang).says(PERSON[lang])
    packet = packet_of(caller)
    assert [one.name for one in packet.results if one.told] == ["code"], "it was in the answer"
    for reader, says in (("es", "el precio (1.042,5)"), ("en", "the price (1,042.5)")):
        said = packet.worded[reader].summary  # type: ignore[index]  # its keys are the languages
        assert says in said
        assert {"es": "el mostrador (el de arriba)", "en": "the desk (the upper one)"}[reader] in said
        assert {"es": "el código", "en": "the booking code"}[reader] not in said, "told already"
        assert "tarjeta" not in said
        assert "card" not in said
        assert "free" not in said, "a name of the flow's own is nothing a colleague says"


@pytest.mark.parametrize("lang", LANGS)
def test_a_day_that_the_caller_named_is_not_said_twice(line: Load, lang: str) -> None:
    caller = Caller(line("clinic"), lang)
    for said in {"es": ["quiero pedir cita", "dentista", "el lunes"],
                 "en": ["i want an appointment", "the dentist", "on monday"]}[lang]:  # fmt: skip
        caller.says(said)
    summary = packet_of(caller.says(PERSON[lang])).summary
    assert {"es": "la hora libre", "en": "the free time"}[lang] in summary
    assert {"es": "día libre", "en": "free day"}[lang] not in summary


@pytest.mark.parametrize("lang", LANGS)
def test_another_answer_takes_the_place_of_the_first(declared: Business, lang: str) -> None:
    caller = booked(declared, lang)
    for line in VISIT[lang]:
        caller.says(line)
    names = [one.name for one in packet_of(caller.says(PERSON[lang])).results]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("lang", LANGS)
def test_undeclared_answers_are_typed_by_their_looks(line: Load, lang: str) -> None:
    caller = Caller(line("clinic"), lang)
    for said in {"es": ["quiero pedir cita", "dentista", "el lunes"],
                 "en": ["i want an appointment", "the dentist", "on monday"]}[lang]:  # fmt: skip
        caller.says(said)
    found = {one.name: one for one in packet_of(caller.says(PERSON[lang])).results}
    assert (found["free_day"].type, found["free"].type) == ("date", "time")


def test_the_log_and_the_packet_agree(declared: Business) -> None:
    caller = booked(declared, "es")
    (saved,) = [note.values for note in caller.note(ValuesSaved) if isinstance(note, ValuesSaved)]
    assert set(saved) == {one.name for one in packet_of(caller.says(PERSON["es"])).results} - {"card"}


@pytest.mark.parametrize(
    ("written", "half"),
    [
        ('label: {es: "precio", en: "price"}', 'label: {es: "precio"}'),
        ('upper: {es: "el de arriba", en: "the upper one"}', 'upper: {es: "el de arriba"}'),
    ],
)
def test_what_people_call_it_needs_every_language(tmp_path: Path, written: str, half: str) -> None:
    folder = make_prompts(tmp_path / "prompts", FLOW.replace(written, half), ACTIONS)
    with pytest.raises(FlowError) as caught:
        load_business("appointments", folder)
    assert [p.message for p in caught.value.problems] == ["the text in en is missing"]


def test_labels_are_not_spoken_ahead_of_need(declared: Business) -> None:
    spoken = {text for text, _ in declared.flow.static_texts()}
    assert not spoken & {"precio", "el de arriba"}


def test_values_may_be_languages() -> None:
    said = {"es": {"es": "español", "en": "Spanish"}, "en": {"es": "inglés", "en": "English"}}
    spec = FieldSpec.model_validate({"type": "choice", "values": said})
    assert spec.option("en", "es") == "inglés"
