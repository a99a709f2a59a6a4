"""Two wishes in one sentence: the first is served, the second kept, shown and offered; nothing loops."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dialogue.conftest import Load
from tests.dialogue.text_caller import PROMPTS, Caller, at, head, make_prompts
from voice.call.handover import from_log
from voice.dialogue.afterwards import divisions
from voice.dialogue.loader import Business, load_business
from voice.events import Event, EventData, IntentRecognised, LanguageChanged, WishKept
from voice.queue.summary import full

LANGS = pytest.mark.parametrize("lang", ["es", "en"])
QUESTION_TOO = {  # business, and a question that is answered first
    "es": (
        "quiero saber mi saldo y qué horario tienen",
        "qué horario tienen y además quiero saber mi saldo",
        "mi saldo por favor y también el horario",
    ),
    "en": (
        "i want to know my balance and what are your hours",
        "what are your opening hours and i also want to know my balance",
        "my balance please and also the opening hours",
    ),
}
TWO = {
    "es": "no entiendo la factura y además quiero saber dónde está mi pedido",
    "en": "i do not understand my bill and i also want to know where my order is",
}
OFFER = {"es": "También quería saber el estado de un pedido", "en": "You also wanted to check the status"}
YES = {"es": "sí", "en": "yes"}
ELSE = {"es": "¿Puedo ayudarle en algo más?", "en": "Can I help you with anything else?"}


def kept(caller: Caller) -> list[str]:
    return [note.intent for note in caller.note(WishKept) if isinstance(note, WishKept)]


def taken(caller: Caller) -> list[str]:
    return [note.intent for note in caller.note(IntentRecognised) if isinstance(note, IntentRecognised)]


@LANGS
@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_question_is_answered_and_the_business_follows_at_once(
    telecom: Business, lang: str, which: int
) -> None:
    caller = Caller(telecom, lang).says(QUESTION_TOO[lang][which])
    assert {"es": "Ahora estamos abiertos", "en": "We are open now"}[lang] in caller.text
    assert caller.listens().step == "customer"
    assert taken(caller) == ["hours", "balance"]
    assert kept(caller) == ["balance"]
    caller.says("#12345678").says(YES[lang])
    assert ELSE[lang] in caller.text, "nothing is owed any more"
    assert not caller.says("#0").handed().also


@LANGS
def test_of_two_pieces_of_business_the_second_is_offered_after_the_first(
    telecom: Business, lang: str
) -> None:
    caller = at(telecom, lang, TWO[lang])
    assert caller.listens().step == "customer"
    caller.says("#12345678").says(YES[lang]).says("no")
    assert OFFER[lang] in caller.text
    assert caller.listens().kind == "yes_no"
    caller.says(YES[lang])
    assert caller.listens().step == "order_number"
    caller.says("#123456")
    assert ELSE[lang] in caller.text


@LANGS
def test_who_does_not_want_it_any_more_is_asked_no_further(telecom: Business, lang: str) -> None:
    caller = at(telecom, lang, TWO[lang], "#12345678", YES[lang], "no")
    caller.says("no")
    assert caller.text == ELSE[lang], "no apology: the no was understood"
    caller.says("no")
    assert caller.hang_up is not None


@LANGS
def test_something_else_may_be_said_to_the_offer(telecom: Business, lang: str) -> None:
    caller = at(telecom, lang, TWO[lang], "#12345678", YES[lang], "no")
    caller.says({"es": "a qué hora abren", "en": "what time do you open"}[lang])
    assert {"es": "Ahora estamos abiertos", "en": "We are open now"}[lang] in caller.text


@LANGS
def test_a_person_sees_both(telecom: Business, lang: str) -> None:
    for further in ((), ("#12345678",), ("#12345678", YES[lang], "no")):
        handoff = at(telecom, lang, TWO[lang], *further, "#0").handed()
        assert handoff.intent is not None
        assert handoff.intent.intent == "invoice"
        assert [guess.intent for guess in handoff.also] == ["order"]
        assert {w.lang: [g.label for g in w.also] for w in handoff.worded}


@LANGS
def test_what_was_done_or_declined_is_owed_no_more(telecom: Business, lang: str) -> None:
    offered = ("#12345678", YES[lang], "no")
    assert not at(telecom, lang, TWO[lang], *offered, YES[lang], "#0").handed().also
    assert not at(telecom, lang, TWO[lang], *offered, "no", "#0").handed().also


@LANGS
def test_the_urgent_one_comes_first(telecom: Business, lang: str) -> None:
    words = {
        "es": "qué horario tienen y me han robado el móvil",
        "en": "what are your opening hours and my phone was stolen",
    }
    caller = Caller(telecom, lang).says(words[lang])
    assert taken(caller) == ["lost_phone"]
    handoff = caller.says("#12345678").says(YES[lang]).says(YES[lang]).handed()
    assert [guess.intent for guess in handoff.also] == ["hours"]


@LANGS
def test_an_article_is_told_before_the_business(telecom: Business, lang: str) -> None:
    words = {
        "es": "dónde está mi pedido y puedo pagar con tarjeta",
        "en": "where is my order and can i pay by card",
    }
    caller = Caller(telecom, lang).says(words[lang])
    assert {"es": "tarjeta", "en": "by card"}[lang] in caller.text
    assert caller.listens().step == "order_number"


def test_the_first_words_may_be_in_the_other_language(telecom: Business) -> None:
    caller = Caller(telecom, "en").says(QUESTION_TOO["es"][0])
    assert "Ahora estamos abiertos" in caller.text
    assert caller.note(LanguageChanged)
    assert caller.listens().step == "customer"


@LANGS
def test_the_offer_survives_silence_repetition_and_the_other_language(telecom: Business, lang: str) -> None:
    caller = at(telecom, lang, TWO[lang], "#12345678", YES[lang], "no")
    caller.says({"es": "repita", "en": "repeat"}[lang])
    assert OFFER[lang] in caller.text
    caller.says("")
    assert caller.listens().kind == "yes_no"
    caller.says({"es": "in English please", "en": "en español"}[lang])
    assert OFFER["en" if lang == "es" else "es"] in caller.text
    caller.says({"es": "yes", "en": "sí"}[lang])
    assert caller.listens().step == "order_number"


@LANGS
def test_goodbye_is_goodbye(telecom: Business, lang: str) -> None:
    caller = at(telecom, lang, TWO[lang])
    caller.says({"es": "adiós", "en": "goodbye"}[lang])
    assert caller.hang_up is not None


ERRANDS = (
    head("errands", "Recados", "Errands")
    + """\
