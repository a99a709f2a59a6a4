"""Compiles pronunciations into the decoding graph files of a Vosk model.

A Vosk model with run-time grammars needs ``HCLr.fst`` (from transition ids of the acoustic model to words),
``Gr.fst`` (the grammar used when none is given), ``words.txt``, ``phones/word_boundary.int`` and
``disambig_tid.int``. The layout follows Kaldi's conventions: one phone symbol per phone and position in the
word (begin, internal, end, single), a one-state HMM per phone symbol whose forward transition is taken on
entering and whose self-loop stays, and optional silence between words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from voice.speech import fst
from voice.speech.lexicon import PHONES, Pronunciation

UNKNOWN = "[unk]"
EPSILON = "<eps>"
DISAMBIGUATION = "#0"

_POSITIONS = ("begin", "internal", "end", "singleton")
_BEGIN, _INTERNAL, _END, _SINGLE = range(4)
_SILENCE_PHONE = 1


@dataclass(frozen=True, slots=True)
class GraphCosts:
    """Costs (negative natural logarithms) that shape the graph."""

    silence: float = 0.7  # taking, and not taking, the silence between two words
    # Entering the phone loop that stands for any other word. From 2 to 4, real digits taken for another word
    # fall from 2 to 1 %; other speech heard as digits does not change measurably.
    unknown: float = 3.0
    unknown_phone: float = 1.0  # each further phone in it


def word_list(words: Mapping[str, object]) -> list[str]:
    """The words in label order: label 0 is nothing, the last two are ``[unk]`` and a disambiguation sign."""
    return [EPSILON, *sorted(words), UNKNOWN, DISAMBIGUATION]


def graph_files(
    lexicon: Mapping[str, tuple[Pronunciation, ...]], lang: str, costs: GraphCosts | None = None
) -> dict[str, bytes]:
    """The files of a model's ``graph`` folder, by their path inside it.

    Raises ValueError for a pronunciation with a phone that ``lang`` has not.
    """
    words = word_list(lexicon)
    symbols = 1 + 4 * len(PHONES[lang])
    lines = {
        "words.txt": [f"{word} {label}" for label, word in enumerate(words)],
        "phones/word_boundary.int": [
            f"{_SILENCE_PHONE} nonword",
            *(f"{number} {_POSITIONS[(number - 2) % 4]}" for number in range(2, symbols + 1)),
        ],
        # one past the last transition id: a list must be there, and nothing must match it
        "disambig_tid.int": [str(2 * symbols + 1)],
    }
    files = {name: ("\n".join(text) + "\n").encode() for name, text in lines.items()}
    files["HCLr.fst"] = fst.encode(_Lexical(lang, words, costs or GraphCosts()).build(lexicon))
    files["Gr.fst"] = fst.encode(_word_loop(words))
    return files


def _word_loop(words: list[str]) -> fst.Fst:
    """Any sequence of words, all equally likely, ``[unk]`` among them."""
    grammar = fst.Fst()
    state = grammar.add_state()
    grammar.finals[state] = 0.0
    labels = range(1, len(words) - 1)
    for label in labels:
        grammar.add_arc(state, label, label, math.log(len(labels)), state)
    return grammar


def _enter(symbol: int) -> int:
    """The forward transition id of a phone symbol (Kaldi numbers them from 1, self-loop first)."""
    return 2 * symbol


def _stay(symbol: int) -> int:
    return 2 * symbol - 1


class _Lexical:
    """Builds the transducer from transition ids to words."""

    def __init__(self, lang: str, words: list[str], costs: GraphCosts) -> None:
        self._phones = {phone: index for index, phone in enumerate(PHONES[lang])}
        self._labels = {word: label for label, word in enumerate(words)}
        self._costs = costs
        self._fst = fst.Fst()

    def build(self, lexicon: Mapping[str, tuple[Pronunciation, ...]]) -> fst.Fst:
        graph = self._fst
        between, silent, word = graph.add_state(), graph.add_state(), graph.add_state()
        cost = self._costs.silence
        graph.add_arc(between, _enter(_SILENCE_PHONE), 0, cost, silent)
        graph.add_arc(between, 0, 0, cost, word)
        graph.add_arc(silent, _stay(_SILENCE_PHONE), 0, 0.0, silent)
        graph.add_arc(silent, 0, 0, 0.0, word)
        graph.finals |= {between: 0.0, silent: 0.0}
        for text, ways in sorted(lexicon.items()):
            for way in ways:
                self._add_word(self._labels[text], way, math.log(len(ways)), word, between)
        self._add_unknown(word, between)
        graph.sort_by_olabel()
        return graph

    def _symbol(self, phone: str, position: int) -> int:
        if phone not in self._phones:
            raise ValueError(f"{phone}: no such phone in this language's acoustic model")
        return 2 + 4 * self._phones[phone] + position

    def _add_phone(self, source: int, symbol: int, label: int, cost: float) -> int:
        target = self._fst.add_state()
        self._fst.add_arc(source, _enter(symbol), label, cost, target)
        self._fst.add_arc(target, _stay(symbol), 0, 0.0, target)
        return target

    def _add_word(self, label: int, way: Pronunciation, cost: float, start: int, end: int) -> None:
        """The label stands on the first arc, so that grammars prune early."""
        state = start
        for index, phone in enumerate(way):
            first, last = index == 0, index == len(way) - 1
            position = _SINGLE if first and last else _BEGIN if first else _END if last else _INTERNAL
            state = self._add_phone(
                state, self._symbol(phone, position), label if first else 0, cost if first else 0.0
            )
        self._fst.add_arc(state, 0, 0, 0.0, end)

    def _add_unknown(self, start: int, end: int) -> None:
        """``[unk]``: two phones or more, in any order."""
        hub = self._fst.add_state()
        any_phone = math.log(len(self._phones))
        label = self._labels[UNKNOWN]
        for phone in self._phones:
            begun = self._add_phone(
                start, self._symbol(phone, _BEGIN), label, any_phone + self._costs.unknown
            )
            self._fst.add_arc(begun, 0, 0, 0.0, hub)
            further = self._add_phone(
                hub, self._symbol(phone, _INTERNAL), 0, any_phone + self._costs.unknown_phone
            )
            self._fst.add_arc(further, 0, 0, 0.0, hub)
            ended = self._add_phone(hub, self._symbol(phone, _END), 0, any_phone)
            self._fst.add_arc(ended, 0, 0, 0.0, end)
