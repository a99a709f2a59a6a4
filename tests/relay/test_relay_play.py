"""Recordings that an external application has us play."""

from __future__ import annotations

import asyncio
import gc
import gzip
import io
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.call.conftest import line, speech  # noqa: F401 (fixtures)
from tests.call.line_under_test import LineUnderTest
from tests.relay.relay_flow import business
from tests.relay.test_relay_dialogue import Talk
from tests.relay.test_relay_sockets import Application, lend, said, serve, to_the_application, until
from voice import events as ev
from voice.dialogue.loader import Business
from voice.dialogue.seam import Listen, RelaySend, Say
from voice.errors import FlowError, WireError
from voice.model import BargeIn, Ended, Prompt, Utterance
from voice.relay import messages, recordings
from voice.relay.dialogue import MOST_RECORDINGS
from voice.relay.recordings import MOST_IMPOSED_MS, MOST_MS, RecordingError, Recordings, decoded, looped

OWN = "https://adviser.example.com/"
ELSEWHERE = "https://media.example.net/sounds/"


@pytest.fixture(scope="module")
def lent(tmp_path_factory: pytest.TempPathFactory) -> Business:
    return business(tmp_path_factory.mktemp("lent"), more=f"play_from: ['{ELSEWHERE}']")


def tone(seconds: float = 1.0, rate: int = 16_000, channels: int = 2, form: str = "WAV") -> bytes:
    wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate)
    file = io.BytesIO()
    soundfile.write(file, np.repeat(wave[:, None], channels, axis=1), rate, format=form)
    return file.getvalue()


