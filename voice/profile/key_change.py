"""Whether what is kept of callers was kept under the secret that there is now: told at a server's start, and
by ``voice doctor``.

Beside callers' rows stands one that has which secret was in use since when, as digests that tell nothing of
it. What was written while another was in use can be found by nobody.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from voice.model import JsonDict
from voice.profile import lock
from voice.profile.keys import Keys
from voice.store.seam import Store

log = logging.getLogger(__name__)

KIND: Final = "key"
ROW: Final = "k:profile"
MOST: Final = 10_000  # rows that are counted
_YEARS_MS: Final = 50 * 365 * 86_400_000
_MOST_CHANGES: Final = 20
BACK: Final = (
    "put the former secret back (the file from a backup, or the setting) and start again; if it was meant, "
    "what is kept under it expires by itself"
)


@dataclass(frozen=True, slots=True)
class Lost:
    """What was kept under another secret: ``locks`` hold no more, ``known`` callers are not recognised."""

    locks: int
    known: int

    def __bool__(self) -> bool:
        return bool(self.locks or self.known)


def changes_of(row: JsonDict | None) -> list[tuple[str, int]]:
    """Each digest and the time from which it was in use, the oldest first."""
    listed = (row or {}).get("since")
    if isinstance(listed, list):
        return [(str(one[0]), one[1]) for one in listed if _is_change(one)]
    fingerprint = str((row or {}).get("fingerprint", ""))  # as earlier versions noted it
    return [(fingerprint, 0)] if fingerprint else []


def _is_change(one: Any) -> bool:
    return isinstance(one, list) and len(one) == 2 and isinstance(one[1], int)


def lost(
    changes: list[tuple[str, int]], own: str, rows: Iterable[tuple[str, JsonDict, int]], now_ms: int
) -> Lost:
    """``own`` is the digest of today's secret; ``rows`` are kind, body and when it was written."""
    locks = known = 0
    for kind, body, at in rows:
        before = [fingerprint for fingerprint, since in changes if since < at] or [own]
        if before[-1] != own:
            locks += kind == "lock" and lock.is_locked(body, now_ms)
            known += kind == "profile"
    return Lost(locks, known)


async def told_of_another_key(store: Store, keys: Keys, now_ms: int) -> bool:
    """Notes which secret is in use; true when the last one was another, which is logged with what it means.
    Raises :class:`voice.errors.StoreError`."""
    own, changes = keys.fingerprint(), list[tuple[str, int]]()
    changed = False

    def note(old: JsonDict | None) -> JsonDict:
        nonlocal changed
        changes[:] = changes_of(old)
        changed = bool(changes) and changes[-1][0] != own
        if changed or not changes:
            changes.append((own, now_ms if changes else 0))
        del changes[:-_MOST_CHANGES]
        return {"fingerprint": own, "since": [list(change) for change in changes]}

    await store.amend(ROW, KIND, note, now_ms=now_ms, expires_at=now_ms + _YEARS_MS)
    if not changed:
        return False
    rows = [row for kind in ("lock", "profile") for row in await store.remembered(kind, now_ms, MOST)]
    gone = lost(changes, own, ((row.kind, row.body, row.updated_at) for row in rows), now_ms)
    if gone:
        log.warning(
            "the secret of callers' keys (setting profile.key, or profile.key in the data folder) is not the "
            "one of the last start: %d lock-outs after wrong PINs do NOT hold any more, and %d callers are "
            "not recognised. If that was not meant, %s",
            gone.locks,
            gone.known,
            BACK,
        )
    else:
        log.info("the secret of callers' keys is another one since the last start; nothing is lost by it")
    return True
