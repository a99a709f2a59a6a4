"""Where there is more to recognise than threads, what a caller waits for goes first."""

from __future__ import annotations

import asyncio
import threading

from voice.errors import EngineError
from voice.model import Transcript
from voice.speech.ears import PIECE_BYTES, ThreadedEar
from voice.speech.seam import Grammar


class Engine:
    """Names each stream by its grammar's phrase, and holds up its thread until ``gate`` is open."""

    name = "gated"

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.begun = threading.Semaphore(0)
        self.order: list[str] = []

    def languages(self) -> tuple[str, ...]:
        return ("en",)

    def prepare(self, lang: str, phrases: tuple[str, ...]) -> tuple[str, ...]:
        return ()

    def open(self, grammar: Grammar) -> Stream:
        return Stream(self, grammar.phrases[0])


class Stream:
    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name

    def feed(self, pcm: bytes) -> Transcript | None:
        self._engine.begun.release()
        assert self._engine.gate.wait(20)
        self._engine.order.append(self._name)
        return None

    def finish(self) -> Transcript:
        return Transcript(self._name, 1.0)

    def close(self) -> None:
        pass


async def test_an_utterance_that_is_over_overtakes_those_that_go_on() -> None:
    engine = Engine()
    ear = ThreadedEar(engine, threads=1)
    over = asyncio.Event()

    def failed(error: EngineError) -> None:
        raise AssertionError(error)

    streams = {
        name: ear.open(Grammar("en", (name,)), lambda _: over.set(), failed)
        for name in ("busy", "first", "second", "over")
    }
    try:
        streams["busy"].feed(bytes(PIECE_BYTES))
        assert await asyncio.to_thread(engine.begun.acquire, timeout=20)  # the only thread is taken
        streams["first"].feed(bytes(PIECE_BYTES))
        streams["second"].feed(bytes(PIECE_BYTES))
        streams["over"].feed(bytes(PIECE_BYTES // 2))
        streams["over"].finish()
        engine.gate.set()
        await asyncio.wait_for(over.wait(), 20)
        for _ in range(3):  # busy's own was acquired above
            assert await asyncio.to_thread(engine.begun.acquire, timeout=20)
    finally:
        engine.gate.set()
        ear.close()
    assert engine.order[:3] == ["busy", "over", "first"]
