"""Answers that come before or after their question: to one still to come, to one put before, or to the one
that a wish is about ("and 40506?")."""

from __future__ import annotations

import re
from collections.abc import Iterable

from voice.dialogue.besides import Besides
from voice.dialogue.conversation import Focus
from voice.dialogue.flow import PERSON_KEY, AskStep, Flow, MenuStep
from voice.dialogue.flow_steps import targets
from voice.dialogue.inquiries import SURE
from voice.dialogue.keypad import NO_KEY, YES_KEY
from voice.dialogue.ladder import RUNGS
from voice.dialogue.minds import rather
from voice.dialogue.sayings import with_phrases
from voice.dialogue.spoken_keys import key_words, spoken_key
from voice.dialogue.texts import Texts
from voice.dialogue.understanding import Understanding
from voice.languages import fold
from voice.model import Expect, ExpectKind, IntentGuess
from voice.slots.reader import parse
from voice.slots.reading import Refused, Why

_ANYTHING = ("yes_no", "text", "name")  # kinds whose answers could as well be something else
_LIKELY = 0.6  # of an answer that is kept for its question, which confirms it
_OPTION_WORDS = 4  # of an option, and nothing besides
_ABOUT_ANOTHER = {
    "es": re.compile(
        r"^(?:(?:vale|ok|bueno|pues|perdone?|a ver) )*(?:y|e|tambien)(?: (?:tambien|para|de|del|el|la|los"
        r"|las|con|si (?:es|digo|pongo)|que tal|que hay de|que pasa con|otro|otra|es|numero"
        r"|lo mismo (?:para|con)))*"
        r" (?P<value>.+)$"
    ),
    "en": re.compile(
        r"^(?:(?:okay|ok|well|so|sorry) )*(?:and|also|what about|how about)"
        r"(?: (?:also|for|of|the|what about|how about|what if it is|another|one|number|its|the same for))*"
        r" (?P<value>.+)$"
    ),
}


