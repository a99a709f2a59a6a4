"""Repair and confirmation: what is said again, in other words or another language, and when to give up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from voice.dialogue.asides import asks_what_was_told
from voice.dialogue.conversation import Focus
from voice.dialogue.detours import Frame
from voice.dialogue.flow import PERSON, AskStep, CallStep, Flow, MenuStep, SayStep
from voice.dialogue.keypad import keypad_text
from voice.dialogue.ladder import Trouble, lead, next_retry, own_rung
from voice.dialogue.listening import confirm_expect, slot_kinds, slot_phrases, value_in_words
from voice.dialogue.memory import Attempt
from voice.dialogue.texts import Texts
from voice.dialogue.tongues import Tongues
from voice.dialogue.understanding import Understanding
from voice.dialogue.wishes import wants_repeat
from voice.events import CallerNotUnderstood, CallerSilent, StepEntered
from voice.model import Expect, IntentGuess, Slot
from voice.slots.digit_places import place_phrases

MOST_REPEATS = 3
NOISY_COUNT = 2  # times not understood in noise, until the line says so
# Said around a question, once: not part of what "repeat" says again.
_AROUND = frozenset(
    {"lead", "repeat", "language_changed", "main_menu", "wait", "returned", "digression_back", "still_there"}
    | {"slower", "faster", "abilities", "going_back"}
)
WAIT_MS = 20_000  # for a caller who asked for a moment
AGAIN_PACE = 88  # who asks for it again hears it slower


class Repair(Tongues):
    """Keeps the question on the table answerable."""

    def __init__(self, flow: Flow, texts: Texts, understanding: Understanding, lang: str) -> None:
        super().__init__(flow, texts, understanding, lang)
        self._pending: Slot | None = None  # the value a confirmation is about
        self._pending_intent: tuple[IntentGuess, ...] = ()
        self._rejected: dict[str, list[str]] = {}  # values the caller said were wrong
        self._keyed_digits = False  # the last turn was more than one key
        self._noisy = False  # the last turn was hardly louder than the noise around the caller

    # --- the question on the table ---------------------------------------------------------------

    def _ask_intent(self, guess: IntentGuess) -> None:
        label = self._memory.intent_label(guess.intent, self.lang)
        self._prompt(self._system("confirm_intent", label=label), "confirm_intent")
        self._listen(confirm_expect(self.flow, self._at, self.lang), Focus.INTENT)

    def _value(self, step: AskStep, value: str) -> str:
        return value_in_words(step, value, self.lang, self._words())

    def _slot_expect(self, step: AskStep) -> Expect:
        if step.kind == "digits" and not step.sensitive:  # "no, ..." and the number again
            kinds = (*slot_kinds(step), "digits")
            return confirm_expect(self.flow, self._at, self.lang, place_phrases(self.lang), kinds)
        if step.kind not in ("choice", "date"):
            return confirm_expect(self.flow, self._at, self.lang)
        corrections = slot_phrases(step, self.lang, self._today())
        return confirm_expect(self.flow, self._at, self.lang, corrections, slot_kinds(step))

    def _handoff(self, reason: str, *args: Any, **options: Any) -> None:
        """Whoever takes over sees the value that a confirmation was about as well."""
        self._note_undone()
        kept = (frame.pending for frame in reversed(self._frames) if frame.pending is not None)
        self._memory.unsettled = self._pending or next(kept, None)
        super()._handoff(reason, *args, **options)
        self._pending, self._pending_intent = None, ()

    def _note_undone(self) -> None:
        """What was done with other answers than those that stand now is told to whoever takes over."""
        for name in self._deeds.done:
            step = self.flow.steps[name]
            assert isinstance(step, CallStep)
            now, before = self._given(step), dict[str, str]()
            for param, value in self._deeds.differing(name, now).items():
                source = step.arguments[param]
                if now[param] is not None or value in self._rejected.get(source, ()):
                    before[source] = str(value)
            code = "uncertain_change" if self._deeds.may_be_changed(name) else "unchanged"
            attempt = Attempt("call", name, code, before)
            if before and attempt not in self._memory.attempts:
                self._memory.attempts.append(attempt)

    def _begun_earlier(self, steps: Mapping[str, str]) -> None:
        """What they do once was done (ok), or may have been (uncertain), in the call that was cut."""
        self._deeds.begun_earlier(steps)
        self._memory.attempts += [Attempt("call", name, how) for name, how in steps.items()]

    def _new_wish(self) -> None:
        self._note_undone()
        self._deeds.new_wish()

    # --- repair ----------------------------------------------------------------------------------

    def _trouble(self, trouble: Trouble) -> None:
        """Nothing was said, or nothing of use: the next rung, and at the end a person."""
        counter = self._counter()
        count = counter.add(trouble)
        silent = trouble is Trouble.NO_INPUT
        self._memory.silences += silent
        self._memory.troubles += not silent
        note = CallerSilent if silent else CallerNotUnderstood
        self._note(note(self._at, count))
        asked = self._step()
        assert isinstance(asked, AskStep | MenuStep)
        if counter.exhausted(trouble, asked.ladder):
            kind = "menu" if isinstance(asked, MenuStep) else "ask"
            self._memory.attempts.append(Attempt(kind, self._at, trouble.value))
            if asked.ladder.then == PERSON:
                self._handoff(trouble.value)
            else:
                self._pending, self._pending_intent = None, ()
                self._prompt(self._system("moving_on"), "lead")  # fits a refusal as well as a next question
                self._go(asked.ladder.then)
            return
        if self._focus is Focus.STEP:
            step = self._step()
            assert isinstance(step, AskStep | MenuStep)
            if self._keypad_only:
                by_keys = keypad_text(self.flow, self.texts, step, self.lang) or ""
                self._ask(f"{lead(self.texts, trouble, count, self.lang)} {by_keys}")
            else:
                self._ladder(step, trouble, count)
            return
        assert self._expect is not None
        first = lead(self.texts, trouble, count, self.lang)
        self._prompt(first, "lead")
        self._prompt(self._confirmation(f"_{min(counter.attempts, 2)}"), "confirm")
        self._listen(self._expect, self._focus)

    def _ladder(self, step: AskStep | MenuStep, trouble: Trouble, count: int) -> None:
        if self._drowned(trouble, count):
            self._prompt(self._lead(trouble, count), "lead")
            by_keys = keypad_text(self.flow, self.texts, step, self.lang)
            self._ask(by_keys or f"{self._render(self._rephrased(step))} {self._system('keypad_person')}")
            return
        own = own_rung(step, trouble, count, self.lang)
        if own is None:
            self._prompt(self._lead(trouble, count), "lead")
            own = self._rephrased(step)
        self._ask(self._render(own))

    def _lead(self, trouble: Trouble, count: int) -> str:
        """The apology of a rung."""
        if self._drowned(trouble, count):
            return self._system("noisy_line")
        return lead(self.texts, trouble, count, self.lang)

    def _drowned(self, trouble: Trouble, count: int) -> bool:
        """Not understood for the second time, in noise: to ask once more alone would not help."""
        return self._noisy and trouble is Trouble.NO_MATCH and count == NOISY_COUNT

    def _rephrased(self, step: AskStep | MenuStep) -> str:
        """The question in other words than it was put last; not rendered yet."""
        counter = self._counter(Focus.STEP)
        by_keys = keypad_text(self.flow, self.texts, step, self.lang) if len(step.retry) == 1 else None
        if by_keys is not None and counter.last_retry == 0:
            counter.last_retry = -1  # the author wrote one other wording: the keys are the next
            return by_keys
        rejected = len(self._rejected.get(step.slot, ())) if isinstance(step, AskStep) else 0
        failures = counter.attempts + counter.repeats + rejected
        return step.retry[next_retry(counter, len(step.retry), failures)][self.lang]

    def _confirmation(self, rung_suffix: str = "") -> str:
        """The yes-or-no question on the table, rephrased for a rung."""
        if self._focus is Focus.INTENT:
            label = self._memory.intent_label(self._pending_intent[0].intent, self.lang)
            return self._system(f"confirm_intent{rung_suffix}", label=label)
        if self._focus is Focus.EITHER:
            return self._either(rung_suffix)
        assert self._pending is not None
        value = self._value(self._ask_step(), self._pending.value)
        return self._system(f"confirm_value{rung_suffix}", value=value)

    def _either(self, rung_suffix: str = "") -> str:
        """ "This or that?", about the two intents that are meant."""
        first, second = (self._memory.intent_label(g.intent, self.lang) for g in self._pending_intent[:2])
        return self._system(f"either{rung_suffix}", first=first, second=second)

    def _ask_either(self) -> None:
        raise NotImplementedError

    def _once_more(self, most: int = MOST_REPEATS) -> bool:
        """The question may be put again; after ``most`` times a person takes over, and it may not."""
        counter = self._counter()
        counter.repeats += 1
        if counter.repeats > most:
            self._handoff("loop")
        return counter.repeats <= most

    def _repeat(self) -> None:
        if not self._once_more():
            return
        assert self._expect is not None
        self._prompt(self._system("repeat"), "repeat")
        self._say_question_again(AGAIN_PACE)

    def _asks_what_was_told(self, words: str) -> bool:
        """ "How much was that?", where a value to be confirmed is not what is meant."""
        told = self._last_answer and (self._last_answer[0].lang == self.lang or self._last_answer_at)
        open_question = self._focus in (Focus.STEP, Focus.ARTICLE) and not wants_repeat(words, self.lang)
        return bool(told) and open_question and asks_what_was_told(words, self.lang)

    def _tell_again(self) -> None:
        """What the caller was told last, more slowly, and the question on the table."""
        if not self._once_more():
            return
        self._prompt(self._system("repeat"), "repeat")
        step = self.flow.steps.get(self._last_answer_at)
        if self._last_answer[0].lang != self.lang and isinstance(step, SayStep):
            self._prompt(self._text(step.text), self._last_answer_at, step.barge_in)
            self._last_answer = (self._prompts[-1],)
        else:
            self._prompts += [replace(p, pace=self._pace * AGAIN_PACE // 100) for p in self._last_answer]
        self._put_again()

    def _say_question_again(self, pace: int = 100) -> None:
        """What was asked last, in the same words; ``pace`` is in hundredths of the caller's pace."""
        assert self._expect is not None
        question = [p for p in self._last_question if p.key not in _AROUND]
        self._prompts += [replace(p, pace=self._pace * pace // 100) for p in question]
        self._listen(self._expect, self._focus, remember=False)

    def _wait(self) -> None:
        """The caller looks something up: the same question stands, with more time."""
        assert self._expect is not None
        self._prompt(self._system("wait"), "wait")
        patient = replace(self._expect, no_input_ms=max(WAIT_MS, self._expect.no_input_ms))
        self._listen(patient, self._focus, remember=False)

    def _greeted(self) -> None:
        """A greeting, or "can you hear me?": an answer, and the question in other words."""
        if not self._once_more():
            return
        assert self._expect is not None
        self._prompt(self._system("listening"), "lead")
        step = self._step()
        if self._focus is not Focus.STEP:
            self._prompt(self._confirmation("_1"), "confirm")
            self._listen(self._expect, self._focus)
        elif isinstance(step, AskStep | MenuStep):
            self._ask(self._render(self._rephrased(step)))

    def _help(self) -> None:
        if not self._once_more():
            return
        own = getattr(self._step(), "help", None) if self._counter().repeats % 2 else None
        self._prompt(self._text(own) if own else self._system("help"), "help")
        self._put_again()

    def _does_not_know(self, step: AskStep) -> None:
        """The caller does not have what is asked for: where to find it, once; then the way without it."""
        counter = self._counter()
        counter.unknown += 1
        if step.help is not None and counter.unknown == 1:
            self._prompt(self._text(step.help), "help")
            self._ask(self._render(self._rephrased(step)))
            return
        self._memory.attempts.append(Attempt("ask", self._at, "unknown"))
        self._prompt(self._system("never_mind"), "lead")
        if step.unknown is not None:
            self._go(step.unknown)
        else:
            self._handoff("flow")

    def _put_again(self) -> None:
        """The question on the table once more, in the current language."""
        if self._focus is Focus.STEP:
            step = self._step()
            assert isinstance(step, AskStep | MenuStep)
            self._ask(self._question(step, again=True))
        elif self._focus is Focus.INTENT:
            self._ask_intent(self._pending_intent[0])
        elif self._focus is Focus.EITHER:
            self._ask_either()
        elif self._pending is not None:
            self._prompt(self._confirmation(), "confirm_value")
            self._listen(self._slot_expect(self._ask_step()), Focus.SLOT)

    def _come_back(self, frame: Frame) -> None:
        self._at, self._focus = frame.at, frame.focus
        self._pending, self._pending_intent = frame.pending, frame.pending_intent
        self._note(StepEntered(self._at, self._visits.get(self._at, 1)))
        self._prompt(self._system("digression_back"), "digression_back")
        self._put_again()

    # --- language --------------------------------------------------------------------------------

    def _switch(self, lang: str, why: str) -> None:
        self._set_language(lang, why)
        self._prompt(self._system("language_changed"), "language_changed")
        if self._once_more(2 * MOST_REPEATS):
            self._put_again()
