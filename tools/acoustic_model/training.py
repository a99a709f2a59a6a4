"""Trains the network: first frame by frame, then whole sequences against all others (LF-MMI).

The second stage follows Povey et al., 2016 ("Purely sequence-trained neural networks for ASR based on
lattice-free MMI"), with the alignment as the only numerator path and a phone bigram as the denominator.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from tools.acoustic_model.features import (
    BINS,
    HIGH_HZ,
    IGNORED,
    LOW_HZ,
    SUBSAMPLING,
    Floats,
    Labels,
    cepstra_to_mel,
    pdf_count,
    phones_of_pdfs,
)
from tools.acoustic_model.network import AcousticNetwork
from tools.acoustic_model.steps import Plan, Progress, Steps

ANSWERS = 50  # outputs of one training chunk: 1.5 s
BATCH = 64
LONGEST_THROAT = 1.15  # and its inverse: the range of adults
QUIETER, LOUDER = -4.6, 1.4  # natural logarithms of power: -20 to +6 dB


@dataclass(slots=True)
class Pool:
    """Utterances one after another: ``features`` (frames, 30) float16, ``labels`` (frames,) outputs of
    ``lang``, and the share of each batch of that language that comes from here."""

    lang: str
    features: npt.NDArray[np.float16]
    labels: Labels
    share: float


class Batches:
    """Random chunks with their labels, disturbed as SpecAugment and changing lines would."""

    def __init__(self, pools: list[Pool], context: int, rng: np.random.Generator) -> None:
        self._pools = pools
        self._context = context
        self._rng = rng
        to_mel = cepstra_to_mel()
        self._to_mel = torch.from_numpy(to_mel)
        self._to_cepstra = torch.from_numpy(np.linalg.inv(to_mel))

    def take(self, lang: str, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        """MFCC (size, frames, 30) and labels (size, ANSWERS)."""
        pools = [pool for pool in self._pools if pool.lang == lang]
        shares = np.array([pool.share for pool in pools])
        counts = self._rng.multinomial(size, shares / shares.sum())
        drawn = [self._draw(pool, int(count)) for pool, count in zip(pools, counts, strict=True) if count]
        features = torch.cat([features for features, _ in drawn])
        return self._disturb(features), torch.cat([labels for _, labels in drawn])

    def _draw(self, pool: Pool, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        length = 2 * self._context + SUBSAMPLING * (ANSWERS - 1) + 1
        starts = self._rng.integers(0, len(pool.features) - length, count)[:, None]
        features = pool.features[starts + np.arange(length)].astype(np.float32)
        labels = pool.labels[starts + self._context + SUBSAMPLING * np.arange(ANSWERS)]
        return torch.from_numpy(features), torch.from_numpy(labels.astype(np.int64))

    def _disturb(self, features: torch.Tensor) -> torch.Tensor:
        size, frames, _ = features.shape
        channel = torch.randn(size, 1, BINS) * torch.rand(size, 1, 1) * 2.0
        features = features + channel * torch.exp(-torch.arange(BINS) / 8.0)
        mel = features @ self._to_mel
        # a line may be far quieter than any recording: a gain is the same step in every band
        gain = torch.empty(size, 1, 1).uniform_(QUIETER, LOUDER) * (torch.rand(size, 1, 1) < 0.5)
        mel = _warped(mel + gain)
        for row in range(size):
            if self._rng.random() < 0.4:  # some bands are missing
                width = int(self._rng.integers(1, 6))
                low = int(self._rng.integers(0, BINS - width))
                mel[row, :, low : low + width] = mel[row].mean()
            if self._rng.random() < 0.3:  # some time is missing
                width = int(self._rng.integers(3, 15))
                start = int(self._rng.integers(0, frames - width))
                mel[row, start : start + width] = mel[row].mean()
        return mel @ self._to_cepstra


def _warped(mel: torch.Tensor) -> torch.Tensor:
    """Log mel energies (size, frames, 30) as from longer and shorter throats, half of them.

    The frequency axis is stretched by a factor (Jaitly and Hinton, 2013: "Vocal tract length perturbation").
    """
    size = len(mel)
    low, high = 1127.0 * np.log1p(LOW_HZ / 700.0), 1127.0 * np.log1p(HIGH_HZ / 700.0)
    width = (high - low) / (BINS + 1)
    centres = 700.0 * torch.expm1((low + width * torch.arange(1, BINS + 1)) / 1127.0)  # Hz
    factor = torch.empty(size, 1).uniform_(1 / LONGEST_THROAT, LONGEST_THROAT)
    factor = torch.where(torch.rand(size, 1) < 0.5, factor, torch.ones(()))
    place = (1127.0 * torch.log1p(centres * factor / 700.0) - low) / width - 1.0  # in bins
    place = place.clamp(0, BINS - 1.001)
    below = place.floor().long()
    share = place - below
    matrix = torch.zeros(size, BINS, BINS)
    matrix.scatter_add_(1, below[:, None], (1 - share)[:, None])
    matrix.scatter_add_(1, below[:, None] + 1, share[:, None])
    return mel @ matrix


def train_frames(
    network: AcousticNetwork,
    pools: list[Pool],
    plan: Plan,
    seed: int,
    say: Progress,
    kept: Path | None = None,
) -> None:
    """Cross-entropy over all languages of the pools at once. ``kept``: see :class:`Steps`."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    languages = sorted({pool.lang for pool in pools})
    batches = Batches(pools, network.shape.context, rng)
    _normalise(network, pools)
    size = BATCH // len(languages)
    steps = Steps(network, plan, rng, say, kept)
    for _ in steps:
        taken = {lang: batches.take(lang, size) for lang in languages}
        with torch.autocast("cpu", torch.bfloat16):
            shared = network.trunk(torch.cat([taken[lang][0] for lang in languages]))
        shared = functional.dropout(shared.float(), 0.1)
        loss = torch.zeros(())
        for at, lang in enumerate(languages):
            answers = network.heads[lang](shared[at * size : (at + 1) * size])
            labels = taken[lang][1]
            loss = loss + _cross_entropy(answers, labels, plan.smoothing)
            steps.count(lang, answers, labels)
        steps.learn(loss)


