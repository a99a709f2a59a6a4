"""The caller's own pace: who asks for a moment and is back, and who wants to hear it slower."""

from __future__ import annotations

from dataclasses import replace

from voice.dialogue.conversation import Focus
from voice.dialogue.flow import AskStep, Flow
from voice.dialogue.ladder import Trouble
from voice.dialogue.minds import refusal
from voice.dialogue.pauses import is_back
from voice.dialogue.repair import MOST_REPEATS, WAIT_MS, Repair
from voice.dialogue.sayings import PHRASES, Saying, with_phrases
from voice.dialogue.texts import Texts
from voice.dialogue.understanding import Understanding
from voice.model import Expect

MOST_WAITS = 6  # moments asked for in a row; then the question counts as put again
SLOWEST, USUAL, SLOWER_BY = 70, 100, 15  # hundredths of the voice's rate


class Pacing(Repair):
    """Waits, and speaks as slowly as the caller wants."""

    def __init__(self, flow: Flow, texts: Texts, understanding: Understanding, lang: str) -> None:
        super().__init__(flow, texts, understanding, lang)
        self._waits = 0
        self._waiting_at = ""  # the question at which the caller asked for a moment last
        self._patient = False  # the caller asked for a moment: the next silence is not held against them

    def _listen(self, expect: Expect, focus: Focus, *, remember: bool = True) -> None:
        self._patient = False
        if self._waiting_at == self._at:
            expect = with_phrases(expect, list(PHRASES[Saying.READY][self.lang]), Saying.READY.value)
        super()._listen(expect, focus, remember=remember)

    def _wait(self) -> None:
        """The caller looks something up: the same question stands, with more time and one reminder."""
        self._waits += 1
        if self._waits > MOST_WAITS and not self._once_more():
            return
        self._waiting_at = self._at
        super()._wait()
        self._patient = True

    def _trouble(self, trouble: Trouble) -> None:
        if trouble is Trouble.NO_INPUT and self._patient:
            assert self._expect is not None
            self._prompt(self._system("still_there"), "still_there")
            patient = replace(self._expect, no_input_ms=max(WAIT_MS, self._expect.no_input_ms))
            self._listen(patient, self._focus, remember=False)
            return
        super()._trouble(trouble)

    def _speak_slower(self) -> None:
        self._pace = max(SLOWEST, self._pace - SLOWER_BY)
        self._say_again("slower")

    def _speak_faster(self) -> None:
        self._pace = min(USUAL, self._pace + SLOWER_BY)
        self._say_again("faster")

    def _say_again(self, key: str) -> None:
        counter = self._counter()
        counter.paced += 1  # apart from repeats: who sets the pace was understood well
        if counter.paced > 2 * MOST_REPEATS:
            self._handoff("loop")
        else:
            self._prompt(self._system(key), key)
            self._say_question_again()

    def _returns(self, words: str) -> bool:
        """ "Ya estoy", "okay, I've got it": the question again. True when the turn is used up."""
        step, waiting = self._step(), self._waiting_at == self._at
        fact = isinstance(step, AskStep) and step.kind not in ("yes_no", "text")
        asked = fact and self._focus is Focus.STEP
        if not (waiting or asked) or not is_back(words, self.lang):
            return False
        if not waiting and refusal(words, self.lang) is not None:
            return False  # "I found it", who came about a lost card
        if self._once_more():
            self._prompt(self._system("listening"), "lead")
            self._say_question_again()
        return True
