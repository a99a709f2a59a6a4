"""What a caller wants: intents learned from a few example sentences, on this machine, with no cloud service.

:class:`ExampleUnderstanding` is a softmax regression over TF-IDF of words, word pairs and letter groups,
solved in the space of the examples (a few hundred at most), so that numpy alone is enough. Sentences that
belong to no intent are learned too (a small built-in background), which is what keeps the confidence of
out-of-scope utterances low. How sure it may be is learned from each flow's own examples, each judged by a
model that has not seen it. Where only a noun speaks for an intent, :mod:`voice.dialogue.evidence` makes it
less sure. Figures: docs/understanding.md.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from voice.dialogue.background import BACKGROUND
from voice.dialogue.evidence import Evidence, levelled
from voice.languages import fold, language
from voice.model import IntentGuess

if TYPE_CHECKING:
    import numpy as np

OUT_OF_SCOPE = 0.4
"""Below this best confidence an utterance is none of the intents (chosen by measurement)."""

LEARNED = 32  # models kept, of 0.7 MB for a large flow
REMEMBERED = 16
CLOSE = 0.4  # the second guess is close from this share of the first
TOGETHER = 0.5  # and together they must be this sure
SURE_OF_TWO = 0.8  # from here on a guess is taken whatever else is near
SIDE = 0.5  # confidence from which each of two wishes that are joined by "or" is one


def close_pair(guesses: Sequence[IntentGuess]) -> tuple[IntentGuess, IntentGuess] | None:
    """The best two guesses when one question should tell them apart, else None."""
    if len(guesses) < 2:
        return None
    first, second = guesses[:2]
    close = second.confidence >= CLOSE * first.confidence
    return (first, second) if close and first.confidence + second.confidence >= TOGETHER else None


class Understanding(Protocol):
    """Tells what a caller wants."""

    def classify(self, text: str, lang: str) -> tuple[IntentGuess, ...]:
        """Guesses, best first; confidences are probabilities and sum to at most 1. Empty for no words."""
        ...


class ExampleUnderstanding:
    """Intents from ``examples`` ({intent: {lang: [sentence, ...]}}); ``labels`` names them for people.

    Each language's model is trained at construction, but for examples that one of the last
    :data:`LEARNED` was trained on: most edits of a flow touch no example. Deterministic; safe to share
    between calls.
    """

    def __init__(
        self,
        examples: Mapping[str, Mapping[str, Sequence[str]]],
        labels: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self._labels = labels or {}
        langs = sorted({lang for by_lang in examples.values() for lang in by_lang})
        self._models = {
            lang: _learned(
                tuple((i, tuple(by_lang[lang])) for i, by_lang in examples.items() if by_lang.get(lang)), lang
            )
            for lang in langs
        }
        self._evidence = {
            lang: Evidence(
                {i: by_lang.get(lang, ()) for i, by_lang in examples.items()},
                {i: by_lang.get(lang, "") for i, by_lang in self._labels.items()},
                lang,
            )
            for lang in langs
        }

    def classify(self, text: str, lang: str) -> tuple[IntentGuess, ...]:
        """See :meth:`Understanding.classify`; a language without examples gives no guess."""
        words = fold(text[:500])
        if lang not in self._models or not words:
            return ()
        guesses = self._weighed(words, lang)
        named = self._either(words, lang)
        return levelled(guesses, named) if named else guesses

    def _either(self, words: str, lang: str) -> tuple[str, ...]:
        """The two wishes, each of them clear, that stand on the sides of an "or"; else empty."""
        for before, after in self._evidence[lang].sides(words):
            sides = [self._weighed(side, lang)[0] for side in (before, after)]
            if sides[0].intent != sides[1].intent and min(g.confidence for g in sides) >= SIDE:
                return sides[0].intent, sides[1].intent
        return ()

    def _weighed(self, words: str, lang: str) -> tuple[IntentGuess, ...]:
        guesses = [
            IntentGuess(intent, round(p, 4), self._labels.get(intent, {}).get(lang, ""))
            for intent, p in self._models[lang].probabilities(words)
        ]
        best_first = sorted(guesses, key=lambda g: (-g.confidence, g.intent))
        return self._evidence[lang].weighed(words, best_first)


class Remembering:
    """Another understanding, for one call: a turn's words are looked at from several sides (4 ms each time).
    The last :data:`REMEMBERED` answers are kept."""

    def __init__(self, understanding: Understanding) -> None:
        self._understanding = understanding
        self._known: dict[tuple[str, str], tuple[IntentGuess, ...]] = {}  # oldest first

    def classify(self, text: str, lang: str) -> tuple[IntentGuess, ...]:
        """As the other's."""
        known = self._known.get((text, lang))
        if known is None:
            known = self._known[text, lang] = self._understanding.classify(text, lang)
            if len(self._known) > REMEMBERED:
                del self._known[next(iter(self._known))]
        return known


