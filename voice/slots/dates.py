"""Reads spoken dates: an answer or a sentence as one day. Pure: today, and the time of day where it matters,
are passed in.

Own rules and not ``dateparser``: of what callers say it reads few ("quince de diciembre", "el lunes que
viene", "december fifteenth" give nothing), see docs/understanding.md for figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time

from voice.languages import Lexicon
from voice.languages.base import word_list
from voice.slots.date_reader import WORDS, read_whole
from voice.slots.date_terms import NEAR, PHRASE_WORDS, SUFFIXES, UNITS, Day
from voice.slots.date_words import plain_words
from voice.slots.feasts import FEAST_WORDS
from voice.slots.moments import moment, read_shift
from voice.slots.several import one_of_two, says_several

_OTHER = frozenset(
    word_list(
        """
        a las los que antes before after despues desde fin final finales end couple par overmorrow ocho on by
        esta mismo
        """
    )
)
_SHORTEST = 6  # letters of a weekday and its plural
_REPEATED = frozenset(word_list("every each cada todos todas"))
_ONWARDS = frozenset(word_list("onward onwards adelante"))
_DOUBTFUL = 0.5  # "every Monday", "calle dos de mayo": asked about
_TOLD = 0.85  # a day gone by, because the sentence is in the past tense


def read_day(tokens: Sequence[str], lexicon: Lexicon, lang: str, today: date) -> Day | None:
    """The day that ``tokens`` name, with the other days that they may mean: those gone by, where no year or
    week is told. "In ten hours" is reckoned from noon and doubted."""
    try:
        return _read(tokens, plain_words(tokens, lexicon, lang), lexicon, lang, today)
    except (ValueError, OverflowError):  # 31 February, or a year out of range
        return None


class NoSuchDay(Exception):
    """The words are a date that no calendar has, such as 31 February."""


class SeveralDays(Exception):
    """The words name two days: "Monday or Tuesday", "del tres al cinco"."""


def answer_day(
    tokens: Sequence[str],
    lexicon: Lexicon,
    lang: str,
    today: date,
    at: time | None = None,
    past: bool = False,
) -> Day | None:
    """The day of an answer, with the other days that the words may mean: those gone by, where no year or
    week is told, and those to come where the sentence tells of the ``past``. ``at`` is the time of day now,
    which "in ten hours" needs. Raises NoSuchDay and SeveralDays."""
    plain = plain_words(tokens, lexicon, lang)
    if _differ(plain, lexicon, lang, today):
        part = one_of_two(tokens, lang)
        if not part or _differ(plain_words(part, lexicon, lang), lexicon, lang, today):
            raise SeveralDays
        tokens, plain = part, plain_words(part, lexicon, lang)
    try:
        found = _read(tokens, plain, lexicon, lang, today, at)
    except (ValueError, OverflowError) as error:
        raise NoSuchDay from error
    return _gone_by(found, today) if past and found is not None else found


def _read(
    tokens: Sequence[str],
    plain: Sequence[str],
    lexicon: Lexicon,
    lang: str,
    today: date,
    at: time | None = None,
) -> Day | None:
    found = read_whole(plain, lexicon, lang, today)
    if found is None:
        return _shifted(tokens, lexicon, lang, today, at)
    if _repeats(tokens, lexicon) or _is_a_place(tokens, lexicon) or _goes_on(tokens):
        return replace(found, sure=min(found.sure, _DOUBTFUL))
    return found


def _goes_on(tokens: Sequence[str]) -> bool:
    """ "From Monday onwards", "de hoy en adelante"."""
    on = list(tokens[-1:]) == ["on"] and "from" in tokens
    return on or not _ONWARDS.isdisjoint(tokens)


def _is_a_place(tokens: Sequence[str], lexicon: Lexicon) -> bool:
    """ "Calle dos de mayo", "apartment twenty"."""
    numbers = (tokens[i + 1 : i + 3] for i, token in enumerate(tokens) if token in lexicon.places)
    return any(t in lexicon.number_words or t.isdecimal() for after in numbers for t in after)


def _repeats(tokens: Sequence[str], lexicon: Lexicon) -> bool:
    """ "Every Monday", "todos los lunes", "el uno de cada mes"."""
    for before, plural, after in zip(("", *tokens), tokens, (*tokens[1:], ""), strict=False):
        one = after in lexicon.after_days or after in ("the", *lexicon.months)  # "Friday's fine"
        if len(plural) > _SHORTEST and plural[:-1] in lexicon.weekdays and (before == "on" or not one):
            return True  # "on Fridays", which Spanish tells by the article
    return any(
        token in _REPEATED and any(t in lexicon.weekdays or t in UNITS for t in tokens[i + 1 : i + 3])
        for i, token in enumerate(tokens)
    )


def _shifted(tokens: Sequence[str], lexicon: Lexicon, lang: str, today: date, at: time | None) -> Day | None:
    shift = read_shift(tokens, lexicon, lang)
    when = moment(shift, today, at) if shift is not None else None
    return None if when is None else Day(when[0].date(), when[1])


def _gone_by(found: Day, today: date) -> Day:
    gone = next((day for day in found.others if day <= today), None)
    if gone is None or found.day <= today:
        return found
    return Day(gone, min(found.sure, _TOLD), (found.day,))


def _differ(plain: Sequence[str], lexicon: Lexicon, lang: str, today: date) -> bool:
    def one(part: Sequence[str], whole: bool) -> str | None:
        try:
            found = read_whole(part, lexicon, lang, today)
        except (ValueError, OverflowError):
            return None
        clear = found is not None and (found.sure >= _CLEAR or not lexicon.weekdays.keys().isdisjoint(part))
        return found.day.isoformat() if found is not None and clear else None

    return _week_days(plain, lexicon) or says_several(plain, lang, one)


def _week_days(plain: Sequence[str], lexicon: Lexicon) -> bool:
    """ "Monday to Friday", "lunes a viernes"."""
    sides = zip(plain, plain[1:], plain[2:], strict=False)
    return any(b in ("to", "a", "al") and {a, c} <= lexicon.weekdays.keys() for a, b, c in sides)


_CLEAR = 0.8  # below, a side of "or" may be no day at all: "a week or so"


def date_words(lexicon: Lexicon, lang: str) -> frozenset[str]:
    """Every word, numbers aside, that a spoken date may have."""
    own = frozenset(word for words in (*WORDS[lang].values(), *map(str.split, NEAR)) for word in words)
    names = lexicon.months.keys() | lexicon.weekdays.keys()
    return own | FEAST_WORDS | PHRASE_WORDS | UNITS.keys() | SUFFIXES | names | _OTHER
