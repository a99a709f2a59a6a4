"""Counting failed verifications: when a number or an identity has had enough. Pure; wall times in ms.

An attempt is counted before it is judged and taken back when it was right, so that many at once cannot
have more tries than one after the other. A lock that follows another within :data:`MEMORY_MS` lasts twice as
long, up to :data:`LONGEST_MS`: whoever comes back each time it ends has five tries a day, not 240.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from voice.model import JsonDict

LONGEST_MS: Final = 24 * 3_600_000
MEMORY_MS: Final = 7 * 24 * 3_600_000  # since the last lock ended
_DOUBLINGS: Final = 16  # far past LONGEST_MS


@dataclass(frozen=True, slots=True)
class Policy:
    """``after`` attempts within ``minutes`` lock for as long, and longer each time again."""

    after: int = 5
    minutes: int = 30

    @property
    def ms(self) -> int:
        return self.minutes * 60_000

    def lock_ms(self, before: int) -> int:
        """How long a lock lasts after so many others."""
        return max(self.ms, min(self.ms << min(before, _DOUBLINGS), LONGEST_MS))


def is_locked(record: JsonDict | None, now: int) -> bool:
    return record is not None and _int(record.get("until")) > now


def begin(record: JsonDict | None, now: int, policy: Policy) -> JsonDict:
    """One more attempt, unless it is locked already."""
    if record is not None and is_locked(record, now):
        return record
    tries = [at for at in _tries(record) if at > now - policy.ms]
    until, locks = _int((record or {}).get("until")), _locks(record)
    if until + MEMORY_MS <= now:
        until, locks = 0, 0
    if len(tries) >= policy.after:
        return _record(tries, now + policy.lock_ms(locks), locks + 1)
    return _record([*tries, now], until if locks else 0, locks)


def wrong(record: JsonDict | None, now: int, policy: Policy) -> JsonDict:
    """The attempt was wrong: the last one allowed locks."""
    tries, until, locks = _tries(record), _int((record or {}).get("until")), _locks(record)
    if len(tries) >= policy.after and until <= now:
        return _record(tries, now + policy.lock_ms(locks), locks + 1)
    return _record(tries, until, locks)


def take_back(record: JsonDict | None, at: int) -> JsonDict | None:
    """The attempt of ``at`` did not count after all."""
    tries, until, locks = _tries(record), _int((record or {}).get("until")), _locks(record)
    if at in tries:
        tries.remove(at)
    return _record(tries, until, locks) if tries or until else None


def merged(one: JsonDict | None, other: JsonDict | None) -> JsonDict | None:
    """What two places counted of the same: no try and no lock of either is lost."""
    if one is None or other is None:
        return one or other
    tries = sorted((Counter(_tries(one)) | Counter(_tries(other))).elements())
    until = max(_int(one.get("until")), _int(other.get("until")))
    return _record(tries, until, max(_locks(one), _locks(other)))


def _record(tries: list[int], until: int, locks: int) -> JsonDict:
    return {"tries": tries, "until": until} | ({"locks": locks} if locks else {})


def _tries(record: JsonDict | None) -> list[int]:
    found = (record or {}).get("tries")
    return [at for at in found if isinstance(at, int)] if isinstance(found, list) else []


def _locks(record: JsonDict | None) -> int:
    return max(0, _int((record or {}).get("locks")))


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0
