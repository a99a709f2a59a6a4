"""What we say about a value is read back as that value, in both languages."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.languages import fold, language, normalise
from voice.languages.base import word_list
from voice.model import ExpectKind
from voice.slots.reader import parse

LANGS = st.sampled_from(["es", "en"])
TODAYS = st.dates(date(2024, 1, 1), date(2035, 12, 31))
ANY_DAY = date(2026, 11, 22)


@settings(max_examples=200, deadline=None)
@given(lang=LANGS, digits=st.text("0123456789", min_size=1, max_size=20))
def test_digits_come_back(lang: str, digits: str) -> None:
    spoken = language(lang).say_digits(digits)
    parsed = parse(ExpectKind.DIGITS, spoken, lang, today=ANY_DAY)
    assert parsed is not None
    assert parsed.value == digits
    assert parse(ExpectKind.DIGITS, normalise(spoken), lang, today=ANY_DAY) == parsed


@settings(max_examples=200, deadline=None)
@given(
    lang=LANGS,
    cents=st.one_of(st.integers(-(10**11), 10**11), st.integers(-250_000, 250_000)),
    currency=st.sampled_from(["EUR", "USD", "MXN", "ARS", "COP", "CLP", "PEN", "GBP"]),
)
def test_amounts_come_back(lang: str, cents: int, currency: str) -> None:
    amount = Decimal(cents) / 100
    spoken = language(lang).say_amount(amount, currency)
    for said in (spoken, normalise(spoken), fold(spoken)):
        parsed = parse(ExpectKind.AMOUNT, said, lang, today=ANY_DAY)
        assert parsed is not None
        assert Decimal(parsed.value) == amount


@settings(max_examples=200, deadline=None)
@given(lang=LANGS, today=TODAYS, ahead=st.integers(-40_000, 10_000))
def test_dates_come_back(lang: str, today: date, ahead: int) -> None:
    day = today + timedelta(ahead)
    spoken = language(lang).say_date(day, today)
    for said in (spoken, normalise(spoken), fold(spoken)):
        parsed = parse(ExpectKind.DATE, said, lang, today=today)
        assert parsed is not None
        assert parsed.value == day.isoformat()


@settings(max_examples=200, deadline=None)
@given(lang=LANGS, n=st.integers(0, 10**10))
def test_numbers_are_read_as_one_group(lang: str, n: int) -> None:
    parsed = parse(ExpectKind.DIGITS, language(lang).say_number(n), lang, today=ANY_DAY)
    assert parsed is not None
    assert parsed.value == str(n)


@settings(max_examples=200, deadline=None)
@given(kind=st.sampled_from(list(ExpectKind)), lang=LANGS, text=st.text(max_size=80))
def test_any_text_is_read_or_refused(kind: ExpectKind, lang: str, text: str) -> None:
    options = {"a": ("uno", "one"), "b": ("dos", "two")}
    parsed = parse(kind, text, lang, options=options, today=ANY_DAY)
    assert parsed is None or (parsed.value and 0 < parsed.confidence <= 1)


WORDS = word_list(
    """
    uno dos doble mil millón millones y con coma medio euros céntimos menos el lunes de diciembre quince
    que viene no perdón hace semanas un treinta cien 12.5 1.2.3 99999999 double oh hundred thousand and a
    half point cents the of next monday in weeks twenty may 31/12 2026-13-45 º $ -5 from tomorrow
    """
)


@settings(max_examples=250, deadline=None)
@given(
    kind=st.sampled_from([ExpectKind.DIGITS, ExpectKind.AMOUNT, ExpectKind.DATE, ExpectKind.YES_NO]),
    lang=LANGS,
    words=st.lists(st.sampled_from(WORDS), max_size=10),
)
def test_any_order_of_telling_words_is_read_or_refused(kind: ExpectKind, lang: str, words: list[str]) -> None:
    parsed = parse(kind, " ".join(words), lang, today=ANY_DAY)
    if parsed is not None and kind is ExpectKind.DATE:
        date.fromisoformat(parsed.value)
    elif parsed is not None and kind is ExpectKind.AMOUNT:
        assert Decimal(parsed.value).as_tuple().exponent in (0, -2)


@pytest.mark.parametrize("lang", ["es", "en"])
def test_a_flood_of_words_is_read_in_bounded_time(lang: str) -> None:
    for kind in ExpectKind:
        parse(kind, "uno one doble double " * 20_000, lang, today=ANY_DAY)
