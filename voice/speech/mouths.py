"""Speak for calls: the cache first, then an engine in its thread, then a second engine.

:class:`ThreadedMouth` is for live calls, :class:`InlineMouth` for replay, where everything happens within
``speak`` so that a run is repeatable, and :class:`ToneMouth` for measuring, where no engine may cost
anything.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import logging
import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from voice.clock import Clock, RealClock, Timer
from voice.errors import EngineError, VoiceError
from voice.model import SAMPLE_RATE
from voice.speech.phrasing import split
from voice.speech.prompt_cache import PromptCache, cache_key
from voice.speech.seam import Speaking, Synthesizer, Voice

log = logging.getLogger(__name__)

FIRST_PIECE_MS: Final = 3000  # without audio for so long, an engine counts as failed

OnAudio = Callable[[bytes], None]
OnDone = Callable[[EngineError | None], None]


class _Engine:
    """A synthesizer with the voices to use, and how its audio is named in the cache."""

    def __init__(self, synthesizer: Synthesizer, voices: Mapping[str, Voice], cache: PromptCache) -> None:
        self.synthesizer = synthesizer
        self._voices = voices
        self._version = str(getattr(synthesizer, "version", ""))
        self.cache = cache

    def voice(self, lang: str, pace: int) -> Voice:
        usual = self._voices.get(lang) or Voice(lang)
        return usual if pace == 100 else replace(usual, rate=max(1, usual.rate * pace // 100))

    def key(self, text: str, lang: str, pace: int) -> str:
        return cache_key(self.synthesizer.name, self._version, self.voice(lang, pace), text)


def _engines(
    synthesizer: Synthesizer,
    cache: PromptCache,
    voices: Mapping[str, Voice],
    fallback: Synthesizer | None,
) -> list[_Engine]:
    """The engines in order. Voice names belong to the first one; the second speaks with its defaults."""
    engines = [_Engine(synthesizer, voices, cache)]
    if fallback is not None:
        plain = {lang: Voice(lang, "", voice.rate) for lang, voice in voices.items()}
        engines.append(_Engine(fallback, plain, cache))
    return engines


class _Silent:
    """A speaking that is over."""

    def cancel(self) -> None:
        pass


# --- live -----------------------------------------------------------------------------------------------


@dataclass(order=True, slots=True)
class _Job:
    """One text for one engine. ``dropped`` is set by the loop and read by the engine's thread."""

    priority: int  # 0 live, 1 prepared ahead, 2 stop
    number: int
    text: str = field(compare=False)
    lang: str = field(compare=False)
    durable: bool = field(compare=False, default=False)
    pace: int = field(compare=False, default=100)
    on_piece: Callable[[bytes], None] | None = field(compare=False, default=None)
    on_end: Callable[[EngineError | None], None] | None = field(compare=False, default=None)
    dropped: bool = field(compare=False, default=False)  # nobody listens any more
    expired: bool = field(compare=False, default=False)  # it took too long


class _Worker:
    """An engine's thread: one job at a time, live ones first."""

    def __init__(self, engine: _Engine) -> None:
        self.engine = engine
        self._jobs: queue.PriorityQueue[_Job] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._current: _Job | None = None
        self._closed = False
        name = f"mouth-{engine.synthesizer.name}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(
        self,
        priority: int,
        text: str,
        lang: str,
        *,
        durable: bool = False,
        pace: int = 100,
        on_piece: Callable[[bytes], None] | None = None,
        on_end: Callable[[EngineError | None], None] | None = None,
    ) -> _Job:
        job = _Job(priority, next(self._numbers), text, lang, durable, pace, on_piece, on_end)
        self._jobs.put(job)
        return job

    def expire(self, job: _Job) -> None:
        """``job`` took too long. While it is the one being made, the engine hangs."""
        job.dropped = job.expired = True

    @property
    def hung(self) -> bool:
        """A job ran out of time and has not come back: give this engine nothing live."""
        current = self._current
        return current is not None and current.expired

    def close(self) -> None:
        self._closed = True
        self._jobs.put(_Job(2, next(self._numbers), "", ""))
        current = self._current
        if current is not None:
            current.dropped = True

    def _run(self) -> None:
        while not self._closed:
            job = self._jobs.get()
            if job.priority == 2:
                return
            if not job.dropped:
                self._current = job
                error = self._make(job)
                self._current = None
                if job.on_end is not None and not job.dropped:
                    job.on_end(error)

    def _make(self, job: _Job) -> EngineError | None:
        engine = self.engine
        key = engine.key(job.text, job.lang, job.pace)
        pcm = engine.cache.get(key)
        if pcm is not None:
            # said live before it was prepared: only the file is missing
            if job.durable and not engine.cache.has_file(key):
                engine.cache.put(key, pcm, durable=True)
            if job.on_piece is not None and pcm:
                job.on_piece(pcm)
            return None
        pieces = []
        try:
            stream = engine.synthesizer.stream(job.text, engine.voice(job.lang, job.pace))
            try:
                for piece in stream:
                    if job.dropped:
                        return None
                    pieces.append(piece)
                    if job.on_piece is not None:
                        job.on_piece(piece)
            finally:
                close = getattr(stream, "close", None)  # plain iterators have none
                if close is not None:
                    close()
        except EngineError as error:
            return error
        except (OSError, RuntimeError, ValueError) as error:
            # a synthesizer promises VoiceError only; one that breaks this must not end the thread
            log.exception("%s failed in a way it should not", engine.synthesizer.name)
            return VoiceError(f"{engine.synthesizer.name} failed: {type(error).__name__}; see the log")
        engine.cache.put(key, b"".join(pieces), durable=job.durable)
        return None


