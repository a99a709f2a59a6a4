"""Keys by their tones, through a whole session: they answer, count once, and a secret is in no recording."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.call.line_under_test import LineUnderTest, Phone, Script, prompt
from voice import events as ev
from voice.audio.dtmf import ToneDetector
from voice.audio.tones import dtmf
from voice.dialogue.seam import Action, Began, Input, Keyed, Listen, Say
from voice.model import FRAME_BYTES, Expect, ExpectKind, KeypadSpec
from voice.telephony.twilio import TwilioWire

FOUR = Expect(ExpectKind.DIGITS, "en", keypad=KeypadSpec(4, 4))


def asks(expect: Expect) -> Script:
    def script(event: Input, now: int) -> list[Action]:
        return [Say((prompt("Your number, please."),)), Listen(expect)] if isinstance(event, Began) else []

    return script


async def rung(line: LineUnderTest, mode: str, expect: Expect = FOUR) -> Phone:
    line.configure(call={"keypad_tones": mode})
    line.script = asks(expect)
    phone = line.phone()
    await phone.ring()
    await phone.audio(1000)
    return phone


def keyed(line: LineUnderTest) -> list[str]:
    return [i.keys for i in line.dialogues[-1].inputs if isinstance(i, Keyed)]


@pytest.mark.parametrize(("mode", "expected"), [("on", ["4711"]), ("auto", []), ("off", [])])
async def test_tones_are_keys_where_the_setting_says_so(
    line: LineUnderTest, mode: str, expected: list[str]
) -> None:
    phone = await rung(line, mode)
    await phone.audio(1200, dtmf("4711"))
    assert keyed(line) == expected
    assert [k.keys for k in phone.log(ev.CallerKeyed)] == expected


async def test_auto_listens_where_the_wire_does_not_signal_keys(
    line: LineUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TwilioWire, "signals_keys", False)
    phone = await rung(line, "auto")
    await phone.audio(1200, dtmf("4711"))
    assert keyed(line) == ["4711"]


async def test_a_provider_may_be_an_exception(line: LineUnderTest) -> None:
    line.configure(call={"keypad_tones_of": {"twilio": "on"}})
    phone = await rung(line, "off")
    await phone.audio(1200, dtmf("4711"))
    assert keyed(line) == ["4711"]


async def test_keys_that_are_heard_and_signalled_count_once(line: LineUnderTest) -> None:
    phone = await rung(line, "on")
    for key in "4411":
        await phone.audio(140, dtmf(key, tone_ms=100, gap_ms=40))
        await phone.press(key)
    assert keyed(line) == ["4411"]
    await phone.audio(1000)
    assert keyed(line) == ["4411"]


async def test_a_held_key_is_neither_speech_nor_a_second_key(line: LineUnderTest) -> None:
    phone = await rung(line, "on")
    await phone.audio(2500, dtmf("7", tone_ms=2000))
    await phone.audio(500, dtmf("8"))
    assert phone.log(ev.SpeechStarted) == []
    await phone.audio(600, dtmf("99"))
    assert keyed(line) == ["7899"]


async def test_audio_lost_within_a_tone_makes_no_second_key(line: LineUnderTest) -> None:
    phone = await rung(line, "on")
    tone = dtmf("7", tone_ms=600, gap_ms=0)
    await phone.audio(300, tone[: 300 * 16])
    phone.at_ms += 80
    await phone.audio(600, tone[380 * 16 :])
    assert [(g.start_ms, g.ms) for g in phone.log(ev.AudioGap)] == [(1300, 80)]
    await phone.audio(700, dtmf("899"))
    assert keyed(line) == ["7899"]


async def test_secret_keys_are_in_no_recording_and_no_log(
    line: LineUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    phone = await rung(line, "on", Expect(ExpectKind.DIGITS, "en", keypad=KeypadSpec(4, 4), sensitive=True))
    # the last tone goes on after the answer is complete and the window is closed
    await phone.audio(1500, dtmf("471", tone_ms=100) + dtmf("1", tone_ms=600))
    assert keyed(line) == ["4711"]
    assert "4711" not in json.dumps([e.to_json() for e in phone.session.events])
    assert "4711" not in caplog.text
    await phone.hang_up()
    assert tones_in(line.services.calls_dir / "CA1" / "recording.wav") == ("", 0)


async def test_secret_keys_pressed_before_the_question_are_in_no_recording_either(
    line: LineUnderTest,
) -> None:
    pin = Expect(ExpectKind.DIGITS, "en", keypad=KeypadSpec(4, 4), sensitive=True)

    def script(event: Input, now: int) -> list[Action]:
        if isinstance(event, Began):
            return [Say((prompt("A menu."),)), Listen(Expect(ExpectKind.CHOICE, "en", keypad=KeypadSpec()))]
        return [Say((prompt("Your PIN."),)), Listen(pin)] if keyed(line)[-1] == "1" else []

    line.configure(call={"keypad_tones": "on"})
    line.script = script
    phone = line.phone()
    await phone.ring()
    await phone.audio(2000, dtmf("14711"))
    assert keyed(line) == ["1", "4711"]
    await phone.hang_up()
    assert tones_in(line.services.calls_dir / "CA1" / "recording.wav")[0] == ""


def tones_in(recording: Path) -> tuple[str, int]:
    """The keys that can be heard in the caller's channel, and its loudest sample."""
    samples, _ = soundfile.read(recording, dtype="int16")
    caller = np.ascontiguousarray(samples[:, 0])
    pcm = caller.tobytes()
    assert len(pcm) > 16000
    detector = ToneDetector()
    whole = len(pcm) - len(pcm) % FRAME_BYTES
    keys = "".join(detector.step(pcm[i : i + FRAME_BYTES]) for i in range(0, whole, FRAME_BYTES))
    return keys, int(np.abs(caller.astype(int)).max())
