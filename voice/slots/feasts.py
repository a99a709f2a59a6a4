"""Days that callers know by name: Christmas, Good Friday, "el día de Reyes". Pure: today is passed in.

Only those that mean the same day wherever the language is spoken, as nearly as possible; local holidays,
mothers' and fathers' days differ from country to country and are not read.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Sequence
from datetime import date, timedelta

from voice.slots.date_terms import Day

_FIXED = {
    "navidad": (25, 12), "dia de navidad": (25, 12), "nochebuena": (24, 12), "nochevieja": (31, 12),
    "ano nuevo": (1, 1), "reyes": (6, 1), "christmas": (25, 12), "christmas day": (25, 12), "xmas": (25, 12),
    "christmas eve": (24, 12), "new years day": (1, 1), "new year day": (1, 1), "new years eve": (31, 12),
    "new year eve": (31, 12), "new years": (1, 1), "fin de ano": (31, 12), "san valentin": (14, 2),
    "valentines day": (14, 2), "valentines": (14, 2), "saint valentines": (14, 2), "noche vieja": (31, 12),
    "valentine day": (14, 2),
    "noche buena": (24, 12), "dia de los enamorados": (14, 2), "halloween": (31, 10), "epiphany": (6, 1),
    "dia del trabajador": (1, 5), "dia de los trabajadores": (1, 5), "may day": (1, 5),
    "dia internacional de los trabajadores": (1, 5), "dia del trabajo": (1, 5), "san juan": (24, 6),
    "independence day": (4, 7), "boxing day": (26, 12), "saint patricks day": (17, 3), "san jose": (19, 3),
    "st patricks day": (17, 3), "todos los santos": (1, 11), "all saints day": (1, 11),
    "san patricio": (17, 3),
    "dia de muertos": (2, 11), "dia de los muertos": (2, 11), "la inmaculada": (8, 12),
    "dia de la hispanidad": (12, 10), "april fools day": (1, 4), "april fools": (1, 4),
    "workers day": (1, 5), "international workers day": (1, 5), "labour day": (1, 5),
    "groundhog day": (2, 2), "veterans day": (11, 11), "cinco de mayo": (5, 5), "juneteenth": (19, 6),
    "bonfire night": (5, 11), "guy fawkes": (5, 11), "remembrance day": (11, 11), "dia de difuntos": (2, 11),
    "dia de los difuntos": (2, 11), "dia del pilar": (12, 10), "el pilar": (12, 10),
    "dia de la raza": (12, 10), "dia de la inmaculada": (8, 12), "navidades": (25, 12), "san fermin": (7, 7),
    "womens day": (8, 3), "international womens day": (8, 3), "dia de la mujer": (8, 3), "flag day": (14, 6),
    "all souls day": (2, 11), "inauguration day": (20, 1), "saint nicholas day": (6, 12), "candlemas": (2, 2),
    "candelaria": (2, 2), "dia de la asuncion": (15, 8), "la asuncion": (15, 8), "dia de santiago": (25, 7),
    "santiago apostol": (25, 7), "san isidro": (15, 5), "san nicolas": (6, 12), "epifania": (6, 1),
    "dia de los inocentes": (28, 12), "dia de los santos inocentes": (28, 12), "san silvestre": (31, 12),
}  # fmt: skip
_AROUND_EASTER = {
    "domingo de pascua": 0, "domingo de resurreccion": 0, "pascua": 0, "easter sunday": 0, "easter monday": 1,
    "lunes de pascua": 1, "viernes santo": -2, "good friday": -2, "jueves santo": -3, "easter": 0,
    "maundy thursday": -3, "miercoles santo": -4, "lunes santo": -6, "martes santo": -5, "sabado santo": -1,
    "sabado de gloria": -1, "domingo de ramos": -7, "palm sunday": -7, "ash wednesday": -46,
    "miercoles de ceniza": -46, "holy saturday": -1, "shrove tuesday": -47, "pancake day": -47,
    "mardi gras": -47, "martes de carnaval": -47, "pentecostes": 49, "domingo de pentecostes": 49,
    "pentecost": 49, "whit sunday": 49, "whit monday": 50, "ascension day": 39, "ascension thursday": 39,
    "corpus christi": 60, "jueves de ascension": 39, "lunes de carnaval": -48, "domingo de carnaval": -49,
}  # fmt: skip
# Of the United States; Canada has its own in October.
_THANKSGIVING = frozenset(
    {"thanksgiving", "thanksgiving day", "accion de gracias", "dia de accion de gracias"}
)
# Of the United States: month, weekday, which one of the month (below zero: from its end).
_WEEKDAYS = {
    "labor day": (9, 0, 1), "memorial day": (5, 0, -1), "columbus day": (10, 0, 2),
    "presidents day": (2, 0, 3), "martin luther king day": (1, 0, 3), "mlk day": (1, 0, 3),
    **dict.fromkeys(_THANKSGIVING, (11, 3, 4)),
}  # fmt: skip
_AFTER_THANKSGIVING = {"black friday": 1, "viernes negro": 1, "cyber monday": 4, "lunes cibernetico": 4}
_LEAP_DAY = "leap day"
_LEAP = 8  # years at most to the next one
_NAMES = sorted(
    (*_FIXED, *_AROUND_EASTER, *_WEEKDAYS, *_AFTER_THANKSGIVING, _LEAP_DAY), key=len, reverse=True
)
_WORDS = frozenset(word for name in _NAMES for word in name.split())
FEAST_WORDS = _WORDS
"""Every word of a feast's name."""


