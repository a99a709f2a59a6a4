"""ConversationRelay's messages, as both providers document them, and what nobody documents."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.errors import WireError
from voice.model import Digit
from voice.telephony.conversationrelay import RelayWire
from voice.telephony.messages import MAX_MESSAGE_BYTES
from voice.telephony.seam import Connected, Disconnected, Interrupted, Played, Said, Speaking, TextWire

CODES = {"es": "es-ES", "en": "en-US"}
TWILIO_SETUP = {
    "type": "setup",
    "sessionId": "VX00000000000000000000000000000000",
    "accountSid": "AC00000000000000000000000000000000",
    "parentCallSid": "",
    "callSid": "CA00000000000000000000000000000000",
    "from": "+18005550100",
    "to": "+18005550101",
    "forwardedFrom": "+18005550102",
    "callType": "PSTN",
    "callerName": "",
    "direction": "inbound",
    "callStatus": "RINGING",
    "customParameters": {"callReference": "bar", "token": "t", "greeting": "es"},
}
TELNYX_SETUP = {
    "type": "setup",
    "sessionId": "7a7e6a4f-1d44-4f0c-b5d4-9f9bf3a5c1f2",
    "callSid": "v2:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
    "callControlId": "v2:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
    "from": "+13122010094",
    "to": "+13122123456",
    "customParameters": None,
}


def message(**body: Any) -> str:
    return json.dumps(body)


def started() -> RelayWire:
    wire = RelayWire(CODES, greetings={"es": "Hola."}, music_url="https://voice.example.com/music.wav")
    wire.receive(json.dumps(TWILIO_SETUP))
    return wire


def test_a_session_of_twilio() -> None:
    asked: list[tuple[str, str, str]] = []

    def admit(*shown: str) -> bool:
        asked.append(shown)  # type: ignore[arg-type]  # three of them
        return True

    wire = RelayWire(CODES, greetings={"es": "Hola."}, admit=admit)
    (connected,) = wire.receive(json.dumps(TWILIO_SETUP))
    assert isinstance(connected, Connected)
    info = connected.info
    assert asked == [("twilio", TWILIO_SETUP["callSid"], "t")]
    assert (info.provider, info.caller, info.called) == (
        "twilio-conversationrelay",
        "+18005550100",
        "+18005550101",
    )
    assert info.parameters == {"callReference": "bar"}
    assert wire.greeting() == "Hola."
    assert isinstance(wire, TextWire)


def test_a_session_of_telnyx() -> None:
    wire = RelayWire(CODES)
    (connected,) = wire.receive(json.dumps(TELNYX_SETUP))
    assert isinstance(connected, Connected)
    assert connected.info.provider == "telnyx-conversationrelay"
    assert connected.info.call_id == TELNYX_SETUP["callSid"]
    assert wire.greeting() == ""


def test_a_session_that_is_not_admitted_hears_nothing_more() -> None:
    wire = RelayWire(CODES, admit=lambda *shown: False)
    assert wire.receive(json.dumps(TWILIO_SETUP)) == (Disconnected("refused"),)
    assert wire.receive(message(type="prompt", voicePrompt="hola", last=True)) == ()


@pytest.mark.parametrize(
    ("body", "event"),
    [
        (
            {"type": "prompt", "voicePrompt": " hola ", "lang": "es-ES", "last": False},
            Said("hola", "es", False),
        ),
        ({"type": "prompt", "voicePrompt": "hi", "lang": "en", "last": True}, Said("hi", "en", True)),
        ({"type": "prompt", "voicePrompt": "hi", "lang": "multi"}, Said("hi", "", True)),
        ({"type": "dtmf", "digit": "#"}, Digit("#", 0)),
        (
            {"type": "interrupt", "utteranceUntilInterrupt": "Life", "durationUntilInterruptMs": "460"},
            Interrupted("Life", 460),
        ),
        (
            {"type": "interrupt", "utteranceUntilInterrupt": "Life", "durationUntilInterruptMs": 1820},
            Interrupted("Life", 1820),
        ),
        ({"type": "info", "name": "agentSpeaking", "value": "on", "ts": 1752091234567}, Speaking(True)),
        ({"type": "info", "name": "agentSpeaking", "value": "off"}, Speaking(False)),
        ({"type": "info", "name": "tokensPlayed", "value": "Hi,"}, Played("Hi,")),
        ({"type": "info", "name": "clientSpeaking", "value": "on"}, None),
        ({"type": "error", "description": "Invalid message: unknown type: foo"}, None),
        ({"type": "something new"}, None),
    ],
)
def test_what_the_provider_sends(body: dict[str, Any], event: object) -> None:
    assert started().receive(json.dumps(body)) == (() if event is None else (event,))


@pytest.mark.parametrize(
    "bad",
    [
        "{",
        "[]",
        b"{}",
        "{}",
        '{"type": 3}',
        message(type="prompt"),
        message(type="prompt", voicePrompt=3),
        message(type="prompt", voicePrompt="a", last="yes"),
        message(type="prompt", voicePrompt="a" * 5000, last=True),
        message(type="dtmf", digit="12"),
        message(type="dtmf"),
        message(type="interrupt", utteranceUntilInterrupt=[], durationUntilInterruptMs=1),
        message(type="interrupt", durationUntilInterruptMs="soon"),
        message(type="setup"),
        message(type="setup", sessionId="VX9", callSid="CA9"),
        message(type="setup", sessionId="../x", callSid="CA9"),
        message(type="prompt", voicePrompt="a" * MAX_MESSAGE_BYTES),
    ],
)
def test_what_cannot_be_understood_is_refused_without_repeating_it(bad: str | bytes) -> None:
    with pytest.raises(WireError) as refused:
        started().receive(bad)
    assert "aaa" not in str(refused.value)


def test_nothing_counts_before_the_session_has_started() -> None:
    with pytest.raises(WireError, match="before setup"):
        RelayWire(CODES).receive(message(type="prompt", voicePrompt="hola"))


def test_too_many_or_too_long_parameters_are_refused() -> None:
    bad: list[Any] = [{str(n): "x" for n in range(40)}, {"a": "x" * 2000}, {"a": {}}, [1]]
    for parameters in bad:
        with pytest.raises(WireError):
            RelayWire(CODES).receive(json.dumps(TWILIO_SETUP | {"customParameters": parameters}))


def test_what_we_send_is_as_documented() -> None:
    wire = started()
    assert json.loads(wire.text("¿Sí?", "es", interruptible=True, preemptible=False)) == {
        "type": "text",
        "token": "¿Sí?",
        "last": True,
        "lang": "es-ES",
        "interruptible": True,
        "preemptible": False,
    }
    assert json.loads(wire.language("en")) == {
        "type": "language",
        "ttsLanguage": "en-US",
        "transcriptionLanguage": "en-US",
    }
    assert json.loads(wire.music())["source"] == "https://voice.example.com/music.wav"
    assert RelayWire(CODES).music() == ""
    assert json.loads(wire.send_digits("12w#")) == {"type": "sendDigits", "digits": "12w#"}
    with pytest.raises(WireError):
        wire.send_digits("12;")
    ended = json.loads(wire.end({"outcome": "completed"}))
    assert ended == {"type": "end", "handoffData": '{"outcome":"completed"}'}
    assert wire.close_code("flood") == (1008, "flood")
    assert wire.over


@pytest.mark.parametrize(
    ("description", "kind"),
    [
        ('Invalid message received: {"token": "su saldo"}', "invalid message"),
        ("su saldo es de cien euros", "another error"),
        (None, "another error"),
    ],
)
def test_an_error_is_logged_by_its_kind_and_length_alone(
    caplog: pytest.LogCaptureFixture, description: str | None, kind: str
) -> None:
    started().receive(message(type="error", description=description))
    assert caplog.messages == [
        f"conversationrelay: the provider reports: {kind} ({len(description or '')} characters)"
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        "sessionId",
        "callSid",
        "customParameters",
        "voicePrompt",
        "lang",
        "last",
        "digit",
        "utteranceUntilInterrupt",
        "durationUntilInterruptMs",
        "description",
        "name",
        "value",
    ]
)
KINDS = st.sampled_from(["setup", "prompt", "interrupt", "dtmf", "error", "info"])


@settings(deadline=None, max_examples=150)
@given(KINDS, st.dictionaries(NAMES, JSON, max_size=6), st.booleans())
def test_no_message_breaks_it(kind: str, fields: dict[str, Any], setup: bool) -> None:
    wire = started() if setup else RelayWire(CODES)
    try:
        events = wire.receive(json.dumps({"type": kind, **fields}))
    except WireError:
        return
    assert len(events) <= 1


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60) | st.binary(max_size=60))
def test_no_text_breaks_it(raw: str | bytes) -> None:
    with pytest.raises(WireError):
        started().receive(raw)
