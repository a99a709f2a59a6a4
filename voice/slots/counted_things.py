"""Leaves out of a sentence about a day the numbers that count other things: "two tickets", "a table for two
on the tenth", "nos va bien a los dos". Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from voice.languages import Lexicon
from voice.languages.base import word_list
from voice.slots.beside_months import has_day_after, is_month
from voice.slots.date_terms import (
    AGO,
    BUSINESS,
    DAY_PARTS,
    LINKS,
    NEAR,
    PARTS_OF_DAYS,
    RELATIVE,
    SUFFIXES,
    UNITS,
)
from voice.slots.numbers import Number, find_numbers

_FOR = frozenset(word_list("for para"))
_BEGIN_DAYS = frozenset(word_list("the el on this next este tomorrow today manana hoy pasado"))
_OF_DAYS = frozenset(word_list("the el del dia day de of en in"))  # before a day of the month
_NEAR_WORDS = frozenset(word for name in NEAR for word in name.split())
_OF_DATES = frozenset(
    UNITS.keys()
    | RELATIVE.keys()
    | BUSINESS
    | PARTS_OF_DAYS
    | SUFFIXES
    | LINKS
    | AGO
    | DAY_PARTS
    | _NEAR_WORDS
)


def without_counts(tokens: Sequence[str], lexicon: Lexicon) -> list[str]:
    """``tokens``, in which ordinals are words still, without such numbers; what they count stays."""
    drop: set[int] = set()
    numbers = {n.start: n for n in find_numbers(tokens, lexicon)}
    for start, number in numbers.items():
        if _counts(tokens, number, numbers, lexicon):
            drop.update(range(start, number.end))
    return [t for i, t in enumerate(tokens) if i not in drop]


def _counts(tokens: Sequence[str], number: Number, numbers: Mapping[int, Number], lexicon: Lexicon) -> bool:
    before = tokens[number.start - 1] if number.start else ""
    after = tokens[number.end] if number.end < len(tokens) else ""
    if is_month(tokens, number.end, lexicon):
        return before in _FOR and has_day_after(tokens, number.end, numbers, lexicon)
    if before == "los":
        return after not in ("de", "del")
    days = lexicon.weekdays.keys() | lexicon.months.keys()
    in_run = any(other.end == number.start for other in numbers.values())
    of_date = before in _OF_DAYS | SUFFIXES or before in days or before in lexicon.ordinals
    if in_run or of_date or is_month(tokens, number.start - 1, lexicon):
        return False
    if before in _FOR and (after in days or after in _BEGIN_DAYS):
        return True
    thing = after.isalpha() and number.end not in numbers and after not in _OF_DATES | _BEGIN_DAYS
    known = (lexicon.fillers, lexicon.after_days, lexicon.ordinals, lexicon.possible_numbers)
    named = {after, after.rstrip("s")} & days  # "hace dos domingos"
    return thing and not named and not any(after in words for words in known)
