"""The sequence criterion counts every phone sequence exactly once."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the acoustic-model extra (torch) is not installed")

from tools.acoustic_model.training import _transitions, _warped, occupation  # noqa: E402 - after the check for torch


def test_occupation_equals_the_sum_over_all_paths() -> None:
    """Silence and two phones, four frames: 5 ** 4 paths by brute force."""
    rng = np.random.default_rng(1)
    answers = torch.from_numpy(rng.standard_normal((2, 4, 5)).astype(np.float32))
    bigram = torch.from_numpy(rng.dirichlet(np.ones(3), 3).astype(np.float32))
    move = _transitions(bigram, 5).numpy()
    gamma, total = occupation(answers, bigram)
    for row in range(2):
        scores = answers[row].numpy()
        weights = np.zeros((4, 5))
        whole = 0.0
        for path in itertools.product(range(5), repeat=4):
            weight = np.exp(sum(scores[at, state] for at, state in enumerate(path))) / 5
            weight *= np.prod([move[a, b] for a, b in itertools.pairwise(path)])
            whole += weight
            for at, state in enumerate(path):
                weights[at, state] += weight
        assert float(total[row]) == pytest.approx(np.log(whole), rel=1e-4)
        assert gamma[row].numpy() == pytest.approx(weights / whole, abs=1e-4)


def test_a_throat_of_another_length_moves_formants_and_keeps_what_is_flat() -> None:
    torch.manual_seed(2)
    flat = torch.full((200, 4, 30), 3.0)
    assert torch.allclose(_warped(flat), flat, atol=1e-4)
    peak = torch.zeros(200, 1, 30)
    peak[:, :, 15] = 1.0
    found = _warped(peak)[:, 0].argmax(1)
    assert {14, 15, 16} <= set(found.tolist()) <= set(range(12, 19))
    assert 0.4 < float((found == 15).float().mean()) < 0.8
