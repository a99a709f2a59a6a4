"""Both sides over real sockets: our step against an application written from the documentation, and against
our own endpoint; and a call of audio that is lent and comes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer
from twilio.request_validator import RequestValidator

from tests.call.conftest import line, speech  # noqa: F401 (fixtures)
from tests.call.line_under_test import LineUnderTest, Phone
from tests.relay.relay_flow import business
from voice import events as ev
from voice.dialogue.machine import FlowDialogue
from voice.dialogue.seam import RelayOpen
from voice.line import Line
from voice.model import CallInfo
from voice.relay.client import RelayError, connect, nowhere
from voice.relay.dialogue import with_relays
from voice.settings import load
from voice.telephony import conversationrelay_http
from voice.telephony.conversationrelay_http import SOCKET, Opening

CODES = {"es": "es-ES", "en": "en-US"}
SECRET = "a secret between two"
Answer = Callable[[web.WebSocketResponse, dict[str, Any]], Awaitable[None]]


class Application:
    """Answers as the documentation of ConversationRelay says that applications do."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.headers: dict[str, str] = {}
        self.changed = asyncio.Event()
        self.closed = asyncio.Event()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.headers = dict(request.headers)
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        async for message in ws:
            if message.type is not WSMsgType.TEXT:
                break
            body = json.loads(message.data)
            self.got.append(body)
            await self.answer(ws, body)
            self.changed.set()
        self.closed.set()
        return ws

    async def answer(self, ws: web.WebSocketResponse, body: dict[str, Any]) -> None:
        if body["type"] == "setup":
            await ws.send_json({"type": "text", "token": "Soy la ", "last": False})
            await ws.send_json({"type": "text", "token": "consejera.", "last": True})
        elif body["type"] == "prompt":
            data = json.dumps({"reason": body["voicePrompt"]})
            await ws.send_json({"type": "end", "handoffData": data})


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def serve(stack: AsyncExitStack, handler: Any, path: str = "/relay") -> str:
    app = web.Application()
    app.router.add_get(path, handler)
    server = TestServer(app)
    await server.start_server()
    stack.push_async_callback(server.close)
    return str(server.make_url(path)).replace("http", "ws", 1)


def lend(line: LineUnderTest, folder: Path, url: str, more: str = "") -> None:  # noqa: F811
    """The line's calls are those of a flow that lends them to ``url``."""
    made = business(folder, url, more)

    def new_dialogue(info: CallInfo) -> Any:
        inner = FlowDialogue(made.flow, made.texts, made.understanding, info.parameters.get("lang", "es"))
        return with_relays(inner, made.flow, made.texts, CODES)

    line.services = replace(line.services, new_dialogue=new_dialogue)


async def until(phone: Phone, what: Callable[[], bool], most_ms: int = 20_000) -> None:
    """The call goes on until ``what`` is true."""
    for _ in range(0, most_ms, 200):
        if what():
            return
        await phone.audio(200)
        await asyncio.sleep(0.002)  # sockets are real
    raise AssertionError("it never came to that")


def said(phone: Phone) -> list[str]:
    return [event.text for event in phone.log(ev.BotSaid)]


async def to_the_application(line: LineUnderTest, lang: str = "es") -> Phone:  # noqa: F811
    phone = line.phone()
    await phone.ring(lang=lang)
    await phone.audio(1500)
    await phone.press("1")
    await phone.audio(800)
    await phone.press("1234")
    return phone


