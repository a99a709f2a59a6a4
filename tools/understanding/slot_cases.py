"""Turns public test cases into what a caller could be asked, and says which are left out and why.

Sources: Microsoft Recognizers-Text (MIT), NVIDIA NeMo-text-processing (Apache-2.0), and identifiers of
Presidio, PIISA, python-stdnum and validator.js, as ``slots_es_en.jsonl``, ``spoken_written_es_en.jsonl``
and ``pii_es_en.jsonl``. Nothing of them is in the project.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from voice.languages import fold, language
from voice.model import LANGUAGES
from voice.slots.identifiers import card_is_valid, iban_refusal

ANY_DAY = date(2020, 1, 1)
MAX_WORDS = 12  # of an answer; longer texts are prose
FILES = ("slots_es_en.jsonl", "spoken_written_es_en.jsonl", "pii_es_en.jsonl")

# Why a case is left out
NOT_A_SLOT = (
    "no slot is of this kind (ordinals, fractions, percentages, measures, ranges, repeated dates, words)"
)
SEVERAL = "several values, or none: not an answer to one question"
PROSE = f"more than {MAX_WORDS} words: prose, not an answer"
SIGNS = "written signs and notations that nobody says (5/3/18, <>30, 12:30:05, 1.111,11)"
UNIT = "units and currencies that no price on a telephone line has, or none"
HUGE = "more than fifteen digits, or more than two decimals"
CONTEXT = "meant only with what was said before, or with a place or a local holiday"
NOW = "the present moment or the end of a day, which tell no time on the clock (now, the end of today)"
MIXED = "Spanish and English mixed in one test set: the same cases stand in one language"
INVALID = "a number that no country's telephone plan has: refused, as it should be"
LABEL = "cards and IBANs whose label is about something else than their check digits (a brand, a pattern)"
TRANSLATED = "Spanish weekdays with the English reading of 'next' and 'last': not the nearest one"
CONTRADICTS = "the source's day is on another weekday than the text names"
PLAIN = "left as it is by its source (no number made of it)"

_UNSPEAKABLE = re.compile(
    r"[/@^<>=*~#(){}\[\]_|\\%–—…]|https?|www|\d-|-\s*\d|[.,]\d{1,2}[.,]|\d:\d\d:\d\d|[^\x00-\x7fáéíóúüñÁÉÍÓÚÜÑ¿¡’$€£]"
    r"|\d[a-zA-Z]{3,}|\b[TZ]\d\d:|\"",
)


@dataclass(frozen=True, slots=True)
class Case:
    """``accepted`` are the right values. ``part`` is "dev" or "test", by a hash of the case's id."""

    id: str
    source: str
    lang: str
    kind: str
    text: str
    accepted: frozenset[str]
    today: date = ANY_DAY
    country: str = ""
    document: str = ""
    at: time | None = None

    @property
    def part(self) -> str:
        return "test" if zlib.crc32(self.id.encode()) % 2 else "dev"


@dataclass(frozen=True, slots=True)
class Excluded:
    source: str
    model: str
    reason: str


Item = Case | Excluded


def cases(folder: Path) -> Iterator[Item]:
    """Every case of the three files in ``folder``, as a case or as excluded."""
    for row in _rows(folder / FILES[0]):
        yield _recognizers(row)
    for row in _rows(folder / FILES[1]):
        yield from _nemo(row)
    for row in _rows(folder / FILES[2]):
        yield from _identifiers(row)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def speakable(text: str) -> bool:
    return not _UNSPEAKABLE.search(text)


# --- Recognizers-Text -------------------------------------------------------------------------------

