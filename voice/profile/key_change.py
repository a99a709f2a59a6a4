"""Telling, at start, that what is kept of callers was kept under another secret than the one there is now."""

from __future__ import annotations

import logging
from typing import Final

from voice.model import JsonDict
from voice.profile import lock
from voice.profile.keys import Keys
from voice.store.seam import Store

log = logging.getLogger(__name__)

KIND: Final = "key"
_ROW: Final = "k:profile"
_YEARS_MS: Final = 50 * 365 * 86_400_000
_MOST: Final = 10_000  # rows that are counted


async def told_of_another_key(store: Store, keys: Keys, now_ms: int) -> bool:
    """Notes which secret is in use, as a digest that tells nothing of it; true when the last one was another,
    which is logged with what it means. Raises :class:`voice.errors.StoreError`."""
    own, before = keys.fingerprint(), dict[str, str]()

    def note(old: JsonDict | None) -> JsonDict:
        before["was"] = str((old or {}).get("fingerprint", ""))
        return {"fingerprint": own}

    await store.amend(_ROW, KIND, note, now_ms=now_ms, expires_at=now_ms + _YEARS_MS)
    if before["was"] in ("", own):
        return False
    rows = await store.remembered("lock", now_ms, _MOST)
    locked = sum(lock.is_locked(row.body, now_ms) for row in rows)
    known = len(await store.remembered("profile", now_ms, _MOST))
    log.warning(
        "the secret of callers' keys (setting profile.key, or profile.key in the data folder) is not the one "
        "of the last start: %d lock-outs after wrong PINs do NOT hold any more, and %d callers are not "
        "recognised. If that was not meant, put the former secret back and start again; else they expire by "
        "themselves",
        locked,
        known,
    )
    return True
