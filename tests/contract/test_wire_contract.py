"""What every wire protocol must do, whatever the provider: add a :class:`Peer` to run the suite for one."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voice.audio.g711 import ulaw_decode, ulaw_encode
from voice.errors import WireError
from voice.model import Digit, Frame
from voice.telephony.seam import Connected, Disconnected, MarkPlayed, Wire
from voice.telephony.twilio import TwilioWire


@dataclass(frozen=True)
class Peer:
    """A provider's side of the line, written down independently of our implementation."""

    name: str
    wire: Callable[[], Wire]
    opening: tuple[str | bytes, ...]
    audio: Callable[[bytes, int], str | bytes]  # pcm, at_ms
    digit: Callable[[str], str | bytes]
    mark: Callable[[str], str | bytes]
    stop: str | bytes
    sent: Callable[[str | bytes], tuple[str, bytes | str]]  # reads what we send: kind, pcm or name


def _twilio_sent(message: str | bytes) -> tuple[str, bytes | str]:
    body = json.loads(message)
    assert body["streamSid"] == "MZ1"
    if body["event"] == "media":
        return "audio", ulaw_decode(base64.b64decode(body["media"]["payload"], validate=True))
    if body["event"] == "mark":
        return "mark", body["mark"]["name"]
    assert set(body) == {"event", "streamSid"}
    return body["event"], ""


def _twilio() -> Peer:
    form = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
    opening = {
        "event": "start",
        "sequenceNumber": "1",
        "streamSid": "MZ1",
        "start": {"streamSid": "MZ1", "callSid": "CA1", "tracks": ["inbound"], "mediaFormat": form},
    }

    def audio(pcm: bytes, at_ms: int) -> str:
        payload = base64.b64encode(ulaw_encode(pcm)).decode()
        chunk = {"track": "inbound", "chunk": "1", "timestamp": str(at_ms), "payload": payload}
        return json.dumps({"event": "media", "sequenceNumber": "2", "media": chunk, "streamSid": "MZ1"})

    def signal(event: str, **body: str) -> str:
        return json.dumps({"event": event, "sequenceNumber": "3", "streamSid": "MZ1", event: body})

    return Peer(
        name="twilio",
        wire=TwilioWire,
        opening=(json.dumps({"event": "connected", "protocol": "Call"}), json.dumps(opening)),
        audio=audio,
        digit=lambda key: signal("dtmf", track="inbound_track", digit=key),
        mark=lambda name: signal("mark", name=name),
        stop=signal("stop", callSid="CA1"),
        sent=_twilio_sent,
    )


PEERS = [_twilio()]

PCM = ulaw_decode(bytes(range(160)))


@pytest.fixture(params=PEERS, ids=lambda peer: peer.name)
def peer(request: pytest.FixtureRequest) -> Peer:
    found = request.param
    assert isinstance(found, Peer)
    return found


def opened(peer: Peer) -> Wire:
    wire = peer.wire()
    for message in peer.opening:
        wire.receive(message)
    return wire


def test_the_opening_gives_one_connected(peer: Peer) -> None:
    wire = peer.wire()
    events = [event for message in peer.opening for event in wire.receive(message)]
    assert len(events) == 1
    assert isinstance(events[0], Connected)
    info = events[0].info
    assert info.call_id
    assert info.stream_id
    assert info.provider == wire.provider


def test_a_second_opening_is_ignored(peer: Peer) -> None:
    wire = opened(peer)
    assert [event for message in peer.opening for event in wire.receive(message)] == []


def test_audio_comes_out_as_telephone_pcm_in_media_time(peer: Peer) -> None:
    wire = opened(peer)
    assert wire.receive(peer.audio(PCM, 0)) == (Frame(PCM, 0),)
    assert wire.receive(peer.audio(PCM, 20)) == (Frame(PCM, 20),)


@pytest.mark.parametrize("key", "0123456789*#")
def test_keys(peer: Peer, key: str) -> None:
    wire = opened(peer)
    wire.receive(peer.audio(PCM, 100))
    assert wire.receive(peer.digit(key)) == (Digit(key, 120),)


def test_marks_and_stop(peer: Peer) -> None:
    wire = opened(peer)
    assert wire.receive(peer.mark("m1")) == (MarkPlayed("m1"),)
    (event,) = wire.receive(peer.stop)
    assert isinstance(event, Disconnected)
    assert wire.receive(peer.audio(PCM, 0)) == ()
    assert wire.receive(peer.stop) == ()


def test_what_we_send(peer: Peer) -> None:
    wire = opened(peer)
    assert peer.sent(wire.audio(PCM)) == ("audio", PCM)
    assert peer.sent(wire.mark("frase 1")) == ("mark", "frase 1")
    assert peer.sent(wire.clear())[0] == "clear"


def test_a_bad_message_leaves_the_connection_usable(peer: Peer) -> None:
    wire = opened(peer)
    with pytest.raises(WireError):
        wire.receive("{")
    assert wire.receive(peer.audio(PCM, 40)) == (Frame(PCM, 40),)


@pytest.mark.parametrize("reason", ["completed", "busy", "refused", "ñ" * 100, ""])
def test_close_codes_are_ones_a_server_may_send(peer: Peer, reason: str) -> None:
    code, text = opened(peer).close_code(reason)
    assert code in (1000, 1001, 1008, 1011, 1013)
    assert len(text.encode()) <= 123


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # the peer holds no state
@given(messages=st.lists(st.text() | st.binary(), max_size=5))
def test_arbitrary_messages_raise_nothing_but_wire_errors(peer: Peer, messages: list[str | bytes]) -> None:
    for wire in (peer.wire(), opened(peer)):
        for message in messages:
            with contextlib.suppress(WireError):
                wire.receive(message)
