"""Checks flows, the line's own texts and the actions they call.

Every mistake is printed as FILE:LINE with what to do about it. PATH is a folder that holds flows/, texts/
and actions.py (such as prompts/), or one flow file inside such a folder. Pronunciations in lexicon.es.txt and
lexicon.en.txt beside a flow are read too, and words that cannot be pronounced are told.

    voice check prompts/
    voice check prompts/flows/telecom.yaml
    voice check --schema > flow.schema.json     # for editors; docs/flows.md says how they use it

Exit status: 0 no errors (there may be warnings), 1 errors, 2 wrong use.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from voice.dialogue.check import uses
from voice.dialogue.flow_schema import flow_schema
from voice.dialogue.loader import Business, check_path
from voice.errors import ConfigError, Problem
from voice.speech.user_lexicon import lexicon_file, read_user_lexicon, unsayable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", type=Path, default=[Path("prompts")])
    parser.add_argument("--strict", action="store_true", help="warnings count as errors")
    parser.add_argument("--schema", action="store_true", help="print the JSON Schema of flow files, and end")
    parser.add_argument("--quiet", action="store_true", help="print problems only, no summary")


def prompts_dir_of(flow: Path) -> Path:
    """The folder that a flow file belongs to: the nearest one above it that holds texts/."""
    for folder in flow.resolve().parents:
        if (folder / "texts").is_dir():
            return folder
    raise ConfigError(f"{flow}: no folder above it holds texts/; keep flows in PROMPTS/flows/")


def flows_in(path: Path) -> list[Path]:
    if not path.exists():
        raise ConfigError(f"{path}: there is no such file; name the folder that holds flows/ and texts/")
    if path.is_file():
        return [path]
    found = sorted([*path.glob("flows/*.yaml"), *path.glob("flows/*.yml")])
    if not found and path.name == "flows":
        found = sorted([*path.glob("*.yaml"), *path.glob("*.yml")])
    if not found:
        raise ConfigError(f"{path}: there are no flows; write one as {path}/flows/NAME.yaml")
    return found


def _summary(business: Business) -> str:
    flow = business.flow
    steps = ", ".join(f"{count} {kind}" for kind, count in sorted(uses(flow).items()))
    return (
        f"{flow.file}: {flow.name} {flow.version}, languages {', '.join(flow.languages)}; "
        f"{len(flow.steps)} steps ({steps}); {len(flow.intents)} intents, {len(flow.slots)} slots"
    )


def _words(business: Business) -> list[Problem]:
    """What is wrong with the flow's own pronunciations, and the words that nothing says how to pronounce."""
    flow, found = business.flow, []
    for lang in flow.languages:
        path = lexicon_file(flow.file, lang)
        entries, problems = read_user_lexicon(path, lang)
        found += problems
        words = {word for phrase in flow.phrases(lang) for word in phrase.split()}
        found += [
            Problem(
                flow.file,
                1,
                f"'{word}' cannot be heard in '{lang}': nothing says how it is pronounced",
                f"Write it as it is spoken, or add it to {path}.",
                "warning",
            )
            for word in unsayable(words, lang, entries)
        ]
    return found


def run(arguments: argparse.Namespace) -> int:
    if arguments.schema:
        print(json.dumps(flow_schema(), indent=1, ensure_ascii=False))
        return 0
    problems: dict[Problem, None] = {}
    summaries = []
    for flow in [flow for path in arguments.paths for flow in flows_in(path)]:
        business, found = check_path(flow, prompts_dir_of(flow))
        problems |= dict.fromkeys(found)  # texts and actions are shared: their problems are told once
        if business is not None:
            problems |= dict.fromkeys(_words(business))
            summaries.append(_summary(business))
    for problem in problems:
        print(problem)
    if not arguments.quiet:
        for line in summaries:
            print(line)
        errors = sum(problem.severity == "error" for problem in problems)
        print(f"{errors} errors, {len(problems) - errors} warnings")
    failing = {"error", "warning"} if arguments.strict else {"error"}
    return int(any(problem.severity in failing for problem in problems))
