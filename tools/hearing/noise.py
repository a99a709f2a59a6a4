"""A street, made of recorded noises the same way every time, and the mixing of speech into it.

Only the second half of each recording is used (:func:`held_out`), so that a model may be trained with the
first half and still meet noise here that it has not heard.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from voice.audio.wav import read_pcm
from voice.errors import AudioError
from voice.model import SAMPLE_RATE

Floats = npt.NDArray[np.float64]

SNR_DB = 15.0
STREET_S = 60
BAND_HZ = (300.0, 3400.0)  # what a telephone carries (ITU-T G.120)
ACTIVE_DB = 30.0  # frames this far below the loudest are pauses
RUMBLE_HZ = 200.0
FRAME = SAMPLE_RATE // 50

# (recording, level in dB, seconds at which it is heard; none: all the time)
STREET: tuple[tuple[str, float, tuple[int, ...]], ...] = (
    ("tau2_engine_idling", 0.0, ()),
    ("sb_noise1", -2.0, ()),
    ("sb_noise5", -4.0, ()),
    ("tau2_people_talking", -8.0, ()),
    ("tau2_car_horn", 0.0, (7, 23, 44)),
    ("tau2_siren", -2.0, (14, 35, 53)),
)


def first_half(samples: Floats) -> Floats:
    """The part of a noise recording that may be used in training."""
    return samples[: len(samples) // 2]


def held_out(samples: Floats) -> Floats:
    """The part that is kept for measuring."""
    return samples[len(samples) // 2 :]


def street(folder: Path) -> Floats:
    """60 s of street noise whose root mean square within the telephone band is 1.

    Raises :class:`AudioError` when a recording is missing.
    """
    recordings = {}
    for name, _, _ in STREET:
        path = folder / f"{name}.flac"
        if not path.is_file():
            raise AudioError(
                f"{path}: this noise is missing; see tools/hearing/README.md for where it comes from"
            )
        recordings[name] = np.frombuffer(read_pcm(path), dtype="<i2").astype(np.float64)
    return mix_street(recordings)


def mix_street(recordings: Mapping[str, Floats]) -> Floats:
    """The bed, from the recordings named in :data:`STREET`."""
    bed = np.zeros(STREET_S * SAMPLE_RATE)
    for name, level_db, at in STREET:
        part = through_microphone(held_out(recordings[name]))
        part *= 10 ** (level_db / 20) / max(rms(telephone_band(part)), 1e-9)
        if at:
            for second in at:
                stretch = bed[second * SAMPLE_RATE :][: len(part)]
                stretch += part[: len(stretch)]
        else:
            bed += np.tile(part, -(-len(bed) // len(part)))[: len(bed)]
    return bed / max(rms(telephone_band(bed)), 1e-9)


def rms(samples: Floats) -> float:
    return float(np.sqrt(np.mean(np.square(samples)))) if len(samples) else 0.0


def telephone_band(samples: Floats) -> Floats:
    """Only what lies within 300 to 3400 Hz, to compare levels by: an idling engine has nearly all its power
    below."""
    spectrum = np.fft.rfft(samples)
    hertz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    spectrum[(hertz < BAND_HZ[0]) | (hertz > BAND_HZ[1])] = 0
    return np.asarray(np.fft.irfft(spectrum, len(samples)), dtype=np.float64)


def through_microphone(samples: Floats) -> Floats:
    """Falls by 12 dB an octave below 200 Hz, as a telephone's microphone does. No part is cut away wholly: a
    recognizer takes a hole in the spectrum for a sound."""
    hertz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    gain = np.square(hertz) / np.sqrt(hertz**4 + RUMBLE_HZ**4)
    return np.asarray(np.fft.irfft(np.fft.rfft(samples) * gain, len(samples)), dtype=np.float64)


def speech_level(samples: Floats) -> float:
    """Root mean square over the 20 ms frames that are at most 30 dB below the loudest one."""
    count = len(samples) // FRAME
    if not count:
        return rms(samples)
    power = np.mean(np.square(samples[: count * FRAME].reshape(count, FRAME)), axis=1)
    return float(np.sqrt(power[power >= power.max() * 10 ** (-ACTIVE_DB / 10)].mean()))


def add_noise(speech: Floats, bed: Floats, name: str, snr_db: float = SNR_DB) -> Floats:
    """Speech in the stretch of ``bed`` that its ``name`` chooses.

    Levels are compared within the telephone band, as in Aurora-2 (Hirsch and Pearce, 2000), with pauses left
    out of the speech. The bed keeps its own ups and downs: a horn is louder.
    """
    start = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % len(bed)
    stretch = np.take(bed, np.arange(start, start + len(speech)), mode="wrap")
    level = speech_level(telephone_band(speech)) if len(speech) else 0.0
    return speech + stretch * level * 10 ** (-snr_db / 20)