def features(folded: str) -> Counter[str]:
    """Words, neighbouring pairs, and groups of 3 and 4 letters inside words, with their counts."""
    words = folded.split()
    counts = Counter(f"w:{w}" for w in words)
    counts.update(f"p:{a} {b}" for a, b in itertools.pairwise(words))
    for word in words:
        padded = f" {word} "
        for size in (3, 4):
            counts.update(f"c:{padded[i : i + size]}" for i in range(len(padded) - size + 1))
    return counts


# Chosen on few-shot samples of public intents and a small telecom set: docs/understanding.md.
_WEIGHTS = {"w": 1.0, "p": 0.6, "c": 0.8}  # words, pairs, letter groups
_FUNCTION_WORDS = 0.5  # weight of "the", "quiero", ... beside other words
_STRENGTH = 8.0  # inverse regularisation
_STEPS = 160
_MOST_POWERS = 100  # 20 are enough for the flows we know
_COMMON = 0.4  # square of the feature that every sentence has: what an intent's bias is learned from
_SHARPNESS = 1.4  # scale of the logits before the examples have their say
_FOLDS = 4  # parts of the examples that are judged by the others, to see how sure one may be
_MANY = 400  # examples from which two parts tell as much, in a third of the time
_SHARPEST = 6.0
_BACKGROUND = 0.7  # weight of the background against one intent
_NEAR = 0.35  # cosine from which a background sentence belongs to an intent and is left out


_Examples = tuple[tuple[str, tuple[str, ...]], ...]
"""Intents, each with its sentences in one language."""


@lru_cache(maxsize=LEARNED)
def _learned(examples: _Examples, lang: str) -> _Model:
    return _Model(dict(examples), lang)


class _Model:
    """One language's intents, and one class more for what belongs to none of them. Immutable."""

    def __init__(self, examples: Mapping[str, Sequence[str]], lang: str) -> None:
        import numpy as np

        self.intents = sorted(examples)
        texts = [(fold(t), k) for k, intent in enumerate(self.intents) for t in examples[intent]]
        rejected = len(self.intents)
        self._vocabulary: dict[str, int] = {}
        background = [fold(t) for t in BACKGROUND.get(lang, ())]
        texts += [(t, rejected) for t in background]
        counted = [features(text) for text, _ in texts]
        seen: Counter[str] = Counter()
        for counts in counted:
            seen.update(counts.keys())
        for name in sorted(seen):
            self._vocabulary[name] = len(self._vocabulary)
        n = len(texts)
        self._idf = np.array([math.log((1 + n) / (1 + seen[name])) + 1 for name in self._vocabulary])
        light = language(lang).function_words
        self._weight = np.array(
            [_WEIGHTS[n[0]] * (_FUNCTION_WORDS if n[2:] in light else 1.0) for n in self._vocabulary]
        )
        matrix = np.stack([self._vector(c) for c in counted]) if counted else np.zeros((0, 0))
        cosines = matrix @ matrix.T
        # a background sentence close to an example is in this business's scope
        count = n - len(background)
        near = cosines[count:, :count].max(axis=1) if count and background else np.zeros(0)
        keep = [*range(count), *(count + i for i, value in enumerate(near) if value < _NEAR)]
        classes = [texts[i][1] for i in keep]
        kept = matrix[keep]
        kernel = cosines[np.ix_(keep, keep)] + _COMMON
        alpha, missing = _train(kernel, classes, rejected + 1)
        scale = _sharpness(kernel, classes, rejected + 1)
        self._coefficients = kept.T @ alpha * scale
        self._bias = _COMMON * alpha.sum(axis=0) * scale + missing

    def _vector(self, counts: Counter[str]) -> np.ndarray:
        import numpy as np

        vector = np.zeros(len(self._vocabulary))
        unknown = 0.0
        for name, count in counts.items():
            at = self._vocabulary.get(name)
            if at is None:
                unknown += _WEIGHTS[name[0]] ** 2
            else:
                vector[at] = (1 + math.log(count)) * self._idf[at] * self._weight[at]
        # unknown words count in the length: a sentence that is mostly new is far from every example
        top = float(self._idf.max()) if len(self._idf) else 1.0
        norm = math.sqrt(float(vector @ vector) + unknown * top**2)
        return vector / norm if norm else vector

    def probabilities(self, folded: str) -> Iterable[tuple[str, float]]:
        import numpy as np

        logits = self._vector(features(folded)) @ self._coefficients + self._bias
        odds = np.exp(logits - logits.max())
        odds /= odds.sum()
        return zip(self.intents, map(float, odds), strict=False)


