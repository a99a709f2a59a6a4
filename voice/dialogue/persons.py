"""A person, when the caller asks for one: always yes, after one question at most."""

from __future__ import annotations

from voice.dialogue.afterwards import beside_person
from voice.dialogue.conversation import Focus
from voice.dialogue.flow import AskStep, Flow, MenuStep, Thresholds
from voice.dialogue.inquiries import Inquiries
from voice.dialogue.listening import menu_expect
from voice.dialogue.second_thoughts import ANOTHER_WISH
from voice.dialogue.texts import Texts
from voice.dialogue.understanding import Understanding
from voice.dialogue.wishes import declines, wants_language, wants_person
from voice.events import IntentRecognised
from voice.model import IntentGuess

DOUBTFUL_LANGUAGE = 0.55  # a line in another language than the caller's understands nothing any more
DOUBTFUL = 0.4  # confidence in the words below which a wish for a person may be another one misheard


class Persons(Inquiries):
    """Leads to a person, with the reason if the caller gives one."""

    def __init__(self, flow: Flow, texts: Texts, understanding: Understanding, lang: str) -> None:
        super().__init__(flow, texts, understanding, lang)
        self._person_doubted = self._language_doubted = False

    def _doubts_person(self, confidence: float) -> bool:
        """Asks once whether it was a person that was asked for, where the words were hardly heard: "i want to
        buy some shoes" is "i want a person" to a recognizer of phrases. True when the turn is used up."""
        step = self._step()
        if confidence >= DOUBTFUL or self._person_doubted or self._keypad_only:
            return False
        if self._focus is not Focus.STEP or not isinstance(step, MenuStep):
            return False
        name = next((name for name, i in self.flow.intents_of(step).items() if i.person), None)
        if name is None:
            return False
        self._person_doubted = True
        self._pending_intent = (IntentGuess(name, confidence),)
        self._ask_intent(self._pending_intent[0])
        return True

    def _doubts_language(self, confidence: float) -> bool:
        """The first time that another language seems to be asked for in words hardly heard."""
        if confidence >= DOUBTFUL_LANGUAGE or self._language_doubted:
            return False
        self._language_doubted = True
        return True

    def _thresholds(self) -> Thresholds:
        """Of the intents that may be chosen here."""
        step = self._step()
        own = step.thresholds if isinstance(step, MenuStep) else None
        return own or self.flow.intent_thresholds

    def _note_intent(self, best: IntentGuess, others: tuple[IntentGuess, ...]) -> None:
        label = self._memory.intent_label(best.intent, self.lang)
        listed = [[other.intent, round(other.confidence, 3)] for other in others]
        self._note(IntentRecognised(best.intent, round(best.confidence, 3), label, listed))

    def _asks_for_person(self, words: str) -> bool:
        """Alone, or beside something else; what is told in free text may name people: "me and a person"."""
        step = self._step()
        told = self._focus is Focus.STEP and isinstance(step, AskStep) and step.kind in ("text", "name")
        return wants_person(words, self.lang) or (not told and bool(beside_person(words, self.lang)))

    def _person(self, words: str) -> None:
        """Always yes. At most one question about the reason, and only when nothing is known yet."""
        memory = self._memory
        memory.person_asked += 1
        asked = memory.intent is not None or self._reason_asked or self._keypad_only
        reason, least = beside_person(words, self.lang), self._thresholds().high
        if asked or self._note_reason(reason or words, max(least, ANOTHER_WISH) if reason else least):
            self._handoff("caller_asked")
        else:
            self._ask_reason()

    def _ask_reason(self) -> None:
        menu = self._menu()
        if menu is None:
            self._handoff("caller_asked")
            return
        self._reason_asked = True
        self._prompt(self._system("reason_question"), "reason_question")
        self._listen(menu_expect(self.flow, self._at, menu, self.lang), Focus.REASON)

    def _note_reason(self, words: str, threshold: float) -> bool:
        useful = [g for g in self._classify(words) if not self.flow.intents[g.intent].person]
        if not useful or useful[0].confidence < threshold:
            return False
        self._memory.intent, self._memory.alternatives = useful[0], tuple(useful[1:4])
        self._note_intent(useful[0], self._memory.alternatives)
        return True

    def _reason(self, words: str) -> None:
        """Whatever the answer is, the person comes next."""
        wanted = wants_language(words) if words else None
        if wanted is not None and wanted in self.flow.languages:
            self._set_language(wanted, "asked")
        elif words and not declines(words, self.lang):
            self._note_reason(words, self._thresholds().low)
        self._handoff("caller_asked")

    def _reason_by_key(self, keys: str) -> None:
        menu = self._menu()
        offered = self.flow.intents_of(menu) if menu else {}
        chosen = next((n for n, i in offered.items() if i.key == keys and not i.person), None)
        if chosen is not None:
            self._memory.intent = IntentGuess(chosen, 1.0)
            self._note_intent(self._memory.intent, ())
        self._handoff("caller_asked")