class _LiveSpeaking:
    """One ``speak``. All its methods run on the loop; the worker reaches it through ``_post``."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        workers: list[_Worker],
        clock: Clock,
        limit_ms: int,
        text: str,
        lang: str,
        on_audio: OnAudio,
        on_done: OnDone,
        pace: int,
    ) -> None:
        self._loop = loop
        self._workers = workers
        self._clock = clock
        self._limit_ms = limit_ms
        self._text = text
        self._lang = lang
        self._pace = pace
        self._on_audio = on_audio
        self._on_done = on_done
        self._over = False
        self._attempt = 0  # engines tried so far; what belongs to an earlier attempt is ignored
        self._job: _Job | None = None
        self._pieces = 0
        self._timer: Timer | None = None
        self._error: EngineError | None = None
        self._next()

    def cancel(self) -> None:
        self._over = True
        if self._job is not None:
            self._job.dropped = True
        if self._timer is not None:
            self._timer.cancel()

    def _next(self) -> None:
        """Asks the next engine that does not hang; after the last, reports the failure."""
        index = self._attempt
        # the last engine is asked even when it hangs: it may come back within the limit
        while index < len(self._workers) - 1 and self._workers[index].hung:
            index += 1
        self._attempt = index + 1
        if index >= len(self._workers):
            self._finish(self._error or VoiceError("no synthesizer is left"))
            return
        attempt = self._attempt
        self._job = self._workers[index].submit(
            0,
            self._text,
            self._lang,
            pace=self._pace,
            on_piece=lambda piece: self._post(self._piece, attempt, piece),
            on_end=lambda error: self._post(self._end, attempt, error),
        )
        self._watch(attempt, self._pieces)

    def _watch(self, attempt: int, pieces: int) -> None:
        check = functools.partial(self._check, attempt, pieces)
        self._timer = self._clock.call_at(self._clock.now_ms() + self._limit_ms, check)

    def _check(self, attempt: int, pieces: int) -> None:
        """Once a limit: has there been a piece since the last look?"""
        if self._over or attempt != self._attempt:
            return
        if self._pieces > pieces:
            self._watch(attempt, self._pieces)
            return
        worker = self._workers[attempt - 1]
        if self._job is not None:
            worker.expire(self._job)
        name = worker.engine.synthesizer.name
        self._failed(VoiceError(f"{name} gave no audio for {self._limit_ms} ms; 'voice doctor' tests it"))

    def _post(self, callback: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(callback, *arguments)
        except RuntimeError:
            if self._job is not None:
                self._job.dropped = True  # the loop is closed: nobody listens

    def _piece(self, attempt: int, piece: bytes) -> None:
        if not self._over and attempt == self._attempt:
            self._pieces += 1
            self._on_audio(piece)

    def _end(self, attempt: int, error: EngineError | None) -> None:
        if self._over or attempt != self._attempt:
            return
        if error is None:
            self._finish(None)
        else:
            self._failed(error)

    def _failed(self, error: EngineError) -> None:
        # the other engine says the phrase from its start: a word twice is better than a word lost
        name = self._workers[self._attempt - 1].engine.synthesizer.name
        log.warning("%s cannot speak: %s", name, error)
        self._error = error
        if self._timer is not None:
            self._timer.cancel()
        self._next()

    def _finish(self, error: EngineError | None) -> None:
        self._over = True
        if self._timer is not None:
            self._timer.cancel()
        self._on_done(error)


class ThreadedMouth:
    """See :class:`voice.speech.seam.Mouth`. One thread an engine; callbacks on the caller's loop.

    ``voices`` says how to speak each language; its names are those of ``synthesizer``. ``fallback``
    speaks when that fails or brings no audio for ``first_piece_ms``.
    """

    def __init__(
        self,
        synthesizer: Synthesizer,
        cache: PromptCache,
        voices: Mapping[str, Voice],
        fallback: Synthesizer | None = None,
        *,
        first_piece_ms: int = FIRST_PIECE_MS,
        clock: Clock | None = None,
    ) -> None:
        self._prepared = threading.Event()
        self._prepared.set()
        self._workers = [_Worker(engine) for engine in _engines(synthesizer, cache, voices, fallback)]
        self._limit_ms = first_piece_ms
        self._clock = clock or RealClock()
        self._closed = False

    def speak(self, text: str, lang: str, on_audio: OnAudio, on_done: OnDone, pace: int = 100) -> Speaking:
        engine = self._workers[0].engine
        pcm = engine.cache.recall(engine.key(text, lang, pace))
        if pcm is not None:
            if pcm:
                on_audio(pcm)
            on_done(None)
            return _Silent()
        if self._closed:
            on_done(VoiceError("the server is closing"))
            return _Silent()
        loop = asyncio.get_running_loop()
        workers, clock, limit_ms = self._workers, self._clock, self._limit_ms
        return _LiveSpeaking(loop, workers, clock, limit_ms, text, lang, on_audio, on_done, pace)

    def prepare(self, texts: list[tuple[str, str]]) -> None:
        """Also kept on disk, so pass only texts that hold nobody's data."""
        phrases = [(phrase, lang) for text, lang in texts for phrase in split(text, lang)]
        self._prepared = done = threading.Event()

        def last(error: EngineError | None) -> None:
            _log_failure(error)
            done.set()

        for number, (phrase, lang) in enumerate(phrases, 1):
            on_end = last if number == len(phrases) else _log_failure
            self._workers[0].submit(1, phrase, lang, durable=True, on_end=on_end)
        if not phrases:
            done.set()

    def wait_prepared(self, seconds: float) -> bool:
        """Blocks until what was last given to :meth:`prepare` is made: False when it took longer. A server
        waits for it before it answers, or its first callers compete with it for the processor."""
        return self._prepared.wait(seconds)

    def close(self) -> None:
        """Returns at once; threads end after the piece they are making."""
        self._closed = True
        for worker in self._workers:
            worker.close()


