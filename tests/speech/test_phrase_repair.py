from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from voice.speech.phrases import repaired

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


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(WORDS, st.floats(0, 1)), max_size=6))
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
