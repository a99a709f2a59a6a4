"""How synthesizers are run for calls: cache, threads, cancelling, a second engine."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from voice.clock import ManualClock
from voice.errors import EngineError, VoiceError
from voice.speech.espeak import EspeakSynthesizer
from voice.speech.mouths import FIRST_PIECE_MS, InlineMouth, ThreadedMouth, ToneMouth
from voice.speech.prompt_cache import PromptCache
from voice.speech.seam import Mouth, Synthesizer, Voice

VOICES = {"es": Voice("es", "one", 150), "en": Voice("en", "two", 180)}
WAIT = 10.0  # seconds after which a test that hangs fails; nothing depends on it otherwise


def pcm_of(text: str, piece: int = 0) -> bytes:
    return f"{text}/{piece};".encode().ljust(320, b".")


class Engine:
    """Two pieces a text; steps are held back by ``gates`` until a test opens them."""

    def __init__(self, name: str = "fake") -> None:
        self.name = name
        self.said: list[tuple[str, Voice]] = []
        self.closed: list[str] = []
        self.gates: dict[tuple[str, int], threading.Event] = {}
        self.reached: dict[tuple[str, int], threading.Event] = {}
        self.fails: dict[tuple[str, int], Exception] = {}

    def hold(self, text: str, piece: int = 0) -> tuple[threading.Event, threading.Event]:
        """(set when the engine gets there, to be set to let it go on)"""
        self.reached[text, piece] = threading.Event()
        self.gates[text, piece] = threading.Event()
        return self.reached[text, piece], self.gates[text, piece]

    def voices(self, lang: str) -> tuple[str, ...]:
        return ("one",)

    def stream(self, text: str, voice: Voice) -> Iterator[bytes]:
        self.said.append((text, voice))
        try:
            for piece in range(2):
                if (text, piece) in self.gates:
                    self.reached[text, piece].set()
                    assert self.gates[text, piece].wait(WAIT)
                if (text, piece) in self.fails:
                    raise self.fails[text, piece]
                yield pcm_of(text, piece)
        except GeneratorExit:
            self.closed.append(text)
            raise


class Call:
    """What one ``speak`` brought back."""

    def __init__(self, mouth: Mouth, text: str, lang: str = "es") -> None:
        self.pieces: list[bytes] = []
        self.results: list[EngineError | None] = []
        self.threads: set[int] = set()
        self._news = asyncio.Event()
        self.speaking = mouth.speak(text, lang, self._audio, self._done)

    def _audio(self, pcm: bytes) -> None:
        assert not self.results, "audio after the end"
        self.threads.add(threading.get_ident())
        self.pieces.append(pcm)
        self._news.set()

    def _done(self, error: EngineError | None) -> None:
        self.threads.add(threading.get_ident())
        self.results.append(error)
        self._news.set()

    async def until(self, ready: Callable[[], object]) -> None:
        async with asyncio.timeout(WAIT):
            while not ready():
                self._news.clear()
                await self._news.wait()

    async def done(self) -> EngineError | None:
        await self.until(lambda: self.results)
        return self.results[0]


async def reached(event: threading.Event) -> None:
    assert await asyncio.to_thread(event.wait, WAIT)


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def second() -> Engine:
    return Engine("second")


@pytest.fixture
def cache() -> PromptCache:
    return PromptCache(None)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def mouth(engine: Engine, cache: PromptCache) -> AsyncIterator[ThreadedMouth]:
    made = ThreadedMouth(engine, cache, VOICES)
    yield made
    made.close()
    for gate in engine.gates.values():
        gate.set()


@pytest.fixture
async def guarded(
    engine: Engine, second: Engine, cache: PromptCache, clock: ManualClock
) -> AsyncIterator[ThreadedMouth]:
    made = ThreadedMouth(engine, cache, VOICES, second, clock=clock)
    yield made
    made.close()
    for gate in [*engine.gates.values(), *second.gates.values()]:
        gate.set()


async def test_audio_then_the_end_in_the_callers_thread(mouth: ThreadedMouth, engine: Engine) -> None:
    call = Call(mouth, "hola")
    assert call.pieces == []
    assert await call.done() is None
    assert call.pieces == [pcm_of("hola", 0), pcm_of("hola", 1)]
    assert call.threads == {threading.get_ident()}
    assert engine.said == [("hola", VOICES["es"])]


async def test_languages_have_their_voices(mouth: ThreadedMouth, engine: Engine) -> None:
    await Call(mouth, "hello", "en").done()
    assert engine.said == [("hello", VOICES["en"])]


async def test_the_second_time_all_comes_at_once_from_memory(mouth: ThreadedMouth, engine: Engine) -> None:
    await Call(mouth, "hola").done()
    again = Call(mouth, "hola")
    assert again.results == [None]
    assert again.pieces == [pcm_of("hola", 0) + pcm_of("hola", 1)]
    again.speaking.cancel()
    assert len(engine.said) == 1


async def test_audio_comes_before_the_engine_is_finished(mouth: ThreadedMouth, engine: Engine) -> None:
    at_second, gate = engine.hold("hola", 1)
    call = Call(mouth, "hola")
    await reached(at_second)
    await call.until(lambda: call.pieces)
    assert call.results == []
    gate.set()
    assert await call.done() is None


async def test_two_callers_of_the_same_new_text_cost_one_synthesis(
    mouth: ThreadedMouth, engine: Engine
) -> None:
    first, second = Call(mouth, "hola"), Call(mouth, "hola")
    await first.done()
    await second.done()
    assert b"".join(first.pieces) == b"".join(second.pieces)
    assert len(engine.said) == 1


async def test_cancel_in_the_middle_stops_callbacks_and_the_engine(
    mouth: ThreadedMouth, engine: Engine, cache: PromptCache
) -> None:
    at_second, gate = engine.hold("hola", 1)
    call = Call(mouth, "hola")
    await reached(at_second)
    await call.until(lambda: call.pieces)
    call.speaking.cancel()
    gate.set()
    await Call(mouth, "después").done()
    assert call.pieces == [pcm_of("hola", 0)]
    assert call.results == []
    assert engine.closed == ["hola"]
    await Call(mouth, "hola").done()
    assert [text for text, _ in engine.said].count("hola") == 2, "half a prompt was kept"


async def test_cancel_before_its_turn_costs_nothing(mouth: ThreadedMouth, engine: Engine) -> None:
    at_first, gate = engine.hold("hola")
    Call(mouth, "hola")
    await reached(at_first)
    waiting = Call(mouth, "nunca")
    waiting.speaking.cancel()
    waiting.speaking.cancel()
    gate.set()
    await Call(mouth, "después").done()
    assert [text for text, _ in engine.said] == ["hola", "después"]
    assert not waiting.pieces
    assert not waiting.results


async def test_cancel_from_within_a_callback(mouth: ThreadedMouth) -> None:
    got: list[bytes] = []
    over: list[EngineError | None] = []

    def on_audio(pcm: bytes) -> None:
        got.append(pcm)
        speaking.cancel()

    speaking = mouth.speak("hola", "es", on_audio, over.append)
    await Call(mouth, "después").done()
    assert len(got) == 1
    assert over == []


async def test_live_texts_go_before_those_made_ahead(mouth: ThreadedMouth, engine: Engine) -> None:
    at_first, gate = engine.hold("primera")
    Call(mouth, "primera")
    await reached(at_first)
    mouth.prepare([("preparada uno", "es"), ("preparada dos", "es")])
    live = Call(mouth, "en vivo")
    gate.set()
    assert await live.done() is None
    await Call(mouth, "la última").done()
    order = [text for text, _ in engine.said]
    assert order[:2] == ["primera", "en vivo"]


async def test_what_is_made_ahead_is_kept_by_phrase_on_disk_and_live_texts_are_not(
    engine: Engine, tmp_path: Path
) -> None:
    mouth = ThreadedMouth(engine, PromptCache(tmp_path), VOICES)
    await Call(mouth, "Su saldo es de mil euros.").done()
    prompt = "Gracias por llamar. Dígame qué necesita."
    at_last, gate = engine.hold("señal")
    mouth.prepare([(prompt, "es"), ("señal", "es")])
    await reached(at_last)  # prepared texts are made in order
    files = os.listdir(tmp_path)
    gate.set()
    mouth.close()
    assert len(files) == 2
    later = ThreadedMouth(Engine(), PromptCache(tmp_path), VOICES)
    for phrase in ("Gracias por llamar.", "Dígame qué necesita."):
        call = Call(later, phrase)
        await call.done()
        assert call.pieces == [pcm_of(phrase, 0) + pcm_of(phrase, 1)]
    later.close()


async def test_a_text_said_live_first_still_gets_its_file(engine: Engine, tmp_path: Path) -> None:
    mouth = ThreadedMouth(engine, PromptCache(tmp_path), VOICES)
    await Call(mouth, "Gracias por llamar.").done()
    at_last, gate = engine.hold("señal")
    mouth.prepare([("Gracias por llamar.", "es"), ("señal", "es")])
    await reached(at_last)
    assert len(os.listdir(tmp_path)) == 1
    gate.set()
    mouth.close()
    assert len(engine.said) == 2


async def test_a_failing_text_made_ahead_is_logged_and_the_rest_goes_on(
    mouth: ThreadedMouth, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    engine.fails["mal hecho", 0] = VoiceError("no puede")
    mouth.prepare([("mal hecho", "es")])
    assert await Call(mouth, "bien").done() is None
    at_last, gate = engine.hold("señal")
    mouth.prepare([("señal", "es")])
    await reached(at_last)
    gate.set()
    assert "no puede" in caplog.text


async def test_a_failure_without_a_second_engine_is_reported_once(
    mouth: ThreadedMouth, engine: Engine
) -> None:
    engine.fails["hola", 0] = VoiceError("se acabó")
    call = Call(mouth, "hola")
    assert str(await call.done()) == "se acabó"
    assert call.pieces == []
    assert await Call(mouth, "adiós").done() is None


async def test_a_failing_engine_is_replaced_for_that_text(
    guarded: ThreadedMouth, engine: Engine, second: Engine
) -> None:
    engine.fails["hola", 0] = VoiceError("se acabó")
    call = Call(guarded, "hola")
    assert await call.done() is None
    assert b"".join(call.pieces) == pcm_of("hola", 0) + pcm_of("hola", 1)
    assert second.said == [("hola", Voice("es", "", 150))], "voice names belong to the first engine"
    assert await Call(guarded, "adiós").done() is None
    assert [text for text, _ in engine.said] == ["hola", "adiós"]


async def test_a_failure_in_the_middle_says_the_phrase_again(
    guarded: ThreadedMouth, engine: Engine, second: Engine
) -> None:
    engine.fails["hola", 1] = VoiceError("se acabó")
    call = Call(guarded, "hola")
    assert await call.done() is None
    assert call.pieces == [pcm_of("hola", 0), pcm_of("hola", 0), pcm_of("hola", 1)]
    assert len(second.said) == 1


async def test_an_engine_that_breaks_its_promise_does_not_take_the_thread_along(
    guarded: ThreadedMouth, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    engine.fails["hola", 0] = RuntimeError("sorpresa")
    assert await Call(guarded, "hola").done() is None
    assert await Call(guarded, "adiós").done() is None
    assert [text for text, _ in engine.said] == ["hola", "adiós"]
    assert "in a way it should not" in caplog.text


async def test_a_hanging_engine_is_replaced_and_given_nothing_until_it_is_back(
    guarded: ThreadedMouth, engine: Engine, second: Engine, clock: ManualClock
) -> None:
    at_first, gate = engine.hold("hola")
    call = Call(guarded, "hola")
    await reached(at_first)
    clock.advance(FIRST_PIECE_MS - 1)
    assert second.said == []
    clock.advance(1)
    assert await call.done() is None
    assert b"".join(call.pieces) == pcm_of("hola", 0) + pcm_of("hola", 1)
    assert await Call(guarded, "adiós").done() is None
    assert [text for text, _ in engine.said] == ["hola"]
    assert [text for text, _ in second.said] == ["hola", "adiós"]
    # back: the first engine drops what nobody waits for and speaks again
    at_last, last_gate = engine.hold("señal")
    guarded.prepare([("señal", "es")])
    gate.set()
    await reached(at_last)
    last_gate.set()
    assert call.results == [None]
    assert engine.closed == ["hola"]
    assert await Call(guarded, "otra vez").done() is None
    assert engine.said[-1][0] == "otra vez"


async def test_an_engine_that_hangs_in_the_middle_is_replaced_too(
    guarded: ThreadedMouth, engine: Engine, clock: ManualClock
) -> None:
    at_second, _ = engine.hold("hola", 1)
    call = Call(guarded, "hola")
    await reached(at_second)
    await call.until(lambda: call.pieces)
    clock.advance(FIRST_PIECE_MS)
    assert not call.results, "there was a piece since it was asked"
    clock.advance(FIRST_PIECE_MS)
    assert await call.done() is None
    assert call.pieces == [pcm_of("hola", 0), pcm_of("hola", 0), pcm_of("hola", 1)]


async def test_two_hanging_engines_end_in_an_error_that_says_what_to_do(
    guarded: ThreadedMouth, engine: Engine, second: Engine, clock: ManualClock
) -> None:
    at_first, _ = engine.hold("hola")
    at_second, _ = second.hold("hola")
    call = Call(guarded, "hola")
    await reached(at_first)
    clock.advance(FIRST_PIECE_MS)
    await reached(at_second)
    clock.advance(FIRST_PIECE_MS)
    error = await call.done()
    assert isinstance(error, VoiceError)
    assert "second gave no audio" in str(error)
    assert "voice doctor" in str(error)
    assert call.pieces == []
    assert len(call.results) == 1
    assert clock.next_due() is None


async def test_cancel_while_the_engine_hangs(
    guarded: ThreadedMouth, engine: Engine, second: Engine, clock: ManualClock
) -> None:
    at_first, _ = engine.hold("hola")
    call = Call(guarded, "hola")
    await reached(at_first)
    call.speaking.cancel()
    other = Call(guarded, "adiós")  # waits behind the hanging one, then goes to the second engine
    clock.advance(FIRST_PIECE_MS)
    assert await other.done() is None
    assert not call.pieces
    assert not call.results
    assert [text for text, _ in second.said] == ["adiós"]
    assert clock.next_due() is None


async def test_nothing_is_spoken_after_close(mouth: ThreadedMouth, engine: Engine) -> None:
    await Call(mouth, "hola").done()
    mouth.close()
    mouth.close()
    late = Call(mouth, "tarde")
    assert isinstance(late.results[0], VoiceError)
    assert Call(mouth, "hola").results == [None], "memory still speaks"


def test_a_loop_that_ended_in_the_middle_leaves_the_thread_alive(engine: Engine, cache: PromptCache) -> None:
    mouth = ThreadedMouth(engine, cache, VOICES)
    at_second, gate = engine.hold("hola", 1)

    async def hang_up() -> None:
        Call(mouth, "hola")
        await reached(at_second)

    async def next_call() -> EngineError | None:
        return await Call(mouth, "adiós").done()

    asyncio.run(hang_up())
    gate.set()
    assert asyncio.run(next_call()) is None
    mouth.close()


async def test_fifty_calls_at_once_with_a_real_engine() -> None:
    mouth = ThreadedMouth(EspeakSynthesizer(), PromptCache(None), {"es": Voice("es"), "en": Voice("en")})
    calls = [Call(mouth, f"Llamada número {number % 10}.", "es") for number in range(50)]
    for call in calls[40:]:
        call.speaking.cancel()
    for call in calls[:40]:
        assert await call.done() is None
    by_text = [b"".join(call.pieces) for call in calls[:40]]
    assert all(pcm == by_text[number % 10] for number, pcm in enumerate(by_text))
    assert len(set(by_text)) == 10
    assert all(not call.pieces for call in calls[40:])
    mouth.close()


# --- inline ---------------------------------------------------------------------------------------------


def gather(mouth: Mouth, text: str, lang: str = "es") -> tuple[bytes, list[EngineError | None]]:
    pieces: list[bytes] = []
    results: list[EngineError | None] = []
    mouth.speak(text, lang, pieces.append, results.append).cancel()
    return b"".join(pieces), results


def test_inline_is_done_when_speak_returns(engine: Engine, cache: PromptCache) -> None:
    mouth = InlineMouth(engine, cache, VOICES)
    expected = (pcm_of("hola", 0) + pcm_of("hola", 1), [None])
    assert gather(mouth, "hola") == gather(mouth, "hola") == expected
    assert len(engine.said) == 1
    mouth.close()


def test_inline_falls_to_the_second_engine_then_to_an_error(
    engine: Engine, second: Engine, cache: PromptCache, caplog: pytest.LogCaptureFixture
) -> None:
    engine.fails["hola", 1] = VoiceError("uno")
    mouth = InlineMouth(engine, cache, VOICES, second)
    assert gather(mouth, "hola")[1] == [None]
    second.fails["adiós", 0] = engine.fails["adiós", 0] = VoiceError("dos")
    pcm, results = gather(mouth, "adiós")
    assert pcm == b""
    assert [str(error) for error in results] == ["dos"]
    assert "hola" not in caplog.text, "what is said to a caller is not logged"


def test_inline_prepares_by_phrase_and_survives_failures(
    engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    mouth = InlineMouth(engine, PromptCache(tmp_path), VOICES)
    engine.fails["mal hecho", 0] = VoiceError("no puede")
    with caplog.at_level(logging.WARNING):
        mouth.prepare([("mal hecho", "es"), ("Gracias por llamar. Dígame qué necesita.", "es")])
    assert "no puede" in caplog.text
    assert len(list(tmp_path.iterdir())) == 2


def test_both_mouths_say_the_same(cache: PromptCache) -> None:
    text = "Su pedido llega mañana."
    voices = {"es": Voice("es")}
    inline, _ = gather(InlineMouth(EspeakSynthesizer(), PromptCache(None), voices), text)

    async def threaded() -> bytes:
        mouth = ThreadedMouth(EspeakSynthesizer(), PromptCache(None), voices)
        call = Call(mouth, text)
        await call.done()
        mouth.close()
        return b"".join(call.pieces)

    assert asyncio.run(threaded()) == inline


# --- tones ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "ms"),
    [("answer:1000", 1000), ("answer:20", 20), ("answer:0", 0), ("answer:x", 700), ("hola", 700)],
)
def test_tones_last_as_long_as_asked(text: str, ms: int) -> None:
    mouth = ToneMouth(700)
    mouth.prepare([(text, "es")])
    pcm, results = gather(mouth, text)
    assert len(pcm) == ms * 16
    assert results == [None]
    mouth.close()


def test_tones_are_as_loud_as_speech_and_the_same_object_each_time() -> None:
    first: list[bytes] = []
    for _ in range(2):
        ToneMouth().speak("answer:500", "es", first.append, lambda _: None)
    assert first[0] is first[1]
    audio = np.frombuffer(first[0], "<i2").astype(float)
    assert -21 < 20 * np.log10(np.sqrt((audio**2).mean()) / 32768) < -19


def test_fakes_fit_the_seam(engine: Engine) -> None:
    synthesizer: Synthesizer = engine
    assert synthesizer.voices("es")
