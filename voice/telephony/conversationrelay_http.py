"""ConversationRelay's webhooks and its WebSocket, as aiohttp routes, for Twilio and Telnyx.

How a call goes: the provider posts to ``/telephony/conversationrelay/twilio`` (or ``/telnyx``) and gets
``<Connect><ConversationRelay>``; it opens the WebSocket ``/telephony/conversationrelay`` and talks to the
caller for us; after ``end``, or when the socket closes, it posts to the ``action`` of ``<Connect>``,
``/telephony/conversationrelay/after``, with our handoff data.

Who may come in: a webhook shows its provider's signature; a socket shows Twilio's signature over its URL or,
as the setting ``twilio.stream_auth`` says, the one-use token of its webhook. Whether Telnyx signs the socket
is not documented, so its sessions always show the token once a key of either provider is set.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import orjson
from aiohttp import web

from voice.audio.tones import hold_music
from voice.audio.wav import wav_header
from voice.clock import Clock, RealClock
from voice.metrics import Metrics
from voice.settings import Settings
from voice.telephony import signatures, twiml
from voice.telephony.conversationrelay import (
    GREETING_PARAMETER,
    TOKEN_PARAMETER,
    RelayWire,
)
from voice.telephony.host import TextHost
from voice.telephony.messages import MAX_MESSAGE_BYTES
from voice.telephony.telnyx_signatures import SIGNATURE_HEADER, TIMESTAMP_HEADER, TelnyxKey
from voice.telephony.tokens import StreamTokens
from voice.telephony.webhooks import OpenStream, Webhooks, xml

log = logging.getLogger(__name__)

SOCKET: Final = "/telephony/conversationrelay"
TWILIO: Final = SOCKET + "/twilio"
TELNYX: Final = SOCKET + "/telnyx"
AFTER: Final = SOCKET + "/after"
MUSIC: Final = SOCKET + "/music.wav"

HEARTBEAT_SECONDS: Final = 20
"""Between pings: nothing else tells that a silent caller's line is dead."""

MUSIC_MS: Final = 5_000
_FADE_MS: Final = 150
_MOST_HINTS: Final = 100


