"""A call's connections to external applications: opens, sends and closes what the dialogue decides, and tells
it what comes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from voice.call.allowance import Allowance
from voice.clock import Clock
from voice.dialogue.seam import Input, RelayClose, RelayClosed, RelayHeard, RelayOpen, RelaySend
from voice.relay.client import Link, RelayError

log = logging.getLogger(__name__)

MOST_UNSENT = 256

Connect = Callable[[RelayOpen], AbstractAsyncContextManager[Link]]
"""Opens the connection; see :func:`voice.relay.client.connect`."""


class RelayingCall(Protocol):
    call_id: str

    def connection(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs ``work`` beside the call until it ends, or the call does."""

    def tell(self, item: Input) -> None:
        """To the dialogue, in order with everything else."""


class _Open:
    """One application from being asked for to being left."""

    def __init__(self, request: RelayOpen) -> None:
        self.request = request
        self.unsent: asyncio.Queue[dict[str, Any]] = asyncio.Queue(MOST_UNSENT)
        self.task: asyncio.Task[None] | None = None
        self.left = False


class Relaying:
    """One call's."""

    def __init__(self, call: RelayingCall, connect: Connect, clock: Clock) -> None:
        self._call = call
        self._connect, self._clock = connect, clock
        self._open: dict[str, _Open] = {}

    def do(self, action: RelayOpen | RelaySend | RelayClose) -> None:
        if isinstance(action, RelayOpen):
            opened = self._open[action.id] = _Open(action)
            opened.unsent.put_nowait(action.setup)
            self._call.connection(self._run(opened))
            return
        found = self._open.get(action.id)
        if found is None:
            return
        if isinstance(action, RelayClose):
            self._leave(found)
        elif found.unsent.full():
            self._over(found, "flood")
        else:
            found.unsent.put_nowait(action.message)

    def leave(self) -> None:
        """The caller is no longer the dialogue's to lend."""
        for opened in tuple(self._open.values()):
            self._leave(opened)

    def _leave(self, opened: _Open) -> None:
        opened.left = True
        self._open.pop(opened.request.id, None)
        if opened.task is not None:
            opened.task.cancel()

    def _over(self, opened: _Open, why: str) -> None:
        if not opened.left:
            self._leave(opened)
            self._call.tell(RelayClosed(opened.request.id, why))

    async def _run(self, opened: _Open) -> None:
        if opened.left:
            return
        opened.task = asyncio.current_task()
        why = "closed"
        try:
            async with self._connect(opened.request) as link:
                await self._talk(opened, link)
        except RelayError as error:
            why = error.why
            log.warning("call %s: relay %s: %s", self._call.call_id, opened.request.id, error)
        except asyncio.CancelledError:
            if self._open.get(opened.request.id) is opened:
                raise  # not we who left: the call ends
            return
        opened.task = None
        self._over(opened, why)

    async def _talk(self, opened: _Open, link: Link) -> None:
        sender = asyncio.ensure_future(self._send(opened, link))
        try:
            allowance = Allowance()
            while (message := await link.receive()) is not None:
                if not allowance.take(self._clock.now_ms()):
                    raise RelayError("flood", "the application sends far too many messages")
                self._call.tell(RelayHeard(opened.request.id, message))
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)

    async def _send(self, opened: _Open, link: Link) -> None:
        while True:
            await link.send(await opened.unsent.get())
