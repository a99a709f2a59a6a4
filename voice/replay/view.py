"""A conversation on a terminal as its events come in: who, what was heard, how much of it, how fast.

Finished lines scroll by; on a terminal a last line shows what is going on right now. Without a terminal
only the finished lines are printed.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from voice import events as ev
from voice.events import Event
from voice.replay.caller import Turn
from voice.replay.report import CallReport, Check, describe

CALLER = "bold green"
LINE = "bold cyan"
DESK = "bold magenta"
DIM = "dim"
_SURE = 0.7  # confidence from which a heard text is shown as sure


def clock(ms: float) -> str:
    """``m:ss`` of the call."""
    return f"{int(ms) // 60_000}:{int(ms) // 1000 % 60:02d}"


def percent(share: float) -> str:
    return f"{round(100 * share)} %"


class ConversationView:
    """A context manager around one or more calls."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._live = Live(console=console, transient=True, refresh_per_second=12)
        self._saying: dict[int, ev.BotSaid] = {}
        self._response: ev.Responded | None = None
        self._at_ms = 0

    def __enter__(self) -> ConversationView:
        if self.console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def status(self, text: str) -> None:
        """What is going on now; seen on a terminal only."""
        if self._live.is_started:
            now = Table.grid(padding=(0, 1))
            now.add_row(
                Spinner("dots", style=LINE),
                Text(f"{clock(self._at_ms)}  {text}", style=DIM, no_wrap=True, overflow="ellipsis"),
            )
            self._live.update(now if text else Group())

    def line(
        self, at_ms: int | None, who: str, style: str, body: Text | str, detail: Text | str = ""
    ) -> None:
        """One finished line: time, who, what, and a remark at the right."""
        grid = Table.grid(padding=(0, 1), expand=True)
        grid.add_column(width=5, justify="right", style=DIM)
        grid.add_column(width=8, style=style)
        grid.add_column(ratio=1)
        grid.add_column(justify="right", style=DIM, no_wrap=True)
        grid.add_row("" if at_ms is None else clock(at_ms), who, body, detail)
        self.console.print(grid)

    def show(self, renderable: RenderableType) -> None:
        self.console.print(renderable)

    def event(self, event: Event) -> None:
        """Takes the next event of the call that is shown."""
        self._at_ms = event.at_ms
        handler = _HANDLERS.get(event.kind)
        if handler is not None:
            handler(self, event.at_ms, event.data)

    # --- one method a kind ----------------------------------------------------------------------------

    def _bot_said(self, at_ms: int, data: ev.BotSaid) -> None:
        self._saying[data.id] = data
        self.status(f"the line says “{data.text}”")

    def _bot_heard(self, at_ms: int, data: ev.BotHeard) -> None:
        said = self._saying.pop(data.id, None)
        if said is None:
            return
        body = Text(data.heard)
        rest = said.text.removeprefix(data.heard) if said.text.startswith(data.heard) else ""
        if data.ended != "full":
            body = Text.assemble(data.heard, (rest or said.text, "dim strike"))
        share = 1.0 if data.ended == "full" else len(data.heard) / max(1, len(said.text))
        parts = [] if self._response is None else [f"in {self._response.response_ms} ms"]
        parts.append(f"heard {percent(share)}")
        self._response = None
        self.line(max(0, at_ms - data.heard_ms), "line", LINE, body, ", ".join(parts))
        self.status("")

    def _responded(self, at_ms: int, data: ev.Responded) -> None:
        self._response = data

    def _said(self, at_ms: int, data: ev.CallerSaid) -> None:
        if not data.text:
            self.line(data.start_ms, "caller", CALLER, Text("(sound, no words)", style=DIM))
            return
        style = "" if data.confidence >= _SURE else "italic"
        self.line(
            data.start_ms, "caller", CALLER, Text(f"“{data.text}”", style=style), percent(data.confidence)
        )

    def _keyed(self, at_ms: int, data: ev.CallerKeyed) -> None:
        keys = " ".join(data.keys)
        self.line(at_ms, "caller", CALLER, Text(f"⌨ {keys}"), "keypad")

    def _silent(self, at_ms: int, data: ev.CallerSilent) -> None:
        self.line(at_ms, "caller", CALLER, Text("(says nothing)", style=DIM), f"{data.count}×")

    def _not_understood(self, at_ms: int, data: ev.CallerNotUnderstood) -> None:
        self._remark(at_ms, "not understood", f"{data.count}×")

    def _barged_in(self, at_ms: int, data: ev.BargedIn) -> None:
        how = "speaks" if data.by == "speech" else "presses a key"
        self._remark(at_ms, f"caller {how} over the prompt: the line falls silent", f"in {data.delay_ms} ms")

    def _speech(self, at_ms: int, data: ev.SpeechStarted) -> None:
        self.status("the caller speaks")

    def _intent(self, at_ms: int, data: ev.IntentRecognised) -> None:
        self._remark(at_ms, f"wants: {data.label or data.intent}", percent(data.confidence))

    def _slot(self, at_ms: int, data: ev.SlotFilled) -> None:
        how = {"dtmf": "keypad", "speech": percent(data.confidence)}.get(data.source, data.source)
        self._remark(at_ms, f"{data.label or data.name} = {data.value}", how)

    def _taken_back(self, at_ms: int, data: ev.TurnTakenBack) -> None:
        self._remark(at_ms, "the caller goes on: what was answered since is taken back")

    def _language(self, at_ms: int, data: ev.LanguageChanged) -> None:
        self._remark(at_ms, f"language: {data.lang}", data.why)

    def _action(self, at_ms: int, data: ev.ActionFinished) -> None:
        ended = "done" if data.ok else f"failed: {data.failure}"
        self._remark(at_ms, f"looks up {data.name}: {ended}", f"{data.ms} ms")

    def _checked(self, at_ms: int, data: ev.IdentityChecked) -> None:
        how = {"ok": "proved", "sent": "code sent"}.get(data.outcome, data.outcome)
        self._remark(at_ms, f"who is calling ({data.slot}): {how}", "")

    def _handoff(self, at_ms: int, data: ev.HandoffRequested) -> None:
        urgent = ", urgent" if data.priority == 0 else ""
        self.line(at_ms, "handoff", DESK, f"to {data.queue}{urgent}", data.reason)

    def _ticket(self, at_ms: int, data: ev.TicketChanged) -> None:
        by = f" by {data.agent}" if data.agent else ""
        self.line(at_ms, "ticket", DESK, f"{data.state}{by}", data.ticket[:8])
        if data.state == "waiting":
            self.status("the caller waits in the queue")

    def _position(self, at_ms: int, data: ev.QueuePosition) -> None:
        self._remark(at_ms, f"place in the queue: {data.position}")

    def _failed(self, at_ms: int, data: ev.EngineFailed) -> None:
        self.line(at_ms, "fault", "bold red", f"{data.engine}: {data.why}")

    def _ended(self, at_ms: int, data: ev.CallEnded) -> None:
        self.status("")
        self.line(at_ms, "ended", "bold", data.outcome, data.reason)

    def _remark(self, at_ms: int, text: str, detail: str = "") -> None:
        self.line(at_ms, "", "", Text(f"· {text}", style=DIM), detail)


