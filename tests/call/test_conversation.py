"""The seam between turn-taking, hearing and the voicebox, where a prompt could be left standing still."""

from __future__ import annotations

from typing import Any

import pytest

from tests.call.line_under_test import LineUnderTest, prompt
from voice import events as ev
from voice.dialogue.seam import (
    Action,
    Began,
    HangUp,
    Heard,
    HearingFailed,
    Input,
    Invoke,
    Keyed,
    Listen,
    Note,
    Say,
    Silence,
    Transfer,
)
from voice.errors import EngineError
from voice.model import Expect, ExpectKind, Handoff, KeypadSpec, Ticket

ASK = Expect(ExpectKind.INTENT, "en", keypad=KeypadSpec(1, 1), no_input_ms=3000)
CONFIRM = Expect(ExpectKind.YES_NO, "en", keypad=KeypadSpec(1, 1), no_input_ms=3000)
LONG = "First sentence here. Second sentence here. Third sentence here."


async def test_sound_does_not_stop_a_prompt_once_hearing_is_off(line: LineUnderTest) -> None:
    def script(event: Input, now: int) -> list[Action]:
        text = LONG if isinstance(event, HearingFailed) else "Hello?"
        return [Say((prompt(text),)), Listen(ASK)]

    line.script = script
    phone = line.phone()
    await phone.ring()
    for _ in range(2):
        await phone.audio(600)
        await phone.say(EngineError("broken"))
    assert [type(i) for i in line.dialogues[0].inputs][-1] is HearingFailed
    cleared = phone.count("clear")
    await phone.audio(600, line.speech[: 600 * 16])
    await phone.audio(6000)
    assert phone.count("clear") == cleared
    assert [type(i) for i in line.dialogues[0].inputs][-1] is Silence


async def test_a_call_ends_although_its_last_prompt_was_being_interrupted(line: LineUnderTest) -> None:
    async def slow() -> dict[str, str]:
        await line.clock.sleep(700)
        return {}

    line.actions.run_action = lambda i: slow()
    line.script = lambda event, now: (
        [Say((prompt(LONG),)), Invoke("a1", "x", {}, 5000)]
        if isinstance(event, Began)
        else [Say((prompt("Goodbye."),)), HangUp("completed", "done")]
    )
    phone = line.phone()
    await phone.ring()
    await phone.audio(300)
    # still talking when the action is done and the dialogue says goodbye
    await phone.audio(1000, line.speech[: 1000 * 16])
    assert phone.count("clear") == 1
    await phone.audio(4000)
    await phone.over()
    assert (phone.session.outcome, phone.session.reason) == ("completed", "done")
    assert [h.ended for h in phone.log(ev.BotHeard)] == ["full", "full"]


async def test_an_engine_that_fails_in_mid_speech_costs_one_turn(line: LineUnderTest) -> None:
    line.script = lambda event, now: [Say((prompt("Yes?"),)), Listen(ASK)]
    phone = line.phone()
    await phone.ring()
    await phone.audio(600)
    line.ear.answers += ["never said", "balance"]
    await phone.audio(400, line.speech[: 400 * 16])
    line.ear.fail(EngineError("broken"))
    # the caller goes on: another utterance, which is understood
    await phone.audio(1000, line.speech[: 1000 * 16])
    await phone.audio(600)
    turns = [i for i in line.dialogues[0].inputs if isinstance(i, Heard)]
    assert [t.transcript.text for t in turns] == ["", "balance"]


async def test_keys_pressed_ahead_are_forgotten_after_an_error(line: LineUnderTest) -> None:
    def script(event: Input, now: int) -> list[Action]:
        if isinstance(event, Keyed) and event.keys == "9":
            wrong = Note(ev.CallerNotUnderstood("menu", 1))
            return [wrong, Say((prompt("Sorry?"),)), Listen(ASK)]
        return [Say((prompt("Yes?"),)), Listen(ASK)]

    line.script = script
    phone = line.phone()
    await phone.ring()
    for key in "93":
        phone.message("dtmf", dtmf={"track": "inbound_track", "digit": key})
    keyed = [i.keys for i in line.dialogues[0].inputs if isinstance(i, Keyed)]
    assert keyed == ["9", "3"]  # one at a time: the second came after the error was said

    async def busy() -> dict[str, str]:
        await line.clock.sleep(200)
        return {}

    line.actions.run_action = lambda i: busy()
    line.script = lambda event, now: (
        [Invoke("a1", "x", {}, 5000)] if isinstance(event, Began) else script(event, now)
    )
    phone = line.phone()
    await phone.ring("CA2")
    await phone.press("93")  # both before anything is asked
    await phone.audio(400)
    keyed = [i.keys for i in line.dialogues[1].inputs if isinstance(i, Keyed)]
    assert keyed == ["9"]


async def test_keys_pressed_ahead_confirm_nothing(line: LineUnderTest) -> None:
    async def busy() -> dict[str, str]:
        await line.clock.sleep(200)
        return {}

    line.actions.run_action = lambda i: busy()
    line.script = lambda event, now: (
        [Invoke("a1", "x", {}, 5000)]
        if isinstance(event, Began)
        else [Say((prompt("Shall I cancel it?"),)), Listen(CONFIRM)]
    )
    phone = line.phone()
    await phone.ring()
    await phone.press("1")
    await phone.audio(400)
    assert not [i for i in line.dialogues[0].inputs if isinstance(i, Keyed)]
    await phone.press("1")
    assert [i.keys for i in line.dialogues[0].inputs if isinstance(i, Keyed)] == ["1"]


async def test_an_agent_faster_than_the_announcement(
    line: LineUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    enqueue = line.queue.enqueue

    async def taken_at_once(ticket_id: str, *args: Any, **more: Any) -> Ticket:
        await enqueue(ticket_id, *args, **more)
        return await line.queue.accept(ticket_id, "Ana")

    monkeypatch.setattr(line.queue, "enqueue", taken_at_once)
    handoff = Handoff("caller_asked", "general", 5, "en")
    line.script = lambda event, now: [Transfer(handoff, (prompt("One moment, I will pass you on."),))]
    phone = line.phone()
    await phone.ring()
    await phone.audio(4000)
    await phone.over()
    assert (phone.session.outcome, phone.session.reason) == ("transferred", "accepted")
    assert [s.key for s in phone.log(ev.BotSaid)] == ["texts.queue.accepted"]
