"""How many messages other than audio a peer may send: keys, marks, and what is ignored."""

from __future__ import annotations

from typing import Final

BURST: Final = 500
A_SECOND: Final = 100
"""A provider sends back about ten marks a second, a caller types as many keys; after a stall of the network
they come at once. A client that never paused took up to a second of every other call's time."""


class Allowance:
    """``BURST`` messages at once, ``A_SECOND`` in the long run. Times in ms, of any steady clock."""

    __slots__ = ("_full_ms",)

    def __init__(self) -> None:
        self._full_ms = 0  # when what was taken will have been given back

    def take(self, now_ms: int) -> bool:
        """One more message; False when it is one too many."""
        self._full_ms = max(self._full_ms, now_ms) + 1000 // A_SECOND
        return self._full_ms - now_ms <= BURST * 1000 // A_SECOND
