"""The conditions of branches and campaigns, written as short sentences.

::

    balance > 0                        a number, a date or a time of day, compared
    due <= {today}                     the same with another value of the call
    state is delivered                 a slot or variable compared with a word (``is not``)
    state in (shipped, delivered)      one of several (``not in``)
    customer is known                  it has a value (``is unknown``: it has none)
    office is open                     opening hours (``is closed``)
    profile.vip is yes and not (balance > 100 or state is late)

``not`` binds tightest, then ``and``, then ``or``; parentheses group. A word that reads like an operator
stands between double quotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

_NAME = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*")
_TOKEN = re.compile(r'\s*("[^"]*"|\{[^{}]*\}|>=|<=|[()<>=,]|[^\s()<>=,"{}]+)')
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}|\d{2}:\d{2}")
_MOST_DEPTH = 20
_WORDS = frozenset({"and", "or", "not", "in", "is"})
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">": lambda a, b: bool(a > b),
    "<": lambda a, b: bool(a < b),
    ">=": lambda a, b: bool(a >= b),
    "<=": lambda a, b: bool(a <= b),
}
_EXAMPLES = "write for example balance > 0, state is delivered, customer is known or office is open"

Rename = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison. A value written ``{name}`` stands for what that name holds."""

    name: str
    operator: str  # is, is not, in, not in, >, <, >=, <=
    values: tuple[str, ...]

    @property
    def value(self) -> str:
        return self.values[0]

    @property
    def about_hours(self) -> bool:
        return self.operator in ("is", "is not") and self.value in ("open", "closed")

    @property
    def names(self) -> tuple[str, ...]:
        """Every name of a value that the clause looks at (not of opening hours)."""
        own = () if self.about_hours else (self.name,)
        return (*own, *(value[1:-1].strip() for value in self.values if _is_name(value)))

    def text(self) -> str:
        written = [f'"{v}"' if _must_be_quoted(v) else v for v in self.values]
        listed = f"({', '.join(written)})" if self.operator in ("in", "not in") else written[0]
        return f"{self.name} {self.operator} {listed}"

    def renamed(self, rename: Rename) -> Clause:
        values = tuple(f"{{{rename(v[1:-1].strip())}}}" if _is_name(v) else v for v in self.values)
        return replace(self, name=self.name if self.about_hours else rename(self.name), values=values)

    def holds(self, values: Mapping[str, Any], is_open: Callable[[str], bool]) -> bool:
        known = [values.get(v[1:-1].strip()) if _is_name(v) else v for v in self.values]
        if self.operator in _COMPARE:
            a, b = _comparable(values.get(self.name), known[0])
            return a is not None and b is not None and _COMPARE[self.operator](a, b)
        if self.about_hours:
            truth = is_open(self.name) == (self.value == "open")
        elif self.value in ("known", "unknown"):
            truth = (values.get(self.name) not in (None, "")) == (self.value == "known")
        else:
            own = values.get(self.name)
            truth = self.name in values and any(_same(own, other) for other in known if other is not None)
        return truth == (self.operator in ("is", "in"))


@dataclass(frozen=True, slots=True)
class Group:
    """``how`` is and, or, not (of its one part)."""

    how: str
    parts: tuple[Group | Clause, ...]

    def holds(self, values: Mapping[str, Any], is_open: Callable[[str], bool]) -> bool:
        found = (part.holds(values, is_open) for part in self.parts)
        if self.how == "not":
            return not next(found)
        return any(found) if self.how == "or" else all(found)

    def text(self) -> str:
        if self.how == "not":
            return f"not ({self.parts[0].text()})"
        return f" {self.how} ".join(f"({p.text()})" if isinstance(p, Group) else p.text() for p in self.parts)

    def renamed(self, rename: Rename) -> Group:
        return replace(self, parts=tuple(part.renamed(rename) for part in self.parts))

    def clauses(self) -> Iterator[Clause]:
        for part in self.parts:
            if isinstance(part, Clause):
                yield part
            else:
                yield from part.clauses()


@dataclass(frozen=True, slots=True)
class Condition:
    root: Group

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """Every comparison in it, in the order in which they are written."""
        return tuple(self.root.clauses())

    def holds(self, values: Mapping[str, Any], is_open: Callable[[str], bool]) -> bool:
        """A comparison with a missing or unsuitable value does not hold."""
        return self.root.holds(values, is_open)

    def renamed(self, rename: Rename) -> Condition:
        """The same about other names."""
        return Condition(self.root.renamed(rename))

    def text(self) -> str:
        """As it could have been written."""
        return self.root.text()


