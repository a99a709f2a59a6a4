"""The dialogue machine: inputs in, actions out, by the contract of :mod:`voice.dialogue.seam`.

Pure: no I/O, no clock, no asyncio. The layers below it, each a class: ``conversation`` (what can be said
and known), ``walk`` (from step to step), ``turns`` (what a caller's turn means).
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from voice.dialogue.checkpoint import checkpoint
from voice.dialogue.conversation import Focus, Phase
from voice.dialogue.conversing import Conversing
from voice.dialogue.easing import Easing
from voice.dialogue.known import arms_of
from voice.dialogue.ladder import Trouble
from voice.dialogue.overheard import Overheard
from voice.dialogue.render import RenderError
from voice.dialogue.resuming import Resuming
from voice.dialogue.seam import (
    Action,
    ActionDone,
    ActionFailed,
    Began,
    Heard,
    HearingFailed,
    Input,
    Keyed,
    Note,
    Recognised,
    Returned,
    Silence,
    Spoke,
    Tick,
)
from voice.dialogue.wishes import wants_person
from voice.events import ExperimentAssigned, LanguageChanged

log = logging.getLogger(__name__)

# Reasons of Returned that are the caller's own wish; any other means that nobody was there.
OWN_WISH = ("caller", "caller_asked", "own_wish", "returned", "key", "keypad", "back_to_assistant")


class FlowDialogue(Conversing, Overheard, Easing, Resuming):
    """A flow as a :class:`voice.dialogue.seam.Dialogue`: one object per call, never shared.

    ``FlowDialogue(flow, texts, understanding, lang, model)``; the flow must have passed its checks.
    ``model``: there is a language model that may be asked.
    """

    def step(self, event: Input, now: int) -> list[Action]:
        """Answers one input. ``now`` is in milliseconds of the call and never goes back."""
        self._now = max(now, self._now)
        self._out, self._prompts, self._cause, self._standing = [], [], "", set()
        try:
            self._dispatch(event)
        except RenderError as error:
            # A value the text needs is missing: the caller must not hear half a sentence.
            log.error("flow %s, step %s: %s; handing over", self.flow.name, self._at, error)
            self._out = [action for action in self._out if isinstance(action, Note)]
            self._prompts, self._running = [], None
            self._handoff("fault")
        out, self._out = self._out, []
        return out

    def checkpoint(self) -> Callable[[], None] | None:
        """See :meth:`voice.dialogue.seam.Dialogue.checkpoint`."""
        unchanging = (self._wording, self._expect, *self.flow.steps.values(), *self.flow.intents.values())
        # what an action answered may be large, and is only ever replaced
        answered = (*self._memory.variables.values(), *self._deeds)
        return checkpoint(self, (self.flow, self.texts, self._understanding, *unchanging, *answered))

    def deadline(self) -> int | None:
        """When :class:`Tick` is wanted. None before the call begins, in the queue and after the end."""
        if self._phase is Phase.CONSULTING:
            return self._consult_due()
        if self._phase is Phase.INVOKING:
            return self._action_due()
        return self._watchdog if self._phase is Phase.LISTENING else None

    def _dispatch(self, event: Input) -> None:
        if isinstance(event, Heard | Keyed | Silence | Spoke):
            self._remember_heard(event.heard_prompts)
            self._noisy = isinstance(event, Heard) and event.noisy
            self._noticed(event)
        if isinstance(event, Heard) and self._phase is Phase.LISTENING:
            self._heard_in(event.transcript)
        if self._conversed(event):
            return
        match event:
            case Began():
                self._began(event)
            case Recognised():
                self._memory.profile = {**self._memory.profile, **event.profile}
            case ActionDone():
                self._action_done(event)
            case ActionFailed():
                self._action_failed(event)
            case Returned():
                self._returned(event.reason)
            case HearingFailed():
                self._hearing_failed()
            case _ if self._phase is Phase.LISTENING:
                self._turn(event)
            case _ if self._phase is Phase.INVOKING:
                self._while_invoking(event)
            case _:
                pass  # before the call, in the queue or after the end nothing of this is ours

    def _began(self, event: Began) -> None:
        if self._phase is not Phase.NEW:
            return
        self._began_at, self._wall_ms = self._now, event.wall_ms
        self._longest_ms = event.longest_ms
        self._memory.variables["caller"] = event.caller
        self._memory.profile = dict(event.profile)
        self._memory.arms = arms_of(self.flow, event.call_id)
        for experiment, arm in self._memory.arms.items():
            self._note(ExperimentAssigned(experiment, arm))
        cut = event.cut if event.cut is not None and self._can_resume(event.cut) else None
        if "lang" not in event.parameters:
            self._begin_in(cut.lang if cut else event.profile.get("language", ""))
        self._disclose()
        if cut is not None:
            self._offer_resume(cut)
            return
        self._go(self._past_campaigns("", self.flow.start))

    def _begin_in(self, lang: str) -> None:
        """The language of the caller's earlier calls; the first words may still choose another."""
        if lang in self.flow.languages and lang != self.lang:
            self.lang = lang
            self._note(LanguageChanged(lang, "profile"))

    def _turn(self, event: Input) -> None:
        if self._focus is Focus.RESUME:
            if isinstance(event, Heard | Keyed | Silence) or self._now >= self._watchdog:
                self._resume_turn(event)
            return
        match event:
            case Heard():
                confidence = min(1.0, max(0.0, event.transcript.confidence))
                self._heard(event.transcript.text, confidence)
            case Keyed() if event.keys:
                self._echoed = []
                self._keyed(event.keys)
            case Silence() | Keyed():
                self._silent()
            case Tick() if self._now >= self._watchdog:
                log.warning("step %s: the turn never came; taken as silence", self._at)
                self._silent()
            case _:
                pass

    def _silent(self) -> None:
        if self._focus is Focus.REASON:
            self._handoff("caller_asked")
        else:
            self._trouble(Trouble.NO_INPUT)

    def _while_invoking(self, event: Input) -> None:
        running = self._running
        assert running is not None
        match event:
            case Tick():
                self._action_tick()
            case Spoke() if running.said == 0:
                running.quiet_since = self._now
            case Keyed(keys="0"):
                self._leave_action()
            case Heard() if wants_person(event.transcript.text, self.lang):
                self._leave_action()
            case _:
                pass  # the action's end decides what comes next

    def _leave_action(self) -> None:
        """A person was asked for while an action runs; it may still finish."""
        running, self._running = self._running, None
        assert running is not None
        self._given_up(running)
        self._memory.person_asked += 1
        self._handoff("caller_asked")

    def _action_done(self, event: ActionDone) -> None:
        if self._phase is Phase.INVOKING and self._running and self._running.id == event.id:
            self._action_over("ok", event.value)
        else:
            self._late_result(event.id, event.value)

    def _action_failed(self, event: ActionFailed) -> None:
        if self._phase is Phase.INVOKING and self._running and self._running.id == event.id:
            kind = event.kind if event.kind in ("timeout", "not_found") else "failed"
            self._action_over(kind, {}, uncertain=event.uncertain)
        else:
            self._late_result(event.id, None)

    def _returned(self, reason: str) -> None:
        if self._phase in (Phase.NEW, Phase.ENDED):
            return
        self._running, self._pending, self._pending_intent = None, None, ()
        self._frames.clear()
        self._digressed.clear()
        self._counters.clear()
        self._visits.clear()
        self._answers_heard.clear()
        self._answers_repeated.clear()
        self._prompt(self._system("returned" if reason in OWN_WISH else "returned_nobody"), "returned")
        self._go(self.flow.main or self.flow.start)

    def _hearing_failed(self) -> None:
        if self._keypad_only:
            return
        self._keypad_only = True
        if self._phase is not Phase.LISTENING:
            return  # said with the next question
        if self._focus is Focus.REASON:
            self._handoff("caller_asked")
        elif self._focus is Focus.STEP:
            self._put_again()
        elif self._focus is Focus.RESUME:
            assert self._cut is not None
            self._resume(self._cut)
        else:
            self._deaf_announced = True
            self._prompt(self._system("hearing_failed"), "hearing_failed")
            self._prompt(self._confirmation("_2"), "confirm")
            assert self._expect is not None
            self._listen(self._expect, self._focus)
