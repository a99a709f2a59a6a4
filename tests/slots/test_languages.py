"""How values are said, and what the phrase lists promise."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

import pytest

from voice.errors import ConfigError
from voice.languages import fold, language, normalise
from voice.slots.choices import read_yes_no

TODAY = date(2026, 11, 22)


def test_numbers_that_num2words_gets_wrong_in_spanish() -> None:
    spanish = language("es")
    assert spanish.say_number(21_000) == "veintiún mil"
    assert spanish.say_number(31_000_000) == "treinta y un millones"
    assert spanish.say_ordinal(11) == "undécimo"
    assert spanish.say_ordinal(13) == "decimotercero"


@pytest.mark.parametrize(
    ("lang", "amount", "currency", "said"),
    [
        ("es", "42.50", "EUR", "cuarenta y dos euros con cincuenta céntimos"),
        ("es", "1", "MXN", "un peso"),
        ("es", "0", "EUR", "cero euros"),
        ("es", "0.01", "USD", "un centavo"),
        ("es", "201", "GBP", "doscientas una libras"),
        ("es", "1000000", "COP", "un millón de pesos"),
        ("es", "-21.01", "PEN", "menos veintiún soles con un céntimo"),
        ("es", "3", "JPY", "tres yenes japoneses"),
        ("en", "42.05", "USD", "forty-two dollars and five cents"),
        ("en", "1.01", "GBP", "one pound and one penny"),
        ("en", "-3.2", "EUR", "minus three euros and twenty cents"),
        ("en", "0", "usd", "zero dollars"),
        ("en", "2", "CHF", "two Swiss francs"),
    ],
)
def test_amounts(lang: str, amount: str, currency: str, said: str) -> None:
    assert language(lang).say_amount(Decimal(amount), currency) == said


@pytest.mark.parametrize(
    ("lang", "day", "said"),
    [
        ("es", date(2026, 11, 22), "hoy"),
        ("es", date(2026, 11, 23), "mañana"),
        ("es", date(2026, 12, 15), "el martes, quince de diciembre"),
        ("es", date(2027, 1, 1), "el viernes, primero de enero de dos mil veintisiete"),
        ("en", date(2026, 11, 21), "yesterday"),
        ("en", date(2026, 12, 15), "Tuesday, December fifteenth"),
        ("en", date(2005, 3, 2), "Wednesday, March second, two thousand five"),
    ],
)
def test_dates(lang: str, day: date, said: str) -> None:
    assert language(lang).say_date(day, TODAY) == said


@pytest.mark.parametrize(
    ("at", "spanish", "english"),
    [
        (time(0, 0), "las doce de la noche", "midnight"),
        (time(12, 0), "las doce del mediodía", "noon"),
        (time(13, 15), "la una y cuarto de la tarde", "one fifteen in the afternoon"),
        (time(9, 5), "las nueve y cinco de la mañana", "nine oh five in the morning"),
        (time(23, 30), "las once y media de la noche", "eleven thirty at night"),
    ],
)
def test_times(at: time, spanish: str, english: str) -> None:
    assert language("es").say_time(at) == spanish
    assert language("en").say_time(at) == english


def test_digits_are_grouped_for_the_ear() -> None:
    assert language("es").say_digits("12345678") == "uno dos tres cuatro, cinco seis siete ocho"
    assert language("en").say_digits("612-345-6789") == "six one two, three four five, six seven eight nine"
    assert language("en").say_digits("") == ""


def test_normalise_keeps_what_a_lexicon_has() -> None:
    assert normalise(" ¿Qué  tal, Señor? Don’t 'quote' me… ") == "qué tal señor don't quote me"
    assert fold("Veintidós, DON'T") == "veintidos dont"


@pytest.mark.parametrize("lang", ["es", "en"])
def test_phrases_are_ready_for_a_grammar(lang: str) -> None:
    facts = language(lang)
    lists = (
        facts.yes_phrases,
        facts.no_phrases,
        facts.neither_phrases,
        facts.person_phrases,
        facts.repeat_phrases,
        facts.back_phrases,
        facts.help_phrases,
        facts.wait_phrases,
        facts.digit_words,
        facts.number_words,
        facts.backchannels,
        facts.switch_phrases,
        facts.date_phrases(TODAY),
    )
    for phrases in lists:
        assert phrases
        assert [p for p in phrases if normalise(p) != p or not p] == []
        assert len(set(phrases)) == len(phrases)
    assert not set(facts.yes_phrases) & set(facts.no_phrases)


def test_an_unknown_language_says_what_to_use() -> None:
    with pytest.raises(ConfigError, match="use 'es' or 'en'"):
        language("fr")


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("es", "sí correcto"),
        ("es", "sí sí claro"),
        ("es", "bueno sí"),
        ("en", "yeah sure"),
        ("en", "uh yes please"),
    ],
)
def test_a_yes_in_two_words_is_a_phrase_of_its_own(lang: str, said: str) -> None:
    """A recognizer of whole phrases otherwise hears the nearest one: "sí correcto" was "es incorrecto"."""
    facts = language(lang)
    assert said in facts.yes_phrases
    assert (read_yes_no(said, facts) or ("",))[0] == "yes"


def test_a_preference_for_a_person_is_heard_in_every_step() -> None:
    assert "prefiero hablar con una persona" in language("es").person_phrases
