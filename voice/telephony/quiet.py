"""Log lines about what strangers send: a few of each kind, then a count."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from typing import Any

from aiohttp.http_exceptions import HttpProcessingError

from voice.clock import Clock

log = logging.getLogger(__name__)


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


class HttpLog(logging.LoggerAdapter[logging.Logger]):
    """The ``logger`` of an HTTP server. What a stranger sends that is no proper HTTP is a quiet line without
    any of its bytes, which may be somebody's secret; aiohttp writes a traceback each time, with them."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(logging.getLogger("aiohttp.server"))
        self._quiet = QuietLog(log, clock)

    def log(self, level: int, msg: object, *args: object, **values: Any) -> None:
        error = values.get("exc_info")
        if isinstance(error, HttpProcessingError):
            if level >= logging.WARNING:
                self._quiet.warning("http", "a request that is no proper HTTP was refused (%s)", error.code)
        else:
            super().log(level, msg, *args, **values)

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        return msg, kwargs
