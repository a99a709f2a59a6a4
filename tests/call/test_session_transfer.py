"""Transfers that meet trouble: a store that is slow or broken, a ticket name that is taken."""

from __future__ import annotations

from typing import Any

import pytest

from tests.call.line_under_test import LineUnderTest, Phone, prompt
from voice import events as ev
from voice.dialogue.seam import Heard, Listen, Returned, Say, Transfer
from voice.errors import StoreError
from voice.model import Expect, ExpectKind, Handoff, TicketState

ASK = Expect(ExpectKind.INTENT, "en", no_input_ms=3000)
TRANSFER = Transfer(Handoff("caller_asked", "general", 5, "en"), (prompt("I will pass you on."),))


async def ask_for_a_person(line: LineUnderTest) -> Phone:
    line.script = lambda event, now: (
        [TRANSFER] if isinstance(event, Heard) else [Say((prompt("Yes?"),)), Listen(ASK)]
    )
    phone = line.phone()
    await phone.ring()
    await phone.audio(600)
    await phone.say("a person")
    return phone


def spoken(phone: Phone) -> list[str]:
    return [b.key or b.text for b in phone.log(ev.BotSaid)][1:]


async def test_a_slow_store_is_never_silence(line: LineUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    save = line.store.save_ticket

    async def slow(*args: Any) -> None:
        await line.clock.sleep(10_000)
        await save(*args)

    monkeypatch.setattr(line.store, "save_ticket", slow)
    phone = await ask_for_a_person(line)
    await phone.audio(12_000)
    assert spoken(phone)[:3] == ["texts.filler", "texts.apology_wait", TRANSFER.announce[0].text]
    assert [t.state for t in phone.log(ev.TicketChanged)] == ["waiting"]


async def test_a_store_that_hangs_ends_with_words(
    line: LineUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hanging(*args: Any) -> None:
        await line.clock.sleep(10**7)

    monkeypatch.setattr(line.store, "save_ticket", hanging)
    phone = await ask_for_a_person(line)
    await phone.audio(25_000)
    assert spoken(phone)[-1] == "texts.failure"
    assert (phone.session.outcome, phone.session.reason) == ("failed", "transfer_slow")
    line.clock.advance(10**7)
    await phone.over()


async def test_a_store_that_fails_does_not_lose_the_caller(
    line: LineUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*args: Any) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(line.store, "save_ticket", full)
    phone = await ask_for_a_person(line)
    (waiting,) = phone.log(ev.TicketChanged)
    assert not waiting.durable
    assert TRANSFER.announce[0].text in spoken(phone)
    assert [t.id for t in line.queue.waiting()] == ["t-CA1"]


async def test_a_bug_beside_the_call_is_told_to_the_caller(
    line: LineUnderTest, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*args: Any, **named: Any) -> None:
        raise ZeroDivisionError("what the caller said")

    monkeypatch.setattr(line.queue, "enqueue", broken)
    phone = await ask_for_a_person(line)
    await phone.audio(3000)
    await phone.over()
    assert (phone.session.outcome, phone.session.reason) == ("failed", "transfer_failed")
    assert "ZeroDivisionError" in caplog.text
    assert "what the caller said" not in caplog.text


async def test_a_ticket_of_an_earlier_call_of_the_same_name_stays_its_own(line: LineUnderTest) -> None:
    first = await ask_for_a_person(line)
    await first.hang_up()
    for path in sorted((line.services.calls_dir / "CA1").iterdir()):
        path.unlink()
    (line.services.calls_dir / "CA1").rmdir()
    await ask_for_a_person(line)
    (ticket,) = line.queue.waiting()
    assert ticket.id != "t-CA1"
    old = await line.store.ticket("t-CA1")
    assert old is not None
    assert old.state is TicketState.ABANDONED


async def test_a_caller_who_returns_in_mid_speech_is_heard_at_once(line: LineUnderTest) -> None:
    phone = await ask_for_a_person(line)
    await phone.audio(4000)
    await phone.audio(300, line.speech[:4800])
    await phone.press("2")  # back to the assistant, and goes on talking
    returned = len(line.dialogues[0].inputs)
    assert isinstance(line.dialogues[0].inputs[-1], Returned)
    line.ear.answers.append("balance")
    await phone.audio(1500, line.speech[4800:9600])
    assert [said.text for said in phone.log(ev.CallerSaid)][1:] == ["balance"]
    assert [type(i) for i in line.dialogues[0].inputs[returned:]] == [Heard]
