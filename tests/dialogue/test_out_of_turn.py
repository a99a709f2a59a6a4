"""Callers who do not answer what is asked, and are understood all the same: who answer another question,
think better of it, or do not know."""

from __future__ import annotations

import pytest

from tests.dialogue.conftest import Load
from tests.dialogue.text_caller import Caller
from voice.dialogue.loader import Business
from voice.dialogue.minds import earlier_answer, rather
from voice.events import CallerNotUnderstood
from voice.model import ExpectKind


def talk(business: Business, lang: str, *turns: str) -> Caller:
    caller = Caller(business, lang, knows_pin=False)
    for turn in turns:
        caller.says(turn)
    return caller


# --- what is not known, and what was said wrong -----------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "wish", "words"),
    [
        ("es", "mi saldo", "es que no me acuerdo de ella"),
        ("es", "mi saldo", "se me ha olvidado"),
        ("en", "my balance", "I've forgotten it"),
        ("es", "mi saldo", "he olvidado la clave"),
        ("en", "my balance", "I've forgotten my PIN"),
        ("en", "my balance", "I forgot"),
        ("en", "my balance", "I don't have it with me obviously"),
    ],
)
def test_a_forgotten_pin_is_understood(telecom: Business, lang: str, wish: str, words: str) -> None:
    caller = talk(telecom, lang, wish, "#12345678", {"es": "sí", "en": "yes"}[lang], words)
    assert not caller.note(CallerNotUnderstood)
    assert caller.says(words).handed().reason == "flow"


@pytest.mark.parametrize(("lang", "words"), [("es", "¿cuál es la clave?"), ("en", "what's the pin?")])
def test_what_is_the_pin_gets_its_help(telecom: Business, lang: str, words: str) -> None:
    wish, yes = {"es": ("mi saldo", "sí"), "en": ("my balance", "yes")}[lang]
    caller = talk(telecom, lang, wish, "#12345678", yes, words)
    assert not caller.note(CallerNotUnderstood)
    assert {"es": "contrato", "en": "contract"}[lang] in caller.text


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "espere, el teléfono lo he dicho mal, es el 666777889"),
        ("es", "me he confundido con el teléfono, es el 666777889"),
        ("en", "sorry, I gave you the wrong phone number, it is 666777889"),
        ("en", "i mixed up the phone number, it should be 666777889"),
    ],
)
def test_a_wrong_answer_is_put_right_after_the_deed(line: Load, lang: str, words: str) -> None:
    turns = {
        "es": ["quiero pedir cita", "dentista", "mañana", "sí", "666777888"],
        "en": ["i want an appointment", "the dentist", "tomorrow", "yes", "666777888"],
    }[lang]
    caller = talk(line("clinic"), lang, *turns)
    assert caller.listens().step == "anything_else"
    caller.says(words)
    assert {"es": "Corregido", "en": "Corrected"}[lang] in caller.text
    assert not caller.note(CallerNotUnderstood)


def test_a_name_alone_is_no_correction() -> None:
    assert (
        earlier_answer("el teléfono es caro", "es", {"phone": ("número de teléfono", "el teléfono")}) is None
    )


@pytest.mark.parametrize(
    ("lang", "words"), [("es", "¿puede cambiarlo al lunes?"), ("en", "can I change it to Monday?")]
)
def test_a_booking_is_changed_by_its_day_alone(line: Load, lang: str, words: str) -> None:
    turns = {
        "es": ["quiero pedir cita", "dentista", "mañana", "sí", "666777888"],
        "en": ["i want an appointment", "the dentist", "tomorrow", "yes", "666777888"],
    }[lang]
    caller = talk(line("clinic"), lang, *turns, words)
    assert {"es": "el lunes, diecinueve de enero", "en": "Monday, January nineteenth"}[lang] in caller.text


