"""What every synthesizer must do, whatever engine is behind it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Protocol, cast

import numpy as np
import pytest

from voice.errors import VoiceError
from voice.speech.espeak import EspeakSynthesizer
from voice.speech.pyttsx3_engine import Pyttsx3Synthesizer
from voice.speech.seam import Synthesizer, Voice

TEXTS = {
    "es": ("Hola, ¿en qué puedo ayudarle?", "Su pedido llega mañana.", "Ñandú, pingüino y corazón: 3 cosas."),
    "en": ("Hello, how may I help you?", "Your order arrives tomorrow.", "It's the caller's 3rd question."),
}


class Closing(Protocol):
    """What the seam asks of an iterator besides its type."""

    def close(self) -> None: ...


@pytest.fixture(scope="module", params=["espeak", pytest.param("pyttsx3", marks=pytest.mark.slow)])
def engine(request: pytest.FixtureRequest) -> Iterator[Synthesizer]:
    if request.param == "espeak":
        yield EspeakSynthesizer()
    else:
        worker = Pyttsx3Synthesizer()
        yield worker
        worker.close()


def say(engine: Synthesizer, text: str, lang: str = "es", name: str = "") -> bytes:
    return b"".join(engine.stream(text, Voice(lang, name)))


def test_has_a_name_for_logs_and_the_cache(engine: Synthesizer) -> None:
    assert engine.name.isidentifier()


@pytest.mark.parametrize("lang", ["es", "en"])
def test_has_voices_and_speaks_with_the_first_few(engine: Synthesizer, lang: str) -> None:
    voices = engine.voices(lang)
    assert voices
    for name in voices[:3]:
        assert say(engine, TEXTS[lang][0], lang, name)


def test_has_no_voice_for_an_unknown_language(engine: Synthesizer) -> None:
    assert engine.voices("xx") == ()
    with pytest.raises(VoiceError):
        say(engine, "hola", "xx")


@pytest.mark.parametrize("lang", ["es", "en"])
def test_gives_whole_samples_of_speech_at_8_khz(engine: Synthesizer, lang: str) -> None:
    for text in TEXTS[lang]:
        pieces = list(engine.stream(text, Voice(lang)))
        assert all(piece and len(piece) % 2 == 0 for piece in pieces)
        ms = sum(map(len, pieces)) / 16
        assert 40 < ms / len(text) < 130, "speech takes 50 to 110 ms a letter"


@pytest.mark.parametrize("lang", ["es", "en"])
def test_speech_is_level_trimmed_and_never_clips(engine: Synthesizer, lang: str) -> None:
    audio = np.frombuffer(say(engine, TEXTS[lang][0], lang), "<i2").astype(np.float64)
    loud = np.flatnonzero(np.abs(audio) > 131)
    assert loud[0] <= 60 * 8
    assert len(audio) - loud[-1] <= 60 * 8
    assert -24 < 20 * np.log10(np.sqrt((audio**2).mean()) / 32768) < -17
    assert np.abs(audio).max() <= 30000


@pytest.mark.parametrize("text", ["", "   ", "...", "¡!", "\0", "\n\t"])
def test_nothing_to_say_is_no_audio_and_no_error(engine: Synthesizer, text: str) -> None:
    assert say(engine, text) == b""


@pytest.mark.parametrize(
    "text", ["hola\0adiós", "a\x1bb\x07c", "<speak>hola</speak> [[h'oUla]] & más", "emoji 😀 y 漢字"]
)
def test_odd_text_is_spoken_and_breaks_nothing(engine: Synthesizer, text: str) -> None:
    assert say(engine, text)
    assert say(engine, TEXTS["es"][0])


def test_text_after_a_control_character_is_spoken_too(engine: Synthesizer) -> None:
    assert len(say(engine, "hola\0adiós amigos")) > 1.5 * len(say(engine, "hola"))


def test_a_wrong_voice_is_an_error_that_names_it(engine: Synthesizer) -> None:
    with pytest.raises(VoiceError, match="no-such-voice"):
        say(engine, "hola", "es", "no-such-voice")
    assert say(engine, "hola")


def test_a_long_text_is_spoken_whole_and_in_pieces(engine: Synthesizer) -> None:
    sentence = "Esta es una frase que se repite muchas veces"
    text = f"{sentence}. " * 12
    pieces = list(engine.stream(text, Voice("es")))
    assert len(pieces) >= 12
    assert sum(map(len, pieces)) > 11 * len(say(engine, sentence))


def test_a_text_without_any_pause_is_spoken(engine: Synthesizer) -> None:
    assert len(say(engine, "palabra " * 200)) > 60 * 16000


def test_closing_the_iterator_ends_it_and_leaves_the_engine_usable(engine: Synthesizer) -> None:
    for _ in range(3):
        stream = engine.stream("Una frase. Otra frase. " * 20, Voice("es"))
        next(stream)
        cast(Closing, stream).close()
        assert list(stream) == []
    assert say(engine, TEXTS["en"][0], "en")


def test_many_threads_may_speak_at_once(engine: Synthesizer) -> None:
    """espeak-ng itself crashes here: engines serialise."""
    lengths: dict[tuple[str, int, int], int] = {}

    def work(lang: str, index: int) -> None:
        for turn in range(3):
            lengths[lang, index, turn] = len(say(engine, TEXTS[lang][index], lang))

    threads = [threading.Thread(target=work, args=(lang, i)) for lang in TEXTS for i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lengths) == 18
    for (lang, index, _), length in lengths.items():
        assert abs(length - len(say(engine, TEXTS[lang][index], lang))) <= 20 * 16
