"""A sample back office: the functions of ``actions.py`` behind HTTP, as a business's own server would be.

It does what every receiver of webhooks should: reads a limited body, checks the signature before anything
else, does the same id only once and answers a repetition with the first answer.

``POST /actions/NAME`` with the body described in ``docs/profiles.md``. Answers: 200 with a JSON object, 401
not signed rightly, 404 no such thing, 409 still working on the same id, 413, 422 a body that cannot be
meant, 500 the function failed.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
from aiohttp import web

from voice.clock import Clock, RealClock
from voice.dialogue.actions import ActionRunner, Registry, load_registry
from voice.dialogue.seam import Invoke
from voice.errors import ActionError, FlowError
from voice.model import CallInfo
from voice.webhooks import signing

log = logging.getLogger(__name__)

URL_ENV: Final = "BACK_OFFICE_URL"
SECRET_ENV: Final = "BACK_OFFICE_SECRET"  # noqa: S105 - the variable's name
MOST_BODY: Final = 64 * 1024
REMEMBERED: Final = 10_000  # answers; the oldest is forgotten first
LIMIT_MS: Final = 30_000
_STATUS: Final = {"not_found": 404, "invalid": 422, "refused": 403, "timeout": 504}


@dataclass(slots=True)
class _Done:
    """What an id asked for, and the answer once there is one."""

    digest: bytes
    answer: tuple[int, bytes] | None = None


class BackOffice:
    """``secret`` "" takes requests of anyone. ``told`` hears of each request: action, and how it ended."""

    def __init__(
        self,
        registry: Registry,
        prompts: Path,
        secret: str,
        *,
        clock: Clock | None = None,
        told: Callable[[str, str], None] = lambda action, how: None,
    ) -> None:
        self._functions = registry.functions
        self._runner = ActionRunner(None, prompts, registry=registry)
        self._secret = secret
        self._clock: Clock = clock or RealClock()
        self._told = told
        self._done: OrderedDict[str, _Done] = OrderedDict()

    def app(self) -> web.Application:
        app = web.Application(client_max_size=MOST_BODY)
        app.router.add_post("/actions/{name}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        body = await request.read()
        message_id = ""
        if self._secret:
            headers = {key.lower(): value for key, value in request.headers.items()}
            try:
                message_id = signing.verify(self._secret, headers, body, self._clock.wall_ms() // 1000)
            except signing.BadSignature as error:
                self._told(_short(name), f"refused: {error}")
                return _problem(401, str(error))
        asked = _asked(body, name)
        if asked is None or name not in self._functions:
            self._told(_short(name), "refused: there is no such action, or the body is not one of an action")
            return _problem(422, "there is no such action, or the body is not one of an action")
        key, arguments = asked
        if self._secret and key != message_id:
            return _problem(422, "idempotency_key and webhook-id differ")
        return await self._once(name, key, arguments, hashlib.sha256(body).digest())

    async def _once(self, name: str, key: str, arguments: dict[str, Any], digest: bytes) -> web.Response:
        done = self._done.get(key)
        if done is not None and done.digest != digest:
            return _problem(422, "this id was used for another request")
        if done is not None and done.answer is None:
            return _problem(409, "still working on it")
        if done is not None and done.answer is not None:
            self._told(name, "asked again: the same answer")
            return web.Response(status=done.answer[0], body=done.answer[1], content_type="application/json")
        self._done[key] = done = _Done(digest)
        while len(self._done) > REMEMBERED:
            self._done.popitem(last=False)
        status = 500
        try:
            status, value = await self._run(name, key, arguments)
            done.answer = (status, orjson.dumps(value))
        finally:
            if status >= 500:
                self._done.pop(key, None)  # it may be tried again
        self._told(name, ("signature right, " if self._secret else "not signed, ") + _in_words(status))
        return web.Response(status=status, body=orjson.dumps(value), content_type="application/json")

    async def _run(self, name: str, key: str, arguments: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        call = CallInfo("back-office", "back-office", "back-office")
        try:
            return 200, await self._runner.run(Invoke(key, name, arguments, LIMIT_MS), call)
        except ActionError as error:
            return _STATUS.get(error.kind, 500), {"error": error.kind}


def _asked(body: bytes, name: str) -> tuple[str, dict[str, Any]] | None:
    """The id and the arguments, or None."""
    try:
        asked = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(asked, dict) or asked.get("action") != name:
        return None
    key, arguments = asked.get("idempotency_key"), asked.get("arguments")
    if not isinstance(key, str) or not 0 < len(key) <= 200 or not isinstance(arguments, dict):
        return None
    return key, arguments


def _problem(status: int, message: str) -> web.Response:
    return web.json_response({"error": message}, status=status)


def _in_words(status: int) -> str:
    return {200: "answered", 404: "not found"}.get(status, f"answered with {status}")


def _short(name: str) -> str:
    """What a stranger called an action, for one line of a terminal."""
    return "".join(c for c in name[:40] if c.isalnum() or c in "_-")


@asynccontextmanager
async def back_office(
    prompts: Path, told: Callable[[str, str], None] = lambda action, how: None
) -> AsyncIterator[dict[str, str]]:
    """A back office on a free loopback port with a secret of its own, and the environment that leads a
    flow's webhooks there (:data:`URL_ENV`, :data:`SECRET_ENV`). Raises FlowError when ``actions.py`` cannot
    be loaded; without one there is nothing to answer with, and the environment is empty."""
    registry, problems = load_registry(prompts)
    if problems:
        raise FlowError(problems)
    if not registry.names():
        yield {}
        return
    secret = secrets.token_hex(32)
    runner = web.AppRunner(BackOffice(registry, prompts, secret, told=told).app(), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        yield {URL_ENV: f"http://127.0.0.1:{port}", SECRET_ENV: secret}
    finally:
        await runner.cleanup()
