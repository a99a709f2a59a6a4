"""One recording of known words: what corpora and synthesizers give, and what training takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Segments = tuple[tuple[str, int, int], ...]
"""``(phone, first sample, sample after the last)`` in order, without gaps."""


@dataclass(frozen=True, slots=True)
class Take:
    """A recording. ``pcm`` is mono, in the range of 16-bit samples; ``segments`` None: timing unknown.

    ``text`` is lower-case words without punctuation.
    """

    text: str
    lang: str
    speaker: str
    pcm: npt.NDArray[np.float32]
    rate: int
    segments: Segments | None

    @property
    def seconds(self) -> float:
        return len(self.pcm) / self.rate
