"""Where wrong tries are counted: in the store, and in memory while the store is slow or fails.

What is counted in memory is written to the store as soon as that answers again (:meth:`Tries.keep_stored`);
until then it locks as well, but only on this server and as long as it runs. One per process, whichever
version of a flow its calls are in.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from voice.clock import Clock, within
from voice.errors import StoreError
from voice.model import JsonDict
from voice.profile import lock
from voice.profile.lock import Policy
from voice.store.seam import Store

log = logging.getLogger(__name__)

LOCK: Final = "lock"
STORE_MS: Final = 300
MOST_IN_MEMORY: Final = 10_000  # the oldest is forgotten first
AGAIN_MS: Final = 30_000
KEPT_MS: Final = lock.LONGEST_MS + lock.MEMORY_MS  # past the end of the lock

Change = Callable[[JsonDict | None], JsonDict | None]


class Tries:
    """The records of :mod:`voice.profile.lock`, under the keys of :class:`voice.profile.keys.Keys`."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._memory: OrderedDict[str, JsonDict] = OrderedDict()
        self._told = False  # the log says that the store keeps nothing

    @property
    def unstored(self) -> int:
        """How many records wait in memory for the store."""
        return len(self._memory)

    async def begin(self, key: str, now: int, policy: Policy) -> bool:
        """Counts one more try; true when it is locked."""
        record = await self.amend(key, now, policy, lambda old: lock.begin(old, now, policy))
        return lock.is_locked(record, now)

    async def amend(self, key: str, now: int, policy: Policy, change: Change) -> JsonDict | None:
        """The record as ``change`` leaves it. Never raises for the store, and takes no longer than
        :data:`STORE_MS`."""
        here = self._memory.get(key)

        def both(old: JsonDict | None) -> JsonDict | None:
            return change(lock.merged(old, here))

        try:
            work = self._store.amend(
                key, LOCK, both, now_ms=now, expires_at=now + policy.lock_ms(0) + KEPT_MS
            )
            record = await within(self._clock, STORE_MS, work)
        except TimeoutError:
            pass  # slow is not broken: it is told when half a minute later nothing is written yet
        except StoreError as error:
            self._tell(error)
        else:
            self._stored(key, here)
            return record
        # as it is now: others may have counted while the store was asked
        record = change(self._memory.pop(key, None))
        if record is not None:
            self._memory[key] = record
            while len(self._memory) > MOST_IN_MEMORY:
                self._memory.popitem(last=False)
                log.error("too many wrong tries wait for the store: the oldest are forgotten")
        return record

    def _tell(self, error: Exception) -> None:
        """Once, until everything is written."""
        if not self._told:
            self._told = True
            why = f"no answer within {STORE_MS} ms" if isinstance(error, TimeoutError) else error
            log.warning(
                "the store keeps no tries at proving who is calling (%s: %s): they are counted in "
                "memory only, and lock on this server alone, until it answers again",
                type(error).__name__,
                why,
            )

    def _stored(self, key: str, record: JsonDict | None) -> None:
        if self._memory.get(key) is record:  # else somebody counted meanwhile: it is merged the next time
            self._memory.pop(key, None)

    async def keep_stored(self) -> None:
        """Writes what waits in memory, every half minute. Runs until cancelled."""
        while True:
            await self._clock.sleep(AGAIN_MS)
            await self.settle()

    async def settle(self) -> bool:
        """Writes what waits in memory; true when nothing waits any more."""
        now, waiting = self._clock.wall_ms(), list(self._memory.items())
        for key, record in waiting:

            def add(old: JsonDict | None, record: JsonDict = record) -> JsonDict | None:
                return lock.merged(old, record)

            try:
                work = self._store.amend(
                    key, LOCK, add, now_ms=now, expires_at=now + KEPT_MS + lock.LONGEST_MS
                )
                await within(self._clock, STORE_MS, work)
            except (StoreError, TimeoutError) as error:
                self._tell(error)
                break
            self._stored(key, record)
        if self._told and not self._memory:
            self._told = False
            log.info("the store answers again: the tries counted in memory are kept there now")
        return not self._memory
