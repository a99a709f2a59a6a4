"""More days and times as callers say them: feasts, ranks of weekdays, hours with their minutes."""

from __future__ import annotations

from datetime import date, time

import pytest

from voice.model import ExpectKind
from voice.slots.reader import read
from voice.slots.reading import Parsed, Wanted

TODAY, NOW = date(2026, 5, 14), time(10, 15)  # a Thursday

DAYS = """
es|4 de julio del 1995|1995-07-04
es|programa algo para el 18|2026-05-18
es|Tienes algo el lunes 18!|2026-05-18
es|vendió la empresa el 31 de dic. de 1994|1994-12-31
es|me iré en dos años|2028-05-14
es|regresaré el 2 ene 2019|2019-01-02
es|volveré en mayo veintinueve|2026-05-29
es|volveré mayo 29|2026-05-29
es|volveré el sáb 16|2026-05-16
es|veinticinco de julio de dos mil doce|2012-07-25
es|tomemos un café el martes de la próxima semana|2026-05-19
es|quedamos el uno de enero de dos mil treinta y dos|2032-01-01
es|el 2016 10 16 empezó la conferencia|2016-10-16
es|el quince de enero|2027-01-15
es|volveremos el día 15 del próximo mes|2026-06-15
es|qué fecha es 3 días a partir de hoy|2026-05-17
es|qué fecha será tres días después de hoy|2026-05-17
es|qué pasó este lunes|2026-05-11
es|cuándo fue la última pascua|2026-04-05
es|cuándo será la próxima pascua|2027-03-28
es|dónde estabas el miércoles pasado|2026-05-06
es|dónde estabas dos días antes de ayer|2026-05-11
es|el evento sucedió dos años después de 2011|2013-01-01
en|i will be out in 3 years|2029-05-14
en|i will leave in two months|2026-07-14
en|i'm not talking about this but about january 3rd|2027-01-03
en|i am not talking about that but the 3rd of january|2027-01-03
en|i'll go back on tuesday 26|2026-05-26
en|he returned on the tenth of october two thousand eighteen to his country|2018-10-10
en|july fourth 1995|1995-07-04
en|tenth of may nineteen ninety|1990-05-10
en|the first of december|2026-12-01
en|send me a receipt for the purchase made on 17 11|2025-11-17
en|it's monday of the following week|2026-05-18
en|the monday of next week|2026-05-18
en|let's celebrate international workers' day|2027-05-01
en|that tuesday was a wonder|2026-05-12
en|what happened this week monday|2026-05-11
en|are you free on monday 18|2026-05-18
en|i'll be back today|2026-05-14
en|a few days ago|2026-05-11
en|in a few days|2026-05-17
en|few days ago|2026-05-11
en|several days ago|2026-05-11
en|in a few weeks|2026-06-04
en|a few months ago|2026-02-14
es|hace unos días|2026-05-11
es|hace unas semanas|2026-04-23
es|dentro de unos días|2026-05-17
es|hace unos pocos días|2026-05-11
es|hace pocos días|2026-05-11
es|en unos meses|2026-08-14
en|the day before yesterday i called|2026-05-12
en|two days prior to yesterday|2026-05-11
en|i'll be back in the second week of june on tuesday|2026-06-09
en|the 1st monday|2026-06-01
en|first friday|2026-06-05
en|the third wednesday|2026-05-20
en|next month's first monday|2026-06-01
en|the first monday in next month|2026-06-01
en|last day of february|2027-02-28
en|the last day of this month|2026-05-31
en|two weeks before christmas|2026-12-11
en|15 of june|2026-06-15
en|15 june|2026-06-15
en|the 15 of june|2026-06-15
en|the 15th june 2027|2027-06-15
en|the 15th day of june|2026-06-15
en|15th|2026-05-15
en|the 14th|2026-05-14
en|fourteenth|2026-05-14
en|thursday|2026-05-21
en|one month from today|2026-06-14
en|one year from tomorrow|2027-05-15
en|two years from next monday|2028-05-18
en|the friday before last|2026-05-01
en|a fortnight ago|2026-04-30
en|the morning of june tenth|2026-06-10
en|june tenth in the afternoon|2026-06-10
en|by the end of the day tomorrow|2026-05-15
en|christmas of 2027|2027-12-25
en|christmas 2027|2027-12-25
en|new year's day 2028|2028-01-01
en|thanksgiving two thousand twenty seven|2027-11-25
en|mardi gras|2027-02-09
en|st patrick's day|2027-03-17
en|groundhog day|2027-02-02
en|veterans day|2026-11-11
en|memorial day|2026-05-25
en|labor day|2026-09-07
en|presidents day|2027-02-15
en|columbus day|2026-10-12
en|cinco de mayo|2027-05-05
es|la noche de san juan|2026-06-24
es|halloween|2026-10-31
es|año nuevo de 2028|2028-01-01
es|navidad del 2027|2027-12-25
es|el primer viernes|2026-06-05
es|el tercer miércoles|2026-05-20
es|la mañana del diez de junio|2026-06-10
es|el viernes antepasado|2026-05-01
es|el lunes de hace dos semanas|2026-04-27
es|15 junio|2026-06-15
es|15 de jun|2026-06-15
es|el 15 de este|2026-05-15
es|el día 15 de junio|2026-06-15
es|de aquí a un mes|2026-06-14
es|un año a partir de mañana|2027-05-15
es|una semana desde mañana|2026-05-22
es|dos días después de mañana|2026-05-17
es|el martes siguiente|2026-05-19
es|el próximo quince de junio|2026-06-15
es|el 2 del próximo mes|2026-06-02
es|el 2 del mes pasado|2026-04-02
es|el 2 del mes siguiente|2026-06-02
es|al final del mes|2026-05-31
"""
TIMES = """
es|veintitrés horas|23:00
es|las veintitrés y cuarenta y cinco|23:45
es|veintitrés cuarenta y cinco|23:45
es|las cero horas y cinco minutos|00:05
es|cero cinco|00:05
es|cero horas cinco minutos|00:05
es|dieciséis horas y cinco minutos|16:05
es|diez horas cinco minutos|10:05
es|diez horas|10:00
es|una y media de la madrugada|01:30
es|doce y media de la madrugada|00:30
es|las doce de la madrugada|00:00
es|doce del mediodía|12:00
es|doce y cuarto de la tarde|12:15
es|cuatro y cuarto de la madrugada|04:15
es|la una menos cuarto a eme|00:45
es|una menos cuarto|12:45
es|la una menos veinticinco de la tarde|12:35
es|las dos menos diez pe eme|13:50
es|las trece y treinta|13:30
es|trece treinta|13:30
es|tres y uno|03:01
es|una y uno|01:01
es|dos y dos|02:02
es|dos y dos de la tarde|14:02
es|doce y uno|12:01
es|tres de la mañana|03:00
es|las siete y cinco de la tarde|19:05
es|siete cero cinco pe eme|19:05
es|las siete cero cinco|19:05
es|cinco minutos pasadas las siete|19:05
es|siete pasadas|19:00
es|las siete y treinta y cinco pe eme|19:35
es|ocho y veintidós a eme|08:22
es|once y cincuenta y nueve p m|23:59
es|veinte horas|20:00
es|veinte y cuarenta|20:40
es|veinte cuarenta|20:40
es|quince para las tres|14:45
es|un cuarto para la una|12:45
es|tres menos veinte|14:40
es|veintiuna horas|21:00
es|las veintiuna|21:00
es|las veintiún horas|21:00
es|veintiuna y quince|21:15
es|cero horas|00:00
es|medianoche y media|00:30
es|mediodía y media|12:30
es|las diez y cuarto de la noche|22:15
es|las seis de la tarde en punto|18:00
es|las 6 en punto de la tarde|18:00
es|la una en punto|13:00
es|las cinco y tres minutos|17:03
es|diecinueve horas treinta minutos|19:30
es|diecinueve y treinta|19:30
es|dos p m c s t|14:00
es|las ocho a m g m t más dos|08:00
es|doce horas|12:00
es|veinticuatro horas|00:00
es|las cuatro veinte|16:20
es|cuatro y veinte|16:20
es|cuatro y veinte de la tarde|16:20
es|once menos diez de la noche|22:50
es|doce menos diez de la noche|23:50
es|las doce menos cinco|11:55
es|las doce menos cinco de la noche|23:55
es|doce menos cuarto de la mañana|11:45
en|twelve twenty am|00:20
en|twelve oh one|12:01
en|quarter past twelve|12:15
en|ten to twelve at night|23:50
en|five to midnight|23:55
en|ten past noon|12:10
en|seven thirty five p m|19:35
en|one oh one|13:01
en|two oh two p m|14:02
en|twenty three hundred hours|23:00
en|nineteen thirty|19:30
en|eight o eight a m|08:08
en|half past twelve pm|12:30
en|quarter to twelve pm|23:45
en|a quarter past midnight|00:15
en|eleven fifty nine pm est|23:59
en|twelve a m|00:00
en|twelve p m|12:00
en|three minutes past two|14:03
en|twenty nine minutes to four|15:31
en|one minute to one|12:59
en|nine o clock|09:00
en|nine o clock sharp|09:00
en|nine a.m. on the dot|09:00
en|four-thirty|16:30
en|at 16:30 hours|16:30
en|at 9h30|09:30
en|eightish|08:00
en|sixteen thirty hours|16:30
"""


@pytest.mark.parametrize(("kind", "table"), [(ExpectKind.DATE, DAYS), (ExpectKind.TIME, TIMES)])
def test_they_are_read(kind: ExpectKind, table: str) -> None:
    wrong = {}
    for line in table.strip().splitlines():
        lang, text, expected = line.split("|")
        found = read(Wanted(kind), text, lang, TODAY, NOW)
        values = [found.value, *found.alternatives] if isinstance(found, Parsed) else []
        if expected not in (values if kind is ExpectKind.TIME else values[:1]):
            wrong[text] = found
    assert not wrong
