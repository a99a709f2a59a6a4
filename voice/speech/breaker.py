"""A circuit breaker as a pure machine: whether to send an engine the next utterance.

::

    closed ── FAILURES in a row ──► open ── rest is over ──► half open ── the trial succeeds ──► closed
                                      ▲                          │
                                      └── the trial fails: the rest doubles, up to LONGEST_REST_MS

Time is passed in, in ms of any monotonic clock. Every state has a way out: a trial of which nothing is
heard within :data:`TRIAL_MS` counts as failed.
"""

from __future__ import annotations

from enum import Enum

FAILURES = 3
REST_MS = 10_000
LONGEST_REST_MS = 300_000
TRIAL_MS = 60_000


class Pass(Enum):
    """The answer to "may I?". Whoever got ``TRIAL`` reports its outcome with ``trial=True``."""

    GO = "go"
    TRIAL = "trial"
    NO = "no"


class State(Enum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Breaker:
    """One engine's record. Methods take ``now`` in ms."""

    def __init__(
        self,
        *,
        failures: int = FAILURES,
        rest_ms: int = REST_MS,
        longest_rest_ms: int = LONGEST_REST_MS,
        trial_ms: int = TRIAL_MS,
    ) -> None:
        self._failures = failures
        self._first_rest_ms = rest_ms
        self._longest_rest_ms = longest_rest_ms
        self._trial_ms = trial_ms
        self._in_a_row = 0
        self._rest_ms = rest_ms
        self._until = 0  # open: the rest's end; half open: when the trial is given up
        self.state = State.CLOSED

    def rests(self, now: int) -> bool:
        """Whether :meth:`ask` would be answered with NO; asks nothing."""
        return self.state is not State.CLOSED and now < self._until

    def ask(self, now: int) -> Pass:
        """May this engine have the next utterance?"""
        if self.state is State.CLOSED:
            return Pass.GO
        if self.state is State.HALF_OPEN and now >= self._until:
            self._open(now)  # whoever had the trial never came back
        if self.state is State.HALF_OPEN or now < self._until:
            return Pass.NO
        self.state = State.HALF_OPEN
        self._until = now + self._trial_ms
        return Pass.TRIAL

    def succeeded(self, now: int, *, trial: bool = False) -> None:
        """An utterance was recognised. While resting, those sent before the failures prove nothing."""
        if self.state is State.CLOSED:
            self._in_a_row = 0
        elif trial and self.state is State.HALF_OPEN:
            self.state = State.CLOSED
            self._in_a_row = 0
            self._rest_ms = self._first_rest_ms

    def failed(self, now: int, *, trial: bool = False) -> None:
        if self.state is State.CLOSED:
            self._in_a_row += 1
            if self._in_a_row >= self._failures:
                self._rest(now)
        elif trial and self.state is State.HALF_OPEN:
            self._open(now)

    def abandoned(self, now: int, *, trial: bool = False) -> None:
        """The caller went on before an outcome: another may try at once."""
        if trial and self.state is State.HALF_OPEN:
            self.state = State.OPEN
            self._until = now

    def _open(self, now: int) -> None:
        self._rest_ms = min(self._rest_ms * 2, self._longest_rest_ms)
        self._rest(now)

    def _rest(self, now: int) -> None:
        self.state = State.OPEN
        self._until = now + self._rest_ms
