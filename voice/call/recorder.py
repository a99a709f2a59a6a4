"""Two-channel recording of a call: caller left, agent right, aligned by media time.

The call's loop only appends to two byte arrays; every two seconds a block goes to a :class:`Disk`, which for
live calls is one thread for the whole process. Each block has its own place in the file, and the WAV header
is patched after each one, so the file is valid after a kill -9 and a lost block is silence, never a shift.

Drop rule: when more than ``max_bytes`` of blocks wait for the disk, new ones are dropped. Drops and failures
(a full disk) are reported once, as a value; the call goes on and later blocks are tried again.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from voice.audio.wav import HEADER_BYTES, interleave, wav_header
from voice.errors import StoreError

log = logging.getLogger(__name__)

BLOCK_MS = 2000
SETTLE_MS = 500
"""Audio older than this is final: a cut never reaches further back, no frame comes later."""

MAX_LEAD_MS = 2000
"""How far ahead of the caller's audio the agent's may be scheduled."""

CLOSE_SECONDS = 10.0

MAX_MS = 12 * 3600 * 1000  # a time stamp beyond this is nonsense, and WAV ends at 37 hours

_BYTES_PER_MS = 16  # of one channel


class Disk(Protocol):
    """Where blocks go. ``submit`` runs ``job`` once, in order, some time; False when it was refused."""

    def submit(self, job: Callable[[], None], size: int) -> bool: ...


class InlineDisk:
    """Writes at once, in the calling thread: for replay and tests."""

    def submit(self, job: Callable[[], None], size: int) -> bool:
        job()
        return True


class DiskThread:
    """One thread that writes for all calls; at most ``max_bytes`` wait for it. Jobs of size 0 (closing a
    file) are never refused."""

    def __init__(self, max_bytes: int = 16 << 20) -> None:
        self._max_bytes = max_bytes
        self._waiting = 0
        self._jobs: deque[tuple[Callable[[], None], int]] = deque()
        self._wake = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="recordings", daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[], None], size: int) -> bool:
        with self._wake:
            if self._closing or (size and self._waiting + size > self._max_bytes):
                return False
            self._waiting += size
            self._jobs.append((job, size))
            self._wake.notify()
        return True

    def close(self, timeout_s: float | None = None) -> bool:
        """Writes what waits, then ends the thread; False when that took longer than ``timeout_s``."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._jobs:
                    if self._closing:
                        return
                    self._wake.wait()
                job, size = self._jobs.popleft()
            job()
            with self._wake:
                self._waiting -= size


class _File:
    """The WAV file; used by the disk's thread only, except ``take_error`` and ``closed``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd = -1
        self._size = 0  # bytes of audio that the header speaks of
        self._headed = False  # a header is on the disk, so that programs can open the file
        self._lock = threading.Lock()
        self._error: StoreError | None = None
        self._reported = False
        self.closed = threading.Event()

    def write(self, offset: int, data: bytes) -> None:
        """Puts ``data`` at ``offset`` bytes of audio, then grows the header's count to cover it."""
        try:
            if self._fd < 0:
                self._open()
            self._put(HEADER_BYTES + offset, data)
            self._size = max(self._size, offset + len(data))
            self._put(0, wav_header(self._size, channels=2))
            self._headed = True
        except OSError as error:
            self.fail(f"recording {self._path} cannot be written ({error.strerror}); check space and rights")

    def close(self, size: int) -> None:
        """``size`` is all audio in bytes, holes at the end included."""
        try:
            if self._fd < 0:
                self._open()
            os.ftruncate(self._fd, HEADER_BYTES + size)
            self._put(0, wav_header(size, channels=2))
            self._headed = True
        except OSError as error:
            self.fail(f"recording {self._path} cannot be finished ({error.strerror}); check space and rights")
        finally:
            if self._fd >= 0:
                os.close(self._fd)
                self._fd = -1
                self._drop_headless()
            self.closed.set()

    def fail(self, message: str) -> None:
        with self._lock:
            if self._error is not None or self._reported:
                return
            self._error = StoreError(message)
        log.error("%s", message)

    def take_error(self) -> StoreError | None:
        with self._lock:
            error, self._error = self._error, None
            self._reported = self._reported or error is not None
        return error

    def _open(self) -> None:
        # what people said is for nobody else on the machine
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)

    def _drop_headless(self) -> None:
        """A disk that was full all the time leaves a file that no program can open."""
        with contextlib.suppress(OSError):
            if not self._headed and self._path.is_file():
                self._path.unlink()

    def _put(self, offset: int, data: bytes) -> None:
        view = memoryview(data)
        while view:
            done = os.pwrite(self._fd, view, offset)
            view, offset = view[done:], offset + done


