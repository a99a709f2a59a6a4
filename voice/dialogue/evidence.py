"""What words are evidence of: a deed, a thing that one wish is about, or one that many may be about. Pure.

A classifier that knows "phone" from one wish alone is sure of it; "my phone" is about a phone all the same,
and not about a lost one. So a noun alone counts only where an example or the label is nothing but that noun,
its articles and "I have a question about": then it is what the wish is about ("my bill"). What is done to it
counts only for the wish whose examples say so: "can I pay with my phone" tells of no lost phone. Else a
caller is asked; and so is who says what is done in one wish to what another is about ("cancel my order").
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from voice.languages import fold, language
from voice.languages.base import word_list
from voice.model import IntentGuess

NOUN_ALONE = 0.54
"""Confidence in a wish of which only a noun was said that others could share: below the usual threshold for
taking a wish, above that for asking about it."""
VAGUE = 0.35
"""Confidence in any wish where the caller only said that there is one ("I have a question")."""
_NAMED = 0.45  # confidence in each of two wishes that are named with "or"
_TORN = 0.15  # the least confidence in the second of two wishes that the words speak for
_NOUN_BESIDE = 0.2  # the most confidence in a wish of which there is a noun, beside what another is about
_SAME = 0.55  # share of the longer of two words that both begin with
_LEAST_SAME = 4  # letters

_MATTERS = frozenset(word_list("order bill"))  # nouns among the language's function words
_LIGHT = {
    "es": frozenset(
        word_list(
            """
            queria quisiera querria deseo gustaria necesitaria tenia a ante lo nos os te tu mio mia
            nuestro nuestra ayer hoy ahora ahorita ultimo ultima otro otra mismo misma porfa pues bueno
            verdad era seria ser les han he habia solo senorita mire oiga algo que cuando es
            """
        )
    ),
    "en": frozenset(
        word_list(
            """
            our us another last this that these those a own please just would like wanted wanting got had
            having been being were really maybe also today now hey okay ok well yes no there something
            anything up
            """
        )
    ),
}
_ASKING = {
    "es": frozenset(
        word_list(
            """
            pregunta preguntas preguntar preguntarle preguntita duda dudas consulta consultas consultar
            consultarle informacion informar informarme informarse info cosa cosas tema temas asunto
            estado relacionado respecto llamada llamar digame dime decir decirme decirle comentar
            comentarle explicar explicarme ayudar ayudarme ayuda ayude ayudeme mirar conocer gestion
            tramite tratar poner dar hago haga dame deme seguimiento
            """
        )
    ),
    "en": frozenset(
        word_list(
            """
            question questions ask asking doubt doubts query queries inquiry enquiry inquire enquire
            information info thing things matter regarding concerning call calling status check checking
            explain tell make making give find see look looking issue help assistance
            """
        )
    ),
}
# Small words that tell what is the matter: "somebody has my phone" is not about any phone.
_TELLING = {
    "es": frozenset(word_list("alguien tiene tienen sin no ni nada nadie")),
    "en": frozenset(word_list("someone somebody has no not dont doesnt cant without nothing nobody")),
}
# "Where is my phone" and "what are your hours" tell what is wanted of a thing; "can I" and "how do I" do not.
_QUESTIONS = {
    "es": re.compile(r"\b(?:cuando|donde|cual es|cuales son)\b"),
    "en": re.compile(r"\b(?:when|wheres?|whats|(?:what|which) (?:is|are))\b"),
}
# What stands before a deed: "i lost", "was stolen", "to block"; "a lost phone" does not make "lost" a thing.
_BEFORE_DEEDS = {
    "es": frozenset(word_list("he ha han hemos me se nos")),
    "en": frozenset(word_list("i we they to was were been")),
}
_DETERMINERS = {
    "es": frozenset(
        word_list(
            "el la los las un una unos unas mi mis su sus tu este esta ese esa otro otra del al nuestro"
        )
    ),
    "en": frozenset(word_list("the a an my your our his her their this that another other some last")),
}
_OR = {"es": frozenset({"o", "u"}), "en": frozenset({"or"})}


class Evidence:
    """What the ``examples`` ({intent: sentences}) and ``labels`` ({intent: label}) of one language tell of
    single words."""

    def __init__(self, examples: Mapping[str, Iterable[str]], labels: Mapping[str, str], lang: str) -> None:
        facts = language(lang)
        self._asking = _ASKING[facts.code]
        self._light = (facts.function_words | _LIGHT[facts.code]) - _MATTERS - self._asking
        self._determiners = _DETERMINERS[facts.code]
        self._or = _OR[facts.code]
        self._telling = _TELLING[facts.code]
        self._questions = _QUESTIONS[facts.code]
        self._before_deeds = _BEFORE_DEEDS[facts.code]
        self._words: set[str] = set()  # that some example has
        self._said: dict[str, set[str]] = defaultdict(set)  # by intent: the words of its examples
        self._nouns: set[str] = set()
        self._examples: set[str] = set()
        self._vague: set[frozenset[str]] = set()  # examples of nothing but asking
        self._topics: dict[str, set[str]] = defaultdict(set)  # by intent: what it is about
        for intent, sentences in examples.items():
            for text in (*sentences, labels.get(intent, "")):
                self._examples.add(fold(text))
                self._learn(intent, fold(text).split())
        for text in self._examples:
            said = text.split()
            self._nouns -= {_singular(b) for a, b in pairwise(said) if a in self._before_deeds}
        self._begun: dict[str, list[str]] = defaultdict(list)  # words by their first letters
        for word in sorted(self._words):
            self._begun[word[:_LEAST_SAME]].append(word)

    def _learn(self, intent: str, words: Sequence[str]) -> None:
        content = self._content(words)
        self._words |= content
        self._said[intent] |= content
        self._nouns |= self._after_determiners(words)
        if len(content) == 1 and self._telling.isdisjoint(words):
            self._topics[intent] |= content
        elif not content:
            self._vague.add(frozenset(words) & self._asking)

    def weighed(self, folded: str, guesses: Sequence[IntentGuess]) -> tuple[IntentGuess, ...]:
        """The guesses (best first) for ``folded`` words, the best one less sure where nothing but a noun, or
        nothing at all, speaks for it; alike the two that "the bill or the balance" names, or for which the
        words speak both."""
        words = folded.split()
        if not guesses:
            return ()
        if folded in self._examples:
            return tuple(guesses)
        either = self._either(words) or self._torn(words, guesses)
        if either:
            return levelled(guesses, either)
        guesses = self._settled(words, guesses)
        limit = self._limit(words, guesses[0].intent)
        if guesses[0].confidence <= limit:
            return tuple(guesses)
        return tuple(replace(g, confidence=min(limit, g.confidence)) for g in guesses)

    def _settled(self, words: Sequence[str], guesses: Sequence[IntentGuess]) -> Sequence[IntentGuess]:
        """ "What do I owe for my phone" says what the first wish is about, and a noun of the second: that is
        no reason to ask."""
        if len(guesses) < 2 or guesses[1].confidence <= _NOUN_BESIDE:
            return guesses
        first, second = guesses[0].intent, guesses[1].intent
        content = self._content(words)
        own = {
            word for word in content if self._like(word, self._said[second]) and word not in self._said[first]
        }
        bare = own and all(
            _singular(word) in self._nouns and not self._like(word, self._topics[second]) for word in own
        )
        if not bare or not any(self._like(word, self._topics[first]) for word in content):
            return guesses
        return (guesses[0], replace(guesses[1], confidence=_NOUN_BESIDE), *guesses[2:])

    def _limit(self, words: Sequence[str], intent: str) -> float:
        """How sure the words may make one of an intent."""
        content = self._content(words)
        if not self._telling.isdisjoint(words[1:]):
            return 1.0
        if not content:
            asks = frozenset(words) & self._asking
            return VAGUE if asks and asks not in self._vague else 1.0
        known = {word for word in content if self._like(word, self._words)}
        if not known or any(self._like(word, self._topics[intent]) for word in known):
            return 1.0
        nouns = self._nouns | (self._after_determiners(words) if len(known) == 1 else set())
        deeds = {word for word in known if _singular(word) not in nouns}
        own = self._said[intent]
        if any(self._like(word, own) for word in deeds):
            return 1.0
        return 1.0 if not deeds and self._questions.search(" ".join(words)) else NOUN_ALONE

    def _torn(self, words: Sequence[str], guesses: Sequence[IntentGuess]) -> tuple[str, ...]:
        """The best two intents when each has words that the other has not: what is done in one, what the
        other is about. Else empty."""
        if len(guesses) < 2 or guesses[1].confidence < _TORN:
            return ()
        pair = guesses[0].intent, guesses[1].intent
        content = self._content(words)
        own = [
            {w for w in content if self._like(w, self._said[one]) and not self._like(w, self._said[other])}
            for one, other in (pair, pair[::-1])
        ]
        spoken = all(
            any(self._like(w, self._topics[intent]) or _singular(w) not in self._nouns for w in said)
            for intent, said in zip(pair, own, strict=True)
        )
        about = any(
            self._like(w, self._topics[intent]) for intent, said in zip(pair, own, strict=True) for w in said
        )
        return pair if spoken and about else ()

    def _either(self, words: Sequence[str]) -> tuple[str, ...]:
        """The two intents that "the bill or the balance" names; empty when it names none or one."""
        for i, word in enumerate(words):
            if word not in self._or:
                continue
            before = [w for w in words[:i] if w in self._content([w])][-1:]
            after = [w for w in words[i + 1 :] if w in self._content([w])][:1]
            named = [self._topic_of(w) for w in (*before, *after)]
            if len(named) == 2 and all(named) and named[0] != named[1]:
                return tuple(named)
        return ()

    def sides(self, folded: str) -> list[tuple[str, str]]:
        """What stands before and after each "or"."""
        words = folded.split()
        at = [i for i, word in enumerate(words[1:-1], 1) if word in self._or]
        return [(" ".join(words[:i]), " ".join(words[i + 1 :])) for i in at]

    def _topic_of(self, word: str) -> str:
        """The only intent that is about a word; "" when none or several are."""
        about = [intent for intent, topics in self._topics.items() if self._like(word, topics)]
        return about[0] if len(about) == 1 else ""

    def _content(self, words: Iterable[str]) -> set[str]:
        return {word for word in words if word not in self._light and word not in self._asking}

    def _after_determiners(self, words: Sequence[str]) -> set[str]:
        content = self._content(words)
        return {_singular(b) for a, b in pairwise(words) if a in self._determiners and b in content}

    def _like(self, word: str, others: Collection[str]) -> bool:
        """Whether a word is one of others, all of which examples have, or another form of one."""
        return word in others or any(
            other in others and _alike(word, other) for other in self._begun.get(word[:_LEAST_SAME], ())
        )


def _singular(word: str) -> str:
    return word.removesuffix("s")


def _alike(a: str, b: str) -> bool:
    same = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return same >= _LEAST_SAME and same >= _SAME * max(len(a), len(b))


def levelled(guesses: Sequence[IntentGuess], either: Sequence[str]) -> tuple[IntentGuess, ...]:
    """The guesses with two of them alike, and before all others."""
    said = sum(g.confidence for g in guesses if g.intent in either)
    share = max(_NAMED, round(said / 2, 4))
    less = min(1.0, (1 - 2 * share) / max(1 - said, 1e-9))
    others = [replace(g, confidence=round(g.confidence * less, 4)) for g in guesses if g.intent not in either]
    return (*(replace(g, confidence=share) for g in guesses if g.intent in either), *others)
