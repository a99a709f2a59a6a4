"""The numbers of a sentence with what they measure. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from voice.language_model.words import (
    ADJECTIVES,
    ARTICLES,
    BETWEEN,
    CLOCK_WORDS,
    MEASURES,
    ORDINAL_ENDINGS,
    RANGES,
    SIGNS,
    UNCOUNTED,
)
from voice.languages import Lexicon, language
from voice.slots.numbers import find_numbers, is_written, parse_written, tokenise

ANY = ""  # the measure of a number of which it is not known: any
PLAIN, MONEY, CLOCK, DATE, RANK = "plain", "money", "clock", "date", "rank"
CENTS = 100
HALF = "0.5"
HALVES = frozenset(("half", "medio", "media"))
_SPLIT = re.compile(r"[:/-]")


@dataclass(frozen=True, slots=True)
class Said:
    """A number: its tokens from ``start`` to before ``end``, whether in ``figures``, and its ``text``."""

    value: Decimal
    start: int
    end: int
    figures: bool
    measure: str
    text: str


def tokens_of(text: str, lang: str) -> list[str]:
    """Folded tokens, with one for "per cent", and a number for the article, or the half, before what is
    measured."""
    found: list[str] = []
    lexicon = language(lang).lexicon
    counted = {*MEASURES[lang], *lexicon.currency_words, *lexicon.cent_words} - UNCOUNTED
    for token in tokenise(text):
        if token in counted and found and found[-1] in ARTICLES[lang]:
            found[-1] = ARTICLES[lang][found[-1]]
        if token in counted and found[-2:] == ["half", "one"]:
            found[-2:] = [HALF]
        elif token in counted and found and found[-1] in HALVES:
            found[-1] = HALF
        if token in ("ciento", "cent") and found and found[-1] in ("por", "per"):
            found[-1] = "%"
        elif found[-1:] == ["mil"] and token.startswith("gracia"):
            found[-1] = token
        else:
            found.append("%" if token in ("percent", "porciento") else token)
    return found


def read_numbers(tokens: Sequence[str], lang: str) -> list[Said]:
    """The numbers, amounts with their cents as one."""
    plain = _numbers(tokens, lang)
    lexicon = language(lang).lexicon
    measured = [
        Said(
            value,
            start,
            end,
            figures,
            _ranked(tokens[start], _measure(tokens, plain, place, lang), lexicon),
            text,
        )
        for place, (value, start, end, figures, text) in enumerate(plain)
    ]
    found: list[Said] = []
    for number in measured:
        whole = found and _with_cents(found[-1], number, tokens, lexicon)
        if whole:
            found[-1] = whole
        else:
            found.append(number)
    return found


def _ranked(token: str, measure: str, lexicon: Lexicon) -> str:
    """ "The first hour" is no hour's length."""
    return RANK if token in lexicon.ordinals and measure not in (PLAIN, MONEY, CLOCK, DATE) else measure


def _with_cents(first: Said, second: Said, tokens: Sequence[str], lexicon: Lexicon) -> Said | None:
    """ "Forty-two euros fifty", "cuarenta y dos con cincuenta": one amount."""
    money = lexicon.currency_words | lexicon.cent_words | SIGNS
    inside = tokens[first.end : second.start]
    if second.value >= CENTS or first.value != first.value.to_integral_value():
        return None
    if second.value != second.value.to_integral_value() or not inside:
        return None
    if not all(token in BETWEEN or token in money for token in inside):
        return None
    if not (any(token in money for token in inside) or inside[0] in ("con", "point")):
        return None
    value = first.value + second.value / CENTS
    return Said(value, first.start, second.end, first.figures or second.figures, MONEY, "")


def _numbers(tokens: Sequence[str], lang: str) -> list[tuple[Decimal, int, int, bool, str]]:
    found: list[tuple[Decimal, int, int, bool, str]] = []
    lexicon = language(lang).lexicon
    taken: set[int] = set()
    for number in find_numbers(tokens, lexicon):
        token = tokens[number.start]
        taken.update(range(number.start, number.end))
        if is_written(token) and number.end == number.start + 1:
            parts = [part for part in _SPLIT.split(token) if part]
            found += [(parse_written(part), number.start, number.end, True, part) for part in parts]
        else:
            found.append((number.value, number.start, number.end, is_written(token), number.text))
    for at, token in enumerate(tokens):
        if at not in taken and token in lexicon.ordinals:
            value = Decimal(lexicon.ordinals[token])
            tens = next((n for n in found if n[2] == at and value < 10 <= n[0]), None)
            if tens is not None and tens[0] % 10 == 0:  # "twenty sixth"
                found.remove(tens)
                value, start = tens[0] + value, tens[1]
            else:
                start = at
            found.append((value, start, at + 1, False, ""))
    return sorted(found, key=lambda item: item[1])


def _measure(
    tokens: Sequence[str], numbers: Sequence[tuple[Decimal, int, int, bool, str]], place: int, lang: str
) -> str:
    """What the number at ``place`` measures."""
    _, start, end, _, _ = numbers[place]
    lexicon, at = language(lang).lexicon, end
    while at < len(tokens) and tokens[at] in ADJECTIVES[lang]:
        at += 1
    behind = tokens[at] if at < len(tokens) else ""
    if behind in MEASURES[lang]:
        return MEASURES[lang][behind]
    money = lexicon.currency_words | lexicon.cent_words | SIGNS
    if behind in money or (start and (tokens[start - 1] in SIGNS or tokens[start - 1] in ("eur", "usd"))):
        return MONEY
    if place + 1 < len(numbers) and behind in RANGES and numbers[place + 1][1] == at + 1:
        return _measure(tokens, numbers, place + 1, lang)
    token = tokens[start]
    if behind in CLOCK_WORDS or ":" in token or _of_the_clock(tokens, start, lang):
        return CLOCK
    if is_written(token) and ("/" in token or "-" in token):
        return DATE
    return DATE if _of_the_month(tokens, start, end, lang) else PLAIN


def _of_the_clock(tokens: Sequence[str], start: int, lang: str) -> bool:
    before = tuple(tokens[max(0, start - 2) : start])
    if lang == "en":
        return before[-1:] in (("at",), ("past",)) or before in (("quarter", "to"), ("half", "to"))
    return before[-1:] in (("las",), ("la",)) and before[0] in ("a", "de", "desde", "hasta", "sobre", "hacia")


def _of_the_month(tokens: Sequence[str], start: int, end: int, lang: str) -> bool:
    before = tokens[max(0, start - 2) : start]
    end += end < len(tokens) and tokens[end] in ORDINAL_ENDINGS
    behind = tokens[end] if end < len(tokens) else ""
    if before[-1:] == ["dia"]:
        return True
    if lang == "en":
        return before[-1:] == ["the"] and before[:1] != ["the"] and behind in ("", "of")
    return before[-1:] == ["el"] and behind in ("", "de", "del")
