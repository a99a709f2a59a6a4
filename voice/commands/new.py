"""Start a business from a template: a whole line in Spanish and English, with a sample back office, articles
and texts, that answers at once and is yours to change.

    voice new mybank --template bank
    voice new clinic --template clinic --lang en --dir clinic-prompts

The templates are telecom, bank, clinic, shop and municipality. NAME is the flow's: lower-case letters, digits
and _. Nothing that exists is overwritten; in a folder that has other flows the new one stands beside them.

Exit status: 0 written, 2 wrong use, or something of that name exists.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from voice.dialogue.actions import load_registry
from voice.dialogue.flow_schema import flow_schema
from voice.dialogue.loader import check_path
from voice.errors import ConfigError, FlowError
from voice.model import LANGUAGES

TEMPLATES = ("telecom", "bank", "clinic", "shop", "municipality")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_ACTION = re.compile(r'^@action\("(\w+)"\)', re.MULTILINE)
_SCHEMA = "flow.schema.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the new flow's name")
    parser.add_argument("--template", required=True, choices=TEMPLATES)
    parser.add_argument(
        "--lang",
        default=",".join(LANGUAGES),
        metavar="LANG[,LANG]",
        help="its languages (default: %(default)s)",
    )
    parser.add_argument(
        "--dir",
        type=Path,
        default=Path("prompts"),
        metavar="DIR",
        help="the prompts folder (default: %(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    langs = _languages(arguments.lang)
    if not _NAME.fullmatch(arguments.name):
        raise ConfigError(f"'{arguments.name}' is no name for a flow: use lower-case letters, digits and _")
    written = write_business(arguments.name, arguments.template, langs, arguments.dir)
    flow = arguments.dir / "flows" / f"{arguments.name}.yaml"
    business, problems = check_path(flow, arguments.dir)
    for problem in problems:
        print(problem)
    if business is None:
        raise FlowError([problem for problem in problems if problem.severity == "error"])
    print(f"{arguments.name}: the line of a {arguments.template}, in {' and '.join(langs)}. Written:")
    for path in written:
        print(f"  {path}")
    print(_next_steps(arguments.name, langs[0], arguments.dir))
    return 0


def _languages(text: str) -> tuple[str, ...]:
    langs = tuple(dict.fromkeys(lang.strip() for lang in text.split(",") if lang.strip()))
    unknown = [lang for lang in langs if lang not in LANGUAGES]
    if unknown or not langs:
        raise ConfigError(
            f"--lang {text}: this line speaks {' and '.join(LANGUAGES)}; write for example es,en"
        )
    return langs


def write_business(name: str, template: str, langs: tuple[str, ...], folder: Path) -> list[Path]:
    """Writes a template's files as the business ``name``; returns what was written. Raises
    :class:`ConfigError` before anything is written when something of it is there already."""
    wanted = dict(_files(name, template, langs, folder))
    taken = [path for path in wanted if path.exists() and not _shared(path, folder)]
    yml = folder / "flows" / f"{name}.yml"
    if taken or yml.exists():
        raise ConfigError(
            f"{(taken or [yml])[0]} exists and is not overwritten; choose another name or --dir"
        )
    functions = set(_ACTION.findall(wanted[folder / "actions" / f"{name}.py"]))
    there = functions & set(load_registry(folder)[0].names())
    if there:
        raise ConfigError(
            f"{folder} has actions of the same names already ({', '.join(sorted(there))}): "
            f"choose another folder with --dir"
        )
    written = []
    try:
        for path, text in wanted.items():
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("x", encoding="utf-8", newline="\n") as file:
                    file.write(text)
                written.append(path)
    except OSError as error:
        raise ConfigError(f"{error.filename}: cannot be written ({error.strerror})") from error
    return written


def _shared(path: Path, folder: Path) -> bool:
    """What all flows of a folder have in common stays as it is."""
    return path.parent == folder / "texts" or path == folder / _SCHEMA


def _files(name: str, template: str, langs: tuple[str, ...], folder: Path) -> Iterator[tuple[Path, str]]:
    """Every file of a business with its text; the flow comes last, so that it is whole when it is there."""
    source = files("voice") / "templates"
    for lang in LANGUAGES:
        yield folder / "texts" / f"{lang}.yaml", (source / "texts" / f"{lang}.yaml").read_text("utf-8")
    yield folder / _SCHEMA, json.dumps(flow_schema(), indent=1, ensure_ascii=False) + "\n"
    here = source / template
    yield folder / "actions" / f"{name}.py", (here / "actions.py").read_text("utf-8")
    for lang in langs:
        for article in sorted((here / "knowledge" / lang).iterdir(), key=lambda entry: entry.name):
            if article.name.endswith(".md"):
                text = f"---\nflows: [{name}]\n---\n{article.read_text('utf-8')}"
                stem = f"{name.replace('_', '-')}-{article.name}"
                yield folder / "knowledge" / lang / stem, text
    flow = (here / "flow.yaml").read_text("utf-8")
    yield folder / "flows" / f"{name}.yaml", _adapted(flow, name, langs)


def _adapted(flow: str, name: str, langs: tuple[str, ...]) -> str:
    """The template's flow under its new name, in its languages."""
    text = re.sub(
        r"^# yaml-language-server: .*$", f"# yaml-language-server: $schema=../{_SCHEMA}", flow, flags=re.M
    )
    text = re.sub(r"^name: .*$", f"name: {name}", text, count=1, flags=re.M)
    text = re.sub(r"^languages: .*$", f"languages: [{', '.join(langs)}]", text, count=1, flags=re.M)
    if len(langs) < 2:
        text = re.sub(r"^(#[^\n]*\n)?language_offer:.*\n(?:[ \t]+.*\n)*", "", text, count=1, flags=re.M)
        text = re.sub(r"^language_key:.*\n", "", text, count=1, flags=re.M)
    return text


def _next_steps(name: str, lang: str, folder: Path) -> str:
    place = shlex.quote(str(folder))
    where = "" if folder == Path("prompts") else f" --prompts {place}"
    serve = "voice serve" if folder == Path("prompts") else f"CENTRALITA_PROMPTS={place} voice serve"
    return f"""
Talk to it now, in text:      voice chat --flow {name} --lang {lang}{where}
Change what it says and does: {folder / "flows" / (name + ".yaml")}
Ask your own systems:         {folder / "actions" / (name + ".py")} (customers and orders there are samples)
After every change:           voice check {place}
See it as a picture:          voice graph {name} -o {name}.svg{where}
Answer calls with it:         {serve} --flow {name}"""
