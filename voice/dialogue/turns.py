"""What a caller's turn means where the conversation stands: answers, repair, and what works anywhere."""

from __future__ import annotations

from dataclasses import replace

from voice.dialogue.afterwards import Afterwards, in_order
from voice.dialogue.answers import keyed_answer
from voice.dialogue.collecting import Collecting
from voice.dialogue.confirm import after_no, says_to
from voice.dialogue.conversation import Focus
from voice.dialogue.detours import Detour, Frame
from voice.dialogue.flow import AskStep, HangUpStep, MenuStep
from voice.dialogue.inquiries import SURE, supposes
from voice.dialogue.keypad import BACK_KEY, NO_KEY, REPEAT_KEY, YES_KEY
from voice.dialogue.ladder import Trouble
from voice.dialogue.listening import asides, plain_yes_no, yes_or_no
from voice.dialogue.minds import rather, says_wrong
from voice.dialogue.open_when import without_when
from voice.dialogue.pauses import wants_time
from voice.dialogue.persons import Persons
from voice.dialogue.second_thoughts import ANOTHER_WISH
from voice.dialogue.wishes import (
    asks_ability,
    greets,
    means_anywhere,
    says_goodbye,
    says_no_more,
    thanks_only,
    wants_back,
    wants_faster,
    wants_help,
    wants_language,
    wants_menu,
    wants_repeat,
    wants_slower,
)
from voice.events import SlotConfirmed
from voice.languages import fold, language
from voice.model import ExpectKind, IntentGuess, Source
from voice.slots.reader import parse
from voice.slots.reading import Parsed

# An intent said where something else was asked must be this sure to change the subject.
DIGRESSION = ANOTHER_WISH
# Another language must beat the current one by this much for the first utterance to switch.
LANGUAGE_MARGIN = 0.2
_SAYS_MORE = 2  # words after a no that are no part of it