start: menu
steps:
  menu:
    type: menu
    prompt: {es: "¿Qué necesita?", en: "What do you need?"}
    retry:
      - {es: "Diga taxi o pizza.", en: "Say taxi or pizza."}
      - {es: "Marque uno o dos.", en: "Press one or two."}
    intents:
      taxi:
        label: {es: pedir un taxi, en: call a taxi}
        key: 1
        then: taxi
        examples:
          es: [quiero un taxi, necesito un taxi, un taxi por favor]
          en: [i want a taxi, i need a taxi, a taxi please]
      pizza:
        label: {es: pedir una pizza, en: order a pizza}
        key: 2
        then: pizza
        examples:
          es: [quiero una pizza, necesito una pizza, una pizza por favor]
          en: [i want a pizza, i need a pizza, a pizza please]
  taxi: {type: hang_up, text: {es: "Taxi pedido. Adiós.", en: "Your taxi is coming. Goodbye."}}
  pizza: {type: hang_up, text: {es: "Pizza pedida. Adiós.", en: "Your pizza is coming. Goodbye."}}
"""
)


@pytest.fixture(scope="module")
def errands(tmp_path_factory: pytest.TempPathFactory) -> Business:
    folder = make_prompts(tmp_path_factory.mktemp("errands") / "prompts", ERRANDS, name="errands")
    return load_business("errands", folder)


@LANGS
def test_a_call_does_not_end_with_something_owed(errands: Business, lang: str) -> None:
    words = {
        "es": "quiero un taxi y también una pizza por favor",
        "en": "i want a taxi and also a pizza please",
    }
    offer = {"es": "También quería pedir una pizza", "en": "You also wanted to order a pizza"}
    caller = Caller(errands, lang).says(words[lang])
    assert offer[lang] in caller.text
    assert not caller.over
    assert caller.says(YES[lang]).over
    assert {"es": "Pizza", "en": "pizza"}[lang] in caller.said[-1]


@LANGS
def test_who_wants_nothing_more_leaves_the_other_wish_too(
    tmp_path_factory: pytest.TempPathFactory, lang: str
) -> None:
    flow = ERRANDS.replace("start: menu", "start: menu\nperson: {queue: general}").replace(
        "  taxi: {type: hang_up", "  person_now: {type: handoff}\n  taxi: {type: hang_up"
    )
    flow = flow.replace("    type: menu\n", "    type: menu\n    no: person_now\n", 1)
    folder = make_prompts(tmp_path_factory.mktemp("leaves") / "prompts", flow, name="errands")
    caller = Caller(load_business("errands", folder), lang)
    caller.says({"es": "quiero un taxi y una pizza", "en": "i want a taxi and a pizza"}[lang])
    handoff = caller.says({"es": "no, nada más", "en": "no, that is all"}[lang]).handed()
    assert not handoff.also


@pytest.mark.parametrize(
    ("lang", "words", "ways"),
    [
        ("es", "mi saldo y el horario", [("mi saldo", "el horario")]),
        ("es", "mi saldo y además el horario", [("mi saldo", "el horario")]),
        ("es", "mi saldo", []),
        ("es", "y mi saldo", []),
        ("es", "mi saldo y", []),
        ("en", "my balance and also the hours", [("my balance", "the hours")]),
        ("en", "my balance and by the way the hours", [("my balance", "the hours")]),
        ("es", "mi saldo y por cierto el horario", [("mi saldo", "el horario")]),
        ("en", "a and b and c", [("a", "b and c"), ("a and b", "c")]),
    ],
)
def test_where_a_sentence_is_divided(lang: str, words: str, ways: list[tuple[str, str]]) -> None:
    assert list(divisions(words, lang)) == ways


WORDS = ["y", "e", "and", "also", "saldo", "horario", "my", "hours", "además", "by", "the", "way"]


@given(st.lists(st.sampled_from(WORDS), max_size=50))
@settings(max_examples=80, deadline=None)
def test_a_sentence_has_few_divisions_each_with_two_parts(words: list[str]) -> None:
    for lang in ("es", "en"):
        found = list(divisions(" ".join(words), lang))
        assert len(found) <= 6
        assert all(first and second for first, second in found)


@pytest.mark.parametrize("template", ["telecom", "bank", "clinic", "shop", "municipality"])
def test_no_sentence_that_an_author_wrote_is_taken_for_two(
    template: str, telecom: Business, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if template == "telecom":
        business = telecom
    else:
        source = PROMPTS.parent / "voice" / "templates" / template
        folder = make_prompts(
            tmp_path_factory.mktemp(template) / "prompts",
            (source / "flow.yaml").read_text(encoding="utf-8").replace("knowledge: true", "knowledge: false"),
            (source / "actions.py").read_text(encoding="utf-8"),
            name=template,
        )
        business = load_business(template, folder)
    for lang in ("es", "en"):
        dialogue = Caller(business, lang).dialogue
        sentences = [e for intent in business.flow.intents.values() for e in intent.examples[lang]]
        if business.flow.articles is not None:
            sentences += business.flow.articles.questions(lang)
        assert [s for s in sentences if dialogue._both(s, 1.0, lang)] == []


@LANGS
def test_the_summary_says_both(telecom: Business, lang: str) -> None:
    handoff = at(telecom, lang, TWO[lang], "#0").handed()
    sentences = {
        "es": "También quería: el estado de un pedido.",
        "en": "They also wanted: the order status.",
    }
    for reader in ("es", "en"):
        assert sentences[reader] in full(handoff, (), reader)


def test_the_log_alone_tells_both() -> None:
    notes: list[EventData] = [
        IntentRecognised("invoice", 0.9),
        WishKept("order", 0.8, "un pedido"),
        WishKept("hours", 0.7),
    ]
    notes.append(IntentRecognised("hours", 0.7))
    events = [Event("c", i, i, data) for i, data in enumerate(notes)]
    handoff = from_log(events, reason="fault", queue="general", lang="es")
    assert [guess.intent for guess in handoff.also] == ["order"]


@pytest.mark.parametrize(
    ("lang", "words", "intent"),
    [
        ("es", "quiero dar de baja mi línea y hablar con una persona", "cancel"),
        ("es", "quiero saber mi saldo y que me pase con alguien", "balance"),
        ("es", "quiero hablar con una persona y saber dónde está mi pedido", "order"),
        ("en", "i want to cancel my line and speak to a person", "cancel"),
        ("en", "i want my balance and talk to an agent please", "balance"),
        ("en", "i want to talk to somebody and know where my order is", "order"),
    ],
)
def test_who_asks_for_a_person_and_says_why_is_asked_nothing(
    telecom: Business, lang: str, words: str, intent: str
) -> None:
    handed = Caller(telecom, lang).says(words).handed()
    assert handed.reason == "caller_asked"
    assert handed.intent is not None
    assert handed.intent.intent == intent


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "quiero hablar con una persona y es urgente"),
        ("en", "i want to talk to a person and it is urgent"),
    ],
)
def test_what_is_no_reason_beside_a_person_is_not_taken_for_one(
    telecom: Business, lang: str, words: str
) -> None:
    caller = Caller(telecom, lang).says(words)
    assert caller.handoff is None or caller.handoff.intent is None
    assert caller.says("").handed().reason == "caller_asked"


@pytest.mark.parametrize(
    ("lang", "wish", "words"),
    [
        ("es", ["hay un bache", "sí"], "delante de mi vecino y un agente"),
        ("en", ["there is a pothole", "yes"], "my neighbour and an agent"),
    ],
)
def test_people_in_a_told_answer_are_not_asked_for(
    line: Load, lang: str, wish: list[str], words: str
) -> None:
    caller = Caller(line("municipality"), lang)
    for said in wish:
        caller.says(said)
    assert caller.listens().step == "where"
    assert caller.says(words).listens().step == "anything_else", "it is reported"
