"""Synthetic telephone speech for the hearing tests, made with espeak-ng."""

from __future__ import annotations

import audioop
import ctypes
import functools
from typing import Any

import pytest

from voice.model import SAMPLE_RATE
from voice.speech import espeak_library as espeak
from voice.speech.espeak_lock import ESPEAK_LOCK

VOICES = {"es": "es-419", "en": "en-us"}

_VOICE = (
    (espeak.PARAMETER_VOLUME, 100),
    (espeak.PARAMETER_PITCH, 50),
    (espeak.PARAMETER_RANGE, 50),
    (espeak.PARAMETER_PUNCTUATION, 0),
    (espeak.PARAMETER_CAPITALS, 0),
)


@functools.cache
def synthetic_speech(text: str, lang: str, rate: int = 150, lead_ms: int = 300, tail_ms: int = 300) -> bytes:
    """8 kHz PCM of ``text`` with silence around it."""
    library = espeak.load()
    pieces: list[bytes] = []

    def collect(samples: Any, count: int, _events: Any) -> int:
        if samples and count:
            pieces.append(ctypes.string_at(samples, 2 * count))
        return espeak.CALLBACK_GO_ON

    callback = espeak.SynthCallback(collect)
    raw = text.encode() + b"\0"
    with ESPEAK_LOCK:
        library.espeak_SetSynthCallback(callback)
        library.espeak_SetVoiceByName(VOICES[lang].encode())
        for parameter, value in _VOICE:  # whoever spoke before has left theirs
            library.espeak_SetParameter(parameter, value, 0)
        library.espeak_SetParameter(espeak.PARAMETER_RATE, rate, 0)
        library.espeak_SetParameter(espeak.PARAMETER_WORD_GAP, 0, 0)
        library.espeak_Synth(raw, len(raw), 0, espeak.POSITION_CHARACTER, 0, espeak.CHARS_UTF8, None, None)
    pcm, _ = audioop.ratecv(b"".join(pieces), 2, 1, espeak.sample_rate(), SAMPLE_RATE, None)
    silence = bytes(SAMPLE_RATE * 2 // 1000)
    return silence * lead_ms + audioop.mul(pcm, 2, 0.5) + silence * tail_ms


@pytest.fixture(scope="session")
def speech() -> Any:
    """``speech(text, lang)`` -> PCM."""
    return synthetic_speech
