"""Our recognizer as a vosk-server: the WebSocket protocol of alphacep/vosk-server, for other machines' calls.

A connection is an utterance: a configuration, pieces of audio, the end. Each binary message and the end are
answered once (see :mod:`voice.speech.vosk_protocol`). Beyond the original: one process serves both languages
(``/es``, ``/en``; ``/`` is the default one), words that the built-in models lack are learned from the phrase
list, grammars of our own client are heard as its local engine would hear them, with its own pronunciations, a
token may be asked for, and messages, utterances, waits and connections are bounded.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import soxr
from aiohttp import WSCloseCode, WSMsgType, web

from voice import health
from voice.errors import EngineError, ModelError
from voice.speech.dialects import Dialect, Dialects
from voice.speech.seam import Grammar
from voice.speech.vosk_config import BadRequest, Config
from voice.speech.vosk_engine import VoskRecognizer
from voice.speech.vosk_protocol import (
    OURS,
    TAKES_PRONUNCIATIONS,
    Pronunciations,
)

logger = logging.getLogger(__name__)


MAX_MESSAGE_BYTES: Final = 1 << 20  # as the original; a phrase list of digits is 90 kB
MAX_NEW_WORDS: Final = 2000  # in one phrase list: 6 s to compile
LEARN_WINDOW_SECONDS: Final = 600.0
MAX_CLIENTS: Final = 1000  # whose work is remembered
HEAD_SECONDS: Final = 15.0  # the runner's keepalive_timeout: who sends no whole request by then is closed


@dataclass(frozen=True, slots=True)
class Limits:
    """``utterances`` at the same time, ``seconds`` of audio in one, ``idle_seconds`` between two messages,
    ``words`` learned in all for a language, ``learn_seconds`` of work on them for one client (by its
    address) in :data:`LEARN_WINDOW_SECONDS`."""

    utterances: int = 64
    seconds: int = 600
    idle_seconds: float = 30
    words: int = 20_000
    learn_seconds: float = 120


class _Original:
    """Vosk's own recognizer object, its answers as they are."""

    def __init__(self, recognizer: VoskRecognizer, lang: str, config: Config, phrases: list[str]) -> None:
        rate = max(config.rate, recognizer.rate(lang))
        self._resampler: soxr.ResampleStream | None = None
        if rate != config.rate:
            self._resampler = soxr.ResampleStream(config.rate, rate, 1, dtype="int16", quality="LQ")
        self._engine = recognizer.bare(lang, rate, phrases)
        self._engine.SetWords(config.words)
        self._engine.SetMaxAlternatives(config.alternatives)

    def audio(self, pcm: bytes) -> str:
        if pcm and self._accept(pcm):
            return str(self._engine.Result())
        return str(self._engine.PartialResult())

    def final(self) -> str:
        if self._resampler is not None:
            self._accept(b"", last=True)
        return str(self._engine.FinalResult())

    def _accept(self, pcm: bytes, *, last: bool = False) -> bool:
        if self._resampler is not None:
            samples = np.frombuffer(pcm[: len(pcm) & ~1], dtype="<i2")
            pcm = self._resampler.resample_chunk(samples, last=last).astype("<i2").tobytes()
        try:
            return bool(self._engine.AcceptWaveform(pcm))
        except Exception as error:  # Vosk raises the bare class
            raise EngineError(f"Vosk could not decode: {error}") from error


class _Ours:
    """An utterance through the recognizer's own seam, for our own client."""

    def __init__(self, recognizer: VoskRecognizer, grammar: Grammar) -> None:
        try:
            self._stream = recognizer.open(grammar)
        except (KeyError, ValueError):
            raise BadRequest("grammar has values that this server does not know") from None
        self._partial = ""

    def audio(self, pcm: bytes) -> str:
        heard = self._stream.feed(pcm) if pcm else None
        if heard is not None:
            self._partial = heard.text
        return json.dumps({"partial": self._partial})

    def final(self) -> str:
        heard = self._stream.finish()
        words = [
            {
                "word": word.text,
                "start": word.start_ms / 1000,
                "end": word.end_ms / 1000,
                "conf": word.confidence,
            }
            for word in heard.words
        ]
        return json.dumps({"result": words, "text": heard.text, "confidence": heard.confidence})


class Allowance:
    """How much work on new words a client may still ask for: a compiled flow is 3 s, and each new list of
    words is a new graph. Used by several threads; a race costs one graph more."""

    def __init__(self, seconds: float, now: Callable[[], float]) -> None:
        self._seconds = seconds
        self._now = now
        self._spent: deque[tuple[float, float]] = deque()  # when, and for how long

    @property
    def left(self) -> bool:
        since = self._now() - LEARN_WINDOW_SECONDS
        while self._spent and self._spent[0][0] < since:
            self._spent.popleft()
        return sum(seconds for _, seconds in tuple(self._spent)) < self._seconds

    @contextlib.contextmanager
    def spend(self) -> Iterator[None]:
        start = self._now()
        try:
            yield
        finally:
            self._spent.append((start, self._now() - start))


