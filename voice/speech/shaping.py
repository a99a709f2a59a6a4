"""Makes an engine's raw audio fit for the line: 8 kHz, one level, no silence around it, in handy pieces."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import soxr

from voice.model import SAMPLE_RATE

LEVEL_DBFS: Final = -20.0  # of the spoken parts: the usual level of speech on a telephone line
_FULL: Final = 32768.0
_CEILING: Final = 30000.0  # peaks stay 0.8 dB below full scale
_AUDIBLE: Final = 130.0  # 48 dB below full scale: quieter than the weakest fricative at the common level
_LEAD: Final = 20 * SAMPLE_RATE // 1000  # kept before the first sound
_TAIL: Final = 40 * SAMPLE_RATE // 1000  # kept after the last
_FIRST: Final = 20 * SAMPLE_RATE // 1000  # the first piece is small, for speed
_LATER: Final = 240 * SAMPLE_RATE // 1000  # later ones are larger, for economy

Samples = npt.NDArray[np.float32]


class Shaper:
    """One utterance: raw 16-bit mono pieces at ``rate`` Hz in, 8 kHz PCM out. Not thread-safe.

    Silence before the first sound is cut to 20 ms, silence after the last to 40 ms; silence in between is
    held back until more sound shows that it is in between.
    """

    def __init__(self, rate: int, gain: float) -> None:
        self._resample = None
        if rate != SAMPLE_RATE:
            self._resample = soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32", quality="HQ")
        self._gain = gain
        self._held = np.zeros(0, np.float32)  # not sent: lead, possible tail, or too little for a piece
        self._started = False
        self._sent = False

    def feed(self, raw: bytes) -> bytes:
        """Audio that is certain by now, often none."""
        return self._take(np.frombuffer(raw, "<i2").astype(np.float32), last=False)

    def finish(self) -> bytes:
        """The rest, up to 40 ms after the last sound."""
        return self._take(np.zeros(0, np.float32), last=True)

    def _take(self, samples: Samples, *, last: bool) -> bytes:
        if self._resample is not None:
            samples = self._resample.resample_chunk(samples, last=last)
        held = np.concatenate((self._held, samples * np.float32(self._gain)))
        loud = np.flatnonzero(np.abs(held) > _AUDIBLE)
        if not self._started:
            if not len(loud):
                self._held = held[-_LEAD:]
                return b""
            start = max(0, int(loud[0]) - _LEAD)
            held, loud, self._started = held[start:], loud - start, True
        sure = min(len(held), int(loud[-1]) + 1 + (_TAIL if last else 0)) if len(loud) else 0
        if last and not len(loud):
            sure = min(len(held), _TAIL)
        if not last and sure < (_LATER if self._sent else _FIRST):
            sure = 0
        out, self._held = held[:sure], held[sure:]
        self._sent = self._sent or sure > 0
        return np.clip(np.rint(out), -_CEILING, _CEILING).astype("<i2").tobytes()


def active_level(pcm: bytes) -> float:
    """The factor that brings the spoken parts of 8 kHz ``pcm`` to :data:`LEVEL_DBFS` without clipping.

    Spoken are the 20 ms frames within 30 dB of the loudest one. 1.0 for silence.
    """
    samples = np.frombuffer(pcm, "<i2").astype(np.float64)
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    power = (frames**2).mean(axis=1) if len(frames) else np.zeros(0)
    if not len(power) or power.max() < 1.0:
        return 1.0
    active = power[power > power.max() / 1000]
    wanted = _FULL * 10 ** (LEVEL_DBFS / 20) / float(np.sqrt(active.mean()))
    return min(wanted, _CEILING / float(np.abs(samples).max()))


def silence(ms: int) -> bytes:
    return bytes(ms * SAMPLE_RATE // 1000 * 2)
