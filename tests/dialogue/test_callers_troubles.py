"""What callers of the sample lines ran into: corrections with the value in the same breath, what they do not
have at hand, hearing again what they were told."""

from __future__ import annotations

import pytest

from tests.dialogue.text_caller import Caller
from voice.dialogue.loader import Business
from voice.dialogue.minds import corrected_value, head_of

INVOICE = {"es": "tengo una pregunta sobre mi factura", "en": "i have a question about my invoice"}
NUMBER = {"es": "uno dos tres cuatro cinco seis siete ocho", "en": "one two three four five six seven eight"}
OTHER = {"es": "ocho siete seis cinco cuatro tres dos uno", "en": "eight seven six five four three two one"}
YES = {"es": "sí", "en": "yes"}


def at(business: Business, lang: str, *lines: str) -> Caller:
    caller = Caller(business, lang)
    for line in lines:
        assert not caller.over, f"over before {line!r}: {caller.said[-2:]}"
        caller.says(line)
    return caller


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
