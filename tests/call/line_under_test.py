"""A whole line in one thread under a manual clock: real wire, playout, recorder, queue and database;
a scripted dialogue and ear, so that each test says exactly what is heard and decided."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from voice.audio.g711 import ulaw_encode
from voice.call.services import Services
from voice.call.session import CallSession
from voice.clock import ManualClock
from voice.dialogue.seam import Action, Began, Dialogue, Input, Invoke, Say
from voice.errors import ActionError, EngineError
from voice.events import EventData
from voice.model import BargeIn, CallInfo, Prompt, Transcript
from voice.queue.service import QueueService
from voice.settings import Settings
from voice.speech.seam import EarStream, Grammar
from voice.store.sql import SqlStore
from voice.telephony.twilio import TwilioWire

PROMPTS = Path(__file__).resolve().parents[2] / "prompts"
Script = Callable[[Input, int], list[Action]]


def prompt(text: str, barge_in: BargeIn = BargeIn.ANY) -> Prompt:
    return Prompt(text, "en", barge_in)


class ScriptedDialogue:
    """Answers with what the test's function says; keeps what it was told."""

    lang = "en"

    def __init__(self, script: Script) -> None:
        self.script = script
        self.inputs: list[Input] = []
        self.can_go_back = False

    def step(self, event: Input, now: int) -> list[Action]:
        self.inputs.append(event)
        return self.script(event, now)

    def deadline(self) -> int | None:
        return None

    def checkpoint(self) -> Callable[[], None] | None:
        """Going back forgets the inputs since."""
        known = len(self.inputs)

        def restore() -> None:
            del self.inputs[known:]

        return restore if self.can_go_back else None


class ScriptedEar:
    """Gives the next of ``answers`` for each utterance: a text, or an error."""

    def __init__(self) -> None:
        self.answers: list[str | EngineError] = []
        self.grammars: list[Grammar] = []
        self._last: _Utterance | None = None

    def fail(self, error: EngineError) -> None:
        """The engine breaks on the utterance that it was given last."""
        assert self._last is not None
        self._last.fail(error)

    def open(
        self,
        grammar: Grammar,
        on_result: Callable[[Transcript], None],
        on_error: Callable[[EngineError], None],
    ) -> EarStream:
        self.grammars.append(grammar)
        answer = self.answers.pop(0) if self.answers else ""
        self._last = _Utterance(answer, grammar, on_result, on_error)
        return self._last

    def close(self) -> None:
        pass


class _Utterance:
    behind_ms = 0

    def __init__(
        self,
        answer: str | EngineError,
        grammar: Grammar,
        on_result: Callable[[Transcript], None],
        on_error: Callable[[EngineError], None],
    ) -> None:
        self._answer, self._grammar = answer, grammar
        self._on_result, self._on_error = on_result, on_error
        self._cancelled = False

    def feed(self, pcm: bytes) -> None:
        pass

    def finish(self) -> None:
        if self._cancelled:
            return
        if isinstance(self._answer, EngineError):
            self._on_error(self._answer)
        else:
            self._on_result(Transcript(self._answer, 0.9, lang=self._grammar.lang))

    def fail(self, error: EngineError) -> None:
        self._cancelled = True
        self._on_error(error)

    def cancel(self) -> None:
        self._cancelled = True


class ScriptedActions:
    def __init__(self) -> None:
        self.run_action: Callable[[Invoke], Any] = lambda invoke: {}

    async def run(self, invoke: Invoke, call: CallInfo) -> dict[str, Any]:
        result = self.run_action(invoke)
        if asyncio.iscoroutine(result):
            result = await result
        if isinstance(result, ActionError):
            raise result
        assert isinstance(result, dict)
        return result


