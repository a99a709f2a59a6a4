"""The numbers of a sentence with what they measure. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from voice.language_model.words import (
    ADJECTIVES,
    ARTICLES,
    BETWEEN,
    CLOCK_WORDS,
    MEASURES,
    ORDINAL_ENDINGS,
    OTHERWISE,
    QUANTITIES,
    RANGES,
    SIGNS,
    UNCOUNTED,
)
from voice.languages import Lexicon, fold, language
from voice.slots.numbers import find_numbers, is_written, parse_written, tokenise

if TYPE_CHECKING:
    from voice.language_model.facts import Facts

ANY = ""  # the measure of a number of which it is not known: any
PLAIN, MONEY, CLOCK, DATE = "plain", "money", "clock", "date"
SMALL = 10  # a number up to this, in words and measuring nothing, is a way of speaking ("two things")
DICTATED = 3  # so many numbers in a row are read out
_CENTS = 100
_SPLIT = re.compile(r"[:/-]")
_MIXED = re.compile(r"(?<!\w)(?:(\d+)([^\W\d_]+)\w*|[^\W\d_]+\d+\w*)")
_ROMAN = re.compile(r"\b[IVXLCDM]+\b[ \u00a0]+(\S+)")


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
    """Folded tokens, with one for "per cent", and a number for the article before what is measured."""
    found: list[str] = []
    lexicon = language(lang).lexicon
    counted = {*MEASURES[lang], *lexicon.currency_words, *lexicon.cent_words} - UNCOUNTED
    for token in tokenise(text):
        if token in counted and found and found[-1] in ARTICLES[lang]:
            found[-1] = ARTICLES[lang][found[-1]]
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
        Said(value, start, end, figures, _measure(tokens, plain, place, lang), text)
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


def _with_cents(first: Said, second: Said, tokens: Sequence[str], lexicon: Lexicon) -> Said | None:
    """ "Forty-two euros fifty", "cuarenta y dos con cincuenta": one amount."""
    money = lexicon.currency_words | lexicon.cent_words | SIGNS
    inside = tokens[first.end : second.start]
    if second.value >= _CENTS or first.value != first.value.to_integral_value():
        return None
    if second.value != second.value.to_integral_value() or not inside:
        return None
    if not all(token in BETWEEN or token in money for token in inside):
        return None
    if not (any(token in money for token in inside) or inside[0] in ("con", "point")):
        return None
    value = first.value + second.value / _CENTS
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
        return before[-1:] == ("at",)
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


def strange_numbers(sentence: str, facts: Facts) -> bool:
    """Whether a number is said that is in no fact of its measure. A caller's own long numbers may be
    repeated."""
    lang = facts.lang
    if _disguised(sentence, facts):
        return True
    tokens = tokens_of(sentence, lang)
    if _vague(tokens, facts) or _torn(tokens, lang):
        return True
    found = read_numbers(tokens, lang)
    rows = _rows(found)
    for number, row in zip(found, rows, strict=True):
        if number.measure in (PLAIN, DATE) and (_dictated(row, facts) or _paired(row, facts)):
            continue
        if _stated(number, facts) and len(row) < DICTATED:
            continue
        if not number.figures and number.value <= SMALL and number.measure == PLAIN and len(row) < DICTATED:
            continue
        return True
    return False


def _stated(number: Said, facts: Facts) -> bool:
    known = facts.numbers.get(number.value, set())
    if ANY in known or number.measure in known:
        return True
    if number.measure == PLAIN:
        return bool(known)
    return number.measure in (CLOCK, DATE) and PLAIN in known


def _rows(found: Sequence[Said]) -> list[list[Said]]:
    """For each number those that are said in one row with it."""
    rows: list[list[Said]] = []
    for number in found:
        if rows and rows[-1][-1].end == number.start and number.text and rows[-1][-1].text:
            rows[-1].append(number)
            rows.append(rows[-1])
        else:
            rows.append([number])
    return rows


def _dictated(row: Sequence[Said], facts: Facts) -> bool:
    """Whether a row of numbers is a digit string that is known, or its first or last digits."""
    digits = "".join(number.text for number in row)
    least = min(DICTATED, 4)
    return len(digits) >= least and any(
        known == digits or known.startswith(digits) or known.endswith(digits) for known in facts.ids
    )


def _paired(row: Sequence[Said], facts: Facts) -> bool:
    """ "Twenty twenty-six" for a year, "forty-two fifty" for an amount that is known."""
    if len(row) != 2 or row[1].value >= _CENTS:
        return False
    first, second = row[0].value, row[1].value
    if 10 <= first < _CENTS and PLAIN in facts.numbers.get(first * _CENTS + second, set()):
        return True
    return bool({ANY, MONEY} & facts.numbers.get(first + second / _CENTS, set()))


def _vague(tokens: Sequence[str], facts: Facts) -> bool:
    """ "A dozen", "half": words of quantity that are in no fact."""
    lang = facts.lang
    counted = {*MEASURES[lang], *QUANTITIES[lang], *language(lang).lexicon.currency_words}
    for at, token in enumerate(tokens):
        if token not in QUANTITIES[lang] or facts.quotes(token):
            continue
        following = tokens[at + 1] if at + 1 < len(tokens) else ""
        if token not in OTHERWISE or following in counted:
            return True
    return False


def _torn(tokens: Sequence[str], lang: str) -> bool:
    """A number or a day in pieces: "hun dred", "veinti cinco", "c i e n"."""
    lexicon = language(lang).lexicon
    words = {fold(word) for word in language(lang).number_words} | {*lexicon.months, *lexicon.weekdays}
    words = {word for word in words if len(word) > 3}
    row = 0
    for at, token in enumerate(tokens):
        row = row + 1 if len(token) == 1 and token.isalpha() else 0
        if row > DICTATED:
            return True
        pair = tokens[at : at + 2]
        if "".join(pair) in words and len(pair) == 2 and not all(part in words for part in pair):
            return True
    return False


def _disguised(sentence: str, facts: Facts) -> bool:
    """Figures with letters in them ("1OO", "5k") and Roman numerals that measure something."""
    lang = facts.lang
    lexicon = language(lang).lexicon
    measuring = {*MEASURES[lang], *lexicon.currency_words, *lexicon.cent_words}
    for match in _MIXED.finditer(sentence):
        letters = fold(match[2] or "")
        if letters in measuring or letters in CLOCK_WORDS or letters in ORDINAL_ENDINGS:
            continue
        if not facts.quotes(fold(match[0])):
            return True
    return any(fold(match[1]) in measuring for match in _ROMAN.finditer(sentence))
