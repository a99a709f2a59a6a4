"""What every language module provides: how to say values, what callers say, and the words of numbers."""

from __future__ import annotations

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import ROUND_HALF_UP, Decimal

from num2words import num2words

_NAMELESS = 10**18  # numbers from here on are read digit by digit
_NOT_WORD = re.compile(r"[^\w']+|_")
_LONE_APOSTROPHE = re.compile(r"(?<!\w)'+|'+(?!\w)")


def normalise(text: str) -> str:
    """Lower case, no punctuation, accents kept, single spaces: the form phrases of a grammar have.

    An apostrophe inside a word stays ("don't"): it is part of the spelling, and of recognizers' lexicons.
    """
    lowered = unicodedata.normalize("NFC", text).lower().replace("’", "'")
    words = _NOT_WORD.sub(" ", lowered)
    if "'" in words:
        words = _LONE_APOSTROPHE.sub(" ", words)
    return " ".join(words.split())


def fold(text: str) -> str:
    """``normalise`` without accents and apostrophes: the form in which phrases are compared.

    Recognizers and keyboards drop accents ("si", "veintidos"); n with tilde becomes n.
    """
    plain = normalise(text).replace("'", "")
    if plain.isascii():  # most phrases, in a third of the time
        return plain
    return "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))


@dataclass(frozen=True, slots=True)
class Currency:
    """How a currency is called. ``feminine`` matters for Spanish ("doscientas libras")."""

    one: str
    many: str
    cent: str
    cents: str
    feminine: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Folded words that parsers read. Numbers map a word to its value.

    ``hundreds`` are words that are a multiple of 100 on their own (Spanish), ``hundred`` multiplies what
    stands before it (English). ``tens_joiner`` stands between tens and units ("treinta y uno"),
    ``hundred_joiner`` after a hundred or thousand ("one hundred and five").
    """

    zero: frozenset[str]
    zero_if_near: frozenset[str]  # zero only beside another number ("oh")
    units: Mapping[str, int]
    units_if_near: Mapping[str, int]  # a unit only beside another number (articles)
    homophones: Mapping[str, int]  # sound like a digit; are one between two others
    teens: Mapping[str, int]
    tens: Mapping[str, int]
    hundreds: Mapping[str, int]
    lone_hundreds: frozenset[str]  # nothing below a hundred follows them ("cien")
    hundred: frozenset[str]
    scales: Mapping[str, int]
    one_before_scale: frozenset[str]
    tens_joiner: str
    hundred_joiner: str
    repeats: Mapping[str, int]
    ordinals: Mapping[str, int]
    months: Mapping[str, int]
    weekdays: Mapping[str, int]  # Monday is 0
    fillers: frozenset[str]
    corrections: tuple[str, ...]
    minus: frozenset[str]
    decimal_words: frozenset[str]
    half_words: frozenset[str]
    currency_words: frozenset[str]
    cent_words: frozenset[str]
    idioms: tuple[str, ...] = ()  # with a word of numbers, and count nothing ("one moment")
    next_ones: tuple[str, ...] = ()  # after a day that was denied: the next such day
    after_days: frozenset[str] = frozenset()  # may follow a day's number, which counts nothing then
    places: frozenset[str] = frozenset()  # are called by numbers and dates: streets, flats
    lookalikes: frozenset[str] = frozenset()  # short names of weekdays that are words as well
    day_first: bool = True  # "three four" is the third of April
    day_first_in: frozenset[str] = frozenset()  # countries (ISO 3166-1 alpha-2) where it is, against the rest
    number_words: frozenset[str] = field(init=False, default=frozenset())  # those that always are part of one
    possible_numbers: frozenset[str] = field(init=False, default=frozenset())  # those that may begin one

    def __post_init__(self) -> None:
        always = {*self.zero, *self.units, *self.teens, *self.tens, *self.hundreds, *self.repeats}
        always |= {*self.hundred, *self.scales}
        also = {*self.zero_if_near, *self.units_if_near, *self.homophones, *self.one_before_scale}
        object.__setattr__(self, "number_words", frozenset(always))
        object.__setattr__(self, "possible_numbers", frozenset(always | also))


@dataclass(frozen=True, slots=True, eq=False)  # one object a language: identity is enough
class Language(ABC):
    """The facts of one language. Phrases are in ``normalise``'s form, so that they can go into grammars."""

    code: str
    yes_phrases: tuple[str, ...]
    no_phrases: tuple[str, ...]
    person_phrases: tuple[str, ...]
    repeat_phrases: tuple[str, ...]
    back_phrases: tuple[str, ...]
    help_phrases: tuple[str, ...]
    wait_phrases: tuple[str, ...]
    digit_words: tuple[str, ...]
    number_words: tuple[str, ...]
    backchannels: tuple[str, ...]
    switch_phrases: tuple[str, ...]  # asks for this language, said in either language
    currencies: Mapping[str, Currency]
    minus_word: str
    lexicon: Lexicon = field(repr=False)
    greeting_phrases: tuple[str, ...] = ()  # and "are you there?"
    bye_phrases: tuple[str, ...] = ()
    unknown_phrases: tuple[str, ...] = ()  # the caller does not know or have what was asked for
    decline_phrases: tuple[str, ...] = ()  # the caller prefers not to say why they call
    slower_phrases: tuple[str, ...] = ()
    faster_phrases: tuple[str, ...] = ()
    ability_phrases: tuple[str, ...] = ()  # what can this line do?
    please: str = ""  # alone, it answers an offer
    neither_phrases: tuple[str, ...] = ()  # sound like yes or no and are neither ("no sé")
    function_words: frozenset[str] = frozenset()  # folded; say little about what is wanted
    plus_word: str = "plus"
    letter_names: Mapping[str, str] = field(
        default_factory=dict
    )  # upper case; a letter without is said as it is
    duration_words: Mapping[str, tuple[str, str, bool]] = field(default_factory=dict)
    """Unit (Y, O for months, W, D, H, M, S) to its singular, its plural, and whether it is feminine."""
    clock_words: tuple[str, ...] = ()
    and_word: str = "and"
    space_word: str = "space"

    def normalise(self, text: str) -> str:
        return normalise(text)

    def say_digits(self, digits: str) -> str:
        """Digits one by one, in groups with a comma between them, so that a voice pauses there.

        Letters are said as they are; everything else in ``digits`` (spaces, dashes) is left out.
        """
        said = [self.say_number(int(c)) if c.isdecimal() else c for c in digits if c.isalnum()]
        groups: list[str] = []
        for size in group_sizes(len(said)):
            groups.append(" ".join(said[:size]))
            said = said[size:]
        return ", ".join(groups)

    def say_groups(self, value: str, groups: Sequence[int]) -> str:
        """Digits and letters one by one, a comma between ``groups`` (sizes; the usual ones when they do not
        fit); a letter is said by its name."""
        said = [
            self.say_number(int(c)) if c.isdecimal() else self.letter_names.get(c.upper(), c.upper())
            for c in value
            if c.isalnum()
        ]
        sizes = groups if sum(groups) == len(said) else group_sizes(len(said))
        parts: list[str] = []
        for size in sizes:
            parts.append(" ".join(said[:size]))
            said = said[size:]
        return ", ".join(parts)

    def say_duration(self, parts: Mapping[str, int]) -> str:
        """A length of time in words, from unit (see ``duration_words``) to count, largest first."""
        said = []
        for unit, (one, many, feminine) in self.duration_words.items():
            if count := parts.get(unit, 0):
                said.append(self._count(count, one, many, feminine))
        if not said:
            one, many, feminine = self.duration_words["M"]
            return self._count(0, one, many, feminine)
        *most, last = said
        return f"{', '.join(most)} {self.and_word} {last}" if most else last

    def say_amount(self, amount: Decimal, currency: str) -> str:
        """An amount of money in words, rounded half up to hundredths. An unknown code is said as it is."""
        cents = int((abs(amount) * 100).to_integral_value(ROUND_HALF_UP))
        names = self.currencies.get(currency.upper()) or self._other_currency(currency.upper())
        whole, rest = divmod(cents, 100)
        parts = []
        if whole or not rest:
            parts.append(self._count(whole, names.one, names.many, names.feminine))
        if rest:
            parts.append(self._count(rest, names.cent, names.cents, False))
        said = self._join_money(parts)
        return f"{self.minus_word} {said}" if amount < 0 and cents else said

    @abstractmethod
    def say_number(self, n: int) -> str:
        """A whole number in words."""

    @abstractmethod
    def say_ordinal(self, n: int) -> str:
        """A rank in words, masculine in Spanish ("segundo")."""

    @abstractmethod
    def say_date(self, day: date, today: date) -> str:
        """A day as people say it: near days by name, the year only when it is not this year's."""

    @abstractmethod
    def say_time(self, at: time) -> str:
        """A time of day to the minute, with the part of the day."""

    def clock_phrases(self) -> tuple[str, ...]:
        """Units of time and parts of the day, for a recognizer's grammar."""
        units = [name for one, many, _ in self.duration_words.values() for name in (one, many)]
        return (*units, *self.clock_words)

    @abstractmethod
    def date_phrases(self, today: date) -> tuple[str, ...]:
        """Phrases and words that dates are made of, for a recognizer's grammar."""

    @abstractmethod
    def _count(self, n: int, one: str, many: str, feminine: bool) -> str: ...

    @abstractmethod
    def _join_money(self, parts: list[str]) -> str: ...

    @abstractmethod
    def _other_currency(self, code: str) -> Currency: ...


def group_sizes(length: int) -> list[int]:
    """How a digit string is split for the ear: fours when they fit, else threes with the rest spread."""
    if length <= 4:
        return [length] if length else []
    if length == 5:
        return [3, 2]
    if length % 4 == 0:
        return [4] * (length // 4)
    fours = length % 3
    return [3] * ((length - 4 * fours) // 3) + [4] * fours


def cardinal(n: int, lang: str) -> str:
    """``n`` in words; digit by digit where it is too long for anybody to follow, or to have a name."""
    if abs(n) >= _NAMELESS:
        return " ".join(str(num2words(int(digit), lang=lang)) for digit in str(abs(n)))
    return str(num2words(n, lang=lang)).replace(",", "")


def ordinal(n: int, lang: str) -> str:
    return str(num2words(n, lang=lang, to="ordinal")).replace(",", "")


def word_list(text: str) -> tuple[str, ...]:
    """The words of a block of text: how long word lists are written down."""
    return tuple(text.split())


def phrase_list(text: str) -> tuple[str, ...]:
    """The phrases of a block of text, which are separated by commas."""
    return tuple(" ".join(phrase.split()) for phrase in text.split(","))
