"""Recognition on another machine, by the vosk-server WebSocket protocol: one connection an utterance.

:class:`VoskServerEar` is for calls and lives in the event loop: an utterance on the network is a task that
waits, and needs no thread. :class:`VoskServerRecognizer` blocks, for commands and replay. What is said on the
wire is decided for both by :mod:`voice.speech.vosk_protocol`.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio import client as live
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.http11 import Response
from websockets.sync import client as blocking

from voice.clock import Clock, RealClock, Timer
from voice.errors import ConfigError, EngineError
from voice.model import Transcript
from voice.settings import Settings
from voice.speech.readings import readings
from voice.speech.seam import EarStream, Grammar
from voice.speech.user_lexicon import Entries
from voice.speech.vosk_protocol import (
    BYTES_A_MS,
    MAX_ANSWER_BYTES,
    OURS,
    TAKES_PRONUNCIATIONS,
    Dialog,
    Pronunciations,
    sendable,
)

logger = logging.getLogger(__name__)

# The library's own log has headers (our token) and messages (what callers said) at level DEBUG.
_WIRE_LOG = logging.getLogger(f"{__name__}.wire")
_WIRE_LOG.setLevel(logging.WARNING)

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")

PIECE_BYTES = 100 * BYTES_A_MS
LARGEST_BYTES = 1000 * BYTES_A_MS  # of one message: servers of old allow 64 KiB
WAITING_BYTES = 30_000 * BYTES_A_MS
PROBE_MS = 30_000  # a server may compile a flow's words first, 3 ms each

OnResult = Callable[[Transcript], None]
OnError = Callable[[EngineError], None]


class ServerFailed(EngineError):
    """The recognition server cannot be reached, refused, closed or was too slow. No result follows."""


@dataclass(slots=True)
class Pronounced:
    """A line's own pronunciations in one language, which go out with every utterance."""

    said: Pronunciations = ()
    _known: Entries = field(default_factory=dict)

    def learn(self, entries: Entries, wanted: Iterable[str] = ()) -> tuple[str, ...]:
        """Adds to them, ``wanted`` words before others. Returns the words that are too many to be sent."""
        self._known = {**self._known, **entries}
        self.said, left_out = sendable(self._known, wanted)
        return left_out


@dataclass(frozen=True, slots=True)
class Server:
    """Where one language is recognised. ``token`` goes out as ``Authorization: Bearer``; ``tls`` is for
    ``wss://`` with a private authority. ``answer_ms``: the longest wait for the answer to a message."""

    url: str
    token: str = field(default="", repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    connect_ms: int = 1000
    answer_ms: int = 1500
    pronounced: Pronounced = field(default_factory=Pronounced, compare=False)

    def arguments(self) -> dict[str, Any]:
        """For both of the library's clients. No proxy, no compression, no redirect, bounded answers."""
        return {
            "additional_headers": {"Authorization": f"Bearer {self.token}"} if self.token else None,
            "ssl": (self.tls or ssl.create_default_context()) if self.url.startswith("wss:") else None,
            "compression": None,
            "proxy": None,
            "ping_interval": None,
            "close_timeout": 1,
            "max_size": MAX_ANSWER_BYTES,
            "logger": _WIRE_LOG,
        }


def servers(settings: Settings) -> dict[str, Server]:
    """The servers that ``speech.server_es`` and ``speech.server_en`` name. Raises :class:`ConfigError`."""
    speech = settings.speech
    tls = None
    if speech.server_ca:
        try:
            tls = ssl.create_default_context(cafile=speech.server_ca)
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"setting speech.server_ca: {speech.server_ca} cannot be used ({error}); name a PEM file"
            ) from error
    token = speech.server_token.get_secret_value()
    addresses = (speech.server_es, speech.server_en)
    if any(url.startswith("ws:") and urlsplit(url).hostname not in _THIS_MACHINE for url in addresses):
        logger.warning(
            "what callers say goes to a recognition server unencrypted; use wss:// beyond your own network"
        )
    return {
        lang: Server(url, token, tls, speech.server_connect_ms, speech.server_answer_ms)
        for lang, url in (("es", speech.server_es), ("en", speech.server_en))
        if url
    }


class VoskServerEar:
    """Recognises one language's utterances on ``server``. Used from a running event loop."""

    def __init__(self, server: Server, clock: Clock | None = None) -> None:
        self.server = server
        self.clock = clock or RealClock()
        self.arguments = server.arguments()
        self._streams: set[_ServerStream] = set()

    def open(self, grammar: Grammar, on_result: OnResult, on_error: OnError) -> EarStream:
        """The connection is made while the caller goes on talking."""
        stream = _ServerStream(self, grammar, on_result, on_error)
        self._streams.add(stream)
        return stream

    @property
    def open_streams(self) -> int:
        return len(self._streams)

    def forget(self, stream: _ServerStream) -> None:
        """Called by a stream that is over."""
        self._streams.discard(stream)

    def close(self) -> None:
        for stream in tuple(self._streams):
            stream.cancel()


