"""Loudness and speech rate of a caller against their own first turns."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.call.prosody import FIRST_TURNS, Loudness, Manner, Prosody, in_noise, speech_rate, vowel_groups
from voice.model import FRAME_BYTES, Word

CALM = 500


def loudness(amplitude: float, ms: int = 800) -> Loudness:
    found = Loudness()
    for start in range(0, ms, 20):
        samples = [
            round(amplitude * math.sin(2 * math.pi * 200 * (start / 1000 + i / 8000))) for i in range(160)
        ]
        found.add(struct.pack("<160h", *samples))
    return found


def words(text: str, each_ms: int, pause_ms: int = 0) -> tuple[Word, ...]:
    found, at = [], 1000
    for word in text.split():
        found.append(Word(word, at, at + each_ms, 0.9))
        at += each_ms + pause_ms
    return tuple(found)


SENTENCE = "quiero preguntar por mi factura de marzo"


def calm(prosody: Prosody) -> None:
    for _ in range(FIRST_TURNS):
        assert prosody.turn(loudness(CALM), words(SENTENCE, 300), "es") == Manner()


def test_a_caller_is_measured_by_their_own_first_turns() -> None:
    prosody = Prosody()
    calm(prosody)
    same = prosody.turn(loudness(CALM), words(SENTENCE, 300), "es")
    assert same.louder_db == pytest.approx(0, abs=0.01)
    assert same.faster == pytest.approx(1)
    angry = prosody.turn(loudness(3 * CALM), words(SENTENCE, 150), "es")
    assert angry.louder_db == pytest.approx(20 * math.log10(3), abs=0.05)
    assert angry.faster == pytest.approx(2)


@pytest.mark.parametrize(
    ("speech", "noise", "noisy"),
    [
        (3000, 1500, True),  # 3 dB above it, as a sine's RMS
        (8000, 1000, False),
        (60, 30, False),  # a breath on a quiet line
        (3000, 0, False),  # not known yet
    ],
)
def test_speech_hardly_above_the_noise_is_known(speech: float, noise: float, noisy: bool) -> None:
    assert in_noise(loudness(speech), noise) is noisy
    assert not in_noise(loudness(speech, ms=100), noise)  # too short to tell


def test_pauses_and_dictation_are_no_speech_rate() -> None:
    assert speech_rate(words(SENTENCE, 300, 600), "es") == speech_rate(words(SENTENCE, 300, 150), "es")
    assert speech_rate(words("uno dos tres cuatro cinco seis siete ocho", 300), "es") is None
    assert speech_rate(words("my name is s m i t h", 300), "en") is None
    assert speech_rate(words("sí", 300), "es") is None
    assert speech_rate((), "en") is None


def test_an_engine_without_times_gives_no_rate() -> None:
    assert speech_rate(words(SENTENCE, 0), "es") is None


def test_too_little_speech_tells_nothing_and_makes_no_measure() -> None:
    prosody = Prosody()
    for _ in range(9):
        assert prosody.turn(loudness(9 * CALM, 200), words("sí", 200), "es") == Manner()
    calm(prosody)
    assert prosody.turn(loudness(CALM), (), "es").louder_db == pytest.approx(0, abs=0.01)


def test_silence_and_a_changed_line_stay_in_bounds() -> None:
    prosody = Prosody()
    calm(prosody)
    assert prosody.turn(loudness(0), words(SENTENCE, 300), "es").louder_db == 0.0
    assert prosody.turn(loudness(3), words(SENTENCE, 300), "es").louder_db == -40.0


@pytest.mark.parametrize(
    ("word", "groups"),
    [("factura", 3), ("avión", 2), ("through", 1), ("sí", 1), ("hmm", 1), ("…", 0), ("", 0)],
)
def test_vowel_groups(word: str, groups: int) -> None:
    assert vowel_groups(word) == groups


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.binary(max_size=2 * FRAME_BYTES).map(lambda pcm: pcm[: len(pcm) // 2 * 2]),
            st.lists(
                st.builds(
                    Word, st.text(max_size=8), st.integers(-100, 9999), st.integers(-100, 9999), st.just(1.0)
                ),
                max_size=5,
            ),
        ),
        max_size=8,
    ),
    st.sampled_from(["es", "en", "fr"]),
)
def test_any_audio_and_words_are_taken(turns: list[tuple[bytes, list[Word]]], lang: str) -> None:
    prosody = Prosody()
    for pcm, said in turns:
        found = Loudness()
        found.add(pcm)
        manner = prosody.turn(found, said, lang)
        assert -40 <= manner.louder_db <= 40
        assert manner.faster > 0
