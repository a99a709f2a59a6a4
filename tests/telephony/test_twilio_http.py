"""The routes over real HTTP, with a fake host: what Twilio gets at each point of a call."""

from __future__ import annotations

import logging
from xml.etree import ElementTree

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError
from multidict import CIMultiDict
from twilio.request_validator import RequestValidator
from yarl import URL

from tests.telephony.twilio_peer import CALL, STREAM, Client, EchoHost, Serve, compact, media, start
from voice.clock import ManualClock
from voice.metrics import Metrics
from voice.telephony.seam import Connected, Disconnected, MarkPlayed

TOKEN = "0123456789abcdef"
FORM = {"CallSid": CALL, "From": "+34600000000", "To": "+34900000000", "CallStatus": "ringing"}
FRAME = b"\xff" * 160


def address(client: Client, path: str) -> str:
    return str(client.make_url(path))


def signed(url: str, form: dict[str, str] | None = None) -> dict[str, str]:
    return {"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, form or {})}


async def twiml(client: Client, path: str, form: dict[str, str] | None = None) -> ElementTree.Element:
    response = await client.post(path, data=form or FORM)
    assert response.status == 200
    assert response.content_type == "text/xml"
    return ElementTree.fromstring(await response.text())


async def after(client: Client, call: str = CALL) -> str:
    """What Twilio would do when the stream is over: 'Hangup', or the words of an apology."""
    answer = await twiml(client, "/telephony/twilio/after", {"CallSid": call})
    kinds = [verb.tag for verb in answer]
    if kinds == ["Hangup"]:
        return "Hangup"
    assert kinds == ["Say", "Hangup"]
    return answer[0].text or ""


async def token_of(client: Client, **headers: str) -> str:
    response = await client.post("/telephony/twilio/voice", data=FORM, headers=headers)
    answer = ElementTree.fromstring(await response.text())
    found = answer.find(".//Parameter[@name='token']")
    assert found is not None
    return found.get("value", "")


def only_line(caplog: pytest.LogCaptureFixture) -> str:
    lines = [r.getMessage() for r in caplog.records if r.name.startswith(("voice", "aiohttp.server"))]
    assert len(lines) == 1, lines
    return lines[0]


# --- the webhook --------------------------------------------------------------------------------------


async def test_a_call_is_connected_to_our_stream(serve: Serve) -> None:
    client = await serve()
    answer = await twiml(client, "/telephony/twilio/voice")
    base = address(client, "")
    connect = answer[0]
    assert (connect.tag, connect.get("action")) == ("Connect", base + "/telephony/twilio/after")
    stream = connect[0]
    assert stream.get("url") == base.replace("http", "ws") + "/telephony/twilio/stream"
    assert stream.get("statusCallback") == base + "/telephony/twilio/status"
    parameters = {one.get("name"): one.get("value") for one in stream}
    assert (parameters["From"], parameters["To"]) == ("+34600000000", "+34900000000")
    assert len(parameters.pop("token") or "") > 30


async def test_the_public_address_wins_over_the_request(serve: Serve) -> None:
    client = await serve(server__public_url="https://voice.example.com/line/")
    answer = await twiml(client, "/telephony/twilio/voice")
    assert answer[0].get("action") == "https://voice.example.com/line/telephony/twilio/after"
    assert answer[0][0].get("url") == "wss://voice.example.com/line/telephony/twilio/stream"


async def test_forwarded_headers_are_not_believed(serve: Serve) -> None:
    client = await serve()
    response = await client.post(
        "/telephony/twilio/voice",
        data=FORM,
        headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil"},
    )
    assert "evil" not in await response.text()


async def test_a_caller_may_hide_and_names_are_escaped(serve: Serve) -> None:
    client = await serve()
    form = {"CallSid": CALL, "From": '"/><Hangup/>&\x00', "To": "x" * 500}
    stream = (await twiml(client, "/telephony/twilio/voice", form))[0][0]
    parameters = {one.get("name"): one.get("value") for one in stream}
    assert parameters["From"] == '"/><Hangup/>&'
    assert parameters["To"] == "x" * 64
    stream = (await twiml(client, "/telephony/twilio/voice", {"CallSid": CALL}))[0][0]
    assert [one.get("name") for one in stream] == ["token"]


@pytest.mark.parametrize("why", ["busy", "draining"])
@pytest.mark.parametrize(("lang", "language"), [("es", "es-ES"), ("en", "en-US")])
async def test_no_room_is_said_politely(
    serve: Serve, host: EchoHost, metrics: Metrics, why: str, lang: str, language: str
) -> None:
    host.refuses, host.default_lang = why, lang
    answer = await twiml(await serve(), "/telephony/twilio/voice")
    assert [verb.tag for verb in answer] == ["Say", "Hangup"]
    assert answer[0].get("language") == language
    assert answer[0].text == host.busy_text(lang)
    assert f'voice_calls_refused_total{{why="{why}"}} 1.0' in metrics.render().decode()


# --- signatures ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["voice", "after", "status"])
async def test_webhooks_must_be_signed(serve: Serve, metrics: Metrics, path: str) -> None:
    client = await serve(twilio__auth_token=TOKEN)
    where = f"/telephony/twilio/{path}"
    good = signed(address(client, where), FORM)
    assert (await client.post(where, data=FORM, headers=good)).status in (200, 204)
    for headers, form in (
        ({}, FORM),
        ({"X-Twilio-Signature": "x"}, FORM),
        (good, {**FORM, "From": "+1"}),
        (signed(address(client, where + "x"), FORM), FORM),
    ):
        refused = await client.post(where, data=form, headers=headers)
        assert refused.status == 403
        assert await refused.text() == "403: Forbidden"
    assert 'voice_calls_refused_total{why="unsigned"} 4.0' in metrics.render().decode()


async def test_signatures_are_over_the_public_address(serve: Serve) -> None:
    client = await serve(twilio__auth_token=TOKEN, server__public_url="https://voice.example.com")
    where = "/telephony/twilio/voice"
    for url, status in (
        ("https://voice.example.com" + where, 200),
        ("https://voice.example.com:443" + where, 200),
        (address(client, where), 403),
    ):
        assert (await client.post(where, data=FORM, headers=signed(url, FORM))).status == status
    query = where + "?a=b%20c&d"
    headers = signed("https://voice.example.com" + query, FORM)
    assert (await client.post(URL(query, encoded=True), data=FORM, headers=headers)).status == 200


async def test_an_unsigned_webhook_gives_one_line_that_helps(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    client = await serve(twilio__auth_token=TOKEN)
    await client.post("/telephony/twilio/voice", data=FORM, headers={"X-Twilio-Signature": "x"})
    line = only_line(caplog)
    assert "wrong signature" in line
    assert "server.public_url" in line
    assert TOKEN not in line
    assert "+34600000000" not in line


async def test_streams_must_be_signed(serve: Serve, host: EchoHost, caplog: pytest.LogCaptureFixture) -> None:
    client = await serve(twilio__auth_token=TOKEN, server__public_url="https://voice.example.com")
    with pytest.raises(WSServerHandshakeError) as refused:
        await client.ws_connect("/telephony/twilio/stream")
    assert refused.value.status == 403
    assert "stream refused: not signed" in only_line(caplog)
    headers = signed("wss://voice.example.com/telephony/twilio/stream")
    async with client.ws_connect("/telephony/twilio/stream", headers=headers) as ws:
        await ws.send_str(compact(start()))
        await ws.send_str(compact(media(FRAME)))
        assert (await ws.receive_json())["event"] == "media"
    assert host.answered == 1


# --- stream tokens ------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream_auth", ["token", "both"])
async def test_a_stream_shows_the_token_of_its_webhook_once(
    serve: Serve, host: EchoHost, metrics: Metrics, stream_auth: str
) -> None:
    client = await serve(
        twilio__auth_token=TOKEN,
        twilio__stream_auth=stream_auth,
        server__public_url="https://voice.example.com",
    )
    token = await token_of(client, **signed("https://voice.example.com/telephony/twilio/voice", FORM))
    headers = signed("wss://voice.example.com/telephony/twilio/stream") if stream_auth == "both" else {}
    for shown, call, heard in (
        ("", CALL, False),
        (token, "CAother", False),
        (token, CALL, True),
        (token, CALL, False),
    ):
        async with client.ws_connect("/telephony/twilio/stream", headers=headers) as ws:
            await ws.send_str(compact(start(call=call, customParameters={"token": shown})))
            await ws.send_str(compact(media(FRAME)))
            message = await ws.receive()
            assert (message.type is WSMsgType.TEXT) == heard
            if not heard:
                assert (message.type, message.data) == (WSMsgType.CLOSE, 1008)
    assert sum(isinstance(event, Connected) for event in host.events) == 1
    assert 'voice_calls_refused_total{why="token"} 3.0' in metrics.render().decode()


# --- the call and what comes after it -----------------------------------------------------------------


async def test_a_call_to_its_end(serve: Serve, host: EchoHost) -> None:
    client = await serve()
    async with client.ws_connect("/telephony/twilio/stream") as ws:
        await ws.send_str(compact({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
        await ws.send_str(compact(start()))
        for n in range(10):
            await ws.send_str(compact(media(FRAME, n * 20, n + 2)))
        got = [await ws.receive_json() for _ in range(11)]
        assert [one["event"] for one in got] == ["media"] * 10 + ["mark"]
        assert got[0] == {
            "event": "media",
            "streamSid": STREAM,
            "media": {"payload": media(FRAME)["media"]["payload"]},
        }
        await ws.send_str(compact({"event": "mark", "streamSid": STREAM, "mark": {"name": "m10"}}))
        assert await after(client) == "Hangup", "while the call is on"
        await ws.send_str(compact({"event": "stop", "streamSid": STREAM, "stop": {"callSid": CALL}}))
        assert (await ws.receive()).data == 1000
    await host.done.wait()
    assert [type(event) for event in host.events] == [Connected, MarkPlayed, Disconnected]
    assert await after(client) == "Hangup"


async def test_we_hang_up(serve: Serve, host: EchoHost) -> None:
    host.hang_up_after = 1
    client = await serve()
    async with client.ws_connect("/telephony/twilio/stream") as ws:
        await ws.send_str(compact(start()))
        await ws.send_str(compact(media(FRAME)))
        await ws.receive_json()
        assert (await ws.receive()).data == 1000
    assert await after(client) == "Hangup"


async def test_a_connection_that_breaks_is_no_end_of_a_call(
    serve: Serve, host: EchoHost, caplog: pytest.LogCaptureFixture
) -> None:
    client = await serve()
    ws = await client.ws_connect("/telephony/twilio/stream")
    await ws.send_str(compact(start()))
    await ws.send_str(compact(media(FRAME)))
    await ws.receive_json()
    assert ws._response.connection is not None
    assert ws._response.connection.transport is not None
    ws._response.connection.transport.abort()
    await host.done.wait()
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]
    assert await after(client) == host.fault_text("es"), "who is still on the line hears why it went quiet"


async def test_a_call_that_broke_gets_an_apology(serve: Serve, host: EchoHost) -> None:
    host.fails = True
    client = await serve()
    async with client.ws_connect("/telephony/twilio/stream") as ws:
        await ws.send_str(compact(start()))
        assert (await ws.receive()).data == 1011
    assert await after(client) == host.fault_text("es")


async def test_a_call_whose_stream_never_came_gets_an_apology(
    serve: Serve, host: EchoHost, caplog: pytest.LogCaptureFixture
) -> None:
    client = await serve()
    assert await after(client) == host.fault_text("es")
    assert "never reached this server" in only_line(caplog)


@pytest.mark.parametrize("why", ["busy", "draining"])
async def test_no_room_at_the_stream_becomes_the_busy_text(
    serve: Serve, host: EchoHost, clock: ManualClock, why: str
) -> None:
    client = await serve()
    host.refuses = why
    async with client.ws_connect("/telephony/twilio/stream") as ws:
        closed = await ws.receive()
        assert (closed.type, closed.data, closed.extra) == (WSMsgType.CLOSE, 1013, why)
    host.refuses = None
    assert host.answered == 0
    assert await after(client) == host.busy_text("es")
    clock.advance(30_000)
    assert await after(client) == host.fault_text("es")


async def test_memory_of_calls_is_bounded(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voice.telephony.webhooks.REMEMBERED_CALLS", 2)
    client = await serve()
    for number in range(3):
        async with client.ws_connect("/telephony/twilio/stream") as ws:
            await ws.send_str(compact(start(call=f"CA{number}")))
            await ws.send_str(compact({"event": "stop", "streamSid": STREAM}))
            await ws.receive()
    assert await after(client, "CA0") != "Hangup"
    assert await after(client, "CA1") == await after(client, "CA2") == "Hangup"


# --- status callbacks ---------------------------------------------------------------------------------


async def test_what_twilio_says_of_a_stream_is_logged_without_numbers(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    client = await serve()
    error = "31920\r\nhandshake with +34600000000 failed \u202e" + "x" * 999
    form = {"StreamEvent": "stream-error", "StreamSid": STREAM, "StreamError": error}
    assert (await client.post("/telephony/twilio/status", data=form)).status == 204
    line = only_line(caplog)
    assert line.startswith(f"twilio stream {STREAM}: 31920??handshake with # failed ?xxx")
    assert len(line) < 300
    caplog.clear()
    form = {"StreamEvent": "stream-stopped", "StreamSid": "MZ\n1"}
    with caplog.at_level(logging.INFO, "voice.telephony"):
        await client.post("/telephony/twilio/status", data=form)
    assert "twilio stream (no id): stream-stopped" in caplog.messages
    caplog.clear()
    await client.post("/telephony/twilio/status", data={"StreamEvent": "x\ny"})
    assert "unknown kind" in only_line(caplog)


# --- proxies may drop or change headers' case ---------------------------------------------------------


async def test_the_signature_header_in_lower_case(serve: Serve) -> None:
    client = await serve(twilio__auth_token=TOKEN)
    where = "/telephony/twilio/voice"
    value = signed(address(client, where), FORM)["X-Twilio-Signature"]
    headers = CIMultiDict({"x-twilio-signature": value})
    assert (await client.post(where, data=FORM, headers=headers)).status == 200


@pytest.mark.parametrize(
    ("values", "warns"),
    [
        ({}, False),
        ({"server__host": "0.0.0.0"}, True),
        ({"server__public_url": "https://voice.example.com"}, True),
        ({"server__host": "0.0.0.0", "twilio__auth_token": TOKEN}, False),
    ],
)
async def test_an_open_server_without_a_key_says_so(
    serve: Serve, caplog: pytest.LogCaptureFixture, values: dict[str, str], warns: bool
) -> None:
    await serve(**values)
    assert [("twilio.auth_token is not set" in line) for line in caplog.messages] == [True] * warns
