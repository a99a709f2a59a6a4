"""Figures of a recognition test: word errors, exact answers, rejection, and how sure each figure is."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

Z_95 = 1.959964
RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Figure:
    """A share between 0 and 1 (a word error rate may pass 1) with its 95 % interval; ``n`` is what it is a
    share of: utterances, or words of the reference."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Scored:
    """One utterance: ``errors`` of ``length`` words wrong, and whether all of it was right."""

    speaker: str
    errors: int
    length: int
    exact: bool


def word_errors(reference: Sequence[str], heard: Sequence[str]) -> int:
    """Substitutions, deletions and insertions (Levenshtein's distance over words)."""
    row = list(range(len(heard) + 1))
    for i, wanted in enumerate(reference, 1):
        above, row[0] = row[0], i
        for j, word in enumerate(heard, 1):
            above, row[j] = row[j], min(above + (wanted != word), row[j] + 1, row[j - 1] + 1)
    return row[-1]


def score(speaker: str, reference: str, heard: str) -> Scored:
    wanted, words = reference.split(), heard.split()
    errors = word_errors(wanted, words)
    return Scored(speaker, errors, len(wanted), errors == 0)


def wilson(right: int, n: int) -> Figure:
    """A share with Wilson's score interval (E. B. Wilson, JASA 22, 1927), which holds for few trials too."""
    if not n:
        return Figure(math.nan, 0.0, 1.0, 0)
    share, z2 = right / n, Z_95 * Z_95
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return Figure(share, max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half)), n)


def exact_share(scored: Sequence[Scored]) -> Figure:
    return wilson(sum(one.exact for one in scored), len(scored))


def word_error_rate(scored: Sequence[Scored]) -> Figure:
    """Errors a reference word; the interval by drawing speakers anew (utterances when one speaks alone),
    because one speaker's errors are alike."""
    groups: dict[str, list[Scored]] = {}
    for one in scored:
        groups.setdefault(one.speaker, []).append(one)
    if len(groups) == 1:
        groups = {str(number): [one] for number, one in enumerate(scored)}
    totals = [(sum(o.errors for o in group), sum(o.length for o in group)) for group in groups.values()]
    errors, words = sum(e for e, _ in totals), sum(n for _, n in totals)
    if not words:
        return Figure(math.nan, 0.0, 1.0, 0)
    rng = random.Random(1)  # noqa: S311 - the same draws in every run
    rates = []
    for _ in range(RESAMPLES):
        drawn = rng.choices(totals, k=len(totals))
        rates.append(sum(e for e, _ in drawn) / max(1, sum(n for _, n in drawn)))
    rates.sort()
    return Figure(errors / words, rates[int(0.025 * RESAMPLES)], rates[int(0.975 * RESAMPLES) - 1], words)


@dataclass(frozen=True, slots=True)
class Rejection:
    """What is turned away below ``threshold``: ``rejected`` of other speech, and ``false_rejected`` of what
    the grammar holds."""

    threshold: float
    rejected: Figure
    false_rejected: Figure


def at_least(confidences: Sequence[float], threshold: float) -> Figure:
    return wilson(sum(one >= threshold for one in confidences), len(confidences))


def below(confidences: Sequence[float], threshold: float) -> Figure:
    return wilson(sum(one < threshold for one in confidences), len(confidences))


def rejection(inside: Sequence[float], outside: Sequence[float], false_share: float) -> Rejection:
    """From confidences of speech that the grammar holds and of other speech (0: nothing was heard). The
    threshold is the highest that turns away at most ``false_share`` of the first; what equals it is accepted.
    """
    allowed = int(false_share * len(inside) + 1e-9)
    ranked = sorted(inside)
    threshold = max(ranked[allowed] if allowed < len(ranked) else 1.0, math.ulp(0.0))
    return Rejection(
        threshold,
        below(outside, threshold),
        below(inside, threshold),
    )
