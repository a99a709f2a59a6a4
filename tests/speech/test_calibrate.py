"""Fitting confidences: what is learned from made-up utterances of known truth."""

from __future__ import annotations

import random

from tools.acoustic_model.calibrate import Heard, believed, error, fit, halves, useful
from voice.speech.confidence import FEATURES, PHRASES


def made_up(count: int, seed: int) -> list[Heard]:
    """A decoder that always says 1.0 and is right when its pace is usual."""
    rng = random.Random(seed)
    rows = []
    for number in range(count):
        pace = rng.random()
        right = rng.random() > pace
        inside = right or rng.random() < 0.5
        values = (1.0, 4.6, 4.6, 0.0, pace)
        rows.append(Heard(PHRASES, f"speaker{number % 10}", inside, right, True, values, 1.0))
    return rows


def test_a_fit_lowers_the_error_of_a_sure_decoder() -> None:
    rows = made_up(600, 1)
    one, other = halves(rows)
    assert not {row.speaker for row in one} & {row.speaker for row in other}
    weights = fit(one)
    assert len(weights) == len(FEATURES)
    assert error(other, weights) < 0.15 < error(other)
    usual, odd = sorted(other, key=lambda row: row.values[-1])[:: len(other) - 1]
    assert believed(usual, weights) > believed(odd, weights)


def test_what_is_mostly_wrong_is_not_written() -> None:
    right = [row for row in made_up(100, 2) if row.right]
    wrong = [row for row in made_up(100, 2) if not row.right]
    assert useful(right, 0.05, 0.2)
    assert not useful(right, 0.3, 0.2)
    assert not useful(wrong, 0.05, 0.2)
