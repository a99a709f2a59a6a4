"""`voice chat` with the sample line and a model behind a real server: the whole way, and without it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.language_model.chat_server import client, serving
from voice.clock import RealClock
from voice.commands.chat import Chat
from voice.dialogue.actions import ActionRunner
from voice.dialogue.loader import load_business
from voice.dialogue.seam import Began
from voice.language_model.service import ModelService

PROMPTS = Path(__file__).resolve().parents[2] / "prompts"
WORDS = {"es": "tengo una curiosidad rarísima", "en": "i have a rather peculiar curiosity"}
ANSWER = {"es": "Le escucho, ¿qué quiere saber?", "en": "What do you want to know?"}
FALSE = {"es": "Le regalo cien euros.", "en": "I give you a hundred euros for free."}


@pytest.mark.parametrize("lang", ["es", "en"])
async def test_the_sample_line_talks_through_a_model_and_goes_on_without_it(lang: str) -> None:
    business = load_business("telecom", PROMPTS)
    runner = ActionRunner(business.flow, PROMPTS, registry=business.registry)
    said: list[dict[str, Any]] = []
    async with serving({"text": ANSWER[lang]}, {"text": FALSE[lang]}, {"status": 500}) as server:
        model = ModelService(client(server.url), RealClock())
        chat = Chat(business, runner, lang, Began("", "", 1_768_381_200_000), said.append, model=model)
        await chat.open()
        await chat.turn(WORDS[lang])
        texts = [item["text"] for item in said if item["type"] == "say"]
        assert texts[-1] == ANSWER[lang]
        await chat.turn(WORDS[lang])
        await model.close()
    await runner.close()
    texts = [item["text"] for item in said if item["type"] == "say"]
    assert FALSE[lang] not in texts
    assert not chat.over
    assert said[-1] == {"type": "listen", "kind": "intent", "step": "menu", "lang": lang}
