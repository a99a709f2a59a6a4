"""Ways of saying days, times and numbers that the test lists of other projects showed, in our own words and
in both languages: what was read wrong or not at all, with what must stay refused or asked about beside it."""

from __future__ import annotations

from datetime import date, time

import pytest

from voice.model import ExpectKind
from voice.slots.extract import extract
from voice.slots.reader import read
from voice.slots.reading import Parsed, Refused, Wanted, Why

TODAY, NOW = date(2026, 9, 23), time(11, 40)  # a Wednesday
ASKED = 0.75

DAYS = """
en|we are four for friday|2026-09-25
en|three boxes for monday please|2026-09-28
en|a double room on saturday for two nights|2026-09-26
es|somos cuatro el viernes|2026-09-25
es|tres cajas para el lunes por favor|2026-09-28
es|dos personas el sábado|2026-09-26
en|friday the twenty fifth|2026-09-25
es|el viernes que es veinticinco|2026-09-25
en|that is 24.90 i can pay on friday|2026-09-25
es|son 24.90 y pago el viernes|2026-09-25
en|i visited the shop on may fourth|2026-05-04
en|may i come on may fourth|2027-05-04
en|it was delivered may the ninth|2026-05-09
en|the first monday of this december|2026-12-07
es|el primer lunes de este diciembre|2026-12-07
en|the last friday of last july|2026-07-31
es|el último viernes del pasado julio|2026-07-31
es|el segundo martes octubre|2026-10-13
en|the second monday after easter|2027-04-05
es|el segundo lunes después de pascua|2027-04-05
en|two fridays before christmas|2026-12-11
es|dos viernes antes de navidad|2026-12-11
en|four nights ago|2026-09-19
es|hace cuatro noches|2026-09-19
es|hace tres tardes|2026-09-20
en|in two nights|2026-09-25
es|dentro de dos noches|2026-09-25
en|this night|2026-09-23
es|esta madrugada|2026-09-23
en|the third of march in two years|2028-03-03
es|el tres de marzo dentro de dos años|2028-03-03
en|the third of march two years ago|2024-03-03
es|hace dos años el tres de marzo|2024-03-03
en|this year on the second of february|2026-02-02
es|este año el dos de febrero|2026-02-02
en|last year on the second of february|2025-02-02
es|el año pasado el dos de febrero|2025-02-02
en|at 9th october|2026-10-09
en|six pm twelfth of october|2026-10-12
en|six pm twelve october|2026-10-12
es|a las seis doce de octubre|2026-10-12
es|a las seis y media doce de octubre|2026-10-12
en|not this friday but the friday after|2026-10-02
es|no este viernes sino el viernes siguiente|2026-10-02
en|in one minute|2026-09-23
es|dentro de un minuto|2026-09-23
es|ante ayer|2026-09-21
en|please move it from thursday to monday|2026-09-28
es|me la puede cambiar del jueves al lunes|2026-09-28
es|quiero pasarla del cinco al ocho de octubre|2026-10-08
en|valentine day|2027-02-14
en|a table for two october seventh|2026-10-07
en|a table for two friday october second|2026-10-02
en|for four people the seventh|2026-10-07
en|for four people on christmas day|2026-12-25
en|two tickets on october seventh twenty twenty seven|2027-10-07
en|is october seventh twenty twenty seven free|2027-10-07
en|cancel the one october seventh|2026-10-07
en|friday week after lunch|2026-10-02
es|una mesa para dos el siete|2026-10-07
es|para cuatro personas el siete del diez|2026-10-07
es|para cuatro personas en navidad|2026-12-25
es|el siete nos va bien a los dos|2026-10-07
es|hace dos domingos|2026-09-13
es|no, pasado mañana|2026-09-25
es|el diecisiete por la tarde|2026-10-17
es|el tres por la mañana|2026-10-03
es|para el día cinco en la noche|2026-10-05
es|el cinco por la tarde a las seis|2026-10-05
es|la mañana del veintinueve|2026-09-29
es|el veintinueve a media mañana|2026-09-29
es|el próximo veintinueve por la tarde|2026-09-29
es|martes veintinueve por la tarde|2026-09-29
en|may seven in the afternoon|2027-05-07
en|the morning of the twenty ninth|2026-09-29
en|put us down for the evening of the 29th|2026-09-29
en|we need the electrician the twenty ninth if possible|2026-09-29
es|necesitamos al electricista el veintinueve si puede ser|2026-09-29
en|the monday after next would suit us|2026-10-05
en|the tuesday before last is when i rang|2026-09-15
en|i would like not this friday but the next one please|2026-10-02
es|querría no este viernes sino el siguiente por favor|2026-10-02
"""
TIMES = """
en|at 1745|17:45
es|a las 1745|17:45
en|tomorrow at 0830|08:30
en|0830 hours|08:30
en|1745|17:45
en|around 1015|10:15
en|april twelve eleven am|11:00
en|april the twelfth eleven fifteen am|11:15
es|el cinco de mayo nueve y cuarto de la mañana|09:15
es|a las nueve quince de mayo|09:00
es|a las cinco porque trabajo hasta las cuatro|17:00
en|at five because i work until four|17:00
es|perdón, a la una|13:00
es|no, a la una|13:00
en|a table for two at noon|12:00
en|twelve noon|12:00
en|ten after four|16:10
en|five after nine pm|21:05
en|two hours from noon|14:00
es|dos horas después del mediodía|14:00
en|ten minutes before now|11:30
es|diez minutos antes de ahora|11:30
es|a las doce de la mañana|12:00
es|las doce y media de la mañana|12:30
es|las doce menos diez de la mañana|11:50
es|las doce de la madrugada|00:00
es|las doce de la noche|00:00
en|in two and an half hours|14:10
en|in a pair of hours|13:40
es|el pago del quince a las diez|10:00
en|change it from three to half past four|16:30
es|cámbiela de las tres a las cuatro y media|16:30
"""
LENGTHS = """
en|two and an half hours|PT2H30M
en|an hour and an half|PT1H30M
es|dos cuartos de hora|PT30M
es|tres cuartos de horas|PT45M
es|hace seis días que no funciona|P6D
es|llevo seis días y no me contestan|P6D
en|it has been six days and it's not working|P6D
"""
NUMBERS = """
es|treinta y 3|33
es|un millardo|1000000000
en|just a single one|1
en|single|1
es|por lo menos doce|12
es|al menos doce|12
es|más o menos doce|12
es|cuando menos doce|12
es|ni más ni menos que doce|12
es|menos doce|-12
en|no less than twelve|12
en|minus twelve|-12
es|una nada más|1
es|dos nada más|2
es|ninguna más|0
es|no, una|1
es|perdón, una|1
"""
AMOUNTS = """
es|por lo menos doce euros|12
es|más o menos doce euros|12
es|menos de doce euros|12
es|menos doce euros|-12
en|minus twelve dollars|-12
en|minus $12|-12
en|no less than twelve dollars|12
"""
# A day, and no hour
PARTS_OF_DAYS = """
es|el diecisiete por la tarde
es|el tres por la mañana
es|para el día cinco en la noche
es|la mañana del veintinueve
es|martes veintinueve por la tarde
en|may seven in the afternoon
"""
# Asked about, or refused
DOUBTED = """
en|date|this is the one
en|date|the one i told you about
en|date|from tomorrow onwards
en|date|from today on
es|date|de hoy en adelante
es|date|a partir de mañana en adelante
en|date|the next day
es|date|al día siguiente
en|date|after tomorrow
es|date|después de mañana
en|date|from thursday to monday
es|date|del jueves al lunes
en|date|my shift is from thursday to monday
es|date|del pasado lunes al viernes
en|time|my shift is from nine to five
es|time|trabajo de nueve a cinco
es|time|del mediodía a las cuatro
en|time|one two three four
en|time|four five
es|duration|seis días no siete
es|amount|no puedo
"""


