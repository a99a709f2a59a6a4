"""Decides whether a model's sentence may be spoken. Pure; a refusal says why, in one word.

What a business must not let a machine do on its behalf: name an amount or a day that nothing returned,
promise or claim something that nobody did, ask for a secret, talk about other things, or recite its
instructions. The rules are about words and numbers that are not in the
:class:`~voice.language_model.facts.Facts`, so they err on the side of refusing: a refused sentence costs the
caller a second question, a false promise costs the business.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from voice.knowledge.words import stems
from voice.language_model.claims import promises
from voice.language_model.facts import Facts
from voice.language_model.grounding import Ground, conditional, idle, tells, unfounded
from voice.language_model.plain_words import FUNCTION
from voice.language_model.speech_acts import META
from voice.language_model.strange import strange_days, strange_numbers
from voice.language_model.units import counting, part_of
from voice.language_model.words import ADDRESS, ASKING, SECRETS
from voice.languages import fold, language
from voice.model import LANGUAGES

MOST_CHARACTERS = 320  # of a sentence: more cannot be followed by ear
ON_TOPIC_FROM = 4  # words of meaning: a shorter sentence has no topic of its own
ON_TOPIC_SHARE = 0.3  # of them that must stand in the topics or in a fact
LEAKED = 8  # words in a row of the instructions
_KEPT = frozenset("ºª…")


@dataclass(slots=True)
class Guard:
    """What holds for one stay with the model. ``topics`` are the stems of what may be talked about, ``never``
    words and phrases that may not be said, ``instructions`` what it was told to keep to itself. ``about`` are
    the author's words on what the conversation is about, ``does`` those on what its tools do."""

    facts: Facts
    topics: frozenset[str]
    never: tuple[str, ...] = ()
    instructions: str = ""
    about: tuple[str, ...] = ()
    does: tuple[str, ...] = ()
    said: dict[str, bool] = field(default_factory=dict)
    """Sentences that were let through; False for those that the caller did not hear to their end."""

    def refuses(self, sentence: str) -> str:
        """Why the sentence may not be spoken (nonsense, repeated, number, day, promise, unfounded, secret,
        topic, never, language, leak, address); "" when it may. It then counts as said, until
        :meth:`heard` tells otherwise."""
        why = self._refuses(sentence)
        if not why:
            self.said[_as_said(sentence)] = True
        return why

    def tells(self, sentence: str) -> bool:
        """Whether a sentence that may be spoken tells the caller something that is a fact: not a question, an
        offer, or that the model does not know."""
        return tells(plain_letters(sentence), self._ground())

    def heard(self, sentence: str, *, whole: bool) -> None:
        """What became of a sentence: it counts as said only if it was heard ``whole``. One that was not let
        through here, such as a prompt of the flow, changes nothing."""
        folded = _as_said(sentence)
        if folded in self.said:
            self.said[folded] = whole

    def _refuses(self, sentence: str) -> str:
        if len(sentence) > MOST_CHARACTERS or not readable(sentence):
            return "nonsense"
        sentence = plain_letters(sentence)
        folded, lang = fold(sentence), self.facts.lang
        words = folded.split()
        if not words or _stutters(words):
            return "nonsense"
        if self.said.get(folded):
            return "repeated"
        if any(f" {fold(phrase)} " in f" {folded} " for phrase in self.never if fold(phrase)):
            return "never"
        if other_language(words, lang):
            return "language"
        if ADDRESS.search(sentence) and not _stands_in(sentence, self.facts.texts):
            return "address"
        if SECRETS[lang].search(folded) and (ASKING[lang].search(folded) or "?" in sentence):
            return "secret"
        if _leaks(words, self.instructions):
            return "leak"
        return (
            ("number" if strange_numbers(sentence, self.facts) else "")
            or ("day" if strange_days(sentence, self.facts) else "")
            or (
                "promise"
                if promises(
                    sentence,
                    self.facts,
                    general=conditional(sentence, self.facts),
                    idle=idle(self.facts, self._ground().does),
                )
                else ""
            )
            or ("topic" if self._wanders(sentence) else "")
            or ("unfounded" if unfounded(sentence, self._ground()) else "")
        )

    def _ground(self) -> Ground:
        lang = self.facts.lang
        about, does = (
            frozenset().union(*(part_of(text, lang).stems for text in texts))
            for texts in (self.about, self.does)
        )
        return Ground(self.facts, about, does)

    def _wanders(self, sentence: str) -> bool:
        lang = self.facts.lang
        words = [
            word
            for word in fold(sentence).split()
            if word not in counting(lang) | META[lang] | FUNCTION[lang] and not word.isdecimal()
        ]
        meant = set(stems(" ".join(words), lang))
        known = meant & (self.topics | self.facts.stems | self.facts.heard)
        return len(meant) >= ON_TOPIC_FROM and len(known) < ON_TOPIC_SHARE * len(meant)


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


def _as_said(sentence: str) -> str:
    """What tells one sentence from another: not the width of its letters."""
    return fold(plain_letters(sentence))


def plain_letters(text: str) -> str:
    """With the usual figures and letters for those of other widths and shapes."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(c if c in _KEPT else unicodedata.normalize("NFKC", c) for c in composed)


def readable(text: str) -> bool:
    """Whether all letters are Latin and all figures are the usual ones: others look, or sound, like what they
    are not."""
    for c in plain_letters(text):
        kind = unicodedata.category(c)
        if kind in ("Mn", "Me", "Cf", "Cc", "No", "Nl") and c not in "\n\t\ufe0f":
            return False
        if kind[0] == "L" and c not in _KEPT and not unicodedata.name(c, "").startswith("LATIN"):
            return False
        if kind == "Nd" and not c.isascii():
            return False
    return True


def _leaks(words: Sequence[str], instructions: str) -> bool:
    told = f" {fold(instructions)} "
    return any(f" {' '.join(words[i : i + LEAKED])} " in told for i in range(len(words) - LEAKED + 1))


def _stands_in(sentence: str, texts: Sequence[str]) -> bool:
    addresses = [match.group(0).lower() for match in ADDRESS.finditer(sentence)]
    return all(any(f" {fold(address)} " in text for text in texts) for address in addresses)
