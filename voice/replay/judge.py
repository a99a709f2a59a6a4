"""Holds a call against what its scenario expects. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from voice import events as ev
from voice.events import Event
from voice.insight.standing import standing
from voice.replay.report import CallReport, Check
from voice.replay.scenario import Expected, fold

SEEN_FROM_WIRE = {"transferred": "server", "completed": "server", "abandoned": "caller"}
"""Who ends a call of each outcome, for when the server's log cannot be asked."""


@dataclass(slots=True)
class Facts:
    """What the event log says came of a call."""

    outcome: str = ""
    lang: str = ""
    intent: str = ""
    reason: str = ""
    queue: str = ""
    priority: int | None = None
    ticket: str = ""
    ticket_state: str = ""
    slots: dict[str, str] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)


def facts(events: Sequence[Event]) -> Facts:
    """A fold of the log; the last word on anything wins."""
    found = Facts()
    for event in standing(events):
        found.kinds.append(event.kind)
        match event.data:
            case ev.CallStarted(lang=lang) | ev.LanguageChanged(lang=lang):
                found.lang = lang
            case ev.IntentRecognised(intent=intent):
                found.intent = intent
            case ev.HandoffRequested() as handoff:
                found.reason, found.queue, found.priority = handoff.reason, handoff.queue, handoff.priority
                found.intent = handoff.intent or found.intent
            case ev.TicketChanged(ticket=ticket, state=state):
                found.ticket, found.ticket_state = ticket, state
            case ev.SlotFilled(name=name, value=value):
                found.slots[name] = value
            case ev.CallerSaid(text=text) if text:
                found.heard.append(text)
            case ev.BotSaid(text=text):
                found.said.append(text)
            case ev.CallEnded(outcome=outcome):
                found.outcome = outcome
            case _:
                pass
    return found


def judge(expected: Expected, report: CallReport) -> list[Check]:
    """One :class:`Check` for everything the scenario expects."""
    return [*_measured(expected, report), *_logged(expected, report)]


def _measured(expected: Expected, report: CallReport) -> list[Check]:
    """What the caller's own side shows."""
    checks = []
    if expected.ended_by:
        checks.append(_equal("ended by", expected.ended_by, report.log.ended_by))
    if expected.min_turns:
        answered = sum(t.answer_ms is not None for t in report.log.turns)
        checks.append(Check("turns", answered >= expected.min_turns, f"{answered} answered"))
    if expected.min_barge_ins:
        count = len(report.barge_ins)
        checks.append(Check("barge-ins", count >= expected.min_barge_ins, f"{count} prompts stopped"))
    for name, limit, values in (
        ("response", expected.max_response_ms, report.responses),
        ("barge-in", expected.max_barge_in_ms, report.barge_ins),
    ):
        if limit is not None:
            slowest = max(values, default=None)
            detail = (
                "nothing to measure" if slowest is None else f"slowest {slowest:.0f} ms, limit {limit:.0f}"
            )
            checks.append(Check(name, slowest is not None and slowest <= limit, detail))
    return checks


def _logged(expected: Expected, report: CallReport) -> list[Check]:
    if report.events is None:
        return _from_wire(expected, report)
    found = facts(report.events)
    checks = []
    for name, wanted, actual in (
        ("outcome", expected.outcome, found.outcome),
        ("queue", expected.queue, found.queue),
        ("ticket", expected.ticket, found.ticket_state),
        ("priority", expected.priority, found.priority),
        ("intent", expected.intent, found.intent),
        ("reason", expected.reason, found.reason),
        ("language", expected.lang, found.lang),
    ):
        if wanted is not None:
            checks.append(_equal(name, wanted, actual))
    for name, value in expected.slots.items():
        checks.append(_equal(f"slot {name}", value, found.slots.get(name, "nothing")))
    checks += [_contains("heard", text, found.heard) for text in expected.heard]
    checks += [_contains("said", text, found.said) for text in expected.said]
    for text in expected.absent:
        there = any(fold(text) in fold(said) for said in found.said)
        checks.append(Check("never said", not there, text))
    if expected.events:
        missing = _missing(expected.events, found.kinds)
        checks.append(Check("events", not missing, f"missing: {missing}" if missing else "in order"))
    return checks


def _missing(wanted: Sequence[str], kinds: Sequence[str]) -> str:
    """The first kind that does not follow the ones before it, or ""."""
    rest = iter(kinds)
    return next((kind for kind in wanted if kind not in rest), "")


def _from_wire(expected: Expected, report: CallReport) -> list[Check]:
    checks = []
    if expected.outcome is not None:
        if report.outcome:
            checks.append(_equal("outcome", expected.outcome, report.outcome))
        elif (by := SEEN_FROM_WIRE.get(expected.outcome)) is not None:
            good = report.log.ended_by == by
            checks.append(
                Check("outcome", None if good else False, f"the call was ended by the {report.log.ended_by}")
            )
    hidden = [
        name
        for name in (
            "queue",
            "ticket",
            "intent",
            "reason",
            "lang",
            "slots",
            "heard",
            "said",
            "absent",
            "events",
        )
        if getattr(expected, name)
    ]
    checks += [Check(name, None, "needs the server's log (--desk)") for name in hidden]
    return checks


def _equal(name: str, wanted: object, actual: object) -> Check:
    return Check(name, wanted == actual, str(actual) if wanted == actual else f"{actual}, not {wanted}")


def _contains(name: str, wanted: str, texts: Sequence[str]) -> Check:
    there = any(fold(wanted) in fold(text) for text in texts)
    return Check(name, there, wanted if there else f"never {name}: {wanted}")
