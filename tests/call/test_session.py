from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import soundfile as sf

from tests.call.line_under_test import LineUnderTest, Phone, prompt
from voice import events as ev
from voice.dialogue.seam import (
    Action,
    ActionDone,
    ActionFailed,
    Began,
    HangUp,
    Heard,
    HearingFailed,
    Input,
    Invoke,
    Keyed,
    Listen,
    Returned,
    Say,
    Silence,
    Spoke,
    Transfer,
)
from voice.errors import EngineError
from voice.model import BargeIn, Ended, Expect, ExpectKind, Handoff, KeypadSpec, TicketState

ASK = Expect(ExpectKind.INTENT, "en", keypad=KeypadSpec(1, 1), no_input_ms=3000)
TRANSFER = Transfer(Handoff("caller_asked", "general", 5, "en"), (prompt("I will pass you on."),))


def ask(text: str, barge_in: BargeIn = BargeIn.ANY) -> list[Action]:
    return [Say((prompt(text, barge_in),)), Listen(ASK)]


async def test_a_turn_from_speech_to_answer(line: LineUnderTest) -> None:
    line.script = lambda event, now: ask("What can I do?") if not isinstance(event, Heard) else ask("Right.")
    phone = line.phone()
    await phone.ring()
    await phone.audio(1000)
    await phone.say("balance")
    heard = line.dialogues[0].inputs[1]
    assert isinstance(heard, Heard)
    assert heard.transcript.text == "balance"
    assert [u.ended for u in heard.heard_prompts] == [Ended.FULL]
    (response,) = phone.log(ev.Responded)
    assert response.silence_ms == ASK.endpoint_ms
    assert response.response_ms <= 20
    await phone.audio(500)
    marks = [m["mark"]["name"] for m in phone.sent if m["event"] == "mark"]
    assert marks[0] == "1.0"
    assert f"turn.1;wait={ASK.endpoint_ms}" in marks
    await phone.hang_up()
    assert phone.session.outcome == "abandoned"


async def test_barge_in_keeps_only_what_was_heard(line: LineUnderTest) -> None:
    text = "First sentence here. Second sentence here. Third sentence here."
    line.script = lambda event, now: ask(text) if isinstance(event, Began) else ask("Yes?")
    phone = line.phone()
    await phone.ring()
    await phone.audio(500)  # the first phrase (400 ms) and its mark
    await phone.say("stop please")
    heard = line.dialogues[0].inputs[1]
    assert isinstance(heard, Heard)
    (utterance,) = heard.heard_prompts
    assert utterance.ended is Ended.CUT
    assert utterance.heard == "First sentence here."
    (interruption,) = phone.log(ev.BargedIn)
    assert interruption.delay_ms <= 150
    assert phone.count("clear") == 1


async def test_a_cough_resumes_the_prompt_and_loses_nothing(line: LineUnderTest) -> None:
    text = "First sentence here. Second sentence here. Third sentence here."
    line.script = lambda event, now: ask(text)
    phone = line.phone()
    await phone.ring()
    await phone.audio(500)
    await phone.say("", ms=200)
    assert phone.count("clear") == 1
    await phone.audio(2500)
    (spoken,) = phone.log(ev.BotHeard)
    assert (spoken.ended, spoken.heard) == ("full", text)
    await phone.audio(3200)
    assert [type(i) for i in line.dialogues[0].inputs[1:]] == [Silence]


async def test_keys_and_silence(line: LineUnderTest) -> None:
    line.script = lambda event, now: ask("Press one.")
    phone = line.phone()
    await phone.ring()
    await phone.audio(100)
    await phone.press("1")
    assert isinstance(line.dialogues[0].inputs[1], Keyed)
    await phone.audio(ASK.no_input_ms + 600)
    assert [type(i) for i in line.dialogues[0].inputs[2:]] == [Silence]


async def test_an_action_within_and_beyond_its_time(line: LineUnderTest) -> None:
    invoke = Invoke("a1", "balance", {}, 1000)
    line.script = lambda event, now: (
        [Say((prompt("One moment."),)), invoke] if isinstance(event, Began) else ask("Next?")
    )
    line.actions.run_action = lambda i: {"amount": "12.50"}
    phone = line.phone()
    await phone.ring()
    assert line.dialogues[0].inputs[1] == ActionDone("a1", {"amount": "12.50"})
    await phone.hang_up()

    async def slow() -> dict[str, str]:
        await line.clock.sleep(5000)
        return {}

    line.actions.run_action = lambda i: slow()
    phone = line.phone()
    await phone.ring("CA2")
    await phone.audio(1200)
    failures = [i for i in line.dialogues[1].inputs if isinstance(i, ActionFailed)]
    assert [f.kind for f in failures] == ["timeout"]
    (finished,) = phone.log(ev.ActionFinished)
    assert (finished.ok, finished.failure) == (False, "timeout")


