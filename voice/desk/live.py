"""The desk's live socket: the queue whenever it changes, and calls' events for who asks for them.

Drop rule: of the queue only the newest snapshot waits for a slow reader; of events up to
:data:`EVENTS_WAITING`, and then the socket is closed with :data:`TOO_SLOW`, upon which a page loads
everything again. Nobody else is held up either way.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable
from typing import Final

from aiohttp import WSCloseCode, web

from voice.model import JsonDict
from voice.queue.service import TOPIC
from voice.store.seam import Bus

EVENTS_WAITING: Final = 500
MAX_SOCKETS: Final = 200
TOO_SLOW: Final = 4008
SIGNED_OUT: Final = 4001
HEARTBEAT_S: Final = 20.0


class _Client:
    """What waits for one socket."""

    def __init__(self) -> None:
        self.wake = asyncio.Event()
        self.queue_changed = True  # so that the first message is the queue as it is
        self.events: deque[JsonDict] = deque()
        self.too_slow = False

    def on_queue(self, _notice: JsonDict) -> None:
        self.queue_changed = True
        self.wake.set()

    def on_event(self, event: JsonDict) -> None:
        if len(self.events) >= EVENTS_WAITING:
            self.too_slow = True
        else:
            self.events.append(event)
        self.wake.set()


class LiveDesk:
    """All live sockets of a process."""

    def __init__(self, bus: Bus, snapshot: Callable[[], JsonDict]) -> None:
        self._bus = bus
        self._snapshot = snapshot
        self._sockets: set[web.WebSocketResponse] = set()

    async def serve(
        self, request: web.Request, *, calls: bool, signed_in: Callable[[], bool]
    ) -> web.StreamResponse:
        """Runs until either side closes."""
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=4096, compress=False)
        if len(self._sockets) >= MAX_SOCKETS:
            return web.Response(status=503, text="too many desks are open; close one\n")
        await socket.prepare(request)
        client = _Client()
        subscriptions = [self._bus.subscribe(TOPIC, client.on_queue)]
        if calls:
            subscriptions.append(self._bus.subscribe("call.*", client.on_event))
        self._sockets.add(socket)
        client.wake.set()
        sender = asyncio.get_running_loop().create_task(self._send(socket, client, signed_in))
        try:
            # nothing is expected from the page; reading notices its close and answers its pings
            async for _ in socket:
                pass
        finally:
            for unsubscribe in subscriptions:
                unsubscribe()
            self._sockets.discard(socket)
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
        return socket

    async def _send(
        self, socket: web.WebSocketResponse, client: _Client, signed_in: Callable[[], bool]
    ) -> None:
        while True:
            await client.wake.wait()
            client.wake.clear()
            if not signed_in():
                await socket.close(code=SIGNED_OUT, message=b"signed out")
                return
            if client.queue_changed:
                client.queue_changed = False
                await socket.send_str(json.dumps({"type": "queue", **self._snapshot()}))
            while client.events and not client.too_slow:
                await socket.send_str(json.dumps({"type": "event", "event": client.events.popleft()}))
            if client.too_slow:
                await socket.close(code=TOO_SLOW, message=b"too slow: load the page again")
                return

    async def close(self) -> None:
        """Tells every page that the server goes away; they come back by themselves."""
        await asyncio.gather(
            *(s.close(code=WSCloseCode.GOING_AWAY, message=b"the server stops") for s in set(self._sockets)),
            return_exceptions=True,
        )
