"""Callers who need a moment, ask back or are vague instead of answering, and who say what others key."""

from __future__ import annotations

import pytest

from tests.dialogue.conftest import Load
from tests.dialogue.text_caller import Caller
from voice.dialogue.loader import Business
from voice.dialogue.pauses import is_back, wants_time
from voice.dialogue.spoken_keys import spoken_key
from voice.events import CallerNotUnderstood
from voice.languages import language
from voice.slots.choices import read_yes_no


def talk(business: Business, lang: str, *turns: str) -> Caller:
    caller = Caller(business, lang, knows_pin=False)
    for turn in turns:
        caller.says(turn)
    return caller


# --- a moment ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "no lo tengo a mano, espere un momentito"),
        ("es", "está en el correo, deme un segundo por favor"),
        ("en", "hang on a sec"),
        ("en", "it's in my email, let me look"),
    ],
)
def test_a_moment_is_given_whatever_comes_before_it(telecom: Business, lang: str, words: str) -> None:
    wish = {"es": "dónde está mi pedido", "en": "where is my order"}[lang]
    caller = talk(telecom, lang, wish, words)
    assert not caller.note(CallerNotUnderstood)
    assert caller.listens().no_input_ms == 20_000


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "mi pedido"),
        ("es", "se ha cortado hace un momento"),
        ("en", "my order"),
        ("en", "it stops every one minute"),
    ],
)
def test_other_words_ask_for_no_moment(lang: str, words: str) -> None:
    assert not wants_time(words, lang)


@pytest.mark.parametrize(
    ("lang", "wish", "moment", "back"),
    [
        ("es", "mi saldo", "un segundo que busco la factura", "ya estoy"),
        ("es", "mi saldo", "espere un momento", "ya"),
        ("es", "mi saldo", "", "vale, ya lo tengo aquí"),
        ("en", "my balance", "let me get my bill", "okay, I've got it now"),
        ("en", "my balance", "hold on", "ready"),
        ("en", "my balance", "", "I'm back"),
    ],
)
def test_who_is_back_is_asked_again(telecom: Business, lang: str, wish: str, moment: str, back: str) -> None:
    caller = talk(telecom, lang, wish)
    question = caller.answer[-1].text
    if moment:
        caller.says(moment)
    caller.says(back)
    assert not caller.note(CallerNotUnderstood)
    assert [prompt.text for prompt in caller.answer][-1] == question


@pytest.mark.parametrize(
    ("lang", "words"), [("es", "ya está"), ("es", "ya veo"), ("en", "i have it at home")]
)
def test_other_words_are_no_return(lang: str, words: str) -> None:
    assert not is_back(words, lang)


def test_waiting_and_coming_back_for_ever_ends_with_a_person(telecom: Business) -> None:
    caller = talk(telecom, "en", "my balance", *["ready"] * 4)
    assert caller.handed().reason == "loop"


# --- questions are no answers ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "words", "read"),
    [
        ("es", "qué pasa si no puedo ir", None),
        ("es", "me cobran si no voy", None),
        ("es", "hay que pagar o no", None),
        ("es", "cuánto cuesta si no voy", None),
        ("es", "por qué no", "yes"),
        ("es", "cómo no", "yes"),
        ("es", "que no", "no"),
        ("es", "no, qué hora es", "no"),
        ("es", "seguro que sí", "yes"),
        ("en", "what if I don't", None),
        ("en", "do I have to pay if I don't come", None),
        ("en", "can I say no", None),
        ("en", "can you? yes", "yes"),
        ("en", "what, no", "no"),
        ("es", "cuando quiera, sí", "yes"),
        ("en", "why not", "yes"),
        ("en", "sure, why not", "yes"),
    ],
)
def test_a_question_is_neither_yes_nor_no(lang: str, words: str, read: str | None) -> None:
    found = read_yes_no(language(lang).normalise(words), language(lang))
    assert (found[0] if found else None) == read


@pytest.mark.parametrize(
    ("lang", "turns", "question"),
    [
        ("es", ["quiero pedir cita", "dentista", "mañana"], "qué pasa si no puedo ir"),
        ("en", ["i want an appointment", "the dentist", "tomorrow"], "what if i can't come, do i not pay"),
    ],
)
def test_an_offer_survives_a_question(line: Load, lang: str, turns: list[str], question: str) -> None:
    caller = talk(line("clinic"), lang, *turns)
    assert caller.listens().step == "offer"
    assert caller.says(question).listens().step == "offer"
    yes = {"es": "sí", "en": "yes"}[lang]
    assert caller.says(yes).listens().step == "phone"


# --- keys said aloud, and signs of listening ----------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "turns", "step"),
    [
        ("es", ["uno"], "customer"),
        ("es", ["marco el dos"], "order_number"),
        ("es", ["quiero darme de baja", "tres"], None),
        ("en", ["press two"], "order_number"),
        ("en", ["cancel my contract", "one"], None),
        ("es", ["cero"], None),
        ("en", ["my phone was stolen", "#12345678", "yes", "number two"], "menu"),
    ],
)
def test_a_key_may_be_said(telecom: Business, lang: str, turns: list[str], step: str | None) -> None:
    caller = talk(telecom, lang, *turns)
    if step is None:
        assert caller.handoff is not None
    else:
        assert caller.listens().step == step


