"""Synthetic speech: known times of every phone, and voices that no model hears in training."""

from __future__ import annotations

import random

import pytest

from tools.acoustic_model import synthesis
from voice.speech.phones import PHONES, SILENCE


@pytest.mark.parametrize("lang", ["en", "es"])
def test_held_out_voices_are_never_trained_on(lang: str) -> None:
    train, test = synthesis.speakers(lang, False), synthesis.speakers(lang, True)
    assert len(train) > 50
    assert len(test) >= 10
    assert not set(train) & set(test)


@pytest.mark.parametrize(("lang", "text"), [("en", "nine five oh"), ("es", "sí dieciocho")])
def test_segments_cover_the_audio_in_the_languages_phones(lang: str, text: str) -> None:
    rng = random.Random(4)
    known = {SILENCE, *PHONES[lang]}
    for speaker in synthesis.speakers(lang, False)[:5]:
        take = synthesis.synthesise(text, lang, speaker, rng)
        assert take is not None
        assert take.segments is not None
        assert take.segments[0][1] == 0
        assert take.segments[-1][2] == len(take.pcm)
        for (_, _, end), (_, start, _) in zip(take.segments, take.segments[1:], strict=False):
            assert end == start
        assert {phone for phone, _, _ in take.segments} <= known
        assert take.speaker == speaker


def test_the_same_seed_speaks_the_same() -> None:
    """Nearly: its waves go on from one text to the next, which moves a boundary by a pitch period or two."""
    takes = [synthesis.synthesise("siete", "es", "espeak:m1", random.Random(5)) for _ in range(2)]
    segments = [take.segments for take in takes if take is not None and take.segments is not None]
    assert [phone for phone, _, _ in segments[0]] == [phone for phone, _, _ in segments[1]]
    for (_, _, end), (_, _, other) in zip(*segments, strict=True):
        assert abs(end - other) < 2 * 22050 / 70  # samples; few voices are deeper than 70 Hz


def _vowels(text: str) -> list[str]:
    take = synthesis.synthesise(text, "en", "espeak:m1", random.Random(6))
    assert take is not None
    assert take.segments is not None
    return [phone for phone, _, _ in take.segments if phone in ("EY", "AH", "AE")]


@pytest.mark.parametrize("text", ["a b c", "b a", "a", "five a two", "a as in echo"])
def test_a_letter_a_is_said_as_a_letter(text: str) -> None:
    assert _vowels(text)[0] == "EY"


def test_an_article_is_not() -> None:
    assert _vowels("a bill") == ["AH"]


def test_an_unknown_speaker_is_refused() -> None:
    with pytest.raises(ValueError, match="no speech engine"):
        synthesis.synthesise("one", "en", "gramophone:x", random.Random(1))
