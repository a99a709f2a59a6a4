"""Forced alignment finds the stretches that made the scores, whatever way a word was said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.acoustic_model.alignment import align
from tools.acoustic_model.features import (
    FRAME_SAMPLES,
    WINDOW_SAMPLES,
    label_frames,
    pdf_count,
    pdfs_of,
    phone_table,
)

LEXICON = {"dos": (("d", "o", "s"), ("d", "o")), "uno": (("u", "n", "o"),)}


def scores_for(phones: list[tuple[str, int]]) -> np.ndarray:
    """Scores of frames in which each phone in turn stands out, for as many frames as given."""
    numbers = {phone: number for number, phone in enumerate(phone_table("es"))}
    rows = []
    for phone, frames in phones:
        for at in range(frames):
            row = np.full(pdf_count("es"), -5.0, np.float32)
            row[pdfs_of(np.array([numbers[phone]]), np.array([at >= 3]))] = -0.1
            rows.append(row)
    return np.array(rows)


def said(labels: np.ndarray) -> list[tuple[str, int]]:
    table = phone_table("es")
    runs: list[tuple[str, int]] = []
    for label in labels.tolist():
        phone = table[(label + 1) // 2]
        if runs and runs[-1][0] == phone:
            runs[-1] = (phone, runs[-1][1] + 1)
        else:
            runs.append((phone, 1))
    return runs


@given(st.lists(st.integers(3, 12), min_size=8, max_size=8))
@settings(max_examples=25, deadline=None)
def test_the_stretches_that_made_the_scores_are_found(lengths: list[int]) -> None:
    phones = list(zip(["SIL", "u", "n", "o", "d", "o", "s", "SIL"], lengths, strict=True))
    found = align(scores_for(phones), ["uno", "dos"], LEXICON, "es")
    assert found is not None
    assert said(found[0]) == phones


def test_the_pronunciation_that_was_used_is_chosen() -> None:
    phones = [("SIL", 5), ("d", 4), ("o", 7), ("SIL", 6)]
    found = align(scores_for(phones), ["dos"], LEXICON, "es")
    assert found is not None
    assert said(found[0]) == phones


def test_silence_around_and_between_words_is_optional() -> None:
    phones = [("u", 4), ("n", 4), ("o", 5), ("SIL", 9), ("d", 4), ("o", 4), ("s", 6)]
    found = align(scores_for(phones), ["uno", "dos"], LEXICON, "es")
    assert found is not None
    assert said(found[0]) == phones


def test_a_recording_too_short_for_its_words_is_refused() -> None:
    assert align(scores_for([("SIL", 10)]), ["uno", "dos"], LEXICON, "es") is None


def test_a_word_without_pronunciation_is_an_error() -> None:
    with pytest.raises(KeyError):
        align(scores_for([("SIL", 30)]), ["tres"], LEXICON, "es")


def test_frames_get_the_phone_at_their_middle_and_know_its_first_30_ms() -> None:
    segments = [("SIL", 0, 800), ("a", 800, 1600), ("s", 1600, 2400)]
    frames = 1 + (2400 - WINDOW_SAMPLES) // FRAME_SAMPLES
    labels = label_frames(segments, frames, "es")
    table = phone_table("es")
    middles = np.arange(frames) * FRAME_SAMPLES + WINDOW_SAMPLES // 2
    for label, middle in zip(labels.tolist(), middles.tolist(), strict=True):
        phone = "SIL" if middle < 800 else "a" if middle < 1600 else "s"
        assert table[(label + 1) // 2] == phone
        if phone != "SIL":
            assert (label % 2 == 0) == (middle % 800 >= 240)
