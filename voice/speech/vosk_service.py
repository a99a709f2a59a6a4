"""Our recognizer as a vosk-server: the WebSocket protocol of alphacep/vosk-server, for other machines' calls.

A connection is an utterance: a configuration, pieces of audio, the end. Each binary message and the end are
answered once (see :mod:`voice.speech.vosk_protocol`). Beyond the original: one process serves both languages
(``/es``, ``/en``; ``/`` is the default one), words that the built-in models lack are learned from the phrase
list, a bearer token may be asked for, and messages, utterances, waits and connections are bounded.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import soxr
from aiohttp import WSCloseCode, WSMsgType, web

from voice import health
from voice.errors import EngineError
from voice.model import SAMPLE_RATE
from voice.speech.vosk_engine import VoskRecognizer

logger = logging.getLogger(__name__)

MAX_MESSAGE_BYTES: Final = 1 << 20  # as the original; a phrase list of digits is 90 kB
MAX_RATE: Final = 48_000
MAX_ALTERNATIVES: Final = 10
MAX_WORD: Final = 60  # characters
MAX_NEW_WORDS: Final = 2000  # in one phrase list: 6 s to compile


@dataclass(frozen=True, slots=True)
class Limits:
    """``utterances`` at the same time, ``seconds`` of audio in one, ``idle_seconds`` between two messages,
    ``words`` learned in all for a language."""

    utterances: int = 64
    seconds: int = 600
    idle_seconds: float = 30
    words: int = 20_000


class BadRequest(Exception):
    """The client's message cannot be understood. The text is sent as the reason of the close."""


@dataclass(frozen=True, slots=True)
class Config:
    """What a client asked for, checked."""

    rate: int = SAMPLE_RATE
    phrases: list[str] = field(default_factory=list)
    words: bool = True
    alternatives: int = 0

    def updated(self, asked: Any) -> Config:
        """With the values of a ``config`` message. Raises :class:`BadRequest`."""
        if not isinstance(asked, dict):
            raise BadRequest("config must be an object")
        rate = asked.get("sample_rate", self.rate)
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not SAMPLE_RATE <= rate <= MAX_RATE:
            raise BadRequest(f"sample_rate must be {SAMPLE_RATE} to {MAX_RATE}")
        phrases = asked.get("phrase_list", self.phrases)
        if not isinstance(phrases, list) or not all(isinstance(phrase, str) for phrase in phrases):
            raise BadRequest("phrase_list must be a list of strings")
        if any(len(word) > MAX_WORD for phrase in set(phrases) for word in phrase.split()):
            raise BadRequest(f"a word of phrase_list is longer than {MAX_WORD}")
        alternatives = asked.get("max_alternatives", self.alternatives)
        if isinstance(alternatives, bool) or not isinstance(alternatives, int):
            raise BadRequest("max_alternatives must be a number")
        if not 0 <= alternatives <= MAX_ALTERNATIVES:
            raise BadRequest(f"max_alternatives must be 0 to {MAX_ALTERNATIVES}")
        return Config(int(rate), phrases, bool(asked.get("words", self.words)), alternatives)


class _Utterance:
    """One connection's recognizer. Its methods run in a thread, one at a time."""

    def __init__(self, recognizer: VoskRecognizer, lang: str, limits: Limits) -> None:
        self._recognizer = recognizer
        self._lang = lang
        self._limits = limits
        self._engine: Any = None
        self._resampler: soxr.ResampleStream | None = None
        self._bytes_left = 0
        self.config = Config()

    def audio(self, pcm: bytes) -> str:
        engine = self._started()
        self._bytes_left -= len(pcm)
        if self._bytes_left < 0:
            raise BadRequest(f"an utterance may last {self._limits.seconds} s")
        if pcm and self._accept(engine, pcm):
            return str(engine.Result())
        return str(engine.PartialResult())

    def final(self) -> str:
        engine = self._started()
        if self._resampler is not None:
            self._accept(engine, b"", last=True)
        return str(engine.FinalResult())

    def close(self) -> None:
        self._engine = None

    def _started(self) -> Any:
        if self._engine is None:
            config = self.config
            rate = max(config.rate, self._recognizer.rate(self._lang))
            if rate != config.rate:
                self._resampler = soxr.ResampleStream(config.rate, rate, 1, dtype="int16", quality="LQ")
            self._bytes_left = self._limits.seconds * 2 * config.rate
            self._engine = self._recognizer.bare(self._lang, rate, self._learnable(config.phrases))
            self._engine.SetWords(config.words)
            self._engine.SetMaxAlternatives(config.alternatives)
        return self._engine

    def _learnable(self, phrases: list[str]) -> list[str]:
        """Phrases without words that are too many to learn: Vosk leaves out what it does not know anyway."""
        new = self._recognizer.unknown(self._lang, phrases)
        if (
            len(new) <= MAX_NEW_WORDS
            and self._recognizer.learned(self._lang) + len(new) <= self._limits.words
        ):
            return phrases
        logger.warning("a phrase list has more new words than are learned; they will not be heard")
        return [phrase for phrase in phrases if new.isdisjoint(phrase.split())]

    def _accept(self, engine: Any, pcm: bytes, *, last: bool = False) -> bool:
        if self._resampler is not None:
            samples = np.frombuffer(pcm[: len(pcm) & ~1], dtype="<i2")
            pcm = self._resampler.resample_chunk(samples, last=last).astype("<i2").tobytes()
        try:
            return bool(engine.AcceptWaveform(pcm))
        except Exception as error:  # Vosk raises the bare class
            raise EngineError(f"Vosk could not decode: {error}") from error


