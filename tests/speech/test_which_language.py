"""A caller who speaks another of the line's languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from voice.model import Transcript, Word
from voice.speech.other_language import OtherLanguageStream, Tongue
from voice.speech.seam import Grammar
from voice.speech.second_look import MOST_BYTES
from voice.speech.vosk_engine import VoskRecognizer

PHRASES = {
    "es": ("quiero saber mi saldo", "con una persona por favor", "sí", "hola"),
    "en": ("i want to check my balance", "a person please", "yes", "hello"),
}


class Hears:
    """A stream that hears what it is told to."""

    def __init__(self, text: str, confidence: float, lang: str) -> None:
        self.transcript = Transcript(text, confidence, lang=lang)
        self.heard = [Word("[unk]", 0, 400, 0.5)]
        self.fed = self.closed = 0

    def feed(self, pcm: bytes) -> Transcript | None:
        self.fed += len(pcm)
        return None

    def finish(self) -> Transcript:
        return self.transcript

    def close(self) -> None:
        self.closed += 1


def taken(first: Hears, other: Hears, audio: int = 32_000) -> Transcript:
    stream = OtherLanguageStream(first, PHRASES["es"], (Tongue(PHRASES["en"], lambda: other),))
    for _ in range(audio // 1600):
        stream.feed(bytes(1600))
    found = stream.finish()
    stream.close()
    assert first.closed
    return found


@pytest.mark.parametrize(
    ("first", "other", "lang"),
    [
        (("", 0.0), ("a person please", 0.7), "en"),
        (("hola quiero", 0.9), ("a person please", 0.7), "en"),  # words in any order against a phrase
        (("quiero saber mi saldo", 0.4), ("a person please", 0.7), "en"),
        (("quiero saber mi saldo", 0.8), ("a person please", 1.0), "es"),
        (("", 0.0), ("a person please", 0.5), "es"),
        (("", 0.0), ("a person want", 0.92), "en"),
        (("hola quiero", 0.8), ("a person want", 0.92), "es"),  # words in any order against others
        (("", 0.0), ("hello", 0.97), "en"),
        (("", 0.0), ("hello", 0.9), "es"),
        (("hola", 0.3), ("hello", 0.97), "es"),
        (("", 0.0), ("person", 0.97), "es"),
        (("", 0.0), ("", 0.0), "es"),
    ],
)
def test_what_tells_a_language(first: tuple[str, float], other: tuple[str, float], lang: str) -> None:
    assert taken(Hears(*first, "es"), Hears(*other, "en")).lang == lang


def test_the_other_language_is_heard_only_where_the_first_is_not_plain() -> None:
    other = Hears("a person please", 1.0, "en")
    assert taken(Hears("quiero saber mi saldo", 0.8, "es"), other).lang == "es"
    assert not other.fed
    assert taken(Hears("", 0.0, "es"), other, MOST_BYTES + 1600).lang == "es", "a story is no wish"
    assert not other.fed
    assert taken(Hears("", 0.0, "es"), other).lang == "en"
    assert (other.fed, other.closed) == (32_000, 1)


def test_nothing_is_heard_twice_in_silence() -> None:
    first, other = Hears("", 0.0, "es"), Hears("a person please", 1.0, "en")
    first.heard = []
    assert taken(first, other).lang == "es"
    assert not other.fed


@pytest.fixture(scope="module")
def recognizer(tmp_path_factory: pytest.TempPathFactory) -> VoskRecognizer:
    made = VoskRecognizer(cache=tmp_path_factory.mktemp("vocabulary"))
    for lang, phrases in PHRASES.items():
        made.prepare(lang, phrases)
    return made


@pytest.mark.parametrize(
    ("spoken", "text"),
    [
        ("es", "quiero saber mi saldo"),
        ("en", "i want to check my balance"),
        ("es", "con una persona por favor"),
        ("en", "a person please"),
    ],
)
@pytest.mark.parametrize("line", ["es", "en"])
def test_a_caller_is_heard_in_their_own_language(
    recognizer: VoskRecognizer, speech: Any, line: str, spoken: str, text: str
) -> None:
    other = "en" if line == "es" else "es"
    stream = recognizer.open(Grammar(line, PHRASES[line], loose=True, others=((other, PHRASES[other]),)))
    stream.feed(speech(text, spoken))
    found = stream.finish()
    stream.close()
    assert (found.lang, found.text) == (spoken, text)


def test_a_language_that_has_no_model_is_left_out(tmp_path: Path, speech: Any) -> None:
    spanish = VoskRecognizer(cache=tmp_path, languages=("es",))
    spanish.prepare("es", PHRASES["es"])
    stream = spanish.open(Grammar("es", PHRASES["es"], loose=True, others=(("en", PHRASES["en"]),)))
    stream.feed(speech("quiero saber mi saldo", "es"))
    assert stream.finish().text == "quiero saber mi saldo"
    stream.close()
