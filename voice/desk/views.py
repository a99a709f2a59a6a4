"""Tickets as the desk's API shows them."""

from __future__ import annotations

from dataclasses import asdict

from voice.model import JsonDict, Ticket
from voice.queue.service import OpenTicket


def ticket_json(ticket: Ticket, position: int) -> JsonDict:
    return asdict(ticket) | {"skills": list(ticket.skills), "position": position}


def ticket_row(item: OpenTicket) -> JsonDict:
    """A row of the queue: the ticket, and the few things of its packet that a list shows."""
    packet = item.packet
    timings = packet.get("timings") or {}
    worded = packet.get("worded") or {}
    return ticket_json(item.ticket, item.position) | {
        "urgent": bool(packet.get("urgent")),
        "intent": (packet.get("intent") or {}).get("label", ""),
        "mood": packet.get("mood", "neutral"),
        "one_lines": {lang: texts.get("one_line", "") for lang, texts in worded.items()},
        "callback": packet.get("callback"),
        "recording": bool(packet.get("recording")),
        "call_ms": timings.get("call_ms", 0),
    }