def read_feast(
    tokens: Sequence[str], today: date, last: frozenset[str], year: int | None = None
) -> Day | None:
    """The named day in ``tokens``, whose numbers are digits: of the year that is said or of ``year``, the
    past one after a word of ``last``, else the next."""
    if not _WORDS.intersection(tokens):
        return None
    said = f" {' '.join(tokens)} "
    name = next((name for name in _NAMES if f" {name} " in said), None)
    if name is None:
        return None
    numbers = [t for t in tokens if t.isdecimal()]
    year = _year(numbers) or year
    if numbers and year is None:
        return None  # "el 24 por la noche en Navidad": the number is the day
    if year is not None:
        return Day(_in_year(name, year), 1.0)
    sure = 0.95 if name not in _WEEKDAYS else 0.7
    years = range(today.year - _LEAP, today.year + _LEAP + 1)
    days = [_in_year(name, y) for y in years if _has(name, y)]
    gone, ahead = [d for d in days if d < today], [d for d in days if d >= today]
    if last.intersection(tokens):
        nth = 2 if "before" in tokens or "antepasada" in tokens else 1  # "the Christmas before last"
        return Day(gone[-nth], min(sure, 0.9)) if len(gone) >= nth else None
    return Day(ahead[0], sure, tuple(gone[-1:])) if ahead else None


def _has(name: str, year: int) -> bool:
    return name != _LEAP_DAY or isleap(year)


def _in_year(name: str, year: int) -> date:
    if name == _LEAP_DAY:
        return date(year, 2, 29)
    if name in _AFTER_THANKSGIVING:
        return _in_year("thanksgiving", year) + timedelta(_AFTER_THANKSGIVING[name])
    if name in _WEEKDAYS:
        month, weekday, rank = _WEEKDAYS[name]
        first = date(year, month + (rank < 0), 1)
        return first + timedelta((weekday - first.weekday()) % 7 + 7 * (rank - (rank > 0)))
    if name in _AROUND_EASTER:
        return easter(year) + timedelta(_AROUND_EASTER[name])
    day, month = _FIXED[name]
    return date(year, month, day)


def _year(numbers: Sequence[str]) -> int | None:
    text = "".join(numbers)
    return int(text) if len(numbers) <= 2 and len(text) == 4 and "1800" <= text <= "2200" else None


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, day + 1)
