"""The socket side of a line: a peer that does not read, admission, and draining."""

from __future__ import annotations

import asyncio
import json

import pytest
from aiohttp import WSMessage, WSMsgType

from tests.call.line_under_test import LineUnderTest
from voice.line import OUTBOX, Line, SocketTransport
from voice.telephony.twilio import TwilioWire

START = json.dumps(
    {
        "event": "start",
        "sequenceNumber": "1",
        "streamSid": "MZ9",
        "start": {
            "streamSid": "MZ9",
            "callSid": "CA9",
            "accountSid": "AC1",
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": {},
        },
    }
)


class StuckSocket:
    """A WebSocket whose peer reads nothing once ``stuck`` is set."""

    def __init__(self) -> None:
        self.sent: list[str | bytes] = []
        self.closed: tuple[int, bytes] | None = None
        self.stuck = False
        self.broken = False

    async def send_str(self, data: str) -> None:
        if self.broken:
            raise ConnectionResetError
        if self.stuck:
            await asyncio.Event().wait()
        self.sent.append(data)

    async def send_bytes(self, data: bytes) -> None:
        self.sent.append(data)

    async def close(self, *, code: int, message: bytes) -> None:
        self.closed = (code, message)


def transport(socket: StuckSocket) -> SocketTransport:
    return SocketTransport(socket)  # type: ignore[arg-type]  # the three methods that are called


async def test_messages_go_out_in_order_and_before_the_close() -> None:
    socket = StuckSocket()
    way_out = transport(socket)
    way_out.send("a")
    way_out.send(b"b")
    way_out.close(1000, "over")
    way_out.send("too late")
    await way_out.write()
    assert socket.sent == ["a", b"b"]
    assert socket.closed == (1000, b"over")


async def test_a_peer_that_does_not_read_is_closed_and_never_waited_for() -> None:
    socket = StuckSocket()
    way_out = transport(socket)
    for n in range(OUTBOX + 10):
        way_out.send(str(n))
    await way_out.write()
    assert socket.closed is not None
    assert socket.closed[0] == 1008
    assert socket.sent == []


@pytest.mark.parametrize("fault", ["stuck", "broken"])
async def test_a_socket_that_takes_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    monkeypatch.setattr("voice.line.WRITE_SECONDS", 0.01)
    socket = StuckSocket()
    setattr(socket, fault, True)
    way_out = transport(socket)
    way_out.send("a")
    await way_out.write()
    assert socket.closed is not None
    way_out.send("nobody there")
    assert socket.sent == []


class EndlessPeer(StuckSocket):
    """Starts a call and never hangs up, whatever we do."""

    def __aiter__(self) -> EndlessPeer:
        self._messages = [START]
        return self

    async def __anext__(self) -> WSMessage:
        if self._messages:
            return WSMessage(WSMsgType.TEXT, self._messages.pop(), None)
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_peer_that_neither_reads_nor_leaves_does_not_keep_the_call(
    line: LineUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voice.line.WRITE_SECONDS", 0.01)
    peer = EndlessPeer()
    peer.stuck = True
    host = Line(line.services)
    await asyncio.wait_for(host.answer(peer, TwilioWire()), 60)  # type: ignore[arg-type]  # as above
    assert host.active == 0
    (call,) = await line.store.calls()
    assert call["call_id"] == "CA9"
    assert (await line.store.events("CA9"))[-1].kind in ("call.ended", "recording.saved")


async def test_admission_and_draining(line: LineUnderTest) -> None:
    line.configure(server={"max_calls": 1})
    host = Line(line.services)
    assert host.accepts() is None
    assert "busy" in host.busy_text("en") or "lines" in host.busy_text("en")
    assert host.busy_text("es") != host.busy_text("en")
    await host.drain(0)
    assert host.accepts() == "draining"
