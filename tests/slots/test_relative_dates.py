"""Dates that are told from other days or inside a period, and dates with times, in both languages."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.languages import language
from voice.model import ExpectKind
from voice.slots.feasts import easter
from voice.slots.reader import read
from voice.slots.reading import Outcome, Parsed, Wanted

TODAY = date(2026, 5, 14)  # a Thursday

DAYS = """
en|the previous wednesday|2026-05-06
en|last friday|2026-05-08
en|the first monday of october|2026-10-05
es|el primer lunes de octubre|2026-10-05
en|the last friday of this month|2026-05-29
es|el último viernes de este mes|2026-05-29
en|the second tuesday of next month|2026-06-09
es|el segundo martes del mes que viene|2026-06-09
en|the first week of october on friday|2026-10-02
es|el viernes de la primera semana de octubre|2026-10-02
es|la primera semana de octubre el viernes|2026-10-02
en|the friday of the first week of october|2026-10-02
en|end of the month|2026-05-31
es|a fin de mes|2026-05-31
es|a finales de octubre|2026-10-31
en|at the end of october|2026-10-31
en|the end of next month|2026-06-30
es|a finales del mes que viene|2026-06-30
en|the beginning of next month|2026-06-01
es|a principios del mes que viene|2026-06-01
es|a primeros de junio|2026-06-01
en|mid june|2026-06-15
es|a mediados de junio|2026-06-15
en|in the middle of june|2026-06-15
en|the last day of the month|2026-05-31
es|el último día del mes|2026-05-31
en|the first day of next month|2026-06-01
es|el primer día del mes que viene|2026-06-01
es|el uno del mes que viene|2026-06-01
en|the last day of the year|2026-12-31
es|el último día del año|2026-12-31
en|the last day of february|2027-02-28
es|el último día de febrero|2027-02-28
en|tuesday of next week|2026-05-19
en|next week on tuesday|2026-05-19
es|la semana que viene el martes|2026-05-19
es|el martes de la próxima semana|2026-05-19
es|el martes de la semana siguiente|2026-05-19
en|thursday last week|2026-05-07
es|el jueves de la semana pasada|2026-05-07
en|the 15th of next month|2026-06-15
es|el quince del próximo mes|2026-06-15
en|next month on the tenth|2026-06-10
es|el diez del mes entrante|2026-06-10
en|the third of last month|2026-04-03
es|el tres del mes pasado|2026-04-03
en|the fifth of may next year|2027-05-05
es|el cinco de mayo del año que viene|2027-05-05
en|may fifth last year|2025-05-05
es|el cinco de mayo del año pasado|2025-05-05
es|el quince de marzo del próximo año|2027-03-15
en|january tenth of next year|2027-01-10
en|two days after christmas|2026-12-27
es|dos días después de navidad|2026-12-27
en|the day before christmas|2026-12-24
es|el día antes de navidad|2026-12-24
en|the day after next monday|2026-05-19
es|el día después del lunes|2026-05-19
en|a week from tuesday|2026-05-26
en|a week on tuesday|2026-05-26
en|tuesday week|2026-05-26
es|del martes en ocho|2026-05-26
es|el martes en ocho días|2026-05-26
es|de hoy en ocho|2026-05-21
es|de hoy en ocho días|2026-05-21
es|de hoy en quince días|2026-05-28
es|de mañana en ocho días|2026-05-22
en|a week today|2026-05-21
en|a week from today|2026-05-21
en|a week tomorrow|2026-05-22
en|a fortnight today|2026-05-28
en|two weeks from tomorrow|2026-05-29
es|dentro de dos semanas a partir de mañana|2026-05-29
en|in two weeks time|2026-05-28
en|in a week's time|2026-05-21
en|in a month|2026-06-14
es|en un mes|2026-06-14
es|dentro de un mes|2026-06-14
es|dentro de dos semanas y tres días|2026-05-31
en|in two weeks and three days|2026-05-31
en|two years and three months ago|2024-02-14
es|hace dos años y tres meses|2024-02-14
en|the friday after christmas|2027-01-01
en|the monday before christmas|2026-12-21
es|el lunes antes de navidad|2026-12-21
es|el viernes después de navidad|2027-01-01
en|two days before the tenth of june|2026-06-08
es|dos días antes del diez de junio|2026-06-08
en|three days after tomorrow|2026-05-18
es|tres días después de mañana|2026-05-18
en|two days before yesterday|2026-05-11
es|dos días antes de ayer|2026-05-11
en|the day before yesterday|2026-05-12
es|anteayer|2026-05-12
es|antes de ayer|2026-05-12
es|trasanteayer|2026-05-11
es|pasado mañana|2026-05-16
en|the day after tomorrow|2026-05-16
en|two fridays from now|2026-05-22
es|dentro de dos viernes|2026-05-22
es|el lunes de la otra semana|2026-05-18
es|este domingo|2026-05-17
en|this sunday|2026-05-17
en|this coming sunday|2026-05-17
es|el domingo próximo|2026-05-17
es|el próximo domingo|2026-05-17
es|el domingo que viene|2026-05-17
es|el domingo pasado|2026-05-10
es|el pasado domingo|2026-05-10
es|el lunes pasado|2026-05-11
en|next sunday|2026-05-24
en|sunday|2026-05-17
es|el domingo|2026-05-17
es|el martes|2026-05-19
es|el jueves|2026-05-21
es|el próximo día quince|2026-05-15
es|el pasado día tres|2026-05-03
es|el día tres pasado|2026-05-03
en|the third|2026-06-03
en|on the 3rd|2026-06-03
en|friday the 15th|2026-05-15
es|viernes quince|2026-05-15
es|viernes quince de mayo|2026-05-15
en|may the fourth|2027-05-04
en|may 4|2027-05-04
en|last may 4|2026-05-04
es|el pasado cuatro de mayo|2026-05-04
es|el cuatro de mayo pasado|2026-05-04
en|december twenty five nineteen ninety five|1995-12-25
en|the twenty fifth of december nineteen oh five|1905-12-25
en|march fifth two thousand and five|2005-03-05
en|march fifth two thousand five|2005-03-05
en|march fifth twenty oh five|2005-03-05
en|march fifth ninety five|1995-03-05
en|the fifth of the third nineteen ninety|1990-03-05
es|cinco del tres del noventa|1990-03-05
es|cinco del tres de mil novecientos noventa|1990-03-05
es|cinco de marzo del dos mil cinco|2005-03-05
es|cinco de marzo de dos mil veinticinco|2025-03-05
es|cinco de marzo del noventa y cinco|1995-03-05
es|cinco de marzo del año dos mil veintisiete|2027-03-05
es|cinco de marzo del veintisiete|2027-03-05
en|oh three oh five nineteen ninety|1990-03-05
en|zero three zero five two thousand ten|2010-03-05
es|cero cinco cero tres dos mil diez|2010-03-05
es|cinco tres noventa|1990-03-05
es|el uno de marzo|2027-03-01
es|el primero de marzo|2027-03-01
es|primero de enero|2027-01-01
en|the first of march|2027-03-01
en|new year's day|2027-01-01
en|new year's eve|2026-12-31
es|nochevieja|2026-12-31
es|el día de reyes|2027-01-06
es|el día de san valentín|2027-02-14
es|viernes santo|2027-03-26
en|good friday|2027-03-26
es|miércoles de ceniza|2027-02-10
en|ash wednesday|2027-02-10
es|domingo de ramos|2027-03-21
en|palm sunday|2027-03-21
en|easter monday|2027-03-29
es|lunes de pascua|2027-03-29
en|christmas two thousand twenty eight|2028-12-25
es|la navidad de dos mil veintiocho|2028-12-25
es|la navidad pasada|2025-12-25
en|last christmas|2025-12-25
en|next christmas|2026-12-25
en|halloween|2026-10-31
en|tonight|2026-05-14
es|esta noche|2026-05-14
es|mañana por la mañana|2026-05-15
es|ayer por la tarde|2026-05-13
en|tomorrow morning|2026-05-15
en|yesterday afternoon|2026-05-13
en|last night|2026-05-13
es|anoche|2026-05-13
en|this afternoon|2026-05-14
es|esta tarde|2026-05-14
en|in three days|2026-05-17
es|en tres días|2026-05-17
es|de aquí a tres días|2026-05-17
en|three days ago|2026-05-11
es|hace tres días|2026-05-11
es|tres días atrás|2026-05-11
en|three days later|2026-05-17
es|tres días más tarde|2026-05-17
en|in five business days|2026-05-21
es|en cinco días hábiles|2026-05-21
es|dentro de cinco días laborables|2026-05-21
en|within ten working days|2026-05-28
en|a year ago|2025-05-14
es|hace un año|2025-05-14
en|a year from now|2027-05-14
es|dentro de un año|2027-05-14
en|the fourth of july|2026-07-04
en|july four|2026-07-04
en|the twenty first|2026-05-21
en|on the thirty first|2026-05-31
es|el veintiuno|2026-05-21
es|el treinta y uno|2026-05-31
en|the fifteenth of this month|2026-05-15
es|el quince de este mes|2026-05-15
es|el quince del corriente|2026-05-15
es|el día uno|2026-06-01
en|may fourteenth|2026-05-14
en|today|2026-05-14
es|hoy mismo|2026-05-14
es|ahora mismo|2026-05-14
en|right now|2026-05-14
en|the last monday in may|2026-05-25
en|the fourth thursday of november|2026-11-26
en|the fourth thursday in november two thousand twenty seven|2027-11-25
es|el cuarto jueves de noviembre de dos mil veintisiete|2027-11-25
es|el penúltimo día del mes|2026-05-30
en|sometime next tuesday|2026-05-19
en|my appointment is on the eighteenth|2026-05-18
es|mi cita es el dieciocho|2026-05-18
en|i'd like to come on monday the eighteenth of may please|2026-05-18
es|me gustaría ir el lunes dieciocho de mayo por favor|2026-05-18
en|wednesday june tenth|2026-06-10
en|june tenth wednesday|2026-06-10
es|miércoles diez junio|2026-06-10
en|10 june 2026|2026-06-10
en|june 10 26|2026-06-10
en|2026 june 10|2026-06-10
es|2026 junio 10|2026-06-10
en|2016 10 16|2016-10-16
en|this week thursday|2026-05-14
en|this thursday|2026-05-14
en|thursday this week|2026-05-14
en|monday this week|2026-05-11
es|el lunes de esta semana|2026-05-11
en|later today|2026-05-14
en|today in a week|2026-05-21
es|hoy en una semana|2026-05-21
es|en una semana|2026-05-21
es|dentro de quince días|2026-05-29
es|dentro de ocho días|2026-05-22
en|in a couple of days|2026-05-16
es|en un par de días|2026-05-16
es|dentro de un par de semanas|2026-05-28
en|first thing tomorrow|2026-05-15
en|five years from tomorrow|2031-05-15
es|el sábado que viene no el siguiente|2026-05-16
"""
NO_DAY = """
es|el fin de semana
en|the weekend
en|next year
es|el mes que viene
en|june
es|junio
en|the year two thousand
en|the 31st of june
es|treinta y uno de junio
"""
DAYS_AND_TIMES = """
es|volveré a las ocho de la mañana de hoy|2026-05-14 08:00
es|volveré hoy a las ocho y media de la noche|2026-05-14 20:30
es|esta mañana a las ocho|2026-05-14 08:00
es|volveré esta mañana a las 8am|2026-05-14 08:00
es|esta noche a las ocho|2026-05-14 20:00
es|a las ocho de esta noche|2026-05-14 20:00
es|a las 8 esta noche|2026-05-14 20:00
es|mañana a las diez de la mañana|2026-05-15 10:00
es|mañana por la mañana a las diez|2026-05-15 10:00
es|a las diez de la mañana de mañana|2026-05-15 10:00
es|a las diez mañana por la mañana|2026-05-15 10:00
es|mañana a las diez|2026-05-15 10:00
es|mañana a la mañana a las 10|2026-05-15 10:00
es|mañana en la tarde a las tres|2026-05-15 15:00
es|mañana a las tres en la tarde|2026-05-15 15:00
es|pasado mañana a las siete de la tarde|2026-05-16 19:00
es|el 3 de enero a las 7 y media de la noche|2027-01-03 19:30
es|el 3 de enero de 2027 a las 7:30 pm|2027-01-03 19:30
es|a las tres y media de la tarde del 15 de junio|2026-06-15 15:30
es|el lunes dieciocho a las seis de la tarde|2026-05-18 18:00
es|el domingo por la mañana temprano a las ocho|2026-05-17 08:00
es|el domingo a las 8:00 temprano por la mañana|2026-05-17 08:00
es|el sábado a las 5|2026-05-16 05:00,2026-05-16 17:00
es|a las siete del sábado por la tarde|2026-05-16 19:00
es|a las siete del sábado a la tarde|2026-05-16 19:00
es|el viernes al mediodía|2026-05-15 12:00
es|al mediodía del viernes|2026-05-15 12:00
es|a medianoche del viernes|2026-05-15 00:00
es|mañana a mediodía|2026-05-15 12:00
es|ayer a las cuatro y cuarto|2026-05-13 16:15,2026-05-13 04:15
es|ayer por la noche a las once|2026-05-13 23:00
es|anoche a las once|2026-05-13 23:00
es|el dos de febrero a las nueve de la mañana|2027-02-02 09:00
es|el veintidós de febrero a las tres y media|2027-02-22 15:30,2027-02-22 03:30
es|el 22 de febrero a las 3:30|2027-02-22 15:30,2027-02-22 03:30
es|el quince a las tres|2026-05-15 15:00,2026-05-15 03:00
es|el quince de mayo a las quince horas|2026-05-15 15:00
es|el quince de mayo a las quince treinta|2026-05-15 15:30
es|mañana a las ocho treinta y seis|2026-05-15 08:36,2026-05-15 20:36
es|mañana a las ocho y treinta y seis minutos|2026-05-15 08:36,2026-05-15 20:36
es|el martes a las cinco menos diez|2026-05-19 16:50,2026-05-19 04:50
es|el 1 de enero a las 0:00|2027-01-01 00:00
es|el diez de octubre a las doce de la noche|2026-10-10 00:00
es|alrededor de las tres de la tarde de mañana|2026-05-15 15:00
es|cerca de las 5:30 pm del martes|2026-05-19 17:30
es|el próximo lunes a las 10 de la mañana|2026-05-18 10:00
es|la semana que viene el martes a las 10|2026-05-19 10:00,2026-05-19 22:00
es|una y media de la tarde, 24 ene|2027-01-24 13:30
es|hoy a las 12 en punto|2026-05-14 12:00
es|hoy a las doce y diez|2026-05-14 12:10
es|7 de la tarde mañana|2026-05-15 19:00
es|25 de mayo a las 4 de la tarde|2026-05-25 16:00
es|para el 25 de mayo a las 16|2026-05-25 16:00
es|el 25 a las 16 horas|2026-05-25 16:00
es|el viernes 22 a las nueve y pico|2026-05-22 09:00
es|el lunes que viene a las once y media|2026-05-18 11:30
es|dentro de dos días a las cinco de la tarde|2026-05-16 17:00
es|en dos semanas a las 9 am|2026-05-28 09:00
es|el primer lunes de junio a las nueve|2026-06-01 09:00
es|el martes, a las 5 p.m.|2026-05-19 17:00
es|el 5 de junio, 2026, 8:05|2026-06-05 08:05
es|15 de junio a las 8 pm|2026-06-15 20:00
es|junio 15 a las 8 pm|2026-06-15 20:00
es|el día de navidad a las dos|2026-12-25 14:00
en|i'll go back today at eight thirty pm|2026-05-14 20:30
en|eight am this morning|2026-05-14 08:00
en|this morning at eight|2026-05-14 08:00
en|tonight at eight|2026-05-14 20:00
en|eight tonight|2026-05-14 20:00
en|at eight o'clock tonight|2026-05-14 20:00
en|tomorrow morning at ten|2026-05-15 10:00
en|at ten tomorrow morning|2026-05-15 10:00
en|tomorrow at ten in the morning|2026-05-15 10:00
en|seven pm the day after tomorrow|2026-05-16 19:00
en|the third of january at half past seven in the evening|2027-01-03 19:30
en|january 3 2027 7:30 pm|2027-01-03 19:30
en|half past three in the afternoon on the 15th of june|2026-06-15 15:30
en|monday the eighteenth at six pm|2026-05-18 18:00
en|sunday early morning at eight|2026-05-17 08:00
en|saturday at five|2026-05-16 17:00,2026-05-16 05:00
en|at seven on saturday afternoon|2026-05-16 19:00
en|at seven on saturday evening|2026-05-16 19:00
en|friday noon|2026-05-15 12:00
en|noon on friday|2026-05-15 12:00
en|midnight on friday|2026-05-15 00:00
en|tomorrow at noon|2026-05-15 12:00
en|yesterday at quarter past four|2026-05-13 16:15,2026-05-13 04:15
en|last night at eleven|2026-05-13 23:00
en|yesterday night at eleven|2026-05-13 23:00
en|eleven last night|2026-05-13 23:00
en|february twenty second three thirty|2027-02-22 15:30,2027-02-22 03:30
en|the fifteenth at three|2026-05-15 15:00,2026-05-15 03:00
en|may fifteenth at fifteen thirty|2026-05-15 15:30
en|tuesday at ten to five|2026-05-19 16:50,2026-05-19 04:50
en|october tenth at midnight|2026-10-10 00:00
en|around three tomorrow afternoon|2026-05-15 15:00
en|about five thirty pm on tuesday|2026-05-19 17:30
en|next week tuesday at ten|2026-05-19 10:00,2026-05-19 22:00
en|today at twelve|2026-05-14 12:00
en|seven in the evening tomorrow|2026-05-15 19:00
en|may twenty fifth at four in the afternoon|2026-05-25 16:00
en|in two days at five pm|2026-05-16 17:00
en|two weeks from now at nine am|2026-05-28 09:00
en|the first monday of june at nine|2026-06-01 09:00
en|june 15 at 8 pm|2026-06-15 20:00
en|june fifteenth eight pm|2026-06-15 20:00
en|8 pm june fifteenth|2026-06-15 20:00
en|8pm on the 15th|2026-05-15 20:00
en|christmas day at two|2026-12-25 14:00
en|this afternoon at three|2026-05-14 15:00
en|three this afternoon|2026-05-14 15:00
en|3 p m tomorrow|2026-05-15 15:00
en|tuesday afternoon at 2 30|2026-05-19 14:30
en|5 30 on tuesday|2026-05-19 17:30
en|tues the 19th 7pm|2026-05-19 19:00
es|martes 19 7pm|2026-05-19 19:00
en|june the first at 9 o'clock|2026-06-01 09:00
en|the first of june at nine fifteen|2026-06-01 09:15
en|tuesday nine a m|2026-05-19 09:00
es|martes nueve de la mañana|2026-05-19 09:00
es|el martes nueve de junio a las nueve|2026-06-09 09:00
"""


def lines(table: str) -> list[list[str]]:
    return [line.split("|") for line in table.strip().splitlines()]


def read_as(kind: str, text: str, lang: str, today: date = TODAY) -> Outcome:
    return read(Wanted(ExpectKind(kind)), text, lang, today)


def day(text: str, lang: str, today: date = TODAY) -> Parsed:
    outcome = read_as("date", text, lang, today)
    assert isinstance(outcome, Parsed), f"{text!r}: {outcome}"
    return outcome


def test_days_are_read() -> None:
    wrong = {
        text: (got, expected)
        for lang, text, expected in lines(DAYS)
        if (got := day(text, lang).value) != expected
    }
    assert not wrong


def test_what_names_no_day_is_none() -> None:
    for lang, text in lines(NO_DAY):
        assert not isinstance(read_as("date", text, lang), Parsed), text


def test_days_with_times_are_read() -> None:
    wrong = {}
    for lang, text, expected in lines(DAYS_AND_TIMES):
        on, at = read_as("date", text, lang), read_as("time", text, lang)
        assert isinstance(on, Parsed), text
        assert isinstance(at, Parsed), text
        if not {f"{on.value} {clock}" for clock in (at.value, *at.alternatives)} & set(expected.split(",")):
            wrong[text] = (on, at)
    assert not wrong


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "last wednesday"), ("es", "el martes pasado"), ("en", "next friday"),
        ("es", "dentro de ocho días"),
        ("en", "early next month"), ("es", "a mediados de junio"), ("en", "the end of the week"),
        ("es", "el otro lunes"), ("en", "the friday after next"), ("es", "este lunes"),
        ("en", "in a week and a half"), ("es", "hace una semana y media"), ("en", "in a few days"),
        ("es", "dentro de unos días"), ("en", "labor day"), ("en", "a few weeks ago"),
    ],
)  # fmt: skip
def test_what_people_mean_differently_is_asked_about(lang: str, text: str) -> None:
    assert day(text, lang).confidence < 0.75


def test_a_weekday_alone_is_the_next_one_and_sure() -> None:
    for lang, text in (("es", "el martes"), ("en", "tuesday")):
        found = day(text, lang)
        assert (found.value, found.confidence) == ("2026-05-19", 1.0)
        assert found.alternatives == ("2026-05-12",)  # for a step that wants a day gone by


@settings(max_examples=60, deadline=None)
@given(
    today=st.dates(date(2000, 1, 1), date(2080, 12, 31)),
    count=st.integers(1, 40),
    unit=st.sampled_from([("days", "días", 1), ("weeks", "semanas", 7)]),
)
def test_counts_from_today_come_back(today: date, count: int, unit: tuple[str, str, int]) -> None:
    english, spanish, length = unit
    for sign, texts in (
        (1, (("en", f"in {count} {english}"), ("es", f"dentro de {count} {spanish}"))),
        (-1, (("en", f"{count} {english} ago"), ("es", f"hace {count} {spanish}"))),
    ):
        expected = (today + timedelta(sign * count * length)).isoformat()
        assert {day(text, lang, today).value for lang, text in texts} == {expected}


@settings(max_examples=60, deadline=None)
@given(
    today=st.dates(date(2000, 1, 1), date(2080, 12, 31)),
    rank=st.integers(1, 4),
    weekday=st.integers(0, 6),
    month=st.integers(1, 12),
)
def test_weekdays_of_a_month_are_found(today: date, rank: int, weekday: int, month: int) -> None:
    for lang in ("en", "es"):
        lexicon = language(lang).lexicon
        name = next(word for word, n in lexicon.weekdays.items() if n == weekday and len(word) > 4)
        of = next(word for word, n in lexicon.months.items() if n == month)
        text = f"the {rank} {name} of {of}" if lang == "en" else f"el {rank} {name} de {of}"
        found = date.fromisoformat(day(text, lang, today).value)
        assert (found.weekday(), found.month, (found.day - 1) // 7) == (weekday, month, rank - 1)
        assert found >= today


ENGLISH = """the first last next week month of after before two days friday tomorrow christmas end in a from
 may 31 half and on today ago year business since"""
SPANISH = """el primer último próximo semana mes de después antes dos días viernes mañana navidad fin en que
 viene hace mayo 31 y media del hoy año hábiles pasado"""


@settings(max_examples=60, deadline=None)
@given(data=st.data(), lang=st.sampled_from(["en", "es"]))
def test_no_words_break_the_reader(data: st.DataObject, lang: str) -> None:
    words = (ENGLISH if lang == "en" else SPANISH).split()
    text = " ".join(data.draw(st.lists(st.sampled_from(words), max_size=9)))
    assert read_as("date", text, lang) is not None


def test_easter_moves() -> None:
    assert [easter(year).isoformat() for year in (2024, 2025, 2026)] == [
        "2024-03-31",
        "2025-04-20",
        "2026-04-05",
    ]
