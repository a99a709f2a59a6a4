"""Reads dates that are told from another day: "two days after Christmas", "dentro de dos semanas", "del lunes
en ocho". Pure: today is passed in.

Works on words whose numbers are digits already, and on what stands after "after" or "before" it calls the
reader of whole dates. What people mean differently ("end of the week", "next Friday") has a low confidence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from voice.languages import Lexicon
from voice.slots.date_periods import VAGUE, Periods, add, add_business_days
from voice.slots.date_terms import (
    AFTER,
    AGO,
    AHEAD,
    BEFORE,
    BUSINESS,
    EVES,
    FEW,
    FEW_COUNT,
    HALF_OF,
    HALVES,
    IDIOM,
    LATER,
    ONES,
    PARTS_OF_DAYS,
    SINCE,
    UNITS,
    Day,
)

_DOUBTFUL = 0.65
_MOST_WEEKDAYS = 9  # counted from a day
_UNTIL = (("dentro", "de"), ("aqui", "a"), ("aca", "a"), ("here", "to"))  # before a count: so far ahead

_Whole = Callable[[Sequence[str]], Day | None]


def read_phrase(tokens: Sequence[str], lexicon: Lexicon, lang: str, today: date, whole: _Whole) -> Day | None:
    """The day of the first such phrase in ``tokens``, whose numbers are digits; None when there is none.
    ``whole`` reads any date from other tokens. ValueError for a day that no calendar has."""
    reader = _Phrases(tokens, lexicon, lang, today, whole)
    told = (
        reader.eve,
        reader.same_day,
        reader.next_business_day,
        reader.in_weeks,
        reader.counted,
        reader.nights,
        reader.relative_to,
    )
    for attempt in (*told, reader.nth, reader.in_period, reader.edge):
        for i in range(len(tokens)):
            found = attempt(i)
            if found is not None:
                return found
    return None


def _half(count: int, unit: str) -> tuple[int, str]:
    """Half a week is three days or four, whichever makes whole weeks of two such halves nearly."""
    return (4, "d") if unit == "w" and count % 2 else HALF_OF[unit]


class _Phrases(Periods):
    def __init__(
        self, tokens: Sequence[str], lexicon: Lexicon, lang: str, today: date, whole: _Whole
    ) -> None:
        super().__init__(tokens, lexicon, lang, today)
        self.whole = whole

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
        if self.at(i) in ("unos", "unas") or not FEW.isdisjoint(self.tokens[i : i + 2]):
            sure = VAGUE
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
        elif self.at(j) in AGO or self.at(i - 1) in SINCE or (self.es and self.at(j) == "antes"):
            past = True
            base = self._ago_from(i, j)
        elif self.at(i - 1) == "en" and self._idiom_base(i - 1) is not None:
            base = self._idiom_base(i - 1) or base
            count = idiom if idiom and alone else 0
            return Day(self._sum(base, ((count, "d"),) if count else parts, 1), 0.9)
        elif self.at(j) == "last" and (gone := self.weekday(j + 1)) is not None:  # "a week last Tuesday"
            day = self._sum(self.coming(gone) - timedelta(7), parts, -1)
            return Day(day, VAGUE, (day - timedelta(7),))
        elif not self.es and alone and self._british(j) is not None:
            start = self._british(j)
            return None if start is None else Day(self._sum(start, parts, 1), 0.9)
        elif not (self.at(i - 1) in AHEAD or self._aheads(i)):
            return None
        days = self._sum(base, parts, -1 if past else 1)
        if all(unit == "y" for _, unit in parts) and (told := self._day_apart(i, j, days.year)) is not None:
            return told
        if all(unit in "wf" for _, unit in parts) and (weekday := self._weekday_apart(i, j)) is not None:
            return Day(days + timedelta(weekday - days.weekday()), _DOUBTFUL)
        if idiom and alone and not past:
            return Day(days, _DOUBTFUL + 0.05, (base + timedelta(idiom),))
        return Day(days, sure)

    def _day_apart(self, start: int, end: int, year: int) -> Day | None:
        """ "The tenth of November (in two years)": a day and month that stand beside a count of years."""
        if self.lex.months.keys().isdisjoint(self.tokens):
            return None
        while self.at(start - 1) in AHEAD | SINCE | AGO or self._aheads(start):
            start -= 1
        end += self.at(end) in AGO
        found = self.whole([*self.tokens[:start], *self.tokens[end:]])
        return None if found is None else Day(found.day.replace(year=year), found.sure)

    def _weekday_apart(self, start: int, end: int) -> int | None:
        """ "(In two weeks) on Friday": of the week that it is then."""
        words = [*self.tokens[:start], *self.tokens[end:]]
        named = [self.lex.weekdays[word] for word in words if word in self.lex.weekdays]
        return named[0] if len(named) == 1 else None

    def _ago_from(self, i: int, j: int) -> date:
        """The day that "ago" counts from: "a week ago Monday", "ayer hizo una semana"; else today."""
        if self.at(i - 2) == "ayer":
            return self.today - timedelta(1)
        j += 1 + (self.at(j + 1) in ("last", "on"))
        if self.at(j) in ("tomorrow", "yesterday"):
            return self.today + timedelta(1 if self.at(j) == "tomorrow" else -1)
        weekday = self.lex.weekdays.get(self.at(j)) if not self.es else None
        return self.today if weekday is None else self.coming(weekday) - timedelta(7)

    def _aheads(self, i: int) -> bool:
        return tuple(self.tokens[max(0, i - 2) : i]) in _UNTIL

    def _base(self, j: int) -> Day | None:
        rest = self.tokens[j:]
        if not rest or rest in (["now"], ["ahora"]):
            return Day(self.today, 1.0)
        if len(rest) == 1 and rest[0].isdecimal() and 1800 <= int(rest[0][:5]) <= 2200:
            return Day(date(int(rest[0]), 1, 1), VAGUE)  # "two years since 2011"
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
        halved = UNITS.get(self.at(i + 1 + (self.at(i + 1) in ("a", "an"))), "")
        if self.at(i) in HALVES and halved in HALF_OF:  # "half a year", "medio año"
            return [_half(1, halved)], i + 2 + (self.at(i + 1) in ("a", "an")), True
        bare = UNITS.get(self.at(i), "")
        if bare in HALF_OF and self.at(i + 1) in ("y", "and") and self.at(i + 2) in HALVES:  # "mes y medio"
            return [(1, bare), _half(1, bare)], i + 3, True
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
            more = self.number(i) is not None and UNITS.get(self.at(i + 1)) is not None  # "1 month 21 days"
            if self.at(i) not in ("y", "and") and not more:
                return parts, i, half
            i += not more

    def _is_period(self, i: int, j: int) -> bool:
        """Whether "the week", "the month" is meant: it counts only where "after" or "before" follows."""
        if self.at(i) not in ("the", "el", "la", "al"):
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
        if self.at(i) in ("next", "following") and self.starts(
            i + 2, AFTER
        ):  # "the next day after Christmas"
            return 1, i + 1
        few = i + (self.at(i) in ("a", "unos", "unas"))
        if self.at(few) in FEW or self.at(i) in ("unos", "unas"):
            return FEW_COUNT, few + (self.at(few) in FEW)
        if self.at(i) in ONES or self.at(i) in ("the", "el", "la", "al"):
            return (None, i) if self.at(i - 1) == "hoy" else (1, i + 1)
        alone = self.at(i) in ("day", "dia", "semana", "week") and self.at(i - 1) in AHEAD
        today = (self.at(i - 2), self.at(i - 1)) == ("hoy", "en")  # "hoy en día"
        return (1, i) if alone and not today else (None, i)

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
        if self.at(i) == "week" and self.at(i - 1) == "yesterday":
            return Day(self.today - timedelta(8), VAGUE, (self.today + timedelta(6),))
        if not self.es and self.at(i) == "week" and not self._week_of_another(i + 1):
            base = self._idiom_base(i)
            return None if base is None else Day(base + timedelta(7), 0.85)
        number = self.number(i)
        if self.es and number in IDIOM and self.at(i - 1) == "en" and UNITS.get(self.at(i + 1)) is None:
            base = self._idiom_base(i - 1)
            return None if base is None else Day(base + timedelta(IDIOM[number]), 0.9)
        return None

    def _week_of_another(self, i: int) -> bool:
        """ "(The week) of the tenth", "(the week) after Christmas"; not "(Tuesday week) after lunch"."""
        relative = self.at(i) in ("after", "before") and self.whole(self.tokens[i + 1 :]) is not None
        return self.at(i) == "of" or relative

    def _weekdays_ahead(self, i: int) -> Day | None:
        """ "two Fridays from now", "dentro de dos viernes", "hace dos domingos"."""
        count, weekday = self.number(i), self.weekday(i + 1)
        if count is None or weekday is None or not 1 <= count <= 9:
            return None
        if self.at(i - 1) == "hace" or self.at(i + 2) in AGO:
            gone = self.today - timedelta((self.today.weekday() - weekday - 1) % 7 + 1)
            return Day(gone - timedelta(7 * (count - 1)), 0.7)
        if not (self._aheads(i) or self.at(i - 1) in ("in", "en") or self.starts(i + 2, LATER)):
            return None
        return Day(self.coming(weekday) + timedelta(7 * (count - 1)), 0.7)

    def coming(self, weekday: int) -> date:
        """The first such day after today."""
        return self.today + timedelta((weekday - self.today.weekday() - 1) % 7 + 1)

    # --- the Friday after Christmas, el lunes antes de Navidad, the Friday after next ---------------------

    def in_weeks(self, i: int) -> Day | None:
        """ "el lunes de dentro de dos semanas", "de hace dos semanas": of the week that it is then."""
        weekday = self.lex.weekdays.get(self.at(i))
        if weekday is None:
            return None
        j = self.skip(i + 1)
        if tuple(self.tokens[i + 1 : i + 3]) in (("de", "dentro"), ("de", "hace")):
            base, sure = self.whole(self.tokens[i + 2 :]), _DOUBTFUL
        elif self.at(j) in ("week", "semana") and self.at(j + 1) in (
            "of",
            "del",
        ):  # "of the week of the 12th"
            base, sure = self.whole(self.tokens[j + 2 :]), 0.9
        else:
            return None
        return None if base is None else Day(base.day + timedelta(weekday - base.day.weekday()), sure)

    def eve(self, i: int) -> Day | None:
        """ "La víspera de Reyes", "the eve of the tenth"; "Christmas Eve" has its own name."""
        if self.at(i) not in EVES or self.at(i + 1) not in ("de", "del", "of"):
            return None
        base = self.whole(self.tokens[i + 2 :])
        return None if base is None else self._counted_from(base, ((1, "d"),), -1, 0.95)

    def _month_from(self, i: int) -> Day | None:
        """The first of a month alone: "the last Tuesday before October"."""
        month = self.period(i)
        return Day(month.first, 0.9) if month is not None and month.named else None

    def relative_to(self, i: int) -> Day | None:
        weekday = self.weekday(i)
        if weekday is None:
            return None
        after, before = self.starts(i + 1, AFTER), self.starts(i + 1, BEFORE)
        if after and not self.es and self.at(after) == "next" and self._stands_alone(after):
            monday = self.today - timedelta(self.today.weekday())
            late = monday + timedelta(14 + weekday)
            return Day(late, _DOUBTFUL, (late - timedelta(7),))
        if before and self.at(before) == "last" and self._stands_alone(before):  # "the Friday before last"
            last = self.today - timedelta((self.today.weekday() - weekday - 1) % 7 + 1)
            return Day(last - timedelta(7), _DOUBTFUL, (last - timedelta(14),))
        if (not after and not before) or not self.tokens[after or before :]:
            return None
        base = self.whole(self.tokens[after or before :]) or self._month_from(after or before)
        if base is None:
            return None
        if after:
            away = (weekday - base.day.weekday() - 1) % 7 + 1
        else:
            away = -((base.day.weekday() - weekday - 1) % 7 + 1)
        count = self.number(i - 1) or 1  # "the third Tuesday after Christmas"
        weeks = count - 1 if count <= _MOST_WEEKDAYS else 0
        return Day(base.day + timedelta(away + 7 * (weeks if after else -weeks)), min(0.95, base.sure))

    def _stands_alone(self, i: int) -> bool:
        """Whether the "next", "last" at ``i`` is of the weekday before: not "after next week"."""
        return self.at(i + 1) in {"", *self.lex.fillers, *self.lex.after_days} - self.lex.weekdays.keys()

    # --- three nights ago, hace dos noches ------------------------------------------------------------

    def nights(self, i: int) -> Day | None:
        count = self.number(i)
        if count is None or self.at(i + 1) not in PARTS_OF_DAYS:
            return None
        if self.at(i + 2) in AGO or self.at(i - 1) in SINCE:
            return Day(self.today - timedelta(count), 0.95)
        if self.at(i - 1) in AHEAD or self._aheads(i) or self.starts(i + 2, LATER):
            return Day(self.today + timedelta(count), 0.8)
        return None
