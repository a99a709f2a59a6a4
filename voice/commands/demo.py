"""Two recorded callers ring, talk, and are handed to a person who knows the whole story.

Starts a server on a free loopback port with the built-in defaults. A Spanish caller rings over a real
WebSocket in real time, then an English one. The terminal shows the conversation as it happens: who, what
was heard and how surely, what was said and how much of it was heard, and how fast the line answered; then
the ticket with what the agent reads. The agent accepts through the desk's API and the caller hears so.

Takes about 80 seconds. Exit status 0 when everything went as the scenarios expect.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.rule import Rule
from rich.text import Text

import voice
from voice.errors import CentralitaError, ConfigError
from voice.replay.caller import ACCEPTED
from voice.replay.clips import Script, load_script
from voice.replay.desk_client import DeskClient, DeskError
from voice.replay.follow import AgentPlan, Follower, ask_desk
from voice.replay.handoff_view import file_lines, handoff_panel
from voice.replay.judge import judge
from voice.replay.local_server import LocalServer
from voice.replay.report import CallReport, summary
from voice.replay.scenario import load
from voice.replay.twilio_client import CallOptions, ProviderCall
from voice.replay.view import DESK, DIM, ConversationView, show_report
from voice.webhooks.back_office import back_office

AGENT = "Ana"
WEBHOOK = "/telephony/twilio/voice"
CALLERS = ("es-demo", "en-demo")
LANGUAGE_NAMES = {"es": "Spanish", "en": "English"}
LIMIT_S = 240  # far past any good run: a demo that hangs must end


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="keep the calls there (default: a new temporary folder)"
    )
    parser.add_argument("--lang", choices=("es", "en"), help="only the caller of this language")
    parser.add_argument(
        "--prompts", type=Path, metavar="DIR", help="flows and texts (default: those that came along)"
    )
    parser.add_argument(
        "--callers", type=Path, metavar="DIR", help="scenarios (default: those that came along)"
    )
    parser.add_argument("--no-color", action="store_true", help="plain text")


def run(args: argparse.Namespace) -> int:
    console = Console(no_color=args.no_color, highlight=False)
    folder = args.callers or _shipped("audio_fixtures/callers")
    names = [n for n in CALLERS if args.lang is None or n.startswith(args.lang)]
    scripts = [load_script(load(folder / f"{name}.yaml")) for name in names]
    data = args.data or Path(tempfile.mkdtemp(prefix="centralita-demo-"))
    demo = Demo(console, data.resolve(), args.prompts or _shipped("prompts"))
    try:
        return asyncio.run(demo.play(scripts))
    except KeyboardInterrupt:
        console.print(Text("stopped", style="bold red"))
        return 130


def _shipped(name: str) -> Path:
    """A folder of the checkout: here, or beside the package."""
    for folder in (Path(name), Path(voice.__file__).parents[1] / name):
        if folder.is_dir():
            return folder
    raise ConfigError(
        f"there is no {name} here: the demo's callers and prompts come with the source. Run this in a clone "
        "of the repository, or name them with --callers and --prompts"
    )


@dataclass(frozen=True, slots=True)
class Demo:
    console: Console
    data: Path
    prompts: Path

    async def play(self, scripts: list[Script]) -> int:
        began = time.monotonic()
        self._welcome()
        try:
            async with (
                asyncio.timeout(LIMIT_S),
                back_office(self.prompts, self._office) as office,
                LocalServer(self.data, self.prompts, office) as server,
            ):
                self.console.print(
                    Text.assemble(
                        ("  server  ", DIM), server.url, (f"  up after {time.monotonic() - began:.1f} s", DIM)
                    )
                )
                async with await DeskClient.enter(server.desk_address, AGENT) as desk:
                    reports = [await self._call(server, desk, script) for script in scripts]
        except TimeoutError:
            raise CentralitaError(
                f"the demo took longer than {LIMIT_S} s; see {self.data / 'server.log'}"
            ) from None
        good = all(r.ok for r in reports)
        self._farewell(reports, good, time.monotonic() - began)
        return 0 if good else 1

    def _office(self, action: str, how: str) -> None:
        """A webhook was answered: shown where it happens, between the turns of the call."""
        self.console.print(Text.assemble(("  back office  ", DIM), action, (f"  {how}", DIM)))

    def _welcome(self) -> None:
        text = Text.assemble(
            ("Centralita ", "bold"),
            (voice.__version__, DIM),
            "\nA line that hears, understands and answers, and hands the whole story to a person.\n",
            ("Everything below is real: a server, two calls in real time, no cloud, no network.", DIM),
        )
        self.console.print(Panel(text, border_style="cyan", padding=(0, 2)))
        self.console.print(Text.assemble(("  data    ", DIM), str(self.data)))

    async def _call(self, server: LocalServer, desk: DeskClient, script: Script) -> CallReport:
        scenario = script.scenario
        self.console.print()
        self.console.print(
            Rule(
                Text.assemble((LANGUAGE_NAMES[scenario.lang], "bold"), f" · {scenario.caller} rings"),
                style="cyan",
            )
        )
        self.console.print(Text(scenario.summary, style=DIM))
        self.console.print()
        with ConversationView(self.console) as view:
            call = ProviderCall(server.url + WEBHOOK, script, CallOptions())

            async def study(ticket_id: str) -> None:
                answer = await desk.ticket(ticket_id)
                view.show(handoff_panel(answer["ticket"], answer["packet"]))
                view.status(f"{AGENT} reads the packet; the caller hears music")

            plan = AgentPlan(scenario.agent.accepts_after_ms, lambda: call.caller.notice(ACCEPTED), study)
            async with Follower(desk, call.identity.call_sid, plan, view.event) as follower:
                report = await call.run()
                await _last_events(follower)
                report.error = report.error or follower.problem
            await ask_desk(desk, report)
            report.checks = judge(scenario.expect, report)
            await self._complete(desk, report, view)
            show_report(view, report, checks=False)
        return report

    async def _complete(self, desk: DeskClient, report: CallReport, view: ConversationView) -> None:
        """The agent closes the ticket, and the files of the call are shown."""
        if report.ticket is not None and report.ticket.get("state") == "accepted":
            try:
                await desk.complete(report.ticket["id"], "resolved", "Demo call.")
                view.line(report.log.ms, "ticket", DESK, f"completed by {AGENT}", "resolved")
            except DeskError as error:
                report.error = report.error or str(error)
        self.console.print()
        lines, missing = file_lines(self.data / "calls" / report.call_id)
        for line in lines:
            self.console.print(line, soft_wrap=True)
        report.log.failures += missing

    def _farewell(self, reports: list[CallReport], good: bool, seconds: float) -> None:
        responses = summary([x for r in reports for x in r.responses])
        barge_ins = summary([x for r in reports for x in r.barge_ins])
        lines = [f"{sum(r.ok for r in reports)} of {len(reports)} calls as expected, in {seconds:.0f} s"]
        if responses is not None:
            lines.append(
                f"answered {responses['count']} turns in {responses['median']:.0f} ms (median), "
                f"{responses['max']:.0f} ms at most, after the end silence"
            )
        if barge_ins is not None:
            lines.append(f"fell silent {barge_ins['max']:.0f} ms after the caller interrupted")
        lines.append(f"all of it is kept in {self.data}")
        self.console.print()
        style = "green" if good else "red"
        title = "[bold]The line works[/]" if good else "[bold]Not as it should be[/]"
        self.console.print(Panel("\n".join(lines), title=title, border_style=style, padding=(0, 2)))


async def _last_events(follower: Follower) -> None:
    """The log's end may come a moment after the line went dead."""
    try:
        await asyncio.wait_for(follower.ended.wait(), 3)
    except TimeoutError:
        pass
