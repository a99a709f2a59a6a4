"""The one lock around espeak-ng: the library keeps global state, and concurrent calls crash the process."""

from __future__ import annotations

import threading

ESPEAK_LOCK = threading.Lock()
"""Held from ``espeak_SetSynthCallback`` to the end of ``espeak_Synth``; not re-entrant."""
