"""Servers and callers in processes of their own, measured from outside: CPU, memory, event-loop lag."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voice.errors import CentralitaError

START_S = 30.0
RECOGNITION = "voice_recognition_seconds"  # the metric; a server without recognition has none

_ACTIVE = re.compile(r"^voice_calls_active (\S+)$", re.MULTILINE)

Lag = dict[float, float]  # cumulative counts by upper bound in seconds


def lag_quantile(windows: list[Lag], q: float) -> float:
    """The quantile in ms, by linear interpolation within a bucket (as Prometheus does); the highest
    finite bound when it lies beyond that."""
    bounds = sorted(windows[0])
    counts = [sum(lag[bound] for lag in windows) for bound in bounds]
    wanted = counts[-1] * q
    if not counts[-1]:
        return 0.0
    below, low = 0.0, 0.0
    for bound, count in zip(bounds, counts, strict=True):
        if bound == float("inf"):
            break
        if count >= wanted and count > below:
            return round((low + (bound - low) * (wanted - below) / (count - below)) * 1000, 2)
        below, low = count, bound
    return round(low * 1000, 2)


class ServerProcess:
    """A server under test: its process, its CPU and memory, its metrics."""

    def __init__(
        self, name: str, command: list[str], port: int, environment: dict[str, str], log: Path
    ) -> None:
        self.name = name
        self.port = port
        self.idle_ms = 0.0  # CPU ms a second without calls
        self.base_kb = 0
        self._log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(  # noqa: S603 (our own interpreter and modules)
                command, env=environment, stdout=output, stderr=output, start_new_session=True
            )

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            return str(answer.read().decode())

    def wait_ready(self) -> None:
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                self.get("/healthz")
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        tail = self._log.read_text(errors="replace").strip().splitlines()[-5:]
        raise CentralitaError(f"the {self.name} server did not start:\n" + "\n".join(tail))

    def cpu_ms(self) -> float:
        """CPU time of the process and all its threads, from the kernel's CPU clock of that process
        (clock_getcpuclockid(3): nanoseconds, where /proc/PID/stat counts in 10 ms)."""
        return time.clock_gettime(((~self.process.pid) << 3) | 2) * 1000

    def waited_ms(self) -> tuple[float, float]:
        """(how long the main thread was ready but not run, how long the other threads ran): from the
        kernel's scheduler statistics, Documentation/scheduler/sched-stats.rst."""
        waited = others = 0
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            try:
                ran, ready, _ = (task / "schedstat").read_text().split()
            except OSError:
                continue  # the thread ended meanwhile, or a kernel without these statistics
            if task.name == str(self.process.pid):
                waited = int(ready)
            else:
                others += int(ran)
        return waited / 1e6, others / 1e6

    def rss_kb(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
        if found is None:
            raise CentralitaError(
                f"the {self.name} server has died: {self._log.read_text(errors='replace')[-500:]}"
            )
        return int(found[1])

    def histogram(self, name: str) -> Lag:
        """Cumulative counts of a metric without labels, by upper bound."""
        bucket = re.compile(rf'^{name}_bucket\{{le="([^"]+)"\}} (\S+)$', re.MULTILINE)
        return {float(bound): float(count) for bound, count in bucket.findall(self.get("/metrics"))}

    def lag(self) -> Lag:
        return self.histogram("voice_event_loop_lag_seconds")

    def wait_idle(self, seconds: float = 10) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = _ACTIVE.search(self.get("/metrics"))
            if found is None or float(found[1]) == 0:
                return
            time.sleep(0.1)
        raise CentralitaError(f"the {self.name} server still has calls {seconds:.0f} s after all hung up")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class LoadProcess:
    """The callers' process; one job at a time."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "voice.replay.load"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def start(self, **job: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()

    def expect(self, event: str) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        message: dict[str, Any] = json.loads(line) if line else {"event": "failed", "why": "it died"}
        if message["event"] != event:
            raise CentralitaError(f"the callers failed: {message.get('why', message)}")
        return message

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@dataclass(frozen=True, slots=True)
class Window:
    """One server under one load for some seconds. Shares are of the time."""

    cpu_ms: float  # per call-second, idle subtracted
    core_share: float
    waited_share: float  # the loop's thread was ready to run and no core was free for it
    robbed_share: float  # as before, beyond what the server's other threads had of the core themselves
    rss_kb: int
    lag: Lag
    recognition: Lag  # from the end of an utterance's audio to its transcript
    load: dict[str, Any]


def measure_window(
    server: ServerProcess, callers: LoadProcess, *, calls: int, warm_s: float, window_s: float, **job: Any
) -> Window:
    """Loads a server with ``calls`` callers and takes its figures for ``window_s``, after ``warm_s``. ``job``
    is what else the callers are to do (see :mod:`voice.replay.load`)."""
    callers.start(port=server.port, calls=calls, warm_s=warm_s, window_s=window_s, **job)
    callers.expect("begin")
    lag, recognition = server.lag(), server.histogram(RECOGNITION)
    start, cpu, (waited, others) = time.monotonic(), server.cpu_ms(), server.waited_ms()
    callers.expect("end")
    used, seconds = server.cpu_ms() - cpu, time.monotonic() - start
    waited_now, others_now = server.waited_ms()
    rss = server.rss_kb()
    lag_now, recognition_now = server.lag(), server.histogram(RECOGNITION)
    figures = callers.expect("done")
    server.wait_idle()
    robbed = max(0.0, (waited_now - waited) - (others_now - others))
    return Window(
        cpu_ms=max(1e-6, used - server.idle_ms * seconds) / (calls * seconds),
        core_share=used / seconds / 1000,
        waited_share=(waited_now - waited) / seconds / 1000,
        robbed_share=robbed / seconds / 1000,
        rss_kb=rss,
        lag={bound: lag_now[bound] - lag.get(bound, 0) for bound in lag_now},
        recognition={bound: recognition_now[bound] - recognition.get(bound, 0) for bound in recognition_now},
        load=figures,
    )


@contextlib.contextmanager
def affinity(cores: set[int] | None) -> Iterator[None]:
    """Children inherit the cores that we are on when we start them."""
    if cores is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
