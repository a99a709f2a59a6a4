"""Reads a caller's answer as what the dialogue asked for: ``read(wanted, text, lang, today)``.

Everything here is pure, deterministic and tolerant of what recognizers do to speech: no punctuation,
lost accents, grouped numbers, fillers, corrections ("no, perdón, el quince").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, time
from functools import cache, partial

from voice.languages import Language, Lexicon, fold, language, normalise
from voice.languages.base import word_list
from voice.model import ExpectKind
from voice.slots.choices import read_choice, read_yes_no
from voice.slots.contacts import read_email, read_phone
from voice.slots.corrections import split_correction, with_digits_replaced, with_head_of_date
from voice.slots.dates import NoSuchDay, SeveralDays, answer_day, date_words
from voice.slots.denials import affirmed
from voice.slots.durations import read_duration
from voice.slots.identifiers import documents_of, read_card, read_iban, read_identifier
from voice.slots.inability import other_than_unable
from voice.slots.moments import Shift, moment, read_now, read_shift
from voice.slots.money import currency_of, digit_readings, read_amount, read_digits
from voice.slots.names import read_name, read_spelled_name
from voice.slots.numbers import find_numbers, replaced, tokenise
from voice.slots.postcodes import read_postcode
from voice.slots.quantities import read_integer
from voice.slots.reading import MAX_TEXT, Found, Outcome, Parsed, Refused, Wanted, Why
from voice.slots.saying import say_value
from voice.slots.several import one_of_two, says_several
from voice.slots.tense import tells_the_past
from voice.slots.times import read_time

_HESITATIONS = frozenset(word_list("eh em ehm este pues bueno um uh er hmm mm ah well"))


def parse(
    kind: ExpectKind,
    text: str,
    lang: str,
    *,
    options: Mapping[str, Sequence[str]] = {},
    min_length: int = 1,
    max_length: int = 20,
    today: date,
    at: time | None = None,
) -> Parsed | None:
    """Like :func:`read`, for the kinds that need no country; None when there is no value."""
    wanted = Wanted(kind, options, min_length, max_length)
    outcome = read(wanted, text, lang, today, at)
    return outcome if isinstance(outcome, Parsed) else None


def read(wanted: Wanted, text: str, lang: str, today: date, at: time | None = None) -> Outcome:
    """Read ``text`` as what is ``wanted``: a value, or why there is none (or could be two). ``today`` and
    ``at`` are when it is said, in the line's time; without ``at`` "in two hours" is no time.

    Values: yes_no ``"yes"``/``"no"``; integer a whole number; digits a string of ``min_length`` to
    ``max_length`` digits; amount a decimal string, with two decimals unless whole; date ISO 8601, for a day
    without a year the next one from ``today``; time ``HH:MM`` of 24 hours; duration ISO 8601 (``PT1H30M``);
    phone E.164; email in lower case; spelled and name as they are written; postcode, identifier and iban
    upper-case without separators; card digits; choice a key of ``options``; text the utterance without
    fillers. An intent is not a slot: it is refused.
    """
    facts = language(lang)
    text = text[:MAX_TEXT]
    tokens = tokenise(text)
    shifted = wanted.kind is ExpectKind.DATE and read_shift(tokens, facts.lexicon, lang) is not None
    if wanted.kind in (ExpectKind.DATE, ExpectKind.INTEGER) and not shifted:  # "in one minute"
        tokens = replaced(tokens, facts.lexicon.idioms)
    reader = _token_reader(wanted.kind, text, tokens, facts, at)
    if reader is not None:
        instead = _instead_of_denied(wanted, tokens, facts, today, reader)
        if isinstance(instead, Parsed):
            return replace(instead, spoken=say_value(wanted.kind, instead.value, facts, today=today))
        if instead is not None:
            return instead
        return _corrected(wanted, tokens, facts, today, reader)
    by_text = _BY_TEXT.get(wanted.kind)
    return by_text(wanted, text, facts) if by_text is not None else Refused(Why.NOTHING)


def _instead_of_denied(
    wanted: Wanted, tokens: _Tokens, facts: Language, today: date, reader: _TokenReader
) -> Outcome | None:
    def read_part(part: _Tokens) -> Outcome:
        return reader(wanted, part, facts, today)

    instead = affirmed(tokens, facts, read_part) if wanted.kind is ExpectKind.DATE else None
    if instead is None and wanted.kind in (ExpectKind.DATE, ExpectKind.TIME):
        return other_than_unable(tokens, facts, _day_words(facts), read_part)
    return instead


# --- corrections ------------------------------------------------------------------------------------

_Tokens = Sequence[str]
_TokenReader = Callable[[Wanted, _Tokens, Language, date], Outcome]
_TextReader = Callable[[Wanted, str, Language], Outcome]
_MOST_CORRECTIONS = 8  # one after the other, of an utterance: "no no no ..." can be long
_CORRECTED = 0.9  # a value that replaces another was at least said with care


def _corrected(
    wanted: Wanted, tokens: _Tokens, facts: Language, today: date, reader: _TokenReader
) -> Outcome:
    """Reads what follows the last correction ("no, perdón, ..."), or all when nothing follows."""
    head, tail = split_correction(tokens, facts)
    for _ in range(_MOST_CORRECTIONS):
        if tail is None or not all(t in facts.lexicon.fillers for t in tail):
            break
        if isinstance(reader(wanted, tail, facts, today), Parsed):
            break  # "perdón, a la una"
        tokens = head
        head, tail = split_correction(tokens, facts)
    if tail is None:
        return reader(wanted, tokens, facts, today)
    found = _merged(wanted, head, tail, facts, today, reader) if head else None
    found = found or _unless_denied(wanted, tokens, len(head), facts, today, reader)
    found = found or reader(wanted, tail, facts, today)
    if isinstance(found, Parsed):
        return replace(found, confidence=found.confidence * (_CORRECTED if head else 1.0))
    return found


def _merged(
    wanted: Wanted, head: _Tokens, tail: _Tokens, facts: Language, today: date, reader: _TokenReader
) -> Outcome | None:
    """A correction of a part: "quince de marzo, digo, dieciséis" stays in March. None: it stands alone."""
    if wanted.kind is ExpectKind.DATE:
        if _corrects_the_time(head, tail, facts):
            return reader(wanted, head, facts, today)
        joined = with_head_of_date(head, tail, facts)
        return reader(wanted, joined, facts, today) if joined else None
    if wanted.kind is ExpectKind.DIGITS and wanted.min_length == wanted.max_length:
        digits = with_digits_replaced(head, tail, facts, wanted.max_length)
        return Parsed(digits, facts.say_digits(digits), 0.6) if digits else None
    if wanted.kind is ExpectKind.TIME:
        return _same_half_of_day(
            reader(wanted, head, facts, today), reader(wanted, tail, facts, today), facts
        )
    return None


_DENIABLE = frozenset(
    {ExpectKind.DATE, ExpectKind.TIME, ExpectKind.INTEGER, ExpectKind.DURATION, ExpectKind.AMOUNT}
)


def _unless_denied(
    wanted: Wanted, tokens: _Tokens, end: int, facts: Language, today: date, reader: _TokenReader
) -> Outcome | None:
    """What stands before a "not" that denies the rest: "Monday the 18th, not the 17th", "el viernes que
    viene, no el otro". None: what follows is meant."""
    if wanted.kind not in _DENIABLE or not end or tokens[end] not in ("not", "no"):
        return None
    before = reader(wanted, tokens[:end], facts, today)
    if not isinstance(before, Parsed):
        return None
    after = tokens[end + 1 :]
    if tokens[end] == "no" and wanted.kind is ExpectKind.DURATION and find_numbers(after, facts.lexicon):
        return None  # "tres días, no, cuatro"
    denied = tokens[end] == "not" or not isinstance(reader(wanted, after, facts, today), Parsed)
    return before if denied else None


