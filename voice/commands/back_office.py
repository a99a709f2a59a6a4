"""A sample back office: answers a flow's webhooks with the functions of prompts/actions.py.

    export BACK_OFFICE_SECRET=$(python3 -c 'import secrets; print(secrets.token_hex(16))')
    voice back-office --port 8090
    BACK_OFFICE_URL=http://127.0.0.1:8090 voice serve

It verifies the signature of every request and does the same request only once. Use it to try a flow's
webhooks without a system of your own, and as a pattern for one (voice/webhooks/back_office.py).
"""

from __future__ import annotations

import argparse
import asyncio
import os
from pathlib import Path

from aiohttp import web

from voice import settings
from voice.dialogue.actions import load_registry
from voice.errors import ConfigError, FlowError
from voice.webhooks import signing
from voice.webhooks.back_office import SECRET_ENV as SECRET
from voice.webhooks.back_office import BackOffice


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8090, help="0: any free one (default: 8090)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--prompts", type=Path, metavar="DIR", help="prompts folder (default: settings)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file (TOML)")
    parser.add_argument(
        "--unsigned", action="store_true", help=f"take requests that are not signed ({SECRET} is not needed)"
    )


def run(args: argparse.Namespace) -> int:
    prompts = settings.load(args.config, overrides={"prompts": args.prompts}).prompts
    secret = "" if args.unsigned else os.environ.get(SECRET, "")
    if not secret and not args.unsigned:
        raise ConfigError(
            f"set {SECRET} to the secret that the flow's secret_env has too, or take unsigned requests with "
            "--unsigned"
        )
    try:
        signing.key_of(secret)
    except ValueError as error:
        raise ConfigError(f"{SECRET}: {error}") from None
    registry, problems = load_registry(prompts)
    if problems:
        raise FlowError(problems)
    if not registry.names():
        raise ConfigError(f"{prompts / 'actions.py'} has no actions; name another folder with --prompts")
    office = BackOffice(
        registry, prompts, secret, told=lambda action, how: print(f"{action}: {how}", flush=True)
    )
    try:
        asyncio.run(_serve(office, args.host, args.port, registry.names()))
    except KeyboardInterrupt:
        return 130
    return 0


async def _serve(office: BackOffice, host: str, port: int, names: tuple[str, ...]) -> None:
    runner = web.AppRunner(office.app(), access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except (OSError, OverflowError) as error:
            raise ConfigError(f"cannot listen on {host}:{port} ({error}); choose another --port") from error
        bound = runner.addresses[0][1]
        for name in names:
            print(f"Answering http://{host}:{bound}/actions/{name}", flush=True)
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
