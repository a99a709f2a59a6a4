"""Compiles pronunciations into the decoding graph files of a Vosk model.

A Vosk model with run-time grammars needs ``HCLr.fst`` (from transition ids of the acoustic model to words),
``Gr.fst`` (the grammar used when none is given), ``words.txt``, ``phones/word_boundary.int`` and
``disambig_tid.int``. The layout follows Kaldi's conventions: one phone symbol per phone and position in the
word (begin, internal, end, single), a one-state HMM per phone symbol whose forward transition is taken on
entering and whose self-loop stays, and optional silence between words.

A run-time grammar of Vosk is a bigram over labels, so words of different phrases would mix. Therefore a
whole phrase is compiled under one label (:func:`phrase_label`) with optional silence between its words: the
bigram over such labels chooses among whole phrases. Before and after one of them something else may still be
said, at a cost. Fillers ("eh", "well") are such phrases as well, after which everything is still to come.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from voice.speech import fst, kinds, lead_ins
from voice.speech.fillers import fillers, phrase_label
from voice.speech.lexicon import Pronunciation
from voice.speech.phones import PHONES
from voice.speech.whole_words import MODEL_PHONES

UNKNOWN = "[unk]"  # any other word, beside words and loops
ELSE = "[else]"  # something else altogether, beside whole phrases: easier to take
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
    # The same for ``[else]``, below 0: the acoustic model fits the words of a list better than any loop of
    # phones. English tells all other speech apart with these.
    otherwise: float = 1.5
    otherwise_phone: float = -1.25
    again: float = 6.0  # anything that follows a whole phrase
    filler: float = 0.0  # "eh" before a phrase, before a digit or between two
    lonely: float = 2.0  # nothing after it
    trailing: float = 4.0  # "eh" after a whole phrase
    denying: float = 1.0  # a "no" with digits after it, beside phrases
    besides: float = 2.0  # anything but a digit after those digits


# Of other speech under a Spanish menu 80 % was told from it at (1.5, -1.25), 86 % at (1, -1.5) and 88 % at
# (0.5, -2); of 258 prompts in a list 81, 79 and 73 % were heard.
_COSTS = {"en": GraphCosts(), "es": GraphCosts(otherwise=4.0, otherwise_phone=-1.0)}


def phrase_of(label: str) -> str | None:
    """The words that a label of a phrase or unit stands for; None when it is one word."""
    if said := lead_ins.words_of(label):
        return said
    return (
        label.removeprefix("=").replace("_", " ").strip() if label.startswith("=") or "_" in label else None
    )


def word_list(words: Iterable[str], phrases: Iterable[str] = (), units: Iterable[str] = ()) -> list[str]:
    """The labels in order: 0 is nothing, the last are ``[else]``, ``[unk]`` and a disambiguation sign."""
    labels = [*sorted(words), *sorted(units), *map(phrase_label, sorted(phrases))]
    return [EPSILON, *labels, ELSE, UNKNOWN, DISAMBIGUATION]


def compilable(phrases: Iterable[str], lexicon: Mapping[str, object]) -> tuple[str, ...]:
    """The phrases of single spaces all of whose words can be pronounced, sorted, each once."""
    return tuple(sorted({p for p in phrases if p and all(word in lexicon for word in p.split(" "))}))


def graph_files(
    lexicon: Mapping[str, tuple[Pronunciation, ...]],
    lang: str,
    costs: GraphCosts | None = None,
    phrases: Sequence[str] = (),
) -> dict[str, bytes]:
    """The files of a model's ``graph`` folder, by their path inside it.

    Every word of ``phrases`` must be in ``lexicon``. The units of :mod:`voice.speech.kinds` (words that are
    always said together, such as "treinta_y_uno") are added as far as ``lexicon`` has their words. Raises
    ValueError for a pronunciation with a phone that ``lang`` has not.
    """
    units = [unit for unit in kinds.units(lang) if all(word in lexicon for word in unit.split("_"))]
    whole = kinds.words(lang) <= lexicon.keys()
    again, around = (kinds.again_labels(lang), lead_ins.labels(lang)) if whole else ((), ())
    words = word_list(lexicon, {*phrases, *fillers(lang).all}, [*units, *again, *around])
    symbols = 1 + 4 * len(MODEL_PHONES[lang])
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
    files["HCLr.fst"] = fst.encode(
        _Lexical(lang, words, costs or _COSTS[lang]).build(lexicon, phrases, units, fillers(lang).all, again)
    )
    files["Gr.fst"] = fst.encode(_word_loop(words))
    return files


def _word_loop(words: list[str]) -> fst.Fst:
    """Any sequence of words, all equally likely, ``[unk]`` among them."""
    grammar = fst.Fst()
    state = grammar.add_state()
    grammar.finals[state] = 0.0
    labels = [n for n, word in enumerate(words[1:-1], 1) if word != ELSE and phrase_of(word) is None]
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
        self._lang = lang
        self._phones = {phone: index for index, phone in enumerate(MODEL_PHONES[lang])}
        self._sounds = PHONES[lang]
        self._labels = {word: label for label, word in enumerate(words)}
        self._costs = costs
        self._fst = fst.Fst()

    def build(
        self,
        lexicon: Mapping[str, tuple[Pronunciation, ...]],
        phrases: Sequence[str] = (),
        units: Sequence[str] = (),
        unsure: Mapping[str, tuple[Pronunciation, ...]] | None = None,
        again: Sequence[str] = (),
    ) -> fst.Fst:
        """Words follow each other freely; a whole phrase costs nothing only when it is all that is said."""
        graph, costs = self._fst, self._costs
        start, quiet, between, silent = (graph.add_state() for _ in range(4))
        word, whole = graph.add_state(), graph.add_state()
        graph.add_arc(start, _enter(_SILENCE_PHONE), 0, costs.silence, quiet)
        graph.add_arc(quiet, _stay(_SILENCE_PHONE), 0, 0.0, quiet)
        for begin, cost in ((start, costs.silence), (quiet, 0.0)):
            graph.add_arc(begin, 0, 0, cost, word)
            graph.add_arc(begin, 0, 0, cost, whole)
        self._pause(between, silent, word)
        graph.add_arc(word, 0, 0, costs.again, whole)
        graph.finals |= {start: 0.0, quiet: 0.0, between: 0.0, silent: 0.0}
        for text, ways in sorted(lexicon.items()):
            for way in ways:
                self._add_word(self._labels[text], way, math.log(len(ways)), word, between)
        self._add_unknown(self._labels[UNKNOWN], costs.unknown, costs.unknown_phone, word, between)
        over, hushed = graph.add_state(), graph.add_state()
        self._pause(over, hushed, word, costs.again)
        graph.finals |= {over: 0.0, hushed: 0.0}
        self._add_unknown(self._labels[ELSE], costs.otherwise, costs.otherwise_phone, whole, over)
        for unit in units:
            self._add_phrase(self._labels[unit], self._ways(unit, lexicon), word, between)

        for phrase in phrases:
            ways_of_words = [lexicon[text] for text in phrase.split()]
            self._add_phrase(self._labels[phrase_label(phrase)], ways_of_words, whole, over)
        ready = self._add_fillers(unsure or {}, word, whole, over)
        if again:
            befores = {start: costs.silence, quiet: 0.0, ready: 0.0, over: costs.again, hushed: costs.again}
            self._add_around(lexicon, befores, word, between)
            self._add_said_again(again, lexicon, word)
        graph.sort_by_olabel()
        return graph

    def _add_fillers(
        self, unsure: Mapping[str, tuple[Pronunciation, ...]], word: int, whole: int, over: int
    ) -> int:
        """Before anything else, and after a whole phrase. Returns the state after one that came first."""
        graph, costs = self._fst, self._costs
        filled, hushed, ready, done, silent = (graph.add_state() for _ in range(5))
        self._pause(filled, hushed, ready)
        graph.add_arc(ready, 0, 0, 0.0, word)
        graph.add_arc(ready, 0, 0, 0.0, whole)
        self._pause(done, silent, word, costs.again)
        graph.finals |= {filled: costs.lonely, hushed: costs.lonely, done: 0.0, silent: 0.0}
        for start, cost, end in ((word, costs.filler, filled), (over, costs.trailing, done)):
            begun = graph.add_state()
            graph.add_arc(start, 0, 0, cost, begun)
            for text, ways in sorted(unsure.items()):
                self._add_phrase(self._labels[phrase_label(text)], [ways], begun, end)
        return ready

    def _add_around(
        self,
        lexicon: Mapping[str, tuple[Pronunciation, ...]],
        befores: Mapping[int, float],
        word: int,
        between: int,
    ) -> None:
        """Lead-ins, where nothing but a filler or a whole phrase was said yet (``befores``: states, and what
        it costs to come from them), and courtesies, after which nothing is said."""
        graph, costs = self._fst, self._costs
        opening, closing, silent = (graph.add_state() for _ in range(3))
        for state, cost in befores.items():
            graph.add_arc(state, 0, 0, cost, opening)
        graph.add_arc(closing, _enter(_SILENCE_PHONE), 0, costs.silence, silent)
        graph.add_arc(silent, _stay(_SILENCE_PHONE), 0, 0.0, silent)
        graph.finals |= {closing: 0.0, silent: 0.0}
        for label in lead_ins.labels(self._lang):
            before = label.startswith(lead_ins.BEFORE)
            ends = (opening, between) if before else (word, closing)
            self._add_phrase(self._labels[label], self._ways(label, lexicon), *ends)

    def _add_said_again(
        self, labels: Sequence[str], lexicon: Mapping[str, tuple[Pronunciation, ...]], word: int
    ) -> None:
        """A "no" and digits after it, which stand nowhere else."""
        graph, costs = self._fst, self._costs
        denied, hushed, first, digit, said, silent = (graph.add_state() for _ in range(6))
        led, still = graph.add_state(), graph.add_state()
        self._pause(denied, hushed, first)
        graph.add_arc(first, 0, 0, 0.0, digit)
        self._pause(led, still, digit)
        self._pause(said, silent, digit)
        graph.add_arc(digit, 0, 0, costs.besides, word)
        graph.finals |= {said: 0.0, silent: 0.0}
        begun = graph.add_state()
        graph.add_arc(word, 0, 0, costs.denying, begun)
        for label in labels:
            start, end = (begun, denied) if label == kinds.NO_FIRST else (digit, said)
            self._add_phrase(self._labels[label], self._ways(label, lexicon), start, end)
        for label in lead_ins.code_labels(self._lang):
            self._add_phrase(self._labels[label], self._ways(label, lexicon), first, led)

    def _pause(self, before: int, silent: int, after: int, cost: float = 0.0) -> None:
        """Silence or none between two states, ``cost`` more for going on."""
        graph, choice = self._fst, self._costs.silence
        graph.add_arc(before, _enter(_SILENCE_PHONE), 0, choice, silent)
        graph.add_arc(before, 0, 0, choice + cost, after)
        graph.add_arc(silent, _stay(_SILENCE_PHONE), 0, 0.0, silent)
        graph.add_arc(silent, 0, 0, cost, after)

    def _ways(
        self, label: str, lexicon: Mapping[str, tuple[Pronunciation, ...]]
    ) -> list[tuple[Pronunciation, ...]]:
        """Of the words of a unit, each."""
        also = lead_ins.ALSO if lead_ins.words_of(label) else {}
        return [(*lexicon[text], *also.get(text, ())) for text in (phrase_of(label) or label).split()]

    def _add_phrase(
        self, label: int, words: Sequence[tuple[Pronunciation, ...]], start: int, end: int
    ) -> None:
        """For the aligner of words the phrase is one long word: only its first and last phones are marked so.

        It tolerates the silence phones within."""
        graph = self._fst
        source = start
        for number, ways in enumerate(words):
            begins, ends = number == 0, number == len(words) - 1
            target = end if ends else graph.add_state()
            for way in ways:
                state = source
                for index, phone in enumerate(way):
                    first, last = begins and index == 0, ends and index == len(way) - 1
                    position = _SINGLE if first and last else _BEGIN if first else _END if last else _INTERNAL
                    state = self._add_phone(
                        state,
                        self._symbol(phone, position),
                        label if first else 0,
                        math.log(len(ways)) if index == 0 else 0.0,
                    )
                graph.add_arc(state, 0, 0, 0.0, target)
            if not ends:
                source = graph.add_state()
                self._pause(target, graph.add_state(), source)

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

    def _add_unknown(self, label: int, entering: float, each: float, start: int, end: int) -> None:
        """Two of the language's phones or more, in any order."""
        hub = self._fst.add_state()
        any_phone = math.log(len(self._sounds))
        for phone in self._sounds:
            begun = self._add_phone(start, self._symbol(phone, _BEGIN), label, any_phone + entering)
            self._fst.add_arc(begun, 0, 0, 0.0, hub)
            further = self._add_phone(hub, self._symbol(phone, _INTERNAL), 0, any_phone + each)
            self._fst.add_arc(further, 0, 0, 0.0, hub)
            ended = self._add_phone(hub, self._symbol(phone, _END), 0, any_phone)
            self._fst.add_arc(ended, 0, 0, 0.0, end)
