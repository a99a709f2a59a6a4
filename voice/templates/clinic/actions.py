"""A sample back office of a clinic. Replace it with your own calendar; the flow stays as it is.

Times are HH:MM, dates ISO 8601. There is no free time on Fridays. 600111222 has an appointment in three days.
"""

from __future__ import annotations

import zlib
from datetime import date, timedelta
from typing import Any

from voice.dialogue.actions import NotFound, action

FREE = {"general": "10:30", "dentist": "16:15", "skin": "12:00"}
FRIDAY = 4
VISITS = {"600111222": (3, "11:00")}  # phone to days from today and time


def _local(phone: str) -> str:
    """The nine digits of a Spanish number, however it was written."""
    return "".join(c for c in phone if c.isdigit())[-9:]


@action("clinic_free")
def free(specialty: str, day: str) -> dict[str, Any]:
    """The first free time of that day, or of the next day that has one. NotFound where there is none."""
    wanted = date.fromisoformat(day)
    while wanted.weekday() >= FRIDAY:
        wanted += timedelta(days=1)
    return {"day": wanted.isoformat(), "time": FREE[specialty]}


@action("clinic_book")
def book(specialty: str, day: str, time: str, phone: str) -> dict[str, Any]:
    """Books it, and says under which number. A time that was taken meanwhile is NotFound; booking the same
    twice is booking it once."""
    return {"booking": f"{zlib.crc32(f'{specialty} {day} {time} {phone}'.encode()) % 100_000:05d}"}


@action("clinic_change")
def change(booking: str, specialty: str, day: str, time: str, phone: str) -> dict[str, Any]:
    """Gives that booking these details. A time that was taken meanwhile is NotFound: it stays as it was."""
    return {"booking": booking}


@action("clinic_send_code")
def send_code(phone: str, code: str, minutes: int) -> dict[str, Any]:
    """Sends the code as a text message: call your message service here. ``voice chat`` shows it meanwhile;
    callers who get none are put through to reception. Raises NotFound where no patient has that number."""
    if _local(phone) not in VISITS:
        raise NotFound("no such patient")
    return {}


@action("clinic_visit")
def visit(phone: str, today: str) -> dict[str, Any]:
    """The next appointment under a phone number."""
    try:
        days, time = VISITS[_local(phone)]
    except KeyError:
        raise NotFound("no appointment") from None
    return {"day": (date.fromisoformat(today) + timedelta(days=days)).isoformat(), "time": time}


@action("clinic_cancel")
def cancel(phone: str) -> dict[str, Any]:
    return {"cancelled": True}
