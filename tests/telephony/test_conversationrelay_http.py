"""ConversationRelay's routes: documents as the SDK builds them, who may come in, and what comes after."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import wave
from collections.abc import AsyncIterator
from typing import Any
from xml.etree import ElementTree

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError, web
from aiohttp.test_utils import TestClient, TestServer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Connect, VoiceResponse

from tests.telephony.twilio_peer import Client, Serve, configured
from voice.clock import ManualClock
from voice.errors import ConfigError, WireError
from voice.telephony import conversationrelay_http
from voice.telephony.conversationrelay_http import AFTER, MUSIC, SOCKET, TELNYX, TWILIO, Opening
from voice.telephony.seam import Connected, Disconnected, TextEvent, TextWire

TOKEN = "0123456789abcdef0123456789abcdef"
CALL = "CA0123456789abcdef0123456789abcdef"
FORM = {"CallSid": CALL, "From": "+34600000000", "To": "+34900000000"}
OPENING = Opening(("es", "en"), {"es": "Hola & bienvenido.", "en": "Hello."}, {"es": ("fibra, óptica",)})
KEY = Ed25519PrivateKey.generate()
PUBLIC = base64.b64encode(KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


class Host:
    default_lang = "es"

    def __init__(self) -> None:
        self.refuses: str | None = None
        self.events: list[TextEvent] = []
        self.rejected = 0
        self.done = asyncio.Event()

    def accepts(self) -> str | None:
        return self.refuses

    def busy_text(self, lang: str) -> str:
        return "Ocupado."

    def fault_text(self, lang: str) -> str:
        return "Problema."

    async def answer(self, ws: web.WebSocketResponse, wire: TextWire) -> None:
        async for message in ws:
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                break
            try:
                received = wire.receive(message.data)
            except WireError:
                self.rejected += 1
                continue
            self.events += received
            if any(isinstance(event, Connected) for event in received):
                await ws.send_str(wire.text("Hola", "es", interruptible=True, preemptible=False))
            if any(isinstance(event, Disconnected) for event in received):
                break
        self.done.set()


@pytest.fixture
async def host() -> Host:
    return Host()


@pytest.fixture
async def serve(host: Host) -> AsyncIterator[Serve]:
    clients: list[Client] = []

    async def serving(**values: Any) -> Client:
        app = web.Application()
        app.add_routes(
            conversationrelay_http.routes(configured(**values), host, lambda: OPENING, clock=ManualClock())
        )
        client = TestClient(TestServer(app))
        await client.start_server()
        clients.append(client)
        return client

    yield serving
    for client in clients:
        await client.close()


def address(client: Client, path: str) -> str:
    return str(client.make_url(path))


def signed(url: str, form: dict[str, str] | None = None) -> dict[str, str]:
    return {"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, form or {})}


def by_telnyx(body: str, at: int = 1_767_225_600) -> dict[str, str]:
    signature = base64.b64encode(KEY.sign(f"{at}|{body}".encode())).decode()
    return {
        "telnyx-signature-ed25519": signature,
        "telnyx-timestamp": str(at),
        "Content-Type": "application/x-www-form-urlencoded",
    }


def setup(token: str = "", call: str = CALL, **fields: Any) -> str:
    return json.dumps(
        {"type": "setup", "sessionId": "VX1", "callSid": call, "customParameters": {"token": token}, **fields}
    )


async def relay(client: Client, path: str, **request: Any) -> ElementTree.Element:
    response = await client.post(path, **({"data": FORM} | request))
    assert response.status == 200, await response.text()
    found = ElementTree.fromstring(await response.text()).find("Connect/ConversationRelay")
    assert found is not None
    return found


def token_of(element: ElementTree.Element) -> str:
    found = element.find("Parameter[@name='token']")
    assert found is not None
    return found.get("value", "")


async def verbs(client: Client, path: str, form: dict[str, str]) -> list[str]:
    response = await client.post(path, data=form)
    assert response.status == 200
    return [verb.tag for verb in ElementTree.fromstring(await response.text())]


# --- documents ----------------------------------------------------------------------------------------


async def test_the_twiml_is_what_the_sdk_would_build(serve: Serve) -> None:
    client = await serve(relay__voice_es="es-ES-Neural2-A", relay__tts_provider="Google")
    response = await client.post(TWILIO, data=FORM)
    text = await response.text()
    token = token_of(ElementTree.fromstring(text)[0][0])
    base = address(client, "").rstrip("/")
    connect = Connect(action=base + AFTER)
    noun = connect.conversation_relay(
        url=base.replace("http", "ws") + SOCKET,
        welcome_greeting="Hola & bienvenido.",
        welcome_greeting_interruptible="none",
        language="es-ES",
        interruptible="any",
        dtmf_detection=True,
        tts_provider="Google",
        preemptible=False,
        partial_prompts=True,
        report_input_during_agent_speech="any",
        events="speaker-events tokens-played",
    )
    noun.language(code="es-ES", voice="es-ES-Neural2-A", tts_provider="Google", hints="fibra  óptica")
    noun.language(code="en-US", tts_provider="Google")
    noun.parameter(name="token", value=token)
    noun.parameter(name="greeting", value="es")
    expected = VoiceResponse()
    expected.append(connect)
    assert ElementTree.canonicalize(text) == ElementTree.canonicalize(str(expected))


async def test_the_texml_has_only_what_telnyx_knows(serve: Serve) -> None:
    found = await relay(await serve(relay__voice_es="Telnyx.Natural.abbie"), TELNYX)
    assert set(found.keys()) == {
        "url",
        "welcomeGreeting",
        "welcomeGreetingInterruptible",
        "language",
        "voice",
        "interruptible",
        "dtmfDetection",
    }
    assert [dict(one.items()) for one in found.findall("Language")] == [
        {"code": "es-ES", "voice": "Telnyx.Natural.abbie"},
        {"code": "en-US"},
    ]


@pytest.mark.parametrize("path", [TWILIO, TELNYX])
async def test_no_room_is_said_politely(serve: Serve, host: Host, path: str) -> None:
    host.refuses = "busy"
    assert await verbs(await serve(), path, FORM) == ["Say", "Hangup"]


async def test_the_music_is_a_wav_of_five_seconds(serve: Serve) -> None:
    response = await (await serve()).get(MUSIC)
    assert response.content_type == "audio/wav"
    with wave.open(io.BytesIO(await response.read())) as music:
        assert music.getnframes() == 5 * 8000


async def test_wrong_methods_and_paths(serve: Serve) -> None:
    client = await serve()
    for method, path, status in (
        ("GET", TWILIO, 405),
        ("POST", SOCKET, 405),
        ("GET", SOCKET + "/x", 404),
        ("GET", SOCKET, 426),
    ):
        assert (await client.request(method, path)).status == status, (method, path)


# --- who may come in ----------------------------------------------------------------------------------


async def test_webhooks_must_be_signed_by_their_provider(serve: Serve) -> None:
    client = await serve(twilio__auth_token=TOKEN, telnyx__public_key=PUBLIC)
    body = f"CallSid={CALL}"
    form = {"CallSid": CALL}
    good = signed(address(client, TWILIO), form)
    assert (await client.post(TWILIO, data=form, headers=good)).status == 200
    assert (await client.post(TELNYX, data=body, headers=by_telnyx(body))).status == 200
    for path, data, headers in (
        (TWILIO, form, {}),
        (TWILIO, form, {"X-Twilio-Signature": "x"}),
        (TWILIO, body, by_telnyx(body)),
        (TELNYX, form, signed(address(client, TELNYX), form)),
        (TELNYX, body + "&From=1", by_telnyx(body)),
        (TELNYX, body, by_telnyx(body, at=1_767_225_600 - 3600)),
        (TELNYX, body, by_telnyx(body) | {"telnyx-signature-ed25519": "not base64!"}),
        (TELNYX, body, by_telnyx(body) | {"telnyx-timestamp": "soon"}),
    ):
        assert (await client.post(path, data=data, headers=headers)).status == 403, (path, headers)


def test_a_key_of_no_use_is_said_at_start() -> None:
    bad = configured(telnyx__public_key="A" * 43 + "=")
    conversationrelay_http.routes(bad, Host(), lambda: OPENING)  # any 32 bytes are a key
    with pytest.raises(ConfigError, match="public_key"):
        configured(telnyx__public_key="short")


async def test_sockets_must_be_signed(serve: Serve, host: Host) -> None:
    client = await serve(twilio__auth_token=TOKEN)
    for headers in ({}, {"X-Twilio-Signature": "x"}):
        with pytest.raises(WSServerHandshakeError) as refused:
            await client.ws_connect(SOCKET, headers=headers)
        assert refused.value.status == 403
    headers = signed(address(client, SOCKET).replace("http", "ws"))
    async with client.ws_connect(SOCKET, headers=headers) as ws:
        await ws.send_str(setup())
        assert (await ws.receive_json())["token"] == "Hola"


async def test_telnyx_shows_the_token_of_its_webhook_once(serve: Serve, host: Host) -> None:
    client = await serve(telnyx__public_key=PUBLIC, twilio__auth_token=TOKEN)
    body = f"CallSid={CALL}"
    token = token_of(await relay(client, TELNYX, data=body, headers=by_telnyx(body)))
    telnyx = {"callControlId": "v3:x"}
    for shown, call, fields, heard in (
        ("", CALL, telnyx, False),
        (token, "CAother", telnyx, False),
        (token, CALL, {}, False),  # as if from Twilio
        (token, CALL, telnyx, True),
        (token, CALL, telnyx, False),
    ):
        async with client.ws_connect(SOCKET) as ws:
            await ws.send_str(setup(shown, call, **fields))
            message = await ws.receive()
            assert (message.type is WSMsgType.TEXT) == heard, (shown, call)
            if not heard:
                assert (message.type, message.data) == (WSMsgType.CLOSE, 1008)


async def test_no_room_at_the_socket_becomes_the_busy_text(serve: Serve, host: Host) -> None:
    client = await serve()
    host.refuses = "draining"
    async with client.ws_connect(SOCKET) as ws:
        assert (await ws.receive()).data == 1013
    host.refuses = None
    response = await client.post(AFTER, data=FORM)
    assert "Ocupado." in await response.text()


async def test_giant_and_broken_messages(serve: Serve, host: Host) -> None:
    client = await serve()
    async with client.ws_connect(SOCKET) as ws:
        await ws.send_str("{")
        await ws.send_bytes(b"\0")
        await ws.send_str("x" * 100_000)
        assert (await ws.receive()).data == 1009
    await host.done.wait()
    assert host.rejected == 2


# --- what comes after ---------------------------------------------------------------------------------


async def test_after_a_call_that_was_had_the_line_hangs_up(serve: Serve, host: Host) -> None:
    client = await serve()
    async with client.ws_connect(SOCKET) as ws:
        await ws.send_str(setup())
        await ws.receive()
        await ws.close()
    await host.done.wait()
    for _ in range(20):
        await asyncio.sleep(0)
    assert await verbs(client, AFTER, FORM | {"SessionStatus": "ended", "HandoffData": "{}"}) == ["Hangup"]


async def test_after_a_session_that_failed_the_caller_hears_an_apology(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    client = await serve()
    form = FORM | {"SessionStatus": "failed", "ErrorCode": "64102", "HandoffData": "not JSON"}
    assert await verbs(client, AFTER, form) == ["Say", "Hangup"]
    assert "64102" in caplog.text


async def test_a_caller_whom_a_person_takes_goes_on_where_the_business_says(serve: Serve) -> None:
    client = await serve(relay__transfer_url="https://twiml.example.com/agents?a=1&b=2")
    handed = FORM | {"HandoffData": json.dumps({"outcome": "transferred"})}
    response = await client.post(AFTER, data=handed)
    document = ElementTree.fromstring(await response.text())
    assert [(verb.tag, verb.text) for verb in document] == [
        ("Redirect", "https://twiml.example.com/agents?a=1&b=2")
    ]
    assert await verbs(client, AFTER, FORM) == ["Say", "Hangup"]
