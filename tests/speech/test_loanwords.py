"""English words on a Spanish line are listened for as they are spelled and as they are said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.speech.lexicon import pronounce
from voice.speech.loanwords import by_spanish_ears, looks_english
from voice.speech.phones import PHONES


@pytest.mark.parametrize("word", ["wifi", "bluetooth", "skinny", "whatsapp", "club", "x-ray", "spotify"])
def test_what_spanish_does_not_write_is_english(word: str) -> None:
    assert looks_english(word)


@pytest.mark.parametrize(
    "word", ["leer", "cooperar", "perro", "llamar", "acción", "innovar", "muy", "reloj", "david", "cheque"]
)
def test_spanish_words_stay_spanish(word: str) -> None:
    assert not looks_english(word)


def test_both_ways_are_known() -> None:
    ways = pronounce(["wifi", "bluetooth"], "es")
    assert set(ways["wifi"]) == {tuple("wifi"), ("w", "a", "j", "f", "a", "j")}
    assert {("b", "l", "u", "t", "u", "t")} < set(ways["bluetooth"])
    assert pronounce(["wifi"], "en")["wifi"][0][:2] == ("W", "AY")


@given(st.lists(st.sampled_from(PHONES["en"])))
def test_every_english_sound_has_a_spanish_one(phones: list[str]) -> None:
    assert set(by_spanish_ears(phones)) <= set(PHONES["es"])
