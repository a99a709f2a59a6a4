"""A handoff's summary in a model's words: what it is given, what is taken, and what happens without it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.call.conftest import line, speech  # noqa: F401 (fixtures)
from tests.call.line_under_test import LineUnderTest, Phone, prompt
from tests.language_model.chat_server import Reply, client, serving
from voice.dialogue.seam import Action, Began, Input, Say, Transfer
from voice.insight.transcript import Line
from voice.language_model.service import ModelService
from voice.language_model.summarising import accepted, question
from voice.model import Handoff, IntentGuess, Slot, Source
from voice.queue.packet import facts_of
from voice.queue.summary import ByRules, Facts

CUSTOMER = Slot("customer", "12345678", "12345678", 0.9, True, Source.SPEECH, "número de cliente", False)
PIN = Slot("pin", "4321", "4321", 0.9, True, Source.DTMF, "clave", True)
HANDOFF = Handoff(
    reason="caller_asked",
    queue="general",
    priority=5,
    lang="es",
    intent=IntentGuess("balance", 0.95, "consultar el saldo"),
    slots=(CUSTOMER, PIN),
)
FACTS = Facts(HANDOFF, (Line("caller", "me han cobrado treinta euros de más", 0),))
GOOD = (
    "Llama porque cree que le han cobrado treinta euros de más en su saldo. Su número de cliente es "
    "12345678, confirmado. Ha pedido hablar con una persona."
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Llama por treinta euros de más.",  # without the customer's number
        GOOD.replace("treinta euros", "cincuenta euros"),
        GOOD + " Le hemos prometido diez euros.",
        GOOD + " Espera respuesta el lunes.",
        GOOD + " Ya se le ha reembolsado el importe.",
        GOOD.replace("12345678", "1234567"),
        "They were charged thirty euros too much and they want to know why it is so. Customer 12345678.",
        GOOD * 10,
    ],
)
def test_what_adds_to_the_facts_or_loses_some_is_left_out(text: str) -> None:
    assert accepted(GOOD, FACTS, "es")
    assert not accepted(text, FACTS, "es")


def test_no_secret_is_sent() -> None:
    facts = facts_of(HANDOFF, ())
    masked = replace(facts, lines=(Line("caller", "mi cuenta es 1234 5678 9012 3456", 0),))
    for lang in ("es", "en"):
        sent = str(question(masked, lang))
        assert "12345678" in sent
        assert "4321" not in sent
        assert "9012" not in sent


@pytest.mark.parametrize(
    "said",
    [
        "mi pin es dos cinco ocho cero",
        "la clave es 2580",
        "my pin is two five eight zero",
        "my password is 2580",
    ],
)
def test_no_secret_that_was_told_unasked_is_sent(said: str) -> None:
    lines = (Line("caller", "hola", 0), Line("caller", said, 0), Line("bot", "Dígame, 2020.", 0))
    for lang in ("es", "en"):
        sent = str(question(replace(FACTS, lines=lines), lang))
        assert "2580" not in sent
        assert "cinco ocho" not in sent
        assert "five eight" not in sent
        assert "hola" in sent
        assert "2020" in sent


async def until(phone: Phone, what: Callable[[], Any], most_ms: int = 20_000) -> None:
    for _ in range(0, most_ms, 200):
        if what():
            return
        await phone.audio(200)
        await asyncio.sleep(0.02)  # sockets are real
    raise AssertionError("it never came to that")


@pytest.mark.parametrize(
    ("reply", "taken"),
    [
        ({"text": GOOD}, True),
        ({"text": GOOD.replace("treinta", "cien")}, False),
        ({"status": 500}, False),
        ({"text": "Llama por", "hang": True}, False),
    ],
)
async def test_the_packet_gets_the_better_summary_and_never_waits_for_it(
    line: LineUnderTest,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
    reply: Reply,
    taken: bool,
) -> None:
    said = replace(CUSTOMER, spoken="treinta")
    handoff = replace(HANDOFF, slots=(said,), stopped_at="le han cobrado treinta euros de más")

    def script(event: Input, now: int) -> list[Action]:
        if isinstance(event, Began):
            return [Say((prompt("le han cobrado treinta euros de más"),)), Transfer(handoff)]
        return []

    async with serving(reply) as server:
        line.configure(model={"url": server.url, "name": "test", "summary": True})
        model = ModelService(client(server.url), line.clock)
        line.services = replace(line.services, model=model)
        line.script = script
        phone = line.phone()
        caplog.set_level(logging.INFO, "voice.call.summarising")
        await phone.ring()
        await until(phone, lambda: bool(line.queue.waiting()))
        ticket = line.queue.waiting()[0].id
        await until(phone, lambda: len(server.asked) == 2)
        await phone.audio(1000)
        await until(phone, lambda: taken or sum("left out" in m for m in caplog.messages) == 2)
        packet: dict[str, Any] = {}
        for _ in range(100):
            packet = await line.store.packet(ticket) or {}
            if not taken or packet["summary"] == GOOD:
                break
            await phone.audio(200)
            await asyncio.sleep(0.02)
        assert (packet["summary"] == GOOD) is taken
        assert packet["worded"]["en"]["summary"] == ByRules().summarise(
            facts_of(handoff, phone.session.events), "en"
        )
        assert "12345678" in packet["summary"]
        await phone.hang_up()
        packet = await line.store.packet(ticket) or {}
        assert (packet["summary"] == GOOD) is taken, "also in the last one"
        await model.close()
