"""The sounds of a synthetic sentence are given to the words that have phones of their own."""

from __future__ import annotations

import pytest

from tools.acoustic_model.words_found import with_own_phones


def timed(phones: str) -> list[tuple[str, int, int]]:
    return [(phone, 80 * at, 80 * at + 80) for at, phone in enumerate(phones.split())]


@pytest.mark.parametrize(
    ("lang", "text", "said", "found"),
    [
        ("es", "dos", "SIL d o s SIL", "SIL d o s SIL"),
        ("en", "two", "SIL T UW SIL", "SIL T/two UW/two SIL"),
        # two sounds run into one: what is left is still shared out
        ("en", "six six", "S IH K S IH K S", "S/six IH/six K/six S/six IH/six K/six S/six"),
        ("en", "a call for five", "AH K AO R F AO F AY V", "AH K AO R F AO F/five AY/five V/five"),
        ("en", "b e", "B IY SIL IY", "B/b IY/b SIL IY/e"),
        ("en", "seven", "S EH V M", "S/seven EH/seven V/seven M"),
    ],
)
def test_sounds_are_matched_with_words(lang: str, text: str, said: str, found: str) -> None:
    segments = with_own_phones(timed(said), text, lang)
    assert " ".join(phone for phone, _, _ in segments) == found
    assert [item[1:] for item in segments] == [item[1:] for item in timed(said)]
