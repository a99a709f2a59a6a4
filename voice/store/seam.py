"""The seams of keeping: a durable store and a bus of live notices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from voice.events import Event
from voice.model import JsonDict, Remembered, Ticket, TicketState


class Store(Protocol):
    """Durable when a method returns. All raise :class:`voice.errors.StoreError` with what to do."""

    async def open(self) -> None:
        """Connects, creates or migrates tables."""

    async def close(self) -> None: ...

    async def append(self, events: Sequence[Event]) -> None:
        """Adds events; the same (call_id, seq) twice is kept once."""

    async def events(self, call_id: str, after: int = -1) -> list[Event]: ...

    async def calls(self, limit: int = 100) -> list[JsonDict]:
        """Newest first: call_id, started_at, lang, flow, outcome, ..."""

    async def save_ticket(self, ticket: Ticket, packet: JsonDict) -> None:
        """A new ticket with its packet, in one transaction, on disk when this returns."""

    async def save_packet(self, ticket_id: str, packet: JsonDict) -> None:
        """A later, fuller packet (the recording's path, the last words)."""

    async def packet(self, ticket_id: str) -> JsonDict | None: ...

    async def ticket(self, ticket_id: str) -> Ticket | None: ...

    async def tickets(self, states: Sequence[TicketState]) -> list[Ticket]:
        """In queue order: priority, then age."""

    async def move_ticket(
        self,
        ticket_id: str,
        expected: Sequence[TicketState],
        state: TicketState,
        *,
        now_ms: int,
        agent: str | None = None,
    ) -> Ticket:
        """Compare and set: raises :class:`voice.errors.TicketError` unless the state is one expected,
        so exactly one of many claimants wins."""

    async def recall(self, keys: Sequence[str], now_ms: int) -> list[Remembered]:
        """What is kept under these keys, of any kind, by key and kind; nothing that has expired."""

    async def remembered(self, kind: str, now_ms: int, limit: int = 100) -> list[Remembered]:
        """Of one kind, last written first."""

    async def amend(
        self,
        key: str,
        kind: str,
        change: Callable[[JsonDict | None], JsonDict | None],
        *,
        now_ms: int,
        expires_at: int,
    ) -> JsonDict | None:
        """Replaces what is kept (None: nothing, or expired) by what ``change`` makes of it (None: nothing
        is kept), so that of two at once neither is lost. ``change`` is pure: it runs in a thread."""

    async def forget(self, keys: Sequence[str]) -> int:
        """Deletes everything kept under these keys; how many things that were."""

    async def forget_expired(self, now_ms: int) -> int:
        """Deletes what has expired; how many things that were."""


class Bus(Protocol):
    """Live notices within a process (and over Redis between nodes, later). Never blocks, may drop:
    the store is the truth, a notice only says where to look."""

    def publish(self, topic: str, message: JsonDict) -> None: ...

    def subscribe(self, topic: str, callback: Callable[[JsonDict], None]) -> Callable[[], None]:
        """``topic`` is exact, or a prefix ending in ``*``. Returns the function that unsubscribes."""
