"""What strangers, scanners and broken clients send: one clear line, and nothing else disturbed."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import urlencode

import pytest
from aiohttp import WSMsgType, web
from aiohttp.test_utils import unused_port

from tests.telephony.twilio_peer import (
    CALL,
    STREAM,
    Client,
    EchoHost,
    Serve,
    compact,
    configured,
    media,
    start,
)
from voice.clock import ManualClock
from voice.telephony import twilio_http, webhooks
from voice.telephony.quiet import HttpLog, QuietLog
from voice.telephony.seam import Connected

FRAME = b"\xff" * 160
PATH = "/telephony/twilio/stream"
UPGRADE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
)

Raw = Callable[[bytes], Awaitable[bytes]]


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.name.startswith(("voice", "aiohttp.server"))]


async def a_good_call(client: Client) -> None:
    async with client.ws_connect(PATH) as ws:
        await ws.send_str(compact(start(stream="MZgood", call="CAgood")))
        await ws.send_str(compact(media(FRAME, stream="MZgood")))
        assert (await ws.receive_json())["streamSid"] == "MZgood"


@pytest.fixture
async def raw(host: EchoHost) -> AsyncIterator[Raw]:
    """``await raw(data)`` sends bytes to a server of ours and returns all it answers until it closes.

    The server has a short patience, so that what never ends ends here within the test."""
    app = web.Application()
    app.add_routes(twilio_http.routes(configured(), host, clock=ManualClock()))
    runner = web.AppRunner(app, keepalive_timeout=0.05, lingering_time=0.05, access_log=None)
    await runner.setup()
    port = unused_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()

    async def send(data: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(data)
        try:
            return await asyncio.wait_for(reader.read(), 10)
        finally:
            writer.close()

    yield send
    await runner.cleanup()


# --- on the stream ------------------------------------------------------------------------------------


async def test_a_flood_of_garbage_disturbs_no_other_call(
    serve: Serve, host: EchoHost, caplog: pytest.LogCaptureFixture
) -> None:
    client = await serve()
    async with client.ws_connect(PATH) as ws:
        await ws.send_str(compact(start()))
        for number in range(500):
            await ws.send_str("{" * number)
            await ws.send_bytes(bytes([number % 256]) * number)
            await ws.send_str(compact({"event": "weather", "streamSid": STREAM}))
        await a_good_call(client)
        await ws.send_str(compact(media(FRAME)))
        assert (await ws.receive_json())["event"] == "media", "the flooding call itself goes on too"
    assert len(host.rejected) == 1000
    assert set(host.rejected) == {"not JSON", "a binary message; Media Streams has only text"}
    assert lines(caplog) == ["twilio stream: unknown kind of message ignored, as all later ones will be"]


@pytest.mark.parametrize("sends", ["text", "binary", "media"])
async def test_a_huge_message_closes_only_its_stream(
    serve: Serve, caplog: pytest.LogCaptureFixture, sends: str
) -> None:
    client = await serve()
    async with client.ws_connect(PATH) as ws:
        await ws.send_str(compact(start()))
        if sends == "text":
            await ws.send_str("x" * 70_000)
        elif sends == "binary":
            await ws.send_bytes(b"x" * 1_000_000)
        else:
            await ws.send_str(compact(media(b"x" * 60_000)))
        closed = await ws.receive()
        assert (closed.type, closed.data) == (WSMsgType.CLOSE, 1009)
    await a_good_call(client)
    assert lines(caplog) == [f"twilio stream {CALL} closed: a message of more than 65536 bytes"]


@pytest.mark.parametrize(
    ("frame", "code", "said"),
    [
        (b"\xc1\x80\x00\x00\x00\x00", 1002, "broke the WebSocket protocol"),  # compressed, not negotiated
        (b"\x83\x80\x00\x00\x00\x00", 1002, "broke the WebSocket protocol"),  # a reserved kind of frame
        (b"\x09\x80\x00\x00\x00\x00", 1002, "broke the WebSocket protocol"),  # a ping in pieces
        (b"\x81\x82\x00\x00\x00\x00\xff\xfe", 1007, "not UTF-8"),
    ],
)
async def test_broken_websocket_frames(
    raw: Raw, host: EchoHost, caplog: pytest.LogCaptureFixture, frame: bytes, code: int, said: str
) -> None:
    answer = await raw(UPGRADE.format(path=PATH).encode() + b"\r\n" + frame)
    head, _, frames = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101")
    assert code.to_bytes(2, "big") in frames
    assert len(lines(caplog)) == 1
    assert said in lines(caplog)[0]


async def test_a_stream_that_only_opens_is_the_hosts_to_close(serve: Serve, host: EchoHost) -> None:
    client = await serve()
    async with client.ws_connect(PATH) as ws:
        await ws.ping()
        await a_good_call(client)
    await host.done.wait()
    assert sum(isinstance(event, Connected) for event in host.events) == 1


# --- before the stream --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"GET /telephony",
        UPGRADE.format(path=PATH).encode(),
        b"POST /telephony/twilio/voice HTTP/1.1\r\nHost: h\r\nContent-Le",
    ],
)
async def test_a_head_that_never_ends_is_cut_off(
    raw: Raw, caplog: pytest.LogCaptureFixture, head: bytes
) -> None:
    assert await raw(head) == b""
    assert lines(caplog) == []


async def test_a_form_that_never_ends_is_cut_off(
    raw: Raw, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "FORM_SECONDS", 0.05)
    answer = await raw(
        b"POST /telephony/twilio/voice HTTP/1.1\r\nHost: h\r\nContent-Length: 500\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\nCallSid="
    )
    assert answer.startswith(b"HTTP/1.1 408")
    assert lines(caplog) == ["twilio: a webhook's form did not arrive in 0.05 s"]


@pytest.mark.parametrize(
    ("request_text", "status", "said"),
    [
        (f"GET {PATH} HTTP/1.1\r\nHost: h\r\n", 426, "no WebSocket upgrade"),
        (
            f"GET {PATH} HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
            426,
            "no WebSocket",
        ),
        (UPGRADE.format(path=PATH).replace(": 13", ": 6"), 426, "no WebSocket upgrade"),
        (UPGRADE.format(path=PATH).replace("AAAAAAAAAAAAAAAAAAAAAA==", "short"), 426, "no WebSocket upgrade"),
        (f"HEAD {PATH} HTTP/1.1\r\nHost: h\r\n", 405, "no GET"),
        (f"POST {PATH} HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n", 405, "no GET"),
        (UPGRADE.format(path="/telephony/twilio/streams"), 404, "unknown path"),
        (UPGRADE.format(path="/telephony/twilio/voice"), 405, "configure HTTP POST"),
        ("GET /telephony/twilio/voice HTTP/1.1\r\nHost: h\r\n", 405, "configure HTTP POST"),
        ("DELETE /telephony/twilio/status HTTP/1.1\r\nHost: h\r\n", 405, "configure HTTP POST"),
        ("POST /telephony/twilio/voice HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n", 415, "without a form"),
        ("GET /telephony/twilio/ HTTP/1.1\r\nHost: h\r\n", 404, "unknown path"),
    ],
)
async def test_wrong_requests_get_one_line(
    raw: Raw, caplog: pytest.LogCaptureFixture, request_text: str, status: int, said: str
) -> None:
    answer = await raw(request_text.encode() + b"\r\n")
    assert answer.startswith(f"HTTP/1.1 {status}".encode())
    assert len(lines(caplog)) == 1
    assert said in lines(caplog)[0]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"CallSid=%ff%fe", 400),
        (b"CallSid=\xc3\xa9", 400),
        (b"\xff\xfe", 400),
        (b"a=1&" * 500, 400),
        (b"a" * 70_000, 413),
        (b"&&&==&%&%zz=%", 200),
        (b"", 200),
    ],
)
async def test_odd_forms(serve: Serve, caplog: pytest.LogCaptureFixture, body: bytes, status: int) -> None:
    client = await serve()
    for charset in ("", "; charset=utf-16", "; charset=nonsense"):
        caplog.clear()
        headers = {"Content-Type": "application/x-www-form-urlencoded" + charset}
        assert (await client.post("/telephony/twilio/voice", data=body, headers=headers)).status == status
        assert len(lines(caplog)) == (status != 200)


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/json", "text/xml", "x"])
async def test_other_bodies(serve: Serve, caplog: pytest.LogCaptureFixture, kind: str) -> None:
    client = await serve()
    answer = await client.post("/telephony/twilio/voice", data=b"--x--", headers={"Content-Type": kind})
    assert answer.status == 415
    assert len(lines(caplog)) == 1


@pytest.mark.parametrize("name", ['evil"/><Hangup/>', "a b", "h:port", "h:123456", "[::1", "é"])
async def test_a_host_header_that_is_no_host(raw: Raw, caplog: pytest.LogCaptureFixture, name: str) -> None:
    body = urlencode({"CallSid": CALL})
    answer = await raw(
        f"POST /telephony/twilio/voice HTTP/1.1\r\nHost: {name}\r\nContent-Length: {len(body)}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}".encode()
    )
    assert answer.startswith(b"HTTP/1.1 400")
    assert len(lines(caplog)) <= 1  # the parser refuses some by itself


@pytest.mark.parametrize(
    "data", [b"\x16\x03\x01\x02\x00\x01\x00" * 20, b"\r\n\r\n" * 50, b"GET\x00 / x\r\n\r\n"]
)
async def test_what_is_no_http(
    raw: Raw, host: EchoHost, caplog: pytest.LogCaptureFixture, data: bytes
) -> None:
    answer = await raw(data)
    assert answer == b"" or answer.startswith(b"HTTP/1.")
    assert host.answered == 0
    assert not [r for r in caplog.records if r.levelno >= logging.WARNING and r.name.startswith("voice")]


async def test_a_scan_leaves_a_few_lines_not_a_flood(
    serve: Serve, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    client = await serve(twilio__auth_token="t")
    for number in range(40):
        await client.post("/telephony/twilio/voice", data={"From": str(number)})
        await client.get(f"/telephony/twilio/{number}.php")
    assert len(lines(caplog)) == 10
    clock.advance(60_000)
    caplog.clear()
    await client.get("/telephony/twilio/admin")
    assert lines(caplog)[0].endswith("(35 more like this left out)")


async def test_what_is_no_http_is_a_line_without_its_bytes(
    clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    runner = web.AppRunner(web.Application(), access_log=None, logger=HttpLog(clock))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    try:
        for _ in range(20):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: secret" + b"s" * 20_000 + b"\r\n\r\n")
            assert b" 400 " in await reader.readline()
            writer.close()
    finally:
        await runner.cleanup()
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING] == [
        "a request that is no proper HTTP was refused (400)"
    ] * 5
    assert "ssss" not in caplog.text


def test_quiet_log_counts_kinds_apart(caplog: pytest.LogCaptureFixture) -> None:
    clock = ManualClock()
    quiet = QuietLog(logging.getLogger("voice.test"), clock, burst=1, window_ms=10)
    for _ in range(3):
        quiet.warning("a", "a %s", 1)
        quiet.warning("b", "b")
    clock.advance(10)
    quiet.warning("a", "a %s", 2)
    clock.advance(10)
    quiet.warning("a", "a %s", 3)
    assert caplog.messages == ["a 1", "b", "a 2 (2 more like this left out)", "a 3"]


async def test_json_on_the_stream_is_not_trusted_for_its_size(serve: Serve, host: EchoHost) -> None:
    client = await serve()
    deep = '{"event":' + "[" * 30_000 + "]" * 30_000 + "}"
    async with client.ws_connect(PATH) as ws:
        await ws.send_str(deep)
        await ws.send_str(json.dumps({"event": "x" * 60_000}))
        await ws.send_str(compact(start()))
        await ws.send_str(compact(media(FRAME)))
        assert (await ws.receive_json())["event"] == "media"
