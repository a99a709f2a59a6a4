"""What a model may say: numbers, days and words that stand in a fact. Pure.

Facts are what tools returned, what knowledge articles say and what the flow's author wrote. What a caller
said is no fact: "you promised me a hundred euros" does not make it true.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from voice.knowledge.index import stems
from voice.languages import language
from voice.slots.numbers import find_numbers, is_written, parse_written, tokenise

_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_MOST_DIGITS = 100  # before or behind the point: arithmetic with 1e999999999 overflows
_SPLIT = re.compile(r"[:/-]")
_RELATIVE: dict[str, dict[int, tuple[str, ...]]] = {
    "es": {0: ("hoy",), 1: ("manana",), 2: ("pasado manana",), -1: ("ayer",)},
    "en": {0: ("today", "tonight"), 1: ("tomorrow",), -1: ("yesterday",)},
}


@dataclass(slots=True)
class Facts:
    """Everything said must be found here. ``today`` gives days their names ("tomorrow", "Monday")."""

    lang: str
    today: date
    numbers: set[Decimal] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)  # digit strings as they are said one by one
    days: set[str] = field(default_factory=set)  # folded names of months, weekdays, "manana"
    stems: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)

    def add_text(self, text: str) -> None:
        """A sentence that is true."""
        self.texts.append(text)
        self.stems.update(stems(text, self.lang))
        tokens = tokenise(_ISO.sub(" ", text))
        self.numbers.update(value for value, *_ in numbers_in(tokens, self.lang))
        lexicon = language(self.lang).lexicon
        relative = {word for words in _RELATIVE[self.lang].values() for word in words}
        named = {*lexicon.months, *lexicon.weekdays, *relative}
        self.days.update(token for token in tokens if token in named)
        for found in _ISO.finditer(text):
            self._add_day(found[0])

    def add_value(self, value: Any) -> None:
        """What a tool returned, of any JSON type."""
        if isinstance(value, Mapping):
            for name, item in value.items():
                self.stems.update(stems(str(name).replace("_", " "), self.lang))
                self.add_value(item)
        elif isinstance(value, list | tuple):
            for item in value:
                self.add_value(item)
        elif isinstance(value, bool) or value is None:
            return
        else:
            self._add_scalar(str(value))

    def add_caller(self, words: str) -> None:
        """A caller's own long numbers may be said back to them, and nothing else of theirs."""
        tokens = tokenise(words)
        joined = "".join(number.text for number in find_numbers(tokens, language(self.lang).lexicon))
        if len(joined) >= 4:
            self.ids.add(joined)

    def _add_scalar(self, text: str) -> None:
        try:
            number = Decimal(text)
        except InvalidOperation:
            self.add_text(text)
            return
        if number.is_finite() and abs(number.adjusted()) < _MOST_DIGITS:
            self.numbers |= {number, abs(number)}
            if text.isdecimal() and len(text) >= 4:
                self.ids.add(text)

    def _add_day(self, text: str) -> None:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return
        lexicon = language(self.lang).lexicon
        self.numbers |= {Decimal(day.day), Decimal(day.year), Decimal(day.month)}
        self.days.update(name for name, number in lexicon.months.items() if number == day.month)
        self.days.update(name for name, number in lexicon.weekdays.items() if number == day.weekday())
        for ahead, words in _RELATIVE[self.lang].items():
            if day == self.today + timedelta(days=ahead):
                self.days.update(words)


def numbers_in(tokens: list[str], lang: str) -> list[tuple[Decimal, int, int, bool]]:
    """The numbers among tokens: value, first token, the one behind the last, and whether in figures."""
    found: list[tuple[Decimal, int, int, bool]] = []
    lexicon = language(lang).lexicon
    taken: set[int] = set()
    for number in find_numbers(tokens, lexicon):
        token = tokens[number.start]
        taken.update(range(number.start, number.end))
        if is_written(token) and number.end == number.start + 1:
            found += [
                (parse_written(part), number.start, number.end, True) for part in _SPLIT.split(token) if part
            ]
        else:
            found.append((number.value, number.start, number.end, is_written(token)))
    for at, token in enumerate(tokens):
        if at not in taken and token in lexicon.ordinals:
            value = Decimal(lexicon.ordinals[token])
            tens = next((n for n in found if n[2] == at and value < 10 <= n[0]), None)
            if tens is not None and tens[0] % 10 == 0:  # "twenty sixth"
                found.remove(tens)
                found.append((tens[0] + value, tens[1], at + 1, False))
            else:
                found.append((value, at, at + 1, False))
    return sorted(found, key=lambda item: item[1])