# --- thinking better of it --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "turns", "step"),
    [
        ("es", ["quiero cancelar", "no, espere, mejor dígame antes cuánto debo"], "customer"),
        ("en", ["i want to cancel my contract", "no wait, first tell me how much i owe"], "customer"),
        ("es", ["mi saldo", "bueno, mejor dígame dónde está mi pedido"], "order_number"),
        ("en", ["my balance", "actually, where is my order"], "order_number"),
    ],
)
def test_another_wish_may_begin_with_second_thoughts(
    telecom: Business, lang: str, turns: list[str], step: str
) -> None:
    caller = talk(telecom, lang, *turns)
    assert caller.listens().step == step
    assert not caller.note(CallerNotUnderstood)


def test_rather_keeps_what_is_meant() -> None:
    assert rather("no espere mejor dígame antes cuánto debo", "es") == "digame cuanto debo"
    assert rather("actually where is my order", "en") == "where is my order"
    assert rather("where is my order", "en") == ""
    assert rather("no, mejor el primero de mayo", "es") == "el primero de mayo"
    assert rather("actually the first of may instead", "en") == "the first of may"


@pytest.mark.parametrize(("lang", "back"), [("es", "volver atrás"), ("en", "go back")])
def test_going_back_is_not_sending_something_back(line: Load, lang: str, back: str) -> None:
    wish = {"es": "qué horario tienen", "en": "what are your opening hours"}[lang]
    caller = talk(line("shop"), lang, wish, back)
    assert caller.listens().step in ("menu", "anything_else")


@pytest.mark.parametrize(("lang", "close"), [("es", "pues nada, eso era"), ("en", "that was it, thanks")])
def test_that_was_it_ends_the_call(telecom: Business, lang: str, close: str) -> None:
    wish = {"es": "qué horario tienen", "en": "what are your opening hours"}[lang]
    caller = talk(telecom, lang, wish, close)
    assert caller.hang_up is not None


# --- answers to other questions ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "turns"),
    [
        ("es", ["quiero pedir cita", "el jueves de la semana que viene", "dentista"]),
        ("en", ["i want an appointment", "thursday next week", "the dentist"]),
    ],
)
def test_an_answer_that_comes_too_early_is_kept(line: Load, lang: str, turns: list[str]) -> None:
    caller = talk(line("clinic"), lang, *turns)
    assert caller.listens().step == "offer"
    assert not caller.note(CallerNotUnderstood)


@pytest.mark.parametrize(
    ("lang", "turns", "again"),
    [
        ("es", ["quiero pedir cita", "medicina general", "cuanto antes"], "medicina general"),
        ("en", ["i want an appointment", "general medicine", "as soon as possible"], "general medicine"),
    ],
)
def test_an_answer_said_again_is_no_misunderstanding(
    line: Load, lang: str, turns: list[str], again: str
) -> None:
    caller = talk(line("clinic"), lang, *turns)
    question = caller.answer[-1].text
    caller.says(again)
    assert not caller.note(CallerNotUnderstood)
    assert caller.answer[-1].text == question
    for _ in range(4):
        if not caller.over:
            caller.says(again)
    assert caller.handed().reason == "loop"


@pytest.mark.parametrize(
    ("lang", "turns"),
    [
        ("es", ["les queda en la tienda", "#10203", "¿y el 40506?"]),
        ("en", ["is it in stock", "#10203", "and 40506"]),
        ("en", ["is it in stock", "#10203", "what about number 40506"]),
    ],
)
def test_the_same_is_asked_of_another(line: Load, lang: str, turns: list[str]) -> None:
    caller = talk(line("shop"), lang, *turns)
    assert {"es": "Ahora no lo tenemos", "en": "We don't have it now"}[lang] in caller.text
    assert not caller.note(CallerNotUnderstood)


# --- what is wanted first, and what the sample line and the templates make of it -----------------------


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "quiero darme de baja pero antes dígame cuánto debo"),
        ("en", "I want to cancel but first tell me how much I owe"),
    ],
)
def test_what_is_wanted_first_comes_first(telecom: Business, lang: str, words: str) -> None:
    caller = talk(telecom, lang, words)
    assert caller.listens().step == "customer"
    yes = {"es": "sí", "en": "yes"}[lang]
    caller.says("#12345678").says(yes).says("#2580")
    assert {"es": "También quería darse de baja", "en": "You also wanted to cancel"}[lang] in caller.text


