"""Whether what was heard so far is a whole answer: tables in both languages, and what holds for any words."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.dialogue.answers import answer_of
from voice.dialogue.checks import dni, luhn
from voice.dialogue.completeness import answers_with_backchannel, completeness, is_backchannel
from voice.dialogue.flow import AskStep, MenuStep
from voice.dialogue.listening import ask_expect, confirm_expect, menu_expect
from voice.dialogue.loader import load_business
from voice.model import Completeness, Expect, ExpectKind
from voice.slots.reading import Parsed, Refused, Why
from voice.speech.phrases import digit_words

PROMPTS = Path(__file__).parents[2] / "prompts"
FLOW = load_business("telecom", PROMPTS).flow
MENU = MenuStep.model_validate(FLOW.steps["menu"])
TODAY = date(2026, 1, 14)
COMPLETE, EXTENSIBLE, OPEN = Completeness.COMPLETE, Completeness.EXTENSIBLE, Completeness.OPEN
COUNTED = Completeness.COUNTED
UNFINISHED, HESITATING = Completeness.UNFINISHED, Completeness.HESITATING


def digits(lang: str, shortest: int, longest: int, check: str = "") -> Expect:
    return Expect(ExpectKind.DIGITS, lang, digits=True, shortest=shortest, longest=longest, check=check)


@pytest.mark.parametrize(
    ("lang", "text", "verdict"),
    [
        ("es", "", Completeness.EMPTY),
        ("es", "sí", COMPLETE),
        ("es", "si", COMPLETE),
        ("es", "sí por favor", COMPLETE),
        ("es", "eh sí", COMPLETE),
        ("es", "sí sí sí", COMPLETE),
        ("es", "no", COMPLETE),
        ("es", "sí pero", HESITATING),
        ("es", "sí eh", COMPLETE),
        ("es", "no es", HESITATING),
        ("es", "eh", HESITATING),
        ("es", "un agente", COMPLETE),
        ("es", "sí no", OPEN),
        ("en", "yes", COMPLETE),
        ("en", "uh yes", COMPLETE),
        ("en", "no", COMPLETE),
        ("en", "yes but", HESITATING),
        ("en", "um", HESITATING),
        ("en", "that", UNFINISHED),
        ("en", "mm hmm", COMPLETE),
        ("en", "an agent", COMPLETE),
    ],
)
def test_a_yes_or_no(lang: str, text: str, verdict: Completeness) -> None:
    assert completeness(confirm_expect(FLOW, "menu", lang), text) is verdict


@pytest.mark.parametrize(
    ("lang", "text", "verdict"),
    [
        ("es", "no", EXTENSIBLE),
        ("es", "no el", HESITATING),
        ("es", "sí", COMPLETE),
        ("es", "quince", EXTENSIBLE),
        ("en", "no", EXTENSIBLE),
        ("en", "yes", COMPLETE),
    ],
)
def test_a_no_that_may_go_on_with_the_right_value_waits(lang: str, text: str, verdict: Completeness) -> None:
    corrections = {"es": ("quince", "quince de marzo"), "en": ("fifteenth", "march")}[lang]
    assert completeness(confirm_expect(FLOW, "menu", lang, corrections), text) is verdict


@pytest.mark.parametrize(
    ("lang", "text", "verdict"),
    [
        ("es", "quiero saber mi saldo", COMPLETE),
        ("es", "saldo", COMPLETE),
        ("es", "quiero saber", UNFINISHED),
        ("es", "quiero saber mi", HESITATING),
        ("es", "quiero saber eh", HESITATING),
        ("es", "el perro come pan", OPEN),
        ("es", "un agente", COMPLETE),
        ("en", "how much do i owe", COMPLETE),
        ("en", "where is my order", COMPLETE),
        ("en", "i want", UNFINISHED),
        ("en", "i want to know my", HESITATING),
        ("en", "where is uh", HESITATING),
        ("en", "the dog eats bread", OPEN),
    ],
)
def test_a_menu(lang: str, text: str, verdict: Completeness) -> None:
    assert completeness(menu_expect(FLOW, "menu", MENU, lang), text) is verdict


@pytest.mark.parametrize(
    ("lang", "text", "verdict"),
    [
        ("es", "uno dos", UNFINISHED),
        ("es", "uno dos tres cuatro", COUNTED),
        ("es", "doce treinta y cuatro", COUNTED),
        ("es", "doce treinta y", HESITATING),
        ("es", "doce doble", HESITATING),
        ("es", "doble cero uno dos", COUNTED),
        ("es", "uno dos tres eh", HESITATING),
        ("es", "mi número", UNFINISHED),
        ("es", "uno dos tres cuatro cinco", EXTENSIBLE),
        ("en", "one two three", UNFINISHED),
        ("en", "one two three four", COUNTED),
        ("en", "twelve thirty four", COUNTED),
        ("en", "double", HESITATING),
        ("en", "one oh um", HESITATING),
    ],
)
def test_digits_of_a_known_length(lang: str, text: str, verdict: Completeness) -> None:
    assert completeness(digits(lang, 4, 4), text) is verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [("uno dos", UNFINISHED), ("uno dos tres", EXTENSIBLE), ("uno dos tres cuatro cinco", COUNTED)],
)
def test_digits_of_an_open_length(text: str, verdict: Completeness) -> None:
    assert completeness(digits("es", 3, 5), text) is verdict


def test_a_check_digit_says_when_a_number_is_whole() -> None:
    card = digits("en", 8, 19, "luhn")
    assert completeness(card, "four nine nine two seven three nine eight") is EXTENSIBLE
    assert completeness(card, "four nine nine two seven three nine eight seven one six") is COMPLETE


def test_a_letter_says_when_an_identity_number_is_whole() -> None:
    expect = Expect(ExpectKind.TEXT, "es", kinds=("letters",), check="dni")
    spelled = "uno dos tres cuatro cinco seis siete ocho"
    assert completeness(expect, spelled) is not COMPLETE
    assert completeness(expect, f"{spelled} zeta") is COMPLETE
    assert completeness(expect, f"{spelled} be") is not COMPLETE


def ask(**fields: object) -> AskStep:
    both = {"es": "número", "en": "number"}
    base = {"type": "ask", "slot": "number", "label": both, "prompt": both, "retry": [both] * 2}
    return AskStep.model_validate(base | {"then": "menu"} | fields)


def test_a_number_that_fails_its_check_is_no_answer() -> None:
    card = ask(kind="digits", min_length=8, max_length=19, check="luhn")
    assert ask_expect(FLOW, "number", card, "en", TODAY).check == "luhn"
    right = answer_of(card, "four nine nine two seven three nine eight seven one six", "en", TODAY)
    assert isinstance(right, Parsed)
    wrong = answer_of(card, "four nine nine two seven three nine eight seven one five", "en", TODAY)
    assert wrong == Refused(Why.CHECK)
    identity = ask(kind="text", spelled=True, check="dni")
    right = answer_of(identity, "uno dos tres cuatro cinco seis siete ocho zeta", "es", TODAY)
    assert isinstance(right, Parsed)
    assert answer_of(identity, "uno dos tres cuatro cinco seis siete ocho be", "es", TODAY) == Refused(
        Why.CHECK
    )


@pytest.mark.parametrize("fields", [{"kind": "text", "check": "luhn"}, {"kind": "digits", "check": "dni"}])
def test_a_check_stands_only_where_it_makes_sense(fields: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="check: "):
        ask(**fields)


@pytest.mark.parametrize(
    ("kind", "lang", "text", "verdict"),
    [
        (ExpectKind.DATE, "es", "el quince de marzo", COMPLETE),
        (ExpectKind.DATE, "es", "el quince", EXTENSIBLE),
        (ExpectKind.DATE, "es", "el quince de", HESITATING),
        (ExpectKind.DATE, "es", "el", HESITATING),
        (ExpectKind.DATE, "en", "tomorrow", COUNTED),
        (ExpectKind.DATE, "es", "pasado mañana", COUNTED),
        (ExpectKind.DATE, "en", "march fifteenth", COMPLETE),
        (ExpectKind.DATE, "en", "march twenty first", COMPLETE),
        (ExpectKind.DATE, "en", "the fifteenth of march", COMPLETE),
        (ExpectKind.DATE, "en", "march twenty", EXTENSIBLE),
        (ExpectKind.DATE, "en", "the fifteenth", EXTENSIBLE),
        (ExpectKind.DATE, "es", "marzo primero", COMPLETE),
        (ExpectKind.AMOUNT, "en", "fifteen dollars", EXTENSIBLE),
        (ExpectKind.AMOUNT, "en", "fifteen dollars and", HESITATING),
        (ExpectKind.AMOUNT, "en", "fifteen dollars and fifty", EXTENSIBLE),
        (ExpectKind.AMOUNT, "en", "fifteen dollars and fifty cents", COMPLETE),
        (ExpectKind.AMOUNT, "es", "quince con cincuenta céntimos", COMPLETE),
        (ExpectKind.AMOUNT, "es", "me cobraron", UNFINISHED),
        (ExpectKind.TIME, "es", "las tres", EXTENSIBLE),
        (ExpectKind.TIME, "es", "las tres y", HESITATING),
        (ExpectKind.TIME, "es", "las tres y media", COUNTED),
        (ExpectKind.TIME, "es", "las tres de la tarde", COMPLETE),
        (ExpectKind.TIME, "es", "a mediodía", COMPLETE),
        (ExpectKind.TIME, "en", "three", EXTENSIBLE),
        (ExpectKind.TIME, "en", "half past", UNFINISHED),
        (ExpectKind.TIME, "en", "half past two", COUNTED),
        (ExpectKind.TIME, "en", "two o'clock", COUNTED),
        (ExpectKind.TIME, "en", "nine in the morning", COMPLETE),
        (ExpectKind.TEXT, "es", "se me rompió el cable", OPEN),
        (ExpectKind.TEXT, "es", "se me rompió y", HESITATING),
        (ExpectKind.TEXT, "es", "ana arroba correo", UNFINISHED),
        (ExpectKind.TEXT, "es", "ana arroba correo punto com", COUNTED),
        (ExpectKind.TEXT, "es", "ana arroba correo punto co", EXTENSIBLE),
        (ExpectKind.EMAIL, "es", "ana arroba gmail punto com", COUNTED),
        (ExpectKind.EMAIL, "en", "ann at gmail dot com", COUNTED),
        (ExpectKind.TEXT, "es", "eme a ere", UNFINISHED),
        (ExpectKind.TEXT, "en", "anna at mail dot", HESITATING),
        (ExpectKind.TEXT, "en", "anna at mail dot com", COUNTED),
        (ExpectKind.TEXT, "en", "b r o", UNFINISHED),
        (ExpectKind.TEXT, "en", "i am calling because", HESITATING),
    ],
)
def test_what_is_no_closed_list(kind: ExpectKind, lang: str, text: str, verdict: Completeness) -> None:
    assert completeness(Expect(kind, lang), text) is verdict


def test_every_way_to_say_an_option_is_complete_unless_it_may_become_another() -> None:
    step = AskStep.model_validate(
        {
            "type": "ask",
            "slot": "what",
            "kind": "choice",
            "label": {"es": "cosa", "en": "thing"},
            "prompt": {"es": "¿Qué?", "en": "What?"},
            "retry": [{"es": "¿Cuál?", "en": "Which?"}] * 2,
            "options": {
                "line": {"label": {"es": "línea", "en": "line"}},
                "fibre": {"label": {"es": "línea de fibra", "en": "fibre"}},
            },
            "then": "menu",
        }
    )
    expect = ask_expect(FLOW, "what", step, "es", TODAY)
    assert completeness(expect, "línea") is EXTENSIBLE
    assert completeness(expect, "línea de fibra") is COMPLETE


@pytest.mark.parametrize(
    ("lang", "text", "is_one"),
    [
        ("es", "ajá", True),
        ("es", "sí sí", True),
        ("es", "vale", True),
        ("es", "sí vale ajá", True),
        ("es", "mm hm", True),
        ("es", "no", False),
        ("es", "sí quiero un agente", False),
        ("es", "", False),
        ("en", "uh huh", True),
        ("en", "okay right", True),
        ("en", "mm hmm", True),
        ("en", "right now", False),
        ("en", "stop", False),
    ],
)
def test_signs_of_listening(lang: str, text: str, is_one: bool) -> None:
    assert is_backchannel(text, lang) is is_one


def test_signs_of_listening_answer_only_a_yes_or_no_question() -> None:
    assert answers_with_backchannel(confirm_expect(FLOW, "menu", "es"), "ajá")
    assert not answers_with_backchannel(digits("es", 4, 4), "ajá")
    assert not answers_with_backchannel(None, "ajá")


@pytest.mark.parametrize("value", ["79927398713", "4992739871", "0000000000"][::2])
def test_luhn_holds(value: str) -> None:
    assert luhn(value)


@pytest.mark.parametrize("value", ["79927398710", "", "7", "7992a398713", "٣٤"])
def test_luhn_does_not_hold(value: str) -> None:
    assert not luhn(value)


def test_identity_numbers() -> None:
    assert dni("12345678Z")
    assert dni("12345678z")
    assert dni("X1234567L")
    assert not any(map(dni, ("12345678A", "12345678", "1234567Z", "", "Q2345678Z", "12345٣78Z")))


@given(st.text("0123456789", min_size=2, max_size=20), st.integers(0, 19), st.integers(1, 9))
@settings(max_examples=100, deadline=None)
def test_one_wrong_digit_is_always_noticed(number: str, place: int, change: int) -> None:
    whole = next(number + str(check) for check in range(10) if luhn(number + str(check)))
    place %= len(whole)
    wrong = whole[:place] + str((int(whole[place]) + change) % 10) + whole[place + 1 :]
    assert not luhn(wrong)


@given(st.sampled_from(["es", "en"]), st.data(), st.integers(1, 9), st.integers(0, 4))
@settings(max_examples=100, deadline=None)
def test_a_string_shorter_than_allowed_is_never_complete(
    lang: str, data: st.DataObject, shortest: int, more: int
) -> None:
    said = data.draw(st.lists(st.sampled_from(digit_words(lang)), max_size=12))
    verdict = completeness(digits(lang, shortest, shortest + more), " ".join(said))
    if len(said) < shortest:
        assert verdict not in (COMPLETE, COUNTED)
    elif len(said) == shortest + more and "oh" not in said:
        assert verdict is COUNTED


@given(st.sampled_from(["es", "en"]), st.sampled_from(list(ExpectKind)), st.text(max_size=80))
@settings(max_examples=150, deadline=None)
def test_any_text_gets_a_verdict(lang: str, kind: ExpectKind, text: str) -> None:
    assert completeness(Expect(kind, lang), text) in Completeness
    is_backchannel(text, lang)
