from __future__ import annotations

import base64
import json
import logging
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.telephony.twilio_peer import CALL, STREAM, compact, media, start
from voice.audio.g711 import ulaw_decode
from voice.errors import WireError
from voice.model import CallInfo, Digit, Frame
from voice.telephony.seam import Connected, Disconnected, WireEvent
from voice.telephony.twilio import MAX_CHUNK_BYTES, TwilioWire

SECRET = "4111111111111111"


def started() -> TwilioWire:
    wire = TwilioWire()
    wire.receive(compact(start()))
    return wire


def outcome(receive: Any, message: str | bytes) -> tuple[WireEvent, ...] | str:
    try:
        events = receive(message)
    except WireError as error:
        return str(error)
    assert isinstance(events, tuple)
    return events


def rejection(message: object, wire: TwilioWire | None = None) -> str:
    text = message if isinstance(message, str | bytes) else compact(message)
    with pytest.raises(WireError) as caught:
        (wire or started()).receive(text)
    assert SECRET not in str(caught.value)
    return str(caught.value)


# --- start --------------------------------------------------------------------------------------------


def test_start_tells_who_calls() -> None:
    wire = TwilioWire()
    assert wire.receive(compact({"event": "connected", "protocol": "Call", "version": "1.0.0"})) == ()
    extra = {"From": "+34600000000", "To": "+34900000000", "token": "t", "answer_ms": 1000}
    (event,) = wire.receive(compact(start(customParameters=extra)))
    assert event == Connected(
        CallInfo(
            call_id=CALL,
            stream_id=STREAM,
            provider="twilio",
            caller="+34600000000",
            called="+34900000000",
            parameters={"From": "+34600000000", "To": "+34900000000", "answer_ms": "1000"},
        )
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 16000, "channels": 1}}, "PCMU"),
        ({"mediaFormat": {"encoding": "audio/l16", "sampleRate": 8000, "channels": 1}}, "PCMU"),
        ({"mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 2}}, "PCMU"),
        ({"mediaFormat": None}, "mediaFormat"),
        ({"tracks": ["outbound"]}, "<Connect><Stream>"),
        ({"tracks": "inbound"}, "inbound track"),
        ({"callSid": SECRET + '"'}, "callSid"),
        ({"callSid": "../../etc"}, "callSid"),
        ({"callSid": ".."}, "callSid"),
        ({"callSid": "C" * 129}, "callSid"),
        ({"callSid": "CA1\n"}, "callSid"),
        ({"streamSid": ""}, "streamSid"),
        ({"streamSid": "MZother"}, "two different"),
        ({"customParameters": []}, "customParameters"),
        ({"customParameters": {"a": [SECRET]}}, "customParameter"),
        ({"customParameters": {"a": SECRET * 100}}, "customParameter"),
        ({"customParameters": {str(n): "" for n in range(33)}}, "32"),
    ],
)
def test_a_start_that_cannot_work_says_what_is_wrong(changes: dict[str, Any], reason: str) -> None:
    wire = TwilioWire()
    assert reason in rejection(start(**changes), wire)
    assert wire.info is None
    assert len(wire.receive(compact(start()))) == 1, "a later, good start still counts"


def test_a_second_start_is_ignored_and_another_stream_refused() -> None:
    wire = started()
    assert wire.receive(compact(start(call="CAother"))) == ()
    assert wire.info is not None
    assert wire.info.call_id == CALL
    assert "another stream" in rejection(start(stream="MZother"), wire)


def test_who_may_start_is_asked_with_the_token() -> None:
    asked: list[tuple[str, str]] = []

    def admit(call_sid: str, token: str) -> bool:
        asked.append((call_sid, token))
        return token == "good"

    wire = TwilioWire(admit)
    assert wire.receive(compact(start(customParameters={"token": "bad"}))) == (Disconnected("refused"),)
    assert wire.info is None
    assert wire.receive(compact(start(customParameters={"token": "good"}))) == (), "no second try"
    assert wire.receive(compact(media(b"\xff" * 160))) == ()
    assert asked == [(CALL, "bad")]
    assert len(TwilioWire(admit).receive(compact(start(customParameters={"token": "good"})))) == 1


@pytest.mark.parametrize("event", ["media", "dtmf", "mark"])
def test_messages_before_start_are_refused(event: str) -> None:
    assert rejection({"event": event, "streamSid": STREAM}, TwilioWire()) == f"{event} before start"


