"""Knowing when to stop: what the score of a hard call (:mod:`voice.dialogue.friction`) does in a talk.

Reads the conversation as it happens (what is noted, heard, repeated, failed) and steps in just before the
caller is listened to again: with shorter questions, an apology, a person offered, or a person.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from voice.dialogue.conditions import parse_condition
from voice.dialogue.conversation import Focus
from voice.dialogue.flow import AskStep, Flow, MenuStep
from voice.dialogue.friction import Decision, Friction, Response, Sign, in_words
from voice.dialogue.seam import Action, Heard, Input, Note, Transfer
from voice.dialogue.texts import Texts
from voice.dialogue.turns import Turns
from voice.dialogue.understanding import Understanding
from voice.events import (
    CallerNotUnderstood,
    CallerSilent,
    EventData,
    FrictionDecided,
    HandoffRequested,
    IntentRecognised,
    SlotConfirmed,
    SlotFilled,
)
from voice.languages import language
from voice.model import LANGUAGES, Ended, Expect, ExpectKind, Handoff, Prompt
from voice.slots.reader import parse

_AGAIN = frozenset({"repeat", "help"})  # prompts that a caller asked for
TIME_LEFT = 30  # the last thirtieth of the longest call: one minute of half an hour
_APART = frozenset({"reason", "resume"})  # questions before or after the caller's business


class Easing(Turns):
    """A conversation that notices how it goes for its caller."""

    def __init__(self, flow: Flow, texts: Texts, understanding: Understanding, lang: str) -> None:
        super().__init__(flow, texts, understanding, lang)
        self._friction = Friction(flow.friction)
        self._got_on = False  # the caller got somewhere in this turn
        self._filled_at = ""  # the step at which a value was taken in this turn
        self._offered = False  # the last thing said was the offer of a person
        self._longest_ms = 0

    # --- what is seen ----------------------------------------------------------------------------

    def _noticed(self, event: Input) -> None:
        """A turn of the caller, before it is understood."""
        if not isinstance(event, Heard):
            return
        if any(utterance.ended is Ended.CUT for utterance in event.heard_prompts):
            self._friction.add(Sign.INTERRUPTED)
        self._friction.heard(event.transcript.text, self.lang)
        self._friction.sounded(event.louder_db, event.faster)

    def _note(self, data: EventData) -> None:
        super()._note(data)
        match data:
            case CallerNotUnderstood():
                self._friction.add(Sign.NOT_UNDERSTOOD)
            case CallerSilent():
                self._friction.add(Sign.SILENT)
            case SlotConfirmed(how="rejected"):
                self._friction.add(Sign.CORRECTED)
            case SlotConfirmed():
                self._got_on = True
            case SlotFilled():
                self._filled_at = self._at
            case IntentRecognised(intent=intent):
                known = self.flow.intents.get(intent)
                self._got_on |= known is not None and not known.person
            case _:
                pass

    def _progress(self) -> None:
        super()._progress()
        self._got_on = True

    def _action_over(self, outcome: str, value: dict[str, Any], **how: bool) -> None:
        if outcome == "ok":
            self._friction.action_done()
        elif outcome in ("failed", "timeout"):
            self._friction.add(Sign.ACTION_FAILED)
        super()._action_over(outcome, value, **how)

    def _circumstances(self) -> None:
        rules, friction = self.flow.friction, self._friction
        friction.circumstance(Sign.LONG_CALL, self._now - self._began_at >= rules.long_call_s * 1000)
        if rules.vip is not None:
            friction.circumstance(Sign.VIP, parse_condition(rules.vip).holds(self._values(), self._is_open))
        opening = self.flow.opening.get(rules.hours or "")
        if opening is not None:
            local = self._local()
            soon = local + timedelta(minutes=rules.closing_min)
            friction.circumstance(Sign.CLOSING, opening.open_at(local) and not opening.open_at(soon))

    # --- what is done ----------------------------------------------------------------------------

    def _listen(self, expect: Expect, focus: Focus, *, remember: bool = True) -> None:
        self._offered = False
        if focus.value not in _APART:
            left_ms = self._longest_ms - (self._now - self._began_at)
            if self._longest_ms and left_ms <= self._longest_ms // TIME_LEFT:
                self._prompts = []
                self._handoff("time")  # better than to be cut off in a minute
                return
            for decision in self._decisions():
                if decision.response is Response.HAND_OVER:
                    self._prompts = []
                    self._handoff(decision.reason)
                    return
                self._note(_logged(decision))
                if decision.response is Response.APOLOGISE:
                    self._prompts = [p for p in self._prompts if p.key != "lead"]  # one apology is enough
                    self._prompts.insert(0, Prompt(self._system("friction.apology"), self.lang, key="lead"))
                elif decision.response is Response.OFFER and self._somebody():
                    self._prompts.insert(
                        _after_leads(self._prompts),
                        Prompt(self._system("friction.offer"), self.lang, key="lead"),
                    )
                    self._offered = True
                    expect = self._with_yes(expect, focus)
        super()._listen(expect, focus, remember=remember)

    def _decisions(self) -> tuple[Decision, ...]:
        if any(prompt.key in _AGAIN for prompt in self._prompts):
            self._friction.add(Sign.REPEATED)
        if self._got_somewhere():
            self._friction.progress()
        self._got_on, self._filled_at = False, ""
        self._circumstances()
        return self._friction.decide()

    def _got_somewhere(self) -> bool:
        """In this turn."""
        return self._got_on or bool(self._filled_at and self._filled_at != self._at)

    def _somebody(self) -> bool:
        """People are at work, as far as the flow tells: nobody is offered who is not there."""
        return self.flow.friction.hours is None or self._is_open(self.flow.friction.hours)

    def _takes_yes(self, expect: Expect, focus: Focus) -> bool:
        step = self._step()
        return (
            focus is not Focus.STEP
            or expect.kind in (ExpectKind.YES_NO, ExpectKind.TEXT)
            or (isinstance(step, MenuStep) and step.yes is not None)
        )

    def _with_yes(self, expect: Expect, focus: Focus) -> Expect:
        """A bare yes takes the offer, where it answers nothing else: so it is listened for."""
        if not expect.phrases or self._takes_yes(expect, focus):
            return expect
        new = tuple(p for p in language(self.lang).yes_phrases if p not in expect.phrases)
        meanings = (*expect.meanings, *("person" for _ in new)) if expect.meanings else ()
        return replace(expect, phrases=(*expect.phrases, *new), meanings=meanings)

    def _heard(self, text: str, confidence: float) -> None:
        offered, self._offered = self._offered, False
        if offered and self._expect is not None and not self._takes_yes(self._expect, self._focus):
            answer = parse(ExpectKind.YES_NO, text, self.lang, today=self._today())
            if answer is not None and answer.value == "yes":
                self._memory.person_asked += 1
                self._handoff("caller_asked")
                return
        super()._heard(text, confidence)

    def _question(self, step: AskStep | MenuStep, *, again: bool = False) -> str:
        """Where a call goes badly, the short wording with an example, and the keys."""
        if not self._friction.simple:
            return super()._question(step, again=again)
        by_keys = isinstance(step, AskStep) and step.keypad and step.kind in ("digits", "amount", "date")
        index = 0 if by_keys else len(step.retry) - 1
        self._counter(Focus.STEP).last_retry = index
        text = self._text(step.retry[index])
        return f"{text} {self._system('friction.keypad')}" if by_keys else text

    # --- a person --------------------------------------------------------------------------------

    def _handoff(self, reason: str, *args: Any, **options: Any) -> None:
        """The rules hold whichever way leads to a person: their own, the ladder, the caller's wish."""
        self._circumstances()
        decision = self._friction.at_handoff(reason, progressed=self._got_somewhere())
        if decision is not None:
            self._note(_logged(decision))
        super()._handoff(reason, *args, **options)
        transfer = self._out[-1]
        assert isinstance(transfer, Transfer)
        self._out[-1] = presented = self._presented(transfer, decision)
        priority = presented.handoff.priority  # the log says the same as the ticket
        self._out = [_at_priority(action, priority) for action in self._out]

    def _presented(self, transfer: Transfer, decision: Decision | None) -> Transfer:
        """With how the call went, where it stopped, and all of it in the other languages of the agents."""
        handoff, friction = transfer.handoff, self._friction
        ahead = decision is not None and decision.reason == "friction"
        if ahead:
            handoff = replace(handoff, priority=min(handoff.priority, self.flow.friction.priority))
        if ahead or friction.frustrated:
            handoff = replace(handoff, mood="frustrated")
        why = friction.why() if handoff.mood != "calm" else ()
        handoff = replace(handoff, why_mood=why, stopped_at=self._asking(handoff.lang))
        others = tuple(self._in(handoff, lang) for lang in LANGUAGES if lang in self.flow.languages)
        return replace(
            transfer, handoff=replace(handoff, worded=tuple(o for o in others if o.lang != handoff.lang))
        )

    def _in(self, handoff: Handoff, lang: str) -> Handoff:
        memory = self._memory
        return replace(
            handoff,
            lang=lang,
            intent=memory.guess(handoff.intent, lang),
            alternatives=tuple(g for a in handoff.alternatives if (g := memory.guess(a, lang))),
            also=tuple(g for a in handoff.also if (g := memory.guess(a, lang))),
            slots=memory.packet_slots(lang),
            results=memory.packet_results(lang),
            tried=memory.tried(lang),
            stopped_at=self._asking(lang),
        )

    def _asking(self, lang: str) -> str:
        """The answer that was being asked for; what a yes or no is about reads as no such thing."""
        step = self._step()
        return step.label.get(lang, "") if isinstance(step, AskStep) and step.kind != "yes_no" else ""


def _logged(decision: Decision) -> FrictionDecided:
    return FrictionDecided(
        decision.response.value,
        decision.score,
        {lang: in_words(decision.why, lang) for lang in LANGUAGES},
        [[sign.sign, sign.count] for sign in decision.why],
    )


def _after_leads(prompts: list[Prompt]) -> int:
    """The place behind apologies, before the question."""
    return next((i for i, prompt in enumerate(prompts) if prompt.key != "lead"), len(prompts))


def _at_priority(action: Action, priority: int) -> Action:
    if isinstance(action, Note) and isinstance(action.data, HandoffRequested):
        return Note(replace(action.data, priority=priority))
    return action
