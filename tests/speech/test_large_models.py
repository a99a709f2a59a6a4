"""With a large model free answers are dictation, and closed ones still have their grammar."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.speech.model_folders import with_fixed_graph, with_graph_lookahead
from voice.dialogue.flow import AskStep
from voice.dialogue.listening import ask_expect
from voice.dialogue.loader import load_business
from voice.model import Transcript
from voice.settings import Settings, SpeechSettings
from voice.speech.seam import Grammar
from voice.speech.vosk_engine import VoskRecognizer

# words of the built-in models that no phrase below holds together
SAID = {"es": "mañana cuatro no factura", "en": "tomorrow four no bill"}
ANSWERS = {"es": ("sí", "no", "factura"), "en": ("yes", "no", "bill")}
DIGITS = {"es": "cinco cero nueve dos", "en": "five zero nine two"}


def hear(recognizer: VoskRecognizer, grammar: Grammar, pcm: bytes) -> Transcript:
    stream = recognizer.open(grammar)
    stream.feed(pcm)
    heard = stream.finish()
    stream.close()
    return heard


def other_words(heard: Transcript, lang: str) -> set[str]:
    """What was heard beside the words that are expected as closed answers."""
    return set(heard.text.split()) - set(ANSWERS[lang])


def step(kind: str) -> AskStep:
    both = {"es": "Dígame", "en": "Tell me"}
    return AskStep.model_validate(
        {
            "type": "ask",
            "slot": "it",
            "kind": kind,
            "label": both,
            "prompt": both,
            "retry": (both,),
            "confirm": "explicit",
        }
    )


@pytest.fixture(scope="module", params=["es", "en"])
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory, lang: str) -> dict[str, Path]:
    made = tmp_path_factory.mktemp("models")
    return {
        "fixed": with_fixed_graph(made / "fixed", lang),
        "small": with_graph_lookahead(made / "small", lang),
    }


@pytest.fixture(scope="module")
def alone(folders: dict[str, Path], lang: str) -> VoskRecognizer:
    return VoskRecognizer({lang: folders["fixed"]}, languages=(lang,))


@pytest.fixture(scope="module")
def pair(folders: dict[str, Path], lang: str) -> VoskRecognizer:
    speech = {f"model_{lang}": str(folders["fixed"]), f"closed_model_{lang}": str(folders["small"])}
    return VoskRecognizer.from_settings(Settings(speech=SpeechSettings(**speech)), (lang,))


def test_only_a_free_answer_is_open(lang: str) -> None:
    flow = load_business("telecom", Path(__file__).parents[2] / "prompts").flow
    for kind in ("text", "digits", "amount", "date"):
        expect = ask_expect(flow, "ask", step(kind), lang, date(2026, 1, 1))
        assert bool(expect.phrases or expect.digits) == (kind != "text"), kind


def test_free_answers_are_dictation_with_either_kind_of_model(
    alone: VoskRecognizer, folders: dict[str, Path], speech: Any, lang: str
) -> None:
    small = VoskRecognizer({lang: folders["small"]}, languages=(lang,))
    for recognizer in (alone, small):
        assert other_words(hear(recognizer, Grammar(lang), speech(SAID[lang], lang)), lang)


def test_a_model_beside_it_gives_closed_answers_their_grammar(
    pair: VoskRecognizer, alone: VoskRecognizer, speech: Any, lang: str
) -> None:
    """The difference of the two models: something else is not taken for words that were not expected."""
    audio = speech(SAID[lang], lang)
    closed = Grammar(lang, ANSWERS[lang])
    assert not other_words(hear(pair, closed, audio), lang)
    assert other_words(hear(alone, closed, audio), lang)
    assert other_words(hear(pair, Grammar(lang), audio), lang)


def test_closed_answers_and_digits_are_heard_in_both_ways(
    pair: VoskRecognizer, alone: VoskRecognizer, speech: Any, lang: str
) -> None:
    for recognizer in (pair, alone):
        for answer in ANSWERS[lang]:
            assert hear(recognizer, Grammar(lang, ANSWERS[lang]), speech(answer, lang)).text == answer
        assert hear(recognizer, Grammar(lang, digits=True), speech(DIGITS[lang], lang)).text == DIGITS[lang]


def test_without_a_grammar_other_words_are_believed_less(
    alone: VoskRecognizer, speech: Any, lang: str
) -> None:
    audio = speech(SAID[lang], lang)
    closed, free = hear(alone, Grammar(lang, ANSWERS[lang]), audio), hear(alone, Grammar(lang), audio)
    assert closed.confidence < free.confidence


def test_words_of_a_flow_are_looked_for_in_the_model_that_will_hear_them(
    pair: VoskRecognizer, lang: str
) -> None:
    assert pair.prepare(lang, (ANSWERS[lang][0], "qzxv")) == ("qzxv",)
