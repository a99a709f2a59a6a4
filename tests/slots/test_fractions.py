"""Fractions and multiples of round numbers, in counts and amounts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.languages import language
from voice.model import ExpectKind
from voice.slots.extract import extract
from voice.slots.fractions import in_figures
from voice.slots.numbers import parse_written, tokenise
from voice.slots.reader import read
from voice.slots.reading import Parsed, Wanted

TODAY = date(2026, 1, 14)


def value(kind: ExpectKind, lang: str, text: str) -> str:
    outcome = read(Wanted(kind), text, lang, TODAY)
    return outcome.value if isinstance(outcome, Parsed) else outcome.why.value


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("en", "half a million", "500000"),
        ("en", "two and a half million", "2500000"),
        ("en", "one and a half thousand", "1500"),
        ("en", "a million and a half", "1500000"),
        ("en", "a quarter of a million", "250000"),
        ("en", "three quarters of a million", "750000"),
        ("en", "two point five million", "2500000"),
        ("en", "three score", "60"),
        ("en", "a couple of hundred", "200"),
        ("en", "a couple thousand", "2000"),
        ("en", "200k", "200000"),
        ("en", "three k", "3000"),
        ("en", "3 hundred", "300"),
        ("en", "4 hundred and 5", "405"),
        ("en", "two thousands", "2000"),
        ("en", "one fifty", "150"),
        ("en", "two twenty five", "225"),
        ("en", "nil", "0"),
        ("en", "- 9", "-9"),
        ("en", "one half", "nothing"),
        ("es", "medio millón", "500000"),
        ("es", "dos millones y medio", "2500000"),
        ("es", "millón y medio", "1500000"),
        ("es", "un millón y medio", "1500000"),
        ("es", "un cuarto de millón", "250000"),
        ("es", "tres cuartos de millón", "750000"),
        ("es", "un par de miles", "2000"),
        ("es", "un centenar", "100"),
        ("es", "medio centenar", "50"),
        ("es", "dos centenares", "200"),
        ("es", "tres millares", "3000"),
        ("es", "una veintena", "20"),
        ("es", "diez k", "10000"),
        ("es", "dos y medio", "nothing"),
        ("es", "un millón y cinco", "1000005"),
        ("es", "docena y media", "18"),
    ],
)
def test_counts(lang: str, text: str, expected: str) -> None:
    assert value(ExpectKind.INTEGER, lang, text) == expected


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("en", "two and a half grand", "2500"),
        ("en", "200k euros", "200000"),
        ("en", "1.5m dollars", "1500000"),
        ("en", "a couple hundred dollars", "200"),
        ("en", "a couple of euros", "2"),
        ("en", "fifty p", "0.50"),
        ("en", "75 dollars million", "75000000"),
        ("en", "one and a quarter million dollars", "1250000"),
        ("en", "a half dollar", "0.50"),
        ("en", "a dollar and a half", "1.50"),
        ("en", "six and a half dollars", "6.50"),
        ("es", "euro y medio", "1.50"),
        ("es", "medio euro", "0.50"),
        ("es", "tres euros y medio", "3.50"),
        ("es", "un par de euros", "2"),
        ("es", "ochenta céntimos de euro", "0.80"),
        ("es", "un cuarto de millón de euros", "250000"),
        ("es", "un millón y medio de pesos", "1500000"),
    ],
)
def test_amounts(lang: str, text: str, expected: str) -> None:
    assert value(ExpectKind.AMOUNT, lang, text) == expected


@pytest.mark.parametrize("lang", ["es", "en"])
@given(st.integers(0, 999_999_999))
@settings(max_examples=40, deadline=None)
def test_a_number_as_we_say_it_stays_as_it_is(lang: str, number: int) -> None:
    facts = language(lang)
    tokens = tokenise(facts.say_number(number))
    assert in_figures(tokens, facts.lexicon) == tokens


def test_a_number_in_thousands_is_an_amount_and_no_code() -> None:
    wanted = {
        "limit": Wanted(ExpectKind.AMOUNT, called=("limite", "card", "limit")),
        "card": Wanted(ExpectKind.DIGITS, {}, 4, 4, called=("tarjeta", "card")),
    }
    for lang, text, expected in (
        ("es", "Límite de la tarjeta dos mil", {"limit": "2000"}),
        ("es", "quiero subir el límite a dos mil", {"limit": "2000"}),
        ("es", "la tarjeta cuatro tres dos uno", {"card": "4321"}),
        ("en", "card limit two thousand", {"limit": "2000"}),
        ("en", "my card limit to five hundred please", {"limit": "500"}),
        ("en", "the card four three two one", {"card": "4321"}),
        ("en", "limit four three two one", {}),
    ):
        found = extract(text, lang, wanted, TODAY)
        assert {name: one.parsed.value for name, one in found.items()} == expected, text


@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize(
    "text",
    ["{} hundred", "{} millones y medio", "{} million and a half", "2 point {} million", "{} k million"],
)
def test_endless_figures_are_no_fault(lang: str, text: str) -> None:
    for kind in (ExpectKind.INTEGER, ExpectKind.AMOUNT):
        value(kind, lang, text.format("9" * 60))


WORDS = st.sampled_from(
    [
        "half", "a", "million", "medio", "millón", "y", "and", "de", "of", "couple", "par", "dos", "two", "k",
        "200", "2.5", "hundred", "cuarto", "quarters", "three", "tres", "point", "coma", "euros", "-",
    ]
)  # fmt: skip


@pytest.mark.parametrize("lang", ["es", "en"])
@given(words=st.lists(WORDS, max_size=12))
@settings(max_examples=80, deadline=None)
def test_any_words_can_be_rewritten_and_read(lang: str, words: list[str]) -> None:
    said = in_figures(words, language(lang).lexicon)
    assert len(said) <= len(words)
    for kind in (ExpectKind.INTEGER, ExpectKind.AMOUNT):
        value(kind, lang, " ".join(words))


@given(st.integers(1, 10**9), st.integers(0, 6))
@settings(max_examples=60, deadline=None)
def test_thousands_of_any_decimals_are_written_as_they_are_read(figures: int, places: int) -> None:
    said = Decimal(figures).scaleb(-places)
    if places == 3:  # which would be thousands
        return
    written = in_figures([f"{said:f}", "k"], language("en").lexicon)
    assert len(written) == 1
    assert parse_written(written[0]) == said * 1000
