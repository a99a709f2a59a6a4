"""Declared parameters and results of an action, and the checking of values against them, both ways.

Pure. A field has a type; what an action answers becomes the form in which slots keep that type, so that it
can be said, compared and asked about like anything a caller said:

========== =============================== ==========================
type       in JSON                         kept as
========== =============================== ==========================
text       string                          string
digits     string of digits                the same
integer    whole number                    whole number
amount     number or decimal string        decimal string ("42.50")
date       "2026-01-26", or a timestamp    "2026-01-26"
time       "16:30"                         "16:30"
yes_no     true, false, "yes", "no"        "yes" or "no"
choice     one of ``values``               the same
phone      "+34600111222"                  the same
========== =============================== ==========================

Errors name the field and what it must be, never the value: it may be a caller's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from voice.errors import ActionError
from voice.model import JsonDict

FieldType = Literal["text", "digits", "integer", "amount", "date", "time", "yes_no", "choice", "phone"]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Label = dict[
    Annotated[str, StringConstraints(pattern=r"^(es|en)$")],
    Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)],
]
LONGEST_TEXT: Final = 1000
_DIGITS: Final = re.compile(r"[0-9]{1,40}")
_PHONE: Final = re.compile(r"\+?[0-9]{3,15}")
_MOST_DIGITS: Final = 15
_MOST_DECIMALS: Final = 40  # more than any shortest text of a number near 1 has

# the form in which a text says a value of this type when it is written without one
FORMS: Final[Mapping[str, str]] = {
    "digits": "digits",
    "integer": "number",
    "amount": "amount",
    "date": "date",
    "time": "time",
    "phone": "digits",
}


class FieldSpec(BaseModel):
    """One declared field. In a flow the type alone is enough: ``due: date``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: FieldType = "text"
    optional: bool = False
    sensitive: bool = Field(False, description="Kept out of the log and texts, masked in the packet")
    values: tuple[str, ...] | dict[str, Label] = Field(
        (), description="Of a choice: a list, or each with how people say it ('value: {es: ..., en: ...}')"
    )
    label: Label = Field({}, description="What people call it, for the summary and the desk")

    @model_validator(mode="before")
    @classmethod
    def _type_alone(cls, value: Any) -> Any:
        return {"type": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _values_are_for_choices(self) -> Self:
        if (self.type == "choice") != bool(self.values):
            raise ValueError("type: choice needs values, and only choice has them")
        return self

    def option(self, value: str, lang: str) -> str:
        """How people say a value of a choice; "" where the flow does not tell."""
        said: Mapping[str, str] = self.values.get(value, {}) if isinstance(self.values, dict) else {}
        return said.get(lang, "")


class _Wrong(ValueError):
    """``str(error)`` completes "must be"."""


def _text(value: Any, spec: FieldSpec) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise _Wrong(f"a text of at most {LONGEST_TEXT} characters")
    return value


def _digits(value: Any, spec: FieldSpec) -> str:
    if not isinstance(value, str) or not _DIGITS.fullmatch(value):
        raise _Wrong('a string of digits such as "00123"')
    return value


def _integer(value: Any, spec: FieldSpec) -> int:
    number = _decimal(value)
    if number is None or number != number.to_integral_value():
        raise _Wrong("a whole number")
    return int(number)


def _amount(value: Any, spec: FieldSpec) -> str:
    number = _decimal(value)
    if number is None:
        raise _Wrong('an amount such as "42.50"')
    return format(number, "f")


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(str(value))  # through its shortest text, so that 42.1 is not 42.10000000000000142
    except InvalidOperation:
        return None
    exponent = number.as_tuple().exponent
    # arithmetic with 1e999999999 overflows, and 1e-999999999 written out is a gigabyte of zeros
    if not isinstance(exponent, int) or exponent < -_MOST_DECIMALS or number.adjusted() >= _MOST_DIGITS:
        return None
    return number


def _date(value: Any, spec: FieldSpec) -> str:
    try:
        if isinstance(value, str) and len(value) > len("2026-01-26"):
            return datetime.fromisoformat(value).date().isoformat()
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise _Wrong('a date such as "2026-01-26"') from None


def _time(value: Any, spec: FieldSpec) -> str:
    try:
        return time.fromisoformat(value).strftime("%H:%M")
    except (TypeError, ValueError):
        raise _Wrong('a time such as "16:30"') from None


def _yes_no(value: Any, spec: FieldSpec) -> str:
    if value is True or value in ("yes", "true"):
        return "yes"
    if value is False or value in ("no", "false"):
        return "no"
    raise _Wrong("true or false")


def _choice(value: Any, spec: FieldSpec) -> str:
    if not isinstance(value, str) or value not in spec.values:
        raise _Wrong("one of " + ", ".join(spec.values))
    return value


def _phone(value: Any, spec: FieldSpec) -> str:
    if not isinstance(value, str) or not _PHONE.fullmatch(value):
        raise _Wrong('a telephone number such as "+34600111222"')
    return value


_READERS: Final[Mapping[str, Callable[[Any, FieldSpec], Any]]] = {
    "text": _text,
    "digits": _digits,
    "integer": _integer,
    "amount": _amount,
    "date": _date,
    "time": _time,
    "yes_no": _yes_no,
    "choice": _choice,
    "phone": _phone,
}


def read_result(fields: Mapping[str, FieldSpec], value: Mapping[str, Any], action: str) -> JsonDict:
    """An answer with every declared field in the form that slots keep; what is not declared is left out.

    Raises :class:`ActionError` ``invalid`` with every field that is wrong."""
    return _read(fields, value, action, "its answer", answered=True)


def check_arguments(fields: Mapping[str, FieldSpec], value: Mapping[str, Any], action: str) -> JsonDict:
    """What is sent, as JSON values: whole numbers as numbers, yes and no as true and false, the rest as
    strings. Raises :class:`ActionError` ``invalid`` with every parameter that is wrong or unknown."""
    unknown = [name for name in value if name not in fields]
    if unknown:
        raise ActionError("invalid", f"action {action}: its parameters do not declare {', '.join(unknown)}")
    checked = _read(fields, value, action, "what it is given", answered=False)
    return {
        name: (item == "yes") if fields[name].type == "yes_no" and item is not None else item
        for name, item in checked.items()
    }


def _read(
    fields: Mapping[str, FieldSpec], value: Mapping[str, Any], action: str, what: str, *, answered: bool
) -> JsonDict:
    found: JsonDict = {}
    wrong: list[str] = []
    for name, spec in fields.items():
        item = value.get(name)
        if item is None or item == "":
            if spec.optional:
                found[name] = None
            else:
                wrong.append(f"{name} is missing")
            continue
        try:
            found[name] = _READERS[spec.type](item, spec)
        except _Wrong as error:
            wrong.append(f"{name} must be {error}")
    if wrong:
        raise ActionError("invalid", f"action {action}: in {what}, {'; '.join(wrong)}", uncertain=answered)
    return found
