"""Which numbers beside a month are days and years, and so no hours: "at five thirty October third", "oct 3 at
noon", "May fifth twenty twenty seven at noon". Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from voice.languages import Lexicon
from voice.slots.date_terms import SUFFIXES
from voice.slots.numbers import Number

_OF = ("of", "de", "del")
_CENTURIES = (19, 20)
_MOST_DAYS = 31


def _at(tokens: Sequence[str], i: int) -> str:
    return tokens[i] if 0 <= i < len(tokens) else ""


def is_month(tokens: Sequence[str], i: int, lexicon: Lexicon) -> bool:
    """A month, or the beginning of one beside figures: "oct 3"."""
    token = _at(tokens, i)
    if token in lexicon.months:
        return True
    beside = _at(tokens, i - 1)[:1].isdecimal() or _at(tokens, i + 1)[:1].isdecimal()
    return len(token) == 3 and beside and any(month.startswith(token) for month in lexicon.months)


def is_rank(tokens: Sequence[str], i: int, lexicon: Lexicon) -> bool:
    """An ordinal begins there: "third", "twenty first", "3rd"."""
    token, after = _at(tokens, i), _at(tokens, i + 1)
    if token in lexicon.ordinals or (token in lexicon.tens and after in lexicon.ordinals):
        return True
    return token.isdecimal() and after in SUFFIXES


def ends_day(tokens: Sequence[str], i: int, numbers: Mapping[int, Number], lexicon: Lexicon) -> bool:
    """Whether a day ends with the token at ``i``: "second (of)", "dos (de)", "3 rd"."""
    i -= _at(tokens, i) in _OF
    ranked = _at(tokens, i) in lexicon.ordinals or _at(tokens, i) in SUFFIXES
    return ranked or any(n.end == i + 1 for n in numbers.values())


def has_day_after(
    tokens: Sequence[str], i: int, numbers: Mapping[int, Number], lexicon: Lexicon, counted: bool = True
) -> bool:
    """Whether the month at ``i`` is followed by its day: "October third"; with ``counted`` also "October
    three", where no year can be meant."""
    if not is_month(tokens, i, lexicon):
        return False
    i += 1 + (_at(tokens, i + 1) == "the")
    number = numbers.get(i)
    if is_rank(tokens, i, lexicon) or not counted or number is None:
        return is_rank(tokens, i, lexicon)
    return number.value <= _MOST_DAYS and number.end not in numbers


def is_year(tokens: Sequence[str], i: int, numbers: Mapping[int, Number], lexicon: Lexicon) -> bool:
    """Whether "twenty twenty seven" begins at ``i``, after a month or its day."""
    first = numbers.get(i)
    second = numbers.get(first.end) if first is not None else None
    if first is None or second is None or first.value not in _CENTURIES or not 0 <= second.value <= 99:
        return False
    before = _at(tokens, i - 1)
    if is_month(tokens, i - 1, lexicon) or before in lexicon.ordinals or before in SUFFIXES:
        return True
    day = next((n.start for n in numbers.values() if n.end == i), None)
    return day is not None and is_month(tokens, day - 1, lexicon)