def _log_failure(error: EngineError | None) -> None:
    if error is not None:
        log.warning("a prompt could not be made ahead: %s", error)


# --- replay ---------------------------------------------------------------------------------------------


class InlineMouth:
    """See :class:`voice.speech.seam.Mouth`. All callbacks come before ``speak`` returns."""

    def __init__(
        self,
        synthesizer: Synthesizer,
        cache: PromptCache,
        voices: Mapping[str, Voice],
        fallback: Synthesizer | None = None,
    ) -> None:
        self._engines = _engines(synthesizer, cache, voices, fallback)

    def speak(self, text: str, lang: str, on_audio: OnAudio, on_done: OnDone, pace: int = 100) -> Speaking:
        failure: EngineError | None = None
        for engine in self._engines:
            try:
                pcm = self._make(engine, text, lang, pace, durable=False)
            except EngineError as error:
                log.warning("%s cannot speak: %s", engine.synthesizer.name, error)
                failure = error
                continue
            if pcm:
                on_audio(pcm)
            on_done(None)
            return _Silent()
        on_done(failure)
        return _Silent()

    def prepare(self, texts: list[tuple[str, str]]) -> None:
        for text, lang in texts:
            for phrase in split(text, lang):
                try:
                    self._make(self._engines[0], phrase, lang, 100, durable=True)
                except EngineError as error:
                    _log_failure(error)

    def close(self) -> None:
        pass

    @staticmethod
    def _make(engine: _Engine, text: str, lang: str, pace: int, *, durable: bool) -> bytes:
        key = engine.key(text, lang, pace)
        pcm = engine.cache.get(key)
        if pcm is None:
            pcm = b"".join(engine.synthesizer.stream(text, engine.voice(lang, pace)))
            engine.cache.put(key, pcm, durable=durable)
        return pcm


# --- measuring ------------------------------------------------------------------------------------------


class ToneMouth:
    """Says ``answer:1000`` with 1000 ms of something like speech, and anything else with ``default_ms``.

    The same length is the same object every time, so that encoded messages can be kept by whoever sends.
    """

    def __init__(self, default_ms: int = 1000) -> None:
        self._default_ms = default_ms

    def speak(self, text: str, lang: str, on_audio: OnAudio, on_done: OnDone, pace: int = 100) -> Speaking:
        word, _, number = text.partition(":")
        ms = int(number) if word == "answer" and number.isdecimal() else self._default_ms
        on_audio(_babble(min(ms, 600_000)))
        on_done(None)
        return _Silent()

    def prepare(self, texts: list[tuple[str, str]]) -> None:
        pass

    def close(self) -> None:
        pass


@functools.lru_cache(maxsize=64)
def _babble(ms: int) -> bytes:
    """Syllables of a voiced sound at 20 dB below full scale: harmonics of 120 Hz through three formants
    (500, 1500 and 2500 Hz, 80 to 160 Hz wide), four a second."""
    t = np.arange(ms * SAMPLE_RATE // 1000) / SAMPLE_RATE
    sound = np.zeros(len(t))
    for harmonic in range(1, 28):
        hz = 120 * harmonic
        strength = sum(1 / (1 + ((hz - f) / w) ** 2) for f, w in ((500, 80), (1500, 120), (2500, 160)))
        sound += strength / harmonic**0.5 * np.sin(2 * np.pi * hz * t + harmonic**2)
    sound *= 0.55 - 0.45 * np.cos(2 * np.pi * 4 * t)
    level = float(np.sqrt(np.mean(sound**2))) if len(t) else 1.0
    return np.clip(sound * 3277 / level, -30000, 30000).astype("<i2").tobytes()
