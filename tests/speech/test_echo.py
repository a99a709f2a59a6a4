"""Our own voice coming back is known, at any delay and level; other voices are not taken for it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.audio.g711 import ulaw_decode, ulaw_encode
from voice.model import FRAME_MS
from voice.speech.echo import REACH_MS, WINDOW_MS, EchoCheck, Samples

AHEAD_MS = 240
PATH = np.random.default_rng(3).normal(0, 1, 48) * np.exp(-np.arange(48) / 10)  # a hybrid's, 6 ms


def voice(seed: int, pitch: float, seconds: float = 3.0) -> Samples:
    """Syllables of harmonics under a changing spectrum, RMS 3000."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * 8000)) / 8000
    phase = 2 * np.pi * np.cumsum(pitch * (1 + 0.1 * np.sin(2 * np.pi * rng.uniform(0.5, 2) * t))) / 8000
    sound = np.zeros(len(t))
    for n in range(3, 20):
        tide = 1 + np.sin(2 * np.pi * rng.uniform(1, 5) * t + rng.uniform(0, 6))
        sound += tide * np.sin(n * phase + rng.uniform(0, 6)) / n
    return np.asarray(sound * 3000 / np.sqrt(np.mean(sound**2)))


def pcm(samples: Samples) -> bytes:
    return ulaw_decode(ulaw_encode(np.clip(samples, -32768, 32767).astype("<i2").tobytes()))


def returned(samples: Samples, loss_db: float, delay_ms: int) -> Samples:
    """What comes from the line while ``samples`` are played from 0 on."""
    back = np.convolve(samples, PATH)[: len(samples)]
    back *= np.sqrt(np.mean(samples**2) / np.mean(back**2)) * 10 ** (-loss_db / 20)
    late = np.concatenate([np.zeros(delay_ms * 8), back])[: len(samples)]
    return np.asarray(late + np.random.default_rng(5).normal(0, 6, len(late)))


def asked(line: Samples, *prompts: Samples) -> list[bool]:
    """The verdict on ``line`` every 100 ms, from when the greatest delay has passed. Each of ``prompts`` in
    turn is sent for the same time, 240 ms before it is heard: the later one takes the earlier one's place."""
    check, data, verdicts = EchoCheck(), pcm(line), []
    sent = [pcm(prompt) for prompt in prompts]
    for end in range(0, len(data) // 16, FRAME_MS):
        at = end + AHEAD_MS
        for audio in sent:
            check.sent(audio[at * 16 : (at + FRAME_MS) * 16], at)
        if end > REACH_MS + WINDOW_MS and end % 100 == 0:
            verdicts.append(check.is_echo(data[(end - 300) * 16 : end * 16], end))
    return verdicts


@pytest.mark.parametrize("loss_db", [12, 20, 30])
@pytest.mark.parametrize("delay_ms", [50, 150, 275, 400])
def test_an_echo_is_known(loss_db: float, delay_ms: int) -> None:
    prompt = voice(1, 120)
    verdicts = asked(returned(prompt, loss_db, delay_ms), prompt)
    assert sum(verdicts) >= 0.9 * len(verdicts)


def test_another_voice_is_no_echo() -> None:
    assert not any(asked(voice(2, 171), voice(1, 120)))


def test_a_caller_is_heard_over_the_echo() -> None:
    prompt = voice(1, 120)
    assert not any(asked(returned(prompt, 15, 150) + voice(2, 171), prompt))


def test_nothing_is_an_echo_where_nothing_was_sent() -> None:
    assert not any(asked(voice(1, 120)))
    assert not any(asked(voice(1, 120), np.zeros(24_000)))


def test_what_was_cut_and_replaced_does_not_count() -> None:
    first, second = voice(1, 120), voice(4, 150)
    assert not any(asked(returned(first, 12, 100), first, second))
    assert any(asked(returned(second, 12, 100), first, second))


def test_too_little_or_silent_audio_is_no_echo() -> None:
    check = EchoCheck()
    check.sent(pcm(voice(1, 120)), 0)
    assert not check.is_echo(b"", 2000)
    assert not check.is_echo(bytes(320), 2000)
    assert not check.is_echo(bytes(6400), 2000)


@given(st.lists(st.tuples(st.integers(-200, 900), st.integers(1, 12)), max_size=30), st.integers(0, 20_000))
@settings(max_examples=40, deadline=None)
def test_any_order_of_sending_is_taken(sent: list[tuple[int, int]], end_ms: int) -> None:
    check, now = EchoCheck(), 1000
    for ahead, frames in sent:
        check.sent(b"\x10\x27" * 160 * frames, now + ahead)
        now += FRAME_MS
    check.is_echo(b"\x10\x27" * 2400, end_ms)
