"""Tickets in memory and on disk: what the store would not take waits here and is tried again, with growing
pauses, until it is written."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from voice.clock import Clock
from voice.errors import StoreError, TicketError
from voice.model import JsonDict, Ticket, TicketState
from voice.queue.seam import QueueNotice
from voice.store.seam import Store

log = logging.getLogger(__name__)

FIRST_RETRY_MS: Final = 500
LAST_RETRY_MS: Final = 15_000
OPEN: Final = (TicketState.WAITING, TicketState.CALLBACK, TicketState.ACCEPTED)
# the parts of a packet that the queue writes and a fuller packet of the call must not undo
_OURS: Final = ("callback", "wrap_up")


@dataclass(slots=True)
class Held:
    """An open ticket and what of it is not on disk yet. Changed under its ``lock`` only, but for ``left``."""

    ticket: Ticket
    packet: JsonDict
    notify: Callable[[QueueNotice], None] | None = None
    saved: bool = True  # the store has this ticket in this state
    packet_saved: bool = True
    joined: bool = True
    left: TicketState | None = None  # the caller is gone, whatever else is under way
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def clean(self) -> bool:
        return self.saved and self.packet_saved


class DurableTickets:
    """The open tickets, by id, and their way to the store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._late: dict[str, JsonDict] = {}  # fuller packets of closed tickets that wait for the store
        self._retry: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._failing = False
        self.held: dict[str, Held] = {}

    def start(self) -> None:
        """From now on, what waits is tried again."""
        if self._retry is None:
            self._retry = asyncio.get_running_loop().create_task(self._keep_retrying(), name="queue-retry")

    async def close(self) -> None:
        """Tries once more to write what is not on disk."""
        if self._retry is not None:
            self._retry.cancel()
            await asyncio.gather(self._retry, return_exceptions=True)
            self._retry = None
        try:
            await self._write_pending()
        except StoreError as error:
            left = sum(not held.clean for held in self.held.values()) + len(self._late)
            log.error("%d tickets could not be stored before the end: %s", left, error)

    @property
    def healthy(self) -> bool:
        """False while a ticket or a packet is in memory only."""
        return not self._late and all(held.clean or not held.joined for held in self.held.values())

    async def move(
        self, held: Held, expected: tuple[TicketState, ...], state: TicketState, agent: str | None = None
    ) -> None:
        """In the store when the ticket is there; a ticket that is in memory only moves in memory."""
        if held.saved:
            held.ticket = await self._store.move_ticket(
                held.ticket.id, expected, state, now_ms=self._clock.wall_ms(), agent=agent
            )
        else:
            self.move_in_memory(held, state, agent)

    def move_in_memory(self, held: Held, state: TicketState, agent: str | None = None) -> None:
        """The store will be told later."""
        ticket = held.ticket
        held.ticket = replace(
            ticket,
            state=state,
            updated_at=self._clock.wall_ms(),
            version=ticket.version + 1,
            agent=ticket.agent if agent is None else agent,
        )
        held.saved = False
        self._wake.set()

    async def put_packet(self, held: Held, packet: JsonDict) -> None:
        """While the store fails the packet waits in memory; nothing is raised then."""
        held.packet = packet
        held.packet_saved = False
        try:
            await self.write(held)
        except StoreError as error:
            self.later(error)

    async def put_fuller_packet(self, ticket_id: str, packet: JsonDict) -> None:
        """The call has more to tell; what the queue itself wrote stays. The ticket may be closed by now."""
        held = self.held.get(ticket_id)
        if held is not None:
            async with held.lock:
                await self.put_packet(held, _merged(packet, held.packet))
            return
        self._late[ticket_id] = packet
        try:
            await self._write_late()
        except StoreError as error:
            self.later(error)

    async def write(self, held: Held) -> None:
        """Everything of a ticket that is not on disk yet. Raises StoreError."""
        if not held.saved:
            await self._store.save_ticket(held.ticket, held.packet)
        elif not held.packet_saved:
            await self._store.save_packet(held.ticket.id, held.packet)
        held.saved = held.packet_saved = True
        self.forget(held)

    def later(self, error: StoreError) -> None:
        """Something could not be written: it is tried again. Logged once until all is written."""
        if not self._failing:
            log.error("tickets wait in memory: %s", error)
        self._failing = True
        self._wake.set()

    def forget(self, held: Held) -> None:
        """A closed ticket is kept until all of it is on disk."""
        if held.clean and held.ticket.state not in OPEN:
            self.held.pop(held.ticket.id, None)

    async def _write_late(self) -> None:
        for ticket_id, packet in list(self._late.items()):
            known = await self._store.packet(ticket_id)
            if known is not None:
                await self._store.save_packet(ticket_id, _merged(packet, known))
            else:
                log.warning("a packet of ticket %s, which was never stored, is dropped", ticket_id)
            # unless a newer one came meanwhile
            if self._late.get(ticket_id) is packet:
                del self._late[ticket_id]

    async def _write_pending(self) -> None:
        for held in list(self.held.values()):
            if held.clean:
                continue
            async with held.lock:
                try:
                    await self.write(held)
                except TicketError as error:
                    log.error("a change is lost: %s", error)
                    held.saved = held.packet_saved = True
        await self._write_late()

    async def _keep_retrying(self) -> None:
        pause = FIRST_RETRY_MS
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._clock.sleep(pause)
            try:
                await self._write_pending()
            except StoreError:
                pause = min(pause * 2, LAST_RETRY_MS)
                self._wake.set()
            else:
                pause = FIRST_RETRY_MS
                self._failing = False


def _merged(packet: JsonDict, known: JsonDict) -> JsonDict:
    return packet | {name: known[name] for name in _OURS if known.get(name)}
