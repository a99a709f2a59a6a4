"""Reads one day from plain words: "quince de diciembre", "next Tuesday", "el doce". Pure: today is passed in.

Days told from other days are read by :mod:`voice.slots.date_phrases`.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from datetime import date, timedelta

from voice.languages import Lexicon
from voice.languages.base import word_list
from voice.slots.date_figures import EARLIEST, LATEST, Figures, coming, date_numbers, day_of, year_of
from voice.slots.date_periods import add, read_year
from voice.slots.date_phrases import read_phrase
from voice.slots.date_terms import NEAR, ROUGHLY_NEAR, UNITS, Day
from voice.slots.feasts import read_feast
from voice.slots.numbers import Number, find_numbers, is_written

WORDS: dict[str, dict[str, frozenset[str]]] = {
    "es": {
        "next": frozenset({"proximo", "proxima", "siguiente", "viene", "entra", "entrante"}),
        "last": frozenset({"pasado", "pasada", "ultimo", "anterior", "antepasado"}),
        "this": frozenset({"este"}),
        "today": frozenset({"hoy", "ahora", "ahorita"}),
        "tomorrow": frozenset({"manana"}),
        "yesterday": frozenset({"ayer", "anoche"}),
        "ago": frozenset({"hace", "atras"}),
        "ahead": frozenset({"dentro", "en", "aqui"}),
        "link": frozenset(word_list("de del el la dia mes ano barra guion - /")),
        "year_link": frozenset({"de", "del", "ano", "el"}),
        "one": frozenset({"un", "una"}),
    },
    "en": {
        "next": frozenset({"next", "coming", "following", "upcoming"}),
        "last": frozenset({"last", "past", "previous", "gone"}),
        "this": frozenset({"this"}),
        "today": frozenset({"today", "tonight", "now"}),
        "tomorrow": frozenset({"tomorrow"}),
        "yesterday": frozenset({"yesterday"}),
        "ago": frozenset({"ago"}),
        "ahead": frozenset({"in", "from", "within", "after"}),
        "link": frozenset(word_list("of the day slash dash - / month in")),
        "year_link": frozenset({"of", "in", "year", "the"}),
        "one": frozenset({"a", "one"}),
    },
}
_PART_OF_TODAY = re.compile(
    r"\besta (misma )?(noche|tarde|manana|madrugada)\b|\bthis (morning|afternoon|evening|night)\b"
)


def read_whole(plain: Sequence[str], lexicon: Lexicon, lang: str, today: date, depth: int = 0) -> Day | None:
    """The day that plain words (:func:`voice.slots.date_words.plain_words`) name. ValueError or OverflowError
    for a day that no calendar has."""
    return _DateReader(plain, lexicon, lang, today, depth).read()


def _with_digits(tokens: Sequence[str], numbers: Sequence[Number]) -> list[str]:
    out: list[str] = []
    end = 0
    for n in numbers:
        out += tokens[end : n.start]
        out.append(tokens[n.start] if n.end == n.start + 1 and is_written(tokens[n.start]) else n.text)
        end = n.end
    return [*out, *tokens[end:]]


_NEAR = sorted(NEAR.items(), key=lambda item: -len(item[0]))
_NO_TOMORROW = frozenset(word_list("la esta una cada toda media"))  # before "mañana": a morning
_NUMBERED = frozenset(word_list("number numero"))  # before a number that is no day
_WHOM = frozenset(word_list("us them you my our"))  # "the five of us"
_MOST_AROUND = 6  # strange words in a sentence with "the tenth"
_MOST_DAYS = 31
_DAYS_ARTICLES = frozenset(word_list("the el dia day"))
_BESIDE = frozenset(
    word_list("the el dia day of de this este coming next proximo que viene es is which thats uh um eh pico")
)
_VERY = frozenset(word_list("mismo very same"))  # with "this" beside a weekday
_ROUGHLY = frozenset(word_list("hacia sobre tipo around about roughly"))  # before an hour
_WHICH_IS = frozenset(word_list("which thats is que es , a un"))
_WHICH = frozenset(word_list("last past next this coming proximo pasado este"))
_DEEPEST = 3  # "two days after the Monday after the first of May"


class _DateReader:
    def __init__(
        self, tokens: Sequence[str], lexicon: Lexicon, lang: str, today: date, depth: int = 0
    ) -> None:
        self.tokens = list(tokens)
        self.lex = lexicon
        self.lang = lang
        self.words = WORDS[lang]
        self.today = today
        self.depth = depth
        self.numbers = date_numbers(tokens, find_numbers(tokens, lexicon))
        self.others: tuple[date, ...] = ()

    def has(self, kind: str) -> bool:
        return any(t in self.words[kind] for t in self.tokens)

    def at(self, i: int) -> str:
        return self.tokens[i] if 0 <= i < len(self.tokens) else ""

    def read(self) -> Day | None:
        figures = Figures(self.tokens, self.numbers, self.words["link"], self.lex.day_first, self.today)
        written = figures.written() or figures.labelled()
        if written is not None:
            return Day(*written)
        digits = _with_digits(self.tokens, self.numbers)
        phrase = read_phrase(digits, self.lex, self.lang, self.today, self._inner)
        if phrase is not None:
            return phrase
        found = self._day_and_month()
        if found is None and (feast := self._feast(digits)) is not None:
            return feast
        found = (
            found
            or self._offset()
            or self._near()
            or self._weekday()
            or figures.dictated()
            or self._in_figures(figures)
            or self._day_of_month()
        )
        return None if found is None else Day(*found, self.others)

    def _feast(self, digits: Sequence[str]) -> Day | None:
        return read_feast(
            digits, self.today, self.words["last"], read_year(digits, self.lex, self.lang, self.today)
        )

    def _in_figures(self, figures: Figures) -> tuple[date, float] | None:
        found = figures.spoken()
        if found is None:
            return None
        day, sure, gone = found
        self.others = (gone,) if gone is not None else ()
        return day, sure

    def _inner(self, rest: Sequence[str]) -> Day | None:
        if self.depth >= _DEEPEST:
            return None
        return read_whole(rest, self.lex, self.lang, self.today, self.depth + 1)

    # --- quince de diciembre (de dos mil veintiséis) --------------------------------------------------

    def _month_of(self, i: int) -> int | None:
        token = self.at(i)
        if token in self.lex.months:
            return self.lex.months[token]
        before = self.at(i - 2) if self.at(i - 1) in ("de", "of") else self.at(i - 1)
        numbered = before[:1].isdigit() or before in self.lex.number_words or self.at(i + 1)[:1].isdigit()
        if len(token) == 3 and numbered:
            return next((n for name, n in self.lex.months.items() if name.startswith(token)), None)
        return None

    def _day_and_month(self) -> tuple[date, float] | None:
        for i in range(len(self.tokens)):
            month = self._month_of(i)
            if month is None:
                continue
            own = i - 1 if self.at(i - 1) in _WHICH else i  # "the tenth of last June"
            before = [n for n in self.numbers if n.end <= own and self._only_links(n.end, own)]
            after = [n for n in self.numbers if n.start > i]
            year = self._year_of([n for n in self.numbers if n.end <= own]) if before else None
            if year and after and self._only_links(i + 1, after[0].start):
                return date(year, month, int(after[0].value)), 1.0  # 2026 June 10
            linked = len(after) > 1 and len(after[0].text) == 4 and self._only_links(i + 1, after[0].start)
            if linked and not before and self._only_links(after[0].end, after[1].start):
                return date(int(after[0].value), month, int(after[1].value)), 0.9  # June 2026 the 10th
            if before:
                return self._with_year(int(before[-1].value), month, i + 1, after)
            on = self.at(i + 1) == "on"  # "in March on the fourth"
            if after and self._only_links(i + 1 + on, after[0].start):
                return self._with_year(int(after[0].value), month, after[0].end, after[1:])
        return None

    def _year_of(self, numbers: Sequence[Number]) -> int | None:
        """The year that the last of ``numbers`` are: "2026", "nineteen eighty five"."""
        if numbers and len(numbers[-1].text) == 4:
            return int(numbers[-1].text)
        pair = "".join(n.text for n in numbers[-2:])
        joined = len(numbers) > 1 and numbers[-2].end == numbers[-1].start
        return int(pair) if joined and len(pair) == 4 and "1800" <= pair <= "2200" else None

    def _only_links(self, start: int, end: int) -> bool:
        return all(t in self.words["link"] for t in self.tokens[start:end])

    def _with_year(self, day: int, month: int, end: int, after: list[Number]) -> tuple[date, float]:
        year = self._year(end, after) or self._year_apart(end) or self._year_told()
        if year is not None:
            return date(year, month, day), 1.0
        weekday = self._weekday_index()
        if weekday is None:
            found = coming(day, month, self.today)
            gone = [d for back in range(1, 9) if (d := day_of(found.year - back, month, day)) is not None]
            if self.has("last") and gone:
                self.others = (found,)
                return gone[0], 0.8
            self.others = tuple(gone[:1])
            return found, 1.0
        for near in (0, 1, -1):
            try:
                found = date(self.today.year + near, month, day)
            except ValueError:
                continue
            if found.weekday() == weekday:
                return found, 1.0
        return coming(day, month, self.today), 0.6  # the weekday contradicts

    def _year(self, end: int, after: list[Number]) -> int | None:
        if not after or not all(t in self.words["year_link"] for t in self.tokens[end : after[0].start]):
            return None
        run = [after[0]]
        for n in after[1:]:
            if n.start == run[-1].end:
                run.append(n)
        return year_of([n.text for n in run], self.today)

    def _year_told(self) -> int | None:
        """ "(June tenth) last year", "este año (el diez de junio)"."""
        return read_year(_with_digits(self.tokens, self.numbers), self.lex, self.lang, self.today)

    def _year_apart(self, end: int) -> int | None:
        """A year said before the day and month that end at ``end``: "en mil novecientos setenta el dos de
        mayo"."""
        before = [n for n in self.numbers if n.end < end]
        for i, n in enumerate(before):
            year = self._year_of(before[: i + 1])
            if year is not None and EARLIEST <= year <= LATEST:
                return year
            if (
                n.value > _MOST_DAYS
                and len(n.text) == 2
                and self.at(n.start - 1) in ("del", "el", "of", "in")
            ):
                return year_of([n.text], self.today)  # "del cincuenta y nueve, el uno de agosto"
        return None

    # --- dentro de tres días, two weeks ago, a week from monday ---------------------------------------

    def _offset(self) -> tuple[date, float] | None:
        """ "three days", alone: what is meant is probably from today."""
        for i, token in enumerate(self.tokens):
            unit = UNITS.get(token)
            count = self._count_before(i) if unit else None
            if unit and count is not None and (self.has("ahead") or len(self.tokens) <= 4):
                return add(self.today, count, unit), 0.7
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

    # --- hoy, pasado mañana, the day after tomorrow ---------------------------------------------------

    def _near(self) -> tuple[date, float] | None:
        said = f" {' '.join(self.tokens)} "
        for name, away in _NEAR:
            if f" {name} " in said:
                return self.today + timedelta(away), 1.0
        for name, away in ROUGHLY_NEAR.items():
            if f" {name} " in said:
                return self.today + timedelta(away), 0.6
        if said.split() == ["pasado"]:  # after "mañana no"
            return self.today + timedelta(2), 0.9
        if self.has("yesterday"):
            return self.today - timedelta(1), 1.0
        # "por la mañana" is a part of a day
        tomorrows = (i for i, t in enumerate(self.tokens) if t in self.words["tomorrow"])
        named = any(self.at(i - 1) not in _NO_TOMORROW or self._at_one(i - 2) for i in tomorrows)
        if named:
            return self.today + timedelta(1), 1.0
        if self.has("today") or _PART_OF_TODAY.search(said):
            return self.today, 1.0
        return None

    def _at_one(self, i: int) -> bool:
        """ "A la una (mañana)"."""
        return (self.at(i), self.at(i + 1)) == ("la", "una")

    # --- el lunes que viene, next tuesday, friday the 26th --------------------------------------------

    def _weekday_index(self) -> int | None:
        return next((self.lex.weekdays[t] for t in self.tokens if t in self.lex.weekdays), None)

    def _is_day(self, number: Number) -> bool:
        """Whether a number beside a weekday is its day: not "two tickets for Friday", "somos seis el
        viernes"."""
        if self.at(number.start - 1) in _DAYS_ARTICLES:
            return True
        after, usual = self.at(number.end), self.lex.fillers | self.lex.after_days | self.lex.weekdays.keys()
        if after.isalpha() and after not in usual | self.words["link"] | _BESIDE | _ROUGHLY:
            return False  # it counts something
        i, j = number.start - 1, number.end
        while self.at(i) in _BESIDE:
            i -= 1
        while self.at(j) in _WHICH_IS:
            j += 1
        return self.at(i) in self.lex.weekdays or self.at(j) in self.lex.weekdays

    def _next_weekday(self, weekday: int) -> date:
        """The first such day after today."""
        return self.today + timedelta((weekday - self.today.weekday() - 1) % 7 + 1)

    def _weekday(self) -> tuple[date, float] | None:
        weekday = self._weekday_index()
        if weekday is None:
            return None
        days = [int(n.value) for n in self.numbers if 1 <= n.value <= _MOST_DAYS and self._is_day(n)]
        if len(days) == 1:
            return self._weekday_with_day(weekday, days[0])
        coming = self._next_weekday(weekday)
        if self.has("last"):
            return self._last_weekday(weekday)
        if {"otro", "otra"} & set(self.tokens):
            self.others = (coming + timedelta(7),)
            return coming, 0.6
        self.others = (coming - timedelta(7),)
        if {"next", "following"} & set(self.tokens) and self.lang == "en":
            # English "next friday" said on a Monday skips this week's, "el viernes que viene" does not
            strict = self.today + timedelta(7 + weekday - self.today.weekday())
            self.others = (coming,)
            return (coming, 0.95) if strict == coming else (strict, 0.7)
        if self.has("next"):
            tomorrow = coming - self.today == timedelta(1)  # which has its own word
            self.others = (coming + timedelta(7),)
            return coming, 0.7 if tomorrow else 0.95
        if coming - self.today == timedelta(7):
            self.others = (self.today,)
            return (self.today, 0.8) if self._this_weekday() else (coming, 0.7)
        if self._this_weekday() and weekday < self.today.weekday():
            return coming, 0.7  # or the one of this week, which is over
        return coming, 1.0

    def _this_weekday(self) -> bool:
        """ "This Friday", "este mismo viernes", "el viernes mismo"; not "el viernes está bien"."""
        i = next(i for i, t in enumerate(self.tokens) if t in self.lex.weekdays)
        near = self.at(i - 2) if self.at(i - 1) in _VERY else self.at(i - 1)
        return near in self.words["this"] or not _VERY.isdisjoint((self.at(i - 1), self.at(i + 1)))

    def _last_weekday(self, weekday: int) -> tuple[date, float]:
        """ "last Tuesday": the one before this week's in English, the nearest in Spanish; yesterday has its
        own word. Where the two differ a line asks."""
        nearest = self.today - timedelta((self.today.weekday() - weekday - 1) % 7 + 1)
        before = nearest - timedelta(7)
        this_week = nearest >= self.today - timedelta(self.today.weekday())
        if "antepasado" in self.tokens:
            return before, 0.9
        if {"this", "past"} <= set(self.tokens) or "gone" in self.tokens:  # "this past Monday", "Sunday gone"
            self.others = (before,)
            return nearest, 0.9
        if not this_week:
            return nearest, 0.9
        if self.lang == "en" or nearest == self.today - timedelta(1):
            self.others = (nearest,)
            return before, 0.65
        self.others = (before,)
        return nearest, 0.7

    def _weekday_with_day(self, weekday: int, day: int) -> tuple[date, float]:
        first = self._day_in_month(day)
        found = first
        for _ in range(12):
            if found.weekday() == weekday:
                self.others = self._weekday_gone(weekday, day)
                return found, 0.95 if found == first else 0.75
            found = self._day_in_month(day, found + timedelta(1))
        return first, 0.5

    def _weekday_gone(self, weekday: int, day: int) -> tuple[date, ...]:
        gone = self._day_gone(day)
        for _ in range(12):
            if gone.weekday() == weekday:
                return (gone,)
            gone = self._day_gone(day, gone)
        return ()

    # --- quince del doce, el quince -------------------------------------------------------------------

    def _day_of_month(self) -> tuple[date, float] | None:
        if len(self.numbers) != 1 or not 1 <= self.numbers[0].value <= 31:
            return None
        number = self.numbers[0]
        day = int(number.value)
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
        counts = self.at(number.end) in strange and self.at(number.end) not in self.lex.after_days
        counts |= self.at(number.end) == "of" and self.at(number.end + 1) in _WHOM
        if counts and not named and before[1] not in ("the", "el"):
            return None  # "two tickets", "veinticinco euros"
        numbered = before[1] in _NUMBERED or (counts and not named) or before[1] in strange
        told = before[1] in ("the", "el") and not counts and len(strange) <= _MOST_AROUND
        if len(strange) > 3 and not named and not told:
            return None
        coming, gone = self._day_in_month(day), self._day_gone(day)
        far = len(strange) > 3 and not named
        sure = 0.5 if numbered or far else 0.9 - 0.15 * min(2, len(strange))
        if self.has("last"):  # "el pasado día tres"
            self.others = (coming,)
            return gone, sure
        self.others = (gone,)
        return coming, sure

    def _day_gone(self, day: int, end: date | None = None) -> date:
        """The last day numbered ``day`` before ``end`` (today)."""
        end = end or self.today
        month = end.replace(day=1)
        for _ in range(13):
            if (found := day_of(month.year, month.month, day)) is not None and found < end:
                return found
            month = add(month, -1, "m")
        raise ValueError(f"no day {day}")

    def _day_in_month(self, day: int, start: date | None = None) -> date:
        """The next day numbered ``day`` from ``start`` (today) on; months without it are skipped."""
        start = start or self.today
        month = start.replace(day=1)
        for _ in range(13):
            if day <= calendar.monthrange(month.year, month.month)[1] and month.replace(day=day) >= start:
                return month.replace(day=day)
            month = add(month, 1, "m")
        raise ValueError(f"no day {day}")
