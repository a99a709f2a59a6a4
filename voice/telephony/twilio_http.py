"""Twilio's webhooks and its stream, as aiohttp routes.

How a call goes: Twilio posts to ``/telephony/twilio/voice`` and gets ``<Connect><Stream>``; it opens the
stream's WebSocket; when that is over, for whatever reason, it posts to the ``action`` of ``<Connect>``,
``/telephony/twilio/after``, which hangs up on a call that was had, and apologises on one that was not.
Closing an accepted WebSocket is the documented way to make Twilio go on (error 31921's page says so; what
follows a refused upgrade is not documented), so a stream that comes when there is no room is accepted and
closed with 1013, and the caller hears the busy text through ``/after``.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import OrderedDict
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qsl

from aiohttp import WebSocketError, web

from voice.clock import Clock, RealClock
from voice.metrics import Metrics
from voice.settings import Settings
from voice.telephony import signatures, twiml
from voice.telephony.host import Host
from voice.telephony.quiet import QuietLog
from voice.telephony.tokens import StreamTokens
from voice.telephony.twilio import (
    CALLED_PARAMETER,
    CALLER_PARAMETER,
    MAX_MESSAGE_BYTES,
    TOKEN_PARAMETER,
    TwilioWire,
)

log = logging.getLogger(__name__)

PREFIX: Final = "/telephony/twilio"
VOICE: Final = PREFIX + "/voice"
AFTER: Final = PREFIX + "/after"
STATUS: Final = PREFIX + "/status"
STREAM: Final = PREFIX + "/stream"

IDLE_SECONDS: Final = 15.0
"""Give it to the server's runner as ``keepalive_timeout``: a connection that has not sent a whole request
head by then is closed. aiohttp's default is an hour, a gift to whoever opens sockets and says nothing."""

FORM_BYTES: Final = 64 * 1024
FORM_FIELDS: Final = 200
FORM_SECONDS: Final = 10
CLOSE_SECONDS: Final = 5
REMEMBERED_CALLS: Final = 4096
BUSY_MEMORY_MS: Final = 30_000

_PROTOCOL_FAULTS: Final = {
    1007: "a text message was not UTF-8",
    1009: f"a message of more than {MAX_MESSAGE_BYTES} bytes",
}
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_FORM: Final = "application/x-www-form-urlencoded"
_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")
_SID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_NOT_PRINTABLE = re.compile(r"[^ -~]")
_LONG_NUMBER = re.compile(r"\+?[0-9][0-9 ().-]{5,}[0-9]")


class _Call(StrEnum):
    LIVE = "live"
    ENDED = "ended"
    BROKEN = "broken"


class _Stream:
    """An open WebSocket, and the call it carries once it has started."""

    def __init__(self, ws: web.WebSocketResponse) -> None:
        self._ws = ws
        self._refusal: asyncio.Task[bool] | None = None
        self.call_sid = ""

    def refuse(self) -> None:
        """Closes without waiting for the host, which does not know why nothing comes."""
        closing = self._ws.close(code=1008, message=b"refused")
        self._refusal = asyncio.get_running_loop().create_task(closing)

    async def close(self, code: int) -> None:
        """However the call ended, the socket does not outlive it."""
        if self._refusal is not None:
            await self._refusal
        elif not self._ws.closed:
            await self._ws.close(code=code)


