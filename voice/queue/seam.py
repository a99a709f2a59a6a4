"""What the call session needs of the queue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from voice.model import Handoff, JsonDict, Ticket


@dataclass(frozen=True, slots=True)
class Position:
    """Where the caller stands, 1 is next. Sent when it changes, for better or worse."""

    position: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """An agent took the ticket."""

    agent: str


QueueNotice = Position | Accepted


class Queue(Protocol):
    """The shell around the queue machine; one per process, shared by calls and the agents' desk."""

    async def enqueue(
        self,
        ticket_id: str,
        handoff: Handoff,
        packet: JsonDict,
        *,
        call_id: str,
        caller: str,
        notify: Callable[[QueueNotice], None],
    ) -> Ticket:
        """Stores ticket and packet durably, then puts the caller in line. ``notify`` runs on the loop
        and gets the first :class:`Position` before this returns. Raises StoreError: then the caller is
        in line all the same, and ``ticket`` is kept in memory until the store works again."""

    async def leave(self, ticket_id: str, why: str) -> None:
        """The caller is no longer waiting: ``abandoned``, ``returned`` or ``callback``. Idempotent."""

    async def update_packet(self, ticket_id: str, packet: JsonDict) -> None:
        """A fuller packet (recording saved, call over)."""
