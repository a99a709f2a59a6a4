"""What a caller expects of a considerate line: no loops, no false apologies, no words twice in a row."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from tests.dialogue.text_caller import Caller
from voice.dialogue.flow import MenuStep
from voice.dialogue.listening import menu_expect
from voice.dialogue.loader import Business
from voice.dialogue.wishes import declines, does_not_know, greets, says_goodbye, wants_person, wants_wait
from voice.events import CallerNotUnderstood
from voice.insight.transcript import Line
from voice.languages import language
from voice.model import ExpectKind
from voice.queue.summary import full, one_line
from voice.slots.choices import read_yes_no


def talk(telecom: Business, lang: str, *turns: str) -> Caller:
    caller = Caller(telecom, lang)
    for turn in turns:
        caller.says(turn)
    return caller


@pytest.mark.parametrize(
    ("lang", "greeting", "asked"),
    [
        ("es", "hola, buenos días", "Dígame en pocas palabras qué necesita."),
        ("en", "hello?", "Tell me in a few words what you need."),
    ],
)
def test_a_greeting_is_answered_and_not_apologised_for(
    telecom: Business, lang: str, greeting: str, asked: str
) -> None:
    caller = talk(telecom, lang, greeting)
    assert caller.text.endswith(asked)
    assert not caller.note(CallerNotUnderstood)
    caller.says(greeting)
    assert asked not in caller.text  # other words


@pytest.mark.parametrize(("lang", "greeting"), [("es", "oiga"), ("en", "can you hear me")])
def test_a_caller_who_only_greets_gets_a_person(telecom: Business, lang: str, greeting: str) -> None:
    assert talk(telecom, lang, *[greeting] * 4).handed().reason == "loop"


@pytest.mark.parametrize(
    ("lang", "wish", "unknown"),
    [
        ("es", "me han robado el móvil", ("no me lo sé", "no lo tengo")),
        ("en", "my phone was stolen", ("where do I find it", "I don't have it")),
    ],
)
def test_no_number_at_hand_still_gets_an_urgent_person(
    telecom: Business, lang: str, wish: str, unknown: tuple[str, str]
) -> None:
    caller = talk(telecom, lang, wish, unknown[0])
    assert caller.listens().step == "customer"
    assert ("factura" if lang == "es" else "bill") in caller.text
    handoff = caller.says(unknown[1]).handed()
    assert (handoff.queue, handoff.reason, handoff.urgent) == ("urgent", "urgent", True)
    assert not caller.note(CallerNotUnderstood)


@pytest.mark.parametrize(
    ("lang", "turns"),
    [
        ("es", ("muchas gracias, hasta luego",)),
        ("es", ("dónde está mi pedido", "adiós")),
        ("en", ("what are your opening hours", "ok thanks bye")),
    ],
)
def test_a_goodbye_ends_the_call_from_anywhere(telecom: Business, lang: str, turns: tuple[str, ...]) -> None:
    caller = talk(telecom, lang, *turns)
    assert caller.hang_up is not None
    assert caller.hang_up.outcome == "completed"


@pytest.mark.parametrize(
    ("lang", "wish", "noise"), [("es", "saldo", "bla bla"), ("en", "balance", "blah blah")]
)
def test_repeat_says_the_question_without_the_apology(
    telecom: Business, lang: str, wish: str, noise: str
) -> None:
    caller = talk(telecom, lang, wish, noise)
    apology = caller.answer[0].text
    question = caller.answer[-1].text
    caller.says("repita" if lang == "es" else "repeat")
    assert caller.answer[-1].text == question
    assert apology not in caller.text


@pytest.mark.parametrize("turns", [("", "bla bla", ""), ("bla bla", "", "bla bla"), ("", "bla bla", "hola")])
def test_the_question_is_never_put_in_the_same_words_twice_in_a_row(
    telecom: Business, turns: tuple[str, ...]
) -> None:
    caller = talk(telecom, "es")
    asked = [caller.answer[-1].text, *(caller.says(turn).answer[-1].text for turn in turns)]
    assert all(one != after for one, after in pairwise(asked)), asked


def test_a_rejected_number_is_asked_for_in_other_words_each_time(telecom: Business) -> None:
    caller = talk(telecom, "es", "saldo", "12345678", "no")
    first = caller.answer[-1].text
    assert caller.says("bla bla").answer[-1].text != first


@pytest.mark.parametrize(
    ("lang", "first"), [("es", "¿En qué puedo ayudarle?"), ("en", "How can I help you?")]
)
def test_nothing_else_is_asked_before_something_was_asked(telecom: Business, lang: str, first: str) -> None:
    other = "es" if lang == "en" else "en"
    caller = talk(telecom, other, "in English, please" if lang == "en" else "en español")
    assert caller.answer[-1].text == first


@pytest.mark.parametrize(("lang", "word"), [("es", "ayuda"), ("en", "help")])
def test_help_is_not_given_for_ever(telecom: Business, lang: str, word: str) -> None:
    caller = talk(telecom, lang, word)
    first = caller.answer[0].text
    assert caller.says(word).answer[0].text != first
    assert caller.says(word).says(word).handed().reason == "loop"


@pytest.mark.parametrize(
    ("lang", "refusal"), [("es", "no quiero decirlo"), ("en", "I don't want to say"), ("en", "no")]
)
def test_a_refused_reason_is_no_intent(telecom: Business, lang: str, refusal: str) -> None:
    caller = talk(telecom, lang, "una persona" if lang == "es" else "a person", refusal)
    assert (caller.handed().intent, caller.handed().queue) == (None, "general")


def test_please_alone_answers_an_offer(telecom: Business) -> None:
    caller = talk(telecom, "es", "mi factura", "11223344", "sí", "por favor")
    assert caller.handed().queue == "billing"
    for lang, text in (("es", "por favor"), ("en", "please")):
        reading = read_yes_no(text, language(lang))
        assert reading is not None
        assert reading[0] == "yes"
        assert reading[1] < 0.8
    for lang, text in (("es", "no por favor"), ("en", "no please")):
        reading = read_yes_no(text, language(lang))
        assert reading is not None
        assert reading[0] == "no"
        # heard, it is mostly a "sí, por favor" gone wrong: who declines says "no, gracias"
        assert text not in language(lang).no_phrases


@pytest.mark.parametrize("lang", ["es", "en"])
def test_a_yes_or_no_listens_for_please_and_not_for_its_own_language(telecom: Business, lang: str) -> None:
    wish = ("mi factura", "11223344", "sí") if lang == "es" else ("my bill", "11223344", "yes")
    expect = talk(telecom, lang, *wish).listens()
    assert expect.kind is ExpectKind.YES_NO
    assert ("por favor" if lang == "es" else "please") in expect.phrases
    own, other = ("en español", "in english") if lang == "es" else ("in english", "en español")
    assert own not in expect.phrases
    assert other in expect.phrases


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("es", "no quiero hablar con una máquina"),
        ("es", "estoy harta de las máquinas"),
        ("en", "I don't want to talk to a machine"),
        ("en", "I'm sick of talking to robots"),
    ],
)
def test_who_wants_no_machine_wants_a_person(lang: str, text: str) -> None:
    assert wants_person(text, lang)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("es", "hola, quería saber mi saldo"),
        ("es", "el banco me dijo adiós"),
        ("es", "no sé por qué me han cobrado tanto"),
        ("en", "hello, my phone was stolen"),
        ("en", "I don't know why you charged me"),
        ("en", "goodbye was all they said"),
    ],
)
def test_a_wish_within_a_sentence_is_none(lang: str, text: str) -> None:
    for wish in (greets, says_goodbye, does_not_know, declines):
        assert not wish(text, lang), wish.__name__


@pytest.mark.parametrize(
    ("lang", "wish"),
    [
        ("es", "quiero contratar otra línea"),
        ("es", "quiero poner una queja"),
        ("en", "I want to make a complaint"),
    ],
)
def test_what_the_line_cannot_do_goes_to_a_person_at_once(telecom: Business, lang: str, wish: str) -> None:
    caller = talk(telecom, lang, wish)
    intent = caller.handed().intent
    assert intent is not None
    assert intent.intent == "other"
    assert not caller.note(CallerNotUnderstood)


@pytest.mark.parametrize(
    ("lang", "text"), [("es", "un sí por favor momento"), ("en", "one yes please moment")]
)
def test_a_yes_amid_other_words_is_no_wish_for_a_moment(lang: str, text: str) -> None:
    assert not wants_wait(text, lang)
    reading = read_yes_no(text, language(lang))
    assert reading is not None
    assert reading[0] == "yes"


@pytest.mark.parametrize(("lang", "text"), [("es", "sí, un momento"), ("en", "yes, one moment please")])
def test_a_polite_wish_for_a_moment_is_one(lang: str, text: str) -> None:
    assert wants_wait(text, lang)


@pytest.mark.parametrize(("lang", "wish"), [("es", "un agente por favor"), ("en", "an agent please")])
def test_a_person_is_listened_for_with_politeness_too(telecom: Business, lang: str, wish: str) -> None:
    assert wish in talk(telecom, lang, "saldo" if lang == "es" else "balance").listens().phrases


def test_silence_alone_is_no_frustration(telecom: Business) -> None:
    assert talk(telecom, "es", "", "", "").handed().mood == "neutral"


def test_the_packet_speaks_as_colleagues_do(telecom: Business) -> None:
    handoff = talk(telecom, "es", "mi factura", "11223344", "sí", "sí").handed()
    assert handoff.intent is not None
    assert handoff.intent.label == "la factura"
    lines = [Line("caller", "quiero hablar con una persona", 0), Line("caller", "uno uno dos dos", 1)]
    lines += [Line("caller", "no entiendo mi factura", 2), Line("caller", "sí claro que sí por favor", 3)]
    said = full(handoff, lines)
    assert "A la pregunta de revisar la factura con una persona respondió que sí." in said
    assert "yes" not in said
    assert "100 %" not in said
    assert "«no entiendo mi factura»" in said
    nothing = replace(handoff, intent=None)
    assert "Sin motivo conocido" in one_line(replace(nothing, slots=()), lines[:2])


@pytest.mark.parametrize(("lang", "yes", "no"), [("es", "vale", "no"), ("en", "okay", "no")])
def test_a_menu_listens_for_the_one_of_yes_and_no_that_leads_somewhere(
    telecom: Business, lang: str, yes: str, no: str
) -> None:
    """A sign of listening over a menu that only a no leads on from was taken for an answer."""
    flow = telecom.flow
    assert flow.main is not None
    menu = flow.steps[flow.main]
    assert isinstance(menu, MenuStep)
    for leads in ("yes", "no"):
        one = menu.model_copy(update={"yes": None, "no": None, leads: flow.main})
        expect = menu_expect(flow, flow.main, one, lang)
        means = dict(zip(expect.phrases, expect.meanings, strict=True))
        assert means.get(yes) == ("yes" if leads == "yes" else "backchannel")
        assert means.get(no) == ("no" if leads == "no" else None)
