"""Knowing when to stop, in whole conversations and both languages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.dialogue.text_caller import APPOINTMENT_ACTIONS, APPOINTMENTS, WEDNESDAY, Caller, make_prompts
from voice.dialogue.friction import FrictionRules
from voice.dialogue.loader import Business, check_path
from voice.dialogue.seam import ActionFailed, Began, Heard
from voice.events import CallerNotUnderstood, Event, FrictionDecided, HandoffRequested, from_json
from voice.model import LANGUAGES, Ended, Transcript, Utterance
from voice.queue.summary import full

BALANCE = {"es": "quiero saber mi saldo", "en": "what is my balance"}
TOLD = {"es": "ya se lo he dicho", "en": "i already told you"}
USELESS = {"es": "esto no sirve para nada", "en": "this is useless"}
NUMBER = "#12345678"
YES = {"es": "sí", "en": "yes"}
SORRY = {"es": "Siento las molestias", "en": "sorry about the trouble"}
OFFER = {"es": "diga persona o marque cero", "en": "say person or press zero"}


def talk(business: Business, lang: str, *lines: str, **options: Any) -> Caller:
    caller = Caller(business, lang, **options)
    for line in lines:
        assert not caller.over, f"over before {line!r}: {caller.said[-2:]}"
        caller.says(line)
    return caller


def ruled(business: Business, **rules: Any) -> Business:
    """The same business with other rules."""
    flow = business.flow.model_copy(update={"friction": FrictionRules(**rules)})
    moved = Business(flow, business.texts, business.registry)
    moved.understanding = business.understanding
    return moved


def decided(caller: Caller) -> list[str]:
    return [note.decision for note in caller.notes if isinstance(note, FrictionDecided)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_annoyance_is_answered_with_an_apology_and_less_words(telecom: Business, lang: str) -> None:
    caller = talk(telecom, lang, BALANCE[lang], TOLD[lang])
    assert caller.text.startswith(SORRY[lang]) or SORRY[lang] in caller.answer[0].text
    assert decided(caller) == ["simplify", "apologise"]
    assert len(caller.answer) == 2, "one apology and the question, not two apologies"
    caller.says(NUMBER).says(YES[lang])
    assert caller.handoff is None, "who gets what they want is not handed over"
    caller.says({"es": "no gracias", "en": "no thanks"}[lang])
    assert caller.hang_up is not None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_annoyance_that_goes_on_meets_a_person_ahead_of_others(telecom: Business, lang: str) -> None:
    caller = talk(telecom, lang, BALANCE[lang], TOLD[lang], USELESS[lang])
    handoff = caller.handed()
    assert (handoff.reason, handoff.priority, handoff.mood) == ("friction", 3, "frustrated")
    assert SORRY[lang][:5] in caller.announced or "Siento" in caller.announced
    requested = [n for n in caller.notes if isinstance(n, HandoffRequested)]
    assert requested == [HandoffRequested("friction", "billing", 3, "balance")]
    note = [n for n in caller.notes if isinstance(n, FrictionDecided)][-1]
    assert note.decision == "hand_over"
    assert note.why["es"][0] == "se quejó de tener que repetir lo ya dicho"
    assert note.why["en"][0] == "complained about having to repeat things"
    event = Event("C", 0, 0, note)
    assert from_json(event.to_json()) == event
    for reader in LANGUAGES:
        said = full(handoff, (), reader)
        assert {"es": "el número de cliente", "en": "the customer number"}[reader] in said, "where it stopped"
        assert note.why[reader][0] in said


def assert_ahead(caller: Caller, reason: str) -> None:
    """To a person before others, and the ticket, the log and the decision say so, once."""
    handoff = caller.handed()
    assert (handoff.reason, handoff.priority, handoff.mood) == (reason, 3, "frustrated")
    (requested,) = [n for n in caller.notes if isinstance(n, HandoffRequested)]
    assert (requested.reason, requested.priority) == (reason, 3)
    (decision,) = [n for n in caller.notes if isinstance(n, FrictionDecided) and n.decision == "hand_over"]
    assert decision.score >= 6
    assert [name for name, _ in decision.signs] == [sign.sign for sign in handoff.why_mood]
    for lang in LANGUAGES:
        assert decision.why[lang]
        assert decision.why[lang][0] in full(handoff, (), lang)


NOISE = {"es": "patata", "en": "potato"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_has_had_enough_goes_ahead_also_by_the_ladder(telecom: Business, lang: str) -> None:
    repeat = {"es": "repita", "en": "repeat"}[lang]
    caller = talk(telecom, lang, BALANCE[lang], repeat, NOISE[lang], TOLD[lang], USELESS[lang])
    assert_ahead(caller, "no_match")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_has_had_enough_goes_ahead_also_by_their_own_wish(telecom: Business, lang: str) -> None:
    hard = ruled(telecom, offer="never", weigh={"not_understood": 3})
    for asks in ({"es": "una persona", "en": "a person"}[lang], "#0"):
        assert_ahead(talk(hard, lang, BALANCE[lang], NOISE[lang], NOISE[lang], asks), "caller_asked")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_goes_to_a_person_contentedly_goes_in_turn(telecom: Business, lang: str) -> None:
    caller = talk(telecom, lang, BALANCE[lang], NOISE[lang], {"es": "una persona", "en": "a person"}[lang])
    handoff = caller.handed()
    assert (handoff.reason, handoff.priority, handoff.mood) == ("caller_asked", 5, "neutral")
    assert "hand_over" not in decided(caller)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_person_is_offered_and_a_yes_takes_it(telecom: Business, lang: str) -> None:
    nonsense = {"es": "azul cielo mar", "en": "blue sky sea"}[lang]
    caller = talk(telecom, lang, BALANCE[lang], nonsense, TOLD[lang])
    assert OFFER[lang] in caller.text
    assert YES[lang] in caller.listens().phrases
    caller.says(YES[lang])
    assert caller.handed().reason == "caller_asked"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_offer_that_is_not_taken_costs_nothing(telecom: Business, lang: str) -> None:
    nonsense = {"es": "azul cielo mar", "en": "blue sky sea"}[lang]
    caller = talk(telecom, lang, BALANCE[lang], nonsense, TOLD[lang], NUMBER, YES[lang])
    assert caller.handoff is None
    assert {"es": "cuarenta y dos", "en": "forty-two"}[lang] in caller.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_polite_and_content_callers_never_notice(telecom: Business, lang: str) -> None:
    polite = {
        "es": (
            "hola buenas tardes",
            "por favor, ¿me puede decir mi saldo?",
            NUMBER,
            "sí, gracias",
            "no, muchas gracias",
        ),
        "en": (
            "hello good afternoon",
            "could you tell me my balance please",
            NUMBER,
            "yes thanks",
            "no thank you",
        ),
    }[lang]
    caller = talk(telecom, lang, *polite)
    assert caller.hang_up is not None
    assert decided(caller) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_loud_fast_caller_who_cuts_in_is_not_annoyed_for_that(telecom: Business, lang: str) -> None:
    caller = Caller(telecom, lang)
    for text in (
        BALANCE[lang],
        {"es": "uno dos tres cuatro cinco seis siete ocho", "en": "one two three four five six seven eight"}[
            lang
        ],
        YES[lang],
    ):
        cut = tuple(Utterance(p.text, "", 300, Ended.CUT) for p in caller.answer)
        caller.answer = []
        heard = Heard(Transcript(text, 1.0, lang=lang), cut, louder_db=12.0, faster=2.0)
        caller.feed(heard, 1000)
    assert caller.handoff is None
    assert decided(caller) == []


def test_an_outburst_while_being_understood_is_no_reason_to_hand_over(telecom: Business) -> None:
    caller = talk(telecom, "es", "esto es una vergüenza, ya se lo he dicho, quiero saber mi saldo, joder")
    assert caller.handoff is None
    assert "número de cliente" in caller.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_actions_that_fail_again_and_again_meet_a_person(appointments: Business, lang: str) -> None:
    caller = Caller(appointments, lang, act=False)
    for line in (
        {"es": "quiero pedir cita", "en": "i want an appointment"}[lang],
        {"es": "mañana", "en": "tomorrow"}[lang],
        "#1",
        {"es": "nada", "en": "nothing"}[lang],
    ):
        caller.says(line)
        if caller.expect is not None and caller.expect.kind.value == "yes_no":
            caller.says(YES[lang])
    for failure in range(2):
        assert caller.invoke is not None, (failure, caller.said[-2:])
        caller.feed(ActionFailed(caller.invoke.id, "timeout"), 500)
        if failure == 0:
            assert caller.handoff is None
            caller.says({"es": "quiero pedir cita", "en": "i want an appointment"}[lang])
    assert caller.handed().reason == "action_failed"
    assert decided(caller)[-1] == "hand_over"
    assert {"es": "dos veces", "en": "two times"}[lang] in full(caller.handed(), ())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_before_the_longest_call_is_cut_off_a_person_takes_over(telecom: Business, lang: str) -> None:
    caller = Caller(telecom, lang)
    caller.dialogue = type(caller.dialogue)(telecom.flow, telecom.texts, telecom.understanding, lang)
    caller.now = 0
    caller.feed(Began("", "", WEDNESDAY, longest_ms=600_000))
    caller.says(BALANCE[lang])
    caller.feed(Heard(Transcript("eh", 1.0, lang=lang)), 570_000)
    assert caller.handoff is None
    caller.feed(Heard(Transcript("eh", 1.0, lang=lang)), 15_000)
    assert caller.handed().reason == "time"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_just_before_closing_a_person_is_offered_early(telecom: Business, lang: str) -> None:
    open_line = ruled(telecom, hours="office", closing_min=15)
    near = WEDNESDAY + (9 * 60 + 50) * 60_000  # 19:50 in Madrid; the office closes at eight
    assert OFFER[lang] in talk(open_line, lang, BALANCE[lang], TOLD[lang], wall_ms=near).text
    assert OFFER[lang] not in talk(open_line, lang, BALANCE[lang], TOLD[lang]).text
    late = talk(open_line, lang, BALANCE[lang], "…", TOLD[lang], wall_ms=near + 3_600_000)
    assert OFFER[lang] not in late.text, "nobody is offered who is not there"


def test_vips_are_offered_a_person_sooner(telecom: Business) -> None:
    vips = ruled(telecom, vip="caller is known")
    assert OFFER["es"] not in talk(telecom, "es", BALANCE["es"], TOLD["es"]).text
    assert OFFER["es"] in talk(vips, "es", BALANCE["es"], TOLD["es"]).text


def test_a_flow_may_do_without(telecom: Business) -> None:
    off = ruled(telecom, simplify="never", apologise="never", offer="never", hand_over="never")
    caller = talk(off, "es", BALANCE["es"], TOLD["es"], TOLD["es"], TOLD["es"])
    assert caller.handed().reason == "no_match", "the ladder is as ever"
    assert caller.handed().priority == 5
    assert decided(caller) == []


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ("{hours: shop}", "there are no hours called 'shop'"),
        ("{vip: tier is gold}", "'tier' is neither a slot nor a variable"),
        ("{offer: 9}", "must rise"),
        ("{weigh: {cross: 1}}", "cross"),
        ("{vip: caller is known, hours: desk, offer: never, weigh: {loud: 0}}", ""),
    ],
)
def test_wrong_rules_are_told_with_their_line(tmp_path: Path, rules: str, says: str) -> None:
    flow = APPOINTMENTS.replace("start: menu\n", f"friction: {rules}\nstart: menu\n", 1)
    prompts = make_prompts(tmp_path / "prompts", flow, APPOINTMENT_ACTIONS)
    _, problems = check_path(prompts / "flows" / "appointments.yaml", prompts)
    errors = [problem for problem in problems if problem.severity == "error"]
    assert len(errors) == bool(says)
    for problem in errors:
        assert says in problem.message
        assert (
            "friction" in (prompts / "flows" / "appointments.yaml").read_text().splitlines()[problem.line - 1]
        )


def test_what_only_people_do_goes_to_them_at_once(telecom: Business) -> None:
    caller = talk(telecom, "es", "quiero poner una reclamación")
    assert caller.handed().reason == "flow"
    assert not caller.note(CallerNotUnderstood)


def test_the_mood_of_the_packet_has_its_reasons(telecom: Business) -> None:
    caller = talk(telecom, "en", BALANCE["en"], TOLD["en"], "agent")
    handoff = caller.handed()
    assert handoff.mood == "frustrated"
    assert [sign.sign for sign in handoff.why_mood] == ["already_told", "not_understood"]
    other = handoff.worded[0]
    assert (other.lang, other.stopped_at) == ("es", "número de cliente")
    assert replace(other, lang="en").reason == handoff.reason
    calm = talk(telecom, "es", BALANCE["es"], NUMBER, "sí", "no gracias")
    assert decided(calm) == []
