"""Scripts made in memory, and a small server's side of a call on the same media time."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from aiohttp import WSMsgType, web

from voice.model import FRAME_MS
from voice.replay.caller import Caller
from voice.replay.clips import Clip, Script, ScriptStep, clip_of
from voice.replay.playback import voiced
from voice.replay.scenario import Scenario

LOUD = b"\x10" * 160  # 20 ms of a loud constant, mu-law


def tone(ms: int, before_ms: int = 0, after_ms: int = 0) -> Clip:
    t = np.arange(ms * 8) / 8000
    sound = (8000 * np.sin(2 * np.pi * 400 * t)).astype("<i2").tobytes()
    return clip_of(bytes(before_ms * 16) + sound + bytes(after_ms * 16))


def make_script(steps: list[dict[str, Any]], say_ms: int = 400, **fields: Any) -> Script:
    scenario = Scenario.model_validate(
        {"name": "test", "summary": "a test", "lang": "es", "steps": steps, **fields}
    )
    made = tuple(
        ScriptStep(spec, f"test.yaml:{i + 1}", tone(say_ms) if spec.say or spec.play else None)
        for i, spec in enumerate(scenario.steps)
    )
    return Script(scenario, made)


class Line:
    """Drives a caller; ``at`` holds what the server does at a media time, before that tick."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.at: dict[int, list[Callable[[float], Any]]] = {}
        self.keys: list[tuple[int, str]] = []
        self.marks: list[tuple[int, str]] = []
        self.frames: list[bytes] = []
        self.heard: list[bytes] = []

    def say(self, at_ms: int, ms: int, mark: str = "") -> None:
        """The server sends a prompt in one burst, and a mark behind it."""

        def send(now: float) -> None:
            for _ in range(ms // FRAME_MS):
                self.caller.audio(LOUD, now)
            if mark:
                self.echo(self.caller.mark(mark, now))

        self.at.setdefault(at_ms, []).append(send)

    def clear(self, at_ms: int) -> None:
        self.at.setdefault(at_ms, []).append(lambda now: self.echo(self.caller.clear(now)))

    def end(self, at_ms: int) -> None:
        self.at.setdefault(at_ms, []).append(lambda now: self.caller.ended())

    def echo(self, names: tuple[str, ...]) -> None:
        self.marks += [(self.caller.now_ms, name) for name in names]

    def run(self, until_ms: int = 60_000) -> Line:
        """Tick ``n`` goes out at (n + 1) * 20 ms."""
        caller = self.caller
        while caller.now_ms < until_ms:
            now = caller.now_ms + FRAME_MS
            for do in self.at.get(caller.now_ms, ()):
                do(float(caller.now_ms))
            if caller.over:  # the server or the last tick ended it
                break
            tick = caller.tick(float(now))
            self.frames.append(tick.frame)
            self.heard.append(tick.heard)
            self.keys += [(now, key) for key in tick.keys]
            self.echo(tick.marks)
        return self


@pytest.fixture
def line() -> Callable[..., Line]:
    def make(steps: list[dict[str, Any]], **options: Any) -> Line:
        say_ms = options.pop("say_ms", 400)
        fields = options.pop("fields", {})
        return Line(Caller(make_script(steps, say_ms, **fields), **options))

    return make


@pytest.fixture
def script() -> Callable[..., Script]:
    return make_script


TONE = b"\x10" * 160
WAIT_MS = 300


@dataclass
class ToneServer:
    """A small server that speaks Twilio Media Streams with tones, for the client's tests.

    It greets with ``greeting_ms`` of tone and marks it, takes a turn as over after 300 ms without sound, and
    answers at once with 400 ms of tone and a mark that notes the wait. Sound while it plays makes it clear.
    ``stop`` after so many answers.
    """

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


@pytest.fixture
def tones() -> type[ToneServer]:
    return ToneServer
