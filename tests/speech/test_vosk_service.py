"""Our recognizer as a vosk-server: the original's protocol with real Vosk, and clients that misbehave."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from voice.errors import EngineError
from voice.model import Transcript
from voice.speech.builtin import base_words
from voice.speech.dialects import MAX_DIALECTS, MAX_OF_A_CLIENT, Dialects
from voice.speech.seam import Grammar
from voice.speech.user_lexicon import Entries
from voice.speech.vosk_config import BadRequest, Config
from voice.speech.vosk_engine import VoskRecognizer
from voice.speech.vosk_server import Server, VoskServerEar, VoskServerRecognizer
from voice.speech.vosk_service import (
    LEARN_WINDOW_SECONDS,
    MAX_NEW_WORDS,
    Allowance,
    Limits,
    VoskService,
)

Speech = Callable[[str, str], bytes]
END = '{"eof" : 1}'


@pytest.fixture(scope="module")
def recognizer(tmp_path_factory: pytest.TempPathFactory) -> VoskRecognizer:
    return VoskRecognizer(cache=tmp_path_factory.mktemp("vocabulary"))


@asynccontextmanager
async def serving(
    recognizer: VoskRecognizer, *, token: str = "", **limits: Any
) -> AsyncIterator[tuple[VoskService, str]]:
    service = VoskService(recognizer, lang="es", token=token, limits=Limits(**limits))
    server = TestServer(service.app())
    await server.start_server()
    try:
        yield service, f"ws://127.0.0.1:{server.port}"
    finally:
        await service.stop(0)
        await server.close()


async def exchange(url: str, config: dict[str, Any] | None, pcm: bytes, step: int = 1600) -> list[Any]:
    """All answers to one utterance, as the original's own test client reads them: one a message."""
    answers = []
    async with connect(url) as ws:
        if config is not None:
            await ws.send(json.dumps({"config": config}))
        for start in range(0, len(pcm), step):
            await ws.send(pcm[start : start + step])
            answers.append(json.loads(await ws.recv()))
        await ws.send(END)
        answers.append(json.loads(await ws.recv()))
        with pytest.raises(ConnectionClosed) as closed:
            await ws.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1000
    return answers


async def closed_with(ws: ClientConnection) -> tuple[int, str]:
    async with asyncio.timeout(20):
        await ws.wait_closed()
    assert ws.close_code is not None
    return ws.close_code, ws.close_reason or ""


async def test_it_answers_as_the_original_does(recognizer: VoskRecognizer, speech: Speech) -> None:
    pcm = speech("hablar con un agente", "es")
    async with serving(recognizer) as (_, url):
        answers = await exchange(
            url, {"sample_rate": 8000, "phrase_list": ["hablar con un agente", "[unk]"], "words": True}, pcm
        )
    assert all(set(answer) == {"partial"} or "text" in answer for answer in answers[:-1])
    last = answers[-1]
    assert last["text"] == "hablar con un agente"
    assert [item["word"] for item in last["result"]] == last["text"].split()
    assert set(last["result"][0]) == {"word", "start", "end", "conf"}


async def test_without_a_configuration_it_hears_in_its_default_language(
    recognizer: VoskRecognizer, speech: Speech
) -> None:
    async with serving(recognizer) as (_, url):
        answers = await exchange(url, None, speech("sí", "es"))
        assert "result" in answers[-1]


async def test_the_address_chooses_the_language_and_words_are_learned(
    recognizer: VoskRecognizer, speech: Speech
) -> None:
    word = "rhododendron"
    assert word not in base_words("en")
    async with serving(recognizer) as (_, url):
        answers = await exchange(
            f"{url}/en", {"phrase_list": [word, "[unk]"], "words": False}, speech(word, "en")
        )
    assert answers[-1] == {"text": word}


async def test_wideband_audio_and_alternatives(recognizer: VoskRecognizer, speech: Speech) -> None:
    import audioop

    pcm, _ = audioop.ratecv(speech("yes", "en"), 2, 1, 8000, 16000, None)
    config = {"sample_rate": 16000.0, "phrase_list": ["yes", "no"], "max_alternatives": 2}
    async with serving(recognizer) as (_, url):
        answers = await exchange(f"{url}/en", config, pcm, step=6400)
    assert answers[-1]["alternatives"][0]["text"] == "yes"


