"""Decides whether a model's sentence may be spoken. Pure; a refusal says why, in one word.

What a business must not let a machine do on its behalf: name an amount or a day that nothing returned,
promise or claim something that nobody did, ask for a secret, talk about other things, or recite its
instructions. The rules are about words and numbers that are not in the
:class:`~voice.language_model.facts.Facts`, so they err on the side of refusing: a refused sentence costs the
caller a second question, a false promise costs the business.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from voice.knowledge.index import stems
from voice.language_model.facts import Facts, numbers_in
from voice.language_model.words import (
    ADDRESS,
    AMBIGUOUS,
    ASKING,
    BETWEEN,
    CLAIMS,
    HARMLESS,
    MEASURES,
    SECRETS,
    SIGNS,
    TODAY,
)
from voice.languages import fold, language, normalise
from voice.model import LANGUAGES
from voice.slots.numbers import tokenise

MOST_CHARACTERS = 320  # of a sentence: more cannot be followed by ear
SMALL = 10  # a number up to this, in words and measuring nothing, is a way of speaking ("two things")
ON_TOPIC_FROM = 4  # words of meaning: a shorter sentence has no topic of its own
ON_TOPIC_SHARE = 0.3  # of them that must stand in the topics or in a fact
LEAKED = 8  # words in a row of the instructions
_CENTS = 100


@dataclass(slots=True)
class Guard:
    """What holds for one stay with the model. ``topics`` are the stems of what may be talked about, ``never``
    words and phrases that may not be said, ``instructions`` what it was told to keep to itself."""

    facts: Facts
    topics: frozenset[str]
    never: tuple[str, ...] = ()
    instructions: str = ""
    said: list[str] = field(default_factory=list)

    def refuses(self, sentence: str) -> str:
        """Why the sentence may not be spoken (nonsense, number, day, promise, secret, topic, never, language,
        leak, address); "" when it may. It then counts as said."""
        why = self._refuses(sentence)
        if not why:
            self.said.append(fold(sentence))
        return why

    def _refuses(self, sentence: str) -> str:
        folded, lang = fold(sentence), self.facts.lang
        words = folded.split()
        if not words or len(sentence) > MOST_CHARACTERS or folded in self.said or _stutters(words):
            return "nonsense"
        if any(f" {fold(phrase)} " in f" {folded} " for phrase in self.never if fold(phrase)):
            return "never"
        if other_language(words, lang):
            return "language"
        if ADDRESS.search(sentence) and not _stands_in(sentence, self.facts.texts):
            return "address"
        if SECRETS[lang].search(folded) and ASKING[lang].search(folded):
            return "secret"
        if _leaks(words, self.instructions):
            return "leak"
        tokens = tokenise(sentence)
        return (
            ("number" if strange_numbers(tokens, self.facts) else "")
            or ("day" if strange_days(tokens, self.facts) else "")
            or ("promise" if self._promises(normalise(sentence) if lang == "es" else folded) else "")
            or ("topic" if self._wanders(sentence) else "")
        )

    def _promises(self, said: str) -> bool:
        lang = self.facts.lang
        for pattern in CLAIMS[lang]:
            for match in pattern.finditer(said):
                verb = fold(match.group(1))
                if verb not in HARMLESS[lang] and not self.facts.stems & set(stems(verb, lang)):
                    return True
        return False

    def _wanders(self, sentence: str) -> bool:
        lang = self.facts.lang
        words = [
            word for word in fold(sentence).split() if word not in _counting(lang) and not word.isdecimal()
        ]
        meant = set(stems(" ".join(words), lang))
        known = meant & (self.topics | self.facts.stems)
        return len(meant) >= ON_TOPIC_FROM and len(known) < ON_TOPIC_SHARE * len(meant)


def strange_numbers(tokens: Sequence[str], facts: Facts) -> bool:
    """Whether a number is said that is in no fact. A caller's own long numbers may be repeated."""
    lang = facts.lang
    found = numbers_in(list(tokens), lang)
    money = language(lang).lexicon.currency_words | language(lang).lexicon.cent_words
    skip = -1
    for place, (value, start, end, figures) in enumerate(found):
        if place == skip or value in facts.numbers:
            continue
        following = found[place + 1] if place + 1 < len(found) else None
        if following is not None and following[0] < _CENTS:
            inside = tokens[end : following[1]]
            whole = value + following[0] / _CENTS
            if whole in facts.numbers and all(t in BETWEEN or t in money or t in SIGNS for t in inside):
                skip = place + 1
                continue
        near = {*tokens[max(0, start - 1) : start], *tokens[end : end + 1]}
        measures = bool(near & (MEASURES[lang] | money | SIGNS))
        if not figures and value <= SMALL and not measures:
            continue
        if not measures and _dictated(found, place, facts.ids):
            continue
        return True
    return False


def _dictated(found: Sequence[tuple[Decimal, int, int, bool]], place: int, ids: Collection[str]) -> bool:
    """Whether the number is part of a digit string that is known, said digit by digit or at once."""
    value = str(found[place][0])
    return any(value in known for known in ids)


def strange_days(tokens: Sequence[str], facts: Facts) -> bool:
    """Whether a day, weekday or month is named that is in no fact."""
    lexicon = language(facts.lang).lexicon
    for at, token in enumerate(tokens):
        if token in facts.days:
            continue
        if token in lexicon.months or token in lexicon.weekdays:
            if token in AMBIGUOUS and not _beside_number(tokens, at, facts.lang):
                continue
            return True
        if token in TODAY[facts.lang] and tokens[max(0, at - 1)] not in ("la", "de"):  # "por la mañana"
            return True
    return False


def _beside_number(tokens: Sequence[str], at: int, lang: str) -> bool:
    lexicon = language(lang).lexicon
    near = [*tokens[max(0, at - 2) : at], *tokens[at + 1 : at + 3]]
    return any(t in lexicon.ordinals or t[:1].isdecimal() or t in lexicon.units for t in near)


@cache
def _counting(lang: str) -> frozenset[str]:
    """Words of numbers, money and days: they have rules of their own and belong to no topic."""
    lexicon = language(lang).lexicon
    money = lexicon.currency_words | lexicon.cent_words
    return frozenset(
        {*language(lang).number_words, *lexicon.ordinals, *lexicon.months, *lexicon.weekdays, *money}
    )


@cache
def _marks_of(lang: str) -> frozenset[str]:
    """Words that only this language has."""
    own = set(language(lang).function_words)
    for other in LANGUAGES:
        if other != lang:
            own -= language(other).function_words
    return frozenset(own - {"no", "me", "a", "he", "es", "an", "the"} | ({"the"} if lang == "en" else set()))


def other_language(words: Sequence[str], lang: str) -> bool:
    """Whether a sentence is clearly in another language than the call's."""
    own = sum(word in _marks_of(lang) for word in words)
    return any(
        sum(word in _marks_of(other) for word in words) >= max(3, 2 * own + 1)
        for other in LANGUAGES
        if other != lang
    )


def _stutters(words: Sequence[str]) -> bool:
    """The same word four times in a row: what small models fall into."""
    return any(len(set(words[i : i + 4])) == 1 for i in range(len(words) - 3))


def _leaks(words: Sequence[str], instructions: str) -> bool:
    told = f" {fold(instructions)} "
    return any(f" {' '.join(words[i : i + LEAKED])} " in told for i in range(len(words) - LEAKED + 1))


def _stands_in(sentence: str, texts: Sequence[str]) -> bool:
    addresses = [match.group(0).lower() for match in ADDRESS.finditer(sentence)]
    return all(any(address in text.lower() for text in texts) for address in addresses)