class _SameServer(live.connect):
    """A redirect is a failure: callers' audio goes where the settings say, nowhere else."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class _ServerStream:
    """One utterance: a task that connects and writes, one that reads, and one timer for both."""

    def __init__(self, ear: VoskServerEar, grammar: Grammar, on_result: OnResult, on_error: OnError) -> None:
        self._ear = ear
        self._on_result = on_result
        self._on_error = on_error
        self._dialog = Dialog(grammar, ear.server.pronounced.said)
        self._waiting = bytearray()
        self._finishing = False
        self._over = False
        self._connect_by: int | None = ear.clock.now_ms() + ear.server.connect_ms
        self._news = asyncio.Event()
        self._timer: Timer | None = None
        self._task = asyncio.get_running_loop().create_task(self._run())
        self._watch()

    @property
    def behind_ms(self) -> int:
        return (len(self._waiting) + self._dialog.unanswered_bytes) // BYTES_A_MS

    def feed(self, pcm: bytes) -> None:
        if self._over or self._finishing:
            return
        self._waiting += pcm
        if len(self._waiting) > WAITING_BYTES:
            self._fail(ServerFailed("the recognition server fell 30 s behind"))
        elif len(self._waiting) >= PIECE_BYTES:
            self._news.set()

    def finish(self) -> None:
        self._finishing = True
        self._news.set()

    def cancel(self) -> None:
        if not self._over:
            self._end()

    # --- the connection -------------------------------------------------------------------------------

    async def _run(self) -> None:
        server = self._ear.server
        try:
            async with _SameServer(server.url, open_timeout=None, **self._ear.arguments) as connection:
                await connection.send(self._dialog.opening(version=_version(connection.response)))
                self._connect_by = None
                reader = asyncio.get_running_loop().create_task(self._read(connection))
                try:
                    await self._write(connection)
                    await reader
                finally:
                    reader.cancel()
        except (OSError, WebSocketException) as error:
            self._fail(failure(error))

    async def _write(self, connection: live.ClientConnection) -> None:
        clock = self._ear.clock
        while not self._over:
            await self._news.wait()
            self._news.clear()
            while len(self._waiting) >= PIECE_BYTES or (self._finishing and self._waiting):
                piece = bytes(self._waiting[:LARGEST_BYTES])
                del self._waiting[:LARGEST_BYTES]
                await self._send(connection, self._dialog.audio(piece, clock.now_ms()))
            if self._finishing:
                await self._send(connection, self._dialog.end(clock.now_ms()))
                return

    async def _send(self, connection: live.ClientConnection, message: str | bytes) -> None:
        if self._timer is None:
            self._watch()
        await connection.send(message)

    async def _read(self, connection: live.ClientConnection) -> None:
        try:
            while not self._over:
                heard = self._dialog.take(await connection.recv())
                if self._dialog.complete:
                    heard = await asyncio.to_thread(self._dialog.conclude)
                if heard is None or self._over:
                    continue
                if heard.final:
                    self._end(cancel=False)
                self._on_result(heard)
        except EngineError as error:
            self._fail(error)
        except (OSError, WebSocketException) as error:
            self._fail(failure(error))

    # --- time and end ---------------------------------------------------------------------------------

    def _due(self) -> int | None:
        if self._connect_by is not None:
            return self._connect_by
        since = self._dialog.waits_since
        return None if since is None else since + self._ear.server.answer_ms

    def _watch(self) -> None:
        """Looks again when the next answer is due; it is usually there by then."""
        self._timer = None
        due = self._due()
        if due is None or self._over:
            return
        clock = self._ear.clock
        if clock.now_ms() < due:
            self._timer = clock.call_at(due, self._watch)
        elif self._connect_by is not None:
            self._fail(
                ServerFailed(f"the recognition server did not open in {self._ear.server.connect_ms} ms")
            )
        else:
            self._fail(
                ServerFailed(f"the recognition server did not answer in {self._ear.server.answer_ms} ms")
            )

    def _fail(self, error: EngineError) -> None:
        if not self._over:
            self._end()
            self._on_error(error)

    def _end(self, *, cancel: bool = True) -> None:
        """No callback after this."""
        self._over = True
        self._waiting.clear()
        self._ear.forget(self)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if cancel and self._task is not asyncio.current_task():
            self._task.cancel()


def _version(response: Response | None) -> int:
    """Of our own service's additions to the protocol; 0 for other servers."""
    given = response.headers.get(OURS) if response is not None else None
    if given is None:
        return 0
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 4 else 1


