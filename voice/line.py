"""Where sockets become calls: admission, one reader and one writer a call, and draining."""

from __future__ import annotations

import asyncio
import logging
from collections import deque

from aiohttp import WSMsgType, web

from voice.call.services import Services
from voice.call.session import CallSession
from voice.telephony.seam import TextWire, Wire

log = logging.getLogger(__name__)

OUTBOX = 512  # messages a peer may leave unread: 50 s of audio, far past any live call
CLOSE_SECONDS = 3
WRITE_SECONDS = 5  # a socket that takes nothing for so long is dead


class SocketTransport:
    """A call's way out. ``send`` only queues; :meth:`write` does the waiting. A peer that does not read
    is closed, never waited for."""

    def __init__(self, ws: web.WebSocketResponse) -> None:
        self._ws = ws
        self._outbox: deque[str | bytes] = deque()
        self._wake = asyncio.Event()
        self._closing: tuple[int, str] | None = None

    def send(self, message: str | bytes) -> None:
        if self._closing is not None:
            return
        self._outbox.append(message)
        if len(self._outbox) > OUTBOX:
            self._outbox.clear()
            log.warning("a peer reads too slowly and is closed")
            self.close(1008, "too slow")
        self._wake.set()

    def close(self, code: int, reason: str) -> None:
        if self._closing is None:
            self._closing = (code, reason)
            self._wake.set()

    async def write(self) -> None:
        """Sends until closed; what was queued before the close still goes out."""
        try:
            while True:
                async with asyncio.timeout(WRITE_SECONDS):
                    while self._outbox:
                        message = self._outbox.popleft()
                        if isinstance(message, str):
                            await self._ws.send_str(message)
                        else:
                            await self._ws.send_bytes(message)
                if self._closing is not None:
                    break
                self._wake.clear()
                await self._wake.wait()
        except (ConnectionError, TimeoutError, RuntimeError):
            # RuntimeError: aiohttp's word for a socket that is closing
            self._closing = self._closing or (1011, "gone")
        code, reason = self._closing
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._ws.close(code=code, message=reason.encode()[:120])
        except (ConnectionError, TimeoutError, RuntimeError):
            pass


class Line:
    """The host of all calls of a process (see :class:`voice.telephony.host.Host`)."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._sessions: set[CallSession] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self.draining = False

    def use(self, services: Services) -> None:
        """New calls begin with these; the calls in progress keep theirs."""
        self._services = services

    # --- voice.telephony.host.Host ------------------------------------------------------------------

    @property
    def default_lang(self) -> str:
        return self._services.settings.call.lang

    def accepts(self) -> str | None:
        if self.draining:
            return "draining"
        return "busy" if len(self._sessions) >= self._services.settings.server.max_calls else None

    def busy_text(self, lang: str) -> str:
        return self._services.texts.get("busy", lang)

    def fault_text(self, lang: str) -> str:
        return self._services.texts.get("failure", lang)

    async def answer(self, ws: web.WebSocketResponse, wire: Wire | TextWire) -> None:
        """Runs a whole call; returns when it is over and stored."""
        transport = SocketTransport(ws)
        session = CallSession(self._services, wire, transport)
        self._sessions.add(session)
        self._idle.clear()
        self._services.metrics.calls_active.inc()
        try:
            async with asyncio.TaskGroup() as group:
                call = group.create_task(session.run())
                writer = group.create_task(transport.write())
                reader = group.create_task(self._read(ws, session))
                await asyncio.wait({writer, reader}, return_when=asyncio.FIRST_COMPLETED)
                # the writer ends when we have closed: a peer that goes on all the same is not listened to
                reader.cancel()
                session.disconnected()
                transport.close(1000, "over")
                await call
        finally:
            self._sessions.discard(session)
            self._services.metrics.calls_active.dec()
            if not self._sessions:
                self._idle.set()

    async def _read(self, ws: web.WebSocketResponse, session: CallSession) -> None:
        receive = session.receive
        async for message in ws:
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                receive(message.data)
            elif message.type is WSMsgType.ERROR:
                break

    # --- the process --------------------------------------------------------------------------------

    @property
    def active(self) -> int:
        return len(self._sessions)

    async def drain(self, seconds: float, last_words_seconds: float = 20) -> None:
        """No new calls; lets the live ones finish for ``seconds``, then ends them politely."""
        self.draining = True
        if await self._idle_within(seconds):
            return
        log.info("draining: %s calls are told goodbye", len(self._sessions))
        for session in tuple(self._sessions):
            session.drain()
        if not await self._idle_within(last_words_seconds):
            log.warning("draining: %s calls are cut", len(self._sessions))

    def cut(self) -> None:
        """Ends every call now. Each is stored; :meth:`drain` returns when all are."""
        for session in tuple(self._sessions):
            session.stop()

    async def _idle_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True
