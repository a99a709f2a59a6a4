"""Two wishes in one sentence: "quiero saber mi saldo y también el horario".

A question (an intent that may interrupt, or an article) is answered first, and the business follows at once.
Of two pieces of business the first is done; the second is kept, shown to whoever takes over, and offered when
the conversation comes to its next menu, or before it would end. Each is offered once, so nothing goes round.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from rapidfuzz import fuzz

from voice.dialogue.answering import LEAD, Answering
from voice.dialogue.conversation import Focus
from voice.dialogue.flow import Flow, MenuStep
from voice.dialogue.listening import confirm_expect
from voice.dialogue.second_thoughts import SecondThoughts
from voice.dialogue.texts import Texts
from voice.dialogue.understanding import Understanding
from voice.events import WishKept
from voice.knowledge.seam import Match
from voice.languages import fold
from voice.languages.base import phrase_list, word_list
from voice.model import IntentGuess

MOST_WORDS = 40  # of a sentence that is looked at
MOST_PLACES = 6  # at which it may be divided
STORY_WORDS = 12  # from which a sentence is an account of several clauses
CLAUSE_WORDS = 3
MOST_KEPT = 2  # wishes kept for later
_SAME = 88.0  # similarity of 100 from which a sentence is one of the author's own examples
_JOINING = {
    "es": frozenset(word_list("y e ademas tambien luego despues aparte")),
    "en": frozenset(word_list("and also plus then besides")),
}
_CLAUSES = {
    "es": frozenset(word_list("que porque y pero cuando pues entonces bueno mire mira oiga resulta")),
    "en": frozenset(word_list("that because and but when so well then which cause look listen")),
}
_AROUND = {  # what may stand beside a joining word and is no part of a wish
    "es": phrase_list("y, e, además, también, luego, después, aparte, de paso, por cierto, pues"),
    "en": phrase_list("and, also, plus, then, besides, by the way, as well, too, another thing"),
}
_AROUND_WORDS = {lang: [fold(phrase).split() for phrase in phrases] for lang, phrases in _AROUND.items()}


def divisions(words: str, lang: str) -> Iterator[tuple[str, str]]:
    """The ways of taking normalised ``words`` apart at a joining word, without it."""
    said = words.split()
    if len(said) > MOST_WORDS:
        return
    folded = [fold(word) for word in said]
    seen: set[tuple[int, int]] = set()
    for at, word in enumerate(folded):
        if word not in _JOINING[lang] or len(seen) >= MOST_PLACES:
            continue
        around = _AROUND_WORDS[lang]
        end, start = at, at + 1
        while more := next((len(p) for p in around if p == folded[max(0, end - len(p)) : end]), 0):
            end -= more
        while more := next((len(p) for p in around if p == folded[start : start + len(p)]), 0):
            start += more
        if end and start < len(said) and (end, start) not in seen:
            seen.add((end, start))
            yield " ".join(said[:end]), " ".join(said[start:])


@dataclass(frozen=True, slots=True)
class Wish:
    """What a part of a sentence asks for: an intent, or an article that answers it."""

    guesses: tuple[IntentGuess, ...]
    article: Match | None = None
    at_once: bool = False  # served without a question: the caller asked for it in this very sentence

    @property
    def name(self) -> str:
        return self.article.article.name if self.article else self.guesses[0].intent

    @property
    def sure(self) -> float:
        return self.article.confidence if self.article else self.guesses[0].confidence


class Afterwards(Answering, SecondThoughts):
    """Does one thing after the other."""

    def __init__(self, flow: Flow, texts: Texts, understanding: Understanding, lang: str) -> None:
        super().__init__(flow, texts, understanding, lang)
        self._later: list[Wish] = []  # not offered yet
        self._offering = ""  # the intent of the wish that is being offered

    # --- understanding -----------------------------------------------------------------------------

    def _two_wishes(self, step: MenuStep, words: str, confidence: float) -> bool:
        """Serves the first of two wishes and keeps the other. True when the turn is used up."""
        langs = [self.lang, *(o for o in self.flow.languages if self._language_open and o != self.lang)]
        for lang in langs:
            found = self._both(words, confidence, lang)
            if found is None:
                continue
            if lang != self.lang:
                self._set_language(lang, "first_words")
            self._serve(*found)
            return True
        return False

    def _both(self, words: str, confidence: float, lang: str) -> tuple[Wish, Wish] | None:
        """The two wishes of a sentence, in its order, from the place where both are clearest; None when it is
        not clearly two."""
        best: tuple[Wish, Wish] | None = None
        for first, second in divisions(words, lang):
            a = self._wish(first, confidence, lang)
            b = self._wish(second, confidence, lang) if a is not None else None
            if a is None or b is None or a.name == b.name or (a.article and b.article):
                continue
            if best is None or min(a.sure, b.sure) > min(w.sure for w in best):
                best = (a, b)
        return None if best is None or self._authors_own(words, lang) else best

    def _wish(self, words: str, confidence: float, lang: str) -> Wish | None:
        """What a part of a sentence clearly asks for."""
        guesses = self._not_refused(self._scored(words, lang, confidence))
        best = guesses[0].confidence if guesses else 0.0
        clear = best >= self._thresholds().high
        found = self._likely(words, confidence, lang) if not self._keypad_only else None
        if found is not None and found.confidence >= (best if best >= self._thresholds().low else 0.0) + LEAD:
            return Wish((), found)
        if not clear or self.flow.intents[guesses[0].intent].person:
            return None
        return Wish(guesses)

    def _in_a_story(self, words: str, confidence: float) -> tuple[IntentGuess, ...]:
        """What one clause of a long account asks for, unsure enough to be asked about: "buenas tardes, mire,
        mi hijo me dice que hay un error en mi factura y yo no entiendo". Nothing where two clauses
        ask for different things."""
        said = words.split()
        if not STORY_WORDS <= len(said) <= MOST_WORDS:
            return ()
        folded = [fold(word) for word in said]
        cuts = [-1, *(i for i, word in enumerate(folded) if word in _CLAUSES[self.lang]), len(said)]
        limits, found = self._thresholds(), dict[str, tuple[IntentGuess, ...]]()
        for start, end in pairwise(cuts):
            if end - start - 1 < CLAUSE_WORDS:
                continue
            guesses = self._not_refused(self._scored(" ".join(said[start + 1 : end]), self.lang, confidence))
            if guesses and guesses[0].confidence >= limits.high:
                found.setdefault(guesses[0].intent, guesses)
        if len(found) != 1:
            return ()
        (best, *others), *_ = found.values()
        unsure = max(limits.low, limits.high - 0.01)
        return (replace(best, confidence=min(best.confidence, unsure)), *others)

    def _authors_own(self, words: str, lang: str) -> bool:
        """Whether the sentence is one that the flow or its articles list as one wish: "I ordered a phone
        and it has not come"."""
        said = fold(words)
        own = [e for intent in self.flow.intents.values() for e in intent.examples.get(lang, ())]
        asked = self.flow.articles.questions(lang) if self.flow.articles is not None else ()
        return any(fuzz.ratio(said, fold(example)) >= _SAME for example in (*own, *asked))

    def _is_question(self, wish: Wish) -> bool:
        """Whether it is answered in passing."""
        return wish.article is not None or wish.name in self.flow.digressions

    def _rank(self, wish: Wish) -> int:
        """What comes first: what is urgent, then questions, then business."""
        urgent = wish.article is None and self.flow.intents[wish.name].urgent
        return 0 if urgent else 1 if self._is_question(wish) else 2

    # --- serving -----------------------------------------------------------------------------------

    def _serve(self, first: Wish, second: Wish) -> None:
        if self._rank(second) < self._rank(first):
            first, second = second, first
        self._keep(replace(second, at_once=self._is_question(first)))
        if first.article is not None:
            self._tell(first.article)
        else:
            self._take_intent(first.guesses)

    def _keep(self, wish: Wish) -> None:
        others = [w for w in self._later if w.name != wish.name]
        self._later = [*others, wish][-MOST_KEPT:]
        if wish.article is None:
            guess = wish.guesses[0]
            kept = [g for g in self._memory.also if g.intent != guess.intent]
            self._memory.also = (*kept, guess)[-MOST_KEPT:]
            label = self._memory.intent_label(guess.intent, self.lang)
            self._note(WishKept(guess.intent, round(guess.confidence, 3), label))

    def _settled(self, intent: str) -> None:
        """A wish is being dealt with, or was declined: it is owed no more."""
        self._later = [wish for wish in self._later if wish.article or wish.name != intent]
        self._memory.also = tuple(g for g in self._memory.also if g.intent != intent)
        self._offering = "" if self._offering == intent else self._offering

    def _owes(self) -> bool:
        """Whether the main menu has something to come back to."""
        main = self.flow.steps.get(self.flow.main) if self.flow.main else None
        return isinstance(main, MenuStep) and any(self._offered_by(main, wish) for wish in self._later)

    def _offered_by(self, menu: MenuStep, wish: Wish) -> bool:
        return wish.article is not None or wish.name in self.flow.intents_of(menu)

    def _serves_later(self, step: MenuStep) -> bool:
        """At a menu: the next wish that is owed, done or offered. True when the turn is used up."""
        wish = next((w for w in self._later if self._offered_by(step, w)), None)
        if wish is None:
            return False
        self._later.remove(wish)
        self._focus = Focus.STEP
        if wish.article is not None:
            self._tell(wish.article)
        elif wish.at_once:
            self._prompt(self._system("other_wish"), "lead")
            self._take_intent(wish.guesses)
        else:
            self._offering, self._pending_intent = wish.name, wish.guesses
            self._ask_intent(wish.guesses[0])
        return True

    def _ask_intent(self, guess: IntentGuess) -> None:
        if guess.intent != self._offering or self._keypad_only:
            super()._ask_intent(guess)
            return
        label = self._memory.intent_label(guess.intent, self.lang)
        self._prompt(self._system("also_wanted", label=label), "confirm_intent")
        self._listen(confirm_expect(self.flow, self._at, self.lang), Focus.INTENT)

    def _declines_later(self, intent: str) -> bool:
        """A no to what was offered: the menu's own question comes. False when nothing was offered."""
        if intent != self._offering:
            return False
        self._settled(intent)
        self._focus = Focus.STEP
        self._put_again()
        return True

    def _put_again(self) -> None:
        step = self._step()
        at_menu = self._focus is Focus.STEP and isinstance(step, MenuStep)
        if not (at_menu and isinstance(step, MenuStep) and self._serves_later(step)):
            super()._put_again()
