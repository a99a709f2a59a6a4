"""Which failures leave open whether the server did what was asked: real connections, broken their ways."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from voice.dialogue.actions import ActionRunner, NotFound, Registry
from voice.dialogue.seam import Invoke
from voice.errors import ActionError
from voice.model import CallInfo
from voice.webhooks.client import WebhookClient
from voice.webhooks.spec import Webhook

RESET = b""  # the request is read, and the connection cut without a word
HANGS = b"nothing, for ever"
CALL = CallInfo("CA1", "MZ1", "twilio", "+34600111222")


def status(code: int, body: bytes = b"{}", *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 %d x" % code, b"Content-Length: %d" % len(body), b"Connection: close", *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


@asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server on loopback that gives ``answers`` in turn, the last for ever; the requests that it got."""
    left, seen = list(answers), list[bytes]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.read(4096))
        answer = left.pop(0) if len(left) > 1 else left[0]
        if answer is not HANGS:
            writer.write(answer)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], seen
    finally:
        server.close()


async def failing(url: str, **hook: Any) -> ActionError:
    made = WebhookClient(environment={}, jitter=lambda: 0.0)
    spec = Webhook.model_validate({"url": url, "retries": 0, **hook})
    try:
        with pytest.raises(ActionError) as caught:
            await made.post(spec, "book", {}, call_id="c", key="k", limit_ms=5000)
    finally:
        await made.close()
    return caught.value


@pytest.mark.parametrize(
    ("raw", "kind", "uncertain"),
    [
        (RESET, "unreachable", True),
        (status(500), "fault", True),
        (status(502, b"<html>"), "fault", True),
        (status(503), "fault", True),
        (status(503, b"", b"Retry-After: 9"), "fault", False),
        (status(429), "refused", False),
        (status(400), "refused", False),
        (status(404), "not_found", False),
        (status(409), "refused", True),
        (status(422), "refused", False),
        (status(303, b"", b"Location: /done"), "fault", True),
        (status(204, b""), "fault", True),
        (status(200, b""), "invalid", True),
        (status(200, b"[]"), "invalid", True),
        (status(200, b"<html>done", b"Content-Type: text/html"), "invalid", True),
        (status(200, b" " * 300_000), "invalid", True),
        (status(200, b"{}")[:-1], "unreachable", True),
    ],
)
async def test_what_was_answered_tells_whether_it_may_be_done(raw: bytes, kind: str, uncertain: bool) -> None:
    async with answering(raw) as (port, seen):
        error = await failing(f"http://127.0.0.1:{port}/hook")
    assert (error.kind, error.uncertain, len(seen)) == (kind, uncertain, 1)


@pytest.mark.parametrize(
    ("url", "answer", "kind"),
    [
        ("http://no-such-host.invalid/", HANGS, "unreachable"),
        ("https://127.0.0.1:{port}/", status(200), "unreachable"),
        ("https://127.0.0.1:{port}/", HANGS, "timeout"),
    ],
    ids=["no such name", "no TLS there", "TLS that never comes about"],
)
async def test_what_was_never_sent_was_not_done(url: str, answer: bytes, kind: str) -> None:
    async with answering(answer) as (port, _):
        error = await failing(url.format(port=port), time_limit_ms=150)
    assert (error.kind, error.uncertain) == (kind, False)


async def test_a_server_that_says_nothing_may_have_done_it() -> None:
    async with answering(HANGS) as (port, _):
        error = await failing(f"http://127.0.0.1:{port}/", time_limit_ms=100)
    assert (error.kind, error.uncertain) == ("timeout", True)


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".example"])
def test_an_address_that_no_name_server_knows_is_refused_when_it_is_read(host: str) -> None:
    with pytest.raises(ValueError, match="must be an address"):
        Webhook(url=f"http://{host}/")


async def test_nobody_listening_was_told_nothing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        error = await failing(f"http://127.0.0.1:{taken.getsockname()[1]}/")
    assert (error.kind, error.uncertain) == ("unreachable", False)


@pytest.mark.parametrize("last", [status(422), status(404), status(429)])
async def test_a_later_refusal_does_not_undo_an_attempt_whose_answer_was_lost(last: bytes) -> None:
    async with answering(RESET, last) as (port, seen):
        error = await failing(f"http://127.0.0.1:{port}/hook", retries=1, idempotent=True)
    assert (len(seen), error.uncertain) == (2, True)


async def test_what_was_created_was_done() -> None:
    async with answering(status(201, b'{"code": "7"}')) as (port, _):
        made = WebhookClient(environment={})
        hook = Webhook(url=f"http://127.0.0.1:{port}/hook")
        assert await made.post(hook, "book", {}, call_id="c", key="k", limit_ms=5000) == {"code": "7"}
        await made.close()


@pytest.mark.parametrize(
    ("raised", "uncertain"),
    [(RuntimeError(), True), (NotFound(), False), (ActionError("refused", "no"), False), (None, True)],
)
async def test_a_function_that_broke_may_have_done_it(
    tmp_path: Path, raised: Exception | None, uncertain: bool
) -> None:
    def book() -> Any:
        if raised is not None:
            raise raised
        return "no dict"

    runner = ActionRunner(None, tmp_path, registry=Registry({"book": book}))
    with pytest.raises(ActionError) as caught:
        await runner.run(Invoke("book-1", "book", {}, 5000), CALL)
    assert caught.value.uncertain is uncertain
