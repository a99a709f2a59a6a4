"""The chat's connections to external applications. They answer in their own time, so that the chat waits for
them by the real clock."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any

from voice.call.relaying import Connect, Relaying
from voice.clock import Clock, RealClock
from voice.dialogue.seam import Input, RelayAction
from voice.relay.client import connect as to_application

PAUSE_MS = 2_000  # within an answer: whoever says no more for so long has said all
SETTLE_MS = 20  # for what came while nobody looked


class ChatRelay:
    """See :class:`voice.call.relaying.RelayingCall`."""

    call_id = "chat"

    def __init__(self, connect: Connect = to_application, clock: Clock | None = None) -> None:
        self.clock = clock or RealClock()
        self._relaying = Relaying(self, connect, self.clock)
        self._inbox: asyncio.Queue[Input] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()

    def connection(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def tell(self, item: Input) -> None:
        self._inbox.put_nowait(item)

    def do(self, action: RelayAction) -> None:
        self._relaying.do(action)

    @property
    def open(self) -> bool:
        return bool(self._tasks)

    async def next(self, ms: int) -> Input | None:
        """What an application says next; None after ``ms`` without a word."""
        try:
            async with asyncio.timeout(max(0, ms) / 1000):
                return await self._inbox.get()
        except TimeoutError:
            return None

    async def next_or_line(self) -> Input | None:
        """What an application says next; None when a line can be read from the terminal before that."""
        loop, readable = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(sys.stdin, readable.set)
        line, item = asyncio.ensure_future(readable.wait()), asyncio.ensure_future(self._inbox.get())
        try:
            await asyncio.wait((line, item), return_when=asyncio.FIRST_COMPLETED)
            return item.result() if item.done() else None
        finally:
            loop.remove_reader(sys.stdin)
            line.cancel()
            item.cancel()

    async def close(self) -> None:
        """Every application is left."""
        self._relaying.leave()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