_OF_MODEL = {
    "BooleanModel": "yes_no",
    "NumberModel": "integer",
    "PhoneNumberModel": "phone",
    "CurrencyModel": "amount",
    "AgeModel": "integer",
    "EmailModel": "email",
}
_OF_TYPE = {
    "datetimeV2.date": "date",
    "datetimeV2.time": "time",
    "datetimeV2.duration": "duration",
    "datetimeV2.datetime": "datetime",
}
_CENTS = frozenset({"Cent", "Penny", "Centavo", "Céntimo", "Pence"})
# the day is known from an earlier sentence, from a place, or from a calendar of local holidays
_NEEDS_CONTEXT = re.compile(
    r"\bthe day (?:before|after)\b(?! (?:tomorrow|yesterday))|\bd[ií]a (?:siguiente|anterior|antes)\b|eid "
    r"|blocked for the day|bloqueado por el d[ií]a|black friday|viernes negro|thanksgiving|acci[oó]n de"
    r" gracias|ramadan|d[ií]a de la tierra|earth day|labou?r day|memorial day|mother|father|madre|padre"
    r"|white lover|maosoul|cyber|juneteenth|nowruz|tomb|hijra|mlk|luther|girl|yuandan|chongyang|timezone",
    re.IGNORECASE,
)
# the moment of speaking itself, or the last of a day: no caller means a time on the clock by it
_PRESENT = re.compile(
    r"\b(?:now|present|current|end of|eod|this (?:time|moment)|at the moment|asap|as soon as)\b"
    r"|\b(?:ahora|momento|actual\w*|final(?:es)? del?|fin del?)\b",
    re.IGNORECASE,
)
_SHIFTED = re.compile(r"\b(?:from now|de ahora|desde ahora)\b", re.IGNORECASE)


def _recognizers(row: dict[str, Any]) -> Item:
    expected = row["expected"] or []
    model, text, lang = row["model"], row["text"], row["lang"]
    kind = _OF_MODEL.get(model) or _OF_TYPE.get((expected[0].get("TypeName") or "") if expected else "")
    if kind is None and expected:
        return Excluded("recognizers", model, NOT_A_SLOT)
    if len(expected) != 1:
        return Excluded("recognizers", model, SEVERAL)
    words = len(fold(text).split())
    if not 0 < words <= MAX_WORDS:
        return Excluded("recognizers", model, PROSE)
    if kind != "phone" and not speakable(text):
        return Excluded("recognizers", model, SIGNS)
    accepted: frozenset[str] | str = _ACCEPTED[kind](expected[0]["Resolution"], row)
    if isinstance(accepted, str):
        return Excluded("recognizers", model, accepted)
    now = datetime.fromisoformat(row["ref"]) if row["ref"] else None
    today, at = (now.date(), now.time()) if now else (ANY_DAY, None)
    return Case(row["id"], "recognizers", lang, kind or "", text, accepted, today, _COUNTRY[lang], at=at)


_COUNTRY = {"es": "ES", "en": "US"}


def _yes_no(resolution: dict[str, Any], row: dict[str, Any]) -> frozenset[str] | str:
    return frozenset({"yes" if resolution["value"] else "no"})


def _integer(resolution: dict[str, Any], row: dict[str, Any]) -> frozenset[str] | str:
    value = str(resolution.get("value") or "")
    if resolution.get("subtype", "integer") != "integer":
        return NOT_A_SLOT
    if row["model"] == "AgeModel" and resolution.get("unit") not in ("Año", "Year"):
        return NOT_A_SLOT
    if not re.fullmatch(r"-?\d{1,15}", value):
        return HUGE
    if re.search(r"\d[a-zA-Z]|crore|lakh|dozs", row["text"]):
        return UNIT
    return frozenset({str(int(value))})


def _phone(resolution: dict[str, Any], row: dict[str, Any]) -> frozenset[str] | str:
    if "(0)" in row["text"]:
        return SIGNS
    return frozenset({re.sub(r"\D", "", resolution["value"])})


def _amount(resolution: dict[str, Any], row: dict[str, Any]) -> frozenset[str] | str:
    if re.search(r"M[A-Z]{3}\b|lakh|crore", row["text"]):
        return UNIT
    raw = str(resolution.get("value") or "").replace(",", "." if row["lang"] == "es" else "")
    try:
        value = Decimal(raw)
    except InvalidOperation:
        return UNIT
    if resolution["unit"] in _CENTS:
        value /= 100
    if value != round(value, 2) or abs(value) >= 10**12:
        return HUGE
    return frozenset({plain(value)})


