"""Whole calls over ConversationRelay, in both languages: the provider hears and speaks, the dialogue, queue
and desk are those of every call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.call.line_under_test import LineUnderTest
from tests.call.relay_phone import RelayPhone
from voice import events as ev
from voice.dialogue.actions import ActionRunner
from voice.dialogue.loader import Business, load_business
from voice.dialogue.machine import FlowDialogue
from voice.profile.keys import Keys
from voice.profile.tries import Tries
from voice.profile.verify import Verifier

PROMPTS = Path(__file__).resolve().parents[2] / "prompts"
Ring = Callable[..., RelayPhone]


@pytest.fixture(scope="module")
def telecom() -> Business:
    return load_business("telecom", PROMPTS)


@pytest.fixture
async def ring(line: LineUnderTest, telecom: Business) -> AsyncIterator[Ring]:
    """Calls to the telecom line."""
    phones: list[RelayPhone] = []
    runner = ActionRunner(telecom.flow, PROMPTS, registry=telecom.registry)
    verifier = Verifier(runner, Tries(line.store, line.clock), line.clock, Keys(b"0123456789abcdef"))

    def new_dialogue(info: Any) -> FlowDialogue:
        lang = info.parameters.get("lang", "es")
        return FlowDialogue(telecom.flow, telecom.texts, telecom.understanding, lang)

    def make(**options: Any) -> RelayPhone:
        services = replace(line.services, new_dialogue=new_dialogue, actions=verifier)
        phones.append(RelayPhone(services, **options))
        return phones[-1]

    yield make
    for phone in phones:
        await phone.hang_up()
    await runner.close()


@pytest.mark.parametrize("reports", [True, False])
@pytest.mark.parametrize(
    ("lang", "wish", "number", "yes", "no", "amount"),
    [
        ("es", "¿Cuánto debo?", "12345678.", "Sí.", "No, gracias.", "cuarenta y dos euros"),
        ("en", "How much do I owe?", "1 2 3 4 5 6 7 8", "Yes.", "No, thanks.", "forty-two euros"),
    ],
)
async def test_a_balance_from_greeting_to_goodbye(
    ring: Ring, reports: bool, lang: str, wish: str, number: str, yes: str, no: str, amount: str
) -> None:
    phone = ring(reports=reports)
    await phone.ring(lang=lang)
    await phone.listen()
    await phone.say(wish)
    await phone.listen()
    await phone.say(number)
    await phone.listen()
    await phone.say(yes)
    await phone.listen()
    await phone.press("2580")
    assert amount in await phone.listen()
    await phone.say(no)
    await phone.listen()
    await phone.over()
    assert (phone.session.outcome, phone.handoff()["outcome"]) == ("completed", "completed")
    assert phone.closed is not None
    assert phone.closed[0] == 1000
    started = phone.log(ev.CallStarted)[0]
    assert (started.provider, started.caller) == ("twilio-conversationrelay", "+34600000001")
    assert [said.text for said in phone.log(ev.CallerSaid)] == [wish, number, yes, no]
    assert not phone.log(ev.RecordingSaved)
    assert {heard.ended for heard in phone.log(ev.BotHeard)} == {"full"}


async def test_who_wants_a_person_waits_in_the_queue_and_gets_one(ring: Ring, line: LineUnderTest) -> None:
    phone = ring()
    await phone.ring()
    await phone.listen()
    await phone.say("cuánto debo")
    await phone.listen()
    await phone.press("0")
    await phone.wait(25_000)
    waiting = line.queue.waiting()
    assert len(waiting) == 1
    packet = await line.store.packet(waiting[0].id)
    assert packet is not None
    assert packet["intent"]["name"] == "balance"
    assert packet["recording"] is None
    assert "(music)" in phone.said
    assert any(message["type"] == "play" for message in phone.sent)
    await line.queue.accept(waiting[0].id, "Ana")
    await phone.wait(10_000)
    await phone.over()
    assert phone.handoff()["outcome"] == "transferred"
    assert phone.handoff()["ticket"] == waiting[0].id


async def test_a_caller_who_waits_can_be_called_back(ring: Ring, line: LineUnderTest) -> None:
    phone = ring(reports=False)
    await phone.ring(lang="en")
    await phone.listen()
    await phone.press("0")
    await phone.wait(12_000)
    await phone.press("1")
    await phone.wait(15_000)
    await phone.over()
    assert phone.handoff()["outcome"] == "callback"


async def test_the_greeting_that_the_provider_says_is_not_said_twice(ring: Ring, telecom: Business) -> None:
    greetings = {lang: text.strip() for lang, text in telecom.flow.disclosure.items()}
    phone = ring(greetings=greetings)
    await phone.ring(lang="es")
    said = await phone.listen()
    assert said.count(greetings["es"]) == 1
    assert greetings["es"] not in [message.get("token") for message in phone.sent]
    first = phone.log(ev.BotHeard)[0]
    assert (first.heard, first.ended) == (greetings["es"], "full")
    assert phone.log(ev.DisclosureMade)


async def test_another_greeting_than_the_dialogues_does_not_replace_it(ring: Ring, telecom: Business) -> None:
    phone = ring(greetings={"es": "Hola.", "en": "Hello."})
    await phone.ring(lang="es")
    assert telecom.flow.disclosure["es"].strip() in await phone.listen()


async def test_what_was_heard_before_an_interruption_is_known(ring: Ring) -> None:
    phone = ring()
    await phone.ring()
    await phone.listen()
    await phone.say("cuánto debo")
    await phone.wait(2000)  # in the middle of the question for the number
    await phone.say("12345678")
    cut = [heard for heard in phone.log(ev.BotHeard) if heard.ended == "cut"]
    assert len(cut) == 1
    question = next(said for said in phone.log(ev.BotSaid) if said.id == cut[0].id).text
    assert cut[0].heard
    assert question.startswith(cut[0].heard)
    assert cut[0].heard != question
    assert [barged.by for barged in phone.log(ev.BargedIn)] == ["speech"]
    assert "1" in "".join(said.text for said in phone.log(ev.CallerSaid))
    assert await phone.listen()


@pytest.mark.parametrize("sign", ["ajá", ""])
async def test_a_sign_of_listening_does_not_end_a_prompt(ring: Ring, sign: str) -> None:
    phone = ring()
    await phone.ring()
    await phone.listen()
    await phone.say("cuánto debo")
    await phone.wait(2500)
    await phone.say(sign, partials=False)
    await phone.listen()
    question = next(said for said in phone.log(ev.BotSaid) if "cliente" in said.text)
    heard = next(one for one in phone.log(ev.BotHeard) if one.id == question.id)
    assert heard.ended == "full", "the rest was said"
    assert phone.log(ev.BotResumed)
    assert not phone.log(ev.CallerNotUnderstood)
    texts = [message["token"] for message in phone.sent if message["type"] == "text"]
    assert any(question.text.endswith(text) and text != question.text for text in texts)


async def test_nobody_interrupts_the_disclosure_and_what_is_said_meanwhile_counts(ring: Ring) -> None:
    phone = ring()
    await phone.ring()
    await phone.wait(1000)
    await phone.say("cuánto debo", partials=False)
    await phone.listen()
    disclosure = phone.log(ev.BotHeard)[0]
    assert disclosure.ended == "full"
    assert phone.log(ev.IntentRecognised)[0].intent == "balance"
    first = next(message for message in phone.sent if message["type"] == "text")
    assert first["interruptible"] is False


@pytest.mark.parametrize("reports", [True, False])
async def test_two_sentences_during_the_disclosure_both_count(ring: Ring, reports: bool) -> None:
    phone = ring(reports=reports)
    await phone.ring()
    await phone.wait(600)
    await phone.say("cuánto debo", partials=False)
    await phone.wait(600)
    await phone.say("de mi teléfono", partials=False)
    await phone.listen()
    assert [said.text for said in phone.log(ev.CallerSaid)] == ["cuánto debo de mi teléfono"]
    assert phone.log(ev.IntentRecognised)[0].intent == "balance"


async def test_a_provider_that_cuts_the_disclosure_all_the_same_says_it_again(ring: Ring) -> None:
    phone = ring(reports=False)
    await phone.ring()
    text = phone.sent[0]["token"]
    phone.message(
        "interrupt", utteranceUntilInterrupt=" ".join(text.split()[:2]), durationUntilInterruptMs="400"
    )
    await phone.session.settled()
    again = phone.sent[1]["token"]
    assert text.endswith(again)
    phone.message("prompt", voicePrompt="", last=True)
    await phone.listen()
    assert phone.log(ev.BotHeard)[0].ended == "full"


async def test_the_language_is_changed_for_hearing_and_speaking(ring: Ring) -> None:
    phone = ring()
    await phone.ring(lang="es")
    await phone.listen()
    await phone.press("9")
    await phone.listen()
    assert phone.language == "en-US"
    last = [message for message in phone.sent if message["type"] == "text"][-1]
    assert last["lang"] == "en-US"
    await phone.say("how much do i owe")
    assert "customer number" in await phone.listen()


async def test_silence_is_ours_to_notice_and_leads_to_a_person(ring: Ring, line: LineUnderTest) -> None:
    phone = ring()
    await phone.ring()
    await phone.listen()
    await phone.wait(90_000)
    assert len(phone.log(ev.CallerSilent)) == 3
    assert phone.log(ev.HandoffRequested)[0].reason == "no_input"
    assert len(line.queue.waiting()) == 1


async def test_words_that_are_never_finished_count_after_a_while(ring: Ring) -> None:
    phone = ring()
    await phone.ring()
    await phone.listen()
    phone.message("prompt", voicePrompt="cuánto debo", lang="es-ES", last=False)
    await phone.wait(8000)
    assert phone.log(ev.IntentRecognised)[0].intent == "balance"


async def test_keys_answer_and_a_key_during_a_prompt_ends_it(ring: Ring) -> None:
    phone = ring()
    await phone.ring()
    await phone.listen()
    await phone.press("1")
    await phone.wait(1500)
    await phone.press("12345678")
    await phone.listen()
    assert "12345678" in [keyed.keys for keyed in phone.log(ev.CallerKeyed)]
    await phone.press("1")
    await phone.listen()
    await phone.press("2580")
    assert "euros" in await phone.listen()
    assert "2580" not in repr(phone.log(ev.CallerKeyed))


async def test_a_caller_who_hangs_up_in_the_queue_is_not_kept_in_it(ring: Ring, line: LineUnderTest) -> None:
    phone = ring()
    await phone.ring()
    await phone.press("0")
    await phone.wait(8000)
    assert line.queue.waiting()
    await phone.hang_up()
    assert not line.queue.waiting()
    assert phone.session.outcome == "abandoned"


async def test_a_server_that_stops_says_so(ring: Ring, line: LineUnderTest) -> None:
    phone = ring()
    await phone.ring(lang="en")
    await phone.listen()
    phone.session.drain()
    await phone.wait(25_000)
    await phone.over()
    assert phone.session.outcome == "callback"
    assert phone.said


async def test_the_longest_call_ends_with_words(ring: Ring, line: LineUnderTest) -> None:
    line.configure(call={"max_seconds": 30})
    phone = ring()
    await phone.ring(lang="en")
    for _ in range(3):
        await phone.listen()
        await phone.say("wait a moment", partials=False)
    await phone.wait(30_000)
    await phone.over()
    assert phone.session.reason == "max_duration"
    assert phone.log(ev.BotHeard)[-1].ended == "full"


async def test_bad_messages_are_counted_and_end_the_call(ring: Ring) -> None:
    phone = ring()
    await phone.ring()
    for bad in ("{", "[]", '{"type": 1}', b"\0", '{"type": "prompt"}'):
        phone.session.receive(bad)
    assert not phone.session.ended
    for _ in range(20):
        phone.session.receive("x" * 100_000)
    await phone.over()
    assert (phone.session.reason, phone.closed) == ("bad_messages", (1008, "bad_messages"))


async def test_a_flood_of_good_messages_ends_the_call(ring: Ring) -> None:
    phone = ring()
    await phone.ring()
    for n in range(700):
        phone.message("prompt", voicePrompt=f"hola {n}", lang="es-ES", last=False)
    await phone.over()
    assert phone.session.reason == "flood"
    assert phone.closed == (1008, "flood")


async def test_messages_in_any_order_leave_a_call_that_works(ring: Ring) -> None:
    phone = ring()
    phone.message("prompt", voicePrompt="hola", last=True)
    phone.message("interrupt", utteranceUntilInterrupt="", durationUntilInterruptMs=0)
    await phone.ring()
    phone.message("setup", sessionId="VX1", callSid="CA1")
    phone.message("setup", sessionId="VX2", callSid="CA2")
    phone.message("interrupt", utteranceUntilInterrupt="never said", durationUntilInterruptMs=1)
    phone.message("info", name="agentSpeaking", value="off")
    phone.message("error", description='Invalid message received: { "secret": 1 }')
    await phone.listen()
    await phone.say("cuánto debo")
    assert "cliente" in await phone.listen()
    assert phone.session.call_id == "CA1"
