"""Expectations against a log, and against what only the wire shows."""

from __future__ import annotations

from typing import Any

import pytest

from voice import events as ev
from voice.events import Event, EventData
from voice.replay.caller import CallerLog, Turn
from voice.replay.judge import facts, judge
from voice.replay.report import CallReport, percentile, summary
from voice.replay.scenario import Expected

LOG: tuple[EventData, ...] = (
    ev.CallStarted("twilio", "+34600", "+34900", "es", "telecom", "1", 0),
    ev.BotSaid(1, "Bienvenido. ¿En qué puedo ayudarle?", "es", "hello", "any"),
    ev.CallerSaid("mi saldo", 0.9, "es", 0, 500),
    ev.CallerSaid("", 0.0, "es", 0, 500),
    ev.IntentRecognised("balance", 0.9),
    ev.SlotFilled("customer", "12345678", "uno dos", 0.9, True, "speech"),
    ev.LanguageChanged("en", "asked"),
    ev.HandoffRequested("caller_asked", "general", 5, "balance"),
    ev.TicketChanged("t1", "waiting"),
    ev.TicketChanged("t1", "accepted", "ana"),
    ev.CallEnded("transferred", "accepted", 9000),
)


def report(log: tuple[EventData, ...] | None = LOG, **fields: Any) -> CallReport:
    events = None if log is None else [Event("CA1", i, i * 100, data) for i, data in enumerate(log)]
    caller = CallerLog(ended_by=fields.pop("ended_by", "server"), turns=fields.pop("turns", []))
    return CallReport("test", "es", "CA1", caller, events=events, **fields)


def turn(response: float | None, barge_in: float | None = None) -> Turn:
    made = Turn("say", "hola", "x:1", 100.0, 100, end_ms=500.0, wait_ms=500)
    if response is not None:
        made.answer_ms = 1000.0 + response
    if barge_in is not None:
        made.interrupted, made.clear_ms = True, 100.0 + barge_in
    return made


def test_the_facts_of_a_log() -> None:
    found = facts(report().events or ())
    assert (found.outcome, found.lang, found.intent) == ("transferred", "en", "balance")
    assert (found.reason, found.queue, found.priority) == ("caller_asked", "general", 5)
    assert (found.ticket, found.ticket_state) == ("t1", "accepted")
    assert found.heard == ["mi saldo"]


GOOD = {
    "outcome": "transferred",
    "lang": "en",
    "intent": "balance",
    "reason": "caller_asked",
    "queue": "general",
    "priority": 5,
    "ticket": "accepted",
    "slots": {"customer": "12345678"},
    "heard": ["Saldo"],
    "said": ["en que puedo ayudarle"],
    "absent": ["no le entiendo"],
    "events": ["call.started", "dialogue.slot", "call.ended"],
}


@pytest.mark.parametrize("name", GOOD)
def test_what_holds_holds(name: str) -> None:
    (check,) = judge(Expected.model_validate({name: GOOD[name]}), report())
    assert check.ok is True, check


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("outcome", "completed"),
        ("lang", "es"),
        ("intent", "invoice"),
        ("reason", "no_match"),
        ("queue", "urgent"),
        ("priority", 0),
        ("ticket", "waiting"),
        ("slots", {"customer": "1"}),
        ("slots", {"order": "1"}),
        ("heard", ["factura"]),
        ("said", ["adiós"]),
        ("absent", ["Bienvenido"]),
        ("events", ["call.ended", "call.started"]),
        ("events", ["queue.position"]),
        ("min_turns", 1),
        ("min_barge_ins", 1),
        ("max_response_ms", 80),
        ("ended_by", "caller"),
    ],
)
def test_what_does_not_hold_fails(name: str, value: object) -> None:
    (check,) = judge(Expected.model_validate({name: value}), report())
    assert check.ok is False, check
    judged = report()
    judged.checks = [check]
    assert not judged.ok


def test_measured_limits() -> None:
    expected = Expected(min_turns=2, min_barge_ins=1, max_response_ms=80, max_barge_in_ms=150)
    good = report(turns=[turn(20), turn(75, 140), turn(None)])
    assert all(c.ok for c in judge(expected, good))
    slow = report(turns=[turn(20), turn(85, 160)])
    assert [c.name for c in judge(expected, slow) if not c.ok] == ["response", "barge-in"]


@pytest.mark.parametrize(
    ("outcome", "ended_by", "ok"),
    [
        ("transferred", "server", None),
        ("transferred", "caller", False),
        ("abandoned", "caller", None),
        ("abandoned", "server", False),
        ("callback", "caller", None),
    ],
)
def test_without_the_log_only_who_ended_the_call_is_known(
    outcome: str, ended_by: str, ok: bool | None
) -> None:
    checks = judge(Expected.model_validate({"outcome": outcome}), report(None, ended_by=ended_by))
    assert [c.ok for c in checks] == ([] if outcome == "callback" else [ok])


def test_a_refused_call_shows_on_the_wire() -> None:
    (check,) = judge(Expected(outcome="refused"), report(None, outcome="refused"))
    assert check.ok is True


def test_hidden_expectations_neither_hold_nor_fail() -> None:
    checks = judge(Expected(intent="balance", slots={"a": "b"}), report(None))
    assert [(c.name, c.ok) for c in checks] == [("intent", None), ("slots", None)]


def test_failures_and_errors_make_a_report_bad() -> None:
    assert report().ok
    assert not report(error="unreachable").ok
    failed = report()
    failed.log.failures.append("x")
    assert not failed.ok


def test_percentiles_by_nearest_rank() -> None:
    values = [float(v) for v in range(1, 101)]
    assert [percentile(values, s) for s in (0.0, 0.5, 0.95, 1.0)] == [1.0, 50.0, 95.0, 100.0]
    assert percentile([7.0], 0.95) == 7.0
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)
    assert summary([]) is None
    assert summary([1.0, 2.0, 4.0]) == {"count": 3, "median": 2.0, "p95": 4.0, "max": 4.0}
