"""What is understood in words can be heard: every phrase that callers may say beside an answer is in the
recognizer's grammar wherever it means something, and means there what its reader says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import pytest

from tests.dialogue.text_caller import Caller, started_at
from voice.dialogue import wishes
from voice.dialogue.asides import asks_what_was_told, lacks_it
from voice.dialogue.confirm import says_to
from voice.dialogue.inquiries import (
    asks_what_is_meant,
    asks_who_answers,
    doubts,
)
from voice.dialogue.listening import echo_phrases
from voice.dialogue.loader import Business
from voice.dialogue.minds import earlier_answer, misheard, not_wanted, refusal
from voice.dialogue.open_when import vague_when
from voice.dialogue.pauses import is_back, looks_it_up
from voice.dialogue.sayings import (
    PHRASES,
    Saying,
    change_phrases,
    lacking_phrases,
    order_phrases,
    said_as,
    what_is_phrases,
)
from voice.events import CallerNotUnderstood
from voice.languages import language
from voice.model import LANGUAGES
from voice.slots.choices import read_yes_no

READERS: Mapping[Saying, Callable[[str, str], object]] = {
    Saying.WHO: asks_who_answers,
    Saying.TOLD: asks_what_was_told,
    Saying.MEANT: asks_what_is_meant,
    Saying.DOUBT: doubts,
    Saying.LOOKING: looks_it_up,
    Saying.READY: is_back,
    Saying.NO_MORE: wishes.says_no_more,
    Saying.THANKS: wishes.thanks_only,
    Saying.DROPPED: refusal,
    Saying.NOT_WANTED: not_wanted,
    Saying.WRONG: lambda text, lang: misheard(text, lang) or read_yes_no(text, language(lang)),
    Saying.WHEN: vague_when,
    **{
        told: partial(lambda told, text, lang: said_as(text, told, lang), told)
        for told in (Saying.MORE, Saying.ENOUGH, Saying.NO_HELP)
    },
}
UNIVERSAL: Mapping[str, Callable[[str, str], object]] = {
    "person": wishes.wants_person,
    "slower": wishes.wants_slower,
    "faster": wishes.wants_faster,
    "ability": wishes.asks_ability,
    "repeat": wishes.wants_repeat,
    "back": wishes.wants_back,
    "help": wishes.wants_help,
    "wait": wishes.wants_wait,
    "lang": lambda text, lang: wishes.wants_language(text) not in (None, lang),
}
ASKED = {"who", "meant", "doubt", "looking", "dropped", "no_more"}
INSTEAD = {"not_wanted", "thanks", "ready", "unknown"}
NUMBERS = {"es": "uno dos tres cuatro cinco seis", "en": "one two three four five six"}
MONEY = {"es": "treinta euros", "en": "thirty euros"}
# a place in a conversation: step, what is said there first, and what may be said beside the answer
PLACES: Mapping[str, tuple[str, Mapping[str, str], set[str]]] = {
    "menu": ("menu", {}, {"who", "meant", "doubt", "no_more"}),
    "anything else": ("anything_else", {}, {"who", "meant", "doubt", "no_more", "thanks"}),
    "digits": ("order_number", {}, ASKED | INSTEAD | {"lacking"}),
    "sensitive digits": ("pin", {}, ASKED | INSTEAD | {"lacking"}),
    "yes or no": ("review", {}, ASKED),
    "choice": ("cancel_reason", {}, ASKED | INSTEAD),
    "date": ("day", {}, ASKED | INSTEAD | {"when"}),
    "amount": ("amount", {}, ASKED | INSTEAD),
    "number read back": ("order_number", NUMBERS, {"who", "meant", "doubt", "looking", "dropped", "wrong"}),
    "amount read back": ("amount", MONEY, {"who", "meant", "doubt", "looking", "dropped", "wrong"}),
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("saying", [saying for saying in Saying if saying is not Saying.LACKING])
def test_every_phrase_is_read_as_what_it_is(saying: Saying, lang: str) -> None:
    """LACKING has no phrases of its own: they are made of what is asked for."""
    assert [phrase for phrase in PHRASES[saying][lang] if not READERS[saying](phrase, lang)] == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("place", PLACES)
def test_what_is_understood_is_listened_for(
    telecom: Business, appointments: Business, place: str, lang: str
) -> None:
    step, first, wanted = PLACES[place]
    flow = telecom if step in telecom.flow.steps else appointments
    business = started_at(flow, step)

    def caller() -> Caller:
        there = Caller(business, lang, knows_pin=False)
        return there.says(first[lang], 0.7) if first else there

    expect = caller().listens()
    said: dict[str, list[str]] = {}
    for phrase, meaning in zip(expect.phrases, expect.meanings, strict=True):
        said.setdefault(meaning.partition(":")[0], []).append(phrase)
    families = {*Saying, "unknown"}
    assert {family for family in families if family in said} == wanted
    other = {"lang"} if len(business.flow.languages) > 1 else set()
    assert UNIVERSAL.keys() - {"lang"} | other <= said.keys()
    for family, read in UNIVERSAL.items():
        own = business.flow.intents[family].examples[lang] if family in business.flow.intents else ()
        assert [p for p in said.get(family, ()) if not read(p, lang) and p not in own] == []
    for family in wanted:
        for phrase in {said[family][0], said[family][-1]}:
            answered = caller()
            before = len(answered.note(CallerNotUnderstood))
            answered.says(phrase)
            assert len(answered.note(CallerNotUnderstood)) == before, phrase
            assert answered.handoff is None or family == "unknown", phrase


@pytest.mark.parametrize(
    ("lang", "label", "lacks", "asks", "changes"),
    [
        ("es", "número de cliente", "no me sé mi número de cliente", "qué es el número de cliente", "el"),
        ("es", "clave", "no me acuerdo de la clave", "qué es la clave", "la"),
        ("es", "día de la cita", "no me acuerdo del día de la cita", "qué es el día de la cita", "el"),
        ("es", "últimas cifras", "no me sé mis últimas cifras", "", "las"),
        ("en", "order number", "i don't have my order number", "what is the order number", "the"),
    ],
)
def test_what_is_asked_for_is_called_by_its_name(
    lang: str, label: str, lacks: str, asks: str, changes: str
) -> None:
    assert lacks in lacking_phrases(label, lang)
    assert all(lacks_it(phrase, lang, [label]) for phrase in lacking_phrases(label, lang))
    if asks:
        assert asks in what_is_phrases(label, lang)
        assert all(asks_what_is_meant(phrase, lang, label) for phrase in what_is_phrases(label, lang))
    said = change_phrases([label, f"{changes} {label}"], lang)
    assert any(f" {changes} {label} " in f" {phrase} " for phrase in said)
    assert all(earlier_answer(phrase, lang, {"it": [label]}) for phrase in said)


@pytest.mark.parametrize(
    ("lang", "day", "wrong", "right"),
    [("es", "el viernes", "no eso está mal", "no norte"), ("en", "on friday", "no that's wrong", "no north")],
)
def test_what_was_repeated_may_be_put_right(
    appointments: Business, lang: str, day: str, wrong: str, right: str
) -> None:
    caller = Caller(started_at(appointments, "day"), lang)
    assert wrong not in caller.listens().phrases
    assert wrong in caller.says(day).listens().phrases
    assert right in echo_phrases(appointments.flow.slots["place"], lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_wish_is_heard_by_its_own_name(telecom: Business, lang: str) -> None:
    phrases = Caller(telecom, lang).listens().phrases
    for name, intent in telecom.flow.intents.items():
        wish = {"es": "quiero", "en": "i want to"}[lang] + " " + intent.label[lang]
        assert ({intent.label[lang], wish} <= set(phrases)) == ("," not in wish)
        assert telecom.understanding.classify(wish, lang)[0].intent == name


@pytest.mark.parametrize(
    ("lang", "deed", "said"),
    [
        ("es", "bloquear la línea ahora", {"bloquéela por favor", "quiero bloquear la línea", "bloquearla"}),
        ("es", "anular los avisos", {"anúlelos", "anúlalos", "quiero anularlos"}),
        ("es", "borrar lo que recordamos", {"bórrelo", "quiero borrarlo"}),
        ("es", "devolver el pedido", {"quiero devolver el pedido", "devolverlo"}),
        ("es", "pagar", {"quiero pagarlo", "sí quiero pagarlo"}),
        (
            "en",
            "block the line now",
            {"block it", "block it please", "i want to block it", "please block it"},
        ),
        ("en", "cancel", {"cancel it", "yes please cancel it"}),
    ],
)
def test_who_says_to_do_it_is_heard_where_it_is_asked_about(lang: str, deed: str, said: set[str]) -> None:
    phrases = order_phrases(deed, lang)
    assert said <= set(phrases)
    assert [p for p in phrases if not (says_to(p, deed, lang) or read_yes_no(p, language(lang)))] == []


@pytest.mark.parametrize(
    ("lang", "label"),
    [
        ("es", "ayuda para pagar"),
        ("es", "acepta la hora"),
        ("en", "accepts the time"),
        ("en", "help with it"),
    ],
)
def test_a_label_that_is_no_deed_gives_no_orders(lang: str, label: str) -> None:
    assert order_phrases(label, lang) == ()


@pytest.mark.parametrize(("lang", "words"), [("es", "bloquéela"), ("en", "block it")])
def test_an_order_is_a_yes_to_a_recognizer_of_phrases(telecom: Business, lang: str, words: str) -> None:
    expect = Caller(started_at(telecom, "block_sure"), lang).listens()
    assert expect.meanings[expect.phrases.index(words)] == "yes"


@pytest.mark.parametrize(
    ("step", "lang", "said"),
    [
        ("order_number", "es", "todavía no me ha llegado"),
        ("order_number", "en", "it hasn't arrived yet"),
        ("order_number", "es", "perdone cómo ha dicho"),
        ("order_number", "en", "sorry what was that"),
        ("menu", "en", "hi good afternoon"),
    ],
)
def test_what_is_said_with_a_word_more_is_listed_and_read(
    telecom: Business, step: str, lang: str, said: str
) -> None:
    caller = Caller(started_at(telecom, step), lang)
    assert said in caller.listens().phrases
    assert not caller.says(said).note(CallerNotUnderstood)
