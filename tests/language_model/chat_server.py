"""A server that speaks the chat-completions protocol (server-sent events), with the faults of real ones."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from voice.language_model.openai_server import OpenAIServer
from voice.settings import ModelSettings

Reply = dict[str, Any]
"""``text`` (streamed in pieces), ``calls`` [(name, arguments)] (``unnumbered``: each has the index 0), or a
fault: ``status`` (with ``headers``),
``half`` (the connection is cut after the text), ``unfinished`` (the stream ends without a reason), ``hang``,
``raw`` (bytes as they are), ``error`` (an error within the stream), ``finish`` (another reason than stop)."""


@dataclass
class ChatServer:
    """Answers each request with the next reply, the last one for ever. ``asked`` keeps the requests."""

    replies: list[Reply]
    choose: Callable[[dict[str, Any]], Reply] | None = None  # instead of ``replies``: by the request
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    dropped: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(await request.json())
        self.headers.append(dict(request.headers))
        if self.choose is not None:
            reply = self.choose(self.asked[-1])
        else:
            reply = self.replies[min(len(self.asked), len(self.replies)) - 1]
        if "status" in reply:
            body = {"error": {"message": "no"}}
            return web.json_response(body, status=reply["status"], headers=reply.get("headers"))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            await self._stream(request, response, reply)
        except (ConnectionResetError, asyncio.CancelledError):
            self.dropped.set()
            raise
        return response

    async def _stream(self, request: web.Request, response: web.StreamResponse, reply: Reply) -> None:
        if "raw" in reply:
            await response.write(reply["raw"])
            return
        for piece in pieces(reply.get("text", "")):
            await self._send(response, {"choices": [{"index": 0, "delta": {"content": piece}}]})
        if reply.get("hang"):
            await asyncio.Event().wait()
        if reply.get("half"):
            assert request.transport is not None
            request.transport.close()  # without the last chunk
            return
        if "error" in reply:
            await self._send(response, {"error": {"message": reply["error"], "type": "server_error"}})
            return
        calls = [
            {
                "index": 0 if reply.get("unnumbered") else i,
                "id": f"c{i}",
                "type": "function",
                "function": {"name": name, "arguments": arguments},
            }
            for i, (name, arguments) in enumerate(reply.get("calls", ()))
        ]
        for call in calls:
            await self._send(response, {"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]})
        if reply.get("unfinished"):
            return
        reason = reply.get("finish") or ("tool_calls" if calls else "stop")
        await self._send(response, {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        await self._send(response, {"choices": [], "usage": {"total_tokens": reply.get("tokens", 50)}})
        await response.write(b"data: [DONE]\n\n")

    async def _send(self, response: web.StreamResponse, chunk: dict[str, Any]) -> None:
        body = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "test"} | chunk
        await response.write(b"data: " + json.dumps(body).encode() + b"\n\n")


def pieces(text: str) -> Sequence[str]:
    """As tokens come: in words, cut in odd places."""
    return [text[i : i + 5] for i in range(0, len(text), 5)]


@asynccontextmanager
async def serving(
    *replies: Reply, choose: Callable[[dict[str, Any]], Reply] | None = None
) -> AsyncIterator[ChatServer]:
    server = ChatServer(list(replies), choose)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield server
    finally:
        await runner.cleanup()


def client(url: str, **more: Any) -> OpenAIServer:
    """The real client."""
    return OpenAIServer(ModelSettings(url=url, name="test", **more))
