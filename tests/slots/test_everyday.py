"""What callers say, written down before the readers were tried on it (``everyday/en.txt``, ``es.txt``): days,
days with times, whole numbers, and sentences that name none."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.languages import language
from voice.languages.en import MONTHS as ENGLISH_MONTHS
from voice.languages.en import say_year
from voice.languages.es import MONTHS as SPANISH_MONTHS
from voice.model import ExpectKind
from voice.slots.reader import read
from voice.slots.reading import Outcome, Parsed, Wanted

CASES = Path(__file__).parent / "everyday"
TODAY, NOW = date(2026, 9, 23), time(11, 40)  # a Wednesday
ASKED = 0.8  # a line asks whether a value is right that is less sure than this
KNOWN_WRONG = {
    "el día de la constitución",  # another day in every country
    "el puente del pilar el lunes",
    "las navidades pasadas el veinticinco",
    "the order from the fifteenth of september",
    "el veinte de este mes no del que viene",
    "not thirteen thirty",
    "the friday of that week",
    "back on august ninth",
    "past august ninth",
    "forty two point zero",
    "four and twenty",
    "three score and ten",
    "el veinticinco veinte quince horas",
    "one nine one one one nine six two",  # the nineteenth is no month: taken as a day
    "it used to be four but now it's five",
    "antes eran cuatro pero ahora son cinco",
    "firmamos el contrato en marzo el día cuatro",  # a past form that is a present one too
}


def sections(lang: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    name = ""
    for line in (CASES / f"{lang}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            name = line.strip("[]")
        elif line and not line.startswith("#"):
            found[name].append(line)
    return found


def read_as(kind: str, text: str, lang: str, today: date = TODAY) -> Outcome:
    return read(Wanted(ExpectKind(kind)), text, lang, today, NOW)


def moments(text: str, lang: str) -> list[str]:
    on, at = read_as("date", text, lang), read_as("time", text, lang)
    if not isinstance(on, Parsed) or not isinstance(at, Parsed):
        return []
    return [f"{on.value} {clock}" for clock in (at.value, *at.alternatives)]


def is_asked_about(found: Outcome) -> bool:
    return not isinstance(found, Parsed) or found.confidence < ASKED


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("kind", ["date", "integer"])
def test_values_are_read(lang: str, kind: str) -> None:
    wrong = {}
    for line in sections(lang)[kind]:
        text, expected = line.split("|")
        found = read_as(kind, text, lang)
        right = is_asked_about(found) if expected == "-" else getattr(found, "value", "") == expected
        if not right and text not in KNOWN_WRONG:
            wrong[text] = found
    assert not wrong


@pytest.mark.parametrize("lang", ["en", "es"])
def test_days_with_times_are_read(lang: str) -> None:
    pairs = [line.split("|") for line in sections(lang)["datetime"]]
    wrong = {text: got for text, expected in pairs if expected not in (got := moments(text, lang) or ["-"])}
    assert wrong.keys() <= KNOWN_WRONG


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("kind", ["date", "integer"])
def test_what_names_none_is_not_taken(lang: str, kind: str) -> None:
    taken = {
        text: found
        for text in sections(lang)[f"no {kind}"]
        if not is_asked_about(found := read_as(kind, text, lang))
    }
    assert not taken


@pytest.mark.parametrize(
    ("lang", "text", "value"),
    [
        ("en", "i want to pay the bill on friday", "2026-09-25"),
        ("es", "quiero pagar la factura del gas el viernes", "2026-09-25"),
        ("es", "quiero pagar la factura del quince de octubre", "2025-10-15"),
        ("en", "i'd like to pay the invoice from the fifteenth of october", "2025-10-15"),
    ],
)
def test_a_bill_is_of_a_day_gone_by_and_paid_on_one_to_come(lang: str, text: str, value: str) -> None:
    found = read_as("date", text, lang)
    assert isinstance(found, Parsed)
    assert found.value == value


@pytest.mark.parametrize(
    ("text", "british", "american"),
    [
        ("three four twenty six", "2026-04-03", "2026-03-04"), ("ten nine", "2027-09-10", "2026-10-09"),
        ("10/9", "2027-09-10", "2026-10-09"), ("oh five oh one nineteen eighty", "1980-01-05", "1980-05-01"),
        ("twenty five twelve", "2026-12-25", "2026-12-25"), ("october ninth", "2026-10-09", "2026-10-09"),
    ],
)  # fmt: skip
def test_figures_are_in_the_order_of_the_country(text: str, british: str, american: str) -> None:
    for country, expected in (("GB", british), ("IE", british), ("US", american), ("ES", american)):
        found = read(Wanted(ExpectKind.DATE, country=country), text, "en", TODAY, NOW)
        assert isinstance(found, Parsed)
        assert found.value == expected, country


def ways(day: date, lang: str) -> list[str]:
    """How a day with its year is said, each way its own template."""
    facts = language(lang)
    number, month, year = facts.say_number(day.day), facts.say_number(day.month), facts.say_number(day.year)
    noughts = [f"{facts.say_number(0)} {facts.say_number(n)}" if n < 10 else "" for n in (day.day, day.month)]
    digits = [
        " ".join(facts.say_number(int(c)) for c in f"{n:0{w}}") for n, w in ((day.day, 2), (day.year, 4))
    ]
    middle = " ".join(facts.say_number(int(c)) for c in f"{day.month:02}")
    if lang == "es":
        name = SPANISH_MONTHS[day.month - 1]
        first = noughts[0] or number
        return [
            f"el {number} de {name} de {year}", f"{number} {name} {year}",
            f"el {number} del {month} de {year}",
            f"{name} {number} de {year}", f"el {number} de {name} del año {year}",
            f"en {year} el {number} de {name}",
            f"día {number} mes {month} año {year}", f"{first} {noughts[1] or month} {year}",
            f"{number} barra {month} barra {year}", f"{digits[0]} {middle} {digits[1]}",
            f"a ver eh el {number} de {name} de {year} por favor",
        ]  # fmt: skip
    name, nth, said = ENGLISH_MONTHS[day.month - 1], facts.say_ordinal(day.day), say_year(day.year)
    first = noughts[1] or month
    return [
        f"the {nth} of {name} {year}", f"{name} {nth} {said}", f"{name} the {nth}, {said}",
        f"{number} {name} {said}",
        f"{name} {number} {said}", f"{said} {name} {nth}", f"in {said} on {name} {nth}",
        f"the {nth} of {name} in the year {said}", f"month {month} day {number} year {said}",
        f"{first} {noughts[0] or number} {said}", f"{month} slash {number} slash {said}",
        f"{middle} {digits[0]} {digits[1]}", f"um it would be {name} {nth} {said} i think",
    ]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["en", "es"]), st.dates(date(1925, 1, 1), date(2040, 12, 31)), st.data())
def test_any_day_is_read_however_it_is_said(lang: str, day: date, data: st.DataObject) -> None:
    said = data.draw(st.sampled_from(ways(day, lang)))
    found = read_as("date", said, lang)
    assert isinstance(found, Parsed), said
    assert found.value == day.isoformat(), said


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["en", "es"]), st.integers(0, 999_999_999))
def test_any_number_is_read(lang: str, number: int) -> None:
    found = read_as("integer", language(lang).say_number(number), lang)
    assert isinstance(found, Parsed)
    assert found.value == str(number)
