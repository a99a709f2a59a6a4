"""A yes or no and nothing besides is an answer, and a wish that holds such a word is a wish."""

from __future__ import annotations

import pytest

from tests.dialogue.text_caller import Caller
from voice.dialogue.loader import Business
from voice.events import CallerNotUnderstood, KnowledgeAnswered


@pytest.mark.parametrize(
    ("lang", "wish"), [("es", "qué horario tienen"), ("en", "what are your opening hours")]
)
def test_a_no_to_anything_else_is_no_wish_whatever_examples_hold_the_word(
    telecom: Business, lang: str, wish: str
) -> None:
    caller = Caller(telecom, lang).says(wish)
    assert caller.listens().step == "anything_else"
    caller.says("no")
    assert caller.hang_up is not None


@pytest.mark.parametrize(("lang", "words"), [("es", "mi teléfono"), ("en", "my phone")])
def test_a_no_to_a_wish_that_was_asked_about_is_no_other_wish(
    telecom: Business, lang: str, words: str
) -> None:
    caller = Caller(telecom, lang).says(words)
    assert caller.listens().step == "menu"
    caller.says("no")
    assert caller.listens().step == "menu"


@pytest.mark.parametrize(
    ("lang", "question", "wish", "step"),
    [
        ("es", "puedo usar el móvil en italia", "no me ha llegado el pedido", "order_number"),
        ("es", "puedo usar el móvil en italia", "no entiendo la factura", "customer"),
        ("en", "does roaming cost extra in europe", "my order has not arrived", "order_number"),
        ("en", "does roaming cost extra in europe", "no i do not understand my bill", "customer"),
    ],
)
def test_a_wish_that_holds_a_no_is_taken_where_more_of_an_article_is_offered(
    telecom: Business, lang: str, question: str, wish: str, step: str
) -> None:
    caller = Caller(telecom, lang).says(question)
    assert caller.note(KnowledgeAnswered)
    assert caller.says(wish).listens().step == step


@pytest.mark.parametrize(
    ("lang", "question", "words"),
    [
        ("es", "puedo usar el móvil en italia", "no"),
        ("es", "puedo usar el móvil en italia", "no, no hace falta, gracias"),
        ("en", "does roaming cost extra in europe", "no"),
        ("en", "does roaming cost extra in europe", "no i understand now thank you"),
    ],
)
def test_a_no_to_more_of_an_article_ends_it(telecom: Business, lang: str, question: str, words: str) -> None:
    caller = Caller(telecom, lang).says(question)
    caller.says(words)
    assert caller.listens().step == "menu"
    assert len(caller.note(KnowledgeAnswered)) == 1


@pytest.mark.parametrize(
    ("lang", "wish", "words"),
    [
        ("es", "quiero saber mi saldo", "¿puede esperar un momento, por favor?"),
        ("es", "quiero saber mi saldo", "espéreme un momento"),
        ("es", "quiero saber mi saldo", "espere un segundo"),
        ("en", "what is my balance", "could you hold on a second please"),
        ("en", "what is my balance", "can you wait a moment"),
    ],
)
def test_who_asks_for_a_moment_by_a_question_is_waited_for(
    telecom: Business, lang: str, wish: str, words: str
) -> None:
    caller = Caller(telecom, lang).says(wish).says(words)
    assert caller.text == telecom.texts.get("wait", lang)
    assert not caller.note(CallerNotUnderstood)
