"""What came of one call: measured on the caller's side, and, where it could be seen, the server's log."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from voice.events import Event
from voice.model import JsonDict
from voice.replay.caller import CallerLog, Turn


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation. ``ok`` is None when it could not be seen from here."""

    name: str
    ok: bool | None
    detail: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "ok": self.ok, "detail": self.detail}


@dataclass(slots=True)
class CallReport:
    """``events`` and ``packet`` are None when the server's log was out of reach; ``outcome`` is then what
    the wire shows: "" unless the call was refused or failed."""

    scenario: str
    lang: str
    call_id: str
    log: CallerLog
    outcome: str = ""
    error: str = ""
    events: Sequence[Event] | None = None
    ticket: JsonDict | None = None
    packet: JsonDict | None = None
    checks: list[Check] = field(default_factory=list)
    wire_faults: list[str] = field(default_factory=list)
    recording: Path | None = None
    took_s: float = 0.0
    late_ms: float = 0.0  # how late our slowest frame went out

    @property
    def ok(self) -> bool:
        return not self.error and not self.log.failures and all(c.ok is not False for c in self.checks)

    @property
    def responses(self) -> list[float]:
        return [r for t in self.log.turns if (r := t.response_ms) is not None]

    @property
    def barge_ins(self) -> list[float]:
        return [b for t in self.log.turns if (b := t.barge_in_ms) is not None]

    def to_json(self) -> dict[str, Any]:
        return {
            "scenario": self.scenario,
            "lang": self.lang,
            "call_id": self.call_id,
            "ok": self.ok,
            "outcome": self.outcome,
            "ended_by": self.log.ended_by,
            "error": self.error,
            "ms": self.log.ms,
            "turns": [t.to_json() for t in self.log.turns],
            "response_ms": summary(self.responses),
            "barge_in_ms": summary(self.barge_ins),
            "ticket": self.ticket,
            "failures": self.log.failures,
            "checks": [c.to_json() for c in self.checks],
            "wire_faults": self.wire_faults,
            "recording": str(self.recording) if self.recording else None,
            "late_ms": round(self.late_ms, 1),
            "took_s": round(self.took_s, 3),
        }


def percentile(values: Iterable[float], share: float) -> float:
    """Nearest rank; ``share`` is 0 to 1. Raises ValueError without values."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values")
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def summary(values: Sequence[float]) -> dict[str, float | int] | None:
    """count, median, p95 and max; None without values."""
    if not values:
        return None
    return {
        "count": len(values),
        "median": round(statistics.median(values), 1),
        "p95": round(percentile(values, 0.95), 1),
        "max": round(max(values), 1),
    }


def describe(turn: Turn) -> str:
    """A turn in one line, for people."""
    did = f"said “{turn.what}”" if turn.kind == "say" else f"pressed {turn.what}"
    parts = [did]
    if turn.interrupted:
        delay = turn.barge_in_ms
        parts.append("interrupting" if delay is None else f"interrupting, stopped after {delay:.0f} ms")
    if (response := turn.response_ms) is not None:
        parts.append(f"answered after {response:.0f} ms")
    elif turn.overlapped:
        parts.append("while the prompt went on")
    elif turn.end_ms is not None:
        parts.append("no answer")
    return ", ".join(parts)
