from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from tests.call.line_under_test import PROMPTS, LineUnderTest, ScriptedActions, ScriptedEar
from voice.call.recorder import InlineDisk
from voice.call.services import Services
from voice.clock import ManualClock
from voice.dialogue.texts import load_texts
from voice.metrics import Metrics
from voice.queue.service import QueueService
from voice.settings import Settings
from voice.speech.mouths import ToneMouth
from voice.store.bus import LocalBus
from voice.store.log import CallLog, LogWriter
from voice.store.sql import SqlStore


@pytest.fixture(scope="session")
def speech() -> bytes:
    """Two seconds of something that voice activity takes for speech, in another voice than the line's own:
    that would be its echo."""
    pieces: list[bytes] = []
    ToneMouth().speak("answer:2500", "en", pieces.append, lambda error: None)
    sound = np.frombuffer(b"".join(pieces), "<i2")
    higher = np.interp(np.arange(0, len(sound), 1.25), np.arange(len(sound)), sound)
    return bytes(higher.astype("<i2").tobytes())


@pytest.fixture
async def line(tmp_path: Path, speech: bytes) -> AsyncIterator[LineUnderTest]:
    clock = ManualClock(1000)
    store = SqlStore("sqlite://")
    await store.open()
    bus = LocalBus()
    writer = LogWriter(store)
    queue = QueueService(store, bus, clock)
    await queue.start()
    ear, actions = ScriptedEar(), ScriptedActions()
    lines: list[LineUnderTest] = []
    services = Services(
        settings=Settings(data=tmp_path, prompts=PROMPTS),
        clock=clock,
        ear=ear,
        mouth=ToneMouth(400),
        queue=queue,
        actions=actions,
        texts=load_texts(PROMPTS),
        metrics=Metrics(),
        new_dialogue=lambda info: lines[0].new_dialogue(info),
        new_log=lambda call_id: CallLog(call_id, writer, bus),
        calls_dir=tmp_path / "calls",
        disk=InlineDisk(),
    )
    under_test = LineUnderTest(services, clock, ear, speech)
    under_test.store, under_test.queue, under_test.actions = store, queue, actions
    lines.append(under_test)
    try:
        yield under_test
        await under_test.hang_up_all()
    finally:
        await queue.close()
        await writer.close()
        await store.close()
