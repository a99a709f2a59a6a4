"""The words of dates in both languages: units, what stands before and after them, and what a reading is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from voice.languages.base import word_list


@dataclass(frozen=True, slots=True)
class Day:
    """A day that was read, the confidence in it, and other days the same words may mean, likelier first."""

    day: date
    sure: float
    others: tuple[date, ...] = ()


SUFFIXES = frozenset({"th", "st", "nd", "rd", "º", "ª", "o"})  # of ranks in figures
UNITS = {
    **dict.fromkeys(word_list("dia dias day days"), "d"),
    **dict.fromkeys(word_list("semana semanas week weeks"), "w"),
    **dict.fromkeys(word_list("mes meses month months"), "m"),
    **dict.fromkeys(word_list("ano anos year years"), "y"),
    **dict.fromkeys(word_list("quincena quincenas fortnight fortnights"), "f"),
}
RELATIVE = {
    **dict.fromkeys(word_list("this current este esta actual corriente presente"), 0),
    **dict.fromkeys(word_list("next coming following upcoming proximo proxima siguiente entrante"), 1),
    **dict.fromkeys(word_list("venidero venidera otra"), 1),
    **dict.fromkeys(word_list("last past previous pasado pasada ultimo ultima anterior"), -1),
}
LINKS = frozenset(word_list("of the in on for de del el la los en al dia day"))
LAST = frozenset(word_list("last final ultimo ultima"))
SECOND_TO_LAST = ("second to last", "next to last", "last but one", "antes del ultimo")
PENULTIMATE = frozenset(word_list("penultimate penultimo penultima"))
DAY_PARTS = frozenset(word_list("manana tarde noche madrugada morning afternoon evening night"))
PARTS_OF_DAYS = frozenset(word_list("nights noches mornings evenings afternoons tardes"))
BUSINESS = frozenset(word_list("business working habil habiles laborable laborables laboral laborales"))
STARTS = frozenset(
    word_list("beginning start early comienzo comienzos principio principios primeros inicio inicios")
)
MIDDLES = frozenset(word_list("middle mid mediados mitad halfway"))
ENDS = frozenset(word_list("end fin fines final finales ultimos late"))
AFTER = (
    ("from",), ("after",), ("since",), ("following",), ("despues", "de"), ("despues", "del"),
    ("a", "partir", "de"),
    ("a", "partir", "del"), ("a", "contar", "de"), ("a", "contar", "desde"), ("desde",), ("tras",),
    ("siguiente", "de"), ("siguiente", "del"), ("siguiente", "a"), ("siguiente", "al"), ("posterior", "a"),
    ("posterior", "al"), ("posteriores", "a"),
)  # fmt: skip
BEFORE = (
    ("before",), ("prior", "to"), ("preceding",), ("antes", "de"), ("antes", "del"), ("anterior", "a"),
    ("anterior", "al"), ("previo", "a"), ("previo", "al"), ("anteriores", "a"),
)  # fmt: skip
AGO = frozenset(word_list("ago atras earlier back"))
SINCE = frozenset(word_list("hace hizo llevo lleva llevamos llevan been"))  # before a count: so long ago
LATER = (
    ("later",),
    ("from", "now"),
    ("from", "today"),
    ("mas", "tarde"),
    ("time",),
    ("hence",),
    ("s", "time"),
    ("de", "hoy"),
)
EVES = frozenset(word_list("vispera visperas eve"))
SAME_DAY = (
    ("this", "day"), ("this", "time"), ("same", "day"), ("same", "time"), ("tal", "dia", "como", "hoy"),
    ("mismo", "dia"), ("misma", "hora"),
)  # fmt: skip
"""With a week, month or year: today's day in it."""
NEAR = {
    "day after tomorrow": 2, "overmorrow": 2, "pasado manana": 2, "otro dia de manana": 2,
    "dia despues de manana": 2, "dia siguiente a manana": 2,
    "pasado pasado manana": 3, "traspasado manana": 3, "tras pasado manana": 3, "trasmanana": 3,
    "night before last": -2, "day before yesterday": -2, "antes de anoche": -2, "anteanoche": -2,
    "antes de ayer": -2, "anteayer": -2, "antier": -2, "antayer": -2, "last night": -1,
    "ante ayer": -2, "ante anoche": -2, "ante ante ayer": -3,
    "antes de anteayer": -3, "antes de antier": -3, "antes de antes de ayer": -3, "trasanteayer": -3,
    "trasantier": -3, "ante anteayer": -3,
}  # fmt: skip
"""Days beside today that have a name of more than one word, or one nobody else has."""
ROUGHLY_NEAR = {
    "the next day": 1, "next day": 1, "dia siguiente": 1, "siguiente dia": 1, "despues de manana": 2,
    "after tomorrow": 2, "day after next": 2,
}  # fmt: skip
"""Days that are told from another one, or are mere limits: asked about."""
AHEAD = frozenset(word_list("in within after dentro en aqui"))
ONES = frozenset(word_list("a an un una one"))
FEW = frozenset(word_list("few several pocos pocas algunos algunas varios varias"))
FEW_COUNT = 3
HALVES = frozenset(word_list("half medio media"))
HALF_OF = {"w": (3, "d"), "m": (15, "d"), "y": (6, "m")}
IDIOM = {8: 7, 15: 14}  # Spanish counts today in: "de hoy en ocho" is a week away

PHRASE_WORDS = frozenset(
    (
        UNITS.keys()
        | PARTS_OF_DAYS
        | RELATIVE.keys()
        | LINKS
        | LAST
        | PENULTIMATE
        | BUSINESS
        | STARTS
        | MIDDLES
        | ENDS
        | EVES
    )
    - {"for"}
) | frozenset(word for phrase in (*AFTER, *BEFORE, *LATER) for word in phrase if len(word) > 1)
"""Every word that such phrases may have besides names of days and months, and numbers."""