async def _to_the_queue(line: LineUnderTest, call_sid: str = "CA1") -> Phone:
    line.script = lambda event, now: [TRANSFER] if isinstance(event, Heard) else ask("Yes?")
    phone = line.phone()
    await phone.ring(call_sid)
    await phone.audio(600)
    await phone.say("a person")
    return phone


async def test_the_ticket_is_stored_before_the_caller_is_told(line: LineUnderTest) -> None:
    phone = await _to_the_queue(line)
    kinds = [e.kind for e in phone.session.events]
    said = next(
        n
        for n, e in enumerate(phone.session.events)
        if isinstance(e.data, ev.BotSaid) and e.data.text == TRANSFER.announce[0].text
    )
    assert kinds.index("ticket.changed") < said
    (ticket,) = await line.store.tickets([TicketState.WAITING])
    packet = await line.store.packet(ticket.id)
    assert packet is not None
    assert [entry["text"] for entry in packet["transcript"] if entry["who"] == "caller"] == ["a person"]


async def test_an_agent_accepts_and_the_call_ends_as_transferred(line: LineUnderTest) -> None:
    phone = await _to_the_queue(line)
    await phone.audio(4000)
    (ticket,) = line.queue.waiting()
    await line.queue.accept(ticket.id, "Ana")
    await phone.audio(2000)
    await phone.over()
    assert (phone.session.outcome, phone.session.reason) == ("transferred", "accepted")
    assert any("Ana" in b.text for b in phone.log(ev.BotSaid))
    folder = line.services.calls_dir / "CA1"
    packet = json.loads((folder / "packet.json").read_text())
    assert packet["ticket_id"] == ticket.id
    audio, rate = sf.read(folder / "recording.wav")
    assert rate == 8000
    assert audio.shape[1] == 2
    assert abs(len(audio) / 8 - phone.at_ms) <= 300
    events = [json.loads(row) for row in (folder / "events.jsonl").read_text().splitlines()]
    assert [e["seq"] for e in events] == list(range(len(events)))
    assert events[-1]["kind"] in ("call.ended", "recording.saved")
    assert len(await line.store.events("CA1")) == len(events)


async def test_leaving_the_queue_each_way(line: LineUnderTest) -> None:
    phone = await _to_the_queue(line, "CA1")
    await phone.audio(1000)
    await phone.hang_up()
    ticket = await line.store.ticket("t-CA1")
    assert ticket is not None
    assert (ticket.state, phone.session.outcome) == (TicketState.ABANDONED, "abandoned")
    kinds = [e.kind for e in phone.session.events]
    assert kinds.index("ticket.changed") < kinds.index("queue.position")
    assert kinds[-3:-1] == ["ticket.changed", "call.ended"]

    phone = await _to_the_queue(line, "CA2")
    await phone.press("1")
    await phone.audio(3000)
    await phone.over()
    ticket = await line.store.ticket("t-CA2")
    assert ticket is not None
    assert (ticket.state, phone.session.outcome) == (TicketState.CALLBACK, "callback")

    phone = await _to_the_queue(line, "CA3")
    await phone.press("2")
    ticket = await line.store.ticket("t-CA3")
    assert ticket is not None
    assert ticket.state is TicketState.RETURNED
    assert isinstance(line.dialogues[-1].inputs[-1], Returned)
    await phone.audio(600)
    await phone.say("a person")  # and into the queue again, with a ticket of its own
    ticket = await line.store.ticket("t-CA3-2")
    assert ticket is not None
    assert ticket.state is TicketState.WAITING


async def test_dead_air_ends_the_call(line: LineUnderTest) -> None:
    line.script = lambda event, now: ask("Hello?")
    phone = line.phone()
    await phone.ring()
    await phone.audio(500)
    await phone.dead(12_000)
    await phone.over()
    assert (phone.session.outcome, phone.session.reason) == ("abandoned", "audio_stalled")
    assert phone.log(ev.AudioStalled)


