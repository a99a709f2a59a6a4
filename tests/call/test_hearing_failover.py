"""Recognition that fails in a call: the next engine hears the same utterance, at last there is the keypad."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from tests.call.line_under_test import PROMPTS, LineUnderTest, ScriptedEar, prompt
from voice import events as ev
from voice.app import build_runtime
from voice.dialogue.seam import Action, Heard, HearingFailed, Input, Keyed, Listen, Say
from voice.errors import EngineError
from voice.model import LANGUAGES, Expect, ExpectKind
from voice.settings import Settings
from voice.speech.breaker import Breaker
from voice.speech.elsewhere import LOCAL, acquaint
from voice.speech.failover import Engine, FailoverEar
from voice.speech.vosk_engine import VoskRecognizer
from voice.speech.vosk_server import Server
from voice.speech.vosk_service import VoskService


def ask(event: Input, now: int) -> list[Action]:
    return [Say((prompt("Yes?"),)), Listen(Expect(ExpectKind.INTENT, "en"))]


@pytest.fixture
def engines(line: LineUnderTest) -> tuple[ScriptedEar, ScriptedEar]:
    """The line's ear becomes a server that is about to fail, and the local engine."""
    server, local = ScriptedEar(), line.ear
    both = frozenset(LANGUAGES)
    ear = FailoverEar([Engine("server_en", server, both, Breaker()), Engine(LOCAL, local, both)], line.clock)
    line.services = replace(line.services, ear=ear)
    line.script = ask
    return server, local


def figure(line: LineUnderTest, name: str, engine: str) -> float:
    return line.services.metrics.registry.get_sample_value(name, {"engine": engine}) or 0.0


async def test_the_call_log_says_who_failed_and_who_heard(
    line: LineUnderTest, engines: tuple[ScriptedEar, ScriptedEar]
) -> None:
    server, _ = engines
    server.answers.append(EngineError("the recognition server did not answer in 1500 ms"))
    phone = line.phone()
    await phone.ring()
    await phone.audio(600)
    await phone.say("balance")  # for the local engine
    (failed,) = phone.log(ev.EngineFailed)
    assert failed.engine == "server_en"
    assert "1500 ms" in failed.why
    assert "local goes on" in failed.why
    (said,) = phone.log(ev.CallerSaid)
    assert (said.text, said.engine) == ("balance", "local")
    assert isinstance(line.dialogues[0].inputs[-1], Heard)
    assert figure(line, "voice_engine_failures_total", "server_en") == 1
    assert figure(line, "voice_utterances_total", "local") == 1


async def test_a_server_that_fails_in_mid_speech_costs_no_word(
    line: LineUnderTest, engines: tuple[ScriptedEar, ScriptedEar]
) -> None:
    server, local = engines
    local.answers.append("balance")
    phone = line.phone()
    await phone.ring()
    await phone.audio(600)
    await phone.audio(400, line.speech[:6400])
    server.fail(EngineError("broke off"))
    await phone.audio(200, line.speech[6400:9600])
    await phone.audio(600)
    assert [said.text for said in phone.log(ev.CallerSaid)] == ["balance"]
    assert len(phone.log(ev.SpeechStarted)) == 1


async def test_when_no_engine_is_left_the_keypad_is(
    line: LineUnderTest, engines: tuple[ScriptedEar, ScriptedEar]
) -> None:
    server, _ = engines
    phone = line.phone()
    await phone.ring()
    await phone.audio(600)
    for _ in range(2):
        server.answers.append(EngineError("gone"))
        await phone.say(EngineError("gone too"))
        await phone.audio(600)
    await phone.press("0")
    assert [type(i) for i in line.dialogues[0].inputs[-2:]] == [HearingFailed, Keyed]
    assert [failed.engine for failed in phone.log(ev.EngineFailed)] == ["server_en", "recognizer"] * 2


# --- a whole runtime ------------------------------------------------------------------------------------


@pytest.fixture
async def elsewhere(tmp_path: Path) -> AsyncIterator[tuple[VoskRecognizer, str]]:
    recognizer = VoskRecognizer(cache=tmp_path / "elsewhere")
    service = VoskService(recognizer, lang="en", token="right")
    server = TestServer(service.app())
    await server.start_server()
    yield recognizer, f"ws://127.0.0.1:{server.port}"
    await service.stop(0)
    await server.close()


async def test_servers_learn_a_flows_words_before_the_first_call(
    elsewhere: tuple[VoskRecognizer, str], caplog: pytest.LogCaptureFixture
) -> None:
    recognizer, url = elsewhere
    assert recognizer.unknown("en", ["rhododendron"])
    found = {"es": Server("ws://127.0.0.1:1"), "en": Server(f"{url}/en", "right")}
    await asyncio.to_thread(acquaint, found, lambda lang: ("rhododendron", "yes"))
    assert not recognizer.unknown("en", ["rhododendron"])
    assert "'es': the recognition server cannot be reached" in caplog.text
    assert "'en'" not in caplog.text


@pytest.mark.slow
async def test_a_line_asks_the_servers_that_are_set(
    elsewhere: tuple[VoskRecognizer, str],
    tmp_path: Path,
    with_vocabulary: Callable[[Path], Path],
    caplog: pytest.LogCaptureFixture,
) -> None:
    url = elsewhere[1]
    speech = {"server_es": "ws://127.0.0.1:1", "server_en": f"{url}/en", "server_token": "wrong"}
    data = with_vocabulary(tmp_path / "data")
    settings = Settings.model_validate({"data": data, "prompts": PROMPTS, "speech": speech})
    async with build_runtime(settings, store_address="sqlite://") as runtime:
        assert isinstance(runtime.services.ear, FailoverEar)
        up = runtime.services.metrics.registry.get_sample_value
        assert [up("voice_recognizer_up", {"engine": f"server_{lang}"}) for lang in LANGUAGES] == [1, 1]
    assert "check speech.server_token" in caplog.text
    assert "wrong" not in caplog.text
