"""A small sample back office: what the flows of this folder call. Replace it with your own systems.

Every function takes the arguments written under ``with`` in its flow and returns a dict; the flow's
``save`` names the fields it keeps. Amounts are decimal strings, dates ISO 8601.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from voice.dialogue.actions import NotFound, action, same_secret


@dataclass(frozen=True)
class Customer:
    name: str
    owed: str
    due_in_days: int
    invoice: str
    why: str  # usual, roaming or extra_data
    pin: str


@dataclass(frozen=True)
class Order:
    state: str  # preparing, shipped or delivered
    days: int  # from today: when it is sent or delivered; negative in the past


CUSTOMERS = {
    "12345678": Customer("Ana García", "42.50", 12, "42.50", "usual", "2580"),
    "87654321": Customer("John Smith", "0.00", 0, "18.90", "usual", "1937"),
    "11223344": Customer("Luis Pérez", "96.35", 5, "96.35", "roaming", "4826"),
    "20304050": Customer("Mary Jones", "27.00", 20, "27.00", "extra_data", "6194"),
    "55667788": Customer("Carmen Ruiz", "150.10", 1, "75.05", "usual", "3571"),
}

ORDERS = {
    "123456": Order("shipped", 2),
    "654321": Order("delivered", -3),
    "112233": Order("preparing", 4),
    "300200": Order("shipped", 1),
}


def _customer(number: str) -> Customer:
    try:
        return CUSTOMERS[number]
    except KeyError:
        raise NotFound("no such customer") from None


@action("check_pin")
def check_pin(customer: str, pin: str) -> dict[str, Any]:
    """Whether the secret is the customer's."""
    return {"verified": same_secret(_customer(customer).pin, pin)}


@action("balance")
def balance(customer: str, today: str) -> dict[str, Any]:
    """What the customer owes and by when."""
    found = _customer(customer)
    due = date.fromisoformat(today) + timedelta(days=found.due_in_days)
    return {"amount": found.owed, "due": due.isoformat()}


@action("last_invoice")
def last_invoice(customer: str, today: str) -> dict[str, Any]:
    """The last invoice's amount and why it is what it is; issued on the first of the month."""
    found = _customer(customer)
    issued = date.fromisoformat(today).replace(day=1)
    return {"amount": found.invoice, "why": found.why, "issued": issued.isoformat()}


@action("order_status")
def order_status(order: str, today: str) -> dict[str, Any]:
    """Where an order is, and the day that matters in that state."""
    try:
        found = ORDERS[order]
    except KeyError:
        raise NotFound("no such order") from None
    day = date.fromisoformat(today) + timedelta(days=found.days)
    return {"state": found.state, "day": day.isoformat()}


@action("block_line")
async def block_line(customer: str) -> dict[str, Any]:
    """Blocks the customer's line. Doing it twice is the same as doing it once."""
    _customer(customer)
    return {"blocked": True}
