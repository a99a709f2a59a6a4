"""Leaving the way and coming back to it: sub-flows, digressions and campaigns."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from enum import Enum

from voice.dialogue.assemble import CAMPAIGN
from voice.dialogue.conversation import Conversation, Focus
from voice.dialogue.flow import DoStep, Flow, group_of
from voice.dialogue.render import RenderError
from voice.dialogue.texts import Texts
from voice.dialogue.understanding import Understanding
from voice.events import CampaignTold
from voice.model import IntentGuess, Slot

log = logging.getLogger(__name__)

MOST_DIGRESSIONS = 5  # to the same intent in a call
MOST_NESTED = 2  # digressions within digressions; one more takes the place of the innermost


class Detour(Enum):
    FLOW = "flow"
    DIGRESSION = "digression"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the conversation goes on after a detour."""

    kind: Detour
    at: str  # the step that ran a sub-flow, the question that was interrupted, the step after a campaign
    group: str = ""  # the sub-flow that runs
    focus: Focus = Focus.STEP
    pending: Slot | None = None
    pending_intent: tuple[IntentGuess, ...] = ()
    intent: IntentGuess | None = None  # what the digression is about


class Detours(Conversation):
    """Keeps the frames of the detours under way, innermost last."""

    def __init__(self, flow: Flow, texts: Texts, understanding: Understanding, lang: str) -> None:
        super().__init__(flow, texts, understanding, lang)
        self._frames: list[Frame] = []
        self._told: set[str] = set()  # campaigns
        self._digressed: Counter[str] = Counter()  # how often each intent interrupted a question

    def _subject(self) -> IntentGuess | None:
        """What is being dealt with now: a digression's intent, else what the caller called for."""
        asides = (frame.intent for frame in reversed(self._frames) if frame.intent is not None)
        return next(asides, self._memory.intent)

    def _leave_for(self, target: str) -> None:
        """The caller goes elsewhere for good: ends the detours that ``target`` does not belong to."""
        while self._frames:
            frame = self._frames[-1]
            if frame.kind is Detour.FLOW and frame.group == group_of(target):
                return
            self._frames.pop()

    # --- sub-flows -------------------------------------------------------------------------------

    def _run(self, name: str, step: DoStep) -> str:
        """Enters a sub-flow, which begins anew with what it is given."""
        values = self._values()
        given = {inside: (source, values.get(source)) for inside, source in step.inputs.items()}
        self._memory.begin_group(step.flow, given)
        self._frames.append(Frame(Detour.FLOW, name, step.flow))
        return self.flow.groups[step.flow].start

    def _return(self, outcome: str | None) -> str | None:
        """Ends the innermost detour; returns the next step, or None when a question was put again."""
        if not self._frames:
            return self.flow.main or self.flow.start
        frame = self._frames.pop()
        if frame.kind is Detour.DIGRESSION:
            self._come_back(frame)
            return None
        if frame.kind is Detour.CAMPAIGN:
            return frame.at
        step = self.flow.steps[frame.at]
        assert isinstance(step, DoStep)
        self._memory.end_group(step.flow, step.save)
        return step.on.get(outcome or "", step.then)

    # --- digressions -----------------------------------------------------------------------------

    def _digressing(self) -> bool:
        return bool(self._frames) and self._frames[-1].kind is Detour.DIGRESSION

    def _too_often(self, intent: str) -> bool:
        """Counts a digression; true when the caller rather needs a person."""
        self._digressed[intent] += 1
        return self._digressed[intent] > MOST_DIGRESSIONS

    def _interrupt(self, frame: Frame) -> None:
        """Keeps the question on the table for later. Nested too deep, the innermost digression makes room:
        its question is the one to come back to."""
        places = [i for i, f in enumerate(self._frames) if f.kind is Detour.DIGRESSION]
        if len(places) >= MOST_NESTED:
            del self._frames[places[-1] + 1 :]
        else:
            self._frames.append(frame)

    def _come_back(self, frame: Frame) -> None:
        """Puts the interrupted question again."""
        raise NotImplementedError

    # --- campaigns -------------------------------------------------------------------------------

    def _past_campaigns(self, intent: str, target: str) -> str:
        """Tells what there is to tell now (``intent`` "": after the disclosure), once a call; returns the
        step to go to: ``target``, or the question whether that was all."""
        first = target
        for name, campaign in self.flow.campaigns.items():
            spoken = not campaign.languages or self.lang in campaign.languages
            if name in self._told or campaign.intent != intent or not spoken:
                continue
            if not campaign.runs_at(self._local()):
                continue
            condition = campaign.condition
            if condition is not None and not condition.holds(self._values(), self._is_open):
                continue
            self._told.add(name)
            try:
                text = self._text(campaign.text)
            except RenderError as error:  # what the caller called for does not depend on it
                log.error("flow %s, campaign %s: %s; it is not told", self.flow.name, name, error)
                continue
            self._note(CampaignTold(name))
            self._prompt(text, f"{CAMPAIGN}.{name}", campaign.barge_in)
            question = f"{CAMPAIGN}.{name}"
            if first == target and question in self.flow.steps:
                self._frames.append(Frame(Detour.CAMPAIGN, target))
                first = question
        return first

    def _is_open(self, hours: str) -> bool:
        opening = self.flow.opening.get(hours)
        return opening is not None and opening.open_at(self._local())
