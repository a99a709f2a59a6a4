"""Several engines behind one ear: when one fails, the next hears the same utterance from its beginning.

An utterance's audio is kept until its transcript is there, and goes to the next engine at once, which decodes
it many times faster than it was said: the caller notices a short delay at most. Each engine but the last has
a breaker; one that rests is not asked. After its rest it is tried on a copy of an utterance that the next
engine answers, so that the trial costs no caller anything.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from voice.clock import Clock, RealClock
from voice.errors import EngineError
from voice.model import SAMPLE_RATE, Transcript
from voice.speech.breaker import Breaker, Pass, State
from voice.speech.ears import RecognitionBehind, RecognitionNotice
from voice.speech.seam import Ear, EarStream, Grammar

logger = logging.getLogger(__name__)

KEPT_BYTES = 30_000 * SAMPLE_RATE * 2 // 1000  # of an utterance's audio; what an ear's own buffer holds

OnResult = Callable[[Transcript], None]
OnError = Callable[[EngineError], None]


class RecognitionMoved(RecognitionNotice):
    """The engine ``failed`` gave up on an utterance and the next one has it. A result still follows."""

    def __init__(self, failed: str, engine: str, why: EngineError) -> None:
        self.failed = failed
        self.engine = engine
        super().__init__(f"{why}; {engine} goes on in place of {failed}")


@dataclass(frozen=True, slots=True)
class Engine:
    """An ear, its name in logs and figures, and the languages it is asked for. Without a breaker it is always
    asked."""

    name: str
    ear: Ear
    languages: frozenset[str]
    breaker: Breaker | None = None


class FailoverEar:
    """Asks ``engines`` in their order; the last one of a language is asked whatever its record. Final
    transcripts carry the name of the engine that heard. ``on_state`` is told an engine's name and whether it
    works, when that changes. Must be used from one thread."""

    def __init__(
        self,
        engines: Sequence[Engine],
        clock: Clock | None = None,
        on_state: Callable[[str, bool], None] = lambda name, works: None,
    ) -> None:
        self._engines = tuple(engines)
        self._clock = clock or RealClock()
        self._on_state = on_state
        self._trials: set[_Trial] = set()

    def open(self, grammar: Grammar, on_result: OnResult, on_error: OnError) -> EarStream:
        engines = [engine for engine in self._engines if grammar.lang in engine.languages]
        if not engines:
            raise EngineError(f"no engine hears '{grammar.lang}'")
        trials: list[_Trial] = []
        while len(engines) > 1:
            may = self._ask(engines[0])
            if may is Pass.GO:
                break
            engine = engines.pop(0)
            if may is Pass.TRIAL:
                trials.append(_Trial(self, engine, grammar))
        return _FailoverStream(self, engines, grammar, trials, on_result, on_error)

    def close(self) -> None:
        for trial in tuple(self._trials):
            trial.cancel()
        for engine in self._engines:
            engine.ear.close()

    # --- what its streams report ----------------------------------------------------------------------

    def ask(self, engine: Engine) -> bool:
        """Whether an utterance whose engine failed may go to ``engine``, which is not the last one. Never
        for a trial: this caller has waited already."""
        return engine.breaker is None or engine.breaker.state is State.CLOSED

    def succeeded(self, engine: Engine, *, trial: bool = False) -> None:
        self._record(engine, lambda breaker, now: breaker.succeeded(now, trial=trial))

    def failed(self, engine: Engine, error: EngineError, *, trial: bool = False) -> None:
        logger.warning("recognition by %s failed: %s", engine.name, error)
        self._record(engine, lambda breaker, now: breaker.failed(now, trial=trial))

    def abandoned(self, engine: Engine) -> None:
        self._record(engine, lambda breaker, now: breaker.abandoned(now, trial=True))

    def begun(self, trial: _Trial) -> None:
        self._trials.add(trial)

    def ended(self, trial: _Trial) -> None:
        self._trials.discard(trial)

    def _ask(self, engine: Engine) -> Pass:
        return Pass.GO if engine.breaker is None else engine.breaker.ask(self._clock.now_ms())

    def _record(self, engine: Engine, outcome: Callable[[Breaker, int], None]) -> None:
        breaker = engine.breaker
        if breaker is None:
            return
        worked = breaker.state is State.CLOSED
        outcome(breaker, self._clock.now_ms())
        works = breaker.state is State.CLOSED
        if works == worked:
            return
        if works:
            logger.warning("%s hears again", engine.name)
        else:
            logger.error("%s failed too often and is left alone for a while", engine.name)
        self._on_state(engine.name, works)


class _FailoverStream:
    """One utterance. An engine may call back within any call of ours."""

    def __init__(
        self,
        ear: FailoverEar,
        engines: list[Engine],
        grammar: Grammar,
        trials: list[_Trial],
        on_result: OnResult,
        on_error: OnError,
    ) -> None:
        self._ear = ear
        self._ahead = engines
        self._grammar = grammar
        self._trials = trials
        self._on_result = on_result
        self._on_error = on_error
        self._kept = bytearray()
        self._lost_some = False
        self._finishing = False
        self._over = False
        self._stream: EarStream | None = None
        self._attempt = 0  # callbacks of earlier attempts count no more
        self._next_engine()

    @property
    def behind_ms(self) -> int:
        return self._stream.behind_ms if self._stream is not None else 0

    def feed(self, pcm: bytes) -> None:
        if self._over or self._finishing:
            return
        for trial in self._trials:
            trial.feed(pcm)
        if self._ahead:
            self._kept += pcm
            if len(self._kept) > KEPT_BYTES:
                self._lost_some = True
                del self._kept[: len(self._kept) - KEPT_BYTES]
        if self._stream is not None:
            self._stream.feed(pcm)

    def finish(self) -> None:
        if self._over or self._finishing:
            return
        self._finishing = True
        for trial in self._trials:
            trial.finish()
        if self._stream is not None:
            self._stream.finish()

    def cancel(self) -> None:
        if self._over:
            return
        self._over = True
        for trial in self._trials:
            trial.cancel()
        self._drop()

    # --- engines --------------------------------------------------------------------------------------

    def _next_engine(self) -> None:
        """Gives the utterance, as far as it has been said, to the engine that is first now."""
        engine = self._ahead.pop(0)
        self._attempt += 1
        attempt = self._attempt

        def heard(transcript: Transcript) -> None:
            if not self._over and attempt == self._attempt:
                self._heard(engine, transcript)

        def failed(error: EngineError) -> None:
            if not self._over and attempt == self._attempt:
                self._failed(engine, error)

        stream = engine.ear.open(self._grammar, heard, failed)
        if self._over or attempt != self._attempt:
            return  # it failed at once, and the next one has the utterance
        self._stream = stream
        pcm = bytes(self._kept)
        if not self._ahead:
            self._kept.clear()  # nobody comes after
        if pcm:
            stream.feed(pcm)
        if self._finishing and attempt == self._attempt and not self._over:
            stream.finish()

    def _heard(self, engine: Engine, transcript: Transcript) -> None:
        if not transcript.final:
            self._on_result(transcript)
            return
        self._over = True
        self._drop()
        self._ear.succeeded(engine)
        self._on_result(replace(transcript, engine=engine.name))

    def _failed(self, engine: Engine, error: EngineError) -> None:
        if isinstance(error, RecognitionNotice):
            self._on_error(error)
            return
        self._stream = None
        self._ear.failed(engine, error)
        while len(self._ahead) > 1 and not self._ear.ask(self._ahead[0]):
            del self._ahead[0]
        if not self._ahead:
            self._over = True
            for trial in self._trials:
                trial.cancel()
            self._on_error(error)
            return
        self._on_error(RecognitionMoved(engine.name, self._ahead[0].name, error))
        if self._lost_some and not self._over:
            self._lost_some = False
            self._on_error(
                RecognitionBehind("the utterance was longer than what is kept for the next engine")
            )
        if not self._over:
            self._next_engine()

    def _drop(self) -> None:
        stream, self._stream = self._stream, None
        self._kept.clear()
        self._trials = []
        if stream is not None:
            stream.cancel()


class _Trial:
    """A copy of an utterance for an engine that has rested. Nobody hears of it but the breaker."""

    def __init__(self, ear: FailoverEar, engine: Engine, grammar: Grammar) -> None:
        self._ear = ear
        self._engine = engine
        self._over = False
        ear.begun(self)
        self._stream: EarStream | None = None
        stream = engine.ear.open(grammar, self._heard, self._failed)
        if not self._over:
            self._stream = stream

    def feed(self, pcm: bytes) -> None:
        if self._stream is not None:
            self._stream.feed(pcm)

    def finish(self) -> None:
        if self._stream is not None:
            self._stream.finish()

    def cancel(self) -> None:
        if not self._over:
            stream = self._stream
            self._end()
            self._ear.abandoned(self._engine)
            if stream is not None:
                stream.cancel()

    def _heard(self, transcript: Transcript) -> None:
        if transcript.final and not self._over:
            self._end()
            self._ear.succeeded(self._engine, trial=True)

    def _failed(self, error: EngineError) -> None:
        if not self._over and not isinstance(error, RecognitionNotice):
            self._end()
            self._ear.failed(self._engine, error, trial=True)

    def _end(self) -> None:
        self._over = True
        self._stream = None
        self._ear.ended(self)
