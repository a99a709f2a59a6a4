"""Runs what a flow calls: a Python function of the business, or its web server.

Python functions stand in ``prompts/actions.py``::

    @action("balance")
    def balance(customer: str, today: str) -> dict:
        return {"amount": "42.50", "due": "2026-01-20"}

They may be plain (run in a thread) or ``async``; they raise :class:`NotFound` when there is no such thing.
Webhooks are called only at addresses written in the flow: nothing a caller or a provider sends can change
where a request goes, redirects are not followed and the answer's size is limited.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import importlib.util
import inspect
import logging
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import orjson

from voice.dialogue.flow import Flow, Webhook
from voice.dialogue.seam import Invoke
from voice.errors import ActionError, FlowError, Problem
from voice.model import CallInfo, JsonDict

log = logging.getLogger(__name__)

MOST_ANSWER_BYTES = 256 * 1024
SIGNATURE_HEADER = "X-Centralita-Signature"
IDEMPOTENCY_HEADER = "Idempotency-Key"

ActionFunction = Callable[..., Any]
F = TypeVar("F", bound=ActionFunction)


class NotFound(ActionError):
    """There is no such customer, order, ...: the flow's ``not_found`` branch."""

    def __init__(self, message: str = "not found") -> None:
        super().__init__("not_found", message)


@dataclass(slots=True)
class Registry:
    """Actions by name, filled by :func:`action` while a business's module is imported."""

    functions: dict[str, ActionFunction] = field(default_factory=dict)

    def names(self) -> tuple[str, ...]:
        return tuple(self.functions)


# The registry that is being filled stands last: loading one business may not touch another's.
_filling = [Registry()]


def action(name: str) -> Callable[[F], F]:
    """Makes a function callable from a flow under ``name``. Its parameters are the call's arguments."""

    def register(function: F) -> F:
        _filling[-1].functions[name] = function
        return function

    return register


def load_registry(prompts_dir: Path) -> tuple[Registry, list[Problem]]:
    """Imports ``actions.py`` of the prompts folder, if there is one. It is the business's own code and
    is trusted like the server itself."""
    path = prompts_dir / "actions.py"
    if not path.is_file():
        return Registry(), []
    name = f"_actions_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    registry = Registry()
    _filling.append(registry)
    sys.modules[name] = module  # dataclasses look their module up while it is being made
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # noqa: BLE001 - a business's module may fail in any way; it is reported
        line = getattr(error, "lineno", None) or _line_in(error, path)
        message = f"cannot be loaded: {type(error).__name__}: {error}"
        return Registry(), [Problem(str(path), line, message, "Correct the Python code in this line.")]
    else:
        return registry, []
    finally:
        _filling.remove(registry)


def _line_in(error: BaseException, path: Path) -> int:
    line, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


class ActionRunner:
    """Resolves and runs a flow's actions; one per process, shared by calls, closed with :meth:`close`.

    ``flow`` may be None (no actions then). ``environment`` is where webhook secrets are looked up (the
    process's by default). Raises :class:`FlowError` when ``actions.py`` cannot be loaded.
    """

    def __init__(
        self,
        flow: Flow | None,
        prompts_dir: Path,
        *,
        registry: Registry | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        if registry is None:
            registry, problems = load_registry(prompts_dir) if flow else (Registry(), [])
            if problems:
                raise FlowError(problems)
        self._webhooks = flow.actions if flow else {}
        self._functions = registry.functions
        self._environment = os.environ if environment is None else environment
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Closes the connections to web servers. Safe to call twice."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def run(self, invoke: Invoke, call: CallInfo) -> JsonDict:
        """The action's result. Raises :class:`ActionError` with kind timeout, refused, unreachable,
        invalid, not_found or fault. ``invoke.timeout_ms`` is enforced here; cancelling is safe. A plain
        function that ran out of time goes on in its thread and its result is dropped."""
        try:
            async with asyncio.timeout(invoke.timeout_ms / 1000):
                if invoke.name in self._webhooks:
                    return await self._post(self._webhooks[invoke.name], invoke, call)
                return await self._python(invoke)
        except TimeoutError as error:
            raise ActionError("timeout", f"action {invoke.name} took too long") from error

    async def _python(self, invoke: Invoke) -> JsonDict:
        function = self._functions.get(invoke.name)
        if function is None:
            raise ActionError("fault", f"there is no action {invoke.name}; add it to prompts/actions.py")
        try:
            if inspect.iscoroutinefunction(function):
                value = await function(**invoke.arguments)
            else:
                value = await asyncio.to_thread(function, **invoke.arguments)
        except (ActionError, TimeoutError, asyncio.CancelledError):
            raise
        except Exception as error:  # a business's function may fail in any way
            # the type only: the message may hold what a caller said
            raise ActionError("fault", f"action {invoke.name} raised {type(error).__name__}") from error
        if not isinstance(value, dict):
            raise ActionError(
                "invalid", f"action {invoke.name} must return a dict, not {type(value).__name__}"
            )
        return value

    async def _post(self, hook: Webhook, invoke: Invoke, call: CallInfo) -> JsonDict:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        body, headers = self._request(hook, invoke, call)
        limit = aiohttp.ClientTimeout(total=hook.time_limit_ms / 1000)
        try:
            async with self._session.post(
                hook.url, data=body, headers=headers, timeout=limit, allow_redirects=False
            ) as response:
                if response.status == 404:
                    raise NotFound(f"action {invoke.name}: not found")
                if response.status != 200:
                    kind = "refused" if 400 <= response.status < 500 else "fault"
                    raise ActionError(kind, f"action {invoke.name} was answered with {response.status}")
                answer = await _read_limited(response, invoke.name)
        except aiohttp.ClientError as error:
            message = f"action {invoke.name}: {type(error).__name__}"
            raise ActionError("unreachable", message) from error
        try:
            value = orjson.loads(answer)
        except orjson.JSONDecodeError as error:
            raise ActionError("invalid", f"action {invoke.name} did not answer with JSON") from error
        if not isinstance(value, dict):
            raise ActionError("invalid", f"action {invoke.name} must answer with a JSON object")
        return value

    def _request(self, hook: Webhook, invoke: Invoke, call: CallInfo) -> tuple[bytes, dict[str, str]]:
        """Body and headers. The signature is HMAC-SHA256 of the body, in hex, after ``sha256=``."""
        key = f"{call.call_id}:{invoke.id}"
        body = orjson.dumps(
            {
                "call_id": call.call_id,
                "action": invoke.name,
                "arguments": invoke.arguments,
                "idempotency_key": key,
            }
        )
        headers = {"Content-Type": "application/json", IDEMPOTENCY_HEADER: key}
        if hook.secret_env:
            secret = self._environment.get(hook.secret_env, "")
            if not secret:
                raise ActionError("fault", f"set {hook.secret_env}: action {invoke.name} must be signed")
            digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
            headers[SIGNATURE_HEADER] = f"sha256={digest}"
        return body, headers


async def _read_limited(response: aiohttp.ClientResponse, name: str) -> bytes:
    answer = bytearray()
    async for chunk in response.content.iter_chunked(16 * 1024):
        answer += chunk
        if len(answer) > MOST_ANSWER_BYTES:
            raise ActionError("invalid", f"action {name} answered with more than {MOST_ANSWER_BYTES} bytes")
    return bytes(answer)
