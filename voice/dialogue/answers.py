"""What a caller's words or keys are as the answer to an ask step."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal, InvalidOperation

from voice.dialogue.checks import CHECKS
from voice.dialogue.flow import DATE_BOUND, AskStep, Flow
from voice.dialogue.keypad import NO_KEY, YES_KEY
from voice.dialogue.listening import option_phrases
from voice.languages import fold, language
from voice.languages.base import word_list
from voice.model import ExpectKind
from voice.slots.contacts import keyed_phone
from voice.slots.extract import EXTRACTABLE
from voice.slots.identifiers import card_is_valid, documents_of, iban_refusal, keyed_document
from voice.slots.postcodes import postcode_is_valid
from voice.slots.reader import read
from voice.slots.reading import Outcome, Parsed, Refused, Wanted, Why
from voice.slots.saying import say_value
from voice.slots.spelling import read_spelled

# Words of a label that say nothing about which of two numbers is meant.
_EVERY_LABEL = frozenset(
    word_list(
        """
        numero number code codigo su tu your de del la el the of importe amount cantidad total fecha date day
        dia hora time correo email e mail address direccion completo full
        """
    )
)


def wanted_of(step: AskStep, lang: str, currency: str = "") -> Wanted:
    """What a step asks for, for the readers; without ``currency`` an amount is read back as it was said."""
    label = fold(step.label.get(lang, "")).split()
    return Wanted(
        step.expects,
        option_phrases(step, lang),
        step.shortest,
        step.longest,
        step.home,
        currency,
        step.documents,
        tuple(word for word in (*label, *step.slot.split("_")) if word not in _EVERY_LABEL),
    )


def wanted_in(flow: Flow, lang: str) -> dict[str, Wanted]:
    """The slots of a flow that may be taken from a sentence that says several things at once. What is
    sensitive is not: it is asked for where the call is closed to listeners."""
    return {
        name: wanted_of(step, lang, flow.currency)
        for name, step in flow.slots.items()
        if step.expects in EXTRACTABLE and not step.sensitive
    }


def _bound(text: str, today: date) -> date:
    match = DATE_BOUND.fullmatch(text)
    assert match is not None  # the model checked it
    if match[3]:
        return date.fromisoformat(match[3])
    days = int(match[2] or 0)
    return today + timedelta(days=-days if match[1] == "-" else days)


def allowed(step: AskStep, value: str, today: date) -> bool:
    """Whether a parsed value lies within the step's limits and passes its check."""
    if step.check is not None and not CHECKS[step.check](value):
        return False
    try:
        if step.kind in ("amount", "integer"):
            amount = Decimal(value)
            low, high = (Decimal(b) if b is not None else None for b in (step.min, step.max))
            return (low is None or amount >= low) and (high is None or amount <= high)
        if step.kind == "date":
            day = date.fromisoformat(value)
            first, last = (_bound(b, today) if b is not None else None for b in (step.min, step.max))
            return (first is None or day >= first) and (last is None or day <= last)
    except (ValueError, InvalidOperation, OverflowError):
        return False
    if step.kind == "time":
        return (step.min is None or value >= step.min) and (step.max is None or value <= step.max)
    return step.kind != "digits" or step.shortest <= len(value) <= step.longest


def earliest(step: AskStep, today: date) -> str | None:
    """The first day that a question for a date takes, ISO 8601; None where it names none."""
    if step.kind != "date" or step.min is None:
        return None
    first = _bound(step.min, today).isoformat()
    return first if allowed(step, first, today) else None


def answer_of(step: AskStep, text: str, lang: str, today: date, at: time | None = None) -> Outcome:
    """The caller's words as a value of this step, or why they are none. Of a time that may be in the
    morning or the afternoon, the one that the step allows. ``at`` is the line's time of day."""
    if step.spelled:
        spelled = read_spelled(text, lang, language(lang).lexicon)
        if not spelled:
            return Refused(Why.NOTHING)
        right = allowed(step, spelled, today)
        return Parsed(spelled, " ".join(spelled), 1.0) if right else Refused(Why.CHECK)
    outcome = read(wanted_of(step, lang), text, lang, today, at)
    return within(step, outcome, lang, today) if isinstance(outcome, Parsed) else outcome


def within(step: AskStep, parsed: Parsed, lang: str, today: date) -> Outcome:
    """A value if the step allows it, else the likeliest of its alternatives that it does."""
    for value in (parsed.value, *parsed.alternatives):
        if allowed(step, value, today):
            if value == parsed.value:
                return parsed
            return replace(parsed, value=value, spoken=say_value(step.expects, value, language(lang)))
    return Refused(Why.CHECK if step.check else Why.RANGE)


def _date_of_keys(step: AskStep, keys: str, today: date) -> str | None:
    """Day and month, two digits each: the next such day that the step allows, else the last one."""
    if len(keys) != 4:
        return None
    days = []
    for year in (today.year, today.year + 1, today.year - 1):
        try:
            days.append(date(year, int(keys[2:]), int(keys[:2])))
        except ValueError:
            continue
    days.sort(key=lambda day: (day < today, abs((day - today).days)))
    return next((d.isoformat() for d in days if allowed(step, d.isoformat(), today)), None)


def keyed_answer(step: AskStep, keys: str, today: date) -> str | None:
    """The caller's keys as a value of this step, or None."""
    if not step.keypad or not keys.isdecimal():
        return None
    value: str | None = None
    match step.expects:
        case ExpectKind.YES_NO:
            value = {YES_KEY: "yes", NO_KEY: "no"}.get(keys)
        case ExpectKind.DIGITS:
            value = keys
        case ExpectKind.AMOUNT:
            value = f"{int(keys)}.00"
        case ExpectKind.DATE:
            value = _date_of_keys(step, keys, today)
        case ExpectKind.INTEGER:
            value = str(int(keys))
        case ExpectKind.TIME:
            value = f"{keys[:2]}:{keys[2:]}" if len(keys) == 4 and keys < "2400" and keys[2:] < "60" else None
        case ExpectKind.PHONE:
            value = keyed_phone(keys, step.home)
        case ExpectKind.POSTCODE:
            value = keys if postcode_is_valid(keys, step.home) else None
        case ExpectKind.IDENTIFIER:
            found = keyed_document(keys, documents_of(step.home, step.documents))
            value = found[0] if found else None
        case ExpectKind.CARD:
            value = keys if card_is_valid(keys) else None
        case ExpectKind.IBAN:
            value = step.home + keys if iban_refusal(step.home + keys) is None else None
        case ExpectKind.CHOICE:
            value = next((n for n, option in step.options.items() if option.key == keys), None)
        case _:
            return None
    return value if value is not None and allowed(step, value, today) else None
