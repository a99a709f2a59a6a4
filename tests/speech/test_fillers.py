"""What callers say while they think is heard as that: it costs no answer, and is no answer."""

from __future__ import annotations

from typing import Any

import pytest

from voice.model import LANGUAGES, Transcript
from voice.speech.compiled import Partials, Vocabulary
from voice.speech.fillers import fillers, without_filler
from voice.speech.graph import ELSE, UNKNOWN
from voice.speech.phones import PHONES
from voice.speech.seam import Grammar
from voice.speech.vosk_engine import VoskRecognizer

MENU = {
    "es": ("mi saldo", "quiero un agente", "hable más alto", "a qué hora cierran", "he perdido el móvil"),
    "en": ("my balance", "i want an agent", "speak up", "what time do you open", "i lost my phone"),
}


@pytest.fixture(scope="module", params=LANGUAGES)
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def recognizer(lang: str) -> VoskRecognizer:
    made = VoskRecognizer(languages=(lang,))
    made.prepare(lang, MENU[lang])
    return made


def hear(recognizer: VoskRecognizer, grammar: Grammar, pcm: bytes) -> Transcript:
    stream = recognizer.open(grammar)
    try:
        stream.feed(pcm)
        return stream.finish()
    finally:
        stream.close()


@pytest.mark.parametrize("number", range(3))
def test_a_phrase_is_heard_after_a_filler(
    recognizer: VoskRecognizer, speech: Any, lang: str, number: int
) -> None:
    filler = {"es": ("e", "em", "bueno"), "en": ("er", "um", "well")}[lang][number]
    grammar = Grammar(lang, MENU[lang])
    for phrase in MENU[lang][:2]:
        final = hear(recognizer, grammar, speech(filler, lang) + speech(phrase, lang))
        assert final.text == phrase
        plain = hear(recognizer, grammar, speech(phrase, lang))
        assert final.confidence >= plain.confidence - 0.15


def test_digits_are_heard_around_a_filler(recognizer: VoskRecognizer, speech: Any, lang: str) -> None:
    first, last = {"es": ("cinco dos", "siete"), "en": ("five two", "seven")}[lang]
    pcm = speech(first, lang) + speech({"es": "em", "en": "um"}[lang], lang) + speech(last, lang)
    assert hear(recognizer, Grammar(lang, digits=True), pcm).text == f"{first} {last}"


def test_a_filler_alone_is_what_was_said(recognizer: VoskRecognizer, speech: Any, lang: str) -> None:
    final = hear(recognizer, Grammar(lang, MENU[lang]), speech({"es": "em", "en": "um"}[lang], lang))
    assert final.text in fillers(lang).sounds


def test_every_filler_can_be_said() -> None:
    for lang in LANGUAGES:
        for name, ways in fillers(lang).all.items():
            assert name
            assert all(way and set(way) <= set(PHONES[lang]) for way in ways)
        assert fillers(lang).pauses < fillers(lang).labels


def test_phrases_lose_the_filler_they_begin_with() -> None:
    assert without_filler("bueno sí", "es") == "sí"
    assert without_filler("a ver mi saldo", "es") == "mi saldo"
    assert without_filler("bueno", "es") == "bueno"
    assert without_filler("solo quiero", "es") == "solo quiero"
    assert without_filler("some time", "en") == "some time"


def vocabulary(*phrases: str) -> Vocabulary:
    okay, yes = frozenset({("OW", "K", "EY"), ("K", "EY")}), frozenset({("Y", "EH", "S")})
    sounds = {"ok": okay, "okay": okay, "yes": yes, "um": frozenset({("AH", "M")})}
    return Vocabulary({}, frozenset(phrases), sounds, fillers("en"))


def test_phrases_that_sound_alike_are_one() -> None:
    """Two labels of one sound would be believed half each."""
    phrases = ("yes", "um yes", "ok", "okay")
    said = vocabulary(*phrases).sentences(Grammar("en", phrases))
    alone = [sentence for sentence in said if " " not in sentence]
    assert alone == ["=yes", "=okay", ELSE]
    assert {sentence.split()[0] for sentence in said if " " in sentence} == fillers("en").labels


def test_spelling_keeps_sounds_that_are_letters() -> None:
    letters = set(vocabulary().sentences(Grammar("en", kinds=("letters",))))
    assert not {word for said in letters for word in said.split()} & {"=er", "=hm"}
    assert any("=well" in said.split() for said in letters)


def item(label: str, start: float) -> dict[str, Any]:
    return {"word": label, "start": start, "end": start + 0.4, "conf": 0.9}


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (["=um", "=yes"], ["yes"]),
        (["=yes", "=um"], ["yes"]),
        (["=um"], ["um"]),
        (["=okay", "=um"], ["okay", "um"]),
        ([UNKNOWN, "=um"], [UNKNOWN]),
        ([UNKNOWN, "=okay"], [UNKNOWN, "okay"]),
        ([], []),
    ],
)
def test_fillers_are_no_part_of_what_was_said(labels: list[str], words: list[str]) -> None:
    heard = [item(label, 0.5 * at) for at, label in enumerate(labels)]
    assert [word.text for word in vocabulary("yes").words(heard)] == words


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        ("=um", "um"),
        ("=so", "um"),
        ("=okay", "okay"),
        ("=um five", "five"),
        ("five =um", "five um"),
        ("five =um two", "five two"),
        (f"{ELSE} =um", "um"),
        (ELSE, ""),
    ],
)
def test_a_partial_tells_that_the_caller_is_thinking(labels: str, text: str) -> None:
    assert Partials(vocabulary()).text(labels, 500) == text


def test_a_vocabulary_without_fillers_stays_as_it_was() -> None:
    plain = Vocabulary({}, frozenset({"um yes", "yes"}))
    assert plain.sentences(Grammar("en", ("um yes", "yes"))) == ["=um_yes", "=yes", ELSE]
    assert Partials(plain).text("=um =yes", 500) == "um yes"


def test_a_number_said_after_a_no_is_heard_and_a_plain_answer_stays(
    recognizer: VoskRecognizer, speech: Any, lang: str
) -> None:
    digits = {"es": "cinco ocho siete dos", "en": "five eight seven two"}[lang]
    answers = {"es": ("sí", "no"), "en": ("yes", "no")}[lang]
    recognizer.prepare(lang, answers)
    grammar = Grammar(lang, answers, kinds=("digits",))
    again = speech("no", lang, 150, 300, 100) + speech(digits, lang, 140, 50)
    assert hear(recognizer, grammar, again).text == f"no {digits}"
    for answer in answers:
        assert hear(recognizer, grammar, speech(answer, lang)).text == answer
