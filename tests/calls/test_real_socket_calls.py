"""The same callers over a real WebSocket in real time, against the server as users start it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile

from voice.commands.call import ring_once
from voice.errors import CentralitaError
from voice.replay.clips import load_script
from voice.replay.desk_client import DeskClient, DeskError
from voice.replay.judge import judge
from voice.replay.local_server import LocalServer
from voice.replay.scenario import load
from voice.replay.twilio_client import CallOptions

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
CALLERS = ROOT / "audio_fixtures" / "callers"


async def test_a_caller_is_handed_to_a_person_who_knows_the_story(
    tmp_path: Path, with_vocabulary: Callable[[Path], Path]
) -> None:
    script = load_script(load(CALLERS / "en-demo.yaml"))
    async with (
        LocalServer(with_vocabulary(tmp_path / "data"), ROOT / "prompts") as server,
        await DeskClient.enter(server.desk_address, "Ana") as desk,
    ):
        url = f"{server.url}/telephony/twilio/voice"
        report = await ring_once(url, script, CallOptions(out=tmp_path), desk)
        with pytest.raises(DeskError, match="401"):
            await DeskClient.enter(server.desk_address, "Ana")
        os.kill(server.pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(server.pid, 0)
    report.checks = judge(script.scenario.expect, report)
    assert report.ok, (report.error, report.log.failures, [c for c in report.checks if not c.ok])
    assert report.packet is not None
    assert report.packet["slots"][0]["value"] == "87654321"
    folder = tmp_path / "data" / "calls" / report.call_id
    assert json.loads((folder / "packet.json").read_text(encoding="utf-8"))["ticket_id"]
    kinds = [json.loads(line)["kind"] for line in (folder / "events.jsonl").read_text("utf-8").splitlines()]
    assert kinds[0] == "call.started"
    assert "call.ended" in kinds
    recording = soundfile.info(folder / "recording.wav")
    assert (recording.channels, recording.samplerate) == (2, 8000)
    # server and caller saw the same call, to within the start and the end of the stream
    assert abs(recording.duration * 1000 - report.log.ms) < 1000


async def test_a_server_that_cannot_start_is_explained_with_its_log(tmp_path: Path) -> None:
    with pytest.raises(CentralitaError, match="did not start"):
        async with LocalServer(tmp_path / "data", tmp_path / "no-prompts"):
            pass
