"""Ears: order, bounds, time limits and cancellation, with engines that obey, fail, hang and lag."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field

import pytest

from voice.clock import ManualClock
from voice.errors import EngineError
from voice.model import Transcript
from voice.speech.ears import (
    BUFFER_BYTES,
    PIECE_BYTES,
    InlineEar,
    RecognitionBehind,
    RecognitionStuck,
    ThreadedEar,
)
from voice.speech.seam import EarStream, Grammar

FRAME = bytes(320)
LIMIT_MS = 5000


@dataclass
class Engine:
    """A recognizer that counts bytes; ``gate`` holds up its threads, ``fail`` names the call that fails."""

    name: str = "counting"
    fail: str = ""
    error: Exception = field(default_factory=lambda: EngineError("broken"))
    gate: threading.Event = field(default_factory=threading.Event)
    busy: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    closed: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    pieces: list[int] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.gate.set()

    def languages(self) -> tuple[str, ...]:
        return ("es",)

    def prepare(self, lang: str, phrases: tuple[str, ...]) -> tuple[str, ...]:
        return ()

    def open(self, grammar: Grammar) -> Stream:
        self.at("open")
        return Stream(self)

    def at(self, call: str) -> None:
        self.threads.add(threading.get_ident())
        if self.fail == call:
            raise self.error


class Stream:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.bytes = 0

    def feed(self, pcm: bytes) -> Transcript | None:
        self.engine.busy.release()
        assert self.engine.gate.wait(20)
        self.engine.at("feed")
        self.bytes += len(pcm)
        self.engine.pieces.append(len(pcm))
        return Transcript(str(self.bytes), 0.0, final=False)

    def finish(self) -> Transcript:
        self.engine.at("finish")
        return Transcript(str(self.bytes), 1.0)

    def close(self) -> None:
        self.engine.closed.release()


class Listener:
    """Keeps what came back and lets a test wait for it."""

    def __init__(self) -> None:
        self.results: list[Transcript] = []
        self.errors: list[EngineError] = []
        self.threads: set[int] = set()
        self._news = asyncio.Event()
        self.then: Callable[[], None] = lambda: None

    def result(self, transcript: Transcript) -> None:
        self._note()
        self.results.append(transcript)
        self.then()

    def error(self, error: EngineError) -> None:
        self._note()
        self.errors.append(error)

    def _note(self) -> None:
        self.threads.add(threading.get_ident())
        self._news.set()

    async def until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not done():
                self._news.clear()
                await self._news.wait()

    async def final(self) -> Transcript:
        await self.until(lambda: any(result.final for result in self.results))
        return self.results[-1]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.gate.set()


@pytest.fixture
async def ear(engine: Engine, clock: ManualClock) -> AsyncIterator[ThreadedEar]:
    made = ThreadedEar(engine, 2, time_limit_ms=LIMIT_MS, clock=clock)
    yield made
    made.close()


async def acquired(semaphore: threading.Semaphore) -> bool:
    return await asyncio.to_thread(semaphore.acquire, timeout=20)


def listen(ear: ThreadedEar | InlineEar) -> tuple[Listener, EarStream]:
    listener = Listener()
    return listener, ear.open(Grammar("es"), listener.result, listener.error)


async def test_the_result_has_all_audio_and_comes_in_the_loops_thread(
    ear: ThreadedEar, engine: Engine
) -> None:
    listener, stream = listen(ear)
    for _ in range(57):
        stream.feed(FRAME)
    stream.finish()
    final = await listener.final()
    assert final.text == str(57 * 320)
    assert listener.threads == {threading.get_ident()}
    assert threading.get_ident() not in engine.threads
    assert all(size >= PIECE_BYTES for size in engine.pieces[:-1])
    assert not listener.errors
    assert ear.open_streams == 0
    assert await acquired(engine.closed)


async def test_short_audio_waits_for_finish_and_then_goes_at_once(ear: ThreadedEar, engine: Engine) -> None:
    listener, stream = listen(ear)
    stream.feed(FRAME)
    assert not engine.pieces
    stream.finish()
    assert (await listener.final()).text == "320"
    stream.feed(FRAME)
    stream.finish()
    stream.cancel()
    assert len([result for result in listener.results if result.final]) == 1


async def test_streams_run_side_by_side_and_each_in_order(ear: ThreadedEar, engine: Engine) -> None:
    pairs = [listen(ear) for _ in range(20)]
    for step in range(40):
        for index, (_, stream) in enumerate(pairs):
            if step < 20 + index:
                stream.feed(FRAME)
    for _, stream in pairs:
        stream.finish()
    for index, (listener, _) in enumerate(pairs):
        assert (await listener.final()).text == str(320 * (20 + index))
        partials = [int(result.text) for result in listener.results]
        assert partials == sorted(partials)


async def test_an_engine_that_falls_behind_loses_the_oldest_audio_and_says_so_once(
    ear: ThreadedEar, engine: Engine
) -> None:
    engine.gate.clear()
    listener, stream = listen(ear)
    stream.feed(bytes(PIECE_BYTES))
    assert await acquired(engine.busy)
    for _ in range(BUFFER_BYTES // 320 + 100):
        stream.feed(FRAME)
    assert [type(error) for error in listener.errors] == [RecognitionBehind]
    engine.gate.set()
    stream.finish()
    assert (await listener.final()).text == str(PIECE_BYTES + BUFFER_BYTES)
    assert len(listener.errors) == 1


@pytest.mark.parametrize("call", ["open", "feed", "finish"])
@pytest.mark.parametrize("error", [EngineError("broken"), RuntimeError("inside")])
async def test_a_failing_engine_is_an_error_once_and_costs_no_thread(
    ear: ThreadedEar, engine: Engine, call: str, error: Exception
) -> None:
    engine.fail, engine.error = call, error
    for _ in range(4):
        listener, stream = listen(ear)
        stream.feed(bytes(PIECE_BYTES))
        stream.finish()
        await listener.until(lambda: bool(listener.errors))  # noqa: B023 - awaited within the turn
        assert not any(result.final for result in listener.results)
    engine.fail = ""
    listener, stream = listen(ear)
    stream.feed(FRAME)
    stream.finish()
    assert (await listener.final()).text == "320"
    assert ear.open_streams == 0


@pytest.mark.parametrize("finish", [True, False])
async def test_a_hanging_engine_is_an_error_in_time_and_its_threads_are_replaced(
    ear: ThreadedEar, engine: Engine, clock: ManualClock, finish: bool
) -> None:
    engine.gate.clear()
    hanging = [listen(ear) for _ in range(2)]
    for _, stream in hanging:
        stream.feed(bytes(PIECE_BYTES))
        assert await acquired(engine.busy)
        if finish:
            stream.finish()
    clock.advance(LIMIT_MS - 1)
    assert not any(listener.errors for listener, _ in hanging)
    clock.advance(1)
    for listener, stream in hanging:
        assert [type(error) for error in listener.errors] == [RecognitionStuck]
        stream.feed(FRAME)
        stream.finish()
    blocked, engine.gate = engine.gate, threading.Event()
    engine.gate.set()
    listener, stream = listen(ear)
    stream.feed(FRAME)
    stream.finish()
    assert (await listener.final()).text == "320"
    blocked.set()
    for _ in range(3):
        assert await acquired(engine.closed)
    assert all(len(listener.errors) == 1 and not listener.results for listener, _ in hanging)


async def test_waiting_for_a_busy_thread_is_no_hang_but_finish_is_bounded(
    engine: Engine, clock: ManualClock
) -> None:
    ear = ThreadedEar(engine, 1, time_limit_ms=LIMIT_MS, clock=clock)
    engine.gate.clear()
    _, first = listen(ear)
    first.feed(bytes(PIECE_BYTES))
    assert await acquired(engine.busy)
    first.cancel()
    waiting, second = listen(ear)
    second.feed(bytes(PIECE_BYTES))
    finishing, third = listen(ear)
    third.finish()
    clock.advance(LIMIT_MS)
    assert [type(error) for error in finishing.errors] == [RecognitionStuck]
    assert not waiting.errors
    engine.gate.set()
    second.finish()
    assert (await waiting.final()).text == str(PIECE_BYTES)
    ear.close()


async def test_cancelling_silences_a_stream_at_any_moment(ear: ThreadedEar, engine: Engine) -> None:
    before, stream = listen(ear)
    stream.cancel()
    engine.gate.clear()
    during, stream = listen(ear)
    stream.feed(bytes(PIECE_BYTES))
    assert await acquired(engine.busy)
    stream.cancel()
    finishing, stream = listen(ear)
    stream.feed(bytes(PIECE_BYTES))
    stream.finish()
    stream.cancel()
    engine.gate.set()
    after, stream = listen(ear)
    after.then = stream.cancel
    stream.feed(bytes(PIECE_BYTES))
    await after.until(lambda: bool(after.results))
    assert await acquired(engine.closed)
    for listener in (before, during, finishing):
        assert not listener.results
        assert not listener.errors
    assert ear.open_streams == 0


async def test_what_is_cancelled_while_it_waits_for_a_thread_costs_no_decoding(
    engine: Engine, clock: ManualClock
) -> None:
    ear = ThreadedEar(engine, 1, clock=clock)
    engine.gate.clear()
    _, first = listen(ear)
    first.feed(bytes(PIECE_BYTES))
    assert await acquired(engine.busy)
    dropped, second = listen(ear)
    second.feed(bytes(2 * PIECE_BYTES))
    second.finish()
    second.cancel()
    last, third = listen(ear)
    third.finish()
    engine.gate.set()
    await last.final()
    assert 2 * PIECE_BYTES not in engine.pieces
    assert not dropped.results
    ear.close()


async def test_closing_the_ear_cancels_what_is_open(engine: Engine, clock: ManualClock) -> None:
    ear = ThreadedEar(engine, 1, clock=clock)
    engine.gate.clear()
    listener, stream = listen(ear)
    stream.feed(bytes(PIECE_BYTES))
    assert await acquired(engine.busy)
    ear.close()
    engine.gate.set()
    assert await acquired(engine.closed)
    assert ear.open_streams == 0
    assert not listener.results


async def test_inline_calls_back_before_it_returns(engine: Engine) -> None:
    listener, stream = listen(InlineEar(engine))
    for _ in range(5):
        stream.feed(FRAME)
    assert [result.text for result in listener.results] == ["1600"]
    stream.feed(FRAME)
    stream.finish()
    assert [(result.text, result.final) for result in listener.results] == [("1600", False), ("1920", True)]
    stream.feed(bytes(PIECE_BYTES))
    stream.finish()
    assert len(listener.results) == 2
    assert engine.closed.acquire(timeout=0)
    assert engine.threads == {threading.get_ident()}


@pytest.mark.parametrize("call", ["open", "feed", "finish"])
async def test_inline_reports_a_failing_engine_once(engine: Engine, call: str) -> None:
    engine.fail = call
    listener, stream = listen(InlineEar(engine))
    stream.feed(bytes(PIECE_BYTES))
    stream.finish()
    stream.finish()
    assert [str(error) for error in listener.errors] == ["broken"]
    assert not any(result.final for result in listener.results)


async def test_inline_can_be_cancelled(engine: Engine) -> None:
    ear = InlineEar(engine)
    listener, stream = listen(ear)
    stream.feed(bytes(PIECE_BYTES))
    stream.cancel()
    stream.cancel()
    stream.finish()
    assert len(listener.results) == 1
    ear.close()
