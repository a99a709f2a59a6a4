"""A small server that speaks Twilio Media Streams with tones, for the client's tests.

It greets with ``greeting_ms`` of tone and marks it, takes a turn as over after 300 ms without sound, and
answers at once with 400 ms of tone and a mark that notes the wait. Sound while it plays makes it clear.
``stop`` after so many answers.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from voice.replay.playback import voiced

TONE = b"\x10" * 160
WAIT_MS = 300


@dataclass
class ToneServer:
    greeting_ms: int = 200
    answers: int = 1
    seen: list[dict[str, Any]] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    refuse: bool = False
    nonsense: int = 0

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [web.post("/voice", self.voice), web.get("/stream", self.stream), web.post("/after", self.after)]
        )
        return app

    async def voice(self, request: web.Request) -> web.Response:
        self.forms.append({k: str(v) for k, v in (await request.post()).items()})
        self.headers.append(dict(request.headers))
        if self.refuse:
            return web.Response(
                text="<Response><Say>Busy.</Say><Hangup/></Response>", content_type="text/xml"
            )
        text = (
            f'<Response><Connect action="http://{request.host}/after"><Stream url="ws://{request.host}/stream">'
            '<Parameter name="token" value="t1"/></Stream></Connect></Response>'
        )
        return web.Response(text=text, content_type="text/xml")

    async def after(self, request: web.Request) -> web.Response:
        self.forms.append({k: str(v) for k, v in (await request.post()).items()})
        return web.Response(text="<Response><Hangup/></Response>", content_type="text/xml")

    async def stream(self, request: web.Request) -> web.WebSocketResponse:
        self.headers.append(dict(request.headers))
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        sid, quiet, speaking, pending, answered = "", 0, False, 0, 0

        async def send(event: str, **body: Any) -> None:
            await socket.send_str(json.dumps({"event": event, "streamSid": sid, **body}))

        async def say(ms: int, name: str) -> None:
            for _ in range(ms // 20):
                await send("media", media={"payload": base64.b64encode(TONE).decode()})
            await send("mark", mark={"name": name})

        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
            body = json.loads(message.data)
            self.seen.append(body)
            match body["event"]:
                case "start":
                    sid = body["streamSid"]
                    for _ in range(self.nonsense):
                        await socket.send_str("{")
                    pending += 1
                    await say(self.greeting_ms, "greeting")
                case "mark":
                    pending -= 1
                    if answered == self.answers and not pending:
                        break
                case "dtmf":
                    answered += 1
                    pending += 1
                    await say(400, "answer;wait=0")
                case "media":
                    sound = voiced(base64.b64decode(body["media"]["payload"]))
                    quiet = 0 if sound else quiet + 20
                    if sound and not speaking and pending:
                        await send("clear")
                    speaking = speaking or sound
                    if speaking and quiet >= WAIT_MS:
                        speaking = False
                        answered += 1
                        pending += 1
                        await say(400, f"answer;wait={WAIT_MS}")
        await socket.close()
        return socket
