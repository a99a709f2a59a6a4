"""Reads YAML that people write so that an error can name its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from voice.errors import ScenarioError

Location = tuple[str | int, ...]
T = TypeVar("T", bound=BaseModel)


def read(path: Path) -> tuple[Any, dict[Location, int]]:
    """The document as plain values, and the line (from 1) at which each of its nodes starts.

    Raises :class:`ScenarioError` when the file cannot be read or is not YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ScenarioError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise ScenarioError(f"{path}: is not UTF-8 text; save it as UTF-8") from error
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        raw = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ScenarioError(f"{path}:{line}: not valid YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise ScenarioError(f"{path}:1: not valid YAML: {error}") from error
    lines: dict[Location, int] = {}
    _collect(node, (), lines)
    return raw, lines


def _collect(node: Any, at: Location, lines: dict[Location, int]) -> None:
    if node is None:
        return
    lines.setdefault(at, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            lines[(*at, str(key.value))] = key.start_mark.line + 1
            _collect(value, (*at, str(key.value)), lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _collect(value, (*at, index), lines)


def line_of(at: Location, lines: dict[Location, int]) -> int:
    """The line of the nearest node that exists on the way to ``at``."""
    while at and at not in lines:
        at = at[:-1]
    return lines.get(at, 1)


def validate(model: type[T], path: Path) -> tuple[T, dict[Location, int]]:
    """``path`` as a ``model``, with the lines of its nodes.

    Raises :class:`ScenarioError` with one line a mistake: ``file:line: what is wrong``.
    """
    raw, lines = read(path)
    if not isinstance(raw, dict):
        raise ScenarioError(f"{path}:1: is {'empty' if raw is None else 'not a list of names and values'}")
    try:
        return model.model_validate(raw), lines
    except ValidationError as error:
        problems: list[tuple[int, str]] = []
        for item in error.errors(include_input=False, include_url=False):
            name = ".".join(map(str, item["loc"])) or "file"
            problems.append(
                (line_of(item["loc"], lines), f"{name}: {item['msg'].removeprefix('Value error, ')}")
            )
        told = (f"{path}:{line}: {text}" for line, text in sorted(problems))
        raise ScenarioError("\n".join(told)) from None