def test_stop_before_start_ends_the_connection() -> None:
    wire = TwilioWire()
    assert wire.receive(compact({"event": "stop", "streamSid": STREAM})) == (Disconnected("stopped"),)
    assert wire.receive(compact(start())) == ()


# --- media --------------------------------------------------------------------------------------------

SILENCE = base64.b64encode(b"\xff" * 160).decode()


@pytest.mark.parametrize("size", [1, 7, 159, 160, 161, 1600, MAX_CHUNK_BYTES])
def test_any_chunk_up_to_a_second_is_heard(size: int) -> None:
    data = bytes(n % 256 for n in range(size))
    assert started().receive(compact(media(data, 40))) == (Frame(ulaw_decode(data), 40),)


def test_an_empty_chunk_carries_nothing() -> None:
    assert started().receive(compact(media(b""))) == ()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"payload": base64.b64encode(b"x" * (MAX_CHUNK_BYTES + 1)).decode()}, "more than one second"),
        ({"payload": base64.b64encode(b"x" * 40_000).decode()}, "more than one second"),
        ({"payload": SECRET + "!"}, "base64"),
        ({"payload": "AA"}, "base64"),
        ({"payload": "AAAA====" + SECRET}, "base64"),
        ({"payload": None}, "payload"),
        ({"payload": 5}, "payload"),
        ({"track": SECRET}, "track"),
        ({"timestamp": "-1"}, "timestamp"),
        ({"timestamp": "1" + "0" * 8}, "timestamp"),
        ({"timestamp": "１２"}, "timestamp"),
        ({"timestamp": "9" * 5000}, "timestamp"),
        ({"timestamp": 1.5}, "timestamp"),
        ({"timestamp": True}, "timestamp"),
        ({"timestamp": None}, "timestamp"),
    ],
)
def test_bad_media(changes: dict[str, Any], reason: str) -> None:
    message = media(b"\xff" * 160)
    message["media"].update(changes)
    assert reason in rejection(message)


def test_our_own_voice_coming_back_is_not_the_caller() -> None:
    message = media(b"\xff" * 160)
    message["media"]["track"] = "outbound"
    assert started().receive(compact(message)) == ()


def test_media_of_another_stream_is_refused() -> None:
    assert "another stream" in rejection(media(b"\xff" * 160, stream="MZother"))
    message = media(b"\xff" * 160)
    del message["streamSid"]
    assert "another stream" in rejection(message)


def test_keys_are_stamped_with_where_the_audio_is() -> None:
    wire = started()
    dtmf = compact({"event": "dtmf", "streamSid": STREAM, "dtmf": {"track": "inbound_track", "digit": "d"}})
    assert wire.receive(dtmf) == (Digit("D", 0),)
    wire.receive(compact(media(b"\xff" * 160, 980)))
    assert wire.receive(dtmf) == (Digit("D", 1000),)
    wire.receive(json.dumps(media(b"\xff" * 80, 1000)))
    assert wire.receive(dtmf) == (Digit("D", 1010),)


@pytest.mark.parametrize("digit", ["", "12", "x", None, 5, "５", "\x00"])
def test_bad_keys(digit: object) -> None:
    assert "key" in rejection({"event": "dtmf", "streamSid": STREAM, "dtmf": {"digit": digit}})


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{",
        "[]",
        "null",
        '"media"',
        "{}",
        '{"event":null}',
        '{"event":["media"]}',
        '{"event":"media","streamSid":"' + STREAM + '"}',
        '{"event":"mark","streamSid":"' + STREAM + '","mark":{"name":7}}',
        "\ud800",
        "[" * 100_000,
        "x" * 70_000,
        b"\xff\xfe",
        compact(media(b"\xff" * 160)).encode(),
        '{"event":"start"}',
        '{"event":"start","start":7}',
    ],
)
def test_other_bad_messages(message: str | bytes) -> None:
    assert len(rejection(message)) < 100


def test_unknown_events_are_ignored_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    wire = started()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert wire.receive(compact({"event": "weather", "streamSid": STREAM, "x": SECRET})) == ()
    assert len(caplog.records) == 1
    assert SECRET not in caplog.text


# --- the short way and the long way agree -------------------------------------------------------------

