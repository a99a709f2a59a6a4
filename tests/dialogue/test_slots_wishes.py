"""Wishes that hold at every step, with the sentences that only look like them."""

from __future__ import annotations

import pytest

from voice.dialogue.wishes import (
    wants_back,
    wants_help,
    wants_language,
    wants_person,
    wants_repeat,
    wants_wait,
)
from voice.languages import language

PERSON = {
    "es": (
        "¿puedo hablar con alguien?|agente|un agente por favor|quiero ablar con una persona|"
        "atención al cliente|"
        "mire llevo media hora esperando y quiero hablar con una persona ya|pásame con una persona|operadora|"
        "hola buenos días quería hablar con un asesor|no entiendo nada páseme con un agente|"
        "que me atienda alguien|"
        "no, quiero hablar con una persona|hablar con un humano|me puede atender una persona|persona"
    ),
    "en": (
        "can I talk to someone|representative|agent please|speak to a representative|customer service|"
        "operator|"
        "I'd like to talk to a real person please|let me speak to a human being|an agnet please|"
        "I have been waiting for an hour put me through to an agent|no, i want to speak to a person|human"
    ),
}
NOT_PERSON = {
    "es": (
        "no quiero hablar con una persona|el agente me dijo que llamara|una persona me llamó ayer|mi factura|"
        "necesito ayuda con mi factura|ayer hablé con alguien|sin agente|soy la persona titular|hola||"
        "hay mucha gente|mi operadora anterior era más barata"
    ),
    "en": (
        "I don't want to speak to a person|the agent told me|a person called me yesterday|"
        "help me with my bill|"
        "I was talking to someone yesterday|i can't speak to an agent now|my service is down|hello||"
        "someone stole my phone|i am the account holder"
    ),
}


@pytest.mark.parametrize("lang", ["es", "en"])
def test_a_wish_for_a_person(lang: str) -> None:
    assert [t for t in PERSON[lang].split("|") if not wants_person(t, lang)] == []
    assert [t for t in NOT_PERSON[lang].split("|") if wants_person(t, lang)] == []
    assert [p for p in language(lang).person_phrases if not wants_person(p, lang)] == []


def test_a_wish_for_a_language() -> None:
    wishes = {
        "en": "in english please|english|sorry do you speak english|en inglés por favor|"
        "I don't speak spanish|"
        "¿hablan inglés?|can we continue in english",
        "es": "¿habla español?|quiero hablar en español|can you speak spanish please|no hablo inglés|spanish|"
        "en castellano",
        None: "mi profesor de inglés|mi factura|no|i want my balance|una clase de español muy buena|",
    }
    for wish, texts in wishes.items():
        assert [t for t in texts.split("|") if wants_language(t) != wish] == []


@pytest.mark.parametrize("lang", ["es", "en"])
def test_the_other_wishes_know_their_phrases(lang: str) -> None:
    facts = language(lang)
    for detect, phrases in (
        (wants_repeat, facts.repeat_phrases),
        (wants_back, facts.back_phrases),
        (wants_help, facts.help_phrases),
        (wants_wait, facts.wait_phrases),
    ):
        assert [p for p in phrases if not detect(p, lang)] == []
        assert not detect("", lang)


def test_wishes_are_the_whole_utterance() -> None:
    assert wants_repeat("¿me lo repite, por favor?", "es")
    assert wants_repeat("could you say that again please", "en")
    assert wants_back("menú principal por favor", "es")
    assert not wants_repeat("quiero pagar otra vez la factura", "es")
    assert not wants_repeat("what is my balance", "en")
    assert not wants_back("quiero volver a contratar", "es")
    assert not wants_help("necesito ayuda con mi factura", "es")
    assert not wants_wait("i have to wait a long time for my order", "en")
