"""Where a number is read back, a "no" may go on with the right one; a yes or no alone is still heard."""

from __future__ import annotations

from typing import Any

import pytest

from voice.speech import kinds
from voice.speech.seam import Grammar
from voice.speech.vosk_engine import VoskRecognizer

ANSWERS = {
    "es": ("sí", "no", "correcto", "sí correcto", "no es correcto", "quiero hablar con una persona"),
    "en": ("yes", "no", "correct", "that's right", "that's wrong", "i want to speak to a person"),
}
AGAIN = {
    "es": ("no siete cuatro cero uno", "no seis seis dos nueve ocho"),
    "en": ("no seven four zero one", "no six six two nine eight"),
}


@pytest.mark.parametrize("lang", ["es", "en"])
def test_the_number_may_follow_and_nothing_is_taken_for_it(speech: Any, lang: str) -> None:
    recognizer = VoskRecognizer(languages=(lang,))
    recognizer.prepare(lang, ANSWERS[lang])
    grammar = Grammar(lang, ANSWERS[lang], kinds=(kinds.DIGITS,))
    for text in (*ANSWERS[lang], *AGAIN[lang]):
        stream = recognizer.open(grammar)
        stream.feed(speech(text, lang))
        heard = stream.finish()
        stream.close()
        assert heard.text == text
        assert heard.confidence > 0.5
