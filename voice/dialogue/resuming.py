"""Going on with an earlier call that was cut off: offered once, at the beginning, and never in the way.

A clear no begins anew, and so does another wish or a question that an article answers; whatever else is said
or not said goes on, since the question that comes then asks for itself.
"""

from __future__ import annotations

from voice.dialogue.conversation import Focus
from voice.dialogue.flow import AskStep, Flow
from voice.dialogue.keypad import NO_KEY
from voice.dialogue.listening import confirm_expect
from voice.dialogue.render import RenderError, render
from voice.dialogue.seam import CutCall, Heard, Input, Keyed
from voice.dialogue.texts import Texts
from voice.dialogue.turns import Turns
from voice.dialogue.understanding import Understanding
from voice.dialogue.wishes import wants_language, wants_person, wants_repeat
from voice.events import CallResumed, ValuesSaved
from voice.languages import language
from voice.model import ExpectKind
from voice.slots.reader import parse

MOST_OFFERS = 3


class Resuming(Turns):
    """Offers to go on, and goes on."""

    def __init__(self, flow: Flow, texts: Texts, understanding: Understanding, lang: str) -> None:
        super().__init__(flow, texts, understanding, lang)
        self._cut: CutCall | None = None
        self._offers = 0

    def _can_resume(self, cut: CutCall) -> bool:
        """Its place is still there, and can be said with what was kept."""
        if cut.lang not in self.flow.languages:
            return False
        if not cut.step:
            return cut.intent.intent in self.flow.intents
        step = self.flow.steps.get(cut.step)
        if not isinstance(step, AskStep):
            return False
        values = {**self._values(), **cut.saved, **{slot.name: slot.value for slot in cut.slots}}
        try:
            for text in (step.prompt, *step.retry):
                render(text[cut.lang], cut.lang, values, self._words())
        except RenderError:
            return False
        return True

    def _offer_resume(self, cut: CutCall) -> None:
        if not self._offers:
            self._begun_earlier({name: how for name, how in cut.begun.items() if name in self.flow.steps})
        self._cut = cut
        self._offers += 1
        self._prompt(self._system("resume_offer"), "resume_offer")
        self._listen(confirm_expect(self.flow, self._at, self.lang), Focus.RESUME)

    def _resume_turn(self, event: Input) -> None:
        """The answer to the offer."""
        cut = self._cut
        assert cut is not None
        if isinstance(event, Keyed) and event.keys == "0":
            self._restore(cut)
            self._keyed("0")
        elif isinstance(event, Keyed) and event.keys == NO_KEY:
            self._begin_anew(cut)
        elif isinstance(event, Heard):
            self._resume_heard(cut, event.transcript.text, min(1.0, max(0.0, event.transcript.confidence)))
        else:
            self._resume(cut)

    def _resume_heard(self, cut: CutCall, text: str, confidence: float) -> None:
        words = language(self.lang).normalise(text)
        wanted = wants_language(words)
        if wanted is not None and wanted in self.flow.languages and self._offers < MOST_OFFERS:
            self._set_language(wanted, "asked")
            self._offer_resume(cut)
            return
        if wants_person(words, self.lang):
            self._restore(cut)
            self._person(words)
            return
        if wants_repeat(words, self.lang) and self._offers < MOST_OFFERS:
            self._offer_resume(cut)
            return
        guesses = self._scored(words, self.lang, confidence) if words else ()
        if guesses and guesses[0].confidence >= self._thresholds().high:
            self._forget_cut(cut)
            self._take_intent(guesses)  # what the caller wants now goes before what they wanted then
            return
        asked = self._likely(words, confidence, self.lang)
        if asked is not None and self.flow.main is not None:
            self._forget_cut(cut)
            self._at = self.flow.main
            self._tell(asked, words)
            return
        answer = parse(ExpectKind.YES_NO, words, self.lang, today=self._today())
        if answer is not None and answer.value == "no":
            self._begin_anew(cut)
        else:
            self._resume(cut)

    def _forget_cut(self, cut: CutCall) -> None:
        self._cut = None
        self._note(CallResumed(cut.call_id, cut.step, False))

    def _begin_anew(self, cut: CutCall) -> None:
        self._forget_cut(cut)
        self._go(self._past_campaigns("", self.flow.start))

    def _resume(self, cut: CutCall) -> None:
        self._restore(cut)
        if "uncertain" in cut.begun.values() or (cut.begun and not cut.step):
            # the way leads to it again, and whether it was done somebody must look up first
            self._handoff("action_failed")
            return
        self._prompt(self._system("resumed"), "resumed")
        self._go(cut.step or self.flow.intents[cut.intent.intent].then)

    def _restore(self, cut: CutCall) -> None:
        """What was collected then is known again; nothing of it counts as verified."""
        self._cut = None
        self._note(CallResumed(cut.call_id, cut.step))
        self._memory.intent = cut.intent
        self._note_intent(cut.intent, ())
        for slot in cut.slots:
            step = self.flow.slots.get(slot.name)
            if step is not None and not step.sensitive:
                self._fill(slot)
        if cut.saved:
            self._memory.variables |= cut.saved
            self._note(ValuesSaved("resumed", dict(cut.saved)))