def train_sequences(
    network: AcousticNetwork,
    pools: list[Pool],
    lang: str,
    plan: Plan,
    seed: int,
    say: Progress,
    kept: Path | None = None,
    frame_share: float = 0.2,
) -> None:
    """Lattice-free MMI on one language. Afterwards its outputs are scores at a scale of 1, without priors."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    mine = [pool for pool in pools if pool.lang == lang]
    batches = Batches(mine, network.shape.context, rng)
    bigram = torch.from_numpy(phone_bigram(mine, lang))
    steps = Steps(network, plan, rng, say, kept)
    for _ in steps:
        features, labels = batches.take(lang, BATCH)
        with torch.autocast("cpu", torch.bfloat16):
            shared = network.trunk(features)
        answers = network.heads[lang](functional.dropout(shared.float(), 0.1))
        gamma, total = occupation(answers.detach(), bigram)
        known = labels != IGNORED
        right = functional.one_hot(labels.where(known, torch.zeros(())).long(), answers.shape[-1]).float()
        # the gradient of (denominator - numerator) by the outputs is the difference of the occupations
        gradient = torch.where(known[..., None], gamma - right, torch.zeros(()))
        loss = (answers * gradient).sum() / known.sum()
        loss = loss + frame_share * _cross_entropy(answers, labels, plan.smoothing)
        loss = loss + 5e-4 * answers.square().mean()
        steps.count(lang, answers, labels)
        numerator = (answers.detach() * right).sum(-1).where(known, torch.zeros(())).sum()
        steps.learn(loss, shown=float((numerator - total.sum()) / known.sum()))


def phone_bigram(pools: list[Pool], lang: str, smoothing: float = 0.5) -> Floats:
    """P(next phone | phone) over phones and silence, from the labels: (phones, phones), rows sum to 1."""
    count = (pdf_count(lang) + 1) // 2
    table = np.full((count, count), smoothing)
    for pool in pools:
        labels = pool.labels[::SUBSAMPLING]
        labels = labels[labels != IGNORED]
        phones = phones_of_pdfs(labels)
        entered = (phones[1:] != phones[:-1]) | ((labels[1:] % 2 == 1) & (labels[:-1] % 2 == 0))
        np.add.at(table, (phones[:-1][entered], phones[1:][entered]), pool.share)
    table[np.arange(count), 0] += smoothing
    table[0, 0] = 0.0  # silence only stays
    return np.asarray(table / table.sum(1, keepdims=True), np.float32)


def occupation(answers: torch.Tensor, bigram: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Posterior of each output under all phone sequences, by the forward-backward algorithm.

    ``answers`` (batch, n, outputs) are log scores; a phone is entered through its first output and may then
    stay in its second. Returns (batch, n, outputs) and the log score of all sequences (batch,).
    """
    batch, count, outputs = answers.shape
    peak = answers.amax(-1, keepdim=True)
    score = torch.exp((answers - peak).clamp(min=-40.0))
    move = _transitions(bigram, outputs)
    forward = torch.zeros(batch, count, outputs)
    scale = torch.zeros(batch, count)
    state = score[:, 0] / outputs
    for at in range(count):
        if at:
            state = (forward[:, at - 1] @ move) * score[:, at]
        scale[:, at] = state.sum(-1) + 1e-30
        forward[:, at] = state / scale[:, at, None]
    gamma = torch.zeros_like(forward)
    backward = torch.ones(batch, outputs)
    for at in range(count - 1, -1, -1):
        occupied = forward[:, at] * backward
        gamma[:, at] = occupied / (occupied.sum(-1, keepdim=True) + 1e-30)
        backward = ((backward * score[:, at]) @ move.T) / scale[:, at, None]
    total = scale.log().sum(-1) + peak.squeeze(-1).sum(-1)
    return gamma, total


