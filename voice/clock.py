"""The two clocks: the real one, and one that only moves when a test or a replay says so."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

WORK_OF: ContextVar[object] = ContextVar("work_of", default=None)
"""On whose behalf a task runs; tasks that it starts inherit it. A server's own work has None."""


class Timer(Protocol):
    def cancel(self) -> None: ...


class Clock(Protocol):
    """Time for a process. ``now_ms`` is monotonic; ``wall_ms`` is UTC epoch milliseconds."""

    def now_ms(self) -> int: ...
    def wall_ms(self) -> int: ...
    def call_at(self, when_ms: int, callback: Callable[[], None]) -> Timer: ...
    async def sleep(self, ms: int) -> None: ...


class RealClock:
    """The event loop's clock. ``call_at`` must be used from the loop's thread."""

    def now_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000

    def wall_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def call_at(self, when_ms: int, callback: Callable[[], None]) -> Timer:
        return asyncio.get_running_loop().call_later(max(0.0, (when_ms - self.now_ms()) / 1000), callback)

    async def sleep(self, ms: int) -> None:
        await asyncio.sleep(ms / 1000)


class _Entry:
    __slots__ = ("callback", "cancelled")

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class ManualClock:
    """Stands still until :meth:`advance`; fires what fell due, in order, at its own due time.

    :meth:`sleepers` counts coroutines waiting in :meth:`sleep`, so that a driver can tell work that waits
    for time from work that is still running.
    """

    def __init__(self, start_ms: int = 0, wall_ms: int = 1_767_225_600_000) -> None:
        self._now = start_ms
        self._wall0 = wall_ms - start_ms
        self._heap: list[tuple[int, int, _Entry]] = []
        self._order = itertools.count()
        self._sleepers: Counter[object] = Counter()

    def now_ms(self) -> int:
        return self._now

    def wall_ms(self) -> int:
        return self._wall0 + self._now

    def call_at(self, when_ms: int, callback: Callable[[], None]) -> Timer:
        entry = _Entry(callback)
        heapq.heappush(self._heap, (max(when_ms, self._now), next(self._order), entry))
        return entry

    async def sleep(self, ms: int) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def wake() -> None:
            if not done.done():
                done.set_result(None)

        timer = self.call_at(self._now + ms, wake)
        owner = WORK_OF.get()
        self._sleepers[owner] += 1
        try:
            await done
        finally:
            self._sleepers[owner] -= 1
            timer.cancel()

    def sleepers(self, owner: object) -> int:
        """How many coroutines of ``owner`` (see :data:`WORK_OF`) wait for time."""
        return self._sleepers[owner]

    def next_due(self) -> int | None:
        """When the next timer falls due, or None."""
        while self._heap and self._heap[0][2].cancelled:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def advance(self, ms: int) -> None:
        """Moves on by ``ms``, running each due callback with the clock at its due time."""
        self.advance_to(self._now + ms)

    def advance_to(self, when_ms: int) -> None:
        while (due := self.next_due()) is not None and due <= when_ms:
            entry = heapq.heappop(self._heap)[2]
            self._now = max(self._now, due)
            entry.callback()
        self._now = max(self._now, when_ms)


async def within(clock: Clock, ms: int, work: Coroutine[Any, Any, T]) -> T:
    """The result of ``work``. Raises TimeoutError ``ms`` of ``clock`` later; ``work`` is then cancelled."""
    task, waiting = asyncio.ensure_future(work), asyncio.current_task()
    before = waiting.cancelling() if waiting is not None else 0
    late = False

    def give_up() -> None:
        nonlocal late
        late = True
        task.cancel()

    timer = clock.call_at(clock.now_ms() + ms, give_up)
    try:
        return await task
    except asyncio.CancelledError:
        # who is cancelled as time runs out is cancelled
        if late and (waiting is None or waiting.cancelling() == before):
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()
