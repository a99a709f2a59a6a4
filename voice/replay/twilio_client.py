"""A telephony provider's end of the line: rings any server that speaks Twilio Media Streams.

The WebSocket client is ``websockets``, so that client and server share no code. Frames go out every 20 ms
on an absolute schedule: a late frame is followed at once by the next, as on a real line.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from voice.audio.g711 import ulaw_decode
from voice.audio.wav import write_stereo
from voice.errors import WireError
from voice.model import FRAME_MS
from voice.replay import media_streams as ms
from voice.replay import webhook
from voice.replay.caller import Caller, CallerLog
from voice.replay.clips import Script
from voice.replay.playback import REAL_TIME_HANGOVER_MS
from voice.replay.report import CallReport

CLOSE_TIMEOUT_S = 5.0
MAX_WIRE_FAULTS = 20


@dataclass(frozen=True, slots=True)
class CallOptions:
    """How to ring. ``auth_token`` signs the requests; ``out`` is a folder for recordings;
    ``endpoint_ms`` is the server's end silence when its marks do not tell."""

    auth_token: str = ""
    out: Path | None = None
    endpoint_ms: int = 500
    drop_marks_on_clear: bool = False
    label: str = ""  # of the recording's file name; the scenario's name when empty


Observer = Callable[[str, Caller], None]
"""Told ``"connected"``, ``"tick"`` (every 20 ms) and ``"ended"``."""


class ProviderCall:
    """One call. ``caller`` may be given notices (an agent accepted) while it runs."""

    def __init__(
        self, url: str, script: Script, options: CallOptions, observe: Observer | None = None
    ) -> None:
        self.identity = ms.Identity()
        self.caller = Caller(
            script,
            endpoint_ms=options.endpoint_ms,
            drop_marks_on_clear=options.drop_marks_on_clear,
            hangover_ms=REAL_TIME_HANGOVER_MS,
        )
        self._url = url
        self._scenario = script.scenario
        self._options = options
        self._observe = observe or (lambda what, caller: None)
        self._stream = ms.ProviderStream(self.identity)
        self._spoken = bytearray()
        self._heard = bytearray()
        self._faults: list[str] = []
        self._late_ms = 0.0
        self._begin = time.perf_counter()

    async def run(self) -> CallReport:
        """The whole call. What goes wrong on the line is in the report, never raised."""
        began = time.perf_counter()
        report = CallReport(self._scenario.name, self._scenario.lang, self.identity.call_sid, self.caller.log)
        try:
            instruction = await self._ring()
            if instruction.stream_url:
                await self._talk(instruction)
                await self._after(instruction)
            else:
                report.outcome = "refused"
                self.caller.log.ended_by = "server"
        except WireError as error:
            report.error = str(error)
            report.outcome = "failed"
        report.wire_faults = self._faults
        report.late_ms = self._late_ms
        report.took_s = time.perf_counter() - began
        report.recording = self._save()
        return report

    async def _ring(self) -> webhook.Instruction:
        scenario = self._scenario
        if self._url.startswith(("ws://", "wss://")):
            given = {ms.CALLER_PARAMETER: scenario.caller, ms.CALLED_PARAMETER: scenario.called}
            return webhook.Instruction(self._url, given)
        return await self._post(self._url, "ringing")

    async def _post(self, url: str, status: str) -> webhook.Instruction:
        return await webhook.post(
            url,
            self.identity,
            caller=self._scenario.caller,
            called=self._scenario.called,
            status=status,
            auth_token=self._options.auth_token,
        )

    async def _after(self, instruction: webhook.Instruction) -> None:
        """Twilio asks what comes next when the server ended the stream and the caller is still there."""
        if instruction.action_url and self.caller.log.ended_by == "server":
            await self._post(instruction.action_url, "in-progress")

    async def _talk(self, instruction: webhook.Instruction) -> None:
        url = webhook.websocket_url(instruction.stream_url)
        headers = webhook.signature(self._options.auth_token, url)
        try:
            socket = await connect(
                url, additional_headers=headers, compression=None, proxy=None, max_queue=None, max_size=2**20
            )
        except (OSError, InvalidHandshake, InvalidURI) as error:
            raise WireError(f"{url} cannot be reached ({error}); is the server up?") from None
        async with socket:
            await self._converse(socket, {**instruction.parameters, **self._scenario.parameters})

    async def _converse(self, socket: ClientConnection, parameters: dict[str, str]) -> None:
        try:
            await socket.send(self._stream.connected())
            await socket.send(self._stream.start(parameters))
        except ConnectionClosed as error:
            raise WireError(f"the server closed the stream at once ({error})") from None
        self._observe("connected", self.caller)
        self._begin = time.perf_counter()
        reading = asyncio.create_task(self._read(socket))
        try:
            await self._pace(socket, reading)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            self._observe("ended", self.caller)

    async def _pace(self, socket: ClientConnection, reading: asyncio.Task[None]) -> None:
        caller, stream, count = self.caller, self._stream, 0
        try:
            while not caller.over:
                count += 1
                late = self._now_ms() - count * FRAME_MS
                if late < 0:
                    await asyncio.wait((reading,), timeout=-late / 1000)
                else:
                    self._late_ms = max(self._late_ms, late)
                    await asyncio.sleep(0)  # what has arrived is read all the same
                if reading.done():
                    caller.ended()
                    reading.result()
                    return
                tick = caller.tick(self._now_ms())
                self._spoken += tick.frame
                self._heard += tick.heard
                await socket.send(stream.media(tick.frame))
                for message in (*map(stream.dtmf, tick.keys), *map(stream.mark, tick.marks)):
                    await socket.send(message)
                self._observe("tick", caller)
            await socket.send(stream.stop())
            await asyncio.wait_for(socket.close(), CLOSE_TIMEOUT_S)
        except (ConnectionClosed, TimeoutError):
            caller.ended()

    async def _read(self, socket: ClientConnection) -> None:
        """Returns when the server closed the stream. Raises :class:`WireError` for a flood of nonsense."""
        caller = self.caller
        async for raw in socket:
            at_ms = self._now_ms()
            try:
                message = ms.parse(raw, self.identity.stream_sid)
            except WireError as error:
                self._faults.append(str(error))
                if len(self._faults) >= MAX_WIRE_FAULTS:
                    raise
                continue
            match message:
                case ms.Media(ulaw=ulaw):
                    caller.audio(ulaw, at_ms)
                    echoes: tuple[str, ...] = ()
                case ms.Mark(name=name):
                    echoes = caller.mark(name, at_ms)
                case ms.Clear():
                    echoes = caller.clear(at_ms)
            for name in echoes:
                await socket.send(self._stream.mark(name))

    def _now_ms(self) -> float:
        return (time.perf_counter() - self._begin) * 1000

    def _save(self) -> Path | None:
        if self._options.out is None or not self._heard:
            return None
        name = self._options.label or self._scenario.name
        path = self._options.out / f"{name}.wav"
        write_stereo(path, ulaw_decode(bytes(self._spoken)), ulaw_decode(bytes(self._heard)))
        return path


def failed(script: Script, why: str) -> CallReport:
    """A report for a call that could not even begin."""
    scenario = script.scenario
    return CallReport(scenario.name, scenario.lang, "", CallerLog(), outcome="failed", error=why)