@dataclass(frozen=True, slots=True)
class Opening:
    """What a call begins with, by language: the first sentence (only where it is always the same words), and
    words that the recognizer should expect. The first language is the one callers are greeted in."""

    languages: tuple[str, ...]
    greetings: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class _Relay:
    """The handlers and what they share: one per server."""

    def __init__(
        self,
        settings: Settings,
        host: TextHost,
        opening: Callable[[], Opening],
        metrics: Metrics | None,
        clock: Clock,
    ) -> None:
        self._host = host
        self._current = opening
        self._settings = settings.relay
        self._clock = clock
        self._hooks = Webhooks("conversationrelay", settings, host, metrics, clock, log)
        secret = settings.twilio.auth_token.get_secret_value()
        self._twilio = bool(secret)
        self._telnyx = TelnyxKey(settings.telnyx.public_key) if settings.telnyx.public_key else None
        self._auth = settings.twilio.stream_auth
        self._tokens = StreamTokens(secret, clock)
        self._codes = settings.relay.codes
        self._music = b""

    # --- webhooks -----------------------------------------------------------------------------------

    @property
    def _opening(self) -> Opening:
        """Of the version of the flow that is live now."""
        return self._current()

    async def twilio(self, request: web.Request) -> web.Response:
        """A call comes in from Twilio: TwiML."""
        form = await self._form(request, twilio=True)
        return self._hooks.no_room() or xml(self._document(request, form, "twilio", self._for_twilio()))

    async def telnyx(self, request: web.Request) -> web.Response:
        """A call comes in from Telnyx: TeXML, which knows fewer attributes."""
        form = await self._form(request, telnyx=True)
        return self._hooks.no_room() or xml(self._document(request, form, "telnyx", self._for_telnyx()))

    async def after(self, request: web.Request) -> web.Response:
        """The session is over: what comes next for the caller."""
        form = await self._form(request, twilio=True, telnyx=True)
        if form.get("SessionStatus") == "failed":
            code = form.get("ErrorCode", "")
            self._hooks.quiet.warning(
                "session", "conversationrelay: a session failed (%s)", code if code.isdecimal() else "no code"
            )
        handed = _handoff(form.get("HandoffData", ""))
        if self._settings.transfer_url and handed.get("outcome") == "transferred":
            return xml(twiml.redirect(self._settings.transfer_url))
        return self._hooks.after(form.get("CallSid", ""))

    async def music(self, request: web.Request) -> web.Response:
        """A piece of hold music, for the provider to play."""
        if not self._music:
            pcm = _faded(hold_music()[: MUSIC_MS * 16])
            self._music = wav_header(len(pcm)) + pcm
        return web.Response(
            body=self._music, content_type="audio/wav", headers={"Cache-Control": "public, max-age=86400"}
        )

    async def wrong(self, request: web.Request) -> web.Response:
        """Any other path or method below our prefix."""
        quiet = self._hooks.quiet
        if request.path in (TWILIO, TELNYX, AFTER):
            quiet.warning("method", "conversationrelay: a webhook was not called with POST; configure it")
            raise web.HTTPMethodNotAllowed(request.method, ["POST"])
        if request.path in (SOCKET, MUSIC):
            raise web.HTTPMethodNotAllowed(request.method, ["GET"])
        quiet.warning(
            "path", "conversationrelay: a request to an unknown path; webhooks go to %s or %s", TWILIO, TELNYX
        )
        raise web.HTTPNotFound

    # --- the socket ---------------------------------------------------------------------------------

    async def socket(self, request: web.Request) -> web.StreamResponse:
        """One call's WebSocket, from upgrade to close."""
        base = self._hooks.base(request)
        by_token = self._needs_token(request, "ws" + base.removeprefix("http") + request.raw_path)

        def new_wire(call: OpenStream) -> RelayWire:
            def admit(provider: str, call_id: str, token: str) -> bool:
                # Telnyx's are told from Twilio's by what they send: only a token says who they are
                if by_token and not self._tokens.redeem(token, f"{provider}:{call_id}"):
                    self._hooks.turned_away(call)
                    return False
                self._hooks.started(call, call_id)
                return True

            return RelayWire(
                self._codes,
                greetings=self._opening.greetings,
                music_url=base + MUSIC if self._settings.music else "",
                admit=admit,
            )

        return await self._hooks.carry(
            request,
            new_wire,
            self._host.answer,
            most_bytes=MAX_MESSAGE_BYTES,
            heartbeat=HEARTBEAT_SECONDS,
        )

    def _needs_token(self, request: web.Request, url: str) -> bool:
        """Whether a session must show its webhook's token. Raises 403 for a socket that may not open."""
        if not (self._twilio or self._telnyx is not None):
            return False
        signed = self._hooks.signed_by_twilio(request, url, [])
        if self._twilio and self._auth in ("signature", "both"):
            if signed:
                return self._auth == "both"
            if self._telnyx is None:
                given = bool(request.headers.get(signatures.HEADER))
                self._hooks.unsigned("socket", given=given)
        return True

    # --- documents ----------------------------------------------------------------------------------

    def _document(
        self, request: web.Request, form: dict[str, str], provider: str, attributes: dict[str, str]
    ) -> str:
        base = self._hooks.base(request)
        lang = self._lang
        greeting = self._opening.greetings.get(lang, "")
        opened = {
            "url": "ws" + base.removeprefix("http") + SOCKET,
            "welcomeGreeting": greeting,
            # the disclosure: every caller hears all of it
            "welcomeGreetingInterruptible": "none" if greeting else "",
            "language": self._codes[lang],
            "interruptible": "any",
            "dtmfDetection": "true",
        }
        token = self._tokens.issue(f"{provider}:{form.get('CallSid', '')}")
        return twiml.connect_relay(
            opened | attributes,
            action_url=base + AFTER,
            languages=[self._language(one, provider) for one in self._opening.languages],
            parameters=((TOKEN_PARAMETER, token), (GREETING_PARAMETER, lang if greeting else "")),
        )

    @property
    def _lang(self) -> str:
        lang = self._host.default_lang
        return lang if lang in self._opening.languages else self._opening.languages[0]

    def _for_twilio(self) -> dict[str, str]:
        own = self._settings
        return {
            "ttsProvider": own.tts_provider,
            "transcriptionProvider": own.transcription_provider,
            "speechModel": own.speech_model,
            "preemptible": "false",  # each text says for itself
            "partialPrompts": "true",
            # what is said or keyed during the disclosure is kept, as on a line of audio
            "reportInputDuringAgentSpeech": "any",
            "events": "speaker-events tokens-played",
        }

    def _for_telnyx(self) -> dict[str, str]:
        own = self._settings
        voice = {"es": own.voice_es, "en": own.voice_en}[self._lang]
        return {"voice": voice, "transcriptionProvider": own.transcription_provider}

    def _language(self, lang: str, provider: str) -> dict[str, str]:
        own = self._settings
        entry = {"code": self._codes[lang], "voice": {"es": own.voice_es, "en": own.voice_en}[lang]}
        if provider == "twilio":
            hints = self._opening.hints.get(lang, ())[:_MOST_HINTS]
            entry |= {
                "ttsProvider": own.tts_provider,
                "transcriptionProvider": own.transcription_provider,
                "speechModel": own.speech_model,
                "hints": ",".join(hint.replace(",", " ") for hint in hints),
            }
        return entry

    # --- shared -------------------------------------------------------------------------------------

    async def _form(
        self, request: web.Request, *, twilio: bool = False, telnyx: bool = False
    ) -> dict[str, str]:
        """The request's form, signed by one of the providers named. The first of several equal names wins."""
        body = await self._hooks.body(request)
        pairs = self._hooks.pairs(body)
        if self._twilio or self._telnyx is not None:
            url = self._hooks.base(request) + request.raw_path
            good = twilio and self._hooks.signed_by_twilio(request, url, pairs)
            if not good and telnyx and self._telnyx is not None:
                good = self._telnyx.valid(
                    body,
                    request.headers.get(SIGNATURE_HEADER, ""),
                    request.headers.get(TIMESTAMP_HEADER, ""),
                    self._clock.wall_ms(),
                )
            if not good:
                name = SIGNATURE_HEADER if telnyx and not twilio else signatures.HEADER
                whose = "telnyx.public_key" if name == SIGNATURE_HEADER else "twilio.auth_token"
                self._hooks.unsigned("webhook", given=name in request.headers, whose=whose)
        return dict(reversed(pairs))


