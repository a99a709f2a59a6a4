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
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voice.dialogue.check import uses
from voice.dialogue.flow import Flow
from voice.dialogue.flow_schema import flow_schema
from voice.dialogue.loader import Business, check_path, read_flow
from voice.dialogue.yamlfile import Path as Where
from voice.errors import ConfigError, Problem
from voice.languages import normalise
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
        phrases = flow.phrases(lang)
        unheard = unsayable({word for phrase in phrases for word in phrase.split()}, lang, entries)
        if not unheard:
            continue
        written = _written(flow, lang)
        for word in unheard:
            within = [one for one in written if word in one.said.split()]
            file, line = (
                min(within, key=lambda one: one.said not in phrases).place if within else (flow.file, 1)
            )
            found.append(
                Problem(
                    file,
                    line,
                    f"'{word}' cannot be heard in '{lang}': nothing says how it is pronounced",
                    f"Its phrase is not listened for. Write it as it is spoken, or add it to {path}.",
                    "warning",
                )
            )
    return found


@dataclass(frozen=True, slots=True)
class _Written:
    """A text of a flow file in spoken form, and the file and line where it stands."""

    said: str
    place: tuple[str, int]


def _written(flow: Flow, lang: str) -> list[_Written]:
    """Every text in ``lang``."""
    document = read_flow(Path(flow.file))[1]

    def texts(value: Any, path: Where) -> Iterator[tuple[Where, str]]:
        if isinstance(value, str) and lang in path:
            yield path, value
        elif isinstance(value, dict):
            for name, item in value.items():
                yield from texts(item, (*path, name))
        elif isinstance(value, tuple | list):
            for index, item in enumerate(value):
                yield from texts(item, (*path, index))

    found = texts(flow.model_dump(by_alias=True), ())
    return [_Written(normalise(text), document.place(path)[:2]) for path, text in found]


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
