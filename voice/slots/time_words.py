"""The words of times of day in both languages: what announces an hour, minutes, and parts of the day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The words that stand around hours in one language."""

    lead: frozenset[str]  # before the hour
    past: frozenset[str]
    to: frozenset[str]  # "quarter to nine", "cuarto para las nueve"
    less: frozenset[str]  # "nueve menos cuarto"
    quarter: frozenset[str]
    half: frozenset[str]
    sharp: frozenset[str]
    named: dict[str, str]
    parts: dict[str, list[tuple[tuple[str, ...], str]]]  # by first word: words, and a key of _parts


def _parts(**spoken: str) -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """Phrases and their part of the day by their first word, the longest first."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for part, phrases in spoken.items():
        for phrase in phrases.split(","):
            words = tuple(phrase.split())
            found.setdefault(words[0], []).append((words, part))
    return {first: sorted(those, key=lambda item: -len(item[0])) for first, those in found.items()}


WORDS: dict[str, Words] = {
    "es": Words(
        lead=frozenset({"las", "la", "tipo"}),
        past=frozenset({"y", "con"}),
        to=frozenset({"para"}),
        less=frozenset({"menos"}),
        quarter=frozenset({"cuarto"}),
        half=frozenset({"media"}),
        sharp=frozenset({"punto"}),
        named={"mediodia": "12:00", "medianoche": "00:00"},
        parts=_parts(
            am="""de la madrugada, de madrugada, esta madrugada, am, a m, a eme, a em, ante meridiano""",
            morning="""de la manana, por la manana, a la manana, en la manana, de esta manana, esta manana,
            de la manana temprano, manana por la manana""",
            noon="del mediodia, de mediodia, del medio dia",
            pm="""a la tarde, de la tarde, por la tarde, en la tarde, pm, p m, pe eme, pe em, esta tarde,
            de esta tarde, de tarde""",
            night="""a la noche, de la noche, por la noche, en la noche, esta noche, de esta noche,
            de noche, anoche""",
        ),
    ),
    "en": Words(
        lead=frozenset({"at", "around", "about", "by"}),
        past=frozenset({"past", "after"}),
        to=frozenset({"to", "til", "till", "before", "of"}),
        less=frozenset(),
        quarter=frozenset({"quarter"}),
        half=frozenset({"half"}),
        sharp=frozenset({"oclock", "sharp", "exactly", "ish"}),
        named={"noon": "12:00", "midday": "12:00", "midnight": "00:00", "noonish": "12:00"},
        parts=_parts(
            am="""am, a m, ay em, in the morning, this morning, in the early morning, early morning,
            in the am, morning""",
            noon="noon",
            pm="""pm, p m, pee em, in the afternoon, this afternoon, in the evening, this evening,
            in the pm, afternoon, evening, tonight""",
            night="at night, in the night, last night, night",
        ),
    ),
}


def says_part_of_day(words: Sequence[str], lang: str) -> bool:
    """Whether folded ``words`` end in a part of the day, noon or midnight: nothing follows those."""
    known = WORDS[lang]
    phrases = (phrase for those in known.parts.values() for phrase, _ in those)
    return bool(words) and (
        words[-1] in known.named or any(tuple(words[-len(phrase) :]) == phrase for phrase in phrases)
    )


def says_minutes(words: Sequence[str], lang: str) -> bool:
    """Whether folded ``words`` have a half, a quarter or a full hour said as such."""
    known = WORDS[lang]
    return not (known.half | known.quarter | known.sharp).isdisjoint(words)
