"""Asking the language model for a handoff's summary, while the caller waits in the queue."""

from __future__ import annotations

import asyncio
import logging

from voice.call.consulting import Model
from voice.clock import Clock
from voice.language_model.service import Sentence
from voice.language_model.summarising import Written, accepted, question
from voice.model import LANGUAGES
from voice.queue.summary import Facts

log = logging.getLogger(__name__)


async def written(model: Model, clock: Clock, facts: Facts, limit_ms: int, call_id: str) -> Written | None:
    """The summary in every language in which the model keeps to the facts; None for none. Takes no longer
    than ``limit_ms`` of ``clock``, and never raises."""
    asked = {lang: asyncio.ensure_future(_ask(model, facts, lang)) for lang in LANGUAGES}

    def give_up() -> None:
        for task in asked.values():
            task.cancel()

    timer = clock.call_at(clock.now_ms() + limit_ms, give_up)
    try:
        answers = await asyncio.gather(*asked.values(), return_exceptions=True)
    finally:
        timer.cancel()
        give_up()
    texts: dict[str, str] = {}
    for lang, answer in zip(asked, answers, strict=True):
        if isinstance(answer, str) and answer:
            texts[lang] = answer
            continue
        why = "does not keep to the facts" if answer == "" else type(answer).__name__
        log.info("call %s: the language model's summary in %s is left out: %s", call_id, lang, why)
    return Written(texts) if texts else None


async def _ask(model: Model, facts: Facts, lang: str) -> str:
    answer = model.answer(question(facts, lang))
    try:
        text = " ".join([item.text async for item in answer if isinstance(item, Sentence)])
    finally:
        await answer.aclose()
    return text if accepted(text, facts, lang) else ""
