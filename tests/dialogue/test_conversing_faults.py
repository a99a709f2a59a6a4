"""A model that hangs, breaks off or repeats itself: what callers hear, and what their colleague reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialogue.text_caller import Caller, make_prompts
from tests.language_model.talking import ACTIONS, SHOP, ModelCaller, Turn, shop
from voice.dialogue.conversation import spoken_ms
from voice.dialogue.conversing import QUIET_MS
from voice.dialogue.loader import Business, load_business
from voice.dialogue.seam import Heard, Keyed, ModelDone, ModelFailed, ModelSaid, Spoke, Tick
from voice.events import ModelConsulted
from voice.model import Ended, Prompt, Transcript, Utterance
from voice.queue.summary import full

LANGS = pytest.mark.parametrize("lang", ["es", "en"])
ADVICE = {"es": "quiero un consejo", "en": "i want advice"}
QUESTION = {"es": "cuánto me costaría mandar una lámpara", "en": "what would it cost to ship a lamp"}
PERSON = {"es": "quiero hablar con una persona", "en": "i want to talk to a person"}
TRUE = {"es": "El envío cuesta cinco euros.", "en": "A delivery costs five euros."}
DAYS = {"es": "El envío tarda tres días.", "en": "A delivery takes three days."}
KNOWS_NOT = {
    "es": ("No lo sé.", "¿Quiere hablar con una persona?"),
    "en": ("I don't know.", "Would you like to talk to a person?"),
}
ASKS = {
    "es": "Entiendo, ¿qué quiere saber de su pedido?",
    "en": "I understand, what would you like to know about your order?",
}
OFFLINE = {"es": "Dígame: ¿pedido o consejo?", "en": "Tell me: order or advice?"}
STRANGE = {
    "es": "me gustaría algo para leer por las noches",
    "en": "something to read at night would be nice",
}


@pytest.fixture(scope="module")
def business(tmp_path_factory: pytest.TempPathFactory) -> Business:
    return shop(tmp_path_factory.mktemp("faults") / "prompts")


def advised(business: Business, lang: str, *answers: Turn) -> ModelCaller:
    return ModelCaller(business, lang, *answers).says(ADVICE[lang])  # type: ignore[return-value]


def ended(caller: ModelCaller) -> list[ModelConsulted]:
    return [e for e in caller.notes if isinstance(e, ModelConsulted)]


def summary(caller: Caller) -> str:
    return full(caller.handed(), ())


def tick(caller: ModelCaller) -> str:
    """Waits for the dialogue's deadline; what is said then."""
    due, said = caller.dialogue.deadline(), len(caller.said)
    assert due is not None
    caller.feed(Tick(), max(0, due - caller.now))
    return " ".join(caller.said[said:])


def utterance(text: str, heard: str | None = None) -> Utterance:
    whole = heard is None
    return Utterance(text, text if heard is None else heard, 1000, Ended.FULL if whole else Ended.CUT)


# --- what the colleague reads ----------------------------------------------------------------------------


@LANGS
def test_who_heard_nothing_but_the_filler_was_not_answered(business: Business, lang: str) -> None:
    caller = advised(business, lang)
    caller.says(QUESTION[lang])
    tick(caller)
    told = summary(caller.says(PERSON[lang]))
    assert not any(word in told for word in ("contest", "answered", "dijo:", "told")), told
    wanted = {
        "es": "El asistente intentó aconsejar, sin llegar a dar una respuesta.",
        "en": "The assistant tried to give advice, without coming to an answer.",
    }
    assert wanted[lang] in told


@LANGS
def test_who_was_told_that_it_does_not_know_was_not_answered(business: Business, lang: str) -> None:
    caller = advised(business, lang, KNOWS_NOT[lang])
    caller.says(QUESTION[lang])
    assert caller.text == " ".join(KNOWS_NOT[lang])
    told = summary(caller.says(PERSON[lang]))
    assert {"es": "sin llegar a dar una respuesta", "en": "without coming to an answer"}[lang] in told


