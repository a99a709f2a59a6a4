"""Another day of the month that was named before."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.languages import language
from voice.model import LANGUAGES
from voice.slots.corrections import day_of_same_month

MARCH = date(2026, 3, 15)


@pytest.mark.parametrize(
    ("lang", "said", "day"),
    [
        ("es", "el dieciséis", 16),
        ("es", "dieciséis", 16),
        ("es", "el día veintiuno", 21),
        ("es", "el primero", 1),
        ("es", "el lunes dieciséis", 16),
        ("en", "the sixteenth", 16),
        ("en", "sixteen", 16),
        ("en", "the twenty first", 21),
        ("en", "monday the sixteenth", 16),
        ("es", "el martes dieciséis", None),  # a Monday in March
        ("es", "el dieciséis de abril", None),
        ("es", "el treinta y dos", None),
        ("es", "mañana", None),
        ("es", "el sábado", None),
        ("es", "dentro de dos días", None),
        ("es", "el dieciséis o el diecisiete", None),
        ("es", "la una", None),
        ("en", "tuesday the sixteenth", None),
        ("en", "april sixteenth", None),
        ("en", "the thirty second", None),
        ("en", "tomorrow", None),
        ("en", "in two days", None),
        ("en", "the sixteenth or the seventeenth", None),
        ("en", "next saturday", None),
    ],
)
def test_a_day_alone_stays_in_the_month(lang: str, said: str, day: int | None) -> None:
    found = day_of_same_month(MARCH, said, language(lang))
    assert found == (MARCH.replace(day=day) if day else None)


def test_a_day_that_the_month_has_not_is_none() -> None:
    assert day_of_same_month(date(2026, 2, 10), "el treinta", language("es")) is None


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30), st.sampled_from(LANGUAGES), st.dates())
def test_it_is_a_day_of_that_month_or_none(text: str, lang: str, day: date) -> None:
    found = day_of_same_month(day, text, language(lang))
    assert found is None or (found.year, found.month) == (day.year, day.month)
