"""How a value is read back: the spoken form of every kind of slot, in both languages. Pure."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

from voice.languages import Language
from voice.model import ExpectKind
from voice.slots.contacts import say_email, say_phone
from voice.slots.durations import duration_parts
from voice.slots.identifiers import DOCUMENTS, refusal, say_iban, say_identifier
from voice.slots.names import say_spelled
from voice.slots.postcodes import say_postcode


def say_value(
    kind: ExpectKind,
    value: str,
    facts: Language,
    *,
    today: date = date(2026, 1, 1),
    currency: str = "EUR",
    country: str = "ES",
    document: str = "",
) -> str:
    """A normalised value (see :func:`voice.slots.reader.read`) in words, digits grouped as its country
    does. A choice, a name or a text is said as it is. ValueError for a value that is none of its kind."""
    match kind:
        case ExpectKind.YES_NO:
            return (facts.yes_phrases if value == "yes" else facts.no_phrases)[0]
        case ExpectKind.INTEGER:
            number = int(value)
            return (
                f"{facts.minus_word} {facts.say_number(-number)}" if number < 0 else facts.say_number(number)
            )
        case ExpectKind.DIGITS:
            return facts.say_digits(value)
        case ExpectKind.AMOUNT:
            return facts.say_amount(Decimal(value), currency)
        case ExpectKind.DATE:
            return facts.say_date(date.fromisoformat(value), today)
        case ExpectKind.TIME:
            return facts.say_time(time.fromisoformat(value))
        case ExpectKind.DURATION:
            return facts.say_duration(duration_parts(value))
        case ExpectKind.PHONE:
            return say_phone(value, facts, country)
        case ExpectKind.EMAIL:
            return say_email(value, facts)
        case ExpectKind.SPELLED:
            return say_spelled(value, facts)
        case ExpectKind.POSTCODE:
            return say_postcode(value, facts)
        case ExpectKind.IDENTIFIER:
            return say_identifier(value, document or _document_of(value), facts)
        case ExpectKind.CARD:
            return facts.say_groups(value, ())
        case ExpectKind.IBAN:
            return say_iban(value, facts)
        case _:
            return value


def _document_of(value: str) -> str:
    """The first document that ``value`` is; "" for none."""
    fitting = (name for name, d in DOCUMENTS.items() if d.module and len(value) in d.lengths)
    return next((name for name in fitting if refusal(name, value) is None), "")