def failure(error: Exception) -> ServerFailed:
    """What to tell people; never the address, a header or a message."""
    if isinstance(error, InvalidStatus):
        status = error.response.status_code
        hint = "; check speech.server_token" if status in (401, 403) else ""
        return ServerFailed(f"the recognition server refused the connection (HTTP {status}{hint})")
    if isinstance(error, ssl.SSLCertVerificationError):
        return ServerFailed("the recognition server's certificate is not trusted; see speech.server_ca")
    if isinstance(error, WebSocketException):
        return ServerFailed(f"the recognition server broke off ({type(error).__name__})")
    if isinstance(error, TimeoutError):
        return ServerFailed("the recognition server did not answer in time")
    return ServerFailed(f"the recognition server cannot be reached ({type(error).__name__})")


# --- blocking ---------------------------------------------------------------------------------------------


class VoskServerRecognizer:
    """The same servers as a blocking engine, each piece waiting for its answer; thread-safe."""

    name = "vosk-server"

    def __init__(self, servers: Mapping[str, Server]) -> None:
        self._servers = dict(servers)
        self._arguments = {lang: server.arguments() for lang, server in self._servers.items()}

    def languages(self) -> tuple[str, ...]:
        return tuple(self._servers)

    def prepare(self, lang: str, phrases: tuple[str, ...]) -> tuple[str, ...]:
        """A server tells nobody its vocabulary: only what no model can hear is returned."""
        words = {word for phrase in phrases for word in phrase.split()}
        known = {word for word, _ in self._servers[lang].pronounced.said}
        return tuple(sorted(word for word in words - known if not readings(word, lang)))

    def pronounce(self, lang: str, entries: Entries) -> None:
        """Pronunciations that go before all others, for a server of ours."""
        self._servers[lang].pronounced.learn(entries)

    def probe(self, lang: str, phrases: tuple[str, ...] = ()) -> bool:
        """Recognises a moment of silence among ``phrases``, which a server of ours compiles on the way.
        Returns whether the server takes pronunciations. Raises EngineError with what is wrong."""
        stream = _BlockingStream(
            self._servers[lang],
            self._arguments[lang],
            Grammar(lang, phrases),
            answer_ms=PROBE_MS if phrases else None,
        )
        try:
            stream.feed(bytes(PIECE_BYTES))
            stream.finish()
            return stream.version >= TAKES_PRONUNCIATIONS
        finally:
            stream.close()

    def open(self, grammar: Grammar) -> _BlockingStream:
        """Connects. Raises EngineError."""
        server = self._servers.get(grammar.lang)
        if server is None:
            raise EngineError(f"no recognition server for language '{grammar.lang}' is set")
        return _BlockingStream(server, self._arguments[grammar.lang], grammar)


class _BlockingStream:
    """One utterance. Used by one thread at a time."""

    def __init__(
        self, server: Server, arguments: Mapping[str, Any], grammar: Grammar, *, answer_ms: int | None = None
    ) -> None:
        self._dialog = Dialog(grammar, server.pronounced.said)
        self._wait = (answer_ms or server.answer_ms) / 1000
        self._partial: Transcript | None = None
        self._open = ExitStack()
        try:
            self._connection = self._open.enter_context(
                blocking.connect(server.url, open_timeout=server.connect_ms / 1000, **arguments)
            )
            self.version = _version(self._connection.response)
            self._connection.send(self._dialog.opening(version=self.version))
        except (OSError, WebSocketException) as error:
            raise failure(error) from None

    def feed(self, pcm: bytes) -> Transcript | None:
        heard = None
        for start in range(0, len(pcm), LARGEST_BYTES):
            heard = self._exchange(self._dialog.audio(pcm[start : start + LARGEST_BYTES], 0)) or heard
        return heard

    def finish(self) -> Transcript:
        heard = self._exchange(self._dialog.end(0))
        while heard is None or not heard.final:
            heard = self._receive()
        return heard

    def close(self) -> None:
        self._open.close()

    def _exchange(self, message: str | bytes) -> Transcript | None:
        try:
            self._connection.send(message)
        except (OSError, WebSocketException) as error:
            raise failure(error) from None
        return self._receive()

    def _receive(self) -> Transcript | None:
        try:
            return self._dialog.answer(self._connection.recv(timeout=self._wait))
        except (OSError, WebSocketException) as error:
            raise failure(error) from None
