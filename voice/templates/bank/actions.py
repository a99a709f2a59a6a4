"""A sample back office of a bank. Replace it with your own systems; the flow stays as it is.

Amounts are decimal strings, dates ISO 8601. The PIN of customer 12345678 is 2580, of 87654321 it is 1937.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from voice.dialogue.actions import NotFound, action, same_secret


@dataclass(frozen=True)
class Client:
    pin: str
    balance: str
    movement: str
    direction: str  # income or charge
    days_ago: int


CLIENTS = {
    "12345678": Client("2580", "1840.35", "62.90", "charge", 2),
    "87654321": Client("1937", "315.00", "1450.00", "income", 1),
}
CARDS = {"4321", "9876"}


def _client(number: str) -> Client:
    try:
        return CLIENTS[number]
    except KeyError:
        raise NotFound("no such customer") from None


@action("bank_prove")
def prove(client: str, pin: str) -> dict[str, Any]:
    """Whether the secret is the customer's."""
    return {"verified": same_secret(_client(client).pin, pin)}


@action("bank_balance")
def balance(client: str) -> dict[str, Any]:
    return {"balance": _client(client).balance}


@action("bank_movement")
def movement(client: str, today: str) -> dict[str, Any]:
    found = _client(client)
    day = date.fromisoformat(today) - timedelta(days=found.days_ago)
    return {"amount": found.movement, "direction": found.direction, "day": day.isoformat()}


@action("bank_block")
def block(card_end: str) -> dict[str, Any]:
    """Blocks a card. Doing it twice is the same as doing it once."""
    if card_end not in CARDS:
        raise NotFound("no such card")
    return {"blocked": True}
