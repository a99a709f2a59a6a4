from __future__ import annotations

import json
import wave
from pathlib import Path

from tests.call.line_under_test import LineUnderTest, prompt
from voice import events as ev
from voice.call.recovery import finish_cut_calls
from voice.dialogue.seam import Transfer
from voice.model import Handoff, TicketState
from voice.store.bus import LocalBus
from voice.store.log import CallLog, LogWriter
from voice.store.sql import SqlStore

TRANSFER = Transfer(Handoff("caller_asked", "general", 5, "en"), (prompt("I will pass you on."),))


def started() -> ev.CallStarted:
    return ev.CallStarted("twilio", "+34600000001", "", "en", "f", "1", 1000, "MZ1")


def recording(path: Path, ms: int) -> None:
    path.parent.mkdir(parents=True)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(bytes(ms * 32))


async def cut_call(store: SqlStore, call_id: str) -> None:
    """A call whose log stops in the middle, as a killed server leaves it."""
    writer = LogWriter(store)
    log = CallLog(call_id, writer, LocalBus())
    log.add(0, started())
    log.add(700, ev.SpeechStarted(700))
    await writer.close()


async def test_a_cut_call_gets_its_end_and_its_recording(tmp_path: Path) -> None:
    store = SqlStore("sqlite://")
    await store.open()
    try:
        await cut_call(store, "CA1")
        await cut_call(store, "CA2")  # died before its first block was on disk
        recording(tmp_path / "CA1" / "recording.wav", 2000)
        assert await finish_cut_calls(store, tmp_path) == 2
        saved, ended = [e.data for e in (await store.events("CA1"))[2:]]
        assert saved == ev.RecordingSaved(str(tmp_path / "CA1" / "recording.wav"), 2000)
        assert ended == ev.CallEnded("failed", "server_stopped", 2000)
        assert [e.seq for e in await store.events("CA1")] == [0, 1, 2, 3]
        lines = (tmp_path / "CA1" / "events.jsonl").read_text().splitlines()
        assert [json.loads(line)["kind"] for line in lines][-1] == "call.ended"
        assert [e.data for e in await store.events("CA2")][2:] == [
            ev.CallEnded("failed", "server_stopped", 700)
        ]
        assert await finish_cut_calls(store, tmp_path) == 0
    finally:
        await store.close()


async def test_the_ticket_of_a_cut_call_finds_its_recording(line: LineUnderTest) -> None:
    line.script = lambda event, now: [TRANSFER]
    phone = line.phone()
    await phone.ring()
    await phone.audio(3000)
    again = SqlStore("sqlite://")  # the database as it was at that moment
    await again.open()
    try:
        await again.append(phone.session.events)
        ticket, packet = await line.store.ticket("t-CA1"), await line.store.packet("t-CA1")
        assert ticket is not None
        assert packet is not None
        assert ticket.state is TicketState.WAITING
        assert packet["recording"] is None
        await again.save_ticket(ticket, packet)
        await finish_cut_calls(again, line.services.calls_dir)
        fuller = await again.packet("t-CA1")
        assert fuller == packet | {"recording": str(line.services.calls_dir / "CA1" / "recording.wav")}
        last = (await again.events("CA1"))[-1].data
        assert isinstance(last, ev.CallEnded)
        assert (last.outcome, last.reason) == ("callback", "server_stopped")
    finally:
        await again.close()
