"""Ring a server as a telephony provider does, with recorded audio or scenarios.

    voice call http://127.0.0.1:8080/telephony/twilio/voice audio_fixtures/callers/es-balance-voice.yaml
    voice call ws://127.0.0.1:8080/telephony/twilio/stream hello.wav
    voice call --fast audio_fixtures/callers

A caller is an audio file (WAV, FLAC, ...), a scenario (YAML) or a folder of scenarios. An audio file is
played after the first prompt; the caller then listens to the answer and hangs up. With --fast there is no
URL: the line runs in process on a manual clock, far faster than real time.

An http(s) address is rung like Twilio's webhook and its TwiML is followed; a ws(s) address is streamed to
directly. The response time of a turn is from the caller's last speech frame to the first frame with sound
that comes back, less the server's end silence, which it tells in its marks (";wait=MS") or --endpoint-ms
gives. Give the desk's one-time address with --desk to see outcome, ticket and transcript as well.

--json prints one JSON object a call, one a line. Exit status: 0 when all expectations held, else 1.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from rich.console import Console
from rich.text import Text

from voice import settings as settings_module
from voice.errors import ConfigError
from voice.replay.caller import ACCEPTED, Caller
from voice.replay.clips import Script, audio_script, load_script
from voice.replay.desk_client import DeskClient
from voice.replay.follow import AgentPlan, Follower, ask_desk
from voice.replay.judge import judge
from voice.replay.report import CallReport, summary
from voice.replay.scenario import load_all
from voice.replay.twilio_client import CallOptions, ProviderCall
from voice.replay.view import ConversationView, show_report, turn_line

TOKEN_VARIABLE = "CENTRALITA_TWILIO__AUTH_TOKEN"  # noqa: S105 (a name, not a secret)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = "voice call [options] URL CALLER...\n       voice call --fast [options] CALLER..."
    parser.add_argument(
        "targets",
        nargs="+",
        metavar="CALLER",
        help="first the URL (not with --fast), then audio files, scenarios or folders of scenarios",
    )
    parser.add_argument("--fast", action="store_true", help="no URL: ring the line in process, at full speed")
    parser.add_argument("--json", action="store_true", help="print one JSON object a call")
    parser.add_argument("--out", type=Path, metavar="DIR", help="keep what was said and heard there (WAV)")
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="every caller rings N times")
    parser.add_argument("--concurrency", type=int, default=1, metavar="N", help="so many calls at a time")
    parser.add_argument("--lang", choices=("es", "en"), help="begin audio files' calls in this language")
    parser.add_argument("--at", type=int, metavar="MS", help="play audio files at this time of the call")
    parser.add_argument(
        "--auth-token", default="", metavar="TOKEN", help=f"sign requests with it (or {TOKEN_VARIABLE})"
    )
    parser.add_argument(
        "--desk", default="", metavar="ADDRESS", help="the one-time address that the server printed"
    )
    parser.add_argument(
        "--desk-token", default="", metavar="SESSION", help="a desk session that is open already"
    )
    parser.add_argument("--endpoint-ms", type=int, default=500, metavar="MS", help="the server's end silence")
    parser.add_argument(
        "--drop-marks-on-clear", action="store_true", help="be a provider that loses marks on clear"
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="with --fast: the line's settings")
    parser.add_argument(
        "--prompts", type=Path, metavar="DIR", help="with --fast: the flows (default prompts)"
    )
    parser.add_argument("--flow", help="with --fast: the flow that callers meet (default telecom)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="with --fast: keep the line's data there")


def run(args: argparse.Namespace) -> int:
    url = ""
    if not args.fast:
        url, *callers = args.targets
        if not url.startswith(("http://", "https://", "ws://", "wss://")):
            raise ConfigError(f"{url!r} is not a URL; give the server's address first, or use --fast")
        if not callers:
            raise ConfigError("no caller; give audio files or scenarios after the URL")
    else:
        callers = args.targets
    if args.repeat < 1 or args.concurrency < 1:
        raise ConfigError("--repeat and --concurrency must be at least 1")
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
    scripts = load_callers([Path(c) for c in callers], args.lang, args.at)
    console = Console(stderr=args.json)
    with ConversationView(console) as view:
        work = _fast(args, scripts, view) if args.fast else _real(args, url, scripts, view)
        reports = asyncio.run(work)
    if len(reports) > 1:
        _total(console, reports)
    return 0 if all(r.ok for r in reports) else 1


def load_callers(paths: list[Path], lang: str | None, at_ms: int | None) -> list[Script]:
    """Scenarios, folders of them, and audio files. Raises ScenarioError or AudioError."""
    scripts: list[Script] = []
    for path in paths:
        if path.is_dir() or path.suffix in (".yaml", ".yml"):
            scripts += [load_script(source) for source in load_all([path])]
        else:
            scripts.append(audio_script(path.resolve(), lang, at_ms))
    return scripts


def _options(args: argparse.Namespace, label: str) -> CallOptions:
    return CallOptions(
        auth_token=args.auth_token or os.environ.get(TOKEN_VARIABLE, ""),
        out=args.out,
        endpoint_ms=args.endpoint_ms,
        drop_marks_on_clear=args.drop_marks_on_clear,
        label=label,
    )


def _labels(args: argparse.Namespace, scripts: list[Script]) -> list[tuple[Script, str]]:
    """Every call to make, with the name of its recording."""
    return [
        (script, script.scenario.name if args.repeat == 1 else f"{script.scenario.name}-{n + 1}")
        for n in range(args.repeat)
        for script in scripts
    ]


def finish(view: ConversationView, script: Script, report: CallReport, *, as_json: bool) -> None:
    """Judges and shows a call that is over."""
    report.checks = judge(script.scenario.expect, report)
    if as_json:
        print(json.dumps(report.to_json(), ensure_ascii=False), flush=True)
    show_report(view, report)


# --- in process -----------------------------------------------------------------------------------------


async def _fast(args: argparse.Namespace, scripts: list[Script], view: ConversationView) -> list[CallReport]:
    from voice.replay.fast import line  # the whole line: not needed to ring a server

    reports = []
    with tempfile.TemporaryDirectory(prefix="centralita-") as folder:
        settings = settings_module.load(
            args.config,
            overrides={"data": args.data or Path(folder), "prompts": args.prompts, "call.flow": args.flow},
        )
        calls = _labels(args, scripts)
        async with line(settings) as fast_line:
            for script, label in calls:
                show = None if args.json or len(calls) > 1 else view.event
                report = await fast_line.call(script, _options(args, label), show)
                finish(view, script, report, as_json=args.json)
                reports.append(report)
    return reports


# --- over the network -----------------------------------------------------------------------------------


async def _real(
    args: argparse.Namespace, url: str, scripts: list[Script], view: ConversationView
) -> list[CallReport]:
    calls = _labels(args, scripts)
    gate = asyncio.Semaphore(args.concurrency)
    async with AsyncExitStack() as stack:
        desk: DeskClient | None = None
        if args.desk or args.desk_token:
            desk = await DeskClient.enter(args.desk or _http(url), "voice call", session=args.desk_token)
            await stack.enter_async_context(desk)

        async def ring(script: Script, label: str) -> CallReport:
            async with gate:
                live = view if len(calls) == 1 and not args.json else None
                report = await ring_once(url, script, _options(args, label), desk, live)
            finish(view, script, report, as_json=args.json)
            return report

        return list(await asyncio.gather(*(ring(script, label) for script, label in calls)))


def _http(url: str) -> str:
    return url.replace("ws", "http", 1) if url.startswith("ws") else url


async def ring_once(
    url: str,
    script: Script,
    options: CallOptions,
    desk: DeskClient | None = None,
    view: ConversationView | None = None,
) -> CallReport:
    """One call, followed at the desk where there is one, else shown as its turns are answered."""
    call = ProviderCall(url, script, options, None if desk or view is None else TurnsShown(view))
    if desk is None:
        return await call.run()
    plan = AgentPlan(script.scenario.agent.accepts_after_ms, lambda: call.caller.notice(ACCEPTED))
    async with Follower(desk, call.identity.call_sid, plan, view.event if view else None) as follower:
        report = await call.run()
        report.error = report.error or follower.problem
    await ask_desk(desk, report)
    return report


class TurnsShown:
    """Shows each turn once, when it is answered or can no longer be."""

    def __init__(self, view: ConversationView) -> None:
        self._view = view
        self._shown = 0

    def __call__(self, what: str, caller: Caller) -> None:
        turns = caller.log.turns
        while self._shown < len(turns):
            turn = turns[self._shown]
            if what != "ended" and turn is turns[-1] and (turn.answer_ms is None or turn.wait_ms is None):
                return
            turn_line(self._view, turn)
            self._shown += 1


def _total(console: Console, reports: list[CallReport]) -> None:
    good = sum(r.ok for r in reports)
    console.print(
        Text(
            f"{good} of {len(reports)} calls as expected",
            style="bold green" if good == len(reports) else "bold red",
        )
    )
    for name, values in (
        ("response", summary([x for r in reports for x in r.responses])),
        ("barge-in", summary([x for r in reports for x in r.barge_ins])),
    ):
        if values is not None:
            console.print(
                f"{name}: median {values['median']:.0f} ms, p95 {values['p95']:.0f} ms, "
                f"slowest {values['max']:.0f} ms over {values['count']} turns"
            )
