"""The figures of a recognition test are right for cases worked out by hand, and consistent for others."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.hearing.scoring import (
    Scored,
    exact_share,
    rejection,
    score,
    wilson,
    word_error_rate,
    word_errors,
)

words = st.lists(st.sampled_from("abcd"), max_size=8)
confidences = st.lists(st.floats(0, 1), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [
        ("one two three", "one two three", 0),
        ("one two three", "one three", 1),  # a deletion
        ("one two three", "one two two three", 1),  # an insertion
        ("one two three", "one six three", 1),  # a substitution
        ("one two", "", 2),
        ("", "one", 1),
        ("p g h", "h p g", 2),
    ],
)
def test_word_errors(said: str, heard: str, errors: int) -> None:
    assert word_errors(said.split(), heard.split()) == errors
    assert score("s", said, heard).exact == (errors == 0)


@settings(max_examples=50, deadline=None)
@given(words, words, words)
def test_word_errors_are_a_distance(a: list[str], b: list[str], c: list[str]) -> None:
    assert word_errors(a, b) == word_errors(b, a)
    assert (word_errors(a, b) == 0) == (a == b)
    assert word_errors(a, c) <= word_errors(a, b) + word_errors(b, c)


def test_wilson_agrees_with_published_values() -> None:
    # R. G. Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29
    for right, n, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        figure = wilson(right, n)
        assert [figure.low, figure.high] == pytest.approx([low, high], abs=1e-4)
        assert figure.value == right / n


def test_nothing_measured_is_no_figure() -> None:
    assert math.isnan(wilson(0, 0).value)
    assert math.isnan(word_error_rate([]).value)
    assert exact_share([]).n == 0


def test_word_error_rate_counts_words_not_utterances() -> None:
    scored = [Scored("ann", 1, 10, False), Scored("ben", 0, 2, True), Scored("ben", 2, 3, False)]
    figure = word_error_rate(scored)
    assert figure.value == pytest.approx(3 / 15)
    assert figure.n == 15
    assert figure.low <= figure.value <= figure.high
    assert word_error_rate(scored) == figure  # the same draws every time


def test_speakers_who_differ_make_the_rate_less_sure() -> None:
    alike = [Scored(f"s{n}", 1, 10, False) for n in range(10)]
    unlike = [Scored(f"s{n}", 5 if n < 2 else 0, 10, n >= 2) for n in range(10)]
    sure, unsure = word_error_rate(alike), word_error_rate(unlike)
    assert sure.value == unsure.value
    assert sure.high - sure.low < unsure.high - unsure.low


def test_the_threshold_gives_away_the_allowed_share_and_no_more() -> None:
    inside = [n / 100 for n in range(1, 101)]
    found = rejection(inside, [0.0, 0.05, 0.06, 0.5], 0.05)
    assert found.threshold == 0.06
    assert found.false_rejected.value == 0.05
    assert found.rejected.value == 0.5


def test_speech_without_words_is_always_rejected() -> None:
    found = rejection([0.0] * 20, [0.0] * 10 + [0.1] * 10, 0.05)
    assert found.rejected.value == 0.5
    assert found.false_rejected.value == 1.0  # nothing inside was heard: that cannot be hidden


@settings(max_examples=50, deadline=None)
@given(confidences, confidences)
def test_no_higher_threshold_would_be_allowed(inside: list[float], outside: list[float]) -> None:
    found = rejection(inside, outside, 0.05)
    heard = [one for one in inside if one > 0]
    if len(inside) - len(heard) <= 0.05 * len(inside):
        assert found.false_rejected.value <= 0.05
        higher = math.nextafter(found.threshold, 2)
        assert sum(one < higher for one in inside) > 0.05 * len(inside)