# --- what may be asked for ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "may"),
    [
        (OWN + "hold.mp3", True),
        (ELSEWHERE + "hold.mp3?size=1", True),
        ("http://adviser.example.com/hold.mp3", False),  # not the same scheme
        ("https://adviser.example.com:8443/hold.mp3", False),
        ("https://media.example.net/private/hold.mp3", False),
        (ELSEWHERE + "../private/hold.mp3", False),
        (ELSEWHERE + "%2e%2E/private/hold.mp3", False),
        ("https://adviser.example.com@127.0.0.1/hold.mp3", False),
        ("https://adviser.example.com\\@127.0.0.1/hold.mp3", False),
        ("https://169.254.169.254/latest/meta-data", False),
        ("file:///etc/passwd", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_only_what_the_flow_allows_is_fetched(source: str, may: bool) -> None:
    assert messages.may_play(source, "wss://adviser.example.com/relay", (ELSEWHERE,)) is may


@pytest.mark.parametrize(
    "body",
    [
        '{"type": "play"}',
        '{"type": "play", "source": 7}',
        '{"type": "play", "source": "https://a/ñ.wav"}',
        '{"type": "play", "source": "https://a/b.wav", "loop": -1}',
        '{"type": "play", "source": "https://a/b.wav", "loop": "twice"}',
        '{"type": "play", "source": "https://a/b.wav", "loop": true}',
        '{"type": "play", "source": "https://a/' + "b" * 1000 + '"}',
    ],
)
def test_what_cannot_be_played_is_an_error(body: str) -> None:
    with pytest.raises(WireError):
        messages.read(body)


def played(talk: Talk) -> list[Prompt]:
    return [prompt for prompt in talk.said if prompt.source]


@pytest.mark.parametrize("lang", ["es", "en"])
def test_a_recording_stands_between_what_is_said(lent: Business, lang: str) -> None:
    talk = Talk(lent, lang).to_the_application()
    talk.app(type="text", token="Un momento", last=False)
    talk.app(type="play", source=OWN + "a/hold.mp3", loop=2)
    assert [prompt.text for prompt in talk.said[-2:]] == ["Un momento", "[hold.mp3]"]
    (prompt,) = played(talk)
    assert (prompt.source, prompt.loop, prompt.barge_in) == (OWN + "a/hold.mp3", 2, BargeIn.ANY)
    assert isinstance(talk.batch[-1], Listen)
    talk.app(type="text", token="Ya está.", last=True)
    assert not talk.one(Say).instead, "what was not to give way is played to its end"


def test_what_gives_way_is_cut_for_what_comes_next(lent: Business) -> None:
    talk = Talk(lent).to_the_application()
    talk.app(type="play", source=OWN + "hold.mp3", loop=0, preemptible=True)
    talk.app(type="text", token="Ya está.", last=True)
    assert talk.one(Say).instead
    talk.app(type="text", token="Otra cosa.", last=True)
    assert not talk.one(Say).instead
    talk.app(type="play", source=OWN + "hold.mp3", preemptible=True)
    talk.app(type="end")
    assert next(action for action in talk.batch if isinstance(action, Say)) == Say((), instead=True)


@pytest.mark.parametrize("lang", ["es", "en"])
def test_the_application_learns_of_a_recording_that_was_interrupted(lent: Business, lang: str) -> None:
    words = {"es": "espere", "en": "hold on"}[lang]
    talk = Talk(lent, lang).to_the_application()
    talk.app(type="play", source=OWN + "hold.mp3")
    talk.says(words, Utterance("[hold.mp3]", "", 700, Ended.CUT))
    assert [one["type"] for one in talk.sent[-2:]] == ["interrupt", "prompt"]
    assert talk.sent[-2] == messages.interrupt("", 700)
    talk.app(type="play", source=OWN + "hold.mp3", preemptible=True)
    talk.app(type="text", token="Ya.", last=True)
    talk.says(words, Utterance("[hold.mp3]", "", 700, Ended.CUT), Utterance("Ya.", "Ya.", 300, Ended.FULL))
    assert [one["type"] for one in talk.sent[-2:]] == ["prompt", "prompt"], "it gave way"


def test_other_addresses_are_refused_and_the_talk_goes_on(lent: Business) -> None:
    talk = Talk(lent).to_the_application()
    talk.app(type="play", source="http://127.0.0.1:8080/admin")
    refusal = talk.one(RelaySend).message
    assert refusal["type"] == "error"
    assert "play_from" in refusal["description"]
    assert "127.0.0.1" not in refusal["description"]
    assert not played(talk)
    talk.app(type="text", token="Hola.", last=True)
    assert talk.words() == ["Hola."]


def test_a_person_is_never_far_away(lent: Business) -> None:
    talk = Talk(lent).to_the_application()
    for _ in range(3):
        talk.app(type="play", source=OWN + "terms.wav", interruptible=False)
    assert [prompt.barge_in for prompt in played(talk)] == [BargeIn.NONE, BargeIn.ANY, BargeIn.ANY]


@pytest.mark.parametrize("begin", ["https://media.example.net", "ftp://a/", "https://u:p@a.example/b/"])
def test_the_author_is_told_how_addresses_begin(tmp_path: Path, begin: str) -> None:
    with pytest.raises(FlowError, match="at least to the / behind the host"):
        business(tmp_path, more=f"play_from: ['{begin}']")


def test_recordings_of_one_answer_have_an_end(lent: Business) -> None:
    talk = Talk(lent).to_the_application()
    for _ in range(MOST_RECORDINGS + 1):
        talk.app(type="play", source=OWN + "hold.mp3")
    assert talk.one(RelaySend).message["type"] == "error"
    assert len(played(talk)) == MOST_RECORDINGS


# --- what is played -------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["WAV", "FLAC", "OGG", "MP3"])
def test_usual_files_become_telephone_audio(form: str) -> None:
    pcm = np.frombuffer(decoded(tone(1.0, form=form)), dtype="<i2").astype(float)
    assert abs(len(pcm) - 8000) < 800  # MP3 pads
    middle = np.abs(np.fft.rfft(pcm[2000:6000]))
    assert abs(int(middle.argmax()) * 2 - 440) <= 4, "4000 samples: 2 Hz a bin"


@pytest.mark.parametrize("data", [b"", b"<html>not found</html>", tone()[:20], bytes(1000)])
def test_what_is_no_audio_is_told(data: bytes) -> None:
    with pytest.raises(RecordingError, match="no audio file"):
        decoded(data)


@pytest.mark.parametrize(("channels", "rate"), [(8, 16_000), (1, 300_000)])
def test_what_grows_when_it_is_unpacked_is_refused(channels: int, rate: int) -> None:
    with pytest.raises(RecordingError, match="cannot be played"):
        decoded(tone(0.1, rate, channels))


def test_a_long_file_is_cut() -> None:
    assert len(decoded(tone(MOST_MS / 1000 + 2, 4_000, 1, "FLAC"))) == 16 * MOST_MS


def test_recordings_have_an_end() -> None:
    second = bytes(16_000)
    assert looped(second, 3, MOST_MS) == second * 3
    assert len(looped(second, 0, MOST_MS)) == 16 * MOST_MS
    assert len(looped(second, 1000, MOST_IMPOSED_MS)) == 16 * MOST_IMPOSED_MS
    assert looped(b"", 0, MOST_MS) == b""


class Files:
    """A server of recordings, and of what is none."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.arrived, self.patience = asyncio.Event(), asyncio.Event()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        self.asked.append(name)
        if name == "moved.wav":
            raise web.HTTPFound("/tone.wav")
        if name == "slow.wav":
            self.arrived.set()
            await self.patience.wait()
        if name == "large.wav":
            return web.Response(body=bytes(recordings.MOST_BYTES + 1))
        if name == "packed.wav":  # a megabyte of nothing for each kilobyte
            packed = gzip.compress(bytes(2**24))
            return web.Response(body=packed, headers={"Content-Encoding": "gzip"})
        if name == "page.html":
            return web.Response(text="<html>")
        if name not in ("tone.wav", "own.wav"):
            raise web.HTTPNotFound
        headers = {"Cache-Control": "private, max-age=60"} if name == "own.wav" else {}
        return web.Response(body=tone(), headers=headers)


@pytest.fixture
async def files() -> AsyncIterator[tuple[Files, str]]:
    served, app = Files(), web.Application()
    app.router.add_get("/{name}", served.handle)
    async with TestServer(app) as server:
        yield served, str(server.make_url("/"))


async def heard(player: Recordings, source: str) -> bytes:
    """What a call gets of a recording; waits for its end."""
    got, over = bytearray(), asyncio.Event()
    player.play(source, 1, imposed=False, on_audio=got.extend, on_done=lambda error: over.set())
    async with asyncio.timeout(20):
        await over.wait()
    return bytes(got)


async def test_one_fetch_is_enough_for_all_calls(files: tuple[Files, str]) -> None:
    served, url = files
    player = Recordings()
    both = await asyncio.gather(heard(player, url + "tone.wav"), heard(player, url + "tone.wav"))
    assert [len(one) for one in (*both, await heard(player, url + "tone.wav"))] == [16_000] * 3
    assert served.asked == ["tone.wav"]
    await player.close()


async def test_what_is_of_one_call_is_not_kept_for_others(files: tuple[Files, str]) -> None:
    served, url = files
    player = Recordings()
    for _ in range(2):
        assert len(await heard(player, url + "own.wav")) == 16_000
    assert served.asked == ["own.wav"] * 2
    await player.close()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("moved.wav", "302"),
        ("gone.wav", "404"),
        ("large.wav", "4 MiB"),
        ("page.html", "no audio file"),
        ("packed.wav", "no audio file"),
        ("slow.wav", "did not come"),
    ],
)
async def test_what_cannot_be_played_is_left_out(
    files: tuple[Files, str],
    name: str,
    why: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(recordings, "FETCH_SECONDS", 0.2 if name == "slow.wav" else 20)
    served, url = files
    player = Recordings()
    with caplog.at_level(logging.WARNING):
        assert await heard(player, url + name) == b""
    assert why in caplog.text
    assert name not in caplog.text, "an address may hold who is calling"
    assert served.asked == [name]
    served.patience.set()
    await player.close()


async def test_a_call_that_ends_leaves_nothing_behind(
    files: tuple[Files, str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(recordings, "FETCH_SECONDS", 0.2)
    served, url = files
    player, before = Recordings(), asyncio.all_tasks()
    got: list[object] = []
    playing = player.play(url + "slow.wav", 1, imposed=False, on_audio=got.append, on_done=got.append)
    async with asyncio.timeout(20):
        await served.arrived.wait()
        playing.cancel()
        fetches = [task for task in asyncio.all_tasks() - before if "_fetched" in str(task.get_coro())]
        await asyncio.wait(fetches)
    await asyncio.sleep(0)
    del fetches
    gc.collect()
    assert (caplog.text, got) == ("", [])
    served.patience.set()
    await player.close()


async def test_a_server_that_is_not_there_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    player = Recordings()
    assert await heard(player, "http://127.0.0.1:1/tone.wav") == b""
    assert "cannot be fetched" in caplog.text
    await player.close()


class Plays(Application):
    async def answer(self, ws: web.WebSocketResponse, body: dict[str, Any]) -> None:
        if body["type"] == "setup":
            await ws.send_json({"type": "text", "token": "Escuche.", "last": True})
            await ws.send_json({"type": "play", "source": self.source})

    source = ""


async def test_the_caller_hears_it(
    line: LineUnderTest,  # noqa: F811
    files: tuple[Files, str],
    tmp_path: Path,
) -> None:
    served, url = files
    async with AsyncExitStack() as stack:
        application = Plays()
        application.source = url + "tone.wav"
        lend(line, tmp_path, await serve(stack, application.handle), f"play_from: ['{url}']")
        player = Recordings()
        stack.push_async_callback(player.close)
        line.services = replace(line.services, player=player)
        phone = await to_the_application(line)
        await until(phone, lambda: any(e.heard == "[tone.wav]" for e in phone.log(ev.BotHeard)))
        assert said(phone)[-2:] == ["Escuche.", "[tone.wav]"]
        assert phone.log(ev.BotHeard)[-1].heard_ms >= 900
        assert served.asked == ["tone.wav"]
        await phone.hang_up()
        await application.closed.wait()
