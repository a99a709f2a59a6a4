"""Words that speak for two wishes, or for none: one question, an article, and a yes before what is undone
with difficulty."""

from __future__ import annotations

import pytest

from tests.dialogue.conftest import Load
from tests.dialogue.text_caller import Caller
from voice.dialogue.confirm import says_to
from voice.dialogue.conversation import Focus
from voice.dialogue.loader import Business
from voice.dialogue.seam import Input, Invoke
from voice.events import IntentRecognised, KnowledgeAnswered

YES = {"es": "sí", "en": "yes"}
LOST = {"es": "he perdido mi teléfono", "en": "i lost my phone"}


class Watched(Caller):
    """Keeps the names of the actions that were run."""

    def __init__(self, business: Business, lang: str) -> None:
        self.ran: list[str] = []
        super().__init__(business, lang)

    def run(self, invoke: Invoke) -> Input:
        self.ran.append(invoke.name)
        return super().run(invoke)


def at_the_question(telecom: Business, lang: str) -> Watched:
    caller = Watched(telecom, lang)
    caller.says(LOST[lang]).says("#12345678").says(YES[lang])
    assert {"es": "¿Bloqueo su línea", "en": "Shall I block your line"}[lang] in caller.text
    return caller


@pytest.mark.parametrize("lang", ["es", "en"])
def test_a_line_is_blocked_only_at_a_yes_to_blocking_it(telecom: Business, lang: str) -> None:
    caller = at_the_question(telecom, lang)
    caller.says("no")
    assert not caller.ran
    assert caller.listens().step == "menu"


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "sí"),
        ("es", "bloquéela por favor"),
        ("es", "quiero bloquear mi línea"),
        ("en", "yes"),
        ("en", "block it please"),
        ("en", "i want to block my line"),
    ],
)
def test_who_says_to_block_it_has_said_yes(telecom: Business, lang: str, words: str) -> None:
    caller = at_the_question(telecom, lang)
    caller.says(words)
    assert caller.ran == ["block_line"]
    assert caller.handed().queue == "urgent"


@pytest.mark.parametrize("lang", ["es", "en"])
def test_the_trouble_told_again_is_no_yes_and_no_circle(telecom: Business, lang: str) -> None:
    caller = at_the_question(telecom, lang)
    caller.says(LOST[lang])
    assert {"es": "Sí o no", "en": "Yes or no"}[lang] in caller.text
    for _ in range(3):
        if not caller.over:
            caller.says(LOST[lang])
    assert not caller.ran
    assert caller.handed().queue == "urgent"


@pytest.mark.parametrize(
    ("lang", "words", "deed"),
    [
        ("es", "no la bloquee", "bloquear la línea ahora"),
        ("es", "ya está bloqueada", "bloquear la línea ahora"),
        ("es", "por qué bloquear", "bloquear la línea ahora"),
        ("es", "he perdido la línea", "bloquear la línea ahora"),
        ("en", "don't block it", "block the line now"),
        ("en", "is it blocked", "block the line now"),
        ("en", "block what", "block the line now"),
        ("en", "cancel the block", "block the line now"),
    ],
)
def test_what_is_no_order_to_do_it(lang: str, words: str, deed: str) -> None:
    assert not says_to(words, deed, lang)


@pytest.mark.parametrize(
    ("name", "lang", "turns", "action", "asked"),
    [
        ("bank", "es", ["he perdido la tarjeta", "#4321", "sí"], "bank_block", "¿Bloqueo esa tarjeta"),
        ("bank", "en", ["i lost my card", "#4321", "yes"], "bank_block", "Shall I block that card"),
        ("shop", "es", ["quiero devolver algo", "#123456", "llegó roto"], "shop_return", "la devolución?"),
        (
            "shop",
            "en",
            ["i want to return something", "#123456", "it arrived broken"],
            "shop_return",
            "return?",
        ),
    ],
)
def test_a_template_does_nothing_of_weight_before_its_question(
    line: Load, name: str, lang: str, turns: list[str], action: str, asked: str
) -> None:
    caller = Watched(line(name), lang)
    for turn in turns:
        caller.says(turn)
    assert asked in caller.text
    caller.says("no")
    assert action not in caller.ran
    assert not caller.over


