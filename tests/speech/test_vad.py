"""The detector hears speech over noise, is quiet in noise, and its floor follows the line."""

from __future__ import annotations

import audioop
import random
from array import array
from typing import Any

import pytest

from voice.errors import AudioError
from voice.model import FRAME_BYTES, FRAME_MS
from voice.speech.vad import FIRST_FLOOR, QUIETEST_FLOOR, VoiceActivity

SECOND = 1000 // FRAME_MS


def noise(rms: float, seconds: float, seed: int = 1) -> bytes:
    rng = random.Random(seed)
    samples = (round(rng.gauss(0.0, rms)) for _ in range(int(seconds * 8000)))
    return array("h", (max(-32768, min(32767, sample)) for sample in samples)).tobytes()


def decide(activity: VoiceActivity, pcm: bytes) -> list[bool]:
    whole = len(pcm) - len(pcm) % FRAME_BYTES
    return [activity.step(pcm[i : i + FRAME_BYTES]) for i in range(0, whole, FRAME_BYTES)]


def add(speech: bytes, background: bytes) -> bytes:
    return audioop.add(speech, background[: len(speech)], 2)


@pytest.mark.parametrize(
    ("text", "lang"), [("quiero hablar con un agente", "es"), ("i need my balance", "en")]
)
@pytest.mark.parametrize("level", [0, 60, 150])
def test_speech_is_heard_over_noise(speech: Any, text: str, lang: str, level: int) -> None:
    activity = VoiceActivity()
    assert not any(decide(activity, noise(level, 3))[SECOND:])
    said = speech(text, lang, lead_ms=0, tail_ms=0)
    heard = decide(activity, add(said, noise(level, len(said) / 16000 + 1, seed=2)))
    assert sum(heard) > len(heard) * 0.6
    assert any(heard[:8])


@pytest.mark.parametrize("before", [0, 100, 1000])
@pytest.mark.parametrize("after", [0, 300, 3000])
def test_the_floor_follows_a_change_of_noise_within_two_seconds(before: int, after: int) -> None:
    activity = VoiceActivity()
    decide(activity, noise(before, 4))
    decide(activity, noise(after, 2.4, seed=3))
    assert activity.floor == pytest.approx(max(after, QUIETEST_FLOOR), rel=0.25)
    assert not any(decide(activity, noise(after, 5, seed=4)))


def test_the_floor_stays_down_in_long_speech(speech: Any) -> None:
    activity = VoiceActivity()
    decide(activity, noise(30, 3))
    text = (
        "buenas tardes quiero consultar el saldo de mi cuenta y cambiar la fecha de la próxima factura " * 4
    )
    said = speech(text, "es", lead_ms=0, tail_ms=0)
    assert len(said) / 16000 > 15
    level = audioop.rms(said, 2)
    floors = []
    for start in range(0, len(said) - 16000, 16000):
        decide(activity, said[start : start + 16000])
        floors.append(activity.floor)
    assert max(floors) < level / 4


def test_digital_silence_is_never_speech_and_short_gaps_keep_the_floor() -> None:
    activity = VoiceActivity()
    decide(activity, noise(300, 4))
    floor = activity.floor
    for _ in range(20):
        decide(activity, noise(300, 0.2) + bytes(4 * FRAME_BYTES))
    assert activity.floor == pytest.approx(floor, rel=0.1)
    assert not any(decide(activity, bytes(FRAME_BYTES * 100)))
    assert activity.floor == QUIETEST_FLOOR


def test_starts_with_an_assumed_floor_and_refuses_other_frame_sizes() -> None:
    activity = VoiceActivity()
    assert activity.floor == FIRST_FLOOR
    with pytest.raises(AudioError, match="318 bytes"):
        activity.step(bytes(318))