class Turns(Persons, Collecting, Afterwards):
    """Understands one turn of the caller at a time."""

    # --- a turn in words -------------------------------------------------------------------------

    def _heard(self, text: str, confidence: float) -> None:
        words = language(self.lang).normalise(text)
        if self._focus is Focus.REASON:
            self._reason(words)
        elif not words:
            self._trouble(Trouble.NO_MATCH)
        elif self._wonders_who(words):
            pass
        elif self._asks_for_person(words):
            if not self._doubts_person(confidence):
                self._person(words)
        elif not (
            self._anywhere(words, confidence)
            or self._settle_echo(words)
            or self._corrects_earlier(words, confidence)
            or self._reconsiders(words, confidence)
        ):
            self._answer(words, confidence)

    def _anywhere(self, words: str, confidence: float) -> bool:
        """Language, repeat, back and help; true when ``words`` were one of them."""
        wanted = wants_language(words)
        if wanted is not None and wanted in self.flow.languages:
            if wanted != self.lang and self._doubts_language(confidence):
                self._trouble(Trouble.NO_MATCH)
            else:
                self._switch(wanted, "asked")
            return True
        if self._asks_what_was_told(words):
            self._tell_again()
            return True
        if self._clearly_an_intent(words, confidence):
            return False
        step = self._step()
        if isinstance(step, AskStep) and step.kind == "text" and len(words.split()) > 3:
            return False  # free text may well hold such words
        if wants_slower(words, self.lang):
            self._speak_slower()
        elif wants_faster(words, self.lang):
            self._speak_faster()
        elif wants_repeat(words, self.lang):
            self._repeat()
        elif wants_menu(words, self.lang) and self.flow.main is not None:
            self._back()
        elif wants_back(words, self.lang) and self.flow.main is not None:
            self._previous()
        elif asks_ability(words, self.lang):
            self._abilities()
        elif wants_help(words, self.lang):
            self._help()
        elif self._inquires(words):
            pass
        elif not self._takes(words) and wants_time(words, self.lang):
            self._wait()
        elif not self._takes(words) and self._returns(words):
            pass
        elif greets(words, self.lang):
            self._greeted()
        elif self.flow.goodbye is not None and says_goodbye(words, self.lang):
            self._frames.clear()
            self._later.clear()
            self._go(self.flow.goodbye)
        else:
            return False
        return True

    def _clearly_an_intent(self, words: str, confidence: float) -> bool:
        if self._focus is not Focus.STEP or not isinstance(self._step(), MenuStep):
            return False
        guesses = self._classify(words)
        if means_anywhere(words, self.lang) and not (guesses and self._in_its_words(words, guesses[0])):
            return False  # "go back" is not to send something back
        sure = bool(guesses) and guesses[0].confidence * confidence >= self._thresholds().high
        return sure or self._between_two(guesses)

    def _in_its_words(self, words: str, guess: IntentGuess) -> bool:
        """Whether all the words stand in an intent's examples: "return", which also means going back."""
        examples = self.flow.intents[guess.intent].examples.get(self.lang, ())
        return {word for example in examples for word in fold(example).split()}.issuperset(
            fold(words).split()
        )

    def _answer(self, words: str, confidence: float) -> None:
        step = self._step()
        if self._focus is Focus.ARTICLE:
            self._article_answer(words, confidence)
        elif self._focus is Focus.SLOT:
            self._confirm_slot(words, confidence)
        elif self._focus is Focus.INTENT:
            self._confirm_intent(words, confidence)
        elif self._focus is Focus.EITHER:
            self._which(words, confidence)
        elif isinstance(step, MenuStep):
            self._menu_answer(step, words, confidence)
        else:
            self._ask_answer(self._ask_step(), words, confidence)

    # --- a turn in keys --------------------------------------------------------------------------

    def _keyed(self, keys: str) -> None:
        step = self._step()
        after_digits, self._keyed_digits = self._keyed_digits, len(keys) > 1
        if keys == "0":
            self._memory.person_asked += 1
            self._handoff("caller_asked")
        elif keys in (REPEAT_KEY, BACK_KEY):
            self._special_key(keys, after_digits)
        elif self._focus is Focus.REASON:
            self._reason_by_key(keys)
        elif self._article_key(keys):
            pass  # it was yes or no to more of an article
        elif self._focus is Focus.EITHER:
            self._which_by_key(keys)
        elif self._focus in (Focus.SLOT, Focus.INTENT):
            if keys in (YES_KEY, NO_KEY):
                self._decided(keys == YES_KEY)
            else:
                self._trouble(Trouble.NO_MATCH)
        elif isinstance(step, MenuStep):
            self._menu_key(step, keys)
        else:
            ask = self._ask_step()
            value = keyed_answer(ask, keys, self._today())
            if value is None:
                self._trouble(Trouble.NO_MATCH)
            else:
                spoken = keys if ask.sensitive else self._value(ask, value)
                self._got(ask, value, spoken, 1.0, Source.DTMF)

    def _special_key(self, key: str, after_digits: bool) -> None:
        """``*`` says it again; ``#`` leads back to the main menu, from a menu. Pressed right after digits it
        only ended them: they were complete without it."""
        step = self._step()
        if key == BACK_KEY and after_digits and self._expect is not None:
            self._listen(self._expect, self._focus, remember=False)
        elif self._focus is Focus.REASON:
            self._handoff("caller_asked")
        elif key == BACK_KEY and isinstance(step, MenuStep) and self.flow.main not in (None, self._at):
            self._back()
        else:
            self._repeat()

    def _back(self) -> None:
        """To the main menu."""
        assert self.flow.main is not None
        self._prompt(self._system("main_menu"), "main_menu")
        self._frames.clear()
        self._pending, self._pending_intent = None, ()
        self._go(self.flow.main)

    def _menu_key(self, step: MenuStep, keys: str) -> None:
        chosen = next((n for n, i in self.flow.intents_of(step).items() if i.key == keys), None)
        if chosen is not None:
            self._take_intent((IntentGuess(chosen, 1.0),))
        elif keys == self.flow.language_key and len(self.flow.languages) > 1:
            order = self.flow.languages
            self._switch(order[(order.index(self.lang) + 1) % len(order)], "key")
        elif keys == YES_KEY and step.yes:
            self._go(step.yes)
        elif keys == NO_KEY and step.no:
            self._go(step.no)
        else:
            self._trouble(Trouble.NO_MATCH)

    # --- menus -----------------------------------------------------------------------------------

    def _menu_answer(self, step: MenuStep, words: str, confidence: float) -> None:
        closes = says_no_more(words, self.lang) or (step.yes and thanks_only(words, self.lang))
        if step.no and closes:
            self._go(step.no)
            return
        if plain_yes_no(words, self.lang) and yes_or_no(step, words, self.lang, self._today()) is None:
            self._trouble(Trouble.NO_MATCH)  # too little to guess a wish from
            return
        words = in_order(words, self.lang)
        if self._tells_at_length(words, confidence) or self._two_wishes(step, words, confidence):
            return
        guesses = self._not_refused(self._scored(words, self.lang, confidence))
        guesses = self._without_when(guesses, words, confidence)
        best = guesses[0].confidence if guesses else 0.0
        limits = self._thresholds()
        # a wish that only might be meant does not keep a question from its answer
        clear = best >= limits.high and not self._between_two(guesses)
        if self._knows(words, confidence, best if clear else 0.0):
            return
        if self._between_two(guesses) and self._asks_which(guesses):
            return
        if best >= limits.high:
            self._take_intent(guesses)
            return
        if self._language_open and self._other_language(words, confidence, best):
            return
        if self._digresses(words, confidence):
            return
        # "the phone is wrong" is no "no, nothing else"
        wrong = says_wrong(words, self.lang) and not plain_yes_no(words, self.lang)
        answer = None if wrong else yes_or_no(step, words, self.lang, self._today())
        target = step.yes if answer == "yes" else step.no
        if answer is not None and target is not None and not self._no_to_something(answer, target, words):
            self._go(target)
            return
        if self._asks_which(guesses):
            return
        if best >= limits.low:
            self._pending_intent = guesses
            self._ask_intent(guesses[0])
        elif not (self._asks_of_another(words, confidence) or self._thinks(step, words)):
            self._trouble(Trouble.NO_MATCH)

    def _without_when(
        self, guesses: tuple[IntentGuess, ...], words: str, confidence: float
    ) -> tuple[IntentGuess, ...]:
        """The same wish, surer: "an appointment as soon as possible" is as much one as "an appointment"."""
        rest = without_when(words, self.lang)
        if not guesses or not rest or rest == words:
            return guesses
        bare = self._not_refused(self._scored(rest, self.lang, confidence))
        surer = bare and bare[0].intent == guesses[0].intent and bare[0].confidence > guesses[0].confidence
        return bare if surer else guesses

    def _no_to_something(self, answer: str, target: str, words: str) -> bool:
        """ "No, he can't make that, what about Friday?" means something: no call is ended over it."""
        rest = after_no(words, self.lang) or ""
        ends = isinstance(self.flow.steps[target], HangUpStep)
        begun = self._at != self.flow.main or self._subject() is not None or self._last_answer
        if ends and answer == "no" and not (begun or self._counter().no_match):
            return True  # nobody rings to say no: "cancel" may be all that was heard of a wish
        more = [word for word in rest.split() if word not in language(self.lang).function_words]
        return ends and answer == "no" and len(more) >= _SAYS_MORE and not says_no_more(words, self.lang)

    def _asks_of_another(self, words: str, confidence: float) -> bool:
        """The same wish again, about something else: "and 40506?". True when the turn is used up."""
        return False

    def _thinks(self, step: MenuStep, words: str) -> bool:
        """Asks something cleverer what was not understood; true when the turn is used up."""
        return False

    def _scored(self, words: str, lang: str, confidence: float) -> tuple[IntentGuess, ...]:
        guesses = self._classify(words, lang)
        return tuple(replace(g, confidence=round(g.confidence * confidence, 3)) for g in guesses)

    def _other_language(self, words: str, confidence: float, best: float) -> bool:
        """The first words decide among the flow's languages."""
        for other in self.flow.languages:
            if other == self.lang:
                continue
            guesses = self._scored(words, other, confidence)
            if guesses and guesses[0].confidence >= max(self._thresholds().high, best + LANGUAGE_MARGIN):
                self._set_language(other, "first_words")
                self._take_intent(guesses)
                return True
        return False

    def _confirm_intent(self, words: str, confidence: float) -> None:
        rest = after_no(words, self.lang)
        guesses = self._scored(rest or words, self.lang, confidence)
        if guesses and guesses[0].confidence >= self._thresholds().high:
            self._take_intent(guesses)  # "no, the invoice", or the wish said again, clearly
            return
        step = self._step()
        if isinstance(step, MenuStep) and self._between_two(guesses) and self._asks_which(guesses):
            return
        if isinstance(step, MenuStep) and step.no and says_no_more(words, self.lang):
            for guess in self._pending_intent[:1]:
                self._settled(guess.intent)
            self._later.clear()
            self._pending_intent, self._focus = (), Focus.STEP
            self._go(step.no)
            return
        answer = parse(ExpectKind.YES_NO, words, self.lang, today=self._today())
        if answer is not None:
            self._decided(answer.value == "yes")
        elif not self._digresses(words, confidence):
            self._trouble(Trouble.NO_MATCH)

    def _digresses(self, words: str, confidence: float) -> bool:
        """Something else is asked in the middle of this question: it is answered, and the question put
        again. True when the turn is used up."""
        step = self._step()
        if not isinstance(step, AskStep | MenuStep):
            return False
        wanted = asides(self.flow, step)
        if not wanted or self._keypad_only:
            return False
        guesses = self._understanding.classify(words, self.lang)
        best = guesses[0] if guesses else None
        if best is None or best.intent not in wanted or best.confidence * confidence < DIGRESSION:
            return False
        subject = self._subject()
        if subject is not None and subject.intent == best.intent:
            self._trouble(Trouble.NO_MATCH)  # it is being dealt with: beginning it anew would go in circles
            return True
        guess = replace(best, confidence=round(best.confidence * confidence, 3))
        self._note_intent(guess, ())
        if self._too_often(guess.intent):
            self._handoff("loop")
            return True
        self._interrupt(
            Frame(
                Detour.DIGRESSION,
                self._at,
                focus=self._focus,
                pending=self._pending,
                pending_intent=self._pending_intent,
                intent=guess,
            )
        )
        self._pending, self._pending_intent = None, ()
        self._go(self._past_campaigns(guess.intent, self.flow.intents[guess.intent].then))
        return True

    def _take_intent(self, guesses: tuple[IntentGuess, ...]) -> None:
        best, others = guesses[0], guesses[1:4]
        memory, offered = self._memory, self.flow.intents
        self._language_open = False
        self._refused.clear()
        self._settled(best.intent)
        if offered[best.intent].person:
            self._note_intent(best, others)
            memory.person_asked += 1
            if memory.intent is None and not self._reason_asked and best.confidence < 1.0:
                self._ask_reason()
            else:
                self._handoff("caller_asked")
            return
        if memory.intent is None or memory.intent.intent != best.intent:
            self._progress()
        memory.intent, memory.alternatives = best, others
        self._new_wish()
        self._note_intent(best, others)
        target = offered[best.intent].then
        self._leave_for(target)
        self._go(self._past_campaigns(best.intent, target))

    # --- questions -----------------------------------------------------------------------------------

    def _ask_answer(self, step: AskStep, words: str, confidence: float) -> None:
        parsed = self._of_period(step, words) or self._as_answer(step, words)
        if step.kind == "yes_no" and self._closes_instead(step, words):
            parsed = Parsed("no", words, SURE)
        elif parsed is None and step.kind == "yes_no" and says_to(words, step.label[self.lang], self.lang):
            parsed = Parsed("yes", words, SURE)
        if parsed is not None and step.kind == "yes_no" and self._no_but(words, confidence):
            return
        if parsed is not None:
            self._got_words(step, parsed, confidence)
            return
        if step.kind not in ("text", "yes_no") and self._lacks(step, words, confidence):
            self._does_not_know(step)
            return
        if self._does_not_suit(step, words) or self._digresses(words, confidence):
            return
        if step.kind != "text":
            guesses = self._scored_instead(words, confidence)
            sure = guesses and guesses[0].confidence >= DIGRESSION and not supposes(words, self.lang)
            if sure and not self._again_at(step, guesses[0]):
                subject = self._subject()
                same = subject is not None and subject.intent == guesses[0].intent
                if not (same and self._answers_another(step, words, confidence)):
                    self._take_intent(guesses)  # the caller wants something else now
                return
            best = guesses[0].confidence if guesses else 0.0
            if self._asks_openly(words) and self._knows(words, confidence, best):
                return
        if not self._answers_another(step, words, confidence):
            self._trouble(Trouble.NO_MATCH)

    def _answers_another(self, step: AskStep, words: str, confidence: float) -> bool:
        """An answer to a question that was put before, or is still to come. True when the turn is used up."""
        return False

    def _scored_instead(self, words: str, confidence: float) -> tuple[IntentGuess, ...]:
        """What is wanted instead of answering: with or without "no, wait, first", whichever is clearer."""
        guesses, meant = self._scored(words, self.lang, confidence), rather(words, self.lang)
        bare = self._scored(meant, self.lang, confidence) if meant else ()
        return bare if bare and (not guesses or bare[0].confidence > guesses[0].confidence) else guesses

    def _again_at(self, step: AskStep, guess: IntentGuess) -> bool:
        """The wish that led to a yes-or-no question, said again: no answer, and no new beginning either."""
        subject = self._subject()
        return step.kind == "yes_no" and subject is not None and subject.intent == guess.intent

    def _no_but(self, words: str, confidence: float) -> bool:
        """A no to a question, and another wish at once: "no, my card was stolen". Takes the wish."""
        rest, subject = after_no(words, self.lang), self._subject()
        guesses = self._scored_instead(rest, confidence) if rest else ()
        if not guesses or guesses[0].confidence < DIGRESSION:
            return False
        if subject is not None and guesses[0].intent == subject.intent:
            return False
        self._take_intent(guesses)
        return True

    def _confirm_slot(self, words: str, confidence: float) -> None:
        step, pending = self._ask_step(), self._pending
        assert pending is not None
        rest = after_no(words, self.lang)
        corrected = self._said_again(step, pending.value, rest) if rest else None
        answer = parse(ExpectKind.YES_NO, words, self.lang, today=self._today())
        if corrected is None and answer is None and step.kind != "text":
            corrected = self._said_again(step, pending.value, words)
        if corrected is not None and corrected.value == pending.value:
            self._decided(True)
        elif corrected is not None and self._proposed == pending.value:
            self._pending, self._proposed = None, ""  # ours, not theirs: nothing was misheard
            self._got_words(step, corrected, confidence)
        elif corrected is not None:
            if not self._reject(pending):
                slot = replace(pending, value=corrected.value, spoken=corrected.spoken, source=Source.SPEECH)
                self._ask_slot(replace(slot, confidence=corrected.confidence))
        elif answer is not None:
            self._decided(answer.value == "yes")
        elif not (self._digresses(words, confidence) or self._answers_another(step, words, confidence)):
            self._trouble(Trouble.NO_MATCH)

    def _decided(self, right: bool) -> None:
        """The yes or no to a confirmation."""
        if self._focus is Focus.INTENT:
            guesses, self._pending_intent = self._pending_intent, ()
            if right:
                sure = replace(guesses[0], confidence=max(guesses[0].confidence, 0.95))
                self._take_intent((sure, *guesses[1:]))
            elif not self._declines_later(guesses[0].intent):
                self._refused.add(guesses[0].intent)
                self._focus = Focus.STEP
                self._trouble(Trouble.NO_MATCH)
            return
        pending, step = self._pending, self._ask_step()
        assert pending is not None
        if right:
            self._pending = None
            self._memory.slots[pending.name] = replace(pending, confirmed=True)
            self._note(SlotConfirmed(pending.name, "explicit"))
            self._go(self._after(step, pending.value))
        elif not self._reject(pending):
            own, self._proposed = self._proposed == pending.value, ""
            self._prompt(self._system("never_mind" if own else "rejected"), "lead")
            self._ask(self._render(self._rephrased(step)))