@LANGS
def test_an_offer_of_help_is_no_answer(business: Business, lang: str) -> None:
    offer = {"es": "Puedo ayudarle con lámparas y pedidos.", "en": "I can help with lamps and orders."}[lang]
    caller = advised(business, lang, [offer])
    assert caller.says(QUESTION[lang]).text == offer
    told = summary(caller.says(PERSON[lang]))
    assert {"es": "sin llegar a dar", "en": "without coming"}[lang] in told


@LANGS
def test_who_asked_nothing_was_not_advised_at_all(business: Business, lang: str) -> None:
    told = summary(advised(business, lang).says(PERSON[lang]))
    assert {"es": "no llegó a intentar nada", "en": "had not tried anything"}[lang] in told


@LANGS
def test_who_was_answered_is_told_with_the_answer(business: Business, lang: str) -> None:
    caller = advised(business, lang, [TRUE[lang], ASKS[lang]])
    caller.says(QUESTION[lang])
    told = summary(caller.says(PERSON[lang]))
    wanted = {
        "es": "Al aconsejar, ya se le dijo: «El envío cuesta cinco euros».",
        "en": "Trying to give advice, the assistant told them: “A delivery costs five euros”.",
    }
    assert wanted[lang] in told


@LANGS
def test_an_answer_that_was_cut_short_was_none(business: Business, lang: str) -> None:
    caller = advised(business, lang, [TRUE[lang]])
    caller.says(QUESTION[lang])
    words = Transcript(PERSON[lang], 1.0, lang=lang)
    caller.feed(Heard(words, (utterance(TRUE[lang], TRUE[lang][:5]),)), 500)
    assert {"es": "sin llegar a dar", "en": "without coming"}[lang] in summary(caller)


@LANGS
def test_an_answer_heard_after_the_model_failed_still_counts(business: Business, lang: str) -> None:
    caller = advised(business, lang, [TRUE[lang], ValueError("cut")])
    caller.says(QUESTION[lang])
    caller.feed(Keyed("0", (utterance(TRUE[lang]),)), 3000)
    assert TRUE[lang].rstrip(".") in summary(caller)
    assert {"es": "falló el sistema", "en": "system failed"}[lang] not in summary(caller)


@LANGS
def test_a_model_that_was_not_there_is_told_as_a_failure(business: Business, lang: str) -> None:
    caller = advised(business, lang, [ValueError("unreachable")])
    told = summary(caller.says(QUESTION[lang]).says("#0"))
    assert {"es": "No se pudo aconsejar", "en": "could not give advice"}[lang] in told


# --- what the caller hears -------------------------------------------------------------------------------


@LANGS
def test_a_model_that_stalls_midway_leaves_no_silence(business: Business, lang: str) -> None:
    caller = advised(business, lang)
    caller.says(QUESTION[lang])
    asked = caller.asked[-1].id
    caller.feed(ModelSaid(asked, TRUE[lang]), 400)
    heard, leads = TRUE[lang], []
    for _ in range(3):
        over = spoken_ms((Prompt(heard, lang),))
        caller.feed(Spoke((utterance(heard),)), over)
        due = caller.dialogue.deadline()
        assert due is not None
        assert due - caller.now <= QUIET_MS, "never more silence than that"
        heard = tick(caller)
        leads.append(heard)
    get = business.texts.get
    assert leads == [
        get("filler", lang),
        get("apology_wait", lang),
        f"{get('answer_cut', lang)} {OFFLINE[lang]}",
    ]
    assert [e.outcome for e in ended(caller)] == ["timeout"]


@LANGS
def test_the_rest_may_come_after_the_filler(business: Business, lang: str) -> None:
    caller = advised(business, lang)
    caller.says(QUESTION[lang])
    asked = caller.asked[-1].id
    caller.feed(ModelSaid(asked, TRUE[lang]), 400)
    assert tick(caller) == business.texts.get("filler", lang)
    caller.feed(ModelSaid(asked, DAYS[lang]), 300)
    assert tick(caller) == business.texts.get("filler", lang), "patience begins anew"
    caller.feed(ModelDone(asked), 100)
    assert caller.listens().step == "advisor"


