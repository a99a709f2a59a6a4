"""The shared espeak-ng library gives audio and phoneme events in both languages."""

from __future__ import annotations

import ctypes
from typing import Any

import pytest

from voice.speech import espeak_library as espeak
from voice.speech.espeak_lock import ESPEAK_LOCK


def speak(text: str, voice: bytes) -> tuple[int, list[str]]:
    library = espeak.load()
    samples = 0
    phonemes: list[str] = []

    def collect(_wave: Any, count: int, events: Any) -> int:
        nonlocal samples
        samples += count
        index = 0
        while events[index].type != espeak.EVENT_END_OF_LIST:
            if events[index].type == espeak.EVENT_PHONEME:
                phonemes.append(events[index].phoneme())
            index += 1
        return espeak.CALLBACK_GO_ON

    callback = espeak.SynthCallback(collect)
    raw = text.encode() + b"\0"
    with ESPEAK_LOCK:
        library.espeak_SetSynthCallback(callback)
        assert library.espeak_SetVoiceByName(voice) == 0
        library.espeak_Synth(raw, len(raw), 0, espeak.POSITION_CHARACTER, 0, espeak.CHARS_UTF8, None, None)
    return samples, phonemes


@pytest.mark.parametrize(
    ("text", "voice", "expected"),
    [("mañana", b"es-419", ["m", "a", "n^", "a", "n", "a"]), ("yes", b"en-us", ["j", "E", "s"])],
)
def test_speaks_with_phoneme_events(text: str, voice: bytes, expected: list[str]) -> None:
    samples, phonemes = speak(text, voice)
    assert samples > espeak.sample_rate() // 5
    heard = [name.strip("',") for name in phonemes]
    assert [name for name in heard if name in expected] == expected


def test_an_unknown_voice_is_refused_and_the_library_is_loaded_once() -> None:
    library = espeak.load()
    assert espeak.load() is library
    with ESPEAK_LOCK:
        assert library.espeak_SetVoiceByName(b"no-such-voice") != 0
    assert isinstance(library, ctypes.CDLL)
