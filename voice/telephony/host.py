"""What a provider's HTTP and WebSocket endpoints need of the server that they are part of."""

from __future__ import annotations

from typing import Protocol

from aiohttp import web

from voice.telephony.seam import TextWire, Wire


class Lobby(Protocol):
    """Who may come in, and what those hear who may not."""

    @property
    def default_lang(self) -> str:
        """The language of callers of whom nothing is known yet."""

    def accepts(self) -> str | None:
        """None when a call may come in now, else why not: ``"busy"`` or ``"draining"``."""

    def busy_text(self, lang: str) -> str:
        """One polite sentence or two: no line is free, please call later."""

    def fault_text(self, lang: str) -> str:
        """One polite sentence or two: something of ours broke, please call again."""


class Host(Lobby, Protocol):
    """One per process; implemented by the server, and by fakes in tests."""

    async def answer(self, ws: web.WebSocketResponse, wire: Wire) -> None:
        """Runs a whole call. The stream has not started yet: closing one that never does is the host's
        part, as is everything the caller sends. Returning means that the call ended as it should; an
        exception means that it broke, and the caller is told so."""


class TextHost(Lobby, Protocol):
    """As :class:`Host`, for providers that hear and speak."""

    async def answer(self, ws: web.WebSocketResponse, wire: TextWire) -> None: ...