def _corrects_the_time(head: _Tokens, tail: _Tokens, facts: Language) -> bool:
    """ "Friday at four, no, five": a number after a time is an hour."""
    said = [t for t in tail if t not in facts.lexicon.fillers]
    numbers = find_numbers(said, facts.lexicon)
    if len(numbers) != 1 or numbers[0].end - numbers[0].start != len(said) or numbers[0].value > 12:
        return False
    found = read_time(head, facts.lexicon, facts.code)
    after = [] if found is None else [t for t in head[found.end :] if t not in facts.lexicon.fillers]
    return found is not None and found.marked and after in ([], ["no"])


def _same_half_of_day(before: Outcome, after: Outcome, facts: Language) -> Outcome | None:
    """ "a las tres de la tarde, no, a las cuatro" is in the afternoon too."""
    if not isinstance(before, Parsed) or not isinstance(after, Parsed) or before.alternatives:
        return None
    half = before.value < "12:00"
    fitting = [v for v in (after.value, *after.alternatives) if (v < "12:00") == half]
    if not after.alternatives or not fitting:
        return None
    return Parsed(fitting[0], say_value(ExpectKind.TIME, fitting[0], facts), 0.9)


def _text_corrected(read_it: _TextReader) -> _TextReader:
    """The same for what is read from text: what follows the last correction, where it is a value."""

    def reader(wanted: Wanted, text: str, facts: Language) -> Outcome:
        words = normalise(text).split()
        head, tail = split_correction([fold(word) for word in words], facts)
        if tail and head:
            found = read_it(wanted, " ".join(words[-len(tail) :]), facts)
            if isinstance(found, Parsed):
                return replace(found, confidence=found.confidence * _CORRECTED)
        return read_it(wanted, text, facts)

    return reader