def test_keys_that_were_read_out_are_listened_for(telecom: Business) -> None:
    caller = talk(telecom, "es", "mmm no sé decirle")
    assert "dos" not in caller.listens().phrases
    assert "dos" in caller.says("blablabla").listens().phrases


def test_a_key_may_be_written_as_a_figure() -> None:
    assert [spoken_key(words, "es") for words in ("opción 3", "0", "10")] == ["3", "0", ""]


@pytest.mark.parametrize(("lang", "words"), [("es", "uno dos tres"), ("es", "una"), ("en", "no one")])
def test_other_words_are_no_key(lang: str, words: str) -> None:
    assert spoken_key(words, lang) == ""


@pytest.mark.parametrize(
    ("lang", "words", "read"),
    [
        ("es", "ah, vale, ¿y qué es un bono de datos?", None),
        ("es", "vale, ¿y cuándo?", None),
        ("es", "vale, ¿y cuándo puede usted?", None),
        ("es", "sí, ¿cuánto cuesta?", "yes"),
        ("es", "vale, adelante", "yes"),
        ("en", "okay, what is that", None),
        ("en", "yes, how much is it", "yes"),
        ("es", "claro que sí", "yes"),
        ("es", "perfecto, cuando usted quiera", "yes"),
        ("es", "vale, como siempre", "yes"),
        ("en", "okay, when it suits you", "yes"),
    ],
)
def test_a_sign_of_listening_before_a_question_is_no_yes(lang: str, words: str, read: str | None) -> None:
    found = read_yes_no(language(lang).normalise(words), language(lang))
    assert (found[0] if found else None) == read


@pytest.mark.parametrize(
    ("lang", "turns"),
    [
        ("es", ["quiero darme de baja", "no, en realidad no quiero"]),
        ("en", ["cancel my contract", "actually I don't want to"]),
    ],
)
def test_not_wanting_to_drops_it(telecom: Business, lang: str, turns: list[str]) -> None:
    assert talk(telecom, lang, *turns).listens().step == "menu"


@pytest.mark.parametrize(("lang", "option"), [("es", "medicina general"), ("en", "general medicine")])
def test_an_option_at_the_menu_is_asked_about(line: Load, lang: str, option: str) -> None:
    caller = talk(line("clinic"), lang, option)
    step = caller.listens().step
    if step == "menu":
        step = caller.says({"es": "sí", "en": "yes"}[lang]).listens().step
    assert step == "day"


# --- a question that tells a value ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "turns", "asked", "hours", "time"),
    [
        ("es", ["qué horario tienen", "quiero pedir cita", "dentista", "mañana"],
         "a qué hora dice", "abiertos", "cuatro y cuarto"),
        ("en", ["what are your opening hours", "i want an appointment", "the dentist", "tomorrow"],
         "what time was that", "open until", "four fifteen"),
    ],
)  # fmt: skip
def test_what_a_question_tells_is_told_again(
    line: Load, lang: str, turns: list[str], asked: str, hours: str, time: str
) -> None:
    caller = talk(line("clinic"), lang, *turns)
    assert caller.listens().step == "offer"
    caller.says(asked)
    assert time in caller.text
    assert hours not in caller.text
    assert caller.listens().step == "offer"


@pytest.mark.parametrize(("lang", "words"), [("es", "no, espere"), ("en", "no wait")])
def test_no_wait_refuses_nothing(line: Load, lang: str, words: str) -> None:
    turns = {
        "es": ["quiero pedir cita", "dentista", "mañana"],
        "en": ["i want an appointment", "the dentist", "tomorrow"],
    }[lang]
    caller = talk(line("clinic"), lang, *turns, words)
    assert caller.listens().step == "offer"
    assert caller.listens().no_input_ms == 20_000


# --- any day of a week ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "turns", "offered"),
    [
        ("es", ["quiero cita con el dentista cualquier día de la semana que viene"], "lunes, diecinueve"),
        ("es", ["quiero cita con el dentista la semana que viene", "cualquier día"], "lunes, diecinueve"),
        ("es", ["quiero cita con el dentista el mes que viene", "me da igual"], "primero de febrero"),
        ("en", ["book me with the dentist, any day next week is fine"], "Monday, January nineteenth"),
        ("en", ["appointment with the dentist next week", "any day"], "Monday, January nineteenth"),
        ("en", ["appointment with the dentist next month", "whenever"], "February first"),
    ],
)
def test_any_day_of_a_week_is_one_of_that_week(line: Load, lang: str, turns: list[str], offered: str) -> None:
    assert offered in talk(line("clinic"), lang, *turns).text
