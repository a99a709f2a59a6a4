"""The in-process bus: a notice reaches every subscriber before ``publish`` returns."""

from __future__ import annotations

import logging
from collections.abc import Callable

from voice.model import JsonDict

log = logging.getLogger(__name__)

Callback = Callable[[JsonDict], None]


class LocalBus:
    """Synchronous fan-out within one event loop.

    A subscriber that raises is logged and the others still get the notice: a desk page must never be
    able to disturb a call. The message is shared, so subscribers must not change it.
    """

    def __init__(self) -> None:
        self._exact: dict[str, list[Callback]] = {}
        self._prefix: dict[str, list[Callback]] = {}

    def publish(self, topic: str, message: JsonDict) -> None:
        found = self._exact.get(topic)
        callbacks = list(found) if found else []
        for prefix, more in self._prefix.items():
            if topic.startswith(prefix):
                callbacks.extend(more)
        for callback in callbacks:
            try:
                callback(message)
            except Exception:
                log.exception("a subscriber of %s failed; the others were told", topic.partition(".")[0])

    def subscribe(self, topic: str, callback: Callback) -> Callable[[], None]:
        table, key = (self._prefix, topic[:-1]) if topic.endswith("*") else (self._exact, topic)
        table.setdefault(key, []).append(callback)
        done = False

        def unsubscribe() -> None:
            nonlocal done
            if done:
                return
            done = True
            left = table[key]
            left.remove(callback)
            if not left:
                del table[key]

        return unsubscribe
