"""Posting an action to a business's web server: signed, with retries inside its time limit, and a breaker.

What is tried again:

* a request that certainly did nothing: no connection, 429, 503 with ``Retry-After``;
* with ``idempotent: true`` also one that may have arrived: a lost connection, an attempt's time limit, 409
  (an earlier attempt is still being worked on), and 500, 502, 503 and 504.

Every attempt has the same id, so that the server can tell a repetition. Between attempts there is a pause of
random length ("full jitter"), up to :data:`FIRST_PAUSE_MS` and twice as much each time, or what the server
asked for with ``Retry-After``; where that does not fit into the limit any more, the failure stands.

Many calls at once must not make a server's bad moment worse, nor take others with it:

* after three failures in a row a server rests (:mod:`voice.speech.breaker`): its actions fail at once then,
  so that callers need not wait for what will not come;
* while many of its answers fail, nothing is tried again (:class:`voice.webhooks.load.Repeats`);
* no server has more than :data:`voice.webhooks.load.MOST_AT_ONCE` requests at once. Others wait for their
  turn, half their time limit at most.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import os
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import orjson

from voice.clock import Clock, RealClock
from voice.errors import ActionError
from voice.model import JsonDict
from voice.speech.breaker import Breaker, Pass
from voice.webhooks import signing
from voice.webhooks.load import Repeats, Turns
from voice.webhooks.spec import Webhook, check_address

log = logging.getLogger(__name__)

MOST_ANSWER_BYTES: Final = 256 * 1024
FIRST_PAUSE_MS: Final = 200
LONGEST_PAUSE_MS: Final = 2000
SHORTEST_ATTEMPT_MS: Final = 100  # with less left, another attempt is not worth it
# the body alone, in hex, as before signatures had a time; for servers that check this one
PLAIN_SIGNATURE: Final = "X-Centralita-Signature"
IDEMPOTENCY: Final = "Idempotency-Key"
_DONE: Final = (200, 201)


class _Failed(Exception):
    """One attempt. ``sent``: the server may have done what was asked. ``healthy``: it answered sensibly."""

    def __init__(
        self, error: ActionError, *, again: bool, sent: bool, wait_ms: int = 0, healthy: bool = False
    ) -> None:
        super().__init__(str(error))
        self.error = error
        self.again = again
        self.sent = sent
        self.wait_ms = wait_ms
        self.healthy = healthy


@dataclass(slots=True)
class _Peer:
    """One server, as far as all calls together have come to know it."""

    breaker: Breaker = field(default_factory=Breaker)
    repeats: Repeats = field(default_factory=Repeats)
    turns: Turns = field(default_factory=Turns)


class WebhookClient:
    """One per process. ``jitter`` gives numbers from 0 to 1; ``environment`` holds addresses and secrets."""

    def __init__(
        self,
        *,
        environment: Mapping[str, str] | None = None,
        clock: Clock | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._environment = os.environ if environment is None else environment
        self._clock: Clock = clock or RealClock()
        self._jitter = jitter
        self._session: aiohttp.ClientSession | None = None
        self._peers: dict[str, _Peer] = {}

    async def close(self) -> None:
        """Closes the connections. Safe to call twice."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def address(self, hook: Webhook, name: str) -> str:
        """Where ``hook`` is answered; "" when its ``url_env`` is not set. Raises :class:`ActionError`."""
        url = hook.url or self._environment.get(hook.url_env, "").strip()
        if url and not hook.url:
            try:
                check_address(url)
            except ValueError as error:
                raise ActionError("fault", f"action {name}: {hook.url_env} {error}") from None
        return url.rstrip("/") + hook.path if url and hook.path else url

    async def post(
        self, hook: Webhook, name: str, arguments: JsonDict, *, call_id: str, key: str, limit_ms: int
    ) -> JsonDict:
        """The server's JSON object. Raises :class:`ActionError` with kind timeout, refused, unreachable,
        invalid, not_found or fault. ``key`` is the same for the same wish of the same call."""
        url = self.address(hook, name)
        secret = self._secret(hook, name)
        body = orjson.dumps(
            {"call_id": call_id, "action": name, "arguments": arguments, "idempotency_key": key}
        )
        parts = urlsplit(url)
        peer = self._peers.setdefault(f"{parts.scheme}://{parts.netloc}", _Peer())
        limit_ms = min(limit_ms, hook.time_limit_ms)
        until = self._clock.now_ms() + limit_ms
        if peer.breaker.rests(self._clock.now_ms()):
            raise _resting(name)
        try:
            await peer.turns.take(self._clock, limit_ms // 2)
        except TimeoutError:
            raise ActionError("unreachable", f"action {name}: too many wait for its server") from None
        try:
            return await self._guarded(hook, name, url, body, key, secret, until, peer)
        finally:
            peer.turns.leave()

    async def _guarded(
        self, hook: Webhook, name: str, url: str, body: bytes, key: str, secret: str, until: int, peer: _Peer
    ) -> JsonDict:
        """The attempts, unless the server rests; it learns from how they ended."""
        breaker = peer.breaker
        allowed = breaker.ask(self._clock.now_ms())
        if allowed is Pass.NO:
            raise _resting(name)
        trial = allowed is Pass.TRIAL
        try:
            answer = await self._attempts(hook, name, url, body, key, secret, until, peer.repeats)
        except _Failed as failed:
            now = self._clock.now_ms()
            if failed.healthy:
                breaker.succeeded(now, trial=trial)
            else:
                breaker.failed(now, trial=trial)
            raise failed.error from None
        except BaseException:
            breaker.abandoned(self._clock.now_ms(), trial=trial)
            raise
        breaker.succeeded(self._clock.now_ms(), trial=trial)
        return answer

    async def _attempts(
        self,
        hook: Webhook,
        name: str,
        url: str,
        body: bytes,
        key: str,
        secret: str,
        until: int,
        repeats: Repeats,
    ) -> JsonDict:
        uncertain = False  # an attempt may have done it, however the last one ended
        for attempt in range(hook.retries + 1):
            left = until - self._clock.now_ms()
            share = left // 2 if hook.idempotent and attempt < hook.retries else left
            try:
                answer = await self._once(name, url, body, self._headers(key, secret, body), share)
            except _Failed as failed:
                failed.error.uncertain = uncertain = uncertain or failed.sent
                if not failed.healthy:
                    repeats.failed()
                if (
                    not repeats.allowed
                    or attempt == hook.retries
                    or not failed.again
                    or (failed.sent and not hook.idempotent)
                ):
                    raise
                longest = min(FIRST_PAUSE_MS * 2**attempt, LONGEST_PAUSE_MS)
                pause = failed.wait_ms or round(self._jitter() * longest)
                if until - self._clock.now_ms() - pause < SHORTEST_ATTEMPT_MS:
                    raise
                log.info("action %s: attempt %d failed (%s); again", name, attempt + 1, failed.error.kind)
            else:
                repeats.succeeded()
                return answer
            await self._clock.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    async def _once(self, name: str, url: str, body: bytes, headers: dict[str, str], ms: int) -> JsonDict:
        if self._session is None:
            # its own limit would be one for all servers: a slow one would keep the others from being asked
            connector = aiohttp.TCPConnector(limit=0)
            self._session = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trace_configs=[_telling_when_sent()]
            )
        limit = aiohttp.ClientTimeout(total=max(ms, 1) / 1000)
        sent = asyncio.Event()
        try:
            async with self._session.post(
                url,
                data=body,
                headers=headers,
                timeout=limit,
                allow_redirects=False,
                trace_request_ctx=sent,
            ) as response:
                if response.status not in _DONE:
                    raise _status(name, response)
                answer = await _read_limited(response, name)
        except TimeoutError:
            error = ActionError("timeout", f"action {name} took too long")
            raise _Failed(error, again=True, sent=sent.is_set()) from None
        except aiohttp.ClientError as problem:
            error = ActionError("unreachable", f"action {name}: {type(problem).__name__}")
            raise _Failed(error, again=True, sent=sent.is_set()) from None
        return _object(answer, name)

    def _headers(self, key: str, secret: str, body: bytes) -> dict[str, str]:
        timestamp = self._clock.wall_ms() // 1000
        headers = {
            "Content-Type": "application/json",
            IDEMPOTENCY: key,
            signing.ID: key,
            signing.TIMESTAMP: str(timestamp),
        }
        if secret:
            headers[signing.SIGNATURE] = signing.sign(secret, key, timestamp, body)
            digest = hmac.new(signing.key_of(secret), body, hashlib.sha256).hexdigest()
            headers[PLAIN_SIGNATURE] = f"sha256={digest}"
        return headers

    def _secret(self, hook: Webhook, name: str) -> str:
        if not hook.secret_env:
            return ""
        secret = self._environment.get(hook.secret_env, "")
        if not secret:
            raise ActionError("fault", f"set {hook.secret_env}: action {name} must be signed")
        try:
            signing.key_of(secret)
        except ValueError as error:
            raise ActionError("fault", f"action {name}: {hook.secret_env}: {error}") from None
        return secret


