"""An answer and something else in the same breath: "it's 123456, and by the way what are your hours?".

A question is answered first, and then the answer counts, without being asked for again. Other business is
kept for later, as a second wish is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from voice.dialogue.afterwards import Wish, divisions
from voice.dialogue.conversation import Focus
from voice.dialogue.flow import AskStep, Flow, HangUpStep
from voice.dialogue.listening import asides
from voice.dialogue.texts import Texts
from voice.dialogue.turns import Turns
from voice.dialogue.understanding import Understanding
from voice.model import ExpectKind, IntentGuess, Slot
from voice.slots.reader import parse

_UNREADABLE = ("text", "name")  # any words may be such an answer


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a question was answered with, while something else is dealt with first."""

    at: str
    focus: Focus
    words: str
    confidence: float
    pending: Slot | None
    pending_intent: tuple[IntentGuess, ...]


class Besides(Turns):
    """Hears both halves of a turn."""

    def __init__(self, flow: Flow, texts: Texts, understanding: Understanding, lang: str) -> None:
        super().__init__(flow, texts, understanding, lang)
        self._meanwhile: _Answer | None = None

    def _heard(self, text: str, confidence: float) -> None:
        self._meanwhile = None
        super()._heard(text, confidence)

    def _answer(self, words: str, confidence: float) -> None:
        found = self._answer_and_wish(words, confidence)
        if found is None:
            super()._answer(words, confidence)
            return
        answer, asked, wish = found
        step = self._ask_step()
        in_passing = wish.article is not None or wish.name in asides(self.flow, step)
        if in_passing and not self._keypad_only:
            pending = (self._pending, self._pending_intent)
            self._meanwhile = _Answer(self._at, self._focus, answer, confidence, *pending)
            if wish.article is not None:
                self._tell(wish.article)
                return
            if self._digresses(asked, confidence):
                return
            self._meanwhile = None
        self._keep(replace(wish, at_once=False))
        super()._answer(answer, confidence)

    def _answer_and_wish(self, words: str, confidence: float) -> tuple[str, str, Wish] | None:
        """The part of a turn that answers the question, the part that asks for something else, and what; None
        when it is not clearly both."""
        step, subject = self._step(), self._subject()
        if not isinstance(step, AskStep) or step.kind in _UNREADABLE:
            return None
        if self._focus not in (Focus.STEP, Focus.SLOT):
            return None
        best: tuple[str, str, Wish] | None = None
        for parts in divisions(words, self.lang):
            for answer, asked in (parts, parts[::-1]):
                if not self._is_answer(step, answer) or self._is_answer(step, asked):
                    continue
                if self._would_end(step, answer):
                    continue  # the wish is what is meant
                wish = self._wish(asked, confidence, self.lang)
                if wish is None or (subject is not None and wish.name == subject.intent):
                    continue
                if best is None or wish.sure > best[2].sure:
                    best = (answer, asked, wish)
        return None if best is None or self._authors_own(words, self.lang) else best

    def _would_end(self, step: AskStep, words: str) -> bool:
        """Whether the call is over after a yes or no."""
        parsed = self._as_answer(step, words) if step.kind == "yes_no" else None
        return parsed is not None and isinstance(self.flow.steps[self._after(step, parsed.value)], HangUpStep)

    def _is_answer(self, step: AskStep, words: str) -> bool:
        """Whether the words answer the question on the table."""
        if self._focus is Focus.SLOT and parse(ExpectKind.YES_NO, words, self.lang, today=self._today()):
            return True
        return self._as_answer(step, words) is not None

    def _owes(self) -> bool:
        return self._meanwhile is not None or super()._owes()

    def _put_again(self) -> None:
        answer = self._meanwhile
        if answer is None or answer.at != self._at:
            super()._put_again()
            return
        self._meanwhile, self._focus = None, answer.focus
        self._pending, self._pending_intent = answer.pending, answer.pending_intent
        super()._answer(answer.words, answer.confidence)