def _is_name(value: str) -> bool:
    """Whether a value is another variable's, "{limit}", and no text that begins so."""
    return re.fullmatch(r"\{[^{}\"]*\}", value) is not None


def _must_be_quoted(value: str) -> bool:
    return not _is_name(value) and (
        not value or not _WORDS.isdisjoint(value.split()) or _TOKEN.sub("", value) != ""
        or any(sign in value for sign in "()<>=,")
    )  # fmt: skip


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _comparable(a: Any, b: Any) -> tuple[Any, Any]:
    """Two numbers, or two dates, or two times of day; (None, None) when they are not."""
    x, y = _number(a), _number(b)
    if x is not None and y is not None:
        return x, y
    first, second = str(a), str(b)
    alike = _MOMENT.fullmatch(first) and _MOMENT.fullmatch(second) and len(first) == len(second)
    return (first, second) if alike else (None, None)


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, bool):
        return a == (b in (True, "yes", "true"))
    x, y = _number(a), _number(b)
    return x == y if x is not None and y is not None else str(a) == str(b)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text.strip()
        self.tokens = _tokens(self.text)
        self.at = 0
        self.depth = 0

    def wrong(self, why: str = "") -> ValueError:
        return ValueError(f"'{self.text}' is not a condition{': ' + why if why else ''}: {_EXAMPLES}")

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def whole(self) -> Group:
        found = self.any_of()
        if self.peek():
            raise self.wrong(f"'{self.peek()}' stands where it cannot")
        return found if isinstance(found, Group) else Group("and", (found,))

    def any_of(self) -> Group | Clause:
        parts = [self.all_of()]
        while self.peek() == "or":
            self.take()
            parts.append(self.all_of())
        return parts[0] if len(parts) == 1 else Group("or", tuple(parts))

    def all_of(self) -> Group | Clause:
        parts = [self.one()]
        while self.peek() == "and":
            self.take()
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else Group("and", tuple(parts))

    def one(self) -> Group | Clause:
        self.depth += 1
        if self.depth > _MOST_DEPTH:
            raise self.wrong("too many parentheses")
        try:
            if self.peek() == "not":
                self.take()
                return Group("not", (self.one(),))
            if self.peek() == "(":
                self.take()
                inner = self.any_of()
                if self.take() != ")":
                    raise self.wrong("a parenthesis is not closed")
                return inner
            return self.clause()
        finally:
            self.depth -= 1

    def clause(self) -> Clause:
        name = self.take()
        if not _NAME.fullmatch(name) or name in _WORDS:
            raise self.wrong()
        operator = self.operator()
        if operator in ("in", "not in"):
            return Clause(name, operator, self.several())
        value = self.value()
        fixed = operator in _COMPARE and not _is_name(value)
        if fixed and _number(value) is None and not _MOMENT.fullmatch(value):
            raise ValueError(
                f"'{self.text}' compares with '{value}', which is not a number: "
                "write a number, 2026-12-31, 21:00 or the name of a value as {name}"
            )
        return Clause(name, operator, (value,))

    def operator(self) -> str:
        word = self.take()
        if word in _COMPARE or word == "in":
            return word
        if word == "=":
            return "is"
        if word == "not" and self.take() == "in":
            return "not in"
        if word == "is":
            negated = self.peek() == "not"
            if negated:
                self.take()
            kind = "in" if self.peek() == "in" else "is"
            if kind == "in":
                self.take()
            return {("is", True): "is not", ("in", True): "not in"}.get((kind, negated), kind)
        raise self.wrong()

    def value(self) -> str:
        words = []
        while (part := self.peek()) and part not in ("and", "or", ")", "(", ","):
            if part in _COMPARE or part == "=":
                raise self.wrong(f"'{part}' stands where it cannot")
            words.append(self.take().strip('"'))
        if not words:
            raise self.wrong()
        return " ".join(words)

    def several(self) -> tuple[str, ...]:
        closed = self.peek() == "("
        if closed:
            self.take()
        found = [self.value()]
        while self.peek() == ",":
            self.take()
            found.append(self.value())
        if closed and self.take() != ")":
            raise self.wrong("a parenthesis is not closed")
        return tuple(found)


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"'{text}' is not a condition: a quote or a brace is not closed; {_EXAMPLES}")
        found.append(match[1])
        at = match.end()
    return found


def parse_condition(text: str) -> Condition:
    """Raises ValueError with how to write it."""
    return Condition(_Parser(text).whole())