@LANGS
@pytest.mark.parametrize("how", ["cut", "stalled"])
def test_a_caller_who_was_understood_is_not_told_otherwise(business: Business, lang: str, how: str) -> None:
    caller = ModelCaller(business, lang)
    for broken in range(2):
        caller.says(STRANGE[lang])
        asked = caller.asked[-1].id
        caller.feed(ModelSaid(asked, (TRUE, DAYS)[broken][lang]), 400)
        if how == "cut":
            caller.feed(ModelFailed(asked, "cut"), 400)
        else:
            for _ in range(3):
                tick(caller)
        assert business.texts.get("answer_cut", lang) in caller.text
        assert business.texts.get("not_understood_1", lang) not in caller.text
        assert caller.listens().step == "menu"
    plain = ModelCaller(business, lang, model=False)
    asked_so_far = len(caller.asked)
    assert caller.says(STRANGE[lang]).text == plain.says(STRANGE[lang]).text, "no rung was used up"
    assert len(caller.asked) == asked_so_far, "what breaks off is not asked for ever"


# --- the same again --------------------------------------------------------------------------------------


@LANGS
def test_a_sentence_that_comes_again_is_passed_over(business: Business, lang: str) -> None:
    caller = advised(business, lang, [ASKS[lang]], [ASKS[lang], TRUE[lang]])
    caller.says(QUESTION[lang]).says(QUESTION[lang])
    assert caller.text == TRUE[lang]
    assert caller.listens().step == "advisor"


@LANGS
def test_who_only_repeats_a_question_may_put_it_once_more(business: Business, lang: str) -> None:
    caller = advised(business, lang, *[[ASKS[lang]]] * 6)
    caller.says(QUESTION[lang]).says(QUESTION[lang])
    assert caller.text == ASKS[lang]
    assert len(caller.asked) == 3, "it was asked for something else first"
    assert caller.listens().step == "advisor"
    caller.says(QUESTION[lang])
    assert caller.text == f"{business.texts.get('no_answer', lang)} {OFFLINE[lang]}"
    assert ended(caller)[-1].outcome == "repeated"
    assert set(ended(caller)[-1].refused) == {"repeated"}


# --- what is listened for --------------------------------------------------------------------------------


@LANGS
def test_the_wishes_of_the_flow_are_believed_over_an_answer(business: Business, lang: str) -> None:
    caller = advised(business, lang)
    wanted = {"es": ("quiero hacer un pedido", "quiero comprar"), "en": ("i want to place an order",)}[lang]
    assert {*wanted} <= {*caller.listens().believed}
    assert all(" " in phrase for phrase in caller.listens().believed)
    assert caller.listens().phrases == (), "anything may be said"


HOURS = """\
      hours:
        label: {es: saber el horario, en: know the opening hours}
        digression: true
        then: hours
        examples:
          es: [qué horario tienen, cuándo abren, a qué hora abren]
          en: [what are your opening hours, when do you open, what time do you open]
  hours:
    type: say
    text: {es: "Abrimos a las nueve.", en: "We open at nine."}
    then: menu
  pin:
"""


@LANGS
@pytest.mark.parametrize("confidence", [1.0, 0.6])
def test_a_question_aside_is_answered_and_the_talk_goes_on(
    tmp_path: Path, lang: str, confidence: float
) -> None:
    flow = SHOP.replace("  pin:\n", HOURS, 1).replace("knowledge: true\n", "")
    business = load_business("shop", make_prompts(tmp_path / "prompts", flow, ACTIONS, "shop"))
    caller = advised(business, lang)
    caller.says(QUESTION[lang])
    asked = caller.asked[-1].id
    aside = {"es": "qué horario tienen", "en": "what are your opening hours"}[lang]
    caller.says(aside, confidence)
    assert asked in caller.stopped
    assert caller.listens().step == "advisor"
    assert {"es": "Abrimos a las nueve.", "en": "We open at nine."}[lang] in caller.text
    assert {"es": "Cuénteme.", "en": "Tell me."}[lang] in caller.text
    caller.answers.append([ASKS[lang]])
    assert caller.says(QUESTION[lang]).text == ASKS[lang]
    for _ in range(6):
        if not caller.over:
            caller.says(aside)
    assert caller.handed().reason == "loop", "and not for ever"