def _date(resolution: dict[str, Any], row: dict[str, Any]) -> frozenset[str] | str:
    values = [v["value"] for v in resolution["values"] if "value" in v]
    if _NEEDS_CONTEXT.search(row["text"]):
        return CONTEXT
    if not row["ref"] or "not resolved" in values or not values:
        return CONTEXT
    days = _meant(row, values)
    return _another_day(row, days) or days


def _time(resolution: dict[str, Any], row: dict[str, Any]) -> frozenset[str] | str:
    return frozenset(v["value"][:5] for v in resolution["values"] if "value" in v)


def _duration(resolution: dict[str, Any], row: dict[str, Any]) -> frozenset[str] | str:
    values = [v for v in resolution["values"] if "value" in v]
    if not values or any("Mod" in v for v in values) or "." in values[0]["value"]:
        return NOT_A_SLOT
    return frozenset(str(v["value"]) for v in values)


def _datetime(resolution: dict[str, Any], row: dict[str, Any]) -> frozenset[str] | str:
    values = [v["value"][:16] for v in resolution["values"] if "value" in v and len(v["value"]) > 15]
    if _PRESENT.search(_SHIFTED.sub("", row["text"])):
        return NOW
    if _NEEDS_CONTEXT.search(row["text"]) or not values or not row["ref"]:
        return CONTEXT
    moments = _meant(row, values)
    return _another_day(row, moments) or moments


# told in the past, by words that nobody would use for a day to come
_TOLD = re.compile(
    r"\b(?:was|were|did|had|went|came|left|happened|sold|started|drank|bought|arrived|fue|fui|fueron|era"
    r"|estuv\w+|sucedi[oó]|ocurri[oó]|volvi[oó]|sal[ií]|\w{3,}ó|\w+aron|\w+ieron)\b",
    re.IGNORECASE,
)


def _meant(row: dict[str, Any], values: list[str]) -> frozenset[str]:
    """Of the source's days those on the weekday that is named; of a past and a future reading of the same
    words the future one is ours, unless the sentence tells of the past."""
    named = _weekday_named(row)
    values = [v for v in values if date.fromisoformat(v[:10]).weekday() == named] or values
    coming = [v for v in values if v[:10] >= row["ref"][:10]]
    gone = [v for v in values if v[:10] < row["ref"][:10]]
    return frozenset((gone if _TOLD.search(row["text"]) else coming) or values)


_TOLD_FROM = re.compile(r"\b(?:antes|despu[eé]s|before|after|from)\b")  # another day than the weekday named


def _weekday_named(row: dict[str, Any]) -> int | None:
    """The one weekday that the day itself is named by; None where there is none."""
    weekdays = language(row["lang"]).lexicon.weekdays
    words = [word for word in fold(row["text"]).split() if word in weekdays and word not in ("sun", "sat")]
    named = {weekdays[word] for word in words}
    return named.pop() if len(named) == 1 and not _TOLD_FROM.search(row["text"]) else None


_NEAREST = re.compile(r"\b(?:pr[oó]xim[oa]|pasad[oa]|que viene|[uú]ltim[oa])\b", re.IGNORECASE)


def _another_day(row: dict[str, Any], values: frozenset[str]) -> str:
    """Why the source's days are not what is said, from the words and those days alone: "" when they may
    be. A Spanish "próximo domingo" is the first to come and "domingo pasado" the last one; the source has
    those of next and last week, as English means them. A day that is not the weekday named is a mistake."""
    named = _weekday_named(row)
    days = [date.fromisoformat(value[:10]) for value in values]
    if named is None:
        return ""
    if all(day.weekday() != named for day in days):
        return CONTRADICTS
    away = min(abs((day - date.fromisoformat(row["ref"][:10])).days) for day in days)
    nearest = row["lang"] == "es" and "semana" not in row["text"] and _NEAREST.search(row["text"])
    return TRANSLATED if nearest and away > 7 else ""


def _email(resolution: dict[str, Any], row: dict[str, Any]) -> frozenset[str] | str:
    return frozenset({resolution["value"].lower()})


_ACCEPTED: dict[str | None, Any] = {
    "yes_no": _yes_no, "integer": _integer, "phone": _phone, "amount": _amount, "date": _date, "time": _time,
    "duration": _duration, "datetime": _datetime, "email": _email,
}  # fmt: skip


