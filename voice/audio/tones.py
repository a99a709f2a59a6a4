"""Sounds that are computed, not recorded: keypad tones and music for waiting.

Keypad frequencies are those of ITU-T Recommendation Q.23. All return 8 kHz PCM.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from voice.errors import AudioError
from voice.model import SAMPLE_RATE

_Signal = npt.NDArray[np.float64]

_KEYS = ("123A", "456B", "789C", "*0#D")
_LOW = (697, 770, 852, 941)
_HIGH = (1209, 1336, 1477, 1633)
DTMF_HZ = {
    key: (_LOW[row], _HIGH[column]) for row, keys in enumerate(_KEYS) for column, key in enumerate(keys)
}


def silence(ms: int) -> bytes:
    """``ms`` of digital silence."""
    return bytes(ms * SAMPLE_RATE // 1000 * 2)


def _pcm(signal: _Signal) -> bytes:
    return np.clip(np.rint(signal * 32767), -32768, 32767).astype("<i2").tobytes()


def _tone(frequencies: tuple[int, ...], ms: int, level: float) -> _Signal:
    """Sines of equal strength, ``level`` (0 to 1) at their peak, with 5 ms ramps against clicks."""
    t = np.arange(ms * SAMPLE_RATE // 1000) / SAMPLE_RATE
    gain = level / len(frequencies)
    signal = gain * sum((np.sin(2 * np.pi * f * t) for f in frequencies), np.zeros_like(t))
    ramp = min(len(t) // 2, SAMPLE_RATE // 200)
    if ramp:
        shape = np.linspace(0, 1, ramp)
        signal[:ramp] *= shape
        signal[-ramp:] *= shape[::-1]
    return signal


@lru_cache(maxsize=256)
def dtmf(keys: str, tone_ms: int = 100, gap_ms: int = 100, level: float = 0.4) -> bytes:
    """``keys`` (``0-9 * # A-D``) as tones, each followed by a gap. Raises :class:`AudioError` for others."""
    if unknown := set(keys) - DTMF_HZ.keys():
        raise AudioError(f"{''.join(sorted(unknown))!r} is no telephone key; use 0-9, *, # and A-D")
    return b"".join(_pcm(_tone(DTMF_HZ[key], tone_ms, level)) + silence(gap_ms) for key in keys)


# Four bars of four seconds, as MIDI notes: a low note, then a broken chord
_BARS = (
    (45, (57, 60, 64, 69, 67, 64, 60, 64)),
    (41, (57, 60, 65, 69, 72, 69, 65, 60)),
    (48, (55, 60, 64, 67, 72, 67, 64, 60)),
    (43, (55, 59, 62, 67, 69, 67, 62, 59)),
)
_BAR_SECONDS = 4.0


def _note(midi: int, seconds: float, decay: float) -> _Signal:
    """A soft plucked note: three harmonics, each dying faster than the one below; 12 ms attack."""
    t = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    hz = 440 * 2 ** ((midi - 69) / 12)
    note = sum(
        (np.sin(2 * np.pi * hz * n * t) * np.exp(-decay * n * t) / n**2 for n in (1, 2, 3)), np.zeros_like(t)
    )
    note *= np.minimum(1, t / 0.012)
    note[-400:] *= np.linspace(1, 0, 400)
    return np.asarray(note)


@lru_cache(maxsize=1)
def hold_music() -> bytes:
    """Sixteen seconds of quiet music (about -26 dBFS) that loop without a seam."""
    length = int(len(_BARS) * _BAR_SECONDS * SAMPLE_RATE)
    loop = np.zeros(length)

    def add(start: float, note: _Signal, gain: float) -> None:
        # notes that ring past the end go on at the beginning: no seam
        where = (int(start * SAMPLE_RATE) + np.arange(len(note))) % length
        loop[where] += gain * note

    for number, (bass, chord) in enumerate(_BARS):
        at = number * _BAR_SECONDS
        add(at, _note(bass, _BAR_SECONDS + 0.5, 0.7), 0.9)
        for step, midi in enumerate(chord):
            add(at + step * _BAR_SECONDS / len(chord), _note(midi, 2.5, 1.6), 0.6 if step else 0.75)
    return _pcm(loop * (10 ** (-26 / 20) / np.sqrt(np.mean(loop**2))))
