"""Reads a flow file with everything it needs, or says every mistake with file, line and remedy."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from voice.dialogue.actions import Registry, load_registry
from voice.dialogue.assemble import assemble
from voice.dialogue.check import check_flow
from voice.dialogue.flow import Flow
from voice.dialogue.texts import Texts, check_texts
from voice.dialogue.understanding import ExampleUnderstanding, Understanding
from voice.dialogue.yamlfile import Document, parse_yaml
from voice.dialogue.yamlfile import Path as Where
from voice.errors import FlowError, Problem
from voice.knowledge.article import Article
from voice.knowledge.files import load_articles, load_words
from voice.knowledge.index import ArticleIndex
from voice.knowledge.words import Groups

KINDS = "say, ask, menu, call, verify, relay, converse, branch, do, return, handoff or hang_up"
_REMEDIES = {
    "missing": "Add it; docs/flows.md shows where.",
    "extra_forbidden": "Remove it or correct its spelling; docs/flows.md lists what may stand here.",
    "union_tag_invalid": f"A step's type is one of {KINDS}.",
    "union_tag_not_found": f"Give the step a type: {KINDS}.",
    "string_pattern_mismatch": "Names are lower-case letters, digits and _, and begin with a letter; "
    "keys are one digit.",
    "literal_error": "Use one of the words given.",
}
_FORMS = {  # what pydantic calls a type -> what it is in a file, and how it is written
    "string_type": ("must be a text or a name", "Write one; a text goes between quotes."),
    "tuple_type": ("must be a list", "Write it between brackets, [one, two], or a line each after a dash."),
    "dict_type": ("must hold names with values", "Write them as name: value, indented, or between braces."),
    "bool_parsing": ("must be true or false", "Write true or false."),
    "bool_type": ("must be true or false", "Write true or false."),
    "int_parsing": ("must be a whole number", "Write it in figures."),
    "int_type": ("must be a whole number", "Write it in figures."),
    "float_parsing": ("must be a number", "Write it in figures."),
    "float_type": ("must be a number", "Write it in figures."),
}
_WRITTEN = {
    "url": "Write an address that begins with https:// (of a relay step, wss://), without a password in it.",
    "url_env": "Name an environment variable: capital letters, digits and _.",
    "secret_env": "Name an environment variable: capital letters, digits and _.",
    "country": "Write two capital letters, such as MX.",
    "currency": "Write three capital letters, such as EUR.",
    "after": "Write disclosure, or intent and its name.",
}


def find_flow(path_or_name: str | Path, prompts_dir: Path) -> Path:
    """A path as it is, or ``flows/NAME.yaml`` (else ``NAME.yml``) of the prompts folder.

    Raises :class:`FlowError`."""
    path = Path(path_or_name)
    if path.suffix in (".yaml", ".yml") or path.is_file():
        found = path
    else:
        named = [prompts_dir / "flows" / f"{path_or_name}{suffix}" for suffix in (".yaml", ".yml")]
        found = next((file for file in named if file.is_file()), named[0])
    if found.is_file():
        return found
    flows = sorted({p.stem for p in (prompts_dir / "flows").glob("*") if p.suffix in (".yaml", ".yml")})
    remedy = (
        f"Flows here are: {', '.join(flows)}."
        if flows
        else f"There are no flows in {prompts_dir / 'flows'}. Run this where prompts/ is, or say where it is "
        "with --prompts DIR (or CENTRALITA_PROMPTS); docs/flows.md says what it holds."
    )
    raise FlowError([Problem(str(found), 1, "there is no such flow", remedy)])


def _in_words(item: ErrorDetails, where: Where) -> tuple[str, str]:
    kind, name = item["type"], _named(where)
    context: dict[str, Any] = item.get("ctx", {})
    remedy = _REMEDIES.get(kind, "Correct it; docs/flows.md has an example of every kind of step.")
    if kind == "missing":
        return f"'{item['loc'][-1]}' is missing", remedy
    if kind == "extra_forbidden":
        return f"'{item['loc'][-1]}' is not known here", remedy
    if kind == "union_tag_invalid":
        return f"'{context.get('tag')}' is not a kind of step", remedy
    if kind == "union_tag_not_found":
        return f"the step '{name}' has no type", remedy
    if kind == "literal_error":
        return f"'{name}' must be one of {context.get('expected')}", remedy
    if kind == "value_error":
        return f"'{name}': {context.get('error')}", remedy
    if kind in _FORMS:
        form, remedy = _FORMS[kind]
        return f"'{name}' {form}", remedy
    if kind == "string_pattern_mismatch" and name in _WRITTEN:
        return f"'{name}' cannot be used as it is written", _WRITTEN[name]
    return f"'{name}': {item['msg'][:1].lower()}{item['msg'][1:]}", remedy


def _named(where: Where) -> str:
    """What a mistake is in: a key, or the entry of a list, counted as people do."""
    if not where:
        return "the flow"
    if isinstance(where[-1], int):
        lists = next((part for part in reversed(where) if isinstance(part, str)), "the flow")
        return f"{lists}, entry {where[-1] + 1}"
    return where[-1]


def _where(document: Document, loc: tuple[int | str, ...]) -> Where:
    """pydantic's location without the parts that are not in the file (union tags, type names)."""
    path: Where = ()
    for part in loc:
        if document.knows((*path, part)):
            path = (*path, part)
    return path