class Phone:
    """The provider's side of one call: sends frames, echoes marks when their audio has been played."""

    def __init__(self, line: LineUnderTest) -> None:
        self.line = line
        self.sent: list[dict[str, Any]] = []
        self.closed: tuple[int, str] | None = None
        self.acknowledge = True
        self.at_ms = 0
        self._play_end = 0
        self._marks: list[tuple[int, str]] = []
        self.session = CallSession(line.services, TwilioWire(), self)
        self.task = asyncio.create_task(self.session.run())

    # Transport
    def send(self, message: str | bytes) -> None:
        body = json.loads(message)
        self.sent.append(body)
        if body["event"] == "media":
            ms = len(base64.b64decode(body["media"]["payload"])) // 8
            self._play_end = max(self._play_end, self.at_ms) + ms
        elif body["event"] == "mark":
            self._marks.append((max(self._play_end, self.at_ms), body["mark"]["name"]))
        elif body["event"] == "clear":
            self._play_end = self.at_ms
            self._marks = [(self.at_ms, name) for _, name in self._marks]

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)

    # the caller
    def message(self, event: str, **fields: Any) -> None:
        self.session.receive(json.dumps({"event": event, "streamSid": "MZ1", **fields}))

    async def ring(self, call_sid: str = "CA1", **parameters: str) -> None:
        self.message("connected", protocol="Call", version="1.0.0")
        self.message(
            "start",
            sequenceNumber="1",
            start={
                "streamSid": "MZ1",
                "callSid": call_sid,
                "accountSid": "AC1",
                "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": {"From": "+34600000001", "To": "+34900000000", **parameters},
            },
        )
        await self.session.settled()

    async def audio(self, ms: int, pcm: bytes | None = None) -> None:
        """Silence for ``ms``, or ``pcm`` followed by silence up to ``ms``."""
        data = (pcm or b"").ljust(ms * 16, b"\0")[: max(ms * 16, len(pcm or b""))]
        for i in range(0, len(data) - 319, 320):
            if self.session.ended:
                return
            payload = base64.b64encode(ulaw_encode(data[i : i + 320])).decode()
            n = self.at_ms // 20 + 1
            self.message(
                "media",
                sequenceNumber=str(n + 1),
                media={
                    "track": "inbound",
                    "chunk": str(n),
                    "timestamp": str(self.at_ms),
                    "payload": payload,
                },
            )
            self.at_ms += 20
            self.line.clock.advance(20)
            await self._played()

    async def dead(self, ms: int) -> None:
        """Time without any audio from the provider."""
        for _ in range(0, ms, 100):
            self.at_ms += 100
            self.line.clock.advance(100)
            await self._played()

    async def _played(self) -> None:
        if self.acknowledge:
            due = [m for m in self._marks if m[0] <= self.at_ms]
            self._marks = [m for m in self._marks if m[0] > self.at_ms]
            for _, name in due:
                self.message("mark", mark={"name": name})
        await self.session.settled()

    async def press(self, keys: str) -> None:
        for key in keys:
            self.message("dtmf", dtmf={"track": "inbound_track", "digit": key})
        await self.session.settled()

    async def say(self, words: str | EngineError, ms: int = 600) -> None:
        """Speech of ``ms`` which the ear will understand as ``words``, then quiet until the turn is over."""
        self.line.ear.answers.append(words)
        await self.audio(ms, self.line.speech[: ms * 16])
        await self.audio(600)

    async def hang_up(self) -> None:
        self.message("stop", stop={"callSid": "CA1", "accountSid": "AC1"})
        await self.over()

    async def over(self) -> None:
        await asyncio.wait_for(self.task, 60)

    # what came of it
    def log(self, kind: type[EventData]) -> list[Any]:
        return [e.data for e in self.session.events if isinstance(e.data, kind)]

    def count(self, event: str) -> int:
        return sum(m["event"] == event for m in self.sent)


class LineUnderTest:
    def __init__(self, services: Services, clock: ManualClock, ear: ScriptedEar, speech: bytes) -> None:
        self.services, self.clock, self.ear, self.speech = services, clock, ear, speech
        self.store: SqlStore
        self.queue: QueueService
        self.actions: ScriptedActions
        self.dialogues: list[ScriptedDialogue] = []
        self.phones: list[Phone] = []
        self.script: Script = lambda event, now: [Say((prompt("hello"),))] if isinstance(event, Began) else []

    def new_dialogue(self, info: CallInfo) -> Dialogue:
        self.dialogues.append(ScriptedDialogue(lambda event, now: self.script(event, now)))
        return self.dialogues[-1]

    def configure(self, **sections: dict[str, Any]) -> None:
        """Changes settings for the calls to come."""
        changed = self.services.settings.model_dump() | {
            name: getattr(self.services.settings, name).model_dump() | values
            for name, values in sections.items()
        }
        self.services = replace(self.services, settings=Settings.model_validate(changed))

    def phone(self) -> Phone:
        self.phones.append(Phone(self))
        return self.phones[-1]

    async def hang_up_all(self) -> None:
        for phone in self.phones:
            phone.session.disconnected()
            await phone.over()