class VoskService:
    """The server's connections; :meth:`app` is what to serve. Nothing that is said is logged."""

    def __init__(
        self,
        recognizer: VoskRecognizer,
        *,
        lang: str,
        threads: int = 2,
        token: str = "",
        limits: Limits | None = None,
    ) -> None:
        self._recognizer = recognizer
        self._lang = lang
        self._token = token.encode()
        self._limits = limits or Limits()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="recognition")
        self._open: set[web.WebSocketResponse] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._draining = False

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.get("/", self._default, allow_head=False), *health.routes(self._ready)])
        app.add_routes(
            [
                web.get(f"/{lang}", self._handler(lang), allow_head=False)
                for lang in self._recognizer.languages()
            ]
        )
        return app

    @property
    def active(self) -> int:
        return len(self._open)

    async def idle(self) -> None:
        """Returns when nobody is being heard."""
        await self._idle.wait()

    async def stop(self, drain_seconds: float) -> None:
        """Nobody new; who is being heard may finish for ``drain_seconds``; then all is closed."""
        self._draining = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(drain_seconds):
                await self._idle.wait()
        for ws in tuple(self._open):
            await ws.close(code=WSCloseCode.GOING_AWAY, message=b"stopping")
        self._pool.shutdown(wait=False, cancel_futures=True)

    # --- requests -------------------------------------------------------------------------------------

    def _ready(self) -> tuple[bool, dict[str, str]]:
        full = self.active >= self._limits.utterances
        state = "draining" if self._draining else f"{self.active} of {self._limits.utterances}"
        return not (self._draining or full), {"utterances": state}

    async def _default(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, self._lang)

    def _handler(self, lang: str) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._serve(request, lang)

        return handle

    async def _serve(self, request: web.Request, lang: str) -> web.StreamResponse:
        if self._token and not self._may_enter(request):
            return web.Response(
                status=401, text="a bearer token is needed\n", headers={"WWW-Authenticate": "Bearer"}
            )
        if self._draining or self.active >= self._limits.utterances:
            return web.Response(status=503, text="busy\n", headers={"Retry-After": "1"})
        ws = web.WebSocketResponse(compress=False, max_msg_size=MAX_MESSAGE_BYTES, timeout=2)
        if not ws.can_prepare(request):
            return web.Response(status=426, text="speak the vosk-server WebSocket protocol here\n")
        self._open.add(ws)
        self._idle.clear()
        try:
            await ws.prepare(request)
            utterance = _Utterance(self._recognizer, lang, self._limits)
            await self._converse(ws, utterance, lambda: request.transport is None)
        except (ConnectionError, TimeoutError):
            pass  # the client went away, or reads nothing
        finally:
            self._open.discard(ws)
            if not self._open:
                self._idle.set()
        return ws

    def _may_enter(self, request: web.Request) -> bool:
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        return hmac.compare_digest(given, b"Bearer " + self._token)

    async def _converse(
        self, ws: web.WebSocketResponse, utterance: _Utterance, gone: Callable[[], bool]
    ) -> None:
        code, reason = int(WSCloseCode.OK), ""
        try:
            # audio that a client left behind is not decoded
            while not gone() and await self._exchange(ws, utterance):
                pass
        except BadRequest as error:
            code, reason = WSCloseCode.UNSUPPORTED_DATA, str(error)
        except TimeoutError:
            code, reason = WSCloseCode.POLICY_VIOLATION, "too slow"
        except (EngineError, RuntimeError) as error:  # RuntimeError: the pool was shut down
            logger.error("recognition failed: %s", error)
            code, reason = WSCloseCode.INTERNAL_ERROR, "recognition failed"
        finally:
            with contextlib.suppress(RuntimeError):
                self._pool.submit(utterance.close)  # freeing a decoder takes time
        if not ws.closed:
            await ws.close(code=code, message=reason.encode()[:120])

    async def _exchange(self, ws: web.WebSocketResponse, utterance: _Utterance) -> bool:
        """One message and its answer; False after the last."""
        async with asyncio.timeout(self._limits.idle_seconds):
            message = await ws.receive()
        if message.type is WSMsgType.BINARY:
            await self._answer(ws, lambda: utterance.audio(message.data))
            return True
        if message.type is not WSMsgType.TEXT:
            return False
        try:
            asked = json.loads(message.data)
        except (ValueError, RecursionError):
            raise BadRequest("a text message must be JSON") from None
        if isinstance(asked, dict) and "config" in asked:
            utterance.config = utterance.config.updated(asked["config"])
            return True
        if isinstance(asked, dict) and "eof" in asked:
            await self._answer(ws, utterance.final)
            return False
        raise BadRequest("a text message must be a config or the eof")

    async def _answer(self, ws: web.WebSocketResponse, work: Callable[[], str]) -> None:
        text = await asyncio.get_running_loop().run_in_executor(self._pool, work)
        async with asyncio.timeout(self._limits.idle_seconds):
            await ws.send_str(text)
