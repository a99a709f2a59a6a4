"""Whole calls of audio through a language model behind a real server: streamed, interrupted, dead, slow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from itertools import pairwise

import pytest

from tests.call.conftest import line, speech  # noqa: F401 (fixtures)
from tests.call.line_under_test import LineUnderTest, Phone
from tests.language_model.chat_server import ChatServer, Reply, client, serving
from tests.language_model.talking import shop
from voice import events as ev
from voice.dialogue.conversing import QUIET_MS
from voice.dialogue.loader import Business
from voice.dialogue.machine import FlowDialogue
from voice.language_model.service import ModelService
from voice.model import CallInfo
from voice.speech.mouths import ToneMouth

LANGS = pytest.mark.parametrize("lang", ["es", "en"])
QUESTION = {"es": "cuánto tarda", "en": "how long does it take"}
OTHER = {"es": "y las lámparas grandes", "en": "and the big lamps"}
SENTENCE = {
    "es": "El envío tarda tres días y cuesta cinco euros.",
    "en": "A delivery takes three days and costs five euros.",
}
SECOND = {"es": "¿Quiere saber más de los envíos?", "en": "Would you like to know more about deliveries?"}
OFFLINE = {"es": "Dígame: ¿pedido o consejo?", "en": "Tell me: order or advice?"}


@pytest.fixture(scope="module")
def business(tmp_path_factory: pytest.TempPathFactory) -> Business:
    return shop(tmp_path_factory.mktemp("calls") / "prompts")


def said(phone: Phone) -> list[str]:
    return [event.text for event in phone.log(ev.BotSaid)]


def was_said(phone: Phone, text: str, first: int) -> bool:
    return text in said(phone)[first:]


def was_heard(phone: Phone, text: str, first: int) -> bool:
    """Whether ``text`` was heard to its end, among what was said from number ``first`` on."""
    ids = {event.id for event in phone.log(ev.BotSaid)[first:] if event.text == text}
    return any(event.id in ids for event in phone.log(ev.BotHeard))


async def until(phone: Phone, what: Callable[[], bool], most_ms: int = 40_000) -> None:
    """The call goes on until ``what`` is true."""
    for _ in range(0, most_ms, 200):
        if what():
            return
        await phone.audio(200)
        await asyncio.sleep(0.02)  # sockets are real: a tenth of the call's time, for a busy machine
    raise AssertionError(f"it never came to that: {said(phone)}")


async def arrived(what: Callable[[], bool]) -> None:
    """Until the server has it; the call's time stands still meanwhile."""
    async with asyncio.timeout(60):
        while not what():  # noqa: ASYNC110 (the server is a plain one)
            await asyncio.sleep(0.01)


@asynccontextmanager
async def calling(
    line: LineUnderTest,  # noqa: F811
    business: Business,
    lang: str,
    *replies: Reply,
) -> AsyncIterator[tuple[Phone, ChatServer]]:
    """A call that has come to the model's step and asked a question there."""

    def new_dialogue(info: CallInfo) -> FlowDialogue:
        return FlowDialogue(business.flow, business.texts, business.understanding, lang, True)

    async with serving(*replies) as server:
        model = ModelService(client(server.url), line.clock)
        mouth = ToneMouth(1500)
        line.services = replace(line.services, new_dialogue=new_dialogue, model=model, mouth=mouth)
        phone = line.phone()
        await phone.ring()
        await until(phone, lambda: bool(phone.log(ev.DisclosureMade)))
        await phone.press("2")
        tell = {"es": "Cuénteme.", "en": "Tell me."}[lang]
        await until(phone, lambda: tell in said(phone))
        await phone.audio(1500)
        await phone.say(QUESTION[lang])
        await until(phone, lambda: bool(phone.log(ev.CallerSaid)), 3000)
        await arrived(lambda: bool(server.asked))
        yield phone, server
        await phone.hang_up()
        await model.close()


@LANGS
async def test_sentences_are_spoken_while_the_rest_is_written(
    line: LineUnderTest,  # noqa: F811
    business: Business,
    lang: str,
) -> None:
    unfinished = f"{SENTENCE[lang]} {SECOND[lang]} El"
    async with calling(line, business, lang, {"text": unfinished, "hang": True}) as (phone, _):
        await until(phone, lambda: SENTENCE[lang] in said(phone))
        await until(phone, lambda: any(heard.heard == SENTENCE[lang] for heard in phone.log(ev.BotHeard)))
        assert SECOND[lang] in said(phone)
        assert phone.log(ev.Responded), "the answer's first sound is measured"


