"""Retries inside the time limit, keys that stay the same, and a server that rests."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import resource
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from voice.clock import ManualClock
from voice.dialogue.actions import NotFound, Registry
from voice.errors import ActionError
from voice.webhooks import signing
from voice.webhooks.back_office import BackOffice
from voice.webhooks.client import WebhookClient
from voice.webhooks.load import MOST_AT_ONCE, Turns
from voice.webhooks.spec import Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class JumpingClock(ManualClock):
    """Goes to the end of every pause at once, and remembers the pauses."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[int] = []

    async def sleep(self, ms: int) -> None:
        self.pauses.append(ms)
        self.advance(ms)


class Server:
    """Answers with ``answers`` in turn (the last for ever), each after ``takes_ms`` of the test's clock."""

    def __init__(self, clock: ManualClock, *answers: int | tuple[int, dict[str, str]]) -> None:
        self.clock = clock
        self.answers = list(answers)
        self.takes_ms = 0
        self.seen: list[tuple[dict[str, str], bytes]] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.seen.append(({k.lower(): v for k, v in request.headers.items()}, await request.read()))
        self.clock.advance(self.takes_ms)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        status, headers = answer if isinstance(answer, tuple) else (answer, {})
        return web.json_response({"n": len(self.seen)}, status=status, headers=headers)


@asynccontextmanager
async def client(
    server: Server, jitter: Callable[[], float] = lambda: 0.5, **hook: Any
) -> AsyncIterator[Callable[[], Any]]:
    app = web.Application()
    app.router.add_post("/hook", server.answer)
    async with TestServer(app) as running:
        made = WebhookClient(environment={"KEY": SECRET}, clock=server.clock, jitter=jitter)
        spec = Webhook.model_validate({"url": str(running.make_url("/hook")), "secret_env": "KEY", **hook})

        async def post() -> Any:
            return await made.post(spec, "book", {"day": "x"}, call_id="c1", key="c1:b-1", limit_ms=60_000)

        try:
            yield post
        finally:
            await made.close()


async def kind_of(post: Callable[[], Any]) -> str:
    with pytest.raises(ActionError) as caught:
        await post()
    return caught.value.kind


