"""Finds a day in the middle of a sentence. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache, partial

from voice.languages import Language
from voice.languages.base import word_list
from voice.slots.date_terms import SUFFIXES, Day
from voice.slots.dates import date_words, read_day
from voice.slots.hits import TAKEN, UNSURE, Hit, Tokens, is_called, shrunk
from voice.slots.numbers import find_numbers, is_written
from voice.slots.reading import Parsed, Wanted

_LONGEST = 16  # words
_LEAST = 0.7
_NOW = frozenset(word_list("hoy ahora ahorita ayer today tonight now yesterday"))
_NAMED_DAYS = frozenset(word_list("manana tomorrow anteayer antier anoche"))
_UNITS = frozenset(
    word_list("dia dias semana semanas mes meses quincena day days week weeks month months fortnight")
)
_FOR = frozenset(word_list("para el este desde on for from by del"))
_AGO = frozenset(word_list("hace atras ago last pasado pasada"))
_APART = frozenset(word_list("y o u e a al hasta and or to at till until through"))  # between two values
_BEFORE_DAY = frozenset(word_list("el este proximo on this next"))
_ARTICLES = frozenset(word_list("el dia the"))

Reading = Callable[[Tokens], Day | None]


def find_day(tokens: Tokens, wanted: Wanted, facts: Language, today: date) -> Hit | None:
    """The first day that a sentence names by more than a number, else "el quince", "on the fifteenth"."""

    def reading(part: Tokens) -> Day | None:
        return read_day(part, facts.lexicon, facts.code, today)

    for start, end in _runs(tokens, facts):
        run = (start, min(end, start + _LONGEST))
        whole = reading(tokens[slice(*run)])
        if whole is None or whole.sure < _LEAST:
            continue
        span = _span(tokens, run, partial(_same_day, reading, whole.day), facts)
        sure = _sure(tokens, span, whole.sure, wanted, facts)
        if sure:
            return _hit(whole, sure, span, facts, today)
    return _numbered_day(tokens, facts, reading, today)


def _hit(day: Day, sure: float, span: tuple[int, int], facts: Language, today: date) -> Hit:
    others = tuple(other.isoformat() for other in day.others)
    spoken = facts.say_date(day.day, today)
    return Hit(Parsed(day.day.isoformat(), spoken, sure, "", others), *span)


def _sure(tokens: Tokens, span: tuple[int, int], sure: float, wanted: Wanted, facts: Language) -> float:
    """How sure a day is that its sentence may be about; 0 when it is about something else."""
    start, end = span
    said = set(tokens[start:end])
    tells = any(_tells(tokens, i, facts) for i in range(start, end))
    if not tells and not said & _NOW:
        return 0.0
    before = tokens[start - 1] if start else ""
    called = is_called(tokens, start, wanted.called) or before in _FOR
    soon = bool(said & _NAMED_DAYS)
    past = (said & _AGO and not soon) or before in _AGO
    now = said & _NOW and "antes" not in said and not said & _UNITS
    if (past or now) and not called:
        return 0.0  # "hoy no me funciona", "hace tres días" are about something else
    return sure if called or not (soon or now) else min(sure, UNSURE)


def _runs(tokens: Tokens, facts: Language) -> list[tuple[int, int]]:
    """Runs of words that dates are made of."""
    known = _vocabulary(facts)
    inside = {i for i, t in enumerate(tokens) if t in known or is_written(t) or _is_month(tokens, i, facts)}
    cuts = set()
    for n in find_numbers(tokens, facts.lexicon):
        inside |= set(range(n.start, n.end))
        before = tokens[n.start - 1] if n.start else ""
        following = tokens[n.end : n.end + 2]
        named = len(following) > 1 and following[0] in _BEFORE_DAY and before not in _ARTICLES
        if named and (following[1] in facts.lexicon.weekdays or following[1] in _NAMED_DAYS):
            cuts.add(n.end)  # "para cuatro el viernes": the four are people
    runs: list[tuple[int, int]] = []
    for i in sorted(inside):
        if runs and runs[-1][1] == i and i not in cuts:
            runs[-1] = (runs[-1][0], i + 1)
        else:
            runs.append((i, i + 1))
    return runs


@cache
def _vocabulary(facts: Language) -> frozenset[str]:
    return date_words(facts.lexicon, facts.code) | facts.lexicon.ordinals.keys()


@cache
def _short_months(facts: Language) -> frozenset[str]:
    return frozenset(month[:3] for month in facts.lexicon.months)


def _is_month(tokens: Tokens, i: int, facts: Language) -> bool:
    """A month, or "nov" beside a number."""
    if tokens[i] in facts.lexicon.months:
        return True
    if tokens[i] not in _short_months(facts):
        return False
    near = [*tokens[max(0, i - 1) : i], *tokens[i + 1 : i + 2]]
    return any(is_written(t) or t in facts.lexicon.number_words for t in near)


def _tells(tokens: Tokens, i: int, facts: Language) -> bool:
    """Whether a word tells that a day is meant: a month, a weekday, "pasado mañana", "5/3"."""
    token = tokens[i]
    if token in facts.lexicon.weekdays or token in _UNITS or token in _NAMED_DAYS:
        return True
    return _is_month(tokens, i, facts) or (is_written(token) and any(c in token for c in "/-"))


def _same_day(reading: Reading, day: date, part: Tokens) -> bool:
    found = reading(part)
    return found is not None and found.day == day


def _span(
    tokens: Tokens, run: tuple[int, int], same: Callable[[Tokens], bool], facts: Language
) -> tuple[int, int]:
    """The words of a run that name the day: the fewest that read the ``same``, and what belongs to them.
    Within the next month "quince" alone reads as "el viernes quince de diciembre" does, and yet neither the
    month nor the weekday may be left out."""
    numbers = find_numbers(tokens[slice(*run)], facts.lexicon)
    counts = {run[0] + i for n in numbers for i in range(n.start, n.end)}
    ordinals = facts.lexicon.ordinals
    kept = counts | {i for i in range(*run) if tokens[i] in ordinals or _tells(tokens, i, facts)}
    apart = {i for i in range(*run) if tokens[i] in _APART} - counts
    start, end = shrunk(tokens, *run, same)
    for i in range(end, min((i for i in apart if i >= end), default=run[1])):
        if i in kept and i + 1 not in counts and same(tokens[start : i + 1]):
            end = i + 1
    for i in range(start - 1, max((i for i in apart if i < start), default=run[0] - 1), -1):
        if i in kept and i - 1 not in counts and same(tokens[i:end]):
            start = i
    return start, end


_ON = frozenset(word_list("on for by from until"))  # before "the fifteenth"
_OF = frozenset(word_list("del de of"))
_AFTER_DAY = frozenset(word_list("a al por si en y o para at in if and or to"))
_SHARES = frozenset(word_list("ciento cien percent"))
_CHOOSES = frozenset(word_list("marco marcar pulso pulsar quiero elijo escojo prefiero opcion numero piso"))


def _numbered_day(tokens: Tokens, facts: Language, reading: Reading, today: date) -> Hit | None:
    """ "El quince", "on the fifteenth": asked about, for much else is numbered."""
    spanish = bool(facts.lexicon.tens_joiner)
    numbers = {n.start: n for n in find_numbers(tokens, facts.lexicon)}
    for i, token in enumerate(tokens):
        before = tokens[i - 1] if i else ""
        if token not in _ARTICLES or (before in _CHOOSES if spanish else before not in _ON):
            continue
        end = _end_of_rank(tokens, i + 1, facts) or (numbers[i + 1].end if i + 1 in numbers else 0)
        if not end:
            continue
        if end + 1 in numbers and tokens[end] in _OF:  # "el quince del doce"
            end = numbers[end + 1].end
        after, then = [*tokens[end:], TAKEN, TAKEN][:2]
        free = after == TAKEN or after in _AFTER_DAY or after in facts.lexicon.fillers - _OF
        if not free or then in _SHARES:
            continue
        found = reading(tokens[i:end])
        if found is not None and found.sure >= _LEAST:
            return _hit(found, min(found.sure, UNSURE), (i + 1, end), facts, today)
    return None


def _end_of_rank(tokens: Tokens, start: int, facts: Language) -> int:
    """The token after an ordinal that starts there ("twenty first"); 0 when none does."""
    end = start
    while end < len(tokens) and end < start + 2 and tokens[end] in facts.lexicon.tens:
        end += 1
    if end < len(tokens) and tokens[end] in facts.lexicon.ordinals:
        return end + 1
    written = start + 1 < len(tokens) and is_written(tokens[start]) and tokens[start + 1] in SUFFIXES
    return start + 2 if written else 0
