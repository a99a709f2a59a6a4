"""Log lines about what strangers send: a few of each kind, then a count."""

from __future__ import annotations

import logging

from voice.clock import Clock


class QuietLog:
    """Writes at most ``burst`` warnings of a kind in ``window_ms``; the next window's first line says how
    many were left out. Kinds are a closed set of the caller's, so that memory stays bounded."""

    def __init__(self, log: logging.Logger, clock: Clock, *, burst: int = 5, window_ms: int = 60_000) -> None:
        self._log = log
        self._clock = clock
        self._burst = burst
        self._window_ms = window_ms
        self._kinds: dict[str, tuple[int, int]] = {}  # kind: start of its window, lines asked for since

    def warning(self, kind: str, text: str, *values: object) -> None:
        now = self._clock.now_ms()
        start, count = self._kinds.get(kind, (now, 0))
        left_out = 0
        if now - start >= self._window_ms:
            left_out = max(0, count - self._burst)
            start, count = now, 0
        self._kinds[kind] = (start, count + 1)
        if count < self._burst:
            if left_out:
                text, values = text + " (%d more like this left out)", (*values, left_out)
            self._log.warning(text, *values)
