from __future__ import annotations

import asyncio
import json
import re
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, WSServerHandshakeError
from aiohttp.test_utils import make_mocked_request

from tests.desk.desk_rig import HANDOFF, DeskRig
from voice import events as ev
from voice.clock import ManualClock
from voice.desk import live
from voice.desk.api import STATIC, inside
from voice.desk.auth import COOKIE
from voice.desk.security import is_https, same_origin
from voice.errors import StoreError
from voice.events import Event
from voice.model import TicketState
from voice.queue.seam import Accepted

JSON = dict[str, Any]


async def _json(http: ClientSession, method: str, path: str, status: int = 200, **more: Any) -> JSON:
    async with http.request(method, path, **more) as answer:
        body: JSON = await answer.json()
        assert answer.status == status, body
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        return body


async def test_a_program_takes_a_ticket_through_its_life(rig: DeskRig) -> None:
    await rig.ring("CA1")
    async with await rig.sign_in("Ana") as http:
        me = await _json(http, "GET", "/desk/api/me")
        assert me["agent"] == "Ana"
        queue = await _json(http, "GET", "/desk/api/queue")
        (row,) = queue["tickets"]
        assert (row["id"], row["position"], row["state"], row["intent"]) == (
            "t-CA1", 1, "waiting", "una factura que no reconoce",
        )  # fmt: skip
        shown = await _json(http, "GET", "/desk/api/tickets/t-CA1")
        assert shown["packet"]["slots"][0]["value"] == "40271835"
        assert "7391" not in json.dumps(shown)
        taken = await _json(http, "POST", "/desk/api/tickets/t-CA1/accept", json={})
        assert (taken["ticket"]["state"], taken["ticket"]["agent"]) == ("accepted", "Ana")
        assert rig.notices["t-CA1"][-1] == Accepted("Ana")
        done = await _json(
            http,
            "POST",
            "/desk/api/tickets/t-CA1/complete",
            json={"disposition": "resolved", "note": "abonada"},
        )
        assert done["ticket"]["state"] == "completed"
        shown = await _json(http, "GET", "/desk/api/tickets/t-CA1")
        assert shown["packet"]["wrap_up"]["note"] == "abonada"
        assert (await _json(http, "GET", "/desk/api/queue"))["tickets"] == []


async def test_two_agents_race_and_the_second_hears_who(rig: DeskRig) -> None:
    await rig.ring("CA1")
    async with await rig.sign_in("Ana") as ana, await rig.sign_in("Luis") as luis:

        async def accept(http: ClientSession) -> tuple[int, JSON]:
            async with http.post("/desk/api/tickets/t-CA1/accept", json={}) as answer:
                return answer.status, await answer.json()

        results = await asyncio.gather(accept(ana), accept(luis))
        assert sorted(status for status, _ in results) == [200, 409]
        won = next(body for status, body in results if status == 200)["ticket"]["agent"]
        error = next(body for status, body in results if status == 409)["error"]
        assert (error["code"], error["by"]) == ("taken", won)
        loser = luis if won == "Ana" else ana
        answer = await _json(
            loser, "POST", "/desk/api/tickets/t-CA1/complete", 409, json={"disposition": "resolved"}
        )
        assert answer["error"]["code"] == "not_yours"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/desk/api/me"),
        ("GET", "/desk/api/queue"),
        ("GET", "/desk/api/tickets/t-CA1"),
        ("POST", "/desk/api/tickets/t-CA1/accept"),
        ("POST", "/desk/api/tickets/t-CA1/complete"),
        ("GET", "/desk/api/calls"),
        ("GET", "/desk/api/calls/CA1/events"),
        ("GET", "/desk/api/calls/CA1/recording"),
        ("GET", "/desk/api/live"),
        ("DELETE", "/desk/api/session"),
    ],
)
async def test_everything_needs_a_session(rig: DeskRig, method: str, path: str) -> None:
    await rig.ring("CA1")
    async with ClientSession(rig.origin) as http:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Cookie": f"{COOKIE}=wrong"}):
            answer = await _json(http, method, path, 401, headers=headers)
            assert "one-time address" in answer["error"]["message"]
    assert rig.queue.waiting()[0].state is TicketState.WAITING