async def test_an_idempotent_request_is_tried_again_with_the_same_id() -> None:
    clock = JumpingClock()
    server = Server(clock, 500, 503, 200)
    async with client(server, idempotent=True) as post:
        assert await post() == {"n": 3}
    assert clock.pauses == [100, 200]
    assert {headers[signing.ID] for headers, _ in server.seen} == {"c1:b-1"}
    assert {headers["idempotency-key"] for headers, _ in server.seen} == {"c1:b-1"}
    assert len({body for _, body in server.seen}) == 1
    for headers, body in server.seen:
        assert signing.verify(SECRET, headers, body, clock.wall_ms() // 1000) == "c1:b-1"


async def test_what_may_have_arrived_is_sent_again_only_where_twice_is_once() -> None:
    server = Server(JumpingClock(), 500, 200)
    async with client(server) as post:
        assert await kind_of(post) == "fault"
    assert len(server.seen) == 1


@pytest.mark.parametrize("first", [429, (503, {"Retry-After": "1"})])
async def test_what_was_turned_away_is_sent_again_anyway(first: Any) -> None:
    server = Server(clock := JumpingClock(), first, 200)
    async with client(server) as post:
        assert await post() == {"n": 2}
    assert clock.pauses == [100 if first == 429 else 1000]


@pytest.mark.parametrize("status", [400, 401, 404, 301])
async def test_a_refusal_is_final(status: int) -> None:
    server = Server(JumpingClock(), status)
    async with client(server, idempotent=True) as post:
        await kind_of(post)
    assert len(server.seen) == 1


async def test_an_attempt_that_is_still_worked_on_is_asked_for_again() -> None:
    server = Server(JumpingClock(), 409, 409, 200)
    async with client(server, idempotent=True) as post:
        assert await post() == {"n": 3}
    once = Server(JumpingClock(), 409)
    async with client(once) as post:
        assert await kind_of(post) == "refused"
    assert len(once.seen) == 1


async def test_everything_fits_into_the_time_limit() -> None:
    clock = JumpingClock()
    server = Server(clock, 500)
    server.takes_ms = 700
    async with client(server, idempotent=True, retries=5, time_limit_ms=2000) as post:
        assert await kind_of(post) == "fault"
    assert len(server.seen) == 3, "700 + 100 + 700 + 200 + 700 ms leave no room for a fourth"
    waits = Server(clock, (503, {"Retry-After": "30"}))
    async with client(waits, time_limit_ms=2000) as post:
        assert await kind_of(post) == "fault"
    assert len(waits.seen) == 1, "what the server asks for does not fit"


async def test_a_failing_server_rests_and_comes_back() -> None:
    clock = JumpingClock()
    server = Server(clock, 500, 500, 500, 200)
    async with client(server, retries=0) as post:
        assert [await kind_of(post) for _ in range(5)] == ["fault"] * 3 + ["unreachable"] * 2
        assert len(server.seen) == 3
        clock.advance(10_000)
        assert await post() == {"n": 4}
        assert await post() == {"n": 5}


async def test_refusals_do_not_make_a_server_rest() -> None:
    server = Server(JumpingClock(), 404)
    async with client(server) as post:
        assert [await kind_of(post) for _ in range(6)] == ["not_found"] * 6


async def test_nobody_there_is_tried_again_with_jitter() -> None:
    clock = JumpingClock()
    jitter = iter([0.0, 1.0])
    made = WebhookClient(environment={}, clock=clock, jitter=lambda: next(jitter))
    hook = Webhook(url="http://127.0.0.1:9/")
    with pytest.raises(ActionError) as caught:
        await made.post(hook, "book", {}, call_id="c", key="k", limit_ms=5000)
    assert caught.value.kind == "unreachable"
    assert clock.pauses == [0, 400]
    await made.close()


async def test_an_address_from_the_environment_is_checked() -> None:
    made = WebhookClient(environment={"GOOD": "http://127.0.0.1:9/x", "BAD": "file:///etc/passwd"})
    assert made.address(Webhook(url_env="GOOD"), "a") == "http://127.0.0.1:9/x"
    assert made.address(Webhook(url_env="GOOD", path="/actions/a"), "a") == "http://127.0.0.1:9/x/actions/a"
    assert made.address(Webhook(url_env="UNSET", path="/actions/a"), "a") == ""
    with pytest.raises(ActionError, match="BAD must be an address"):
        made.address(Webhook(url_env="BAD"), "a")


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def _whole(body: bytes, *headers: bytes) -> bytes:
    lines = [*headers, b"Content-Length: %d" % len(body)]
    return HEAD + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (_whole(gzip.compress(b" " * 200_000_000, 1), b"Content-Encoding: gzip"), "invalid"),
        (_whole(b"no gzip", b"Content-Encoding: gzip"), "unreachable"),
        (_whole(b"x", b"Content-Encoding: br"), "unreachable"),
        (HEAD + b"X: " + b"a" * 200_000 + b"\r\n\r\n", "unreachable"),
        (HEAD + b"Content-Length: 9\r\n\r\n{}", "unreachable"),
        (HEAD + b"Content-Length: 2\r\nContent-Length: 9\r\n\r\n{}", "unreachable"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}", "unreachable"),
        (b"SSH-2.0-OpenSSH\r\n", "unreachable"),
        (b"HTTP/1.1 307 x\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n", "fault"),
        (b"HTTP/1.1 302 x\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n", "fault"),
        (_whole(b"[" * 100_000 + b"]" * 100_000), "invalid"),
        (_whole(b'{"a": NaN}'), "invalid"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_whatever_a_server_sends_is_one_of_the_failures_and_costs_little(raw: bytes, kind: str) -> None:
    asked = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await reader.readuntil(b"\r\n\r\n")
        with contextlib.suppress(ConnectionError):  # it may be read no further
            writer.write(raw)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    made = WebhookClient(environment={})
    hook = Webhook(url=f"http://127.0.0.1:{port}/hook", retries=0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        with pytest.raises(ActionError) as caught:
            await made.post(hook, "book", {}, call_id="c", key="k", limit_ms=10_000)
    finally:
        await made.close()
        server.close()
    assert (caught.value.kind, asked) == (kind, 1)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000, "kilobytes"


# --- the sample back office -----------------------------------------------------------------------------


@asynccontextmanager
async def office(tmp_path: Path, **functions: Any) -> AsyncIterator[tuple[WebhookClient, Webhook, list[str]]]:
    told: list[str] = []
    clock = ManualClock()
    registry = Registry(functions)
    app = BackOffice(registry, tmp_path, SECRET, clock=clock, told=lambda a, how: told.append(f"{a}: {how}"))
    async with TestServer(app.app()) as running:
        made = WebhookClient(environment={"KEY": SECRET, "OTHER": "wrong"}, clock=clock)
        hook = Webhook(url=str(running.make_url("/actions/book")), secret_env="KEY")
        try:
            yield made, hook, told
        finally:
            await made.close()


async def test_the_back_office_checks_signatures_and_does_things_once(tmp_path: Path) -> None:
    booked: list[str] = []

    def book(day: str) -> dict[str, Any]:
        booked.append(day)
        if day == "never":
            raise NotFound
        if day == "broken":
            raise RuntimeError
        return {"code": "4711"}

    async with office(tmp_path, book=book) as (made, hook, told):

        async def post(day: str, key: str, spec: Webhook = hook, name: str = "book") -> Any:
            return await made.post(spec, name, {"day": day}, call_id="c", key=key, limit_ms=5000)

        assert await post("2026-01-26", "k1") == {"code": "4711"}
        assert await post("2026-01-26", "k1") == {"code": "4711"}
        assert booked == ["2026-01-26"]
        for day, key, kind in (
            ("2026-01-27", "k1", "refused"),  # the id of another request
            ("never", "k2", "not_found"),
            ("broken", "k3", "fault"),
            ("broken", "k3", "fault"),  # may be tried again
        ):
            with pytest.raises(ActionError) as caught:
                await post(day, key)
            assert caught.value.kind == kind
        assert booked == ["2026-01-26", "never", "broken", "broken"]
        with pytest.raises(ActionError, match="401"):
            await post("x", "k4", hook.model_copy(update={"secret_env": "OTHER"}))
        with pytest.raises(ActionError, match="401"):
            await post("x", "k5", hook.model_copy(update={"secret_env": ""}))
        with pytest.raises(ActionError, match="422"):
            await post("x", "k6", name="other")
    assert told[:2] == ["book: signature right, answered", "book: asked again: the same answer"]
    assert any("refused: the signature is not right" in line for line in told)
    assert not any("2026" in line for line in told), "what callers say is not shown"


async def test_a_recorded_request_does_nothing_again(tmp_path: Path) -> None:
    """Whoever saw a request may send it again, changed or later: it is answered, or refused, not done."""
    done: list[str] = []
    clock = ManualClock()

    def book(day: str) -> dict[str, Any]:
        done.append(day)
        return {"code": str(len(done))}

    app = BackOffice(Registry({"book": book}), tmp_path, SECRET, clock=clock).app()
    asked = {"call_id": "c", "action": "book", "arguments": {"day": "x"}, "idempotency_key": "c:1"}
    body = json.dumps(asked).encode()
    now = clock.wall_ms() // 1000
    stamp = str(now)
    right = {
        signing.ID: "c:1",
        signing.TIMESTAMP: stamp,
        signing.SIGNATURE: signing.sign(SECRET, "c:1", now, body),
    }
    forged = signing.sign("whsec_" + "QUFB" * 8, "c:1", now, body)
    async with TestServer(app) as running, aiohttp.ClientSession() as session:

        async def send(content: bytes = body, path: str = "/actions/book", **changed: str) -> tuple[int, str]:
            headers = right | {name.replace("_", "-"): value for name, value in changed.items()}
            async with session.post(running.make_url(path), data=content, headers=headers) as response:
                return response.status, await response.text()

        assert await send() == (200, '{"code":"1"}')
        assert await send() == (200, '{"code":"1"}')
        assert (await send(body.replace(b'"x"', b'"y"')))[0] == 401
        assert (await send(webhook_id="c:2"))[0] == 401
        assert (await send(webhook_timestamp=str(now + 1)))[0] == 401
        assert (await send(webhook_signature=forged))[0] == 401
        assert (await send(path="/actions/other"))[0] == 422
        clock.advance(301_000)
        assert (await send())[0] == 401
    assert done == ["x"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"action": "book"}', b'{"action": 1}', b"\xff"])
async def test_the_back_office_reads_no_nonsense(tmp_path: Path, body: bytes) -> None:
    app = BackOffice(Registry({"book": lambda: {}}), tmp_path, "").app()
    async with TestServer(app) as running, aiohttp.ClientSession() as session:
        async with session.post(running.make_url("/actions/book"), data=body) as response:
            assert response.status == 422
            assert "error" in json.loads(await response.text())
        async with session.post(running.make_url("/actions/book"), data=b"x" * 100_000) as response:
            assert response.status == 413


class Crowd:
    """A server that answers nobody until it may, and counts who waits."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.status = 200
        self.seen = 0
        self.waiting = 0
        self.most_waiting = 0

    async def answer(self, request: web.Request) -> web.Response:
        self.seen += 1
        self.waiting += 1
        self.most_waiting = max(self.most_waiting, self.waiting)
        try:
            await self.open.wait()
        finally:
            self.waiting -= 1
        return web.json_response({}, status=self.status)


@asynccontextmanager
async def crowd(
    server: Crowd, made: WebhookClient, **hook: Any
) -> AsyncIterator[Callable[[int], asyncio.Future[list[str]]]]:
    """Many calls at once, and how each of them ended."""
    app = web.Application()
    app.router.add_post("/hook", server.answer)
    async with TestServer(app) as running:
        spec = Webhook.model_validate({"url": str(running.make_url("/hook")), **hook})

        async def one(number: int) -> str:
            try:
                await made.post(spec, "book", {}, call_id=f"c{number}", key=f"c{number}:b", limit_ms=60_000)
            except ActionError as error:
                return f"{error.kind} {error}"
            return "ok"

        try:
            yield lambda calls: asyncio.gather(*(one(number) for number in range(calls)))
        finally:
            server.open.set()
            await made.close()


async def test_calls_do_not_pile_up_at_a_slow_server() -> None:
    server = Crowd()
    async with crowd(server, WebhookClient(environment={}), time_limit_ms=400, idempotent=True) as posts:
        ends = await posts(300)
        assert server.most_waiting <= MOST_AT_ONCE
        assert server.seen < 2 * MOST_AT_ONCE, "one request a call, but for a few"
        assert {end.split()[0] for end in ends} <= {"timeout", "unreachable"}
        again = await posts(50)
        assert all("rests for a moment" in end for end in again), "nobody waits for who is known to be slow"
        assert server.seen < 2 * MOST_AT_ONCE


async def test_a_server_that_fails_for_everybody_is_not_asked_three_times_by_each() -> None:
    server = Crowd()
    server.status = 503
    server.open.set()
    async with crowd(server, WebhookClient(environment={}, jitter=lambda: 0.0), idempotent=True) as posts:
        ends = await posts(50)
        assert all(end.startswith(("fault", "unreachable")) for end in ends)
        assert server.seen <= 50 + 5


async def test_a_slow_server_keeps_no_other_from_being_asked() -> None:
    slow, quick = Crowd(), Crowd()
    quick.open.set()
    made = WebhookClient(environment={})
    async with crowd(slow, made, time_limit_ms=60_000) as posts, crowd(quick, made) as others:
        stuck = posts(3 * MOST_AT_ONCE)
        assert await others(20) == ["ok"] * 20
        slow.open.set()
        assert await stuck == ["ok"] * (3 * MOST_AT_ONCE), "in turn, all are served"


async def test_one_call_that_is_given_up_leaves_its_turn() -> None:
    turns, clock = Turns(1), ManualClock()
    await turns.take(clock, 100)
    waiting = asyncio.ensure_future(turns.take(clock, 100))
    await asyncio.sleep(0)
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting
    late = asyncio.ensure_future(turns.take(clock, 100))
    await asyncio.sleep(0)
    clock.advance(100)
    with pytest.raises(TimeoutError):
        await late
    turns.leave()
    await turns.take(clock, 0)


@pytest.mark.parametrize("steps", range(5))
async def test_a_turn_that_comes_as_its_call_ends_is_not_lost(steps: int) -> None:
    turns, clock = Turns(1), ManualClock()
    await turns.take(clock, 100)
    waiting = asyncio.ensure_future(turns.take(clock, 100))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    turns.leave()
    for _ in range(steps):
        await asyncio.sleep(0)
    if waiting.cancel():
        await asyncio.wait([waiting])
        assert waiting.cancelled()
    else:
        turns.leave()
    another = asyncio.ensure_future(turns.take(clock, 100))
    await asyncio.wait([another], timeout=0.05)
    assert another.done()


async def test_nobody_waits_for_a_turn_at_a_server_that_rests() -> None:
    server, made = Crowd(), WebhookClient(environment={})
    server.open.set()
    async with crowd(server, made, time_limit_ms=60_000) as posts:
        assert await posts(1) == ["ok"]
        (peer,) = made._peers.values()
        for _ in range(MOST_AT_ONCE):
            await peer.turns.take(made._clock, 0)
        for _ in range(3):
            peer.breaker.failed(made._clock.now_ms())
        (end,) = await asyncio.wait_for(posts(1), 5)
        assert "rests for a moment" in end
