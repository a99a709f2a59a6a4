"""The detector hears speech over noise, is quiet in noise, and its floor follows the line."""

from __future__ import annotations

import audioop
import random
from array import array
from typing import Any

import pytest

from voice.errors import AudioError
from voice.model import FRAME_BYTES, FRAME_MS
from voice.speech.endpointing import Endpointer, SpeechOff, SpeechOn
from voice.speech.vad import FIRST_FLOOR, QUIETEST_FLOOR, LineNoise, VoiceActivity

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


SAYINGS = (
    ("el consejo se reunió ayer en la capital para hablar del precio del trigo", "es"),
    ("the rain of the last weeks has improved the reservoirs in the south", "en"),
    ("mañana por la tarde viene mi hermana con los niños a merendar a casa", "es"),
    ("we should have taken the other road because this one is always full", "en"),
)


def babble(speech: Any, seconds: int, rms: float, apart: int = 2460) -> bytes:
    """Eight talkers at once, without rest, each ``apart`` bytes further in their text."""
    whole = bytes(seconds * 16000)
    for talker in range(8):
        text, lang = SAYINGS[talker % 4]
        said = speech(text, lang, lead_ms=0, tail_ms=0)
        at = talker * apart % len(said)
        turned = said[at:] + said[:at]
        whole = audioop.add(whole, (turned * (len(whole) // len(turned) + 1))[: len(whole)], 2)
    return audioop.mul(whole, 2, rms / audioop.rms(whole, 2))


def turns(pcm: bytes) -> list[tuple[int, int]]:
    """When turns begin and when they are over, in ms."""
    activity, endpointer = VoiceActivity(), Endpointer(endpoint_ms=500)
    found: list[tuple[int, int]] = []
    began = 0
    for number, speech in enumerate(decide(activity, pcm), 1):
        change = endpointer.step(speech, number * FRAME_MS)
        if isinstance(change, SpeechOn):
            began = change.start_ms
        elif isinstance(change, SpeechOff):
            found.append((began, number * FRAME_MS))
    return [*found, (began, 0)] if endpointer.speaking else found


def test_an_answer_given_among_people_talking_is_over_soon(speech: Any) -> None:
    """Without what the line's noise was learned to be, the turn went on for 20 s."""
    said = speech("quiero hablar con un agente", "es", lead_ms=0, tail_ms=0)
    around = babble(speech, 26, audioop.rms(said, 2) / 8)  # 18 dB below
    at = 8 * 16000
    pcm = audioop.add(around, bytes(at) + said + bytes(len(around) - at - len(said)), 2)
    end_ms = (at + len(said)) // 16
    heard = [turn for turn in turns(pcm) if 7500 < turn[0] < end_ms]
    assert len(heard) == 1
    assert 7900 <= heard[0][0] <= 8300
    assert end_ms + 300 <= heard[0][1] <= end_ms + 900


def test_people_talking_steadily_are_seldom_a_turn_once_they_are_known(
    speech: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over twelve crowds: of one alone it may be 1 s or 13 s, by what the synthesizer said before."""
    crowds = [babble(speech, 30, 300, 2460 + 520 * number) for number in range(12)]

    def seconds() -> float:
        found = [turn for crowd in crowds for turn in turns(crowd) if turn[0] >= 5000]
        return sum((end or 30_000) - start for start, end in found) / len(crowds) / 1000

    known = seconds()  # 4.2 to 5.7, of 25
    monkeypatch.setattr(LineNoise, "speech", lambda self, loud, level: loud)
    assert known < 7.5
    assert known < 0.8 * seconds(), "0.60 to 0.66 were measured"


def test_a_long_speech_on_a_quiet_line_is_heard_as_without_a_measure_of_noise(
    speech: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = ". ".join(saying for saying, lang in SAYINGS if lang == "es") + ". "
    said = speech(text * 3, "es", lead_ms=500, tail_ms=800)
    pcm = add(said, noise(40, len(said) / 16000 + 1))
    heard = decide(VoiceActivity(), pcm)
    monkeypatch.setattr(LineNoise, "speech", lambda self, loud, level: loud)
    assert heard == decide(VoiceActivity(), pcm)
    assert sum(heard) > len(heard) / 2


def test_who_speaks_softly_after_a_loud_bang_is_heard(speech: Any) -> None:
    said = audioop.mul(speech("necesito hablar con alguien", "es", lead_ms=0, tail_ms=0), 2, 0.15)
    pcm = noise(20, 4) + noise(9000, 0.16) + noise(20, 0.5) + said
    heard = decide(VoiceActivity(), pcm)[-len(said) // FRAME_BYTES :]
    assert sum(heard) > len(heard) * 0.5