def plain(value: Decimal) -> str:
    """A decimal without an exponent or final zeros."""
    return f"{value.normalize():f}"


# --- NeMo: what was said to what is written, and back -----------------------------------------------

_SAID = {"cardinal": "integer", "telephone": "phone", "money": "amount", "date": "date", "time": "time",
         "electronic": "email", "measure": "duration"}  # fmt: skip


def _nemo(row: dict[str, Any]) -> Iterator[Item]:
    cls = row["cls"].removesuffix("_cased")
    kind = _SAID.get(cls)
    if row["lang"] not in LANGUAGES:
        yield Excluded("nemo", cls, MIXED)
        return
    if kind is None:
        yield Excluded("nemo", cls, NOT_A_SLOT)
        return
    pairs = (
        [(row["text"], row["expected"][0])]
        if row["dir"] == "itn"
        else [(said, row["text"]) for said in row["expected"][:1]]
    )
    for said, written in pairs:
        accepted = _written(kind, written, said, row["lang"])
        if isinstance(accepted, str):
            yield Excluded("nemo", cls, accepted)
            continue
        if not 0 < len(fold(said).split()) <= 2 * MAX_WORDS or (row["dir"] == "tn" and not speakable(said)):
            yield Excluded("nemo", cls, PROSE if speakable(said) else SIGNS)
            continue
        source = "nemo" if row["dir"] == "itn" else "nemo-tn"
        yield Case(row["id"], source, row["lang"], kind, said, accepted, ANY_DAY, _COUNTRY[row["lang"]])


def _written(kind: str, written: str, said: str, lang: str) -> frozenset[str] | str:
    if re.search("crore|lakh", said):
        return UNIT
    if written == said and not any(c.isdecimal() for c in written):
        return PLAIN
    reader = {"integer": _written_integer, "phone": _written_phone, "amount": _written_money,
              "date": _written_date, "time": _written_time, "email": _written_email,
              "duration": _written_duration}[kind]  # fmt: skip
    return reader(written, lang)


def _written_integer(written: str, lang: str) -> frozenset[str] | str:
    compact = (
        re.sub(r"[\s.,]", "", written) if re.fullmatch(r"-?\d{1,3}([\s.,]\d{3})*|-?\d+", written) else ""
    )
    if not re.fullmatch(r"-?\d+", compact):
        return NOT_A_SLOT
    return frozenset({str(int(compact))}) if len(compact) <= 15 else HUGE


def _written_phone(written: str, lang: str) -> frozenset[str] | str:
    digits = re.sub(r"[\s().+-]", "", written)
    if "ext" in written:
        digits = re.sub(r"[\s().+-]", "", written.split("ext")[0])
    if not digits.isdecimal() or re.search(r"\d\.\d", written):
        return NOT_A_SLOT
    return frozenset({digits})


def _written_money(written: str, lang: str) -> frozenset[str] | str:
    match = re.fullmatch(r"(?:Mex|US)?[$€£₧¥₩]([\d.,]+)(?: (million|millones|billion|millón))?", written)
    if match is None:
        return UNIT
    number = match[1].replace(",", "." if lang == "es" else "")
    try:
        value = Decimal(number) * {
            "million": 10**6,
            "millones": 10**6,
            "billion": 10**9,
            "millón": 10**6,
        }.get(match[2] or "", 1)
    except InvalidOperation:
        return SIGNS
    return frozenset({plain(value)}) if value == round(value, 2) else HUGE


def _written_date(written: str, lang: str) -> frozenset[str] | str:
    """The day of "july 22 2008", "25 july 2012", "5 de mayo", "2006-08-05", "15-01-2020"."""
    iso = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", written)
    months = {**language("en").lexicon.months, **language("es").lexicon.months}
    parts = [
        p
        for p in re.sub(r"(\d)(?:st|nd|rd|th)\b", r"\1", fold(written)).split()
        if p not in ("de", "del", "el")
    ]
    numbers = [int(p) for p in parts if p.isdecimal()]
    named = [
        n for p in parts for name, n in months.items() if p == name or (len(p) >= 3 and name.startswith(p))
    ]
    try:
        if iso:
            return frozenset({date(int(iso[1]), int(iso[2]), int(iso[3])).isoformat()})
        if len(named) == 1 and len(parts) == len(numbers) + 1:
            if len(numbers) == 2 and max(numbers) > 31:
                return frozenset({date(max(numbers), named[0], min(numbers)).isoformat()})
            if len(numbers) == 1 and numbers[0] <= 31:
                return frozenset({date(ANY_DAY.year, named[0], numbers[0]).isoformat()})
    except ValueError:
        return SIGNS
    return NOT_A_SLOT  # years, months, centuries


