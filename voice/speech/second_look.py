"""A second look at speech in which none of a menu's phrases was heard: their words, in any order.

Whole phrases are heard very well, and a caller who words a wish in another way is heard as nothing at all.
The same audio is then decoded once more with the words of the phrases, "quiero un operador" where only "con
un operador por favor" was listed, and what they mean is left to the dialogue. Of 53 such paraphrases of the
telecom line, by several voices, 31 were then understood and 2 wrongly; of 29 sentences about other things 1
was taken for a wish. It costs 3 % of the utterance's time.

A phrase that was heard is looked at again as well: a decoder that must choose a phrase is as sure of "i want
to end my contract" for "i want to sell my car" as for itself. Where the two looks agree (all of 81 examples)
the phrase stands, as sure as its words: "consulta de saldo" is nearly "consultar mi saldo", and of 127
examples in noise 4 were saved by it. Where they do not, what was said is no phrase, and the words count, if
heard well. Of 192 English paraphrases 102 were then taken instead of 86, and 1 wrongly instead of 7.

A loop of words makes words of anything: "my neighbour is noisy" was "my data invoice it", at 0.94. What
callers say in their own words is mostly joined as the phrases are, "my invoice is" rather than "invoice
it". Words whose joints are mostly new are therefore asked about, unless they were heard beyond doubt. Of
120 sentences about other things 17 were taken for a wish without this and 8 with it; of 64 paraphrases 9
were asked about that had been taken, and 1 was lost.

Digits are looked at again where not all of them were heard surely: a loop of digits finds some in any speech,
as it knows nothing else. By all words that the model knows, digits are digits still, and other speech is
other words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from itertools import pairwise
from typing import Protocol

from rapidfuzz import fuzz

from voice.languages import language
from voice.model import SAMPLE_RATE, Transcript, Word
from voice.speech.phrases import digit_words
from voice.speech.seam import RecognizerStream

MOST_BYTES = 12 * SAMPLE_RATE * 2  # a longer utterance is a story, not a wish
LEAST_CONFIDENCE = 0.3  # below it words are noise: 36 of 40 were of no use
LEAST_WORDS = 2  # what can be said in one word is among the phrases
# Similarity of 100 from which the words are the phrase. Phrases themselves: 100; other speech: 40 to 72.
AGREEING = 80.0
CLEAR = 0.6  # confidence from which words take a phrase's place
LEAST_KEPT = 0.6  # share of its confidence that a phrase keeps against words that were not heard well either
FAMILIAR = 0.6  # share of joints, of words and with beginning and end, that are those of phrases
BEYOND_DOUBT = 0.95
ASKED_ABOUT = 0.55  # what strange words are worth at most: a question, and no more
# Of digits: where every word has that much, nothing is looked at again. Of 49 utterances of digits, 20 of
# them in noise at 12 dB, 5 were looked at, of 32 that hold none all.
SURE = 0.97
MOSTLY = 0.5  # of the time that words take by all known words: less, and they are no digits
_PIECE_BYTES = 3200


class Look(RecognizerStream, Protocol):
    """A stream that also tells what it heard of anything that is no phrase."""

    @property
    def heard(self) -> list[Word]: ...


class Looking:
    """See :class:`voice.speech.seam.RecognizerStream`. Keeps an utterance to hear it once more."""

    def __init__(self, first: Look) -> None:
        self._first = first
        self._kept = bytearray()
        self._whole = True

    def feed(self, pcm: bytes) -> Transcript | None:
        self._whole = self._whole and len(self._kept) + len(pcm) <= MOST_BYTES
        if self._whole:
            self._kept += pcm
        return self._first.feed(pcm)

    def _look(self, again: Callable[[], Look]) -> tuple[Transcript, list[Word]]:
        """What the stream that ``again`` opens makes of the audio, and all words it heard."""
        stream = again()
        try:
            for at in range(0, len(self._kept), _PIECE_BYTES):
                stream.feed(bytes(self._kept[at : at + _PIECE_BYTES]))
            return stream.finish(), stream.heard
        finally:
            stream.close()

    @property
    def heard(self) -> list[Word]:
        """As the stream's own, of the first look."""
        return self._first.heard

    def close(self) -> None:
        self._first.close()
        self._kept.clear()


class SecondLookStream(Looking):
    """At a menu: by the words of its ``phrases``, in any order, which the stream of ``again`` hears."""

    def __init__(self, first: Look, again: Callable[[], Look], phrases: tuple[str, ...]) -> None:
        super().__init__(first)
        self._again = again
        self._phrases = phrases

    def finish(self) -> Transcript:
        result = self._first.finish()
        if not self._whole or not self._first.heard:
            return result
        if result.text and len(result.words) < LEAST_WORDS:
            return result
        found, _ = self._look(self._again)
        usable = found.confidence >= LEAST_CONFIDENCE and len(found.words) >= LEAST_WORDS
        if not result.text:
            return self._in_place_of(result, found) if usable else result
        alike = fuzz.ratio(result.text, found.text)
        if alike >= AGREEING:
            return replace(result, confidence=max(result.confidence, found.confidence * alike / 100))
        if usable and found.confidence >= CLEAR:
            return self._in_place_of(result, found)
        return replace(result, confidence=result.confidence * max(alike / 100, LEAST_KEPT))

    def _in_place_of(self, result: Transcript, found: Transcript) -> Transcript:
        sure = found.confidence
        if sure < BEYOND_DOUBT and familiarity(found.text.split(), self._phrases) < FAMILIAR:
            sure = min(sure, ASKED_ABOUT)
        return replace(found, confidence=sure, engine=result.engine)


class DigitsLookStream(Looking):
    """Where digits are asked for: by all known words, in any order, which the stream of ``again`` hears."""

    def __init__(self, first: Look, again: Callable[[], Look], lang: str) -> None:
        super().__init__(first)
        self._again = again
        self._lang = lang

    def finish(self) -> Transcript:
        result = self._first.finish()
        doubted = any(word.confidence < SURE for word in self._first.heard)
        if not self._whole or not doubted or digit_share(result.words, self._lang) < 1.0:
            return result
        share = digit_share(self._look(self._again)[1], self._lang)
        return result if share >= MOSTLY else replace(result, confidence=result.confidence * share)


def digit_share(words: Iterable[Word], lang: str) -> float:
    """How much of the time that ``words`` take is numerals, 0 to 1; 0 for none."""
    known, digits, total = _numerals(lang), 0, 0
    for word in words:
        ms = max(1, word.end_ms - word.start_ms)
        total += ms
        digits += ms if known.issuperset(word.text.split()) else 0
    return digits / total if total else 0.0


# what a digit is called as another word
_ALSO = {
    "es": ("doble", "triple"),
    "en": ("double", "triple", "treble", "o", "to", "too", "for", "won", "ate"),
}


@cache
def _numerals(lang: str) -> frozenset[str]:
    return frozenset((*language(lang).number_words, *digit_words(lang), *_ALSO[lang])) - {"a", "and", "y"}


def familiarity(words: Sequence[str], phrases: tuple[str, ...]) -> float:
    """How many of the joints between words, and of the first and the last word with the silence around, stand
    in one of the phrases as well; a share."""
    known = _joints(phrases)
    met = [joint in known for joint in pairwise(("", *words, ""))]
    return sum(met) / len(met)


@lru_cache(maxsize=32)
def _joints(phrases: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    return frozenset(joint for phrase in phrases for joint in pairwise(("", *phrase.split(), "")))