async def test_our_own_client_hears_through_it_what_the_engine_hears(
    recognizer: VoskRecognizer, speech: Speech
) -> None:
    pcm = speech("four seven one one", "en")
    grammar = Grammar("en", ("yes", "no"), digits=True)
    local = recognizer.open(grammar)
    for start in range(0, len(pcm), 1600):
        local.feed(pcm[start : start + 1600])
    done: asyncio.Future[Transcript | EngineError] = asyncio.get_running_loop().create_future()
    async with serving(recognizer) as (_, url):
        ear = VoskServerEar(Server(f"{url}/en", connect_ms=20_000, answer_ms=20_000))
        stream = ear.open(
            grammar, lambda t: done.set_result(t) if t.final else None, lambda error: done.set_result(error)
        )
        for start in range(0, len(pcm), 320):
            stream.feed(pcm[start : start + 320])
        stream.finish()
        heard = await done
    assert heard == local.finish()
    assert isinstance(heard, Transcript)
    assert len(heard.words) >= 3


async def test_our_own_client_teaches_a_flows_words(
    recognizer: VoskRecognizer, speech: Speech, tmp_path: Path
) -> None:
    phrases = ("bougainvillea", "talk to an agent")
    assert recognizer.unknown("en", phrases)
    async with serving(recognizer) as (_, url):
        far = VoskServerRecognizer({"en": Server(f"{url}/en", connect_ms=20_000, answer_ms=20_000)})

        def hear() -> Transcript:
            stream = far.open(Grammar("en", phrases))
            try:
                stream.feed(speech("talk to an agent", "en"))
                return stream.finish()
            finally:
                stream.close()

        heard = await asyncio.to_thread(hear)
    assert not recognizer.unknown("en", phrases)
    assert heard.text == "talk to an agent"


NYXO: Entries = {"nyxo": (("N", "IH", "K", "S", "OW"), ("N", "IH", "K", "S", "OW", "OW"))}


async def test_our_own_client_brings_pronunciations_that_no_other_client_gets(
    recognizer: VoskRecognizer, speech: Speech, tmp_path: Path
) -> None:
    phrases = ("the nyxo phone", "pay my bill")
    local = VoskRecognizer(cache=tmp_path, languages=("en",))
    local.pronounce("en", NYXO)
    local.prepare("en", phrases)

    def hear(engine: VoskRecognizer | VoskServerRecognizer) -> Transcript:
        stream = engine.open(Grammar("en", phrases))
        try:
            stream.feed(speech("the nicks oh phone", "en"))
            return stream.finish()
        finally:
            stream.close()

    async with serving(recognizer) as (service, url):
        far = VoskServerRecognizer({"en": Server(f"{url}/en", connect_ms=20_000, answer_ms=20_000)})
        far.pronounce("en", NYXO)
        assert far.prepare("en", phrases) == ()
        assert await asyncio.to_thread(far.probe, "en", phrases)
        heard = await asyncio.to_thread(hear, far)
        plain = VoskServerRecognizer({"en": Server(f"{url}/en", connect_ms=20_000, answer_ms=20_000)})
        unlearned = await asyncio.to_thread(hear, plain)
        assert len(service.dialects["en"]) == 1
    assert heard == hear(local)
    assert heard.text == "the nyxo phone"
    assert unlearned != heard


def test_a_client_has_a_few_recognizers_of_its_own_and_takes_none_of_others(
    recognizer: VoskRecognizer,
) -> None:
    ways = [((f"word{number}", (("N", "OW"),)),) for number in range(MAX_DIALECTS + 2)]
    dialects = Dialects(recognizer, "en")
    assert dialects.known("me", ()) is dialects.plain
    mine = dialects.make("me", ways[0])
    assert dialects.known("me", ways[0]) is mine
    assert dialects.known("you", ways[0]) is None
    for said in ways[1 : MAX_OF_A_CLIENT + 1]:
        dialects.make("you", said)
    dialects.make("you", ways[0])
    assert dialects.known("you", ways[1]) is None
    assert dialects.known("me", ways[0]) is mine
    assert len(dialects) == MAX_OF_A_CLIENT + 1


