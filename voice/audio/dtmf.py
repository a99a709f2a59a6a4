"""Keypad tones (DTMF) heard in the audio, for lines whose provider does not signal keys. A pure machine.

Frequencies are those of ITU-T Q.23. What counts as a key follows the table of ITU-T Q.24 (AT&T column) with
a margin: tones of 40 ms and pauses of 40 ms are enough, 23 ms are not; each frequency within 1.5 % is taken
and beyond 3.5 % refused; the high tone may be up to 6 dB above or 10 dB below the low one (Q.24: 4 and 8);
an interruption of 10 ms, or a lost frame of 20 ms, makes no second key.

Method: 20 ms under a Hann window, every 10 ms, correlated with the eight frequencies and the second harmonics
of the high ones: what Goertzel's recursion computes, as one matrix product. The phase that a tone gains from
one window to the next gives its frequency to about 1 Hz, far finer than the window's 50 Hz. Three windows in
a row must agree. Speech is told apart by what the two tones leave unexplained of each window's energy.
"""

from __future__ import annotations

import audioop
import cmath
import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from voice.audio.tones import DTMF_HZ
from voice.errors import AudioError
from voice.model import FRAME_BYTES, SAMPLE_RATE

WINDOW: Final = 160  # samples
HOP: Final = 80
WEAKEST: Final = 180.0  # RMS of each tone: -45 dB of full scale, -39 dBm0
TONES_SHARE: Final = 0.87  # of a window's energy that the two tones must explain, in one window of a pair
EDGE_SHARE: Final = 0.68  # and in the other, which may lie over the tone's edge: 15 of its 20 ms show 0.84
HARMONIC_SHARE: Final = 0.03  # of a tone's energy that its second harmonic may have
OFF_FREQUENCY: Final = 0.025
HIGH_ABOVE_DB: Final = 6.0
HIGH_BELOW_DB: Final = 10.0
NEEDED: Final = 2  # pairs of neighbouring windows that agree: 40 ms of tone at most
PAUSE: Final = 5  # pairs that disagree before the same key counts again
STILL_THERE: Final = 0.25  # of a held key's energy in both tones: speech over it is no pause
MOST_MASKED: Final = 40  # windows in a row: 400 ms
LONGEST_HOLE_MS: Final = 100  # of lost audio that a held key may have
# What wakes the detector, in a frame that a tone fills: zero crossings (28 at 697 Hz, 65 at 1633; noise adds
# some) and the ratio of peak to RMS (2 for two equal tones, 2.5 with noise 15 dB below, more at an edge)
FEWEST_CROSSINGS: Final = 22
MOST_CROSSINGS: Final = 75
HIGHEST_CREST: Final = 3.0

_LOW: Final = sorted({low for low, _ in DTMF_HZ.values()})
_HIGH: Final = sorted({high for _, high in DTMF_HZ.values()})
_HZ: Final = (*_LOW, *_HIGH)
_KEYS: Final = {(_LOW.index(low), 4 + _HIGH.index(high)): key for key, (low, high) in DTMF_HZ.items()}

_HANN: Final = np.hanning(WINDOW + 2)[1:-1].astype(np.float32)
_BASIS: Final = (
    _HANN[:, None]
    * np.exp(-2j * np.pi * np.outer(np.arange(WINDOW), (*_HZ, *(2 * hz for hz in _HZ))) / SAMPLE_RATE)
).astype(np.complex64)
_SQUARED: Final = _HANN**2
# energy under the window of a tone whose correlation is X: scale * |X|^2
_SCALE: Final = float(2 * _SQUARED.sum() / _HANN.sum() ** 2)
_WEAKEST_ENERGY: Final = float(WEAKEST**2 * _SQUARED.sum())
_TURN: Final = 2 * math.pi
_HOP_SECONDS: Final = HOP / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class _Window:
    """What is in one window: its strongest low and high tone as indices into ``_HZ``, their correlations,
    the window's energy, the power at all of ``_HZ``, and whether it may be a key."""

    low: int
    high: int
    low_x: complex
    high_x: complex
    energy: float
    power: list[float]
    tonal: bool


