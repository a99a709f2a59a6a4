"""Recorded callers over a real WebSocket, through a flow that talks by a language model behind a real server.

Heard by the built-in recognizer, answered in streamed sentences, interrupted in the middle of one, a tool
run, and a model that breaks off: the same call goes on without it, to a person who is told it all.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.dialogue.text_caller import make_prompts
from tests.language_model.chat_server import Reply, serving
from tests.language_model.talking import ARTICLE
from voice.replay.clips import load_script
from voice.replay.local_server import LocalServer
from voice.replay.report import CallReport
from voice.replay.scenario import load
from voice.replay.twilio_client import CallOptions, ProviderCall

pytestmark = pytest.mark.slow

AUDIO = Path(__file__).parents[2] / "audio_fixtures" / "audio"
CLIPS = {
    "es": ("es-donde-esta-mi-pedido-*", "es-con-un-operador-por-favor-*"),
    "en": ("en-where-is-my-order-*", "en-i-want-to-talk-to-a-person-*"),
}
WORD = {"es": "pedido", "en": "order"}
FLOW = """
name: shop
title: {es: Tienda Sol, en: Sun Shop}
languages: [es, en]
disclosure: {es: "Soy un asistente automático.", en: "I am an automatic assistant."}
knowledge: true
start: advisor
goodbye: bye
steps:
  advisor:
    type: converse
    label: {es: preguntar por pedidos, en: ask about orders}
    prompt: {es: "Cuénteme.", en: "Tell me."}
    goal: {es: "Ayudar con pedidos y envíos.", en: "Help with orders and deliveries."}
    topics: [{es: "pedidos y envíos", en: "orders and deliveries"}]
    tools:
      status:
        action: status
        label: {es: consultar el pedido, en: look up the order}
        tells: [state]
        changes: false
    exits:
      done: {when: {es: "no quiere nada más", en: "wants nothing else"}, then: bye}
    offline: offline_menu
  offline_menu:
    type: menu
    prompt: {es: "¿Pedido o persona?", en: "Order or person?"}
    retry: [{es: "Diga pedido.", en: "Say order."}]
    intents:
      order:
        label: {es: hacer un pedido, en: place an order}
        key: 1
        then: bye
        examples:
          es: [quiero hacer un pedido, quiero comprar, hacer un pedido]
          en: [i want to place an order, i want to buy, place an order]
  bye:
    type: hang_up
    text: {es: "Adiós.", en: "Goodbye."}
"""
ACTIONS = """
from voice.dialogue.actions import action

@action("status")
def status():
    return {"state": "%s", "address": "Secret Street 1"}
"""
STATE = "en camino / on its way"
FIRST = {
    "es": "El envío tarda tres días y cuesta cinco euros.",
    "en": "A delivery takes three days and costs five euros.",
}
SECOND = {"es": "¿Quiere que consulte el pedido?", "en": "Shall I look up the order?"}
FOUND = {"es": "Su pedido está en camino.", "en": "Your order is on its way."}
FALSE = {"es": " Y ya no tendrá que pagar", "en": " And you will not have to pay"}


class Model:
    """What the model says: an answer that never ends, a tool, and an answer that breaks off."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    def __call__(self, request: dict[str, Any]) -> Reply:
        lang = "es" if "Eres el asistente" in request["messages"][0]["content"] else "en"
        self.asked[lang] += 1
        match self.asked[lang]:
            case 1:
                return {"text": f"{FIRST[lang]} {SECOND[lang]} A", "hang": True}
            case 2:
                return {"calls": [("status", "{}")]}
            case _:
                return {"text": FOUND[lang] + FALSE[lang], "half": True}


def scenario(folder: Path, lang: str, caller: str) -> Path:
    question, person = (str(next(AUDIO.glob(f"{clip}.flac"))) for clip in CLIPS[lang])
    steps: list[dict[str, Any]] = [
        {"wait": "prompt_end"},
        {"play": question},
        {"play": question, "interrupt": 1200},
        {"wait": "prompt_end"},
        {"play": person},
        {"press": "#", "interrupt": 500},  # what it is about need not be said
        {"wait": "prompt_start"},
        {"hang_up": True},
    ]
    told = {"name": f"model-{lang}", "summary": "Talks to the model", "lang": lang, "caller": caller}
    path = folder / f"{lang}.yaml"
    path.write_text(json.dumps(told | {"parameters": {"lang": lang}, "steps": steps}), encoding="utf-8")
    return path


async def test_a_call_through_a_model_from_sound_to_a_person(
    tmp_path: Path, with_vocabulary: Callable[[Path], Path]
) -> None:
    prompts = make_prompts(tmp_path / "prompts", FLOW, ACTIONS % STATE, "shop")
    for lang, text in ARTICLE.items():
        (prompts / "knowledge" / lang).mkdir(parents=True)
        (prompts / "knowledge" / lang / "delivery.md").write_text(text, encoding="utf-8")
    data = with_vocabulary(tmp_path / "data")
    numbers = {"es": "+34600111777", "en": "+12025550177"}
    async with serving(choose=Model()) as model:
        environment = {
            "CENTRALITA_MODEL__URL": model.url,
            "CENTRALITA_MODEL__NAME": "test",
            "CENTRALITA_CALL__FLOW": "shop",
        }
        async with LocalServer(data, prompts, environment) as server:
            url = f"{server.url}/telephony/twilio/voice"
            scripts = [load_script(load(scenario(tmp_path, lang, numbers[lang]))) for lang in numbers]
            calls = [ProviderCall(url, script, CallOptions(out=tmp_path)).run() for script in scripts]
            reports = await asyncio.gather(*calls)
    for lang, report in zip(numbers, reports, strict=True):
        sent = [r for r in model.asked if ("Eres el asistente" in str(r["messages"][0])) == (lang == "es")]
        _tells_it_all(lang, report, data, sent)


def _tells_it_all(lang: str, report: CallReport, data: Path, sent: list[dict[str, Any]]) -> None:
    folder = data / "calls" / report.call_id
    log = [json.loads(line) for line in _read(folder / "events.jsonl").splitlines()]
    kinds = [event["kind"] for event in log]
    said = [event["data"]["text"] for event in log if event["kind"] == "bot.said"]
    assert len(sent) == 3, said
    heard = [message["content"] for message in sent[1]["messages"] if message["role"] == "user"]
    assert len(heard) == 2
    assert all(WORD[lang] in words for words in heard), heard
    assert "caller.barged_in" in kinds
    assert STATE in str(sent[2]["messages"]), "the tool was run"
    assert "Secret Street" not in str(sent), "and told only what it may"
    assert FIRST[lang] in said
    assert FOUND[lang] in said
    assert not [text for text in said if FALSE[lang].strip() in text]
    assert said.index(FOUND[lang]) < len(said) - 2, "the call goes on"
    packet = json.loads(_read(folder / "packet.json"))
    assert packet["reason"] == "caller_asked"
    lines = json.dumps(packet, ensure_ascii=False)
    assert FOUND[lang] in lines
    assert WORD[lang] in lines


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
