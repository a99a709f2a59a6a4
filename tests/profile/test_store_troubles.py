"""A full disk, a locked database, another secret: what is counted stays counted, and it is said."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from voice.clock import ManualClock
from voice.dialogue.seam import IdentityCheck, Invoke
from voice.errors import StoreError
from voice.model import CallInfo, JsonDict
from voice.profile.key_change import told_of_another_key
from voice.profile.keys import Keys
from voice.profile.lock import Policy
from voice.profile.tries import AGAIN_MS, STORE_MS, Tries
from voice.profile.verify import Verifier
from voice.store.engines import store_url
from voice.store.sql import SqlStore

KEYS = Keys(b"0123456789abcdef")
CALL = CallInfo("CA1", "MZ1", "twilio", "+34600111222")
POLICY = Policy(3, 30)


class Wrong:
    """A back office to which every secret is wrong."""

    async def run(self, invoke: Invoke, call: CallInfo) -> JsonDict:
        return {"verified": False}


class OnDisk(SqlStore):
    """On a real disk. ``full``: nothing more can be written; the error is SQLite's own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(store_url(folder))
        self.file = folder / "centralita.db"
        self.full = False
        self.written = asyncio.Event()

    async def amend(self, *args: Any, **more: Any) -> JsonDict | None:
        if self.full:
            raise StoreError("the disk is full: free some space")
        kept = await super().amend(*args, **more)
        self.written.set()
        return kept


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[OnDisk]:
    made = OnDisk(tmp_path)
    await made.open()
    yield made
    await made.close()


def wrong_pin(number: int) -> Invoke:
    identity = IdentityCheck("customer", "12345678", "factor", "0000", lock_after=3, lock_minutes=30)
    return Invoke(f"v-{number}", "check_pin", {"customer": "12345678", "pin": "0000"}, 5000, identity)


async def outcomes(verifier: Verifier, calls: int) -> list[str]:
    found = []
    for number in range(calls):
        call = replace(CALL, call_id=f"CA{number}", caller=f"+3460000000{number}")
        found.append(str((await verifier.run(wrong_pin(number), call))["outcome"]))
    return found


async def test_wrong_pins_on_a_full_disk_lock_and_are_written_once_there_is_room(
    store: OnDisk, caplog: pytest.LogCaptureFixture
) -> None:
    clock = ManualClock()
    tries = Tries(store, clock)
    store.full = True
    assert await outcomes(Verifier(Wrong(), tries, clock, KEYS), 4) == [
        "failed",
        "failed",
        "locked",
        "locked",
    ]
    assert "StoreError: the disk is full" in caplog.text
    assert caplog.text.count("in memory only") == 1, "told once, not for each try"
    assert not await tries.settle()
    assert tries.unstored > 0

    store.full = False
    assert await tries.settle()
    assert tries.unstored == 0
    after_a_restart = Verifier(Wrong(), Tries(store, clock), clock, KEYS)
    assert await outcomes(after_a_restart, 1) == ["locked"], "the lock-out outlives this server"


class Slow(OnDisk):
    """Answers too late while it is told to."""

    slow = True

    async def amend(self, *args: Any, **more: Any) -> JsonDict | None:
        if self.slow:
            await asyncio.Event().wait()
        return await super().amend(*args, **more)


async def after(clock: ManualClock, ms: int, work: Any) -> Any:
    doing = asyncio.ensure_future(work)
    await asyncio.sleep(0)
    clock.advance(ms)
    return await doing


async def test_a_store_that_is_only_slow_is_no_news_until_it_stays_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock, store = ManualClock(), Slow(tmp_path)
    await store.open()
    try:
        tries = Tries(store, clock)
        await after(clock, STORE_MS, tries.begin(KEYS.lock("i:x"), clock.wall_ms(), POLICY))
        assert tries.unstored == 1
        store.slow = False
        assert await tries.settle()
        assert caplog.text == "", "it was slow once"
        store.slow = True
        await after(clock, STORE_MS, tries.begin(KEYS.lock("i:x"), clock.wall_ms(), POLICY))
        assert not await after(clock, STORE_MS, tries.settle())
        assert "(TimeoutError: no answer within 300 ms)" in caplog.text
    finally:
        await store.close()


async def test_an_edited_flow_keeps_what_was_counted_in_memory(store: OnDisk) -> None:
    clock = ManualClock()
    tries = Tries(store, clock)
    store.full = True
    assert (await outcomes(Verifier(Wrong(), tries, clock, KEYS), 3))[-1] == "locked"
    assert await outcomes(Verifier(Wrong(), tries, clock, KEYS), 1) == ["locked"]


async def test_a_database_that_another_process_has_locked_keeps_no_caller_waiting(store: OnDisk) -> None:
    clock = ManualClock()
    tries = Tries(store, clock)
    other = sqlite3.connect(store.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        key = KEYS.lock("i:x")
        for _ in range(3):
            counting = asyncio.ensure_future(tries.begin(key, clock.wall_ms(), POLICY))
            await asyncio.sleep(0)
            clock.advance(300)
            assert await counting is False
        again = asyncio.ensure_future(tries.begin(key, clock.wall_ms(), POLICY))
        await asyncio.sleep(0)
        clock.advance(300)
        assert await again is True, "the fourth is locked, with no database at all"
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert await tries.settle()


async def test_it_is_tried_again_by_itself(store: OnDisk) -> None:
    clock = ManualClock()
    tries = Tries(store, clock)
    store.full = True
    await tries.begin(KEYS.lock("i:x"), clock.wall_ms(), POLICY)
    store.full = False
    keeping = asyncio.ensure_future(tries.keep_stored())
    await asyncio.sleep(0)
    clock.advance(AGAIN_MS)
    async with asyncio.timeout(10):
        await store.written.wait()
    await asyncio.sleep(0)
    assert tries.unstored == 0
    keeping.cancel()


async def test_another_secret_is_told_at_start_with_what_it_costs(
    store: OnDisk, caplog: pytest.LogCaptureFixture
) -> None:
    clock = ManualClock()
    assert not await told_of_another_key(store, KEYS, clock.wall_ms())
    await outcomes(Verifier(Wrong(), Tries(store, clock), clock, KEYS), 3)
    assert not await told_of_another_key(store, KEYS, clock.wall_ms()), "the same one says nothing"
    assert not caplog.text
    other = Keys(b"fedcba9876543210")
    assert await told_of_another_key(store, other, clock.wall_ms())
    assert "1 lock-outs" in caplog.text
    assert "do NOT hold" in caplog.text
    assert not await told_of_another_key(store, other, clock.wall_ms()), "once"
