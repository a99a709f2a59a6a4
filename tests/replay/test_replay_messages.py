"""The provider's messages against an independent implementation, the webhook, and the server's messages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamdouble import protocol as double
from twilio.request_validator import RequestValidator

from voice.errors import WireError
from voice.replay import media_streams as ms
from voice.replay import webhook

IDENTITY = ms.Identity("CA1", "MZ1", "AC1")
TWIN = double.StreamIdentity(stream_sid="MZ1", account_sid="AC1", call_sid="CA1")


def test_messages_are_those_of_another_implementation() -> None:
    stream = ms.ProviderStream(IDENTITY)
    ours = [
        stream.connected(),
        stream.start({"lang": "en"}),
        stream.media(b"\x01" * 160),
        stream.media(b"\x02" * 160),
        stream.dtmf("#"),
        stream.mark("u1.0;wait=500"),
        stream.stop(),
    ]
    theirs = [
        double.build_connected(),
        double.build_start(TWIN, 1, custom_parameters={"lang": "en"}),
        double.build_media(TWIN, 2, 1, 0, b"\x01" * 160),
        double.build_media(TWIN, 3, 2, 20, b"\x02" * 160),
        double.build_dtmf(TWIN, 4, "#"),
        double.build_mark(TWIN, 5, "u1.0;wait=500"),
        double.build_stop(TWIN, 6),
    ]
    assert [json.loads(m) for m in ours] == theirs


def message(event: str, **body: Any) -> str:
    return json.dumps({"event": event, "streamSid": "MZ1", **body})


def test_the_servers_messages_are_understood() -> None:
    assert ms.parse(message("media", media={"payload": "//8="}), "MZ1") == ms.Media(b"\xff\xff")
    assert ms.parse(message("mark", mark={"name": "a"}), "MZ1") == ms.Mark("a")
    assert ms.parse(message("clear"), "MZ1") == ms.Clear()


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("{", "not JSON"),
        ("[]", "not an object"),
        (message("media", media={}), "without its content"),
        (message("media", media={"payload": "%%"}), "without its content"),
        (message("media"), "without its content"),
        (message("mark", mark=None), "without its content"),
        (message("hello"), "does not know"),
        ('{"event":"clear"}', "streamSid"),
        ('{"event":"clear","streamSid":"MZ2"}', "streamSid"),
    ],
)
def test_what_twilio_would_refuse_is_refused(raw: str, words: str) -> None:
    with pytest.raises(WireError, match=words):
        ms.parse(raw, "MZ1")


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=60),
        st.text(max_size=60),
        st.dictionaries(
            st.sampled_from(["event", "streamSid", "media", "mark"]),
            st.one_of(
                st.sampled_from(["media", "mark", "MZ1"]), st.none(), st.dictionaries(st.text(), st.text())
            ),
        ).map(json.dumps),
    )
)
def test_nothing_but_a_wire_error_comes_of_nonsense(raw: str | bytes) -> None:
    try:
        ms.parse(raw, "MZ1")
    except WireError:
        pass


TWIML = """<?xml version="1.0" encoding="UTF-8"?>
<Response><Connect action="https://x/after"><Stream url="wss://x/stream">
<Parameter name="From" value="+34600"/><Parameter name="token" value="a&amp;b"/>
</Stream></Connect></Response>"""


def test_twiml_is_followed() -> None:
    found = webhook.parse_twiml(TWIML)
    assert found.stream_url == "wss://x/stream"
    assert found.parameters == {"From": "+34600", "token": "a&b"}
    assert found.action_url == "https://x/after"


def test_twiml_that_refuses_has_no_stream() -> None:
    found = webhook.parse_twiml("<Response><Say>All lines are busy.</Say><Hangup/></Response>")
    assert found == webhook.Instruction(say="All lines are busy.")


@pytest.mark.parametrize(
    "text", ["", "no", "<html/>", "<!DOCTYPE r [<!ENTITY a 'b'>]><Response/>", "<Response>" + " " * 70_000]
)
def test_what_is_not_twiml_is_refused(text: str) -> None:
    with pytest.raises(WireError):
        webhook.parse_twiml(text)


@pytest.mark.parametrize(
    ("url", "ws"),
    [
        ("http://h:1/a", "ws://h:1/a"),
        ("https://h/a", "wss://h/a"),
        ("wss://h/a", "wss://h/a"),
        ("ws://h/a", "ws://h/a"),
    ],
)
def test_addresses_for_a_websocket(url: str, ws: str) -> None:
    assert webhook.websocket_url(url) == ws


def test_signatures_are_accepted_by_the_providers_own_library() -> None:
    validator = RequestValidator("secret")
    form = {"CallSid": "CA1", "From": "+34600", "To": "+34900"}
    url = "https://voice.example.com/telephony/twilio/voice"
    headers = webhook.signature("secret", url, form)
    assert validator.validate(url, form, headers["X-Twilio-Signature"])
    socket = "wss://voice.example.com/telephony/twilio/stream"
    assert validator.validate(socket, {}, webhook.signature("secret", socket)["X-Twilio-Signature"])
    assert webhook.signature("", url, form) == {}