async def test_opening_the_address_uses_nothing_up_and_pressing_does(rig: DeskRig) -> None:
    token = rig.links.issue()
    path = f"/desk/enter/{token}"
    async with ClientSession(rig.origin) as http:
        for _ in range(3):
            async with http.get(path) as answer:
                assert answer.status == 200
                assert token in await answer.text()
        async with http.post(
            path, data={"agent": "Eva"}, headers={"Origin": "https://evil.example"}
        ) as answer:
            assert answer.status == 403
        async with http.post(path, data={"agent": " "}, headers={"Origin": rig.origin}) as answer:
            assert answer.status == 400
        async with http.post(
            path, data={"agent": "Eva"}, headers={"Origin": rig.origin}, allow_redirects=False
        ) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/desk")
            cookie = answer.headers["Set-Cookie"]
            assert "HttpOnly" in cookie
            assert "SameSite=Strict" in cookie
            assert "Secure" not in cookie  # plain http, on loopback
        (fresh,) = rig.printed
        assert rig.links.valid(fresh)
        async with http.post(path, data={"agent": "Eva"}, headers={"Origin": rig.origin}) as answer:
            assert answer.status == 410
        async with http.get(path) as answer:
            assert answer.status == 410
            assert token not in await answer.text()


async def test_wrong_tokens_are_braked(rig: DeskRig) -> None:
    async with ClientSession(rig.origin) as http:
        for _ in range(10):
            await _json(http, "POST", "/desk/api/session", 401, json={"token": "wrong"})
        good = rig.links.issue()
        await _json(http, "POST", "/desk/api/session", 429, json={"token": good})
        async with http.get(f"/desk/enter/{good}") as answer:
            assert answer.status == 429
        assert isinstance(rig.clock, ManualClock)
        rig.clock.advance(60_000)
        await _json(http, "POST", "/desk/api/session", json={"token": good})


async def test_a_browser_must_come_from_our_page(rig: DeskRig) -> None:
    await rig.ring("CA1")
    async with await rig.browse_in() as http:
        path = "/desk/api/tickets/t-CA1/accept"
        for headers in (
            {},
            {"X-Desk": "1"},
            {"Origin": rig.origin},
            {"X-Desk": "1", "Origin": "https://evil.example"},
            {"X-Desk": "1", "Origin": "null"},
        ):
            assert (await _json(http, "POST", path, 403, headers=headers))["error"]["code"] == "cross_site"
        assert rig.queue.waiting()
        await _json(http, "POST", path, headers={"X-Desk": "1", "Origin": rig.origin})
        with pytest.raises(WSServerHandshakeError, match="403"):
            await http.ws_connect("/desk/api/live", headers={"Origin": "https://evil.example"})
        await _json(http, "DELETE", "/desk/api/session", headers={"X-Desk": "1", "Origin": rig.origin})
        async with http.get("/desk") as answer:
            assert answer.status == 401


def test_origins_and_proxies() -> None:
    def ask(public: str = "", **headers: str) -> bool:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return same_origin(make_mocked_request("POST", "/desk", named), public)

    assert ask(Host="desk:8080", Origin="http://desk:8080")
    assert not ask(Host="desk:8080", Origin="http://desk:9090")
    assert not ask(Host="desk:8080")
    assert not ask(Host="desk", Origin="file://desk")
    assert ask("https://voice.example.com", Host="127.0.0.1:8080", Origin="https://voice.example.com")
    assert not ask("https://voice.example.com", Host="127.0.0.1:8080", Origin="http://voice.example.com")
    secure = make_mocked_request("POST", "/desk", {"Origin": "https://voice.example.com"})
    assert is_https(secure)
    assert not is_https(make_mocked_request("POST", "/desk", {"Origin": "http://127.0.0.1"}))


