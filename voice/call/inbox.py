"""One thing at a time, and what waits beside it: machines are never re-entered, nothing blocks the call."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from typing import Any

from voice.clock import WORK_OF, Clock, ManualClock


class Inbox:
    """What happens while something is being done waits here; ``idle`` is called when all of it is done."""

    def __init__(self, idle: Callable[[], None]) -> None:
        self._idle = idle
        self._waiting: deque[Callable[[], None]] = deque()
        self._busy = False

    def enter(self, work: Callable[[], None]) -> None:
        """Runs ``work`` now, or after what is being done."""
        self._waiting.append(work)
        if self._busy:
            return
        self._busy = True
        try:
            while self._waiting:
                self._waiting.popleft()()
        finally:
            self._busy = False
        self._idle()


class Effects:
    """What a call waits for (an action, the queue, the store) without waiting itself. ``broke`` is told of
    an effect that ended in an error."""

    def __init__(self, clock: Clock, broke: Callable[[Exception], None]) -> None:
        self._clock = clock
        self._broke = broke
        self._tasks: set[asyncio.Task[None]] = set()
        self._connections: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None], *, connection: bool = False) -> None:
        """``connection``: it goes on for as long as somebody else likes, and nothing settles with it."""
        context = copy_context()
        context.run(WORK_OF.set, self)
        task = asyncio.get_running_loop().create_task(self._guarded(work), context=context)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if connection:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - a bug beside the call must not leave the caller in silence
            self._broke(error)

    async def cancel(self) -> None:
        """Returns when none is running any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def settled(self) -> None:
        """Until none is running, other than those that wait for the (manual) clock."""
        while True:
            await asyncio.sleep(0)  # what became ready runs first
            running = [t for t in self._tasks - self._connections if not t.done()]
            waiting = self._clock.sleepers(self) if isinstance(self._clock, ManualClock) else 0
            if len(running) <= waiting:
                return
            await asyncio.wait(running, timeout=0.02, return_when=asyncio.FIRST_COMPLETED)