# --- read from tokens -------------------------------------------------------------------------------


def _integer(wanted: Wanted, tokens: _Tokens, facts: Language, today: date) -> Outcome:
    found = read_integer(tokens, facts.lexicon)
    if found is None:
        return Refused(Why.NOTHING)
    if not found:
        return Refused(Why.SEVERAL)
    return Parsed(found[0], facts.say_number(int(found[0])), found[1])


def _digits(wanted: Wanted, tokens: _Tokens, facts: Language, today: date) -> Outcome:
    found = read_digits(tokens, facts.lexicon, wanted.min_length, wanted.max_length)
    if found is not None:
        return Parsed(found[0], facts.say_digits(found[0]), found[1])
    got = len(next(iter(digit_readings(tokens, facts.lexicon)), ""))
    if not got:
        return Refused(Why.NOTHING)
    if got < wanted.min_length:
        return Refused(Why.SHORT, got, wanted.min_length)
    return Refused(Why.LONG, got, wanted.max_length) if got > wanted.max_length else Refused(Why.NOTHING)


def _amount(wanted: Wanted, tokens: _Tokens, facts: Language, today: date) -> Outcome:
    found = read_amount(tokens, facts.lexicon)
    if found is None:
        return Refused(Why.NOTHING)
    unit = currency_of(tokens, wanted.currency)
    named = unit or wanted.currency
    spoken = say_value(ExpectKind.AMOUNT, found[0], facts, currency=named) if named else " ".join(tokens)
    return Parsed(found[0], spoken, found[1], unit)


def _date(
    wanted: Wanted, tokens: _Tokens, facts: Language, today: date, at: time | None = None, past: bool = False
) -> Outcome:
    try:
        found = answer_day(tokens, _lexicon(facts, wanted.country), facts.code, today, at, past)
    except SeveralDays:
        return Refused(Why.SEVERAL)
    except NoSuchDay:
        return Refused(Why.IMPOSSIBLE)
    if found is None:
        return Refused(Why.NOTHING)
    others = tuple(dict.fromkeys(day.isoformat() for day in found.others))
    return Parsed(found.day.isoformat(), facts.say_date(found.day, today), found.sure, "", others)


_YEAR = re.compile(r"(?:19|20)\d\d")


@cache
def _lexicon(facts: Language, country: str) -> Lexicon:
    """The language's, with the country's order of day and month."""
    first = country in facts.lexicon.day_first_in
    return replace(facts.lexicon, day_first=True) if first else facts.lexicon


def _time(
    wanted: Wanted,
    tokens: _Tokens,
    facts: Language,
    today: date,
    at: time | None = None,
    now: Shift | None = None,
) -> Outcome:
    lexicon, lang = facts.lexicon, facts.code

    def one(part: _Tokens, whole: bool) -> str | None:
        found = read_time(part, lexicon, lang)
        if found is None or (whole and (found.start > 1 or found.end < len(part))):
            return None
        return None if whole and len(part) == 1 and _YEAR.fullmatch(part[0]) else found.value

    following = (*tokens[1:], "")  # "del quince a las diez" is a day and a time
    days = (t == "del" and after != "mediodia" for t, after in zip(tokens, following, strict=False))
    said = ["el" if day else t for t, day in zip(tokens, days, strict=True)]
    if says_several(said, lang, one):
        part = one_of_two(tokens, lang)
        if not part or says_several(part, lang, one):
            return Refused(Why.SEVERAL)
        tokens = part
    shift = read_shift(tokens, lexicon, lang) or now
    left = [*tokens[: shift.start], *tokens[shift.end :]] if shift is not None else tokens
    found = read_time(left, lexicon, lang)
    if shift is not None and (found is None or not found.marked):
        return _from_now(shift, tokens, facts, today, at)
    return _found(ExpectKind.TIME, found, left, facts)


def _from_now(shift: Shift, tokens: _Tokens, facts: Language, today: date, at: time | None) -> Outcome:
    when = moment(shift, today, at) if at is not None else None
    if when is None:
        return Refused(Why.NOTHING)
    value = when[0].strftime("%H:%M")
    return _found(ExpectKind.TIME, Found(value, when[1], shift.start, shift.end, True), tokens, facts)


