"""Reads days that are told by figures alone: "15/12/2026", "ten nine twenty six", "día nueve mes diez", "zero
one zero five two zero two seven". Pure: today is passed in.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

from voice.languages.base import word_list
from voice.slots.numbers import Number

_NUMERIC = re.compile(r"(\d{1,4})[-/.](\d{1,2})(?:[-/.](\d{1,4}))?")
_LABELS = {
    **dict.fromkeys(word_list("day dia"), "day"),
    **dict.fromkeys(word_list("month mes"), "month"),
    **dict.fromkeys(word_list("year ano"), "year"),
}
_AHEAD = 10
EARLIEST, LATEST = 1800, 2200  # years that a caller may name


def day_of(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def full_year(year: int, digits: int, today: date) -> int:
    """A two-digit year is at most ten years ahead of today: beyond are dates of birth."""
    if digits > 2:
        return year
    full = today.year // 100 * 100 + year
    return full - 100 if full > today.year + _AHEAD else full


def coming(day: int, month: int, today: date) -> date:
    """The next such day, leap days included. ValueError where there is none."""
    for year in range(today.year, today.year + 9):
        found = day_of(year, month, day)
        if found is not None and found >= today:
            return found
    raise ValueError(f"no day {day} in month {month}")


def year_of(texts: Sequence[str], today: date) -> int | None:
    """The year that spoken figures are together: "2026", "19 84", "2 0 2 7", "84"."""
    text = "".join(texts)
    if not text.isdecimal():
        return None
    if len(text) == 4:
        return int(text) if EARLIEST <= int(text) <= LATEST else None
    return full_year(int(text), 2, today) if len(text) == 2 else None


def date_numbers(tokens: Sequence[str], numbers: Sequence[Number]) -> list[Number]:
    """The numbers as a date has them: a nought and the digit after it are one ("oh seven"), a month and the
    year after it two ("siete mil novecientos ochenta")."""
    parted: list[Number] = []
    for number in numbers:
        last = parted[-1] if parted else None
        if last is not None and last.text == "0" and last.end == number.start and number.text in _DIGITS:
            text = last.text + number.text
            parted[-1] = replace(number, text=text, split=text, start=last.start)
        else:
            parted += _month_and_year(tokens, number)
    if len(parted) > len(numbers):
        return date_numbers(tokens, parted)  # "cero uno mil novecientos": the month has its nought
    return parted


def _month_and_year(tokens: Sequence[str], number: Number) -> list[Number]:
    before, rest = divmod(int(number.value), 1000)
    said = list(tokens[number.start : number.end])
    if 1 <= before <= 12 and rest >= _LATE and "mil" in said[1:]:
        at, year = number.start + said.index("mil"), 1000 + rest
    elif before in (22, 32) and said[1:3] == ["two", "thousand"]:  # "May twenty, two thousand seven"
        before, at, year = before - 2, number.start + 1, 2000 + rest
    else:
        return [number]
    first = Number(Decimal(before), str(before), str(before), number.start, at, unit=before < 10)
    return [first, Number(Decimal(year), str(year), str(year), at, number.end, scaled=True)]


_LATE = 800  # the year in its thousand, for those who were born before 2000
_DIGITS = frozenset("123456789")


def _tens_and_unit(number: Number) -> list[Number]:
    """ "Veinte cinco (dos mil veinte)": a day and a month."""
    if number.split == number.text or len(number.split) != 3:
        return [number]
    day, month = number.split[:2], number.split[2:]
    return [
        replace(number, value=Decimal(day), text=day, split=day),
        replace(number, value=Decimal(month), text=month, split=month),
    ]


def _is_decimal(match: re.Match[str]) -> bool:
    """ "10.50" is a price, "15.12" may be a day."""
    first, second, third = match.groups()
    return third is None and "." in match[0] and (min(int(first), int(second)) > 12 or int(second) > 31)


@dataclass(frozen=True, slots=True)
class Figures:
    """``numbers`` stand in ``tokens``; ``links`` are words that may stand between the parts of a date."""

    tokens: Sequence[str]
    numbers: Sequence[Number]
    links: Collection[str]
    day_first: bool
    today: date

    def written(self) -> tuple[date, float] | None:
        """ "15/12/2026", "15122026". ValueError for a day that no calendar has."""
        for token in self.tokens:
            match = _NUMERIC.fullmatch(token)
            if match and not _is_decimal(match):
                return self._from_parts(*match.groups())
        if len(self.tokens) == 1 and self.tokens[0].isdecimal() and len(self.tokens[0]) in (4, 6, 8):
            keyed = self.tokens[0]
            return self._from_parts(keyed[:2], keyed[2:4], keyed[4:] or None)
        return None

    def labelled(self) -> tuple[date, float] | None:
        """ "Day nine month ten year twenty twenty six", in any order."""
        said: dict[str, list[str]] = {}
        label = ""
        starts = {n.start: n for n in self.numbers}
        for i, token in enumerate(self.tokens):
            label = _LABELS.get(token, label)
            if label and i in starts:
                said.setdefault(label, []).append(starts[i].text)
        if not {"day", "month"} <= said.keys() or len(said["day"]) != 1 or len(said["month"]) != 1:
            return None
        day, month = int(said["day"][0]), int(said["month"][0])
        if not (1 <= month <= 12 and 1 <= day <= 31):
            return None
        if "year" not in said:
            return coming(day, month, self.today), 0.95
        year = year_of(said["year"], self.today)
        return (date(year, month, day), 1.0) if year is not None else None

    def dictated(self) -> tuple[date, float] | None:
        """ "Zero three zero five two thousand ten", "2016 10 16": eight digits and nothing else, or six one
        by one."""
        between = {t for a, b in pairwise(self.numbers) for t in self.tokens[a.end : b.start]}
        digits = "".join(n.text for n in self.numbers)
        each = all(n.unit for n in self.numbers) and len(self.numbers) > 3
        if len(self.numbers) == 3 and len(self.numbers[0].text) == 4 and not between - set(self.links):
            year, month, day = (int(n.value) for n in self.numbers)
            return (date(year, month, day), 0.9) if EARLIEST <= year <= LATEST else None
        whole = len(self.numbers) >= 3 and (len(digits) == 8 or (len(digits) == 6 and each))
        if not whole or not digits.isdecimal() or between - set(self.links):
            return None
        if len(digits) == 6:
            return self._from_parts(digits[:2], digits[2:4], digits[4:])[0], 0.8
        year_last = EARLIEST <= int(digits[4:]) <= LATEST
        if not year_last:
            return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])), 0.9
        return self._from_parts(digits[:2], digits[2:4], digits[4:])[0], 0.8

    def spoken(self) -> tuple[date, float, date | None] | None:
        """ "Quince del doce", "ten nine twenty six": with the same day a year ago where no year is said."""
        numbers = self.numbers
        if len(numbers) < 2 or not self._linked(numbers[0], numbers[1]):
            return None
        if self.day_first and len(numbers) == 2 and len(numbers[1].text) == 4:
            numbers = [*_tens_and_unit(numbers[0]), numbers[1]]
        first, second = int(numbers[0].value), int(numbers[1].value)
        swap = not self.day_first and "of" not in self.tokens
        day, month = (second, first) if swap else (first, second)
        if month > 12 and day <= 12:
            day, month = month, day
        if not (1 <= month <= 12 and 1 <= day <= 31):
            return None
        if len(numbers) > 2:
            linked = self._linked(numbers[1], numbers[2])
            year = year_of([n.text for n in numbers[2:]], self.today) if linked else None
            return None if year is None else (date(year, month, day), 0.8, None)
        found = coming(day, month, self.today)
        return found, 0.7, day_of(found.year - 1, month, day)

    def _linked(self, one: Number, other: Number) -> bool:
        return all(t in self.links for t in self.tokens[one.end : other.start])

    def _from_parts(self, first: str, second: str, third: str | None) -> tuple[date, float]:
        if len(first) == 4 and third is not None:
            return date(int(first), int(second), int(third)), 1.0
        day, month = (int(first), int(second)) if self.day_first else (int(second), int(first))
        if month > 12:
            day, month = month, day
        if third is None:
            return coming(day, month, self.today), 0.9
        return date(full_year(int(third), len(third), self.today), month, day), 0.95
