"""Finds which phone is spoken when, in a recording whose words are known (Viterbi forced alignment)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tools.acoustic_model.features import SUBSAMPLING, Floats, Labels, pdfs_of, phone_table
from voice.speech.lexicon import Pronunciation

_IMPOSSIBLE = -1e9


@dataclass(slots=True)
class _Path:
    """States in order; each is a phone held for 10 ms, with the states it may follow."""

    phones: list[int] = field(default_factory=list)
    firsts: list[bool] = field(default_factory=list)  # within the first 30 ms of its phone
    before: list[list[int]] = field(default_factory=list)
    enters: list[bool] = field(default_factory=list)  # may begin the utterance

    def add_phone(self, phone: int, after: list[int], enters: bool) -> int:
        """At least 30 ms of a phone: the decoder, too, must give it one answer. The last state stays."""
        for tick in range(SUBSAMPLING):
            self.phones.append(phone)
            self.firsts.append(True)
            self.before.append(list(after) if tick == 0 else [len(self.phones) - 2])
            self.enters.append(enters and tick == 0)
            after = []
        self.phones.append(phone)
        self.firsts.append(phone == 0)
        self.before.append([len(self.phones) - 2, len(self.phones) - 1])
        self.enters.append(False)
        return len(self.phones) - 1


def _ends(last: int) -> list[int]:
    """The states a phone may be left from: after its third frame or any later one."""
    return [last - 1, last]


def build_path(
    words: list[str], lexicon: Mapping[str, tuple[Pronunciation, ...]], lang: str
) -> tuple[_Path, list[int]]:
    """The states of an utterance and those it may end in. Silence is allowed before, between and after
    the words. Raises KeyError for a word without a pronunciation."""
    numbers = {phone: number for number, phone in enumerate(phone_table(lang))}
    path = _Path()
    loose = _ends(path.add_phone(0, [], enters=True))
    start = True
    for word in words:
        ends: list[int] = []
        for way in lexicon[word]:
            last, first = loose, start
            for phone in way:
                last = _ends(path.add_phone(numbers[phone], last, enters=first))
                first = False
            ends += last
        silence = _ends(path.add_phone(0, ends, enters=False))
        loose, start = ends + silence, False
    return path, loose


def align(
    outputs: Floats,
    words: list[str],
    lexicon: Mapping[str, tuple[Pronunciation, ...]],
    lang: str,
) -> tuple[Labels, float] | None:
    """The output of each 10 ms frame, and the mean log score of the path above silence-free chance.

    ``outputs`` are scaled log likelihoods (frames, outputs) by output, priors divided out. None when the
    recording is too short for the words.
    """
    path, finals = build_path(words, lexicon, lang)
    phones, firsts = np.array(path.phones), np.array(path.firsts)
    pdfs = pdfs_of(phones, ~firsts)
    scores = outputs[:, pdfs]
    before = _padded(path.before)
    best = np.where(path.enters, scores[0], _IMPOSSIBLE)
    trail = np.zeros((len(outputs), len(pdfs)), np.int32)
    rows = np.arange(len(pdfs))
    for at in range(1, len(outputs)):
        came = np.append(best, _IMPOSSIBLE)[before]
        pick = came.argmax(1)
        trail[at] = before[rows, pick]
        best = came[rows, pick] + scores[at]
    state = max(finals, key=lambda final: best[final])
    if best[state] < _IMPOSSIBLE / 2:
        return None
    total = float(best[state])
    found = np.zeros(len(outputs), np.uint16)
    for at in range(len(outputs) - 1, -1, -1):
        found[at] = pdfs[state]
        state = trail[at][state]
    return found, total / len(outputs)


def _padded(before: list[list[int]]) -> npt.NDArray[np.int32]:
    """Rows of equal length; the padding points at an impossible state one past the last."""
    width = max(map(len, before))
    nowhere = len(before)
    return np.array([[*row, *[nowhere] * (width - len(row))] for row in before], np.int32)
