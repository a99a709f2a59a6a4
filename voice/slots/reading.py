"""What reading an answer gives: a value, or why there is none. The types that every reader shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from voice.model import ExpectKind

MAX_TEXT = 600  # characters looked at: a minute of talk; a longer utterance is cut, so that no input is slow


class Why(StrEnum):
    """Why no value was read. What is said about it stands in the line's texts, under ``why.``."""

    NOTHING = "nothing"  # nothing of the kind in the words
    SEVERAL = "several"  # two values, neither corrects the other
    UNSUITED = "unsuited"  # a day or time, of which is said that it does not suit
    SHORT = "short"
    LONG = "long"
    CHECK = "check"  # its check digit or letter does not fit: misheard or misremembered
    FORMAT = "format"  # parts of it, in an order or number that none has
    IMPOSSIBLE = "impossible"  # 31 February, 27:80, a prefix that no phone has
    RANGE = "range"  # outside the limits of the step


@dataclass(frozen=True, slots=True)
class Parsed:
    """A value read from an utterance: ``value`` normalised (see :func:`voice.slots.reader.read`),
    ``spoken`` a form to read back in the caller's language, ``confidence`` in the reading (0 to 1), not in
    the recognition. ``unit`` is the ISO 4217 code of an amount whose currency was named, or the name of the
    identifier that was found. ``alternatives`` are other values the same words may have, likelier first.
    """

    value: str
    spoken: str
    confidence: float
    unit: str = ""
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """No value, and why. ``got`` and ``wanted`` are lengths where those are the reason (else 0)."""

    why: Why
    got: int = 0
    wanted: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A reading with its place: ``start`` and ``end`` are token positions. ``marked``: the words themselves
    tell the kind ("a las", "pm", "minutos"), so that it may be taken from the middle of a sentence."""

    value: str
    confidence: float
    start: int
    end: int
    marked: bool
    alternatives: tuple[str, ...] = ()


Outcome = Parsed | Refused


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. ``country`` (ISO 3166-1 alpha-2) is whose phones, postcodes and documents;
    ``currency`` (ISO 4217) is meant where none is named; ``documents`` are names in
    :data:`voice.slots.identifiers.DOCUMENTS` (empty: those of the country); ``called`` are words that
    announce the value inside a sentence ("pedido", "invoice")."""

    kind: ExpectKind
    options: Mapping[str, Sequence[str]] = field(default_factory=dict)
    min_length: int = 1
    max_length: int = 20
    country: str = "ES"
    currency: str = "EUR"
    documents: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
