"""Requests for the other language, in its own sounds, on a line that listens in this one."""

from __future__ import annotations

from typing import Any

import pytest

from voice.dialogue.wishes import wants_language
from voice.languages import language
from voice.speech.seam import Grammar
from voice.speech.vosk_engine import VoskRecognizer


@pytest.mark.parametrize(
    ("line", "other", "said"),
    [
        ("en", "es", ("¿habla español?", "hola, ¿habla español?", "en español, por favor")),
        ("es", "en", ("do you speak english?", "hello, do you speak english?", "english please")),
    ],
)
def test_the_other_language_is_heard(
    line: str, other: str, said: tuple[str, ...], speech: Any, tmp_path: Any
) -> None:
    wanted = tuple(language(line).normalise(text) for text in said)
    assert set(wanted) <= set(language(other).switch_phrases)
    phrases = (*wanted, *language(line).wait_phrases[:8])
    recognizer = VoskRecognizer(cache=tmp_path, languages=(line,))
    recognizer.prepare(line, phrases)
    for text in said:
        stream = recognizer.open(Grammar(line, phrases))
        stream.feed(speech(text, other))
        heard = stream.finish().text
        stream.close()
        assert wants_language(heard) == other, (text, heard)
