"""Finds which sounds of a synthetic sentence belong to which of its words.

Synthesizers tell phones and their times but not words. The words that have phones of their own
(:mod:`voice.speech.whole_words`) are found by laying the phones that were said beside those words' sounds,
with the fewest changes (edit distance); between them any sounds may stand, as many as there are.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from tools.acoustic_model.features import Segment
from tools.acoustic_model.synthesis import is_letter_a
from voice.speech.lexicon import pronounce
from voice.speech.phones import SILENCE
from voice.speech.whole_words import OWN_WORDS, own_phones, sound_of

_CHANGED, _MISSING = 1.0, 0.7  # costs: another sound is dearer than one more or less
_ELSEWHERE = 0.3  # a sound of a word that has no phones of its own
_ANY = ""


def with_own_phones(segments: Sequence[Segment], text: str, lang: str) -> list[Segment]:
    """``segments`` of the sentence ``text``, the sounds of words that have their own phones renamed."""
    usual = _usual(lang)
    expected: list[tuple[str, str]] = []  # sound or any, word
    for at, word in enumerate(words := text.split()):
        article = lang == "en" and word == "a" and not is_letter_a(words, at)
        expected += [(sound, word) for sound in usual.get("" if article else word, (_ANY,))]
    said = [number for number, (phone, _, _) in enumerate(segments) if phone != SILENCE]
    found = _matched([segments[number][0] for number in said], expected)
    renamed = list(segments)
    for number, word in zip(said, found, strict=True):
        phone, start, end = segments[number]
        if word:
            (own,) = own_phones(word, (phone,), lang)
            renamed[number] = (own, start, end)
    return renamed


@functools.cache
def _usual(lang: str) -> dict[str, tuple[str, ...]]:
    """The sounds of each word that has its own phones, as it is most often said."""
    found = pronounce(OWN_WORDS[lang], lang)
    return {word: tuple(map(sound_of, ways[0])) for word, ways in found.items()}


def _matched(said: Sequence[str], expected: Sequence[tuple[str, str]]) -> list[str]:
    """The word of each sound said; nothing for a sound that is in none."""
    rows, columns = len(said) + 1, len(expected) + 1
    cost = np.zeros((rows, columns))
    step = np.zeros((rows, columns), np.int8)  # 0 both, 1 a sound said, 2 one expected
    cost[0], step[0] = np.arange(columns) * _MISSING, 2
    for row in range(1, rows):
        for column in range(columns):
            sound = expected[column - 1][0] if column else None
            more = cost[row - 1, column] + (_ELSEWHERE if sound == _ANY else _MISSING)
            both = less = np.inf
            if column:
                same = sound == said[row - 1]
                both = cost[row - 1, column - 1] + (_ELSEWHERE if sound == _ANY else not same and _CHANGED)
                less = cost[row, column - 1] + _MISSING
            step[row, column] = np.argmin((both, more, less))
            cost[row, column] = min(both, more, less)
    words = [""] * len(said)
    row, column = len(said), len(expected)
    while row:
        if step[row, column] == 1 or not column:
            row -= 1
        elif step[row, column] == 0:
            row, column = row - 1, column - 1
            words[row] = expected[column][1]
        else:
            column -= 1
    return words