class _Utterance:
    """One connection's utterance. Its methods run in a thread, one at a time."""

    def __init__(
        self,
        dialects: Dialects,
        lang: str,
        limits: Limits,
        client: str,
        allowance: Allowance,
    ) -> None:
        self._allowance = allowance
        self._dialects = dialects
        self._client = client
        self._lang = lang
        self._limits = limits
        self._use(dialects.plain)
        self._engine: _Original | _Ours | None = None
        self._bytes_left = 0
        self._config = Config()

    def told(self, text: str) -> str | None:
        """A text message: the final result for the end, None for a configuration."""
        try:
            asked = json.loads(text)
        except (ValueError, RecursionError):
            raise BadRequest("a text message must be JSON") from None
        if isinstance(asked, dict) and "config" in asked:
            self._config = self._config.updated(asked["config"], self._lang)
            return None
        if isinstance(asked, dict) and "eof" in asked:
            return self._started().final()
        raise BadRequest("a text message must be a config or the eof")

    def audio(self, pcm: bytes) -> str:
        engine = self._started()
        self._bytes_left -= len(pcm)
        if self._bytes_left < 0:
            raise BadRequest(f"an utterance may last {self._limits.seconds} s")
        return engine.audio(pcm)

    def close(self) -> None:
        self._engine = None

    def _started(self) -> _Original | _Ours:
        if self._engine is None:
            config = self._config
            self._bytes_left = self._limits.seconds * 2 * config.rate
            if config.grammar is not None:
                self._use(self._dialect(config.pronunciations))
                self._learn(config.grammar.phrases)
                self._engine = _Ours(self._recognizer, config.grammar)
            else:
                self._engine = self._original(config)
        return self._engine

    def _use(self, dialect: Dialect) -> None:
        self._recognizer, self._prepared = dialect.recognizer, dialect.prepared

    def _dialect(self, said: Pronunciations) -> Dialect:
        """Of the client's own pronunciations; the plain one where they cannot be had."""
        known = self._dialects.known(self._client, said)
        if known is None and self._allowance.left:
            try:
                with self._allowance.spend():
                    return self._dialects.make(self._client, said)
            except ModelError as error:
                logger.error("pronunciations cannot be learned: %s", error)
        return known or self._dialects.plain

    def _original(self, config: Config) -> _Original:
        phrases = self._learnable(config.phrases)
        if not self._recognizer.unknown(self._lang, phrases):
            return _Original(self._recognizer, self._lang, config, phrases)
        try:
            with self._allowance.spend():
                return _Original(self._recognizer, self._lang, config, phrases)
        except ModelError as error:
            logger.error("new words cannot be learned: %s", error)
            return _Original(self._recognizer, self._lang, config, self._known(phrases))

    def _learn(self, phrases: tuple[str, ...]) -> None:
        """As a line does when it loads a flow. The client sends all phrases of a flow before its calls;
        if we began since, those of a step. A few new ones (a date, a name) are not worth a new graph."""
        new = [phrase for phrase in phrases if phrase not in self._prepared]
        some = 2 * len(new) > len(phrases) or self._recognizer.unknown(self._lang, new)
        if some and self._allowance.left and len(self._prepared) + len(new) <= self._limits.words:
            learnable = self._learnable(new)
            try:
                with self._allowance.spend():
                    self._recognizer.prepare(self._lang, tuple(learnable))
            except ModelError as error:  # a full disk: what is known is heard
                logger.error("new words cannot be learned: %s", error)
                return
            self._prepared.update(new)

    def _learnable(self, phrases: list[str]) -> list[str]:
        """Phrases without words that are too many to learn: those are not heard."""
        new = self._recognizer.unknown(self._lang, phrases)
        room = self._limits.words - self._recognizer.learned(self._lang)
        if not new or (len(new) <= min(MAX_NEW_WORDS, room) and self._allowance.left):
            return phrases
        logger.warning("a client has more new words than are learned; they will not be heard")
        return self._known(phrases)

    def _known(self, phrases: list[str]) -> list[str]:
        new = self._recognizer.unknown(self._lang, phrases)
        return [phrase for phrase in phrases if new.isdisjoint(phrase.split())]


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
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._recognizer = recognizer
        self._now = now
        self._allowances: OrderedDict[str, Allowance] = OrderedDict()  # by address, the last used last
        self._lang = lang
        self._token = token.encode()
        self._limits = limits or Limits()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="recognition")
        self._open: set[web.WebSocketResponse] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._draining = False
        self.dialects = {one: Dialects(recognizer, one) for one in recognizer.languages()}

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
        ws.headers[OURS] = str(TAKES_PRONUNCIATIONS if self._recognizer.learns(lang) else 1)
        if not ws.can_prepare(request):
            return web.Response(status=426, text="speak the vosk-server WebSocket protocol here\n")
        self._open.add(ws)
        self._idle.clear()
        try:
            await ws.prepare(request)
            client = request.remote or ""
            utterance = _Utterance(self.dialects[lang], lang, self._limits, client, self._allowance(client))
            await self._converse(ws, utterance, lambda: request.transport is None)
        except (ConnectionError, TimeoutError):
            pass  # the client went away, or reads nothing
        finally:
            self._open.discard(ws)
            if not self._open:
                self._idle.set()
        return ws

    def _allowance(self, client: str) -> Allowance:
        found = self._allowances.pop(client, None) or Allowance(self._limits.learn_seconds, self._now)
        self._allowances[client] = found
        if len(self._allowances) > MAX_CLIENTS:
            self._allowances.popitem(last=False)
        return found

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
        except ConnectionError:
            raise
        except (EngineError, OSError, RuntimeError) as error:  # RuntimeError: the pool was shut down
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
            work: Callable[[Any], str | None] = utterance.audio
        elif message.type is WSMsgType.TEXT:
            work = utterance.told
        else:
            return False
        answer = await asyncio.get_running_loop().run_in_executor(self._pool, work, message.data)
        if answer is not None:
            async with asyncio.timeout(self._limits.idle_seconds):
                await ws.send_str(answer)
        return message.type is WSMsgType.BINARY or answer is None
