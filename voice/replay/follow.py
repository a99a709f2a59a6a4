"""Follows one call over the desk's live feed, and does what the scenario's agent does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from voice.events import Event, TicketChanged, from_json
from voice.model import JsonDict
from voice.replay.desk_client import DeskClient, DeskError
from voice.replay.judge import facts
from voice.replay.report import CallReport

LOG_PATIENCE_S = 6.0
POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class AgentPlan:
    """Take the call's ticket this long after it was made (None: never); ``on_accepted`` is told then.
    ``study`` runs in between, with the ticket's id: an agent reads before taking a call."""

    accepts_after_ms: int | None
    on_accepted: Callable[[], None]
    study: Callable[[str], Awaitable[None]] | None = None


class Follower:
    """A context manager: on entering, the feed is subscribed to, so that no event of a call that begins
    then is missed."""

    def __init__(
        self, desk: DeskClient, call_id: str, plan: AgentPlan, on_event: Callable[[Event], None] | None = None
    ) -> None:
        self._desk = desk
        self._call_id = call_id
        self._plan = plan
        self._on_event = on_event
        self._subscribed = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None
        self._accepting: asyncio.Task[None] | None = None
        self.ended = asyncio.Event()
        self.problem = ""

    async def __aenter__(self) -> Follower:
        self._reading = asyncio.create_task(self._read())
        waiting = asyncio.create_task(self._subscribed.wait())
        await asyncio.wait((self._reading, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = [t for t in (self._reading, self._accepting) if t is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self) -> None:
        try:
            async for message in self._desk.live():
                self._subscribed.set()
                event = _event_of(message)
                if event is not None and event.call_id == self._call_id:
                    self._take(event)
        except DeskError as error:
            self.problem = str(error)

    def _take(self, event: Event) -> None:
        if self._on_event is not None:
            self._on_event(event)
        data = event.data
        if isinstance(data, TicketChanged) and data.state == "waiting" and self._accepting is None:
            if self._plan.accepts_after_ms is not None:
                self._accepting = asyncio.create_task(self._accept(data.ticket, self._plan.accepts_after_ms))
        elif event.kind == "call.ended":
            self.ended.set()

    async def _accept(self, ticket_id: str, after_ms: int) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + after_ms / 1000
        try:
            if self._plan.study is not None:
                await self._plan.study(ticket_id)
            await asyncio.sleep(due - loop.time())
            await self._desk.accept(ticket_id)
        except DeskError as error:
            self.problem = str(error)
            return
        self._plan.on_accepted()


def _event_of(message: JsonDict) -> Event | None:
    """The event in a message of the feed; None for other messages and unknown kinds."""
    if message.get("type") != "event":
        return None
    try:
        return from_json(message["event"])
    except (KeyError, TypeError):  # a newer server
        return None


async def ask_desk(desk: DeskClient, report: CallReport) -> None:
    """Adds the call's log, ticket and packet to the report, once the server has stored its end."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + LOG_PATIENCE_S
    while True:
        try:
            events = await desk.events(report.call_id)
        except DeskError as error:
            events = []
            problem = str(error)
        else:
            problem = "" if any(e.kind == "recording.saved" for e in events) else "the log has no end"
        if not problem or loop.time() > deadline:
            break
        await asyncio.sleep(POLL_S)
    if not any(e.kind == "call.ended" for e in events):
        report.error = report.error or f"the server's log of the call cannot be read: {problem}"
        return
    report.events = events
    found = facts(events)
    report.outcome = found.outcome or report.outcome
    if found.ticket:
        try:
            answer = await desk.ticket(found.ticket)
        except DeskError as error:
            report.error = report.error or str(error)
            return
        report.ticket, report.packet = answer.get("ticket"), answer.get("packet")
