"""What is known of a call, in sentences: what the caller proved, confirmed or only said, what they answered
to questions, and what the business's systems hold. Pure."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from babel.dates import format_date
from babel.numbers import format_decimal

from voice.model import Handoff, Result, Slot, Source
from voice.queue.grammar import capital, contracted, is_plural, listed, lower
from voice.queue.labels import is_verb, named, theirs
from voice.queue.wording import SENTENCES

SURE: Final = 0.8  # below it, what was heard is given as a supposition
MOST_RESULTS: Final = 4
_TELLING: Final = ("date", "digits", "phone")  # the same value is the same fact
ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")  # as flows call options


def known(handoff: Handoff, lang: str) -> list[str]:
    """A sentence for each way in which something is known: proved, confirmed, only said, of our systems."""
    words = SENTENCES[lang]
    answers = [slot for slot in handoff.slots if is_yes_no(slot) and not slot.dropped]
    facts = [slot for slot in handoff.slots if slot not in answers and not slot.dropped]
    dropped = [slot for slot in handoff.slots if slot.dropped and not is_yes_no(slot)]
    told = [slot for slot in facts if slot.source in (Source.SPEECH, Source.DTMF)]
    unconfirmed = [slot for slot in told if not (slot.confirmed or slot.verified)]
    elsewhere = [slot for slot in facts if slot not in told]
    # what our systems answered counts as confirmed; what an application was told does not
    noted = [slot for slot in elsewhere if slot.source is Source.ACTION and not slot.confirmed]
    groups = {
        "known": [slot for slot in elsewhere if slot not in noted],
        "noted": noted,
        "verified": [slot for slot in told if slot.verified],
        "confirmed": [slot for slot in told if slot.confirmed and not slot.verified],
        "given": [slot for slot in unconfirmed if slot.confidence >= SURE],
        "unconfirmed": [slot for slot in unconfirmed if slot.confidence < SURE],
        "dropped": dropped,
    }
    said = []
    for name, group in groups.items():
        told_of = [_fact(slot, handoff.lang, lang) for slot in group]
        labels = [label_of(slot) for slot in group]
        if name == "known":
            answered = _answered(handoff)
            told_of += [_answer(one, handoff.lang, lang) for one in answered]
            labels += [one.label for one in answered]
        if not labels:
            continue
        many = len(labels) > 1 or is_plural(labels[0], handoff.lang)
        key = f"{name}_many" if many and f"{name}_many" in words else name
        said.append(words[key].format(slots=listed(told_of, lang)))
    return [*said, *(_yes_no(slot, handoff.lang, lang) for slot in answers)]


def _yes_no(slot: Slot, of: str, lang: str) -> str:
    """What a question was answered with: its label is a deed ("block the line"), or a clause."""
    words, label = SENTENCES[lang], lower(label_of(slot))
    unsure = "" if slot.confirmed or slot.confidence >= SURE else words["yes_no_open"]
    key = "yes_no" if of != lang else "yes_no_does" if is_verb(label, lang) else "yes_no_is"
    label = capital(label) if key == "yes_no_is" else theirs(label, lang)
    return contracted(words[key].format(label=label, value=value_of(slot), open=unsure))


def _fact(slot: Slot, of: str, lang: str) -> str:
    """The label with its article, and the value: "el número de cliente (40271835)"."""
    words = SENTENCES[lang]
    shown = words["hidden"] if slot.sensitive else value_text(value_of(slot), lang)
    notes = [shown] if shown else []
    told = slot.source in (Source.SPEECH, Source.DTMF)
    if told and not slot.confirmed and slot.confidence < SURE:
        notes.append(words["sure"].format(percent=percent_of(slot.confidence)))
    label = named(label_of(slot), of, lang)
    return f"{label} ({', '.join(notes)})" if notes else label


def _answered(handoff: Handoff) -> list[Result]:
    """What our systems answered that a colleague would say: what the caller has neither heard yet nor said
    themselves, and people have a word for."""
    said = {slot.value for slot in handoff.slots if not slot.dropped}
    new = [one for one in handoff.results if one.type not in _TELLING or one.value not in said]
    return [one for one in new if one.label and not (one.sensitive or one.told)][-MOST_RESULTS:]


def _answer(result: Result, of: str, lang: str) -> str:
    return f"{named(result.label, of, lang)} ({result_text(result, lang)})"


def result_label(result: Result) -> str:
    """What people call it."""
    return result.label or result.name.rpartition(".")[2].replace("_", " ")


def result_text(result: Result, lang: str) -> str:
    """As people write it: ``42.50`` is ``42,50`` in Spanish."""
    if result.shown:
        return result.shown
    if result.type == "amount":
        try:
            amount = Decimal(result.value)
        except InvalidOperation:
            return result.value
        decimals = len(result.value.partition(".")[2])
        written = "#,##0." + "0" * decimals if decimals else "#,##0"
        return str(format_decimal(amount, written, locale=lang))
    return value_text(result.value, lang)


def label_of(slot: Slot) -> str:
    """What people call it."""
    return slot.label or slot.name.replace("_", " ")


def value_of(slot: Slot) -> str:
    """Its value as people say it."""
    # a name of the flow's own is not what people call it
    return slot.spoken if _NAME.fullmatch(slot.value) and slot.spoken else slot.value


def is_yes_no(slot: Slot) -> bool:
    """Whether it is the answer to a yes-or-no question."""
    return slot.value in ("yes", "no") and not slot.sensitive


def value_text(value: str, lang: str) -> str:
    """A normalised value as people write it: ``2026-03-15`` is ``15 de marzo de 2026`` in Spanish."""
    if ISO_DATE.fullmatch(value):
        try:
            return format_date(date.fromisoformat(value), format="long", locale=lang)
        except ValueError:
            return value
    return value


def percent_of(confidence: float) -> int:
    """Of a confidence, which is never certainty."""
    return round(confidence * 100)