_numbers = st.integers(0, 10**11).map(str) | st.sampled_from(["", "-1", "1.5", "007", "x", "１"])
_payloads = (
    st.binary(max_size=400).map(lambda data: base64.b64encode(data).decode())
    | st.text(max_size=20)
    | st.sampled_from(["AA", "A===", "AAAA\n", "AA==AA==", 'AAAA"', "AAAA\\/", " AAAA", SILENCE * 60])
)


@st.composite
def _media_like(draw: st.DrawFn) -> str:
    body: dict[str, Any] = {
        "event": "media",
        "sequenceNumber": draw(_numbers),
        "media": {
            "track": draw(st.sampled_from(["inbound", "inbound", "inbound", "outbound", "x"])),
            "chunk": draw(_numbers),
            "timestamp": draw(_numbers),
            "payload": draw(_payloads),
        },
        "streamSid": draw(st.sampled_from([STREAM, STREAM, STREAM, "MZother", STREAM + "x"])),
    }
    if draw(st.booleans()):
        body["media"] = dict(draw(st.permutations(list(body["media"].items()))))
    if draw(st.booleans()):
        body = dict(draw(st.permutations(list(body.items()))))
    separators = draw(st.sampled_from([(",", ":"), (",", ":"), (", ", ": ")]))
    return json.dumps(body, separators=separators, ensure_ascii=draw(st.booleans()))


@st.composite
def _damaged(draw: st.DrawFn) -> str:
    """Twilio's own text with one piece cut out, doubled or replaced."""
    text = compact(media(draw(st.binary(max_size=30)), draw(st.integers(0, 10**7))))
    a = draw(st.integers(0, len(text)))
    b = draw(st.integers(a, min(len(text), a + 12)))
    middle = draw(st.sampled_from(["", text[a:b] * 2, '"', "\\", "}", ",", "\x00", " ", '","x":"', "é"]))
    return text[:a] + middle + text[b:]


@settings(max_examples=250, deadline=None)
@given(message=_media_like() | _damaged() | st.text())
def test_both_ways_of_reading_agree(message: str) -> None:
    short, long = started(), started()
    assert outcome(short.receive, message) == outcome(long._receive_any, message)
    assert short._last == long._last


def test_the_short_way_is_taken_for_what_twilio_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = started()
    monkeypatch.setattr(wire, "_receive_any", lambda message: pytest.fail("the long way"))
    assert wire.receive(compact(media(b"\xff" * 160, 20))) == (Frame(b"\0" * 320, 20),)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
_events = st.sampled_from(["connected", "start", "media", "dtmf", "mark", "stop", "clear", ""])


@settings(max_examples=60, deadline=None)
@given(
    messages=st.lists(
        st.fixed_dictionaries(
            {"event": _events | _json},
            optional={
                "streamSid": st.just(STREAM) | _json,
                "start": _json | st.just(start()["start"]),
                "media": _json | st.dictionaries(st.sampled_from(["track", "timestamp", "payload"]), _json),
                "dtmf": _json | st.dictionaries(st.just("digit"), _json),
                "mark": _json | st.dictionaries(st.just("name"), _json),
            },
        ),
        max_size=6,
    ),
    begun=st.booleans(),
)
def test_arbitrary_json_raises_nothing_but_wire_errors(messages: list[object], begun: bool) -> None:
    wire = started() if begun else TwilioWire()
    for message in messages:
        reason = outcome(wire.receive, json.dumps(message))
        assert not isinstance(reason, str) or len(reason) < 120


# --- what we send -------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(pcm=st.binary(max_size=400).map(lambda data: data * 2), name=st.text(max_size=30))
def test_outgoing_messages_are_twilios_json(pcm: bytes, name: str) -> None:
    wire = started()
    sent = json.loads(wire.audio(pcm))
    payload = sent["media"].pop("payload")
    assert sent == {"event": "media", "streamSid": STREAM, "media": {}}
    assert len(base64.b64decode(payload, validate=True)) == len(pcm) // 2
    if not any("\ud800" <= char <= "\udfff" for char in name):
        assert json.loads(wire.mark(name)) == {"event": "mark", "streamSid": STREAM, "mark": {"name": name}}
    assert json.loads(wire.clear()) == {"event": "clear", "streamSid": STREAM}


def test_nothing_can_be_sent_before_start() -> None:
    wire = TwilioWire()
    with pytest.raises(WireError, match="before the stream has started"):
        wire.audio(b"\0\0")
    with pytest.raises(WireError, match="before the stream has started"):
        wire.mark("a")
    with pytest.raises(WireError, match="before the stream has started"):
        wire.clear()
