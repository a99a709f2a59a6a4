"""English digits, letters, yes and no have phones of their own; all other words share the language's."""

from __future__ import annotations

import pytest

from voice.speech.lexicon import pronounce
from voice.speech.phones import PHONES
from voice.speech.phrases import digit_words
from voice.speech.whole_words import MODEL_PHONES, own_phones, sound_of


def test_every_english_digit_is_pronounced_in_phones_of_its_own() -> None:
    for word, ways in pronounce(digit_words("en"), "en").items():
        assert any(all(phone.endswith(f"/{word}") for phone in way) for way in ways), word


@pytest.mark.parametrize(("lang", "word"), [("en", "balance"), ("es", "saldo"), ("en", "the"), ("es", "dos")])
def test_any_other_word_has_only_the_sounds_of_the_language(lang: str, word: str) -> None:
    assert all(set(way) <= set(PHONES[lang]) for way in pronounce([word], lang)[word])


@pytest.mark.parametrize("lang", ["en", "es"])
def test_phones_of_words_sound_like_phones_of_the_language_and_stand_once(lang: str) -> None:
    assert {sound_of(phone) for phone in MODEL_PHONES[lang]} == set(PHONES[lang])
    assert len(set(MODEL_PHONES[lang])) == len(MODEL_PHONES[lang])
    assert MODEL_PHONES[lang][: len(PHONES[lang])] == PHONES[lang]


def test_a_sound_that_a_word_has_not_for_itself_stays_the_languages() -> None:
    assert own_phones("zero", ("Z", "IY", "R", "OW"), "en") == ("Z/zero", "IY", "R/zero", "OW/zero")
