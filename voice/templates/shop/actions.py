"""A sample back office of a shop. Replace it with your own systems; the flow stays as it is.

Amounts are decimal strings, dates ISO 8601. Orders are 123456, 654321, 112233; articles 10203 and 40506.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from voice.dialogue.actions import NotFound, action, same_secret

ORDERS = {
    "123456": ("shipped", 2),
    "654321": ("delivered", -3),
    "112233": ("preparing", 1),
}  # state, days from today
POSTCODES = {"123456": "28013", "654321": "08002", "112233": "41001"}  # of the delivery
ARTICLES = {"10203": (4, "29.90"), "40506": (0, "54.00")}  # pieces and price


@action("shop_prove")
def prove(order_number: str, postcode: str) -> dict[str, Any]:
    """Whether an order goes to that postcode."""
    if order_number not in POSTCODES:
        raise NotFound("no such order")
    return {"verified": same_secret(POSTCODES[order_number], postcode)}


@action("shop_order")
def order_status(order: str, today: str) -> dict[str, Any]:
    """Where an order is, and the day that matters in that state."""
    if order not in ORDERS:
        raise NotFound("no such order")
    state, days = ORDERS[order]
    return {"state": state, "day": (date.fromisoformat(today) + timedelta(days=days)).isoformat()}


@action("shop_return")
def return_order(order: str, reason: str) -> dict[str, Any]:
    """Notes a return; the same order gets the same code each time."""
    if order not in ORDERS:
        raise NotFound("no such order")
    return {"code": order[::-1][:4]}


@action("shop_change_return")
def change_return(code: str, order: str, reason: str) -> dict[str, Any]:
    """Corrects that return: another order has another code, and the first one is void."""
    return return_order(order, reason)


@action("shop_stock")
def stock(article: str) -> dict[str, Any]:
    if article not in ARTICLES:
        raise NotFound("no such article")
    pieces, price = ARTICLES[article]
    return {"pieces": pieces, "price": price}
