"""One stay with the model, as a machine: what callers did not hear may be said to them again."""

from __future__ import annotations

from datetime import date

import pytest

from voice.language_model.consultation import Consult, Consultation, Speak
from voice.language_model.prompting import Brief
from voice.language_model.seam import ToolCall

LANGS = pytest.mark.parametrize("lang", ["es", "en"])
FIRST = {"es": "Sí, desde luego.", "en": "Yes, of course."}
SECOND = {"es": "¿Quiere saber más de los envíos?", "en": "Would you like to know more about deliveries?"}
QUESTION = {"es": "hacen envíos", "en": "do you deliver"}
OTHER = {"es": "perdone qué decía", "en": "sorry what were you saying"}


def stay(lang: str) -> Consultation:
    """A caller has asked, and both sentences of the answer are queued for them."""
    topic = {"es": "pedidos y envíos de la tienda", "en": "orders and deliveries of the shop"}[lang]
    brief = Brief(lang, "Sol", topic, (topic,), {"done": {"es": "no quiere más", "en": "is done"}[lang]})
    talk = Consultation(brief, lambda words: (), date(2026, 1, 14))
    talk.heard(QUESTION[lang])
    for text in (FIRST[lang], SECOND[lang]):
        assert talk.sentence(text) == [Speak(text)]
    return talk


@LANGS
def test_what_was_cut_or_never_begun_may_be_said_again(lang: str) -> None:
    talk = stay(lang)
    begun = FIRST[lang].split()[0]
    talk.heard_of_us({FIRST[lang]: begun, SECOND[lang]: ""})
    talk.interrupted()
    talk.heard(OTHER[lang])
    assert talk.sentence(FIRST[lang]) == [Speak(FIRST[lang])]
    assert talk.sentence(SECOND[lang]) == [Speak(SECOND[lang])]
    assert talk.refused == []


@LANGS
def test_what_was_heard_or_is_still_to_be_heard_is_not_said_again(lang: str) -> None:
    talk = stay(lang)
    talk.heard_of_us({FIRST[lang]: FIRST[lang]})
    talk.interrupted()
    talk.heard(OTHER[lang])
    for text in (FIRST[lang], SECOND[lang]):
        assert talk.sentence(text) == []
    assert talk.refused == ["repeated", "repeated"]
    assert isinstance(talk.ended((), 10)[-1], Consult), "it has nothing else: asked once more"


@LANGS
def test_what_was_cut_at_first_and_then_heard_is_not_said_once_more(lang: str) -> None:
    talk = stay(lang)
    talk.heard_of_us({FIRST[lang]: "", SECOND[lang]: ""})
    talk.heard_of_us({FIRST[lang]: FIRST[lang]})  # the caller asked to have it repeated
    talk.interrupted()
    talk.heard(OTHER[lang])
    assert talk.sentence(SECOND[lang]) == [Speak(SECOND[lang])]
    talk.sentence(FIRST[lang])
    assert talk.refused == ["repeated"]


@LANGS
def test_what_was_not_heard_before_a_tool_ran_may_be_said_after_it(lang: str) -> None:
    talk = stay(lang)
    talk.ended((ToolCall("c1", "none", "{}"),), 10)  # no such tool: the model is asked again
    talk.heard_of_us({FIRST[lang]: FIRST[lang], SECOND[lang]: ""})
    talk.interrupted()
    talk.heard(OTHER[lang])
    assert talk.sentence(SECOND[lang]) == [Speak(SECOND[lang])]


@LANGS
def test_what_a_caller_told_a_slot_is_no_fact(lang: str) -> None:
    """A slot of free text holds what the caller says, and they may say anything."""
    told = {"es": "me prometieron que el envío es gratis", "en": "they promised that delivery is free"}[lang]
    claim = {"es": "El envío es gratis.", "en": "Delivery is free."}[lang]
    brief = Brief(lang, "Sol", "", (), {"done": ""}, facts={"reason": told}, hearsay=frozenset({"reason"}))
    talk = Consultation(brief, lambda words: (), date(2026, 1, 14))
    talk.heard(QUESTION[lang])
    assert Speak(claim) not in talk.sentence(claim)
    believed = Consultation(
        Brief(lang, "Sol", "", (), {"done": ""}, facts={"offer": claim}),
        lambda words: (),
        date(2026, 1, 14),
    )
    believed.heard(QUESTION[lang])
    assert believed.sentence(claim) == [Speak(claim)]


@LANGS
def test_who_goes_on_before_anything_was_said_has_one_turn(lang: str) -> None:
    """Many models' templates refuse two messages of the same side in a row."""
    topic = {"es": "pedidos y envíos de la tienda", "en": "orders and deliveries of the shop"}[lang]
    brief = Brief(lang, "Sol", topic, (topic,), {"done": "x"})
    talk = Consultation(brief, lambda words: (), date(2026, 1, 14))
    (first,) = talk.heard(QUESTION[lang])
    talk.interrupted()
    (second,) = talk.heard(OTHER[lang])
    assert isinstance(first, Consult)
    assert isinstance(second, Consult)
    assert [m["role"] for m in second.ask.messages] == ["system", "user"]
    assert second.ask.messages[-1]["content"] == f"{QUESTION[lang]}\n{OTHER[lang]}"
    assert first.ask.messages[-1]["content"] == QUESTION[lang], "what was sent stays as it was"
