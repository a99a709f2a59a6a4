"""Reads dates that are told from another day or inside a period: "the first Monday of October", "two days
after Christmas", "el martes de la semana que viene", "del lunes en ocho". Pure: today is passed in.

Works on words whose numbers are digits already, and on what stands after "after" or "before" it calls the
reader of whole dates. What people mean differently ("end of the week", "next Friday") has a low confidence.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from voice.languages import Lexicon
from voice.slots.date_terms import (
    AFTER,
    AGO,
    AHEAD,
    BEFORE,
    BUSINESS,
    ENDS,
    HALF_OF,
    HALVES,
    IDIOM,
    LAST,
    LATER,
    LINKS,
    MIDDLES,
    ONES,
    PENULTIMATE,
    RELATIVE,
    STARTS,
    UNITS,
    Day,
)

# How sure a reading is, for what people do not all mean alike: below 0.75 a line asks.
_VAGUE = 0.5  # "mid June", "early next month"
_DOUBTFUL = 0.65


@dataclass(frozen=True, slots=True)
class _Period:
    """``unit`` is "w", "m" or "y"; ``end`` the place after its words; ``named`` a month by its name."""

    unit: str
    first: date
    last: date
    end: int
    named: bool = False


_Whole = Callable[[Sequence[str]], Day | None]


def read_phrase(tokens: Sequence[str], lexicon: Lexicon, lang: str, today: date, whole: _Whole) -> Day | None:
    """The day of the first such phrase in ``tokens``, whose numbers are digits; None when there is none.
    ``whole`` reads any date from other tokens. ValueError for a day that no calendar has."""
    reader = _Phrases(tokens, lexicon, lang, today, whole)
    for attempt in (reader.counted, reader.relative_to, reader.nth, reader.in_period, reader.edge):
        for i in range(len(tokens)):
            found = attempt(i)
            if found is not None:
                return found
    return None


def _half(count: int, unit: str) -> tuple[int, str]:
    """Half a week is three days or four, whichever makes whole weeks of two such halves nearly."""
    return (4, "d") if unit == "w" and count % 2 else HALF_OF[unit]


def add(start: date, count: int, unit: str) -> date:
    """``count`` days, weeks, fortnights, months or years later; the 31st becomes the month's last day."""
    if unit in "dwf":
        return start + timedelta(count * {"d": 1, "w": 7, "f": 14}[unit])
    months = start.year * 12 + start.month - 1 + count * (12 if unit == "y" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def add_business_days(start: date, count: int) -> date:
    """``count`` days from Monday to Friday later; holidays are not known here."""
    step = 1 if count >= 0 else -1
    left, day = abs(count), start
    while left:
        day += timedelta(step)
        left -= day.weekday() < 5
    return day


class _Phrases:
    def __init__(
        self, tokens: Sequence[str], lexicon: Lexicon, lang: str, today: date, whole: _Whole
    ) -> None:
        self.tokens = tokens
        self.lex = lexicon
        self.es = lang == "es"
        self.today = today
        self.whole = whole

    def at(self, i: int) -> str:
        return self.tokens[i] if 0 <= i < len(self.tokens) else ""

    def skip(self, i: int, links: frozenset[str] = LINKS) -> int:
        while self.at(i) in links:
            i += 1
        return i

    def starts(self, i: int, phrases: Sequence[tuple[str, ...]]) -> int:
        """The place after the longest of ``phrases`` that stands at ``i``; 0 when none does."""
        fitting = [len(p) for p in phrases if tuple(self.tokens[i : i + len(p)]) == p]
        return i + max(fitting) if fitting else 0

    def number(self, i: int) -> int | None:
        token = self.at(i)
        return int(token) if token.isdecimal() and len(token) <= 4 else None

    def weekday(self, i: int) -> int | None:
        token = self.at(i)
        plural = token[:-1] if token.endswith("s") else token
        return self.lex.weekdays.get(token, self.lex.weekdays.get(plural))

    # --- two weeks from Tuesday, dentro de dos semanas y tres días, the day before Christmas ----------

    def counted(self, i: int) -> Day | None:
        parts, j, half = self._counts(i)
        if not parts:
            return self._weekdays_ahead(i) or self._week_from(i)
        sure = _DOUBTFUL if half else 1.0
        idiom = next((IDIOM[n] for n, unit in parts if self.es and unit == "d" and n in IDIOM), 0)
        alone = len(parts) == 1
        base, past = self.today, False
        if later := self.starts(j, LATER):
            j = later
        elif after := self.starts(j, AFTER):
            found = self._base(after)
            if found is None:
                return None
            return self._counted_from(found, parts, 1, min(0.95, sure))
        elif before := self.starts(j, BEFORE):
            found = self._base(before)
            return None if found is None else self._counted_from(found, parts, -1, min(0.95, sure))
        elif self.at(j) in AGO or self.at(i - 1) == "hace" or (self.es and self.at(j) == "antes"):
            past = True
        elif self.at(i - 1) == "en" and self._idiom_base(i - 1) is not None:
            base = self._idiom_base(i - 1) or base
            count = idiom if idiom and alone else 0
            return Day(self._sum(base, ((count, "d"),) if count else parts, 1), 0.9)
        elif not self.es and alone and self._british(j) is not None:
            start = self._british(j)
            return None if start is None else Day(self._sum(start, parts, 1), 0.9)
        elif not (self.at(i - 1) in AHEAD or self._aheads(i)):
            return None
        days = self._sum(base, parts, -1 if past else 1)
        if idiom and alone and not past:
            return Day(days, _DOUBTFUL + 0.05, (base + timedelta(idiom),))
        return Day(days, sure)

    def _aheads(self, i: int) -> bool:
        return tuple(self.tokens[max(0, i - 2) : i]) in (("dentro", "de"), ("aqui", "a"), ("here", "to"))

    def _base(self, j: int) -> Day | None:
        rest = self.tokens[j:]
        if not rest or rest in (["now"], ["ahora"]):
            return Day(self.today, 1.0)
        return self.whole(rest)

    def _counted_from(self, base: Day, parts: Sequence[tuple[int, str]], sign: int, sure: float) -> Day:
        return Day(
            self._sum(base.day, parts, sign),
            min(sure, base.sure),
            tuple(self._sum(other, parts, sign) for other in base.others),
        )

    def _counts(self, i: int) -> tuple[list[tuple[int, str]], int, bool]:
        """Counts with their units from ``i`` on, where they end, and whether a half was added."""
        parts: list[tuple[int, str]] = []
        half = False
        while True:
            count, j = self._count(i)
            k = j + 1 + (self.at(j + 1) == "a")
            if self.at(j) in ("y", "and") and self.at(k) in HALVES and UNITS.get(self.at(k + 1)) in HALF_OF:
                halved = UNITS[self.at(k + 1)]
                return [(count or 1, halved), _half(count or 1, halved)], k + 2, True
            business = self.at(j) in BUSINESS
            unit = UNITS.get(self.at(j + business))
            if count is None or unit is None or (self.number(i) is None and self._is_period(i, j)):
                return parts, i - (1 if parts and self.at(i - 1) in ("y", "and") else 0), half
            i = j + business + 1
            if self.at(i) in BUSINESS:
                business, i = True, i + 1
            parts.append((count, "b" if business and unit == "d" else unit))
            k = i + 1 + (self.at(i + 1) == "a")
            if self.at(i) in ("y", "and") and self.at(k) in HALVES:
                return ([*parts, _half(count, unit)], k + 1, True) if unit in HALF_OF else ([], i, False)
            if self.at(i) not in ("y", "and"):
                return parts, i, half
            i += 1

    def _is_period(self, i: int, j: int) -> bool:
        """Whether "the week", "the month" is meant: it counts only where "after" or "before" follows."""
        if self.at(i) not in ("the", "el", "la"):
            return False
        return not (self.starts(j + 1, AFTER) or self.starts(j + 1, BEFORE))

    def _count(self, i: int) -> tuple[int | None, int]:
        number = self.number(i)
        if number is not None:
            return number, i + 1 + (self.at(i + 1) == "of")
        if self.at(i) in ONES and self.at(i + 1) in ("couple", "par"):
            return 2, i + 2 + (self.at(i + 2) in ("of", "de"))
        if self.at(i) == "couple":
            return 2, i + 1 + (self.at(i + 1) == "of")
        if self.at(i) in ONES or self.at(i) in ("the", "el", "la"):
            return 1, i + 1
        return (
            (1, i)
            if self.at(i) in ("day", "dia", "semana", "week") and self.at(i - 1) in AHEAD
            else (None, i)
        )

    def _sum(self, start: date, parts: Sequence[tuple[int, str]], sign: int) -> date:
        for count, unit in parts:
            start = add_business_days(start, sign * count) if unit == "b" else add(start, sign * count, unit)
        return start

    def _idiom_base(self, i: int) -> date | None:
        """ "de hoy", "del martes", "el martes" right before ``i``: the day that an "en ocho" counts from."""
        token = self.at(i - 1)
        if token in ("hoy", "today"):
            return self.today
        if token in ("manana", "tomorrow") and self.at(i - 2) != "la":
            return self.today + timedelta(1)
        weekday = self.lex.weekdays.get(token)
        return None if weekday is None else self.coming(weekday)

    def _british(self, j: int) -> date | None:
        """ "a week today", "a week on Tuesday"."""
        j += self.at(j) == "on"
        if self.at(j) == "today":
            return self.today
        if self.at(j) == "tomorrow":
            return self.today + timedelta(1)
        weekday = self.lex.weekdays.get(self.at(j))
        return None if weekday is None else self.coming(weekday)

    def _week_from(self, i: int) -> Day | None:
        """ "Tuesday week", "today week"; "de hoy en ocho", "del lunes en quince" without the days."""
        if not self.es and self.at(i) == "week" and self.at(i + 1) not in ("of", "after", "before"):
            base = self._idiom_base(i)
            return None if base is None else Day(base + timedelta(7), 0.85)
        number = self.number(i)
        if self.es and number in IDIOM and self.at(i - 1) == "en" and UNITS.get(self.at(i + 1)) is None:
            base = self._idiom_base(i - 1)
            return None if base is None else Day(base + timedelta(IDIOM[number]), 0.9)
        return None

    def _weekdays_ahead(self, i: int) -> Day | None:
        """ "two Fridays from now", "dentro de dos viernes"."""
        count, weekday = self.number(i), self.weekday(i + 1)
        if count is None or weekday is None or not 1 <= count <= 9:
            return None
        if not (self._aheads(i) or self.at(i - 1) == "in" or self.starts(i + 2, LATER)):
            return None
        return Day(self.coming(weekday) + timedelta(7 * (count - 1)), 0.7)

    def coming(self, weekday: int) -> date:
        """The first such day after today."""
        return self.today + timedelta((weekday - self.today.weekday() - 1) % 7 + 1)

    # --- the Friday after Christmas, el lunes antes de Navidad, the Friday after next ---------------------

    def relative_to(self, i: int) -> Day | None:
        weekday = self.lex.weekdays.get(self.at(i))
        if weekday is None:
            return None
        after, before = self.starts(i + 1, AFTER), self.starts(i + 1, BEFORE)
        if after and not self.es and self.at(after) == "next" and after + 1 >= len(self.tokens):
            monday = self.today - timedelta(self.today.weekday())
            late = monday + timedelta(14 + weekday)
            return Day(late, _DOUBTFUL, (late - timedelta(7),))
        if (not after and not before) or not self.tokens[after or before :]:
            return None
        base = self.whole(self.tokens[after or before :])
        if base is None:
            return None
        if after:
            away = (weekday - base.day.weekday() - 1) % 7 + 1
        else:
            away = -((base.day.weekday() - weekday - 1) % 7 + 1)
        return Day(base.day + timedelta(away), min(0.95, base.sure))

    # --- this month, October next year, la semana que viene ---------------------------------------------

    def period(self, i: int) -> _Period | None:
        j = self.skip(i)
        token = self.at(j)
        if token in RELATIVE and self.at(j + 1) in UNITS:
            return self._relative(self.at(j + 1), RELATIVE[token], j + 2)
        if token in UNITS:
            if self.at(j + 1) == "que" and self.at(j + 2) in ("viene", "entra", "sigue"):
                return self._relative(token, 1, j + 3)
            if tuple(self.tokens[j + 1 : j + 3]) == ("after", "next"):
                return self._relative(token, 2, j + 3)
            if tuple(self.tokens[j + 1 : j + 3]) == ("before", "last"):
                return self._relative(token, -2, j + 3)
            if UNITS[token] == "y" and (year := self.number(j + 1)) is not None and 1800 <= year <= 2200:
                return _Period("y", date(year, 1, 1), date(year, 12, 31), j + 2)
            if self.at(j + 1) in RELATIVE and self.es:
                return self._relative(token, RELATIVE[self.at(j + 1)], j + 2)
            return self._relative(token, 0, j + 1) if j > i or self.at(j - 1) == "de" else None
        month = self.lex.months.get(token)
        if month is None and len(token) >= 3 and token.isalpha() and j > i:
            month = next(
                (n for name, n in self.lex.months.items() if len(token) == 3 and name.startswith(token)), None
            )
        return None if month is None else self._month(month, j + 1)

    def _relative(self, word: str, away: int, end: int) -> _Period | None:
        unit = UNITS[word]
        if unit == "w":
            monday = self.today - timedelta(self.today.weekday()) + timedelta(7 * away)
            return _Period("w", monday, monday + timedelta(6), end)
        if unit == "m":
            first = add(self.today.replace(day=1), away, "m")
            return _Period("m", first, _last_of_month(first), end)
        if unit == "y":
            year = self.today.year + away
            return _Period("y", date(year, 1, 1), date(year, 12, 31), end)
        return None

    def _month(self, month: int, end: int) -> _Period:
        year = self.year(end)
        if year is not None:
            first = date(year[0], month, 1)
            return _Period("m", first, _last_of_month(first), year[1], named=True)
        first = date(self.today.year, month, 1)
        if _last_of_month(first) < self.today:
            first = date(self.today.year + 1, month, 1)
        return _Period("m", first, _last_of_month(first), end, named=True)

    def year(self, i: int) -> tuple[int, int] | None:
        """A year said after a month: "2027", "20 27", "next year", "del año que viene"; and where it ends."""
        j = self.skip(i)
        if self.at(j) in ("year", "ano") and self.number(j + 1) is not None:
            j += 1
        first, second = self.number(j), self.number(j + 1)
        if first is not None and 1800 <= first <= 2200:
            return first, j + 1
        if (
            first in (18, 19, 20, 21)
            and second is not None
            and 0 <= second <= 99
            and len(self.at(j + 1)) == 2
        ):
            return first * 100 + second, j + 2
        period = self.period(j)
        if period is not None and period.unit == "y":
            return period.first.year, period.end
        return None

    # --- the first Monday of October, el último día del mes, the first week of October on Friday ----------

    def nth(self, i: int) -> Day | None:
        count = self._rank(i)
        if count is None:
            return None
        business = self.at(i + 1) in BUSINESS
        j = i + 1 + business
        weekday, unit = self.lex.weekdays.get(self.at(j)), UNITS.get(self.at(j))
        j += 1
        if self.at(j) in BUSINESS:
            business, j = True, j + 1
        if weekday is None and unit not in ("d", "w"):
            return None
        period = self.period(j) if self.at(j) in LINKS or self.at(j) in RELATIVE else None
        if period is None or (period.unit == "w" and unit != "d"):
            return None
        if weekday is not None:
            return self._unless_gone(self._nth_weekday(period, weekday, count), period, 1.0, count, weekday)
        if unit == "w":
            return self._week_of(i, count, period)
        if business:
            day = (
                add_business_days(period.first - timedelta(1), count)
                if count > 0
                else add_business_days(period.last + timedelta(1), count)
            )
        else:
            day = period.first + timedelta(count - 1) if count > 0 else period.last + timedelta(count + 1)
        if not period.first <= day <= period.last:
            raise ValueError("no such day in the period")
        return Day(day, 0.95)

    def _rank(self, i: int) -> int | None:
        if self.at(i) in LAST:
            return -1
        if self.at(i) in PENULTIMATE or (self.at(i) == "last" and self.at(i - 1) == "2"):
            return -2
        number = self.number(i)
        return number if number is not None and 1 <= number <= 31 and len(self.at(i)) <= 2 else None

    def _nth_weekday(self, period: _Period, weekday: int, count: int) -> date:
        if count > 0:
            day = period.first + timedelta((weekday - period.first.weekday()) % 7 + 7 * (count - 1))
        else:
            day = period.last - timedelta((period.last.weekday() - weekday) % 7 + 7 * (-count - 1))
        if not period.first <= day <= period.last:
            raise ValueError("no such weekday in the period")
        return day

    def _unless_gone(self, day: date, period: _Period, sure: float, count: int, weekday: int) -> Day:
        """A day of a named month without a year is one to come."""
        if period.named and day < self.today and self.year(period.end) is None:
            first = add(period.first, 1, "y")
            later = _Period("m", first, _last_of_month(first), period.end, True)
            return Day(self._nth_weekday(later, weekday, count), sure, (day,))
        return Day(day, sure)

    def _week_of(self, i: int, count: int, period: _Period) -> Day | None:
        """The weekday in the nth week, which is counted by that weekday."""
        j = self.skip(period.end)
        weekday = self.lex.weekdays.get(self.at(j))
        if weekday is None:
            back = i - 1
            while back >= 0 and self.at(back) in LINKS:
                back -= 1
            weekday = self.lex.weekdays.get(self.at(back))
        if weekday is None:
            return None
        return Day(self._nth_weekday(period, weekday, count), 0.7)

    # --- Tuesday of next week, next month on the tenth, el cinco de mayo del año que viene ----------------

    def in_period(self, i: int) -> Day | None:
        weekday = self.lex.weekdays.get(self.at(i))
        if weekday is not None:
            found = self.period(i + 1)
            if found is not None and found.unit == "w":
                return Day(found.first + timedelta(weekday), 1.0)
        number = self.number(i)
        if (
            number is not None
            and 1 <= number <= 31
            and (self.at(i + 1) in LINKS or self.at(i + 1) in RELATIVE)
        ):
            j = self.skip(i + 1)
            month = self.lex.months.get(self.at(j))
            year = self.period(j + 1) if month is not None else None
            if month is not None and year is not None and year.unit == "y" and self.at(j + 1) not in ("",):
                return Day(date(year.first.year, month, number), 1.0)
            found = self.period(i + 1)
            if found is not None and found.unit == "m" and not found.named:
                return Day(found.first.replace(day=number), 1.0)
        month = self.lex.months.get(self.at(i))
        if month is not None and (day := self.number(self.skip(i + 1))) is not None and 1 <= day <= 31:
            year = self.period(self.skip(i + 1) + 1)
            if year is not None and year.unit == "y":
                return Day(date(year.first.year, month, day), 1.0)
        return self._period_first(i)

    def _period_first(self, i: int) -> Day | None:
        found = self.period(i)
        if found is None or found.named or found.unit == "y":
            return None
        j = self.skip(found.end)
        weekday, number = self.lex.weekdays.get(self.at(j)), self.number(j)
        if found.unit == "w" and weekday is not None:
            return Day(found.first + timedelta(weekday), 1.0)
        if found.unit != "m" or number is None or not 1 <= number <= 31 or weekday is not None:
            return None
        other = self.at(j + 1) in UNITS or self.at(self.skip(j + 1)) in self.lex.months
        return None if other else Day(found.first.replace(day=number), 0.95)

    # --- the end of next month, a mediados de junio --------------------------------------------------------

    def edge(self, i: int) -> Day | None:
        token = self.at(i)
        where = next((n for n, words in enumerate((STARTS, MIDDLES, ENDS)) if token in words), None)
        if where is None:
            return None
        found = self.period(i + 1)
        if found is None or (self.at(i + 1) == "de" and self.at(i + 2) == "semana"):
            return None  # "fin de semana" is a weekend
        if found.named and found.last < self.today:
            return None
        if found.unit == "w":
            return Day(found.first + timedelta((0, 2, 4)[where]), _VAGUE)
        if where == 1:
            middle = found.first.replace(day=15) if found.unit == "m" else found.first.replace(month=7)
            return Day(middle, _VAGUE)
        if where == 0:
            return Day(found.first, _VAGUE if self.at(i) == "early" else 0.6)
        return Day(found.last, _VAGUE if self.at(i) == "late" else 0.85)


def _last_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