def _duration(wanted: Wanted, tokens: _Tokens, facts: Language, today: date) -> Outcome:
    return _found(ExpectKind.DURATION, read_duration(tokens, facts.lexicon, facts.code), tokens, facts)


def _found(kind: ExpectKind, found: Found | None, tokens: _Tokens, facts: Language) -> Outcome:
    if found is None:
        return Refused(Why.NOTHING)
    around = [t for i, t in enumerate(tokens) if not found.start <= i < found.end]
    lexicon = facts.lexicon
    usual = lexicon.fillers | facts.function_words | lexicon.months.keys() | lexicon.weekdays.keys()
    clear = found.marked or not lexicon.number_words.isdisjoint(
        tokens[found.start : found.end]
    )  # "un paraguas hoy" is no one o'clock
    usual |= _day_words(facts) if kind is ExpectKind.TIME and clear else frozenset()
    strange = sum(t not in usual for t in around)
    if strange > 6 or (not found.marked and strange > 1):
        return Refused(Why.NOTHING)
    sure = max(0.3, found.confidence - 0.05 * strange)
    return Parsed(found.value, say_value(kind, found.value, facts), sure, "", found.alternatives)


@cache
def _day_words(facts: Language) -> frozenset[str]:
    """What a day may stand in beside a time: "four thirty the day after tomorrow"."""
    lexicon = facts.lexicon
    parts = word_list("morning afternoon evening night manana tarde noche")
    return date_words(lexicon, facts.code) | lexicon.ordinals.keys() | lexicon.tens.keys() | set(parts)


# --- read from text ---------------------------------------------------------------------------------


def _yes_no(wanted: Wanted, text: str, facts: Language) -> Outcome:
    found = read_yes_no(text, facts)
    if found is None:
        return Refused(Why.NOTHING)
    value, confidence = found
    return Parsed(value, (facts.yes_phrases if value == "yes" else facts.no_phrases)[0], confidence)


def _choice(wanted: Wanted, text: str, facts: Language) -> Outcome:
    found = read_choice(text, facts, wanted.options)
    if found is None:
        return Refused(Why.NOTHING)
    label = next(iter(wanted.options[found[0]]), found[0].replace("_", " "))
    return Parsed(found[0], label, found[1])


def _text(wanted: Wanted, text: str, facts: Language) -> Outcome:
    words = text.split()
    while words and fold(words[0]) in _HESITATIONS:
        words.pop(0)
    cleaned = " ".join(words)
    return Parsed(cleaned, cleaned, 1.0) if fold(cleaned) else Refused(Why.NOTHING)


_BY_TOKENS: dict[ExpectKind, _TokenReader] = {
    ExpectKind.INTEGER: _integer,
    ExpectKind.DIGITS: _digits,
    ExpectKind.AMOUNT: _amount,
    ExpectKind.DURATION: _duration,
}


def _token_reader(
    kind: ExpectKind, text: str, tokens: _Tokens, facts: Language, at: time | None
) -> _TokenReader | None:
    if kind is ExpectKind.DATE:
        return partial(_date, at=at, past=tells_the_past(text, facts.code))
    if kind is ExpectKind.TIME:
        return partial(_time, at=at, now=read_now(tokens, facts.lexicon))
    return _BY_TOKENS.get(kind)


_BY_TEXT: dict[ExpectKind, _TextReader] = {
    ExpectKind.YES_NO: _yes_no,
    ExpectKind.CHOICE: _choice,
    ExpectKind.TEXT: _text,
    ExpectKind.PHONE: _text_corrected(lambda w, text, facts: read_phone(text, facts, w.country)),
    ExpectKind.EMAIL: _text_corrected(lambda w, text, facts: read_email(text, facts)),
    ExpectKind.SPELLED: _text_corrected(lambda w, text, facts: read_spelled_name(text, facts)),
    ExpectKind.NAME: _text_corrected(lambda w, text, facts: read_name(text, facts)),
    ExpectKind.POSTCODE: _text_corrected(lambda w, text, facts: read_postcode(text, facts, w.country)),
    ExpectKind.CARD: _text_corrected(lambda w, text, facts: read_card(text, facts)),
    ExpectKind.IBAN: _text_corrected(lambda w, text, facts: read_iban(text, facts, w.country)),
    ExpectKind.IDENTIFIER: _text_corrected(
        lambda w, text, facts: read_identifier(text, facts, documents_of(w.country, w.documents))
    ),
}
