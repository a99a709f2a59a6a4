"""What the log tells whoever wrote a flow of an action that failed; and nothing that a caller said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.dialogue.text_caller import APPOINTMENTS, make_prompts
from voice.call.invoking import invoke
from voice.clock import ManualClock
from voice.dialogue.actions import ActionRunner, NotFound, Registry
from voice.dialogue.loader import read_flow
from voice.dialogue.seam import ActionFailed, Invoke
from voice.errors import ActionError
from voice.model import CallInfo

CALL = CallInfo("CA1", "MZ1", "twilio", "+34600111222")
BOOK = Invoke("book-1", "book", {"day": "2026-01-15"}, 5000)


async def told(tmp_path: Path, status: int, body: bytes) -> ActionFailed:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, body=body)

    app = web.Application()
    app.router.add_post("/book", answer)
    async with TestServer(app) as server:
        result = "{at: time, price: {type: amount, optional: true}}"
        actions = f"actions: {{book: {{url: '{server.make_url('/book')}', retries: 0, result: {result}}}}}\n"
        folder = make_prompts(tmp_path / "prompts", actions + APPOINTMENTS.lstrip())
        flow, _, _ = read_flow(folder / "flows" / "appointments.yaml")
        runner = ActionRunner(flow, folder, registry=Registry())
        try:
            failed = await invoke(runner, ManualClock(), BOOK, CALL)
        finally:
            await runner.close()
    assert isinstance(failed, ActionFailed)
    return failed


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (500, b"{}", "action book was answered with 500 (fault)"),
        (429, b"{}", "action book was answered with 429 (refused)"),
        (302, b"", "action book was answered with 302 (redirects are not followed) (fault)"),
        (200, b"<html>oops", "must answer with a JSON object, and it answered 10 bytes that are no JSON"),
        (200, b"", "must answer with a JSON object, and it answered nothing"),
        (200, b"[1]", "must answer with a JSON object, and it answered JSON that is no object (list)"),
        (200, b'{"price": "x"}', "in its answer, at is missing; price must be an amount such as"),
        (200, b'{"at": "soon"}', 'in its answer, at must be a time such as "16:30" (invalid)'),
    ],
)
async def test_the_log_says_what_was_wrong_with_an_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, status: int, body: bytes, why: str
) -> None:
    await told(tmp_path, status, body)
    (line,) = [r.getMessage() for r in caplog.records if r.name == "voice.call.invoking"]
    assert line.startswith("call CA1: ")
    assert why in line
    assert "soon" not in line
    assert "oops" not in line


async def test_no_such_thing_is_an_answer(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert (await told(tmp_path, 404, b"")).kind == "not_found"
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("error", "kind"), [(NotFound("12345678"), "not_found"), (ActionError("refused", "12345678"), "refused")]
)
async def test_what_a_function_said_of_its_caller_is_not_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, error: ActionError, kind: str
) -> None:
    def book(**_: Any) -> dict[str, Any]:
        raise error

    runner = ActionRunner(None, tmp_path, registry=Registry({"book": book}))
    failed = await invoke(runner, ManualClock(), BOOK, CALL)
    assert isinstance(failed, ActionFailed)
    assert failed.kind == kind
    assert "12345678" not in caplog.text + failed.message
    assert ("action book raised ActionError (refused)" in caplog.text) == (kind == "refused")
