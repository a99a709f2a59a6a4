"""Reads spoken numbers: finds the groups of number words in an utterance, and what each is worth.

A caller's "doce treinta y cuatro" is two numbers, 12 and 34; which of them belong together is for the
slot to know (digits join them, an amount reads the second as cents). Own code and not ``text2num``,
because that joins or splits groups by itself and does not know "doble", "oh", feminine hundreds, or
words that are a number only beside another one ("un", "for").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from voice.languages import Lexicon, fold

_TOKEN = re.compile(
    r"[0-9]+(?:[.,:/-][0-9]+)*|[^\W\d_]+(?:'[^\W\d_]+)*|[$€£%+]|(?<!\S)-(?=[0-9])|^-(?= ?[0-9])"
)

_SPANNED = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|" + _TOKEN.pattern)


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was said. ``text`` is its digits; ``split`` reads tens and units that stood together
    without their joining word as two ("treinta cuatro" as 304 instead of 34). ``start``/``end`` are token
    positions. ``unit`` is true for a single spoken digit (or several by "double")."""

    value: Decimal
    text: str
    split: str
    start: int
    end: int
    unit: bool = False
    scaled: bool = False  # said with thousand, million


def tokenise(text: str) -> list[str]:
    """Folded words, written numbers with their separators, and currency signs, in order."""
    lowered = text.lower().replace("’", "'")
    return [t if not t[0].isalpha() else fold(t) for t in _TOKEN.findall(lowered)]


def tokenise_spans(text: str) -> list[tuple[str, int, int]]:
    """The tokens of :func:`tokenise`, e-mail addresses whole, each with its first character and the one after
    its last."""
    lowered = text.lower().replace("’", "'")
    if len(lowered) != len(text):  # a few letters change length with their case
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text).replace("’", "'")
    matches = _SPANNED.finditer(lowered)
    found = [(_token(m[0]), m.start(), m.end()) for m in matches]
    return [item for item in found if item[0]]


def _token(text: str) -> str:
    return fold(text) if text[0].isalpha() and "@" not in text else text


def replaced(tokens: list[str], phrases: Sequence[str], word: str = "") -> list[str]:
    """The tokens with ``word`` for each of these phrases, or nothing; of two that begin alike the longer one
    goes."""
    said = f" {' '.join(tokens)} "
    if not any(f" {phrase} " in said for phrase in phrases):
        return tokens
    for phrase in sorted(phrases, key=len, reverse=True):
        while f" {phrase} " in said:  # side by side they share a space
            said = said.replace(f" {phrase} ", f" {word} ")
    return said.split()


_AT_LEAST = frozenset({"lo", "al", "o", "ni", "nada", "cuando", "cuanto"})


def is_negative(tokens: Sequence[str], start: int, lexicon: Lexicon) -> bool:
    """Whether "minus" stands right before ``start``: not that of "por lo menos", "más o menos"."""
    before = [*tokens[max(0, start - 2) : start]]
    if not before or (before[-1] != "-" and before[-1] not in lexicon.minus):
        return False
    return before[0] not in _AT_LEAST


def is_written(token: str) -> bool:
    """Whether a token is a number in (ASCII) figures."""
    return "0" <= token[:1] <= "9"


def find_numbers(tokens: Sequence[str], lexicon: Lexicon, homophones: bool = False) -> list[Number]:
    """All numbers in ``tokens``, left to right, never overlapping. With ``homophones`` a word that sounds
    like a digit is one between two numbers ("one for two"): right for digit strings only."""
    reader = _Reader(tokens, lexicon, homophones)
    found: list[Number] = []
    position = 0
    possible = lexicon.possible_numbers
    while position < len(tokens):
        token = tokens[position]
        number = reader.read(position) if token in possible or is_written(token) else None
        if number is None:
            position += 1
        else:
            found.append(number)
            position = number.end
    return found


