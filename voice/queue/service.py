"""The shell around the queue machine: makes its decisions durable and tells everyone concerned.

Order of things: a ticket is on disk before the caller is told of a place; a claim is decided in memory,
then compared-and-set in the store, and only then is the caller told. While the store fails, callers still
get in line and agents can still take those of them whose tickets wait in memory; what could not be
written is tried again (:mod:`voice.queue.durable`).

Every change runs in a task of its own: a page that goes away in mid-request, or a call that ends, cannot
leave a change half made.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from voice.clock import Clock
from voice.errors import StoreError, TicketError
from voice.model import Handoff, JsonDict, Ticket, TicketState
from voice.queue import machine as m
from voice.queue.durable import OPEN, DurableTickets, Held
from voice.queue.seam import Accepted, Position, QueueNotice
from voice.store.seam import Bus, Store

log = logging.getLogger(__name__)

TOPIC: Final = "queue"
DISPOSITIONS: Final = ("resolved", "follow_up", "transferred", "unreachable", "no_action")
LEFT: Final = (TicketState.ABANDONED, TicketState.RETURNED, TicketState.CALLBACK)

T = TypeVar("T")


class Refusal(TicketError):
    """Why an agent does not get what they asked for. ``code`` is for programs: taken, lacks, unknown,
    not_yours, not_accepted, disposition, or the state a closed ticket is in; ``by`` is who has it."""

    def __init__(self, code: str, message: str, by: str = "") -> None:
        self.code = code
        self.by = by
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """A ticket on the desk; ``position`` is 0 for those that are not on the line."""

    ticket: Ticket
    position: int
    packet: JsonDict


class QueueService:
    """See :class:`voice.queue.seam.Queue`. Used from the event loop's thread only."""

    def __init__(self, store: Store, bus: Bus, clock: Clock) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._machine = m.QueueMachine()
        self._tickets = DurableTickets(store, clock)
        self._work: set[asyncio.Task[Any]] = set()

    # --- life -------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Takes up what an earlier process left. Raises :class:`StoreError`."""
        await self.restore()
        self._tickets.start()

    async def close(self) -> None:
        """Finishes what is under way and tries once more to write what is not on disk."""
        while self._work:
            await asyncio.gather(*self._work, return_exceptions=True)
        await self._tickets.close()

    @property
    def healthy(self) -> bool:
        """False while a ticket or a packet is in memory only."""
        return self._tickets.healthy

    async def restore(self) -> None:
        """Tickets of an earlier process: who was waiting then was cut off, and is to be rung back."""
        for ticket in await self._store.tickets(OPEN):
            if ticket.id in self._tickets.held:
                continue
            packet = await self._store.packet(ticket.id) or {}
            if ticket.state is TicketState.WAITING:
                packet = packet | {"callback": "cut"}
                await self._store.save_packet(ticket.id, packet)
                ticket = await self._store.move_ticket(
                    ticket.id, [TicketState.WAITING], TicketState.CALLBACK, now_ms=self._clock.wall_ms()
                )
            self._tickets.held[ticket.id] = Held(ticket, packet)
            taken = ticket.state is TicketState.ACCEPTED
            place = m.Place.TAKEN if taken else m.Place.CALLBACK
            self._step(m.Join(_entry(ticket, place)))

    # --- the callers' side ------------------------------------------------------------------------------

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
        if ticket_id in self._tickets.held:
            raise TicketError(f"ticket {ticket_id} is in the queue already")
        now = self._clock.wall_ms()
        ticket = Ticket(
            id=ticket_id,
            call_id=call_id,
            queue=handoff.queue,
            priority=handoff.priority,
            lang=handoff.lang,
            reason=handoff.reason,
            summary=str(packet.get("one_line", "")),
            state=TicketState.WAITING,
            created_at=now,
            updated_at=now,
            skills=handoff.skills,
            caller=caller,
        )
        held = Held(ticket, packet, notify, saved=False, packet_saved=False, joined=False)
        self._tickets.held[ticket_id] = held
        return await self._shielded(self._enqueue(held))

    async def _enqueue(self, held: Held) -> Ticket:
        failure: StoreError | None = None
        async with held.lock:
            try:
                await self._store.save_ticket(held.ticket, held.packet)
                held.saved = held.packet_saved = True
            except StoreError as error:
                failure = error
            except TicketError:
                del self._tickets.held[held.ticket.id]
                raise
            held.joined = True
            if held.left is not None:
                await self._settle(held, held.left)
            else:
                self._step(m.Join(_entry(held.ticket, m.Place.LINE)))
                self._announce(held)
        if failure is not None:
            self._tickets.later(failure)
            raise failure
        return held.ticket

    async def leave(self, ticket_id: str, why: str) -> None:
        state = TicketState(why)
        if state not in LEFT:
            raise ValueError(f"a caller does not leave as {why}")
        held = self._tickets.held.get(ticket_id)
        if held is None or held.left is not None or held.ticket.state is not TicketState.WAITING:
            return
        # from here on no agent gets this ticket: a claim under way finds ``left`` when the store answers
        held.left = state
        self._step(m.Leave(ticket_id, callback=state is TicketState.CALLBACK))
        await self._shielded(self._leave(held, state))

    async def _leave(self, held: Held, state: TicketState) -> None:
        async with held.lock:
            if held.ticket.state is TicketState.WAITING:
                await self._settle(held, state)

    async def update_packet(self, ticket_id: str, packet: JsonDict) -> None:
        """While the store fails the packet waits in memory; nothing is raised then."""
        await self._shielded(self._update_packet(ticket_id, packet))

    async def _update_packet(self, ticket_id: str, packet: JsonDict) -> None:
        held = self._tickets.held.get(ticket_id)
        await self._tickets.put_fuller_packet(ticket_id, packet)
        if held is not None:
            self._announce(held)

    # --- the agents' side -------------------------------------------------------------------------------

    def sign_in(self, agent: m.Agent) -> None:
        self._step(m.SignIn(agent))

    async def accept(self, ticket_id: str, agent: str) -> Ticket:
        """Gives the ticket to the agent, or raises :class:`TicketError` saying who was faster or what is
        missing. Accepting one's own ticket again is fine. Raises :class:`StoreError`: then the ticket is
        where it was."""
        held = self._tickets.held.get(ticket_id)
        if held is None:
            raise await self._gone(ticket_id)
        if agent not in self._machine.agents:
            self.sign_in(m.Agent(agent))
        entry = self._machine.entries.get(ticket_id)
        if entry is not None and entry.place is m.Place.TAKEN and entry.agent == agent:
            async with held.lock:
                if held.ticket.state is TicketState.ACCEPTED and held.ticket.agent == agent:
                    return held.ticket
        for output in self._step(m.Claim(ticket_id, agent)):
            if isinstance(output, m.Refused):
                raise await self._refusal(output)
        return await self._shielded(self._accept(held, agent))

    async def _accept(self, held: Held, agent: str) -> Ticket:
        ticket_id = held.ticket.id
        async with held.lock:
            try:
                await self._tickets.move(
                    held, (TicketState.WAITING, TicketState.CALLBACK), TicketState.ACCEPTED, agent
                )
            except (StoreError, TicketError) as error:
                self._unclaim(held, agent)
                if isinstance(error, TicketError):
                    await self._reread(held)
                raise
            left = held.left
            if left in (TicketState.ABANDONED, TicketState.RETURNED):
                self._unclaim(held, agent)
                await self._settle(held, left)
                raise Refusal(left.value, f"the caller of ticket {ticket_id} left a moment before")
            held.left = None
            if left is TicketState.CALLBACK:
                await self._tickets.put_packet(held, held.packet | {"callback": "asked"})
            elif held.notify is not None:
                held.notify(Accepted(agent))
            self._announce(held)
            return held.ticket

    async def complete(self, ticket_id: str, agent: str, disposition: str, note: str = "") -> Ticket:
        """Closes the agent's ticket. Raises :class:`TicketError` unless it is theirs, and
        :class:`StoreError`: then it is still open."""
        if disposition not in DISPOSITIONS:
            raise Refusal("disposition", f"the disposition must be one of {', '.join(DISPOSITIONS)}")
        held = self._tickets.held.get(ticket_id)
        if held is None:
            raise await self._gone(ticket_id)
        return await self._shielded(self._complete(held, agent, disposition, note))

    async def _complete(self, held: Held, agent: str, disposition: str, note: str) -> Ticket:
        async with held.lock:
            ticket = held.ticket
            if ticket.state is not TicketState.ACCEPTED:
                raise Refusal("not_accepted", f"ticket {ticket.id} is {ticket.state.value}; accept it first")
            if ticket.agent != agent:
                raise Refusal("not_yours", f"ticket {ticket.id} is with {ticket.agent}", by=ticket.agent)
            now = self._clock.wall_ms()
            wrap_up = {
                "agent": agent,
                "disposition": disposition,
                "note": note,
                "completed_at": datetime.fromtimestamp(now / 1000, UTC).isoformat().replace("+00:00", "Z"),
            }
            held.packet = held.packet | {"wrap_up": wrap_up}
            if held.saved:
                # the note first: a failure between the two leaves an open ticket, never a lost note
                await self._store.save_packet(ticket.id, held.packet)
                held.packet_saved = True
            await self._tickets.move(held, (TicketState.ACCEPTED,), TicketState.COMPLETED)
            self._step(m.Finish(ticket.id, agent))
            self._announce(held)
            self._tickets.forget(held)
            return held.ticket

    # --- reading ----------------------------------------------------------------------------------------

    def wall_ms(self) -> int:
        """The time that tickets are stamped with, UTC epoch milliseconds."""
        return self._clock.wall_ms()

    def waiting(self) -> list[Ticket]:
        """Callers on the line, in queue order."""
        line = [entry for entry in self._machine.entries.values() if entry.place is m.Place.LINE]
        found = (self.open_ticket(entry.ticket) for entry in sorted(line, key=lambda e: e.order))
        return [item.ticket for item in found if item is not None and item.position]

    def open_tickets(self) -> list[OpenTicket]:
        """All that is on the desk: callers in queue order, then callbacks, then what agents have."""
        rank = {m.Place.LINE: 0, m.Place.CALLBACK: 1, m.Place.TAKEN: 2}
        entries = sorted(self._machine.entries.values(), key=lambda e: (rank[e.place], *e.order))
        found = (self.open_ticket(entry.ticket) for entry in entries)
        return [item for item in found if item is not None]

    def open_ticket(self, ticket_id: str) -> OpenTicket | None:
        """One of :meth:`open_tickets`."""
        held = self._tickets.held.get(ticket_id)
        if held is None or ticket_id not in self._machine.entries:
            return None
        return OpenTicket(held.ticket, self._machine.position(ticket_id), held.packet)

    # --- keeping ----------------------------------------------------------------------------------------

    async def _settle(self, held: Held, state: TicketState) -> None:
        """The caller's leaving cannot be refused: what the store will not take waits in memory."""
        held.left = None
        if state is TicketState.CALLBACK:
            held.packet = held.packet | {"callback": "asked"}
            held.packet_saved = False
        try:
            await self._tickets.move(held, OPEN, state)
            await self._tickets.write(held)
        except StoreError as error:
            if held.ticket.state is not state:
                self._tickets.move_in_memory(held, state)
            self._tickets.later(error)
        except TicketError:
            await self._reread(held)
        if state is TicketState.CALLBACK and held.ticket.id not in self._machine.entries:
            self._step(m.Join(_entry(held.ticket, m.Place.CALLBACK)))
        self._announce(held)
        self._tickets.forget(held)

    async def _reread(self, held: Held) -> None:
        """Another process moved the ticket: the store is right."""
        ticket = await self._store.ticket(held.ticket.id)
        if ticket is not None:
            held.ticket = ticket
        if ticket is None or ticket.state not in OPEN:
            self._step(m.Leave(held.ticket.id))
            self._tickets.forget(held)

    # --- telling ----------------------------------------------------------------------------------------

    def _step(self, event: m.Input) -> list[m.Output]:
        outputs = self._machine.step(event)
        for output in outputs:
            if isinstance(output, m.Moved):
                held = self._tickets.held.get(output.ticket)
                if held is not None and held.notify is not None and held.left is None:
                    held.notify(Position(output.position))
        return outputs

    def _unclaim(self, held: Held, agent: str) -> None:
        self._step(m.Unclaim(held.ticket.id, agent))
        if held.left is not None:
            self._step(m.Leave(held.ticket.id, callback=held.left is TicketState.CALLBACK))
        self._announce(held)

    def _announce(self, held: Held) -> None:
        """Says on the bus that the queue changed; who needs the whole of it reads :meth:`open_tickets`."""
        ticket = held.ticket
        self._bus.publish(
            TOPIC,
            {
                "ticket": ticket.id,
                "queue": ticket.queue,
                "state": ticket.state.value,
                "agent": ticket.agent,
                "position": self._machine.position(ticket.id),
            },
        )

    async def _gone(self, ticket_id: str) -> TicketError:
        ticket = await self._store.ticket(ticket_id)
        if ticket is None:
            return Refusal("unknown", f"there is no ticket {ticket_id}")
        by = f" by {ticket.agent}" if ticket.agent else ""
        return Refusal(
            ticket.state.value, f"ticket {ticket_id} is already {ticket.state.value}{by}", ticket.agent
        )

    async def _refusal(self, refused: m.Refused) -> TicketError:
        if refused.why == "taken":
            return Refusal("taken", f"{refused.by} was faster: the ticket is with {refused.by}", refused.by)
        if refused.why == "lacks":
            return Refusal("lacks", f"this ticket needs {refused.lacks}, which {refused.agent} does not have")
        return await self._gone(refused.ticket)

    async def _shielded(self, work: Coroutine[Any, Any, T]) -> T:
        task = asyncio.get_running_loop().create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return await asyncio.shield(task)


def _entry(ticket: Ticket, place: m.Place) -> m.Entry:
    return m.Entry(
        ticket.id,
        ticket.queue,
        ticket.priority,
        ticket.created_at,
        ticket.lang,
        frozenset(ticket.skills),
        place,
        ticket.agent if place is m.Place.TAKEN else "",
    )
