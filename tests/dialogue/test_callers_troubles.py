"""What callers of the sample lines ran into: corrections with the value in the same breath, what they do not
have at hand, hearing again what they were told."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dialogue.text_caller import PROMPTS, Caller, at, make_prompts
from voice.dialogue.asides import asks_what_was_told, lacks_it
from voice.dialogue.listening import flow_phrases
from voice.dialogue.loader import Business, load_business
from voice.dialogue.minds import corrected_value, head_of
from voice.dialogue.sayings import PHRASES, Saying

INVOICE = {"es": "tengo una pregunta sobre mi factura", "en": "i have a question about my invoice"}
NUMBER = {"es": "uno dos tres cuatro cinco seis siete ocho", "en": "one two three four five six seven eight"}
OTHER = {"es": "ocho siete seis cinco cuatro tres dos uno", "en": "eight seven six five four three two one"}
YES = {"es": "sí", "en": "yes"}


def told_invoice(business: Business, lang: str) -> Caller:
    return at(business, lang, INVOICE[lang], NUMBER[lang], YES[lang])


# --- a correction with its value in the same sentence --------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("es", "no perdón el número es {}"),
        ("es", "perdone, mi número es el {}"),
        ("es", "me he equivocado de número es el {}"),
        ("es", "no, no, perdón, me he equivocado, es {}"),
        ("es", "no, el número de cliente es {}"),
        ("en", "no sorry the number is {}"),
        ("en", "sorry the number is {}"),
        ("en", "i gave you the wrong number it's {}"),
        ("en", "no no sorry i got it wrong it's {}"),
        ("en", "no the customer number is {}"),
    ],
)
@pytest.mark.parametrize("further", [0, 1])
def test_a_number_is_corrected_with_its_value_at_a_later_question(
    telecom: Business, lang: str, sentence: str, further: int
) -> None:
    caller = told_invoice(telecom, lang)
    for _ in range(further):
        caller.says("no")
    caller.says(sentence.format(OTHER[lang]))
    assert {"es": "ocho siete seis cinco", "en": "eight seven six five"}[lang] in caller.text
    caller.says(YES[lang])
    assert {"es": "dieciocho euros", "en": "eighteen euros"}[lang] in caller.text


@pytest.mark.parametrize(
    ("lang", "first", "sentence"),
    [
        ("es", "", "no perdón el número es {}"),
        ("en", "", "no sorry the number is {}"),
        ("es", "uno dos tres cuatro cinco seis siete ocho ", "no perdón el número es {}"),
        ("en", "one two three four five six seven eight ", "no sorry the number is {}"),
    ],
)
def test_a_number_is_corrected_while_it_is_confirmed_and_in_one_breath(
    telecom: Business, lang: str, first: str, sentence: str
) -> None:
    caller = at(telecom, lang, INVOICE[lang], *([] if first else [NUMBER[lang]]))
    caller.says(first + sentence.format(OTHER[lang]))
    assert {"es": "ocho siete seis cinco", "en": "eight seven six five"}[lang] in caller.text


@pytest.mark.parametrize(
    ("lang", "words"),
    [("es", "no perdón el número es uno dos tres"), ("en", "no sorry the number is one two three")],
)
def test_half_a_correction_asks_for_the_number_and_does_not_hang_up(
    telecom: Business, lang: str, words: str
) -> None:
    caller = told_invoice(telecom, lang).says("no").says(words)
    assert not caller.over
    assert caller.listens().step == "customer"


@pytest.mark.parametrize(
    ("lang", "text", "value"),
    [
        ("es", "no, perdón, es el quince", "quince"),
        ("es", "ay, me he equivocado, son veinte", "veinte"),
        ("es", "no", ""),
        ("es", "es el quince", ""),
        ("en", "no sorry it's the fifteenth", "fifteenth"),
        ("en", "i made a mistake it is twenty", "twenty"),
        ("en", "no thank you", ""),
    ],
)
def test_what_a_correction_without_a_name_holds(lang: str, text: str, value: str) -> None:
    assert corrected_value(text, lang) == value


@pytest.mark.parametrize(
    ("lang", "label", "head"),
    [
        ("es", "número de cliente", "numero"),
        ("es", "las últimas cuatro cifras de la tarjeta", "ultimas"),
        ("en", "customer number", "number"),
        ("en", "last four digits of the card", "digits"),
        ("en", "", ""),
    ],
)
def test_the_noun_of_a_label(lang: str, label: str, head: str) -> None:
    assert head_of(label, lang) == head


# --- hearing it again ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "¿cuánto era?"),
        ("es", "perdone, ¿cuánto ha dicho que era?"),
        ("es", "¿cuánto?"),
        ("en", "how much was that?"),
        ("en", "sorry, how much did you say it was?"),
        ("en", "what was the amount again"),
    ],
)
@pytest.mark.parametrize("further", [(), ("no",), ("bla bla",)])
def test_what_was_told_is_told_again_and_the_question_stands(
    telecom: Business, lang: str, words: str, further: tuple[str, ...]
) -> None:
    caller = told_invoice(telecom, lang)
    for line in further:
        caller.says(line)
    step = caller.listens().step
    caller.says(words)
    assert {"es": "cuarenta y dos euros", "en": "forty-two euros"}[lang] in caller.text
    assert caller.listens().step == step
    assert caller.answer[1].pace < 100, "more slowly"


@pytest.mark.parametrize("lang", ["es", "en"])
def test_asking_what_was_told_for_ever_ends_at_a_person(telecom: Business, lang: str) -> None:
    caller = told_invoice(telecom, lang)
    words = {"es": "¿cuánto era?", "en": "how much was that?"}[lang]
    for _ in range(4):
        caller.says(words)
    assert caller.handed().reason == "loop"


@pytest.mark.parametrize(
    ("lang", "words"), [("es", "¿cuánto era?"), ("es", "¿cuánto?"), ("en", "how much was that?")]
)
def test_with_nothing_told_yet_it_is_a_turn_like_others(telecom: Business, lang: str, words: str) -> None:
    caller = Caller(telecom, lang).says(words)
    assert not caller.over
    assert {"es": "Se lo repito", "en": "Here it is again"}[lang] not in caller.text


@pytest.mark.parametrize("lang", ["es", "en"])
def test_what_was_told_can_be_asked_of_a_recognizer_of_phrases(telecom: Business, lang: str) -> None:
    caller = told_invoice(telecom, lang)
    assert set(PHRASES[Saying.TOLD][lang]) <= set(caller.listens().phrases)
    assert set(caller.listens().phrases) <= set(flow_phrases(telecom.flow, lang))
    assert not set(PHRASES[Saying.TOLD][lang]) & set(Caller(telecom, lang).listens().phrases)
    assert all(asks_what_was_told(phrase, lang) for phrase in PHRASES[Saying.TOLD][lang])


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "cuánto debo"),
        ("es", "a qué hora abren"),
        ("es", "cuándo llega mi pedido"),
        ("en", "how much do i owe"),
        ("en", "when do you open"),
        ("en", "when does my order arrive"),
    ],
)
def test_a_new_question_asks_for_nothing_told(lang: str, words: str) -> None:
    assert not asks_what_was_told(words, lang)


@pytest.mark.parametrize(
    ("lang", "first", "second"),
    [
        ("es", "qué horario tienen", "a qué hora abren"),
        ("en", "what are your opening hours", "when do you open"),
    ],
)
def test_the_hours_may_be_asked_twice(telecom: Business, lang: str, first: str, second: str) -> None:
    caller = at(telecom, lang, first, second)
    assert {"es": "Se lo repito. Ahora", "en": "Here it is again. We are open"}[lang] in caller.text
    assert not caller.over
    assert caller.says(first).handed().reason == "loop"


# --- a card that is not lost ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Business:
    source = PROMPTS.parent / "voice" / "templates" / "bank"
    folder = make_prompts(
        tmp_path_factory.mktemp("bank") / "prompts",
        (source / "flow.yaml").read_text(encoding="utf-8").replace("knowledge: true", "knowledge: false"),
        (source / "actions.py").read_text(encoding="utf-8"),
        name="bank",
    )
    return load_business("bank", folder)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "Límite de la tarjeta dos mil"),
        ("es", "límite de la tarjeta"),
        ("en", "card limit two thousand"),
    ],
)
def test_a_limit_is_no_lost_card(bank: Business, lang: str, words: str) -> None:
    handoff = Caller(bank, lang).says(words).handed()
    assert handoff.intent is not None
    assert handoff.intent.intent == "card_terms"
    assert not handoff.slots, "two thousand is no card number"


# --- a person, hardly heard ------------------------------------------------------------------------------

PERSON = {"es": "quiero una persona", "en": "i want a person"}


@pytest.mark.parametrize("lang", ["es", "en"])
def test_a_person_hardly_heard_is_asked_about_once(telecom: Business, lang: str) -> None:
    question = {"es": "¿Quiere hablar con una persona?", "en": "Do you want to talk to a person?"}[lang]
    caller = Caller(telecom, lang).says(PERSON[lang], 0.1)
    assert question in caller.text
    assert not caller.says("no").over, "it was something else"
    assert question not in caller.says(PERSON[lang], 0.1).text, "the second time it is believed"
    assert caller.says("").handed().reason == "caller_asked"


@pytest.mark.parametrize("lang", ["es", "en"])
def test_a_person_hardly_heard_comes_after_a_yes(telecom: Business, lang: str) -> None:
    caller = Caller(telecom, lang).says(PERSON[lang], 0.1).says(YES[lang])
    if not caller.over:  # what is it about?
        caller.says("")
    assert caller.handed().reason == "caller_asked"
    assert at(telecom, lang, INVOICE[lang]).says(PERSON[lang], 0.1).handed().queue == "billing"


# --- not having it at hand -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "El número no lo tengo aquí"),
        ("es", "no tengo aquí el número"),
        ("es", "ahora mismo no tengo la factura delante"),
        ("es", "es que no sé mi número de cliente"),
        ("es", "me lo he dejado en casa"),
        ("en", "I don't have the number here"),
        ("en", "the number, I don't have it with me"),
        ("en", "sorry, I haven't got my bill in front of me"),
        ("en", "I don't know my customer number"),
        ("en", "I left it at home"),
    ],
)
def test_who_lacks_what_is_asked_for_hears_where_it_is_and_then_the_way_without(
    telecom: Business, lang: str, words: str
) -> None:
    caller = at(telecom, lang, INVOICE[lang], words)
    assert telecom.flow.slots["customer"].help is not None
    assert telecom.flow.slots["customer"].help[lang] in caller.text
    assert caller.says(words).handed().reason == "flow"


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "no tengo línea"),
        ("es", "no encuentro mi teléfono"),
        ("es", "no tengo cobertura en casa"),
        ("es", "no tengo tiempo"),
        ("en", "i have no coverage"),
        ("en", "i can't find my phone"),
        ("en", "i don't have internet at home"),
        ("en", "i don't have time"),
    ],
)
def test_lacking_something_else_is_no_answer(lang: str, words: str) -> None:
    assert not lacks_it(words, lang, ("número de cliente", "customer number"))


@given(st.text(max_size=60), st.sampled_from(["es", "en"]))
@settings(max_examples=60, deadline=None)
def test_any_words_can_be_asked_about(text: str, lang: str) -> None:
    assert lacks_it(text, lang) in (True, False)
    assert asks_what_was_told(text, lang) in (True, False)
    assert isinstance(corrected_value(text, lang), str)
