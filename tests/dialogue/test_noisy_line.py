"""A caller whom the noise around them drowns: the line says so, offers the keypad, and does not go round."""

from __future__ import annotations

import pytest

from tests.dialogue.text_caller import Caller, at
from voice.dialogue.loader import Business
from voice.dialogue.seam import Heard
from voice.model import Transcript

NOISE = {"es": "mucho ruido", "en": "very noisy"}
KEYS = {"es": ("teclado", "marque cero"), "en": ("keypad", "press zero")}
INVOICE = {"es": "tengo una pregunta sobre mi factura", "en": "i have a question about my invoice"}


def drowned(caller: Caller, words: str = "", *, noisy: bool = True) -> str:
    """A turn of which nothing of use was heard; what the line said to it."""
    caller.answer = []
    caller.feed(Heard(Transcript(words, 0.2, lang=caller.dialogue.lang), noisy=noisy), 1000)
    return " ".join(prompt.text.lower() for prompt in caller.answer)


@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize("words", ["", "xyz"])
def test_twice_not_understood_in_noise_offers_the_keypad(telecom: Business, lang: str, words: str) -> None:
    caller = at(telecom, lang)
    assert NOISE[lang] not in drowned(caller, words)
    told = drowned(caller, words)
    assert NOISE[lang] in told
    assert all(key in told for key in KEYS[lang])
    before = len(caller.said)
    caller.says("#1")
    assert len(caller.said) > before
    assert caller.handoff is None


@pytest.mark.parametrize("lang", ["es", "en"])
def test_whom_noise_drowns_for_good_reaches_a_person_soon(telecom: Business, lang: str) -> None:
    caller, said = at(telecom, lang), list[str]()
    while caller.handoff is None and len(said) < 9:
        said.append(drowned(caller))
    assert caller.handoff is not None
    assert len(said) <= 4
    assert len(set(said)) == len(said)  # never the same words twice
    assert sum(NOISE[lang] in one for one in said) == 1


@pytest.mark.parametrize("lang", ["es", "en"])
def test_a_question_for_digits_in_noise_is_answered_by_keys(telecom: Business, lang: str) -> None:
    caller = at(telecom, lang, INVOICE[lang])
    drowned(caller)
    told = drowned(caller)
    assert NOISE[lang] in told
    assert {"es": "almohadilla", "en": "hash key"}[lang] in told


@pytest.mark.parametrize("lang", ["es", "en"])
def test_who_is_not_understood_on_a_quiet_line_hears_nothing_of_noise(telecom: Business, lang: str) -> None:
    caller = at(telecom, lang)
    assert not any(NOISE[lang] in drowned(caller, noisy=False) for _ in range(2))