async def test_audio_after_the_last_hole_is_recorded(line: LineUnderTest) -> None:
    line.script = lambda event, now: []
    phone = line.phone()
    await phone.ring()
    await phone.audio(500)
    phone.at_ms += 40  # two frames that never come, so the next two wait for them
    await phone.audio(40, line.speech[: 40 * 16])
    await phone.hang_up()
    audio, _ = sf.read(line.services.calls_dir / "CA1" / "recording.wav")
    assert len(audio) / 8 == 580
    assert not audio[500 * 8 : 540 * 8, 0].any()
    assert audio[540 * 8 :, 0].any()
    assert phone.log(ev.AudioGap) == [ev.AudioGap(500, 40)]


async def test_a_flood_ends_the_call(line: LineUnderTest) -> None:
    line.script = lambda event, now: ask("Hello?")
    phone = line.phone()
    await phone.ring()
    frame = "//////////////////////////////////////////////////////////" * 2
    for n in range(3000):
        phone.message(
            "media",
            sequenceNumber=str(n + 2),
            media={
                "track": "inbound",
                "chunk": str(n + 1),
                "timestamp": str(n * 20),
                "payload": (frame + "/" * 160)[:212] + "//8=",
            },
        )
    await phone.over()
    assert phone.session.reason == "flood"


@pytest.mark.parametrize("kind", ["dtmf", "mark", "start", "connected", "unheard-of"])
@pytest.mark.parametrize("started", [True, False])
async def test_a_flood_without_audio_ends_the_call(
    line: LineUnderTest, caplog: pytest.LogCaptureFixture, kind: str, started: bool
) -> None:
    line.script = lambda event, now: ask("Hello?")
    phone = line.phone()
    await asyncio.sleep(0)  # the session runs
    fields: dict[str, Any] = {"dtmf": {"digit": "5"}, "mark": {"name": "x"}, "start": {}}
    if started:
        await phone.ring()
    for _ in range(5000):
        phone.message(kind, **{name: value for name, value in fields.items() if name == kind})
    await phone.over()
    known = kind in ("connected", "unheard-of") or (started and kind != "start")
    assert phone.session.reason == ("flood" if known else "bad_messages")
    assert len([r for r in caplog.records if "faster" in r.getMessage()]) == known
    assert len(phone.session.events) < 3000


async def test_a_caller_who_types_for_minutes_is_no_flood(line: LineUnderTest) -> None:
    line.script = lambda event, now: []
    phone = line.phone()
    await phone.ring()
    for _ in range(60):
        await phone.press("0123456789")
        await phone.audio(1000)
    assert not phone.session.ended


