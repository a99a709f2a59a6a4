"""A recognizer that listens in several languages tells which one the caller speaks."""

from __future__ import annotations

import pytest

from tests.dialogue.text_caller import Caller
from voice.dialogue.loader import Business
from voice.events import CallerNotUnderstood, LanguageChanged
from voice.model import ExpectKind

OTHER = {"es": "en", "en": "es"}
WISH = {"es": "quiero saber mi saldo", "en": "i want to know my balance"}


def languages(caller: Caller) -> list[tuple[str, str]]:
    return [(note.lang, note.why) for note in caller.notes if isinstance(note, LanguageChanged)]


@pytest.mark.parametrize("line", ["es", "en"])
def test_the_first_words_are_heard_in_every_language_of_the_line(telecom: Business, line: str) -> None:
    other = OTHER[line]
    caller = Caller(telecom, line)
    listened = dict(caller.listens().others)
    assert WISH[other] in listened[other]
    caller.says(WISH[other], 0.8, lang=other)
    assert languages(caller) == [(other, "first_words")]
    assert (caller.listens().lang, caller.listens().kind) == (other, ExpectKind.DIGITS)
    assert not caller.listens().others, "the language is settled"


@pytest.mark.parametrize(
    ("line", "asks"), [("es", "i want to speak to a person"), ("en", "quiero hablar con una persona")]
)
def test_a_person_is_given_in_the_callers_language(telecom: Business, line: str, asks: str) -> None:
    caller = Caller(telecom, line).says(asks, 0.8, lang=OTHER[line])
    caller.says("", 1.0)
    assert caller.handed().lang == OTHER[line]


@pytest.mark.parametrize("line", ["es", "en"])
def test_a_cough_that_sounded_like_another_language_is_no_dead_end(telecom: Business, line: str) -> None:
    other = OTHER[line]
    caller = Caller(telecom, line).says("grbl", 0.9, lang=other)
    assert caller.note(CallerNotUnderstood)
    assert line in dict(caller.listens().others), "the next words may choose again"
    caller.says(WISH[line], 0.8, lang=line)
    assert languages(caller) == [(other, "first_words"), (line, "first_words")]
    assert caller.listens().kind is ExpectKind.DIGITS


@pytest.mark.parametrize("line", ["es", "en"])
def test_once_understood_only_a_request_changes_the_language(telecom: Business, line: str) -> None:
    other = OTHER[line]
    caller = Caller(telecom, line).says(WISH[line]).says("eh uh", 0.9, lang=other)
    assert languages(caller) == []
    assert caller.listens().lang == line


def test_a_line_of_one_language_listens_in_no_other(telecom: Business) -> None:
    flow = telecom.flow.model_copy(update={"languages": ("es",)})
    assert Caller(Business(flow, telecom.texts, telecom.registry), "es").listens().others == ()