@pytest.mark.parametrize(
    "body",
    ["[]", "{", '"x"', '{"disposition": 7}', '{"disposition": "resolved", "note": ["x"]}', "[" * 5000,
     json.dumps({"disposition": "resolved", "note": "x" * 4001}), '{"disposition": "made up"}'],
)  # fmt: skip
async def test_bodies_that_make_no_sense(rig: DeskRig, body: str) -> None:
    await rig.ring("CA1")
    async with await rig.sign_in() as http:
        await _json(http, "POST", "/desk/api/tickets/t-CA1/accept", data="")
        answer = await _json(http, "POST", "/desk/api/tickets/t-CA1/complete", 400, data=body)
        assert answer["error"]["message"]
    assert rig.queue.open_tickets()[0].ticket.state is TicketState.ACCEPTED


async def test_unknown_things_and_numbers_out_of_range(rig: DeskRig) -> None:
    async with await rig.sign_in() as http:
        await _json(http, "GET", "/desk/api/tickets/none", 404)
        await _json(http, "POST", "/desk/api/tickets/none/accept", 404)
        await _json(http, "GET", "/desk/api/calls/none/events", 404)
        await _json(http, "GET", "/desk/api/calls/none/recording", 404)
        await _json(http, "GET", "/desk/api/calls?limit=0", 400)
        await _json(http, "GET", "/desk/api/calls?limit=many", 400)
        await _json(http, "GET", "/desk/static/..%2Fapi.py", 404)


async def test_a_store_that_fails_is_a_503(rig: DeskRig, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise StoreError("the disk is full")

    await rig.ring("CA1")
    async with await rig.sign_in() as http:
        monkeypatch.setattr(rig.store, "move_ticket", broken)
        answer = await _json(http, "POST", "/desk/api/tickets/t-CA1/accept", 503)
        assert answer["error"] == {
            "code": "store",
            "message": "this could not be stored just now; try again in a few seconds",
        }
    assert len(rig.queue.waiting()) == 1


async def test_calls_and_their_events(rig: DeskRig) -> None:
    await rig.ring("CA1")
    async with await rig.sign_in() as http:
        (call,) = (await _json(http, "GET", "/desk/api/calls"))["calls"]
        assert call["call_id"] == "CA1"
        events = (await _json(http, "GET", "/desk/api/calls/CA1/events"))["events"]
        assert events[0]["kind"] == "call.started"
        later = (await _json(http, "GET", f"/desk/api/calls/CA1/events?after={events[-2]['seq']}"))["events"]
        assert later == events[-1:]


async def test_a_recording_can_be_heard_in_parts(rig: DeskRig) -> None:
    path = rig.data / "calls" / "CA1" / "recording.wav"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"RIFF" + bytes(100))
    await rig.store.append([Event("CA1", 0, 0, ev.RecordingSaved(str(path), 10))])
    part = {"Range": "bytes=0-3"}
    async with (
        await rig.sign_in() as http,
        http.get("/desk/api/calls/CA1/recording", headers=part) as answer,
    ):
        assert (answer.status, await answer.read()) == (206, b"RIFF")
        assert answer.content_type == "audio/wav"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_only_recordings_under_the_data_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "calls").mkdir(parents=True)
    good, outside, text = data / "calls" / "a.wav", tmp_path / "secret.wav", data / "packet.json"
    for path in (good, outside, text):
        path.write_text("x")
    (data / "link.wav").symlink_to(outside)
    assert inside(data, str(good)) == good.resolve()
    assert inside(data, "calls/a.wav") == good.resolve()
    for name in (
        str(outside),
        "../secret.wav",
        "link.wav",
        str(text),
        "none.wav",
        "",
        "\0.wav",
        "/etc/passwd",
    ):
        assert inside(data, name) is None


