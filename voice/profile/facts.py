"""What a call leaves to remember: a fold of its event log. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from voice import events as ev
from voice.dialogue.flow import AskStep, Flow, SayStep, group_of
from voice.dialogue.flow_calls import CallStep, VerifyStep
from voice.dialogue.flow_steps import ConverseStep, DoStep, Step
from voice.dialogue.seam import FORGET_CALLER, CutCall
from voice.events import Event
from voice.insight.standing import standing
from voice.model import IntentGuess, Slot, Source


@dataclass(frozen=True, slots=True)
class FlowFacts:
    """What the fold must know of the flow: which steps ask, answer and forget."""

    name: str
    version: str
    asks: Mapping[str, str]  # step to slot
    answers: frozenset[str]
    forgets: Mapping[str, tuple[str, ...]]
    sensitive: frozenset[str]
    acted_on: frozenset[str] = frozenset()  # names that an action or an application is given
    told: frozenset[str] = frozenset()  # what the author would tell whoever has the number
    once: frozenset[str] = frozenset()  # steps that do a thing once

    @classmethod
    def of(cls, flow: Flow) -> FlowFacts:
        return cls(
            flow.name,
            flow.version,
            {name: step.slot for name, step in flow.steps.items() if isinstance(step, AskStep)},
            frozenset(n for n, step in flow.steps.items() if isinstance(step, SayStep) and step.answer),
            {name: step.forget for name, step in flow.steps.items() if step.forget},
            flow.sensitive,
            frozenset(name for step in flow.steps.values() for name in _given(step)),
            frozenset(flow.remember.values if flow.remember else ()),
            frozenset(n for n, step in flow.steps.items() if isinstance(step, CallStep) and step.does_once),
        )

    def needs_the_caller(self, name: str) -> bool:
        """Whether a number alone may not bring ``name`` back: with it, an action would answer to whoever
        forged the number or borrowed the telephone."""
        return name in self.acted_on and name not in self.told


def _given(step: Step) -> tuple[str, ...]:
    match step:
        case VerifyStep():
            return (step.identity, *step.arguments.values())
        case CallStep():
            return tuple(step.arguments.values())
        case DoStep():
            return tuple(step.inputs.values())
        case ConverseStep():
            asked = (name for tool in step.tools.values() for name in tool.arguments.values())
            return (*step.facts, *asked)
    return ()


@dataclass(slots=True)
class CallFacts:
    """One call, as far as a next one may care. Wall times are UTC epoch milliseconds."""

    call_id: str = ""
    caller: str = ""
    flow: str = ""
    version: str = ""
    lang: str = ""
    began_at: int = 0
    ended_at: int = 0
    outcome: str = ""
    reason: str = ""
    intent: IntentGuess | None = None
    intents: list[str] = field(default_factory=list)
    slots: dict[str, Slot] = field(default_factory=dict)
    saved: dict[str, str] = field(default_factory=dict)
    begun: dict[str, set[str]] = field(default_factory=dict)  # once-steps to invocations that may be done
    done: set[str] = field(default_factory=set)  # those of them that are
    question: str = ""  # the ask step on the table, "" when none was or it was answered for good
    asked_for: IntentGuess | None = None  # what that question is about
    answered: bool = False  # what the caller wanted last was given
    person: bool = False  # a person was asked for
    ticket: str = ""
    identity: str = ""  # key of whom the caller proved to be
    checked: bool = False  # an identity was checked, however it ended
    erased: bool = False  # or wanted to be
    spoke: int = 0
    keyed: int = 0

    @property
    def was_cut(self) -> bool:
        """It ended while something was asked or looked up: the line failed, or the caller gave up."""
        return (
            self.outcome in ("abandoned", "failed")
            and bool(self.question)
            and self.intent is not None
            and not (self.person or self.answered)
        )

    def value(self, name: str) -> str | None:
        slot = self.slots.get(name)
        return slot.value if slot is not None else self.saved.get(name)


def fold_call(events: Sequence[Event], facts: FlowFacts) -> CallFacts:
    """Sensitive slots never get in, nor values that the caller rejected or the flow forgot."""
    call = CallFacts()
    for event in standing(events):
        call.call_id = event.call_id
        _take(call, event, facts)
    return call


def _take(call: CallFacts, event: Event, facts: FlowFacts) -> None:
    match event.data:
        case ev.CallStarted() as began:
            call.caller, call.flow, call.version = began.caller, began.flow, began.flow_version
            call.lang, call.began_at = began.lang, began.wall_ms
        case ev.LanguageChanged(lang=lang):
            call.lang = lang
        case ev.IntentRecognised() as heard:
            call.intent = IntentGuess(heard.intent, heard.confidence, heard.label)
            call.answered = False
            if heard.intent not in call.intents:
                call.intents.append(heard.intent)
        case ev.StepEntered(step=step):
            _step(call, step, facts)
        case ev.SlotFilled() as filled:
            _fill(call, filled, facts)
        case ev.SlotConfirmed(name=name, how=how):
            if how == "rejected":
                call.slots.pop(name, None)
        case ev.ActionStarted(name=action) if action == FORGET_CALLER:
            call.erased = True  # also where it fails: who wants to be forgotten is not remembered anew
        case ev.ActionStarted(id=invocation):
            step = invocation.rpartition("-")[0]  # as the dialogue names them
            if step in facts.once:
                call.begun.setdefault(step, set()).add(invocation)
        case ev.ActionFinished(id=invocation, ok=ok, uncertain=uncertain):
            step = invocation.rpartition("-")[0]
            if ok and step in facts.once:
                call.done.add(step)
            elif not uncertain:
                call.begun.get(step, set()).discard(invocation)
        case ev.ValuesSaved(values=values):
            call.saved |= {name: str(value) for name, value in values.items()}
        case ev.HandoffRequested():
            call.person = True
        case ev.TicketChanged(ticket=ticket, state=state):
            call.ticket = ticket
            call.person = state != "returned"
        case ev.IdentityChecked(outcome=outcome, identity=identity):
            call.checked = True
            if outcome == "ok":
                call.identity = identity
        case ev.ProfileErased():
            call.erased = True
        case ev.BotSaid(key=key) if call.answered and key == call.question:
            # a digression was answered, and the question that it interrupted is put again
            call.answered, call.intent = False, call.asked_for
        case ev.CallerSaid(text=text):
            call.spoke += bool(text)
        case ev.CallerKeyed():
            call.keyed += 1
        case ev.CallEnded() as end:
            call.outcome, call.reason = end.outcome, end.reason
            call.ended_at = call.began_at + end.ms
        case _:
            pass


def _step(call: CallFacts, step: str, facts: FlowFacts) -> None:
    for name in facts.forgets.get(step, ()):
        call.slots.pop(name, None)
        call.saved.pop(name, None)
    if step in facts.asks:
        call.question, call.asked_for = step, call.intent
    if step in facts.answers:
        call.answered = True


def _fill(call: CallFacts, filled: ev.SlotFilled, facts: FlowFacts) -> None:
    if filled.sensitive or filled.name in facts.sensitive:
        return
    call.slots[filled.name] = Slot(
        filled.name,
        filled.value,
        filled.spoken,
        filled.confidence,
        filled.confirmed,
        Source(filled.source),
        filled.label,
    )


def cut_call(call: CallFacts, facts: FlowFacts) -> CutCall | None:
    """Where a call that was cut off may go on, with what was collected; None when there is nothing to go
    on with.

    Values that an action was or could be given are left out unless the flow remembers them for the number
    anyway, and so is everything that an action answered: the number is all that is known of whoever rings
    next. Where something is left out it goes on from the intent, which asks for it again. So it does where
    an identity was checked, and from a question of a sub-flow, which needs to know where to return to."""
    if not call.was_cut or call.flow != facts.name or call.version != facts.version:
        return None
    assert call.intent is not None
    asked = facts.asks.get(call.question, "")
    collected = [slot for name, slot in call.slots.items() if name != asked]
    slots = tuple(slot for slot in collected if not facts.needs_the_caller(slot.name))
    answered = {name: value for name, value in call.saved.items() if name != asked}
    saved = {name: value for name, value in answered.items() if name in facts.told}
    anew = call.checked or bool(group_of(call.question)) or len(slots) < len(collected) or saved != answered
    return CutCall(
        step="" if anew else call.question,
        lang=call.lang,
        intent=call.intent,
        slots=slots,
        saved={} if anew else saved,
        call_id=call.call_id,
        begun={step: "ok" if step in call.done else "uncertain" for step, may in call.begun.items() if may},
    )
