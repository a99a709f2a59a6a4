"""The street is the same every time, as loud as it says, and made of what no model was trained with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tools.hearing import noise
from voice.errors import AudioError
from voice.model import SAMPLE_RATE


def white(seconds: float, seed: int, level: float = 1000.0) -> noise.Floats:
    return np.random.default_rng(seed).normal(0, level, int(seconds * SAMPLE_RATE))


@pytest.fixture(scope="module")
def bed() -> noise.Floats:
    return noise.mix_street({name: white(4 + n, n) for n, (name, _, _) in enumerate(noise.STREET)})


def test_the_bed_has_unit_level_in_the_telephone_band(bed: noise.Floats) -> None:
    assert len(bed) == noise.STREET_S * SAMPLE_RATE
    assert noise.rms(noise.telephone_band(bed)) == pytest.approx(1)


def test_training_and_measuring_share_no_sample() -> None:
    samples = np.arange(11.0)
    assert not set(noise.first_half(samples)) & set(noise.held_out(samples))
    changed = {name: white(4, n) for n, (name, _, _) in enumerate(noise.STREET)}
    before = noise.mix_street(changed)
    for samples in changed.values():
        samples[: len(samples) // 2] = 0
    assert np.array_equal(noise.mix_street(changed), before)


def test_events_are_heard_at_their_times_only() -> None:
    silent = {name: np.full(4 * SAMPLE_RATE, 1e-12) for name, _, _ in noise.STREET}
    bed = noise.mix_street(silent | {"tau2_car_horn": white(4, 1)})
    loud = [n for n in range(noise.STREET_S) if noise.rms(bed[n * SAMPLE_RATE :][:SAMPLE_RATE]) > 0.5]
    times = next(at for name, _, at in noise.STREET if name == "tau2_car_horn")
    assert loud == sorted({second + late for second in times for late in (0, 1)})


@pytest.mark.parametrize("snr_db", [0.0, 15.0])
def test_speech_is_as_much_louder_as_asked(snr_db: float) -> None:
    bed = noise.mix_street({name: white(8, n) for n, (name, _, _) in enumerate(noise.STREET)})
    speech = np.concatenate([np.zeros(8000), white(1, 50), np.zeros(8000)])
    added = noise.add_noise(speech, bed, "some name", snr_db) - speech
    # pauses do not count as speech, or padding would make the noise louder
    level = noise.rms(noise.telephone_band(speech[8000:16000]))
    found = 20 * np.log10(level / noise.rms(noise.telephone_band(added)))
    assert found == pytest.approx(snr_db, abs=1.5)  # the bed has ups and downs


def test_an_utterance_meets_the_same_stretch_every_time(bed: noise.Floats) -> None:
    speech = white(1, 51)
    first, again = noise.add_noise(speech, bed, "a"), noise.add_noise(speech, bed, "a")
    assert np.array_equal(first, again)
    assert not np.array_equal(first, noise.add_noise(speech, bed, "b"))


def test_rumble_is_weakened_and_speech_is_not() -> None:
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE

    def gain(hertz: float) -> float:
        tone = np.sin(2 * np.pi * hertz * time)
        return noise.rms(noise.through_microphone(tone)) / noise.rms(tone)

    assert gain(50) < 0.07
    assert gain(200) == pytest.approx(0.707, abs=0.01)
    assert gain(1000) > 0.99


def test_a_missing_recording_says_where_to_look(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="README"):
        noise.street(tmp_path)
