"""What recognition costs a server: callers who speak nearly all the time, with recognition and without.

Both servers do the same work for the same callers; one of them recognises what it hears. The difference is
what recognition costs, and what it does to the event loop on which every call's audio runs.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from voice.audio.g711 import ulaw_encode
from voice.replay.load import PHASES
from voice.replay.measured import (
    LoadProcess,
    ServerProcess,
    Window,
    affinity,
    free_ports,
    lag_quantile,
    measure_window,
)
from voice.speech.espeak import EspeakSynthesizer
from voice.speech.seam import Voice

CORES = 2  # that the servers may use
PAUSE_MS = 600  # longer than the end silence, so that every sentence is a turn
WARM_S = 4.0
ANSWER_MS = 1000
FRAME = 160  # samples

# a caller's sentences, of words that the built-in model knows: 1.5 s each, for an energy gate takes a voice
# that never pauses for the noise of the place
SENTENCES = (
    "one seven four nine two",
    "six oh three five eight",
    "two six nine five one",
    "eight zero four three seven",
    "five nine one six four",
)


def speaking_cycle() -> tuple[bytes, list[int]]:
    """A cycle of turns as :class:`voice.replay.load.Cycle` wants it: mu-law, and the frames that turns end
    with. More than two thirds of it is speech."""
    engine = EspeakSynthesizer()
    rng = np.random.default_rng(5)
    said: list[np.ndarray[Any, np.dtype[np.float64]]] = []
    ends: list[int] = []
    length = 0
    for text in SENTENCES:
        pcm = np.frombuffer(b"".join(engine.stream(text, Voice("en"))), dtype="<i2").astype(np.float64)
        loud = np.flatnonzero(np.abs(pcm) > np.abs(pcm).max() / 20)
        speech = pcm[loud[0] : loud[-1] + 1]
        frames = -(-len(speech) // FRAME)
        pause = PAUSE_MS // 20
        if text == SENTENCES[-1]:
            pause += -(length + frames + pause) % PHASES
        samples = np.zeros((frames + pause) * FRAME)
        samples[: len(speech)] = speech * 9000 / np.abs(speech).max()
        said.append(samples)
        ends.append(length + frames)
        length += frames + pause
    quiet = rng.normal(0, 12, length * FRAME)
    return ulaw_encode((np.concatenate(said) + quiet).astype("<i2").tobytes()), ends


@dataclass(slots=True)
class HearingLoad:
    """All windows of one run."""

    calls: int
    with_recognition: list[Window] = field(default_factory=list)
    without: list[Window] = field(default_factory=list)

    def report(self) -> dict[str, Any]:
        """Figures for people and scripts, times in ms; ratios are of the medians, with to without."""
        found: dict[str, Any] = {"calls": self.calls}
        for name, windows in (("hearing", self.with_recognition), ("deaf", self.without)):
            found |= {
                f"{name}_cpu_ms": round(statistics.median(w.cpu_ms for w in windows), 3),
                f"{name}_lag_p99_ms": lag_quantile([w.lag for w in windows], 0.99),
                f"{name}_recognition_ms_p50": lag_quantile([w.recognition for w in windows], 0.5),
                f"{name}_recognition_ms_p99": lag_quantile([w.recognition for w in windows], 0.99),
                f"{name}_response_ms_p50": statistics.median(w.load["response_ms_p50"] for w in windows),
                f"{name}_response_ms_p99": max(w.load["response_ms_p99"] for w in windows),
                f"{name}_late_share": max(w.load["late_share"] for w in windows),
                f"{name}_answers": sum(w.load["answers"] for w in windows),
                f"{name}_waited_share": round(max(w.waited_share for w in windows), 3),
            }
        found["cpu_ratio"] = round(found["hearing_cpu_ms"] / found["deaf_cpu_ms"], 2)
        found["calls_per_core"] = int(1000 / found["hearing_cpu_ms"])
        found["lost_calls"] = sum(w.load["lost_calls"] for w in self.with_recognition)
        found["generator_late_ms_p99"] = max(w.load["generator_late_ms_p99"] for w in self.with_recognition)
        return found


def measure(calls: int, seconds: int, rounds: int, progress: Callable[[str], None]) -> HearingLoad:
    """Loads both servers in turn. ``seconds`` of a window with recognition, half as many without."""
    result = HearingLoad(calls)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="voice-bench-")))
        audio, ends = speaking_cycle()
        (folder / "cycle.ulaw").write_bytes(audio)
        cycle = {"path": str(folder / "cycle.ulaw"), "turn_ends": ends}
        hearing, deaf, load = stack.enter_context(_processes(folder))
        job: dict[str, Any] = {"answer_ms": ANSWER_MS, "cycle": cycle}
        for server in (hearing, deaf):  # lazy things are loaded
            measure_window(server, load, calls=1, warm_s=0.5, window_s=2, **job)
        for server in (hearing, deaf):
            start, cpu = time.monotonic(), server.cpu_ms()
            time.sleep(1)
            server.idle_ms = (server.cpu_ms() - cpu) / (time.monotonic() - start)
        for number in range(rounds):
            for server, windows, share in ((deaf, result.without, 2), (hearing, result.with_recognition, 1)):
                window = measure_window(
                    server, load, calls=calls, warm_s=WARM_S, window_s=seconds / share, **job
                )
                windows.append(window)
                progress(
                    f"{calls} speaking callers, round {number + 1} of {rounds}, {server.name}: "
                    f"{window.cpu_ms:.1f} CPU ms per call-second"
                )
    return result


@contextlib.contextmanager
def _processes(folder: Path) -> Iterator[tuple[ServerProcess, ServerProcess, LoadProcess]]:
    """Servers on two cores, callers on the others; on a machine with no others they share."""
    available = sorted(os.sched_getaffinity(0))
    servers_on, callers_on = set(available[:CORES]), set(available[CORES:]) or set(available)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CENTRALITA_")}
    environment["CENTRALITA_CALL__RECORD"] = "false"
    with contextlib.ExitStack() as stack:
        servers = []
        with affinity(servers_on):
            for (name, kind), port in zip(
                (("with recognition", "hearing"), ("without", "media")), free_ports(2), strict=True
            ):
                command = [
                    *(sys.executable, "-m", "voice.cli", "serve", "--bench", kind, "--host", "127.0.0.1"),
                    *("--port", str(port), "--data", str(folder / kind), "--log-level", "WARNING"),
                ]
                server = ServerProcess(name, command, port, environment, folder / f"{kind}.log")
                stack.callback(server.stop)
                servers.append(server)
        with affinity(callers_on):
            load = LoadProcess()
        stack.callback(load.stop)
        for server in servers:
            server.wait_ready()
        yield servers[0], servers[1], load
