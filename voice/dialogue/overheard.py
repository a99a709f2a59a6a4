"""What a caller says before being asked: values in the opening sentence, or beside the answer to a question.

"Quiero pagar 30 euros de la factura de marzo con mi tarjeta" answers three questions that have not been put.
On arriving at one of them the value is taken as its answer, and echoed or confirmed as the step says; only
words that clearly name a value count (:mod:`voice.slots.extract`), and none counts twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from voice.dialogue.accounts import matter_told, place_told
from voice.dialogue.answers import wanted_of, within
from voice.dialogue.asides import endings, lacks_it
from voice.dialogue.confirm import Decision, after_no, decide
from voice.dialogue.conversation import Focus
from voice.dialogue.flow import AskStep, Flow, MenuStep
from voice.dialogue.inquiries import SURE
from voice.dialogue.ladder import Trouble
from voice.dialogue.open_when import Vague, of_period, period_in, when_in
from voice.dialogue.out_of_turn import OutOfTurn
from voice.dialogue.texts import Texts
from voice.dialogue.understanding import Understanding
from voice.languages import fold, language
from voice.model import ExpectKind, Slot, Source
from voice.slots.extract import EXTRACTABLE, extract
from voice.slots.numbers import find_numbers
from voice.slots.reading import Parsed, Refused, Wanted, Why

MOST_UTTERANCES = 3  # that are looked through for an answer
_FEWEST_WORDS = 3  # a shorter turn holds at most the answer to a question; to a menu it may name more
_TELLING_SIZE = 5  # digits of a number that is nothing else
_BARE_DAY = 4  # words of a turn that says a day and no more
_READ_BACK = "implicit_value"  # the key of that prompt
_MOST_OF_PLACE = 10  # words that add to a place
_EXPLAINED = frozenset({Why.SHORT, Why.LONG, Why.CHECK, Why.IMPOSSIBLE, Why.RANGE, Why.SEVERAL, Why.UNSUITED})


@dataclass(slots=True)
class _Utterance:
    """A turn, the slot that it answered (if any), and what it named besides: read on first need."""

    text: str
    confidence: float
    answered: str
    said_at: datetime  # in the line's time
    lang: str = ""
    named: dict[str, Parsed] = field(default_factory=dict)
    narrowed: set[str] = field(default_factory=set)  # slots that it said something vague of


class Overheard(OutOfTurn):
    """Does not ask for what was said already, and says what was wrong with an answer."""

    def __init__(self, flow: Flow, texts: Texts, understanding: Understanding, lang: str) -> None:
        super().__init__(flow, texts, understanding, lang)
        self._utterances: list[_Utterance] = []  # oldest first
        self._filled_from: dict[str, _Utterance] = {}  # slot to the turn that last filled it
        self._words_now = ""  # of the turn being answered, as it was heard
        self._begun = ("", "")  # a question, and the first part of a number that was said to it

    def _heard(self, text: str, confidence: float) -> None:
        self._words_now = text
        step = self._step()
        fewest = 1 if isinstance(step, MenuStep) else _FEWEST_WORDS
        if self._focus is Focus.STEP and len(text.split()) >= fewest:
            if isinstance(step, MenuStep):
                self._utterances.clear()  # a new wish: what was said for another is not about this one
                self._answered_ahead.clear()
            answered = step.slot if isinstance(step, AskStep) else ""
            if answered not in self.flow.sensitive:  # which is kept nowhere
                self._utterances.append(_Utterance(text, confidence, answered, self._local()))
                del self._utterances[:-MOST_UTTERANCES]
        super()._heard(text, confidence)
        self._words_now = ""

    def _ask_answer(self, step: AskStep, words: str, confidence: float) -> None:
        # normalised words have lost the signs of a written address
        said = self._words_now if step.expects is ExpectKind.EMAIL and "@" in self._words_now else words
        if not (self._completes(step, words, confidence) or self._rather(step, words, confidence)):
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

    def _rather(self, step: AskStep, words: str, confidence: float) -> bool:
        """ "Mejor el lunes", asked whether today suits: no, and the next question's answer. True when the
        turn is used up."""
        if step.kind != "yes_no" or self._as_answer(step, words) is not None:
            return False
        after = self._after(step, "no")
        if not self._gives_ahead(after, words, confidence):
            return False
        self._got(step, "no", words, confidence, Source.SPEECH)
        return True

    def _corrects_earlier(self, words: str, confidence: float) -> bool:
        step = self._step()
        if self._focus is Focus.STEP and isinstance(step, AskStep) and self._rather(step, words, confidence):
            return True
        return super()._corrects_earlier(words, confidence)

    def _settle_echo(self, words: str) -> bool:
        """ "No, mejor el martes", of a day that was read back and offered: another wish, no mistake."""
        step, rest = self._step(), after_no(words, self.lang)
        if self._focus is Focus.STEP and rest and isinstance(step, AskStep) and step.kind == "yes_no":
            after = self.flow.steps.get(self._after(step, "no"))
            if isinstance(after, AskStep) and after.slot in self._echoed and self._rather(step, rest, 1.0):
                return True
        return super()._settle_echo(words)

    # --- what was said already -------------------------------------------------------------------

    def _said_already(self, step: AskStep) -> bool:
        """Answers a question with what the caller said before it; false when nothing did."""
        words, sure = self._answered_ahead.pop(step.slot, ("", 0.0))
        given = self._as_answer(step, words) if words else None
        if given is not None:
            self._got_words(step, given, sure)
            return True
        for utterance in reversed(self._utterances):
            if utterance.answered == step.slot:
                continue
            parsed = self._named(utterance, step).pop(step.slot, None) or self._only_number(utterance, step)
            parsed = self._in_that_week(utterance, step, parsed) if parsed is not None else None
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
        return self._when_said(step) or self._told_before(step) or self._lacked_before(step)

    def _lacked_before(self, step: AskStep) -> bool:
        """ "Where is my order? I don't have the number": not asked for as if nothing had been said."""
        if step.expects not in EXTRACTABLE or step.kind in ("choice", "date", "time", "yes_no"):
            return False
        for utterance in self._utterances:
            if utterance.answered or step.slot in utterance.narrowed:
                continue
            if any(
                lacks_it(said, self.lang, (step.label[self.lang],))
                for said in endings(utterance.text, self.lang)
            ):
                utterance.narrowed.add(step.slot)  # once
                self._does_not_know(step)
                return True
        return False

    def _only_number(self, utterance: _Utterance, step: AskStep) -> Parsed | None:
        """ "Track my parcel 123456": a number as long as the one asked for, in the words that told the wish,
        is that one where no other question on the way asks for as long a one."""
        size = step.longest
        if utterance.answered or step.kind != "digits" or step.shortest != size or size < _TELLING_SIZE:
            return None
        others = (s for s in self._ahead(self._at) if s.slot != step.slot and s.kind == "digits")
        if step.sensitive or any(other.shortest <= size <= other.longest for other in others):
            return None
        parsed = self._as_answer(step, utterance.text)
        return parsed if parsed is not None and parsed.confidence >= SURE else None

    def _told_before(self, step: AskStep) -> bool:
        """Takes what the wish was told with as the answer to "what is wrong?", and offers the place that it
        named, which may lack a number. False when neither was told."""
        if step.takes is None:
            return False
        for utterance in self._utterances:
            if utterance.answered == step.slot or (step.takes == "wish" and utterance.answered):
                continue
            tells = matter_told if step.takes == "wish" else place_told
            value = tells(utterance.text, self.lang)
            if not value or value in self._rejected.get(step.slot, ()):
                continue
            limits = step.thresholds or self.flow.thresholds
            sure, label = round(utterance.confidence, 3), step.label[self.lang]
            slot = Slot(step.slot, value, value, sure, False, Source.SPEECH, label, step.sensitive)
            if step.takes == "place" or sure < limits.high:
                self._ask_slot(slot, "told_before", self._just_read_back(value))
                return True
            self._fill(slot)
            self._prompt(self._system("implicit_value", value=value), _READ_BACK)
            self._go(self._after(step, value))
            return True
        return False

    def _just_read_back(self, place: str) -> str:
        """The sentence that named a place, where it was about to be read back: one question for both."""
        for prompt in self._prompts:
            if prompt.key == _READ_BACK and place in prompt.text:
                self._prompts.remove(prompt)
                return next((s.value for s in self._memory.slots.values() if place in s.value), place)
        return place

    def _confirm_slot(self, words: str, confidence: float) -> None:
        """ "Sí, a la altura del doce", asked whether it is that street: both."""
        step, pending = self._ask_step(), self._pending
        more = self._more_of_place(step, words)
        if pending is None or not more:
            super()._confirm_slot(words, confidence)
            return
        value = f"{pending.value}, {more}"
        self._pending = replace(pending, value=value, spoken=value)
        self._fill(self._pending)
        self._decided(True)

    def _more_of_place(self, step: AskStep, words: str) -> str:
        """What an answer adds to the place that was asked about: "number twelve"."""
        if step.takes != "place" or after_no(words, self.lang) is not None:
            return ""
        yes = sorted(language(self.lang).yes_phrases, key=len, reverse=True)
        said = next((words[len(y) :].strip() for y in yes if f"{words} ".startswith(f"{y} ")), words)
        counts = find_numbers([fold(word) for word in said.split()], language(self.lang).lexicon)
        return said if counts and len(said.split()) <= _MOST_OF_PLACE else ""

    def _in_that_week(self, utterance: _Utterance, step: AskStep, parsed: Parsed) -> Parsed:
        """ "Thursday", after "an appointment next week": that week's."""
        if step.kind != "date" or len(utterance.text.split()) > _BARE_DAY:
            return parsed
        weeks = (u.text for u in self._utterances if when_in(u.text, self.lang) is Vague.PERIOD)
        week = period_in(next(weeks, ""), self.lang)
        found = self._as_answer(step, of_period(utterance.text, week, self.lang)) if week else None
        return found if found is not None and found.confidence >= SURE else parsed

    def _when_said(self, step: AskStep) -> bool:
        """Asks less of a question for a day after "an appointment next week", and offers the earliest after
        "as soon as possible". False when nothing was said of when."""
        if step.kind != "date":
            return False
        for utterance in reversed(self._utterances):
            vague = when_in(utterance.text, self.lang)
            if vague is None or step.slot in utterance.narrowed or utterance.answered == step.slot:
                continue
            utterance.narrowed.add(step.slot)  # once: who then says another day has changed their mind
            self._narrow(step, vague, utterance.text)
            return True
        return False

    def _keep_words(self, words: str, confidence: float) -> None:
        self._utterances.append(_Utterance(words, confidence, "", self._local()))

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

    # --- what was wrong ----------------------------------------------------------------------------

    def _lead(self, trouble: Trouble, count: int) -> str:
        """The apology of a rung; on the first, what was wrong with the answer where that is known. That a day
        does not suit is understood however often it is said."""
        step = self._step()
        if trouble is Trouble.NO_MATCH and isinstance(step, AskStep) and self._words_now:
            outcome = self._outcome(step, self._words_now)
            explained = _EXPLAINED if count == 1 else {Why.UNSUITED}
            if isinstance(outcome, Refused) and outcome.why in explained:
                return self._system(f"why.{outcome.why.value}")
        return super()._lead(trouble, count)
