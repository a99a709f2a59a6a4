"""Reads spoken dates. Pure: today is passed in.

Own rules and not ``dateparser``: of what callers say it reads few ("quince de diciembre", "el lunes que
viene", "december fifteenth" give nothing), see docs/understanding.md for figures.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from datetime import date, timedelta

from voice.dialogue.languages import Lexicon
from voice.dialogue.languages.base import word_list
from voice.dialogue.money import Reading
from voice.dialogue.numbers import Number, find_numbers
from voice.dialogue.times import read_time

_WORDS: dict[str, dict[str, frozenset[str]]] = {
    "es": {
        "next": frozenset({"proximo", "proxima", "siguiente", "viene", "entra", "entrante"}),
        "last": frozenset({"pasado", "pasada", "ultimo"}),
        "this": frozenset({"este", "esta", "mismo"}),
        "today": frozenset({"hoy", "ahora", "ahorita"}),
        "tomorrow": frozenset({"manana"}),
        "yesterday": frozenset({"ayer"}),
        "before_yesterday": frozenset({"anteayer", "antier", "antayer"}),
        "ago": frozenset({"hace", "atras"}),
        "ahead": frozenset({"dentro", "en", "aqui"}),
        "link": frozenset(word_list("de del el la dia mes ano barra guion - /")),
        "year_link": frozenset({"de", "del", "ano", "el"}),
        "one": frozenset({"un", "una"}),
    },
    "en": {
        "next": frozenset({"next", "coming", "following", "upcoming"}),
        "last": frozenset({"last", "past", "previous"}),
        "this": frozenset({"this"}),
        "today": frozenset({"today", "tonight", "now"}),
        "tomorrow": frozenset({"tomorrow"}),
        "yesterday": frozenset({"yesterday"}),
        "before_yesterday": frozenset(),
        "ago": frozenset({"ago"}),
        "ahead": frozenset({"in", "from", "within", "after"}),
        "link": frozenset({"of", "the", "day", "slash", "dash", "-", "/", "month", "in"}),
        "year_link": frozenset({"of", "in", "year", "the"}),
        "one": frozenset({"a", "one"}),
    },
}
_UNITS = {
    "dia": "d", "dias": "d", "semana": "w", "semanas": "w", "mes": "m", "meses": "m", "ano": "y",
    "anos": "y", "quincena": "f", "fortnights": "f", "day": "d", "days": "d", "week": "w", "weeks": "w",
    "month": "m", "months": "m", "year": "y", "years": "y", "fortnight": "f",
}  # fmt: skip
_SUFFIXES = frozenset({"th", "st", "nd", "rd", "º", "ª", "o"})
_CLOCK = frozenset(word_list("am pm oclock horas"))
_CLOCK_MORE = frozenset(word_list("y media cuarto menos punto o oh p a m"))
_OTHER = frozenset(
    word_list(
        """
        a las los que antes before after despues desde fin final finales end couple par overmorrow ocho on by
        """
    )
)
_FEASTS = {
    "navidad": (25, 12), "dia de navidad": (25, 12), "nochebuena": (24, 12), "nochevieja": (31, 12),
    "ano nuevo": (1, 1), "reyes": (6, 1), "christmas": (25, 12), "christmas day": (25, 12),
    "christmas eve": (24, 12), "new years day": (1, 1), "new year day": (1, 1), "new years eve": (31, 12),
    "new years": (1, 1), "fin de ano": (31, 12), "san valentin": (14, 2), "valentines day": (14, 2),
    "dia de los enamorados": (14, 2), "halloween": (31, 10), "dia del trabajador": (1, 5),
    "dia de los trabajadores": (1, 5), "dia internacional de los trabajadores": (1, 5),
    "dia del trabajo": (1, 5), "san juan": (24, 6), "independence day": (4, 7), "boxing day": (26, 12),
    "todos los santos": (1, 11), "dia de muertos": (2, 11), "dia de los muertos": (2, 11),
    "la inmaculada": (8, 12),
}  # fmt: skip
_AROUND_EASTER = {
    "domingo de pascua": 0, "domingo de resurreccion": 0, "pascua": 0, "easter sunday": 0, "easter monday": 1,
    "lunes de pascua": 1, "viernes santo": -2, "good friday": -2, "jueves santo": -3, "easter": 0,
}  # fmt: skip
_NUMERIC = re.compile(r"(\d{1,4})[-/.](\d{1,2})(?:[-/.](\d{1,4}))?")


def read_date(tokens: Sequence[str], lexicon: Lexicon, lang: str, today: date) -> Reading:
    """An ISO date; a day without a year is the next one from ``today`` on, unless its weekday says else."""
    plain = _without_times(_ordinals_as_digits(tokens, lexicon), lexicon, lang)
    reader = _DateReader(plain, lexicon, lang, today)
    try:
        found = reader.read()
    except (ValueError, OverflowError):  # 31 February, or a year out of range
        return None
    return None if found is None else (found[0].isoformat(), found[1])


def date_words(lexicon: Lexicon, lang: str) -> frozenset[str]:
    """Every word, numbers aside, that a spoken date may have."""
    own = frozenset(word for words in _WORDS[lang].values() for word in words)
    feasts = frozenset(word for name in _FEASTS for word in name.split())
    return own | feasts | _UNITS.keys() | _SUFFIXES | lexicon.months.keys() | lexicon.weekdays.keys() | _OTHER


def date_is_impossible(tokens: Sequence[str], lexicon: Lexicon, lang: str, today: date) -> bool:
    """Whether the words are a date that no calendar has, such as 31 February."""
    plain = _without_times(_ordinals_as_digits(tokens, lexicon), lexicon, lang)
    try:
        _DateReader(plain, lexicon, lang, today).read()
    except (ValueError, OverflowError):
        return True
    return False


def _ordinals_as_digits(tokens: Sequence[str], lexicon: Lexicon) -> list[str]:
    out: list[str] = []
    for token in tokens:
        value = lexicon.ordinals.get(token)
        if value is not None:
            if value < 10 and out and out[-1] in lexicon.tens:
                value += lexicon.tens[out.pop()]
            out.append(str(value))
        elif not (token in _SUFFIXES and out and out[-1].isdecimal()):
            out.append(token)
    return out


def _without_times(tokens: list[str], lexicon: Lexicon, lang: str) -> list[str]:
    """Drops times of day, whose numbers are not days: "a las tres y media", "at five thirty", "3 pm"."""
    drop = _times_of_day(tokens, lexicon, lang)
    numbers = {n.start: n for n in find_numbers(tokens, lexicon)}
    for start, n in numbers.items():
        lead = 2 if tokens[max(0, start - 2) : start] in (["a", "las"], ["a", "la"]) else 0
        lead = 1 if tokens[max(0, start - 1) : start] == ["at"] else lead
        clock = tokens[n.end] in _CLOCK if n.end < len(tokens) else False
        if not lead and not clock and ":" not in tokens[start]:
            continue
        end = n.end
        while end < len(tokens) and (tokens[end] in _CLOCK | _CLOCK_MORE or end in numbers):
            end = numbers[end].end if end in numbers else end + 1
        drop.update(range(start - lead, end))
    return [t for i, t in enumerate(tokens) if i not in drop]


def _times_of_day(tokens: list[str], lexicon: Lexicon, lang: str) -> set[int]:
    """The places of a time with numbers of its own: "half past three", "8 de la noche"."""
    found = read_time(tokens, lexicon, lang)
    if found is None or not found.marked:
        return set()
    numbered = any(found.start <= n.start < found.end for n in find_numbers(tokens, lexicon))
    return set(range(found.start, found.end)) if numbered else set()


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, day + 1)


class _DateReader:
    def __init__(self, tokens: list[str], lexicon: Lexicon, lang: str, today: date) -> None:
        self.tokens = tokens
        self.lex = lexicon
        self.words = _WORDS[lang]
        self.day_first = lang == "es"
        self.today = today
        self.numbers = find_numbers(tokens, lexicon)

    def has(self, kind: str) -> bool:
        return any(t in self.words[kind] for t in self.tokens)

    def at(self, i: int) -> str:
        return self.tokens[i] if 0 <= i < len(self.tokens) else ""

    def read(self) -> tuple[date, float] | None:
        return (
            self._written()
            or self._day_and_month()
            or self._offset()
            or self._feast()
            or self._near()
            or self._month_end()
            or self._weekday()
            or self._numeric_words()
            or self._day_of_month()
        )

    # --- 15/12/2026, 15122026 -------------------------------------------------------------------------

    def _written(self) -> tuple[date, float] | None:
        for token in self.tokens:
            match = _NUMERIC.fullmatch(token)
            if match:
                return self._from_parts(*match.groups())
        if len(self.tokens) == 1 and self.tokens[0].isdecimal() and len(self.tokens[0]) in (4, 6, 8):
            keyed = self.tokens[0]
            return self._from_parts(keyed[:2], keyed[2:4], keyed[4:] or None)
        return None

    def _from_parts(self, first: str, second: str, third: str | None) -> tuple[date, float]:
        if len(first) == 4 and third is not None:
            return date(int(first), int(second), int(third)), 1.0
        day, month = (int(first), int(second)) if self.day_first else (int(second), int(first))
        if month > 12:
            day, month = month, day
        if third is None:
            return self._coming(day, month), 0.9
        return date(self._full_year(int(third), len(third)), month, day), 0.95

    def _full_year(self, year: int, digits: int) -> int:
        """A two-digit year is at most 20 years ahead of today."""
        if digits > 2:
            return year
        full = self.today.year // 100 * 100 + year
        return full - 100 if full > self.today.year + 20 else full

    def _coming(self, day: int, month: int) -> date:
        """The next such day, leap days included."""
        for year in range(self.today.year, self.today.year + 9):
            try:
                found = date(year, month, day)
            except ValueError:
                continue
            if found >= self.today:
                return found
        raise ValueError(f"no day {day} in month {month}")

    # --- quince de diciembre (de dos mil veintiséis) --------------------------------------------------

    def _month_of(self, i: int) -> int | None:
        token = self.at(i)
        if token in self.lex.months:
            return self.lex.months[token]
        if len(token) == 3 and (self.at(i - 1)[:1].isdigit() or self.at(i + 1)[:1].isdigit()):
            return next((n for name, n in self.lex.months.items() if name.startswith(token)), None)
        return None

    def _day_and_month(self) -> tuple[date, float] | None:
        for i in range(len(self.tokens)):
            month = self._month_of(i)
            if month is None:
                continue
            before = [n for n in self.numbers if n.end <= i and self._only_links(n.end, i)]
            after = [n for n in self.numbers if n.start > i]
            if before:
                return self._with_year(int(before[-1].value), month, i + 1, after)
            if after and self._only_links(i + 1, after[0].start):
                return self._with_year(int(after[0].value), month, after[0].end, after[1:])
        return None

    def _only_links(self, start: int, end: int) -> bool:
        return all(t in self.words["link"] for t in self.tokens[start:end])

    def _with_year(self, day: int, month: int, end: int, after: list[Number]) -> tuple[date, float]:
        year = self._year(end, after)
        if year is not None:
            return date(year, month, day), 1.0
        weekday = self._weekday_index()
        if weekday is None:
            if self.has("last"):
                found = self._coming(day, month)
                return found.replace(year=found.year - 1), 0.8
            return self._coming(day, month), 1.0
        for near in (0, 1, -1):
            try:
                found = date(self.today.year + near, month, day)
            except ValueError:
                continue
            if found.weekday() == weekday:
                return found, 1.0
        return self._coming(day, month), 0.6  # the weekday contradicts

    def _year(self, end: int, after: list[Number]) -> int | None:
        if not after or not all(t in self.words["year_link"] for t in self.tokens[end : after[0].start]):
            return None
        run = [after[0]]
        for n in after[1:]:
            if n.start == run[-1].end:
                run.append(n)
        text = "".join(n.text for n in run)
        if len(text) == 4:
            return int(text)
        return self._full_year(int(text), 2) if len(text) == 2 else None

    # --- dentro de tres días, two weeks ago, a week from monday ---------------------------------------

    def _offset(self) -> tuple[date, float] | None:
        for i, token in enumerate(self.tokens):
            unit = _UNITS.get(token)
            if unit is None:
                continue
            count = self._count_before(i)
            if count is None:
                continue
            if self.has("ago"):
                return self._add(self.today, -count, unit), 1.0
            base = self._base(i)
            if base is not None:
                return self._add(base[0], -count if base[1] else count, unit), 0.95
            if self.has("ahead") or len(self.tokens) <= 4:
                return self._add(self.today, count, unit), 1.0 if self.has("ahead") else 0.7
        if self.tokens[-2:] in (["en", "ocho"], ["en", "quince"]) and "hoy" in self.tokens:
            return self.today + timedelta(7 if self.tokens[-1] == "ocho" else 14), 0.9
        return None

    def _count_before(self, i: int) -> int | None:
        for n in self.numbers:
            if n.end == i:
                return int(n.value)
        if self.at(i - 1) in self.words["one"]:
            return 1
        if {"couple", "par"} & set(self.tokens[max(0, i - 3) : i]):
            return 2
        return None

    def _base(self, i: int) -> tuple[date, bool] | None:
        """ "a week from monday", "dos días antes del lunes": the day an offset counts from, and whether
        it counts back. None when the unit is followed by something else."""
        rest = self.tokens[i + 1 :]
        back = any(t in ("before", "antes") for t in rest)
        if not back and not any(t in ("from", "after", "despues", "desde") for t in rest):
            return None
        if set(rest) & self.words["tomorrow"]:
            return self.today + timedelta(1), back
        if set(rest) & self.words["yesterday"]:
            return self.today - timedelta(1), back
        weekday = next((self.lex.weekdays[t] for t in rest if t in self.lex.weekdays), None)
        return (self.today if weekday is None else self._next_weekday(weekday)), back

    @staticmethod
    def _add(start: date, count: int, unit: str) -> date:
        if unit in "dwf":
            return start + timedelta(count * {"d": 1, "w": 7, "f": 14}[unit])
        months = start.year * 12 + start.month - 1 + count * (12 if unit == "y" else 1)
        year, month = divmod(months, 12)
        return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))

    # --- hoy, pasado mañana, the day after tomorrow ---------------------------------------------------

    def _near(self) -> tuple[date, float] | None:
        said = " ".join(self.tokens)
        if re.search(r"\bpasado manana\b|\bday after tomorrow\b|\bovermorrow\b", said):
            return self.today + timedelta(2), 1.0
        if re.search(r"\bantes de ayer\b|\bday before yesterday\b", said) or self.has("before_yesterday"):
            return self.today - timedelta(2), 1.0
        if self.has("yesterday"):
            return self.today - timedelta(1), 1.0
        # "por la mañana" is a part of a day
        named = any(t in self.words["tomorrow"] and self.at(i - 1) != "la" for i, t in enumerate(self.tokens))
        if named:
            return self.today + timedelta(1), 1.0
        if self.has("today") or re.search(r"\besta (noche|tarde|manana)\b|\bthis (morning|evening)\b", said):
            return self.today, 1.0
        return None

    def _feast(self) -> tuple[date, float] | None:
        said = f" {' '.join(self.tokens)} "
        for name, days in _AROUND_EASTER.items():
            if f" {name} " in said:
                return self._around_easter(days)
        named = [name for name in _FEASTS if f" {name} " in said]
        if not named or self.numbers:
            return None
        return self._coming(*_FEASTS[max(named, key=len)]), 0.95

    def _around_easter(self, days: int) -> tuple[date, float]:
        year = next((int(n.text) for n in self.numbers if len(n.text) == 4), None)
        near = [easter(y) + timedelta(days) for y in range(self.today.year - 1, self.today.year + 3)]
        if year is not None:
            return easter(year) + timedelta(days), 1.0
        if self.has("last"):
            return max(day for day in near if day < self.today), 0.9
        return min(day for day in near if day >= self.today), 0.95

    def _month_end(self) -> tuple[date, float] | None:
        if re.search(
            r"\bfin(al)?(es)? de(l)? mes\b|\bend of (the|this) month\b|\bmonth end\b", " ".join(self.tokens)
        ):
            last = calendar.monthrange(self.today.year, self.today.month)[1]
            return self.today.replace(day=last), 0.9
        return None

    # --- el lunes que viene, next tuesday, friday the 26th --------------------------------------------

    def _weekday_index(self) -> int | None:
        return next((self.lex.weekdays[t] for t in self.tokens if t in self.lex.weekdays), None)

    def _next_weekday(self, weekday: int) -> date:
        """The first such day after today."""
        return self.today + timedelta((weekday - self.today.weekday() - 1) % 7 + 1)

    def _weekday(self) -> tuple[date, float] | None:
        weekday = self._weekday_index()
        if weekday is None:
            return None
        days = [int(n.value) for n in self.numbers if 1 <= n.value <= 31]
        if len(days) == 1:
            return self._weekday_with_day(weekday, days[0])
        monday = self.today - timedelta(self.today.weekday())
        in_week = "semana" in self.tokens or "week" in self.tokens
        if in_week and self.has("next"):
            return monday + timedelta(7 + weekday), 1.0
        if in_week and self.has("last"):
            return monday + timedelta(weekday - 7), 1.0
        if in_week and self.has("this"):
            return monday + timedelta(weekday), 1.0
        coming = self._next_weekday(weekday)
        if self.has("last"):
            return self.today - timedelta((self.today.weekday() - weekday - 1) % 7 + 1), 0.9
        if self.has("next"):
            # English "next friday" said on a Monday skips this week's, "el viernes que viene" does not
            strict = monday + timedelta(7 + weekday)
            return (coming, 0.95) if self.day_first or strict == coming else (strict, 0.7)
        if coming - self.today == timedelta(7):
            return (self.today, 0.8) if self.has("this") else (coming, 0.7)
        return coming, 1.0

    def _weekday_with_day(self, weekday: int, day: int) -> tuple[date, float]:
        first = self._day_in_month(day)
        found = first
        for _ in range(12):
            if found.weekday() == weekday:
                return found, 0.95 if found == first else 0.8
            found = self._day_in_month(day, found + timedelta(1))
        return first, 0.5

    # --- quince del doce, el quince -------------------------------------------------------------------

    def _numeric_words(self) -> tuple[date, float] | None:
        if len(self.numbers) < 2 or not self._only_links(self.numbers[0].end, self.numbers[1].start):
            return None
        first, second = int(self.numbers[0].value), int(self.numbers[1].value)
        swap = not self.day_first and "of" not in self.tokens
        day, month = (second, first) if swap else (first, second)
        if month > 12 and day <= 12:
            day, month = month, day
        if not (1 <= month <= 12 and 1 <= day <= 31):
            return None
        year = self._year_after_numbers()
        if len(self.numbers) > 2 and year is None:
            return None
        return (self._coming(day, month), 0.7) if year is None else (date(year, month, day), 0.8)

    def _year_after_numbers(self) -> int | None:
        rest = self.numbers[2:]
        if not rest or not self._only_links(self.numbers[1].end, rest[0].start):
            return None
        text = "".join(n.text for n in rest)
        return int(text) if len(text) == 4 else self._full_year(int(text), 2) if len(text) == 2 else None

    def _day_of_month(self) -> tuple[date, float] | None:
        if len(self.numbers) != 1 or not 1 <= self.numbers[0].value <= 31:
            return None
        number = self.numbers[0]
        day = int(number.value)
        in_month = "mes" in self.tokens or "month" in self.tokens
        if in_month and self.has("next"):
            start = self._add(self.today.replace(day=1), 1, "m")
            return start.replace(day=day), 1.0
        if in_month and self.has("last"):
            start = self._add(self.today.replace(day=1), -1, "m")
            return start.replace(day=day), 1.0
        if in_month and self.has("this"):
            return self.today.replace(day=day), 1.0
        strange = [
            t
            for i, t in enumerate(self.tokens)
            if not number.start <= i < number.end
            and t not in self.lex.fillers
            and t not in self.words["link"]
        ]
        # "el día quince", "on the 18th": no doubt in any sentence
        before = (self.at(number.start - 2), self.at(number.start - 1))
        named = before[1] == "dia" or before in (("on", "the"), ("by", "the"))
        if len(strange) > 3 and not named:
            return None
        return self._day_in_month(day), 0.9 - 0.15 * min(2, len(strange))

    def _day_in_month(self, day: int, start: date | None = None) -> date:
        """The next day numbered ``day`` from ``start`` (today) on; months without it are skipped."""
        start = start or self.today
        month = start.replace(day=1)
        for _ in range(13):
            if day <= calendar.monthrange(month.year, month.month)[1] and month.replace(day=day) >= start:
                return month.replace(day=day)
            month = self._add(month, 1, "m")
        raise ValueError(f"no day {day}")