def _transitions(bigram: torch.Tensor, outputs: int) -> torch.Tensor:
    """From output to output: into the first of another phone by the bigram, into one's second freely.

    Leaving costs what the bigram says and staying nothing, as in the decoding graph.
    """
    numbers = torch.arange(outputs)
    phones = (numbers + 1) // 2
    move = bigram[phones][:, phones]
    move[:, (numbers > 0) & (numbers % 2 == 0)] = 0.0
    move[numbers, 2 * phones] = 1.0
    return move


def _cross_entropy(answers: torch.Tensor, labels: torch.Tensor, smoothing: float) -> torch.Tensor:
    return functional.cross_entropy(
        answers.reshape(-1, answers.shape[-1]),
        labels.reshape(-1),
        ignore_index=IGNORED,
        label_smoothing=smoothing,
    )


def _normalise(network: AcousticNetwork, pools: list[Pool]) -> None:
    """Sets the input's mean and deviation, unless a network that was trained before goes on."""
    if float(network.mean.abs().sum()):
        return
    sample = np.concatenate([pool.features[::97] for pool in pools]).astype(np.float32)
    network.mean.copy_(torch.from_numpy(sample.mean(0)))
    network.deviation.copy_(torch.from_numpy(sample.std(0)))


def priors_of(pools: list[Pool], lang: str) -> Floats:
    """How often each output is right, over the pools of a language by their shares."""
    counts = np.ones(pdf_count(lang))
    for pool in pools:
        if pool.lang == lang:
            labels = pool.labels[pool.labels != IGNORED]
            counts += pool.share * 1e6 * np.bincount(labels, minlength=len(counts)) / max(len(labels), 1)
    return np.asarray(counts / counts.sum(), np.float32)
