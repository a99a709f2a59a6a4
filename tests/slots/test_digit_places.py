"""Digits corrected by their place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.model import LANGUAGES
from voice.slots.digit_places import place_phrases, with_digits_placed


@pytest.mark.parametrize(
    ("lang", "said", "now"),
    [
        ("es", "el último es un ocho", "123458"),
        ("es", "la última es ocho", "123458"),
        ("es", "la última cifra es un ocho", "123458"),
        ("es", "el último no es un seis es un ocho", "123458"),
        ("es", "el último no es un seis sino un ocho", "123458"),
        ("es", "el primero es un nueve", "923456"),
        ("es", "el tercero es un cero", "120456"),
        ("es", "la penúltima es un cero", "123406"),
        ("es", "los dos últimos son nueve cero", "123490"),
        ("es", "los últimos dos números son nueve cero", "123490"),
        ("es", "las tres primeras son siete siete siete", "777456"),
        ("es", "termina en setenta y ocho", "123478"),
        ("es", "acaba en nueve", "123459"),
        ("es", "empieza por nueve ocho", "983456"),
        ("en", "the last one is an eight", "123458"),
        ("en", "the last digit is eight", "123458"),
        ("en", "the last one's an eight", "123458"),
        ("en", "the last one is not a six it's an eight", None),
        ("en", "the first one is a nine", "923456"),
        ("en", "the third number is zero", "120456"),
        ("en", "the second to last is a zero", "123406"),
        ("en", "the last two are nine oh", "123490"),
        ("en", "the first three digits are seven seven seven", "777456"),
        ("en", "it ends in seventy eight", "123478"),
        ("en", "it starts with nine eight", "983456"),
        ("es", "uno dos tres cuatro cinco ocho", None),
        ("es", "el último es un pedido", None),
        ("es", "el séptimo es un ocho", None),
        ("es", "los dos últimos son nueve", None),
        ("es", "el mejor es un ocho", None),
        ("en", "one two three four five eight", None),
        ("en", "the last one is wrong", None),
        ("en", "the seventh is an eight", None),
        ("en", "the last two are nine", None),
        ("en", "this is an eight", None),
    ],
)
def test_a_digit_is_corrected_by_its_place(lang: str, said: str, now: str | None) -> None:
    assert with_digits_placed("123456", said, lang) == now


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_listened_for_is_read(lang: str) -> None:
    said = place_phrases(lang)
    assert len(said) == 6 * 10
    for phrase in said:
        found = with_digits_placed("123456", phrase.removeprefix("no "), lang)
        assert found is not None
        assert found[1:] == "23456" or found[:5] == "12345"


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40), st.sampled_from(LANGUAGES), st.from_regex(r"[0-9]{1,12}", fullmatch=True))
def test_a_number_keeps_its_length(text: str, lang: str, digits: str) -> None:
    found = with_digits_placed(digits, text, lang)
    assert found is None or len(found) == len(digits)
