"""Runs a recognizer for calls: in threads, bounded in memory and time, or inline for replay.

Audio goes to an engine in pieces of 100 ms and more, because a hop to a thread costs about as much as
all other work on a frame. Everything but the engine's own calls happens in the loop's thread, so nothing
here needs a lock.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import queue
import threading
from collections import deque
from collections.abc import Callable

from voice.clock import Clock, RealClock, Timer
from voice.errors import EngineError
from voice.model import SAMPLE_RATE, Transcript
from voice.speech.seam import EarStream, Grammar, Recognizer, RecognizerStream

logger = logging.getLogger(__name__)

BYTES_A_MS = SAMPLE_RATE * 2 // 1000
PIECE_BYTES = 100 * BYTES_A_MS
BUFFER_BYTES = 30_000 * BYTES_A_MS
TIME_LIMIT_MS = 5000
_FIRST, _NEXT, _LAST = range(3)  # in the threads: what a caller waits for, partial work, the end

OnResult = Callable[[Transcript], None]
OnError = Callable[[EngineError], None]


class RecognitionNotice(EngineError):
    """Something went wrong with an utterance, but it is not the end: a result still follows."""


class RecognitionBehind(RecognitionNotice):
    """Recognition fell behind and the oldest audio was dropped."""


class RecognitionStuck(EngineError):
    """The engine gave no answer in time. No result follows."""


class InlineEar:
    """Runs the recognizer in the caller's thread and calls back at once: the same input, the same result."""

    def __init__(self, recognizer: Recognizer) -> None:
        self._recognizer = recognizer

    def open(self, grammar: Grammar, on_result: OnResult, on_error: OnError) -> EarStream:
        return _InlineStream(_Decoding(self._recognizer, grammar), on_result, on_error)

    def close(self) -> None:
        """Nothing runs between calls, so there is nothing to stop."""


class _InlineStream:
    def __init__(self, decoding: _Decoding, on_result: OnResult, on_error: OnError) -> None:
        self._decoding = decoding
        self._on_result = on_result
        self._on_error = on_error
        self._gathered = bytearray()
        self._over = False

    @property
    def behind_ms(self) -> int:
        return len(self._gathered) // BYTES_A_MS

    def feed(self, pcm: bytes) -> None:
        if not self._over:
            self._gathered += pcm
        if len(self._gathered) >= PIECE_BYTES:
            self._run(finish=False)

    def finish(self) -> None:
        self._run(finish=True)

    def cancel(self) -> None:
        if not self._over:
            self._over = True
            self._decoding.close()

    def _run(self, *, finish: bool) -> None:
        if self._over:
            return
        result, error = self._decoding.run(bytes(self._gathered), finish)
        self._gathered.clear()
        if finish or error is not None:
            self.cancel()
        if result is not None:
            self._on_result(result)
        if error is not None:
            self._on_error(error)


