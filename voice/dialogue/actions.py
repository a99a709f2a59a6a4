"""Runs what a flow calls: a Python function of the business, or its web server.

Python functions stand in ``prompts/actions.py``, or in files of ``prompts/actions/``::

    @action("balance")
    def balance(customer: str, today: str) -> dict:
        return {"amount": "42.50", "due": "2026-01-20"}

They may be plain (run in a thread) or ``async``; they raise :class:`NotFound` when there is no such thing.
Webhooks (:mod:`voice.webhooks`) are called only at addresses written in the flow or its environment: nothing
a caller or a provider sends can change where a request goes, redirects are not followed and the answer's
size is limited.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import importlib.util
import inspect
import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from voice.dialogue.flow import Flow
from voice.dialogue.seam import FORGET_CALLER, Invoke
from voice.errors import ActionError, FlowError, Problem
from voice.model import CallInfo, JsonDict
from voice.webhooks.client import WebhookClient
from voice.webhooks.fields import check_arguments, read_result
from voice.webhooks.spec import Webhook

log = logging.getLogger(__name__)

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
    """Imports ``actions.py`` and ``actions/*.py`` of the prompts folder, where there are any. They are the
    business's own code and are trusted like the server itself."""
    registry, problems = Registry(), list[Problem]()
    owners: dict[str, Path] = {}
    for path in (prompts_dir / "actions.py", *sorted((prompts_dir / "actions").glob("*.py"))):
        if not path.is_file():
            continue
        found, wrong = _load(path)
        problems += wrong
        for name, function in found.functions.items():
            if name in owners:
                message = f"the action '{name}' is also in {owners[name]}"
                problems.append(Problem(str(path), 1, message, "Give one of them another name."))
            owners[name] = path
            registry.functions[name] = function
    return (Registry(), problems) if problems else (registry, [])


def _load(path: Path) -> tuple[Registry, list[Problem]]:
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
    # a business's module may fail in any way, or want to end the process: it is reported
    except (Exception, SystemExit) as error:  # noqa: BLE001
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


def same_secret(one: str, other: str) -> bool:
    """Whether two secrets are the same, in a time that does not tell how far they agree: for the functions
    of ``verify`` steps."""
    return hmac.compare_digest(one.encode(), other.encode())


class ActionRunner:
    """Resolves and runs a flow's actions; one per process, shared by calls, closed with :meth:`close`.

    ``flow`` may be None (no actions then). ``environment`` is where addresses and secrets of webhooks are
    looked up (the process's by default); ``client`` posts to them. Raises :class:`FlowError` when
    ``actions.py`` cannot be loaded.
    """

    def __init__(
        self,
        flow: Flow | None,
        prompts_dir: Path,
        *,
        registry: Registry | None = None,
        environment: Mapping[str, str] | None = None,
        client: WebhookClient | None = None,
    ) -> None:
        if registry is None:
            registry, problems = load_registry(prompts_dir) if flow else (Registry(), [])
            if problems:
                raise FlowError(problems)
        self._declared = flow.actions if flow else {}
        self._functions = registry.functions
        self._client = client or WebhookClient(environment=environment)

    async def close(self) -> None:
        """Closes the connections to web servers. Safe to call twice."""
        await self._client.close()

    async def run(self, invoke: Invoke, call: CallInfo) -> JsonDict:
        """The action's result, its declared fields in the form that slots keep. Raises
        :class:`ActionError` with kind timeout, refused, unreachable, invalid, not_found or fault.
        ``invoke.timeout_ms`` is enforced here; cancelling is safe. A plain function that ran out of time
        goes on in its thread and its result is dropped."""
        declared = self._declared.get(invoke.name)
        try:
            async with asyncio.timeout(invoke.timeout_ms / 1000):
                if declared is None:
                    return await self._python(invoke)
                return await self._as_declared(declared, invoke, call)
        except TimeoutError as error:
            message = f"action {invoke.name} took too long"
            raise ActionError("timeout", message, uncertain=True) from error

    async def _as_declared(self, hook: Webhook, invoke: Invoke, call: CallInfo) -> JsonDict:
        name, arguments = invoke.name, invoke.arguments
        if hook.parameters is not None:
            arguments = check_arguments(hook.parameters, arguments, name)
        if self._client.address(hook, name):
            value = await self._client.post(
                hook,
                name,
                arguments,
                call_id=call.call_id,
                key=f"{call.call_id}:{invoke.key or invoke.id}",
                limit_ms=invoke.timeout_ms,
            )
        else:
            value = await self._python(replace(invoke, arguments=arguments))
        return value if hook.result is None else read_result(hook.result, value, name)

    async def _python(self, invoke: Invoke) -> JsonDict:
        function = self._functions.get(invoke.name)
        if function is None and invoke.name == FORGET_CALLER:
            return {}
        if function is None:
            declared = self._declared.get(invoke.name)
            remedy = f"set {declared.url_env}" if declared and declared.url_env else "add it"
            raise ActionError("fault", f"there is no action {invoke.name} in prompts/actions.py; {remedy}")
        try:
            if inspect.iscoroutinefunction(function):
                value = await function(**invoke.arguments)
            else:
                value = await asyncio.to_thread(function, **invoke.arguments)
        except (TimeoutError, asyncio.CancelledError):
            raise
        except Exception as error:  # a business's function may fail in any way
            # the type only: the message may hold what a caller said
            kind = error.kind if isinstance(error, ActionError) else "fault"
            raise ActionError(
                kind,
                f"action {invoke.name} raised {type(error).__name__}",
                uncertain=error.uncertain if isinstance(error, ActionError) else True,
            ) from error
        if not isinstance(value, dict):
            raise ActionError(
                "invalid",
                f"action {invoke.name} must return a dict, not {type(value).__name__}",
                uncertain=True,
            )
        return value
