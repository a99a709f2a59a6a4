"""A sample back office of a town hall. Replace it with your own systems; the flow stays as it is.

Amounts are decimal strings, times HH:MM, dates ISO 8601. 12345678Z has a bill to pay; no appointments at
weekends.
"""

from __future__ import annotations

import zlib
from datetime import date, timedelta
from typing import Any

from voice.dialogue.actions import NotFound, action

FREE = {"register": "09:15", "taxes": "10:30", "building": "12:00"}
SATURDAY = 5
BILLS = {"12345678Z": ("84.20", 20)}  # document to amount and days left


def _number(*of: str) -> str:
    return f"{zlib.crc32(' '.join(of).encode()) % 100_000:05d}"


@action("town_free")
def free(matter: str, day: str) -> dict[str, Any]:
    """The first free time of that day, or of the next day that has one. NotFound where there is none."""
    wanted = date.fromisoformat(day)
    while wanted.weekday() >= SATURDAY:
        wanted += timedelta(days=1)
    return {"day": wanted.isoformat(), "time": FREE[matter]}


@action("town_book")
def book(matter: str, day: str, time: str, document: str) -> dict[str, Any]:
    """Books it, and says under which number; the same twice is one booking. A time that was taken meanwhile
    is NotFound."""
    return {"booking": _number(matter, day, time, document)}


@action("town_change")
def change(booking: str, matter: str, day: str, time: str, document: str) -> dict[str, Any]:
    """Gives that booking these details. A time that was taken meanwhile is NotFound: it stays as it was."""
    return {"booking": booking}


@action("town_send_code")
def send_code(document: str, code: str, minutes: int) -> dict[str, Any]:
    """Sends the code to the mobile on file: call your message service here. ``voice chat`` shows it
    meanwhile; callers who get none are put through to a person. Raises NotFound where there is no mobile."""
    if document not in BILLS:
        raise NotFound("no mobile")
    return {}


@action("town_fees")
def fees(document: str, today: str) -> dict[str, Any]:
    """What a citizen has to pay, and until when."""
    if document not in BILLS:
        raise NotFound("no bills")
    amount, days = BILLS[document]
    return {"amount": amount, "due": (date.fromisoformat(today) + timedelta(days=days)).isoformat()}


@action("town_report")
def report(what: str, where: str) -> dict[str, Any]:
    """Notes something broken in the street; the same report gets the same number."""
    return {"code": _number(what, where)}


@action("town_change_report")
def change_report(code: str, what: str, where: str) -> dict[str, Any]:
    """Corrects that report, which keeps its number."""
    return {"code": code}
