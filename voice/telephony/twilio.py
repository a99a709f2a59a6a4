"""Twilio Media Streams: one connection's protocol state, without I/O.

Format: https://www.twilio.com/docs/voice/media-streams/websocket-messages. Text messages of JSON; audio
is base64 mu-law at 8 kHz, one 20 ms chunk a message. ``sequenceNumber``, ``chunk`` and ``timestamp`` are
strings of decimal digits. What is refused raises :class:`WireError` with a reason that never repeats any
of the message.
"""

from __future__ import annotations

import binascii
import logging
import re
from collections.abc import Callable
from typing import Any, Final, TypeGuard

import orjson

from voice.audio.g711 import ulaw_decode, ulaw_encode
from voice.errors import WireError
from voice.model import CallInfo, Digit, Frame
from voice.telephony.messages import close_frame, custom_parameters, parse
from voice.telephony.seam import Connected, Disconnected, MarkPlayed, WireEvent

log = logging.getLogger(__name__)

CALLER_PARAMETER: Final = "From"
CALLED_PARAMETER: Final = "To"
TOKEN_PARAMETER: Final = "token"  # noqa: S105 (a name, not a secret)
"""Names of the custom parameters that our TwiML sends with a stream."""

MAX_CHUNK_BYTES: Final = 8000
"""One second of mu-law: fifty times what Twilio sends in a message."""

# No dots and no separators: a callSid becomes part of a path.
_SID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
_DECIMAL = re.compile(r"[0-9]{1,8}")  # 27 hours of milliseconds; Twilio ends calls after 24
_KEYS = frozenset("0123456789*#ABCD")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.: -]*")

# Exactly the shape Twilio sends, up to the payload. Together with a known tail and a payload that is
# strict base64 (no quotes, no escapes) a match is the same JSON value the parser would have found.
_MEDIA_HEAD = re.compile(
    r'\{"event":"media","sequenceNumber":"[0-9]{1,10}+",'
    r'"media":\{"track":"inbound","chunk":"[0-9]{1,10}+","timestamp":"([0-9]{1,8}+)","payload":"'
).match
_NO_TAIL = "\0"  # ends no JSON text

_from_base64 = binascii.a2b_base64
_to_base64 = binascii.b2a_base64

# A frozen dataclass sets its fields through object.__setattr__: 0.55 us a Frame, against 0.31 us this way.
_new_frame = Frame.__new__
_set_pcm = vars(Frame)["pcm"].__set__
_set_at_ms = vars(Frame)["at_ms"].__set__

Admit = Callable[[str, str], bool]
"""``admit(call_sid, token)`` says whether a stream may start; the token is "" when none was sent."""