@pytest.mark.parametrize(
    ("lang", "words", "article"),
    [
        ("es", "puedo usar mi teléfono en Italia", "roaming-eu"),
        ("es", "puedo usar mi móvil en Francia", "roaming-eu"),
        ("es", "puedo pagar con el móvil", "ways-to-pay"),
        ("en", "can i use my phone in italy", "roaming-eu"),
        ("en", "can i use my phone in france", "roaming-eu"),
        ("en", "does my phone work in spain", "roaming-eu"),
        ("en", "can i pay with my phone", "ways-to-pay"),
    ],
)
def test_a_question_about_a_thing_is_answered_from_its_article(
    telecom: Business, lang: str, words: str, article: str
) -> None:
    caller = Caller(telecom, lang).says(words)
    assert [n.article for n in caller.notes if isinstance(n, KnowledgeAnswered)] == [article]
    assert not caller.note(IntentRecognised)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "puedo cambiar de teléfono"),
        ("es", "qué teléfono me recomiendan"),
        ("en", "how much does a phone cost"),
        ("en", "can i change my phone"),
    ],
)
def test_a_question_about_a_thing_is_no_lost_one(telecom: Business, lang: str, words: str) -> None:
    assert not Caller(telecom, lang).says(words).note(IntentRecognised)


@pytest.mark.parametrize(
    ("lang", "words", "pair"),
    [
        ("es", "quiero cancelar la factura", {"cancel", "invoice"}),
        ("es", "quiero cancelar mi pedido", {"cancel", "order"}),
        ("es", "mi saldo o mi factura", {"balance", "invoice"}),
        ("es", "darme de baja o cambiar de tarifa", {"cancel", "other"}),
        ("es", "saldo de mi factura", {"balance", "invoice"}),
        ("en", "i want to cancel my order", {"cancel", "order"}),
        ("en", "cancel my bill", {"cancel", "invoice"}),
        ("en", "my invoice balance", {"balance", "invoice"}),
        ("en", "my balance or my invoice", {"balance", "invoice"}),
        ("en", "no, i want to cancel my order", {"cancel", "order"}),
    ],
)
def test_words_for_two_wishes_get_one_question_with_both(
    telecom: Business, lang: str, words: str, pair: set[str]
) -> None:
    caller = Caller(telecom, lang).says(words)
    assert caller.dialogue._focus is Focus.EITHER
    labels = [telecom.flow.intents[name].label[lang] for name in pair]
    assert all(label in caller.text for label in labels)
    assert not caller.note(IntentRecognised)


@pytest.mark.parametrize(
    ("lang", "words", "answer", "intent"),
    [
        ("es", "quiero cancelar la factura", "la factura", "invoice"),
        ("es", "quiero cancelar la factura", "darme de baja", "cancel"),
        ("en", "i want to cancel my order", "the order", "order"),
        ("en", "i want to cancel my order", "the first one", "cancel"),
        ("en", "i want to cancel my order", "#2", "order"),
    ],
)
def test_the_answer_decides(telecom: Business, lang: str, words: str, answer: str, intent: str) -> None:
    caller = Caller(telecom, lang).says(words).says(answer)
    assert [n.intent for n in caller.note(IntentRecognised) if isinstance(n, IntentRecognised)] == [intent]


@pytest.mark.parametrize("lang", ["es", "en"])
def test_the_same_words_again_do_not_go_in_circles(telecom: Business, lang: str) -> None:
    words = {"es": "quiero cancelar mi pedido", "en": "i want to cancel my order"}[lang]
    caller = Caller(telecom, lang)
    for _ in range(6):
        if not caller.over:
            caller.says(words)
    assert caller.handoff is not None


@pytest.mark.parametrize(
    ("lang", "words", "intent"),
    [
        ("es", "quiero cancelar mi contrato", "cancel"),
        ("es", "me han robado el teléfono", "lost_phone"),
        ("es", "dónde está mi pedido", "order"),
        ("es", "cuánto debo de la factura", "invoice"),
        ("en", "i want to cancel my contract", "cancel"),
        ("en", "i think i lost my cell phone", "lost_phone"),
        ("en", "have you sent my order or not", "order"),
    ],
)
def test_a_clear_wish_gets_no_question(telecom: Business, lang: str, words: str, intent: str) -> None:
    caller = Caller(telecom, lang).says(words)
    assert [n.intent for n in caller.note(IntentRecognised) if isinstance(n, IntentRecognised)] == [intent]


@pytest.mark.parametrize(
    ("lang", "text"), [("es", "cuánto debo de mi teléfono"), ("en", "how much do i owe on my phone")]
)
def test_a_noun_beside_what_a_wish_is_about_is_no_reason_to_ask(
    telecom: Business, lang: str, text: str
) -> None:
    caller = Caller(telecom, lang).says(text)
    (found,) = caller.note(IntentRecognised)
    assert isinstance(found, IntentRecognised)
    assert found.intent == "balance"
    assert caller.listens().digits
