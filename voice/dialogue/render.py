"""Templates to spoken words: ``{balance|amount}`` becomes "forty-two euros and fifty cents".

A placeholder is ``{name}`` or ``{name|form}``; the form is one of :data:`FORMS` or the name of a list
under the flow's ``words``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any

from voice.languages import language
from voice.model import ExpectKind
from voice.slots.saying import say_value

PLACEHOLDER = re.compile(r"\{([^{}|]*)(?:\|([^{}]*))?\}")
_GAP = re.compile(r"\s*,?\s+([,.;:!?])")  # what a value that is left out leaves behind
FORMS = ("amount", "date", "time", "digits", "number", "ordinal", "integer", "duration", "phone", "email",
         "spelled", "postcode", "identifier", "card", "iban")  # fmt: skip


class RenderError(ValueError):
    """A value is missing or does not suit its form; the text must not be said."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What turning values into words depends on, besides the language."""

    today: date = date(2026, 1, 1)
    currency: str = "EUR"
    words: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    usual: Mapping[str, str] = field(default_factory=dict)  # the form of a name written without one
    country: str = "ES"  # how phones are grouped


def placeholders(template: str) -> list[tuple[str, str]]:
    """The (name, form) pairs of a template; form is "" when none is written."""
    return [(m[1].strip(), (m[2] or "").strip()) for m in PLACEHOLDER.finditer(template)]


def braces_balanced(template: str) -> bool:
    rest = PLACEHOLDER.sub("", template)
    return "{" not in rest and "}" not in rest


def spoken(value: Any, form: str, lang: str, wording: Wording) -> str:
    """``value`` in words. Raises :class:`RenderError`."""
    if value is None or value == "":
        raise RenderError("no value")
    if form in wording.words:
        text = wording.words[form].get(str(value), {}).get(lang)
        if text is None:
            raise RenderError(f"'{form}' has no words for this value in {lang}")
        return text
    facts = language(lang)
    makers: dict[str, Callable[[], str]] = {
        "": lambda: facts.say_number(value) if type(value) is int else str(value),
        "amount": lambda: facts.say_amount(Decimal(str(value)), wording.currency),
        "date": lambda: facts.say_date(date.fromisoformat(str(value)[:10]), wording.today),
        "time": lambda: facts.say_time(time.fromisoformat(str(value))),
        "digits": lambda: facts.say_digits(str(value)),
        "number": lambda: facts.say_number(int(Decimal(str(value)))),
        "ordinal": lambda: facts.say_ordinal(int(value)),
    }
    if form not in FORMS and form:
        raise RenderError(f"unknown form '{form}'")
    try:
        if form not in makers:
            return say_value(ExpectKind(form), str(value), facts, country=wording.country)
        return makers[form]()
    except (ValueError, InvalidOperation, OverflowError) as error:
        raise RenderError(f"a value does not suit the form '{form}'") from error


def render(template: str, lang: str, values: Mapping[str, Any], wording: Wording) -> str:
    """Raises :class:`RenderError` naming the placeholder, never the value."""

    def one(match: re.Match[str]) -> str:
        name = match[1].strip()
        form = (match[2] or "").strip() or wording.usual.get(name, "")
        if name.startswith("profile.") and values.get(name) in (None, ""):
            return ""  # nobody need be known to be served
        try:
            return spoken(values.get(name), form, lang, wording)
        except RenderError as error:
            raise RenderError(f"{{{match[0][1:-1]}}}: {error}") from error

    said = PLACEHOLDER.sub(one, template)
    return " ".join(_GAP.sub(r"\1", said).split()) if "{profile." in template else said
