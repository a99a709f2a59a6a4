"""Finds one value of a kind in the middle of a sentence that nobody asked for. Pure.

A finder gets the words that are still free (the others are :data:`TAKEN`) and returns the first value that
its own words announce, or None.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time

from voice.languages import Language, fold
from voice.languages.base import word_list
from voice.model import ExpectKind
from voice.slots.contacts import EMAIL, begins_email, email_span, read_email, read_phone
from voice.slots.durations import read_duration
from voice.slots.find_amounts import find_amount
from voice.slots.find_days import find_day
from voice.slots.hits import UNSURE, Finder, Hit, Tokens, is_called, windows
from voice.slots.identifiers import DOCUMENTS, documents_of, read_card, read_iban, read_identifier
from voice.slots.moments import moment, read_shift
from voice.slots.money import read_digits
from voice.slots.names import announced_name, name_case
from voice.slots.numbers import find_numbers, is_negative
from voice.slots.postcodes import read_postcode
from voice.slots.quantities import read_integer
from voice.slots.reading import Outcome, Parsed, Wanted
from voice.slots.saying import say_value
from voice.slots.spelling import letter_words
from voice.slots.times import read_time

_LEAST = 0.7  # of a length of time: "some days" is said of much


def find_time(
    tokens: Tokens, wanted: Wanted, facts: Language, today: date, at: time | None = None
) -> Hit | None:
    """A time of day; with ``at``, the time of day now, also one told from now ("in two hours")."""
    for start, end in windows(tokens):
        shift = read_shift(tokens[start:end], facts.lexicon, facts.code)
        when = moment(shift, today, at) if shift is not None and at is not None else None
        if shift is not None and when is not None and shift.minutes >= 0 and when[1] >= UNSURE:
            value = when[0].strftime("%H:%M")  # "hace dos horas" is about something else
            spoken = say_value(ExpectKind.TIME, value, facts)
            return Hit(Parsed(value, spoken, UNSURE), start + shift.start, start + shift.end)
        found = read_time(tokens[start:end], facts.lexicon, facts.code)
        if found is None or not found.marked:
            continue
        spoken = say_value(ExpectKind.TIME, found.value, facts)
        parsed = Parsed(found.value, spoken, found.confidence, "", found.alternatives)
        return Hit(parsed, start + found.start, start + found.end)
    return None


_NOT_LENGTHS = frozenset(word_list("hace dentro ago atras in en"))


def _duration(tokens: Tokens, wanted: Wanted, facts: Language, today: date) -> Hit | None:
    for start, end in windows(tokens):
        found = read_duration(tokens[start:end], facts.lexicon, facts.code)
        if found is None or found.confidence < _LEAST:
            continue
        first, last = start + found.start, start + found.end
        around = {*tokens[max(0, first - 2) : first], *tokens[last : last + 1]}
        if around & _NOT_LENGTHS:
            continue  # "hace tres días" says when, not how long
        spoken = say_value(ExpectKind.DURATION, found.value, facts)
        return Hit(Parsed(found.value, spoken, found.confidence), first, last)
    return None


def _runs(tokens: Tokens, facts: Language) -> list[tuple[int, int]]:
    """Runs of digits and letters that may be one number or code."""
    inside: set[int] = set()
    for n in find_numbers(tokens, facts.lexicon, homophones=True):
        inside |= set(range(n.start, n.end))
    for i, token in enumerate(tokens):
        if (len(token) == 1 and token.isalpha() and token not in ("a", "y", "e", "o", "i", "u")) or any(
            c.isdecimal() for c in token
        ):
            inside.add(i)
    letters = [i for i, token in enumerate(tokens) if token in letter_words(facts.code)]
    for i in (*letters, *reversed(letters)):  # "be erre uno", "uno be erre"
        if {i - 1, i + 1} & inside:
            inside.add(i)
    for i in range(1, len(tokens) - 1):
        if i - 1 in inside and i + 1 in inside and tokens[i] in _SEPARATORS:
            inside.add(i)
    runs: list[tuple[int, int]] = []
    for i in sorted(inside):
        if runs and runs[-1][1] == i:
            runs[-1] = (runs[-1][0], i + 1)
        else:
            runs.append((i, i + 1))
    return runs


_SEPARATORS = frozenset(
    word_list("guion espacio barra raya coma dash hyphen space slash punto dot y a e o u i")
)
_PHONE_WORDS = frozenset(
    word_list(
        """
        telefono telefonico movil celular fijo llamenme llameme llamarme contacto whatsapp phone telephone
        mobile cell cellphone landline call reach
        """
    )
)
_POST_WORDS = frozenset(word_list("postal cp zip postcode postal"))


def _coded(
    read: Callable[[str, Wanted, Language], Outcome], announced: frozenset[str], *, proven: bool
) -> Finder:
    """A finder of codes: in a run of digits and letters. ``proven``: its check digits announce it."""

    def finder(tokens: Tokens, wanted: Wanted, facts: Language, today: date) -> Hit | None:
        for start, end in _runs(tokens, facts):
            called = is_called(tokens, start, [*announced, *wanted.called], 6)
            if not called and not proven:
                continue
            for first in (start, start + 1):  # a word before it may have been taken for a letter
                outcome = read(" ".join(tokens[first:end]), wanted, facts) if first < end else None
                if isinstance(outcome, Parsed) and outcome.confidence >= 0.7:
                    if not called and outcome.unit and not DOCUMENTS[outcome.unit].letters:
                        continue  # one in eleven numbers would pass for it
                    return Hit(outcome, first, end)
        return None

    return finder


def _documents(text: str, wanted: Wanted, facts: Language) -> Outcome:
    return read_identifier(text, facts, documents_of(wanted.country, wanted.documents))


_DOCUMENT_WORDS = frozenset(
    word_list(
        """
        dni nie nif cif cuit cuil rut run rfc curp cedula documento identidad identificacion ssn social
        itin ein
        ruc nit cpf insurance passport pasaporte id
        """
    )
)


def _email(tokens: Tokens, wanted: Wanted, facts: Language, today: date) -> Hit | None:
    for i, token in enumerate(tokens):
        if EMAIL.fullmatch(token):
            return Hit(
                Parsed(token.lower(), say_value(ExpectKind.EMAIL, token.lower(), facts), 1.0), i, i + 1
            )
    for start, end in windows(tokens):
        words = [fold(t) for t in tokens[start:end]]
        span = _email_in(words, facts) if begins_email(words, facts.code) else None
        outcome = read_email(" ".join(words[span[0] : span[1]]), facts) if span else None
        if span and isinstance(outcome, Parsed):
            return Hit(outcome, start + span[0], start + span[1])
    return None


_TO = {"es": "a", "en": "to"}
_BEFORE_EMAIL = frozenset(
    word_list(
        "a to is es its it en por y and correo email mail electronico address direccion use using uso tengo"
    )
)


def _email_in(words: Tokens, facts: Language) -> tuple[int, int] | None:
    """The words of an address; None where the words before may belong to it. "Send it to" is none of it."""
    span = email_span(words, facts)
    if span is None:
        return None
    start, end = span
    if words[start] == _TO[facts.code] and start and words[start - 1] not in ("is", "es"):
        start += 1
    return (start, end) if not start or words[start - 1] in _BEFORE_EMAIL else None


def _digits(tokens: Tokens, wanted: Wanted, facts: Language, today: date) -> Hit | None:
    for start, end in _runs(tokens, facts):
        if not is_called(tokens, start, wanted.called):
            continue
        if any(n.scaled for n in find_numbers(tokens[start:end], facts.lexicon)):
            continue  # "dos mil" counts something: nobody dictates a code in thousands
        found = read_digits(tokens[start:end], facts.lexicon, wanted.min_length, wanted.max_length)
        if found is not None:
            return Hit(Parsed(found[0], facts.say_digits(found[0]), found[1]), start, end)
    return None


def _integer(tokens: Tokens, wanted: Wanted, facts: Language, today: date) -> Hit | None:
    """A count right before the thing it counts ("tres personas"), or right after its name."""
    things = {
        *wanted.called,
        *(f"{word}s" for word in wanted.called),
        *(f"{word}es" for word in wanted.called),
    }
    numbers = find_numbers(tokens, facts.lexicon)
    starts = {n.end: n.start for n in numbers}
    for number in numbers:
        after = tokens[number.end] if number.end < len(tokens) else ""
        called = is_called(tokens, number.start, wanted.called, 2) and tokens[number.start - 1] not in _AT
        if after not in things and not called:
            continue
        start = number.start
        while start in starts or (start and tokens[start - 1] in _JOINS and start - 1 in starts):
            start = starts[start if start in starts else start - 1]  # "mil y uno", "one two three"
        start -= is_negative(tokens, start, facts.lexicon)
        found = read_integer(tokens[start : number.end], facts.lexicon)
        if found:
            end = number.end + (after in things)
            return Hit(Parsed(found[0], facts.say_number(int(found[0])), found[1]), start, end)
    return None


_AT = frozenset(word_list("at on by las la"))  # before an hour
_JOINS = frozenset(word_list("y and"))
_NOT = frozenset(word_list("no ni sin not without never nor"))


def _choice(tokens: Tokens, wanted: Wanted, facts: Language, today: date) -> Hit | None:
    """An option named word for word, the longest first; never a negated one."""
    phrases = [
        (fold(phrase).split(), key)
        for key, synonyms in wanted.options.items()
        for phrase in (key.replace("_", " "), *synonyms)
    ]
    for words, key in sorted(phrases, key=lambda item: -len(item[0])):
        if sum(map(len, words)) < 3:
            continue
        for i in range(len(tokens) - len(words) + 1):
            if list(tokens[i : i + len(words)]) == words and not _NOT & set(tokens[max(0, i - 4) : i]):
                label = next(iter(wanted.options[key]), key.replace("_", " "))
                return Hit(Parsed(key, label, 0.9), i, i + len(words))
    return None


def _name(tokens: Tokens, wanted: Wanted, facts: Language, today: date) -> Hit | None:
    for start, end in windows(tokens):
        said = announced_name(" ".join(tokens[start:end]), facts)
        words = said.split()
        for i in range(start, end - len(words) + 1):
            if words and list(tokens[i : i + len(words)]) == words:
                return Hit(Parsed(name_case(said), name_case(said), UNSURE), i, i + len(words))
    return None


# In this order: what proves itself first, then what has words of its own, then what only a name announces.
FINDERS: dict[ExpectKind, Finder] = {
    ExpectKind.EMAIL: _email,
    ExpectKind.IBAN: _coded(lambda t, w, f: read_iban(t, f, w.country), frozenset({"iban"}), proven=True),
    ExpectKind.CARD: _coded(lambda t, w, f: read_card(t, f), frozenset({"tarjeta", "card"}), proven=True),
    ExpectKind.IDENTIFIER: _coded(_documents, _DOCUMENT_WORDS, proven=True),
    ExpectKind.PHONE: _coded(lambda t, w, f: read_phone(t, f, w.country), _PHONE_WORDS, proven=False),
    ExpectKind.POSTCODE: _coded(lambda t, w, f: read_postcode(t, f, w.country), _POST_WORDS, proven=False),
    ExpectKind.AMOUNT: find_amount,
    ExpectKind.TIME: find_time,
    ExpectKind.DIGITS: _digits,
    ExpectKind.INTEGER: _integer,
    ExpectKind.DATE: find_day,
    ExpectKind.DURATION: _duration,
    ExpectKind.CHOICE: _choice,
    ExpectKind.NAME: _name,
}
