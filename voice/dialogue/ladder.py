"""Repair: separate counters for silence and for not understanding, and what is said on each rung.

Rephrase first, then an example and the keys, then a person; never the same words twice in a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from voice.dialogue.flow import Ladder, Listening
from voice.dialogue.texts import Texts

RUNGS = 2  # apologies that are different; a flow may try more often


class Trouble(StrEnum):
    NO_INPUT = "no_input"
    NO_MATCH = "no_match"


@dataclass(slots=True)
class Counter:
    """Failures at one step (or at one confirmation of it) since it last went well."""

    no_input: int = 0
    no_match: int = 0
    repeats: int = 0
    paced: int = 0  # times the caller asked for another pace
    unknown: int = 0  # times the caller did not have what was asked for
    last_retry: int = -1  # index of the rephrasing said last

    def add(self, trouble: Trouble) -> int:
        if trouble is Trouble.NO_INPUT:
            self.no_input += 1
            return self.no_input
        self.no_match += 1
        return self.no_match

    @property
    def attempts(self) -> int:
        return self.no_input + self.no_match

    def exhausted(self, trouble: Trouble, ladder: Ladder) -> bool:
        silent = trouble is Trouble.NO_INPUT
        count, most = (self.no_input, ladder.no_input) if silent else (self.no_match, ladder.no_match)
        return count > most or self.attempts > ladder.total


def next_retry(counter: Counter, size: int, failures: int) -> int:
    """The index of the rephrasing to say after ``failures`` (from 1), never the one said just before."""
    index = min(max(failures, 1), size) - 1
    if index == counter.last_retry and size > 1:
        index = index - 1 if index else 1
    counter.last_retry = index
    return index


def lead(texts: Texts, trouble: Trouble, count: int, lang: str) -> str:
    """The apology of a rung, from 1."""
    key = "not_heard" if trouble is Trouble.NO_INPUT else "not_understood"
    return texts.get(f"{key}_{min(count, RUNGS)}", lang)


def own_rung(step: Listening, trouble: Trouble, count: int, lang: str) -> str | None:
    """What the flow's author wrote for this kind of failure, apology included; not rendered yet."""
    own = step.no_input if trouble is Trouble.NO_INPUT else step.no_match
    return own[min(count, len(own)) - 1][lang] if own else None
