"""Two values where one was asked for: "Monday or Tuesday", "de nueve a diez", "between the third and the
fifth". Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from voice.languages.base import word_list

_OR = {"en": frozenset(word_list("or but")), "es": frozenset(word_list("o pero"))}
_UP_TO = frozenset(word_list("through thru hasta until till"))
_TO = frozenset(word_list("to a al"))
_AND = frozenset(word_list("and y"))
_FROM = frozenset(word_list("from de del desde"))
_BETWEEN = frozenset(word_list("between entre"))
_COUNTS_ON = frozenset(word_list("partir contar mas more so"))  # after "a", "or": no second value
_LINKS = _OR["en"] | _OR["es"] | _UP_TO | _TO | _AND


def says_several(tokens: Sequence[str], lang: str, read: Callable[[Sequence[str]], str | None]) -> bool:
    """Whether ``tokens`` name two different values, as ``read`` reads each side: a choice or a range."""
    for before, after in _halves(tokens, lang):
        one = read(before)
        other = read(after) if one is not None else None
        if one is not None and other is not None and one != other:
            return True
    return False


def _halves(tokens: Sequence[str], lang: str) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    if _LINKS.isdisjoint(tokens):
        return
    opened = between = False
    for i, token in enumerate(tokens):
        after = tokens[i + 1 :]
        splits = token in _OR[lang] | _UP_TO or (token in _TO and opened) or (token in _AND and between)
        if splits and i and after and after[0] not in _COUNTS_ON:
            yield tokens[:i], after
        opened = opened or token in _FROM
        between = between or token in _BETWEEN
