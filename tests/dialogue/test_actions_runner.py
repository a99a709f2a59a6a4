"""Actions: Python functions and webhooks, each way they can end."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.dialogue.text_caller import APPOINTMENTS, PROMPTS, make_prompts
from voice.dialogue.actions import ActionRunner, NotFound, Registry, load_registry
from voice.dialogue.flow import Flow
from voice.dialogue.loader import read_flow
from voice.dialogue.seam import Invoke
from voice.errors import ActionError, FlowError
from voice.model import CallInfo
from voice.webhooks.client import MOST_ANSWER_BYTES

CALL = CallInfo("call-1", "stream-1", "test")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def flow_with(tmp_path: Path, actions: dict[str, Any] | None = None) -> Flow:
    folder = make_prompts(tmp_path / "prompts", APPOINTMENTS)
    flow, _, _ = read_flow(folder / "flows" / "appointments.yaml")
    assert flow is not None
    return Flow.model_validate(flow.model_dump(by_alias=True) | {"actions": actions or {}})


def runner_for(tmp_path: Path, **functions: Any) -> ActionRunner:
    return ActionRunner(flow_with(tmp_path), tmp_path, registry=Registry(functions))


async def kind_of(runner: ActionRunner, name: str, timeout_ms: int = 2000, **arguments: Any) -> str:
    with pytest.raises(ActionError) as caught:
        await runner.run(Invoke("i-1", name, arguments, timeout_ms), CALL)
    assert "secret" not in str(caught.value)
    return caught.value.kind


async def test_plain_functions_run_beside_the_loop(tmp_path: Path) -> None:
    threads: list[str] = []

    def plain(number: str) -> dict[str, Any]:
        threads.append(threading.current_thread().name)
        return {"number": number}

    result = await runner_for(tmp_path, plain=plain).run(Invoke("i", "plain", {"number": "7"}, 1000), CALL)
    assert result == {"number": "7"}
    assert threads != [threading.main_thread().name]


async def test_async_functions(tmp_path: Path) -> None:
    async def quick() -> dict[str, Any]:
        await asyncio.sleep(0)  # it does wait, once
        return {"ok": True}

    assert await runner_for(tmp_path, quick=quick).run(Invoke("i", "quick", {}, 1000), CALL) == {"ok": True}


async def test_each_way_a_function_can_fail(tmp_path: Path) -> None:
    async def hangs() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    def breaks() -> dict[str, Any]:
        raise RuntimeError("secret")

    def missing() -> dict[str, Any]:
        raise NotFound

    def odd() -> str:
        return "secret"

    runner = runner_for(tmp_path, hangs=hangs, breaks=breaks, missing=missing, odd=odd)
    assert await kind_of(runner, "hangs", timeout_ms=20) == "timeout"
    assert await kind_of(runner, "breaks") == "fault"
    assert await kind_of(runner, "missing") == "not_found"
    assert await kind_of(runner, "odd") == "invalid"
    assert await kind_of(runner, "unknown") == "fault"
    assert await kind_of(runner, "breaks", unexpected=1) == "fault"


async def test_cancelling_is_passed_on(tmp_path: Path) -> None:
    async def hangs() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    task = asyncio.create_task(runner_for(tmp_path, hangs=hangs).run(Invoke("i", "hangs", {}, 9000), CALL))
    await asyncio.sleep(0)  # it begins
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@asynccontextmanager
async def hook(tmp_path: Path, handler: Handler, **more: Any) -> AsyncIterator[ActionRunner]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    async with TestServer(app) as server:
        actions = {"hook": {"url": str(server.make_url("/hook")), **more}}
        runner = ActionRunner(flow_with(tmp_path, actions), tmp_path, environment={"HOOK_KEY": "secret"})
        try:
            yield runner
        finally:
            await runner.close()
            await runner.close()


async def test_a_webhook_gets_a_signed_request_and_its_answer_comes_back(tmp_path: Path) -> None:
    seen: list[tuple[bytes, dict[str, str]]] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append((await request.read(), dict(request.headers)))
        return web.json_response({"amount": "1.50"})

    async with hook(tmp_path, handler, secret_env="HOOK_KEY") as runner:
        invoke = Invoke("get-1", "hook", {"customer": "12345678"}, 2000)
        assert await runner.run(invoke, CALL) == {"amount": "1.50"}
        await runner.run(invoke, CALL)
    import json

    body, headers = seen[0]
    assert json.loads(body) == {
        "call_id": "call-1",
        "action": "hook",
        "arguments": {"customer": "12345678"},
        "idempotency_key": "call-1:get-1",
    }
    assert headers["Idempotency-Key"] == "call-1:get-1"
    expected = hmac.new(b"secret", body, hashlib.sha256).hexdigest()
    assert headers["X-Centralita-Signature"] == f"sha256={expected}"
    assert seen[1] == seen[0] or seen[1][0] == body, "the same invocation has the same key"


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (404, "{}", "not_found"),
        (403, "{}", "refused"),
        (500, "{}", "fault"),
        (204, "", "fault"),
        (302, "", "fault"),
        (200, "<html>", "invalid"),
        (200, "[1]", "invalid"),
        (200, '"' + "x" * MOST_ANSWER_BYTES + '"', "invalid"),
    ],
)
async def test_each_way_a_webhook_can_fail(tmp_path: Path, status: int, text: str, kind: str) -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=status, text=text, headers={"Location": "/elsewhere"})

    async with hook(tmp_path, handler) as runner:
        assert await kind_of(runner, "hook") == kind
    assert asked == ["/hook"], "redirects are not followed"


async def test_a_webhook_that_hangs_or_is_not_there(tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    async with hook(tmp_path / "a", handler) as runner:
        assert await kind_of(runner, "hook", timeout_ms=50) == "timeout"
    gone = flow_with(tmp_path / "b", {"hook": {"url": "http://127.0.0.1:9/"}})
    runner = ActionRunner(gone, tmp_path)
    assert await kind_of(runner, "hook") == "unreachable"
    await runner.close()


async def test_a_missing_secret_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    flow = flow_with(tmp_path, {"hook": {"url": "http://127.0.0.1:9/", "secret_env": "NOT_SET"}})
    runner = ActionRunner(flow, tmp_path, environment={})
    assert await kind_of(runner, "hook") == "fault"
    await runner.close()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/", "http://{customer}.example/", "/path"])
def test_webhook_addresses_are_fixed_and_http(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValueError):
        flow_with(tmp_path, {"hook": {"url": url}})


def test_registries_do_not_mix(tmp_path: Path) -> None:
    one = make_prompts(tmp_path / "one", APPOINTMENTS, _source("a"))
    two = make_prompts(tmp_path / "two", APPOINTMENTS, _source("b"))
    assert load_registry(one)[0].names() == ("a",)
    assert load_registry(two)[0].names() == ("b",)
    assert load_registry(tmp_path / "none") == (Registry(), [])


def _source(name: str) -> str:
    return f"from voice.dialogue.actions import action\n\n@action('{name}')\ndef f():\n    return {{}}\n"


def test_broken_actions_stop_the_runner(tmp_path: Path) -> None:
    flow = flow_with(tmp_path / "x")
    broken = make_prompts(tmp_path / "y", APPOINTMENTS, "def f(:\n")
    with pytest.raises(FlowError, match=r"actions\.py:1"):
        ActionRunner(flow, broken)


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("balance", {"customer": "12345678"}, {"amount": "42.50", "due": "2026-01-26"}),
        ("order_status", {"order": "654321"}, {"state": "delivered", "day": "2026-01-11"}),
        (
            "last_invoice",
            {"customer": "11223344"},
            {"amount": "96.35", "why": "roaming", "issued": "2026-01-01"},
        ),
    ],
)
async def test_the_sample_back_office(name: str, arguments: dict[str, str], expected: dict[str, str]) -> None:
    registry, problems = load_registry(PROMPTS)
    assert problems == []
    runner = ActionRunner(None, PROMPTS, registry=registry)
    asked = {**arguments, "today": "2026-01-14"}
    assert await runner.run(Invoke("i", name, asked, 1000), CALL) == expected
    unknown: dict[str, Any] = dict.fromkeys(arguments, "00000000")
    assert await kind_of(runner, name, **unknown, today="2026-01-14") == "not_found"


async def test_blocking_a_line() -> None:
    registry, _ = load_registry(PROMPTS)
    runner = ActionRunner(None, PROMPTS, registry=registry)
    assert await runner.run(Invoke("i", "block_line", {"customer": "12345678"}, 1000), CALL) == {
        "blocked": True
    }
    assert await kind_of(runner, "block_line", customer="1") == "not_found"