class ToneDetector:
    """One call's detector. About 1 us for a frame that cannot hold a tone, 40 us for one that may: 10 us a
    frame over real speech, of which one in seven may."""

    __slots__ = ("_candidate", "_held", "_key", "_last", "_masked", "_misses", "_run", "_tail")

    def __init__(self) -> None:
        self._tail = bytes(2 * HOP)
        self._last: _Window | None = None
        self._candidate = ""
        self._run = 0
        self._key = ""
        self._misses = 0
        self._held: _Window | None = None  # in which the key was recognised
        self._masked = 0

    @property
    def sounding(self) -> bool:
        """A key was reported and its tone has not ended yet."""
        return self._key != ""

    def hole(self, ms: int) -> None:
        """``ms`` of audio were lost before the next frame."""
        self._tail = bytes(2 * HOP)
        self._last = None
        self._candidate, self._run = "", 0
        if ms > LONGEST_HOLE_MS:
            self._key = ""

    def step(self, pcm_20ms: bytes) -> str:
        """Takes the next frame; the key whose tone was recognised in it, once a tone, else "".

        Raises :class:`AudioError` unless it is 320 bytes.
        """
        if len(pcm_20ms) != FRAME_BYTES:
            raise AudioError(f"a frame of {len(pcm_20ms)} bytes; tones are looked for in {FRAME_BYTES}")
        data = self._tail + pcm_20ms
        self._tail = pcm_20ms[2 * HOP :]
        if self._last is None and not self._key and not _may_be_tones(pcm_20ms):
            return ""
        found = ""
        for window in _windows(np.frombuffer(data, "<i2").astype(np.float32)):
            found = self._window(window) or found
        return found

    def _window(self, window: _Window) -> str:
        last, self._last = self._last, window if window.tonal else None
        if not window.tonal or last is None or not _same_key(last, window):
            if not self._key or self._held is None or not self._covered(window, self._held):
                self._missed()
            return ""
        self._masked = 0
        key = _KEYS[window.low, window.high]
        if key == self._key:
            self._misses = 0
            if self._held is None or window.energy > self._held.energy:
                self._held = window
            return ""
        if key != self._candidate:
            self._candidate, self._run = key, 0
        self._run += 1
        if self._run < NEEDED:
            return ""
        self._key, self._misses, self._held = key, 0, window
        return key

    def _covered(self, window: _Window, held: _Window) -> bool:
        """Whether the held key goes on under something else, as under somebody's voice: that adds energy,
        and a pause takes some away."""
        if window.energy < held.energy:
            return False
        there = all(window.power[tone] > STILL_THERE * held.power[tone] for tone in (held.low, held.high))
        self._masked += 1
        return there and self._masked <= MOST_MASKED

    def _missed(self) -> None:
        self._candidate, self._run = "", 0
        self._misses += 1
        if self._misses >= PAUSE:
            self._key = ""


def _may_be_tones(pcm_20ms: bytes) -> bool:
    if not FEWEST_CROSSINGS <= audioop.cross(pcm_20ms, 2) <= MOST_CROSSINGS:
        return False
    level = audioop.rms(pcm_20ms, 2)
    return level > WEAKEST and audioop.max(pcm_20ms, 2) < HIGHEST_CREST * level


def _windows(samples: npt.NDArray[np.float32]) -> list[_Window]:
    """The two windows of 240 samples."""
    both = np.stack((samples[:WINDOW], samples[HOP:]))
    energies = (both * both) @ _SQUARED
    return [_read(x, e) for x, e in zip((both @ _BASIS).tolist(), energies.tolist(), strict=True)]


def _read(x: list[complex], energy: float) -> _Window:
    power = [v.real * v.real + v.imag * v.imag for v in x]
    low = max(range(4), key=power.__getitem__)
    high = max(range(4, 8), key=power.__getitem__)
    # half: a tone half a bin off its frequency shows 72 % of its energy; the exact test comes with the pair
    tonal = _SCALE * (power[low] + power[high]) >= 0.5 * energy
    tonal = tonal and power[high + 4] <= HARMONIC_SHARE * power[high]
    return _Window(low, high, x[low], x[high], energy, power, tonal)


def _same_key(first: _Window, second: _Window) -> bool:
    """Both windows hold one key's two tones, within all tolerances."""
    if (first.low, first.high) != (second.low, second.high):
        return False
    low_shown = _shown(first.low_x, second.low_x, _HZ[first.low])
    high_shown = _shown(first.high_x, second.high_x, _HZ[first.high])
    if not low_shown or not high_shown:
        return False
    shares = []
    for window in (first, second):
        low = _SCALE * abs(window.low_x) ** 2 / low_shown
        high = _SCALE * abs(window.high_x) ** 2 / high_shown
        if low < _WEAKEST_ENERGY or high < _WEAKEST_ENERGY:
            return False
        shares.append((low + high) / window.energy)
        if not -HIGH_BELOW_DB <= 10 * math.log10(high / low) <= HIGH_ABOVE_DB:
            return False
    return min(shares) > EDGE_SHARE and max(shares) > TONES_SHARE


def _shown(first: complex, second: complex, hz: int) -> float:
    """The share of its energy that a tone shows at ``hz``, from how far it is off; 0 when it is too far."""
    turned = cmath.phase(second * first.conjugate()) - _TURN * hz * _HOP_SECONDS
    off = math.remainder(turned, _TURN) / (_TURN * _HOP_SECONDS)
    if abs(off) > OFF_FREQUENCY * hz:
        return 0.0
    bins = off * WINDOW / SAMPLE_RATE
    if abs(bins) < 1e-6:
        return 1.0
    # a Hann window's response, bins from its centre
    return (math.sin(math.pi * bins) / (math.pi * bins * (1 - bins * bins))) ** 2
