"""ConversationRelay: one connection's protocol state, without I/O. The provider hears and speaks; text comes
and goes.

Formats: https://www.twilio.com/docs/voice/conversationrelay/websocket-messages and
https://developers.telnyx.com/api-reference/websockets/conversationrelay-websocket-channel: JSON objects with
a ``type``. Twilio tells when its voice speaks in ``info`` messages, which its documentation names (the
``events`` attribute) and does not show; these shapes are what its own examples read. What is refused raises
:class:`WireError` with a reason that never repeats any of the message.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeGuard

import orjson

from voice.errors import WireError
from voice.model import CallInfo, Digit
from voice.telephony.messages import close_frame, custom_parameters, parse
from voice.telephony.seam import (
    Connected,
    Disconnected,
    Interrupted,
    Played,
    Said,
    Speaking,
    TextEvent,
)

log = logging.getLogger(__name__)

GREETING_PARAMETER: Final = "greeting"
TOKEN_PARAMETER: Final = "token"  # noqa: S105 (a name, not a secret)
"""Names of the custom parameters that our TwiML sends with a session."""

MAX_WORDS_CHARS: Final = 4_000  # of what a caller says at once: about four minutes of talk
MAX_NUMBER_CHARS: Final = 64

# Telnyx's have a colon; what becomes a path is another matter (voice.call.files).
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_:.-]{0,159}")
_KEYS = frozenset("0123456789*#ABCD")
# How the errors of both providers' documentation begin.
_ERRORS: Final = ("invalid message",)

Admit = Callable[[str, str, str], bool]
"""``admit(provider, call_id, token)``: may this session start? The token is "" when none was sent."""


class RelayWire:
    """See :class:`voice.telephony.seam.TextWire`. ``codes``: our language to the provider's ("es-ES").
    ``greetings``: our language to what the TwiML had the provider say by itself. ``music_url``: "" for none.

    ``info`` is None until the session has started; ``over`` says that it ended by intention.
    """

    def __init__(
        self,
        codes: Mapping[str, str],
        *,
        greetings: Mapping[str, str] | None = None,
        music_url: str = "",
        admit: Admit | None = None,
    ) -> None:
        self.info: CallInfo | None = None
        self.over = False
        self._codes = codes
        self._greetings = greetings or {}
        self._greeting = ""
        self._music_url = music_url
        self._admit = admit
        self._ended = False
        self._said_unknown = False

    # --- from the provider --------------------------------------------------------------------------

    def receive(self, message: str | bytes) -> tuple[TextEvent, ...]:
        body = parse(message, "ConversationRelay")
        if self._ended:
            return ()
        kind = body.get("type")
        if not isinstance(kind, str):
            raise WireError("a message without a type")
        if kind == "setup":
            return self._setup(body)
        handler = _HANDLERS.get(kind)
        if handler is None:
            if not self._said_unknown:
                self._said_unknown = True
                log.warning("conversationrelay: unknown type of message ignored, as all later ones will be")
            return ()
        if self.info is None:
            raise WireError(f"{kind} before setup")
        return handler(self, body)

    def _setup(self, body: dict[str, Any]) -> tuple[TextEvent, ...]:
        session, call = body.get("sessionId"), body.get("callSid")
        if not _is_id(session) or not _is_id(call):
            raise WireError("setup without a usable sessionId and callSid")
        if self.info is not None:
            if session != self.info.stream_id:
                raise WireError("setup of another session on a connection in use")
            return ()
        provider = "telnyx" if "callControlId" in body else "twilio"
        parameters = custom_parameters(body.get("customParameters"))
        token = parameters.pop(TOKEN_PARAMETER, "")
        if self._admit is not None and not self._admit(provider, call, token):
            self._ended = True
            return (Disconnected("refused"),)
        self._greeting = self._greetings.get(parameters.pop(GREETING_PARAMETER, ""), "")
        self.info = CallInfo(
            call_id=call,
            stream_id=session,
            provider=f"{provider}-conversationrelay",
            caller=_number(body.get("from")),
            called=_number(body.get("to")),
            parameters=parameters,
        )
        return (Connected(self.info),)

    def _prompt(self, body: dict[str, Any]) -> tuple[TextEvent, ...]:
        words, last = body.get("voicePrompt"), body.get("last", True)
        if not isinstance(words, str) or not isinstance(last, bool):
            raise WireError("prompt without voicePrompt")
        if len(words) > MAX_WORDS_CHARS:
            raise WireError(f"prompt of more than {MAX_WORDS_CHARS} characters")
        return (Said(words.strip(), self._ours(body.get("lang")), last),)

    def _interrupt(self, body: dict[str, Any]) -> tuple[TextEvent, ...]:
        heard = body.get("utteranceUntilInterrupt", "")
        if not isinstance(heard, str) or len(heard) > MAX_WORDS_CHARS:
            raise WireError("interrupt without utteranceUntilInterrupt")
        raw = body.get("durationUntilInterruptMs", 0)
        text = str(raw) if type(raw) is int else raw
        if not isinstance(text, str) or re.fullmatch(r"[0-9]{1,8}", text) is None:
            raise WireError("interrupt without a usable durationUntilInterruptMs")
        return (Interrupted(heard, int(text)),)

    def _dtmf(self, body: dict[str, Any]) -> tuple[TextEvent, ...]:
        digit = body.get("digit")
        key = digit.upper() if isinstance(digit, str) else ""
        if key not in _KEYS:
            raise WireError("dtmf without one telephone key")
        return (Digit(key, 0),)

    def _error(self, body: dict[str, Any]) -> tuple[TextEvent, ...]:
        """The provider did not like a message of ours: it goes on, and so do we."""
        text = body.get("description")
        text = text if isinstance(text, str) else ""
        kind = next((kind for kind in _ERRORS if text.lower().startswith(kind)), "another error")
        # never any of the text: it repeats what was sent, which may be what a caller said
        log.warning("conversationrelay: the provider reports: %s (%d characters)", kind, len(text))
        return ()

    def _info(self, body: dict[str, Any]) -> tuple[TextEvent, ...]:
        name, value = body.get("name"), body.get("value")
        if name == "agentSpeaking" and value in ("on", "off"):
            return (Speaking(value == "on"),)
        if name == "tokensPlayed" and isinstance(value, str) and 0 < len(value) <= MAX_WORDS_CHARS:
            return (Played(value),)
        return ()  # the caller's own voice (clientSpeaking), and what may be added

    def _ours(self, code: object) -> str:
        """The provider's language as ours; "" when it is none of them, or "multi"."""
        if not isinstance(code, str):
            return ""
        lang = code.lower().split("-")[0]
        return lang if lang in self._codes else ""

    # --- to the provider ----------------------------------------------------------------------------

    def greeting(self) -> str:
        return self._greeting

    def text(self, words: str, lang: str, *, interruptible: bool, preemptible: bool) -> str:
        return _dump(
            {
                "type": "text",
                "token": words,
                "last": True,
                "lang": self._codes[lang],
                "interruptible": interruptible,
                "preemptible": preemptible,
            }
        )

    def play(self, source: str, loop: int, *, interruptible: bool, preemptible: bool = False) -> str:
        return _dump(
            {
                "type": "play",
                "source": source,
                "loop": loop,
                "preemptible": preemptible,
                "interruptible": interruptible,
            }
        )

    def music(self) -> str:
        if not self._music_url:
            return ""
        return self.play(self._music_url, 1, interruptible=False, preemptible=True)

    def send_digits(self, digits: str) -> str:
        """Plays ``digits`` (0-9, ``*``, ``#``, ``w`` for a pause) as tones into the call."""
        if re.fullmatch(r"[0-9w*#]{1,64}", digits) is None:
            raise WireError("sendDigits takes 1 to 64 of 0-9, w, * and #")
        return _dump({"type": "sendDigits", "digits": digits})

    def language(self, lang: str) -> str:
        code = self._codes[lang]
        return _dump({"type": "language", "ttsLanguage": code, "transcriptionLanguage": code})

    def end(self, outcome: dict[str, str]) -> str:
        return _dump({"type": "end", "handoffData": _dump(outcome)})

    def close_code(self, reason: str) -> tuple[int, str]:
        """1000 unless the reason says that somebody did wrong. The reason is cut to what a frame holds."""
        if reason != "connection_closed":
            self.over = True
        return close_frame(reason)


_HANDLERS: Final[dict[str, Callable[[RelayWire, dict[str, Any]], tuple[TextEvent, ...]]]] = {
    "prompt": RelayWire._prompt,
    "interrupt": RelayWire._interrupt,
    "dtmf": RelayWire._dtmf,
    "error": RelayWire._error,
    "info": RelayWire._info,
}


def _dump(value: dict[str, Any]) -> str:
    return orjson.dumps(value).decode()


def _is_id(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _number(value: object) -> str:
    return value[:MAX_NUMBER_CHARS] if isinstance(value, str) else ""
