"""What leaves open when, in words that are written in any way."""

from __future__ import annotations

import pytest

from voice.dialogue.accounts import matter_told
from voice.dialogue.open_when import period_in, without_when


@pytest.mark.parametrize(
    ("lang", "text", "rest"),
    [
        ("en", "my wi-fi asap", "my wi fi"),
        ("en", "a hands-free phone, as soon-as possible!", "a hands free phone"),
        ("es", "el e-mail ... cuanto antes", "el e mail"),
    ],
)
def test_words_with_a_hyphen_end(lang: str, text: str, rest: str) -> None:
    """Not normalised, they are more words than they look: the search went on for ever."""
    assert without_when(text, lang) == rest


def test_a_period_stands_where_it_was_said() -> None:
    assert period_in("my wi-fi, next week!", "en") == "next week"
    assert period_in("el wi-fi la próxima semana", "es") == "la próxima semana"


def test_what_is_told_keeps_its_hyphens() -> None:
    assert matter_told("I would like to report: a broken wi-fi spot", "en") == "a broken wi-fi spot"
