"""The language model of a process: sentences instead of pieces, and a rest when it keeps failing."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass

from voice.clock import Clock
from voice.language_model.openai_server import OpenAIServer
from voice.language_model.seam import Ask, End, LanguageModel, LanguageModelError
from voice.language_model.sentences import SentenceStream
from voice.settings import ModelSettings
from voice.speech.breaker import Breaker, Pass


@dataclass(frozen=True, slots=True)
class Sentence:
    """A whole sentence of the answer."""

    text: str


class ModelService:
    """Shared by all calls. After three failures in a row the server rests, and callers go the offline way at
    once instead of waiting for it each time; then one of them is the trial."""

    def __init__(self, model: LanguageModel, clock: Clock) -> None:
        self._model, self._clock = model, clock
        self._breaker = Breaker()

    async def close(self) -> None:
        await self._model.close()

    async def answer(self, ask: Ask) -> AsyncGenerator[Sentence | End, None]:
        """Sentences as they become whole, and one :class:`End`. Raises :class:`LanguageModelError`.
        Closing it ends the request."""
        allowed = self._breaker.ask(self._clock.now_ms())
        if allowed is Pass.NO:
            raise LanguageModelError("resting", "the language model failed several times and rests")
        trial = allowed is Pass.TRIAL
        over = False
        try:
            async for item in self._sentences(self._model.stream(ask)):
                if isinstance(item, End):
                    self._breaker.succeeded(self._clock.now_ms(), trial=trial)
                    over = True
                yield item
        except LanguageModelError:
            self._breaker.failed(self._clock.now_ms(), trial=trial)
            over = True
            raise
        finally:
            if not over:
                self._breaker.abandoned(self._clock.now_ms(), trial=trial)

    def too_slow(self) -> None:
        """A caller waited in vain: that counts as a failure."""
        self._breaker.failed(self._clock.now_ms(), trial=True)

    async def _sentences(self, pieces: AsyncIterator[object]) -> AsyncGenerator[Sentence | End, None]:
        stream = SentenceStream()
        async for piece in pieces:
            if isinstance(piece, End):
                for text in stream.flush() if piece.whole else ():
                    yield Sentence(text)
                yield piece
                return
            for text in stream.feed(getattr(piece, "text", "")):
                yield Sentence(text)


def configured(settings: ModelSettings, clock: Clock) -> ModelService | None:
    """The service that settings name; None when they name none. Raises :class:`ConfigError`."""
    return ModelService(OpenAIServer(settings), clock) if settings.url else None
