"""Whatever comes in, whatever the step: a sound, a wait with a deadline, a person or a goodbye."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dialogue.text_caller import Caller, started_at
from voice.dialogue.loader import Business
from voice.dialogue.machine import FlowDialogue
from voice.dialogue.seam import (
    ActionDone,
    ActionFailed,
    Began,
    HangUp,
    Heard,
    HearingFailed,
    Input,
    Invoke,
    Keyed,
    Listen,
    Returned,
    Say,
    Silence,
    Spoke,
    Tick,
    Transfer,
)
from voice.model import Transcript

WORDS = st.sampled_from(
    [
        "",
        "sí",
        "no",
        "yes",
        "no thanks",
        "uno dos tres cuatro cinco seis siete ocho",
        "one two three",
        "no el quince de marzo",
        "mañana",
        "veinte euros",
        "twenty euros",
        "cuánto debo",
        "where is my order",
        "quiero darme de baja",
        "my phone was stolen",
        "in english please",
        "en español",
        "repita por favor",
        "help",
        "menú principal",
        "centro",
        "ajá",
    ]
)
HEARD = st.builds(
    lambda text, confidence: Heard(Transcript(text, confidence)),
    st.one_of(WORDS, st.text(max_size=40)),
    st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0, 1)),
)
KEYED = st.builds(Keyed, st.text("123456789*#", max_size=9))
OTHER: st.SearchStrategy[Input] = st.one_of(
    st.builds(Silence),
    st.builds(Spoke),
    st.builds(Tick),
    st.builds(ActionDone, st.just("?"), st.just({})),
    st.builds(ActionFailed, st.just("?"), st.sampled_from(["timeout", "not_found", "fault", "?"])),
    st.builds(HearingFailed, st.just("gone")),
    st.builds(Returned, st.sampled_from(["caller_asked", "nobody"])),
)
INPUTS = st.lists(st.tuples(st.one_of(HEARD, KEYED, OTHER), st.integers(0, 20_000)), max_size=14)
RESULTS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {},
        {"amount": "1.50", "due": "2026-02-01", "state": "shipped", "day": "2026-02-01", "why": "usual"},
        {"amount": "0", "due": "2026-02-01", "code": "12"},
        {"amount": None, "due": 7, "state": [], "why": "?", "code": {}},
    ]
)


class Watch:
    """Follows a dialogue and knows what is outstanding."""

    def __init__(self, business: Business, lang: str) -> None:
        self.dialogue = FlowDialogue(business.flow, business.texts, business.understanding, lang)
        self.now = 0
        self.invoke: Invoke | None = None
        self.listening = False
        self.transferred = False
        self.ended = False
        self.feed(Began("", "", 1_768_381_200_000))

    def feed(self, item: Input, after_ms: int = 0) -> None:
        self.now += after_ms
        for action in self.dialogue.step(item, self.now):
            match action:
                case Say():
                    assert all(p.text.strip() and "{" not in p.text for p in action.prompts)
                case Listen():
                    self.listening, self.invoke, self.transferred = True, None, False
                case Invoke():
                    self.listening, self.invoke = False, action
                case Transfer():
                    assert not self.ended
                    self.listening, self.invoke, self.transferred = False, None, True
                    assert 0 <= action.handoff.priority <= 9
                case HangUp():
                    self.listening, self.invoke, self.ended = False, None, True
        self.check()

    def check(self) -> None:
        due = self.dialogue.deadline()
        if self.ended or self.transferred:
            assert due is None
        else:
            assert self.listening or self.invoke is not None
            assert due is not None
            assert due <= self.now + 300_000

    def answer(self, item: Input, result: dict[str, Any]) -> Input:
        """Gives made-up action results the id that is waited for."""
        if self.invoke is None:
            return item
        if isinstance(item, ActionDone):
            return ActionDone(self.invoke.id, result)
        if isinstance(item, ActionFailed):
            return ActionFailed(self.invoke.id, item.kind)
        return item


def _run(business: Business, data: st.DataObject) -> None:
    lang = data.draw(st.sampled_from(["es", "en"]))
    start = data.draw(st.sampled_from(sorted(business.flow.steps)))
    watch = Watch(started_at(business, start), lang)
    for item, after_ms in data.draw(INPUTS):
        watch.feed(watch.answer(item, data.draw(RESULTS)), after_ms)
    if watch.ended or watch.transferred:
        return
    person = {"es": "quiero hablar con una persona", "en": "i want to talk to a person"}
    for _ in range(2):
        if not watch.transferred:
            watch.feed(Heard(Transcript(person[watch.dialogue.lang], 1.0)), 1000)
    assert watch.transferred, "asking for a person reaches one within two turns"


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_telecom_never_falls_silent(telecom: Business, data: st.DataObject) -> None:
    _run(telecom, data)


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_every_kind_of_slot_never_falls_silent(appointments: Business, data: st.DataObject) -> None:
    _run(appointments, data)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_only_its_own_deadlines_are_enough_to_reach_an_end(telecom: Business, data: st.DataObject) -> None:
    """A caller who falls silent, an engine that hangs: ticks alone lead to a person or a goodbye."""
    watch = Watch(telecom, "es")
    for item, after_ms in data.draw(INPUTS):
        watch.feed(watch.answer(item, data.draw(RESULTS)), after_ms)
    for _ in range(40):
        due = watch.dialogue.deadline()
        if due is None:
            break
        watch.feed(Tick(), max(0, due - watch.now))
    assert watch.ended or watch.transferred


@pytest.mark.parametrize("lang", ["es", "en"])
def test_key_zero_reaches_a_person_from_every_step(telecom: Business, lang: str) -> None:
    for name in telecom.flow.steps:
        caller = Caller(started_at(telecom, name), lang, act=False)
        if not caller.over:
            caller.says("#0")
        assert caller.over, name


def test_the_same_inputs_give_the_same_actions(telecom: Business) -> None:
    def once() -> list[object]:
        caller = Caller(telecom)
        for line in ("", "cuánto debo", "#12345678", "sí", "repita", "dónde está mi pedido", "#123456", "no"):
            if not caller.over:
                caller.says(line)
        return [*caller.said, *caller.notes]

    assert once() == once()
