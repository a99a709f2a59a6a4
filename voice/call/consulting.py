"""Asking the language model for a call: its sentences, and every failure, become inputs of the dialogue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Protocol

from voice.clock import Clock
from voice.dialogue.seam import Consult, ModelDone, ModelFailed, ModelSaid
from voice.language_model.seam import Ask, End, LanguageModelError
from voice.language_model.service import Sentence

Answer = Callable[[ModelSaid | ModelDone | ModelFailed], None]


class Model(Protocol):
    """See :class:`voice.language_model.service.ModelService`."""

    def answer(self, ask: Ask) -> AsyncGenerator[Sentence | End, None]: ...
    def too_slow(self) -> None: ...


class Consulting:
    """One call's requests, by their ids."""

    def __init__(self, model: Model | None, clock: Clock) -> None:
        self._model, self._clock = model, clock
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def run(self, request: Consult, tell: Answer) -> None:
        """Tells sentences as they come, and at last one :class:`ModelDone` or :class:`ModelFailed`; nothing
        more after :meth:`stop`. Within ``request.timeout_ms`` of the clock it is over."""
        task = asyncio.current_task()
        assert task is not None
        if self._model is None:
            tell(ModelFailed(request.id, "unreachable"))
            return
        late = False

        def give_up() -> None:
            nonlocal late
            late = True
            task.cancel()

        self._tasks[request.id] = task
        timer = self._clock.call_at(self._clock.now_ms() + request.timeout_ms, give_up)
        try:
            await self._listen(self._model.answer(request.ask), request.id, tell)
        except LanguageModelError as error:
            if request.id in self._tasks:
                tell(ModelFailed(request.id, error.kind))
        except asyncio.CancelledError:
            if not late and request.id in self._tasks:
                raise  # the call is over
            task.uncancel()
            if late and request.id in self._tasks:
                self._model.too_slow()
                tell(ModelFailed(request.id, "timeout"))
        finally:
            timer.cancel()
            self._tasks.pop(request.id, None)

    async def _listen(self, answer: AsyncGenerator[Sentence | End, None], id: str, tell: Answer) -> None:  # noqa: A002
        try:
            async for item in answer:
                if id not in self._tasks:
                    return
                if isinstance(item, Sentence):
                    tell(ModelSaid(id, item.text))
                else:
                    tell(ModelDone(id, item.calls, item.tokens))
        finally:
            await answer.aclose()

    def stop(self, id: str) -> None:  # noqa: A002
        """The answer is not wanted any more."""
        task = self._tasks.pop(id, None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    def stop_all(self) -> None:
        for name in list(self._tasks):
            self.stop(name)
