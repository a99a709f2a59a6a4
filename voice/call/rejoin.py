"""Whether what a caller says now goes on with what was just answered: they had only paused. Pure.

A turn is decided early, so that nobody waits for an answer, and some callers only stopped to think: "my order
is ... not here". When they speak again before much of the answer can have been heard, both parts are
recognised once more as one utterance, by what was asked then. :func:`goes_on` says what that makes of them:
the caller wants something else than was answered (the answer is taken back), the same (the answer goes on),
or the two are two.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from voice.dialogue.completeness import completeness, meaning_of
from voice.model import Completeness, Expect, Transcript

GAP_MS: Final = 1300  # from the last speech of one part to the first of the next
MOST_MS: Final = 10_000  # of both parts together: who talks for longer does not answer a question
BELIEVED: Final = 0.49  # both parts as one utterance: as words that answer a question over a prompt
_WHOLE: Final = (Completeness.COMPLETE, Completeness.COUNTED, Completeness.EXTENSIBLE)


class GoesOn(Enum):
    NOT = "not"  # two turns
    SAME = "same"  # as was answered
    OTHERWISE = "otherwise"  # than was answered


@dataclass(frozen=True, slots=True)
class Answered:
    """What was answered, and to what question."""

    expect: Expect
    said: Transcript


def goes_on(before: Answered, alone: Transcript, joined: Transcript, asked: Expect | None) -> GoesOn:
    """``alone`` is what the caller said after ``before`` by itself, as an answer to ``asked``; ``joined`` is
    both as one answer to the question of ``before``."""
    expect, first = before.expect, before.said
    if not joined.text:
        return GoesOn.NOT
    was_answer, is_answer = _answers(expect, first.text), _answers(expect, joined.text)
    if _same(expect, first.text, joined.text):
        new = _replies(before, alone, joined, asked) and not _same(asked, alone.text, first.text)
        return GoesOn.NOT if new else GoesOn.SAME
    if joined.confidence < BELIEVED:
        return GoesOn.NOT
    if was_answer:
        grew = is_answer and _grew(expect, first, joined)
        return GoesOn.OTHERWISE if grew and not _replies(before, alone, joined, asked) else GoesOn.NOT
    if is_answer:
        return GoesOn.OTHERWISE
    # nothing was understood of the first part: more words may mean something together
    more = len(joined.words) > max(len(first.words), len(alone.words))
    better = not _answers(asked, alone.text) and joined.confidence >= alone.confidence
    return GoesOn.OTHERWISE if more and better else GoesOn.NOT


def _answers(expect: Expect | None, text: str) -> bool:
    if expect is None or completeness(expect, text) not in _WHOLE:
        return False
    return not expect.digits or len(text.split()) <= (expect.longest or len(text))


def _replies(before: Answered, alone: Transcript, joined: Transcript, asked: Expect | None) -> bool:
    """Whether the caller answers what is asked now: another question, or the same one better so."""
    if asked is None or not _answers(asked, alone.text):
        return False
    another = asked.phrases != before.expect.phrases or asked.digits != before.expect.digits
    return alone.confidence >= (BELIEVED if another else joined.confidence)


def _same(expect: Expect | None, one: str, other: str) -> bool:
    meaning = meaning_of(expect, one)
    return one == other or (bool(meaning) and meaning == meaning_of(expect, other))


def _grew(expect: Expect, first: Transcript, joined: Transcript) -> bool:
    """Digits go on from those that were heard; a phrase may have been another one."""
    one, both = first.text.split(), joined.text.split()
    return not expect.digits or both[: len(one)] == one
