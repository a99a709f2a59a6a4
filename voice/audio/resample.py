"""Sample rate conversion: a stateful one for live audio with a lag of 2 ms, and a better one for files.

The live one is a polyphase windowed-sinc filter: short, so that it can be used between two people who
talk (soxr's HQ stream is 55-137 ms behind and bursty, its QQ one aliases). Coefficients and samples are
whole numbers held in float64, so every sum is exact and the output does not depend on how the input was
cut into chunks.
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd

import numpy as np
import numpy.typing as npt
import soxr

from voice.errors import AudioError

RATES = (8000, 16000, 22050, 24000, 44100, 48000)
"""What providers, browsers and speech engines use, Hz."""

LAG_MS = 2.0
"""Group delay of the live filter: half of its length."""

_SCALE = 1 << 15
_BETA = 5.0  # Kaiser window: about 50 dB of stop band, as good as G.711's own noise

_Table = tuple[int, int, int, npt.NDArray[np.float64]]


@lru_cache(maxsize=64)
def _table(source: int, target: int) -> _Table:
    """(up, down, taps, coefficients[up, taps]): output ``n`` is the dot product of row ``n * down % up``
    with the ``taps`` input samples that end at index ``n * down // up``."""
    divisor = gcd(source, target)
    up, down = target // divisor, source // divisor
    half = LAG_MS / 1000 * source
    taps = int(2 * half) + 1
    cutoff = 0.92 * min(source, target) / source  # of the source's Nyquist frequency; the rest is transition
    phase = np.arange(up)[:, None] / up
    distance = phase - half + (taps - 1 - np.arange(taps))[None, :]
    window = np.i0(_BETA * np.sqrt(np.clip(1 - (distance / (half + 1)) ** 2, 0, 1))) / np.i0(_BETA)
    kernel = cutoff * np.sinc(cutoff * distance) * window
    kernel /= kernel.sum(axis=1, keepdims=True)  # no gain at 0 Hz, whatever the phase
    return up, down, taps, np.rint(kernel * _SCALE)


class Resampler:
    """One direction of one call. Feed it chunks of any length, whole samples or not.

    After ``n`` input samples ``ceil(n * target / source)`` output samples have come out: nothing is held
    back, the lag is the filter's own 2 ms. Raises :class:`AudioError` for rates outside 8 to 48 kHz.
    """

    __slots__ = ("_down", "_history", "_odd", "_position", "_table", "_taps", "_up", "source", "target")

    def __init__(self, source: int, target: int) -> None:
        for rate in (source, target):
            if not 8000 <= rate <= 48000:
                raise AudioError(f"sample rate {rate} Hz is not supported; use one from 8000 to 48000 Hz")
        self.source = source
        self.target = target
        self._up, self._down, self._taps, self._table = _table(source, target)
        self._history = np.zeros(self._taps - 1)
        self._position = 0  # of the next output, in 1/up input samples from the first new sample
        self._odd = b""

    def feed(self, pcm: bytes) -> bytes:
        """16-bit PCM at ``source`` Hz in, what it completes at ``target`` Hz out."""
        if self.source == self.target:
            return pcm
        if self._odd:
            pcm, self._odd = self._odd + pcm, b""
        if len(pcm) & 1:
            pcm, self._odd = pcm[:-1], pcm[-1:]
        new = np.frombuffer(pcm, dtype="<i2")
        count = (len(new) * self._up - self._position + self._down - 1) // self._down
        samples = np.concatenate((self._history, new))
        self._history = samples[len(samples) - (self._taps - 1) :]
        if count <= 0:
            self._position -= len(new) * self._up
            return b""
        windows = np.lib.stride_tricks.sliding_window_view(samples, self._taps)
        if self._down == 1:
            out = (windows @ self._table.T).ravel()
        else:
            positions = self._position + np.arange(count) * self._down
            out = np.einsum("ij,ij->i", windows[positions // self._up], self._table[positions % self._up])
        self._position += count * self._down - len(new) * self._up
        return np.clip(np.rint(out / _SCALE), -32768, 32767).astype("<i2").tobytes()

    def finish(self) -> bytes:
        """The filter's tail: what brings the end of the input out. The object starts anew afterwards."""
        self._odd = b""
        tail = self.feed(bytes(2 * round(LAG_MS / 1000 * self.source))) if self.source != self.target else b""
        self._history = np.zeros(self._taps - 1)
        self._position = 0
        return tail


def resample(pcm: bytes, source: int, target: int) -> bytes:
    """Whole 16-bit mono PCM from ``source`` to ``target`` Hz with soxr's HQ filter, without delay. For files,
    never for the live path."""
    if source == target:
        return pcm
    samples = np.frombuffer(pcm[: len(pcm) & ~1], dtype="<i2")
    return np.asarray(soxr.resample(samples, source, target, quality="HQ"), dtype="<i2").tobytes()
