"""The public cases as general libraries read them, where they are installed (none is needed by the project).

.venv/bin/pip install dateparser text2num
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation

from tools.understanding.slot_cases import Case, plain

Reader = Callable[[Case], str | None]


def readers() -> Iterator[tuple[str, Reader, frozenset[str]]]:
    """(name, reader, kinds it reads) of each library that is installed."""
    if importlib.util.find_spec("dateparser"):
        yield "dateparser.parse", _dateparser(search=False), frozenset({"date", "time", "datetime"})
        yield "dateparser.search_dates", _dateparser(search=True), frozenset({"date", "time", "datetime"})
    if importlib.util.find_spec("text_to_num"):
        yield "text2num.alpha2digit", _text2num, frozenset({"integer", "amount"})


def _dateparser(*, search: bool) -> Reader:
    parse = importlib.import_module("dateparser").parse
    search_dates = importlib.import_module("dateparser.search").search_dates
    formats = {"date": "%Y-%m-%d", "time": "%H:%M", "datetime": "%Y-%m-%d %H:%M"}

    def reader(case: Case) -> str | None:
        base = datetime(case.today.year, case.today.month, case.today.day)
        settings = {"RELATIVE_BASE": base, "PREFER_DATES_FROM": "future"}
        if search:
            found = search_dates(case.text, languages=[case.lang], settings=settings)
            moment = found[0][1] if found else None
        else:
            moment = parse(case.text, languages=[case.lang], settings=settings)
        return moment.strftime(formats[case.kind]) if moment else None

    return reader


def _text2num(case: Case) -> str | None:
    alpha2digit = importlib.import_module("text_to_num").alpha2digit
    written = alpha2digit(case.text.lower(), case.lang)
    words = written.replace("$", " ").replace("€", " ").split()
    numbers = [word.strip(".,") for word in words if any(c.isdecimal() for c in word)]
    if not numbers:
        return None
    try:
        return plain(Decimal(numbers[0].replace(",", "." if case.lang == "es" else "")))
    except InvalidOperation:
        return None