def _schema_problems(document: Document, error: ValidationError) -> list[Problem]:
    problems: dict[tuple[int, str], Problem] = {}
    for item in error.errors(include_url=False, include_input=False):
        where = _where(document, item["loc"])
        message, remedy = _in_words(item, where)
        problem = document.problem(where, message, remedy)
        problems.setdefault((problem.line, message), problem)
    return list(problems.values())


def read_flow(path: Path) -> tuple[Flow | None, Document, str]:
    """The flow's model (None when it has mistakes of form), its lines and problems, and its version."""
    document = Document(str(path))
    try:
        source = path.read_bytes()
        document = parse_yaml(str(path), source.decode("utf-8-sig"))
    except OSError as error:
        document.problems.append(
            Problem(str(path), 1, f"cannot be read ({error.strerror})", "Check the path.")
        )
        return None, document, ""
    except UnicodeDecodeError:
        document.problems.append(Problem(str(path), 1, "is not UTF-8 text", "Save the file as UTF-8."))
        return None, document, ""
    digest = hashlib.sha256(source)
    files = [path]

    def part(name: str) -> Document:
        found, content = _read_part(path.parent, name)
        digest.update(content)
        files.append(path.parent / name)
        return found

    data = document.data if document.problems else assemble(document, part)
    version = digest.hexdigest()[:12]
    if document.problems:
        return None, document, version
    try:
        flow = Flow.model_validate(data)
    except ValidationError as error:
        document.problems += _schema_problems(document, error)
        return None, document, version
    return flow.stamped(tuple(str(file) for file in dict.fromkeys(files)), version), document, version


def _read_part(folder: Path, name: str) -> tuple[Document, bytes]:
    """The file of a sub-flow, which lies in the flow's own folder or below it."""
    path = folder / name
    document = Document(str(path))
    inside = path.resolve().is_relative_to(folder.resolve()) and path.suffix in (".yaml", ".yml")
    try:
        if not inside:
            raise FileNotFoundError
        source = path.read_bytes()
        return parse_yaml(str(path), source.decode("utf-8-sig")), source
    except (OSError, UnicodeDecodeError, ValueError):
        remedy = f"Name a YAML file in UTF-8 that lies in {folder} or below it."
        document.problems.append(Problem(str(path), 1, "cannot be read", remedy))
        return document, b""


def _version_with(version: str, articles: tuple[Article, ...], words: Mapping[str, Groups]) -> str:
    """The version of a flow that says these articles: another one after any edit of what it may say, or of
    the words by which that is found."""
    return hashlib.sha256(f"{version} {articles!r} {words!r}".encode()).hexdigest()[:12]


def check_articles(articles: tuple[Article, ...], document: Document) -> list[Problem]:
    """Warns of a flow that wants articles where there are none."""
    if articles:
        return []
    remedy = "Write some as knowledge/es/NAME.md and knowledge/en/NAME.md (docs/knowledge.md)."
    return [document.problem(("knowledge",), "there are no articles for this flow", remedy, "warning")]


class Business:
    """A loaded line: what the server, the chat and the checks share between calls. Immutable."""

    def __init__(self, flow: Flow, texts: Texts, registry: Registry) -> None:
        self.flow = flow
        self.texts = texts
        self.registry = registry

    @cached_property
    def understanding(self) -> Understanding:
        """Learned on first use (0.3 s for the telecom line), so that checks need not wait for it."""
        return understanding_of(self.flow)

    def static_texts(self) -> list[tuple[str, str]]:
        """(text, lang) of everything said word for word, to be synthesised ahead of need."""
        texts = [*self.flow.static_texts(), *self.texts.static_texts(self.flow.languages)]
        if (articles := self.flow.articles) is not None:
            texts += [(text, lang) for lang in self.flow.languages for text in articles.answers(lang)]
        return list(dict.fromkeys(texts))


def understanding_of(flow: Flow) -> ExampleUnderstanding:
    return ExampleUnderstanding(flow.examples(), flow.labels())


def check_path(path: Path, prompts_dir: Path) -> tuple[Business | None, list[Problem]]:
    """Everything that is wrong with one flow, its texts and its actions; warnings are included.

    The :class:`Business` is None when there is any error.
    """
    texts, problems = check_texts(prompts_dir)
    registry, action_problems = load_registry(prompts_dir)
    flow, document, _ = read_flow(path)
    problems += action_problems + document.problems
    if flow is not None and flow.knowledge:
        articles, wrong = load_articles(prompts_dir, flow.languages, flow.name)
        words, mistakes = load_words(prompts_dir)
        problems += [*(wrong or check_articles(articles, document)), *mistakes]
        flow.knowing(ArticleIndex(articles, words))
        flow.stamped(flow.files, _version_with(flow.version, articles, words))
    if flow is not None:
        problems += check_flow(flow, document, registry)
    if flow is None or any(problem.severity == "error" for problem in problems):
        return None, problems
    return Business(flow, texts, registry), problems


def load_business(path_or_name: str | Path, prompts_dir: Path) -> Business:
    """Flow, texts, actions and understanding, checked. Raises :class:`FlowError` with every error."""
    business, problems = check_path(find_flow(path_or_name, prompts_dir), prompts_dir)
    if business is None:
        raise FlowError([problem for problem in problems if problem.severity == "error"])
    return business