class Recorder:
    """One call's recording. All times are the call's media time. Only :meth:`close` waits for the disk.
    The file appears with the first block."""

    __slots__ = (
        "_agent",
        "_agent_end",
        "_base",
        "_caller",
        "_caller_end",
        "_disk",
        "_due",
        "_file",
        "_ms",
        "_muted",
        "path",
    )

    def __init__(self, path: Path, disk: Disk) -> None:
        self.path = path
        self._disk = disk
        self._file = _File(path)
        self._base = 0  # ms: audio before it has gone to the disk; both arrays begin here
        self._caller = bytearray()
        self._agent = bytearray()
        self._caller_end = 0  # ms: base + length of the array
        self._agent_end = 0
        self._due = BLOCK_MS + SETTLE_MS  # ms: when the caller's audio gets there a block is written
        self._muted = False
        self._ms = -1  # of the closed recording

    def caller(self, pcm: bytes, at_ms: int) -> None:
        """The caller's audio; what overlaps earlier audio is left out."""
        if at_ms != self._caller_end and not (pcm := self._align_caller(pcm, at_ms)):
            return
        self._caller += bytes(len(pcm)) if self._muted else pcm
        self._caller_end += len(pcm) // _BYTES_PER_MS
        if self._caller_end >= self._due:
            self._write_until(self._caller_end - SETTLE_MS)

    def erase_caller(self, from_ms: int) -> None:
        """Makes the caller's audio from ``from_ms`` on silent, as far as it has not gone to the disk."""
        start = max(0, from_ms - self._base) * _BYTES_PER_MS
        if start < len(self._caller):
            self._caller[start:] = bytes(len(self._caller) - start)

    def agent(self, pcm: bytes, at_ms: int) -> None:
        """What the caller will hear from ``at_ms`` on; it replaces what was scheduled after that."""
        if at_ms != self._agent_end:
            if at_ms < self._base or at_ms > MAX_MS or self._ms >= 0:
                skip = (self._base - at_ms) * _BYTES_PER_MS
                if not 0 < skip < len(pcm) or self._ms >= 0:
                    return
                pcm, at_ms = pcm[skip:], self._base
            if at_ms < self._agent_end:
                self.cut(at_ms)
            else:
                self._advance(at_ms)
                self._agent += bytes((at_ms - self._agent_end) * _BYTES_PER_MS)
            self._agent_end = at_ms
        self._agent += bytes(len(pcm)) if self._muted else pcm
        self._agent_end += len(pcm) // _BYTES_PER_MS
        if self._agent_end - self._base > BLOCK_MS + SETTLE_MS + MAX_LEAD_MS:
            # the caller's audio stalls: time goes on all the same
            self._write_until(self._agent_end - MAX_LEAD_MS)

    def cut(self, at_ms: int) -> None:
        """The agent's audio was cleared at ``at_ms``: the rest of it was not heard."""
        at_ms = max(at_ms, self._base)
        if at_ms < self._agent_end:
            del self._agent[(at_ms - self._base) * _BYTES_PER_MS :]
            self._agent_end = at_ms

    def pause(self) -> None:
        """A sensitive window opens: silence in both channels until :meth:`resume`."""
        self._muted = True

    def resume(self) -> None:
        self._muted = False

    def take_error(self) -> StoreError | None:
        """The first thing that went wrong, once; None otherwise. Ask now and then: it costs nothing."""
        return self._file.take_error()

    def close(self, timeout_s: float = CLOSE_SECONDS) -> int:
        """Writes the rest; returns the recording's length in ms. Blocks until the file is whole, at most
        ``timeout_s``: never call it on the loop. Safe to call twice."""
        if self._ms < 0:
            self._write_until(max(self._caller_end, self._agent_end))
            self._ms = self._base
            self._due = MAX_MS * 2
            if not self._disk.submit(lambda: self._file.close(self._bytes(self._ms)), 0):
                self._file.fail(f"recording {self.path} was not finished; the server is shutting down")
                self._file.closed.set()
        if not self._file.closed.wait(timeout_s):
            self._file.fail(f"recording {self.path} is not finished yet: the disk does not keep up")
        return self._ms

    @property
    def buffered_bytes(self) -> int:
        """Memory held for this call, without what waits for the disk."""
        return len(self._caller) + len(self._agent)

    @staticmethod
    def _bytes(ms: int) -> int:
        return ms * _BYTES_PER_MS * 2

    def _align_caller(self, pcm: bytes, at_ms: int) -> bytes:
        """Fills up to ``at_ms`` with silence, or leaves out what overlaps."""
        if self._ms >= 0 or at_ms > MAX_MS:
            return b""
        missing = at_ms - self._caller_end
        if missing < 0:
            return pcm[-missing * _BYTES_PER_MS :]
        self._advance(at_ms)
        missing = at_ms - self._caller_end
        self._caller += bytes(missing * _BYTES_PER_MS)
        self._caller_end = at_ms
        return pcm

    def _advance(self, at_ms: int) -> None:
        """Before a jump ahead: writes what is there and moves on, so that a long silence takes no memory
        (it is a hole in the file)."""
        if at_ms - self._base <= BLOCK_MS + SETTLE_MS + MAX_LEAD_MS:
            return
        self._write_until(max(self._caller_end, self._agent_end))
        self._base = max(self._base, at_ms - SETTLE_MS)
        self._caller_end = self._agent_end = self._base
        self._due = self._base + BLOCK_MS + SETTLE_MS

    def _write_until(self, end_ms: int) -> None:
        size = (end_ms - self._base) * _BYTES_PER_MS
        if size <= 0:
            return
        left, right = self._caller[:size], self._agent[:size]
        del self._caller[:size]
        del self._agent[:size]
        left += bytes(size - len(left))
        offset = self._bytes(self._base)
        self._base = end_ms
        self._caller_end = max(self._caller_end, end_ms)
        self._agent_end = max(self._agent_end, end_ms)
        self._due = end_ms + BLOCK_MS + SETTLE_MS
        file = self._file
        data = interleave(left, right)
        if not self._disk.submit(lambda: file.write(offset, data), len(data)):
            file.fail(f"recording {self.path} has a hole: the disk is too slow for so many calls")