@LANGS
async def test_a_caller_interrupts_an_answer_that_is_still_being_written(
    line: LineUnderTest,  # noqa: F811
    business: Business,
    lang: str,
) -> None:
    long = {"text": f"{SENTENCE[lang]} {SECOND[lang]} A", "hang": True}
    again = {"text": f"{SENTENCE[lang]} {SECOND[lang]}"}
    async with calling(line, business, lang, long, again) as (phone, server):
        await until(phone, lambda: SECOND[lang] in said(phone))
        await phone.audio(200)
        await phone.say(OTHER[lang])
        await until(phone, lambda: len(phone.log(ev.CallerSaid)) == 2, 3000)
        await arrived(lambda: len(server.asked) >= 2)
        await asyncio.wait_for(server.dropped.wait(), 60)
        messages = server.asked[1]["messages"]
        told = [m["content"] for m in messages if m["role"] == "assistant"]
        assert messages[-1] == {"role": "user", "content": OTHER[lang]}
        assert len(told) == 1
        assert told[0] != SENTENCE[lang]
        assert SENTENCE[lang].startswith(told[0].removesuffix("…")), "only what was heard"
        # one was cut and the other never begun: neither counts as said
        await until(phone, lambda: said(phone).count(SECOND[lang]) == 2)
        assert said(phone).count(SENTENCE[lang]) == 2
        assert OFFLINE[lang] not in said(phone)
        await until(phone, lambda: any(heard.heard == SECOND[lang] for heard in phone.log(ev.BotHeard)))
        assert phone.log(ev.BargedIn)[-1].by == "speech"


@LANGS
async def test_a_model_that_dies_in_mid_sentence_leaves_the_offline_way(
    line: LineUnderTest,  # noqa: F811
    business: Business,
    lang: str,
) -> None:
    broken = {"text": f"{SENTENCE[lang]} He cancelado su", "unfinished": True}
    async with calling(line, business, lang, broken) as (phone, _):
        await until(phone, lambda: OFFLINE[lang] in said(phone))
        assert SENTENCE[lang] in said(phone), "what was whole is said"
        assert not [text for text in said(phone) if "cancelado" in text]
        consulted = phone.log(ev.ModelConsulted)
        assert [one.outcome for one in consulted] == ["cut"]
        # and the call goes on
        await until(phone, lambda: any(heard.heard == OFFLINE[lang] for heard in phone.log(ev.BotHeard)))
        await phone.audio(600)
        await phone.press("1")
        pin = {"es": "Marque su clave.", "en": "Enter your PIN."}[lang]
        await until(phone, lambda: said(phone)[-1] == pin)


@LANGS
async def test_a_model_that_does_not_answer_is_waited_for_aloud_and_left(
    line: LineUnderTest,  # noqa: F811
    business: Business,
    lang: str,
) -> None:
    async with calling(line, business, lang, {"hang": True}) as (phone, server):
        since = line.clock.now_ms()
        filler = business.texts.get("filler", lang)
        await until(phone, lambda: filler in said(phone), 3000)
        assert line.clock.now_ms() - since <= business.flow.patience.filler_ms + 1000
        await until(phone, lambda: OFFLINE[lang] in said(phone))
        limit = business.flow.patience.limit_ms
        assert line.clock.now_ms() - since <= limit + 1500
        assert [one.outcome for one in phone.log(ev.ModelConsulted)] == ["timeout"]
        await asyncio.wait_for(server.dropped.wait(), 60)
        last = said(phone)
        before = last.index(filler)
        assert last[before:] == [
            filler,
            business.texts.get("apology_wait", lang),
            business.texts.get("apology", lang),
            OFFLINE[lang],
        ]


@LANGS
async def test_a_model_that_stalls_midway_leaves_no_silence(
    line: LineUnderTest,  # noqa: F811
    business: Business,
    lang: str,
) -> None:
    async with calling(line, business, lang, {"text": f"{SENTENCE[lang]} E", "hang": True}) as (phone, _):
        leads = [business.texts.get(key, lang) for key in ("filler", "apology_wait", "answer_cut")]
        await until(phone, lambda: SENTENCE[lang] in said(phone))
        first = said(phone).index(SENTENCE[lang])
        for before, after in pairwise([SENTENCE[lang], *leads]):
            await until(phone, partial(was_heard, phone, before, first))
            since = line.clock.now_ms()
            await until(phone, partial(was_said, phone, after, first))
            assert line.clock.now_ms() - since <= QUIET_MS + 300  # it is looked at every 200 ms
        await until(phone, lambda: said(phone)[-1] == OFFLINE[lang])


async def test_a_promise_is_not_spoken_in_a_call(
    line: LineUnderTest,  # noqa: F811
    business: Business,
) -> None:
    lie: Reply = {"text": "Le regalo el envío. Son cien euros menos."}
    async with calling(line, business, "es", lie, {"text": "Lo siento, no lo sé."}) as (phone, server):
        await until(phone, lambda: "Lo siento, no lo sé." in said(phone))
        assert not [text for text in said(phone) if "regalo" in text or "cien" in text]
        assert "promete" in server.asked[1]["messages"][0]["content"], "it is told why"
