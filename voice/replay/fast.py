"""Rings the whole line in process on a manual clock: the same callers, far faster than real time.

Nothing is replaced but the socket and the clock: the wire protocol, recognition, synthesis, the dialogue,
the queue and the store are those that serve live calls. Engines run inline, so that the same scenario
gives the same event log every time.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from voice.app import Runtime, build_runtime
from voice.audio.g711 import ulaw_decode
from voice.audio.wav import write_stereo
from voice.clock import ManualClock
from voice.errors import TicketError, WireError
from voice.events import Event
from voice.model import FRAME_MS, TicketState
from voice.replay import media_streams as ms
from voice.replay.caller import ACCEPTED, Caller
from voice.replay.clips import Script
from voice.replay.report import CallReport
from voice.replay.twilio_client import CallOptions
from voice.settings import Settings
from voice.telephony.twilio import TwilioWire

OFFICE_HOURS = datetime(2026, 1, 14, 10, 0, tzinfo=UTC)
"""When every replayed call begins: a Wednesday, with people at their desks."""


class Session(Protocol):
    """What is used of :class:`voice.call.session.CallSession`."""

    call_id: str
    outcome: str

    @property
    def ended(self) -> bool: ...
    def receive(self, message: str | bytes) -> None: ...
    async def run(self) -> None: ...
    async def settled(self) -> None: ...


@dataclass(slots=True)
class _Outbox:
    """A transport that keeps what is sent."""

    messages: deque[str | bytes] = field(default_factory=deque)
    closed: tuple[int, str] | None = None

    def send(self, message: str | bytes) -> None:
        if self.closed is None:
            self.messages.append(message)

    def close(self, code: int, reason: str) -> None:
        self.closed = self.closed or (code, reason)


def start_clock() -> ManualClock:
    return ManualClock(wall_ms=int(OFFICE_HOURS.timestamp() * 1000))


@asynccontextmanager
async def line(settings: Settings) -> AsyncIterator[FastLine]:
    """A line of its own on a new manual clock. Recording, packets and logs go to ``settings.data``."""
    clock = start_clock()
    async with build_runtime(settings, clock=clock, inline=True) as runtime:
        yield FastLine(runtime, clock)


class FastLine:
    """Makes calls, one after another."""

    def __init__(self, runtime: Runtime, clock: ManualClock) -> None:
        self._runtime = runtime
        self._clock = clock
        self._count = 0

    async def call(
        self,
        script: Script,
        options: CallOptions | None = None,
        on_event: Callable[[Event], None] | None = None,
    ) -> CallReport:
        """One call from ring to the last stored byte. ``on_event`` gets the log as it grows."""
        self._count += 1
        # fixed names, so that two runs of the same calls write the same log
        identity = ms.Identity(*(f"{prefix}{self._count:032x}" for prefix in ("CA", "MZ", "AC")))
        call = _FastCall(self._runtime, self._clock, script, options or CallOptions(), identity, on_event)
        return await call.run()


class _FastCall:
    def __init__(
        self,
        runtime: Runtime,
        clock: ManualClock,
        script: Script,
        options: CallOptions,
        identity: ms.Identity,
        on_event: Callable[[Event], None] | None,
    ) -> None:
        self._runtime = runtime
        self._clock = clock
        self._scenario = script.scenario
        self._options = options
        self._on_event = on_event
        self._stream = ms.ProviderStream(identity)
        self._outbox = _Outbox()
        self._session = runtime.new_session(TwilioWire(), self._outbox)
        self._caller = Caller(
            script, endpoint_ms=options.endpoint_ms, drop_marks_on_clear=options.drop_marks_on_clear
        )
        self._report = CallReport(
            script.scenario.name, script.scenario.lang, identity.call_sid, self._caller.log
        )
        self._began_ms = clock.now_ms()
        self._spoken = bytearray()
        self._heard = bytearray()
        self._seen = 0

    async def run(self) -> CallReport:
        began = time.perf_counter()
        running = asyncio.create_task(self._session.run())
        try:
            await self._converse()
        finally:
            if not self._session.ended:
                self._session.receive(self._stream.stop())
            await running
        self._tell()
        report = self._report
        report.events = tuple(self._session.events)
        report.call_id = self._session.call_id
        report.outcome = self._session.outcome
        ticket = next((e.data for e in reversed(report.events) if e.kind == "ticket.changed"), None)
        if ticket is not None:
            stored = await self._runtime.store.ticket(ticket.to_json()["ticket"])
            report.packet = await self._runtime.store.packet(ticket.to_json()["ticket"])
            report.ticket = (
                None
                if stored is None
                else {
                    "id": stored.id,
                    "queue": stored.queue,
                    "state": stored.state.value,
                    "priority": stored.priority,
                    "summary": stored.summary,
                }
            )
        report.recording = self._save()
        report.took_s = time.perf_counter() - began
        return report

    async def _converse(self) -> None:
        caller, session, stream = self._caller, self._session, self._stream
        given = {ms.CALLER_PARAMETER: self._scenario.caller, ms.CALLED_PARAMETER: self._scenario.called}
        session.receive(stream.connected())
        session.receive(stream.start({**given, **self._scenario.parameters}))
        await self._settle()
        while not caller.over:
            self._clock.advance(FRAME_MS)
            tick = caller.tick(self._now_ms())
            self._spoken += tick.frame
            self._heard += tick.heard
            session.receive(stream.media(tick.frame))
            for message in (*map(stream.dtmf, tick.keys), *map(stream.mark, tick.marks)):
                session.receive(message)
            await self._settle()
            await self._serve_queue()
            if tick.hang_up:
                session.receive(stream.stop())
                await self._settle()

    async def _settle(self) -> None:
        """Until neither side has anything more to do at this moment."""
        while True:
            await self._session.settled()
            self._tell()
            if not self._outbox.messages:
                break
            while self._outbox.messages:
                self._deliver(self._outbox.messages.popleft())
        if self._session.ended:
            self._caller.ended()

    def _deliver(self, raw: str | bytes) -> None:
        caller, at_ms = self._caller, self._now_ms()
        try:
            message = ms.parse(raw, self._stream.identity.stream_sid)
        except WireError as error:
            self._report.wire_faults.append(str(error))
            return
        echoes: tuple[str, ...] = ()
        match message:
            case ms.Media(ulaw=ulaw):
                caller.audio(ulaw, at_ms)
            case ms.Mark(name=name):
                echoes = caller.mark(name, at_ms)
            case ms.Clear():
                echoes = caller.clear(at_ms)
        for name in echoes:
            self._session.receive(self._stream.mark(name))

    async def _serve_queue(self) -> None:
        """The people in the queue, as the scenario has them."""
        agent = self._scenario.agent
        if agent.accepts_after_ms is None:
            return
        for ticket in self._runtime.queue.waiting():
            due = ticket.created_at + agent.accepts_after_ms
            if ticket.call_id != self._session.call_id or self._clock.wall_ms() < due:
                continue
            if ticket.state is TicketState.WAITING:
                try:
                    await self._runtime.queue.accept(ticket.id, agent.name)
                except TicketError:
                    continue  # the caller left in this very moment
                self._caller.notice(ACCEPTED)
                await self._settle()

    def _tell(self) -> None:
        events = self._session.events
        if self._on_event is not None:
            for event in events[self._seen :]:
                self._on_event(event)
        self._seen = len(events)

    def _now_ms(self) -> float:
        return float(self._clock.now_ms() - self._began_ms)

    def _save(self) -> Path | None:
        if self._options.out is None or not self._heard:
            return None
        path = self._options.out / f"{self._options.label or self._scenario.name}.wav"
        write_stereo(path, ulaw_decode(bytes(self._spoken)), ulaw_decode(bytes(self._heard)))
        return path
