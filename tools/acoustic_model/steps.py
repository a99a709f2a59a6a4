"""A training's steps: its optimiser and learning rate, its progress, and the file it goes on from."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from tools.acoustic_model.features import IGNORED

KEPT_EVERY = 200  # steps: three minutes of a run on two cores, which is the most that a stop loses
SAID_EVERY = 100
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    steps: int
    rate: float
    warm_up: float = 0.1  # share of the steps
    smoothing: float = 0.03
    weight_decay: float = 2e-3


class Steps:
    """Iterating gives the number of each step to come; :meth:`learn` ends it.

    Everything that decides the rest of a training (weights, optimiser, learning rate, both generators of
    random numbers) goes into ``kept`` every ``KEPT_EVERY`` steps, so a run that was stopped and goes on
    gives what one without a stop gives. Who has saved the result deletes the file.
    """

    def __init__(
        self, network: nn.Module, plan: Plan, rng: np.random.Generator, say: Progress, kept: Path | None
    ) -> None:
        self._network, self._plan, self._rng, self._kept = network, plan, rng, kept
        self._optimiser = torch.optim.AdamW(
            network.parameters(), lr=plan.rate, weight_decay=plan.weight_decay
        )
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimiser, plan.rate, total_steps=plan.steps, pct_start=plan.warm_up
        )
        self._done = 0
        if kept is not None and kept.exists():
            self._restore(torch.load(kept, weights_only=False))
            say(f"goes on after step {self._done}")
        self._meter = _Meter(self._done, plan.steps, say)

    def __iter__(self) -> Iterator[int]:
        self._network.train()
        while self._done < self._plan.steps:
            yield self._done
        self._network.eval()

    def count(self, lang: str, answers: torch.Tensor, labels: torch.Tensor) -> None:
        """``answers`` (..., outputs) are counted as right where they agree with ``labels`` (...)."""
        self._meter.count(lang, answers, labels)

    def learn(self, loss: torch.Tensor, shown: float | None = None) -> None:
        """Goes down the gradient of ``loss``; ``shown`` is said in its place."""
        self._optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self._network.parameters(), 5.0)
        self._optimiser.step()
        self._schedule.step()
        self._done += 1
        self._meter.tick(self._done, float(loss.detach()) if shown is None else shown)
        if self._kept is not None and self._done % KEPT_EVERY == 0 and self._done < self._plan.steps:
            self._keep(self._kept)

    def _keep(self, kept: Path) -> None:
        part = kept.with_suffix(".part")
        state = {
            "done": self._done,
            "network": self._network.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "schedule": self._schedule.state_dict(),
            "random": (self._rng.bit_generator.state, torch.get_rng_state()),
        }
        torch.save(state, part)
        part.replace(kept)

    def _restore(self, state: dict[str, Any]) -> None:
        self._done = state["done"]
        self._network.load_state_dict(state["network"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._schedule.load_state_dict(state["schedule"])
        self._rng.bit_generator.state, torch_state = state["random"]
        torch.set_rng_state(torch_state)


class _Meter:
    """Says every so often how far it is, how well it answers, and how long it will take."""

    def __init__(self, begun_at: int, steps: int, say: Progress) -> None:
        self._begun_at, self._steps, self._say = begun_at, steps, say
        self._begun = time.monotonic()
        self._right: dict[str, list[int]] = {}

    def count(self, lang: str, answers: torch.Tensor, labels: torch.Tensor) -> None:
        known = labels != IGNORED
        right = int(((answers.argmax(-1) == labels) & known).sum())
        tally = self._right.setdefault(lang, [0, 0])
        tally[0] += right
        tally[1] += int(known.sum())

    def tick(self, done: int, loss: float) -> None:
        if done % SAID_EVERY and done != self._steps:
            return
        spent = time.monotonic() - self._begun
        left = spent / (done - self._begun_at) * (self._steps - done)
        answers = ", ".join(f"{lang} {100 * a / max(b, 1):.1f} %" for lang, (a, b) in self._right.items())
        self._say(
            f"step {done} of {self._steps}: {loss:.3f}, frames right {answers}; "
            f"{spent:.0f} s so far, {left:.0f} s to go"
        )
        self._right.clear()
