"""Twilio's webhooks and its stream, as aiohttp routes.

How a call goes: Twilio posts to ``/telephony/twilio/voice`` and gets ``<Connect><Stream>``; it opens the
stream's WebSocket; when that is over, for whatever reason, it posts to the ``action`` of ``<Connect>``,
``/telephony/twilio/after``, which hangs up on a call that was had, and apologises on one that was not.
Closing an accepted WebSocket is the documented way to make Twilio go on (error 31921's page says so; what
follows a refused upgrade is not documented), so a stream that comes when there is no room is accepted and
closed with 1013, and the caller hears the busy text through ``/after``.
"""

from __future__ import annotations

import logging
import re
from typing import Final

from aiohttp import web

from voice.clock import Clock, RealClock
from voice.metrics import Metrics
from voice.settings import Settings
from voice.telephony import twiml
from voice.telephony.host import Host
from voice.telephony.messages import MAX_MESSAGE_BYTES
from voice.telephony.tokens import StreamTokens
from voice.telephony.twilio import (
    CALLED_PARAMETER,
    CALLER_PARAMETER,
    TOKEN_PARAMETER,
    TwilioWire,
)
from voice.telephony.webhooks import OpenStream, Webhooks, shown_id, xml

log = logging.getLogger(__name__)

PREFIX: Final = "/telephony/twilio"
VOICE: Final = PREFIX + "/voice"
AFTER: Final = PREFIX + "/after"
STATUS: Final = PREFIX + "/status"
STREAM: Final = PREFIX + "/stream"

IDLE_SECONDS: Final = 15.0
"""Give it to the server's runner as ``keepalive_timeout``: a connection that has not sent a whole request
head by then is closed. aiohttp's default is an hour, a gift to whoever opens sockets and says nothing."""

_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_NOT_PRINTABLE = re.compile(r"[^ -~]")
_LONG_NUMBER = re.compile(r"\+?[0-9][0-9 ().-]{5,}[0-9]")


class _Twilio:
    """The handlers and what they share: one per server."""

    def __init__(self, settings: Settings, host: Host, metrics: Metrics | None, clock: Clock) -> None:
        self._host = host
        self._hooks = Webhooks("twilio", settings, host, metrics, clock, log)
        self._auth_token = settings.twilio.auth_token.get_secret_value()
        checks = settings.twilio.stream_auth if self._auth_token else "none"
        self._sign_streams = checks in ("signature", "both")
        self._token_streams = checks in ("token", "both")
        self._tokens = StreamTokens(self._auth_token, clock)
        self._quiet = self._hooks.quiet

    # --- webhooks -----------------------------------------------------------------------------------

    async def voice(self, request: web.Request) -> web.Response:
        """A call comes in: where its audio goes, or why it cannot be taken."""
        form = await self._form(request)
        no_room = self._hooks.no_room()
        if no_room is not None:
            return no_room
        base = self._hooks.base(request)
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
        return xml(document)

    async def after(self, request: web.Request) -> web.Response:
        """The stream is over: silence after a call that was had, an apology after one that was not."""
        form = await self._form(request)
        return self._hooks.after(form.get("CallSid", ""))

    async def status(self, request: web.Request) -> web.Response:
        """The status callback of a stream: what Twilio says of it goes to the log."""
        form = await self._form(request)
        event = form.get("StreamEvent", "")
        if event == "stream-error":
            error = _LONG_NUMBER.sub("#", _NOT_PRINTABLE.sub("?", form.get("StreamError", "")))[:200]
            self._quiet.warning(
                "stream-error", "twilio stream %s: %s", shown_id(form.get("StreamSid", "")), error
            )
        elif event in ("stream-started", "stream-stopped"):
            log.info("twilio stream %s: %s", shown_id(form.get("StreamSid", "")), event)
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
            url = "ws" + self._hooks.base(request).removeprefix("http") + request.raw_path
            self._hooks.check(request, url, [], "stream")

        def new_wire(call: OpenStream) -> TwilioWire:
            def admit(call_sid: str, token: str) -> bool:
                if self._token_streams and not self._tokens.redeem(token, call_sid):
                    self._hooks.turned_away(call)
                    return False
                self._hooks.started(call, call_sid)
                return True

            return TwilioWire(admit)

        # no heartbeat: a call without audio ends by itself, and re-arming it costs a tenth of a call's CPU
        return await self._hooks.carry(request, new_wire, self._host.answer, most_bytes=MAX_MESSAGE_BYTES)

    async def _form(self, request: web.Request) -> dict[str, str]:
        """The request's form, its signature checked. The first of several equal names wins."""
        pairs = self._hooks.pairs(await self._hooks.body(request))
        if self._auth_token:
            self._hooks.check(request, self._hooks.base(request) + request.raw_path, pairs, "webhook")
        return dict(reversed(pairs))


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
