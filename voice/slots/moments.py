"""Reads times told from the moment of speaking: "in two hours", "dentro de media hora", "half an hour ago".

Pure: when it is now is passed in by those who turn a shift into a time or a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from voice.languages import Lexicon
from voice.languages.base import phrase_list, word_list
from voice.slots.durations import SMALL_UNITS, duration_parts, find_durations, seconds
from voice.slots.reading import Found

_EXACT, _LATER, _VAGUE = 1.0, 0.8, 0.5
_SPAN = 0.6  # "in the next two hours": until then
_NEARLY = frozenset(
    word_list(
        """
        about around roughly approximately like some maybe say nearly almost just another unos unas como
        aproximadamente casi otro otra ya exactly exactamente un una
        """
    )
)
_ARTICLES = frozenset(word_list("the el la los las"))
_NEXT = frozenset(word_list("next proximos proximas siguientes"))
_AHEAD = frozenset(word_list("in within en"))
_FOLLOWING = frozenset(word_list("after tras"))
_SINCE = frozenset(word_list("hace hara hacia"))
_NEVER = frozenset(word_list("every each cada"))
_TAILS: tuple[tuple[tuple[str, ...], int, float], ...] = tuple(
    sorted(
        (
            *((tuple(p.split()), 1, _EXACT) for p in phrase_list(
                """
                from now, from right now, from this moment, hence, a partir de ahora, desde ahora,
                a partir de este momento, desde este momento, a contar desde ahora, from here
                """
            )),
            *((tuple(p.split()), 1, _LATER) for p in phrase_list("later, mas tarde, despues, later on")),
            *((tuple(p.split()), -1, _EXACT) for p in phrase_list(
                "ago, atras, back, before now, before this moment, antes de ahora, antes de este momento"
            )),
            *((tuple(p.split()), -1, _VAGUE) for p in phrase_list("earlier, antes, mas temprano")),
        ),
        key=lambda tail: -len(tail[0]),
    )
)  # fmt: skip
_NOW = tuple(
    tuple(phrase.split())
    for phrase in phrase_list(
        """
        right now, now, immediately, right away, straight away, at once, this minute, this very moment,
        ahora mismo, ahora, ahorita mismo, ahorita, ya mismo, en este momento, en este mismo momento,
        inmediatamente, de inmediato, enseguida, en seguida
        """
    )
)
_NOT = frozenset(word_list("not no cant never nunca except until till hasta from desde"))


@dataclass(frozen=True, slots=True)
class Shift:
    """``minutes`` from now (below zero: ago), how sure that is, and the tokens that say it."""

    minutes: int
    sure: float
    start: int
    end: int


def read_shift(tokens: Sequence[str], lexicon: Lexicon, lang: str) -> Shift | None:
    """The first length of time in hours, minutes or seconds that is told from now; None when there is none
    ("for two hours" is none)."""
    return next((shift for shift, _ in _lengths(tokens, lexicon, lang) if shift is not None), None)


def read_now(tokens: Sequence[str], lexicon: Lexicon) -> Shift | None:
    """ "Now", "ahora mismo", with nothing else said but fillers."""
    if _NOT.intersection(tokens):
        return None
    for phrase in _NOW:
        for i in range(len(tokens) - len(phrase) + 1):
            if tuple(tokens[i : i + len(phrase)]) == phrase:
                rest = [*tokens[:i], *tokens[i + len(phrase) :]]
                return Shift(0, _LATER, i, i + len(phrase)) if _only_fillers(rest, lexicon) else None
    return None


def _only_fillers(tokens: Sequence[str], lexicon: Lexicon) -> bool:
    return all(token in lexicon.fillers for token in tokens)


def without_lengths(tokens: Sequence[str], lexicon: Lexicon, lang: str) -> list[str]:
    """The tokens without lengths of hours, minutes and seconds, and without what says they are from now:
    their numbers are no days ("on Saturday for two hours")."""
    drop: set[int] = set()
    for shift, length in _lengths(tokens, lexicon, lang):
        span = (shift.start, shift.end) if shift is not None else (length.start, length.end)
        drop.update(range(*span))
    return [t for i, t in enumerate(tokens) if i not in drop] if drop else list(tokens)


def moment(shift: Shift, today: date, at: time | None) -> tuple[datetime, float] | None:
    """When a shift ends, in the line's time, and how sure that is; without the time of day, which only the
    day may be asked of, it is reckoned from noon and doubted. None beyond the calendar."""
    start = datetime.combine(today, at if at is not None else time(12))
    try:
        found = start + timedelta(minutes=shift.minutes)
    except OverflowError:
        return None
    return found, shift.sure if at is not None else min(shift.sure, _VAGUE)


def _lengths(tokens: Sequence[str], lexicon: Lexicon, lang: str) -> list[tuple[Shift | None, Found]]:
    """Every length of hours, minutes or seconds, and what it shifts to, if it is told from now."""
    if SMALL_UNITS.isdisjoint(tokens):
        return []
    lengths = find_durations(tokens, lexicon, lang)
    return [
        (_shift(tokens, length), length)
        for length in lengths
        if not SMALL_UNITS.isdisjoint(tokens[length.start : length.end])
        and (tokens[length.end - 1] != "second" or length.value == "PT1S")  # "the twenty second"
    ]


def _shift(tokens: Sequence[str], length: Found) -> Shift | None:
    parts = duration_parts(length.value)
    if parts.keys() & {"Y", "O"}:
        return None
    minutes = (seconds(length.value) + 30) // 60
    start, sign, sure = _lead(tokens, length.start)
    end = length.end
    if tokens[end : end + 2] in (["or", "so"], ["mas", "o"]):
        end += 2 + (tokens[end] == "mas")  # "más o menos"
    for words, way, certain in _TAILS:
        after = list(tokens[end + len(words) : end + len(words) + 1])
        if tuple(tokens[end : end + len(words)]) == words and after not in (
            ["de"],
            ["del"],
            ["than"],
            ["que"],
        ):
            return Shift(
                way * minutes, min(certain, length.confidence), min(start, length.start), end + len(words)
            )
    if not sign:
        return None
    end += list(tokens[end : end + 1]) in (["time"], ["s"])
    return Shift(sign * minutes, min(sure, length.confidence), start, end)


def _lead(tokens: Sequence[str], start: int) -> tuple[int, int, float]:
    """Where the words begin that tell the way of a length at ``start``, the way (0: none) and how sure."""

    def at(i: int) -> str:
        return tokens[i] if i >= 0 else ""

    i = start - 1
    while at(i) in _NEARLY or (
        (at(i), at(i - 1)) in (("de", "cosa"), ("de", "cerca"), ("a", "in"), ("a", "about"))
    ):
        i -= 2 if at(i) == "de" else 1
    if at(i) in _NEVER:
        return start, 0, 0.0
    if at(i) in _NEXT and at(i - 1) in _ARTICLES and at(i - 2) in _AHEAD:
        return i - 2, 1, _SPAN
    if at(i) in _AHEAD:
        return i, 1, _EXACT
    if at(i) == "de" and at(i - 1) == "dentro":
        return i - 1, 1, _EXACT
    if at(i) == "a" and at(i - 1) in ("aqui", "aca"):
        return i - 1 - (at(i - 2) == "de"), 1, _EXACT
    if at(i) in _FOLLOWING or (at(i) == "de" and at(i - 1) == "despues"):
        return i - (at(i) == "de"), 1, 0.7
    if at(i) in _SINCE:
        return i, -1, _EXACT
    return start, 0, 0.0
