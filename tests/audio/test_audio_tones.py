from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.audio.tones import dtmf, hold_music, silence
from voice.errors import AudioError

ROWS, COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
PAD = ["123A", "456B", "789C", "*0#D"]


def array(pcm: bytes) -> npt.NDArray[np.float64]:
    return np.frombuffer(pcm, dtype="<i2") / 32768


def strength(samples: npt.NDArray[np.float64], hz: float) -> float:
    """One bin of a Fourier transform at exactly ``hz``."""
    return float(abs(np.exp(-2j * np.pi * hz * np.arange(len(samples)) / 8000) @ samples)) / len(samples)


@given(keys=st.text("0123456789*#ABCD", max_size=8))
@settings(max_examples=30, deadline=None)
def test_keys_are_found_again_in_the_spectrum(keys: str) -> None:
    samples = array(dtmf(keys, tone_ms=80, gap_ms=60))
    assert len(samples) == len(keys) * 140 * 8
    found = ""
    for start in range(0, len(samples), 140 * 8):
        tone = samples[start : start + 640]
        low, high = (max(group, key=lambda hz: strength(tone, hz)) for group in (ROWS, COLUMNS))
        found += PAD[ROWS.index(low)][COLUMNS.index(high)]
        assert not samples[start + 640 : start + 1120].any()
        assert np.abs(tone).max() < 0.45
    assert found == keys


def test_other_keys_are_an_error() -> None:
    with pytest.raises(AudioError, match="no telephone key"):
        dtmf("12a")


def test_hold_music_is_quiet_and_loops_without_a_click() -> None:
    pcm = hold_music()
    samples = array(pcm)
    assert len(samples) == 16 * 8000
    assert 20 * np.log10(np.sqrt(np.mean(samples**2))) == pytest.approx(-26, abs=0.1)
    assert np.abs(samples).max() < 0.5
    seconds = samples.reshape(16, -1)
    assert (np.sqrt((seconds**2).mean(axis=1)) > 0.01).all()  # never dead air
    step = np.abs(np.diff(samples))
    assert abs(samples[0] - samples[-1]) <= step.max()
    assert hold_music() is pcm


def test_silence_has_the_length_asked_for() -> None:
    assert silence(20) == bytes(320)
