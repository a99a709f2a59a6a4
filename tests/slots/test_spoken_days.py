"""Days as callers say them, in answers and in sentences of the past, in both languages."""

from __future__ import annotations

from datetime import date, time

import pytest

from voice.model import ExpectKind
from voice.slots.reader import read
from voice.slots.reading import Outcome, Parsed, Refused, Wanted, Why

TODAY, NOW = date(2026, 5, 14), time(10, 15)  # a Thursday

DAYS = """
en|twenty second of june|2026-06-22
en|the twenty second of june|2026-06-22
en|june the twenty second|2026-06-22
en|on the twenty seventh|2026-05-27
en|the 27th please|2026-05-27
en|it should be the 27th|2026-05-27
en|two sundays from now|2026-05-24
en|fifteen days from now|2026-05-29
en|in six business days|2026-05-22
en|three days after the 20th|2026-05-23
en|the day after the 20th of june|2026-06-21
en|a week before christmas|2026-12-18
en|next month on the 3rd|2026-06-03
en|the 3rd of next month|2026-06-03
en|the twelfth of this month|2026-05-12
en|this month on the 20th|2026-05-20
en|the first of the month|2026-06-01
en|the last day of june|2026-06-30
en|end of june|2026-06-30
en|friday next week|2026-05-22
en|next week friday|2026-05-22
en|friday of this week|2026-05-15
en|this week's friday|2026-05-15
en|next week's monday|2026-05-18
en|monday after next|2026-05-25
en|the monday after next|2026-05-25
en|a week from monday|2026-05-25
en|monday week|2026-05-25
en|a week on monday|2026-05-25
en|in a week|2026-05-21
en|in two weeks|2026-05-28
en|two weeks from monday|2026-06-01
en|two weeks from today|2026-05-28
en|in a fortnight|2026-05-28
en|three weeks ago|2026-04-23
en|a couple of days ago|2026-05-12
en|a couple of weeks ago|2026-04-30
en|about three days ago|2026-05-11
en|about a week ago|2026-05-07
en|roughly two weeks ago|2026-04-30
en|last monday|2026-05-04
en|on monday|2026-05-18
en|i bought it on monday|2026-05-11
en|it arrived on tuesday|2026-05-12
en|it broke down on sunday|2026-05-10
en|i paid on the fifth|2026-05-05
en|i paid it on the twentieth|2026-04-20
en|they called me on march third|2026-03-03
en|it was delivered on december first|2025-12-01
en|it stopped working on saturday|2026-05-09
en|i was charged on friday|2026-05-08
en|it happened on monday morning|2026-05-11
en|my card was stolen on sunday night|2026-05-10
en|i went to the store last saturday|2026-05-09
en|i've been without internet since monday|2026-05-11
en|it hasn't worked since the tenth|2026-05-10
en|i would like to come on monday|2026-05-18
en|i wanted to come on monday|2026-05-18
en|i was hoping for monday|2026-05-18
en|i was thinking of monday the eighteenth|2026-05-18
en|i needed it for monday|2026-05-18
en|can we do monday|2026-05-18
en|how about monday|2026-05-18
en|it could be monday|2026-05-18
en|it is scheduled for monday|2026-05-18
en|i'd like it delivered on monday|2026-05-18
en|i need it fixed by monday|2026-05-18
en|the first of january|2027-01-01
en|january first next year|2027-01-01
en|january first of last year|2025-01-01
en|february twenty ninth|2028-02-29
en|the twenty ninth of february two thousand twenty four|2024-02-29
en|nineteen eighty five march third|1985-03-03
en|march third nineteen eighty five|1985-03-03
en|the third of march nineteen eighty five|1985-03-03
en|third of the third eighty five|1985-03-03
en|oh three oh three nineteen eighty five|1985-03-03
en|march third eighty five|1985-03-03
en|march third two thousand|2000-03-03
en|march third two thousand and one|2001-03-03
en|march three two thousand one|2001-03-03
en|i was born on march third nineteen eighty five|1985-03-03
en|my birthday is july the ninth|2026-07-09
en|july ninth of ninety two|1992-07-09
en|seven nine ninety two|1992-07-09
en|seven slash nine slash ninety two|1992-07-09
en|seven slash nine slash nineteen ninety two|1992-07-09
en|july ninth in nineteen ninety two|1992-07-09
en|the ninth day of july|2026-07-09
en|day nine of july|2026-07-09
en|tuesday june second|2026-06-02
en|tuesday the second of june|2026-06-02
en|tuesday the second|2026-06-02
en|friday the twenty second|2026-05-22
en|the twenty second friday|2026-05-22
en|the second tuesday in june|2026-06-09
en|the third friday of june|2026-06-19
en|the last monday of the month|2026-05-25
en|first monday next month|2026-06-01
en|the first working day of june|2026-06-01
en|the last working day of may|2026-05-29
en|in ten working days|2026-05-28
en|today please|2026-05-14
en|for today|2026-05-14
en|tomorrow if possible|2026-05-15
en|tomorrow evening|2026-05-15
en|the day after tomorrow please|2026-05-16
en|this evening|2026-05-14
en|later on today|2026-05-14
en|first thing in the morning tomorrow|2026-05-15
en|this saturday|2026-05-16
en|this coming saturday|2026-05-16
en|saturday coming|2026-05-16
en|the coming saturday|2026-05-16
en|next saturday|2026-05-23
en|on the weekend on saturday|2026-05-16
en|saturday this weekend|2026-05-16
en|six months ago|2025-11-14
en|six months from now|2026-11-14
en|half a year ago|2025-11-14
en|in half a year|2026-11-14
en|a month and a half ago|2026-03-30
en|two and a half weeks ago|2026-04-27
en|a year and a half ago|2024-11-14
en|one month ago today|2026-04-14
en|a year ago today|2025-05-14
en|a week ago tomorrow|2026-05-08
en|a week ago monday|2026-05-04
en|a week ago last monday|2026-05-04
en|yesterday morning|2026-05-13
en|the night before last|2026-05-12
en|christmas eve|2026-12-24
en|the day after christmas|2026-12-26
en|new years|2027-01-01
en|valentine's day|2027-02-14
en|easter|2027-03-28
en|mid may|2026-05-15
en|june tenth or thereabouts|2026-06-10
en|around june tenth|2026-06-10
en|by june tenth|2026-06-10
en|before june tenth|2026-06-10
en|after june tenth|2026-06-10
en|no later than june tenth|2026-06-10
en|from june tenth|2026-06-10
en|starting june tenth|2026-06-10
en|as of june tenth|2026-06-10
en|until june tenth|2026-06-10
en|in 25 minutes|2026-05-14
en|two hours ago|2026-05-14
en|saturday for two hours|2026-05-16
en|by 4 on wednesday|2026-05-20
en|4 on wednesday|2026-05-20
en|for 5 tomorrow|2026-05-15
en|the 5th at 5|2026-06-05
en|june fourth june fourth|2026-06-04
en|monday monday|2026-05-18
en|monday the 18th not the 17th|2026-05-18
en|i don't know maybe monday|2026-05-18
en|the eighteenth i think|2026-05-18
en|it'll be the eighteenth|2026-05-18
en|two months from yesterday|2026-07-13
en|30 days|2026-06-13
en|in thirty days|2026-06-13
en|within thirty days|2026-06-13
en|thirty days from the 1st of june|2026-07-01
en|ninety days after june first|2026-08-30
en|the week of the eighteenth|2026-05-18
en|the week of june first|2026-06-01
en|early in june|2026-06-01
en|june 2026 the 10th|2026-06-10
en|10 06 2026|2026-10-06
en|ten oh six twenty twenty six|2026-10-06
en|twenty twenty six june tenth|2026-06-10
en|june tenth this year|2026-06-10
en|june tenth of this year|2026-06-10
en|january tenth this year|2026-01-10
en|last june tenth|2025-06-10
en|june tenth last year|2025-06-10
en|the tenth of last june|2025-06-10
en|next june tenth|2026-06-10
en|the tenth of next june|2026-06-10
es|veintidós de junio|2026-06-22
es|el veintidós de junio|2026-06-22
es|el día veintidós de junio|2026-06-22
es|el veintisiete|2026-05-27
es|para el veintisiete por favor|2026-05-27
es|debería ser el veintisiete|2026-05-27
es|en seis días hábiles|2026-05-22
es|tres días después del veinte|2026-05-23
es|el día después del veinte de junio|2026-06-21
es|al día siguiente de navidad|2026-12-26
es|una semana antes de navidad|2026-12-18
es|el tres del mes que viene|2026-06-03
es|el mes que viene el día tres|2026-06-03
es|el doce de este mes|2026-05-12
es|el día veinte de este mes|2026-05-20
es|el uno de cada mes|2026-06-01
es|el uno del mes|2026-06-01
es|primeros de mes|2026-06-01
es|el último día de junio|2026-06-30
es|a finales de junio|2026-06-30
es|el viernes de la semana que viene|2026-05-22
es|la semana que viene el viernes|2026-05-22
es|el viernes de esta semana|2026-05-15
es|este viernes|2026-05-15
es|el viernes próximo|2026-05-15
es|el próximo viernes|2026-05-15
es|el viernes siguiente|2026-05-15
es|el viernes que viene no el otro|2026-05-15
es|el lunes que viene|2026-05-18
es|el lunes que entra|2026-05-18
es|el lunes de la semana entrante|2026-05-18
es|el lunes de dentro de dos semanas|2026-05-25
es|de este lunes en ocho|2026-05-25
es|del lunes en una semana|2026-05-25
es|de lunes en ocho días|2026-05-25
es|una semana después del lunes|2026-05-25
es|dentro de una semana|2026-05-21
es|en dos semanas|2026-05-28
es|dentro de unas dos semanas|2026-05-28
es|de aquí a dos semanas|2026-05-28
es|en quince días|2026-05-29
es|dentro de una quincena|2026-05-28
es|hace tres semanas|2026-04-23
es|hace un par de días|2026-05-12
es|hace un par de semanas|2026-04-30
es|hace como tres días|2026-05-11
es|hace unos tres días|2026-05-11
es|hace aproximadamente una semana|2026-05-07
es|hará una semana|2026-05-07
es|hace cosa de una semana|2026-05-07
es|desde hace tres días|2026-05-11
es|hace ya tres días|2026-05-11
es|el pasado lunes|2026-05-11
es|el lunes|2026-05-18
es|lo compré el lunes|2026-05-11
es|llegó el martes|2026-05-12
es|se estropeó el domingo|2026-05-10
es|pagué el cinco|2026-05-05
es|la pagué el día veinte|2026-04-20
es|me llamaron el tres de marzo|2026-03-03
es|me lo entregaron el uno de diciembre|2025-12-01
es|dejó de funcionar el sábado|2026-05-09
es|me cobraron el viernes|2026-05-08
es|ocurrió el lunes por la mañana|2026-05-11
es|me robaron la tarjeta el domingo por la noche|2026-05-10
es|fui a la tienda el sábado pasado|2026-05-09
es|estoy sin internet desde el lunes|2026-05-11
es|no funciona desde el diez|2026-05-10
es|he pagado el cinco|2026-05-05
es|lo he comprado el lunes|2026-05-11
es|fue el martes|2026-05-12
es|quisiera ir el lunes|2026-05-18
es|quería ir el lunes|2026-05-18
es|me gustaría el lunes|2026-05-18
es|había pensado en el lunes|2026-05-18
es|lo necesitaba para el lunes|2026-05-18
es|podría ser el lunes|2026-05-18
es|qué tal el lunes|2026-05-18
es|puede ser el lunes|2026-05-18
es|está prevista para el lunes|2026-05-18
es|que me llame el lunes|2026-05-18
es|que me lo entreguen el lunes|2026-05-18
es|necesito que esté arreglado para el lunes|2026-05-18
es|el uno de enero|2027-01-01
es|el primero de enero del año que viene|2027-01-01
es|el primero de enero del año pasado|2025-01-01
es|veintinueve de febrero|2028-02-29
es|el veintinueve de febrero de dos mil veinticuatro|2024-02-29
es|tres de marzo de mil novecientos ochenta y cinco|1985-03-03
es|el tres del tres del ochenta y cinco|1985-03-03
es|tres del tres de mil novecientos ochenta y cinco|1985-03-03
es|tres tres ochenta y cinco|1985-03-03
es|tres de marzo del ochenta y cinco|1985-03-03
es|tres de marzo de dos mil|2000-03-03
es|tres de marzo del dos mil uno|2001-03-03
es|tres de marzo dos mil uno|2001-03-03
es|nací el tres de marzo de mil novecientos ochenta y cinco|1985-03-03
es|mi cumpleaños es el nueve de julio|2026-07-09
es|nueve de julio del noventa y dos|1992-07-09
es|nueve siete noventa y dos|1992-07-09
es|nueve barra siete barra noventa y dos|1992-07-09
es|nueve del siete de noventa y dos|1992-07-09
es|nueve guion siete guion mil novecientos noventa y dos|1992-07-09
es|día nueve mes siete año mil novecientos noventa y dos|1992-07-09
es|día nueve de julio|2026-07-09
es|martes dos de junio|2026-06-02
es|el martes dos|2026-06-02
es|el martes día dos|2026-06-02
es|viernes veintidós|2026-05-22
es|el segundo martes de junio|2026-06-09
es|el tercer viernes de junio|2026-06-19
es|el último lunes del mes|2026-05-25
es|el primer lunes del mes que viene|2026-06-01
es|el primer día hábil de junio|2026-06-01
es|el último día laborable de mayo|2026-05-29
es|en diez días hábiles|2026-05-28
es|hoy|2026-05-14
es|hoy por favor|2026-05-14
es|para hoy|2026-05-14
es|hoy en día|2026-05-14
es|hoy día|2026-05-14
es|mañana si puede ser|2026-05-15
es|mañana por la tarde|2026-05-15
es|mañana en la tarde|2026-05-15
es|mañana a la mañana|2026-05-15
es|pasado mañana por favor|2026-05-16
es|pasado|2026-05-16
es|mañana no pasado|2026-05-16
es|hoy más tarde|2026-05-14
es|mañana a primera hora|2026-05-15
es|este sábado|2026-05-16
es|este próximo sábado|2026-05-16
es|el sábado que viene|2026-05-16
es|el sábado de este fin de semana|2026-05-16
es|hace seis meses|2025-11-14
es|dentro de seis meses|2026-11-14
es|hace medio año|2025-11-14
es|dentro de medio año|2026-11-14
es|hace mes y medio|2026-03-30
es|hace un mes y medio|2026-03-30
es|hace año y medio|2024-11-14
es|hoy hace un mes|2026-04-14
es|ayer hizo una semana|2026-05-06
es|ayer por la mañana|2026-05-13
es|antes de anoche|2026-05-12
es|anteanoche|2026-05-12
es|nochebuena|2026-12-24
es|el día después de navidad|2026-12-26
es|año nuevo|2027-01-01
es|san valentín|2027-02-14
es|el domingo de resurrección|2027-03-28
es|el diez de junio más o menos|2026-06-10
es|alrededor del diez de junio|2026-06-10
es|hacia el diez de junio|2026-06-10
es|sobre el diez de junio|2026-06-10
es|para el diez de junio|2026-06-10
es|antes del diez de junio|2026-06-10
es|después del diez de junio|2026-06-10
es|como muy tarde el diez de junio|2026-06-10
es|a más tardar el diez de junio|2026-06-10
es|desde el diez de junio|2026-06-10
es|a partir del diez de junio|2026-06-10
es|hasta el diez de junio|2026-06-10
es|en 25 minutos|2026-05-14
es|hace dos horas|2026-05-14
es|el sábado dos horas|2026-05-16
es|el domingo por cinco minutos|2026-05-17
es|a las 4 el miércoles|2026-05-20
es|el cinco a las cinco|2026-06-05
es|cuatro de junio cuatro de junio|2026-06-04
es|el lunes el lunes|2026-05-18
es|no sé quizás el lunes|2026-05-18
es|el dieciocho creo|2026-05-18
es|será el dieciocho|2026-05-18
es|treinta días|2026-06-13
es|en treinta días|2026-06-13
es|a treinta días|2026-06-13
es|noventa días después del uno de junio|2026-08-30
es|la semana del dieciocho|2026-05-18
es|la semana del uno de junio|2026-06-01
es|diez cero seis dos mil veintiséis|2026-06-10
es|diez de junio de este año|2026-06-10
es|diez de enero de este año|2026-01-10
es|el pasado diez de junio|2025-06-10
es|el diez de junio del año pasado|2025-06-10
es|el diez de junio pasado|2025-06-10
es|el próximo diez de junio|2026-06-10
es|el diez del seis|2026-06-10
es|el diez del mes seis|2026-06-10
"""
DOUBTFUL = """
en|my appointment was on june tenth but i want june twelfth
en|monday or tuesday
en|today or tomorrow
en|monday to friday
en|from monday to friday
en|between monday and wednesday
es|semana santa
es|el lunes o el martes
es|hoy o mañana
es|de lunes a viernes
es|del lunes al viernes
es|entre el lunes y el miércoles
es|entre semana
"""


