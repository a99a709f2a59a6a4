"""A turn that was taken back stays in the log and counts nowhere: in what was said, meant, known or done."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice import events as ev
from voice.call.handover import from_log
from voice.events import Event, EventData
from voice.insight.standing import standing
from voice.insight.transcript import fold
from voice.model import CallInfo
from voice.profile.facts import FlowFacts, fold_call
from voice.queue.packet import build
from voice.queue.summary import full
from voice.replay.judge import facts

HALF = {"es": "el número es uno dos", "en": "the number is one two"}
WHOLE = {"es": "el número es uno dos tres", "en": "the number is one two three"}
ASKED = {"es": "¿Qué pedido es?", "en": "Which order is it?"}
BEGUN = {"es": "Su pedido ha", "en": "Your order has"}
FACTS = FlowFacts(
    "shop", "v1", asks={"order": "order"}, answers=frozenset({"told"}), forgets={}, sensitive=frozenset()
)


def slot(value: str) -> ev.SlotFilled:
    return ev.SlotFilled("order", value, value, 0.9, True, "speech", "order")


def call(lang: str, *more: EventData) -> list[Event]:
    other = "en" if lang == "es" else "es"
    data: list[EventData] = [
        ev.CallStarted("twilio", "+34600111222", "+34910000000", lang, "shop", "v1", 1_768_381_200_000),
        ev.StepEntered("order"),
        ev.BotSaid(1, ASKED[lang], lang, "order", "any"),
        ev.BotHeard(1, ASKED[lang], 900, "full"),
        # half a turn, and all that was made of it
        ev.CallerSaid(HALF[lang], 0.9, lang, 1000, 1800),
        slot("12"),
        ev.SlotConfirmed("order", "implicit"),
        ev.IntentRecognised("cancel", 0.9, "cancel"),
        ev.WishKept("pay", 0.8, "pay"),
        ev.LanguageChanged(other, "heard"),
        ev.StepEntered("told"),
        ev.ValuesSaved("told", {"order_state": "lost"}),
        ev.CallerNotUnderstood("order", 1),
        ev.BotSaid(2, f"{BEGUN[lang]} ...", lang, "told", "any"),
        ev.Responded(1, 40_000, 500),
        ev.BargedIn("speech", 60),
        ev.TurnTakenBack(1),
        ev.LanguageChanged(lang, "taken_back"),
        ev.BotHeard(2, BEGUN[lang], 300, "cut"),
        ev.CallerSaid(WHOLE[lang], 0.9, lang, 1000, 3000),
        ev.IntentRecognised("order", 0.9, "order"),
        slot("123"),
        ev.Responded(2, 200, 500),
        *more,
    ]
    return [Event("CA1", n, 100 * n, item) for n, item in enumerate(data)]


@pytest.mark.parametrize("lang", ["es", "en"])
def test_the_transcript_has_the_whole_sentence_once_where_it_began(lang: str) -> None:
    lines = fold(call(lang))
    assert [(line.who, line.text) for line in lines] == [
        ("bot", ASKED[lang]),
        ("caller", WHOLE[lang]),
        ("bot", BEGUN[lang]),  # this was heard, and stands
    ]
    assert lines[1].intent == "order"


@pytest.mark.parametrize("lang", ["es", "en"])
def test_nobody_is_told_what_half_a_turn_meant(lang: str) -> None:
    events = call(lang)
    handoff = from_log(events, reason="fault", queue="general", lang=lang)
    assert handoff.intent is not None
    assert (handoff.intent.intent, handoff.also) == ("order", ())
    assert [s.value for s in handoff.slots] == ["123"]
    info = CallInfo("CA1", "MZ1", "twilio", "+34600111222")
    packet = build(handoff, events, info, ticket_id="t", created_at_ms=0, recording=None, call_ms=9000)
    assert HALF[lang] not in [line.text for line in packet.transcript]
    assert (packet.timings.response_median_ms, packet.timings.caller_talk_ms) == (200, 2000)
    found = facts(events)
    assert (found.lang, found.intent, found.heard) == (lang, "order", [WHOLE[lang]])
    assert "turn.taken_back" in found.kinds


@pytest.mark.parametrize("lang", ["es", "en"])
def test_what_ran_when_the_dialogue_broke_is_told(lang: str) -> None:
    """A server that stops in the middle of a booking hands over from the log alone."""
    data: list[EventData] = [
        ev.ActionStarted("find-1", "find"),
        ev.ActionFinished("find-1", "find", True, 9),
        ev.ActionStarted("book-2", "book"),
    ]
    handoff = from_log(call(lang, *data), reason="fault", queue="general", lang=lang)
    may = {"es": "puede que se haya hecho", "en": "it may have been done"}[lang]
    assert [(one.what, one.outcome) for one in handoff.tried][1:] == [("book", may)]
    assert may in full(handoff, ())


@pytest.mark.parametrize("lang", ["es", "en"])
def test_the_next_call_remembers_nothing_of_it(lang: str) -> None:
    kept = fold_call(call(lang, ev.CallEnded("abandoned", "hung_up", 9000)), FACTS)
    assert (kept.lang, kept.intents, kept.spoke, kept.saved, kept.answered) == (lang, ["order"], 1, {}, False)
    assert kept.slots["order"].value == "123"


def test_three_parts_of_one_sentence_are_one_turn() -> None:
    said = [ev.CallerSaid(text, 0.9, "en", 0, 9) for text in ("i want", "i want to", "i want to pay")]
    data = [said[0], slot("1"), ev.TurnTakenBack(1), said[1], slot("2"), ev.TurnTakenBack(2), said[2]]
    kept = standing(Event("CA1", n, n, item) for n, item in enumerate(data))
    assert [e.data for e in kept if isinstance(e.data, ev.CallerSaid | ev.SlotFilled)] == [said[2]]


ANY = st.sampled_from(
    [
        ev.CallerSaid("x", 0.9, "en", 0, 9),
        ev.CallerKeyed("1"),
        ev.StepEntered("a"),
        ev.TurnTakenBack(1),
        ev.BotSaid(1, "x", "en", "a", "any"),
        ev.BotHeard(1, "x", 9, "cut"),
        ev.TicketChanged("t", "waiting"),
        ev.ActionFinished("a", "b", True, 9),
    ]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(ANY, max_size=20))
def test_only_what_was_said_and_made_of_it_is_ever_left_out(data: list[EventData]) -> None:
    events = [Event("CA1", n, n, item) for n, item in enumerate(data)]
    kept = standing(events)
    assert len({event.seq for event in kept}) == len(kept)
    gone = [event.data for event in events if event not in kept]
    assert all(isinstance(item, ev.CallerSaid | ev.StepEntered) for item in gone)
    if not any(isinstance(item, ev.TurnTakenBack) for item in data):
        assert kept == events