class TwilioWire:
    """See :class:`voice.telephony.seam.Wire`. ``info`` is None until the stream has started; ``over``
    says that Twilio stopped it or that we chose to close it, so that its end was no accident.

    With ``admit`` a start that it refuses becomes :class:`Disconnected` with reason ``"refused"``, and
    nothing after it is decoded.

    ``receive`` takes 3 to 4 us for a message of Twilio's usual shape, what parsing, base64 and mu-law
    alone cost without any check, and twice that for the same message in any other order or spacing.
    """

    provider = "twilio"
    signals_keys = True

    def __init__(self, admit: Admit | None = None) -> None:
        self.info: CallInfo | None = None
        self._admit = admit
        self.over = False
        self._ended = False
        self._said_unknown = False
        self._tail = _NO_TAIL
        self._tail_length = 1
        self._last: Frame | None = None
        self._audio_head = ""
        self._mark_head = ""
        self._clear = ""

    # --- from Twilio --------------------------------------------------------------------------------

    def receive(self, message: str | bytes) -> tuple[WireEvent, ...]:
        try:
            head = _MEDIA_HEAD(message)  # type: ignore[arg-type]  # bytes raise TypeError
            if head is not None and message.endswith(self._tail):  # type: ignore[arg-type]  # it is text
                data = _from_base64(message[head.end() : -self._tail_length], strict_mode=True)
                if 0 < len(data) <= MAX_CHUNK_BYTES:
                    frame = _new_frame(Frame)
                    _set_pcm(frame, ulaw_decode(data))
                    _set_at_ms(frame, int(head[1]))
                    self._last = frame
                    return (frame,)
        except (TypeError, ValueError):  # bytes, or a payload that is not plain base64
            pass
        return self._receive_any(message)

    def _receive_any(self, message: str | bytes) -> tuple[WireEvent, ...]:
        """Any message in any shape: the reference that :meth:`receive` is a shortcut of."""
        body = parse(message, "Media Streams")
        event = body.get("event")
        if self._ended:
            return ()
        if event == "connected":
            return ()
        if event == "start":
            return self._start(body)
        if event == "stop" and self.info is None:
            return self._stop()
        handler = _HANDLERS.get(event) if isinstance(event, str) else None
        if handler is None:
            return self._unknown(event)
        if self.info is None:
            raise WireError(f"{event} before start")
        if body.get("streamSid") != self.info.stream_id:
            raise WireError(f"{event} with the streamSid of another stream")
        return handler(self, body)

    def _unknown(self, event: object) -> tuple[WireEvent, ...]:
        if not isinstance(event, str):
            raise WireError("no event name")
        if not self._said_unknown:
            self._said_unknown = True
            log.warning("twilio stream: unknown kind of message ignored, as all later ones will be")
        return ()

    def _start(self, body: dict[str, Any]) -> tuple[WireEvent, ...]:
        start = _object(body, "start")
        stream_sid, call_sid = start.get("streamSid"), start.get("callSid")
        if not _is_sid(stream_sid) or not _is_sid(call_sid):
            raise WireError("start without a usable streamSid and callSid")
        if body.get("streamSid", stream_sid) != stream_sid:
            raise WireError("start with two different streamSid")
        if self.info is not None:
            if stream_sid != self.info.stream_id:
                raise WireError("start of another stream on a connection in use")
            return ()
        _check_format(start)
        parameters = custom_parameters(start.get("customParameters"))
        by_name = {name.lower(): value for name, value in parameters.items()}
        token = parameters.pop(TOKEN_PARAMETER, "")
        if self._admit is not None and not self._admit(call_sid, token):
            self._ended = True
            return (Disconnected("refused"),)
        self.info = CallInfo(
            call_id=call_sid,
            stream_id=stream_sid,
            provider=self.provider,
            caller=by_name.get(CALLER_PARAMETER.lower(), ""),
            called=by_name.get(CALLED_PARAMETER.lower(), ""),
            parameters=parameters,
        )
        self._tail = f'"}},"streamSid":"{stream_sid}"}}'
        self._tail_length = len(self._tail)
        self._audio_head = f'{{"event":"media","streamSid":"{stream_sid}","media":{{"payload":"'
        self._mark_head = f'{{"event":"mark","streamSid":"{stream_sid}","mark":{{"name":'
        self._clear = f'{{"event":"clear","streamSid":"{stream_sid}"}}'
        return (Connected(self.info),)

    def _media(self, body: dict[str, Any]) -> tuple[WireEvent, ...]:
        media = _object(body, "media")
        track = media.get("track", "inbound")
        if track == "outbound":
            return ()  # our own voice, coming back on a stream of both tracks
        if track != "inbound":
            raise WireError("media of an unknown track")
        at_ms = _milliseconds(media.get("timestamp"))
        payload = media.get("payload")
        if not isinstance(payload, str):
            raise WireError("media without payload")
        if len(payload) > MAX_CHUNK_BYTES * 4 // 3 + 4:
            raise WireError("media of more than one second")
        try:
            data = _from_base64(payload, strict_mode=True)
        except ValueError:
            raise WireError("media payload is not base64") from None
        if len(data) > MAX_CHUNK_BYTES:
            raise WireError("media of more than one second")
        if not data:
            return ()
        self._last = Frame(ulaw_decode(data), at_ms)
        return (self._last,)

    def _dtmf(self, body: dict[str, Any]) -> tuple[WireEvent, ...]:
        digit = _object(body, "dtmf").get("digit")
        key = digit.upper() if isinstance(digit, str) else ""
        if key not in _KEYS:
            raise WireError("dtmf without one telephone key")
        # Twilio gives keys no time of their own: they were pressed where the audio has come to
        at_ms = 0 if self._last is None else self._last.at_ms + self._last.ms
        return (Digit(key, at_ms),)

    def _mark(self, body: dict[str, Any]) -> tuple[WireEvent, ...]:
        name = _object(body, "mark").get("name")
        if not isinstance(name, str):
            raise WireError("mark without a name")
        return (MarkPlayed(name),)

    def _stop(self, body: dict[str, Any] | None = None) -> tuple[WireEvent, ...]:
        self._ended = self.over = True
        self._tail = _NO_TAIL
        return (Disconnected("stopped"),)

    # --- to Twilio ----------------------------------------------------------------------------------

    def audio(self, pcm: bytes) -> str:
        """A media message. Any length Twilio accepts; ``audioop.error`` for half a sample."""
        self._require_start()
        return f'{self._audio_head}{_to_base64(ulaw_encode(pcm), newline=False).decode("ascii")}"}}}}'

    def mark(self, name: str) -> str:
        self._require_start()
        quoted = f'"{name}"' if _PLAIN_NAME.fullmatch(name) else orjson.dumps(name).decode()
        return f"{self._mark_head}{quoted}}}}}"

    def clear(self) -> str:
        self._require_start()
        return self._clear

    def close_code(self, reason: str) -> tuple[int, str]:
        """1000 unless the reason says that somebody did wrong. The reason is cut to what a frame holds.

        Any close makes Twilio go on with the call's TwiML (:mod:`voice.telephony.twilio_http`). The reason
        ``connection_closed`` is a session's for a connection that was gone before."""
        if reason != "connection_closed":
            self.over = True
        return close_frame(reason)

    def _require_start(self) -> None:
        if self.info is None:
            raise WireError("nothing can be sent before the stream has started")


_HANDLERS: Final[dict[str, Callable[[TwilioWire, dict[str, Any]], tuple[WireEvent, ...]]]] = {
    "media": TwilioWire._media,
    "dtmf": TwilioWire._dtmf,
    "mark": TwilioWire._mark,
    "stop": TwilioWire._stop,
}


def _object(body: dict[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name)
    if not isinstance(value, dict):
        raise WireError(f"{name} without its {name} object")
    return value


def _is_sid(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and _SID.fullmatch(value) is not None


def _milliseconds(value: object) -> int:
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or _DECIMAL.fullmatch(text) is None:
        raise WireError("media without a usable timestamp")
    return int(text)


def _check_format(start: dict[str, Any]) -> None:
    tracks = start.get("tracks", ["inbound"])
    if not isinstance(tracks, list) or "inbound" not in tracks:
        raise WireError("the stream has no inbound track; use <Connect><Stream> or track=inbound_track")
    audio = start.get("mediaFormat")
    if not isinstance(audio, dict):
        raise WireError("start without mediaFormat")
    found = (audio.get("encoding"), str(audio.get("sampleRate")), str(audio.get("channels")))
    if found != ("audio/x-mulaw", "8000", "1"):
        raise WireError(
            "the stream's audio is not audio/x-mulaw, 8000 Hz, 1 channel; configure the provider for PCMU"
        )
