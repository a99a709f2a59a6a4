"""The synthetic callers and the floor of ``voice bench``."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
import webrtcvad
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.audio.g711 import ulaw_decode
from voice.commands import bench
from voice.errors import ConfigError
from voice.model import Frame
from voice.replay import hearing_load, load, measured
from voice.telephony.seam import Connected
from voice.telephony.twilio import TwilioWire

SID = "MZ" + "0123456789abcdef" * 2


def unframe(frame: bytes) -> bytes:
    """A client's text frame by RFC 6455, byte by byte."""
    assert frame[0] == 0x81
    assert frame[1] & 0x80
    size, at = frame[1] & 0x7F, 2
    if size == 126:
        size, at = int.from_bytes(frame[2:4], "big"), 4
    key, body = frame[at : at + 4], frame[at + 4 :]
    assert len(body) == size
    return bytes(b ^ key[i % 4] for i, b in enumerate(body))


@given(text=st.binary(max_size=400))
@settings(max_examples=50, deadline=None)
def test_frames_are_masked_text(text: bytes) -> None:
    assert unframe(load.ws_frame(text)) == text


def test_every_phase_is_a_stream_that_the_wire_takes() -> None:
    messages = load.Messages(frames=205)
    tail = f'{SID}"}}'.encode()
    assert len(messages.heads) == load.PHASES
    for phase, heads in enumerate(messages.heads):
        wire = TwilioWire()
        start = {"streamSid": SID, "callSid": "CA1", "tracks": ["inbound"], "customParameters": {}}
        start["mediaFormat"] = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
        (connected,) = wire.receive(
            orjson.dumps({"event": "start", "start": start, "streamSid": SID}).decode()
        )
        assert isinstance(connected, Connected)
        for n in (0, 1, 9, 99, 204):
            head, shift = heads[n]
            text = unframe(head + load._mask(tail, shift)).decode()
            (frame,) = wire.receive(text)
            assert isinstance(frame, Frame)
            assert frame.at_ms == 20 * n
            at = (n + phase * 20) % 200 * 160
            assert frame.pcm == ulaw_decode(load.caller_audio()[at : at + 160])


def test_talk_is_speech_and_pauses_are_not() -> None:
    vad = webrtcvad.Vad(3)
    pcm = ulaw_decode(load.caller_audio())
    assert len(pcm) == load.CYCLE_MS * 16
    speech = [vad.is_speech(pcm[i : i + 320], 8000) for i in range(0, len(pcm), 320)]
    speech = [vad.is_speech(pcm[i : i + 320], 8000) for i in range(0, len(pcm), 320)]  # settled
    assert all(speech[:50])
    assert all(speech[90:120])
    # the detector hangs over by up to 120 ms
    assert not any(speech[56:90])
    assert not any(speech[126:])
    assert sorted(load.TURN_ENDS) == [50, 120]


def test_lag_is_interpolated_within_its_bucket() -> None:
    inf = float("inf")
    assert measured.lag_quantile([{0.01: 90, 0.02: 100, inf: 100}], 0.99) == 19
    assert measured.lag_quantile([{0.01: 50, 0.02: 50, inf: 50}, {0.01: 50, 0.02: 50, inf: 50}], 0.99) == 9.9
    assert measured.lag_quantile([{0.01: 0, 0.02: 0, inf: 10}], 0.99) == 20  # beyond what is counted
    assert measured.lag_quantile([{0.01: 0, inf: 0}], 0.99) == 0


def test_wrong_arguments_say_what_to_do() -> None:
    assert bench.parse_calls("1,20,100") == [1, 20, 100]
    for text in ("", "a", "0", "1,,2", "-4"):
        with pytest.raises(ConfigError, match="separated by commas"):
            bench.parse_calls(text)
    with pytest.raises(ConfigError, match="this process may use"):
        bench.choose_cores(100_000)


def test_ports_are_different() -> None:
    assert len(set(measured.free_ports(5))) == 5


