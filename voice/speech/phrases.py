"""Phrases of a grammar: their spoken form, and which one a recognizer's words were meant to be."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence

from rapidfuzz import fuzz, process

DIGITS = {
    "es": ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"),
    "en": ("zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}
CLOSE = 90.0  # similarity of 100 from which words are taken for a phrase
CLEARLY = 8.0  # how much nearer than the next phrase

UNLIKELY = 0.5  # what a word outside every phrase of a closed list is worth

_NOT_SPOKEN = re.compile(r"[^\w\s'·-]|_")


def spoken(text: str) -> str:
    """A phrase as grammars want it: lower-case, composed accents, no punctuation, single spaces."""
    return " ".join(_NOT_SPOKEN.sub(" ", unicodedata.normalize("NFC", text).lower()).split())


def digit_words(lang: str) -> tuple[str, ...]:
    return DIGITS[lang]


@functools.cache
def all_pairs(words: tuple[str, ...]) -> str:
    """The shortest sentence in which every word follows every word once (an Eulerian walk)."""
    ahead = {word: list(words) for word in words}
    stack, walk = [words[0]], []
    while stack:
        if ahead[stack[-1]]:
            stack.append(ahead[stack[-1]].pop())
        else:
            walk.append(stack.pop())
    return " ".join(reversed(walk))


def closest_phrase(text: str, phrases: Sequence[str]) -> str | None:
    """The phrase that ``text`` is or nearly is; None when none is near or two are about as near.

    A run-time grammar is a bigram with back-off, so a recognizer may drop or repeat a short word of a
    closed phrase. Anything further off is left as heard, for the dialogue to understand.
    """
    if not text or text in phrases:
        return text or None
    found = process.extract(text, phrases, scorer=fuzz.ratio, limit=2)
    if not found or found[0][1] < CLOSE:
        return None
    if len(found) > 1 and found[0][1] - found[1][1] < CLEARLY:
        return None
    return str(found[0][0])


INSERTED = 0.6  # what a word of the phrase that was not heard costs; a heard word costs its confidence
REPAIRABLE = 0.25  # cost a word of the phrase up to which words are taken for it
BY_FAR = 0.08  # how much cheaper than the next phrase


def repaired(heard: Sequence[tuple[str, float]], phrases: Sequence[str]) -> tuple[str, float] | None:
    """The phrase that ``heard`` (words with confidences) becomes by giving up only words that were hardly
    believed, and its confidence; None when there is none, or two would do.

    "please (0.3) por (1.0) favor (1.0)" is "sí por favor" where that is the one phrase that ends so.
    """
    if not heard:
        return None
    near = (phrase for phrase in set(phrases) if _least(heard, phrase.split()) < REPAIRABLE + BY_FAR)
    ranked = sorted((_distance(heard, phrase.split()), phrase) for phrase in near)[:2]
    if not ranked or ranked[0][0] > REPAIRABLE:
        return None
    if len(ranked) > 1 and ranked[1][0] - ranked[0][0] < BY_FAR:
        return None
    phrase = ranked[0][1]
    wanted = phrase.split()
    kept = sum(confidence for word, confidence in heard if word in wanted)
    return phrase, min(1.0, kept / len(wanted))


def _least(heard: Sequence[tuple[str, float]], wanted: Sequence[str]) -> float:
    """No more than :func:`_distance`, ten times sooner: the words that only one of the two has."""
    strange = sum(confidence for word, confidence in heard if word not in wanted)
    return (strange + INSERTED * max(0, len(wanted) - len(heard))) / max(1, len(wanted))


def _distance(heard: Sequence[tuple[str, float]], wanted: Sequence[str]) -> float:
    """Weighted edit distance a word of ``wanted`` (Levenshtein's recurrence over words)."""
    row = [INSERTED * n for n in range(len(wanted) + 1)]
    for word, confidence in heard:
        above, row[0] = row[0], row[0] + confidence
        for n, other in enumerate(wanted, 1):
            swap = above + (0.0 if word == other else confidence)
            above, row[n] = row[n], min(swap, row[n] + confidence, row[n - 1] + INSERTED)
    return row[-1] / max(1, len(wanted))


def in_phrases(text: str, phrases: Sequence[str]) -> float:
    """How far words heard under a closed list are to be believed, 0.5 to 1: 1 when they are made of whole
    phrases ("sí" and "quiero un agente"), less the more words belong to none."""
    words = text.split()
    known = {tuple(phrase.split()) for phrase in phrases}
    longest = max(map(len, known), default=0)
    covered = position = 0
    while position < len(words):
        for length in range(min(longest, len(words) - position), 0, -1):
            if tuple(words[position : position + length]) in known:
                covered += length
                position += length
                break
        else:
            position += 1
    return UNLIKELY + (1 - UNLIKELY) * covered / len(words) if words else 1.0
