"""Opening hours as a business writes them, and whether it is open at a moment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_DAY_OF_YEAR = re.compile(r"(\d{2})-(\d{2})")


@dataclass(frozen=True, slots=True)
class Hours:
    """``spans`` holds (weekday 0-6, opens, closes) in minutes of the day; ``closed`` holds (month, day)."""

    spans: tuple[tuple[int, int, int], ...]
    closed: frozenset[tuple[int, int]] = frozenset()

    def open_at(self, local: datetime) -> bool:
        if (local.month, local.day) in self.closed:
            return False
        minute = local.hour * 60 + local.minute
        return any(d == local.weekday() and start <= minute < end for d, start, end in self.spans)


def _days(name: str) -> range:
    first, _, last = name.partition("-")
    if first not in DAYS or (last and last not in DAYS):
        raise ValueError(f"'{name}' is not a day: write mon, tue, ... or a range such as mon-fri, or closed")
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


def parse_hours(raw: Mapping[str, str]) -> Hours:
    """Reads ``{"mon-fri": "09:00-14:00, 16:00-20:00", "closed": "12-25, 01-01"}``; raises ValueError."""
    spans: list[tuple[int, int, int]] = []
    closed: set[tuple[int, int]] = set()
    for name, text in raw.items():
        pieces = [piece.strip() for piece in text.split(",") if piece.strip()]
        if name == "closed":
            for piece in pieces:
                match = _DAY_OF_YEAR.fullmatch(piece)
                if match is None or not (1 <= int(match[1]) <= 12 and 1 <= int(match[2]) <= 31):
                    raise ValueError(f"'{piece}' is not a day of the year: write month-day, such as 12-25")
                closed.add((int(match[1]), int(match[2])))
        else:
            spans += [(day, *_span(piece)) for day in _days(name) for piece in pieces]
    if not spans:
        raise ValueError("no opening times: write for example mon-fri: 09:00-20:00")
    return Hours(tuple(spans), frozenset(closed))


def zone(name: str) -> ZoneInfo:
    """The time zone of that name; raises ValueError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"'{name}' is not a time zone: write for example Europe/Madrid") from error


def local_time(wall_ms: int, timezone: str) -> datetime:
    """``wall_ms`` is UTC epoch milliseconds."""
    return datetime.fromtimestamp(wall_ms / 1000, UTC).astimezone(zone(timezone))
