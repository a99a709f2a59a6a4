"""Where prompts are cut into phrases."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.speech.phrasing import LIMIT_WORDS, MOST_CHARACTERS, pause_ms, sentences, speakable, split

CASES: list[tuple[str, str, list[str]]] = [
    ("es", "", []),
    ("es", "   ", []),
    ("es", "Hola.", ["Hola."]),
    ("es", "Su pedido llega mañana. ¿Algo más?", ["Su pedido llega mañana.", "¿Algo más?"]),
    ("en", "Your order arrives tomorrow. Anything else?", ["Your order arrives tomorrow.", "Anything else?"]),
    # one-word sentences go with their neighbour
    ("es", "Hola. Soy el asistente virtual.", ["Hola. Soy el asistente virtual."]),
    ("en", "Please hold on the line. Thanks.", ["Please hold on the line. Thanks."]),
    # clauses, when both sides are long enough
    (
        "es",
        "Si tiene una consulta de facturas, diga facturas o marque dos.",
        ["Si tiene una consulta de facturas,", "diga facturas o marque dos."],
    ),
    ("es", "Sí, claro que puede.", ["Sí, claro que puede."]),
    ("en", "For your balance, press one.", ["For your balance, press one."]),
    (
        "en",
        "If you know the extension, dial it now; to wait, stay on the line.",
        ["If you know the extension,", "dial it now;", "to wait, stay on the line."],
    ),
    # never inside numbers, amounts and dates
    ("es", "Su saldo es de 1.234,50 euros.", ["Su saldo es de 1.234,50 euros."]),
    ("en", "Your balance is $1,234.50 today.", ["Your balance is $1,234.50 today."]),
    ("es", "El código es 12, 34, 56, 78, 90.", ["El código es 12, 34, 56, 78, 90."]),
    (
        "es",
        "Ha dicho cuatro, cinco, seis, siete, ocho, nueve.",
        ["Ha dicho cuatro, cinco, seis, siete, ocho, nueve."],
    ),
    (
        "en",
        "You said four, five, six, seven, eight, nine.",
        ["You said four, five, six, seven, eight, nine."],
    ),
    # abbreviations and initials end no sentence
    ("es", "Le atiende el Sr. García Pérez. Un momento.", ["Le atiende el Sr. García Pérez.", "Un momento."]),
    ("en", "This is Dr. Smith speaking. One moment.", ["This is Dr. Smith speaking.", "One moment."]),
    ("es", "Abrimos a las 9 a.m. Cerramos tarde.", ["Abrimos a las 9 a.m. Cerramos tarde."]),
    ("es", "La opción es no. Puede volver al menú.", ["La opción es no.", "Puede volver al menú."]),
    ("es", "Llame a EE. UU. mañana por favor.", ["Llame a EE. UU. mañana por favor."]),
    # what closes comes along
    ("es", "Ha dicho «sí, quiero.» Vamos a seguir.", ["Ha dicho «sí, quiero.»", "Vamos a seguir."]),
]


@pytest.mark.parametrize(("lang", "text", "phrases"), CASES)
def test_cuts(lang: str, text: str, phrases: list[str]) -> None:
    assert split(text, lang) == phrases


def test_a_long_clause_is_cut_before_a_joining_word_near_its_middle() -> None:
    text = (
        "Le confirmo que hemos recibido su solicitud de cambio de tarifa "
        "y que la aplicaremos en su próxima factura"
    )
    assert split(text, "es") == [
        "Le confirmo que hemos recibido su solicitud de cambio de tarifa",
        "y que la aplicaremos en su próxima factura",
    ]
    text = "We have received your request to change the plan and we will apply it to your next invoice"
    assert split(text, "en") == [
        "We have received your request to change the plan",
        "and we will apply it to your next invoice",
    ]


def test_an_amount_in_words_is_never_cut() -> None:
    amount = "mil doscientos treinta y cuatro euros con cincuenta y seis céntimos"
    text = (
        f"El importe total de la última factura que le hemos enviado este mes es de {amount} y vence pronto"
    )
    phrases = split(text, "es")
    assert any(amount in phrase for phrase in phrases)
    amount = "one thousand two hundred and thirty four dollars and fifty six cents"
    text = f"The total of the last invoice that we have sent you this month is {amount} and it is due soon"
    assert any(amount in phrase for phrase in split(text, "en"))


WORDS = (
    *("hola", "adiós", "sí", "no", "y", "o", "pero", "and", "but", "12", "3,5", "$4", "uno", "dos", "veinte"),
    *("euros", "Sr.", "a.m.", "¿qué?", "(bien)", "fin.", "ya,", "ay;", "eh:", "…"),
)
TEXT = st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)


@settings(max_examples=200, deadline=None)
@given(TEXT | st.text(max_size=200), st.sampled_from(["es", "en"]))
def test_nothing_is_lost_or_added(text: str, lang: str) -> None:
    phrases = split(text, lang)
    assert " ".join(phrases) == " ".join(text.split())
    assert all(phrase and phrase == phrase.strip() for phrase in phrases)
    assert " ".join(sentences(text)) == " ".join(text.split())


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(["hola", "adiós", "y", "casa,", "perro.", "gato"]), max_size=80).map(" ".join)
)
def test_phrases_without_numbers_have_a_limit(text: str) -> None:
    assert all(len(phrase.split()) <= LIMIT_WORDS for phrase in split(text, "es"))


@settings(max_examples=200, deadline=None)
@given(TEXT, st.sampled_from(["es", "en"]))
def test_a_phrase_is_not_cut_again(text: str, lang: str) -> None:
    """What is made ahead from whole prompts is found when the line asks phrase by phrase."""
    for phrase in split(text, lang):
        assert " ".join(split(phrase, lang)) == phrase


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=2000))
def test_engines_get_short_clean_text_with_something_to_say(text: str) -> None:
    for part in speakable(text):
        assert part.isprintable()
        assert len(part) <= MOST_CHARACTERS
        assert any(c.isalnum() for c in part)
    kept = "".join(c for part in speakable(text) for c in part if c.isalnum())
    assert kept == "".join(c for c in text if c.isalnum() and c.isprintable())


@pytest.mark.parametrize(
    ("phrase", "ms"),
    [("Hola.", 240), ("¿Sí?", 240), ("uno,", 100), ("esto:", 180), ("nada", 0), ("", 0), ("«Ya.»", 240)],
)
def test_pauses_follow_the_last_mark(phrase: str, ms: int) -> None:
    assert pause_ms(phrase) == ms
