"""Reads a caller's answer as what the dialogue asked for: ``parse(kind, text, lang)`` and ``wants_*``.

Everything here is pure, deterministic and tolerant of what recognizers do to speech: no punctuation,
lost accents, grouped numbers, fillers, corrections ("no, perdón, el quince").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from voice.dialogue.choices import read_choice, read_yes_no
from voice.dialogue.dates import read_date
from voice.dialogue.languages import Language, fold, language
from voice.dialogue.languages.base import word_list
from voice.dialogue.money import read_amount, read_digits
from voice.dialogue.numbers import tokenise
from voice.dialogue.wishes import (
    declines,
    does_not_know,
    greets,
    says_goodbye,
    wants_back,
    wants_help,
    wants_language,
    wants_person,
    wants_repeat,
    wants_wait,
)
from voice.model import ExpectKind

__all__ = [
    "Parsed",
    "declines",
    "does_not_know",
    "greets",
    "parse",
    "says_goodbye",
    "wants_back",
    "wants_help",
    "wants_language",
    "wants_person",
    "wants_repeat",
    "wants_wait",
]

_HESITATIONS = frozenset(word_list("eh em ehm este pues bueno um uh er hmm mm ah well"))
MAX_TEXT = 2000  # characters looked at; a longer utterance is cut, so that no input is slow


@dataclass(frozen=True, slots=True)
class Parsed:
    """A value read from an utterance: ``value`` normalised (see :func:`parse`), ``spoken`` a form to read
    back in the caller's language, ``confidence`` in the reading (0 to 1), not in the recognition."""

    value: str
    spoken: str
    confidence: float


def parse(
    kind: ExpectKind,
    text: str,
    lang: str,
    *,
    options: Mapping[str, Sequence[str]] = {},
    min_length: int = 1,
    max_length: int = 20,
    today: date,
) -> Parsed | None:
    """Read ``text`` as ``kind``; None when it is not one, or could be two.

    Values: yes_no ``"yes"``/``"no"``; digits a string of ``min_length`` to ``max_length`` digits; amount a
    decimal string, with two decimals unless whole; date ISO 8601, for a day without a year the next one
    from ``today``; choice a key of ``options`` (key to synonyms); text the utterance without fillers.
    An intent is not a slot: it gives None.
    """
    facts = language(lang)
    text = text[:MAX_TEXT]
    if kind is ExpectKind.YES_NO:
        return _yes_no(text, facts)
    if kind is ExpectKind.DIGITS:
        return _corrected(
            lambda tokens: _digits(tokens, facts, min_length, max_length), tokenise(text), facts
        )
    if kind is ExpectKind.AMOUNT:
        return _corrected(lambda tokens: _amount(tokens, facts), tokenise(text), facts)
    if kind is ExpectKind.DATE:
        return _corrected(lambda tokens: _date(tokens, facts, today), tokenise(text), facts)
    if kind is ExpectKind.CHOICE:
        found = read_choice(text, facts, options)
        return None if found is None else Parsed(found[0], _label(found[0], options), found[1])
    if kind is ExpectKind.TEXT:
        return _text(text, facts)
    return None


def _yes_no(text: str, facts: Language) -> Parsed | None:
    found = read_yes_no(text, facts)
    if found is None:
        return None
    value, confidence = found
    spoken = (facts.yes_phrases if value == "yes" else facts.no_phrases)[0]
    return Parsed(value, spoken, confidence)


def _corrected(
    read: Callable[[Sequence[str]], Parsed | None], tokens: Sequence[str], facts: Language
) -> Parsed | None:
    """Reads what follows the last correction ("no, perdón, ..."), or all when nothing follows."""
    head, tail = _split_correction(tokens, facts)
    if tail is None:
        return read(tokens)
    if any(t not in facts.lexicon.fillers for t in tail):
        found = read(tail)
        return None if found is None else replace(found, confidence=found.confidence * (0.9 if head else 1.0))
    return _corrected(read, head, facts)


def _split_correction(tokens: Sequence[str], facts: Language) -> tuple[Sequence[str], Sequence[str] | None]:
    last, after = -1, -1
    for phrase in facts.lexicon.corrections:
        words = phrase.split()
        for i in range(len(tokens) - len(words), -1, -1):
            if list(tokens[i : i + len(words)]) == words and i + len(words) > after:
                last, after = i, i + len(words)
                break
            if list(tokens[i : i + len(words)]) == words and i + len(words) == after:
                last = min(last, i)
                break
    return (tokens, None) if last < 0 else (tokens[:last], tokens[after:])


def _digits(tokens: Sequence[str], facts: Language, min_length: int, max_length: int) -> Parsed | None:
    found = read_digits(tokens, facts.lexicon, min_length, max_length)
    return None if found is None else Parsed(found[0], facts.say_digits(found[0]), found[1])


def _amount(tokens: Sequence[str], facts: Language) -> Parsed | None:
    found = read_amount(tokens, facts.lexicon)
    return None if found is None else Parsed(found[0], " ".join(tokens), found[1])


def _date(tokens: Sequence[str], facts: Language, today: date) -> Parsed | None:
    found = read_date(tokens, facts.lexicon, facts.code, today)
    if found is None:
        return None
    return Parsed(found[0], facts.say_date(date.fromisoformat(found[0]), today), found[1])


def _label(key: str, options: Mapping[str, Sequence[str]]) -> str:
    return next(iter(options[key]), key.replace("_", " "))


def _text(text: str, facts: Language) -> Parsed | None:
    words = text.split()
    while words and fold(words[0]) in _HESITATIONS:
        words.pop(0)
    cleaned = " ".join(words)
    return Parsed(cleaned, cleaned, 1.0) if fold(cleaned) else None