@pytest.mark.parametrize(
    ("lang", "fault", "tip"),
    [
        ("es", "mi internet no funciona", "apagando un minuto el router"),
        ("es", "llevo dos días sin línea", "apagando un minuto el router"),
        ("en", "my internet doesn't work", "switch the router"),
        ("en", "my router is broken", "switch the router"),
    ],
)
def test_a_fault_gets_advice_and_the_offer_of_a_person(
    telecom: Business, lang: str, fault: str, tip: str
) -> None:
    caller = talk(telecom, lang, fault)
    assert tip in caller.text
    assert caller.listens().step == "try_first"
    assert (
        caller.says({"es": "no, eso no ayuda", "en": "no that doesn't help"}[lang]).handed().queue
        == "general"
    )


@pytest.mark.parametrize(
    ("template", "lang", "words", "step"),
    [
        ("telecom", "es", "quería saber si me han mandado ya el móvil", "order_number"),
        ("telecom", "en", "when are you delivering my new phone", "order_number"),
        ("telecom", "en", "I lost my new phone", "customer"),
        ("municipality", "es", "quiero empadronarme", "day"),
        ("municipality", "es", "quería saber si debo algo del ibi", "document"),
        ("municipality", "en", "there's a massive pothole outside my house", "where"),
        ("clinic", "es", "quería cita", "specialty"),
        ("clinic", "es", "quiero pedir hora con la dermatóloga", "day"),
        ("clinic", "en", "dentist", "day"),
        ("clinic", "en", "I'd like to book an appointment for my daughter, she has a rash", "day"),
        ("shop", "es", "quiero devolver el pedido 123456", "reason"),
        ("shop", "en", "I got the wrong item, order 654321", "return_sure"),
        ("shop", "en", "track my parcel one two three four five six", "postcode"),
        ("shop", "es", "seguimiento del envío, es el 123456", "postcode"),
        ("shop", "es", "tenéis la camiseta roja en la talla ele", "article"),
    ],
)
def test_an_opening_is_understood(line: Load, template: str, lang: str, words: str, step: str) -> None:
    assert talk(line(template), lang, words).listens().step == step


@pytest.mark.parametrize(
    ("lang", "wish", "what"),
    [("es", "quería cita o cambiarla", "con el de la piel"), ("en", "appointment", "my skin")],
)
def test_a_detail_tells_which_of_two_wishes_is_meant(line: Load, lang: str, wish: str, what: str) -> None:
    caller = talk(line("clinic"), lang, wish, what)
    assert caller.listens().step == "day"


@pytest.mark.parametrize(
    ("lang", "wish", "number"),
    [("es", "me mangaron el móvil ayer", "12345678"), ("en", "my phone's been nicked", "12345678")],
)
def test_a_number_said_instead_of_a_yes_is_kept(telecom: Business, lang: str, wish: str, number: str) -> None:
    caller = talk(telecom, lang, wish, number)
    assert caller.listens().kind is ExpectKind.YES_NO
    assert caller.says({"es": "sí", "en": "yes"}[lang]).listens().step == "block_sure"


@pytest.mark.parametrize(("lang", "word"), [("es", "no"), ("es", "cancelar"), ("en", "cancel"), ("en", "no")])
def test_a_no_before_anything_was_wanted_ends_no_call(line: Load, lang: str, word: str) -> None:
    caller = talk(line("bank"), lang, word)
    assert caller.hang_up is None
    assert not caller.over
    if word == "no":
        assert caller.says(word).hang_up is not None


@pytest.mark.parametrize(
    ("lang", "question"),
    [("es", "dónde tiro un sofá viejo"), ("en", "where do i throw away an old sofa")],
)
def test_a_no_after_an_article_ends_the_call(line: Load, lang: str, question: str) -> None:
    assert talk(line("municipality"), lang, question, "no", "no").hang_up is not None


