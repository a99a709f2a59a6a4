"""Verify steps: what is to be proved, and what a judged try means in this call. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voice.dialogue.flow_calls import VerifyStep
from voice.dialogue.seam import IdentityCheck

# what a try may come to, and the key under "tried." that tells a colleague
_TRIED = {
    "ok": "ok",
    "sent": "ok",
    "failed": "verify_failed",
    "expired": "verify_failed",
    "locked": "verify_locked",
    "fault": "unchecked",
}


def identity_check(step: VerifyStep, values: Mapping[str, Any]) -> IdentityCheck:
    """What goes with the invocation of ``step``."""
    return IdentityCheck(
        slot=step.identity,
        identity=str(values.get(step.identity) or ""),
        method=step.method,
        factor=str(values.get(step.factor) or "") if step.factor else "",
        digits=step.digits,
        valid_minutes=step.minutes,
        lock_after=step.lock_after,
        lock_minutes=step.lock_minutes,
        withheld_after=step.withheld_after,
    )


def judged(step: VerifyStep, value: Mapping[str, Any], wrong: int) -> tuple[str, int]:
    """The outcome of a try, and how many more this call has. ``wrong``: how many were wrong before it.
    The last one allowed is ``locked``: a call cannot go on guessing."""
    outcome = value.get("outcome")
    if outcome not in _TRIED:
        return "failed", max(0, step.attempts - wrong - 1)
    if outcome == "failed":
        left = max(0, step.attempts - wrong - 1)
        return ("failed" if left else "locked"), left
    return str(outcome), max(0, step.attempts - wrong)


def told_as(step: VerifyStep, verdict: str, outcome: str) -> str:
    """The key under "tried." of a try. What could not be checked is not what was wrong; a code that could not
    be sent is neither."""
    if verdict == "fault" and step.send:
        return "timeout" if outcome == "timeout" else "failed"
    return _TRIED[verdict]


def way_after(step: VerifyStep, verdict: str, outcome: str) -> str | None:
    """Where it goes on after a try that proved nothing; None: to a person."""
    on = step.on
    if verdict == "locked":
        return on.locked
    if verdict == "fault":
        return (on.timeout if outcome == "timeout" else None) or on.fault
    return (on.expired if verdict == "expired" else None) or on.failed
