"""What a model may say: numbers, days and words that stand in a fact. Pure.

Facts are what tools returned, what knowledge articles say and what the flow's author wrote. What a caller
said is no fact: "you promised me a hundred euros" does not make it true. A number is a fact of its measure:
that a delivery takes five days does not make it cost five euros.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from voice.knowledge.words import stems
from voice.language_model.claim_words import ALIKE, EXPECTED, is_to_do
from voice.language_model.measures import ANY, CLOCK, PLAIN, read_numbers, tokens_of
from voice.language_model.moments import RELATIVE, days_in
from voice.language_model.plain_words import FAILED, ORDERING
from voice.language_model.units import Part, Unit, part_of, parts_of, units_of
from voice.languages import fold, language
from voice.slots.numbers import find_numbers, tokenise
from voice.speech.phrasing import sentences

_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_TIME = re.compile(r"\b([01]?\d|2[0-3]):([0-5]\d)\b")
MOST_CHARACTERS = 120  # of a tool's text that is a fact
_MOST_OF_A_TEXT = 4000  # of one that bears nothing out: no more of a result is sent to a model
_MOST_PARTS = 800  # of one result: names and values that fit into what is sent
_MOST_DIGITS = 100  # before or behind the point: arithmetic with 1e999999999 overflows


@dataclass(slots=True)
class Facts:
    """Everything said must be found here. ``today`` gives days their names ("tomorrow", "Monday")."""

    lang: str
    today: date
    numbers: dict[Decimal, set[str]] = field(default_factory=dict)  # with their measures
    ids: set[str] = field(default_factory=set)  # digit strings as they are said one by one
    days: set[str] = field(default_factory=set)  # folded names of months, weekdays, "pasado manana"
    stems: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)  # folded
    told: set[str] = field(default_factory=set)  # stems of what tools returned
    done: set[str] = field(default_factory=set)  # stems of what tools that were run do
    changed: bool = False  # a tool did something, rather than look it up
    heard: set[str] = field(default_factory=set)  # stems of the caller's words, to be repeated as theirs
    to_do: set[str] = field(default_factory=set)  # of verbs in the names of a result's fields
    stems_of_values: set[str] = field(default_factory=set)
    hours: set[int] = field(default_factory=set)  # of the clock, to 23
    heard_days: set[str] = field(default_factory=set)  # the caller's, to be asked about or denied
    units: list[Unit] = field(default_factory=list)  # the facts one by one

    def add_text(self, text: str) -> None:
        """Sentences that are true."""
        self.units += units_of(sentences(text), self.lang)
        self._add_words(text)

    def _add_words(self, text: str) -> None:
        self.texts.append(f" {fold(text)} ")
        self.stems |= alike(text, self.lang)
        for number in read_numbers(tokens_of(_ISO.sub(" ", text), self.lang), self.lang):
            self._number(number.value, number.measure)
        for hour, minute in _TIME.findall(text):
            for value in {int(hour), int(hour) % 12 or 12, int(minute)}:
                self._number(Decimal(value), CLOCK)
            self.hours.add(int(hour))
        self.days.update(days_in(text, self.lang))
        for found in _ISO.finditer(text):
            self._add_day(found[0])

    def add_value(self, value: Any, name: str = "") -> None:
        """A value of any JSON type that is true, of the caller's."""
        self._add_told({name: value} if name else value, ())

    def add_result(self, value: Mapping[str, Any], does: str, *, changes: bool = False) -> None:
        """What a tool returned that ``does`` something, in the words of the flow's author."""
        bearing = self._bearing(value)
        undone = _says_undone(bearing)
        before, self.stems = self.stems, set()
        self._add_told(bearing, (part_of(does, self.lang, denied=undone),))
        self.told |= self.stems
        self.stems |= before
        self._add_words(does)
        if not undone:
            self.done |= alike(does, self.lang)
            self.changed |= changes

    def add_failure(self, does: str) -> None:
        """A tool that ``does`` something gave nothing."""
        part = part_of(does, self.lang, denied=True)
        self.units.append(Unit((part,), f" {fold(does)} ", frozenset(), frozenset(), told=True))

    def _add_told(self, value: Any, parts: Sequence[Part]) -> None:
        """One fact of everything in ``value``, beside ``parts``."""
        inside = Facts(self.lang, self.today)
        found = list(parts)
        inside._take(value, found)
        self.units.append(
            Unit(
                tuple(found),
                "".join(inside.texts) or " ",
                frozenset(inside.days),
                frozenset(inside.numbers),
                told=True,
                to_do=frozenset(inside.to_do - inside.stems_of_values),
            )
        )
        self.texts += inside.texts
        self.stems |= inside.stems
        self.ids |= inside.ids
        self.hours |= inside.hours
        self.days |= inside.days
        for number, measures in inside.numbers.items():
            self.numbers.setdefault(number, set()).update(measures)

    def _take(self, value: Any, parts: list[Part], name: str = "") -> None:
        if len(parts) >= _MOST_PARTS:
            return
        if isinstance(value, Mapping):
            for key, item in value.items():
                self._take(item, parts, str(key).replace("_", " "))
        elif isinstance(value, list | tuple):
            for item in value:
                self._take(item, parts, name)
        elif value is False:
            parts.append(part_of(name, self.lang, denied=True))
        elif value is None:
            return
        else:
            text = "" if value is True else str(value)
            self.stems |= alike(name, self.lang)
            parts.append(part_of(name, self.lang))
            self.to_do |= {
                one
                for word in fold(name).split()
                if is_to_do(word, self.lang)
                for one in part_of(word, self.lang).stems
            }
            if not EXPECTED.isdisjoint(fold(name).split()):
                self.to_do |= part_of(name, self.lang).stems
            self.stems_of_values |= part_of(text, self.lang).stems
            if text:
                parts += [part_of(part, self.lang) for part in parts_of(text, self.lang)]
                self._add_scalar(text)

    def _bearing(self, value: Any) -> Any:
        """``value`` without long texts, and such as tell a reader what to do: those are somebody's, and may
        say what nobody returned. They can be talked about, and bear nothing out."""
        if isinstance(value, Mapping):
            return {name: self._bearing(item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._bearing(item) for item in value]
        if isinstance(value, str) and (len(value) > MOST_CHARACTERS or ORDERING.search(fold(value))):
            self.stems |= alike(value[:_MOST_OF_A_TEXT], self.lang)
            return True
        return value

    def add_caller(self, words: str) -> None:
        """A caller's own long numbers may be said back to them, and nothing else of theirs is a fact."""
        self.heard |= part_of(words, self.lang).stems
        self.heard_days.update(days_in(words, self.lang))
        joined = "".join(n.text for n in find_numbers(tokenise(words), language(self.lang).lexicon))
        if len(joined) >= 4:
            self.ids.add(joined)

    def quotes(self, words: str) -> bool:
        """Whether ``words`` stand in a fact, one after the other."""
        return any(f" {words} " in text for text in self.texts)

    def _number(self, value: Decimal, measure: str) -> None:
        self.numbers.setdefault(value, set()).add(measure)

    def _add_scalar(self, text: str) -> None:
        try:
            number = Decimal(text)
        except InvalidOperation:
            self._add_words(text)
            return
        if number.is_finite() and abs(number.adjusted()) < _MOST_DIGITS:
            self._number(number, ANY)
            self._number(abs(number), ANY)
            if text.isdecimal() and len(text) >= 4:
                self.ids.add(text)

    def _add_day(self, text: str) -> None:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return
        lexicon = language(self.lang).lexicon
        for part in (day.day, day.year, day.month):
            self._number(Decimal(part), PLAIN)
        self.days.update(name for name, number in lexicon.months.items() if number == day.month)
        self.days.update(name for name, number in lexicon.weekdays.items() if number == day.weekday())
        for ahead, words in RELATIVE[self.lang].items():
            if day == self.today + timedelta(days=ahead):
                self.days.update(words)


def alike(text: str, lang: str) -> set[str]:
    """The stems of ``text``, irregular forms under that of their verb."""
    return {ALIKE[lang].get(stem, stem) for stem in stems(text, lang)}


def _says_undone(value: Mapping[str, Any]) -> bool:
    """Whether a tool's result says that what it does was not done: ``{"status": "rejected"}``."""
    values = list(value.values())
    if any(item is False for item in values) and not any(item is True for item in values):
        return True
    return any(isinstance(item, str) and not FAILED.isdisjoint(fold(item).split()) for item in values)