class _Decoding:
    """An utterance in an engine, opened with its first piece. Used by one thread at a time."""

    def __init__(self, recognizer: Recognizer, grammar: Grammar) -> None:
        self._recognizer = recognizer
        self._grammar = grammar
        self._stream: RecognizerStream | None = None

    def run(self, pcm: bytes, finish: bool) -> tuple[Transcript | None, EngineError | None]:
        """Decodes a piece: a partial transcript if it changed, the final one with ``finish``."""
        try:
            if self._stream is None:
                self._stream = self._recognizer.open(self._grammar)
            partial = self._stream.feed(pcm) if pcm else None
            return (self._stream.finish() if finish else partial), None
        except EngineError as error:
            return None, error
        except Exception as error:  # whatever an engine does ends its utterance, never the thread
            logger.exception("the recognizer '%s' failed", self._recognizer.name)
            return None, EngineError(f"recognition failed: {type(error).__name__}")

    def close(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()


class ThreadedEar:
    """Shares ``threads`` worker threads between all calls.

    A stream has at most one job in the threads at a time, so its audio stays in order and one slow
    utterance cannot take them all. A job that takes longer than ``time_limit_ms`` ends its stream with
    :class:`RecognitionStuck`; its thread is given up and replaced. Must be used from a running event
    loop; callbacks come in the loop that called :meth:`open`.
    """

    def __init__(
        self,
        recognizer: Recognizer,
        threads: int = 2,
        *,
        time_limit_ms: int = TIME_LIMIT_MS,
        clock: Clock | None = None,
    ) -> None:
        self._recognizer = recognizer
        self.workers = _Workers(threads)
        self.time_limit_ms = time_limit_ms
        self.clock = clock or RealClock()
        self._streams: set[_ThreadedStream] = set()

    def open(self, grammar: Grammar, on_result: OnResult, on_error: OnError) -> EarStream:
        stream = _ThreadedStream(self, _Decoding(self._recognizer, grammar), on_result, on_error)
        self._streams.add(stream)
        return stream

    @property
    def open_streams(self) -> int:
        return len(self._streams)

    def forget(self, stream: _ThreadedStream) -> None:
        """Called by a stream that is over."""
        self._streams.discard(stream)

    def close(self) -> None:
        """Cancels all streams and lets the threads end; a thread that hangs is left behind."""
        for stream in tuple(self._streams):
            stream.cancel()
        self.workers.close()


class _ThreadedStream:
    """One utterance. Its attributes belong to the loop's thread; while a job is under way the decoding
    belongs to the worker."""

    def __init__(self, ear: ThreadedEar, decoding: _Decoding, on_result: OnResult, on_error: OnError) -> None:
        self._ear = ear
        self._decoding = decoding
        self._on_result = on_result
        self._on_error = on_error
        self._loop = asyncio.get_running_loop()
        self._pending: deque[bytes] = deque()
        self._pending_bytes = 0
        self._dropped = False
        self._finishing = False
        self._finish_by_ms: int | None = None
        self._over = False
        self._job: _Job | None = None
        self._timer: Timer | None = None

    @property
    def behind_ms(self) -> int:
        under_way = self._job.size if self._job is not None else 0
        return (self._pending_bytes + under_way) // BYTES_A_MS

    def feed(self, pcm: bytes) -> None:
        if self._over or self._finishing:
            return
        self._pending.append(pcm)
        self._pending_bytes += len(pcm)
        while self._pending_bytes > BUFFER_BYTES:
            self._pending_bytes -= len(self._pending.popleft())
            if not self._dropped:
                self._dropped = True
                self._on_error(RecognitionBehind("recognition fell behind; the oldest audio was dropped"))
        self._advance()

    def finish(self) -> None:
        if self._over or self._finishing:
            return
        self._finishing = True
        # one limit for the job under way, the wait for a thread and the last job
        self._finish_by_ms = self._ear.clock.now_ms() + self._ear.time_limit_ms
        self._watch(self._ear.time_limit_ms)
        self._advance()

    def cancel(self) -> None:
        if self._over:
            return
        self._end()
        if self._job is None:
            self._ear.workers.submit(self._decoding.close)

    def _advance(self) -> None:
        """Starts the next job when there is enough for one and none is under way."""
        enough = self._finishing or self._pending_bytes >= PIECE_BYTES
        if self._job is not None or self._over or not enough:
            return
        pcm = b"".join(self._pending)
        self._pending.clear()
        self._pending_bytes = 0
        self._job = _Job(self._decoding, pcm, self._finishing, self._ear.clock, self._report)
        if self._timer is None:
            self._watch(self._ear.time_limit_ms)
        self._ear.workers.submit(self._job, first=self._finishing)

    def _report(self, job: _Job) -> None:
        """Runs in the worker's thread."""
        try:
            self._loop.call_soon_threadsafe(self._done, job)
        except RuntimeError:  # the loop is closed: nobody listens any more
            self._decoding.close()

    def _done(self, job: _Job) -> None:
        self._job = None
        ended = self._over or job.finish or job.error is not None
        if ended or not self._finishing:
            self._unwatch()
        if ended:
            self._ear.workers.submit(self._decoding.close)  # freeing a decoder takes time
        if self._over:
            return
        if ended:
            self._end()
        if job.result is not None:
            self._on_result(job.result)
        if job.error is not None:
            self._on_error(job.error)
        self._advance()

    def _watch(self, ms: int) -> None:
        self._unwatch()
        clock = self._ear.clock
        self._timer = clock.call_at(clock.now_ms() + ms, self._check)

    def _unwatch(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _check(self) -> None:
        """A job hangs when its own run takes too long; waiting for a thread only counts after finish."""
        now_ms, limit_ms = self._ear.clock.now_ms(), self._ear.time_limit_ms
        self._timer = None
        running_ms = 0
        if self._job is not None and self._job.started_ms is not None:
            running_ms = now_ms - self._job.started_ms
        hangs = running_ms >= limit_ms
        if hangs and self._job is not None:
            self._ear.workers.replace(self._job)
        if not self._over and (hangs or (self._finish_by_ms is not None and now_ms >= self._finish_by_ms)):
            self._end()
            self._on_error(RecognitionStuck(f"no answer from recognition within {limit_ms} ms"))
        if self._job is not None and not hangs:
            self._watch(limit_ms - running_ms)

    def _end(self) -> None:
        """No callback after this. A job under way stays watched, so that a hanging thread is replaced."""
        self._over = True
        self._pending.clear()
        self._pending_bytes = 0
        if self._job is not None:
            self._job.wanted = False
        self._ear.forget(self)


class _Job:
    """One piece of one utterance, run in a worker's thread, unless it is no more ``wanted`` when its turn
    comes."""

    __slots__ = (
        "_clock", "_decoding", "_pcm", "_report", "error", "finish", "result", "size", "started_ms", "wanted",
    )  # fmt: skip

    def __init__(
        self, decoding: _Decoding, pcm: bytes, finish: bool, clock: Clock, report: Callable[[_Job], None]
    ) -> None:
        self._decoding = decoding
        self._pcm = pcm
        self.size = len(pcm)
        self._clock = clock
        self._report = report
        self.finish = finish
        self.result: Transcript | None = None
        self.error: EngineError | None = None
        self.started_ms: int | None = None
        self.wanted = True

    def __call__(self) -> None:
        self.started_ms = self._clock.now_ms()
        if self.wanted:
            self.result, self.error = self._decoding.run(self._pcm, self.finish)
        self._report(self)


class _Workers:
    """Daemon threads over one queue: unlike an executor's they never hold up the end of the process,
    and one that hangs can be replaced. Jobs run in the order they came, but those that somebody waits for
    ``first``."""

    def __init__(self, threads: int) -> None:
        self._queue: queue.PriorityQueue[tuple[int, int, Callable[[], None] | None]] = queue.PriorityQueue()
        self._order = itertools.count()
        self._threads = threads
        self._closed = False
        self._given_up: set[Callable[[], None]] = set()
        for _ in range(threads):
            self._start()

    def submit(self, job: Callable[[], None], *, first: bool = False) -> None:
        if self._closed:
            job()  # only engines that want closing come so late
        else:
            self._queue.put((_FIRST if first else _NEXT, next(self._order), job))

    def replace(self, job: Callable[[], None]) -> None:
        """Starts another thread in place of the one that hangs in ``job``, which ends after it."""
        self._given_up.add(job)
        logger.error("a recognition thread hangs and was replaced")
        self._start()

    def close(self) -> None:
        """Jobs already submitted still run."""
        self._closed = True
        for _ in range(self._threads):
            self._queue.put((_LAST, next(self._order), None))

    def _start(self) -> None:
        threading.Thread(target=self._work, name="recognition", daemon=True).start()

    def _work(self) -> None:
        while (job := self._queue.get()[2]) is not None:
            try:
                job()
            except Exception:  # an engine that fails while it is closed must not cost a thread
                logger.exception("a recognition job failed")
            if job in self._given_up:
                self._given_up.discard(job)
                return
