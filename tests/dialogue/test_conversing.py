"""Whole conversations in text through a language model that is a script, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.language_model.talking import ModelCaller, Turn, call, shop
from voice.dialogue.loader import Business, check_path
from voice.dialogue.seam import ModelDone, ModelSaid, Tick
from voice.events import ModelConsulted
from voice.model import ExpectKind

LANGS = pytest.mark.parametrize("lang", ["es", "en"])
QUESTION = {"es": "cuánto me costaría mandar una lámpara", "en": "what would it cost to ship a lamp"}
TRUE = {"es": "El envío cuesta cinco euros.", "en": "A delivery costs five euros."}
FALSE = {"es": "El envío cuesta dos euros.", "en": "A delivery costs two euros."}
MORE = {"es": "¿Le ayudo con otro pedido?", "en": "Can I help with another order?"}
OFFLINE = {"es": "Dígame: ¿pedido o consejo?", "en": "Tell me: order or advice?"}
ADVICE = {"es": "quiero un consejo", "en": "i want advice"}
YES, NO = {"es": "sí", "en": "yes"}, {"es": "no", "en": "no"}


@pytest.fixture(scope="module")
def business(tmp_path_factory: pytest.TempPathFactory) -> Business:
    return shop(tmp_path_factory.mktemp("shop") / "prompts")


def outcomes(caller: ModelCaller) -> list[str]:
    return [e.outcome for e in caller.notes if isinstance(e, ModelConsulted)]


def advised(business: Business, lang: str, *answers: Turn) -> ModelCaller:
    caller = ModelCaller(business, lang, *answers)
    caller.says(ADVICE[lang])
    assert caller.listens().step == "advisor"
    return caller


@LANGS
def test_sentences_are_said_as_they_come_and_the_caller_goes_on(business: Business, lang: str) -> None:
    caller = advised(business, lang, [TRUE[lang], MORE[lang]], [call("leave", '{"to": "done"}')])
    caller.says(QUESTION[lang])
    assert caller.text == f"{TRUE[lang]} {MORE[lang]}"
    assert caller.listens().kind is ExpectKind.TEXT
    assert "cinco euros" in caller.sent() or "five euros" in caller.sent(), "the article is given"
    caller.says(NO[lang])
    assert caller.hang_up is not None
    assert outcomes(caller) == ["left"]


@LANGS
def test_without_a_model_the_offline_way_is_taken_at_once(business: Business, lang: str) -> None:
    caller = ModelCaller(business, lang, model=False)
    caller.says(ADVICE[lang])
    assert caller.text == OFFLINE[lang]
    assert caller.asked == []


@LANGS
@pytest.mark.parametrize("kind", ["refused", "unreachable", "failed", "timeout", "cut", "invalid", "resting"])
def test_a_failing_model_leads_on_without_it(business: Business, lang: str, kind: str) -> None:
    caller = advised(business, lang, [TRUE[lang], ValueError(kind)])
    caller.says(QUESTION[lang])
    assert caller.said[-3] == TRUE[lang]
    assert caller.text.endswith(OFFLINE[lang])
    assert caller.listens().step == "offline_menu"
    assert outcomes(caller) == [kind]


@LANGS
def test_a_false_price_is_never_said(business: Business, lang: str) -> None:
    caller = advised(business, lang, [FALSE[lang]], [TRUE[lang]])
    caller.says(QUESTION[lang])
    assert caller.text == TRUE[lang]
    caller = advised(business, lang, [FALSE[lang]], [FALSE[lang]])
    caller.says(QUESTION[lang])
    assert FALSE[lang] not in caller.said
    assert outcomes(caller) == ["guard"]
    assert caller.listens().step == "offline_menu"


@LANGS
def test_what_day_it_is_makes_nothing_happen_today(business: Business, lang: str) -> None:
    today = {"es": "Su pedido llega hoy.", "en": "Your order arrives today."}[lang]
    caller = advised(business, lang, [today], [MORE[lang]])
    caller.says(QUESTION[lang])
    assert caller.text == MORE[lang]
    assert "2026-01-14" in caller.sent(), "it may know it"


@LANGS
def test_a_menu_that_understood_nothing_asks_the_model(business: Business, lang: str) -> None:
    words = {
        "es": "me gustaría algo para leer por las noches",
        "en": "something to read at night would be nice",
    }
    caller = ModelCaller(business, lang, [{"es": "Tenemos lámparas.", "en": "We have lamps."}[lang]])
    caller.says(words[lang])
    assert caller.text == {"es": "Tenemos lámparas.", "en": "We have lamps."}[lang]
    silent = ModelCaller(business, lang, [ValueError("unreachable")])
    plain = ModelCaller(business, lang, model=False)
    silent.says(words[lang])
    plain.says(words[lang])
    assert silent.text == plain.text, "as if there were no model"
    assert silent.listens() == plain.listens()


@LANGS
def test_a_tool_tells_only_what_it_may(business: Business, lang: str) -> None:
    day = {"es": "Llega el veinte de enero.", "en": "It comes on January twentieth."}[lang]
    caller = advised(business, lang, [call("status", '{"order": "123456"}')], [day])
    caller.says({"es": "dónde anda mi pedido 123456", "en": "what about my order 123456"}[lang])
    assert caller.text == day
    assert "shipped" in caller.sent()
    assert "Secret Street" not in caller.sent()


@LANGS
def test_what_changes_something_wants_a_yes_and_a_secret_stays_here(business: Business, lang: str) -> None:
    done = business.registry.functions["cancel"].__globals__["done"]
    done.clear()
    said = {"es": "Su pedido está cancelado.", "en": "Your order is cancelled."}[lang]
    wish = {"es": "anúlelo, es el 123456 y mi clave 9371", "en": "drop it, it is 123456 and my pin is 9371"}[
        lang
    ]
    for answer in (YES[lang], NO[lang]):
        caller = ModelCaller(business, lang, [call("cancel", '{"order": "123456"}')], [said], [MORE[lang]])
        caller.says({"es": "quiero hacer un pedido", "en": "i want to place an order"}[lang]).says("#9371")
        assert caller.listens().step == "advisor"
        caller.says(wish)
        assert caller.listens().kind is ExpectKind.YES_NO
        assert done == []
        caller.says(answer)
        assert "9371" not in caller.sent()
        if answer == YES[lang]:
            assert done == [("123456", "9371")]
            assert said in caller.text
            done.clear()
        else:
            assert done == []
            assert said not in caller.said, "it claims what nobody did"


@LANGS
@pytest.mark.parametrize("arguments", ["{", "[]", '{"order": "12"}', '{"order": 5}', '{"x": "1"}', "{}"])
def test_wrong_arguments_run_nothing(business: Business, lang: str, arguments: str) -> None:
    caller = advised(business, lang, [call("status", arguments)], [MORE[lang]])
    caller.says(QUESTION[lang])
    assert caller.text == MORE[lang]


@LANGS
def test_a_tool_loop_ends(business: Business, lang: str) -> None:
    caller = advised(business, lang, *[[call("status", '{"order": "123456"}')]] * 20)
    caller.says(QUESTION[lang])
    assert outcomes(caller) == ["tools"]
    assert caller.listens().step == "offline_menu"


@LANGS
def test_turns_are_limited(business: Business, lang: str) -> None:
    caller = advised(business, lang, *[[f"{MORE[lang][:-1]} {n}?"] for n in ("uno", "dos", "a", "b", "c")])
    for _ in range(5):
        if caller.listens().step == "advisor":
            caller.says(QUESTION[lang])
    assert caller.listens().step == "offline_menu"
    assert outcomes(caller)[-1] in ("limit", "guard")


@LANGS
def test_a_slow_model_is_waited_for_with_words_and_then_given_up(business: Business, lang: str) -> None:
    caller = advised(business, lang)
    caller.says(QUESTION[lang])
    said = len(caller.said)
    for _ in range(3):
        due = caller.dialogue.deadline()
        assert due is not None
        caller.feed(Tick(), max(0, due - caller.now))
    assert len(caller.said) == said + 4  # filler, apology, sorry, and the offline question
    assert caller.listens().step == "offline_menu"
    assert outcomes(caller) == ["timeout"]
    late = caller.asked[-1].id
    caller.feed(ModelSaid(late, TRUE[lang]))
    caller.feed(ModelDone(late))
    assert TRUE[lang] not in caller.said


@LANGS
def test_a_person_goodbye_and_another_language_need_no_model(business: Business, lang: str) -> None:
    person = {"es": "quiero hablar con una persona", "en": "i want to talk to a person"}
    assert advised(business, lang).says(person[lang]).handed().reason == "caller_asked"
    assert advised(business, lang).says("#0").handed().reason == "caller_asked"
    assert advised(business, lang).says({"es": "adiós", "en": "goodbye"}[lang]).hang_up is not None
    caller = advised(business, lang)
    caller.says({"es": "in english please", "en": "en español por favor"}[lang])
    assert caller.dialogue.lang != lang
    assert caller.listens().step == "advisor"
    assert caller.asked == []


@LANGS
def test_a_clear_wish_of_the_flow_is_done_by_the_flow(business: Business, lang: str) -> None:
    caller = advised(business, lang)
    caller.says({"es": "quiero hacer un pedido", "en": "i want to place an order"}[lang])
    assert caller.listens().step == "pin"


@LANGS
def test_silence_ends_the_stay(business: Business, lang: str) -> None:
    caller = advised(business, lang)
    for _ in range(3):
        caller.says("")
    assert caller.listens().step == "offline_menu"


@LANGS
def test_who_interrupts_is_heard(business: Business, lang: str) -> None:
    caller = advised(business, lang)
    caller.says(QUESTION[lang])
    first = caller.asked[-1].id
    caller.feed(ModelSaid(first, TRUE[lang]))
    caller.answers.append([MORE[lang]])
    caller.says({"es": "y las lámparas grandes", "en": "and the big lamps"}[lang])
    assert first in caller.stopped
    assert caller.text == MORE[lang]
    caller.feed(ModelSaid(first, TRUE[lang]))
    assert caller.said.count(TRUE[lang]) == 1


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("fallback: advisor", "fallback: pin", "is no step of type converse"),
        ("facts: [today]", "facts: [pin]", "the model may not know it"),
        ("facts: [today]", "facts: [tomorrow]", "neither a slot nor a variable"),
        ("action: status", "action: stats", "does not exist"),
        ("with: {order: code}", "with: {number: code}", "does not take these arguments"),
        ("offline: offline_menu", "offline: nowhere", "the step 'nowhere' does not exist"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, old: str, new: str, says: str) -> None:
    business = shop(tmp_path / "prompts")
    file = Path(business.flow.file)
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    _, problems = check_path(file, tmp_path / "prompts")
    assert any(says in problem.message for problem in problems), problems


PERSON_OFFERED = {
    "es": ["Lo siento, no lo sé.", "¿Prefiere hablar con una persona?"],
    "en": ["I'm sorry, I don't know.", "Shall I put you through to a person?"],
}


@LANGS
@pytest.mark.parametrize("by_key", [False, True])
def test_a_yes_to_the_person_that_the_model_offered_is_never_lost(
    business: Business, lang: str, by_key: bool
) -> None:
    caller = advised(business, lang, PERSON_OFFERED[lang])
    caller.says(QUESTION[lang]).says("#1" if by_key else {"es": "sí por favor", "en": "yes please"}[lang])
    assert caller.handed().reason == "caller_asked"
    assert len(caller.asked) == 1, "the model is not asked about it"


@LANGS
def test_a_no_to_the_person_that_the_model_offered_goes_on_with_it(business: Business, lang: str) -> None:
    caller = advised(business, lang, PERSON_OFFERED[lang], [TRUE[lang]])
    caller.says(QUESTION[lang]).says(NO[lang])
    assert caller.handoff is None
    assert caller.text == TRUE[lang]


@LANGS
def test_a_yes_to_another_question_of_the_model_is_the_models(business: Business, lang: str) -> None:
    caller = advised(business, lang, [MORE[lang]], [TRUE[lang]])
    caller.says(QUESTION[lang]).says(YES[lang])
    assert caller.handoff is None
    assert caller.text == TRUE[lang]
