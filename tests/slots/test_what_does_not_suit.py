"""Days and times that callers say they cannot: never taken for the answer."""

from __future__ import annotations

from datetime import date, time

import pytest

from voice.model import ExpectKind
from voice.slots.extract import extract
from voice.slots.reader import read
from voice.slots.reading import Parsed, Refused, Wanted, Why

TODAY, NOW = date(2026, 9, 23), time(11, 40)  # a Wednesday
DATE, TIME = Wanted(ExpectKind.DATE), Wanted(ExpectKind.TIME)

NO_DAY = """
en|i can't on friday
en|friday i can't
en|we cannot make it on friday
en|friday doesn't work for me
en|the fifteenth is no good
en|i'm busy on friday
en|i am not free tomorrow
en|it is impossible on friday
en|i don't want friday
en|i would rather not on friday
en|i can't monday or tuesday
en|monday i can't, tuesday i can't either
es|el viernes no puedo
es|no puedo el viernes
es|no, el viernes no puedo
es|que no podemos el viernes
es|el viernes no me viene bien
es|el quince no me va bien
es|el viernes me es imposible
es|estoy ocupada el viernes
es|mañana no estoy en casa
es|no quiero que sea el viernes
es|el lunes y el martes no puedo
es|el lunes no me va bien y el martes tampoco
es|el viernes no puedo por trabajo
es|el viernes me va mal
es|me viene fatal el viernes
es|el viernes no tengo tiempo
en|friday is bad for me
en|i don't have time on friday
"""
ANOTHER_DAY = """
en|friday i can't, but monday is fine|2026-09-28
en|i can't do friday but i can do monday|2026-09-28
en|i can't do friday, monday is fine|2026-09-28
en|monday is fine but i can't on friday|2026-09-28
en|friday doesn't work, monday does|2026-09-28
en|i can't today but tomorrow is fine|2026-09-24
en|i don't want it on friday but on monday|2026-09-28
es|el viernes no puedo, el lunes sí|2026-09-28
es|no puedo el viernes, mejor el lunes|2026-09-28
es|el lunes sí, el viernes no puedo|2026-09-28
es|no puedo hoy, mañana sí|2026-09-24
es|el nueve no puedo, el diez|2026-10-10
es|el viernes no puedo, ¿puede ser el lunes?|2026-09-28
es|no me gusta el viernes, prefiero el jueves|2026-09-24
"""
STILL_THE_DAY = """
en|i can't before friday|2026-09-25
en|i can't until friday|2026-09-25
en|i can't any other day than friday|2026-09-25
en|i don't want to bother you but could it be friday|2026-09-25
en|i'm not sure, friday|2026-09-25
en|it hasn't worked since monday|2026-09-21
es|no puedo antes del viernes|2026-09-25
es|no puedo hasta el viernes|2026-09-25
es|no puedo más que el viernes|2026-09-25
es|no quiero molestar pero podría ser el viernes|2026-09-25
es|no estoy segura, el viernes|2026-09-25
es|el viernes puedo|2026-09-25
es|el internet va mal, vengan el viernes|2026-09-25
en|the connection is bad, come on friday|2026-09-25
"""
ASKED = """
en|can't it be friday
en|i want friday because i'm busy the rest of the week
en|if friday doesn't work, monday
es|¿no puede ser el viernes?
es|no puedo entrar en mi cuenta, que venga el viernes
es|quiero el viernes porque el resto de la semana no puedo
es|el viernes por la mañana no puedo
es|el viernes no puedo por la mañana
es|si el viernes no puede ser, el lunes
"""


def rows(block: str) -> list[list[str]]:
    return [line.split("|") for line in block.split("\n") if line]


def test_a_day_that_does_not_suit_is_none() -> None:
    for lang, text in rows(NO_DAY):
        assert read(DATE, text, lang, TODAY, NOW) == Refused(Why.UNSUITED), text


@pytest.mark.parametrize("block", [ANOTHER_DAY, STILL_THE_DAY])
def test_the_day_that_suits_is_read(block: str) -> None:
    for lang, text, expected in rows(block):
        found = read(DATE, text, lang, TODAY, NOW)
        assert isinstance(found, Parsed), text
        assert found.value == expected, text
        assert found.spoken


def test_where_it_may_be_meant_a_line_asks() -> None:
    for lang, text in rows(ASKED):
        found = read(DATE, text, lang, TODAY, NOW)
        assert found == Refused(Why.SEVERAL) or (isinstance(found, Parsed) and found.confidence <= 0.5), text


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("en", "i can't at five", ""),
        ("en", "five doesn't work, six does", "18:00"),
        ("es", "a las cinco no puedo", ""),
        ("es", "a las cinco no puedo, mejor a las seis", "18:00"),
    ],
)
def test_times_that_do_not_suit(lang: str, text: str, expected: str) -> None:
    found = read(TIME, text, lang, TODAY, NOW)
    assert (found.value if isinstance(found, Parsed) else "") == expected


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("en", "i need an appointment but i can't on friday", {}),
        ("en", "i can't make it on friday can we do monday at five", {"day": "2026-09-28", "hour": "17:00"}),
        ("en", "i need an appointment on monday because friday doesn't work", {"day": "2026-09-28"}),
        ("es", "necesito una cita pero el viernes no puedo", {}),
        ("es", "necesito una cita pero no puedo el viernes", {}),
        ("es", "necesito cita el lunes porque el viernes no puedo", {"day": "2026-09-28"}),
        ("es", "necesito cita el lunes, a las cinco no puedo", {"day": "2026-09-28"}),
        (
            "es",
            "necesito cita el lunes y antes de las cinco no puedo",
            {"day": "2026-09-28", "hour": "17:00"},
        ),
    ],
)
def test_a_wish_does_not_take_what_does_not_suit(lang: str, text: str, expected: dict[str, str]) -> None:
    found = extract(text, lang, {"day": DATE, "hour": TIME}, TODAY, NOW)
    assert {name: one.parsed.value for name, one in found.items()} == expected
