from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.speech.phrases import _distance, _least, repaired

PHRASES = ("sí por favor", "no gracias", "quiero un agente", "quiero mi saldo")


def test_a_word_hardly_believed_gives_way_to_the_one_phrase_that_fits() -> None:
    mended = repaired([("please", 0.3), ("por", 1.0), ("favor", 1.0)], PHRASES)
    assert mended is not None
    assert mended[0] == "sí por favor"
    assert 0.6 < mended[1] < 0.7


def test_a_word_that_was_believed_stays() -> None:
    assert repaired([("please", 0.9), ("por", 1.0), ("favor", 1.0)], PHRASES) is None


def test_two_phrases_that_would_do_are_none() -> None:
    assert repaired([("quiero", 1.0), ("una", 0.2)], ("quiero agente", "quiero saldo")) is None


def test_nothing_heard_is_nothing() -> None:
    assert repaired([], PHRASES) is None
    assert repaired([("hola", 0.1)], ()) is None


WORDS = st.sampled_from(["sí", "no", "por", "favor", "quiero", "un", "mi", "agente", "saldo", "hola"])
HEARD = st.lists(st.tuples(WORDS, st.floats(0, 1)), max_size=6)


@settings(max_examples=150, deadline=None)
@given(HEARD)
def test_it_is_a_phrase_of_the_list_with_a_confidence(heard: list[tuple[str, float]]) -> None:
    mended = repaired(heard, PHRASES)
    if mended is not None:
        assert mended[0] in PHRASES
        assert 0.0 <= mended[1] <= 1.0


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(PHRASES), st.floats(0.7, 1))
def test_a_phrase_heard_whole_is_itself(phrase: str, confidence: float) -> None:
    mended = repaired([(word, confidence) for word in phrase.split()], PHRASES)
    assert mended is not None
    assert mended[0] == phrase


@settings(max_examples=200, deadline=None)
@given(HEARD, st.lists(st.lists(WORDS, min_size=1, max_size=4).map(" ".join), max_size=6))
def test_phrases_that_are_far_off_are_left_out_and_change_nothing(
    heard: list[tuple[str, float]], phrases: list[str]
) -> None:
    for phrase in phrases:
        assert _least(heard, phrase.split()) <= _distance(heard, phrase.split()) + 1e-9


def test_far_phrases_cost_next_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def distance(heard: object, wanted: list[str]) -> float:
        compared.append(wanted)
        return 0.0

    monkeypatch.setattr("voice.speech.phrases._distance", distance)
    menu = [f"quiero la opción {n} por favor" for n in range(700)]
    repaired([("buenas", 0.9), ("tardes", 0.9), ("opción", 0.9)], [*menu, "buenas tardes opción"])
    assert compared == [["buenas", "tardes", "opción"]]
