"""Reads postcodes. Pure. The forms are those of each country's post, as UPU's addressing sheets list them."""

from __future__ import annotations

import re
from types import MappingProxyType

from voice.languages import Language
from voice.slots.reading import Outcome, Parsed, Refused, Why
from voice.slots.spelling import read_codes

# country: the form, and its length in characters without separators
FORMS = MappingProxyType(
    {
        "ES": (r"(?:0[1-9]|[1-4]\d|5[0-2])\d{3}", 5),
        "MX": (r"(?:0[1-9]|1[0-6]|[2-9]\d)\d{3}", 5),
        "AR": (r"[1-9]\d{3}|[A-HJ-NP-Z][1-9]\d{3}[A-Z]{3}", 4),
        "CL": (r"[1-9]\d{6}", 7),
        "CO": (r"\d{6}", 6),
        "PE": (r"(?:0[1-9]|1\d|2[0-5])\d{3}", 5),
        "EC": (r"(?:0[1-9]|1\d|2[0-4])\d{4}", 6),
        "UY": (r"[1-9]\d{4}", 5),
        "VE": (r"[1-8]\d{3}", 4),
        "CR": (r"[1-7]\d{4}", 5),
        "DO": (r"\d{5}", 5),
        "PY": (r"\d{4}|\d{6}", 4),
        "BR": (r"\d{8}", 8),
        "PT": (r"[1-9]\d{6}", 7),
        "FR": (r"(?:0[1-9]|[1-8]\d|9[0-8])\d{3}", 5),
        "US": (r"\d{5}(?:\d{4})?", 5),
        "CA": (r"[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z]\d[ABCEGHJ-NPRSTV-Z]\d", 6),
        "GB": (
            r"[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d{1,2}|\d[A-HJKPSTUW]|[A-HK-Y]\d[A-Z])\d[ABD-HJLNP-UW-Z]{2}",
            6,
        ),
    }
)
_ANY = (r"(?=.*\d)[A-Z0-9]{3,8}", 3)


def read_postcode(text: str, facts: Language, country: str) -> Outcome:
    """A postcode of ``country`` (another form of 3 to 8 characters where its own is not known), upper-case,
    without spaces; "28 013" and "veintiocho cero trece" alike."""
    form, length = FORMS.get(country, _ANY)
    worst = Refused(Why.NOTHING)
    for code, doubt in read_codes(text, facts.code, facts.lexicon):
        if doubt > 1:
            break
        for value in (code, code.zfill(length)) if code.isdecimal() and len(code) == length - 1 else (code,):
            if re.fullmatch(form, value):
                sure = max(0.3, 1.0 - 0.3 * doubt) - (0.3 if value != code else 0.0)
                return Parsed(value, say_postcode(value, facts), sure)
        if any(c.isdecimal() for c in code) and worst.why is Why.NOTHING:
            why = Why.SHORT if len(code) < length else Why.LONG if len(code) > length else Why.IMPOSSIBLE
            worst = Refused(why, len(code), length)
    return worst


def postcode_is_valid(value: str, country: str) -> bool:
    return re.fullmatch(FORMS.get(country, _ANY)[0], value) is not None


def postcode_keys(country: str) -> int | None:
    """How many keys a postcode takes; None where it may hold letters."""
    form, length = FORMS.get(country, _ANY)
    return None if re.search("[A-Z]", form) else length


def say_postcode(value: str, facts: Language) -> str:
    """Digit by digit: five digits as two and three, as Spanish-speaking callers group them."""
    return facts.say_groups(value, (2, 3) if len(value) == 5 and value.isdecimal() else ())
