"""The figures of an intent classifier, and how they are printed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from voice.dialogue.understanding import OUT_OF_SCOPE

BINS = 10


@dataclass(frozen=True, slots=True)
class Scored:
    """Shares of 1. ``auroc`` compares the confidences of sentences inside and outside; ``error`` is the
    expected calibration error over the sentences inside; ``ms`` is CPU time a sentence."""

    tests: int
    outside: int
    right: float
    accepted: float
    wrongly: float
    rejected: float
    auroc: float
    error: float
    ms: float


def scores(judged: Sequence[tuple[bool, float]], outside: Sequence[float], ms: float) -> Scored:
    """``judged``: was the best guess right, and its confidence; ``outside``: confidences of what belongs to
    no intent. Accepted is what reaches :data:`OUT_OF_SCOPE`."""
    n, m = max(1, len(judged)), max(1, len(outside))
    return Scored(
        len(judged),
        len(outside),
        sum(right for right, _ in judged) / n,
        sum(right and sure >= OUT_OF_SCOPE for right, sure in judged) / n,
        sum(not right and sure >= OUT_OF_SCOPE for right, sure in judged) / n,
        sum(sure < OUT_OF_SCOPE for sure in outside) / m,
        auroc([sure for _, sure in judged], outside),
        calibration_error(judged),
        ms,
    )


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float:
    """How often a sentence inside is surer than one outside, ties half (the Mann-Whitney statistic)."""
    pairs = len(inside) * len(outside)
    won = sum((a > b) + 0.5 * (a == b) for a in inside for b in outside)
    return won / pairs if pairs else 0.5


def calibration_error(judged: Sequence[tuple[bool, float]]) -> float:
    """Expected calibration error (Naeini et al. 2015): the mean distance between confidence and accuracy over
    ten bins of confidence, weighted by how many fall into each."""
    bins: list[list[tuple[bool, float]]] = [[] for _ in range(BINS)]
    for right, sure in judged:
        bins[min(BINS - 1, int(sure * BINS))].append((right, sure))
    off = (abs(sum(r for r, _ in one) - sum(s for _, s in one)) for one in bins)
    return sum(off) / max(1, len(judged))


def header(title: str) -> str:
    names = ("right", "accepted", "wrongly", "rejected", "AUROC", "cal.err", "ms")
    return f"\n{title}\n{'':34} {'tests':>5} " + " ".join(f"{name:>8}" for name in names)


def line(title: str, found: Scored) -> str:
    shares = (found.right, found.accepted, found.wrongly, found.rejected)
    cells = [f"{share:8.1%}" for share in shares]
    cells += [f"{found.auroc:8.3f}", f"{found.error:8.3f}", f"{found.ms:8.2f}"]
    return f"{title:34} {found.tests:5} " + " ".join(cells)
