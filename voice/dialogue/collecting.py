"""Values on their way from an answer to a slot: taken, read back, asked about, corrected or refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from voice.dialogue.confirm import Decision, after_no, decide
from voice.dialogue.conversation import Focus
from voice.dialogue.flow import AskStep
from voice.dialogue.ladder import Trouble
from voice.dialogue.memory import Attempt
from voice.dialogue.minds import misheard
from voice.dialogue.second_thoughts import SecondThoughts
from voice.events import SlotConfirmed
from voice.languages import language
from voice.model import ExpectKind, Slot, Source
from voice.slots.corrections import day_of_same_month
from voice.slots.digit_places import with_digits_placed
from voice.slots.reading import Parsed

MOST_REJECTIONS = 3


class Collecting(SecondThoughts):
    """Fills slots, as sure as each step wants it."""

    def _got_words(self, step: AskStep, parsed: Parsed, confidence: float) -> None:
        self._got(step, parsed.value, parsed.spoken, parsed.confidence * confidence, Source.SPEECH)

    def _got(self, step: AskStep, value: str, spoken: str, confidence: float, source: Source) -> None:
        confidence = round(min(1.0, confidence), 3)
        decision = decide(step, confidence, step.thresholds or self.flow.thresholds)
        if decision is Decision.REFUSE:
            self._trouble(Trouble.NO_MATCH)
            return
        label = step.label[self.lang]
        slot = Slot(step.slot, value, spoken, confidence, False, source, label, step.sensitive)
        self._language_open = False
        if decision is Decision.QUESTION:
            self._ask_slot(slot)
            return
        self._fill(slot)
        if decision is Decision.ECHO:
            self._echo(step, slot, "implicit")
        self._go(self._after(step, value))

    def _echo(self, step: AskStep, slot: Slot, key: str) -> None:
        if slot.sensitive:
            self._prompt(self._system("implicit_sensitive"), "implicit_sensitive")
            return
        self._echoed = [*(name for name in self._echoed if name != slot.name), slot.name]
        key = "implicit_value" if key == "implicit" else "corrected"
        self._prompt(self._system(key, value=self._value(step, slot.value)), key)

    def _ask_slot(self, slot: Slot, text: str = "confirm_value", told: str = "") -> None:
        """Asks whether ``slot`` is right, in its own words or as ``told``; it counts only after a yes."""
        step = self._ask_step()
        self._fill(slot)
        self._memory.slots.pop(slot.name)
        self._pending = slot
        self._prompt(self._system(text, value=told or self._value(step, slot.value)), "confirm_value")
        self._listen(self._slot_expect(step), Focus.SLOT)

    def _reject(self, slot: Slot) -> bool:
        """Notes a wrong value; true when that was once too often and a person takes over."""
        self._pending = None
        self._memory.troubles += 1
        values = self._rejected.setdefault(slot.name, [])
        self._note(SlotConfirmed(slot.name, "rejected"))
        self._answers_heard.clear()  # with another value, the same answer is news
        stubborn = slot.value in values
        values.append(slot.value)
        if stubborn or len(values) >= MOST_REJECTIONS:
            self._memory.attempts.append(Attempt("ask", self._at, "rejected"))
            self._handoff("loop")
            return True
        return False

    def _settle_echo(self, words: str) -> bool:
        """After implicit confirmations: "no, the fifteenth" corrects the slot it fits; anything else
        confirms them. True when the turn is used up."""
        echoed, self._echoed = self._echoed, []
        if echoed and self._focus is Focus.STEP and misheard(words, self.lang):
            return self._echo_was_wrong(echoed[-1])
        found = self._corrected_echo(echoed, words) if self._focus is Focus.STEP else None
        wrong = found[0].slot if found else ""
        for name in echoed:
            if name != wrong and name in self._memory.slots:
                self._confirmed(name)
                self._note(SlotConfirmed(name, "implicit"))
        if found is None:
            return False
        step, corrected = found
        slot = self._memory.slots[step.slot]
        if self._reject(slot):
            return True
        fixed = replace(slot, value=corrected.value, spoken=corrected.spoken, confidence=corrected.confidence)
        self._fill(replace(fixed, source=Source.SPEECH))
        self._echo(step, fixed, "corrected")
        self._go_on_corrected(step, fixed.value)
        return True

    def _echo_was_wrong(self, name: str) -> bool:
        """A value is forgotten and its question put again."""
        slot, where = self._memory.slots.get(name), self._asked_at(name)
        if slot is None or where is None:
            return False
        self._leave_for(where)
        self._at, self._focus = where, Focus.STEP
        if not self._reject(slot):
            self._memory.forget((name,))
            self._progress()
            self._prompt(self._system("again_then"), "lead")
            self._go(where)
        return True

    def _said_again(self, step: AskStep, value: str, words: str) -> Parsed | None:
        """What a value is by ``words`` that correct it: another one, digits of it by their place, another day
        of the same month."""
        mended = None
        if step.expects is ExpectKind.DATE:
            day = day_of_same_month(date.fromisoformat(value), words, language(self.lang))
            mended = self._as_answer(step, day.isoformat()) if day else None
        elif value.isdecimal():
            placed = with_digits_placed(value, words, self.lang)
            mended = self._as_answer(step, placed) if placed else None
        return mended or self._as_answer(step, words)

    def _corrected_echo(self, echoed: list[str], words: str) -> tuple[AskStep, Parsed] | None:
        """Which of the values just read back the words correct: the surest reading that says something else,
        of two the last one that was said."""
        rest = after_no(words, self.lang)
        if not rest:
            return None
        found: tuple[AskStep, Parsed] | None = None
        for name in reversed(echoed):
            step, slot = self._answered_step(name), self._memory.slots.get(name)
            parsed = self._said_again(step, slot.value, rest) if step and slot else None
            if not (step and slot and parsed) or (len(echoed) > 1 and parsed.value == slot.value):
                continue
            if found is None or parsed.confidence > found[1].confidence:
                found = (step, parsed)
        return found
