"""Reads whole numbers that count things: "tres", "dos docenas", "menos cinco", "none". Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from voice.languages import Lexicon
from voice.languages.base import word_list
from voice.slots.fractions import in_figures
from voice.slots.money import strangers
from voice.slots.numbers import Number, find_numbers, is_negative, is_written, parse_written

_DOZENS = frozenset(word_list("docena docenas dozen dozens"))
_NONE = frozenset(word_list("ninguno ninguna ningun nada none nobody nothing nil"))
_PAIRS = frozenset(word_list("par couple pair both ambos ambas"))
_ONE = frozenset(word_list("un una single"))
_ROUGH = frozenset(word_list("something odd tantos tantas pico"))  # after a number: or a few more
_VAGUE = 0.5
_PERCENT = (("percent",), ("per", "cent"), ("por", "ciento"), ("%",))
_MOST_STRANGERS = 8


def read_integer(tokens: Sequence[str], lexicon: Lexicon) -> tuple[str, float] | tuple[()] | None:
    """A whole number and the confidence in it; an empty tuple for two different ones, None for none."""
    tokens = in_figures(tokens, lexicon)
    counted = _dozens(tokens, lexicon)
    if counted is not None:
        return str(counted), 0.95
    if not lexicon.half_words.isdisjoint(tokens):
        return None  # "dos y medio" counts nothing
    numbers = _joined(tokens, find_numbers(tokens, lexicon))
    shares = [n for n in numbers if any(tuple(tokens[n[0].end : n[0].end + len(p)]) == p for p in _PERCENT)]
    if len(shares) < len(numbers):
        numbers = [n for n in numbers if n not in shares]  # "a hundred percent sure it's nine"
    if not numbers:
        return _without_number(tokens, lexicon)
    strange = strangers(tokens, [n for n, _ in numbers], lexicon)
    if strange > _MOST_STRANGERS:
        return None
    values = {value for _, value in numbers}
    dictated = all(a.end == b.start for (a, _), (b, _) in pairwise(numbers))
    if len(numbers) > 1 and dictated and all(n.unit for n, _ in numbers):  # "one two three"
        return str(int("".join(n.text for n, _ in numbers))), 0.5
    if len(numbers) > 1 and (hundreds := _hundreds_unsaid(numbers, lexicon)):
        return str(hundreds), 0.6
    if len(values) > 1:
        return ()
    value = values.pop()
    if value != value.to_integral_value():
        return None
    negative = is_negative(tokens, numbers[0][0].start, lexicon)
    after = tokens[numbers[-1][0].end :][:2]
    rough = not _ROUGH.isdisjoint(after) or any(word in lexicon.ordinals for word in after[:1])
    return str(-int(value) if negative else int(value)), _VAGUE if rough else max(0.3, 1.0 - 0.05 * strange)


def _hundreds_unsaid(numbers: list[tuple[Number, Decimal]], lexicon: Lexicon) -> int | None:
    """ "One fifty", "two twenty five", "eighteen fifteen", "twenty oh five": in English the hundred is left
    out. A number said twice is one, unless both are a year ("twenty twenty")."""
    together = all(a.end == b.start for (a, _), (b, _) in pairwise(numbers))
    (first, hundreds), *rest = numbers
    if lexicon.tens_joiner or not together or not 1 <= hundreds < 100:
        return None
    match rest:
        case [(second, low)] if 10 <= low < 100 and not second.unit:
            total = int(hundreds * 100 + low)
            return total if hundreds != low or _FIRST_YEAR <= total <= _LAST_YEAR else None
        case [(nought, zero), (second, low)] if zero == 0 and nought.unit and second.unit and not first.unit:
            return int(hundreds * 100 + low)
    return None


_FIRST_YEAR, _LAST_YEAR = 1800, 2200


def _joined(tokens: Sequence[str], numbers: list[Number]) -> list[tuple[Number, Decimal]]:
    """Numbers with their values; "mil y uno" and "1 234 567" are one number each."""
    found: list[tuple[Number, Decimal]] = []
    for number in numbers:
        value = _value(tokens, number)
        if found:
            before, sum_before = found[-1]
            gap = list(tokens[before.end : number.start])
            whole = Number(sum_before, "", "", before.start, number.end)
            if gap in (["y"], ["and"]) and before.scaled and number.value < 1000:
                found[-1] = (whole, sum_before + value)
                continue
            grouped = is_written(tokens[number.start]) and len(tokens[number.start]) == 3
            if not gap and grouped and is_written(tokens[before.start]) and sum_before > 0:
                found[-1] = (whole, sum_before * 1000 + value)
                continue
        found.append((number, value))
    return found


def _value(tokens: Sequence[str], number: Number) -> Decimal:
    token = tokens[number.start]
    return parse_written(token) if is_written(token) and number.end == number.start + 1 else number.value


def _dozens(tokens: Sequence[str], lexicon: Lexicon) -> int | None:
    for i, token in enumerate(tokens):
        if token not in _DOZENS:
            continue
        before = [t for t in tokens[max(0, i - 2) : i] if t not in ("of", "a", "una")]
        if before and before[-1] in lexicon.half_words:
            return 6
        if before and before[-1] == "bakers":
            return 13
        numbers = [n for n in find_numbers(tokens[:i], lexicon) if n.end == i]
        half = 6 if list(tokens[i + 1 : i + 3]) in (["y", "media"], ["and", "a"]) else 0
        return (int(numbers[-1].value) * 12 if numbers else 12) + half
    return None


def _without_number(tokens: Sequence[str], lexicon: Lexicon) -> tuple[str, float] | None:
    if len(tokens) > 6:
        return None
    if set(tokens) & _PAIRS:
        return "2", 0.8
    content = [t for t in tokens if t not in lexicon.fillers or t in _ONE]
    if any(t in _NONE and [t, *tokens[i + 1 : i + 2]] != ["nada", "mas"] for i, t in enumerate(tokens)):
        return "0", 0.7
    if set(content) & _ONE and len(content) <= 2:
        return "1", 0.8
    return None
