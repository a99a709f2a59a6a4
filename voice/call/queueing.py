"""A call on its way to a person: packet, ticket, holding, and what becomes of the ticket at the end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

from voice import events as ev
from voice.call import hold
from voice.call.consulting import Model
from voice.call.files import CallFiles
from voice.call.services import Services
from voice.call.summarising import written
from voice.dialogue.seam import Transfer
from voice.errors import CentralitaError, StoreError, TicketError
from voice.events import Event
from voice.model import BargeIn, CallInfo, JsonDict, Prompt, TicketState
from voice.queue.packet import build, facts_of
from voice.queue.seam import Accepted, Position, QueueNotice
from voice.queue.summary import Summariser

log = logging.getLogger(__name__)


class QueueingCall(Protocol):
    """What it needs of its call."""

    def note(self, data: ev.EventData) -> None: ...
    def say_text(self, key: str, barge_in: BargeIn, **values: str) -> None: ...
    def play_music(self, ms: int) -> None: ...
    def hush(self) -> None: ...
    def effect(self, work: Coroutine[Any, Any, None]) -> None: ...
    def connection(self, work: Coroutine[Any, Any, None]) -> None: ...
    def on_queued(self, announce: Sequence[Prompt]) -> None: ...
    def on_notice(self, work: Callable[[int], None]) -> None: ...
    def on_returned(self, reason: str) -> None: ...
    def on_hold_over(self, outcome: str, reason: str) -> None: ...


class Queueing:
    """One transfer of one call. The packet is stored before the caller is told anything."""

    def __init__(
        self, call: QueueingCall, services: Services, files: CallFiles, info: CallInfo, transfer: Transfer
    ) -> None:
        self._call = call
        self._services = services
        self._files = files
        self._info = info
        self._transfer = transfer
        self._created_at = services.clock.wall_ms()
        self._left: str | None = None
        self._accepted_by = ""
        self._queued = False
        self._early: list[QueueNotice] = []
        self._holding: hold.Holding | None = None
        self._summariser: Summariser | None = None
        self.ticket_id = ""
        # outcome and reason, once the caller's wait is decided
        self.decided: tuple[str, str] | None = None

    # --- into the queue -----------------------------------------------------------------------------

    async def enqueue(self, events: Sequence[Event], now: int) -> None:
        """Builds and stores the packet, gets in line, then has the caller told."""
        earlier = sum(1 for e in events if isinstance(e.data, ev.TicketChanged) and e.data.state == "waiting")
        self.ticket_id = f"t-{self._info.call_id}" + (f"-{earlier + 1}" if earlier else "")
        self._holding = hold.Holding(now, can_call_back=bool(self._info.caller))
        durable = True
        try:
            try:
                packet = await self._get_in_line(events, now)
            except TicketError:
                # a call of this name from before its folder was removed: its ticket stays its own
                self.ticket_id += f"-{self._created_at}"
                packet = await self._get_in_line(events, now)
        except StoreError as error:
            durable = False
            packet = self._packet(events, recording=None, call_ms=now)
            log.error("ticket %s waits in memory only: %s", self.ticket_id, error)
        self._queued = True
        self._call.note(ev.TicketChanged(self.ticket_id, TicketState.WAITING.value, durable=durable))
        self._services.metrics.tickets_total.labels(TicketState.WAITING.value).inc()
        for notice in self._early:
            self._notified(notice)
        await asyncio.to_thread(self._files.write_packet, packet)
        self._call.on_queued(self._transfer.announce)
        if self._services.model is not None and self._services.settings.model.summary:
            self._call.connection(self._word(self._services.model, events, now))

    async def _word(self, model: Model, events: Sequence[Event], now: int) -> None:
        """The same packet with a summary of the language model's, when there is one in time."""
        facts = facts_of(self._transfer.handoff, events)
        limit = self._services.settings.model.summary_ms
        self._summariser = await written(model, self._services.clock, facts, limit, self._info.call_id)
        if self._summariser is None:
            return
        packet = self._packet(events, recording=None, call_ms=now)
        try:
            await self._services.queue.update_packet(self.ticket_id, packet)
        except CentralitaError as error:
            log.error("ticket %s: its summary waits for the store: %s", self.ticket_id, error)
        else:
            await asyncio.to_thread(self._files.write_packet, packet)

    async def _get_in_line(self, events: Sequence[Event], now: int) -> JsonDict:
        packet = self._packet(events, recording=None, call_ms=now)
        await self._services.queue.enqueue(
            self.ticket_id,
            self._transfer.handoff,
            packet,
            call_id=self._info.call_id,
            caller=self._info.caller,
            notify=self._notified,
        )
        return packet

    def _packet(self, events: Sequence[Event], *, recording: str | None, call_ms: int) -> JsonDict:
        return build(
            self._transfer.handoff,
            events,
            self._info,
            ticket_id=self.ticket_id,
            created_at_ms=self._created_at,
            recording=recording,
            call_ms=call_ms,
            summariser=self._summariser,
        ).model_dump(mode="json")

    # --- in the queue -------------------------------------------------------------------------------

    def _notified(self, notice: QueueNotice) -> None:
        if not self._queued:
            self._early.append(notice)  # the log tells of the ticket first
            return
        self._call.on_notice(lambda now: self._moved(notice, now))

    def _moved(self, notice: QueueNotice, now: int) -> None:
        assert self._holding is not None
        if isinstance(notice, Position):
            self._call.note(ev.QueuePosition(self.ticket_id, notice.position))
            self._do(self._holding.position(notice.position, now))
        elif isinstance(notice, Accepted):
            self._accepted_by = notice.agent
            self.decided = ("transferred", "accepted")
            self._changed(TicketState.ACCEPTED, now)
            self._do(self._holding.accepted(notice.agent, now))

    def key(self, key: str, now: int) -> None:
        if self._holding is not None:
            self._do(self._holding.key(key, now))

    def played(self, now: int) -> None:
        """All that was queued for the caller's ear has been heard."""
        if self._holding is not None:
            self._do(self._holding.played(now))

    def drain(self, now: int) -> None:
        """The server stops: the caller will be called back."""
        if self._holding is not None:
            self._do(self._holding.drain(now))

    def call_back(self) -> None:
        """The server stops at once: the caller will be called back."""
        self._leave(TicketState.CALLBACK.value)

    def _do(self, actions: list[hold.HoldAction]) -> None:
        for action in actions:
            if isinstance(action, hold.SayText):
                self._call.say_text(action.key, BargeIn.NONE, **dict(action.values))
            elif isinstance(action, hold.PlayMusic):
                self._call.play_music(action.ms)
            elif isinstance(action, hold.StopPlaying):
                self._call.hush()
            elif isinstance(action, hold.Leave):
                self._leave(action.why)
            else:
                self._call.on_hold_over(action.outcome, action.reason)

    def _leave(self, why: str) -> None:
        self._left = why
        state = TicketState(why)
        self._changed(state, None)
        self._call.effect(self._services.queue.leave(self.ticket_id, why))
        if state is TicketState.RETURNED:
            self._call.on_returned("caller_asked")
        else:
            self.decided = (why, "caller_asked" if why == "callback" else why)

    def _changed(self, state: TicketState, now: int | None) -> None:
        waited = max(0, self._services.clock.wall_ms() - self._created_at)
        self._call.note(ev.TicketChanged(self.ticket_id, state.value, self._accepted_by, waited))
        self._services.metrics.tickets_total.labels(state.value).inc()

    # --- out of it ----------------------------------------------------------------------------------

    def conclude(self) -> None:
        """The call ends now: a caller who was still waiting has given up."""
        if self._queued and self._left is None and not self._accepted_by:
            self._left = TicketState.ABANDONED.value
            self._changed(TicketState.ABANDONED, None)

    async def finish(self, events: Sequence[Event], recording: str, call_ms: int) -> None:
        """The call is over: the ticket's last state, and the packet with the whole story."""
        try:
            if not self._queued:
                # the caller hung up while the ticket was being stored; it may have made it
                await self._services.queue.leave(self.ticket_id, TicketState.ABANDONED.value)
                return
            if self._left is not None:
                await self._services.queue.leave(self.ticket_id, self._left)
            packet = self._packet(events, recording=recording or None, call_ms=call_ms)
            await self._services.queue.update_packet(self.ticket_id, packet)
        except CentralitaError as error:
            log.error("ticket %s: its last state waits for the store: %s", self.ticket_id, error)
        else:
            await asyncio.to_thread(self._files.write_packet, packet)
