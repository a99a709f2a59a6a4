"""Times of day as callers say them, alone, with a day, and told from now, in both languages."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.model import ExpectKind
from voice.slots.extract import extract
from voice.slots.reader import read
from voice.slots.reading import Outcome, Parsed, Refused, Wanted, Why

TODAY, NOW = date(2026, 5, 14), time(10, 15)  # a Thursday

TIMES = """
en|in two hours|12:15
en|in half an hour|10:45
en|half an hour from now|10:45
en|in an hour and a half|11:45
en|in about twenty minutes|10:35
en|in twenty minutes' time|10:35
en|in an hour or so|11:15
en|two hours from now|12:15
en|in a couple of hours|12:15
en|in two and a half hours|12:45
en|in three quarters of an hour|11:00
en|within the hour|11:15
en|within two hours|12:15
en|two hours ago|08:15
en|half an hour ago|09:45
en|twenty minutes ago|09:55
en|about an hour ago|09:15
en|in 90 minutes|11:45
en|in an hour's time|11:15
en|an hour from now|11:15
en|call me in ten minutes|10:25
en|right now|10:15
en|now|10:15
en|immediately|10:15
en|ten minutes before five|16:50
en|half an hour before noon|11:30
en|an hour after midnight|01:00
en|two hours before five thirty pm|15:30
en|an hour after three in the afternoon|16:00
en|quarter to nine|08:45
en|a quarter till nine|08:45
en|ten of nine|08:50
en|ten past nine|09:10
en|twenty five past nine|09:25
en|half nine|09:30
en|nine fifteen|09:15
en|nine oh five|09:05
en|nine thirty in the morning|09:30
en|nine in the evening|21:00
en|nine at night|21:00
en|nine p m|21:00
en|fourteen thirty|14:30
en|fourteen hundred|14:00
en|fourteen hundred hours|14:00
en|noon|12:00
en|twelve noon|12:00
en|twelve midnight|00:00
en|midnight|00:00
en|twelve thirty|12:30
en|half past twelve at night|00:30
en|around nine|09:00
en|nine ish|09:00
en|nineish|09:00
en|at nine or so|09:00
en|nine sharp|09:00
en|exactly nine|09:00
en|nine on the dot|09:00
en|after nine|09:00
en|before nine|09:00
en|not before nine|09:00
en|by nine|09:00
en|at around half past nine|09:30
en|one thirty|13:30
en|one o'clock|13:00
en|at one|13:00
en|at one in the afternoon|13:00
en|four in the afternoon|16:00
en|four in the morning|04:00
en|four this afternoon|16:00
en|this afternoon at four|16:00
en|tomorrow at four|16:00
en|at seven fifty nine am|07:59
en|the nine o'clock slot|09:00
en|nine o'clock works for me|09:00
en|could we do nine thirty|09:30
en|i'd prefer nine thirty|09:30
en|make it half ten|10:30
en|let's say quarter past four|16:15
en|i'm free at four|16:00
en|five minutes to four|15:55
en|five to four|15:55
en|four forty five|16:45
en|sixteen forty five|16:45
en|ten in the morning|10:00
en|in the morning at ten|10:00
es|en dos horas|12:15
es|dentro de dos horas|12:15
es|dentro de media hora|10:45
es|en media hora|10:45
es|en una media hora|10:45
es|dentro de una hora y media|11:45
es|dentro de hora y media|11:45
es|en unos veinte minutos|10:35
es|en una hora más o menos|11:15
es|de aquí a dos horas|12:15
es|dos horas a partir de ahora|12:15
es|en un par de horas|12:15
es|en dos horas y media|12:45
es|dentro de tres cuartos de hora|11:00
es|en tres cuartos de hora|11:00
es|en un cuarto de hora|10:30
es|hace dos horas|08:15
es|hace media hora|09:45
es|hace veinte minutos|09:55
es|hace como una hora|09:15
es|hará una hora|09:15
es|dentro de noventa minutos|11:45
es|en cosa de una hora|11:15
es|como en dos horas|12:15
es|dos horas más tarde|12:15
es|llámeme en diez minutos|10:25
es|dentro de diez minutitos|10:25
es|ahora mismo|10:15
es|ahora|10:15
es|ya mismo|10:15
es|diez minutos antes de las cinco|16:50
es|media hora antes del mediodía|11:30
es|una hora después de medianoche|01:00
es|dos horas antes de las cinco y media de la tarde|15:30
es|las nueve menos cuarto|08:45
es|nueve menos cuarto|08:45
es|un cuarto para las nueve|08:45
es|cuarto para las nueve|08:45
es|diez para las nueve|08:50
es|faltando diez para las nueve|08:50
es|las nueve y diez|09:10
es|las nueve y veinticinco|09:25
es|las nueve y media|09:30
es|nueve y media de la mañana|09:30
es|las nueve y cuarto|09:15
es|las nueve quince|09:15
es|las nueve cero cinco|09:05
es|las nueve de la noche|21:00
es|a las nueve pm|21:00
es|catorce treinta|14:30
es|las catorce horas|14:00
es|las catorce|14:00
es|mediodía|12:00
es|al mediodía|12:00
es|a medio día|12:00
es|media noche|00:00
es|a media noche|00:00
es|medianoche|00:00
es|las doce de la noche|00:00
es|las doce del mediodía|12:00
es|las doce y media|12:30
es|las doce y media de la noche|00:30
es|sobre las nueve|09:00
es|a eso de las nueve|09:00
es|a las nueve y pico|09:00
es|las nueve en punto|09:00
es|hacia las nueve|09:00
es|alrededor de las nueve|09:00
es|después de las nueve|09:00
es|antes de las nueve|09:00
es|la una|13:00
es|la una y media|13:30
es|la una de la tarde|13:00
es|la una del mediodía|13:00
es|las dos del mediodía|14:00
es|las tres de la madrugada|03:00
es|las cuatro de la tarde|16:00
es|esta tarde a las cuatro|16:00
es|mañana a las cuatro|16:00
es|las 8pm menos cuarto|19:45
es|las ocho de la tarde menos cuarto|19:45
es|las ocho de la noche y cuarto|20:15
es|las 8 pm y media|20:30
es|ocho noche|20:00
es|las ocho tarde|20:00
es|me viene bien a las cuatro|16:00
es|podría a las nueve y media|09:30
es|mejor a las nueve y media|09:30
es|prefiero a las cuatro y cuarto|16:15
es|las cuatro menos cinco|15:55
es|cuatro cuarenta y cinco|16:45
es|dieciséis cuarenta y cinco|16:45
es|las dieciséis horas cuarenta y cinco minutos|16:45
es|a las diez de la mañana|10:00
es|por la mañana a las diez|10:00
es|son las cuatro y veinte|16:20
es|veinte para las cuatro|15:40
es|a cuarto para las cuatro|15:45
es|a la una y cuarto|13:15
es|a la una menos cuarto|12:45
es|a las veinte|20:00
es|a las veinte treinta|20:30
es|a las veinte y treinta|20:30
es|a las veintiuna|21:00
es|a las veintiuna treinta|21:30
es|a las cero horas|00:00
"""
NO_TIME = """
en|not now
en|for two hours
en|every two hours
en|5 days
en|ten minutes
en|20 minutes
en|first thing
en|lunch time
en|between nine and ten
en|nine or ten
en|from nine to ten
es|ahora no
es|durante dos horas
es|cada dos horas
es|cinco días
es|diez minutos
es|veinte minutos
es|a primera hora
es|entre las nueve y las diez
es|a las nueve o a las diez
es|de nueve a diez
"""
DAYS_AND_TIMES = """
en|tomorrow at five|2026-05-15 17:00
en|tomorrow at five in the morning|2026-05-15 05:00
en|on monday the eighteenth at half past ten|2026-05-18 10:30
en|the day after tomorrow at noon|2026-05-16 12:00
en|next tuesday at quarter to nine|2026-05-19 08:45
en|june third at nine thirty am|2026-06-03 09:30
en|june third nine thirty am|2026-06-03 09:30
en|nine thirty am june third|2026-06-03 09:30
en|nine thirty on june third|2026-06-03 09:30
en|the third of june at nine thirty|2026-06-03 09:30
en|the third of june around nine|2026-06-03 09:00
en|wednesday at four pm|2026-05-20 16:00
en|wednesday four pm|2026-05-20 16:00
en|four pm wednesday|2026-05-20 16:00
en|4 on wednesday|2026-05-20 16:00
en|by 4 on wednesday|2026-05-20 16:00
en|at 4 on the 20th|2026-05-20 16:00
en|on the 20th at 4|2026-05-20 16:00
en|the 20th at 4 pm|2026-05-20 16:00
en|tonight at nine|2026-05-14 21:00
en|nine tonight|2026-05-14 21:00
en|this evening at seven thirty|2026-05-14 19:30
en|this afternoon at quarter past three|2026-05-14 15:15
en|today at three|2026-05-14 15:00
en|today in two hours|2026-05-14 12:15
en|in two hours|2026-05-14 12:15
en|half an hour from now|2026-05-14 10:45
en|in twenty four hours|2026-05-15 10:15
en|in fifteen hours|2026-05-15 01:15
en|a week from today at ten|2026-05-21 10:00
en|in three days at ten am|2026-05-17 10:00
en|two weeks from monday at eleven|2026-06-01 11:00
en|yesterday at five pm|2026-05-13 17:00
en|last night at ten thirty|2026-05-13 22:30
en|yesterday around noon|2026-05-13 12:00
en|it happened on monday at three pm|2026-05-11 15:00
en|two hours ago|2026-05-14 08:15
en|twenty minutes ago|2026-05-14 09:55
en|i called on tuesday at nine|2026-05-12 09:00
en|on christmas day at two in the afternoon|2026-12-25 14:00
en|saturday morning at eight|2026-05-16 08:00
en|saturday morning eight o'clock|2026-05-16 08:00
en|eight o'clock saturday morning|2026-05-16 08:00
en|first of june eight in the morning|2026-06-01 08:00
en|june first at 14 30|2026-06-01 14:30
en|june first at fourteen hundred hours|2026-06-01 14:00
en|at 8 am on june 1st 2027|2027-06-01 08:00
en|may 20 at 8:15 pm|2026-05-20 20:15
en|20 may 2026 20:15|2026-05-20 20:15
en|midnight tonight|2026-05-14 00:00
en|friday at midday|2026-05-15 12:00
en|the last friday of the month at five|2026-05-29 17:00
en|first monday of june 9 am|2026-06-01 09:00
en|monday or tuesday at nine|-
en|ten minutes before noon tomorrow|2026-05-15 11:50
en|half an hour before midnight on friday|2026-05-15 23:30
en|a quarter past six tomorrow evening|2026-05-15 18:15
en|tomorrow evening quarter past six|2026-05-15 18:15
en|monday at nine for two hours|2026-05-18 09:00
en|tomorrow 3ish|2026-05-15 15:00
en|tomorrow at threeish|2026-05-15 15:00
en|i'd like it on the fifth of june at ten please|2026-06-05 10:00
en|could you come on thursday the twenty first at five thirty|2026-05-21 17:30
es|mañana a las cinco|2026-05-15 17:00
es|mañana a las cinco de la mañana|2026-05-15 05:00
es|el lunes dieciocho a las diez y media|2026-05-18 10:30
es|pasado mañana al mediodía|2026-05-16 12:00
es|el próximo martes a las nueve menos cuarto|2026-05-19 08:45
es|el tres de junio a las nueve y media de la mañana|2026-06-03 09:30
es|a las nueve y media del tres de junio|2026-06-03 09:30
es|a las nueve y media el tres de junio|2026-06-03 09:30
es|tres de junio nueve y media|2026-06-03 09:30
es|el tres de junio sobre las nueve|2026-06-03 09:00
es|el tres de junio a eso de las nueve|2026-06-03 09:00
es|el miércoles a las cuatro de la tarde|2026-05-20 16:00
es|el miércoles por la tarde a las cuatro|2026-05-20 16:00
es|a las cuatro del miércoles|2026-05-20 16:00
es|a las cuatro el miércoles|2026-05-20 16:00
es|el veinte a las cuatro|2026-05-20 16:00
es|a las cuatro del veinte|2026-05-20 16:00
es|a las cuatro del día veinte|2026-05-20 16:00
es|el día veinte a las cuatro de la tarde|2026-05-20 16:00
es|esta noche a las nueve|2026-05-14 21:00
es|a las nueve de esta noche|2026-05-14 21:00
es|hoy a las nueve de la noche|2026-05-14 21:00
es|esta tarde a las siete y media|2026-05-14 19:30
es|hoy a las tres|2026-05-14 15:00
es|dentro de dos horas|2026-05-14 12:15
es|en media hora|2026-05-14 10:45
es|en veinticuatro horas|2026-05-15 10:15
es|dentro de quince horas|2026-05-15 01:15
es|de hoy en ocho a las diez|2026-05-21 10:00
es|dentro de tres días a las diez de la mañana|2026-05-17 10:00
es|ayer a las cinco de la tarde|2026-05-13 17:00
es|anoche a las diez y media|2026-05-13 22:30
es|ayer a mediodía|2026-05-13 12:00
es|ocurrió el lunes a las tres de la tarde|2026-05-11 15:00
es|hace dos horas|2026-05-14 08:15
es|llamé el martes a las nueve|2026-05-12 09:00
es|el día de navidad a las dos de la tarde|2026-12-25 14:00
es|el sábado por la mañana a las ocho|2026-05-16 08:00
es|el sábado a las ocho de la mañana|2026-05-16 08:00
es|a las ocho de la mañana del sábado|2026-05-16 08:00
es|el uno de junio a las catorce treinta|2026-06-01 14:30
es|el uno de junio a las catorce horas|2026-06-01 14:00
es|el uno de junio de dos mil veintisiete a las ocho|2027-06-01 08:00
es|20 de mayo a las 20:15|2026-05-20 20:15
es|el último viernes del mes a las cinco|2026-05-29 17:00
es|diez minutos antes del mediodía mañana|2026-05-15 11:50
es|mañana media hora antes de las seis|2026-05-15 17:30
es|mañana por la tarde a las seis y cuarto|2026-05-15 18:15
es|mañana a las 8pm menos cuarto|2026-05-15 19:45
es|el lunes a las nueve dos horas|2026-05-18 09:00
es|me gustaría el cinco de junio a las diez por favor|2026-06-05 10:00
es|podría venir el jueves veintiuno a las cinco y media|2026-05-21 17:30
es|el lunes a la una|2026-05-18 13:00
es|el lunes a la una y media|2026-05-18 13:30
es|el uno a la una|2026-06-01 13:00
es|a la una del uno de junio|2026-06-01 13:00
es|el domingo veinticuatro a las doce del mediodía|2026-05-24 12:00
es|el domingo a las doce de la noche|2026-05-17 00:00
es|el domingo a las doce|2026-05-17 12:00
es|mañana temprano a las siete|2026-05-15 07:00
es|mañana de siete a ocho|-
es|el viernes tipo cinco|2026-05-15 17:00
es|el viernes como a las cinco|2026-05-15 17:00
es|el viernes tipo cinco de la tarde|2026-05-15 17:00
es|pasado mañana a las 17 horas|2026-05-16 17:00
es|el quince de este mes a las tres y cuarto|2026-05-15 15:15
es|el tres del mes que viene a las tres|2026-06-03 15:00
"""


def lines(table: str) -> list[list[str]]:
    return [line.split("|") for line in table.strip().splitlines()]


def clock(text: str, lang: str, at: time | None = NOW) -> Outcome:
    return read(Wanted(ExpectKind.TIME), text, lang, TODAY, at)


def values(found: Outcome) -> list[str]:
    return [found.value, *found.alternatives] if isinstance(found, Parsed) else []


def test_times_are_read() -> None:
    wrong = {text: got for lang, text, hour in lines(TIMES) if hour not in values(got := clock(text, lang))}
    assert not wrong


def test_what_is_no_time_is_not_taken() -> None:
    for lang, text in lines(NO_TIME):
        found = clock(text, lang)
        assert not isinstance(found, Parsed) or found.confidence < 0.6, (text, found)


def test_a_day_and_a_time_are_read_from_one_sentence() -> None:
    wrong = {}
    for lang, text, expected in lines(DAYS_AND_TIMES):
        on = read(Wanted(ExpectKind.DATE), text, lang, TODAY, NOW)
        both = [f"{day} {hour}" for day in values(on)[:1] for hour in values(clock(text, lang))] or ["-"]
        if expected not in both:
            wrong[text] = both
    assert not wrong


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "nine or ten"), ("es", "a las nueve o a las diez"), ("en", "from nine to ten"),
        ("es", "de nueve a diez"), ("en", "between nine and ten"), ("es", "entre las nueve y las diez"),
    ],
)  # fmt: skip
def test_two_times_are_told_from_one(lang: str, text: str) -> None:
    assert clock(text, lang) == Refused(Why.SEVERAL)


def test_without_the_time_of_day_nothing_is_told_from_now() -> None:
    for lang, text in (("en", "in two hours"), ("es", "dentro de dos horas"), ("en", "now"), ("es", "ahora")):
        assert clock(text, lang, None) == Refused(Why.NOTHING)


@settings(max_examples=60, deadline=None)
@given(
    at=st.times(),
    count=st.integers(2, 59),
    unit=st.sampled_from([("minutes", "minutos", 1), ("hours", "horas", 60)]),
)
def test_counts_from_now_come_back(at: time, count: int, unit: tuple[str, str, int]) -> None:
    english, spanish, minutes = unit
    for sign, texts in (
        (1, (("en", f"in {count} {english}"), ("es", f"dentro de {count} {spanish}"))),
        (-1, (("en", f"{count} {english} ago"), ("es", f"hace {count} {spanish}"))),
    ):
        when = datetime.combine(TODAY, at) + timedelta(minutes=sign * minutes * count)
        for lang, text in texts:
            day = read(Wanted(ExpectKind.DATE), text, lang, TODAY, at)
            assert (values(day), values(clock(text, lang, at))) == ([str(when.date())], [f"{when:%H:%M}"])


def test_a_count_beyond_the_calendar_is_no_time() -> None:
    for text in ("in nine hundred billion hours", "in 999999999999999 hours", "900000000000 minutes ago"):
        assert not isinstance(clock(text, "en"), Parsed)
        assert not isinstance(read(Wanted(ExpectKind.DATE), text, "en", TODAY, NOW), Parsed)


@pytest.mark.parametrize(
    ("lang", "text", "found"),
    [
        ("es", "llámenme dentro de dos horas por favor", "12:15"),
        ("en", "please call me back in half an hour", "10:45"),
        ("es", "hace dos horas que no tengo internet", None),
        ("en", "my internet went down two hours ago", None),
        ("en", "i have been waiting for two hours", None),
    ],
)
def test_a_sentence_names_a_time_to_come(lang: str, text: str, found: str | None) -> None:
    got = extract(text, lang, {"hour": Wanted(ExpectKind.TIME)}, TODAY, NOW)
    assert (got["hour"].parsed.value if "hour" in got else None) == found
    assert extract(text, lang, {"hour": Wanted(ExpectKind.TIME)}, TODAY) == {}


WORDS = """in two hours half an hour ago from now before after five noon quarter to past and every for the
 next dentro de dos horas media hora hace antes después las cinco mediodía cuarto para menos y cada por
 ahora o"""


@settings(max_examples=80, deadline=None)
@given(data=st.data(), lang=st.sampled_from(["en", "es"]))
def test_no_words_break_the_readers(data: st.DataObject, lang: str) -> None:
    text = " ".join(data.draw(st.lists(st.sampled_from(WORDS.split()), max_size=10)))
    for kind in (ExpectKind.TIME, ExpectKind.DATE, ExpectKind.DURATION):
        found = read(Wanted(kind), text, lang, TODAY, NOW)
        assert isinstance(found, Refused) or found.spoken
