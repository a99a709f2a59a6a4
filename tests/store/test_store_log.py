from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence

import pytest

from voice import events as ev
from voice.clock import ManualClock
from voice.errors import StoreError
from voice.events import Event, from_json
from voice.model import JsonDict
from voice.store.bus import LocalBus
from voice.store.log import FIRST_RETRY_MS, CallLog, LogWriter
from voice.store.sql import SqlStore


class Flaky(SqlStore):
    """Fails while ``broken``; counts the appends it did."""

    def __init__(self) -> None:
        super().__init__("sqlite://")
        self.broken = False
        self.sizes: list[int] = []

    async def append(self, events: Sequence[Event]) -> None:
        if self.broken:
            raise StoreError("the disk is full")
        await super().append(events)
        self.sizes.append(len(events))


@pytest.fixture
async def store() -> AsyncIterator[Flaky]:
    made = Flaky()
    await made.open()
    yield made
    await made.close()


async def _idle(turns: int = 200) -> None:
    """Lets tasks and the store's thread go on for so many turns of the loop."""
    for _ in range(turns):
        await asyncio.sleep(0)


async def _until(store: Flaky, appends: int) -> None:
    for _ in range(100_000):
        if len(store.sizes) >= appends:
            return
        await asyncio.sleep(0)  # the writer's turn, and the store's thread's
    raise AssertionError(f"{len(store.sizes)} appends, {appends} expected")


async def test_an_event_is_numbered_published_and_durable_after_flush(store: Flaky) -> None:
    bus = LocalBus()
    notices: list[JsonDict] = []
    bus.subscribe("call.CA1", notices.append)
    writer = LogWriter(store, clock=ManualClock())
    log = CallLog("CA1", writer, bus)
    first = log.add(0, ev.SpeechStarted(0))
    second = log.add(20, ev.SpeechEnded(0, 20))
    assert (first.seq, second.seq) == (0, 1)
    assert [from_json(n) for n in notices] == [first, second] == list(log.events)
    await log.flush()
    assert await store.events("CA1") == [first, second]
    await writer.close()


async def test_batches_by_time_and_by_size(store: Flaky) -> None:
    clock = ManualClock()
    writer = LogWriter(store, interval_ms=250, batch=3, clock=clock)
    one, two = CallLog("CA1", writer, LocalBus()), CallLog("CA2", writer, LocalBus())
    one.add(0, ev.SpeechStarted(0))
    two.add(0, ev.SpeechStarted(0))
    await _idle()
    assert store.sizes == []
    clock.advance(249)
    await _idle()
    assert store.sizes == []
    clock.advance(1)
    await _until(store, 1)
    assert store.sizes == [2]
    for n in range(3):
        one.add(n, ev.SpeechStarted(n))
    await _until(store, 2)
    assert store.sizes == [2, 3]
    await writer.close()


async def test_an_outage_is_survived_with_one_line_in_the_log(
    store: Flaky, caplog: pytest.LogCaptureFixture
) -> None:
    clock = ManualClock()
    writer = LogWriter(store, batch=2, keep=5, clock=clock)
    log = CallLog("CA1", writer, LocalBus())
    store.broken = True
    with caplog.at_level(logging.ERROR, "voice.store.log"):
        for n in range(8):
            log.add(n, ev.SpeechStarted(n))
            await _idle(20)
        clock.advance(FIRST_RETRY_MS)
        await _idle(50)
        with pytest.raises(StoreError, match="disk is full"):
            await log.flush()
    assert len(caplog.records) == 1
    assert [writer.healthy] == [False]
    assert writer.dropped == 3
    assert len(log.events) == 8  # the call itself still knows all of it
    store.broken = False
    await log.flush()
    assert [writer.healthy] == [True]
    assert [e.seq for e in await store.events("CA1")] == [0, 1, 2, 3, 4]
    log.add(99, ev.SpeechStarted(99))
    await writer.close()
    assert [e.seq for e in await store.events("CA1")] == [0, 1, 2, 3, 4, 8]


async def test_it_recovers_by_itself(store: Flaky) -> None:
    clock = ManualClock()
    writer = LogWriter(store, clock=clock)
    log = CallLog("CA1", writer, LocalBus())
    store.broken = True
    log.add(0, ev.SpeechStarted(0))
    clock.advance(250)
    await _idle()
    assert [writer.healthy] == [False]
    store.broken = False
    clock.advance(FIRST_RETRY_MS)
    await _until(store, 1)
    assert store.sizes == [1]
    await writer.close()
    assert writer.healthy


async def test_close_writes_the_rest_or_says_that_it_could_not(store: Flaky) -> None:
    writer = LogWriter(store, batch=2, clock=ManualClock())
    log = CallLog("CA1", writer, LocalBus())
    for n in range(5):
        log.add(n, ev.SpeechStarted(n))
    await writer.close()
    assert len(await store.events("CA1")) == 5
    broken = LogWriter(store, clock=ManualClock())
    CallLog("CA2", broken, LocalBus()).add(0, ev.SpeechStarted(0))
    store.broken = True
    with pytest.raises(StoreError):
        await broken.close()
