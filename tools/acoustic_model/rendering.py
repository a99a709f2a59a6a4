"""Turns takes into training material: many telephone versions of each, as features and frame labels."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import signal

from tools.acoustic_model.augment import Surroundings, noise_only, telephone
from tools.acoustic_model.corpora import read_audio
from tools.acoustic_model.features import (
    FRAME_SAMPLES,
    RATE,
    WINDOW_SAMPLES,
    Floats,
    Labels,
    Mfcc,
    Segment,
    label_frames,
    phone_table,
)
from tools.acoustic_model.synthesis import engine_of, speakers, synthesise
from tools.acoustic_model.takes import Take
from tools.acoustic_model.texts import training_text
from tools.acoustic_model.words_found import with_own_phones
from tools.hearing.noise import first_half

VERSIONS = 2  # of each synthetic sentence
SHORTEST_SAMPLES = 400
NOISE_SHARE = 0.02
Progress = Callable[[str], None]
Aligner = Callable[[Take], "list[Segment] | None"]  # segments at 8 kHz


@dataclass(slots=True)
class Material:
    """Utterances one after another: (frames, 30) float16 features and (frames,) labels."""

    features: npt.NDArray[np.float16]
    labels: Labels

    @property
    def hours(self) -> float:
        return len(self.features) / 360_000

    def save(self, path: Path) -> None:
        """Appears under its name only when whole."""
        part = path.with_suffix(".part.npz")
        np.savez(part, features=self.features, labels=self.labels)
        part.replace(path)

    @classmethod
    def load(cls, path: Path) -> Material:
        with np.load(path) as kept:
            return cls(kept["features"], kept["labels"])

    @classmethod
    def of(cls, pieces: Iterable[tuple[Floats, Labels]]) -> Material:
        found = list(pieces)
        return cls(
            np.concatenate([features for features, _ in found]).astype(np.float16),
            np.concatenate([labels for _, labels in found]),
        )


def surroundings(data: Path) -> Surroundings:
    """The recorded noises and rooms below ``data/noise``; of each noise only the half that no test uses."""
    around = Surroundings()
    for path in sorted((data / "noise").glob("*.flac")):
        samples, rate = read_audio(path)
        samples = resampled(samples, rate)
        if "_rir" in path.stem:
            around.rooms.append((samples / (np.abs(samples).max() + 1e-6)).astype(np.float32))
        else:
            around.noises.append(np.asarray(first_half(samples.astype(np.float64)), np.float32))
    return around


def resampled(samples: Floats, rate: int) -> Floats:
    """At 8 kHz."""
    if rate == RATE:
        return samples
    return np.asarray(signal.resample_poly(samples, RATE, rate), np.float32)


def render_synthetic(
    lang: str,
    hours: float,
    seed: int,
    data: Path,
    voices: list[str],
    say: Progress,
    align: Aligner | None = None,
) -> Material:
    """``hours`` of synthetic callers on telephone lines. Sentences that a voice cannot say are skipped.

    ``align`` times the phones of voices that do not tell them; without it such takes are skipped too.
    """
    draw = random.Random(seed)  # noqa: S311 - no secrets are drawn
    rng, mfcc = np.random.default_rng(seed), Mfcc()
    around = surroundings(data)
    pieces: list[tuple[Floats, Labels]] = []
    frames, wanted, said = 0, int(hours * 360_000), 0
    while frames < wanted:
        for samples, segments in _versions(lang, draw, rng, around, voices, align):
            features = mfcc(samples)
            if not len(features):
                continue
            pieces.append((features, label_frames(segments, len(features), lang)))
            frames += len(features)
        if frames * 20 // wanted > said:
            said = frames * 20 // wanted
            say(f"{lang} {seed}: {frames / 360_000:.1f} of {hours:.1f} h")
    return Material.of(pieces)


def _versions(
    lang: str,
    draw: random.Random,
    rng: np.random.Generator,
    around: Surroundings,
    voices: list[str],
    align: Aligner | None,
) -> Iterator[tuple[Floats, list[Segment]]]:
    if draw.random() < NOISE_SHARE:
        samples = noise_only(rng, around)
        yield samples, [("SIL", 0, len(samples))]
        return
    take = synthesise(training_text(lang, draw), lang, draw.choice(voices), draw)
    if take is None or len(take.pcm) < SHORTEST_SAMPLES:
        return
    pcm, rate = take.pcm, take.rate
    timed = with_own_phones(take.segments, take.text, lang) if take.segments is not None else None
    if timed is None and align is not None:
        pcm, rate, timed = resampled(pcm, rate), RATE, align(take)
    if timed is None:
        return
    for _ in range(VERSIONS):
        samples, segments = telephone(pcm, rate, list(timed), rng, around, trim=True)
        if segments:
            yield samples, segments


def render_aligned(
    takes: Iterable[tuple[Take, list[Segment]]],
    lang: str,
    versions: int,
    seed: int,
    data: Path,
) -> Material:
    """``versions`` telephone versions of recordings whose phones were found by alignment (at 8 kHz)."""
    rng, mfcc = np.random.default_rng(seed), Mfcc()
    around = surroundings(data)
    pieces: list[tuple[Floats, Labels]] = []
    for take, segments in takes:
        samples = resampled(take.pcm, take.rate)
        for _ in range(versions):
            heard, moved = telephone(samples, RATE, list(segments), rng, around, trim=False)
            features = mfcc(heard)
            if moved and len(features):
                pieces.append((features, label_frames(moved, len(features), lang)))
    return Material.of(pieces)


def segments_of(labels: Labels, samples: int, lang: str) -> list[Segment]:
    """Frame labels as stretches of samples; the last reaches the end of the recording."""
    table = phone_table(lang)
    found: list[Segment] = []
    lead = (WINDOW_SAMPLES - FRAME_SAMPLES) // 2
    previous = -1
    for at, label in enumerate(labels.tolist()):
        phone = (label + 1) // 2
        again = label % 2 == 1 and previous >= 0 and previous == label + 1
        if previous < 0 or phone != (previous + 1) // 2 or again:
            start = at * FRAME_SAMPLES + lead if found else 0
            if found:
                found[-1] = (found[-1][0], found[-1][1], start)
            found.append((table[phone], start, samples))
        previous = label
    return found


def training_voices(lang: str, *, exact: bool) -> list[str]:
    """The voices to train with: espeak's, which time their phones exactly, or all the others."""
    return [name for name in speakers(lang, held_out=False) if (engine_of(name) == "espeak") is exact]
