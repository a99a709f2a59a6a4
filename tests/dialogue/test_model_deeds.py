"""What a language model did for the caller, and what may have been done: told to a person, never twice."""

from __future__ import annotations

import pytest

from tests.language_model.talking import ModelCaller, call, shop
from voice.dialogue.loader import Business
from voice.dialogue.seam import ActionFailed, Input, Invoke, Keyed, Tick
from voice.queue.summary import full

LANGS = pytest.mark.parametrize("lang", ["es", "en"])
WISH = {"es": "anúlelo, es el 123456", "en": "drop it, it is 123456"}
ORDER = {"es": "quiero hacer un pedido", "en": "i want to place an order"}
YES = {"es": "sí", "en": "yes"}
PERSON = {"es": "una persona", "en": "an agent"}
MAY = {"es": "Al cancelar el pedido, el sistema no confirmó nada", "en": "it may have been done"}
DONE = {"es": "El asistente pudo cancelar el pedido", "en": "The assistant managed to cancel the order"}
CANCEL = call("cancel", '{"order": "123456"}')
SAID = {"es": "Su pedido está cancelado.", "en": "Your order is cancelled."}


class Failing(ModelCaller):
    """The back office fails the first cancellations as ``ends`` says: a kind, with a question mark where it
    may have been done."""

    ends: tuple[str, ...] = ()
    ran: tuple[Invoke, ...] = ()

    def run(self, invoke: Invoke) -> Input:
        self.ran = (*self.ran, invoke)
        tries = [one for one in self.ran if one.name == "cancel"]
        kind = self.ends[len(tries) - 1] if invoke.name == "cancel" and len(tries) <= len(self.ends) else ""
        if kind:
            return ActionFailed(invoke.id, kind.rstrip("?"), uncertain=kind.endswith("?"))
        return super().run(invoke)


@pytest.fixture(scope="module")
def business(tmp_path_factory: pytest.TempPathFactory) -> Business:
    return shop(tmp_path_factory.mktemp("model_deeds") / "prompts")


def cancelling(business: Business, lang: str, *ends: str) -> Failing:
    caller = Failing(business, lang, [CANCEL], [SAID[lang]], [CANCEL], [SAID[lang]])
    caller.ends = ends
    caller.says(ORDER[lang]).says("#9371").says(WISH[lang])
    return caller


@LANGS
def test_what_may_have_been_done_goes_to_a_person(business: Business, lang: str) -> None:
    caller = cancelling(business, lang, "fault?")
    caller.says(YES[lang])
    assert caller.handed().reason == "action_failed"
    assert MAY[lang] in full(caller.handed(), ())
    assert len(caller.ran) == 1


@LANGS
def test_what_certainly_failed_is_tried_again_under_the_same_key(business: Business, lang: str) -> None:
    caller = cancelling(business, lang, "unreachable")
    caller.says(YES[lang]).says(WISH[lang]).says(YES[lang])
    first, second = (one for one in caller.ran if one.name == "cancel")
    assert first.key
    assert (first.key, first.arguments) == (second.key, second.arguments)


@LANGS
def test_what_was_done_is_told(business: Business, lang: str) -> None:
    caller = cancelling(business, lang)
    caller.says(YES[lang]).says(PERSON[lang])
    assert DONE[lang] in full(caller.handed(), ())


@LANGS
def test_done_anew_it_has_another_key(business: Business, lang: str) -> None:
    caller = cancelling(business, lang)
    caller.says(YES[lang]).says(WISH[lang]).says(YES[lang])
    assert len({one.key for one in caller.ran if one.name == "cancel"}) == 2


@LANGS
@pytest.mark.parametrize("how", ["person", "time"])
def test_who_does_not_wait_for_it_is_told_on(business: Business, lang: str, how: str) -> None:
    caller = cancelling(business, lang)
    caller.act = False
    caller.says(YES[lang])
    assert caller.invoke is not None
    if how == "person":
        caller.feed(Keyed("0"))
    while caller.handoff is None:
        caller.feed(Tick(), max(0, (caller.dialogue.deadline() or 0) - caller.now))
    assert MAY[lang] in full(caller.handed(), ())
