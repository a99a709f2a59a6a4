"""Say how the line understands a text: as the value of a slot, or as a flow's intents and slots.

Without a recognizer: the texts are what was heard. One JSON object a text, one text an argument (or, without
arguments, one a line of the standard input).

    voice understand --slot amount --lang es "mil doscientos treinta y cuatro con cincuenta"
    voice understand --slot date --lang en --today 2026-11-22 "the day after tomorrow"
    voice understand --slot time --lang en --at 10:15 "half an hour from now"
    voice understand --slot identifier --document dni --lang es "doce tres cuatro cinco seis siete ocho zeta"
    voice understand --slot choice --option "card=my card,credit card" --option cash --lang en "with my card"
    voice understand --flow telecom --lang es "quiero pagar 30 euros de la factura de marzo"

With --slot each line has: text, kind, lang, value (null when there is none), spoken (how it is read
back), confidence (0 to 1, of the reading alone), alternatives (other values the words may have), and where
they apply unit (an amount's currency, a document's name), why (nothing, several, short, long, check, format,
impossible, range) and detail (the reason in words).

With --flow each line has: text, lang, intents (name, label and confidence, best first), accepted (whether the
best is sure enough to be taken for one), and slots (those of the flow that the sentence names, with start and
end, the positions of their words in the text).

Exit status: 0 everything was understood, 1 something was not, 2 wrong use.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from voice import settings
from voice.dialogue.answers import wanted_in
from voice.dialogue.loader import Business, load_business
from voice.dialogue.understanding import OUT_OF_SCOPE
from voice.errors import ConfigError
from voice.model import LANGUAGES, ExpectKind, JsonDict
from voice.slots.extract import extract
from voice.slots.identifiers import DOCUMENTS
from voice.slots.reader import read
from voice.slots.reading import Parsed, Refused, Wanted, Why

KINDS = tuple(kind.value for kind in ExpectKind if kind is not ExpectKind.INTENT)
_IN_WORDS = {
    Why.NOTHING: "nothing of this kind is in the words",
    Why.SEVERAL: "two values, and nothing says which",
    Why.UNSUITED: "it is said not to suit",
    Why.SHORT: "it is too short",
    Why.LONG: "it is too long",
    Why.CHECK: "its check digit or letter does not fit the rest",
    Why.FORMAT: "parts of it are there, in an order or number that none has",
    Why.IMPOSSIBLE: "there is no such one",
    Why.RANGE: "it is outside the limits",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("texts", nargs="*", metavar="TEXT", help="what was heard (default: lines of stdin)")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--slot", choices=KINDS, metavar="KIND", help=f"read as one of: {', '.join(KINDS)}")
    what.add_argument("--flow", metavar="NAME", help="classify as the intents of this flow (name or path)")
    parser.add_argument("--lang", choices=LANGUAGES, default="es", help="language spoken (default: es)")
    parser.add_argument(
        "--country", type=str.upper, metavar="CC", help="whose phones, postcodes, documents (default: ES, US)"
    )
    parser.add_argument(
        "--document",
        action="append",
        choices=sorted(DOCUMENTS),
        default=[],
        metavar="NAME",
        help=f"for identifier, may be given several times: {', '.join(sorted(DOCUMENTS))}",
    )
    parser.add_argument("--currency", type=str.upper, default="EUR", help="meant where none is named")
    parser.add_argument("--min-length", type=int, default=1, metavar="N", help="for digits (default: 1)")
    parser.add_argument("--max-length", type=int, default=40, metavar="N", help="for digits (default: 40)")
    parser.add_argument(
        "--option", action="append", default=[], metavar="NAME[=SAID,...]", help="for choice, one each"
    )
    parser.add_argument("--today", type=_day, metavar="DAY", help="the day it is said, YYYY-MM-DD (today)")
    parser.add_argument("--at", type=_clock, metavar="TIME", help="the time of day it is said, HH:MM (now)")
    parser.add_argument(
        "--prompts", type=Path, metavar="DIR", help="for --flow: folder with flows/ and texts/"
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day: write it as 2026-11-22") from None


def _clock(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time of day: write it as 09:30") from None


def run(arguments: argparse.Namespace) -> int:
    now = datetime.now()
    today, at = arguments.today or now.date(), arguments.at or now.time()
    if arguments.flow:
        prompts = settings.load(overrides={"prompts": arguments.prompts}).prompts
        business = load_business(arguments.flow, prompts)
        if arguments.lang not in business.flow.languages:
            spoken = ", ".join(business.flow.languages)
            raise ConfigError(f"the flow {business.flow.name} speaks {spoken}, not {arguments.lang}")
        results = (_by_flow(text, arguments.lang, business, today, at) for text in _texts(arguments))
    else:
        wanted = _wanted(arguments)
        results = (_by_slot(text, arguments.lang, wanted, today, at) for text in _texts(arguments))
    understood = True
    for line, right in results:
        print(json.dumps(line, ensure_ascii=False), flush=True)
        understood = understood and right
    return 0 if understood else 1


def _texts(arguments: argparse.Namespace) -> Iterable[str]:
    return arguments.texts or (line.rstrip("\n") for line in sys.stdin)


def _wanted(arguments: argparse.Namespace) -> Wanted:
    options = {}
    for option in arguments.option:
        name, _, said = option.partition("=")
        options[name.strip()] = tuple(s.strip() for s in said.split(",") if s.strip())
    if arguments.slot == "choice" and not options:
        raise ConfigError("--slot choice needs options: --option card='my card,credit card' --option cash")
    if arguments.min_length > arguments.max_length:
        raise ConfigError("--min-length must not be above --max-length")
    return Wanted(
        ExpectKind(arguments.slot),
        options,
        arguments.min_length,
        arguments.max_length,
        arguments.country or {"es": "ES", "en": "US"}[arguments.lang],
        arguments.currency,
        tuple(arguments.document),
    )


def _by_slot(text: str, lang: str, wanted: Wanted, today: date, at: time) -> tuple[JsonDict, bool]:
    outcome = read(wanted, text, lang, today, at)
    line: JsonDict = {"text": text, "kind": wanted.kind.value, "lang": lang}
    if isinstance(outcome, Refused):
        return line | {"value": None, **_refused(outcome)}, False
    return line | _parsed(outcome), True


def _parsed(parsed: Parsed) -> JsonDict:
    said: JsonDict = {
        "value": parsed.value,
        "spoken": parsed.spoken,
        "confidence": round(parsed.confidence, 3),
        "alternatives": list(parsed.alternatives),
    }
    return said | ({"unit": parsed.unit} if parsed.unit else {})


def _refused(refused: Refused) -> JsonDict:
    detail = _IN_WORDS[refused.why]
    if refused.got:
        detail += f" ({refused.got} heard{f', {refused.wanted} wanted' if refused.wanted else ''})"
    return {"why": refused.why.value, "detail": detail}


def _by_flow(text: str, lang: str, business: Business, today: date, at: time) -> tuple[JsonDict, bool]:
    guesses = business.understanding.classify(text, lang)
    accepted = bool(guesses) and guesses[0].confidence >= OUT_OF_SCOPE
    found = extract(text, lang, wanted_in(business.flow, lang), today, at)
    line: dict[str, Any] = {
        "text": text,
        "lang": lang,
        "intents": [
            {"intent": g.intent, "label": g.label, "confidence": round(g.confidence, 3)} for g in guesses
        ],
        "accepted": accepted,
        "slots": {
            name: _parsed(one.parsed) | {"start": one.start, "end": one.end} for name, one in found.items()
        },
    }
    return line, accepted
