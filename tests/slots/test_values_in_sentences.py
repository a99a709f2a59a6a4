"""What is said amid a sentence is the same value as an answer gives, or is asked for: never another."""

from __future__ import annotations

from datetime import date

import pytest

from voice.model import ExpectKind
from voice.slots.extract import extract
from voice.slots.reading import Wanted

MONDAY = date(2026, 11, 23)


def found(kind: str, lang: str, text: str, today: date = MONDAY) -> str | None:
    value = extract(text, lang, {kind: Wanted(ExpectKind(kind))}, today).get(kind)
    return value.parsed.value if value is not None else None


NEAR_DAYS = {
    "es": {
        "el quince de diciembre": "2026-12-15",
        "el viernes cuatro de diciembre": "2026-12-04",
        "el treinta y uno de diciembre": "2026-12-31",
        "el veintitrés de noviembre": "2026-11-23",
        "el lunes 30": "2026-11-30",
        "28 nov": "2026-11-28",
        "pasado mañana": "2026-11-25",
        "pasado mañana a las tres y media": "2026-11-25",
        "antes de ayer": "2026-11-21",
        "anteayer": "2026-11-21",
        "el quince": "2026-12-15",
        "el día quince": "2026-12-15",
        "el quince a las cuatro": "2026-12-15",
        "del lunes al viernes": None,
        "el lunes o el martes": None,
    },
    "en": {
        "on december fifteenth": "2026-12-15",
        "on the fifteenth of december": "2026-12-15",
        "on friday the fourth of december": "2026-12-04",
        "on monday the thirtieth": "2026-11-30",
        "28 Nov": "2026-11-28",
        "3 Dec": "2026-12-03",
        "the day after tomorrow": "2026-11-25",
        "the day after tomorrow at half past three": "2026-11-25",
        "the day before yesterday": "2026-11-21",
        "on the fifteenth": "2026-12-15",
        "for the twenty first": "2026-12-21",
        "on the 15th": "2026-12-15",
        "monday to friday": None,
        "monday or tuesday": None,
    },
}


@pytest.mark.parametrize("frame", ["quiero una cita {}", "querría reservar {} por favor"])
@pytest.mark.parametrize(("said", "day"), NEAR_DAYS["es"].items())
def test_days_of_the_next_month_in_spanish(said: str, day: str | None, frame: str) -> None:
    assert found("date", "es", frame.format(said)) == day


@pytest.mark.parametrize("frame", ["i want an appointment {}", "can somebody come {} please"])
@pytest.mark.parametrize(("said", "day"), NEAR_DAYS["en"].items())
def test_days_of_the_next_month_in_english(said: str, day: str | None, frame: str) -> None:
    assert found("date", "en", frame.format(said)) == day


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("es", "marco el dos"),
        ("es", "el quince por ciento de descuento"),
        ("es", "vivo en el segundo piso"),
        ("es", "hoy no me funciona internet"),
        ("es", "hace tres días que no funciona"),
        ("en", "i live on the second floor"),
        ("en", "for the first time it fails"),
        ("en", "my internet is down today"),
    ],
)
def test_numbers_of_other_things_are_no_days(lang: str, text: str) -> None:
    assert found("date", lang, text) is None


@pytest.mark.parametrize(
    ("lang", "text"),
    [("es", "una mesa para cuatro el viernes"), ("en", "a table for four on friday")],
)
def test_people_before_a_weekday_are_no_day_of_the_month(lang: str, text: str) -> None:
    assert found("date", lang, text) == "2026-11-27"
