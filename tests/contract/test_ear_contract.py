"""What every ear must do, wherever its engine runs: each implementation passes this suite."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest
from aiohttp import web

from voice.errors import EngineError
from voice.model import LANGUAGES, Transcript
from voice.speech.ears import InlineEar, ThreadedEar
from voice.speech.espeak import EspeakSynthesizer
from voice.speech.failover import Engine, FailoverEar
from voice.speech.seam import Ear, Grammar, Voice
from voice.speech.vosk_engine import VoskRecognizer
from voice.speech.vosk_server import Server, VoskServerEar
from voice.speech.vosk_service import VoskService

PHRASES = {"es": ("sí", "no", "hablar con un agente"), "en": ("yes", "no", "talk to an agent")}
PATIENT_MS = 20_000  # the machine that runs the tests may be busy


@pytest.fixture(scope="module")
def recognizer(tmp_path_factory: pytest.TempPathFactory) -> VoskRecognizer:
    return VoskRecognizer(cache=tmp_path_factory.mktemp("vocabulary"))


@pytest.fixture(scope="module")
def speech() -> Callable[[str, str], bytes]:
    """``speech(text, lang)`` -> PCM, with silence around it."""
    synthesizer = EspeakSynthesizer()
    quiet = bytes(300 * 16)
    return lambda text, lang: quiet + b"".join(synthesizer.stream(text, Voice(lang))) + quiet


async def server_ear(recognizer: VoskRecognizer, stack: AsyncExitStack, lang: str) -> Ear:
    service = VoskService(recognizer, lang=lang)
    runner = web.AppRunner(service.app())
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stack.push_async_callback(service.stop, 0)
    host, port = runner.addresses[0][:2]
    ear = VoskServerEar(Server(f"ws://{host}:{port}/{lang}", connect_ms=PATIENT_MS, answer_ms=PATIENT_MS))
    stack.callback(ear.close)
    return ear


async def with_failover(recognizer: VoskRecognizer, stack: AsyncExitStack, lang: str) -> Ear:
    both = frozenset(LANGUAGES)
    gone = VoskServerEar(Server("ws://127.0.0.1:1", connect_ms=PATIENT_MS))  # nobody listens there
    ear = FailoverEar([Engine("gone", gone, both), Engine("local", ThreadedEar(recognizer), both)])
    stack.callback(ear.close)
    return ear


async def threaded(recognizer: VoskRecognizer, stack: AsyncExitStack, lang: str) -> Ear:
    ear = ThreadedEar(recognizer, time_limit_ms=PATIENT_MS)
    stack.callback(ear.close)
    return ear


async def inline(recognizer: VoskRecognizer, stack: AsyncExitStack, lang: str) -> Ear:
    return InlineEar(recognizer)


IMPLEMENTATIONS = {
    "inline": inline,
    "threads": threaded,
    "vosk-server": server_ear,
    "failover": with_failover,
}


@pytest.fixture(params=[(name, lang) for name in IMPLEMENTATIONS for lang in LANGUAGES], ids="-".join)
async def line(request: pytest.FixtureRequest, recognizer: VoskRecognizer) -> AsyncIterator[tuple[Ear, str]]:
    name, lang = request.param
    async with AsyncExitStack() as stack:
        yield await IMPLEMENTATIONS[name](recognizer, stack, lang), lang


class Heard:
    """What one utterance gave; errors that end it are none of these engines'."""

    def __init__(self) -> None:
        self.partials: list[str] = []
        self.finals: list[Transcript] = []
        self.errors: list[EngineError] = []
        self.over = asyncio.Event()

    def result(self, transcript: Transcript) -> None:
        if transcript.final:
            self.finals.append(transcript)
            self.over.set()
        else:
            assert not self.finals
            self.partials.append(transcript.text)

    async def final(self) -> Transcript:
        async with asyncio.timeout(60):
            await self.over.wait()
        return self.finals[0]


async def test_a_phrase_is_heard_with_its_words_and_times(
    line: tuple[Ear, str], speech: Callable[[str, str], bytes]
) -> None:
    ear, lang = line
    said, heard = PHRASES[lang][2], Heard()
    pcm = speech(said, lang)
    stream = ear.open(Grammar(lang, PHRASES[lang]), heard.result, heard.errors.append)
    for start in range(0, len(pcm), 320):
        stream.feed(pcm[start : start + 320])
        assert 0 <= stream.behind_ms <= len(pcm) // 16
    stream.finish()
    final = await heard.final()
    assert final.text == said
    assert [word.text for word in final.words] == said.split()
    assert all(0 <= word.start_ms <= word.end_ms <= len(pcm) // 16 + 100 for word in final.words)
    assert final.lang == lang
    assert len(heard.finals) == 1


async def test_utterances_at_the_same_time_do_not_mix(
    line: tuple[Ear, str], speech: Callable[[str, str], bytes]
) -> None:
    ear, lang = line
    grammar = Grammar(lang, PHRASES[lang])
    said = [PHRASES[lang][n % 3] for n in range(6)]
    several = [Heard() for _ in said]
    streams = [ear.open(grammar, heard.result, heard.errors.append) for heard in several]
    audio = [speech(text, lang) for text in said]
    for start in range(0, max(map(len, audio)), 320):
        for stream, pcm in zip(streams, audio, strict=True):
            if start < len(pcm):
                stream.feed(pcm[start : start + 320])
    for stream in streams:
        stream.finish()
    assert [(await heard.final()).text for heard in several] == said


async def test_silence_has_no_words(line: tuple[Ear, str]) -> None:
    ear, lang = line
    heard = Heard()
    stream = ear.open(Grammar(lang, PHRASES[lang]), heard.result, heard.errors.append)
    stream.feed(bytes(16_000))
    stream.finish()
    stream.finish()
    assert (await heard.final()).text == ""
    stream.cancel()
    assert len(heard.finals) == 1


async def test_what_is_cancelled_is_heard_of_no_more(line: tuple[Ear, str]) -> None:
    ear, lang = line
    dropped, after = Heard(), Heard()
    stream = ear.open(Grammar(lang, PHRASES[lang]), dropped.result, dropped.errors.append)
    stream.feed(bytes(3200))
    stream.cancel()
    stream.feed(bytes(3200))
    stream.finish()
    stream.cancel()
    said_before = len(dropped.errors)
    other = ear.open(Grammar(lang), after.result, after.errors.append)
    other.finish()
    await after.final()
    assert (dropped.finals, len(dropped.errors)) == ([], said_before)
