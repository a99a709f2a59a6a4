"""The ear on another machine, against servers that obey, hang, close, lie, crawl and refuse."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from voice.clock import ManualClock
from voice.commands.doctor import check_recognition_servers
from voice.commands.recognizer import server_tls
from voice.commands.transcribe import configured_recognizer
from voice.errors import ConfigError, EngineError
from voice.model import Transcript
from voice.settings import load
from voice.speech.elsewhere import acquaint, teach
from voice.speech.seam import EarStream, Grammar
from voice.speech.vosk_protocol import MAX_ANSWER_BYTES
from voice.speech.vosk_server import (
    WAITING_BYTES,
    Server,
    ServerFailed,
    VoskServerEar,
    VoskServerRecognizer,
    servers,
)

FRAME = bytes(320)
GRAMMAR = Grammar("en", ("yes", "no"))
TOKEN = "a-secret-token"
Handler = Callable[[ServerConnection], Awaitable[None]]


def result(*words: str) -> str:
    items = [{"word": word, "start": 0.0, "end": 0.1, "conf": 1.0} for word in words]
    return json.dumps({"result": items, "text": " ".join(words)})


class Peer:
    """A vosk-server that answers as it should; a test replaces what it does with a message."""

    def __init__(self) -> None:
        self.received: list[str | bytes] = []
        self.requests: list[dict[str, str]] = []
        self.news = asyncio.Event()
        self.closed = asyncio.Event()
        self.on_audio: Callable[[ServerConnection], Awaitable[None]] = lambda ws: ws.send('{"partial": ""}')
        self.on_end: Callable[[ServerConnection], Awaitable[None]] = lambda ws: ws.send(result("yes"))
        self.url = ""

    async def handle(self, ws: ServerConnection) -> None:
        assert ws.request is not None
        self.requests.append(dict(ws.request.headers.raw_items()))
        try:
            async for message in ws:
                self.received.append(message)
                self.news.set()
                if isinstance(message, bytes):
                    await self.on_audio(ws)
                elif message == '{"eof" : 1}':
                    await self.on_end(ws)
                    return
        except ConnectionClosed:
            pass
        finally:
            self.closed.set()

    @property
    def audio(self) -> bytes:
        return b"".join(m for m in self.received if isinstance(m, bytes))

    async def until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not done():
                self.news.clear()
                await self.news.wait()


class Caller:
    """Keeps what came back."""

    def __init__(self) -> None:
        self.results: list[Transcript] = []
        self.errors: list[EngineError] = []
        self.news = asyncio.Event()

    def result(self, transcript: Transcript) -> None:
        self.results.append(transcript)
        self.news.set()

    def error(self, error: EngineError) -> None:
        self.errors.append(error)
        self.news.set()

    async def outcome(self) -> Transcript | EngineError:
        async with asyncio.timeout(20):
            while not self.errors and not any(r.final for r in self.results):
                self.news.clear()
                await self.news.wait()
        return self.errors[0] if self.errors else self.results[-1]


@asynccontextmanager
async def listening(peer: Peer, **options: Any) -> AsyncIterator[Peer]:
    async with serve(peer.handle, "127.0.0.1", 0, **options) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        peer.url = f"ws://127.0.0.1:{port}"
        yield peer
        server.close(close_connections=True)


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    async with listening(Peer()) as one:
        yield one


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def opened(peer: Peer, clock: ManualClock, **server: Any) -> tuple[VoskServerEar, EarStream, Caller]:
    ear = VoskServerEar(Server(peer.url, **server), clock)
    caller = Caller()
    return ear, ear.open(GRAMMAR, caller.result, caller.error), caller


def say(stream: EarStream, frames: int = 20) -> None:
    for _ in range(frames):
        stream.feed(FRAME)
    stream.finish()


async def test_an_utterance_is_sent_in_order_and_heard(peer: Peer, clock: ManualClock) -> None:
    ear, stream, caller = opened(peer, clock)
    say(stream, 23)
    heard = await caller.outcome()
    assert isinstance(heard, Transcript)
    assert heard.text == "yes"
    assert json.loads(peer.received[0])["config"]["phrase_list"] == ["yes", "no", "[unk]"]
    assert peer.audio == bytes(23 * 320)
    assert peer.received[-1] == '{"eof" : 1}'
    assert ear.open_streams == 0


async def test_audio_goes_out_in_pieces_of_100_ms_while_the_caller_talks(
    peer: Peer, clock: ManualClock
) -> None:
    _, stream, _ = opened(peer, clock)
    for frame in range(10):
        stream.feed(FRAME)
        if frame == 4:
            await peer.until(lambda: len(peer.audio) == 1600)
    await peer.until(lambda: len(peer.audio) == 3200)
    stream.cancel()


async def test_partials_come_while_the_caller_talks(peer: Peer, clock: ManualClock) -> None:
    peer.on_audio = lambda ws: ws.send('{"partial": "ye"}')
    _, stream, caller = opened(peer, clock)
    for _ in range(5):
        stream.feed(FRAME)
    await caller.news.wait()
    assert [(r.text, r.final) for r in caller.results] == [("ye", False)]
    stream.cancel()


async def test_it_knows_how_far_the_server_is_behind(peer: Peer, clock: ManualClock) -> None:
    peer.on_audio = lambda ws: asyncio.sleep(0)
    _, stream, _ = opened(peer, clock)
    for _ in range(7):
        stream.feed(FRAME)
    assert stream.behind_ms == 140
    await peer.until(lambda: bool(peer.audio))
    assert stream.behind_ms == 140
    stream.cancel()


async def test_an_utterance_without_audio_has_a_result(peer: Peer, clock: ManualClock) -> None:
    peer.on_end = lambda ws: ws.send('{"text": ""}')
    _, stream, caller = opened(peer, clock)
    stream.finish()
    heard = await caller.outcome()
    assert isinstance(heard, Transcript)
    assert heard.text == ""


# --- faults ------------------------------------------------------------------------------------------


async def hang(ws: ServerConnection) -> None:
    await ws.wait_closed()


async def close(ws: ServerConnection) -> None:
    await ws.close(1011, "the caller's secret")


async def vanish(ws: ServerConnection) -> None:
    ws.transport.abort()


async def garbage(ws: ServerConnection) -> None:
    await ws.send("<html>the caller's secret</html>")


async def huge(ws: ServerConnection) -> None:
    await ws.send('{"partial": "' + "y" * MAX_ANSWER_BYTES + '"}')


async def flood(ws: ServerConnection) -> None:
    for _ in range(9):
        await ws.send('{"partial": ""}')
    await hang(ws)


async def bad_frame(ws: ServerConnection) -> None:
    ws.transport.write(b"\xff\xff\xff\xff")
    await hang(ws)


FAULTS = [close, vanish, garbage, huge, flood, bad_frame]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("place", ["on_audio", "on_end"])
async def test_a_server_that_misbehaves_is_an_error_at_once(
    peer: Peer, clock: ManualClock, fault: Handler, place: str
) -> None:
    setattr(peer, place, fault)
    ear, stream, caller = opened(peer, clock)
    say(stream)
    error = await caller.outcome()
    assert isinstance(error, EngineError)
    assert "secret" not in str(error)
    assert "127.0.0.1" not in str(error)
    assert ear.open_streams == 0
    stream.feed(FRAME)
    stream.finish()
    assert len(caller.errors) == 1


async def test_a_server_that_hangs_while_the_caller_talks(peer: Peer, clock: ManualClock) -> None:
    peer.on_audio = hang
    _, stream, caller = opened(peer, clock, answer_ms=1500)
    for _ in range(5):
        stream.feed(FRAME)
    await peer.until(lambda: bool(peer.audio))
    clock.advance(1499)
    assert caller.errors == []
    clock.advance(1)
    assert isinstance(caller.errors[0], ServerFailed)
    assert "1500 ms" in str(caller.errors[0])
    await peer.closed.wait()


async def test_a_server_that_hangs_at_the_end(peer: Peer, clock: ManualClock) -> None:
    peer.on_end = hang
    _, stream, caller = opened(peer, clock, answer_ms=1500)
    say(stream)
    await peer.until(lambda: '{"eof" : 1}' in peer.received)
    clock.advance(1500)
    assert isinstance(caller.errors[0], ServerFailed)


async def test_a_server_that_sends_its_answer_byte_by_byte(peer: Peer, clock: ManualClock) -> None:
    async def crawl(ws: ServerConnection) -> None:
        ws.transport.write(b"\x81\x0f{")  # the first byte of an answer of 15
        await hang(ws)

    peer.on_audio = crawl
    _, stream, caller = opened(peer, clock, answer_ms=1500)
    say(stream)
    await peer.until(lambda: bool(peer.audio))
    clock.advance(1500)
    assert isinstance(caller.errors[0], ServerFailed)


async def test_a_quiet_connection_is_no_failure(peer: Peer, clock: ManualClock) -> None:
    peer.on_audio = lambda ws: ws.send('{"partial": "ye"}')
    _, stream, caller = opened(peer, clock)
    for _ in range(5):
        stream.feed(FRAME)
    await peer.until(lambda: bool(peer.audio))
    await caller.news.wait()  # the answer is there
    clock.advance(60_000)
    stream.finish()
    assert isinstance(await caller.outcome(), Transcript)


async def test_a_server_that_accepts_and_never_opens(clock: ManualClock) -> None:
    asked = asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        asked.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(mute, "127.0.0.1", 0) as server:
        peer = Peer()
        peer.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        _, stream, caller = opened(peer, clock, connect_ms=1000)
        say(stream)
        await asked.wait()
        clock.advance(999)
        assert caller.errors == []
        clock.advance(1)
        assert "did not open in 1000 ms" in str(caller.errors[0])


async def test_a_server_that_is_not_there(peer: Peer, clock: ManualClock) -> None:
    async with listening(Peer()) as gone:
        pass
    _, stream, caller = opened(gone, clock)
    say(stream)
    assert "cannot be reached" in str(await caller.outcome())


@pytest.mark.parametrize(
    ("status", "says"),
    [(HTTPStatus.UNAUTHORIZED, "speech.server_token"), (HTTPStatus.SERVICE_UNAVAILABLE, "HTTP 503")],
)
async def test_a_server_that_refuses(clock: ManualClock, status: HTTPStatus, says: str) -> None:
    async with listening(
        Peer(), process_request=lambda ws, request: ws.respond(status, "the secret")
    ) as peer:
        _, stream, caller = opened(peer, clock, token=TOKEN)
        say(stream)
        error = str(await caller.outcome())
    assert says in error
    assert "secret" not in error


async def test_callers_are_not_sent_on_to_another_server(peer: Peer, clock: ManualClock) -> None:
    def elsewhere(ws: ServerConnection, request: Any) -> Any:
        response = ws.respond(HTTPStatus.FOUND, "")
        response.headers["Location"] = peer.url
        return response

    async with listening(Peer(), process_request=elsewhere) as first:
        _, stream, caller = opened(first, clock, token=TOKEN)
        say(stream)
        assert "HTTP 302" in str(await caller.outcome())
    assert peer.requests == []


async def test_what_waits_is_bounded(peer: Peer, clock: ManualClock) -> None:
    _, stream, caller = opened(peer, clock)
    stream.feed(bytes(WAITING_BYTES))
    assert caller.errors == []
    stream.feed(FRAME)
    assert isinstance(caller.errors[0], ServerFailed)


@pytest.mark.parametrize("when", ["connecting", "talking", "waiting"])
async def test_nothing_comes_after_cancel_and_the_connection_closes(
    peer: Peer, clock: ManualClock, when: str
) -> None:
    peer.on_end = hang
    ear, stream, caller = opened(peer, clock)
    if when != "connecting":
        for _ in range(5):
            stream.feed(FRAME)
        await peer.until(lambda: bool(peer.audio))
    if when == "waiting":
        stream.finish()
        await peer.until(lambda: '{"eof" : 1}' in peer.received)
    stream.cancel()
    stream.cancel()
    stream.feed(FRAME)
    stream.finish()
    if when != "connecting":
        await peer.closed.wait()
    clock.advance(60_000)
    await asyncio.sleep(0)  # what the advance made due runs
    assert (caller.results, caller.errors, ear.open_streams) == ([], [], 0)
    assert clock.next_due() is None


async def test_closing_the_ear_ends_its_utterances(peer: Peer, clock: ManualClock) -> None:
    ear, stream, caller = opened(peer, clock)
    stream.feed(bytes(1600))
    await peer.until(lambda: bool(peer.audio))
    ear.close()
    await peer.closed.wait()
    assert (caller.results, caller.errors, ear.open_streams) == ([], [], 0)


# --- secrets ------------------------------------------------------------------------------------------


async def test_the_token_goes_to_the_server_and_into_no_log(
    peer: Peer, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, "websockets.server")  # the peer's own
    _, stream, caller = opened(peer, clock, token=TOKEN)
    say(stream)
    await caller.outcome()
    assert peer.requests[0]["Authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in caplog.text
    assert "yes" not in caplog.text
    assert TOKEN not in repr(Server("ws://x", TOKEN))


# --- blocking -----------------------------------------------------------------------------------------


async def test_the_blocking_engine_hears_the_same(peer: Peer) -> None:
    recognizer = VoskServerRecognizer({"en": Server(peer.url)})

    def one() -> Transcript:
        stream = recognizer.open(GRAMMAR)
        try:
            assert stream.feed(bytes(3200)) is None
            return stream.finish()
        finally:
            stream.close()

    assert (await asyncio.to_thread(one)).text == "yes"
    assert recognizer.languages() == ("en",)
    assert recognizer.prepare("en", ("yes", "☎ 24")) == ("☎",)
    with pytest.raises(EngineError, match="'es'"):
        recognizer.open(Grammar("es"))


@pytest.mark.parametrize("fault", FAULTS)
async def test_the_blocking_engine_reports_faults(peer: Peer, fault: Handler) -> None:
    peer.on_audio = fault
    recognizer = VoskServerRecognizer({"en": Server(peer.url)})

    def one() -> None:
        stream = recognizer.open(GRAMMAR)
        try:
            for _ in range(3):
                stream.feed(bytes(1600))
            stream.finish()
        finally:
            stream.close()

    with pytest.raises(EngineError) as caught:
        await asyncio.to_thread(one)
    assert "secret" not in str(caught.value)


async def test_a_probe_says_what_is_wrong(peer: Peer) -> None:
    recognizer = VoskServerRecognizer({"en": Server(peer.url)})
    peer.on_end = lambda ws: ws.send('{"text": ""}')
    await asyncio.to_thread(recognizer.probe, "en", ("yes",))
    peer.on_end = garbage
    with pytest.raises(EngineError, match="not JSON"):
        await asyncio.to_thread(recognizer.probe, "en")


async def test_a_server_that_takes_no_pronunciations_is_told_at_the_start(
    peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    found = {"en": Server(peer.url)}
    teach(found, "en", {"nyxo": (("N", "IH", "K", "S", "OW"),)}, ("the nyxo phone",))
    await asyncio.to_thread(acquaint, found, lambda lang: ("the nyxo phone",))
    assert "words of lexicon.en.txt are heard only as its model knows them: nyxo" in caplog.text
    assert "pronunciations" not in str(peer.received[0])


# --- settings -----------------------------------------------------------------------------------------


def test_settings_name_a_server_for_each_language() -> None:
    env = {"CENTRALITA_SPEECH__SERVER_ES": "wss://ears:2700/es", "CENTRALITA_SPEECH__SERVER_TOKEN": TOKEN}
    settings = load(env=env)
    assert servers(settings) == {"es": Server("wss://ears:2700/es", TOKEN)}
    assert TOKEN not in repr(settings)
    assert servers(load(env={})) == {}


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SERVER_ES", "http://ears:2700", "ws://host:2700"),
        ("SERVER_ES", "ws://", "ws://host:2700"),
        ("SERVER_EN", "ws://ears:port", "ws://host:2700"),
        ("SERVER_EN", "ws://me:word@ears", "speech.server_token"),
        ("SERVER_EN", "ws://ears/\r\nX-Else: 1", "ws://host:2700"),
        ("SERVER_TOKEN", "two words", "printable"),
        ("SERVER_TOKEN", "line\r\nX-Evil: 1", "printable"),
        ("SERVER_ANSWER_MS", "60000", "4000"),
    ],
)
def test_settings_that_cannot_work_say_so(name: str, value: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(env={f"CENTRALITA_SPEECH__{name}": value})
    assert says in str(caught.value)
    assert "word@" not in str(caught.value)


def test_an_authority_that_cannot_be_read_says_so() -> None:
    with pytest.raises(ConfigError, match=r"speech\.server_ca"):
        servers(load(env={"CENTRALITA_SPEECH__SERVER_CA": "/nowhere.pem"}))


# --- commands -----------------------------------------------------------------------------------------


def test_transcribing_asks_the_server_that_is_set() -> None:
    settings = load(env={"CENTRALITA_SPEECH__SERVER_ES": "ws://ears:2700"})
    assert isinstance(configured_recognizer(settings, "es"), VoskServerRecognizer)
    assert not isinstance(configured_recognizer(settings, "en"), VoskServerRecognizer)


async def test_the_doctor_says_which_server_does_not_answer(peer: Peer) -> None:
    peer.on_end = lambda ws: ws.send('{"text": ""}')
    env = {"CENTRALITA_SPEECH__SERVER_EN": peer.url, "CENTRALITA_SPEECH__SERVER_ES": "ws://127.0.0.1:1"}
    findings = await asyncio.to_thread(lambda: list(check_recognition_servers(load(env=env))))
    assert [(f.topic, f.state) for f in findings] == [
        ("recognition server es", "warning"),
        ("recognition server en", "ok"),
    ]
    assert "speech.server_es" in findings[0].remedy
    assert list(check_recognition_servers(load(env={}))) == []


# --- TLS ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 that signed itself, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl makes the certificate, and is not installed")
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    asked = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=ears -days 2"
    asked += f" -addext subjectAltName=IP:127.0.0.1 -keyout {key} -out {cert}"
    subprocess.run([openssl, *asked.split()], check=True, capture_output=True)
    return cert, key


async def test_tls_with_a_private_authority(certificate: tuple[Path, Path], clock: ManualClock) -> None:
    async with listening(Peer(), ssl=server_tls(*certificate)) as peer:
        url = peer.url.replace("ws:", "wss:")
        trusting = {"CENTRALITA_SPEECH__SERVER_EN": url, "CENTRALITA_SPEECH__SERVER_CA": str(certificate[0])}
        caller = Caller()
        say(
            VoskServerEar(servers(load(env=trusting))["en"], clock).open(GRAMMAR, caller.result, caller.error)
        )
        heard = await caller.outcome()
        assert isinstance(heard, Transcript)
        stranger, elsewhere = Caller(), Caller()
        say(VoskServerEar(Server(url), clock).open(GRAMMAR, stranger.result, stranger.error))
        assert "not trusted; see speech.server_ca" in str(await stranger.outcome())
        other = trusting | {"CENTRALITA_SPEECH__SERVER_EN": url.replace("127.0.0.1", "localhost")}
        say(
            VoskServerEar(servers(load(env=other))["en"], clock).open(
                GRAMMAR, elsewhere.result, elsewhere.error
            )
        )
        assert "not trusted" in str(await elsewhere.outcome())
        assert len(peer.requests) == 1


def test_half_a_certificate_says_so(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    assert server_tls(None, None) is None
    with pytest.raises(ConfigError, match="belong together"):
        server_tls(certificate[0], None)
    with pytest.raises(ConfigError, match="PEM"):
        server_tls(certificate[1], certificate[0])
