"""What is said around a number, a day or a spelled name is heard, and is no part of the answer."""

from __future__ import annotations

from typing import Any

import pytest

from voice.model import LANGUAGES
from voice.speech import builtin, kinds, lead_ins
from voice.speech.compiled import without_fillers
from voice.speech.fillers import fillers
from voice.speech.graph import phrase_of
from voice.speech.seam import Grammar
from voice.speech.vosk_engine import VoskRecognizer


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_built_in_models_know_them_all(lang: str) -> None:
    known = builtin.read_labels(builtin.base(lang))
    assert set(lead_ins.labels(lang)) <= known
    words = {word for label in lead_ins.labels(lang) for word in (phrase_of(label) or "").split()}
    assert words <= builtin.base_words(lang)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", kinds.KINDS)
def test_they_stand_around_words_of_their_kind(lang: str, kind: str) -> None:
    made = kinds.sentences(lang, kind)
    inside = {word for sentence in made for word in sentence.split()}
    for sentence in lead_ins.around(lang, kind, made):
        first, second = sentence.split()
        around, item = (first, second) if first.startswith(lead_ins.BEFORE) else (second, first)
        assert around in lead_ins.labels(lang)
        assert item in inside


def test_an_answer_is_left_without_them() -> None:
    assert without_fillers(["+es_el", "uno", "~por_favor"], fillers("es")) == ["uno"]
    assert without_fillers(["+es_el"], fillers("es")) == ["+es_el"]
    assert phrase_of("+es_el") == "es el"
    assert phrase_of("~please") == "please"
    assert lead_ins.words_of("es") is None


SAID = [
    ("es", "es el uno dos tres cuatro", "uno dos tres cuatro", True, ()),
    ("es", "mi número es el cinco cinco siete ocho", "cinco cinco siete ocho", True, ()),
    ("es", "son treinta euros", "treinta euros", False, (kinds.NUMBERS,)),
    ("es", "para el martes por favor", "el martes", False, (kinds.DATES,)),
    ("en", "the number is one two three four", "one two three four", True, ()),
    ("en", "my number is five five seven eight", "five five seven eight", True, ()),
    ("en", "it's thirty euros", "thirty euros", False, (kinds.NUMBERS,)),
    ("en", "for saturday please", "saturday", False, (kinds.DATES,)),
    ("en", "six one two six", "six one two six", True, ()),
]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_answers_in_whole_sentences_are_heard(speech: Any, lang: str) -> None:
    recognizer = VoskRecognizer(languages=(lang,))
    phrases = ({"es": "no lo sé", "en": "i don't know"}[lang],)
    recognizer.prepare(lang, phrases)
    for of, said, heard, digits, made_of in SAID:
        if of == lang:
            stream = recognizer.open(Grammar(lang, phrases, digits, made_of))
            stream.feed(speech(said, lang))
            result = stream.finish()
            stream.close()
            assert result.text.removeprefix("el ") == heard.removeprefix("el "), said
            assert result.confidence > 0.6, said


READ_BACK = {
    "es": (("sí", "no", "eso está mal"), ("no", "sí", "no el dieciséis", "no el lunes por la tarde")),
    "en": (("yes", "no", "no that is wrong", "no ma'am"), ("no", "yes", "no the sixteenth", "no on friday")),
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_no_to_a_day_is_no_day_and_may_have_the_right_one_after_it(speech: Any, lang: str) -> None:
    phrases, said = READ_BACK[lang]
    recognizer = VoskRecognizer(languages=(lang,))
    recognizer.prepare(lang, phrases)
    for text in said:
        stream = recognizer.open(Grammar(lang, phrases, kinds=(kinds.DATES,)))
        stream.feed(speech(text, lang))
        assert stream.finish().text == text
        stream.close()
