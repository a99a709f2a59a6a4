"""The few TwiML documents that a call needs. https://www.twilio.com/docs/voice/twiml."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final
from xml.sax.saxutils import escape, quoteattr

_PROLOGUE: Final = '<?xml version="1.0" encoding="UTF-8"?>'
_SAY_LANGUAGES: Final = {"es": "es-ES", "en": "en-US"}
# what XML 1.0 cannot hold, escaped or not (section 2.2, Char)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

HANG_UP: Final = f"{_PROLOGUE}<Response><Hangup/></Response>"


def _attribute(value: str) -> str:
    return quoteattr(_NOT_XML.sub("", value))


def connect_stream(
    stream_url: str, *, action_url: str, status_url: str, parameters: Iterable[tuple[str, str]]
) -> str:
    """Connects the call's audio, both ways, to ``stream_url`` (no query: Twilio takes none).

    When the stream is over, however it came to that, Twilio asks ``action_url`` what to do next.
    Parameters with an empty value are left out."""
    inner = "".join(
        f"<Parameter name={_attribute(name)} value={_attribute(value)}/>"
        for name, value in parameters
        if value
    )
    return (
        f"{_PROLOGUE}<Response><Connect action={_attribute(action_url)}>"
        f"<Stream url={_attribute(stream_url)} statusCallback={_attribute(status_url)}>{inner}</Stream>"
        f"</Connect></Response>"
    )


def _attributes(values: Mapping[str, str]) -> str:
    return "".join(f" {name}={_attribute(value)}" for name, value in values.items() if value)


def connect_relay(
    attributes: Mapping[str, str],
    *,
    action_url: str,
    languages: Iterable[Mapping[str, str]],
    parameters: Iterable[tuple[str, str]],
) -> str:
    """Connects the call's words to a ConversationRelay application: the ``url`` among ``attributes``. One
    ``<Language>`` for each of ``languages``. What has an empty value is left out.

    Names: https://www.twilio.com/docs/voice/twiml/connect/conversationrelay and
    https://developers.telnyx.com/docs/voice/programmable-voice/texml-verbs/conversationrelay."""
    inner = "".join(f"<Language{_attributes(one)}/>" for one in languages)
    inner += "".join(
        f"<Parameter name={_attribute(name)} value={_attribute(value)}/>"
        for name, value in parameters
        if value
    )
    return (
        f"{_PROLOGUE}<Response><Connect action={_attribute(action_url)}>"
        f"<ConversationRelay{_attributes(attributes)}>{inner}</ConversationRelay></Connect></Response>"
    )


def redirect(url: str) -> str:
    """The call goes on with the document at ``url``."""
    target = escape(_NOT_XML.sub("", url))
    return f'{_PROLOGUE}<Response><Redirect method="POST">{target}</Redirect></Response>'


def say_and_hang_up(text: str, lang: str) -> str:
    """Twilio's own voice says ``text``: used only when ours cannot."""
    spoken = escape(_NOT_XML.sub("", text))
    return (
        f"{_PROLOGUE}<Response><Say language={_attribute(_SAY_LANGUAGES.get(lang, lang))}>{spoken}</Say>"
        f"<Hangup/></Response>"
    )
