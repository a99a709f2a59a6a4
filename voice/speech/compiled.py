"""What a compiled built-in model can be asked for, and how its labels become words again.

A compiled graph has labels of words and of whole phrases (see :mod:`voice.speech.graph`). A
:class:`Vocabulary` turns a grammar into the sentences that Vosk estimates its bigram from, and the labels
it heard into words with times.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

from voice.model import Word
from voice.speech import builtin, kinds, lead_ins
from voice.speech.fillers import Fillers, fillers, phrase_label, without_filler
from voice.speech.graph import ELSE, UNKNOWN, phrase_of
from voice.speech.lexicon import Pronunciation
from voice.speech.phrases import all_pairs, digit_words
from voice.speech.seam import Grammar

# How often things stand in what the bigram is estimated from, beside each phrase once. The estimator keeps
# half of every state's mass for its back-off whatever the counts, so only the ratios matter. Without the
# sentence of all pairs every digit pays for a back-off, and strings lose digits; without the weights the 225
# phrases that work in every step outweigh the digits.
PAIRS_WEIGHT = 10
DIGIT_WEIGHT = 30
UNKNOWN_WEIGHT = 40
# To a number read back, beside a yes, a no, and the number itself after a "no", other speech counts less.
UNKNOWN_WEIGHT_AFTER_NO = 4
POLAR = {"es": ("no", "sí"), "en": ("no", "yes")}
POLAR_WEIGHT = 40  # of each of them beside a kind
PHONE_MS = 55  # how long a phone lasts at the least, in quick speech
NAMED_MS = 200  # how long after its beginning Vosk names a phrase
# [else] is not beside digits: of other speech under a digit loop (AN4) 82 % was rejected with a weight of 40
# and 47 % without, but of real digits 16 % were lost with a weight of 6.
ELSE_WEIGHT = 6
ELSE_SHARE = 3  # one [else] for so many phrases
GRAMMARS = 64  # whose sentences are remembered: those of 700 phrases take 4 ms
FILLER_SHARE = 10  # one filler for so many
# Sounds that are letters as well: a caller who spells says them more often than they hesitate.
_LETTERS_TOO = frozenset(map(phrase_label, ("eh", "em", "mm", "er", "hm")))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words (with their mean number of phones), the whole phrases and the fillers of one compiled model.
    ``sounds`` are the ways of saying each word."""

    lengths: Mapping[str, float] = field(default_factory=dict)
    phrases: frozenset[str] = frozenset()
    sounds: Mapping[str, frozenset[Pronunciation]] = field(default_factory=dict)
    unsure: Fillers | None = None
    _made: dict[Grammar, list[str]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, folder: Path, lang: str) -> Vocabulary:
        """Reads a folder that :func:`voice.speech.builtin.with_words` made."""
        lexicon = builtin.read_lexicon(folder)
        lengths = {word: sum(map(len, ways)) / len(ways) for word, ways in lexicon.items()}
        sounds = {word: frozenset(ways) for word, ways in lexicon.items()}
        known = builtin.read_labels(folder).issuperset(fillers(lang).labels)
        return cls(lengths, builtin.read_phrases(folder), sounds, fillers(lang) if known else None)

    def sentences(self, grammar: Grammar) -> list[str]:
        """What the bigram of a closed grammar is estimated from. A phrase that was not compiled is a
        sequence of words."""
        if grammar not in self._made:
            if len(self._made) >= GRAMMARS:
                self._made.clear()
            self._made[grammar] = self._sentences(grammar)
        return self._made[grammar]

    def _sentences(self, grammar: Grammar) -> list[str]:
        phrases = self._distinct(grammar)
        if not grammar.digits and not grammar.kinds and not self.whole(grammar):
            return [*phrases, UNKNOWN, *self._hesitating(grammar, phrases)]
        if not grammar.free:
            known = self.phrases | (self.unsure.replies.keys() if self.unsure else frozenset())
            phrases = [phrase_label(phrase) if phrase in known else phrase for phrase in phrases]
        if not grammar.digits and not grammar.kinds:
            elses = [ELSE] * max(1, len(phrases) // ELSE_SHARE)
            return [*phrases, *elses, *self._hesitating(grammar, phrases)]
        said = list(phrases)
        if grammar.digits:
            digits = digit_words(grammar.lang)
            said += [all_pairs(digits)] * PAIRS_WEIGHT + [*digits] * DIGIT_WEIGHT
            said += kinds.repeated(grammar.lang)
            said += lead_ins.around(grammar.lang, kinds.DIGITS, digits)
        for kind in grammar.kinds:
            made = kinds.sentences(grammar.lang, kind)
            said += made
            if kind == kinds.DIGITS:
                said += lead_ins.after_no(grammar.lang, kinds.NO_FIRST, kinds.again_labels(grammar.lang)[1:])
            else:
                said += lead_ins.around(grammar.lang, kind, made)
                said += self._answered(phrases, grammar.lang, made)
        after_no = grammar.kinds == (kinds.DIGITS,)
        elses = [ELSE] * (0 if grammar.digits else 1 if after_no else ELSE_WEIGHT)
        others = [UNKNOWN] * (UNKNOWN_WEIGHT_AFTER_NO if after_no else UNKNOWN_WEIGHT)
        return [*said, *others, *elses, *self._hesitating(grammar, said)]

    def _answered(self, phrases: Sequence[str], lang: str, made: Sequence[str]) -> Iterator[str]:
        """A yes or no to what was read back, alone and with the right one after it: of the words of days
        "no" was heard as "uno", and "no the sixteenth" as "no that is wrong" and a tenth."""
        for answer in map(phrase_label, POLAR[lang]):
            if answer in phrases:
                yield from [answer] * POLAR_WEIGHT
                yield from (f"{answer} {sentence.split()[0]}" for sentence in made)
        if phrase_label("no") in phrases:
            yield from (f"{kinds.NO_FIRST} {sentence.split()[0]}" for sentence in made)

    def _distinct(self, grammar: Grammar) -> list[str]:
        """The phrases without those that sound like another one, alone or after a filler: each of two such
        labels would be believed half."""
        phrases = list(dict.fromkeys(self._hearable(grammar.phrases)))
        if grammar.free or self.unsure is None:
            return phrases
        found: dict[tuple[frozenset[Pronunciation], ...], str] = {}
        for phrase in phrases:
            rest = without_filler(phrase, grammar.lang)
            if rest == phrase or rest not in grammar.phrases:
                sounds = (self.sounds.get(word, frozenset({(word,)})) for word in phrase.split())
                found.setdefault(tuple(sounds), phrase)
        for reply, ways in self.unsure.replies.items():
            if (sound := (frozenset(ways),)) in found:
                found[sound] = reply
        return list(found.values())

    def _hesitating(self, grammar: Grammar, said: Sequence[str]) -> Iterator[str]:
        """Fillers before what is said, and between digits."""
        if self.unsure is None:
            return
        spelled = kinds.LETTERS in grammar.kinds or grammar.free
        labels = sorted(self.unsure.labels - (_LETTERS_TOO if spelled else frozenset()))
        firsts = list(dict.fromkeys(sentence.split()[0] for sentence in said if sentence.strip()))
        count = max(len(labels), len(said) // FILLER_SHARE)
        for _, label, first in zip(range(count), cycle(labels), cycle(firsts), strict=False):
            yield f"{label} {first}"
        if grammar.digits:
            digits = digit_words(grammar.lang)
            following = cycle(digits[1:] + digits[:1])
            for label in labels:
                for digit in digits:
                    yield f"{digit} {label} {next(following)}"

    def whole(self, grammar: Grammar) -> bool:
        """Whether every phrase that can be heard is heard as a whole or not at all."""
        return not grammar.free and self.phrases.issuperset(self._hearable(grammar.phrases))

    def _hearable(self, phrases: Iterable[str]) -> Iterator[str]:
        """The phrases all of whose words can be pronounced. The others are as if they were not there, for
        with one of them in it a list would be one of words: of other speech 34 in 40 were then taken for
        something instead of 1."""
        for phrase in phrases:
            if phrase in self.phrases or all(word in self.lengths for word in phrase.split()):
                yield phrase

    def words(self, heard: Iterable[Mapping[str, Any]]) -> list[Word]:
        """Vosk's words (``word``, ``start`` and ``end`` in seconds, ``conf``), a phrase split into its words
        by their numbers of phones. ``[unk]`` stands for all that is something else."""
        found: list[Word] = []
        for item in self._said(heard):
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

    def _said(self, heard: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Without fillers, unless they are all that was said."""
        items = list(heard)
        labels = [str(item["word"]) for item in items]
        kept = set(without_fillers(labels, self.unsure))
        return [item for item, label in zip(items, labels, strict=True) if label in kept]

    def answers(self, label: str) -> bool:
        """Whether a label is part of an answer: no filler, and nothing that stands around one."""
        filler = self.unsure is not None and label in self.unsure.labels
        return not filler and lead_ins.words_of(label) is None

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


def without_fillers(labels: Sequence[str], unsure: Fillers | None) -> list[str]:
    """The labels that are no fillers, and do not stand around an answer. Where there are no words besides, a
    reply ("vale") is kept, and mere sounds are where there is nothing else at all."""
    if unsure is None:
        return list(labels)
    kept = [label for label in labels if label not in unsure.labels and not lead_ins.words_of(label)]
    if not kept:
        return list(labels)
    if all(label in (UNKNOWN, ELSE) for label in kept):
        return [label for label in labels if label not in unsure.pauses]
    return kept


class Partials:
    """The partial text of one utterance, from Vosk's texts of labels."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._last: tuple[str, ...] = ()
        self._since_ms = 0

    def text(self, labels: str, now_ms: int) -> str:
        """The words said by ``now_ms``, without what stands for something else."""
        heard = [label for label in labels.split() if label not in (UNKNOWN, ELSE)]
        known = tuple(without_fillers(heard, self._vocabulary.unsure))
        if known != self._last:
            self._last, self._since_ms = known, now_ms - NAMED_MS
        words = [phrase_of(label) or label for label in known]
        if known:
            words[-1] = self._vocabulary.begun(known[-1], now_ms - self._since_ms)
        unsure = self._vocabulary.unsure
        if unsure and heard and (heard[-1] in unsure.pauses or heard[-1].startswith(lead_ins.BEFORE)):
            # whoever waits for the end of the answer must know that it is not there yet
            words = [*words, unsure.pause] if any(map(self._vocabulary.answers, heard)) else [unsure.pause]
        return " ".join(words)
