"""Reads a flow file with everything it needs, or says every mistake with file, line and remedy."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from pydantic import ValidationError

from voice.dialogue.actions import Registry, load_registry
from voice.dialogue.assemble import assemble
from voice.dialogue.check import check_flow, check_rest
from voice.dialogue.flow import Flow
from voice.dialogue.form_mistakes import form_problems, mended
from voice.dialogue.texts import Texts, check_texts
from voice.dialogue.understanding import ExampleUnderstanding, Understanding
from voice.dialogue.yamlfile import Document, parse_yaml
from voice.errors import FlowError, Problem
from voice.knowledge.article import Article
from voice.knowledge.files import load_articles, load_words
from voice.knowledge.index import ArticleIndex
from voice.knowledge.words import Groups


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
        document.problems += form_problems(document, error)
        document.rest = mended(document, data)
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
    elif document.rest is not None:
        problems += check_rest(document.rest, document, registry)
    if flow is None or any(problem.severity == "error" for problem in problems):
        return None, problems
    return Business(flow, texts, registry), problems


def load_business(path_or_name: str | Path, prompts_dir: Path) -> Business:
    """Flow, texts, actions and understanding, checked. Raises :class:`FlowError` with every error."""
    business, problems = check_path(find_flow(path_or_name, prompts_dir), prompts_dir)
    if business is None:
        raise FlowError([problem for problem in problems if problem.severity == "error"])
    return business
