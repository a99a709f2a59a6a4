"""What is left to do when a call is over: recording closed, packet completed, events on disk."""

from __future__ import annotations

import asyncio
import logging

from voice import events as ev
from voice.call.files import CallFiles
from voice.call.queueing import Queueing
from voice.call.recorder import Recorder
from voice.call.services import CallerProfiles
from voice.errors import CentralitaError
from voice.store.log import CallLog

log = logging.getLogger(__name__)


async def store_away(
    call_log: CallLog,
    files: CallFiles,
    recorder: Recorder | None,
    queueing: Queueing | None,
    now: int,
    profiles: CallerProfiles | None = None,
) -> None:
    """Each part is tried, whatever happens to the others."""
    recording = ""
    if recorder is not None:
        ms = await asyncio.to_thread(recorder.close)
        failed = recorder.take_error()
        if failed is not None:
            log.error("call %s: the recording has holes: %s", files.call_id, failed)
        if ms and files.recording.exists():
            recording = str(files.recording)
            call_log.add(now, ev.RecordingSaved(recording, ms))
    if queueing is not None:
        await queueing.finish(call_log.events, recording, now)
    try:
        await call_log.flush()
    except CentralitaError as error:
        log.error("call %s: its events wait for the store: %s", files.call_id, error)
    if profiles is not None:
        await profiles.keep(call_log.events)
    await asyncio.to_thread(files.write_events, list(call_log.events))
