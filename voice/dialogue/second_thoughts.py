"""Callers who think again: who go back, correct an answer, drop a wish, mean one of two, or need time.

Stands between repair (the question on the table) and the turns (what words mean).
"""

from __future__ import annotations

from dataclasses import replace

from voice.dialogue.asides import asks_what_was_told, beginnings, lacks_it, lacks_just_that
from voice.dialogue.confirm import Decision, after_no, decide
from voice.dialogue.conversation import Focus
from voice.dialogue.flow import AskStep, Flow, MenuStep, Thresholds, group_of
from voice.dialogue.ladder import Trouble
from voice.dialogue.listening import echo_phrases, menu_expect, option_phrases, plain_yes_no
from voice.dialogue.minds import (
    Correction,
    Refusal,
    both,
    corrected_value,
    earlier_answer,
    either_phrases,
    head_of,
    neither,
    not_wanted,
    refusal,
    slip,
    without_label,
)
from voice.dialogue.pacing import Pacing
from voice.dialogue.sayings import PHRASES, Saying, change_phrases, usual_names, with_phrases
from voice.dialogue.texts import Texts
from voice.dialogue.understanding import SURE_OF_TWO, Understanding, close_pair
from voice.dialogue.wishes import does_not_know, says_no_more, wants_repeat
from voice.languages import fold
from voice.model import Expect, ExpectKind, IntentGuess, Slot, Source
from voice.slots.reader import parse
from voice.slots.reading import Parsed, Refused, Why

MOST_BACKS = 6  # a call; who goes back more often than that is lost
ABILITIES_CHARACTERS = 110  # what is listed in one breath: 8 s with the words around it
# Why a new value is none, where it was meant for one: it is asked for again.
_SPOILT = frozenset({Why.SHORT, Why.LONG, Why.CHECK, Why.RANGE, Why.IMPOSSIBLE})
_SURE_FIT = 0.8  # of a reading that alone decides which answer is corrected
ANOTHER_WISH = 0.7  # a wish said where something else was asked must be this sure
_EITHER_SURE = 2.0  # of two wishes, how much likelier the one that is taken must be


