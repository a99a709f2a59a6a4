"""What a compiled built-in model can be asked for, and how its labels become words again.

A compiled graph has labels of words and of whole phrases (see :mod:`voice.speech.graph`). A
:class:`Vocabulary` turns a grammar into the sentences that Vosk estimates its bigram from, and the labels
it heard into words with times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from voice.model import Word
from voice.speech import builtin, kinds
from voice.speech.graph import ELSE, UNKNOWN, phrase_label, phrase_of
from voice.speech.phrases import all_pairs, digit_words
from voice.speech.seam import Grammar

# How often things stand in what the bigram is estimated from, beside each phrase once. The estimator keeps
# half of every state's mass for its back-off whatever the counts, so only the ratios matter. Without the
# sentence of all pairs every digit pays for a back-off, and strings lose digits; without the weights the 225
# phrases that work in every step outweigh the digits.
PAIRS_WEIGHT = 10
DIGIT_WEIGHT = 30
UNKNOWN_WEIGHT = 40
PHONE_MS = 55  # how long a phone lasts at the least, in quick speech
NAMED_MS = 200  # how long after its beginning Vosk names a phrase
# [else] is not beside digits: of other speech under a digit loop (AN4) 82 % was rejected with a weight of 40
# and 47 % without, but of real digits 16 % were lost with a weight of 6.
ELSE_WEIGHT = 6
ELSE_SHARE = 3  # one [else] for so many phrases


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words (with their mean number of phones) and the whole phrases of one compiled model."""

    lengths: Mapping[str, float] = field(default_factory=dict)
    phrases: frozenset[str] = frozenset()

    @classmethod
    def of(cls, folder: Path) -> Vocabulary:
        """Reads a folder that :func:`voice.speech.builtin.with_words` made."""
        lexicon = builtin.read_lexicon(folder)
        lengths = {word: sum(map(len, ways)) / len(ways) for word, ways in lexicon.items()}
        return cls(lengths, builtin.read_phrases(folder))

    def sentences(self, grammar: Grammar) -> list[str]:
        """What the bigram of a closed grammar is estimated from. A phrase that was not compiled is a
        sequence of words."""
        phrases = list(dict.fromkeys(grammar.phrases))
        if not grammar.digits and not grammar.kinds and not self.whole(grammar):
            return [*phrases, UNKNOWN]
        if not grammar.free:
            phrases = [phrase_label(phrase) if phrase in self.phrases else phrase for phrase in phrases]
        if not grammar.digits and not grammar.kinds:
            return [*phrases, *[ELSE] * max(1, len(phrases) // ELSE_SHARE)]
        said = list(phrases)
        if grammar.digits:
            digits = digit_words(grammar.lang)
            said += [all_pairs(digits)] * PAIRS_WEIGHT + [*digits] * DIGIT_WEIGHT
        for kind in grammar.kinds:
            said += kinds.sentences(grammar.lang, kind)
        return [*said, *[UNKNOWN] * UNKNOWN_WEIGHT, *[ELSE] * (0 if grammar.digits else ELSE_WEIGHT)]

    def whole(self, grammar: Grammar) -> bool:
        """Whether every phrase is heard as a whole or not at all."""
        return not grammar.free and self.phrases.issuperset(grammar.phrases)

    def words(self, heard: Iterable[Mapping[str, Any]]) -> list[Word]:
        """Vosk's words (``word``, ``start`` and ``end`` in seconds, ``conf``), a phrase split into its words
        by their numbers of phones. ``[unk]`` stands for all that is something else."""
        found: list[Word] = []
        for item in heard:
            label, sure = str(item["word"]), float(item["conf"])
            start, end = round(item["start"] * 1000), round(item["end"] * 1000)
            phrase = phrase_of(label)
            if phrase is None:
                found.append(Word(UNKNOWN if label == ELSE else label, start, end, sure))
                continue
            parts = phrase.split()
            lengths = [self.lengths.get(word, 1.0) for word in parts]
            done, whole = 0.0, sum(lengths)
            for word, length in zip(parts, lengths, strict=True):
                begins = start + round((end - start) * done / whole)
                done += length
                found.append(Word(word, begins, start + round((end - start) * done / whole), sure))
        return found

    def begun(self, label: str, ms: int) -> str:
        """The words of a label that can have been said within ``ms``: Vosk names a phrase as soon as it
        begins, and whoever waits for the end of an answer must not take it for said."""
        phrase = phrase_of(label)
        if phrase is None:
            return label
        words = phrase.split()
        at = 0.0
        for number, word in enumerate(words):
            at += self.lengths.get(word, 1.0) * PHONE_MS
            if at > ms:
                return " ".join(words[: max(1, number)])
        return phrase


class Partials:
    """The partial text of one utterance, from Vosk's texts of labels."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._last: tuple[str, ...] = ()
        self._since_ms = 0

    def text(self, labels: str, now_ms: int) -> str:
        """The words said by ``now_ms``, without what stands for something else."""
        known = tuple(label for label in labels.split() if label not in (UNKNOWN, ELSE))
        if known != self._last:
            self._last, self._since_ms = known, now_ms - NAMED_MS
        words = [phrase_of(label) or label for label in known]
        if known:
            words[-1] = self._vocabulary.begun(known[-1], now_ms - self._since_ms)
        return " ".join(words)