def row(calls: int, ratio: float) -> dict[str, Any]:
    return {"calls": calls, "ratio": ratio}


def test_targets_are_judged_one_by_one() -> None:
    sustained = {
        "calls": 250,
        "lag_p99_ms": 50.1,
        "late_share": 0.01,
        "lost_calls": 1,
        "robbed_share": 0,
        "generator_late_ms_p99": 3,
    }
    checks = bench.judge([row(1, 2.0), row(20, 2.01)], 1536, sustained)
    assert [check.met for check in checks] == [True, False, True, False, True, False, True, True]
    assert all(check.met for check in bench.judge([row(1, 1.0)], 10, None))


def test_recognition_is_judged_by_what_it_does_to_the_loop() -> None:
    hearing = {"calls": 40, "hearing_lag_p99_ms": 20.1, "hearing_late_share": 0, "lost_calls": 0}
    checks = bench.judge([], 10, None, hearing)
    assert [check.met for check in checks] == [True, False, True, True]


def test_speaking_callers_speak_most_of_the_time_and_pause_between_turns() -> None:
    audio, ends = hearing_load.speaking_cycle()
    cycle = load.Cycle(audio, frozenset(ends))
    assert cycle.frames * 160 == len(audio)
    assert cycle.frames % load.PHASES == 0
    assert len(ends) == len(hearing_load.SENTENCES)
    samples = np.frombuffer(ulaw_decode(audio), "<i2").astype(float).reshape(cycle.frames, 160)
    levels = np.sqrt(np.square(samples).mean(axis=1)).tolist()
    assert sum(level > 100 for level in levels) > 0.6 * cycle.frames
    for end in ends:
        assert max(levels[end - 10 : end]) > 200
        assert max(levels[end : end + hearing_load.PAUSE_MS // 20]) < 30


def test_a_cycle_of_its_own_is_said_from_every_phase() -> None:
    audio = bytes(n // 160 for n in range(40 * 160))
    messages = load.Messages(60, load.Cycle(audio, frozenset({7})))
    for phase, heads in enumerate(messages.heads):
        head, _ = heads[50]
        payload = orjson.loads(unframe_head(head) + b'x"}')["media"]["payload"]
        assert base64.b64decode(payload) == bytes([(50 + 4 * phase) % 40]) * 160


def unframe_head(head: bytes) -> bytes:
    """The text in a frame whose end is still to come."""
    key, body = head[4:8], head[8:]
    return bytes(b ^ key[i % 4] for i, b in enumerate(body))


@pytest.mark.slow
def test_callers_ring_the_floor_in_real_time(tmp_path: Path) -> None:
    (port,) = measured.free_ports(1)
    command = [sys.executable, "-m", "voice.replay.floor", "--port", str(port)]
    floor = measured.ServerProcess("floor", command, port, dict(os.environ), tmp_path / "floor.log")
    try:
        floor.wait_ready()
        jobs = json.dumps({"port": port, "calls": 5, "warm_s": 2, "window_s": 4, "answer_ms": 1000})
        done = subprocess.run(
            [sys.executable, "-m", "voice.replay.load"],
            input=jobs,
            capture_output=True,
            text=True,
            timeout=60,
        )
    finally:
        floor.process.terminate()
        assert floor.process.wait(10) == 0
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in events] == ["begin", "end", "done"]
    figures = events[-1]
    assert figures["lost_calls"] == 0
    # two turns a caller and cycle, the second interrupts the answer to the first; the window may cut one
    assert 8 <= figures["answers"] <= 12
    assert 3 <= figures["clears"] <= 7
    assert figures["audio_ms"] > 3000


def test_a_port_without_a_server_is_said() -> None:
    (port,) = measured.free_ports(1)
    jobs = json.dumps({"port": port, "calls": 1, "warm_s": 0, "window_s": 1, "answer_ms": 600})
    done = subprocess.run(
        [sys.executable, "-m", "voice.replay.load"], input=jobs, capture_output=True, text=True, timeout=60
    )
    assert "refused" in json.loads(done.stdout)["why"]
