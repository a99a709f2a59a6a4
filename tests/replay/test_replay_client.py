"""The provider's client over real sockets, against a small server of tones."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from aiohttp import web

from voice.cli import main
from voice.replay.clips import Script
from voice.replay.twilio_client import CallOptions, ProviderCall

pytestmark = pytest.mark.slow

MakeScript = Callable[..., Script]
TALK = [{"wait": "prompt_end"}, {"say": "hola"}, {"wait_until": "ended", "within_ms": 5000}]


@asynccontextmanager
async def serving(server: Any) -> AsyncIterator[str]:
    runner = web.AppRunner(server.app(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"{host}:{port}"
    finally:
        await runner.cleanup()


async def test_a_whole_call_through_the_webhook(tones: Any, script: MakeScript, tmp_path: Path) -> None:
    server = tones()
    async with serving(server) as host:
        options = CallOptions(auth_token="secret", out=tmp_path)
        call = ProviderCall(f"http://{host}/voice", script(TALK, caller="+34600"), options)
        report = await call.run()
    assert report.error == ""
    assert report.log.failures == []
    assert report.log.ended_by == "server"
    assert report.wire_faults == []
    (turn,) = report.log.turns
    assert turn.wait_ms == 300
    assert turn.response_ms is not None
    ring, after = server.forms
    assert (ring["From"], ring["CallStatus"], after["CallStatus"]) == ("+34600", "ringing", "in-progress")
    assert all("X-Twilio-Signature" in h for h in server.headers)
    kinds = [m["event"] for m in server.seen]
    assert kinds[:2] == ["connected", "start"]
    assert server.seen[1]["start"]["customParameters"]["token"] == "t1"
    assert [m["mark"]["name"] for m in server.seen if m["event"] == "mark"] == ["greeting", "answer;wait=300"]
    media = [m["media"] for m in server.seen if m["event"] == "media"]
    assert [int(m["timestamp"]) for m in media] == [20 * i for i in range(len(media))]
    assert report.recording is not None
    samples, rate = soundfile.read(report.recording, dtype="int16")
    assert rate == 8000
    frames, rest = divmod(len(samples), 160)
    assert (samples.shape[1], rest) == (2, 0)
    # every frame that arrived is in it; a few more may be on their way when the server hangs up
    assert frames >= len(media)
    assert (np.abs(samples).max(axis=0) > 1000).all()


async def test_an_interruption_is_cleared_and_measured(tones: Any, script: MakeScript) -> None:
    server = tones(greeting_ms=5000)
    steps = [{"say": "para", "interrupt": 200}, {"wait_until": "ended", "within_ms": 5000}]
    async with serving(server) as host:
        report = await ProviderCall(f"ws://{host}/stream", script(steps), CallOptions()).run()
    (delay,) = report.barge_ins
    # this server clears on the first loud frame
    assert delay >= 0
    assert report.log.clears == 1
    assert next(m["mark"]["name"] for m in server.seen if m["event"] == "mark") == "greeting"


async def test_keys_reach_the_server(tones: Any, script: MakeScript) -> None:
    server = tones(answers=2)
    steps = [{"wait": "prompt_end"}, {"press": "1#", "gap_ms": 40}, {"wait": "prompt_end"}, {"hang_up": True}]
    async with serving(server) as host:
        report = await ProviderCall(f"ws://{host}/stream", script(steps), CallOptions()).run()
    assert [m["dtmf"]["digit"] for m in server.seen if m["event"] == "dtmf"] == ["1", "#"]
    assert report.log.turns[0].wait_ms == 0


async def test_the_caller_hangs_up_with_a_stop(tones: Any, script: MakeScript) -> None:
    server = tones()
    async with serving(server) as host:
        report = await ProviderCall(f"ws://{host}/stream", script([{"silent": 100}]), CallOptions()).run()
    assert report.log.ended_by == "caller"
    assert server.seen[-1]["event"] == "stop"


async def test_a_refused_call(tones: Any, script: MakeScript) -> None:
    async with serving(tones(refuse=True)) as host:
        report = await ProviderCall(f"http://{host}/voice", script(TALK), CallOptions()).run()
    assert (report.outcome, report.error) == ("refused", "")


async def test_nonsense_from_the_server_is_reported(tones: Any, script: MakeScript) -> None:
    async with serving(tones(nonsense=3)) as host:
        report = await ProviderCall(f"ws://{host}/stream", script([{"silent": 400}]), CallOptions()).run()
    assert report.wire_faults == ["the server sent something that is not JSON"] * 3
    async with serving(tones(nonsense=50)) as host:
        report = await ProviderCall(f"ws://{host}/stream", script(TALK), CallOptions()).run()
    assert "not JSON" in report.error


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/voice", "ws://127.0.0.1:9/stream"])
async def test_a_server_that_is_not_there(script: MakeScript, url: str) -> None:
    report = await ProviderCall(url, script(TALK), CallOptions()).run()
    assert "cannot be reached" in report.error
    assert not report.ok


async def test_the_command_prints_json(tones: Any, tmp_path: Path, capsys: Any) -> None:
    import asyncio

    tone = (8000 * np.sin(np.arange(3200) / 3)).astype(np.int16)
    soundfile.write(tmp_path / "hello.wav", tone, 8000)
    async with serving(tones(answers=9)) as host:
        url = f"ws://{host}/stream"
        status = await asyncio.to_thread(main, ["call", url, str(tmp_path / "hello.wav"), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert status == 0
    assert found["ok"] is True
    assert found["turns"][0]["wait_ms"] == 300


def test_the_command_explains_wrong_use(capsys: Any) -> None:
    assert main(["call", "hello.wav", "x.yaml"]) == 2
    assert "not a URL" in capsys.readouterr().err
    assert main(["call", "ws://127.0.0.1:9/"]) == 2
    assert main(["call", "--fast", "nobody.yaml"]) == 2


@pytest.mark.parametrize("command", ["call", "demo"])
def test_the_commands_have_help(command: str, capsys: Any) -> None:
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    assert "Exit status" in capsys.readouterr().out