def rows(block: str) -> list[list[str]]:
    return [line.split("|") for line in block.split("\n") if line]


@pytest.mark.parametrize(
    ("kind", "block"),
    [("date", DAYS), ("time", TIMES), ("duration", LENGTHS), ("integer", NUMBERS), ("amount", AMOUNTS)],
)
def test_what_is_said_is_read(kind: str, block: str) -> None:
    wrong = {}
    for lang, text, expected in rows(block):
        found = read(Wanted(ExpectKind(kind)), text, lang, TODAY, NOW)
        if not isinstance(found, Parsed) or found.value != expected:
            wrong[text] = found
    assert not wrong


def test_the_day_of_the_month_before_a_part_of_the_day_is_no_hour() -> None:
    wanted = Wanted(ExpectKind.TIME)
    for lang, text in rows(PARTS_OF_DAYS):
        assert read(wanted, text, lang, TODAY, NOW) == Refused(Why.NOTHING), text


def test_the_hour_before_a_part_of_the_day_stays_one() -> None:
    for text in ("a las tres de la tarde", "tres de la tarde", "el martes a las tres por la tarde", "3 pm"):
        found = read(Wanted(ExpectKind.TIME), text, "es", TODAY, NOW)
        assert isinstance(found, Parsed), text
        assert found.value == "15:00", text


def test_this_weekday_is_named_beside_it() -> None:
    """Not by an "está" that lost its accent, nor by "this is for Wednesday"."""
    for lang, text, expected in (
        ("es", "este miércoles", "2026-09-23"),
        ("es", "el miércoles está bien", "2026-09-30"),
        ("en", "this wednesday", "2026-09-23"),
        ("en", "this is for wednesday", "2026-09-30"),
    ):
        found = read(Wanted(ExpectKind.DATE), text, lang, TODAY, NOW)
        assert isinstance(found, Parsed), text
        assert found.value == expected, text
    sure = read(Wanted(ExpectKind.DATE), "el lunes está bien", "es", TODAY, NOW)
    assert isinstance(sure, Parsed)
    assert sure.confidence == 1.0


def test_what_is_no_clear_day_or_time_is_asked_about() -> None:
    taken = {}
    for lang, kind, text in rows(DOUBTED):
        found = read(Wanted(ExpectKind(kind)), text, lang, TODAY, NOW)
        if isinstance(found, Parsed) and found.confidence >= ASKED:
            taken[text] = found
    assert not taken


def test_two_days_stay_two_where_nothing_is_moved() -> None:
    for lang, text in (("en", "from thursday to monday"), ("es", "del jueves al lunes")):
        assert read(Wanted(ExpectKind.DATE), text, lang, TODAY, NOW) == Refused(Why.SEVERAL)


def test_at_least_is_no_minus_in_a_sentence() -> None:
    people = {"people": Wanted(ExpectKind.INTEGER, called=("personas",))}
    found = extract("una mesa para por lo menos ocho personas", "es", people, TODAY)
    assert found["people"].parsed.value == "8"
    amount = {"amount": Wanted(ExpectKind.AMOUNT)}
    found = extract("quiero pagar al menos cien euros", "es", amount, TODAY)
    assert found["amount"].parsed.value == "100"
