"""Reads answers from closed sets: yes or no, and one of named options. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from rapidfuzz import fuzz

from voice.languages import Language, fold
from voice.languages.base import word_list
from voice.slots.money import Reading

_CLOSE = 80  # rapidfuzz ratio from which a window of the utterance counts as a synonym
_MARGIN = 8  # the best option must be this much better than the second
# "Por favor" alone answers an offer; often it is "sí, por favor" of which the first word was lost.
_PLEASE = 0.6
_PLEASE_WORDS = frozenset({"por", "favor", "porfa", "please"})
_NOT = frozenset({"no", "ni", "not", "sin"})
_ORDINAL_NOUNS = frozenset(
    word_list(
        """
        opcion option numero number el la the one lo choice
        """
    )
)
_SHIFT = frozenset(
    word_list(
        """
        perdon digo sorry actually wait mejor espera mean rather
        """
    )
)


def read_yes_no(text: str, facts: Language) -> Reading:
    """ "yes" or "no"; None when neither or both are said. A polarity word deep inside a long sentence does
    not count ("quiero saber si no me cobraron")."""
    words = fold(text).split()
    marks, left = _polarities(words, facts)
    if not marks:
        return ("yes", _PLEASE) if words and set(words) <= _PLEASE_WORDS else None
    kinds = [mark.kind for mark in marks]
    if "?" in kinds or _asks(words, marks[0].start, facts):
        return None
    for i, word in enumerate(words):
        if word in _SHIFT and any(m.start < i for m in marks) and any(m.start > i for m in marks):
            marks = [mark for mark in marks if mark.start > i]
            kinds = [mark.kind for mark in marks]
    if len(set(kinds)) > 1:
        return None
    if kinds[0] == "yes" and _asks_after(words, marks[-1].end):
        return None
    if kinds[0] == "yes" and left and not _unreserved([words[mark.start] for mark in marks], words):
        return None
    leading = sum(1 for w in words[: marks[0].start] if w not in facts.lexicon.fillers)
    if leading and len(left) > 3:
        return None
    return kinds[0], max(0.4, 1.0 - 0.08 * len(left))


# Alone they agree; before other words they only open a sentence ("quiero mi saldo", "good question").
_OPENERS = frozenset({"quiero", "bueno", "verdad", "sale", "good", "right", "great"})
# After a yes they take back part of it: "correcto menos el final", "yes but not the last one".
_RESERVES = frozenset(
    {"pero", "menos", "excepto", "salvo", "otro", "otra", "mal", "but", "except", "another", "wrong"}
)


def _unreserved(agreeing: Sequence[str], words: Sequence[str]) -> bool:
    """Whether a yes beside other words is a whole one."""
    return _RESERVES.isdisjoint(words) and not _OPENERS.issuperset(agreeing)


class _Mark(NamedTuple):
    """A phrase that says "yes", "no" or, "?", neither: ``words[start:end]``."""

    start: int
    end: int
    kind: str


@cache
def _polarity_table(facts: Language) -> dict[tuple[str, ...], str]:
    table: dict[tuple[str, ...], str] = {}
    for kind, phrases in (("yes", facts.yes_phrases), ("no", facts.no_phrases), ("?", facts.neither_phrases)):
        for phrase in phrases:
            table[tuple(fold(phrase).split())] = kind
    return table


def _polarities(words: Sequence[str], facts: Language) -> tuple[list[_Mark], list[str]]:
    """Covers the words with known phrases, longest first. Returns those, and the words left."""
    table = _polarity_table(facts)
    longest = max(map(len, table))
    marks: list[_Mark] = []
    left: list[str] = []
    i = 0
    while i < len(words):
        for size in range(min(longest, len(words) - i), 0, -1):
            kind = table.get(tuple(words[i : i + size]))
            if kind and not (size == 1 and _conditional(words, i, kind)):
                marks.append(_Mark(i, i + size, kind))
                i += size
                break
        else:
            if words[i] not in facts.lexicon.fillers:
                left.append(words[i])
            i += 1
    return marks, left


def _conditional(words: Sequence[str], i: int, kind: str) -> bool:
    """ "si" inside a sentence is "if", and "no" after it "if not"."""
    at = i if kind == "yes" else i - 1
    return (
        at > 0
        and words[at] == "si"
        and at + 1 < len(words)
        and words[at - 1] not in ("que", "si", "pues", "bueno", "claro")
    )


_BEFORE_QUESTIONS = frozenset(word_list("y e pero and but so well oye oiga perdone perdona sorry entonces"))
_QUESTIONS = frozenset(
    word_list(
        """
        que cuanto cuanta cuantos cuantas cuando donde quien quienes cual cuales como adonde
        what when where who why how which whose
        """
    )
)
_ASKING = frozenset(word_list("do does did is are was can could will would should has have must may am"))
_ASKED = frozenset(word_list("i you we they he she it that this there my your the a"))
_AS_YOU_LIKE = frozenset(word_list("quiera quieras quieran pueda puedas diga digas guste sea siempre"))
_WEAK = frozenset(
    word_list("ah ya vale bueno ok okay okey bien claro entiendo perfecto all right alright i see oh")
)
_PLAIN_YES = frozenset(word_list("yes yeah yep"))


def _begins_question(words: Sequence[str]) -> bool:
    """ "Cuándo es", "when is it"; not "cuando usted quiera", "when it suits you", which ask nothing."""
    if not words or words[0] not in _QUESTIONS:
        return False
    at_will = not _AS_YOU_LIKE.isdisjoint(words[1:3]) or words[1:2] == ["usted"]
    return not at_will and _ASKED.isdisjoint(words[1:2])


def _asks_after(words: Sequence[str], end: int) -> bool:
    """Whether a question follows nothing but signs of listening, which end at ``end``: "ah, vale, ¿y eso qué
    es?" is no yes."""
    said = list(words[end:])
    while said and (said[0] in _BEFORE_QUESTIONS or said[0] in _WEAK or said[0] == "eso"):
        said = said[1:]
    weak = all(word in _WEAK or word in _BEFORE_QUESTIONS for word in words[:end])
    return weak and _begins_question(said)


