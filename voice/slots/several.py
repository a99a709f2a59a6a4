"""Two values where one was asked for: "Monday or Tuesday", "de nueve a diez", "between the third and the
fifth". Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from voice.languages.base import word_list

_OR = {"en": frozenset(word_list("or but")), "es": frozenset(word_list("o pero"))}
_UP_TO = frozenset(word_list("through thru hasta until till"))
_TO = frozenset(word_list("to a al"))
_INTO = frozenset(word_list("para"))
_AND = frozenset(word_list("and y"))
_BECAUSE = frozenset(word_list("because cause porque"))
_FROM = frozenset(word_list("from de del desde"))
_BETWEEN = frozenset(word_list("between entre"))
_COUNTS_ON = frozenset(word_list("partir contar mas more so"))  # after "a", "or": no second value
_MOVE = {
    "en": ("move", "moving", "chang", "reschedul", "switch", "postpon", "push"),
    "es": (
        "cambi", "muev", "mover", "pasar", "pase", "pasal", "aplaz", "pospon", "reprogram", "retras",
        "adelantar", "adelanten",
    ),
}  # fmt: skip  # beginnings of words that move a day or a time
_MOST_HALVES = 6  # looked at: who says more gives no answer
_LINKS = _OR["en"] | _OR["es"] | _UP_TO | _TO | _AND


Read = Callable[[Sequence[str], bool], str | None]
"""Reads one side as a value; with true only where it is a value from its first word to its last."""


def says_several(tokens: Sequence[str], lang: str, read: Read) -> bool:
    """Whether ``tokens`` name two different values, as ``read`` reads each side: a choice or a range."""
    for before, after, whole in islice(_halves(tokens, lang), _MOST_HALVES):
        one = read(before, whole)
        other = read(after, False) if one is not None else None
        if one is not None and other is not None and one != other:
            return True
    return False


def one_of_two(tokens: Sequence[str], lang: str) -> Sequence[str]:
    """The part of ``tokens`` that tells which of two values is meant: where it is moved to, or what stands
    before a reason ("at five because I work until four"); empty where nothing tells."""
    reason = next((i for i, t in enumerate(tokens) if t in _BECAUSE), 0)
    return _moved_to(tokens, lang) or tokens[:reason]


def _moved_to(tokens: Sequence[str], lang: str) -> Sequence[str]:
    """What stands after the "to" of "move it from Friday to Saturday"; empty where nothing is moved."""
    verb = next((i for i, t in enumerate(tokens) if t.startswith(_MOVE[lang])), None)
    if verb is None or _FROM.isdisjoint(tokens[verb:]):
        return ()
    start = next(i for i in range(verb, len(tokens)) if tokens[i] in _FROM)
    end = next((i for i in range(start, len(tokens)) if tokens[i] in _TO | _INTO), None)
    return () if end is None else tokens[end + 1 :]


def _halves(tokens: Sequence[str], lang: str) -> Iterator[tuple[Sequence[str], Sequence[str], bool]]:
    """The sides of each word that may part two values, and whether the first must be a value altogether: of
    a range what stands between "from" and "to"."""
    if _LINKS.isdisjoint(tokens):
        return
    opened = between = 0  # the place after the last "from", "between"
    for i, token in enumerate(tokens):
        after = tokens[i + 1 :]
        if i and after and after[0] not in _COUNTS_ON:
            if token in _OR[lang] | _UP_TO:
                yield tokens[:i], after, False
            elif opened and token in _TO:
                yield tokens[opened:i], after, True
            elif between and token in _AND:
                yield tokens[between:i], after, True
        opened = i + 1 if token in _FROM else opened
        between = i + 1 if token in _BETWEEN else between