async def test_who_spent_all_the_work_on_words_is_heard_without_new_pronunciations(
    recognizer: VoskRecognizer, speech: Speech
) -> None:
    async with serving(recognizer, learn_seconds=0) as (service, url):
        far = VoskServerRecognizer({"en": Server(f"{url}/en", connect_ms=20_000, answer_ms=20_000)})
        far.pronounce("en", NYXO)
        await asyncio.to_thread(far.probe, "en")
        assert len(service.dialects["en"]) == 0


# --- who may come in ------------------------------------------------------------------------------------


async def test_a_token_is_asked_for(recognizer: VoskRecognizer) -> None:
    async with serving(recognizer, token="right") as (_, url):
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer rightx"}):
            with pytest.raises(InvalidStatus) as refused:
                await connect(url, additional_headers=headers)
            assert refused.value.response.status_code == 401
        async with connect(url, additional_headers={"Authorization": "Bearer right"}) as ws:
            await ws.send(END)
            assert "text" in json.loads(await ws.recv())


async def test_more_than_it_can_hear_are_told_so(recognizer: VoskRecognizer) -> None:
    async with serving(recognizer, utterances=1) as (service, url), aiohttp.ClientSession() as http:
        ready = url.replace("ws:", "http:") + "/readyz"
        assert (await http.get(ready)).status == 200
        async with connect(url):
            assert service.active == 1
            assert (await http.get(ready)).status == 503
            with pytest.raises(InvalidStatus) as refused:
                await connect(url)
            assert refused.value.response.status_code == 503


async def test_a_browser_is_told_what_this_is(recognizer: VoskRecognizer) -> None:
    async with serving(recognizer) as (service, url), aiohttp.ClientSession() as http:
        answer = await http.get(url.replace("ws:", "http:"))
        assert answer.status == 426
        assert "vosk-server" in await answer.text()
        assert service.active == 0


# --- what clients may do wrong --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("eof", "JSON"),
        ("[" * 100_000, "JSON"),
        ("[]", "config or the eof"),
        ('{"hello": 1}', "config or the eof"),
        ('{"config": 7}', "object"),
        ('{"config": {"sample_rate": "8000"}}', "sample_rate"),
        ('{"config": {"sample_rate": 1e12}}', "sample_rate"),
        ('{"config": {"sample_rate": NaN}}', "sample_rate"),
        ('{"config": {"sample_rate": true}}', "sample_rate"),
        ('{"config": {"sample_rate": 8001}}', "sample_rate"),
        ('{"config": {"phrase_list": "yes"}}', "phrase_list"),
        ('{"config": {"phrase_list": [' + '"y",' * 20_000 + '"y"]}}', "more than 20000"),
        ('{"config": {"phrase_list": [7]}}', "phrase_list"),
        ('{"config": {"phrase_list": ["' + "y" * 61 + '"]}}', "longer than 60"),
        ('{"config": {"phrase_list": ["\\ud800"]}}', "Unicode"),
        ('{"config": {"grammar": 7}}', "object"),
        ('{"config": {"grammar": {"phrases": "yes"}}}', "grammar.phrases"),
        ('{"config": {"grammar": {"digits": 1}}}', "grammar.digits"),
        ('{"config": {"grammar": {}, "sample_rate": 16000}}', "sample_rate"),
        ('{"config": {"pronunciations": ["a"]}}', "object"),
        ('{"config": {"pronunciations": {"[unk]": ["a"]}}}', "not a word"),
        ('{"config": {"pronunciations": {"a b": ["a"]}}}', "not a word"),
        ('{"config": {"pronunciations": {"a": "b"}}}', "list of strings"),
        ('{"config": {"pronunciations": {"a": []}}}', "phones of 'es'"),
        ('{"config": {"pronunciations": {"a": ["a", "SIL"]}}}', "phones of 'es'"),
        ('{"config": {"pronunciations": {"a": ["' + "a " * 101 + '"]}}}', "phones of 'es'"),
        (json.dumps({"config": {"pronunciations": {f"a{n}": ["a"] for n in range(2001)}}}), "2000"),
        (json.dumps({"config": {"pronunciations": {"a": ["a " * 100] * 601}}}), "60000"),
        ('{"config": {"max_alternatives": 1000}}', "max_alternatives"),
        ('{"config": {"max_alternatives": true}}', "max_alternatives"),
    ],
)
async def test_a_message_it_cannot_use_ends_the_utterance_with_the_reason(
    recognizer: VoskRecognizer, message: str, says: str
) -> None:
    async with serving(recognizer) as (_, url), connect(url) as ws:
        await ws.send(message)
        code, reason = await closed_with(ws)
        assert code == 1003
        assert says in reason


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "sample_rate",
                    "phrase_list",
                    "words",
                    "max_alternatives",
                    "grammar",
                    "pronunciations",
                    "phrases",
                    "digits",
                    "x",
                ]
            ),
            inner,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(json_values)
