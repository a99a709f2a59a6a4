"""The ``voice`` command: one sub-command per user's job, each in its own module of ``voice.commands``."""

from __future__ import annotations

import argparse
import importlib
import io
import os
import sys
from collections.abc import Sequence

from voice import __version__
from voice.errors import CentralitaError

COMMANDS = {
    "serve": "answer calls: the telephony endpoints, the agent desk, health and metrics",
    "call": "ring a server as a telephony provider does, with recorded audio or a scenario",
    "chat": "talk to a flow in text, line by line or from a pipe",
    "transcribe": "recognise audio files with the configured recognizer",
    "recognizer": "recognise speech for other machines, by the vosk-server protocol",
    "understand": "say how a text is understood: as a slot's value, or as a flow's intents and slots",
    "new": "start a business from a template: telecom, bank, clinic, shop or municipality",
    "check": "check flows and their texts; every error with file, line and remedy",
    "graph": "draw a flow as an SVG picture",
    "knowledge": "ask the knowledge articles, or measure how well they are found",
    "profile": "see, erase or add to what is remembered of callers",
    "back-office": "a sample back office that answers a flow's webhooks",
    "models": "install larger recognition models, choose between them, remove them",
    "doctor": "say what is installed, which engines and keys are in use, and what is missing",
    "demo": "two recorded callers ring, talk and are handed to a person",
    "bench": "measure what one core carries, against a floor in the same run",
}


def build_parser(command: str | None = None) -> argparse.ArgumentParser:
    """The whole parser; only ``command``'s module is imported, so that start-up stays fast."""
    parser = argparse.ArgumentParser(
        prog="voice",
        description="Centralita: an open voice IVR and virtual-agent server.",
        epilog="'voice COMMAND --help' explains each one. Exit status: 0 done, 1 the thing checked or tried "
        "failed, 2 wrong use or set-up.",
    )
    parser.add_argument("--version", action="version", version=f"centralita {__version__}")
    subs = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        if name != command:
            subs.add_parser(name, help=summary, add_help=False)
            continue
        module = importlib.import_module(f"voice.commands.{name.replace('-', '_')}")
        sub = subs.add_parser(
            name,
            help=summary,
            description=module.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(sub)
        sub.set_defaults(run=module.run)
    return parser


def _set_up_streams() -> None:
    """Files and pipes carry UTF-8 whatever the locale says; a terminal that lacks a character shows ``?``."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")


def main(argv: Sequence[str] | None = None) -> int:
    arguments = list(sys.argv[1:] if argv is None else argv)
    command = next((a for a in arguments if a in COMMANDS), None)
    _set_up_streams()
    try:
        parsed = build_parser(command).parse_args(arguments)
        return int(parsed.run(parsed))
    except CentralitaError as error:
        print(f"voice {command}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # the reader went away (head, a closed pager): silence the interpreter's own flush at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