def numbers_at(tokens: Sequence[str], lexicon: Lexicon, homophones: bool = False) -> dict[int, Number]:
    """The number that starts at each token, also inside another one: in "uve doble ocho" both "doble ocho"
    and "ocho", because the "doble" may belong to the letter."""
    reader = _Reader(tokens, lexicon, homophones)
    found = ((i, reader.read(i)) for i in range(len(tokens)))
    return {i: number for i, number in found if number is not None and number.start == i}


class _Reader:
    def __init__(self, tokens: Sequence[str], lexicon: Lexicon, homophones: bool) -> None:
        self.tokens = tokens
        self.homophones = lexicon.homophones if homophones else {}
        self.lex = lexicon
        self.loose = False  # tens and units met without their joiner
        self.units = {**lexicon.units, **lexicon.units_if_near} if lexicon.tens_joiner else lexicon.units

    def at(self, i: int) -> str:
        return self.tokens[i] if 0 <= i < len(self.tokens) else ""

    def read(self, i: int) -> Number | None:
        lex, token = self.lex, self.at(i)
        if token not in lex.possible_numbers and not is_written(token):
            return None
        if token in lex.repeats:
            return self._repeated(i)
        if token in lex.zero or (token in lex.zero_if_near and self._near_number(i)):
            return Number(Decimal(0), "0", "0", i, i + 1, unit=True)
        if is_written(token) and self.at(i + 1) not in (*lex.scales, *lex.hundred):
            digits = re.sub(r"\D", "", token)
            return Number(Decimal(digits), digits, digits, i, i + 1, unit=len(digits) == 1)
        if token in lex.units_if_near and self._near_number(i):
            self.loose = False
            if self.at(i + 1) not in lex.scales and self.at(i + 1) not in lex.hundred:
                value = lex.units_if_near[token]
                return Number(Decimal(value), str(value), str(value), i, i + 1, unit=True)
        if token in self.homophones and self._is_plain(i - 1) and self._is_plain(i + 1):
            value = self.homophones[token]
            return Number(Decimal(value), str(value), str(value), i, i + 1, unit=True)
        return self._scaled(i)

    def _repeated(self, i: int) -> Number | None:
        following = self.read(i + 1) if i + 1 < len(self.tokens) else None
        if following is None or following.start != i + 1 or self.at(i + 1) in self.lex.repeats:
            return None
        if not following.text.isdecimal():  # "double" is of digits, not of decimals
            return None
        text = following.text * self.lex.repeats[self.at(i)]
        return Number(Decimal(text), text, text, i, following.end, unit=True)

    def _scaled(self, i: int) -> Number | None:
        """The largest number that starts at ``i``: millions, thousands, and what is below."""
        lex, start = self.lex, i
        self.loose = False
        closed = Decimal(0)  # what stands before the last million or more
        thousands: Decimal | None = None
        units: Decimal | None = None
        ceiling = Decimal(10**15)  # the last such scale: each must be smaller than the one before
        while units is None:
            inside = i > start
            part, after = self._below_thousand(i, inside)
            if part is None and self.at(i) in lex.one_before_scale and self.at(i + 1) in lex.scales:
                part, after = Decimal(1), i + 1
            if part is None and thousands is None and (not inside or lex.scales.get(self.at(i)) == 1000):
                part, after = (Decimal(1), i) if self.at(i) in lex.scales else (None, i)
            if part is not None and (part >= ceiling or (thousands is not None and part >= 1000)):
                break
            scale = lex.scales.get(self.at(after)) if part is not None or thousands is not None else None
            if part is None and (scale is None or scale == 1000):
                break
            if scale == 1000 and thousands is None and part is not None:
                thousands, i = part * 1000, after + 1
            elif scale is not None and scale > 1000 and scale < ceiling:
                closed += ((thousands or 0) + (part or 0)) * scale
                thousands, ceiling, i = None, Decimal(scale), after + 1
            else:
                units, i = part, after
                break
            i += self.at(i) == lex.hundred_joiner != "" and self._below_thousand(i + 1)[0] is not None
        if i == start:
            return None
        total = closed + (thousands or 0) + (units or 0)
        text = str(int(total)) if total == total.to_integral_value() else str(total)
        said = "".join(self._spoken_parts(start, i)) if self.loose else text
        scaled = bool(closed or thousands)
        return Number(total, text, said, start, i, unit=i == start + 1 and total < 10, scaled=scaled)

    def _spoken_parts(self, start: int, end: int) -> list[str]:
        lex = self.lex
        tables = (lex.units, lex.teens, lex.tens, lex.hundreds)
        return [str(table[t]) for t in self.tokens[start:end] for table in tables if t in table]

    def _below_thousand(self, i: int, inside: bool = False) -> tuple[Decimal | None, int]:
        lex = self.lex
        token = self.at(i)
        if is_written(token):
            return parse_written(token), i + 1
        if token in lex.hundreds:
            if token in lex.lone_hundreds:
                return Decimal(100), i + 1
            rest, after = self._below_hundred(i + 1, inside=True)
            return Decimal(lex.hundreds[token] + (rest or 0)), after if rest else i + 1
        value, after = self._below_hundred(i, inside)
        if value is None and token in lex.one_before_scale and self.at(i + 1) in lex.hundred:
            value, after = 1, i + 1
        if value is None and token in lex.hundred and not inside:
            value, after = 1, i  # "hundred dollars"
        if value is None:
            return None, i
        if self.at(after) not in lex.hundred:
            return Decimal(value), after
        after += 1
        joined = after + (self.at(after) == lex.hundred_joiner)
        rest, end = self._below_hundred(joined)
        return Decimal(value * 100 + (rest or 0)), end if rest else after

    def _below_hundred(self, i: int, inside: bool = False) -> tuple[int | None, int]:
        """``inside``: a larger part of the number stands before, so that "un" is a unit here."""
        lex, token, units = self.lex, self.at(i), self.units
        if token in lex.teens:
            value = lex.teens[token]
            if (
                value == 10
                and lex.tens_joiner
                and self.at(i + 1) == lex.tens_joiner
                and self.at(i + 2) in lex.units
            ):
                return 10 + lex.units[self.at(i + 2)], i + 3  # "diez y seis"
            return value, i + 1
        if token in lex.tens:
            value = lex.tens[token]
            if lex.tens_joiner and self.at(i + 1) == lex.tens_joiner:
                unit = self.at(i + 2)
                if unit in units:
                    return value + units[unit], i + 3
                if len(unit) == 1 and "1" <= unit <= "9":  # "treinta y 3"
                    return value + int(unit), i + 3
            if self.at(i + 1) in lex.units:
                self.loose = True
                return value + lex.units[self.at(i + 1)], i + 2
            return value, i + 1
        if token in lex.units:
            return lex.units[token], i + 1
        if token in units and (inside or self.at(i + 1) in lex.scales):
            return lex.units_if_near[token], i + 1
        return None, i

    def _near_number(self, i: int) -> bool:
        return self._is_plain(i - 1) or self._is_plain(i + 1)

    def _is_plain(self, i: int) -> bool:
        token = self.at(i)
        return is_written(token) or token in self.lex.number_words or token in self.lex.zero_if_near


def parse_written(token: str) -> Decimal:
    """A written number such as "1234", "12.50", "1.234,50" or "1,234.50"; three digits after a lone
    separator are thousands ("1.234"), anything else is decimals."""
    separators = re.findall(r"[.,]", token)
    digits = re.sub(r"[^\d.,]", "", token)
    if not separators:
        return Decimal(digits)
    last = separators[-1]
    head, _, tail = digits.rpartition(last)
    if len(set(separators)) == 1 and (len(separators) > 1 or len(tail) == 3):
        return Decimal(re.sub(r"[.,]", "", digits))
    return Decimal(f"{re.sub('[.,]', '', head)}.{tail}")
