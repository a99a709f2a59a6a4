"""Counting failed verifications: when a number or an identity has had enough. Pure; wall times in ms.

An attempt is counted before it is judged and taken back when it was right, so that many at once cannot
have more tries than one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from voice.model import JsonDict


@dataclass(frozen=True, slots=True)
class Policy:
    """``after`` attempts within ``minutes`` lock for as long."""

    after: int = 5
    minutes: int = 30

    @property
    def ms(self) -> int:
        return self.minutes * 60_000


def is_locked(record: JsonDict | None, now: int) -> bool:
    return record is not None and _int(record.get("until")) > now


def begin(record: JsonDict | None, now: int, policy: Policy) -> JsonDict:
    """One more attempt, unless it is locked already."""
    if record is not None and is_locked(record, now):
        return record
    tries = [at for at in _tries(record) if at > now - policy.ms]
    if len(tries) >= policy.after:
        return {"tries": tries, "until": now + policy.ms}
    return {"tries": [*tries, now], "until": 0}


def wrong(record: JsonDict | None, now: int, policy: Policy) -> JsonDict:
    """The attempt was wrong: the last one allowed locks."""
    tries = _tries(record)
    until = now + policy.ms if len(tries) >= policy.after else _int((record or {}).get("until"))
    return {"tries": tries, "until": until}


def take_back(record: JsonDict | None, at: int) -> JsonDict | None:
    """The attempt of ``at`` did not count after all."""
    tries = _tries(record)
    if at in tries:
        tries.remove(at)
    until = _int((record or {}).get("until"))
    return {"tries": tries, "until": until} if tries or until else None


def left(record: JsonDict | None, policy: Policy) -> int:
    return max(0, policy.after - len(_tries(record)))


def _tries(record: JsonDict | None) -> list[int]:
    found = (record or {}).get("tries")
    return [at for at in found if isinstance(at, int)] if isinstance(found, list) else []


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0