class SecondThoughts(Pacing):
    """Keeps what the caller said open to change."""

    def __init__(self, flow: Flow, texts: Texts, understanding: Understanding, lang: str) -> None:
        super().__init__(flow, texts, understanding, lang)
        self._trail: list[str] = []  # the menu, and the questions put since
        self._answered_at: dict[str, str] = {}  # slot to the question that the caller answered last
        self._backs = 0
        self._refused: set[str] = set()  # intents the caller said no to, until one is taken
        self._abilities_told = 0

    def _fill(self, slot: Slot) -> None:
        step = self._step()
        if isinstance(step, AskStep) and step.slot == slot.name:
            self._answered_at[slot.name] = self._at
        super()._fill(slot)

    # what turns do, one layer above
    def _take_intent(self, guesses: tuple[IntentGuess, ...]) -> None:
        raise NotImplementedError

    def _ask_slot(self, slot: Slot, text: str = "confirm_value", told: str = "") -> None:
        raise NotImplementedError

    def _echo(self, step: AskStep, slot: Slot, key: str) -> None:
        raise NotImplementedError

    def _reject(self, slot: Slot) -> bool:
        raise NotImplementedError

    def _back(self) -> None:
        raise NotImplementedError

    def _thresholds(self) -> Thresholds:
        raise NotImplementedError

    def _scored(self, words: str, lang: str, confidence: float) -> tuple[IntentGuess, ...]:
        raise NotImplementedError

    def _answer(self, words: str, confidence: float) -> None:
        raise NotImplementedError

    def _listen(self, expect: Expect, focus: Focus, *, remember: bool = True) -> None:
        step = self._step()
        if isinstance(step, MenuStep):
            self._trail = [self._at]
        elif self._at in self._trail:
            del self._trail[self._trail.index(self._at) + 1 :]
        else:
            self._trail.append(self._at)
        names = [name for ways in self._answer_names().values() for name in ways]
        changes = change_phrases(names, self.lang) if expect.phrases and not expect.sensitive else []
        expect = with_phrases(expect, changes, "change")
        if self._last_answer:
            expect = with_phrases(expect, list(PHRASES[Saying.TOLD][self.lang]), Saying.TOLD.value)
        for echo in self._echoed_steps() if focus is Focus.STEP else ():
            expect = with_phrases(expect, echo_phrases(echo, self.lang), Saying.WRONG.value)
        super()._listen(expect, focus, remember=remember)

    # --- what there is ---------------------------------------------------------------------------

    def _abilities(self) -> None:
        """What the line can do, from the menu's intents; asked again, the ones that did not fit."""
        if not self._once_more():
            return
        menu = self._menu()
        offered = self.flow.intents_of(menu) if menu else {}
        labels = [intent.label[self.lang] for intent in offered.values() if not intent.person]
        if not labels:
            self._prompt(self._system("help"), "help")
            self._put_again()
            return
        at = self._abilities_told % len(labels)
        chosen = [labels[at]]
        for label in labels[at + 1 :]:
            if sum(map(len, chosen)) + len(label) > ABILITIES_CHARACTERS:
                break
            chosen.append(label)
        self._abilities_told = at + len(chosen)
        self._prompt(self._system("abilities", list=", ".join(chosen)), "abilities")
        self._put_again()

    def _lacks(self, step: AskStep, words: str, confidence: float) -> bool:
        """What is asked for is not at hand; a sentence that says so may as well be another wish."""
        if does_not_know(words, self.lang) or lacks_just_that(words, self.lang):
            return True
        if self._counter().unknown and plain_yes_no(words, self.lang) and after_no(words, self.lang) == "":
            return True  # told where it is, or to say that they do not have it: "no"
        if not any(
            lacks_it(said, self.lang, (step.label[self.lang],)) for said in beginnings(words, self.lang)
        ):
            return False
        guesses, subject = self._scored(words, self.lang, confidence), self._subject()
        return not (
            guesses
            and guesses[0].confidence >= ANOTHER_WISH
            and (subject is None or guesses[0].intent != subject.intent)
        )

    # --- what was told ---------------------------------------------------------------------------

    def _question_tells(self) -> bool:
        """Whether the question on the table tells a value: "shall I pay ten euros now?"."""
        step = self._step()
        return isinstance(step, AskStep) and self._focus is Focus.STEP and "{" in step.prompt[self.lang]

    def _asks_what_was_told(self, words: str) -> bool:
        if self._question_tells() and asks_what_was_told(words, self.lang):
            return not wants_repeat(words, self.lang)
        return super()._asks_what_was_told(words)

    def _tell_again(self) -> None:
        """ "How much was that?" is about the question, where that tells a value."""
        if self._question_tells():
            self._repeat()
        else:
            super()._tell_again()

    # --- going back ------------------------------------------------------------------------------

    def _previous(self) -> None:
        """To the question before, whose answer is forgotten; from the first one to the main menu."""
        self._backs += 1
        if self._backs > MOST_BACKS:
            self._handoff("loop")
            return
        step = self._step()
        if self._focus is Focus.SLOT and isinstance(step, AskStep):
            self._pending = None
            self._prompt(self._system("going_back"), "going_back")
            self._ask(self._question(step))
            return
        before = self._before()
        known = self.flow.steps.get(before) if before else None
        if before is None or not isinstance(known, AskStep) or group_of(before) != group_of(self._at):
            self._back()
            return
        if isinstance(step, AskStep):
            self._memory.forget((step.slot,))
        self._memory.set_aside((known.slot,))
        for name in (before, self._at):
            self._visits.pop(name, None)
        self._pending, self._pending_intent, self._echoed = None, (), []
        self._prompt(self._system("going_back"), "going_back")
        self._go(before)

    def _before(self) -> str | None:
        """The question before this one. Another about the same slot, such as the offer that this one takes
        the place of, is none: what it would say has been overtaken."""
        here = self._step()
        for name in reversed(self._trail[:-1]):
            step = self.flow.steps.get(name)
            if not (isinstance(here, AskStep) and isinstance(step, AskStep) and step.slot == here.slot):
                return name
        return None

    # --- earlier answers -------------------------------------------------------------------------

    def _answer_names(self) -> dict[str, tuple[str, ...]]:
        """What the answers given so far are called, by slot: those whose question can be gone back to."""
        found: dict[str, tuple[str, ...]] = {}
        kinds = [self.flow.slots[name].kind for name in self._memory.slots if name in self.flow.slots]
        for name in self._memory.slots:
            step = self.flow.slots.get(name)
            where = self._asked_at(name)
            if step is None or where is None or (where == self._at and self._focus is Focus.STEP):
                continue
            if group_of(where) not in ("", group_of(self._at)):
                continue
            usual = usual_names(step.kind, self.lang) if kinds.count(step.kind) == 1 else ()
            found[name] = (step.label[self.lang], *usual)
        return found

    def _all_names(self) -> dict[str, tuple[str, ...]]:
        """With the bare noun ("el número") where only one answer has it, and not the question now put."""
        names = self._answer_names()
        labels = {name: self.flow.slots[name].label[self.lang] for name in names}
        step = self._step()
        if isinstance(step, AskStep):
            labels[""] = step.label[self.lang]
        heads = {name: head_of(label, self.lang) for name, label in labels.items()}
        every = list(heads.values())
        alone = {name: head for name, head in heads.items() if name and head and every.count(head) == 1}
        return {name: (*ways, *([alone[name]] if name in alone else [])) for name, ways in names.items()}

    def _nameless(self, words: str) -> Correction | None:
        """ "No, perdón, es ..." with a value that is no answer here: of the last question that it answers."""
        value = corrected_value(words, self.lang)
        step = self._step()
        if not value or (isinstance(step, AskStep) and self._may_answer(step, value)):
            return None
        for name in reversed(self._answer_names()):
            earlier = self.flow.slots[name]
            if self._fits(earlier, value):
                return Correction(name, value)
            if option := self._option_in(earlier, value):
                return Correction(name, option)
        return None

    def _may_answer(self, step: AskStep, words: str) -> bool:
        return self._fits(step, words) or (step.kind == "choice" and self._as_answer(step, words) is not None)

    def _option_in(self, step: AskStep, words: str) -> str:
        """The option of a choice that the words are, but for what its answer is called: "la factura de
        febrero"; "" when they say more."""
        if step.kind != "choice":
            return ""
        said = without_label(words, step.label[self.lang])
        options = (fold(way) for ways in option_phrases(step, self.lang).values() for way in ways)
        return said if said in options else ""

    def _fits(self, step: AskStep, words: str) -> bool:
        """Whether the words are clearly an answer to ``step`` and nothing else. A yes, a name or free text
        could be anything."""
        if step.kind in ("yes_no", "text", "name", "choice"):
            return False
        parsed = self._as_answer(step, words)
        return parsed is not None and parsed.confidence >= _SURE_FIT

    def _asked_at(self, slot: str) -> str | None:
        """The question that the caller answered; of a slot that no question filled, the first that asks for
        it."""
        asks = [n for n, s in self.flow.steps.items() if isinstance(s, AskStep) and s.slot == slot]
        return self._answered_at.get(slot) or next(iter(asks), None)

    def _answered_step(self, slot: str) -> AskStep | None:
        """Of several questions for the same slot, the one that the caller answered."""
        step = self.flow.steps.get(self._asked_at(slot) or "")
        return step if isinstance(step, AskStep) else None

    def _corrects_earlier(self, words: str, confidence: float) -> bool:
        """ "No, the order number was ..." at a later question: the answer is replaced, and the conversation
        goes on from there. True when the turn is used up."""
        found = earlier_answer(words, self.lang, self._all_names()) or self._nameless(words)
        where = self._asked_at(found.slot) if found else None
        if found is None or where is None:
            return False
        step, old = self.flow.steps[where], self._memory.slots[found.slot]
        assert isinstance(step, AskStep)
        outcome = self._outcome(step, found.value) if found.value else None
        parsed = outcome if isinstance(outcome, Parsed) else None
        here = self._step()
        spoilt = isinstance(outcome, Refused) and outcome.why in _SPOILT
        about_it = not found.value or spoilt
        if parsed is None and (not about_it or (isinstance(here, AskStep) and here.kind == "text")):
            return False  # it may be about something else
        self._leave_for(where)
        self._at, self._focus, self._echoed = where, Focus.STEP, []
        self._pending_intent = ()
        if self._reject(old):
            return True
        self._memory.forget((found.slot,))
        self._progress()
        if parsed is None or not self._replaced(step, parsed, confidence):
            self._prompt(self._system("again_then"), "lead")
            self._go(where)
        return True

    def _replaced(self, step: AskStep, parsed: Parsed, confidence: float) -> bool:
        """Takes the corrected value as the step would; false when it was not heard well enough."""
        sure = round(min(1.0, parsed.confidence * confidence), 3)
        decision = decide(step, sure, step.thresholds or self.flow.thresholds)
        if decision is Decision.REFUSE:
            return False
        label = step.label[self.lang]
        slot = Slot(step.slot, parsed.value, parsed.spoken, sure, False, Source.SPEECH, label, step.sensitive)
        if decision is Decision.QUESTION:
            self._ask_slot(slot)
            return True
        self._fill(slot)
        self._echo(step, slot, "corrected")
        self._go_on_corrected(step, parsed.value)
        return True

    # --- another wish ----------------------------------------------------------------------------

    def _reconsiders(self, words: str, confidence: float) -> bool:
        """ "No quiero cancelar, quiero saber mi saldo"; "I changed my mind". True when the turn is
        used up."""
        step = self._step()
        if isinstance(step, AskStep) and step.kind == "text":
            return False
        if self._nothing_after_all(step, words):
            return self._drops(Refusal("", ""), confidence)
        menu = self._menu()
        offered = self.flow.intents_of(menu) if menu else {}
        examples = [e for intent in offered.values() for e in intent.examples.get(self.lang, ())]
        found = refusal(words, self.lang, examples)
        if found is None:
            meant = slip(words, self.lang) if isinstance(step, MenuStep) else None
            return meant is not None and self._wants_instead(meant, confidence)
        if found.wanted:
            return self._wants_instead(found, confidence)
        if isinstance(step, AskStep) and step.kind == "yes_no" and self._as_answer(step, words) is not None:
            return False  # "no quiero": it is the answer
        yes_no = self._focus in (Focus.SLOT, Focus.INTENT) or (
            isinstance(step, AskStep) and step.kind == "yes_no"
        )
        if yes_no and found.refused:
            return False  # it is the answer: no
        return self._drops(found, confidence)

    def _nothing_after_all(self, step: object, words: str) -> bool:
        """ "No, thanks" to a question that has no such answer; "that is not what I want"."""
        asked = isinstance(step, AskStep) and self._focus is Focus.STEP and step.kind != "yes_no"
        if not asked or not (
            not_wanted(words, self.lang) or says_no_more(words, self.lang, to_a_question=True)
        ):
            return False
        assert isinstance(step, AskStep)
        return self._as_answer(step, words) is None

    def _wants_instead(self, found: Refusal, confidence: float) -> bool:
        step = self._step()
        asked = step if isinstance(step, AskStep) and self._focus is not Focus.INTENT else None
        if asked and self._as_answer(asked, found.wanted) is not None:
            self._answer(found.wanted, confidence)
            return True
        refused = self._scored(found.refused, self.lang, confidence) if found.refused else ()
        limits = self._thresholds()
        left = refused[0].intent if refused and refused[0].confidence >= limits.low else ""
        guesses = tuple(g for g in self._scored(found.wanted, self.lang, confidence) if g.intent != left)
        best = guesses[0].confidence if guesses else 0.0
        if best < limits.low:
            return False
        if best >= limits.high:
            self._take_intent(guesses)
            return True
        if not isinstance(step, MenuStep):
            return False
        if not self._asks_which(guesses):
            self._pending_intent = guesses
            self._ask_intent(guesses[0])
        return True

    def _drops(self, found: Refusal, confidence: float) -> bool:
        """Nothing is wanted instead: what is under way ends, and the caller may choose anew."""
        subject = self._subject()
        guesses = self._scored(found.refused, self.lang, confidence) if found.refused else ()
        refused = guesses[0] if guesses and guesses[0].confidence >= self._thresholds().high else None
        if isinstance(self._step(), MenuStep):
            if refused is None:
                return False
            self._refused.add(refused.intent)
            self._pending_intent, self._focus = (), Focus.STEP
            self._trouble(Trouble.NO_MATCH)
            return True
        under_way = not found.refused or (refused and subject and refused.intent == subject.intent)
        if not under_way or self.flow.main is None:
            return False
        self._memory.intent = None
        self._prompt(self._system("dropped"), "lead")
        self._frames.clear()
        self._pending, self._pending_intent = None, ()
        self._go(self.flow.main)
        return True

    def _not_refused(self, guesses: tuple[IntentGuess, ...]) -> tuple[IntentGuess, ...]:
        """Without what the caller just said no to, unless they now clearly ask for it."""
        high = self._thresholds().high
        return tuple(g for g in guesses if g.intent not in self._refused or g.confidence >= high)

    # --- one of two ------------------------------------------------------------------------------

    def _between_two(self, guesses: tuple[IntentGuess, ...]) -> bool:
        """Whether two wishes are as likely as each other and either might be meant."""
        pair, limits = close_pair(guesses), self._thresholds()
        if pair is None or pair[0].confidence >= SURE_OF_TWO:
            return False
        return pair[0].confidence >= limits.high or pair[1].confidence >= limits.low

    def _asks_which(self, guesses: tuple[IntentGuess, ...]) -> bool:
        """Two wishes are about as likely: one question with both. True when the turn is used up."""
        asked = self._refused.intersection(g.intent for g in guesses[:2])
        pair = close_pair(guesses)
        if pair is None or asked or any(self.flow.intents[g.intent].person for g in pair):
            return False
        self._pending_intent = pair
        self._ask_either()
        return True

    def _ask_either(self) -> None:
        step = self._step()
        assert isinstance(step, MenuStep)
        self._prompt(self._either(), "either")
        labels = [self.flow.intents[g.intent].label[self.lang] for g in self._pending_intent[:2]]
        expect = menu_expect(self.flow, self._at, step, self.lang)
        answers = either_phrases(labels, self.lang)
        self._listen(with_phrases(expect, answers, "either"), Focus.EITHER)

    def _which(self, words: str, confidence: float) -> None:
        """The answer to "this or that?"."""
        pair = self._pending_intent[:2]
        guesses = self._scored(words, self.lang, confidence)
        if guesses and guesses[0].confidence >= self._thresholds().high:
            self._take_intent(guesses)
            return
        if both(words):
            self._chosen(0)
            return
        if neither(words):
            self._neither()
            return
        options = {
            g.intent: (
                self.flow.intents[g.intent].label[self.lang],
                *self.flow.intents[g.intent].examples.get(self.lang, ()),
            )
            for g in pair
        }
        named = parse(ExpectKind.CHOICE, words, self.lang, options=options, today=self._today())
        if named is not None:
            self._chosen(next(i for i, g in enumerate(pair) if g.intent == named.value))
            return
        answer = parse(ExpectKind.YES_NO, words, self.lang, today=self._today())
        if answer is not None and answer.value == "no":
            self._neither()
            return
        likely = [(g.confidence, i) for i, one in enumerate(pair) for g in guesses if g.intent == one.intent]
        likely.sort(reverse=True)
        if len(likely) == 2 and likely[0][0] >= max(0.2, _EITHER_SURE * likely[1][0]):
            self._chosen(likely[0][1])
        else:
            self._trouble(Trouble.NO_MATCH)

    def _which_by_key(self, keys: str) -> None:
        if keys in ("1", "2"):
            self._chosen(int(keys) - 1)
        else:
            self._trouble(Trouble.NO_MATCH)

    def _chosen(self, place: int) -> None:
        pair, self._pending_intent = self._pending_intent[:2], ()
        best, other = pair[place], pair[1 - place]
        self._take_intent((replace(best, confidence=max(best.confidence, 0.95)), other))

    def _neither(self) -> None:
        self._refused.update(guess.intent for guess in self._pending_intent[:2])
        self._pending_intent, self._focus = (), Focus.STEP
        self._trouble(Trouble.NO_MATCH)
