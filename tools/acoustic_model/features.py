"""The features and frame labels the acoustic models are trained on: what Vosk computes, at 10 ms.

Kaldi's MFCC with the settings of ``MFCC_CONF``, which are also written into the model folder, so that
training and decoding see the same numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from voice.speech.phones import SILENCE
from voice.speech.whole_words import MODEL_PHONES

RATE = 8000
BINS = 30
FRAME_SAMPLES = 80  # 10 ms
WINDOW_SAMPLES = 200  # 25 ms
SUBSAMPLING = 3  # the network answers every 30 ms; Vosk's word times assume it
LOW_HZ, HIGH_HZ = 60, 3700
LIFTER = 22.0
WORD_POSITIONS = 4  # symbols a phone has in voice.speech.graph: begin, internal, end, single

MFCC_CONF = f"""--sample-frequency={RATE}
--use-energy=false
--num-mel-bins={BINS}
--num-ceps={BINS}
--low-freq={LOW_HZ}
--high-freq={HIGH_HZ}
--dither=0
--allow-downsample=true
"""

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.uint16]  # outputs, or IGNORED
IGNORED = 65535  # a label that teaches nothing
# (phone, first sample, sample after the last) at RATE
Segment = tuple[str, int, int]


def phone_table(lang: str) -> tuple[str, ...]:
    """All phones by number; silence is 0."""
    return (SILENCE, *MODEL_PHONES[lang])


def pdf_count(lang: str) -> int:
    """Two outputs a phone (its first 30 ms, and the rest of it), one for silence."""
    return 1 + 2 * len(MODEL_PHONES[lang])


def pdfs_of(phones: npt.NDArray[np.integer], later: npt.NDArray[np.bool_]) -> Labels:
    """The outputs that stand for phones' first frames or, where ``later``, for their further ones."""
    return np.where(phones == 0, 0, 2 * phones - 1 + later).astype(np.uint16)


def phones_of_pdfs(pdfs: Labels) -> npt.NDArray[np.int64]:
    """The number of the phone that each output belongs to."""
    return (pdfs.astype(np.int64) + 1) // 2


class Mfcc:
    """Kaldi's MFCC of a whole utterance: (frames, 30) float32 from 8 kHz samples in 16-bit range."""

    def __init__(self) -> None:
        import kaldi_native_fbank as knf

        options = knf.MfccOptions()
        options.frame_opts.samp_freq = RATE
        options.frame_opts.dither = 0
        options.mel_opts.num_bins = BINS
        options.mel_opts.low_freq = LOW_HZ
        options.mel_opts.high_freq = HIGH_HZ
        options.num_ceps = BINS
        options.use_energy = False
        self._options = options
        self._make: Any = knf.OnlineMfcc

    def __call__(self, samples: Floats) -> Floats:
        engine = self._make(self._options)
        engine.accept_waveform(RATE, np.asarray(samples, np.float32).tolist())
        engine.input_finished()
        count = engine.num_frames_ready
        if not count:
            return np.zeros((0, BINS), np.float32)
        return np.stack([engine.get_frame(index) for index in range(count)]).astype(np.float32)


def label_frames(segments: list[Segment], frames: int, lang: str) -> Labels:
    """The output each 10 ms frame should give, by the phone at the middle of its window.

    A frame less than 30 ms into its phone is the phone's first: at whatever phase the network is run,
    exactly one answer falls into that stretch.
    """
    numbers = {phone: number for number, phone in enumerate(phone_table(lang))}
    middles = np.arange(frames) * FRAME_SAMPLES + WINDOW_SAMPLES // 2
    ends = np.array([end for _, _, end in segments])
    starts = np.array([start for _, start, _ in segments] + [0])
    phones = np.array([numbers[phone] for phone, _, _ in segments] + [0])
    place = np.searchsorted(ends, middles, side="right")
    place = np.minimum(place, len(segments))
    phone = phones[place]
    later = middles - starts[place] >= SUBSAMPLING * FRAME_SAMPLES
    return pdfs_of(phone, later)


def cepstra_to_mel() -> Floats:
    """The matrix (30, 30) that undoes Kaldi's DCT and lifter: ``mfcc @ matrix`` is log mel energies.

    Kaldi's DCT is orthonormal type II; its lifter scales cepstrum i by ``1 + L/2 sin(pi i / L)``.
    """
    bins = np.arange(BINS)
    dct = np.sqrt(2.0 / BINS) * np.cos(np.pi / BINS * (bins + 0.5)[None, :] * bins[:, None])
    dct[0] = np.sqrt(1.0 / BINS)
    lifter = 1.0 + 0.5 * LIFTER * np.sin(np.pi * bins / LIFTER)
    return np.asarray(dct / lifter[:, None], np.float32)