async def test_the_live_socket_tells_of_the_queue_and_of_calls(rig: DeskRig) -> None:
    async with await rig.sign_in() as http, http.ws_connect("/desk/api/live?calls=1") as socket:
        first = await socket.receive_json()
        assert (first["type"], first["tickets"]) == ("queue", [])
        await rig.ring("CA1")
        assert [row["id"] for row in (await socket.receive_json())["tickets"]] == ["t-CA1"]
        event = Event("CA1", 99, 5, ev.CallerSilent("ask", 1))
        rig.bus.publish("call.CA1", event.to_json())
        assert await socket.receive_json() == {"type": "event", "event": event.to_json()}
        await rig.queue.leave("t-CA1", "abandoned")
        assert (await socket.receive_json())["tickets"] == []
        await rig.desk.close()
        assert (await socket.receive()).data == 1001


async def test_a_signed_out_socket_is_closed(rig: DeskRig) -> None:
    async with await rig.sign_in() as http, http.ws_connect("/desk/api/live") as socket:
        await socket.receive_json()
        await _json(http, "DELETE", "/desk/api/session")
        await rig.ring("CA1")
        assert (await socket.receive()).data == live.SIGNED_OUT


async def test_a_slow_reader_is_told_to_reload(rig: DeskRig) -> None:
    async with await rig.sign_in() as http, http.ws_connect("/desk/api/live?calls=1") as socket:
        await socket.receive_json()
        # more than may wait, before the sender gets a turn
        for n in range(live.EVENTS_WAITING + 1):
            rig.bus.publish("call.CA1", {"seq": n})
        assert (await socket.receive()).data == live.TOO_SLOW


async def test_pages_carry_a_strict_policy_and_no_inline_code(rig: DeskRig) -> None:
    async with await rig.browse_in() as http:
        for path in ("/desk", "/desk/enter/wrong"):
            async with http.get(path) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert answer.headers["X-Frame-Options"] == "DENY"
                page = await answer.text()
                assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|javascript:|style=", page)
        async with http.get("/desk/static/desk.js") as answer:
            tag = answer.headers["ETag"]
            assert answer.content_type == "text/javascript"
        async with http.get("/desk/static/desk.js", headers={"If-None-Match": tag}) as answer:
            assert answer.status == 304


def test_the_page_never_makes_markup_of_text() -> None:
    folder = resources.files("voice.desk") / "static"
    for name in STATIC:
        source = (folder / name).read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", source), name
        assert "https://" not in source, name  # nothing is loaded from elsewhere
        assert not re.search(r"http://(?!www\.w3\.org)", source), name


def test_every_text_is_there_in_both_languages() -> None:
    source = (resources.files("voice.desk") / "static" / "texts.js").read_text(encoding="utf-8")
    es, en = source.split("\n  en: {")
    entry = re.compile(r"^    (\w+): \"(.*)\",$", re.MULTILINE)
    spanish, english = dict(entry.findall(es)), dict(entry.findall(en))
    assert set(spanish) == set(english)
    assert len(spanish) > 80
    for key, text in spanish.items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", english[key])), key
    used = set()
    for name in ("desk.js", "ticket.js", "enter.js"):
        code = (resources.files("voice.desk") / "static" / name).read_text(encoding="utf-8")
        used |= set(re.findall(r"\bt\(\s*\"(\w+)\"", code))
    assert used <= set(spanish)
    assert {f"e_{code}" for code in ("taken", "abandoned", "returned", "completed", "lacks", "store")} <= set(
        spanish
    )


async def test_what_a_caller_said_comes_out_as_it_went_in(rig: DeskRig) -> None:
    evil = '<img src=x onerror="alert(1)">'
    events = [Event("CA1", 0, 0, ev.CallerSaid(evil, 0.9, "es", 0, 1))]
    await rig.ring("CA1", HANDOFF, events=events)
    async with await rig.sign_in() as http, http.get("/desk/api/tickets/t-CA1") as answer:
        assert answer.content_type == "application/json"
        assert (await answer.json())["packet"]["transcript"][0]["text"] == evil
