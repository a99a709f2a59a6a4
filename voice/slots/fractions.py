"""Parts and multiples of round numbers: "half a million", "dos millones y medio", "a couple of hundred".

Rewrites what names one number in several words into that number in figures, so that the readers of amounts
and counts see one number. Not for digits, dates or times, where the same words mean other things. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import pairwise

from voice.languages import Lexicon
from voice.languages.base import word_list
from voice.slots.numbers import Number, find_numbers, is_written, parse_written

_QUARTERS = frozenset(word_list("quarter quarters cuarto cuartos"))
_OF = frozenset(word_list("of a an de un una"))
_AND = frozenset(word_list("y and"))
_ARTICLES = frozenset(word_list("a an un una"))
_PAIRS = frozenset(word_list("couple par pair"))
_LETTERS = {"k": 1000, "m": 1_000_000, "mm": 1_000_000, "bn": 1_000_000_000}  # after figures: "200k"
_MANY = {  # names of round numbers that are counted like things
    "centenar": 100, "centenares": 100, "cientos": 100, "millar": 1000, "millares": 1000, "miles": 1000,
    "decena": 10, "decenas": 10, "quincena": 15, "veintena": 20, "veintenas": 20, "treintena": 30,
    "cuarentena": 40, "cincuentena": 50, "score": 20, "scores": 20, "hundreds": 100, "thousands": 1000,
    "millions": 1_000_000, "billions": 1_000_000_000,
}  # fmt: skip
_ALONE = frozenset(word_list("centenar millar decena quincena veintena treintena cuarentena cincuentena"))
_TELLING = _QUARTERS | _PAIRS | _LETTERS.keys() | _MANY.keys()
_LONGEST = 15  # figures
_MOST = Decimal(10) ** 15  # more is no price and no count, and beyond what decimals can divide
_PASSES = 3  # "a couple of" + "hundred" + "thousand"

_Rule = Callable[[Sequence[str], int, Lexicon, dict[int, Number]], tuple[Decimal, int, int] | None]


def in_figures(tokens: Sequence[str], lexicon: Lexicon) -> list[str]:
    """The tokens, with fractions and multiples of round numbers as one written number each."""
    said = list(tokens)
    hundreds = any(is_written(a) and b in lexicon.hundred for a, b in pairwise(said))
    if not hundreds and (_TELLING | lexicon.half_words | lexicon.decimal_words).isdisjoint(said):
        return said  # nothing of the kind: nearly always
    for _ in range(_PASSES):
        changed = _once(said, lexicon)
        if changed == said:
            break
        said = changed
    return said


def _once(said: list[str], lexicon: Lexicon) -> list[str]:
    numbers = find_numbers(said, lexicon)
    ending = {number.end: number for number in numbers if number.value < _MOST}
    for at in range(len(said)):
        for rule in _RULES:
            found = rule(said, at, lexicon, ending)
            if found is not None and found[0] < _MOST:
                value, start, end = found
                return [*said[:start], _written(value), *said[end:]]
    return said


def _written(value: Decimal) -> str:
    """As :func:`parse_written` reads it: no three decimals, which would be thousands."""
    text = f"{value.normalize():f}"
    return f"{text}0" if len(text.partition(".")[2]) == 3 else text


def _round(said: Sequence[str], at: int, lexicon: Lexicon) -> int | None:
    token = said[at] if at < len(said) else ""
    return lexicon.scales.get(token) or (100 if token in lexicon.hundred else None)


def _value(said: Sequence[str], number: Number) -> Decimal:
    token = said[number.start]
    return parse_written(token) if number.end == number.start + 1 and is_written(token) else number.value


def _part(said: Sequence[str], at: int, lexicon: Lexicon) -> tuple[Decimal, int] | None:
    """A half or quarters that begin at ``at``: the share, and the token after it."""
    token = said[at] if at < len(said) else ""
    if token in lexicon.half_words:
        return Decimal("0.5"), at + 1
    if token in ("quarter", "cuarto"):
        return Decimal("0.25"), at + 1
    if at + 1 < len(said) and said[at + 1] in _QUARTERS and token in ("three", "tres", "3"):
        return Decimal("0.75"), at + 2
    if token in _ARTICLES and at + 1 < len(said):
        return _part(said, at + 1, lexicon) if said[at + 1] not in _ARTICLES else None
    return None


def _share(
    said: Sequence[str], at: int, lexicon: Lexicon, ending: dict[int, Number]
) -> tuple[Decimal, int, int] | None:
    """ "Half a million", "un cuarto de millón"; "two and a half million"."""
    part = _part(said, at, lexicon)
    if part is None:
        return None
    share, end = part
    number = ending.get(at - 1) if at and said[at - 1] in _AND else None
    whole, start = (_value(said, number), number.start) if number and not number.scaled else (Decimal(0), at)
    skipped = end
    while skipped < len(said) and skipped < end + 2 and said[skipped] in _OF:
        skipped += 1
    scale = _round(said, skipped, lexicon) or (_MANY.get(said[skipped]) if skipped < len(said) else None)
    if scale is None or scale < 100 or (skipped == end and scale == 100 and said[skipped] not in _MANY):
        return None
    return (whole + share) * scale, start, skipped + 1


def _and_a_half(
    said: Sequence[str], at: int, lexicon: Lexicon, ending: dict[int, Number]
) -> tuple[Decimal, int, int] | None:
    """ "A million and a half", "dos millones y medio": the half of the scale."""
    scale = lexicon.scales.get(said[at])
    if scale is None or scale < 1000 or at + 1 >= len(said) or said[at + 1] not in _AND:
        return None
    part = _part(said, at + 2, lexicon)
    number = ending.get(at + 1)
    if part is None or number is None or _round(said, part[1], lexicon) or scale == 1000 != _last(number):
        return None
    share, end = part
    if end < len(said) and said[end] in _OF and end + 1 < len(said) and _round(said, end + 1, lexicon):
        return None
    start = number.start - (number.start > 0 and said[number.start - 1] in _ARTICLES)
    return number.value + share * scale, start, end


def _last(number: Number) -> int:
    return 1000 if number.value % 1000 == 0 else 1


def _point(
    said: Sequence[str], at: int, lexicon: Lexicon, ending: dict[int, Number]
) -> tuple[Decimal, int, int] | None:
    """ "Two point five million", "uno coma cinco millones"."""
    number = ending.get(at)
    after = next((n for n in ending.values() if n.start == at + 1), None)
    if said[at] not in lexicon.decimal_words or number is None or after is None or number.scaled:
        return None
    words = said[after.start : after.end]
    scale = lexicon.scales.get(words[-1])
    if scale is None or after.value >= 10 * scale or after.value % scale:
        return None
    return (_value(said, number) + Decimal(int(after.value / scale)) / 10) * scale, number.start, after.end


def _letter(
    said: Sequence[str], at: int, lexicon: Lexicon, ending: dict[int, Number]
) -> tuple[Decimal, int, int] | None:
    """ "200k", which is two tokens."""
    number = ending.get(at)
    if said[at] not in _LETTERS or number is None or number.scaled:
        return None
    if said[at] != "k" and not is_written(said[at - 1]):
        return None
    return _value(said, number) * _LETTERS[said[at]], number.start, at + 1


def _hundreds(
    said: Sequence[str], at: int, lexicon: Lexicon, ending: dict[int, Number]
) -> tuple[Decimal, int, int] | None:
    """ "3 hundred and 5": figures before a hundred."""
    if not is_written(said[at]) or at + 1 >= len(said) or said[at + 1] not in lexicon.hundred:
        return None
    if len(said[at]) > _LONGEST:
        return None
    value, end = parse_written(said[at]) * 100, at + 2
    rest = end + (end < len(said) and said[end] == lexicon.hundred_joiner)
    following = next((n for n in ending.values() if n.start == rest), None)
    if following is not None and following.value < 100 and not following.scaled:
        value, end = value + _value(said, following), following.end
    return value, at, end


def _multiple(
    said: Sequence[str], at: int, lexicon: Lexicon, ending: dict[int, Number]
) -> tuple[Decimal, int, int] | None:
    """ "Dos centenares", "three score", "un par de miles", "a couple of hundred"."""
    token = said[at]
    if token in _PAIRS:
        end = at + 1
        while end < len(said) and end < at + 3 and said[end] in _OF:
            end += 1
        size = _round(said, end, lexicon) or (_MANY.get(said[end]) if end < len(said) else None)
        start = at - (at > 0 and said[at - 1] in _ARTICLES)
        if size:
            return Decimal(2 * size), start, end + 1
        money = end < len(said) and said[end] in lexicon.currency_words
        return (Decimal(2), start, end) if money else None  # "a couple of euros"
    size = _MANY.get(token)
    if size is None:
        return None
    number = ending.get(at)
    if number is not None:
        return _value(said, number) * size, number.start, at + 1
    if token in _ALONE:
        return Decimal(size), at - (at > 0 and said[at - 1] in _ARTICLES), at + 1
    return None


_RULES: tuple[_Rule, ...] = (_share, _and_a_half, _point, _letter, _hundreds, _multiple)
