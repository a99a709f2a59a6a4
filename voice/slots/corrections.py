"""Corrections in the middle of an answer: "no, perdón, ...", "I mean ...". Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache

from voice.languages import Language
from voice.languages.base import word_list
from voice.slots.money import digit_readings
from voice.slots.numbers import find_numbers, tokenise


def split_correction(tokens: Sequence[str], facts: Language) -> tuple[Sequence[str], Sequence[str] | None]:
    """What stands before the last correction, and after it; None as the second when there is none."""
    start, after = -1, -1
    table = _phrases(facts)
    for i, token in enumerate(tokens):
        for words in table.get(token, ()):
            end = i + len(words)
            if end > after and tuple(tokens[i:end]) == words:
                start, after = i, end
    return (tokens, None) if start < 0 else (tokens[:start], tokens[after:])


@cache
def _phrases(facts: Language) -> dict[str, list[tuple[str, ...]]]:
    """Corrections by their first word."""
    table: dict[str, list[tuple[str, ...]]] = {}
    for phrase in facts.lexicon.corrections:
        words = tuple(phrase.split())
        table.setdefault(words[0], []).append(words)
    return table


def with_digits_replaced(
    head: Sequence[str], tail: Sequence[str], facts: Language, length: int
) -> str | None:
    """Digits of a known ``length`` of which the end was said again: "uno dos tres cuatro, perdón, cinco" is
    1235, and "seis uno dos tres, no, tres cuatro cinco" (of six) goes on after the second. None when the
    tail is whole by itself or the parts do not fit."""
    first = next(iter(digit_readings(head, facts.lexicon)), "")
    again = next(iter(digit_readings(tail, facts.lexicon)), "")
    if not first or not again or len(again) >= length or len(first) > length:
        return None
    kept = length - len(again)
    return first[:kept] + again if kept <= len(first) else None


def with_head_of_date(head: Sequence[str], tail: Sequence[str], facts: Language) -> list[str] | None:
    """The tail of a corrected date, completed with the head's day or month where it names only the other.
    None when it is whole by itself."""
    lexicon = facts.lexicon
    months = [[t for t in part if t in lexicon.months] for part in (head, tail)]
    days = [_days(part, facts) for part in (head, tail)]
    if months[0] and (year := _year_again(head, tail, facts)):
        return year
    weekdays = [t for t in tail if t in lexicon.weekdays]
    if months[0] and not months[1] and days[1] and not weekdays and len(tail) <= 4:
        month = months[0][-1]
        return [*days[1], "de", month] if facts.code == "es" else [month, *days[1]]
    if months[1] and not days[1] and days[0]:
        month = months[1][-1]
        return [*days[0], "de", month] if facts.code == "es" else [month, *days[0]]
    return None


def day_of_same_month(value: date, text: str, facts: Language) -> date | None:
    """The day that ``text`` names by its number alone ("the sixteenth"), in the month of ``value``; None for
    anything more, but its weekday, and where the month has no such day."""
    lexicon = facts.lexicon
    tokens = tokenise(text)
    day = _days(tokens, facts)
    cardinals = find_numbers([t for t in day if t not in lexicon.ordinals], lexicon)
    count = sum(int(n.value) for n in cardinals) + sum(lexicon.ordinals.get(t, 0) for t in day)
    weekdays = [lexicon.weekdays[t] for t in tokens if t in lexicon.weekdays]
    around = (*day, *_DAY_WORDS[facts.code])
    if not day or len(weekdays) > 1 or any(t not in around and t not in lexicon.weekdays for t in tokens):
        return None
    try:
        found = value.replace(day=count)
    except ValueError:
        return None
    return None if weekdays and weekdays[0] != found.weekday() else found


_DAY_WORDS = {"es": word_list("el dia"), "en": word_list("the day on")}


def _year_again(head: Sequence[str], tail: Sequence[str], facts: Language) -> list[str]:
    """The head with its last word, a year, replaced: "october ninth twenty twenty five, no, twenty six"."""
    said = [t for t in tail if t not in facts.lexicon.fillers]
    again = find_numbers(said, facts.lexicon)
    years = find_numbers(head, facts.lexicon)
    if len(again) != 1 or len(again[0].text) not in (2, 4) or again[0].end - again[0].start != len(said):
        return []
    if not years or years[-1].end != len(head):
        return []
    pair = len(years) > 1 and years[-2].end == years[-1].start and years[-2].text in _CENTURIES
    if not (pair or len(years[-1].text) == 4):
        return []
    return [*head[: years[-2 if pair else -1].start], *said]


_CENTURIES = frozenset(word_list("18 19 20 21"))


def _days(tokens: Sequence[str], facts: Language) -> list[str]:
    """The words of the first day number: a cardinal or an ordinal."""
    for i, token in enumerate(tokens):
        if token in facts.lexicon.ordinals:
            before = tokens[i - 1] if i and tokens[i - 1] in facts.lexicon.tens else None
            return [before, token] if before else [token]
    for number in find_numbers(tokens, facts.lexicon):
        if 1 <= number.value <= 31:
            return list(tokens[number.start : number.end])
    return []