def lines(table: str) -> list[list[str]]:
    return [line.split("|") for line in table.strip().splitlines()]


def day(text: str, lang: str, at: time | None = NOW) -> Outcome:
    return read(Wanted(ExpectKind.DATE), text, lang, TODAY, at)


def test_days_are_read() -> None:
    wrong = {
        text: (got, expected)
        for lang, text, expected in lines(DAYS)
        if not isinstance(got := day(text, lang), Parsed) or got.value != expected
    }
    assert not wrong


def test_two_days_or_none_are_not_taken() -> None:
    for lang, text in lines(DOUBTFUL):
        found = day(text, lang)
        assert not isinstance(found, Parsed) or found.confidence < 0.6, (text, found)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "monday or tuesday"), ("es", "el lunes o el martes"), ("en", "from monday to friday"),
        ("es", "del tres al cinco de junio"), ("en", "between the third and the fifth of june"),
        ("es", "entre el tres y el cinco"), ("en", "june third or june fourth"), ("es", "hoy o mañana"),
    ],
)  # fmt: skip
def test_two_days_are_told_from_one(lang: str, text: str) -> None:
    assert day(text, lang) == Refused(Why.SEVERAL)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "every monday"), ("es", "todos los lunes"), ("es", "cada lunes"), ("en", "each friday"),
    ],
)  # fmt: skip
def test_a_day_that_comes_again_is_asked_about(lang: str, text: str) -> None:
    found = day(text, lang)
    assert isinstance(found, Parsed)
    assert found.confidence < 0.6


def test_the_past_tense_gives_a_day_gone_by_and_the_coming_one_beside_it() -> None:
    for lang, text in (("en", "it arrived on tuesday"), ("es", "llegó el martes")):
        found = day(text, lang)
        assert isinstance(found, Parsed)
        assert (found.value, found.alternatives) == ("2026-05-12", ("2026-05-19",))
        assert 0.75 <= found.confidence < 1


def test_hours_from_now_may_end_tomorrow() -> None:
    for lang, text in (("en", "in fifteen hours"), ("es", "dentro de quince horas")):
        found = day(text, lang)
        assert isinstance(found, Parsed)
        assert (found.value, found.confidence) == ("2026-05-15", 1.0)
        unknown = day(text, lang, None)
        assert isinstance(unknown, Parsed)
        assert unknown.confidence <= 0.5
