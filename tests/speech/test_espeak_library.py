"""The shared espeak-ng library gives audio and phoneme events in both languages."""

from __future__ import annotations

import ctypes

import pytest

from voice.errors import VoiceError
from voice.speech import espeak_library as espeak


@pytest.mark.parametrize(
    ("text", "voice", "expected"),
    [("mañana", "es-419", ["m", "a", "n^", "a", "n", "a"]), ("yes", "en-us", ["j", "E", "s"])],
)
def test_speaks_with_phoneme_events(text: str, voice: str, expected: list[str]) -> None:
    pcm, phonemes = espeak.phonemes_of(text, voice, ())
    assert len(pcm) > 2 * espeak.sample_rate() // 5
    heard = [name.strip("',") for name, _ in phonemes]
    starts = [start for _, start in phonemes]
    assert starts == sorted(starts)
    assert starts[-1] <= len(pcm) // 2
    assert [name for name in heard if name in expected] == expected


def test_an_unknown_voice_is_refused_and_the_library_is_loaded_once() -> None:
    library = espeak.load()
    assert espeak.load() is library
    with pytest.raises(VoiceError, match="no voice 'no-such-voice'"):
        espeak.phonemes_of("hola", "no-such-voice", ())
    assert isinstance(library, ctypes.CDLL)
