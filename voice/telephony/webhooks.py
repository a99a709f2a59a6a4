"""What the HTTP endpoints of all providers share: forms read within limits, addresses, signatures, a call's
WebSocket from upgrade to close, and what the caller hears when it is over."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Final, Protocol, TypeVar
from urllib.parse import parse_qsl

from aiohttp import WebSocketError, web

from voice.clock import Clock
from voice.metrics import Metrics
from voice.settings import Settings
from voice.telephony import signatures, twiml
from voice.telephony.host import Lobby
from voice.telephony.quiet import QuietLog

FORM_BYTES: Final = 64 * 1024
FORM_FIELDS: Final = 200
FORM_SECONDS: Final = 10
CLOSE_SECONDS: Final = 5
REMEMBERED_CALLS: Final = 4096
BUSY_MEMORY_MS: Final = 30_000

_FORM: Final = "application/x-www-form-urlencoded"
_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")
_SID = re.compile(r"[A-Za-z0-9_:-]{1,160}")

Pairs = list[tuple[str, str]]


class CallState(StrEnum):
    LIVE = "live"
    ENDED = "ended"
    BROKEN = "broken"


class StreamWire(Protocol):
    over: bool


W = TypeVar("W", bound=StreamWire)


class OpenStream:
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


class Webhooks:
    """One provider's: ``label`` names it in the log, written to ``log``."""

    def __init__(
        self,
        label: str,
        settings: Settings,
        host: Lobby,
        metrics: Metrics | None,
        clock: Clock,
        log: logging.Logger,
    ) -> None:
        self.label = label
        self._host = host
        self._metrics = metrics
        self._clock = clock
        self._log = log
        self._public_url = settings.server.public_url
        self._auth_token = settings.twilio.auth_token.get_secret_value()
        self._calls: OrderedDict[str, CallState] = OrderedDict()
        self._busy_until = 0
        self.quiet = QuietLog(log, clock)

    # --- requests -----------------------------------------------------------------------------------

    def base(self, request: web.Request) -> str:
        """The address the provider knows us by. X-Forwarded-* may be anyone's words: not believed."""
        if self._public_url:
            return self._public_url
        if _HOST.fullmatch(request.host) is None:
            self.quiet.warning("host", "%s: a request with an unusable Host header", self.label)
            raise web.HTTPBadRequest
        return f"{request.scheme}://{request.host}"

    async def body(self, request: web.Request) -> bytes:
        """The body of a form, within limits."""
        if request.content_type != _FORM:
            self.quiet.warning("form", "%s: a webhook without a form was refused", self.label)
            raise web.HTTPUnsupportedMediaType
        try:
            async with asyncio.timeout(FORM_SECONDS):
                return await request.clone(client_max_size=FORM_BYTES).read()
        except TimeoutError:
            text = "%s: a webhook's form did not arrive in %s s"
            self.quiet.warning("slow", text, self.label, FORM_SECONDS)
            raise web.HTTPRequestTimeout from None
        except web.HTTPRequestEntityTooLarge:
            text = "%s: a webhook's form of more than %s bytes"
            self.quiet.warning("form", text, self.label, FORM_BYTES)
            raise

    def pairs(self, body: bytes) -> Pairs:
        try:
            return parse_qsl(
                body.decode("ascii"), keep_blank_values=True, max_num_fields=FORM_FIELDS, errors="strict"
            )
        except ValueError:  # UnicodeDecodeError too
            self.quiet.warning("form", "%s: a webhook's form could not be read", self.label)
            raise web.HTTPBadRequest from None

    def signed_by_twilio(self, request: web.Request, url: str, pairs: Pairs) -> bool:
        given = request.headers.get(signatures.HEADER, "")
        return signatures.valid(self._auth_token, url, given, pairs)

    def check(self, request: web.Request, url: str, pairs: Pairs, what: str) -> None:
        """Twilio's signature over ``url``; raises 403 without it. ``what`` it is, for the log."""
        if not self.signed_by_twilio(request, url, pairs):
            self.unsigned(what, given=bool(request.headers.get(signatures.HEADER)))

    def unsigned(self, what: str, *, given: bool, whose: str = "twilio.auth_token") -> None:
        """Refuses with 403 and one line that helps."""
        self.refused("unsigned")
        hint = "" if self._public_url else "; behind a proxy, set server.public_url"
        self.quiet.warning(
            "signature",
            "%s: %s refused: %s%s",
            self.label,
            what,
            f"wrong signature (is {whose} this account's?)" if given else "not signed",
            hint,
        )
        raise web.HTTPForbidden

    # --- a call's WebSocket -------------------------------------------------------------------------

    async def carry(
        self,
        request: web.Request,
        new_wire: Callable[[OpenStream], W],
        answer: Callable[[web.WebSocketResponse, W], Awaitable[None]],
        *,
        most_bytes: int,
        heartbeat: float | None = None,
    ) -> web.WebSocketResponse:
        """From upgrade to close. A stream that comes when there is no room is accepted and closed with 1013:
        the provider then asks what comes next."""
        ws = web.WebSocketResponse(
            timeout=CLOSE_SECONDS, compress=False, max_msg_size=most_bytes, heartbeat=heartbeat
        )
        if not ws.can_prepare(request):
            text = "%s: a request to the stream's path is no WebSocket upgrade"
            self.quiet.warning("upgrade", text, self.label)
            raise web.HTTPUpgradeRequired(headers={"Upgrade": "websocket"})
        why = self._host.accepts()
        await ws.prepare(request)
        if why is not None:
            self.refused(why)
            self._busy_until = self._clock.now_ms() + BUSY_MEMORY_MS
            self._log.warning("%s: stream refused: %s", self.label, why)
            await ws.close(code=1013, message=why.encode())
            return ws
        call = OpenStream(ws)
        wire = new_wire(call)
        state = CallState.BROKEN
        try:
            await answer(ws, wire)
            fault = ws.exception()
            if isinstance(fault, WebSocketError):
                self._protocol_fault(call, fault, most_bytes)
            if wire.over or ws.close_code in (1000, 1001):
                state = CallState.ENDED
        finally:
            if call.call_sid:
                self.remember(call.call_sid, state)
            await call.close(1011 if state is CallState.BROKEN else 1000)
        return ws

    def _protocol_fault(self, call: OpenStream, fault: WebSocketError, most_bytes: int) -> None:
        known = {
            1007: "a text message was not UTF-8",
            1009: f"a message of more than {most_bytes} bytes",
        }
        self.quiet.warning(
            "websocket",
            "%s stream %s closed: %s",
            self.label,
            shown_id(call.call_sid),
            known.get(fault.code, "the peer broke the WebSocket protocol"),
        )

    def started(self, call: OpenStream, call_sid: str) -> None:
        """The stream carries ``call_sid`` from here on."""
        call.call_sid = call_sid
        self.remember(call_sid, CallState.LIVE)

    def turned_away(self, call: OpenStream) -> None:
        """The stream's token is not good: it is closed."""
        self.refused("token")
        self.quiet.warning("token", "%s stream refused: its token is missing, used or expired", self.label)
        call.refuse()

    def remember(self, call_sid: str, state: CallState) -> None:
        self._calls[call_sid] = state
        self._calls.move_to_end(call_sid)
        if len(self._calls) > REMEMBERED_CALLS:
            self._calls.popitem(last=False)

    # --- what the caller hears ----------------------------------------------------------------------

    def after(self, call_sid: str) -> web.Response:
        """The stream is over: silence after a call that was had, an apology after one that was not."""
        state = self._calls.get(call_sid)
        if state in (CallState.LIVE, CallState.ENDED):
            return xml(twiml.HANG_UP)
        lang = self._host.default_lang
        if state is None and self._clock.now_ms() < self._busy_until:
            return self.say(self._host.busy_text(lang))
        self._log.error(
            "%s call %s: %s; the caller hears an apology",
            self.label,
            shown_id(call_sid),
            "broke off" if state else "its stream never reached this server (see the provider's debugger)",
        )
        return self.say(self._host.fault_text(lang))

    def no_room(self) -> web.Response | None:
        """The busy text when no call can come in now, else None."""
        why = self._host.accepts()
        if why is None:
            return None
        self.refused(why)
        self._log.warning("%s: call refused: %s", self.label, why)
        return self.say(self._host.busy_text(self._host.default_lang))

    def refused(self, why: str) -> None:
        """Counts a call or request that was turned away."""
        if self._metrics is not None:
            self._metrics.calls_refused.labels(why).inc()

    def say(self, text: str) -> web.Response:
        return xml(twiml.say_and_hang_up(text, self._host.default_lang))


def xml(document: str) -> web.Response:
    return web.Response(text=document, content_type="text/xml", headers={"Cache-Control": "no-store"})


def shown_id(value: str) -> str:
    """An id as it may stand in the log."""
    return value if _SID.fullmatch(value) else "(no id)"
