"""A sensitive answer, however it is given, stands in no log, packet, text, file or message to a provider."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.call.line_under_test import LineUnderTest
from tests.call.relay_phone import RelayPhone
from tests.dialogue.test_flow_blocks import SHOP, SHOP_ACTIONS
from tests.dialogue.text_caller import Caller, make_prompts
from voice.dialogue.actions import ActionRunner
from voice.dialogue.loader import Business, load_business
from voice.dialogue.machine import FlowDialogue
from voice.events import EventData

SECRETS = ("4711", "4 7 1 1", "cuatro siete uno uno", "four seven one one", "4-7-1-1", "4712", "471")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Business:
    folder = make_prompts(tmp_path_factory.mktemp("secret") / "prompts", SHOP, SHOP_ACTIONS, name="shop")
    return load_business("shop", folder)


def told(text: str) -> list[str]:
    """The secrets in ``text``."""
    return [secret for secret in SECRETS if secret in text.lower()]


def _json(item: object) -> str:
    return json.dumps(item.to_json()) if isinstance(item, EventData) else repr(item)


@pytest.mark.parametrize(
    ("lang", "turns"),
    [
        ("es", ("#4711", "#0")),
        ("es", ("cuatro siete uno uno", "una persona")),
        ("es", ("#471", "a qué hora abren", "#4711", "#0")),  # too short, a digression, right
        ("es", ("cuatro siete uno", "no, cuatro siete uno uno", "repita", "una persona")),
        ("es", ("no lo tengo", "#4711", "el quince de febrero", "sí", "#0")),
        ("en", ("four seven one one", "an agent please")),
        ("en", ("in spanish please", "#4711", "#0")),
        ("en", ("#4711", "february the fifteenth", "no", "#1", "#4712", "#0")),  # and a second time
        ("en", ("one moment", "four seven one one", "main menu", "#0")),
        ("en", ("#471", "#471", "#471")),  # the ladder's end
    ],
)
def test_the_dialogue_tells_nobody(shop: Business, lang: str, turns: tuple[str, ...]) -> None:
    caller = Caller(shop, lang).says("#1")
    assert caller.listens().sensitive
    for turn in turns:
        if not caller.over:
            caller.says(turn)
    out = [*caller.notes, *caller.said, caller.handed(), caller.announced]
    assert [secret for item in out for secret in told(_json(item))] == []


def test_a_secret_that_a_sub_flow_gives_back_stays_hidden(tmp_path: Path) -> None:
    source = SHOP.replace("outputs: [code, day]", "outputs: [code, day, card]").replace(
        "save: {receipt: code,", "save: {number: card, receipt: code,"
    )
    folder = make_prompts(tmp_path / "prompts", source, SHOP_ACTIONS, name="shop")
    business = load_business("shop", folder)
    assert {"payment.card", "number"} <= business.flow.sensitive
    caller = Caller(business, "es")
    for turn in ("#1", "#4711", "el quince de febrero", "sí"):
        caller.says(turn)
    handoff = caller.says("#0").handed()
    assert [s.sensitive for s in handoff.slots if s.name in ("number", "payment.card")] == [True]
    assert told(repr(handoff)) == []


@pytest.mark.parametrize(
    "turns",
    [
        ("say:cuatro siete uno uno", "say:una persona"),
        ("press:4711#", "press:0"),
        ("say:a qué hora abren", "say:4 7 1 1", "press:0"),
    ],
)
async def test_over_conversationrelay_no_file_or_message_holds_it(
    line: LineUnderTest, shop: Business, caplog: pytest.LogCaptureFixture, turns: tuple[str, ...]
) -> None:
    runner = ActionRunner(shop.flow, Path(shop.flow.file).parents[1], registry=shop.registry)

    def new_dialogue(info: Any) -> FlowDialogue:
        return FlowDialogue(shop.flow, shop.texts, shop.understanding, "es")

    with caplog.at_level(logging.DEBUG):
        phone = RelayPhone(replace(line.services, new_dialogue=new_dialogue, actions=runner))
        await phone.ring()
        await phone.listen()
        await phone.say("necesito pagar")
        await phone.listen()
        for turn in turns:
            how, _, words = turn.partition(":")
            await (phone.say(words) if how == "say" else phone.press(words))
            await phone.wait(8_000)
        await phone.hang_up()
    await runner.close()
    stored = await line.store.events("CA1")
    assert any(event.kind == "dialogue.slot" for event in stored)
    assert told(json.dumps([event.to_json() for event in stored])) == []
    assert told(json.dumps(phone.sent, ensure_ascii=False)) == []
    assert told(caplog.text) == []
    files = [path for path in line.services.calls_dir.rglob("*") if path.is_file()]
    assert files
    assert [path.name for path in files if told(path.read_bytes().decode("utf-8", "replace"))] == []
