"""Answer calls: the telephony endpoints, the agents' desk, health and metrics.

Prints its addresses, and a one-time address of the agents' desk. Everything a call leaves behind
(recording, packet, events) is kept under DATA/calls/, tickets and events in DATA/centralita.db.

SIGTERM or Ctrl-C drains: no new calls, live ones may finish, then they are ended politely.
A second Ctrl-C stops at once.

Settings come from --config (TOML) and CENTRALITA_* environment variables; see docs/operating.md.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import logging
import signal
import sys
from pathlib import Path

from voice.app import Runtime, Server, build_runtime
from voice.errors import where
from voice.metrics import watch_loop_lag
from voice.settings import Settings, load
from voice.telephony import twilio_http

log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (default 8080; 0: any free one)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="where calls are kept (default ./data)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings in TOML")
    parser.add_argument("--prompts", type=Path, metavar="DIR", help="flows and texts (default ./prompts)")
    parser.add_argument("--flow", help="the flow that callers meet (default telecom)")
    parser.add_argument("--lang", choices=("es", "en"), help="the line's first language (default es)")
    parser.add_argument(
        "--bench",
        nargs="?",
        const="media",
        default="",
        choices=("media", "hearing"),
        help="measure media work: every turn is answered with customParameters.answer_ms (default 1000) of "
        "audio; without recognition (media, the default) or with it (hearing); used by 'voice bench'",
    )
    parser.add_argument("--log-level", default="INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))


def run(args: argparse.Namespace) -> int:
    logging.basicConfig(
        level=args.log_level, stream=sys.stderr, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s"
    )
    overrides: dict[str, object] = {
        "server.host": args.host,
        "server.port": args.port,
        "data": args.data,
        "prompts": args.prompts,
        "call.flow": args.flow,
        "call.lang": args.lang,
    }
    if args.bench:
        overrides |= {"server.max_calls": 100_000, "desk.enabled": False}
    settings = load(args.config, overrides=overrides)
    runner = asyncio.Runner(loop_factory=_loop_factory())
    try:
        with runner:
            return runner.run(_serve(settings, bench=args.bench))
    except asyncio.CancelledError:
        return 130  # told to stop a third time: at once, whatever is unfinished


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    """uvloop where it exists: a third less CPU a call."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.Loop


async def _serve(settings: Settings, *, bench: str) -> int:
    stopping, hurry = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    main = asyncio.current_task()
    assert main is not None

    def stop() -> None:
        if hurry.is_set():
            main.cancel()
        elif stopping.is_set():
            hurry.set()
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C raises KeyboardInterrupt instead
            loop.add_signal_handler(number, stop)
    async with build_runtime(settings, bench=bench) as runtime:
        server = Server(runtime, announce=_say)
        await server.start()
        lag = loop.create_task(watch_loop_lag(runtime.services.metrics))
        edits = _watch_edits(loop, runtime, server, settings)
        # what start-up made lives as long as the process: collecting it would stall the loop 100 ms a time
        gc.collect()
        gc.freeze()
        try:
            _say(f"Listening on {server.address}")
            _explain(settings, server)
            server.announce_desk()
            await stopping.wait()
            _say(f"Draining: {server.line.active} calls on the line (again to stop at once)")
            await server.stop(hurry)
        finally:
            lag.cancel()
            if edits is not None:
                edits.cancel()
    return 0


def _watch_edits(
    loop: asyncio.AbstractEventLoop, runtime: Runtime, server: Server, settings: Settings
) -> asyncio.Task[None] | None:
    """Edited flows go live by themselves, and at once on SIGHUP (where there is such a signal)."""
    reloader = runtime.reloader
    if reloader is None:
        return None
    with contextlib.suppress(NotImplementedError, AttributeError):
        loop.add_signal_handler(signal.SIGHUP, reloader.ask)
    task = loop.create_task(reloader.watch(server.line.use, settings.call.reload_seconds), name="edits")
    task.add_done_callback(_edits_over)
    return task


def _edits_over(task: asyncio.Task[None]) -> None:
    """Calls go on without it; the fault must be told."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("edits are not looked for any more: %s", where(error))


def _say(line: str) -> None:
    print(line, flush=True)


def _explain(settings: Settings, server: Server) -> None:
    base = settings.server.public_url
    _say(f"Health: {server.address}/healthz  {server.address}/readyz  Metrics: {server.address}/metrics")
    _say(f"Calls are kept in {settings.data.resolve() / 'calls'}")
    if base:
        _say(f"Twilio: set your number's 'A call comes in' webhook to {base}{twilio_http.VOICE} (HTTP POST)")
    else:
        _say(
            "Twilio: make this server reachable over https (a proxy or a tunnel), set server.public_url to "
            f"that address, and your number's 'A call comes in' webhook to ADDRESS{twilio_http.VOICE} "
            "(HTTP POST)"
        )
    if not settings.twilio.auth_token.get_secret_value():
        _say(
            "Twilio: no auth token is set, so anyone who reaches this port can call; "
            "set CENTRALITA_TWILIO__AUTH_TOKEN before opening it to the world"
        )