async def test_bad_messages_are_logged_once_and_then_end_the_stream(
    line: LineUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    line.script = lambda event, now: ask("Hello?")
    phone = line.phone()
    await phone.ring()
    for _ in range(19):
        phone.session.receive("{nonsense")
    assert not phone.session.ended
    assert len([r for r in caplog.records if "rejected" in r.getMessage()]) == 1
    phone.session.receive("{nonsense")
    await phone.over()
    assert phone.session.reason == "bad_messages"
    assert [r.count for r in phone.log(ev.WireRejected)] == [1, 20]


async def test_a_connection_that_never_becomes_a_call_is_closed(line: LineUnderTest) -> None:
    phone = line.phone()
    await asyncio.sleep(0)  # the session runs
    line.clock.advance(10_000)
    await phone.over()
    assert phone.closed is not None
    assert phone.session.reason == "never_started"


async def test_a_broken_dialogue_hands_over_what_the_log_knows(line: LineUnderTest) -> None:
    def broken(event: Input, now: int) -> list[Action]:
        if isinstance(event, Began):
            return ask("Hello?")
        raise KeyError("the caller's secret")

    line.script = broken
    phone = line.phone()
    await phone.ring()
    await phone.audio(600)
    await phone.say("balance")
    (ticket,) = line.queue.waiting()
    assert ticket.reason == "fault"
    packet = await line.store.packet(ticket.id)
    assert packet is not None
    assert any(entry["text"] == "balance" for entry in packet["transcript"])


async def test_what_a_fault_said_is_not_logged(line: LineUnderTest, caplog: pytest.LogCaptureFixture) -> None:
    def broken(event: Input, now: int) -> list[Action]:
        raise KeyError("the caller's secret")

    line.script = broken
    await line.phone().ring()
    assert "KeyError" in caplog.text
    assert "secret" not in caplog.text


async def test_a_deaf_engine_ends_on_the_keypad(line: LineUnderTest) -> None:
    line.script = lambda event, now: ask("Yes?")
    phone = line.phone()
    await phone.ring()
    await phone.audio(600)
    await phone.say(EngineError("gone"))
    await phone.audio(600)
    await phone.say(EngineError("gone"))
    await phone.press("1")
    assert [type(i) for i in line.dialogues[0].inputs[-2:]] == [HearingFailed, Keyed]


async def test_a_sensitive_answer_is_nowhere(line: LineUnderTest, tmp_path: Path) -> None:
    secret = Expect(ExpectKind.DIGITS, "en", keypad=KeypadSpec(4, 4), sensitive=True)
    line.script = lambda event, now: (
        [Say((prompt("Your PIN, please."),)), Listen(secret)] if isinstance(event, Began) else ask("Thanks.")
    )
    phone = line.phone()
    await phone.ring()
    await phone.audio(600)
    await phone.press("4711")
    keyed = line.dialogues[0].inputs[-1]
    assert isinstance(keyed, Keyed)
    assert keyed.keys == "4711"
    await phone.hang_up()
    stored = await line.store.events("CA1")
    assert "4711" not in json.dumps([e.to_json() for e in stored])
    assert "4711" not in (line.services.calls_dir / "CA1" / "events.jsonl").read_text()


async def test_statements_and_a_polite_end(line: LineUnderTest) -> None:
    def script(event: Input, now: int) -> list[Action]:
        if isinstance(event, Began):
            return [Say((prompt("A statement."),))]
        if isinstance(event, Spoke):
            return [Say((prompt("Goodbye."),)), HangUp("completed", "done")]
        return []

    line.script = script
    phone = line.phone()
    await phone.ring()
    await phone.audio(3000)
    await phone.over()
    assert (phone.session.outcome, phone.session.reason) == ("completed", "done")
    assert [b.ended for b in phone.log(ev.BotHeard)] == ["full", "full"]
    assert phone.closed is not None
    assert phone.closed[0] == 1000


async def test_draining_puts_the_caller_down_to_be_called_back(line: LineUnderTest) -> None:
    line.script = lambda event, now: ask("Yes?")
    phone = line.phone()
    await phone.ring()
    await phone.audio(600)
    phone.session.drain()
    await phone.audio(4000)
    await phone.over()
    assert phone.session.outcome == "callback"
    ticket = await line.store.ticket("t-CA1")
    assert ticket is not None
    assert ticket.state is TicketState.CALLBACK


async def test_stopping_at_once_puts_who_waits_down_to_be_called_back(line: LineUnderTest) -> None:
    line.script = lambda event, now: [TRANSFER]
    waiting, talking = line.phone(), line.phone()
    await waiting.ring()
    line.script = lambda event, now: ask("Yes?")
    await talking.ring("CA2")
    await waiting.audio(2000)
    waiting.session.stop()
    talking.session.stop()
    await waiting.over()
    await talking.over()
    assert (waiting.session.outcome, waiting.session.reason) == ("callback", "draining")
    assert (talking.session.outcome, talking.session.reason) == ("failed", "cancelled")
    ticket = await line.store.ticket("t-CA1")
    assert ticket is not None
    assert ticket.state is TicketState.CALLBACK


async def test_the_longest_call_ends_politely(line: LineUnderTest) -> None:
    line.configure(call={"max_seconds": 30})
    line.script = lambda event, now: ask("Yes?")
    phone = line.phone()
    await phone.ring()
    await phone.audio(33_000)
    await phone.over()
    assert (phone.session.outcome, phone.session.reason) == ("completed", "max_duration")
    assert any(b.key == "texts.max_duration" for b in phone.log(ev.BotSaid))


@pytest.mark.parametrize("after_ms", [0, 20, 300, 700, 1300, 1700, 2300, 4000, 8000])
async def test_hanging_up_at_any_moment_stores_everything(line: LineUnderTest, after_ms: int) -> None:
    phone = line.phone()
    line.script = lambda event, now: [TRANSFER] if isinstance(event, Heard) else ask("One. Two. Three.")
    await phone.ring()
    line.ear.answers.append("a person")
    await phone.audio(after_ms, bytes(600 * 16) + line.speech[: 600 * 16] if after_ms > 1000 else None)
    phone.session.disconnected()
    await phone.over()
    stored = await line.store.events("CA1")
    assert [e.seq for e in stored] == list(range(len(stored)))
    assert isinstance(next(e.data for e in reversed(stored) if e.kind == "call.ended"), ev.CallEnded)
    assert not line.queue.waiting()