class _Twilio:
    """The handlers and what they share: one per server."""

    def __init__(self, settings: Settings, host: Host, metrics: Metrics | None, clock: Clock) -> None:
        self._host = host
        self._metrics = metrics
        self._clock = clock
        self._public_url = settings.server.public_url
        self._auth_token = settings.twilio.auth_token.get_secret_value()
        checks = settings.twilio.stream_auth if self._auth_token else "none"
        self._sign_streams = checks in ("signature", "both")
        self._token_streams = checks in ("token", "both")
        self._tokens = StreamTokens(self._auth_token, clock)
        self._calls: OrderedDict[str, _Call] = OrderedDict()
        self._busy_until = 0
        self._quiet = QuietLog(log, clock)

    # --- webhooks -----------------------------------------------------------------------------------

    async def voice(self, request: web.Request) -> web.Response:
        """A call comes in: where its audio goes, or why it cannot be taken."""
        form = await self._form(request)
        why = self._host.accepts()
        if why is not None:
            self._refused(why)
            log.warning("twilio: call refused: %s", why)
            return self._say(self._host.busy_text(self._host.default_lang))
        base = self._base(request)
        call_sid = form.get("CallSid", "")
        parameters = (
            (CALLER_PARAMETER, form.get("From", "")[:64]),
            (CALLED_PARAMETER, form.get("To", "")[:64]),
            (TOKEN_PARAMETER, self._tokens.issue(call_sid)),
        )
        document = twiml.connect_stream(
            "ws" + base.removeprefix("http") + STREAM,
            action_url=base + AFTER,
            status_url=base + STATUS,
            parameters=parameters,
        )
        return _xml(document)

    async def after(self, request: web.Request) -> web.Response:
        """The stream is over: silence after a call that was had, an apology after one that was not."""
        form = await self._form(request)
        call_sid = form.get("CallSid", "")
        state = self._calls.get(call_sid)
        if state in (_Call.LIVE, _Call.ENDED):
            return _xml(twiml.HANG_UP)
        lang = self._host.default_lang
        if state is None and self._clock.now_ms() < self._busy_until:
            return self._say(self._host.busy_text(lang))
        log.error(
            "twilio call %s: %s; the caller hears an apology",
            _sid(call_sid),
            "broke off" if state else "its stream never reached this server (see Twilio's debugger)",
        )
        return self._say(self._host.fault_text(lang))

    async def status(self, request: web.Request) -> web.Response:
        """The status callback of a stream: what Twilio says of it goes to the log."""
        form = await self._form(request)
        event = form.get("StreamEvent", "")
        if event == "stream-error":
            error = _LONG_NUMBER.sub("#", _NOT_PRINTABLE.sub("?", form.get("StreamError", "")))[:200]
            self._quiet.warning(
                "stream-error", "twilio stream %s: %s", _sid(form.get("StreamSid", "")), error
            )
        elif event in ("stream-started", "stream-stopped"):
            log.info("twilio stream %s: %s", _sid(form.get("StreamSid", "")), event)
        else:
            self._quiet.warning("status", "twilio: status callback of an unknown kind ignored")
        return web.Response(status=204)

    async def wrong(self, request: web.Request) -> web.Response:
        """Any other path or method below our prefix."""
        if request.path in (VOICE, AFTER, STATUS):
            self._quiet.warning("method", "twilio: a webhook was not called with POST; configure HTTP POST")
            raise web.HTTPMethodNotAllowed(request.method, ["POST"])
        if request.path == STREAM:
            self._quiet.warning("method", "twilio: a request to the stream's path that is no GET")
            raise web.HTTPMethodNotAllowed(request.method, ["GET"])
        self._quiet.warning("path", "twilio: a request to an unknown path; voice webhooks go to %s", VOICE)
        raise web.HTTPNotFound

    # --- the stream ---------------------------------------------------------------------------------

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """One call's WebSocket, from upgrade to close."""
        if self._sign_streams:
            url = "ws" + self._base(request).removeprefix("http") + request.raw_path
            self._check(request, url, [])
        # no heartbeat: a call without audio ends by itself, and re-arming it costs a tenth of a call's CPU
        ws = web.WebSocketResponse(
            timeout=CLOSE_SECONDS,
            compress=False,
            max_msg_size=MAX_MESSAGE_BYTES,
        )
        if not ws.can_prepare(request):
            self._quiet.warning("upgrade", "twilio: a request to the stream's path is no WebSocket upgrade")
            raise web.HTTPUpgradeRequired(headers={"Upgrade": "websocket"})
        why = self._host.accepts()
        await ws.prepare(request)
        if why is not None:
            self._refused(why)
            self._busy_until = self._clock.now_ms() + BUSY_MEMORY_MS
            log.warning("twilio: stream refused: %s", why)
            await ws.close(code=1013, message=why.encode())
            return ws
        call = _Stream(ws)

        def admit(call_sid: str, token: str) -> bool:
            if self._token_streams and not self._tokens.redeem(token, call_sid):
                self._refused("token")
                self._quiet.warning("token", "twilio stream refused: its token is missing, used or expired")
                call.refuse()
                return False
            call.call_sid = call_sid
            self._remember(call_sid, _Call.LIVE)
            return True

        wire = TwilioWire(admit)
        state = _Call.BROKEN
        try:
            await self._host.answer(ws, wire)
            fault = ws.exception()
            if isinstance(fault, WebSocketError):
                self._quiet.warning(
                    "websocket",
                    "twilio stream %s closed: %s",
                    _sid(call.call_sid),
                    _PROTOCOL_FAULTS.get(fault.code, "the peer broke the WebSocket protocol"),
                )
            if wire.over or ws.close_code in (1000, 1001):
                state = _Call.ENDED
        finally:
            if call.call_sid:
                self._remember(call.call_sid, state)
            await call.close(1011 if state is _Call.BROKEN else 1000)
        return ws

    # --- shared -------------------------------------------------------------------------------------

    def _base(self, request: web.Request) -> str:
        """The server's address as Twilio knows it. X-Forwarded-* may be anyone's words: not believed."""
        if self._public_url:
            return self._public_url
        if _HOST.fullmatch(request.host) is None:
            self._quiet.warning("host", "twilio: a request with an unusable Host header")
            raise web.HTTPBadRequest
        return f"{request.scheme}://{request.host}"

    async def _form(self, request: web.Request) -> dict[str, str]:
        """The request's form, its signature checked. The first of several equal names wins."""
        if request.content_type != _FORM:
            self._quiet.warning("form", "twilio: a webhook without a form was refused")
            raise web.HTTPUnsupportedMediaType
        try:
            async with asyncio.timeout(FORM_SECONDS):
                body = await request.clone(client_max_size=FORM_BYTES).read()
            pairs = parse_qsl(
                body.decode("ascii"), keep_blank_values=True, max_num_fields=FORM_FIELDS, errors="strict"
            )
        except TimeoutError:
            self._quiet.warning("slow", "twilio: a webhook's form did not arrive in %s s", FORM_SECONDS)
            raise web.HTTPRequestTimeout from None
        except ValueError:  # UnicodeDecodeError too
            self._quiet.warning("form", "twilio: a webhook's form could not be read")
            raise web.HTTPBadRequest from None
        except web.HTTPRequestEntityTooLarge:
            self._quiet.warning("form", "twilio: a webhook's form of more than %s bytes", FORM_BYTES)
            raise
        if self._auth_token:
            self._check(request, self._base(request) + request.raw_path, pairs)
        return dict(reversed(pairs))

    def _check(self, request: web.Request, url: str, pairs: list[tuple[str, str]]) -> None:
        given = request.headers.get(signatures.HEADER, "")
        if signatures.valid(self._auth_token, url, given, pairs):
            return
        self._refused("unsigned")
        hint = "" if self._public_url else "; behind a proxy, set server.public_url"
        self._quiet.warning(
            "signature",
            "twilio: %s refused: %s%s",
            "stream" if request.path == STREAM else "webhook",
            "wrong signature (is twilio.auth_token this account's?)" if given else "not signed",
            hint,
        )
        raise web.HTTPForbidden

    def _remember(self, call_sid: str, state: _Call) -> None:
        self._calls[call_sid] = state
        self._calls.move_to_end(call_sid)
        if len(self._calls) > REMEMBERED_CALLS:
            self._calls.popitem(last=False)

    def _refused(self, why: str) -> None:
        if self._metrics is not None:
            self._metrics.calls_refused.labels(why).inc()

    def _say(self, text: str) -> web.Response:
        return _xml(twiml.say_and_hang_up(text, self._host.default_lang))


def routes(
    settings: Settings, host: Host, metrics: Metrics | None = None, clock: Clock | None = None
) -> list[web.RouteDef]:
    """Everything below ``/telephony/twilio``; warns when strangers could call a server in the open."""
    open_to_others = settings.server.public_url or settings.server.host not in _LOOPBACK
    if open_to_others and not settings.twilio.auth_token.get_secret_value():
        log.warning("twilio.auth_token is not set: whoever reaches this server can make calls to it")
    twilio = _Twilio(settings, host, metrics, clock or RealClock())
    return [
        web.post(VOICE, twilio.voice),
        web.post(AFTER, twilio.after),
        web.post(STATUS, twilio.status),
        web.get(STREAM, twilio.stream, allow_head=False),
        web.route("*", PREFIX + "/{rest:.*}", twilio.wrong),
    ]


def _xml(document: str) -> web.Response:
    return web.Response(text=document, content_type="text/xml", headers={"Cache-Control": "no-store"})


def _sid(value: str) -> str:
    return value if _SID.fullmatch(value) else "(no id)"
