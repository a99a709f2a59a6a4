"""Callers who want to be forgotten, and who are asked once whether they may be remembered."""

from __future__ import annotations

import asyncio

import pytest

from tests.dialogue.conftest import Load
from tests.dialogue.test_known_callers import NUMBER, Office
from tests.dialogue.text_caller import Caller
from voice import events as ev
from voice.commands.new import TEMPLATES
from voice.dialogue.loader import Business
from voice.dialogue.seam import ActionFailed

WISHES = {
    "es": ["borre mis datos", "no quiero que guarden mis datos", "quiero que me olviden por favor"],
    "en": ["forget me", "please erase my data", "i do not want you to keep my data"],
}
WORDS = {
    "es": ("sí", "no", "¿Borro todo", "le ha olvidado", "pida una persona", "algo más"),
    "en": ("yes", "no", "Shall I erase", "has forgotten you", "ask for a person", "anything else"),
}
ORDER = {"es": "dónde está mi pedido", "en": "where is my order"}
ASKED = {"es": "¿Quiere que lo recuerde", "en": "Shall I remember it"}
MAY = {"es": "recordar el pedido", "en": "remember the order"}
LANGS = ("es", "en")


@pytest.fixture
def office(telecom: Business) -> Office:
    return Office(telecom)


def known(office: Office) -> dict[str, str]:
    return dict(asyncio.run(office.profiles.load(NUMBER)).values)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("template", TEMPLATES)
def test_every_line_forgets_who_wants_it(line: Load, template: str, lang: str) -> None:
    yes, no, asked, done, for_more, else_ = WORDS[lang]
    for wish in WISHES[lang]:
        caller = Office(line(template)).ring(lang)
        caller.says(wish)
        assert asked in caller.text, wish
        caller.says(no)
        assert done not in caller.text
        assert else_ in caller.text
    caller.says(WISHES[lang][0]).says(yes)
    assert done in caller.text
    assert for_more in caller.text
    assert [note.by for note in caller.notes if isinstance(note, ev.ProfileErased)] == ["caller"]
    caller.says("#0")
    handoff = caller.handed()
    assert any(tried.code == "ok" and tried.kind == "call" for tried in handoff.tried)
    assert [slot.value for slot in handoff.slots if slot.name == "forget_sure"] == ["yes"]


def test_a_wish_that_could_not_be_carried_out_gets_a_person(telecom: Business) -> None:
    caller = Caller(telecom, act=False)
    caller.says("borre mis datos").says("sí")
    assert caller.invoke is not None
    caller.feed(ActionFailed(caller.invoke.id, "fault"), 100)
    assert "olvidado" not in caller.text
    assert caller.handed().reason == "action_failed"


@pytest.mark.parametrize("lang", LANGS)
def test_a_yes_is_asked_for_once_and_remembered(office: Office, lang: str) -> None:
    call = office.ring(lang)
    assert ASKED[lang] in call.gets(ORDER[lang], "#123456")
    assert WORDS[lang][5] in call.gets(WORDS[lang][0])
    call.ends("completed")
    assert known(office)["order_number"] == "123456"
    again = office.ring(lang)
    assert ASKED[lang] not in again.gets(WORDS[lang][0])
    assert WORDS[lang][5] in again.text, "the order is told at once, and nothing asked about it"
    again.gets(WISHES[lang][0], WORDS[lang][0])
    again.ends("completed")
    assert not office.shelf.kept


@pytest.mark.parametrize("lang", LANGS)
def test_a_no_is_remembered_and_nothing_else(office: Office, lang: str) -> None:
    call = office.ring(lang)
    call.gets(ORDER[lang], "#123456", WORDS[lang][1])
    assert WORDS[lang][5] in call.text
    slot = next(s for s in call.says("#0").handed().slots if s.name == "may_remember")
    assert slot.value == "no"
    assert MAY[lang] in slot.label, "who takes the call sees the answer"
    call.ends("transferred")
    assert [memory.body for memory in office.shelf.kept.values()] == [{"consent": "no"}]
    again = office.ring(lang)
    assert ASKED[lang] not in again.gets(ORDER[lang], "#123456")
    again.ends("abandoned")
    assert known(office) == {"consent": "no"}


@pytest.mark.parametrize("turns", [("", ""), ("bla bla bla", "qué sé yo"), ("adiós",)])
def test_no_answer_keeps_nothing_and_holds_nobody_up(office: Office, turns: tuple[str, ...]) -> None:
    call = office.ring()
    assert ASKED["es"] in call.gets(ORDER["es"], "#123456")
    call.gets(*turns)
    assert call.handoff is None
    assert call.hang_up is not None or "algo más" in call.text
    call.ends("completed")
    assert not office.shelf.kept


def test_nobody_is_asked_where_nothing_can_be_remembered(telecom: Business) -> None:
    withheld = Caller(telecom)  # a profile that tells nothing: no number, a slow store, remembering is off
    withheld.says(ORDER["es"]).says("#123456")
    assert ASKED["es"] not in withheld.text
    assert "algo más" in withheld.text
