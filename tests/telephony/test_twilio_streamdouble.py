"""An independent Twilio client, ``streamdouble``, against our stream, in real time."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web
from streamdouble import api
from streamdouble.chaos import Impairments
from streamdouble.scenario import Dtmf, Expect, Hangup, Say, Scenario, Wait, WaitFor
from streamdouble.session import SessionConfig

from tests.telephony.twilio_peer import Client, EchoHost, Serve
from voice.model import Digit, Frame
from voice.telephony.seam import Connected, Disconnected, MarkPlayed, Wire

pytestmark = pytest.mark.slow

# 0x7F is mu-law's second zero: it comes back as 0xFF, so it is left out
FRAMES = [bytes((n * 7 + k) % 127 for k in range(160)) for n in range(50)]


def url(client: Client) -> str:
    return str(client.make_url("/telephony/twilio/stream")).replace("http", "ws", 1)


async def test_a_call_is_echoed_byte_for_byte(serve: Serve, host: EchoHost) -> None:
    config = SessionConfig(
        quiet_period_s=0.2, custom_parameters={"From": "+34600000000", "To": "+34900000000"}
    )
    report = await api.call(url(await serve()), frames=FRAMES, config=config)
    assert report.exit_code == 0, report.to_dict()
    assert report.result.violation_count == 0
    assert report.result.unknown_events == []
    assert report.audio_received.startswith(b"".join(FRAMES))
    assert report.result.marks_received[:5] == ["m10", "m20", "m30", "m40", "m50"]
    await host.done.wait()
    first, *middle, last = host.events
    assert isinstance(first, Connected)
    assert (first.info.caller, first.info.called) == ("+34600000000", "+34900000000")
    assert first.info.stream_id == report.stream_sid
    assert [event.name for event in middle if isinstance(event, MarkPlayed)] == report.result.marks_echoed
    assert isinstance(last, Disconnected)
    assert host.rejected == []


async def test_keys_and_loss_on_the_way(serve: Serve, host: EchoHost) -> None:
    scenario = Scenario(
        "keys",
        [Say(path=Path("unused.wav"), frames=FRAMES[:20]), Dtmf("1*#D"), Wait(0.2), Hangup()],
    )
    config = SessionConfig(impairments=Impairments(loss=0.2, jitter_ms=30), quiet_period_s=0.2)
    report = await api.run_scenario(url(await serve()), scenario, config=config)
    assert report.result.violation_count == 0
    assert report.result.frames_dropped > 0
    await host.done.wait()
    keys = [event for event in host.events if isinstance(event, Digit)]
    assert "".join(event.key for event in keys) == "1*#D"
    assert all(300 <= event.at_ms <= 1000 for event in keys), "keys are stamped in the call's own time"
    assert host.rejected == []


class InterruptedHost(EchoHost):
    """Talks for two seconds; a key makes it stop."""

    async def _answer(self, ws: web.WebSocketResponse, wire: Wire) -> None:
        async for message in ws:
            for event in wire.receive(message.data):
                if isinstance(event, Frame):
                    continue
                self.events.append(event)
                if isinstance(event, Connected):
                    await ws.send_str(str(wire.audio(bytes(32000))))
                    await ws.send_str(str(wire.mark("said")))
                elif isinstance(event, Digit):
                    await ws.send_str(str(wire.clear()))
                elif isinstance(event, Disconnected):
                    return


@pytest.mark.parametrize("host", [InterruptedHost()], ids=["interrupted"])
async def test_clear_is_understood(serve: Serve, host: EchoHost) -> None:
    scenario = Scenario(
        "barge-in", [WaitFor("audio"), Wait(0.3), Dtmf("5"), WaitFor("clear"), Expect("clear"), Hangup()]
    )
    report = await api.run_scenario(url(await serve()), scenario, config=SessionConfig(quiet_period_s=0.2))
    assert report.exit_code == 0, report.to_dict()
    assert report.result.clears_received == 1
    assert report.result.marks_received == ["said"]
    assert host.rejected == []
