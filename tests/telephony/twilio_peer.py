"""Messages as Twilio sends them, and a host that answers calls without a server around it."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestClient

from voice.errors import WireError
from voice.model import Frame
from voice.settings import Settings, load
from voice.telephony.seam import Connected, Disconnected, Wire, WireEvent

STREAM = "MZ18ad3ab5a668481ce02b83e7395059f0"
CALL = "CA0123456789abcdef0123456789abcdef"

Client = TestClient[web.Request, web.Application]


def start(stream: str = STREAM, call: str = CALL, **changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "accountSid": "AC0123456789abcdef0123456789abcdef",
        "streamSid": stream,
        "callSid": call,
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"From": "+34600000000", "To": "+34900000000"},
    }
    body.update(changes)
    return {"event": "start", "sequenceNumber": "1", "start": body, "streamSid": stream}


def media(ulaw: bytes, at_ms: int = 0, number: int = 2, stream: str = STREAM) -> dict[str, Any]:
    return {
        "event": "media",
        "sequenceNumber": str(number),
        "media": {
            "track": "inbound",
            "chunk": str(number - 1),
            "timestamp": str(at_ms),
            "payload": base64.b64encode(ulaw).decode(),
        },
        "streamSid": stream,
    }


def compact(message: object) -> str:
    """As Twilio writes JSON: no spaces, in this order of keys."""
    return json.dumps(message, separators=(",", ":"))


class EchoHost:
    """Answers every call: what the caller says goes back, with a mark after each ten frames."""

    def __init__(self) -> None:
        self.default_lang = "es"
        self.refuses: str | None = None
        self.fails = False
        self.events: list[WireEvent] = []
        self.rejected: list[str] = []
        self.answered = 0
        self.hang_up_after: int | None = None  # frames
        self.done = asyncio.Event()

    def accepts(self) -> str | None:
        return self.refuses

    def busy_text(self, lang: str) -> str:
        return {"es": "Líneas ocupadas & llenas <hoy>.", "en": "All lines are busy."}[lang]

    def fault_text(self, lang: str) -> str:
        return {"es": "Ha habido un problema.", "en": "Something went wrong."}[lang]

    async def answer(self, ws: web.WebSocketResponse, wire: Wire) -> None:
        self.answered += 1
        try:
            await self._answer(ws, wire)
        finally:
            self.done.set()

    async def _answer(self, ws: web.WebSocketResponse, wire: Wire) -> None:
        frames = 0
        async for message in ws:
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                break
            try:
                received = wire.receive(message.data)
            except WireError as error:
                self.rejected.append(str(error))
                continue
            for event in received:
                if self.fails and isinstance(event, Connected):
                    raise RuntimeError("a host that breaks")
                if isinstance(event, Frame):
                    frames += 1
                    await ws.send_str(str(wire.audio(event.pcm)))
                    if frames % 10 == 0:
                        await ws.send_str(str(wire.mark(f"m{frames}")))
                else:
                    self.events.append(event)
                if isinstance(event, Disconnected):
                    return
            if frames == self.hang_up_after:
                code, reason = wire.close_code("completed")
                await ws.close(code=code, message=reason.encode())
                return


def configured(**values: Any) -> Settings:
    return load(env={}, overrides={name.replace("__", "."): value for name, value in values.items()})


Serve = Callable[..., Awaitable[Client]]
