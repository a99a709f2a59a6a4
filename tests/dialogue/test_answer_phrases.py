"""A yes, a no and an option, as callers word them: listed for the recognizer, and read as what they mean."""

from __future__ import annotations

import pytest

from tests.dialogue.conftest import Load
from tests.dialogue.text_caller import Caller, started_at
from voice.dialogue.answer_phrases import SAID_NO, SAID_YES, asked_besides, ways_to_say
from voice.dialogue.flow import AskStep
from voice.dialogue.listening import ask_expect, option_phrases
from voice.dialogue.loader import Business
from voice.events import CallerNotUnderstood, SlotFilled
from voice.languages import language
from voice.model import LANGUAGES
from voice.slots.choices import read_yes_no

CHOICES = (("clinic", "specialty"), ("shop", "reason"), ("municipality", "matter"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_yes_and_no_is_read_so(lang: str) -> None:
    for meant, said in (("yes", SAID_YES[lang]), ("no", SAID_NO[lang])):
        read = {phrase: read_yes_no(phrase, language(lang)) for phrase in said}
        assert [phrase for phrase, value in read.items() if value is None or value[0] != meant] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_they_are_listened_for_where_a_yes_or_no_is_asked_for(telecom: Business, lang: str) -> None:
    expect = Caller(started_at(telecom, "review"), lang).listens()
    meant = dict(zip(expect.phrases, expect.meanings, strict=True))
    assert {meant[phrase] for phrase in SAID_YES[lang]} == {"yes"}
    assert {meant[phrase] for phrase in SAID_NO[lang]} == {"no"}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("template", "step"), CHOICES)
def test_every_way_to_name_an_option_is_listed_and_read(
    line: Load, template: str, step: str, lang: str
) -> None:
    business = line(template)
    asked = business.flow.steps[step]
    assert isinstance(asked, AskStep)
    expect = ask_expect(business.flow, step, asked, lang, Caller(business, lang).dialogue._today())
    meant = dict(zip(expect.phrases, expect.meanings, strict=True))
    for option, said in option_phrases(asked, lang).items():
        ways = {way for phrase in said for way in ways_to_say(phrase, lang)}
        assert {meant[way] for way in ways} == {option}
        for way in sorted(ways)[::6]:
            caller = Caller(started_at(business, step), lang).says(way)
            if not caller.note(SlotFilled):  # asked about
                caller.says({"es": "sí", "en": "yes"}[lang])
            filled = [note.value for note in caller.note(SlotFilled) if isinstance(note, SlotFilled)]
            assert (way, filled[:1]) == (way, [option])
            assert not caller.note(CallerNotUnderstood)


@pytest.mark.parametrize(
    ("lang", "phrase", "ways"),
    [
        ("es", "la talla", {"por la talla", "es la talla", "la talla por favor"}),
        ("es", "dermatólogo", {"con el dermatólogo", "el dermatólogo por favor", "es para el dermatólogo"}),
        ("es", "una obra", {"para una obra", "es por una obra"}),
        ("es", "me queda grande", {"es que me queda grande", "porque me queda grande"}),
        ("en", "dermatologist", {"the dermatologist please", "with the dermatologist"}),
        ("en", "a tooth", {"it's for a tooth", "a tooth please"}),
        ("en", "it is too small", {"it's too small", "because it's too small"}),
        ("en", "it does not fit", {"it doesn't fit"}),
    ],
)
def test_an_option_is_named_in_a_sentence(lang: str, phrase: str, ways: set[str]) -> None:
    assert ways <= set(ways_to_say(phrase, lang))
    assert ways_to_say(phrase, lang)[0] == phrase


@pytest.mark.parametrize(
    ("lang", "example", "asked"),
    [
        ("es", "qué horario tienen", "y qué horario tienen"),
        ("en", "when do you open", "and when do you open"),
    ],
)
def test_a_question_is_put_amid_an_answer(telecom: Business, lang: str, example: str, asked: str) -> None:
    assert asked_besides(example, lang) == (example, asked)
    assert asked_besides("horario", "es") == ("horario",)
    caller = Caller(started_at(telecom, "order_number"), lang)
    phrases = caller.listens().phrases
    assert any(phrase.startswith({"es": "y ", "en": "and "}[lang]) for phrase in phrases)
    assert not caller.says(asked).note(CallerNotUnderstood)
