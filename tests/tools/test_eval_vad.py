"""The measure of voice activity: what it calls missed, swallowed, late and false."""

from __future__ import annotations

import numpy as np
import pytest

from tools.hearing import eval_vad
from tools.hearing.eval_vad import Call, judge, speech_span
from voice.model import FRAME_BYTES


class Played:
    """A detector that fires in the given frames of every call."""

    def __init__(self, *spans: tuple[int, int]) -> None:
        self._spans = spans
        self._frame = -1

    def step(self, pcm_20ms: bytes) -> bool:
        self._frame += 1
        return any(first <= self._frame < last for first, last in self._spans)


CALL = Call(bytes(FRAME_BYTES * 200), [(1000, 1500)])  # frames 50 to 75


def test_an_utterance_that_is_heard() -> None:
    tally = judge(CALL, b"", lambda: Played((52, 76)))
    assert (tally.spoken, tally.missed, tally.swallowed) == (1, 0, 0)
    assert tally.onset == [120]  # first decision at 1040 ms, known 80 ms later
    assert tally.end == [20]


def test_an_utterance_that_is_missed() -> None:
    tally = judge(CALL, b"", lambda: Played((10, 20), (100, 120)))
    assert (tally.missed, tally.swallowed, tally.onset, tally.end) == (1, 0, [], [])


def test_an_utterance_within_a_turn_that_noise_began() -> None:
    tally = judge(CALL, b"", lambda: Played((30, 45), (52, 76)))
    assert (tally.missed, tally.swallowed, tally.onset) == (0, 1, [])


def test_noise_that_is_taken_for_speech() -> None:
    alone = bytes(FRAME_BYTES * 3000)  # a minute
    tally = judge(CALL, alone, lambda: Played((100, 150), (1000, 1050)))
    assert tally.false == 2
    assert tally.alone_ms == 60_000
    assert tally.false_ms == 2 * (1000 - 80 + 500)  # known after the onset, over after the end silence


def test_where_speech_is_and_how_loud() -> None:
    samples = np.zeros(8000)
    samples[2000:6000] = 0.1 * np.sin(2 * np.pi * 440 * np.arange(4000) / 8000)
    first, last, level = speech_span(samples)
    assert (first, last) == (2000, 6000)
    assert level == pytest.approx(0.1 / np.sqrt(2), rel=0.01)


def test_noise_is_laid_at_its_ratio_below_speech() -> None:
    noise = np.random.default_rng(1).standard_normal(16000)
    laid = eval_vad.at_snr(noise, 15)
    rms = float(np.sqrt((laid**2).mean()))
    assert 20 * np.log10(rms) == pytest.approx(eval_vad.LEVEL_DB - 15, abs=0.1)
