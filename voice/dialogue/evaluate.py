"""Measures slot reading on public test cases: ``python -m voice.dialogue.evaluate DATA_FOLDER [--failures]``.

DATA_FOLDER holds ``text/slots_es_en.jsonl`` (cases of Microsoft Recognizers-Text, MIT) and
``text/spoken_written_es_en.jsonl`` (cases of NVIDIA NeMo-text-processing, Apache-2.0). Only cases are
counted that a caller could say as an answer: one value, at most 8 words, no signs that nobody speaks.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from voice.dialogue.languages import fold, language
from voice.dialogue.slots import parse
from voice.model import LANGUAGES, ExpectKind

ANY_DAY = date(2020, 1, 1)
MAX_WORDS = 8
_UNSPEAKABLE = re.compile(
    r"[/@^<>=*~#(){}\[\]]|\d-|-\d|[.,]\d{1,2}[.,]|[^\x00-\x7fáéíóúüñ¿¡’$€£]", re.IGNORECASE
)
_KINDS = {
    "yes_no": ExpectKind.YES_NO,
    "number": ExpectKind.DIGITS,
    "phone": ExpectKind.DIGITS,
    "quantity": ExpectKind.AMOUNT,
    "amount": ExpectKind.AMOUNT,
    "date": ExpectKind.DATE,
}
_CENTS = frozenset({"Cent", "Penny", "Centavo", "Céntimo"})


@dataclass(frozen=True, slots=True)
class Case:
    """``accepted`` are the right values; an empty set: nothing should be read."""

    source: str
    lang: str
    kind: str
    text: str
    accepted: frozenset[str]
    today: date = ANY_DAY


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m voice.dialogue.evaluate", description=__doc__)
    parser.add_argument("data", type=Path, help="folder with text/slots_es_en.jsonl")
    parser.add_argument("--failures", action="store_true", help="print every case that was read wrongly")
    arguments = parser.parse_args(argv)
    files = [arguments.data / "text" / name for name in ("slots_es_en.jsonl", "spoken_written_es_en.jsonl")]
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        parser.error(
            f"no such file: {', '.join(missing)}. Give the folder whose 'text' holds the test cases."
        )
    tally: dict[tuple[str, str, str], list[bool]] = defaultdict(list)
    for case in (*recognizers_cases(files[0]), *itn_cases(files[1])):
        got = read(case)
        right = got in case.accepted if case.accepted else got is None
        tally[case.source, case.kind, case.lang].append(right)
        if arguments.failures and not right:
            where = f"{case.source} {case.kind} {case.lang}"
            _print(f"{where}: {case.text!r} gave {got}, not {sorted(case.accepted)}")
    _print(f"{'cases':<12} {'what':<8} {'lang':<4} {'n':>4} {'right':>6}")
    for (source, kind, lang), results in sorted(tally.items()):
        share = 100 * sum(results) / len(results)
        _print(f"{source:<12} {kind:<8} {lang:<4} {len(results):>4} {share:>5.1f}%")
    return 0


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")


def read(case: Case) -> str | None:
    """What the parsers make of a case, in the form of its accepted values."""
    if case.kind == "say":
        return fold(language(case.lang).say_number(int(case.text)))
    kind = _KINDS[case.kind]
    parsed = parse(kind, case.text, case.lang, max_length=25, today=case.today)
    if parsed is None:
        return None
    return str(Decimal(parsed.value).normalize()) if kind is ExpectKind.AMOUNT else parsed.value


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["lang"] in LANGUAGES:
                yield row


def _speakable(text: str) -> bool:
    return 0 < len(fold(text).split()) <= MAX_WORDS and not _UNSPEAKABLE.search(text)


def recognizers_cases(path: Path) -> Iterator[Case]:
    for row in _rows(path):
        build = _BUILDERS.get(row["model"])
        if build is None or not _speakable(row["text"]) or len(row["expected"]) > 1:
            continue
        case = build(row)
        if case is not None:
            yield case


def _yes_no(row: dict[str, Any]) -> Case | None:
    values = {"yes" if e["Resolution"]["value"] else "no" for e in row["expected"]}
    return Case("recognizers", row["lang"], "yes_no", row["text"], frozenset(values))


def _number(row: dict[str, Any]) -> Case | None:
    if not row["expected"]:
        return None
    value = row["expected"][0]["Resolution"].get("value") or ""
    whole = row["expected"][0]["Resolution"].get("subtype", "integer") == "integer"
    if not value.isdecimal() or len(value) > 15 or not whole or re.search(r"\d[a-zA-Z]", row["text"]):
        return None
    exact = str(Decimal(value).normalize())
    return Case("recognizers", row["lang"], "quantity", row["text"], frozenset({exact}))


def _phone(row: dict[str, Any]) -> Case | None:
    if not row["expected"]:
        return None
    digits = re.sub(r"\D", "", row["expected"][0]["Resolution"]["value"])
    return Case("recognizers", row["lang"], "phone", row["text"], frozenset({digits}))


def _amount(row: dict[str, Any]) -> Case | None:
    if not row["expected"] or row["expected"][0]["Resolution"].get("value") is None:
        return None
    resolution = row["expected"][0]["Resolution"]
    try:
        value = Decimal(resolution["value"])
    except InvalidOperation:  # a value written with units, not one number
        return None
    if resolution["unit"] in _CENTS:
        value /= 100
    return Case("recognizers", row["lang"], "amount", row["text"], frozenset({str(value.normalize())}))


def _date(row: dict[str, Any]) -> Case | None:
    if not row["ref"] or not row["expected"] or row["expected"][0]["TypeName"] != "datetimeV2.date":
        return None
    values = [v["value"] for v in row["expected"][0]["Resolution"]["values"] if "value" in v]
    if "not resolved" in values:
        values = []
    today = date.fromisoformat(row["ref"][:10])
    # of a past and a future reading, the future one is ours
    coming = [v for v in values if v >= today.isoformat()] or values
    return Case("recognizers", row["lang"], "date", row["text"], frozenset(coming), today)


_BUILDERS: dict[str, Callable[[dict[str, Any]], Case | None]] = {
    "BooleanModel": _yes_no,
    "NumberModel": _number,
    "PhoneNumberModel": _phone,
    "CurrencyModel": _amount,
    "DateTimeModel": _date,
}


def itn_cases(path: Path) -> Iterator[Case]:
    for row in _rows(path):
        case = _spoken(row) if row["dir"] == "itn" else _written(row)
        if case is not None:
            yield case


def _spoken(row: dict[str, Any]) -> Case | None:
    cls = row["cls"].removesuffix("_cased")
    text, expected = row["text"], row["expected"][0]
    digits = re.sub(r"[\s().+-]", "", expected)
    if cls == "cardinal" and digits.isdecimal() and len(digits) <= 15 and "-" not in expected:
        return Case("nemo", row["lang"], "number", text, frozenset({digits}))
    if cls == "telephone" and digits.isdecimal() and "." not in expected:
        return Case("nemo", row["lang"], "phone", text, frozenset({digits}))
    if cls == "money":
        value = _written_money(expected, row["lang"])
        return Case("nemo", row["lang"], "amount", text, frozenset({value})) if value else None
    if cls == "date":
        day = _written_date(expected)
        return Case("nemo", row["lang"], "date", text, frozenset({day})) if day else None
    return None


def _written(row: dict[str, Any]) -> Case | None:
    number = row["text"].replace(" ", "")
    if row["cls"] == "cardinal" and number.isdecimal() and len(number) <= 12:
        return Case("nemo", row["lang"], "say", number, frozenset(map(fold, row["expected"])))
    return None


def _written_money(expected: str, lang: str) -> str | None:
    match = re.fullmatch(r"(?:Mex|US)?[$€£]([\d.,]+)( (?:million|millones|billion))?", expected)
    if match is None:
        return None
    plain = match[1].replace(",", "." if lang == "es" else "")
    try:
        value = Decimal(plain) * {" million": 10**6, " millones": 10**6, " billion": 10**9}.get(match[2], 1)
    except InvalidOperation:
        return None
    return str(value.normalize())


def _written_date(expected: str) -> str | None:
    """ISO form of "july 22 2008", "25 july 2012" or "5 de mayo de 1990"; None without all three parts."""
    months = {**language("en").lexicon.months, **language("es").lexicon.months}
    parts = [p for p in fold(expected).split() if p not in ("de", "del")]
    numbers = [int(p) for p in parts if p.isdecimal()]
    named = [months[p] for p in parts if p in months]
    if len(parts) != 3 or len(numbers) != 2 or len(named) != 1:
        return None
    return date(max(numbers), named[0], min(numbers)).isoformat()


if __name__ == "__main__":
    sys.exit(main())
