"""What callers say around a number, a day or a spelled name: "es el ...", "it's ...", "... por favor".

A loop of digits or letters makes digits of them ("it's one two" was "six one two", and "son treinta euros"
another amount), so they are compiled as units and stand in every grammar of such a loop, the lead-ins before
it and the courtesies after it. They are no part of what was said, as fillers are none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import cycle

BEFORE, AFTER = "+", "~"  # begin the labels of lead-ins and of courtesies; no word and no phrase does
_NUMBERS, _DATES, _TIMES = "numbers", "dates", "times"  # as in voice.speech.kinds
_LETTERS = "letters"
_CODES = ""  # digits and groups
_WEIGHT = 20  # sentences of each label; of English strings that begin with "six" 60 would be doubted


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.split(","))


ALSO: Mapping[str, tuple[tuple[str, ...], ...]] = {
    # as callers say it, between its own phones and those that the model keeps for a digit alone
    "for": (("F", "AO/four", "R/four"), ("F/four", "AO", "R")),
    "it's": (("IH/six", "K/six", "S/six"), ("IH/six", "T", "S"), ("IH", "K/six", "S/six")),
}

_MOST = 60  # more would make lead-ins likelier than answers without one

_LEADS = {
    ("es", _CODES): _phrases(
        """
        es, es el, el, sí es, sí es el, mi número es, mi número es el, el número es, el número es el, son,
        son las, sería el, es la
        """
    ),
    ("es", _NUMBERS): _phrases("son, serían, para, somos, es, unos, quiero pagar"),
    ("es", _DATES): _phrases("para, para el, es para, es para el, es el, sería el, mejor, mejor el"),
    ("es", _TIMES): _phrases("sobre, para, hacia, mejor"),
    ("es", _LETTERS): (),  # "es" and "el" are letters' names as well
    ("en", _LETTERS): _phrases("it's, it is, that's, my name is, yes it's"),
    ("en", _CODES): _phrases(
        "it's, it is, yes it's, yes it is, my number is, the number is, that's, yes my number is, number"
    ),
    ("en", _NUMBERS): _phrases("it's, that's, that would be, for, there are, about, i want to pay"),
    ("en", _DATES): _phrases("it's, for, it's for, it's on, it would be, how about, maybe, rather"),
    ("en", _TIMES): _phrases("it's, for, around, about"),
}
_COURTESIES = {
    ("es", _CODES): _phrases("por favor"),
    ("es", _LETTERS): (),
    ("en", _LETTERS): (),
    ("es", _NUMBERS): _phrases("por favor, personas, si puede ser"),
    ("es", _DATES): _phrases("por favor, si puede ser, me viene bien"),
    ("es", _TIMES): _phrases("por favor, si puede ser, más o menos"),
    ("en", _CODES): _phrases("please"),
    ("en", _NUMBERS): _phrases("please, people, of us, if possible"),
    ("en", _DATES): _phrases("please, if possible, if you can, would be good"),
    ("en", _TIMES): _phrases("please, if possible, if you can"),
}


def _label(mark: str, phrase: str) -> str:
    return mark + phrase.replace(" ", "_")


@cache
def around(lang: str, kind: str, items: Sequence[str]) -> tuple[str, ...]:
    """Sentences of lead-ins and courtesies, each beside every word that begins or ends one of ``items``, what
    a loop of that kind is made of. ``kind``: one of :data:`voice.speech.kinds.KINDS`."""
    return tuple(_around(lang, kind if (lang, kind) in _LEADS else _CODES, items))


def _around(lang: str, kind: str, items: Sequence[str]) -> Iterator[str]:
    firsts = tuple(dict.fromkeys(item.split()[0] for item in reversed(items)))
    lasts = tuple(dict.fromkeys(item.split()[-1] for item in items))
    count = min(max(_WEIGHT, len(firsts)), _MOST)
    for phrase in _LEADS[lang, kind]:
        for item, _ in zip(cycle(firsts), range(count), strict=False):
            yield f"{_label(BEFORE, phrase)} {item}"
    for phrase in _COURTESIES[lang, kind]:
        yield from (f"{item} {_label(AFTER, phrase)}" for item in lasts)


@cache
def after_no(lang: str, no: str, items: Sequence[str]) -> tuple[str, ...]:
    """The same between the label of a "no" and ``items``: "no, es el dos"."""
    said = (_label(BEFORE, phrase) for phrase in _LEADS[lang, _CODES])
    return tuple(f"{no} {label} {item}" for label, item in zip(said, cycle(items), strict=False))


def code_labels(lang: str) -> tuple[str, ...]:
    """The labels of the lead-ins before digits."""
    return tuple(_label(BEFORE, phrase) for phrase in _LEADS[lang, _CODES])


@cache
def labels(lang: str) -> tuple[str, ...]:
    """All that :func:`around` names beside its items, sorted."""
    tables = ((_LEADS, BEFORE), (_COURTESIES, AFTER))
    said = {
        _label(mark, phrase)
        for table, mark in tables
        for (of, _), phrases in table.items()
        if of == lang
        for phrase in phrases
    }
    return tuple(sorted(said))


def words_of(label: str) -> str | None:
    """What such a label is in words; None for any other label."""
    return label[1:].replace("_", " ") if label[:1] in (BEFORE, AFTER) and label[1:] else None
