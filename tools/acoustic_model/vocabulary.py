"""What callers of a telephone line say in a language, as pieces of training sentences (``words/*.yaml``)."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

_WORDS = Path(__file__).parent / "words"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Pieces of what callers say. An item that stands twice is drawn twice as often.

    Patterns hold ``{fields}``: in ``times`` an hour ``h``, minutes ``m`` and fives ``m5``; in ``dates`` a
    day ``d``, ``month``, ``weekday``, ``year`` and small number ``n``; in ``streets`` and ``money`` one
    ``{}`` for a name and for a number; in ``sentences`` the name of another kind of text.
    """

    digits: Sequence[str]
    zero: Sequence[str]  # ways to say 0 within a number
    fillers: Sequence[str]  # said while looking for the next word
    repeats: Sequence[str]  # said before a digit that comes twice or thrice
    months: Sequence[str]
    weekdays: Sequence[str]
    letters: Mapping[str, Sequence[str]]  # the names of each letter
    spelling_words: Mapping[str, Sequence[str]]
    as_in: Sequence[str]  # between a letter and the word that explains it
    yes: Sequence[str]
    no: Sequence[str]
    short: Sequence[str]  # short or easily confused words
    commands: Sequence[str]
    before: Sequence[str]  # what comes before a request, mostly nothing
    after: Sequence[str]
    names: Sequence[str]
    surnames: Sequence[str]
    cities: Sequence[str]
    streets: Sequence[str]
    mail: Sequence[str]
    money: Sequence[str]
    percent: str
    units: Sequence[str]
    times: Sequence[str]
    dates: Sequence[str]
    phonetic: Sequence[str]  # the alphabet of radio operators
    sentences: Sequence[str]


@functools.cache
def vocabulary(lang: str) -> Vocabulary:
    """The pieces of ``words/LANG.yaml``. Raises TypeError for a missing or unknown kind of piece."""
    return Vocabulary(**yaml.safe_load((_WORDS / f"{lang}.yaml").read_text("utf-8")))
