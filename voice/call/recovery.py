"""Calls that an earlier process left without an end (killed, power cut): ended in the log, their recording
found again. Run it before the queue takes up its tickets."""

from __future__ import annotations

import asyncio
import logging
import wave
from pathlib import Path

from voice import events as ev
from voice.call.files import CallFiles
from voice.events import Event
from voice.queue.durable import OPEN
from voice.store.seam import Store

log = logging.getLogger(__name__)

LATEST = 1000  # calls looked at: those that were going on are among the last that began


async def finish_cut_calls(store: Store, calls_dir: Path) -> int:
    """How many there were. Raises StoreError."""
    cut = [str(row["call_id"]) for row in await store.calls(LATEST) if not row["outcome"]]
    if not cut:
        return 0
    tickets = {ticket.call_id: ticket for ticket in await store.tickets(OPEN)}
    for call_id in cut:
        events = await store.events(call_id)
        if not events:
            continue
        files = CallFiles.of(calls_dir, call_id)
        ms = max(event.at_ms for event in events)
        ends: list[ev.EventData] = []
        recorded = await asyncio.to_thread(_recorded_ms, files.recording)
        ticket = tickets.get(call_id)
        if recorded and not any(isinstance(event.data, ev.RecordingSaved) for event in events):
            ms = max(ms, recorded)
            ends.append(ev.RecordingSaved(str(files.recording), recorded))
            packet = await store.packet(ticket.id) if ticket else None
            if ticket and packet is not None:
                await store.save_packet(ticket.id, packet | {"recording": str(files.recording)})
        ends.append(ev.CallEnded("callback" if ticket else "failed", "server_stopped", ms))
        first = events[-1].seq + 1
        added = [Event(call_id, first + n, ms, data) for n, data in enumerate(ends)]
        await store.append(added)
        await asyncio.to_thread(files.write_events, [*events, *added])
    log.warning("%d calls were cut when an earlier server stopped; what they left is kept", len(cut))
    return len(cut)


def _recorded_ms(path: Path) -> int:
    """0 without a recording that can be read."""
    try:
        with wave.open(str(path)) as recording:
            return int(recording.getnframes() * 1000 // recording.getframerate())
    except (OSError, EOFError, wave.Error, ZeroDivisionError):
        return 0