def _asks(words: Sequence[str], mark: int, facts: Language) -> bool:
    """Whether a question comes before the yes or no at ``mark``: "¿qué pasa si no puedo ir?", "do I have to
    pay if I don't come?" answer nothing. "Que no" is a no with emphasis, and "can you? Yes" a yes."""
    if mark > 1 and words[mark:] in (["no"], ["not"]) and words[mark - 1] in ("o", "or"):
        return True  # "hay que pagar o no"
    said = list(words[:mark])
    while said and (said[0] in _BEFORE_QUESTIONS or said[0] in facts.lexicon.fillers):
        said = said[1:]
    if said[:2] == ["por", "que"] or _begins_question(said):
        return said not in (["que"], ["what"])
    inverted = len(said) > 1 and said[0] in _ASKING and said[1] in _ASKED
    return inverted and not (len(said) == 2 and words[mark] in _PLAIN_YES)


def read_choice(text: str, facts: Language, options: Mapping[str, Sequence[str]]) -> Reading:
    """The key of the option that was named, by a synonym, nearly one, or its place ("la segunda")."""
    words = fold(text).split()
    if not words:
        return None
    scores = {key: _score(words, (key.replace("_", " "), *synonyms)) for key, synonyms in options.items()}
    ranked = sorted(scores, key=lambda key: -scores[key])
    if ranked and scores[ranked[0]] >= _CLOSE:
        second = scores[ranked[1]] if len(ranked) > 1 else 0.0
        if scores[ranked[0]] - second < _MARGIN:
            return None
        extra = 0.0 if scores[ranked[0]] >= 100 else 0.15
        return ranked[0], max(0.5, scores[ranked[0]] / 100 - extra)
    return _by_place(words, facts, list(options))


def _score(words: Sequence[str], phrases: Sequence[str]) -> float:
    """0 to 100+: exact phrases beat near ones, longer exact ones beat shorter."""
    best = 0.0
    for phrase in phrases:
        target = fold(phrase).split()
        size = len(target)
        if not size:
            continue
        joined = " ".join(target)
        for width in {size, max(1, size - 1), size + 1}:
            for i in range(max(1, len(words) - width + 1)):
                window = " ".join(words[i : i + width])
                if window == joined:
                    negated = set(words[max(0, i - 2) : i]) & _NOT
                    best = max(best, 0.0 if negated else 100.0 + 5 * (size - 1) * 2)
                elif len(joined) >= 4:
                    ratio = fuzz.ratio(_sounds(window), _sounds(joined))
                    best = max(best, ratio - 4 if ratio >= _CLOSE else 0.0)
    return best


def _sounds(word: str) -> str:
    """Letters that recognizers and callers confuse, made one."""
    for a, b in (
        ("h", ""),
        ("v", "b"),
        ("ll", "y"),
        ("z", "s"),
        ("ce", "se"),
        ("ci", "si"),
        ("qu", "k"),
        ("c", "k"),
    ):
        word = word.replace(a, b)
    return word


def _by_place(words: Sequence[str], facts: Language, keys: Sequence[str]) -> Reading:
    lex = facts.lexicon
    rest = [w for w in words if (w not in _ORDINAL_NOUNS and w not in lex.fillers) or w in lex.ordinals]
    if rest in (["ultima"], ["ultimo"], ["last"]):
        return (keys[-1], 0.8) if keys else None
    if len(rest) != 1:
        return None
    place = (
        lex.ordinals.get(rest[0]) or lex.units.get(rest[0]) or (int(rest[0]) if rest[0].isdecimal() else 0)
    )
    return (keys[place - 1], 0.8) if 1 <= place <= len(keys) else None
