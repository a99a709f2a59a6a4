"""What callers say while they look for the next word: "eh", "um", "a ver", "well".

Every compiled graph has these beside what it was made for (see :mod:`voice.speech.graph`), so that they are
not taken for the phrase or digit that sounds most like them. They are no part of what was said, unless
nothing else was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property


@dataclass(frozen=True)
class Fillers:
    """Of one language. ``sounds`` are never an answer; ``words`` lead on to one; ``replies`` may be one by
    themselves ("vale"). Each with its ways of being said, in the acoustic model's phones."""

    sounds: Mapping[str, tuple[tuple[str, ...], ...]]
    words: Mapping[str, tuple[tuple[str, ...], ...]]
    replies: Mapping[str, tuple[tuple[str, ...], ...]]

    @cached_property
    def all(self) -> dict[str, tuple[tuple[str, ...], ...]]:
        return {**self.sounds, **self.words, **self.replies}

    @cached_property
    def labels(self) -> frozenset[str]:
        """What they are called in a graph."""
        return frozenset(map(phrase_label, self.all))

    @cached_property
    def pauses(self) -> frozenset[str]:
        """The labels of those after which something must follow."""
        return frozenset(map(phrase_label, {**self.sounds, **self.words}))

    @property
    def pause(self) -> str:
        """What stands for all of them where a caller stopped to think."""
        return next(iter(self.sounds))


def phrase_label(phrase: str) -> str:
    """The label of a whole phrase in a graph; no word looks like it."""
    return "=" + phrase.replace(" ", "_")


def _table(text: str) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Lines of ``filler: phones, phones``."""
    lines = (line.split(":") for line in text.strip().splitlines())
    return {name.strip(): tuple(tuple(way.split()) for way in ways.split(",")) for name, ways in lines}


_KNOWN = {
    "es": Fillers(
        sounds=_table(
            """
            eh: e
            em: e m
            mm: m
            """
        ),
        words=_table(
            """
            este: e s t e
            pues: p w e s, p u s, p e s
            a ver: a b e r
            """
        ),
        replies=_table(
            """
            bueno: b w e n o
            vale: b a l e
            ok: o k e j, o k e
            """
        ),
    ),
    "en": Fillers(
        sounds=_table(
            """
            um: AH M, AA M, UH M, OW M
            uh: AH, AA, UH
            er: ER
            hm: HH M, M
            """
        ),
        words=_table(
            """
            well: W EH L
            so: S OW
            """
        ),
        replies=_table(
            """
            okay: OW K EY, K EY
            """
        ),
    ),
}


@cache
def fillers(lang: str) -> Fillers:
    """Raises KeyError for a language without a built-in model."""
    return _KNOWN[lang]


@cache
def without_filler(phrase: str, lang: str) -> str:
    """``phrase`` without the filler that it begins with; as it is when it begins with none, or is one."""
    for filler in fillers(lang).all:
        if phrase.startswith(filler + " "):
            return phrase.removeprefix(filler + " ")
    return phrase