def test_whatever_is_asked_for_is_a_configuration_or_a_reason(asked: Any) -> None:
    try:
        config = Config().updated(asked, "en")
    except BadRequest as error:
        reason = str(error)
        config = Config()
    else:
        reason = ""
    assert len(reason) < 120  # the reason of a close has 123 bytes
    assert 8000 <= config.rate <= 48_000
    assert all("<" not in phrase for phrase in config.phrases)
    assert config.grammar is None or config.grammar.lang == "en"


async def test_a_message_that_is_too_big_ends_it(recognizer: VoskRecognizer) -> None:
    async with serving(recognizer) as (_, url), connect(url) as ws:
        await ws.send(bytes((1 << 20) + 1))
        assert (await closed_with(ws))[0] == 1009


async def test_an_endless_utterance_ends(recognizer: VoskRecognizer) -> None:
    async with serving(recognizer, seconds=1) as (_, url), connect(url) as ws:
        await ws.send(bytes(16_000))
        await ws.recv()
        await ws.send(bytes(2))
        assert await closed_with(ws) == (1003, "an utterance may last 1 s")


async def test_a_client_that_says_nothing_is_closed(recognizer: VoskRecognizer) -> None:
    async with serving(recognizer, idle_seconds=0) as (service, url), connect(url) as ws:
        assert await closed_with(ws) == (1008, "too slow")
        assert service.active == 0


async def test_a_client_may_not_have_words_compiled_for_ever(recognizer: VoskRecognizer) -> None:
    before = recognizer.learned("en")
    async with serving(recognizer, learn_seconds=0) as (_, url):
        for config in ({"phrase_list": ["zyzzyva", "yes"]}, {"grammar": {"phrases": ["zyzzyva", "yes"]}}):
            answers = await exchange(f"{url}/en", config, bytes(3200))
            assert "text" in answers[-1]
    assert recognizer.learned("en") == before


async def test_what_a_client_spent_comes_back_with_time() -> None:
    now = [1000.0]
    allowance = Allowance(10, lambda: now[0])
    with allowance.spend():
        now[0] += 12
    assert not allowance.left
    now[0] += LEARN_WINDOW_SECONDS
    assert allowance.left


@pytest.mark.parametrize("asked", ["phrase_list", "grammar"])
async def test_where_words_cannot_be_kept_the_known_ones_are_heard(
    tmp_path: Path, speech: Speech, asked: str
) -> None:
    (tmp_path / "file").write_text("a full disk, or a folder that may not be written")
    phrases = ["yes", "no", "zyzzyva"]
    config = {"phrase_list": phrases} if asked == "phrase_list" else {"grammar": {"phrases": phrases}}
    async with serving(VoskRecognizer(cache=tmp_path / "file", languages=("en",))) as (_, url):
        answers = await exchange(f"{url}/en", config, speech("yes", "en"))
    assert answers[-1]["text"] == "yes"


@pytest.mark.parametrize("words", [3, MAX_NEW_WORDS + 1])
async def test_words_beyond_the_limit_are_not_learned_and_do_no_harm(
    recognizer: VoskRecognizer, speech: Speech, words: int
) -> None:
    before = recognizer.learned("en")
    new = [f"{chr(97 + n % 26)}q{chr(97 + n // 26 % 26)}x{chr(97 + n // 676)}" for n in range(words)]
    limit = before if words == 3 else 100_000
    async with serving(recognizer, words=limit) as (_, url):
        answers = await exchange(f"{url}/en", {"phrase_list": ["yes", "no", *new]}, speech("yes", "en"))
    assert answers[-1]["text"] == "yes"
    assert recognizer.learned("en") == before


