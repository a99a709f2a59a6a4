"""Mistakes in the form of a flow file: what they are in words, and the flow without the parts that have them,
so that mistakes of meaning elsewhere can be told at the same time."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from voice.dialogue.flow import Flow
from voice.dialogue.flow_schema import flow_schema
from voice.dialogue.yamlfile import Document, perhaps
from voice.dialogue.yamlfile import Path as Where
from voice.errors import Problem

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
_NAMED = frozenset(  # hold names, and no text in several languages
    {"steps", "intents", "options", "on", "save", "with", "hours", "flows", "slots", "actions"}
)
_WRITTEN = {
    "url": "Write an address that begins with https:// (of a relay step, wss://), without a password in it.",
    "url_env": "Name an environment variable: capital letters, digits and _.",
    "secret_env": "Name an environment variable: capital letters, digits and _.",
    "country": "Write two capital letters, such as MX.",
    "currency": "Write three capital letters, such as EUR.",
    "after": "Write disclosure, or intent and its name.",
    "play_from": "Write how addresses begin, at least to the / behind the host: "
    "https://media.example.net/sounds/",
}
_MOST_ROUNDS = 12  # of taking parts out; each may show that what holds them lacks something now


@cache
def _keys() -> tuple[str, ...]:
    """Everything that may stand before a colon somewhere in a flow."""
    schema = flow_schema()
    parts = [schema, *schema["$defs"].values()]
    return tuple(dict.fromkeys(name for part in parts for name in part.get("properties", {})))


def _in_words(item: ErrorDetails, where: Where) -> tuple[str, str]:
    kind, name = item["type"], _named(where)
    context: dict[str, Any] = item.get("ctx", {})
    remedy = _REMEDIES.get(kind, "Correct it; docs/flows.md has an example of every kind of step.")
    if kind == "missing":
        return f"'{item['loc'][-1]}' is missing", remedy
    if kind == "extra_forbidden":
        return f"'{item['loc'][-1]}' is not known here", remedy + perhaps(item["loc"][-1], _keys())
    if kind == "union_tag_invalid":
        tag, kinds = context.get("tag", ""), KINDS.replace(" or ", ", ").split(", ")
        return f"'{tag}' is not a kind of step", remedy + perhaps(tag, kinds)
    if kind == "union_tag_not_found":
        return f"the step '{name}' has no type", remedy
    if kind == "literal_error":
        expected = str(context.get("expected"))
        remedy += perhaps(item["input"], expected.replace("'", "").replace(" or ", ", ").split(", "))
        return f"'{name}' must be one of {expected}", remedy
    if kind == "value_error":
        return f"'{name}': {context.get('error')}", remedy
    if kind == "dict_type" and isinstance(item["input"], str) and name not in _NAMED:
        return f"'{name}' must be written in each language", 'Write {es: "...", en: "..."}.'
    if kind in _FORMS:
        form, remedy = _FORMS[kind]
        return f"'{name}' {form}", remedy
    if kind == "string_pattern_mismatch" and name in ("key", "language_key"):
        return f"'{name}' must be one digit", "Write the digit from 1 to 9; 0 is a person."
    if kind == "string_pattern_mismatch" and (key := name.partition(",")[0]) in _WRITTEN:
        return f"'{name}' cannot be used as it is written", _WRITTEN[key]
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


def form_problems(document: Document, error: ValidationError) -> list[Problem]:
    """Every mistake of form, with its line and what to do."""
    problems: dict[tuple[int, str], Problem] = {}
    for item in error.errors(include_url=False):
        where = _where(document, item["loc"])
        message, remedy = _in_words(item, where)
        problem = document.problem(where, message, remedy)
        problems.setdefault((problem.line, message), problem)
    return list(problems.values())


# --- the rest of the file -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mended:
    """A flow without the parts that have mistakes of form, the names that were lost with them, and those
    that its steps may have filled."""

    flow: Flow
    lost: frozenset[str]
    names: frozenset[str]


def mended(document: Document, data: Any) -> Mended | None:
    """What is left of a flow file when the parts with mistakes are left out; a step that cannot be read
    stands as one that hands over. None when too little is left."""
    left, lost = deepcopy(data), set[str]()
    for _ in range(_MOST_ROUNDS):
        try:
            return Mended(Flow.model_validate(left), frozenset(lost), frozenset(_filled(data)))
        except ValidationError as error:
            places = {_where(document, item["loc"]) for item in error.errors(include_url=False)}
            for place in sorted(places, key=_in_reverse):
                if not _take_out(left, place, lost):
                    return None
    return None


def _in_reverse(place: Where) -> tuple[tuple[int, str], ...]:
    """Later entries of a list first, so that the earlier ones keep their places."""
    return tuple((-part, "") if isinstance(part, int) else (0, part) for part in place)


def _take_out(data: Any, place: Where, lost: set[str]) -> bool:
    """Removes what stands at ``place``; false where that is the flow itself."""
    if not place or place in (("steps",), ("languages",)):
        return False
    lost.update(part for part in place[1:] if isinstance(part, str))
    holder = data
    for part in place[:-1]:
        try:
            holder = holder[part]
        except (KeyError, IndexError, TypeError):
            return True  # it went with another mistake
    if len(place) == 2 and place[0] == "steps":
        holder[place[1]] = {"type": "handoff"}
    elif isinstance(holder, dict):
        holder.pop(place[-1], None)
    elif isinstance(holder, list) and isinstance(place[-1], int) and place[-1] < len(holder):
        del holder[place[-1]]
    return True


def _filled(data: Any) -> Iterable[str]:
    """Names that anything in the file fills with a value."""
    if isinstance(data, list):
        for item in data:
            yield from _filled(item)
    elif isinstance(data, dict):
        for key, item in data.items():
            if key == "slot" and isinstance(item, str):
                yield item
            elif key == "save" and isinstance(item, dict | list):
                yield from map(str, item)
            else:
                yield from _filled(item)