def _written_time(written: str, lang: str) -> frozenset[str] | str:
    match = re.search(
        r"(?<![\d:])(\d{1,2})(?:(?:[:.]| ?h )(\d\d))?(?::00)?(?![\d:])\s*([ap]\.?\s?m\b)?",
        written,
        re.IGNORECASE,
    )
    if match is None or int(match[1]) > 24:
        return NOT_A_SLOT
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "")[:1].lower()
    if re.search(r"utc|gmt|est|pst|cst|\+\d", written, re.IGNORECASE) and not half:
        return NOT_A_SLOT
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
        return frozenset({f"{hour:02}:{minute:02}"})
    return frozenset(
        {f"{hour % 24:02}:{minute:02}", *({f"{hour % 12 + 12:02}:{minute:02}"} if hour <= 12 else ())}
    )


def _written_email(written: str, lang: str) -> frozenset[str] | str:
    match = re.fullmatch(r"[\w.+-]+@[\w.-]+\.\w+", written)
    return frozenset({written.lower()}) if match else NOT_A_SLOT


def _written_duration(written: str, lang: str) -> frozenset[str] | str:
    units = {"h": 3600, "min": 60, "s": 1, "hours": 3600, "day": 86400, "days": 86400, "d": 86400}
    match = re.fullmatch(r"(\d+) ?([a-z]+)", written)
    if match is None or match[2] not in units:
        return NOT_A_SLOT
    return frozenset({str(int(match[1]) * units[match[2]])})


# --- identifiers: right ones are said as we would say them; wrong ones must be refused --------------

_DOCUMENTS = {
    "AR_CUIT": ("cuit", "AR", "es"), "CL_RUT": ("rut", "CL", "es"), "MX_RFC": ("rfc", "MX", "es"),
    "MX_CURP": ("curp", "MX", "es"), "PE_RUC": ("ruc", "PE", "es"), "CO_NIT": ("nit", "CO", "es"),
    "ES_NIE": ("nie", "ES", "es"), "US_SSN": ("ssn", "US", "en"), "US_ITIN": ("itin", "US", "en"),
    "IBAN": ("iban", "ES", ""), "CREDITCARD": ("card", "ES", ""), "CREDIT_CARD": ("card", "ES", ""),
}  # fmt: skip


def _identifiers(row: dict[str, Any]) -> Iterator[Item]:
    known = _DOCUMENTS.get(row["type"])
    if known is None:
        yield Excluded("identifiers", row["type"], NOT_A_SLOT)
        return
    kind, country, lang = known
    compact = re.sub(r"[\s.\-/]", "", row["text"]).upper()
    if (
        not re.fullmatch(r"[A-ZÑ&]{0,4}[A-Z0-9Ñ]+", compact)
        or len(row["text"]) > 34
        or re.search(r"[a-z]", row["text"])
    ):
        yield Excluded("identifiers", row["type"], PROSE)
        return
    if not compact.isascii() or "&" in compact:
        yield Excluded("identifiers", row["type"], SIGNS)
        return
    right = {"card": card_is_valid(compact), "iban": iban_refusal(compact) is None}.get(kind)
    if right is not None and right is not bool(row["n"]):
        yield Excluded("identifiers", row["type"], LABEL)
        return
    accepted = frozenset({compact}) if row["n"] else frozenset()
    for code in (lang,) if lang else LANGUAGES:
        said = language(code).say_groups(compact, ())
        document = kind if kind not in ("iban", "card") else ""
        asked = "identifier" if document else kind
        yield Case(
            f"{row['id']}{code}", "identifiers", code, asked, said, accepted, ANY_DAY, country, document
        )