def _telling_when_sent() -> aiohttp.TraceConfig:
    """Sets the event that a request is given as its ``trace_request_ctx`` as soon as there is a connection
    and something of the request goes out."""
    told = aiohttp.TraceConfig()

    async def goes_out(_: object, context: SimpleNamespace, __: object) -> None:
        context.trace_request_ctx.set()

    told.on_request_headers_sent.append(goes_out)
    return told


def _resting(name: str) -> ActionError:
    return ActionError("unreachable", f"action {name}: its server failed and rests for a moment")


def _status(name: str, response: aiohttp.ClientResponse) -> _Failed:
    status = response.status
    if status == 404:
        return _Failed(
            ActionError("not_found", f"action {name}: not found"), again=False, sent=False, healthy=True
        )
    hint = " (redirects are not followed)" if 300 <= status < 400 else ""
    error = ActionError(
        "refused" if 400 <= status < 500 else "fault", f"action {name} was answered with {status}{hint}"
    )
    asked = response.headers.get("Retry-After", "").strip()
    wait_ms = int(asked) * 1000 if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0
    if status == 429 or (status == 503 and wait_ms):
        return _Failed(error, again=True, sent=False, wait_ms=wait_ms)
    if status == 409:  # an earlier attempt is still being worked on: its answer may come yet
        return _Failed(error, again=True, sent=True, wait_ms=wait_ms, healthy=True)
    if status in (500, 502, 503, 504):
        return _Failed(error, again=True, sent=True, wait_ms=wait_ms)
    refused = 400 <= status < 500
    return _Failed(error, again=False, sent=not refused, healthy=refused)


def _object(answer: bytes, name: str) -> JsonDict:
    try:
        value: Any = orjson.loads(answer)
    except orjson.JSONDecodeError:
        what = f"{len(answer)} bytes that are no JSON" if answer else "nothing"
    else:
        if isinstance(value, dict):
            return value
        what = f"JSON that is no object ({type(value).__name__})"
    message = f"action {name} must answer with a JSON object, and it answered {what}"
    raise _Failed(ActionError("invalid", message), again=False, sent=True)


async def _read_limited(response: aiohttp.ClientResponse, name: str) -> bytes:
    answer = bytearray()
    async for chunk in response.content.iter_chunked(16 * 1024):
        answer += chunk
        if len(answer) > MOST_ANSWER_BYTES:
            message = f"action {name} answered with more than {MOST_ANSWER_BYTES} bytes"
            raise _Failed(ActionError("invalid", message), again=False, sent=True)
    return bytes(answer)
