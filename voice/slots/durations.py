"""Reads spoken lengths of time: "hora y media", "two weeks and three days". Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from voice.languages import Lexicon
from voice.languages.base import word_list
from voice.slots.numbers import Number, find_numbers, is_written
from voice.slots.reading import Found

_UNITS = {
    **dict.fromkeys(word_list("segundo segundos second seconds sec secs"), "S"),
    **dict.fromkeys(word_list("minuto minutos minutito minutitos minute minutes min mins"), "M"),
    **dict.fromkeys(word_list("hora horas horita horitas hour hours hr hrs h"), "H"),
    **dict.fromkeys(word_list("dia dias day days noche noches night nights"), "D"),
    **dict.fromkeys(word_list("weekend weekends"), "K"),
    **dict.fromkeys(word_list("semestre semestres"), "H6"),
    **dict.fromkeys(word_list("bimestre bimestres"), "O2"),
    **dict.fromkeys(word_list("siglo siglos century centuries"), "C"),
    **dict.fromkeys(word_list("semana semanas week weeks"), "W"),
    **dict.fromkeys(word_list("quincena quincenas"), "F"),
    **dict.fromkeys(word_list("fortnight fortnights"), "G"),
    **dict.fromkeys(word_list("mes meses month months"), "O"),
    **dict.fromkeys(word_list("trimestre trimestres quarters"), "T"),
    **dict.fromkeys(word_list("ano anos year years yr yrs"), "Y"),
    **dict.fromkeys(word_list("decada decadas decade decades"), "E"),
}
SMALL_UNITS = frozenset(word for word, unit in _UNITS.items() if unit in ("S", "M", "H"))
"""Words of hours, minutes and seconds."""
OTHER_UNITS = frozenset(
    word for word, unit in _UNITS.items() if unit not in ("H", "M") and "noche" not in word
)
"""Words of seconds, days and longer units; "ocho noche" is a time."""
_SINGULAR = frozenset(word_list("minuto hora dia semana mes ano minute hour day week month year"))
_ORDER = "YOWDHMS"
_AS = {
    "K": ("D", 2),
    "H6": ("O", 6),
    "O2": ("O", 2),
    "C": ("Y", 100),
    "F": ("D", 15),
    "G": ("D", 14),
    "T": ("O", 3),
    "E": ("Y", 10),
}
_BELOW = {"Y": ("O", 12), "O": ("D", 30), "W": ("D", 7), "D": ("H", 24), "H": ("M", 60), "M": ("S", 60)}
_HALVES = {"es": frozenset({"medio", "media"}), "en": frozenset({"half"})}
_QUARTERS = frozenset(word_list("quarter quarters cuarto cuartos"))
_LINKS = frozenset(word_list("y and con"))
_A = frozenset(word_list("a an"))
_ONES = {"es": frozenset({"un", "una", "otro", "otra"}), "en": frozenset({"a", "an", "another"})}
_WHOLE = (
    ("all",), ("all", "the"), ("the", "whole"), ("a", "whole"), ("the", "entire"), ("todo", "el"),
    ("toda", "la"), ("un", "entero"), ("for", "the"),
)  # fmt: skip
_WHOLE_UNITS = frozenset("DWOY")
_GOOD = frozenset(word_list("good full solid solo sola buen buena largo larga"))  # between count and unit
_SETS = {"docena": 12, "veintena": 20, "treintena": 30, "dozen": 12}
_OR = frozenset(word_list("or to o a u"))
_DOUBTFUL = 0.5  # of "two or three days"
_UNIT_WORDS = _UNITS.keys() | frozenset(word_list("cuarto cuartos quarter fin fines"))
_FEW = frozenset(word_list("few several pocos pocas algunos algunas unos unas varios varias"))


def read_duration(tokens: Sequence[str], lexicon: Lexicon, lang: str) -> Found | None:
    """A length of time as ISO 8601 ("PT1H30M", "P3D"): the first one in ``tokens``, or None."""
    return next(find_durations(tokens, lexicon, lang), None)


def find_durations(tokens: Sequence[str], lexicon: Lexicon, lang: str) -> Iterator[Found]:
    """Every length of time in ``tokens``, left to right, none within another."""
    if _UNIT_WORDS.isdisjoint(tokens):
        return
    reader = _DurationReader(tokens, lexicon, lang)
    end = 0
    for i in range(len(tokens)):
        found = reader.read(i) if i >= end else None
        if found is not None:
            yield found
            end = found.end


def seconds(duration: str) -> int:
    """The length of an ISO 8601 duration as read here, a month taken as 30 days and a year as 365."""
    size = {"Y": 31_536_000, "O": 2_592_000, "W": 604_800, "D": 86_400, "H": 3600, "M": 60, "S": 1}
    return sum(count * size[unit] for unit, count in duration_parts(duration).items())


def duration_parts(duration: str) -> dict[str, int]:
    """Unit to count of an ISO 8601 duration; months are "O", minutes "M". ValueError for another text."""
    if not re.fullmatch(r"P(?=.)(\d+[YMWD])*(T(\d+[HMS])+)?", duration):
        raise ValueError(f"{duration!r} is not a duration such as PT1H30M or P3D")
    date, _, clock = duration[1:].partition("T")
    parts = {("O" if unit == "M" else unit): int(n) for n, unit in re.findall(r"(\d+)(\w)", date)}
    return parts | {unit: int(n) for n, unit in re.findall(r"(\d+)(\w)", clock)}


class _DurationReader:
    def __init__(self, tokens: Sequence[str], lexicon: Lexicon, lang: str) -> None:
        self.tokens = tokens
        self.lex = lexicon
        self.lang = lang
        self.numbers: dict[int, Number] = {n.start: n for n in find_numbers(tokens, lexicon)}
        self.inside = {i for n in self.numbers.values() for i in range(n.start + 1, n.end)}

    def at(self, i: int) -> str:
        return self.tokens[i] if 0 <= i < len(self.tokens) else ""

    def read(self, i: int) -> Found | None:
        if i in self.inside:
            return None
        sizes: dict[str, int] = {}
        end, sure = self._part(i, sizes)
        if not sizes:
            return None
        while True:
            link = end + (self.at(end) in _LINKS)
            more: dict[str, int] = {}
            after, also = self._part(link, more)
            smaller = more and all(_ORDER.index(a) > _ORDER.index(b) for a in more for b in sizes)
            if not smaller:
                after = self._bare_minutes(link, end, sizes)
                if not after:
                    break
                end = after
                continue
            sizes |= more
            end, sure = after, min(sure, also)
        before = self._before_or(i)
        if before and len(sizes) == 1:  # "two or three days"
            (unit, _), *_ = sizes.items()
            return Found(_iso(sizes), _DOUBTFUL, i, end, True, (_iso({unit: before}),))
        return Found(_iso(sizes), sure, i, end, True)

    def _before_or(self, i: int) -> int:
        """The number of "two or" before ``i``; 0 when there is none."""
        if self.at(i - 1) not in _OR:
            return 0
        return next((int(n.value) for n in self.numbers.values() if n.end == i - 1 and n.value < 1000), 0)

    def _bare_minutes(self, i: int, end: int, sizes: dict[str, int]) -> int:
        """ "una hora y veinte", "hora y cuarto": minutes that nobody calls so. 0 when there are none."""
        if not sizes or "H" not in sizes or "M" in sizes:
            return 0
        a = i + (self.at(i) in _A)
        if self.at(a) in ("cuarto", "quarter"):
            sizes["M"] = 15
            return a + 1
        number = self.numbers.get(i)
        if number is not None and number.value == 3 and self.at(number.end) in ("cuartos", "quarters"):
            sizes["M"] = 45
            return number.end + 1
        if number is None or not (10 if i == end else 1) <= number.value <= 59:
            return 0
        if self.at(number.end) in _UNITS:
            return 0
        sizes["M"] = int(number.value)
        return number.end

    def _part(self, i: int, sizes: dict[str, int]) -> tuple[int, float]:
        """One count with its unit, such as "tres días" or "half an hour"; (i, 0.0) when there is none."""
        halves = _HALVES[self.lang]
        quarters = self._quarters(i)
        if quarters:
            sizes["M"] = 15 * quarters[0]
            return quarters[1], 1.0
        if self.at(i) in halves:  # "media hora", "half an hour", "half a day"
            j = i + 1 + (self.at(i + 1) in ("a", "an", "una", "un"))
            unit = _UNITS.get(self.at(j))
            if unit is None:
                return i, 0.0
            self._add(sizes, unit, 1, 2)
            return j + 1, 1.0
        count, j, sure = self._count(i)
        if count is None:
            return i, 0.0
        extra, k = self._and_quarters(j)  # "one and a half hours", "one and a quarter years"
        if extra and self.at(k) in _UNITS:
            j = k
        else:
            extra = 0
        j += self.at(j) == "of"
        j += self.at(j) in _GOOD | {"mas", "more"} and self.at(j + 1) in _UNITS
        unit = _UNITS.get(self.at(j))
        if self._weekend(j):
            unit, j = "K", j + 2
        if unit is None:
            return i, 0.0
        j += 1
        if self.at(j) in _LINKS and self.at(j + 1 + (self.at(j + 1) in _A)) in halves:  # "dos horas y media"
            k = j + 1 + (self.at(j + 1) in _A)
            if self.at(k + 1) not in _UNITS:
                extra, j = 2, k + 1
        numerator, denominator = count
        self._add(sizes, unit, 4 * numerator + extra * denominator, 4 * denominator)
        return j, sure

    def _and_quarters(self, i: int) -> tuple[int, int]:
        """Quarters of a unit after "and" at ``i``, and where they end: "and a half" is two. (0, i): none."""
        if self.at(i) not in _LINKS:
            return 0, i
        number = self.numbers.get(i + 1)
        if number is not None and number.value == 3 and self.at(number.end) in _QUARTERS:
            return 3, number.end + 1
        k = i + 1 + (self.at(i + 1) in _A)
        if self.at(k) in _HALVES[self.lang]:
            return 2, k + 1
        return (1, k + 1) if self.at(k) in _QUARTERS else (0, i)

    def _weekend(self, i: int) -> bool:
        return list(self.tokens[i : i + 3]) in (["fin", "de", "semana"], ["fines", "de", "semana"])

    def _quarters(self, i: int) -> tuple[int, int] | None:
        """ "un cuarto de hora", "tres cuartos de hora", "a quarter of an hour"."""
        count = 1
        j = i
        number = self.numbers.get(j)
        if self.at(j) in ("un", "a"):
            j += 1
        elif number is not None and 1 <= number.value <= 9:
            count, j = int(number.value), number.end
        if self.at(j) not in ("cuarto", "cuartos", "quarter", "quarters"):
            return None
        rest = self.tokens[j + 1 : j + 4]
        for tail in (["de", "hora"], ["de", "horas"], ["of", "an", "hour"]):
            if list(rest[: len(tail)]) == tail:
                return count, j + 1 + len(tail)
        return (count, j + 2) if rest[:1] == ["hour"] else None

    def _count(self, i: int) -> tuple[tuple[int, int] | None, int, float]:
        """A count as a fraction, where it ends, and how sure it is."""
        token = self.at(i)
        whole = max((len(p) for p in _WHOLE if tuple(self.tokens[i : i + len(p)]) == p), default=0)
        hour = self.at(i) == "for" and self.at(i + whole) == "hour"  # "for the hour"
        if whole and (hour or _UNITS.get(self.at(i + whole)) in _WHOLE_UNITS):
            return (1, 1), i + whole, 0.7  # "all week", "todo el día"
        if (self.at(i - 1), token, self.at(i + 1)) == ("within", "the", "hour"):
            return (1, 1), i + 1, 0.7
        if token in ("the", "el") and (self.at(i + 1) == "weekend" or self._weekend(i + 1)):
            return (1, 1), i + 1, 0.6
        if token in _SETS and self.at(i + 1) in ("de", *_UNITS):
            return (_SETS[token], 1), i + 1 + (self.at(i + 1) == "de"), 0.8
        if token in _ONES[self.lang] and i not in self.numbers:
            if self.at(i + 1) in _SETS:
                return self._count(i + 1)
            if self.at(i + 1) in ("couple", "pair", "par"):
                j = i + 2 + (self.at(i + 2) in ("of", "de"))
                return (2, 1), j, 0.8
            if self.at(i + 1) in _FEW:
                return (3, 1), i + 2, 0.5
            return (1, 1), i + 1, 1.0
        if token in ("couple",):
            return (2, 1), i + 1 + (self.at(i + 1) == "of"), 0.7
        if token in _FEW:
            return (3, 1), i + 1, 0.5
        if token in _SINGULAR and i not in self.numbers and self.at(i + 1) in ("y", "and"):
            half = self.at(i + 2 + (self.at(i + 2) in _A)) in _HALVES[self.lang] | {
                "cuarto",
                "pico",
                "quarter",
            }
            return ((1, 1), i, 1.0) if half else (None, i, 0.0)  # "hora y media"
        number = self.numbers.get(i)
        if number is None:
            return None, i, 0.0
        if is_written(self.tokens[number.start]) and number.end == number.start + 1:
            return _written_count(self.tokens[number.start]), number.end, 1.0
        following = self.numbers.get(number.end + 1)
        if self.at(number.end) in self.lex.decimal_words and following is not None:
            return _fraction(number.text, following.text), following.end, 1.0
        if number.value != number.value.to_integral_value():
            return None, i, 0.0
        return (int(number.value), 1), number.end, 1.0

    @staticmethod
    def _add(sizes: dict[str, int], unit: str, numerator: int, denominator: int) -> None:
        """Adds ``numerator / denominator`` units; what is left of the whole goes into smaller units."""
        unit, factor = _AS.get(unit, (unit, 1))
        numerator *= factor
        while True:
            whole, numerator = divmod(numerator, denominator)
            if whole or not numerator:
                sizes[unit] = sizes.get(unit, 0) + whole
            if not numerator or unit not in _BELOW:
                return
            unit, factor = _BELOW[unit]
            numerator *= factor


def _written_count(token: str) -> tuple[int, int] | None:
    if not re.fullmatch(r"\d{1,9}(?:[.,]\d{1,3})?", token):
        return None
    whole, _, decimals = token.replace(",", ".").partition(".")
    return _fraction(whole, decimals)


def _fraction(whole: str, decimals: str) -> tuple[int, int] | None:
    if not (whole + decimals).isdecimal():
        return None
    return int(whole + decimals), 10 ** len(decimals)


def _iso(sizes: dict[str, int]) -> str:
    date = "".join(f"{sizes[u]}{'M' if u == 'O' else u}" for u in "YOWD" if sizes.get(u))
    clock = "".join(f"{sizes[u]}{u}" for u in "HMS" if sizes.get(u))
    return f"P{date}{'T' + clock if clock else ''}" if date or clock else "PT0S"