# --- what is not at hand, told with the wish ----------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "words", "help_words", "no"),
    [
        ("es", "quería saber por mi pedido, pero no tengo el número a mano", "Está en el mensaje", "no"),
        ("en", "I want to check my order but I don't have the number", "It is in the message", "no"),
    ],
)
def test_a_number_that_is_not_at_hand_is_not_asked_for_as_if_it_were(
    telecom: Business, lang: str, words: str, help_words: str, no: str
) -> None:
    caller = talk(telecom, lang, words)
    assert caller.text.startswith(help_words)
    assert caller.says(no).handed().reason == "flow"
    assert not caller.note(CallerNotUnderstood)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "no me la sé de memoria"),
        ("en", "I really don't know it off the top of my head"),
        ("en", "I don't know it by heart"),
    ],
)
def test_not_by_heart_is_not_having_it(telecom: Business, lang: str, words: str) -> None:
    wish, yes = {"es": ("mi saldo", "sí"), "en": ("my balance", "yes")}[lang]
    assert not talk(telecom, lang, wish, "#12345678", yes, words).note(CallerNotUnderstood)


@pytest.mark.parametrize(("lang", "words"), [("es", "el jueves 22"), ("en", "thursday the 22nd")])
def test_no_answer_that_stands_is_said_to_be_another(line: Load, lang: str, words: str) -> None:
    """Without "no, rather" it may be a misunderstanding: the day is not changed, nor said to be."""
    turns = {
        "es": ["quiero pedir cita", "dentista", "mañana", "sí"],
        "en": ["i want an appointment", "the dentist", "tomorrow", "yes"],
    }[lang]
    caller = talk(line("clinic"), lang, *turns, words)
    assert {"es": "veintidós", "en": "twenty-second"}[lang] not in caller.text
    assert caller.listens().step == "phone"


def test_a_word_for_going_back_may_be_a_wish(line: Load) -> None:
    assert talk(line("shop"), "en", "return").listens().step == "return_order"


@pytest.mark.parametrize(
    ("lang", "wish", "words"),
    [
        ("es", ["quiero pedir cita", "dentista"], "mañana no puedo"),
        ("es", ["quiero pedir cita", "dentista"], "no puedo ir el lunes"),
        ("en", ["i want an appointment", "the dentist"], "i can't tomorrow"),
    ],
)
def test_a_day_that_does_not_suit_is_no_other_wish(
    line: Load, lang: str, wish: list[str], words: str
) -> None:
    """Not to change an appointment, which callers word alike."""
    assert talk(line("clinic"), lang, *wish, words).listens().step == "day"


# --- not knowing what to choose --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "turns", "offered"),
    [
        ("es", ["quiero pedir cita", "dentista", "no sé"], "Lo antes posible sería hoy"),
        ("en", ["i want an appointment", "the dentist", "i don't know"], "The earliest would be today"),
        ("es", ["quiero pedir cita", "no sé"], "al dermatólogo?"),
        ("en", ["i want an appointment", "i'm not sure"], "the dermatologist?"),
    ],
)
def test_who_does_not_know_which_is_helped_to_choose(
    line: Load, lang: str, turns: list[str], offered: str
) -> None:
    caller = talk(line("clinic"), lang, *turns)
    assert offered in caller.text
    assert not caller.note(CallerNotUnderstood)


@pytest.mark.parametrize(("lang", "doubt"), [("es", "no sé"), ("en", "i'm not sure")])
def test_who_still_does_not_know_is_put_through(line: Load, lang: str, doubt: str) -> None:
    wish = {"es": "quiero pedir cita", "en": "i want an appointment"}[lang]
    assert talk(line("clinic"), lang, wish, doubt, doubt).handed().reason == "flow"


@pytest.mark.parametrize(("lang", "words"), [("es", "despacio"), ("en", "slowly please")])
def test_slowly_is_slower(telecom: Business, lang: str, words: str) -> None:
    caller = talk(telecom, lang, words)
    assert caller.answer[-1].pace < 100


@pytest.mark.parametrize(
    ("lang", "turns"),
    [
        ("es", ["quiero devolver algo", "está roto", "#123456"]),
        ("en", ["i want to return something", "it's broken", "#123456"]),
    ],
)
def test_a_choice_that_comes_too_early_is_kept(line: Load, lang: str, turns: list[str]) -> None:
    caller = talk(line("shop"), lang, *turns)
    assert caller.listens().step == "return_sure"
    assert not caller.note(CallerNotUnderstood)
