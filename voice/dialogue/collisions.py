"""Which examples of one wish would be taken for another, had the understanding not learned them. Pure.

Each sentence is judged by all the others: ridge regression over the features of
:mod:`voice.dialogue.understanding`, whose leave-one-out answers have a closed form (Golub, Heath and Wahba
1979; Rasmussen and Williams 2006, "Gaussian Processes for Machine Learning", 5.12), so that a line's hundred
sentences take some milliseconds rather than a training each.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from voice.dialogue.understanding import features
from voice.languages import fold, language

if TYPE_CHECKING:
    import numpy as np

_WEIGHTS = {"w": 1.0, "p": 0.6, "c": 0.8}  # of words, pairs and letter groups, as in the understanding
_LIGHT = 0.3  # of "the", "quiero" and the like: they say nothing about which wish it is
_RIDGE = 0.15
# The others put a sentence under another wish from the second score, or from the first when one of that
# wish is much like it. Clear sentences of the demonstration reach 0.58 (and are then less alike), those
# written to collide begin at 0.52 and 0.61.
_TAKEN, _SURELY = 0.48, 0.6
_ALIKE = 0.55  # cosine
_FEWEST = 5  # sentences of a wish from which it can be said what the rest of them teach


@dataclass(frozen=True, slots=True)
class Sentence:
    intent: str
    text: str


@dataclass(frozen=True, slots=True)
class Collision:
    """``one`` is taken for the wish of ``other``, the sentence most like it there."""

    one: Sentence
    other: Sentence
    score: float  # of that wish; 1 is what the sentences of a wish are learned to have


@lru_cache(maxsize=64)
def collisions(sentences: tuple[Sentence, ...], lang: str) -> tuple[Collision, ...]:
    """Each sentence that the others would put under another wish, with the one there that is most like it.
    The last answers are kept: most edits of a flow leave its sentences as they are."""
    import numpy as np

    intents = sorted({sentence.intent for sentence in sentences})
    if len(intents) < 2:
        return ()
    matrix = _vectors([fold(sentence.text) for sentence in sentences], lang)
    cosines = matrix @ matrix.T
    own = np.array([intents.index(sentence.intent) for sentence in sentences])
    truth = np.eye(len(intents))[own]
    inverse = np.linalg.inv(cosines + _RIDGE * np.eye(len(sentences)))
    enough = truth.sum(axis=0) >= _FEWEST
    unseen = truth - (inverse @ truth) / np.diag(inverse)[:, None]
    found: list[Collision] = []
    for at, sentence in enumerate(sentences):
        taken = int(unseen[at].argmax())
        if taken == own[at] or unseen[at, taken] < _TAKEN or not enough[own[at]]:
            continue
        rivals = np.flatnonzero(own == taken)
        nearest = int(rivals[cosines[at, rivals].argmax()])
        if unseen[at, taken] < _SURELY and cosines[at, nearest] < _ALIKE:
            continue
        found.append(Collision(sentence, sentences[nearest], round(float(unseen[at, taken]), 2)))
    return tuple(found)


def _vectors(texts: Sequence[str], lang: str) -> np.ndarray:
    """A unit row for each text; a text without words is all zeros."""
    import numpy as np

    counted = [features(text) for text in texts]
    seen: Counter[str] = Counter()
    for counts in counted:
        seen.update(counts.keys())
    place = {name: at for at, name in enumerate(sorted(seen))}
    light = language(lang).function_words
    matrix = np.zeros((len(texts), len(place)))
    for row, counts in enumerate(counted):
        for name, count in counts.items():
            rarity = math.log((1 + len(texts)) / (1 + seen[name])) + 1
            weight = _WEIGHTS[name[0]] * (_LIGHT if name[2:] in light else 1.0)
            matrix[row, place[name]] = (1 + math.log(count)) * rarity * weight
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / np.where(norms > 0, norms, 1.0))