async def test_odd_and_empty_audio_is_no_harm(recognizer: VoskRecognizer) -> None:
    async with serving(recognizer) as (_, url), connect(url) as ws:
        for pcm in (b"", b"\x01", b"\x01\x02\x03", b""):
            await ws.send(pcm)
            assert list(json.loads(await ws.recv()).values()) == [""]
        await ws.send(END)
        assert json.loads(await ws.recv())["text"] == ""


@pytest.mark.parametrize(
    ("phrases", "heard"),
    [(["yes", "<eps>"], "yes"), (["<eps>"], ""), (["yes <eps> no", "#0", "</s>"], ""), (["", " ", "\0"], "")],
)
async def test_symbols_that_are_no_words_do_not_end_the_process(
    recognizer: VoskRecognizer, speech: Speech, phrases: list[str], heard: str
) -> None:
    """Vosk 0.3.45 aborts on the first of these."""
    async with serving(recognizer) as (_, url):
        answers = await exchange(f"{url}/en", {"phrase_list": phrases}, speech("yes", "en"))
    assert answers[-1]["text"].replace("[unk]", "").strip() == heard


async def test_other_spaces_between_words_are_spaces(recognizer: VoskRecognizer, speech: Speech) -> None:
    """A label with a tab in it is a graph that Vosk cannot open."""
    grammar = {"phrases": ["yes\tplease", " no  thanks ", "yes\u00a0\u2028indeed", " "]}
    async with serving(recognizer) as (_, url):
        answers = await exchange(f"{url}/en", {"grammar": grammar}, speech("no thanks", "en"))
    assert answers[-1]["text"] == "no thanks"


async def test_a_client_that_vanishes_leaves_nothing(recognizer: VoskRecognizer) -> None:
    async with serving(recognizer) as (service, url):
        ws = await connect(url)
        await ws.send(bytes(1600))
        await ws.recv()
        ws.transport.abort()
        async with asyncio.timeout(20):
            await service.idle()
        assert service.active == 0


# --- stopping -------------------------------------------------------------------------------------------


async def test_who_is_being_heard_may_finish_and_nobody_new_comes(recognizer: VoskRecognizer) -> None:
    async with serving(recognizer) as (service, url), connect(url) as ws:
        await ws.send(bytes(1600))
        await ws.recv()
        stopping = asyncio.create_task(service.stop(20))
        await asyncio.sleep(0)  # it refuses from now on
        with pytest.raises(InvalidStatus):
            await connect(url)
        await ws.send(END)
        assert "text" in json.loads(await ws.recv())
        await stopping


async def test_who_does_not_finish_is_closed(recognizer: VoskRecognizer) -> None:
    async with serving(recognizer) as (service, url), connect(url) as ws:
        await ws.send(bytes(1600))
        await ws.recv()
        stopping = asyncio.create_task(service.stop(0))
        assert await closed_with(ws) == (1001, "stopping")
        await stopping


# --- the command ----------------------------------------------------------------------------------------


@pytest.mark.slow
async def test_the_command_serves_and_stops(tmp_path: Path, speech: Speech) -> None:
    import os
    import signal
    import sys

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "voice.cli", "recognizer", "--port", "0", "--data", str(tmp_path / "data"),
        stdout=asyncio.subprocess.PIPE, env={**os.environ, "CENTRALITA_SPEECH__SERVER_TOKEN": "t"},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            line = (await process.stdout.readline()).decode()
            url = line.split()[2].removesuffix("/es")
            async with connect(f"{url}/en", additional_headers={"Authorization": "Bearer t"}) as ws:
                await ws.send(json.dumps({"config": {"phrase_list": ["yes", "no"]}}))
                await ws.send(speech("yes", "en"))
                await ws.recv()
                await ws.send(END)
                assert json.loads(await ws.recv())["text"] == "yes"
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
