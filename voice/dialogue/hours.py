"""Opening hours and holidays as a business writes them, and when it is open, closes and opens again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SEARCH_DAYS = 400  # how far ahead the next opening is looked for
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_YEARLY = re.compile(r"(\d{2})-(\d{2})")
_DATED = re.compile(r"\d{4}-\d{2}-\d{2}")

Spans = tuple[tuple[int, int], ...]
"""(opens, closes) in minutes of the day."""


@dataclass(frozen=True, slots=True)
class Days:
    """One day or several in a row, both ends included: of one year, or of every year."""

    first: date | tuple[int, int]  # (month, day): every year
    last: date | tuple[int, int]

    @property
    def yearly(self) -> bool:
        return isinstance(self.first, tuple)

    def hold(self, day: date) -> bool:
        if isinstance(self.first, date) and isinstance(self.last, date):
            return self.first <= day <= self.last
        assert isinstance(self.first, tuple)
        assert isinstance(self.last, tuple)
        here = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= here <= self.last
        return here >= self.first or here <= self.last  # over the turn of the year


@dataclass(frozen=True, slots=True)
class Hours:
    """``spans`` holds (weekday 0-6, opens, closes) in minutes of the day. ``exceptions`` come first (those
    of one year before those of every year), then ``closed``, then the day of the week."""

    spans: tuple[tuple[int, int, int], ...]
    closed: tuple[Days, ...] = ()
    exceptions: tuple[tuple[Days, Spans], ...] = ()

    def on(self, day: date) -> Spans:
        """When it is open that day, in order."""
        for days, spans in sorted(self.exceptions, key=lambda item: item[0].yearly):
            if days.hold(day):
                return spans
        if any(days.hold(day) for days in self.closed):
            return ()
        return tuple(sorted((start, end) for d, start, end in self.spans if d == day.weekday()))

    def open_at(self, local: datetime) -> bool:
        return self.closes(local) is not None

    def closes(self, local: datetime) -> time | None:
        """When it closes, while it is open."""
        minute = local.hour * 60 + local.minute
        ends = [end for start, end in self.on(local.date()) if start <= minute < end]
        return _clock(max(ends)) if ends else None

    def opens(self, local: datetime) -> tuple[date, time] | None:
        """The next opening after ``local``."""
        minute = local.hour * 60 + local.minute
        for ahead in range(SEARCH_DAYS):
            day = local.date() + timedelta(days=ahead)
            for start, _ in self.on(day):
                if ahead or start > minute:
                    return day, _clock(start)
        return None


def _clock(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


def _weekdays(name: str) -> range:
    first, _, last = name.partition("-")
    if first not in DAYS or (last and last not in DAYS):
        raise ValueError(
            f"'{name}' is not a day: write mon, tue, ..., a range such as mon-fri, closed, holidays or except"
        )
    start, end = DAYS.index(first), DAYS.index(last or first)
    if end < start:
        raise ValueError(f"'{name}' goes backwards: write the earlier day first")
    return range(start, end + 1)


def _span(text: str) -> tuple[int, int]:
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"'{text}' is not a span of time: write it as 09:00-20:00")
    h1, m1, h2, m2 = map(int, match.groups())
    start, end = h1 * 60 + m1, h2 * 60 + m2
    if m1 > 59 or m2 > 59 or end > 24 * 60 or start >= end:
        raise ValueError(f"'{text}' is not a span within one day: the end must come after the start")
    return start, end


def _pieces(text: str) -> list[str]:
    return [piece.strip() for piece in text.split(",") if piece.strip()]


def _day(text: str) -> date | tuple[int, int]:
    if _DATED.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError(f"'{text}' is not in the calendar") from None
    match = _YEARLY.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is not a day of the year: write month-day, such as 12-25, or 2026-12-25")
    try:
        date(2024, int(match[1]), int(match[2]))  # a leap year: 02-29 is a day
    except ValueError:
        raise ValueError(f"'{text}' is not a day of the year: write month-day, such as 12-25") from None
    return int(match[1]), int(match[2])


def parse_days(text: str) -> Days:
    """Reads ``12-25``, ``2026-12-25``, ``12-24..01-06`` or ``2026-08-10..2026-08-21``; raises ValueError."""
    first_text, dots, last_text = text.strip().partition("..")
    first = _day(first_text.strip())
    last = _day(last_text.strip()) if dots else first
    if isinstance(first, date) != isinstance(last, date):
        raise ValueError(f"'{text}' mixes a day of every year with a day of one year")
    if isinstance(first, date) and isinstance(last, date) and last < first:
        raise ValueError(f"'{text}' goes backwards: write the earlier day first")
    return Days(first, last)


def parse_holidays(raw: Any) -> tuple[Days, ...]:
    """Reads a list of days (or one text with commas); raises ValueError."""
    texts = _pieces(raw) if isinstance(raw, str) else raw
    if not isinstance(texts, list | tuple) or not texts:
        raise ValueError("write a list of days, such as [01-01, 12-25, 2026-08-10..2026-08-21]")
    return tuple(parse_days(str(text)) for text in texts)


def _exceptions(raw: Any) -> tuple[tuple[Days, Spans], ...]:
    if not isinstance(raw, Mapping):
        raise ValueError("except needs days and their hours, such as 12-24: 09:00-14:00 or 12-31: closed")
    found = []
    for days, text in raw.items():
        pieces = [] if text == "closed" else _pieces(str(text))
        if not pieces and text != "closed":
            raise ValueError(f"'{days}' has no hours: write 09:00-14:00 or closed")
        found.append((parse_days(str(days)), tuple(sorted(_span(piece) for piece in pieces))))
    return tuple(found)


def holidays_of(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the holiday lists that a schedule keeps."""
    named = raw.get("holidays", ())
    return tuple(_pieces(named)) if isinstance(named, str) else tuple(map(str, named or ()))


def parse_hours(raw: Mapping[str, Any], holidays: Mapping[str, tuple[Days, ...]] | None = None) -> Hours:
    """Reads ``{"mon-fri": "09:00-14:00, 16:00-20:00", "closed": "12-25", "holidays": "spain", "except":
    {"12-24": "09:00-14:00"}}``; raises ValueError. A list of holidays that is not given counts as empty."""
    spans: list[tuple[int, int, int]] = []
    closed: list[Days] = []
    exceptions: tuple[tuple[Days, Spans], ...] = ()
    for name, value in raw.items():
        if name == "holidays":
            for known in holidays_of(raw):
                closed += (holidays or {}).get(known, ())
        elif name == "except":
            exceptions = _exceptions(value)
        elif name == "closed":
            closed += parse_holidays(value)
        else:
            spans += [(day, *_span(piece)) for day in _weekdays(name) for piece in _pieces(str(value))]
    if not spans:
        raise ValueError("no opening times: write for example mon-fri: 09:00-20:00")
    return Hours(tuple(spans), tuple(closed), exceptions)


def zone(name: str) -> ZoneInfo:
    """The time zone of that name; raises ValueError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"'{name}' is not a time zone: write for example Europe/Madrid") from error


def local_time(wall_ms: int, timezone: str) -> datetime:
    """``wall_ms`` is UTC epoch milliseconds."""
    return datetime.fromtimestamp(wall_ms / 1000, UTC).astimezone(zone(timezone))
