"""A day and a time said together are what each is alone, in either order."""

from __future__ import annotations

from datetime import date, time
from itertools import product

import pytest

from voice.model import ExpectKind
from voice.slots.reader import read
from voice.slots.reading import Outcome, Parsed, Wanted

TODAY, NOW = date(2026, 9, 23), time(11, 40)  # a Wednesday
DAYS = {
    "es": """el siete|el siete de octubre|el siete de octubre de dos mil veintisiete|octubre siete|el viernes
        |el viernes nueve de octubre|pasado mañana|dentro de dos semanas|el siete del diez|el día de reyes
        |el último viernes de octubre|el martes de la semana que viene""",
    "en": """the seventh|october seventh|october seventh twenty twenty seven|october seven|friday
        |friday october ninth|the day after tomorrow|two weeks from now|the twenty first|christmas eve
        |the last friday in october|tuesday of next week""",
}
TIMES = {
    "es": """a las cinco|a las cinco y media de la tarde|a la una y cuarto|a las diecisiete treinta
        |hacia las seis y cuarto|por la mañana a las diez|al mediodía|cinco de la tarde|a las 17:30
        |a las ocho menos diez de la noche""",
    "en": """at five|at half past five|at one fifteen|at 17:30|around six|in the morning at ten|at noon
        |five pm|five thirty pm|at ten past eight in the evening""",
}


def phrases(block: str) -> list[str]:
    return [" ".join(phrase.split()) for phrase in block.split("|")]


def value(kind: ExpectKind, text: str, lang: str) -> str | Outcome:
    found = read(Wanted(kind), text, lang, TODAY, NOW)
    return found.value if isinstance(found, Parsed) else found


@pytest.mark.parametrize("lang", ["es", "en"])
def test_days_and_times_leave_each_other_alone(lang: str) -> None:
    days = {day: value(ExpectKind.DATE, day, lang) for day in phrases(DAYS[lang])}
    times = {hour: value(ExpectKind.TIME, hour, lang) for hour in phrases(TIMES[lang])}
    assert all(isinstance(found, str) for found in (*days.values(), *times.values()))
    wrong = {}
    for (day, hour), order in product(product(days, times), ("{day} {hour}", "{hour} {day}")):
        said = order.format(day=day, hour=hour)
        both = value(ExpectKind.DATE, said, lang), value(ExpectKind.TIME, said, lang)
        if both != (days[day], times[hour]):
            wrong[said] = both
    assert not wrong


@pytest.mark.parametrize(
    ("lang", "text", "day", "hour"),
    [
        ("en", "oct 7 at noon", "2026-10-07", "12:00"),
        ("en", "oct 7 in the morning at ten", "2026-10-07", "10:00"),
        ("en", "make it friday around five", "2026-09-25", "17:00"),
        ("en", "seven on friday would be fine around noon", "2026-09-25", "12:00"),
        ("en", "at five thirty october seventh", "2026-10-07", "17:30"),
        ("en", "about five thirty october seven", "2026-10-07", "17:30"),
        ("es", "a las cinco treinta octubre siete", "2026-10-07", "17:30"),
        ("es", "a la una mañana", "2026-09-24", "13:00"),
        ("es", "de hoy en ocho por la tarde a las cinco", "2026-09-30", "17:00"),
        ("es", "del veintiocho a las diez", "2026-09-28", "10:00"),
    ],
)
def test_a_day_and_its_time(lang: str, text: str, day: str, hour: str) -> None:
    assert (value(ExpectKind.DATE, text, lang), value(ExpectKind.TIME, text, lang)) == (day, hour)


@pytest.mark.parametrize("text", ["a table for around five", "about five boxes", "around five days"])
def test_an_approximate_count_is_no_sure_hour(text: str) -> None:
    found = read(Wanted(ExpectKind.TIME), text, "en", TODAY, NOW)
    assert not isinstance(found, Parsed) or found.confidence < 0.75
