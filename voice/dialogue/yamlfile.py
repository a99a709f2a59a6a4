"""YAML as people mean it, with the line of every value.

Differences from YAML 1.1 that matter to authors: ``yes``, ``no`` and ``on`` are words, not truth values;
``12:30`` and ``2026-01-01`` are texts; a key written twice is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import yaml

from voice.errors import Problem

Path = tuple[str | int, ...]
_INT = re.compile(r"-?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_MAX_DEPTH = 40
_MOST_CHARACTERS = 4_000_000  # a hundred times the largest flow we know
_MOST_VALUES = 100_000  # with aliases written out: a few lines can mean billions
# libyaml where PyYAML was built with it: sixteen times faster
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def perhaps(word: object, known: Iterable[str]) -> str:
    """What was probably meant, as a sentence that follows a remedy; "" when nothing is like it."""
    found = get_close_matches(str(word), [one for one in known if one != word], 1, 0.6)
    return f" Perhaps you mean {found[0]}." if found else ""


@dataclass(slots=True)
class Document:
    """``data`` is plain Python; ``lines`` maps the path of each key or item to its line, from 1."""

    file: str
    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    origins: dict[Path, tuple[Document, Path]] = field(default_factory=dict)
    """Where a path stands that was put together from somewhere else, in this file or another."""
    rest: Any = None
    """Of a file with mistakes of form, what could be read besides (see voice.dialogue.form_mistakes)."""

    def place(self, path: Path) -> tuple[str, int, bool]:
        """File and line of the deepest part of ``path`` that is written somewhere, and whether it is all
        of it."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.origins:
                document, base = self.origins[path[:end]]
                return document.place((*base, *path[end:]))
            if path[:end] in self.lines:
                return self.file, self.lines[path[:end]], end == len(path)
        return self.file, 1, not path

    def line(self, path: Path) -> int:
        """The line of the deepest part of ``path`` that is written."""
        return self.place(path)[1]

    def knows(self, path: Path) -> bool:
        """Whether the whole of ``path`` is written somewhere."""
        return self.place(path)[2]

    def problem(self, path: Path, message: str, remedy: str, severity: str = "error") -> Problem:
        file, line, _ = self.place(path)
        return Problem(file, line, message, remedy, severity)


_TWICE = (
    "Keep one of them. If both are needed, the lines above are not indented as they should be: what belongs "
    "to another name stands further in than that name."
)
_UNREADABLE = {  # what libyaml says, and what an author did
    "did not find expected key": (
        "it is not indented like its neighbours",
        "Begin it under their first letter",
    ),
    "did not find expected '-' indicator": (
        "it is not indented like the list around it",
        "Begin it under the other dashes",
    ),
    "mapping values are not allowed": (
        "there is a colon too many, or the line stands too far in",
        "Put a text with a colon between quotes, or begin the line under its neighbours",
    ),
    "could not find expected ':'": ("a colon is missing in this line or the one above", "Write name: value"),
    "did not find expected ',' or": (
        "a quote, comma or bracket is missing",
        "See that every quote, { and [ of the line is closed, and commas stand between",
    ),
    "unexpected end of stream": ("a quote is not closed", "Close it where its text ends"),
    "found unknown escape": ("a backslash stands in a text", "Leave it out, or use single quotes"),
    "alias": ("a text begins with *", "Put it between quotes"),
    "anchor": ("a text begins with &", "Put it between quotes"),
}


def _in_words(what: str, line: str) -> tuple[str, str]:
    """The parser's complaint about ``line`` and what to do, for people."""
    if "cannot start any token" in what and "\t" in line:
        return "there is a tab where spaces belong", "Indent with spaces"
    if "cannot start any token" in what:
        return "a text begins with a sign that YAML keeps for itself", "Put it between quotes"
    for part, words in _UNREADABLE.items():
        if part in what:
            return words
    return what, "Look at this line and the one above: indentation, a missing colon or quotes"


def _scalar(node: yaml.ScalarNode) -> Any:
    text = str(node.value)
    if node.style:  # quoted or a block: always text
        return text
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if _INT.fullmatch(text):
        return int(text) if len(text) < 16 else text
    return float(text) if _FLOAT.fullmatch(text) else text


class _Reader:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._too_many = False

    def _error(self, node: yaml.Node, message: str, remedy: str) -> None:
        line = node.start_mark.line + 1
        self._document.problems.append(Problem(self._document.file, line, message, remedy))

    def read(self, node: yaml.Node, path: Path) -> Any:
        if len(path) > _MAX_DEPTH:
            self._error(node, "too many levels", "Write it flatter; an alias (*) must not contain itself.")
            return None
        if len(self._document.lines) > _MOST_VALUES:
            if not self._too_many:
                self._too_many = True
                self._error(node, "too many values", "Write less, or fewer aliases (*) of aliases.")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            items = []
            for index, item in enumerate(node.value):
                self._document.lines[(*path, index)] = item.start_mark.line + 1
                items.append(self.read(item, (*path, index)))
            return items
        assert isinstance(node, yaml.ScalarNode)
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        twice = False
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._error(
                    key_node, "a name cannot be a list or a map", "Write a plain word before the colon."
                )
                continue
            key = str(key_node.value)
            here = (*path, key)
            if key in data:
                first = self._document.lines[here]
                if not twice:  # what follows it mostly belongs to the same mistake
                    self._error(key_node, f"'{key}' is written twice (first in line {first})", _TWICE)
                twice = True
                continue
            self._document.lines[here] = key_node.start_mark.line + 1
            data[key] = self.read(value_node, here)
        return data


def _too_deep(source: str) -> int | None:
    """The line where levels exceed :data:`_MAX_DEPTH`. Composing recurses, in C: 200 000 levels end the
    process, where the parser's events alone do not."""
    depth = 0
    for event in yaml.parse(source, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _MAX_DEPTH:
                return event.start_mark.line + 1 if event.start_mark else 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return None


def parse_yaml(file: str, source: str) -> Document:
    """Never raises for bad content: what is wrong is in ``problems`` and ``data`` may be None."""
    document = Document(file)
    if len(source) > _MOST_CHARACTERS:
        message = f"the file has more than {_MOST_CHARACTERS} characters"
        document.problems.append(Problem(file, 1, message, "Write less, or several flows."))
        return document
    try:
        if (line := _too_deep(source)) is not None:
            document.problems.append(Problem(file, line, "too many levels", "Write it flatter."))
            return document
        node = yaml.compose(source, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        lines = source.splitlines()
        what, remedy = _in_words(error.problem or "", lines[line - 1] if line <= len(lines) else "")
        document.problems.append(Problem(file, line, f"cannot be read: {what}", f"{remedy}."))
        return document
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        message = f"cannot be read: {str(error).splitlines()[0]}"
        document.problems.append(Problem(file, 1, message, "Save the file as UTF-8 text."))
        return document
    if node is None:
        document.problems.append(Problem(file, 1, "the file is empty", "Write a flow; see docs/flows.md."))
        return document
    document.data = _Reader(document).read(node, ())
    return document
