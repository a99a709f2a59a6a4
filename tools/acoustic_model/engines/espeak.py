"""espeak-ng, in this process: any text, about a hundred voice variants, and the exact time of every phone."""

from __future__ import annotations

import random

import numpy as np
import numpy.typing as npt

from tools.acoustic_model.takes import Segments, Take
from voice.speech import espeak_library as espeak
from voice.speech.lexicon import phones_of
from voice.speech.phones import SILENCE

# Accents by language, and by how often they are spoken: the ones of most callers oftenest.
ACCENTS = {
    "en": ("en-us", "en-us", "en-us", "en-us", "en", "en-gb-x-rp", "en-gb-scotland", "en-us-nyc", "en-029"),
    "es": ("es", "es-419", "es-419"),
}
# Whose mnemonics an accent shares, where the lexicon has no table of its own for it.
_LIKE = {"en-gb-scotland": "en-us", "en-us-nyc": "en-us", "en-029": "en"}
# Variants that sound like no person: robots, whispers (no pitch at all), and tricks.
_NOT_A_PERSON = (
    "robo",
    "robot",
    "whisper",
    "demonic",
    "croak",
    "storm",
    "tweaky",
    "unirobot",
    "fast",
    "aunty",
)
# Formants of 0 Hz make espeak-ng 1.52 read outside its tables in some sentences, which ends the process.
_BROKEN = frozenset({"Andy", "rob"})
HELD_OUT = frozenset(  # never trained on
    ("m3", "f2", "Andrea", "Mario", "klatt3", "linda", "steph2", "pedro", "Alicia", "edward", "michel", "zac")
)
_PLAIN = {"en": "en-us", "es": "es-419"}  # an accent to take the sounds of a word from
_STRESS = "'"
_FIRST_OF_TWO = 0.55  # how much of a diphthong is its first phone


def variants(held_out: bool) -> list[str]:
    """The names of the voice variants to train with, or of those to test with."""
    folder = espeak.data_path() / "voices" / "!v"
    people = [
        path.name
        for path in sorted(folder.iterdir())
        if path.name not in _BROKEN and not any(part in path.name.lower() for part in _NOT_A_PERSON)
    ]
    return [name for name in people if (name in HELD_OUT) is held_out]


def synthesise(text: str, spoken: str, lang: str, variant: str, rng: random.Random) -> Take | None:
    """``spoken`` in one variant at a random accent, speed and pitch; None when a sound of it has no phone."""
    accent = rng.choice(ACCENTS[lang])
    parameters = (
        (espeak.PARAMETER_RATE, rng.randint(105, 235)),
        (espeak.PARAMETER_PITCH, rng.randint(15, 85)),
        (espeak.PARAMETER_RANGE, rng.randint(20, 80)),
        (espeak.PARAMETER_WORD_GAP, rng.choice((0, 0, 0, 1, 3))),
    )
    pcm, events = _speak(spoken, f"{accent}+{variant}", parameters)
    segments = _segments(events, len(pcm), _LIKE.get(accent, accent))
    if segments is None:
        return None
    return Take(text, lang, f"espeak:{variant}", pcm, espeak.sample_rate(), segments)


def timed_phones(spoken: str, lang: str, words_a_minute: int) -> tuple[Segments, list[bool], int] | None:
    """The phones of a text, which of them are stressed, and the times' sample rate, to drive other voices."""
    voice = _PLAIN[lang]
    rate = ((espeak.PARAMETER_RATE, words_a_minute), (espeak.PARAMETER_WORD_GAP, 0))
    pcm, events = _speak(spoken, voice, rate)
    segments = _segments(events, len(pcm), voice)
    if segments is None:
        return None
    stressed_at = [start for name, start in events if name.startswith(_STRESS)]
    stressed = [any(first <= at < end for at in stressed_at) for _, first, end in segments]
    return segments, stressed, espeak.sample_rate()


def stressed_phones(word: str, lang: str) -> list[tuple[str, bool]]:
    """The phones of one word, and whether each is the stressed one. Empty when it cannot be said."""
    _, events = _speak(word, _PLAIN[lang], ((espeak.PARAMETER_RATE, 130),))
    names = [name for name, _ in events]
    phones: list[tuple[str, bool]] = []
    for name, said in zip(names, phones_of(names, _PLAIN[lang]), strict=True):
        if "?" in said:
            return []
        phones += [
            (phone, name.startswith(_STRESS) and at == 0) for at, phone in enumerate(said) if phone != SILENCE
        ]
    return phones


def _speak(
    text: str, voice: str, parameters: tuple[tuple[int, int], ...]
) -> tuple[npt.NDArray[np.float32], list[tuple[str, int]]]:
    """The audio and the ``(mnemonic, first sample)`` of each phoneme."""
    pcm, phonemes = espeak.phonemes_of(text, voice, parameters)
    return np.frombuffer(pcm, np.int16).astype(np.float32), phonemes


def _segments(events: list[tuple[str, int]], length: int, voice: str) -> Segments | None:
    """None for speech with a sound that no phone stands for, or with hardly any sound."""
    sounds = phones_of([name for name, _ in events], voice)
    starts = [start for _, start in events]
    segments: list[tuple[str, int, int]] = [(SILENCE, 0, starts[0])] if starts and starts[0] else []
    for said, start, end in zip(sounds, starts, [*starts[1:], length], strict=True):
        if "?" in said:
            return None
        if not said:  # a lengthener: the phone before it lasts until its end
            if segments:
                segments[-1] = (*segments[-1][:2], end)
        elif len(said) == 1:
            segments.append((said[0], start, end))
        else:
            middle = start + round(_FIRST_OF_TWO * (end - start))
            segments += [(said[0], start, middle), (said[1], middle, end)]
    spoken = [item for item in segments if item[2] > item[1]]
    return tuple(spoken) if any(phone != SILENCE for phone, _, _ in spoken) else None
