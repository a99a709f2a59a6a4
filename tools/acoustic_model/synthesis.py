"""Synthetic speech to train on and to test with, by every free voice that is installed.

A speaker is ``engine:voice``. A voice belongs to training or to testing for good (:func:`speakers`).
"""

from __future__ import annotations

import functools
import logging
import random

from tools.acoustic_model.engines import espeak, festival, flite, pico
from tools.acoustic_model.takes import Segments, Take
from tools.acoustic_model.vocabulary import vocabulary

__all__ = ["Segments", "Take", "draw_speaker", "engine_of", "speakers", "synthesise"]

_LOG = logging.getLogger(__name__)

# A word that each engine says like the letter A. Festival says what espeak-ng does.
_LETTER_A = {"espeak": "eigh", "festival": "eigh"}


# How often draw_speaker takes each engine: a few voices of people are worth many variants of a machine.
_SHARES = {
    ("en", False): {"espeak": 50, "flite": 35, "pico": 15},
    ("en", True): {"espeak": 75, "festival": 25},
    ("es", False): {"espeak": 60, "pico": 25, "festival": 15},
    ("es", True): {"espeak": 75, "festival": 25},
}


@functools.cache
def _voices(lang: str, held_out: bool) -> tuple[str, ...]:
    found = [f"espeak:{name}" for name in espeak.variants(held_out)]
    if not held_out and pico.installed():
        found += [f"pico:{name}" for name in pico.VOICES[lang]]
    elif not held_out:
        _LOG.warning("no Pico voices: apt-get install %s", pico.PACKAGES)
    if not held_out and lang == "en":
        if flite.installed():
            found += [f"flite:{name}" for name in flite.VOICES]
        else:
            _LOG.warning("no flite voices: apt-get install %s", flite.PACKAGES)
    for name, voice in festival.VOICES.items():
        if voice.lang == lang and (name in festival.HELD_OUT) is held_out:
            if festival.installed(name):
                found.append(f"festival:{name}")
            else:
                _LOG.warning("no festival voice %s: apt-get install festival %s", name, voice.package)
    return tuple(found)


def speakers(lang: str, held_out: bool) -> list[str]:
    """The installed voices to train with, or those that no model may have heard, in a fixed order.

    A voice that is not installed is logged as a warning that names its package, once.
    """
    return list(_voices(lang, held_out))


def draw_speaker(lang: str, held_out: bool, rng: random.Random) -> str:
    """A voice, drawn so that the few recorded from people come as often as the many made by rule."""
    voices: dict[str, list[str]] = {}
    for speaker in speakers(lang, held_out):
        voices.setdefault(engine_of(speaker), []).append(speaker)
    shares = _SHARES[lang, held_out]
    engine = rng.choices(list(voices), [shares[name] for name in voices])[0]
    return rng.choice(voices[engine])


def engine_of(speaker: str) -> str:
    return speaker.partition(":")[0]


def synthesise(text: str, lang: str, speaker: str, rng: random.Random) -> Take | None:
    """``text`` (lower-case words) in the voice of ``speaker``, at a speed and pitch drawn from ``rng``.

    None when the voice cannot say it in the language's phones: draw another text. ``segments`` is None for
    Pico's voices. Raises ValueError for an unknown speaker. Not thread-safe: the engines keep state.
    """
    engine, _, voice = speaker.partition(":")
    spoken = _letters_said(text, lang, _LETTER_A.get(engine, "ay"))
    if engine == "espeak":
        return espeak.synthesise(text, spoken, lang, voice, rng)
    if engine == "pico":
        return pico.synthesise(text, spoken, lang, voice, rng)
    if engine == "flite":
        return flite.synthesise(text, spoken, voice, rng)
    if engine == "festival":
        return festival.synthesise(text, spoken, voice, rng)
    raise ValueError(f"no speech engine {engine!r} (speaker {speaker!r})")


def _letters_said(text: str, lang: str, letter_a: str) -> str:
    """English ``a`` spelled as it sounds where it is the letter and not the article."""
    if lang != "en":
        return text
    words = text.split()
    return " ".join(
        letter_a if word == "a" and is_letter_a(words, at) else word for at, word in enumerate(words)
    )


def is_letter_a(words: list[str], at: int) -> bool:
    """Whether the English ``a`` at a place is the letter and not the article: among other letters or digits,
    before ``as in`` and the like, or on its own."""
    before, after = words[at - 1 : at] if at else [], words[at + 1 : at + 2]
    if len(words) == 1 or (not after and before != ["in"]):
        return True
    coded = {"oh", *vocabulary("en").digits}
    beside = before + after
    if any((len(word) == 1 and word != "i") or word in coded for word in beside):
        return True
    return words[at + 1 : at + 3] == ["as", "in"]