class OutOfTurn(Besides):
    """Takes what answers another question than the one on the table."""

    def __init__(self, flow: Flow, texts: Texts, understanding: Understanding, lang: str) -> None:
        super().__init__(flow, texts, understanding, lang)
        self._answered_ahead: dict[str, tuple[str, float]] = {}  # slot to words that answer it, and how sure

    # --- keys said aloud -------------------------------------------------------------------------

    def _keys_here(self) -> str:
        """The keys that answer the question on the table; none where a number may be the answer itself."""
        step = self._step()
        if self._focus in (Focus.INTENT, Focus.EITHER, Focus.ARTICLE):
            return YES_KEY + NO_KEY
        if self._focus is not Focus.STEP:
            return ""
        if isinstance(step, MenuStep):
            return PERSON_KEY + "".join(i.key for i in self.flow.intents_of(step).values() if i.key)
        if isinstance(step, AskStep) and step.kind == "yes_no":
            return YES_KEY + NO_KEY
        options = step.options.values() if isinstance(step, AskStep) else ()
        return "".join(option.key for option in options if option.key)

    def _answer(self, words: str, confidence: float) -> None:
        """ "One", where key 1 is an answer, is that key."""
        key = spoken_key(words, self.lang)
        if key and key in self._keys_here() and confidence >= self.flow.thresholds.low:
            self._keyed(key)
        else:
            super()._answer(words, confidence)

    def _listen(self, expect: Expect, focus: Focus, *, remember: bool = True) -> None:
        if self._counter(focus).attempts >= RUNGS:  # the keys have been read out
            self._focus = focus
            expect = with_phrases(expect, key_words(self._keys_here(), self.lang), "key")
        super()._listen(expect, focus, remember=remember)

    # --- answers to other questions ----------------------------------------------------------------

    def _keep_words(self, words: str, confidence: float) -> None:
        """Remembers a turn for what it names (one layer above)."""
        raise NotImplementedError

    def _confirm_intent(self, words: str, confidence: float) -> None:
        """ "Medicina general", asked whether an appointment is wanted: yes, and for that."""
        first = self.flow.intents[self._pending_intent[0].intent].then
        if parse(ExpectKind.YES_NO, words, self.lang, today=self._today()) is not None:
            super()._confirm_intent(words, confidence)
        elif self._gives_ahead(first, words, confidence):
            self._decided(True)
        elif step := next((s for s in self._ahead(first) if not s.sensitive and self._fits(s, words)), None):
            self._answered_ahead[step.slot] = (words, confidence)
            self._decided(True)
        else:
            self._keep_words(words, confidence)
            super()._confirm_intent(words, confidence)

    def _which(self, words: str, confidence: float) -> None:
        """ "The dermatologist", asked which of two wishes is meant: the one that asks for one."""
        firsts = [self.flow.intents[guess.intent].then for guess in self._pending_intent[:2]]
        meant = [i for i, first in enumerate(firsts) if self._gives_ahead(first, words, confidence)]
        if len(meant) == 1:
            self._chosen(meant[0])
        else:
            self._keep_words(words, confidence)
            super()._which(words, confidence)

    def _answers_another(self, step: AskStep, words: str, confidence: float) -> bool:
        """A value that is known is no misunderstanding, and one that is asked for later is kept for then."""
        said = rather(words, self.lang) or words
        outcome = self._outcome(step, said)
        part = isinstance(outcome, Refused) and outcome.why is not Why.NOTHING  # "six one two" of a telephone
        if part or step.kind == "text":
            return False
        known = self._known_answer(step, said)
        later = next((s for s in self._ahead(self._at) if self._answers_later(step, s, said)), None)
        if known is None and later is None:
            return False
        if not self._once_more():
            return True
        if later is not None:
            self._answered_ahead[later.slot] = (said, confidence)
            known = later
        assert known is not None
        parsed = self._as_answer(known, said)
        if parsed is not None:
            self._prompt(self._system("implicit_value", value=self._value(known, parsed.value)), "lead")
        if self._focus is Focus.STEP:
            self._put_again()
        else:
            self._say_question_again()
        return True

    def _known_answer(self, step: AskStep, words: str) -> AskStep | None:
        """The question put before whose answer the words only say again."""
        for name in self._answer_names():
            earlier = self._answered_step(name)
            if earlier is None or earlier.slot == step.slot or earlier.sensitive or earlier.kind in _ANYTHING:
                continue
            parsed = self._as_answer(earlier, words)
            if parsed is not None and parsed.value == self._memory.slots[name].value:
                return earlier
        return None

    def _answers_later(self, step: AskStep, later: AskStep, words: str) -> bool:
        known = later.slot == step.slot or later.slot in self._memory.slots
        if known or later.sensitive or later.kind in _ANYTHING:
            return False
        if later.kind == "choice" and len(words.split()) > _OPTION_WORDS:
            return False  # options are found in whole sentences
        parsed = self._as_answer(later, words)
        return parsed is not None and parsed.confidence >= _LIKELY

    def _asks_of_another(self, words: str, confidence: float) -> bool:
        """ "And 40506?", who was told of another article: the same wish, with this answer."""
        step = self._step()
        if isinstance(step, MenuStep) and self._names_an_option(step, words, confidence):
            return True
        subject, found = self._subject(), _ABOUT_ANOTHER[self.lang].match(fold(words))
        if subject is None or found is None or self._focus is not Focus.STEP:
            return False
        first = next(iter(self._ahead(self.flow.intents[subject.intent].then)), None)
        if first is None or not first.ask_again or first.sensitive or first.kind in _ANYTHING:
            return False
        parsed = self._as_answer(first, found["value"])
        if parsed is None or parsed.confidence < SURE:
            return False
        self._answered_ahead[first.slot] = (found["value"], confidence)
        self._take_intent((subject,))
        return True

    def _names_an_option(self, step: MenuStep, words: str, confidence: float) -> bool:
        """ "General medicine" at a menu: the wish that asks which, as a question. True when the turn is used
        up."""
        offered = self.flow.intents_of(step)
        firsts = {name: self.flow.steps.get(offered[name].then) for name in offered}
        asking = [n for n, s in firsts.items() if isinstance(s, AskStep) and s.kind == "choice"]
        meant = [name for name in asking if self._gives_ahead(offered[name].then, words, confidence)]
        if len(meant) != 1 or self._refused.intersection(meant):
            return False
        self._pending_intent = (IntentGuess(meant[0], round(SURE * confidence, 3)),)
        self._ask_intent(self._pending_intent[0])
        return True

    def _gives_ahead(self, at: str, words: str, confidence: float) -> bool:
        """Keeps words that clearly answer the question at ``at``, which is put next."""
        step = self.flow.steps.get(at)
        if not isinstance(step, AskStep) or step.sensitive or step.kind in _ANYTHING:
            return False
        parsed = self._as_answer(step, words)
        if parsed is None or parsed.confidence < SURE or parsed.value in self._rejected.get(step.slot, ()):
            return False
        self._answered_ahead[step.slot] = (words, confidence)
        return True

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
