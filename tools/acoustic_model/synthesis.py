"""Synthetic speech to train on and to test with, by every free voice that is installed.

A speaker is ``engine:voice``. A voice belongs to training or to testing for good (:func:`speakers`).
"""

from __future__ import annotations

import random

from tools.acoustic_model.engines import espeak
from tools.acoustic_model.takes import Segments, Take
from tools.acoustic_model.vocabulary import vocabulary

__all__ = ["Segments", "Take", "engine_of", "speakers", "synthesise"]


def speakers(lang: str, held_out: bool) -> list[str]:
    """The voices to train with, or those that no model may have heard, in a fixed order."""
    return [f"espeak:{name}" for name in espeak.variants(held_out)]


def engine_of(speaker: str) -> str:
    return speaker.partition(":")[0]


def synthesise(text: str, lang: str, speaker: str, rng: random.Random) -> Take | None:
    """``text`` (lower-case words) in the voice of ``speaker``, at a speed and pitch drawn from ``rng``.

    None when the voice cannot say it in the language's phones: draw another text. Raises ValueError for an
    unknown speaker.
    """
    engine, _, voice = speaker.partition(":")
    if engine == "espeak":
        return espeak.synthesise(text, _letters_said(text, lang, "eigh"), lang, voice, rng)
    raise ValueError(f"no speech engine {engine!r} (speaker {speaker!r})")


def _letters_said(text: str, lang: str, letter_a: str) -> str:
    """English ``a`` spelled as it sounds where it is the letter and not the article."""
    if lang != "en":
        return text
    words = text.split()
    return " ".join(
        letter_a if word == "a" and _is_letter(words, at) else word for at, word in enumerate(words)
    )


def _is_letter(words: list[str], at: int) -> bool:
    """Among other letters or digits, before ``as in`` and the like, or on its own."""
    before, after = words[at - 1 : at] if at else [], words[at + 1 : at + 2]
    if len(words) == 1 or (not after and before != ["in"]):
        return True
    coded = {"oh", *vocabulary("en").digits}
    beside = before + after
    if any((len(word) == 1 and word != "i") or word in coded for word in beside):
        return True
    return words[at + 1 : at + 3] == ["as", "in"]
