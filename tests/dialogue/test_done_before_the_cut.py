"""A call goes on with one that was cut while, or after, it did something that must not be done twice."""

from __future__ import annotations

import pytest

from tests.dialogue.test_done_once import ONCE, Recorded, summary, tried
from tests.dialogue.text_caller import APPOINTMENT_ACTIONS, make_prompts
from voice.dialogue.loader import Business, load_business
from voice.dialogue.seam import CutCall
from voice.model import IntentGuess

LANGS = ("es", "en")
VISIT = {
    "es": ["quiero pedir cita", "el veinte de enero", "centro", "llego tarde"],
    "en": ["i want an appointment", "january twentieth", "centre", "i will be late"],
}
YES, NO = {"es": "sí", "en": "yes"}, {"es": "no", "en": "no"}
MAY = {"es": "puede que se haya hecho", "en": "it may have been done"}


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Business:
    folder = make_prompts(tmp_path_factory.mktemp("cut") / "prompts", ONCE, APPOINTMENT_ACTIONS)
    return load_business("appointments", folder)


def offered(business: Business, lang: str, how: str, step: str = "") -> Recorded:
    """To go on with a call that ran the step ``book``."""
    cut = CutCall(step, lang, IntentGuess("visit", 1.0), call_id="CA0", begun={"book": how})
    return Recorded(business, lang, cut=cut)


@pytest.mark.parametrize("lang", LANGS)
def test_whether_it_was_done_is_looked_up_by_a_person(once: Business, lang: str) -> None:
    caller = offered(once, lang, "uncertain").talks(YES[lang])
    assert not caller.ran("book")
    handoff = caller.handed()
    assert (handoff.reason, handoff.intent and handoff.intent.intent) == ("action_failed", "visit")
    for reader in LANGS:
        assert MAY[reader] in summary(handoff, reader)


@pytest.mark.parametrize("lang", LANGS)
def test_beginning_anew_does_not_do_it_again_either(once: Business, lang: str) -> None:
    caller = offered(once, lang, "uncertain").talks(NO[lang], *VISIT[lang])
    assert not caller.ran("book")
    assert MAY[lang] in summary(caller.handed(), lang)


@pytest.mark.parametrize("lang", LANGS)
def test_what_was_done_for_sure_keeps_nobody_from_going_on(once: Business, lang: str) -> None:
    caller = offered(once, lang, "ok", "notes").talks(YES[lang])
    assert caller.listens().step == "notes"
    caller.says({"es": "llego tarde", "en": "i will be late"}[lang])
    assert not caller.ran("book"), "it was, in the call before"
    assert caller.handed().reason == "correction"
    assert tried(caller, "ok")
