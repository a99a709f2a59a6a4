from __future__ import annotations

import errno
import itertools
import os
import threading
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.call.recorder import MAX_MS, DiskThread, InlineDisk, Recorder
from voice.errors import StoreError


def pcm(ms: int, value: int) -> bytes:
    return value.to_bytes(2, "little") * (ms * 8)


def read(path: Path) -> npt.NDArray[np.int16]:
    """Samples x (caller, agent), by the standard library's reader."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 8000, 2)
        data = file.readframes(file.getnframes())
    assert path.stat().st_size == 44 + len(data), "the header speaks of the whole file"
    return np.frombuffer(data, dtype="<i2").reshape(-1, 2)


def runs(channel: npt.NDArray[np.int16]) -> list[tuple[int, int]]:
    """(value, ms) for each stretch of equal samples."""
    edges = [0, *(np.flatnonzero(np.diff(channel)) + 1).tolist(), len(channel)]
    return [(int(channel[a]), (b - a) // 8) for a, b in itertools.pairwise(edges) if b > a]


def talk(recorder: Recorder, start_ms: int, end_ms: int, value: int = 1) -> None:
    for at in range(start_ms, end_ms, 20):
        recorder.caller(pcm(20, value), at)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "calls" / "a.wav"


def test_caller_left_and_agent_right_where_they_were(path: Path) -> None:
    recorder = Recorder(path, InlineDisk())
    talk(recorder, 0, 1000)
    recorder.agent(pcm(100, 7), 300)
    recorder.agent(pcm(100, 7), 400)
    recorder.agent(pcm(100, 8), 800)
    assert recorder.close() == 1000
    samples = read(path)
    assert runs(samples[:, 0]) == [(1, 1000)]
    assert runs(samples[:, 1]) == [(0, 300), (7, 200), (0, 300), (8, 100), (0, 100)]
    assert path.stat().st_mode & 0o777 == 0o600


def test_long_calls_go_to_disk_in_blocks_and_stay_small_in_memory(path: Path) -> None:
    recorder = Recorder(path, InlineDisk())
    most = 0
    for at in range(0, 60_000, 20):
        recorder.caller(pcm(20, at // 20 % 1000 + 1), at)
        if at % 100 == 0:
            recorder.agent(pcm(100, 5), at + 200)
        most = max(most, recorder.buffered_bytes)
    assert most < 200_000
    assert len(read(path)) > 57_000 * 8  # valid while the call goes on
    assert recorder.close() == 60_200
    samples = read(path)
    assert [v for v, _ in runs(samples[:, 0])] == [n % 1000 + 1 for n in range(3000)] + [0]
    assert runs(samples[:, 1]) == [(0, 200), (5, 60_000)]


def test_what_was_cut_was_not_heard(path: Path) -> None:
    recorder = Recorder(path, InlineDisk())
    talk(recorder, 0, 500)
    recorder.agent(pcm(400, 7), 300)
    recorder.cut(450)
    recorder.agent(pcm(100, 8), 520)
    talk(recorder, 500, 1000)
    recorder.close()
    assert runs(read(path)[:, 1]) == [(0, 300), (7, 150), (0, 70), (8, 100), (0, 380)]


def test_a_sensitive_window_is_silent_in_both_channels(path: Path) -> None:
    recorder = Recorder(path, InlineDisk())
    talk(recorder, 0, 400)
    recorder.agent(pcm(100, 7), 300)
    recorder.pause()
    talk(recorder, 400, 3000, value=9)
    recorder.agent(pcm(300, 9), 600)
    recorder.resume()
    talk(recorder, 3000, 3400)
    recorder.agent(pcm(100, 7), 3100)
    recorder.close()
    samples = read(path)
    assert runs(samples[:, 0]) == [(1, 400), (0, 2600), (1, 400)]
    assert runs(samples[:, 1]) == [(0, 300), (7, 100), (0, 2700), (7, 100), (0, 200)]


def test_gaps_are_silence_and_overlaps_are_left_out(path: Path) -> None:
    recorder = Recorder(path, InlineDisk())
    recorder.caller(pcm(20, 1), 0)
    recorder.caller(pcm(20, 2), 60)
    recorder.caller(pcm(20, 3), 70)
    recorder.caller(pcm(20, 4), 20)
    recorder.caller(pcm(20, 5), 10_000)
    assert recorder.buffered_bytes < 30_000
    recorder.agent(pcm(20, 6), 4)  # long written: too late
    recorder.agent(pcm(20, 6), 10_000)
    assert recorder.close() == 10_020
    samples = read(path)
    assert runs(samples[:, 0]) == [(1, 20), (0, 40), (2, 20), (3, 10), (0, 9910), (5, 20)]
    assert runs(samples[:, 1]) == [(0, 10_000), (6, 20)]


def test_the_agent_alone_is_recorded_while_the_caller_stalls(path: Path) -> None:
    recorder = Recorder(path, InlineDisk())
    talk(recorder, 0, 100)
    for at in range(0, 20_000, 100):
        recorder.agent(pcm(100, 7), at)
        assert recorder.buffered_bytes < 200_000
    talk(recorder, 20_000, 20_100)
    assert recorder.close() == 20_100
    samples = read(path)
    assert runs(samples[:, 0]) == [(1, 100), (0, 19_900), (1, 100)]
    assert runs(samples[:, 1]) == [(7, 20_000), (0, 100)]


def test_nonsense_time_stamps_take_neither_memory_nor_disk(path: Path) -> None:
    recorder = Recorder(path, InlineDisk())
    recorder.caller(pcm(20, 1), MAX_MS * 1000)
    recorder.agent(pcm(20, 1), MAX_MS * 1000)
    assert recorder.buffered_bytes == 0
    talk(recorder, 0, 40)
    assert recorder.close() == 40


def test_an_empty_call_is_a_valid_file_and_nothing_comes_after_the_end(path: Path) -> None:
    recorder = Recorder(path, InlineDisk())
    assert recorder.close() == 0
    assert len(read(path)) == 0
    talk(recorder, 20, 8000)
    recorder.agent(pcm(100, 1), 50)
    assert recorder.close() == 0
    assert len(read(path)) == 0


def test_a_full_disk_is_reported_once_and_the_call_goes_on() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    recorder = Recorder(full, InlineDisk())
    assert recorder.take_error() is None
    talk(recorder, 0, 10_000)
    error = recorder.take_error()
    assert isinstance(error, StoreError)
    assert "No space left" in str(error)
    talk(recorder, 10_000, 20_000)
    assert recorder.take_error() is None
    assert recorder.close() == 20_000


def test_a_disk_that_was_full_all_the_time_leaves_no_broken_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(fd: int, data: bytes, offset: int) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    recorder = Recorder(path, InlineDisk())
    recorder.caller(bytes(16 * 5000), 0)
    recorder.close()
    assert recorder.take_error() is not None
    assert not path.exists()


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    recorder = Recorder(tmp_path / "file" / "a.wav", InlineDisk())
    talk(recorder, 0, 3000)
    recorder.close()
    assert "cannot be written" in str(recorder.take_error())


class SlowDisk:
    """Holds every job back until told; refuses when told."""

    def __init__(self) -> None:
        self.jobs: list[Callable[[], None]] = []
        self.full = False

    def submit(self, job: Callable[[], None], size: int) -> bool:
        if self.full and size:
            return False
        self.jobs.append(job)
        return True


def test_a_lost_block_is_silence_and_never_a_shift(path: Path) -> None:
    disk = SlowDisk()
    recorder = Recorder(path, disk)
    for start in (0, 2500, 4500, 6500):
        disk.full = start == 2500
        talk(recorder, start, start + 2500 if start == 0 else start + 2000)
    assert recorder.close(timeout_s=0) == 8500
    for job in disk.jobs:
        job()
    assert runs(read(path)[:, 0]) == [(1, 2000), (0, 2000), (1, 4500)]
    assert "has a hole" in str(recorder.take_error())


def test_the_thread_writes_in_order_and_refuses_what_is_too_much(path: Path) -> None:
    disk = DiskThread(max_bytes=100)
    gate = threading.Event()
    done: list[int] = []

    def block() -> None:
        gate.wait(30)

    assert disk.submit(block, 60)
    assert disk.submit(lambda: done.append(1), 40)
    assert not disk.submit(lambda: done.append(2), 1)
    assert disk.submit(lambda: done.append(3), 0)
    gate.set()
    assert disk.close(30)
    assert done == [1, 3]
    assert not disk.submit(lambda: done.append(4), 0)


def test_a_live_recording_through_the_thread(path: Path) -> None:
    disk = DiskThread()
    recorder = Recorder(path, disk)
    talk(recorder, 0, 9000)
    assert recorder.close() == 9000
    assert runs(read(path)[:, 0]) == [(1, 9000)]
    Recorder(path.with_name("b.wav"), disk).close()
    assert read(path.with_name("b.wav")).size == 0
    assert disk.close(30)
    late = Recorder(path, disk)
    late.close()
    assert "shutting down" in str(late.take_error())


def test_a_kill_leaves_a_file_that_can_be_read(path: Path) -> None:
    child = os.fork()
    if child == 0:
        try:
            talk(Recorder(path, InlineDisk()), 0, 7000)
        finally:
            os.kill(os.getpid(), 9)
    assert os.waitpid(child, 0)[1] == 9
    samples = read(path)
    assert runs(samples[:, 0]) == [(1, 6000)]


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["caller", "caller", "agent", "cut", "skip"]),
            st.integers(0, 60),
            st.integers(1, 9),
        ),
        max_size=80,
    )
)
@settings(max_examples=60, deadline=None)
def test_any_sequence_lands_where_a_plain_model_puts_it(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "model.wav"
    recorder = Recorder(path, InlineDisk())
    model = np.zeros((2, 20_000 * 8), dtype=np.int16)
    now = agent_end = length = 0
    for op, amount, value in steps:
        if op == "caller":
            ms = amount + 1
            recorder.caller(pcm(ms, value), now)
            model[0, now * 8 : (now + ms) * 8] = value
            now += ms
        elif op == "agent":
            at = max(agent_end, now) + amount
            recorder.agent(pcm(100, value), at)
            model[1, at * 8 : (at + 100) * 8] = value
            agent_end = at + 100
        elif op == "cut":
            recorder.cut(now)
            model[1, now * 8 :] = 0
            agent_end = min(agent_end, now)
        else:
            now += amount * 10
        length = max(now if op == "caller" else length, agent_end)
    assert recorder.close() <= 20_000
    samples = read(path)
    both = np.zeros((len(samples), 2), dtype=np.int16)
    both[:] = model[:, : len(samples)].T
    assert (samples == both).all()
    assert not model[:, len(samples) :].any()
