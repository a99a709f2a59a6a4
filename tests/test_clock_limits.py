"""A time limit on work: the end of time, and the end of whoever waits."""

from __future__ import annotations

import asyncio

import pytest

from voice.clock import ManualClock, within


async def test_work_that_takes_too_long_is_cancelled() -> None:
    clock = ManualClock()
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await clock.sleep(1000)
        finally:
            ended.set()

    waiting = asyncio.ensure_future(within(clock, 100, work()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    clock.advance(100)
    with pytest.raises(TimeoutError):
        await waiting
    assert ended.is_set()


@pytest.mark.parametrize("steps", range(2))
async def test_who_is_cancelled_as_time_runs_out_is_cancelled(steps: int) -> None:
    """Else what runs until it is cancelled would go on for ever."""
    clock = ManualClock()
    waiting = asyncio.ensure_future(within(clock, 100, clock.sleep(1000)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    clock.advance(100)
    for _ in range(steps):
        await asyncio.sleep(0)
    assert waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
