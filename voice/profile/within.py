"""Waiting for something no longer than a budget, by the process's clock."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from voice.clock import Clock

T = TypeVar("T")


async def within(clock: Clock, ms: int, work: Coroutine[Any, Any, T]) -> T:
    """The result of ``work``. Raises TimeoutError ``ms`` of ``clock`` later; ``work`` is then cancelled."""
    task = asyncio.ensure_future(work)
    late = False

    def give_up() -> None:
        nonlocal late
        late = True
        task.cancel()

    timer = clock.call_at(clock.now_ms() + ms, give_up)
    try:
        return await task
    except asyncio.CancelledError:
        if late:
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()
