"""A turn that noise began must cost no more than one that a caller began: other callers wait behind it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from voice.model import SAMPLE_RATE
from voice.speech.seam import Grammar
from voice.speech.vosk_engine import VoskRecognizer

SECONDS = 30
STORIES = {
    "es": (
        "mañana iremos al mercado a comprar tomates y pimientos para la cena",
        "el tren de las ocho llegó con retraso porque nevaba en la sierra",
        "mi hermana trabaja en un taller de bicicletas cerca del puerto",
        "dicen que el domingo habrá tormenta y que suspenden el partido",
    ),
    "en": (
        "tomorrow we will walk to the market and buy tomatoes for dinner",
        "the evening train was late because of snow in the mountains",
        "my sister works at a bicycle shop not far from the harbour",
        "they say there will be a storm on sunday and no football",
    ),
}


def talking(speech: Any, lang: str) -> bytes:
    """Four people talking at once without a pause."""
    whole = np.zeros(SECONDS * SAMPLE_RATE)
    for number, rate in enumerate((130, 150, 170, 190)):
        told = b"".join(speech(text, lang, rate, 0, 0) for text in STORIES[lang])
        voice = np.frombuffer(told, "<i2").astype(float)
        whole += np.resize(np.roll(voice, 7000 * number), len(whole))
    return (whole / 3).clip(-32768, 32767).astype("<i2").tobytes()


@pytest.mark.parametrize("lang", ["es", "en"])
def test_half_a_minute_of_people_talking_is_decoded_like_any_speech(speech: Any, lang: str) -> None:
    # With Kaldi's usual determinization, while somebody speaks and by phones, this takes minutes.
    pcm = talking(speech, lang)
    stream = VoskRecognizer(languages=(lang,)).open(Grammar(lang, digits=True))
    for start in range(0, len(pcm), 3200):
        stream.feed(pcm[start : start + 3200])
    heard = stream.finish()
    stream.close()
    assert heard.final
    assert len(heard.words) < 5 * SECONDS
