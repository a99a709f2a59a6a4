"""The provider's side of a ConversationRelay call under a manual clock: speaks what it is given at fifteen
characters a second, obeys ``interruptible`` and ``preemptible``, and reports what it does as Twilio does (or,
with ``reports=False``, says nothing about it, as Telnyx does)."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any

from voice.call.services import Services
from voice.call.session import CallSession
from voice.clock import ManualClock
from voice.events import EventData
from voice.telephony.conversationrelay import RelayWire

CODES = {"es": "es-ES", "en": "en-US"}
MS_PER_CHARACTER = 66
STEP_MS = 200


class RelayPhone:
    def __init__(
        self,
        services: Services,
        *,
        reports: bool = True,
        greetings: dict[str, str] | None = None,
        music_url: str = "https://voice.example.com/music.wav",
    ) -> None:
        clock = services.clock
        assert isinstance(clock, ManualClock)
        self.clock = clock
        self.reports = reports
        self.greetings = greetings or {}
        self.sent: list[dict[str, Any]] = []
        self.said: list[str] = []  # heard to the end, or as far as it came
        self.closed: tuple[int, str] | None = None
        self.language = ""
        self._queue: deque[dict[str, Any]] = deque()
        self._now: dict[str, Any] | None = None
        self._began = 0
        wire = RelayWire(CODES, greetings=self.greetings, music_url=music_url)
        self.session = CallSession(services, wire, self)
        self.task = asyncio.create_task(self.session.run())

    # Transport
    def send(self, message: str | bytes) -> None:
        body = json.loads(message)
        self.sent.append(body)
        if body["type"] in ("text", "play"):
            if self._now is not None and self._now.get("preemptible"):
                self._stop()
            self._queue.append(body)
        elif body["type"] == "language":
            self.language = body["transcriptionLanguage"]

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)

    # what the provider does
    def message(self, kind: str, **fields: Any) -> None:
        self.session.receive(json.dumps({"type": kind, **fields}))

    def _report(self, name: str, value: str) -> None:
        if self.reports:
            self.message("info", name=name, value=value, ts=1)

    def _length(self, body: dict[str, Any]) -> int:
        return 5000 if body["type"] == "play" else MS_PER_CHARACTER * len(body["token"])

    def _stop(self) -> None:
        self._now = None
        self._report("agentSpeaking", "off")

    def _speak(self) -> None:
        now = self.clock.now_ms()
        if self._now is not None and now - self._began >= self._length(self._now):
            text = self._now.get("token", "")
            self.said.append(text or "(music)")
            if text:
                self._report("tokensPlayed", text)
            self._stop()
        if self._now is None and self._queue:
            self._now, self._began = self._queue.popleft(), now
            self._report("agentSpeaking", "on")

    @property
    def speaking(self) -> bool:
        return self._now is not None or bool(self._queue)

    # the caller
    async def ring(self, call_sid: str = "CA1", lang: str = "es", **fields: Any) -> None:
        parameters = {"lang": lang}
        if self.greetings:
            parameters["greeting"] = lang
            self._queue.append({"type": "text", "token": self.greetings[lang], "interruptible": False})
        self.message(
            "setup",
            **{
                "sessionId": "VX1",
                "callSid": call_sid,
                "from": "+34600000001",
                "to": "+34900000000",
                "direction": "inbound",
                "customParameters": parameters,
                **fields,
            },
        )
        await self.wait(0)

    async def wait(self, ms: int) -> None:
        await self.session.settled()
        for _ in range(0, ms, STEP_MS):
            self._speak()
            self.clock.advance(STEP_MS)
            await self.session.settled()

    async def listen(self, longest_ms: int = 60_000) -> str:
        """Until nothing is being said; what was said meanwhile."""
        before = len(self.said)
        await self.wait(600)
        for _ in range(0, longest_ms, STEP_MS):
            if not self.speaking and not self.session.ended:
                await self.wait(600)
                if not self.speaking:
                    break
            if self.session.ended:
                break
            await self.wait(STEP_MS)
        return " ".join(self.said[before:])

    def interrupt(self) -> None:
        """The provider hears the caller while it speaks."""
        if self._now is None or not self._now.get("interruptible", True):
            return
        elapsed = self.clock.now_ms() - self._began
        words = self._now.get("token", "").split()
        heard = words[: int(len(words) * elapsed / max(1, self._length(self._now)))]
        self.said.append(" ".join(heard))
        self._queue.clear()
        self._stop()
        self.message("interrupt", utteranceUntilInterrupt=" ".join(heard), durationUntilInterruptMs=elapsed)

    async def say(self, words: str, *, partials: bool = True, lang: str = "") -> None:
        """The caller talks, over the provider's voice if it has not stopped."""
        code = lang or self.language or "es-ES"
        parts = words.split()
        self.interrupt()
        if partials and len(parts) > 1:
            for n in range(1, len(parts)):
                self.message("prompt", voicePrompt=" ".join(parts[:n]), lang=code, last=False)
                await self.wait(STEP_MS)
        self.message("prompt", voicePrompt=words, lang=code, last=True)
        await self.session.settled()

    async def press(self, keys: str) -> None:
        for key in keys:
            self.interrupt()
            self.message("dtmf", digit=key)
            await self.wait(STEP_MS)

    async def hang_up(self) -> None:
        self.session.disconnected()
        await self.over()

    async def over(self) -> None:
        await asyncio.wait_for(self.task, 60)

    # what came of it
    def log(self, kind: type[EventData]) -> list[Any]:
        return [e.data for e in self.session.events if isinstance(e.data, kind)]

    def kinds(self) -> list[str]:
        return [message["type"] for message in self.sent]

    def handoff(self) -> dict[str, str]:
        """What the provider brings to the action URL."""
        assert self.sent[-1]["type"] == "end"
        found = json.loads(self.sent[-1]["handoffData"])
        assert isinstance(found, dict)
        return found
