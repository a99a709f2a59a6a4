"""How a caller sounds against their own first turns: louder, faster. Media time, no I/O.

Absolute loudness says nothing (telephones, networks and people differ by 20 dB), so a caller is compared
with themselves. Loudness is the mean power of the frames that are speech; the rate is vowel groups, about
syllables, per second of words, pauses left out (de Jong and Wempe 2009 count vowel nuclei in the signal; here
the recognizer's words and their times are at hand). Costs one RMS of 160 samples per frame of speech.
"""

from __future__ import annotations

import audioop
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from math import log10
from statistics import median
from typing import Final

from voice.languages import language
from voice.model import LANGUAGES, Word

FIRST_TURNS: Final = 3  # make the measure of a caller
LEAST_SPEECH_MS: Final = 400  # below it a turn's loudness is that of one syllable
LEAST_VOWELS: Final = 6  # for a rate; word times are good to some 30 ms
MOST_DICTATED: Final = 1 / 3  # of the words: numbers and letters are dictated at a pace of their own
PAUSE_MS: Final = 150  # between words: a longer one is no part of speaking fast or slowly
FULL_SCALE: Final = 32768.0
MOST_DB: Final = 40.0  # differences beyond are of the line, not of the caller
NOISY_DB: Final = 9.0  # speech less than that above the line's noise
LEAST_NOISE_DB: Final = -50.0  # softer noise disturbs nobody: a breath on a quiet line is no louder
_VOWELS: Final = re.compile(r"[aeiouy]+")


@dataclass(frozen=True, slots=True)
class Manner:
    """A turn against the caller's first ones: ``louder_db`` in decibels (0: as loud), ``faster`` as a ratio
    of speech rates (1.0: as fast). What cannot be told yet is 0 dB and 1.0. ``noisy``: it was hardly louder
    than the line's noise."""

    louder_db: float = 0.0
    faster: float = 1.0
    noisy: bool = False


SAME: Final = Manner()


class Loudness:
    """Of one utterance: feed it the frames that are speech."""

    __slots__ = ("_bytes", "_power")

    def __init__(self) -> None:
        self._power = 0.0  # sum of squares per byte
        self._bytes = 0

    def add(self, pcm: bytes) -> None:
        """16-bit samples of any length."""
        level = audioop.rms(pcm, 2)
        self._power += level * level * len(pcm)
        self._bytes += len(pcm)

    @property
    def speech_ms(self) -> int:
        return self._bytes // 16

    @property
    def db(self) -> float | None:
        """dB below full scale; None when there was too little speech to tell."""
        if self.speech_ms < LEAST_SPEECH_MS or self._power <= 0:
            return None
        return 10 * log10(self._power / self._bytes / FULL_SCALE**2)


def in_noise(loudness: Loudness, noise: float) -> bool:
    """Whether an utterance is hardly louder than the line's ``noise`` (RMS of 16-bit samples; 0: unknown)."""
    if noise <= 0 or loudness.db is None:
        return False
    noise_db = 20 * log10(noise / FULL_SCALE)
    return noise_db >= LEAST_NOISE_DB and loudness.db < noise_db + NOISY_DB


def speech_rate(words: Sequence[Word], lang: str) -> float | None:
    """Vowel groups a second while words are being said; None when there are too few to tell, no times, or
    numbers and letters are dictated."""
    if not words or sum(_dictated(word.text, lang) for word in words) > MOST_DICTATED * len(words):
        return None
    groups, spoken_ms, last_end = 0, 0, None
    for word in words:
        ms = word.end_ms - word.start_ms
        if ms <= 0:
            return None  # an engine that gives no times
        groups += vowel_groups(word.text)
        spoken_ms += ms
        if last_end is not None:
            spoken_ms += min(max(0, word.start_ms - last_end), PAUSE_MS)
        last_end = word.end_ms
    if groups < LEAST_VOWELS or spoken_ms <= 0:
        return None
    return groups * 1000 / spoken_ms


def _dictated(word: str, lang: str) -> bool:
    return len(word) == 1 or (lang in LANGUAGES and word.lower() in language(lang).number_words)


def vowel_groups(word: str) -> int:
    """About the syllables of ``word``, in Spanish and English: "factura" has 3, "through" 1. A word of
    consonants has one."""
    bare = unicodedata.normalize("NFD", word.lower())
    letters = "".join(c for c in bare if not unicodedata.combining(c))
    return max(1, len(_VOWELS.findall(letters))) if any(map(str.isalnum, letters)) else 0


class Prosody:
    """One caller's measure, and how each turn compares with it."""

    __slots__ = ("_levels", "_rates")

    def __init__(self) -> None:
        self._levels: list[float] = []
        self._rates: list[float] = []

    def turn(self, loudness: Loudness, words: Sequence[Word], lang: str) -> Manner:
        """Takes a turn that has words, in ``lang``. The first :data:`FIRST_TURNS` of which enough is known
        make the measure, and are compared with nothing."""
        louder = _against(self._levels, loudness.db)
        rate = _against(self._rates, speech_rate(words, lang))
        return Manner(
            0.0 if louder is None else max(-MOST_DB, min(MOST_DB, louder[0] - louder[1])),
            1.0 if rate is None else rate[0] / rate[1],
        )


def _against(first: list[float], value: float | None) -> tuple[float, float] | None:
    """``value`` and the measure, once there is one."""
    if value is None:
        return None
    if len(first) < FIRST_TURNS:
        first.append(value)
        return None
    return value, median(first)
