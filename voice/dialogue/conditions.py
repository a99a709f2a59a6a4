"""The conditions of a ``branch`` step, written as short sentences.

::

    balance > 0                    a number compared with a number
    state is delivered             a slot or variable compared with a word
    customer is known              it has a value (``is unknown``: it has none)
    office is open                 opening hours (``is closed``)
    a > 0 and b is yes             all must hold
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

_CLAUSE = re.compile(r"([a-z][a-z0-9_]*)\s*(is not|is|>=|<=|>|<|=)\s*(\S.*)")
_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
}


@dataclass(frozen=True, slots=True)
class Clause:
    name: str
    operator: str  # is, is not, >, <, >=, <=
    value: str

    @property
    def about_hours(self) -> bool:
        return self.value in ("open", "closed")


@dataclass(frozen=True, slots=True)
class Condition:
    clauses: tuple[Clause, ...]

    def holds(self, values: Mapping[str, Any], is_open: Callable[[str], bool]) -> bool:
        """A comparison with a missing or unsuitable value does not hold."""
        return all(_holds(clause, values, is_open) for clause in self.clauses)


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _same(a: Any, b: str) -> bool:
    if isinstance(a, bool):
        return a == (b in ("yes", "true"))
    x, y = _number(a), _number(b)
    return x == y if x is not None and y is not None else str(a) == b


def _holds(clause: Clause, values: Mapping[str, Any], is_open: Callable[[str], bool]) -> bool:
    if clause.operator in ("is", "is not"):
        if clause.about_hours:
            truth = is_open(clause.name) == (clause.value == "open")
        elif clause.value in ("known", "unknown"):
            truth = (values.get(clause.name) not in (None, "")) == (clause.value == "known")
        else:
            truth = clause.name in values and _same(values[clause.name], clause.value)
        return truth == (clause.operator == "is")
    a, b = _number(values.get(clause.name)), _number(clause.value)
    return a is not None and b is not None and _COMPARE[clause.operator](a, b)


def parse_condition(text: str) -> Condition:
    """Raises ValueError with how to write it."""
    clauses = []
    for piece in re.split(r"\s+and\s+", text.strip()):
        match = _CLAUSE.fullmatch(piece.strip())
        if match is None:
            raise ValueError(
                f"'{piece}' is not a condition: write for example balance > 0, state is delivered, "
                "customer is known or office is open"
            )
        name, operator, value = match[1], "is" if match[2] == "=" else match[2], match[3].strip()
        if operator in _COMPARE and _number(value) is None:
            raise ValueError(f"'{piece}' compares with '{value}', which is not a number")
        clauses.append(Clause(name, operator, value))
    return Condition(tuple(clauses))
