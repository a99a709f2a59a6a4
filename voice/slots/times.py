"""Reads spoken times of day. Pure.

Times are on the hour-and-minute clock that people speak: "las tres y media de la tarde", "a quarter to nine",
"las dieciséis cincuenta". Own rules: ``dateparser`` reads none of these (docs/understanding.md has figures).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from voice.languages import Lexicon
from voice.languages.base import word_list
from voice.slots.beside_months import ends_day, has_day_after, is_month, is_year
from voice.slots.date_terms import IDIOM, UNITS
from voice.slots.durations import OTHER_UNITS, duration_parts, find_durations, seconds
from voice.slots.numbers import find_numbers, is_written
from voice.slots.reading import Found
from voice.slots.time_words import WORDS

_CLOCK = re.compile(r"([0-2]?\d)[:.h]([0-5]\d)(?:[:.][0-5]\d)?")
_COMPACT = re.compile(r"([01]?\d|2[0-3])([0-5]\d)")
# Where the part of the day is not said: offices, deliveries and appointments are between seven and seven.
_FIRST_MORNING_HOUR = 7


_ARTICLES = frozenset({"a", "the"})
_MINUTE_WORDS = frozenset(word_list("minuto minutos minute minutes min mins"))
_LOOSE = frozenset({"of", "before", "after"})  # links of much else: "the fifth of ten", "two after five"
_BEGINS = frozenset(word_list("a un una medio media mid quarter half cuarto"))  # a time, besides numbers
_NO_HOUR = _MINUTE_WORDS | OTHER_UNITS  # after a number, which is no hour then: "ten minutes", "five days"
_LENGTH_OF = frozenset(word_list("for in within every each after por durante en cada dentro hace un una"))
_BEFORE = frozenset(word_list("before antes"))
_AFTER = frozenset(word_list("after despues"))
_FROM = frozenset({"from"})  # "five hours from noon"
_HOUR_WORDS = frozenset(word_list("h hs hrs horas hora hours hour hundred"))
_ROUGHLY = frozenset(word_list("approximately roughly aproximadamente sobre hacia"))
_RANKS = frozenset(word_list("th st nd rd"))
_AFTER_MAY = frozenset(word_list("at on in the of next this please and"))  # where it is the month
_DAYS_ARTICLES = frozenset(word_list("el del dia proximo pasado"))
_IN_PART = frozenset(word_list("por en a in at"))  # "(el tres) por la tarde", "(May three) at night"
_DAY_NAMES = frozenset(word_list("today tomorrow tonight day eve now morning afternoon evening"))
_PAST_THE_HOUR = (5, 10, 15, 20, 25)  # minutes that are said without their name: "twenty after three"


def read_time(tokens: Sequence[str], lexicon: Lexicon, lang: str) -> Found | None:
    """A time as "HH:MM" (24 hours). Where nothing tells morning from afternoon the other is an alternative.

    The first marked reading counts, else the first; None when there is none.
    """
    reader = _TimeReader(tokens, lexicon, lang)
    unmarked: Found | None = None
    for i in reader.starts():
        found = reader.read(i)
        if found is not None and not found.marked and reader.is_of_a_date(i):
            continue
        if found is not None and found.marked:
            return found
        unmarked = unmarked or found
    return unmarked


_PAST_IN_SPANISH = frozenset({"pasadas", "pasados"})
_IN_TWO = {("medio", "dia"): "12:00", ("media", "noche"): "00:00", ("mid", "night"): "00:00"}


def _bare(token: str, lexicon: Lexicon) -> str:
    """ "nineish" is nine, more or less."""
    stem = token.removesuffix("ish")
    return stem if stem != token and stem in lexicon.number_words else token


def _shifted(value: str, minutes: int) -> str:
    total = (int(value[:2]) * 60 + int(value[3:]) + minutes) % (24 * 60)
    return f"{total // 60:02}:{total % 60:02}"


class _TimeReader:
    def __init__(self, tokens: Sequence[str], lexicon: Lexicon, lang: str) -> None:
        self.tokens = [_bare(t, lexicon) for t in tokens] if lang == "en" else tokens
        self.lex = lexicon
        self.lang = lang
        self.words = WORDS[lang]
        self.numbers = {n.start: n for n in find_numbers(self.tokens, lexicon)}
        self._past = self.words.past if lang == "en" else _PAST_IN_SPANISH  # between minutes and hour
        self.nested = (_BEFORE | _AFTER | _FROM).isdisjoint(tokens)
        self.lengths = {} if self.nested else {f.start: f for f in find_durations(tokens, lexicon, lang)}

    def at(self, i: int) -> str:
        return self.tokens[i] if 0 <= i < len(self.tokens) else ""

    def starts(self) -> Iterator[int]:
        """Where a time may begin."""
        for i, token in enumerate(self.tokens):
            if i in self.numbers or i in self.lengths or token in _BEGINS or token in self.words.named:
                yield i

    def read(self, i: int) -> Found | None:
        return self._from_another(i) or self._named(i) or self._turned(i) or self._plain(i)

    # --- ten minutes before five, media hora después de las tres ------------------------------------

    def _from_another(self, i: int) -> Found | None:
        length = self.lengths.get(i)
        if length is None or self.nested:
            return None
        link, j = self.at(length.end), length.end + 1
        if link not in _BEFORE | _AFTER | _FROM or duration_parts(length.value).keys() - set("HMS"):
            return None
        if self.lang == "es":
            if self.at(j) not in ("de", "del"):
                return None
            j += 1
        self.nested = True
        base = next((found for k in range(j, min(j + 4, len(self.tokens))) if (found := self.read(k))), None)
        self.nested = False
        if base is None or base.start > j + 1 or (link in _FROM and not base.marked):
            return None
        minutes = seconds(length.value) // 60 * (-1 if link in _BEFORE else 1)
        shifted = tuple(_shifted(value, minutes) for value in (base.value, *base.alternatives))
        return Found(shifted[0], min(base.confidence, length.confidence), i, base.end, True, shifted[1:])

    def is_of_a_date(self, i: int) -> bool:
        """Whether the number at ``i`` is a day: "february twenty second", "quince de mayo", "may fifteen"."""
        number = self.numbers.get(i)
        end = number.end if number else i + 1
        return (
            (self.before_month(end) and not self._has_day(end, self.at(i - 1) in self.words.lead))
            or is_month(self.tokens, i - 1, self.lex)
            or self.at(end) in self.lex.ordinals
        )

    def _has_day(self, month: int, counted: bool = True) -> bool:
        return has_day_after(self.tokens, month, self.numbers, self.lex, counted)

    def before_month(self, i: int) -> bool:
        i += self.at(i) in ("de", "of")
        may_be = self.at(i) == "may" and self.at(i + 1).isalpha() and self.at(i + 1) not in _AFTER_MAY
        return self.at(i) in self.lex.months and not may_be

    # --- mediodía, noon ---------------------------------------------------------------------------

    def _named(self, i: int) -> Found | None:
        value = self.words.named.get(self.at(i))
        if value is not None and self.lang == "es" and self.at(i + 1) == "y":  # "mediodía y media"
            minutes, end, said = self._minutes(i + 1)
            if said:
                return Found(_shifted(value, minutes), 1.0, i - (self.at(i - 1) in ("al", "a")), end, True)
        if value is None and (whole := _IN_TWO.get((self.at(i), self.at(i + 1)))):
            start = i - 1 if self.at(i - 1) in ("al", "a") else i
            return Found(whole, 1.0, start, i + 2, True)
        if value is None or (self.at(i - 1) in ("del", "de") and i > 1):
            return None
        start = i - 1 if self.at(i - 1) in ("al", "a", "at") else i
        return Found(value, 1.0, start, i + 1, True)

    # --- half past three, cuarto para las tres ----------------------------------------------------

    def _turned(self, i: int) -> Found | None:
        minutes, j = self._fraction(i)
        if minutes is None or self.at(i - 1) in ("from", "between"):  # "from nine to ten"
            return None
        if self.at(j) in _MINUTE_WORDS:
            j += 1
        link = self.at(j)
        clear = link not in _LOOSE or self._says_minutes(i, j)
        if link in self._past and clear:
            sign = 1
        elif link in self.words.to and clear:
            sign = -1
        elif self.lang == "en" and self.at(i) == "half" and j == i + 1:
            sign, j = 1, j - 1  # British "half three"
        else:
            return None
        j += 1
        j += self.lang == "es" and self.at(j) in self.words.lead
        hour, j = self._hour(j)
        if hour is None:
            return None
        start = i - (self.at(i - 1) in ("a", "at", "faltan", "son"))
        start -= self.at(start - 1) in self.words.lead and self.lang == "en"
        return self._finish(hour, sign * minutes, start, j, True)

    def _says_minutes(self, i: int, j: int) -> bool:
        """Whether a quarter, a half or the word "minutes" stands between ``i`` and ``j``, or nothing else is
        said: "ten of nine"."""
        if self.at(j) == "of" and len(self.tokens) <= 4 and self.tokens[i] in ("five", "ten", "twenty"):
            return True
        number, hour = self.numbers.get(i), self.numbers.get(j + 1)
        if self.at(j) != "of" and number is not None and number.value in _PAST_THE_HOUR and hour is not None:
            return hour.value <= 12 and (hour.end == len(self.tokens) or self._part(hour.end)[0] != "")
        return any(t in self.words.quarter | self.words.half | _MINUTE_WORDS for t in self.tokens[i:j])

    def _fraction(self, i: int) -> tuple[int | None, int]:
        i += self.at(i) == "a" and self.lang == "en"
        if self.at(i) in self.words.quarter:
            return 15, i + 1
        if self.at(i) in self.words.half:
            return 30, i + 1
        number = self.numbers.get(i)
        if number is None or not 1 <= number.value <= 59 or "." in number.text:
            return None, i
        return int(number.value), number.end

    def _hour(self, i: int) -> tuple[int | None, int]:
        if self.at(i) in ("una", "un") and self.lang == "es" and i not in self.numbers:
            return 1, i + 1
        if self.at(i) in self.words.named:
            return int(self.words.named[self.at(i)][:2]), i + 1
        number = self.numbers.get(i)
        if number is not None and number.text == "0" and self.at(number.end + 1) == "hundred":
            number = self.numbers.get(number.end)  # "oh nine hundred"
        if number is None or "." in number.text or self.at(number.end) in _NO_HOUR | _RANKS:
            return None, i
        if 100 <= number.value <= 2400 and number.value % 100 == 0 and self.at(number.end - 1) == "hundred":
            return int(number.value) // 100, number.end
        if self.lang == "es" and "y" in self.tokens[number.start : number.end] and self._announced(i):
            number = find_numbers([self.at(i)], self.lex)[0]  # "las diez y seis" is six past ten
            return int(number.value), i + 1
        return (int(number.value), number.end) if number.value <= 24 else (None, i)

    # --- las tres y media, three thirty pm, 15:30 -------------------------------------------------

    def _plain(self, i: int) -> Found | None:
        written = _CLOCK.fullmatch(self.at(i)) if is_written(self.at(i)) else None
        if written and (":" in self.at(i) or self._announced(i) or self._part(i + 1)[0]):
            start = self._start(i)
            return self._finish(int(written[1]), int(written[2]), start, i + 1, True)
        compact = _COMPACT.fullmatch(self.at(i))
        if compact and (certain := self._four_figures(i)) is not None:
            hours = self.at(i + 1) in _HOUR_WORDS
            return self._finish(int(compact[1]), int(compact[2]), self._start(i), i + 1 + hours, certain)
        hour, j = self._hour(i)
        if hour is None or self._is_day(i):
            return None
        start = self._start(i)
        minutes, then, said = self._minutes(j)
        if said == "number" and self._is_day_and_hour(i, hour, then):  # "april twenty ten am"
            return None
        j = then
        two = (self.at(j), self.at(j + 1)) in (("en", "punto"), ("o", "clock"))
        sharp = two or self.at(j) in self.words.sharp
        j += 2 if two else sharp
        hours = self.at(j) in _HOUR_WORDS and not said
        if hours and not self._announced(i) and self.at(j - 1) != "hundred":
            if self.at(i - 1) in _LENGTH_OF or self.lang == "en":
                return None
            minutes, j, _ = self._past_hours(j + 1)
            return Found(f"{hour % 24:02}:{minutes:02}", 0.5, i, j, False)  # "tres horas" may be a duration
        if hours:
            minutes, j, said = self._past_hours(j + 1)
        has_part = self._part(j)[0] != ""
        if has_part and not said and hour <= 12:
            late = self._late_minutes(self._part(j)[1])
            if late is not None:
                return self._with_part(hour, late[0], self._part(j)[0], start, late[1])
        marked = self._announced(i) or sharp or has_part or (said == "words")
        return self._finish(hour, minutes, start, j, marked)

    def _is_day(self, i: int) -> bool:
        """Whether the number is a day: "el tres (por la tarde)", "viernes tres por la tarde", "May three in
        the afternoon". Hours have another article, and "de la tarde" follows them."""
        number, before = self.numbers.get(i), self.at(i - 1)
        if number is None:
            return False
        phrase = self.tokens[number.end : self._part(number.end)[1]]
        in_part = len(phrase) > 1 and phrase[0] in _IN_PART and phrase[1] not in ("m", "em", "eme")
        if is_year(self.tokens, i, self.numbers, self.lex):
            return True
        if is_month(self.tokens, i - 1, self.lex):
            at_noon = self.at(number.end) in ("at", "al") and self.at(number.end + 1) in self.words.named
            return (in_part or at_noon) and not self._ends_day(i - 2)
        if self.lang != "es":
            return False
        if in_part and (before in self.lex.weekdays or (before == "en" and number.value in IDIOM)):
            return True  # "de mañana en ocho por la tarde"
        alone = not phrase and self._minutes(number.end)[2] != "words"
        return before in _DAYS_ARTICLES and (alone or in_part or number.value > 12)

    def _ends_day(self, i: int) -> bool:
        return ends_day(self.tokens, i, self.numbers, self.lex)

    def _is_day_and_hour(self, i: int, hour: int, end: int) -> bool:
        """Whether the first of two numbers is a day, and the other one its hour."""
        month = is_month(self.tokens, i - 1, self.lex) and not self._ends_day(i - 2)
        number = next((n for n in self.numbers.values() if n.end == end), None)
        hours = number is not None and number.value <= 24  # not "in October five thirty pm"
        return (month and hours) or (hour > 12 and self._part(end)[0] in ("am", "pm"))

    def _four_figures(self, i: int) -> bool | None:
        """Whether "1730", "0900" at ``i`` is certainly a time; None when it is none."""
        if self._part(i + 1)[0] or self.at(i + 1) in self.words.sharp | _HOUR_WORDS or self._announced(i):
            return True
        rough = self.at(i - 1) in self.words.lead | _ROUGHLY
        return False if len(self.tokens) == 1 or (rough and i + 1 == len(self.tokens)) else None

    def _past_hours(self, i: int) -> tuple[int, int, str]:
        """Minutes after "horas", as :meth:`_minutes` gives them: "diez horas cinco minutos"."""
        number = self.numbers.get(i + (self.at(i) == "y"))
        if number is not None and number.value <= 59 and self.at(number.end) in _MINUTE_WORDS:
            return int(number.value), number.end + 1, "words"
        return self._minutes(i)

    def _late_minutes(self, i: int) -> tuple[int, int] | None:
        """ "a las ocho de la tarde menos cuarto", "las 8 pm y media": minutes said after the part of the
        day, and where they end."""
        if self.lang != "es" or self.at(i) not in ("menos", "y"):
            return None
        minutes, end = self._fraction(i + 1)
        if minutes is None or (self.at(i) == "y" and self.numbers.get(i + 1) is not None):
            return None  # "a las ocho de la tarde y diez" may be two times
        return (-minutes if self.at(i) == "menos" else minutes), end

    def _with_part(self, hour: int, minutes: int, part: str, start: int, end: int) -> Found:
        total = _in_part(hour, minutes, part) % (24 * 60)
        return Found(f"{total // 60:02}:{total % 60:02}", 1.0, start, end, True)

    def _start(self, i: int) -> int:
        start = i
        while self.at(start - 1) in self.words.lead or (self.at(start - 1) in ("a", "sobre", "son", "eran")):
            start -= 1
        return start

    def _announced(self, i: int) -> bool:
        if self.lang == "es":
            return self.at(i - 1) in self.words.lead
        if self.at(i - 1) not in self.words.lead:
            return False
        return "at" in (self.at(i - 1), self.at(i - 2)) or self._after_day(i - 2) or self._before_day(i)

    def _after_day(self, i: int) -> bool:
        """ "Friday (around five)"."""
        named = self.at(i) in _DAY_NAMES or self.at(i) in self.lex.weekdays or self._ends_day(i)
        return named or self.at(i) in UNITS or is_month(self.tokens, i, self.lex)

    def _before_day(self, i: int) -> bool:
        """ "(Around five) on Friday"; not "for around five", who may be people."""
        number = self.numbers.get(i)
        if number is None or self.at(i - 2) in ("for", "of"):
            return False
        j = number.end + (self.at(number.end) in ("on", "this", "next"))
        return self.at(j) in _DAY_NAMES or self.at(j) in self.lex.weekdays

    def _minutes(self, i: int) -> tuple[int, int, str]:
        """Minutes after an hour that ends at ``i``; which words told them: "words", "number" or ""."""
        words = self.words
        link = self.at(i)
        if (link in words.past and self.lang == "es") or link in words.less:
            sign = -1 if link in words.less else 1
            minutes, j = self._fraction(i + 1)
            if minutes is None and link == "y":  # "diez y seis" was taken for one number
                inner = find_numbers(self.tokens[i + 1 : i + 4], self.lex)
                if inner and inner[0].start == 0 and inner[0].value <= 59:
                    minutes, j = int(inner[0].value), i + 1 + inner[0].end
            if minutes is not None and self.at(j) not in _HOUR_WORDS | OTHER_UNITS:  # "a las 8 y dos horas"
                j += self.at(j) in _MINUTE_WORDS
                return sign * minutes, j, "words"
            return 0, i, ""
        if self.at(i) in self.words.half and self.lang == "es":
            return 30, i + 1, "words"  # "tres media", the "y" lost
        if self.lang == "en" and self.at(i) in ("oh", "o", "zero") and self.at(i + 1) in self.lex.units:
            return self.lex.units[self.at(i + 1)], i + 2, "number"
        number = self.numbers.get(i)
        if number is not None and self.before_month(number.end) and not self._has_day(number.end):
            return 0, i, ""  # "a las tres quince de mayo"
        if number is not None and self.at(number.end) in OTHER_UNITS:  # "at five thirty two weeks from now"
            tens = self.lex.tens.get(self.at(i), 0) if number.end == i + 2 else 0
            return (tens, i + 1, "number") if tens else (0, i, "")
        if number is not None and 10 <= number.value <= 59 and number.text.isdecimal():
            return int(number.value), number.end, "number"
        if number is not None and number.unit and self.lang == "es" and self.at(i - 1) == "cero":
            return int(number.value), number.end, "number"  # "cero cinco"
        if number is not None and number.text == "0":
            after = self.numbers.get(number.end)
            if after is not None and after.unit and len(after.text) == 1:
                return int(after.value), after.end, "number"
        return 0, i, ""

    def _part(self, i: int) -> tuple[str, int]:
        """The part of the day named at ``i``, and where it ends."""
        if self.lang == "es" and self.at(i) in ("tarde", "noche") and self._is_hour(i - 1):
            return ("pm" if self.at(i) == "tarde" else "night"), i + 1  # "las ocho noche"
        for phrase, part in self.words.parts.get(self.at(i), ()):
            if tuple(self.tokens[i : i + len(phrase)]) == phrase:
                return part, i + len(phrase)
        return "", i

    def _finish(self, hour: int, minutes: int, start: int, end: int, marked: bool) -> Found | None:
        part, after = self._part(end)
        sharp = self.at(after) == "en" and self.at(after + 1) == "punto"
        if part:
            end = after + 2 * sharp
        part = part or self._part_before(start) or self._part_later(end)
        if hour > 24 or (hour == 24 and minutes):
            return None
        total = hour % 24 * 60 + minutes
        if part and hour <= 12:
            total = _in_part(hour, minutes, part)
        total %= 24 * 60
        if part == "morning" and hour == 12 and minutes >= 0:  # noon to most, midnight to some
            return Found(f"12:{minutes:02}", 0.8, start, end, marked, (f"00:{minutes:02}",))
        value = f"{total // 60:02}:{total % 60:02}"
        if part or hour > 12 or hour == 0:
            return Found(value, 1.0 if marked else 0.8, start, end, marked)
        other = f"{(total // 60 + 12) % 24:02}:{total % 60:02}"
        likely, less = (value, other) if _FIRST_MORNING_HOUR <= total // 60 <= 12 else (other, value)
        return Found(likely, 0.75 if marked else 0.6, start, end, marked, (less,))

    def _is_hour(self, i: int) -> bool:
        return is_written(self.at(i)) or any(n.end == i + 1 and n.value <= 12 for n in self.numbers.values())

    def _part_later(self, end: int) -> str:
        """ "a las siete del domingo por la tarde", "at five on Sunday afternoon": said after the day."""
        for i in range(end, min(end + 5, len(self.tokens))):
            if i in self.numbers or self.at(i) in ("o", "or", "y", "and", "no"):
                return ""
            part, after = self._part(i)
            if part and part != "noon" and (after - i > 1 or len(self.at(i)) > 2):
                return part
        return ""

    def _part_before(self, start: int) -> str:
        """ "mañana por la tarde a las cinco", "tonight at eight": the part of the day said first."""
        for i in range(max(0, start - 6), start):
            part, after = self._part(i)
            letters = self.at(i) in ("am", "pm") or len(self.at(i)) == 1  # "I am ... at five"
            if part and part != "noon" and after <= start and not letters:
                return part
        return ""


def _in_part(hour: int, minutes: int, part: str) -> int:
    if hour == 12 and minutes < 0:  # "doce menos cuarto de la mañana" is before noon
        return (12 if part in ("am", "morning", "noon") else 24) * 60 + minutes
    hour %= 12
    if part == "pm" or (part == "night" and (hour >= 5)) or part == "noon":
        hour += 12
    return hour * 60 + minutes