_HANDLERS: dict[str, Callable[[ConversationView, int, Any], None]] = {
    ev.BotSaid.kind: ConversationView._bot_said,
    ev.BotHeard.kind: ConversationView._bot_heard,
    ev.Responded.kind: ConversationView._responded,
    ev.CallerSaid.kind: ConversationView._said,
    ev.CallerKeyed.kind: ConversationView._keyed,
    ev.CallerSilent.kind: ConversationView._silent,
    ev.CallerNotUnderstood.kind: ConversationView._not_understood,
    ev.BargedIn.kind: ConversationView._barged_in,
    ev.SpeechStarted.kind: ConversationView._speech,
    ev.IntentRecognised.kind: ConversationView._intent,
    ev.SlotFilled.kind: ConversationView._slot,
    ev.IdentityChecked.kind: ConversationView._checked,
    ev.TurnTakenBack.kind: ConversationView._taken_back,
    ev.LanguageChanged.kind: ConversationView._language,
    ev.ActionFinished.kind: ConversationView._action,
    ev.HandoffRequested.kind: ConversationView._handoff,
    ev.TicketChanged.kind: ConversationView._ticket,
    ev.QueuePosition.kind: ConversationView._position,
    ev.EngineFailed.kind: ConversationView._failed,
    ev.CallEnded.kind: ConversationView._ended,
}


def turn_line(view: ConversationView, turn: Turn) -> None:
    """A turn as the caller's side saw it, for servers whose log cannot be asked."""
    view.line(turn.media_ms, "caller", CALLER, describe(turn))


def check_line(check: Check) -> Text:
    mark, style = {True: ("✓", "green"), False: ("✗", "bold red"), None: ("–", DIM)}[check.ok]
    return Text.assemble((f"  {mark} ", style), check.name, (f"  {check.detail}", DIM))


def show_report(view: ConversationView, report: CallReport, *, checks: bool = True) -> None:
    """The end of a call: how it went, and every expectation that did not hold."""
    word, style = ("ok", "bold green") if report.ok else ("FAILED", "bold red")
    summary = [report.outcome or f"ended by the {report.log.ended_by or 'line'}"]
    if report.responses:
        ordered = sorted(report.responses)
        summary.append(f"response median {ordered[len(ordered) // 2]:.0f} ms, slowest {ordered[-1]:.0f} ms")
    if report.barge_ins:
        summary.append(f"silent {max(report.barge_ins):.0f} ms after an interruption")
    speed = report.log.ms / 1000 / report.took_s if report.took_s else 0.0
    if speed > 2:
        summary.append(f"{speed:.0f}x real time")
    view.show(Text.assemble((f"{word:6} ", style), (report.scenario, "bold"), "  " + " · ".join(summary)))
    problems = [report.error] if report.error else []
    problems += report.log.failures + [f"wire: {fault}" for fault in sorted(set(report.wire_faults))]
    for problem in problems:
        view.show(Text(f"  ✗ {problem}", style="red"))
    for check in report.checks:
        if checks or check.ok is False:
            view.show(check_line(check))
