"""Digits corrected by their place: "the last one is an eight", "termina en cuarenta y cinco". Pure."""

from __future__ import annotations

import re

from voice.languages import fold, language
from voice.slots.money import digit_readings
from voice.slots.numbers import tokenise

_COUNTS = {
    "es": {"dos": 2, "tres": 3, "cuatro": 4},
    "en": {"two": 2, "three": 3, "four": 4},
}
_LAST = {
    "es": {"ultimo": 1, "ultima": 1, "ultimos": 1, "ultimas": 1, "penultimo": 2, "penultima": 2},
    "en": {"last": 1, "final": 1, "second to last": 2, "next to last": 2},
}
_FIRST = {"es": {"primeros": 1, "primeras": 1}, "en": {}}
_PLACED = {
    "es": re.compile(
        r"(?:que )?(?:(?:el|la|los|las) )?(?:(?P<count>dos|tres|cuatro) )?(?P<place>[a-z]+)"
        r"(?: (?P<count2>dos|tres|cuatro))?(?: (?:cifras?|numeros?|digitos?))?"
        r" (?:no (?:es|son|era|eran) .+? )?(?:es|son|era|eran|sino)(?: que (?:es|son))?"
        r" (?:una? |el )?(?P<said>.+)"
    ),
    "en": re.compile(
        r"(?:that )?(?:the )?(?P<place>second to last|next to last|[a-z]+)(?: (?P<count>two|three|four))?"
        r"(?: (?:ones?|numbers?|digits?|figures?))?"
        r" (?:(?:is not|isn t|isnt|are not|was not) .+? )?(?:is|are|was|were|s|should be)"
        r" (?:an? )?(?P<said>.+)"
    ),
}
_ENDS = {
    "es": re.compile(r"(?:que )?(?:termina|acaba|finaliza)(?: (?:en|por|con))? (?P<said>.+)"),
    "en": re.compile(r"(?:that )?(?:it )?ends (?:in|with) (?:an? )?(?P<said>.+)"),
}
_BEGINS = {
    "es": re.compile(r"(?:que )?(?:empieza|comienza)(?: (?:en|por|con))? (?P<said>.+)"),
    "en": re.compile(r"(?:that )?(?:it )?(?:starts|begins) (?:in|with) (?:an? )?(?P<said>.+)"),
}


def with_digits_placed(digits: str, text: str, lang: str) -> str | None:
    """``digits`` with those that ``text`` names by their place, or None: "123456" and "the last one is an
    eight" is "123458". Nothing about what may stand after a "no" is known here."""
    said = re.sub(r"\bones (?=an? )", "one is ", " ".join(tokenise(fold(text))))  # "the last one's an eight"
    if found := _ENDS[lang].fullmatch(said):
        return _at(digits, -1, 0, found["said"], lang)
    if found := _BEGINS[lang].fullmatch(said):
        return _at(digits, 1, 0, found["said"], lang)
    found = _PLACED[lang].fullmatch(said)
    if found is None:
        return None
    count = next((_COUNTS[lang][c] for c in (found["count"], found.groupdict().get("count2")) if c), 1)
    place = found["place"]
    if place in _LAST[lang]:
        return _at(digits, -_LAST[lang][place], count, found["said"], lang)
    first = {**language(lang).lexicon.ordinals, **_FIRST[lang]}.get(place)
    return _at(digits, first, count, found["said"], lang) if first else None


def _at(digits: str, place: int, count: int, said: str, lang: str) -> str | None:
    """With what was ``said`` from a ``place`` on: 1 the first, -1 the last; ``count`` 0: as many as said."""
    again = next(iter(digit_readings(said.split(), language(lang).lexicon)), "")
    if not again or (count and len(again) != count):
        return None
    start = place - 1 if place > 0 else len(digits) + place + 1 - len(again)
    if start < 0 or start + len(again) > len(digits):
        return None
    return digits[:start] + again + digits[start + len(again) :]


def place_phrases(lang: str) -> list[str]:
    """How the first and the last digit are corrected, for a recognizer of phrases."""
    patterns = {
        "es": ("no {place} es {digit}", "no {place} es un {digit}", "{place} es un {digit}"),
        "en": ("no {place} is {digit}", "no {place} is {a} {digit}", "{place} is {a} {digit}"),
    }[lang]
    places = {"es": ("el último", "el primero"), "en": ("the last one", "the first one")}[lang]
    said = [
        pattern.format(place=place, digit=digit, a="an" if digit == "eight" else "a")
        for digit in language(lang).digit_words
        for place in places
        for pattern in patterns
    ]
    return [phrase for phrase in said if with_digits_placed("00", phrase.removeprefix("no "), lang)]
