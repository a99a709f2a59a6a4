"""What a caller says before being asked: values in the opening sentence, or beside the answer to a question.

"Quiero pagar 30 euros de la factura de marzo con mi tarjeta" answers three questions that have not been put.
On arriving at one of them the value is taken as its answer, and echoed or confirmed as the step says; only
words that clearly name a value count (:mod:`voice.slots.extract`), and none counts twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from voice.dialogue.answers import wanted_of, within
from voice.dialogue.confirm import Decision, decide
from voice.dialogue.conversation import Focus
from voice.dialogue.flow import AskStep, Flow, MenuStep
from voice.dialogue.flow_steps import targets
from voice.dialogue.ladder import Trouble
from voice.dialogue.texts import Texts
from voice.dialogue.turns import Turns
from voice.dialogue.understanding import Understanding
from voice.model import ExpectKind, Slot, Source
from voice.slots.extract import EXTRACTABLE, extract
from voice.slots.reading import Parsed, Refused, Wanted, Why

MOST_UTTERANCES = 3  # that are looked through for an answer
_FEWEST_WORDS = 3  # a shorter turn holds at most the answer to what was asked
_EXPLAINED = frozenset({Why.SHORT, Why.LONG, Why.CHECK, Why.IMPOSSIBLE, Why.RANGE, Why.SEVERAL})


@dataclass(slots=True)
class _Utterance:
    """A turn, the slot that it answered (if any), and what it named besides: read on first need."""

    text: str
    confidence: float
    answered: str
    said_at: datetime  # in the line's time
    lang: str = ""
    named: dict[str, Parsed] = field(default_factory=dict)


class Overheard(Turns):
    """Does not ask for what was said already, and says what was wrong with an answer."""

    def __init__(self, flow: Flow, texts: Texts, understanding: Understanding, lang: str) -> None:
        super().__init__(flow, texts, understanding, lang)
        self._utterances: list[_Utterance] = []  # oldest first
        self._filled_from: dict[str, _Utterance] = {}  # slot to the turn that last filled it
        self._words_now = ""  # of the turn being answered, as it was heard
        self._begun = ("", "")  # a question, and the first part of a number that was said to it

    def _heard(self, text: str, confidence: float) -> None:
        self._words_now = text
        if self._focus is Focus.STEP and len(text.split()) >= _FEWEST_WORDS:
            step = self._step()
            if isinstance(step, MenuStep):
                self._utterances.clear()  # a new wish: what was said for another is not about this one
            answered = step.slot if isinstance(step, AskStep) else ""
            if answered not in self.flow.sensitive:  # which is kept nowhere
                self._utterances.append(_Utterance(text, confidence, answered, self._local()))
                del self._utterances[:-MOST_UTTERANCES]
        super()._heard(text, confidence)
        self._words_now = ""

    def _ask_answer(self, step: AskStep, words: str, confidence: float) -> None:
        # normalised words have lost the signs of a written address
        said = self._words_now if step.expects is ExpectKind.EMAIL and "@" in self._words_now else words
        if not self._completes(step, words, confidence):
            super()._ask_answer(step, said, confidence)

    def _completes(self, step: AskStep, words: str, confidence: float) -> bool:
        """A number said in two turns, cut at a pause: asked about as one. True when the turn is used up."""
        (where, first), self._begun = self._begun, ("", "")
        if step.kind != "digits" or step.sensitive:  # which is kept nowhere
            return False
        outcome = self._outcome(step, words)
        if not isinstance(outcome, Refused) or outcome.why is not Why.SHORT:
            return False
        both = self._outcome(step, f"{first} {words}") if where == self._at else outcome
        if isinstance(both, Refused) or both.value in self._rejected.get(step.slot, ()):
            self._begun = (self._at, words)
            return False
        sure = round(both.confidence * confidence, 3)
        if decide(step, sure, step.thresholds or self.flow.thresholds) is Decision.REFUSE:
            return False
        label = step.label[self.lang]
        self._language_open = False
        self._ask_slot(Slot(step.slot, both.value, both.spoken, sure, False, Source.SPEECH, label))
        return True

    def _fill(self, slot: Slot) -> None:
        self._filled_from.pop(slot.name, None)
        if self._words_now and self._utterances and slot.source is Source.SPEECH:
            self._filled_from[slot.name] = self._utterances[-1]
        super()._fill(slot)

    # --- what was said already -------------------------------------------------------------------

    def _said_already(self, step: AskStep) -> bool:
        """Answers a question with what the caller said before it; false when nothing did."""
        for utterance in reversed(self._utterances):
            if utterance.answered == step.slot:
                continue
            parsed = self._named(utterance, step).pop(step.slot, None)
            if parsed is None or parsed.value in self._rejected.get(step.slot, ()):
                continue
            if self._filled_from.get(step.slot) is utterance:
                continue  # it was taken when it was said, as a correction
            outcome = within(step, parsed, self.lang, self._today())
            if isinstance(outcome, Refused):
                continue
            confidence = outcome.confidence * utterance.confidence
            limits = step.thresholds or self.flow.thresholds
            if decide(step, confidence, limits) is Decision.REFUSE:
                continue
            self._got(step, outcome.value, outcome.spoken, confidence, Source.SPEECH)
            return True
        return False

    def _named(self, utterance: _Utterance, step: AskStep) -> dict[str, Parsed]:
        """What an utterance names of the slots that are still ahead, in the language now spoken."""
        if utterance.lang != self.lang:
            wanted = self._wanted(self._at, utterance.answered)
            wanted.setdefault(step.slot, wanted_of(step, self.lang, self.flow.currency))
            said = utterance.said_at
            found = extract(utterance.text, self.lang, wanted, said.date(), said.time())
            utterance.lang = self.lang
            utterance.named = {n: one.parsed for n, one in found.items() if n != utterance.answered}
        return utterance.named

    def _wanted(self, start: str, answered: str) -> dict[str, Wanted]:
        """The slots from ``start`` on, up to the next menu, and the one that was answered: its words are
        its own. Sensitive ones are asked for where the call is closed to listeners."""
        slots = {step.slot: step for step in self._ahead(start)}
        if answered in self.flow.slots:
            slots.setdefault(answered, self.flow.slots[answered])
        return {
            name: wanted_of(step, self.lang, self.flow.currency)
            for name, step in slots.items()
            if step.expects in EXTRACTABLE and not step.sensitive
        }

    def _ahead(self, start: str) -> Iterable[AskStep]:
        seen, left = {start}, [start]
        while left:
            step = self.flow.steps.get(left.pop(0))
            if isinstance(step, AskStep):
                yield step
            if step is None or isinstance(step, MenuStep):
                continue
            for _, target in targets(step):
                if target not in seen:
                    seen.add(target)
                    left.append(target)

    # --- what was wrong ----------------------------------------------------------------------------

    def _lead(self, trouble: Trouble, count: int) -> str:
        """The apology of a rung; on the first, what was wrong with the answer where that is known."""
        step = self._step()
        if trouble is Trouble.NO_MATCH and count == 1 and isinstance(step, AskStep) and self._words_now:
            outcome = self._outcome(step, self._words_now)
            if isinstance(outcome, Refused) and outcome.why in _EXPLAINED:
                return self._system(f"why.{outcome.why.value}")
        return super()._lead(trouble, count)
