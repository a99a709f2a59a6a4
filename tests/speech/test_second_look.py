"""Paraphrases of a menu's phrases, heard at the second look."""

from __future__ import annotations

from typing import Any

import pytest

from voice.model import Transcript, Word
from voice.speech.seam import Grammar
from voice.speech.second_look import (
    ASKED_ABOUT,
    CLEAR,
    MOST_BYTES,
    DigitsLookStream,
    SecondLookStream,
    digit_share,
    familiarity,
)
from voice.speech.vosk_engine import VoskRecognizer

PHRASES = ("con un operador por favor", "quiero saber mi saldo", "una factura")


class Look:
    """A stream that hears what it is told to."""

    def __init__(self, text: str, confidence: float = 0.8, heard: bool = True) -> None:
        words = tuple(Word(word, 0, 100, confidence) for word in text.split())
        self.transcript = Transcript(text, confidence, words)
        self.heard = list(words) or ([Word("[unk]", 0, 400, 0.5)] if heard else [])
        self.fed = 0
        self.closed = 0

    def feed(self, pcm: bytes) -> Transcript | None:
        self.fed += len(pcm)
        return None

    def finish(self) -> Transcript:
        return self.transcript

    def close(self) -> None:
        self.closed += 1


def looked(first: Look, second: Look, audio: int = 32_000) -> Transcript:
    stream = SecondLookStream(first, lambda: second, PHRASES)
    for _ in range(audio // 1600):
        stream.feed(bytes(1600))
    found = stream.finish()
    stream.close()
    stream.close()
    return found


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        (Look(""), Look("quiero un operador"), "quiero un operador"),
        (Look("una factura"), Look("una factura"), "una factura"),
        (Look("una factura"), Look("la una factura"), "una factura"),
        (Look("una factura"), Look("quiero saber"), "quiero saber"),
        (Look("una factura"), Look("quiero saber", 0.5), "una factura"),
        (Look("factura"), Look("quiero saber"), "factura"),
        (Look(""), Look("quiero un", 0.1), ""),
        (Look(""), Look("operador"), ""),
        (Look("", heard=False), Look("quiero un operador"), ""),
    ],
)
def test_a_second_look_is_taken_only_when_it_is_needed_and_believed(
    first: Look, second: Look, text: str
) -> None:
    assert looked(first, second).text == text
    assert second.closed == (second.fed > 0)
    assert first.closed


def test_the_second_look_gets_the_same_audio_and_a_story_gets_none() -> None:
    second = Look("quiero un operador")
    looked(Look(""), second, 32_000)
    assert second.fed == 32_000
    second = Look("quiero un operador")
    assert looked(Look(""), second, MOST_BYTES + 1600).text == ""
    assert not second.fed


def test_a_paraphrase_is_heard_by_its_words_where_it_may_be(tmp_path: Any, speech: Any) -> None:
    recognizer = VoskRecognizer(cache=tmp_path, languages=("es",))
    recognizer.prepare("es", PHRASES)
    pcm = speech("quiero un operador", "es")

    def heard(loose: bool, phrases: tuple[str, ...] = PHRASES) -> Transcript:
        stream = recognizer.open(Grammar("es", phrases, loose=loose))
        stream.feed(pcm)
        found = stream.finish()
        stream.close()
        return found

    assert heard(loose=False).text == ""
    assert heard(loose=True).text == "quiero un operador"
    assert heard(loose=True).confidence >= CLEAR, "or it would not be acted on"
    assert heard(loose=True, phrases=("nada de esto",)) == heard(loose=False, phrases=("nada de esto",))


def test_a_phrase_that_the_words_do_not_bear_out_is_less_sure() -> None:
    assert looked(Look("una factura"), Look("una factura", 0.1)).confidence == 0.8
    doubtful = looked(Look("una factura"), Look("voy al cine", 0.1))
    assert doubtful.text == "una factura"
    assert doubtful.confidence < 0.6
    assert looked(Look("una factura"), Look("")).confidence == pytest.approx(0.48)


def test_a_phrase_is_as_sure_as_the_words_that_bear_it_out() -> None:
    found = looked(Look("quiero saber mi saldo", 0.3), Look("quiero saber saldo", 0.9))
    assert found.text == "quiero saber mi saldo"
    assert 0.75 < found.confidence < 0.9, "less by what differs"


@pytest.mark.parametrize(
    ("text", "confidence", "sure"),
    [
        ("quiero una factura", 0.9, 0.9),  # all but one of its joints are those of a phrase
        ("factura quiero operador", 0.9, ASKED_ABOUT),
        ("factura quiero operador", 0.5, 0.5),
        ("factura quiero operador", 0.97, 0.97),  # heard beyond doubt
    ],
)
def test_words_joined_as_in_no_phrase_are_asked_about(text: str, confidence: float, sure: float) -> None:
    found = looked(Look(""), Look(text, confidence))
    assert (found.text, found.confidence) == (text, sure)


def test_familiar_is_what_is_joined_as_phrases_are() -> None:
    assert all(familiarity(phrase.split(), PHRASES) == 1.0 for phrase in PHRASES)
    assert familiarity(["quiero", "saber", "una", "factura"], PHRASES) == 0.8
    assert familiarity(["nada"], PHRASES) == familiarity([], PHRASES) == 0.0


def digits_looked(first: Look, second: Look, lang: str = "es") -> tuple[Transcript, bool]:
    opened = []

    def again() -> Look:
        opened.append(second)
        return second

    stream = DigitsLookStream(first, again, lang)
    stream.feed(bytes(16_000))
    found = stream.finish()
    assert all(look.fed == 16_000 and look.closed for look in opened)
    return found, bool(opened)


@pytest.mark.parametrize(
    ("lang", "first", "second", "confidence"),
    [
        ("es", Look("siete uno doble siete"), Look("siete al al agosto"), 0.2),
        ("es", Look("tres cero"), Look("elena"), 0.0),
        ("es", Look("tres cero"), Look(""), 0.0),
        ("es", Look("siete dos"), Look("setenta y dos"), 0.8),
        ("en", Look("four eight two"), Look("forty two"), 0.8),
        ("en", Look("two oh four"), Look("to o for"), 0.8),
    ],
)
def test_digits_that_by_all_words_are_other_words_are_not_believed(
    lang: str, first: Look, second: Look, confidence: float
) -> None:
    found, looked_again = digits_looked(first, second, lang)
    assert looked_again
    assert found.text == first.transcript.text
    assert found.confidence == pytest.approx(confidence)


@pytest.mark.parametrize(
    "first", [Look("siete uno dos", 0.99), Look("no lo tengo"), Look("un agente uno"), Look("", heard=False)]
)
def test_sure_digits_and_what_is_no_digits_are_not_looked_at_again(first: Look) -> None:
    found, looked_again = digits_looked(first, Look("elena"))
    assert not looked_again
    assert found == first.transcript


def test_the_share_of_digits_is_by_time() -> None:
    words = [Word("dos", 0, 300, 0.5), Word("mayo", 300, 400, 0.5)]
    assert digit_share(words, "es") == pytest.approx(0.75)
    assert digit_share([], "es") == 0.0
