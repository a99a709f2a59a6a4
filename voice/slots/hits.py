"""What finders of single kinds share: a value with its place, and the words around it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from voice.languages import Language
from voice.slots.reading import Parsed, Wanted

TAKEN = "\0"  # stands for a word that belongs to a value already
UNSURE = 0.75  # of a value that its sentence does not clearly announce: it is confirmed with a question


@dataclass(frozen=True, slots=True)
class Hit:
    """A value and its first token, and the one after its last."""

    parsed: Parsed
    start: int
    end: int


Tokens = Sequence[str]
Finder = Callable[[Tokens, Wanted, Language, date], Hit | None]
"""Of a kind's value for one slot; the date is today."""


def is_called(tokens: Tokens, start: int, called: Sequence[str], reach: int = 5) -> bool:
    """Whether one of the words stands shortly before ``start``, with no other value between."""
    before = list(tokens[max(0, start - reach) : start])
    if TAKEN in before:
        before = before[len(before) - before[::-1].index(TAKEN) :]
    return bool(set(called) & set(before))


def shrunk(tokens: Tokens, start: int, end: int, same: Callable[[Tokens], bool]) -> tuple[int, int]:
    """The shortest run within ``start`` and ``end`` that still reads the same."""
    while end - start > 1 and same(tokens[start + 1 : end]):
        start += 1
    while end - start > 1 and same(tokens[start : end - 1]):
        end -= 1
    return start, end


def windows(tokens: Tokens) -> list[tuple[int, int]]:
    """Runs of words that are still free."""
    edges = [-1, *(i for i, t in enumerate(tokens) if t == TAKEN), len(tokens)]
    return [(a + 1, b) for a, b in pairwise(edges) if b - a > 1]
