"""Lengths of time as callers say them, in both languages."""

from __future__ import annotations

from datetime import date

from voice.model import ExpectKind
from voice.slots.reader import read
from voice.slots.reading import Parsed, Wanted

TODAY = date(2026, 5, 14)
LENGTHS = """
en|two hours|PT2H
en|one and a quarter years|P1Y3M
en|two and three quarter hours|PT2H45M
en|for two hours|PT2H
en|an hour|PT1H
en|one hour|PT1H
en|half an hour|PT30M
en|a half hour|PT30M
en|half hour|PT30M
en|an hour and a half|PT1H30M
en|one and a half hours|PT1H30M
en|one hour and a half|PT1H30M
en|hour and a half|PT1H30M
en|two and a half hours|PT2H30M
en|two hours and a half|PT2H30M
en|two hours thirty|PT2H30M
en|two hours and thirty minutes|PT2H30M
en|two hours thirty minutes|PT2H30M
en|an hour and a quarter|PT1H15M
en|an hour and three quarters|PT1H45M
en|one hour and forty five minutes|PT1H45M
en|three quarters of an hour|PT45M
en|a quarter of an hour|PT15M
en|quarter hour|PT15M
en|ninety minutes|PT90M
en|twenty minutes|PT20M
en|about twenty minutes|PT20M
en|twenty minutes or so|PT20M
en|more or less an hour|PT1H
en|a couple of hours|PT2H
en|a couple hours|PT2H
en|a few days|P3D
en|three days|P3D
en|three nights|P3D
en|three days and two nights|P3D
en|a week|P1W
en|one week|P1W
en|a week and a half|P1W3DT12H
en|two weeks|P2W
en|two weeks and three days|P2W3D
en|a fortnight|P14D
en|a month|P1M
en|a month and a half|P1M15D
en|six months|P6M
en|half a year|P6M
en|a year|P1Y
en|a year and a half|P1Y6M
en|one year and six months|P1Y6M
en|two years|P2Y
en|eighteen months|P18M
en|all day|P1D
en|the whole week|P1W
en|all week|P1W
en|for the hour|PT1H
en|the whole month|P1M
en|the weekend|P2D
en|a weekend|P2D
en|half a day|PT12H
en|a day and a half|P1DT12H
en|a day|P1D
en|just the one day|P1D
en|24 hours|PT24H
en|forty eight hours|PT48H
en|thirty seconds|PT30S
en|a minute and a half|PT1M30S
en|one minute thirty seconds|PT1M30S
en|1.5 hours|PT1H30M
en|one point five hours|PT1H30M
en|a good hour|PT1H
en|an hour tops|PT1H
en|at least an hour|PT1H
en|less than an hour|PT1H
en|no more than an hour|PT1H
en|a decade|P10Y
en|it takes an hour|PT1H
en|i've been waiting for two hours|PT2H
en|i have been a customer for ten years|P10Y
en|since two years|P2Y
es|dos horas|PT2H
es|por dos horas|PT2H
es|durante dos horas|PT2H
es|una hora|PT1H
es|media hora|PT30M
es|una media hora|PT30M
es|media horita|PT30M
es|una horita|PT1H
es|una hora y media|PT1H30M
es|hora y media|PT1H30M
es|dos horas y media|PT2H30M
es|dos horas y treinta minutos|PT2H30M
es|dos horas treinta|PT2H30M
es|dos horas con treinta minutos|PT2H30M
es|una hora y cuarto|PT1H15M
es|hora y cuarto|PT1H15M
es|una hora y tres cuartos|PT1H45M
es|una hora cuarenta y cinco|PT1H45M
es|tres cuartos de hora|PT45M
es|un cuarto de hora|PT15M
es|noventa minutos|PT90M
es|veinte minutos|PT20M
es|unos veinte minutos|PT20M
es|veinte minutos más o menos|PT20M
es|más o menos una hora|PT1H
es|un par de horas|PT2H
es|un par de horitas|PT2H
es|unos días|P3D
es|tres días|P3D
es|tres noches|P3D
es|tres días y dos noches|P3D
es|una semana|P1W
es|semana y media|P1W3DT12H
es|una semana y media|P1W3DT12H
es|dos semanas|P2W
es|dos semanas y tres días|P2W3D
es|una quincena|P15D
es|un mes|P1M
es|mes y medio|P1M15D
es|un mes y medio|P1M15D
es|seis meses|P6M
es|medio año|P6M
es|un año|P1Y
es|año y medio|P1Y6M
es|un año y medio|P1Y6M
es|un año y seis meses|P1Y6M
es|dos años|P2Y
es|dieciocho meses|P18M
es|un semestre|P6M
es|un trimestre|P3M
es|todo el día|P1D
es|toda la semana|P1W
es|todo el mes|P1M
es|el fin de semana|P2D
es|un fin de semana|P2D
es|medio día|PT12H
es|día y medio|P1DT12H
es|un día y medio|P1DT12H
es|un día|P1D
es|un solo día|P1D
es|veinticuatro horas|PT24H
es|cuarenta y ocho horas|PT48H
es|treinta segundos|PT30S
es|un minuto y medio|PT1M30S
es|minuto y medio|PT1M30S
es|un minuto treinta segundos|PT1M30S
es|hora y pico|PT1H
es|una hora larga|PT1H
es|una hora como mucho|PT1H
es|por lo menos una hora|PT1H
es|menos de una hora|PT1H
es|no más de una hora|PT1H
es|una década|P10Y
es|se tarda una hora|PT1H
es|llevo esperando dos horas|PT2H
es|llevo diez años de cliente|P10Y
es|desde hace dos años|P2Y
es|uno coma cinco horas|PT1H30M
es|una docena de días|P12D
es|una veintena de días|P20D
es|quince días|P15D
es|ocho días|P8D
"""
DOUBTFUL = """
en|two to three weeks
en|two or three days
en|from two to four hours
es|dos o tres días
es|de dos a tres semanas
es|un ratito
"""


def lines(table: str) -> list[list[str]]:
    return [line.split("|") for line in table.strip().splitlines()]


def test_lengths_are_read() -> None:
    wrong = {}
    for lang, text, expected in lines(LENGTHS):
        found = read(Wanted(ExpectKind.DURATION), text, lang, TODAY)
        if not isinstance(found, Parsed) or found.value != expected:
            wrong[text] = found
    assert not wrong


def test_two_lengths_or_none_are_not_taken() -> None:
    for lang, text in lines(DOUBTFUL):
        found = read(Wanted(ExpectKind.DURATION), text, lang, TODAY)
        assert not isinstance(found, Parsed) or found.confidence < 0.6, (text, found)


def test_of_two_lengths_the_other_is_an_alternative() -> None:
    for lang, text in (("en", "two or three days"), ("es", "dos o tres días")):
        found = read(Wanted(ExpectKind.DURATION), text, lang, TODAY)
        assert isinstance(found, Parsed)
        assert (found.value, found.alternatives) == ("P3D", ("P2D",))
