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


@action("town_free")
def free(matter: str, day: str) -> dict[str, Any]:
    """The first free time of a day."""
    if date.fromisoformat(day).weekday() >= SATURDAY:
        raise NotFound("closed")
    return {"time": FREE[matter]}


@action("town_book")
def book(matter: str, day: str, time: str, document: str) -> dict[str, Any]:
    """Books it; the same booking twice is one booking."""
    return {"booked": True}


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
    return {"code": f"{zlib.crc32(f'{what} {where}'.encode()) % 100_000:05d}"}