def _train(kernel: np.ndarray, classes: Sequence[int], count: int) -> tuple[np.ndarray, np.ndarray]:
    """Softmax regression with an L2 penalty, classes weighted alike, by accelerated gradient descent in the
    space of the examples (``kernel``: their products). Returns the examples' weights (examples x classes)
    and what keeps classes without examples out (classes)."""
    import numpy as np

    n = len(classes)
    if not n:
        return np.zeros((0, count)), np.zeros(count)
    truth = np.eye(count)[list(classes)]
    sizes = truth.sum(axis=0)
    balance = n / (np.count_nonzero(sizes) * np.maximum(sizes, 1))
    balance[-1] *= _BACKGROUND
    weights = balance[list(classes)][:, None]
    alpha, missing = np.zeros((n, count)), np.where(sizes > 0, 0.0, -50.0)
    ahead = alpha.copy()
    rate = 2.0 / (_largest_eigenvalue(kernel) * float(weights.max()) + 1 / _STRENGTH)
    for step in range(_STEPS):
        logits = kernel @ ahead
        logits += missing
        logits -= logits.max(axis=1, keepdims=True)
        odds = np.exp(logits, out=logits)
        odds /= odds.sum(axis=1, keepdims=True)
        gradient = (odds - truth) * weights
        following = ahead - rate * (gradient + ahead / _STRENGTH)
        ahead = following + step / (step + 3) * (following - alpha)
        alpha = following
    return alpha, missing


def _largest_eigenvalue(kernel: np.ndarray) -> float:
    """Of a symmetric matrix of positive numbers, from above, by its powers between the bounds of Collatz and
    Wielandt (Horn and Johnson 2013, "Matrix Analysis", 8.1): all eigenvalues took a third of the training."""
    import numpy as np

    vector = np.ones(len(kernel))
    largest = 0.0
    for _ in range(_MOST_POWERS):
        image = kernel @ vector
        ratios = image / vector
        largest = float(ratios.max())
        if largest - float(ratios.min()) <= 1e-12 * largest:
            break
        vector = image / largest
    return largest


def _log_odds(logits: np.ndarray) -> np.ndarray:
    """Logarithms of the softmax of each row."""
    import numpy as np

    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def _sharpness(kernel: np.ndarray, classes: Sequence[int], count: int) -> float:
    """What the logits are multiplied by so that confidences match how often they are right: the temperature
    (Guo et al. 2017, "On Calibration of Modern Neural Networks") that suits each fold of the examples, judged
    by a model of the other folds. An author's examples resemble each other more than callers do, so it
    counts half: the geometric mean with the scale that suits callers of other flows."""
    import numpy as np

    labels = np.array(classes, dtype=int)
    seen: Counter[int] = Counter()
    folds = _FOLDS if len(labels) < _MANY else 2
    fold_of = np.zeros(len(labels), dtype=int)
    for at, label in enumerate(classes):
        fold_of[at] = seen[label] % folds
        seen[label] += 1
    judged = [label for label in seen if seen[label] >= folds]
    if len(judged) < 2:
        return _SHARPNESS  # too little to judge by
    logits = np.zeros((len(labels), count))
    for part in range(folds):
        inside, outside = np.flatnonzero(fold_of != part), np.flatnonzero(fold_of == part)
        alpha, missing = _train(kernel[np.ix_(inside, inside)], labels[inside].tolist(), count)
        logits[outside] = kernel[np.ix_(outside, inside)] @ alpha + missing
    share = np.array([1 / seen[label] for label in classes])
    rows = np.arange(len(labels))

    def loss(scale: float) -> float:
        # one example that is unlike all others must not decide: no loss counts more than log(1e4)
        right = np.maximum(_log_odds(logits * scale)[rows, labels], -math.log(1e4))
        return -float((share * right).sum())

    best = min(np.geomspace(0.5, _SHARPEST, 32).tolist(), key=loss)
    return math.sqrt(best * _SHARPNESS)
