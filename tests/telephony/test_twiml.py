"""Our TwiML against the provider's own classes: the same tree."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.twiml.voice_response import Connect, VoiceResponse

from voice.telephony import twiml

_texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20
)


def tree(document: str) -> str:
    return ElementTree.canonicalize(document)


@settings(max_examples=100, deadline=None)
@given(url=_texts, parameters=st.lists(st.tuples(_texts, _texts.filter(bool)), max_size=4))
def test_connect_stream(url: str, parameters: list[tuple[str, str]]) -> None:
    response = VoiceResponse()
    connect = Connect(action=url + "/after")
    stream = connect.stream(url=url, status_callback=url + "/status")
    for name, value in parameters:
        stream.parameter(name=name, value=value)
    response.append(connect)
    ours = twiml.connect_stream(
        url, action_url=url + "/after", status_url=url + "/status", parameters=parameters
    )
    if url:
        assert tree(ours) == tree(str(response))
    ElementTree.fromstring(ours)


@settings(max_examples=100, deadline=None)
@given(text=_texts.filter(str.strip))
@pytest.mark.parametrize(("lang", "language"), [("es", "es-ES"), ("en", "en-US")])
def test_say(text: str, lang: str, language: str) -> None:
    response = VoiceResponse()
    response.say(text, language=language)
    response.hangup()
    assert tree(twiml.say_and_hang_up(text, lang)) == tree(str(response))


def test_hang_up() -> None:
    response = VoiceResponse()
    response.hangup()
    assert tree(twiml.HANG_UP) == tree(str(response))


@settings(max_examples=200, deadline=None)
@given(value=st.text())
def test_any_text_makes_well_formed_xml(value: str) -> None:
    ElementTree.fromstring(twiml.say_and_hang_up(value, "es").encode())
    document = twiml.connect_stream(
        value, action_url=value, status_url=value, parameters=[(value, value), ("empty", "")]
    )
    found = ElementTree.fromstring(document.encode()).findall(".//Parameter")
    assert all(one.get("name") != "empty" for one in found)
