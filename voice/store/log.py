"""Writing call logs: cheap on the media path, in batches on disk.

A :class:`CallLog` is one call's log; a :class:`LogWriter` is the process's one writer, which puts the
events of all calls into the store every ``interval_ms`` or ``batch`` events, whichever is first.

While the store fails, events wait in memory and are tried again with growing pauses. The drop rule: with
``keep`` events waiting, new ones are not stored (they are counted in ``dropped``), so that what is kept of
each call is its beginning, without holes before the point of failure.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from typing import Final

from voice.clock import Clock, RealClock, Timer
from voice.errors import StoreError
from voice.events import Event, EventData
from voice.store.seam import Bus, Store

log = logging.getLogger(__name__)

FIRST_RETRY_MS: Final = 500
LAST_RETRY_MS: Final = 15_000
MEMORY_EVENTS: Final = 20_000  # per call; a turn makes about 12 events, so this is hours of talk


class LogWriter:
    """One per process. Used from the event loop's thread only; starts its task on the first event."""

    def __init__(
        self,
        store: Store,
        *,
        interval_ms: int = 250,
        batch: int = 500,
        keep: int = 50_000,
        clock: Clock | None = None,
    ) -> None:
        self._store = store
        self._clock: Clock = clock or RealClock()
        self._interval_ms = interval_ms
        self._batch = batch
        self._keep = keep
        self._waiting: deque[Event] = deque()
        self._added = 0  # ever taken in; _added - _written == len(_waiting)
        self._written = 0
        self._wake = asyncio.Event()
        self._timer: Timer | None = None
        self._lock = asyncio.Lock()  # one append at a time, so that order is kept
        self._task: asyncio.Task[None] | None = None
        self._retry_ms = 0  # 0: the store works
        self._closed = False
        self.dropped = 0

    @property
    def healthy(self) -> bool:
        """False from a failed write until the next one that works."""
        return self._retry_ms == 0

    def put(self, event: Event) -> None:
        if len(self._waiting) >= self._keep:
            self.dropped += 1
            return
        self._waiting.append(event)
        self._added += 1
        if self._task is None and not self._closed:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="log-writer")
        if self._retry_ms:
            return
        if len(self._waiting) >= self._batch:
            self._wake.set()
        elif self._timer is None:
            self._wake_in(self._interval_ms)

    async def flush(self) -> None:
        """On return, everything put before is on disk. Raises :class:`StoreError`."""
        target = self._added
        while self._written < target:
            async with self._lock:
                if self._written < target:
                    await self._write_some()

    async def close(self) -> None:
        """Writes what is left and stops. Raises :class:`StoreError` when that fails."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            # under the lock no append is under way, so that cancelling cannot tear one
            async with self._lock:
                self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        try:
            await self.flush()
        except StoreError:
            log.error("%d events of calls could not be stored before the end", len(self._waiting))
            raise

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self.flush()
            except StoreError:
                self._wake_in(self._retry_ms)

    async def _write_some(self) -> None:
        some = [self._waiting[i] for i in range(min(self._batch, len(self._waiting)))]
        try:
            await self._store.append(some)
        except StoreError as error:
            if not self._retry_ms:
                log.error("call logs wait in memory: %s", error)
            self._retry_ms = min(max(self._retry_ms * 2, FIRST_RETRY_MS), LAST_RETRY_MS)
            raise
        for _ in some:
            self._waiting.popleft()
        self._written += len(some)
        if self._retry_ms:
            log.info("call logs are stored again (%d events lost)", self.dropped)
            self._retry_ms = 0
            self._wake.set()

    def _wake_in(self, ms: int) -> None:
        def wake() -> None:
            self._timer = None
            self._wake.set()

        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._clock.call_at(self._clock.now_ms() + ms, wake)


class CallLog:
    """One call's log. ``add`` is synchronous, about 20 us, and safe on the media path."""

    __slots__ = ("_bus", "_events", "_seq", "_topic", "_writer", "call_id")

    def __init__(self, call_id: str, writer: LogWriter, bus: Bus) -> None:
        self.call_id = call_id
        self._writer = writer
        self._bus = bus
        self._topic = f"call.{call_id}"
        self._events: list[Event] = []
        self._seq = 0

    def add(self, at_ms: int, data: EventData) -> Event:
        """Appends, tells the bus (topic ``call.<id>``, :meth:`Event.to_json`) and leaves the disk to the
        writer."""
        event = Event(self.call_id, self._seq, at_ms, data)
        self._seq += 1
        if len(self._events) < MEMORY_EVENTS:
            self._events.append(event)
        self._writer.put(event)
        self._bus.publish(self._topic, event.to_json())
        return event

    @property
    def events(self) -> Sequence[Event]:
        """The call's events so far (the first :data:`MEMORY_EVENTS`); do not change it."""
        return self._events

    async def flush(self) -> None:
        """On return, all of this call's events are on disk. Raises :class:`StoreError`."""
        await self._writer.flush()