def routes(
    settings: Settings,
    host: TextHost,
    opening: Callable[[], Opening],
    metrics: Metrics | None = None,
    clock: Clock | None = None,
) -> list[web.RouteDef]:
    """Everything at and below ``/telephony/conversationrelay``. Raises ConfigError for a key of no use."""
    relay = _Relay(settings, host, opening, metrics, clock or RealClock())
    return [
        web.get(SOCKET, relay.socket, allow_head=False),
        web.post(TWILIO, relay.twilio),
        web.post(TELNYX, relay.telnyx),
        web.post(AFTER, relay.after),
        web.get(MUSIC, relay.music),
        web.route("*", SOCKET, relay.wrong),
        web.route("*", SOCKET + "/{rest:.*}", relay.wrong),
    ]


def _handoff(text: str) -> dict[str, Any]:
    """Our own handoff data, come back; empty when it is not."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _faded(pcm: bytes) -> bytes:
    """``pcm`` with soft ends: pieces follow each other with a gap."""
    sound = np.frombuffer(pcm, "<i2").astype(np.float64)
    length = _FADE_MS * 8
    ramp = np.linspace(0.0, 1.0, length)
    sound[:length] *= ramp
    sound[-length:] *= ramp[::-1]
    return sound.astype("<i2").tobytes()