async def test_a_call_of_audio_is_lent_and_handed_to_a_person(
    line: LineUnderTest,  # noqa: F811
    tmp_path: Path,
    stack: AsyncExitStack,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ADVISER_KEY", SECRET)
    application = Application()
    url = await serve(stack, application.handle)
    lend(line, tmp_path, url, "secret_env: ADVISER_KEY")
    phone = await to_the_application(line)
    await until(phone, lambda: "Soy la consejera." in said(phone))
    assert RequestValidator(SECRET).validate(url, {}, application.headers["X-Twilio-Signature"])
    setup = application.got[0]
    assert (setup["callSid"], setup["from"]) == (phone.session.call_id, "+34600000001")
    assert "pin" not in setup["customParameters"]
    await phone.audio(1500)
    await phone.say("una hipoteca")
    await until(phone, lambda: bool(phone.log(ev.HandoffRequested)))
    assert application.got[-1]["voicePrompt"] == "una hipoteca"
    assert phone.log(ev.HandoffRequested)[0].queue == "advice"
    await until(phone, lambda: bool(line.queue.waiting()))
    await asyncio.wait_for(application.closed.wait(), 20)


async def test_key_zero_reaches_a_person_past_the_application(
    line: LineUnderTest,  # noqa: F811
    tmp_path: Path,
    stack: AsyncExitStack,
) -> None:
    application = Application()
    lend(line, tmp_path, await serve(stack, application.handle))
    phone = await to_the_application(line)
    await until(phone, lambda: "Soy la consejera." in said(phone))
    await phone.press("0")
    await until(phone, lambda: bool(line.queue.waiting()))
    assert [message["type"] for message in application.got] == ["setup"]
    await asyncio.wait_for(application.closed.wait(), 20)


async def test_an_application_that_dies_leaves_the_caller_with_the_flow(
    line: LineUnderTest,  # noqa: F811
    tmp_path: Path,
    stack: AsyncExitStack,
) -> None:
    class Dying(Application):
        async def answer(self, ws: web.WebSocketResponse, body: dict[str, Any]) -> None:
            await ws.close()

    lend(line, tmp_path, await serve(stack, Dying().handle))
    phone = await to_the_application(line)
    await until(phone, lambda: "Sigo yo." in said(phone))
    assert phone.log(ev.RelayEnded)[0].how == "closed"


async def test_a_caller_who_hangs_up_closes_the_connection(
    line: LineUnderTest,  # noqa: F811
    tmp_path: Path,
    stack: AsyncExitStack,
) -> None:
    application = Application()
    lend(line, tmp_path, await serve(stack, application.handle))
    phone = await to_the_application(line)
    await until(phone, lambda: bool(application.got))
    await phone.hang_up()
    await asyncio.wait_for(application.closed.wait(), 20)


async def test_our_step_talks_to_our_own_endpoint(
    line: LineUnderTest,  # noqa: F811
    tmp_path: Path,
    stack: AsyncExitStack,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The other line is this server again: its menu, its words, its queue; signed as Twilio signs."""
    monkeypatch.setenv("ADVISER_KEY", SECRET)
    other = business(tmp_path / "other", "ws://127.0.0.1:9/nobody")
    settings = load(env={}, overrides={"twilio.auth_token": SECRET, "data": str(tmp_path / "data")})

    def new_dialogue(info: CallInfo) -> FlowDialogue:
        return FlowDialogue(other.flow, other.texts, other.understanding, info.parameters.get("lang", "es"))

    far = Line(replace(line.services, new_dialogue=new_dialogue, calls_dir=tmp_path / "far"))
    app = web.Application()
    app.add_routes(
        conversationrelay_http.routes(settings, far, lambda: Opening(("es", "en")), clock=line.clock)
    )
    server = TestServer(app)
    await server.start_server()
    stack.push_async_callback(server.close)
    url = str(server.make_url(SOCKET)).replace("http", "ws", 1)
    lend(line, tmp_path, url, "secret_env: ADVISER_KEY")
    phone = await to_the_application(line, "en")
    await until(phone, lambda: said(phone).count("What would you like?") == 2)
    assert said(phone).count("A machine answers.") == 2, "once by each"
    await phone.audio(3000)
    await phone.say("give me a tip")
    await until(phone, lambda: said(phone).count("Your code.") == 2)
    await until(phone, lambda: not phone.session.ended, 200)
    await phone.press("0")
    await until(phone, lambda: len(line.queue.waiting()) == 1)
    await until(phone, lambda: far.active == 0)


async def test_addresses_that_lead_elsewhere_are_not_followed(stack: AsyncExitStack) -> None:
    application = Application()
    target = await serve(stack, application.handle)

    async def elsewhere(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(target.replace("ws", "http", 1))

    url = await serve(stack, elsewhere, "/moved")
    for address, why in ((url, "refused"), ("ws://127.0.0.1:1/x", "unreachable")):
        with pytest.raises(RelayError) as failed:
            async with connect(RelayOpen("a-1", address, "", {})):
                pass
        assert failed.value.why == why
    assert not application.got
    with pytest.raises(RelayError, match="NOT_SET"):
        async with connect(RelayOpen("a-1", target, "NOT_SET", {}), {}):
            pass


async def test_a_replay_connects_to_nobody(stack: AsyncExitStack) -> None:
    application = Application()
    target = await serve(stack, application.handle)
    with pytest.raises(RelayError, match="replay"):
        async with nowhere(RelayOpen("a-1", target, "", {})):
            pass
    assert not application.headers
