"""What keeps many calls at once from overrunning a server: turns, and an end to repetitions. No I/O."""

from __future__ import annotations

import asyncio
from typing import Final

from voice.clock import Clock, within

MOST_AT_ONCE: Final = 64  # requests to one server
TOKENS: Final = 10.0
RATIO: Final = 0.1  # of a token, for each answer that came


class Repeats:
    """Whether failed attempts may be tried again: not while more than a few of all calls' attempts fail.

    Retry throttling as gRPC's proposal A6 has it: a failure costs a token, a success gives back a tenth, and
    with half of them gone nothing is tried again. So a server that fails for everybody gets one request a
    call, not three.
    """

    def __init__(self) -> None:
        self._tokens = TOKENS

    @property
    def allowed(self) -> bool:
        return self._tokens > TOKENS / 2

    def failed(self) -> None:
        self._tokens = max(0.0, self._tokens - 1)

    def succeeded(self) -> None:
        self._tokens = min(TOKENS, self._tokens + RATIO)


class Turns:
    """At most so many at once; the others wait, first come, first served."""

    def __init__(self, most: int = MOST_AT_ONCE) -> None:
        self._free = asyncio.Semaphore(most)

    async def take(self, clock: Clock, ms: int) -> None:
        """Raises TimeoutError when no turn came within ``ms``; otherwise :meth:`leave` must follow."""
        came = False

        async def wait() -> None:
            nonlocal came
            await self._free.acquire()
            came = True

        if not self._free.locked():
            await self._free.acquire()
            return
        try:
            await within(clock, ms, wait())
        except BaseException:
            if came:  # as the call ended: nobody else would give it back
                self.leave()
            raise

    def leave(self) -> None:
        self._free.release()
