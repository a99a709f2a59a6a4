"""Facts one by one, as a statement is held against them: a sentence of an article, or the result of a tool.
Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from voice.knowledge.words import stem
from voice.language_model.measures import read_numbers, tokens_of
from voice.language_model.moments import RELATIVE, days_in
from voice.language_model.plain_words import CLITIC, FUNCTION, NEGATIONS, SAME
from voice.language_model.words import MEASURES
from voice.languages import fold, language

_PARTS = {
    "es": re.compile(r"[,;:.!?¿¡…—–()]+|\b(?:y|e|o|u|ni|pero|aunque|si)\b", re.IGNORECASE),
    "en": re.compile(r"[,;:.!?…—–()]+|\b(?:and|or|nor|but|though|if)\b", re.IGNORECASE),
}

_IF = {"es": re.compile(r"\bsi\b", re.IGNORECASE), "en": re.compile(r"\bif\b", re.IGNORECASE)}
_LATER = re.compile(r"(?<=[aei]r)(?:ia|ian|iamos|a|an|e|emos)$")  # "pagaría", "pagará"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a fact between its commas and conjunctions."""

    stems: frozenset[str]
    denied: bool
    condition: bool = False  # "if our fibre reaches you": it is not said that it does
    first: str = ""  # its first word


@dataclass(frozen=True, slots=True)
class Unit:
    """One fact. ``text`` is folded, between spaces; ``days`` and ``numbers`` are what it names; ``told``: a
    tool returned it, so that it is true of this caller now."""

    parts: tuple[Part, ...]
    text: str
    days: frozenset[str]
    numbers: frozenset[Decimal]
    told: bool = False
    to_do: frozenset[str] = frozenset()
    """Stems of verbs that only a field's name has, as what is to be done: "pay_by"."""
    context: frozenset[str] = frozenset()
    """Stems of the sentence before it, which its pronouns stand for."""

    @property
    def denies(self) -> bool:
        return any(part.denied for part in self.parts)

    @property
    def conditional(self) -> bool:
        return any(part.condition for part in self.parts)

    @property
    def stems(self) -> frozenset[str]:
        return frozenset().union(*(part.stems for part in self.parts))


def unit_of(text: str, lang: str) -> Unit:
    """The fact that a sentence is."""
    numbers = read_numbers(tokens_of(text, lang), lang)
    return Unit(
        tuple(_with_conditions(text, lang)),
        f" {fold(text)} ",
        frozenset(days_in(text, lang)),
        frozenset(number.value for number in numbers),
    )


def units_of(sentences: Iterable[str], lang: str) -> list[Unit]:
    """The facts of a text, one a sentence."""
    found: list[Unit] = []
    for sentence in sentences:
        context = found[-1].stems if found else frozenset[str]()
        found.append(replace(unit_of(sentence, lang), context=context))
    return found


def part_of(text: str, lang: str, *, denied: bool = False, condition: bool = False) -> Part:
    words = fold(text).split()
    found = frozenset(one for word in words for one in meanings(word, lang))
    return Part(found, denied or not NEGATIONS[lang].isdisjoint(words), condition, next(iter(words), ""))


def _with_conditions(text: str, lang: str) -> Iterable[Part]:
    condition = False
    for piece in re.split(r"([,;:.!?…]+)", text):
        for number, clause in enumerate(_IF[lang].split(piece)):
            condition = condition or number > 0
            for part in parts_of(clause, lang):
                yield part_of(part, lang, condition=condition)
        condition = condition and piece.strip(",;:.!?…") != ""


def parts_of(text: str, lang: str) -> list[str]:
    return [part for part in _PARTS[lang].split(text) if part and part.strip()]


@lru_cache(maxsize=8192)
def meanings(word: str, lang: str) -> frozenset[str]:
    """The stems that a folded word may have, one for all words that mean the same."""
    forms = {word}
    if lang == "es" and len(word) > 5:
        cut = {word[: ending.start()] for ending in (CLITIC.search(word), _LATER.search(word)) if ending}
        forms |= {form for form in cut if len(form) > 3}
    return frozenset(SAME[lang].get(one, one) for one in (stem(form, lang) for form in forms))


def content(words: Iterable[str], lang: str, *, figures: bool) -> list[str]:
    """The words that say something: no grammar, and no numbers and days, which have rules of their own, nor
    what they measure where there are any (``figures``)."""
    light = FUNCTION[lang] | NEGATIONS[lang] | counting(lang)
    if not figures:
        light -= MEASURES[lang].keys()
    return [word for word in words if word not in light and not word.isdecimal() and len(word) > 1]


@lru_cache
def counting(lang: str) -> frozenset[str]:
    """Words of numbers, money and days: they have rules of their own and belong to no topic."""
    lexicon = language(lang).lexicon
    money = lexicon.currency_words | lexicon.cent_words
    measures = {word for word in MEASURES[lang] if word.isalpha()}
    own = {*map(fold, language(lang).number_words), *lexicon.ordinals, *lexicon.months, *lexicon.weekdays}
    own |= {f"{day}s" for day in lexicon.weekdays}
    relative = {word for names in RELATIVE[lang].values() for name in names for word in name.split()}
    return frozenset(own | money | measures | relative)
