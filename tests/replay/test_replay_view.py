"""What people see of a conversation, with and without a terminal."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from voice import events as ev
from voice.events import Event, EventData
from voice.replay.caller import CallerLog
from voice.replay.handoff_view import handoff_panel
from voice.replay.report import CallReport, Check
from voice.replay.view import ConversationView, show_report

Show = Callable[..., str]


@pytest.fixture(params=["plain", "terminal"])
def show(request: pytest.FixtureRequest) -> Show:
    """Shows events and gives the text, without colours, that remains visible."""

    def run(*log: EventData) -> str:
        out = io.StringIO()
        console = Console(
            file=out,
            width=100,
            force_terminal=request.param == "terminal",
            color_system=None,
            highlight=False,
        )
        with ConversationView(console) as view:
            for seq, data in enumerate(log):
                view.event(Event("CA1", seq, seq * 1000, data))
        return out.getvalue()

    return run


def test_who_said_what_and_how_much_was_heard(show: Show) -> None:
    text = show(
        ev.CallerSaid("mi saldo", 0.93, "es", 61_000, 62_000),
        ev.BotSaid(1, "Su saldo es de diez euros. Adiós.", "es", "say", "any"),
        ev.Responded(1, 35, 500),
        ev.BotHeard(1, "Su saldo es de diez euros.", 1800, "cut"),
    )
    lines = [line for line in text.splitlines() if "caller" in line or " line " in line]
    assert any("1:01" in line and "“mi saldo”" in line and "93 %" in line for line in lines)
    assert any(
        "Su saldo es de diez euros. Adiós." in line and "in 35 ms, heard 79 %" in line for line in lines
    )


def test_a_whole_prompt_is_heard_in_full_whatever_its_marks_say(show: Show) -> None:
    text = show(ev.BotSaid(1, "Hola.", "es", "hello", "any"), ev.BotHeard(1, "Hola.", 500, "full"))
    assert "heard 100 %" in text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (ev.CallerSaid("", 0.0, "es", 0, 100), "sound, no words"),
        (ev.CallerKeyed("12#"), "1 2 #"),
        (ev.CallerSilent("menu", 2), "says nothing"),
        (ev.BargedIn("speech", 120), "in 120 ms"),
        (ev.IntentRecognised("balance", 0.9, "su saldo"), "su saldo"),
        (ev.SlotFilled("customer", "12345678", "uno", 0.8, True, "speech", "número"), "número = 12345678"),
        (ev.ActionFinished("a", "balance", False, 900, "timeout"), "failed: timeout"),
        (ev.HandoffRequested("urgent", "urgent", 0), "to urgent, urgent"),
        (ev.TicketChanged("t-1", "accepted", "Ana"), "accepted by Ana"),
        (ev.EngineFailed("recognizer", "gone"), "recognizer: gone"),
        (ev.CallEnded("completed", "goal_reached", 100), "completed"),
    ],
)
def test_every_kind_of_event_has_its_line(show: Show, data: EventData, words: str) -> None:
    assert words in show(data)


def test_text_of_callers_is_never_taken_for_markup(show: Show) -> None:
    assert "[bold]hola[/]" in show(ev.CallerSaid("[bold]hola[/]", 1.0, "es", 0, 100))


def test_a_report_names_everything_that_did_not_hold() -> None:
    out = io.StringIO()
    report = CallReport(
        "es-x", "es", "CA1", CallerLog(failures=["x.yaml:3: waited in vain"]), outcome="abandoned"
    )
    report.checks = [
        Check("intent", True, "balance"),
        Check("queue", False, "a, not b"),
        Check("slots", None),
    ]
    report.wire_faults = ["bad", "bad"]
    with ConversationView(Console(file=out, width=100)) as view:
        show_report(view, report, checks=False)
    text = out.getvalue()
    assert "FAILED es-x" in text
    assert "x.yaml:3: waited in vain" in text
    assert "✗ queue" in text
    assert "intent" not in text
    assert text.count("wire: bad") == 1


def test_the_handoff_shows_summary_slots_and_transcript() -> None:
    packet = {
        "one_line": "Saldo · 12345678",
        "summary": "Llama por el saldo.",
        "urgent": True,
        "intent": {"name": "balance", "label": "", "confidence": 0.5},
        "reason": "caller_asked",
        "lang": "es",
        "slots": [{"name": "customer", "label": "", "value": "12[b]", "confidence": 0.9, "confirmed": False}],
        "tried": [{"what": "saldo", "outcome": "hecho"}],
        "transcript": [
            {"who": "caller", "text": "mi saldo"},
            {"who": "bot", "text": "Hola", "ended": "cut"},
            {"who": "keypad", "text": "••••"},
        ],
    }
    out = io.StringIO()
    Console(file=out, width=100).print(handoff_panel({"queue": "billing", "position": 2}, packet))
    text = out.getvalue()
    for words in (
        "Saldo · 12345678",
        "billing, place 2",
        "urgent",
        "balance (50 %)",
        "12[b]",
        "not confirmed",
    ):
        assert words in text
    assert "caller mi saldo" in text
    assert "line Hola …" in text
    assert "keypad ••••" in text
