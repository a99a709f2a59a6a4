"""Periods, and days inside them: "the first Monday of October", "el martes de la semana que viene", "a
finales de junio". Pure: today is passed in. Works on words whose numbers are digits already.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from voice.languages import Lexicon
from voice.slots.date_figures import EARLIEST, LATEST
from voice.slots.date_terms import (
    BUSINESS,
    ENDS,
    LAST,
    LINKS,
    MIDDLES,
    PENULTIMATE,
    RELATIVE,
    SAME_DAY,
    STARTS,
    UNITS,
    Day,
)

# How sure a reading is, for what people do not all mean alike: below 0.75 a line asks.
VAGUE = 0.5  # "mid June", "early next month"
_CENTURIES = frozenset({18, 19, 20, 21})


@dataclass(frozen=True, slots=True)
class Period:
    """``unit`` is "w", "m" or "y"; ``end`` the place after its words; ``named`` a month by its name, ``told``
    with its year ("last May"); ``this`` the present one, because no other is told ("the month")."""

    unit: str
    first: date
    last: date
    end: int
    named: bool = False
    this: bool = False
    told: bool = False


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


def read_year(tokens: Sequence[str], lexicon: Lexicon, lang: str, today: date) -> int | None:
    """The year that is told from this one: "this year", "el año que viene"."""
    reader = Periods(tokens, lexicon, lang, today)
    places = (i for i, t in enumerate(tokens) if t in RELATIVE or (lang == "es" and t in UNITS))
    found = (reader.period(i) for i in places if reader.at(i) in UNITS or reader.at(i + 1) in UNITS)
    return next((p.first.year for p in found if p is not None and p.unit == "y" and not p.this), None)


class Periods:
    """Reads periods and days inside them at a place among the words."""

    def __init__(self, tokens: Sequence[str], lexicon: Lexicon, lang: str, today: date) -> None:
        self.tokens = tokens
        self.lex = lexicon
        self.es = lang == "es"
        self.today = today

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

    # --- this month, October next year, la semana que viene ---------------------------------------------

    def period(self, i: int) -> Period | None:
        j = self.skip(i)
        token = self.at(j)
        if token in RELATIVE and self.at(j + 1) in UNITS:
            return self._relative(self.at(j + 1), RELATIVE[token], j + 2)
        if token in RELATIVE and self.at(j + 1) in self.lex.months:  # "last August", "próximo octubre"
            return self._month_told(self.lex.months[self.at(j + 1)], RELATIVE[token], j + 2)
        if token in UNITS:
            if self.at(j + 1) == "que" and self.at(j + 2) in ("viene", "entra", "sigue"):
                return self._relative(token, 1, j + 3)
            if tuple(self.tokens[j + 1 : j + 3]) == ("after", "next"):
                return self._relative(token, 2, j + 3)
            if tuple(self.tokens[j + 1 : j + 3]) == ("before", "last"):
                return self._relative(token, -2, j + 3)
            if UNITS[token] == "y" and (named := self._year_number(j + 1)) is not None:
                return Period("y", date(named[0], 1, 1), date(named[0], 12, 31), named[1])
            if tuple(self.tokens[j + 1 : j + 3]) == ("en", "curso"):
                return self._relative(token, 0, j + 3)
            if self.at(j + 1) in RELATIVE and self.es:
                return self._relative(token, RELATIVE[self.at(j + 1)], j + 2)
            here = self._relative(token, 0, j + 1) if j > i or self.at(j - 1) == "de" else None
            return None if here is None else replace(here, this=True)
        if j > i and (named := self._year_number(j)) is not None:  # "(the last Sunday) of 2027"
            return Period("y", date(named[0], 1, 1), date(named[0], 12, 31), named[1])
        month = self.lex.months.get(token)
        if month is None and len(token) >= 3 and token.isalpha() and j > i:
            month = next(
                (n for name, n in self.lex.months.items() if len(token) == 3 and name.startswith(token)), None
            )
        return None if month is None else self._month(month, j + 1)

    def _relative(self, word: str, away: int, end: int) -> Period | None:
        unit = UNITS[word]
        if unit == "w":
            monday = self.today - timedelta(self.today.weekday()) + timedelta(7 * away)
            return Period("w", monday, monday + timedelta(6), end)
        if unit == "m":
            first = add(self.today.replace(day=1), away, "m")
            return Period("m", first, _last_of_month(first), end)
        if unit == "y":
            year = self.today.year + away
            return Period("y", date(year, 1, 1), date(year, 12, 31), end)
        return None

    def _month_told(self, month: int, away: int, end: int) -> Period:
        first = self._month(month, end).first
        years = away if away < 0 or first <= self.today else 0
        first = add(first, years, "y")
        return Period("m", first, _last_of_month(first), end, named=True, told=True)

    def _month(self, month: int, end: int) -> Period:
        year = self.year(end)
        if year is not None:
            first = date(year[0], month, 1)
            return Period("m", first, _last_of_month(first), year[1], named=True)
        first = date(self.today.year, month, 1)
        if _last_of_month(first) < self.today:
            first = date(self.today.year + 1, month, 1)
        return Period("m", first, _last_of_month(first), end, named=True)

    def year(self, i: int) -> tuple[int, int] | None:
        """A year said after a month: "2027", "20 27", "next year", "del año que viene"; and where it ends."""
        j = self.skip(i)
        if self.at(j) in ("year", "ano") and self.number(j + 1) is not None:
            j += 1
        named = self._year_number(j)
        if named is not None:
            return named
        period = self.period(j)
        if period is not None and period.unit == "y":
            return period.first.year, period.end
        return None

    def _year_number(self, i: int) -> tuple[int, int] | None:
        """ "2027", "20 27" at ``i``, and where it ends."""
        first, second = self.number(i), self.number(i + 1)
        if first is not None and EARLIEST <= first <= LATEST:
            return first, i + 1
        if first in _CENTURIES and second is not None and len(self.at(i + 1)) == 2:
            return first * 100 + second, i + 2
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
        if weekday is None and unit is None and count == -1:
            return self._last_of(i + 1)
        if weekday is None and unit not in ("d", "w"):
            return None
        told = self.at(j) in LINKS or self.at(j) in RELATIVE or self.at(j) in self.lex.months
        period = self.period(j) if told else None
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

    def _last_of(self, i: int) -> Day | None:
        """ "The last of the month", "el último de octubre"."""
        period = self.period(i) if self.at(i) in ("of", "de", "del") else None
        return None if period is None or period.unit == "w" else Day(period.last, 0.95)

    def next_business_day(self, i: int) -> Day | None:
        """ "The next working day", "el próximo día hábil"."""
        rest = {self.at(i + 1), self.at(i + 2)}
        if RELATIVE.get(self.at(i)) != 1 or rest.isdisjoint(BUSINESS) or rest.isdisjoint(("day", "dia")):
            return None
        return Day(add_business_days(self.today, 1), 0.95)

    def same_day(self, i: int) -> Day | None:
        """ "This time next week", "la semana que viene tal día como hoy"."""
        end = self.starts(i, SAME_DAY)
        places = [end, *range(i)] if end else []
        for place in places:
            period = self.period(place) if self.at(place) not in LINKS or place == end else None
            if period is None or period.named or period.this:
                continue
            if period.unit == "w":
                return Day(period.first + timedelta(self.today.weekday()), 0.95)
            months = (period.first.year - self.today.year) * 12
            months += period.first.month - self.today.month if period.unit == "m" else 0
            return Day(add(self.today, months, "m"), 0.95)
        return None

    def _rank(self, i: int) -> int | None:
        if self.at(i) in LAST:
            return -1
        if self.at(i) in PENULTIMATE or (self.at(i) == "last" and self.at(i - 1) == "2"):
            return -2
        number = self.number(i)
        return number if number is not None and 1 <= number <= 31 and len(self.at(i)) <= 2 else None

    def _nth_weekday(self, period: Period, weekday: int, count: int) -> date:
        if count > 0:
            day = period.first + timedelta((weekday - period.first.weekday()) % 7 + 7 * (count - 1))
        else:
            day = period.last - timedelta((period.last.weekday() - weekday) % 7 + 7 * (-count - 1))
        if not period.first <= day <= period.last:
            raise ValueError("no such weekday in the period")
        return day

    def _unless_gone(self, day: date, period: Period, sure: float, count: int, weekday: int) -> Day:
        """A day of a named month without a year is one to come."""
        open_year = period.named and not period.told and self.year(period.end) is None
        if day >= self.today or not (period.this or open_year):
            return Day(day, sure)
        first = add(period.first, 1, "m" if period.this else "y")
        later = Period(period.unit, first, _last_of_month(first), period.end)
        return Day(self._nth_weekday(later, weekday, count), sure, (day,))

    def _week_of(self, i: int, count: int, period: Period) -> Day | None:
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
                if found.this and (of := self.number(found.end)) is not None and 1 <= of <= 12:
                    return None  # "el diez del mes seis"
                on = found.first.replace(day=number)
                return self._of_the_month(on) if found.this else Day(on, 1.0)
        month = self.lex.months.get(self.at(i))
        if month is not None and (day := self.number(self.skip(i + 1))) is not None and 1 <= day <= 31:
            year = self.period(self.skip(i + 1) + 1)
            if year is not None and year.unit == "y":
                return Day(date(year.first.year, month, day), 1.0)
        return self._period_first(i)

    def _of_the_month(self, day: date) -> Day:
        """ "the first of the month": of the one that comes, where this one's is over."""
        return Day(day, 1.0) if day >= self.today else Day(add(day, 1, "m"), 0.8, (day,))

    def _period_first(self, i: int) -> Day | None:
        found = self.period(i)
        if found is None or found.named or found.unit == "y":
            return None
        if self.number(i - 1) is not None:  # "el diez del mes seis"
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
        if UNITS.get(token) in ("m", "y") and self.at(i + 1) == "end":  # "month end"
            closing = self._relative(token, 0, i + 2)
            return None if closing is None else Day(closing.last, 0.85)
        where = next((n for n, words in enumerate((STARTS, MIDDLES, ENDS)) if token in words), None)
        if where is None:
            return None
        found = self.period(i + 1)
        if found is None or (self.at(i + 1) == "de" and self.at(i + 2) == "semana"):
            return None  # "fin de semana" is a weekend
        if found.named and found.last < self.today:
            return None
        if found.unit == "w":
            return Day(found.first + timedelta((0, 2, 4)[where]), VAGUE)
        if where == 1:
            middle = found.first.replace(day=15) if found.unit == "m" else found.first.replace(month=7)
            return Day(middle, VAGUE)
        if where == 0:
            day = (
                self._of_the_month(found.first) if found.this and found.unit == "m" else Day(found.first, 1.0)
            )
            return replace(day, sure=VAGUE if self.at(i) == "early" else 0.6)
        return Day(found.last, VAGUE if self.at(i) == "late" else 0.85)


def _last_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
