"""Two wishes in one sentence: "quiero saber mi saldo y también el horario".

A question (an intent that may interrupt, or an article) is answered first, and the business follows at once.
Of two pieces of business the first is done; the second is kept, shown to whoever takes over, and offered when
the conversation comes to its next menu, or before it would end. Each is offered once, so nothing goes round.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rapidfuzz import fuzz

from voice.dialogue.accounts import Clause, Told, clauses
from voice.dialogue.answering import LEAD, Answering
from voice.dialogue.conversation import Focus
from voice.dialogue.flow import Flow, MenuStep
from voice.dialogue.listening import confirm_expect
from voice.dialogue.open_when import without_when
from voice.dialogue.second_thoughts import ANOTHER_WISH, SecondThoughts
from voice.dialogue.texts import Texts
from voice.dialogue.understanding import Understanding
from voice.dialogue.wishes import wants_person
from voice.events import WishKept
from voice.knowledge.seam import Match
from voice.languages import fold
from voice.languages.base import phrase_list
from voice.model import IntentGuess

MOST_WORDS = 40  # of a sentence that is looked at
MOST_PLACES = 6  # at which it may be divided
MOST_KEPT = 2  # wishes kept for later
_SAME = 88.0  # similarity of 100 from which a sentence is one of the author's own examples
# Of an account as a whole: of 36 written for the telecom line, the right wish has 0.24 to 0.9 and four times
# the next; where nothing is meant that it does, the likeliest has less than 0.2 and twice the next.
_LEAST_WHOLE, _CLEAR_OF = 0.2, 3.0
_BEGINNINGS = (9, 7, 5)  # words of a stated wish that are looked at alone
_JOINING = {
    "es": phrase_list("y, e, además, también, luego, después, aparte, por cierto, de paso"),
    "en": phrase_list("and, also, plus, then, besides, by the way, while i have you"),
}
_AROUND = {  # what may stand beside a joining word and is no part of a wish
    "es": phrase_list("y, e, además, también, luego, después, aparte, de paso, por cierto, pues"),
    "en": phrase_list("and, also, plus, then, besides, by the way, as well, too, another thing"),
}
_JOINING_WORDS, _AROUND_WORDS = (
    {lang: [fold(phrase).split() for phrase in phrases] for lang, phrases in listed.items()}
    for listed in (_JOINING, _AROUND)
)


_FIRST = {
    "es": re.compile(
        r"^(?P<later>.+?) (?:pero|y|aunque) (?:antes(?: (?:de eso|que nada))?|primero(?: que nada)?)"
        r" (?P<first>.+)$"
    ),
    "en": re.compile(r"^(?P<later>.+?) (?:but|and) (?:first|before that) (?P<first>.+)$"),
}
_THEN = {"es": "y también", "en": "and also"}


def in_order(words: str, lang: str) -> str:
    """What is to be done first said first: "dígame cuánto debo y también quiero pagar" of "quiero pagar, pero
    antes dígame cuánto debo"."""
    found = _FIRST[lang].match(words)
    return f"{found['first']} {_THEN[lang]} {found['later']}" if found else words


def divisions(words: str, lang: str) -> Iterator[tuple[str, str]]:
    """The ways of taking normalised ``words`` apart at a joining word, without it."""
    said = words.split()
    if len(said) > MOST_WORDS:
        return
    folded = [fold(word) for word in said]
    seen: set[tuple[int, int]] = set()
    for at in range(len(folded)):
        joining = next((len(p) for p in _JOINING_WORDS[lang] if p == folded[at : at + len(p)]), 0)
        if not joining or len(seen) >= MOST_PLACES:
            continue
        around = _AROUND_WORDS[lang]
        end, start = at, at + joining
        while more := next((len(p) for p in around if p == folded[max(0, end - len(p)) : end]), 0):
            end -= more
        while more := next((len(p) for p in around if p == folded[start : start + len(p)]), 0):
            start += more
        if end and start < len(said) and (end, start) not in seen:
            seen.add((end, start))
            yield " ".join(said[:end]), " ".join(said[start:])


def beside_person(words: str, lang: str) -> str:
    """What else is said where a part of a sentence asks for a person: "my balance" of "my balance and a
    person"; "" where none does."""
    for first, second in divisions(words, lang):
        if wants_person(second, lang):
            return first
        if wants_person(first, lang):
            return second
    return ""


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


@dataclass(frozen=True, slots=True)
class Account:
    """What a long account comes to: one wish or two. ``sure``: the one is done, or both; otherwise it is
    asked about. ``questions``: of two, what is answered in passing comes first."""

    wishes: tuple[Wish, ...]
    sure: bool
    questions: bool = False


def _apart(wishes: Iterable[Wish]) -> list[Wish]:
    """Without those that ask for the same as one before."""
    return list({wish.name: wish for wish in reversed(list(wishes))}.values())[::-1]


class Afterwards(Answering, SecondThoughts):
    """Does one thing after the other."""

    def __init__(self, flow: Flow, texts: Texts, understanding: Understanding, lang: str) -> None:
        super().__init__(flow, texts, understanding, lang)
        self._later: list[Wish] = []  # not offered yet
        self._offering = ""  # the intent of the wish that is being offered

    # --- understanding -----------------------------------------------------------------------------

    def _two_wishes(self, step: MenuStep, words: str, confidence: float) -> bool:
        """Serves the first of two wishes and keeps the other. True when the turn is used up."""
        for lang in self._langs_open():
            found = self._both(words, confidence, lang)
            if found is None:
                continue
            if lang != self.lang:
                self._set_language(lang, "first_words")
            self._serve(*found)
            return True
        return False

    def _langs_open(self) -> list[str]:
        """The language that is spoken, and those that the first words may still choose."""
        return [self.lang, *(o for o in self.flow.languages if self._language_open and o != self.lang)]

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

    def _tells_at_length(self, words: str, confidence: float) -> bool:
        """Does, or asks about, what a long account comes to. True when the turn is used up."""
        for lang in self._langs_open():
            found = self._account(words, confidence, lang)
            if found is None:
                continue
            self._set_language(lang, "first_words")
            if len(found.wishes) > 1 and found.sure:
                self._serve(*found.wishes[:2], in_order=not found.questions)
            elif len(found.wishes) > 1:
                self._pending_intent = tuple(wish.guesses[0] for wish in found.wishes[:2])
                self._ask_either()
            elif found.wishes[0].article is not None:
                self._tell(found.wishes[0].article)
            elif found.sure:
                self._take_intent(found.wishes[0].guesses)
            else:
                self._pending_intent = found.wishes[0].guesses
                self._ask_intent(found.wishes[0].guesses[0])
            return True
        return False

    def _account(self, words: str, confidence: float, lang: str) -> Account | None:
        """What a long account asks for: what a clause of it states as a wish, else what is the matter now,
        and what was told on the way only where nothing else says it. None when that is not clear."""
        parts = clauses(words, lang)
        one_wish = len(parts) == 1 and parts[0].told is Told.WISH
        if (len(parts) < 2 and not one_wish) or self._authors_own(words, lang):
            return None
        found: dict[Told, list[Wish]] = {told: [] for told in Told}
        more: list[tuple[Wish, Clause]] = []
        asks = False  # for something that stands in another clause: "I want to know why"
        for part in parts:
            wish = self._wish_of(part, confidence, lang)
            if wish is None:
                asks = asks or part.told is Told.WISH
            elif part.also:
                more.append((wish, part))
            elif part.told is Told.WISH or wish.article is None:
                found[part.told].append(wish)
        stated = _apart(found[Told.WISH])
        said = stated or _apart(found[Told.MATTER]) or _apart(found[Told.BACKGROUND])
        if not said:
            return self._hinted(words, parts, confidence, lang)
        if stated:
            said += [w for w in _apart(found[Told.MATTER]) if self._rank(w) == 0]
        sure = bool(stated) or asks or self._said_throughout(said[0], words, confidence, lang)
        if not stated and len(said) > 1:
            return Account(tuple(said[:2]), sure=False)
        named = {wish.name for wish in said}
        added = [(wish, part) for wish, part in more if wish.name not in named]
        if (sure or added) and not (said[0].article and added and added[0][0].article):
            wishes = (*said, *(wish for wish, _ in added))
            questions = len(said) > 1 or any(part.told is Told.WISH for _, part in added)
            return Account(wishes[:2], sure=True, questions=questions)
        return Account((said[0],), sure=sure)

    def _wish_of(self, part: Clause, confidence: float, lang: str) -> Wish | None:
        """What a clause clearly asks for; a stated wish as a whole, or as it begins: "I would like an
        appointment for my son, who ..."."""
        said = part.text.split()
        sizes = [size for size in _BEGINNINGS if size < len(said)] if part.told is Told.WISH else []
        begun = (self._wish(" ".join(said[:size]), confidence, lang) for size in sizes)
        sure = (wish for wish in begun if wish is not None and wish.sure >= ANOTHER_WISH)
        whole = (self._wish(text, confidence, lang) for text in (part.text, without_when(part.text, lang)))
        return next((wish for wish in whole if wish is not None), None) or next(sure, None)

    def _said_throughout(self, wish: Wish, words: str, confidence: float, lang: str) -> bool:
        """Whether the account as a whole is about the same, and about nothing else."""
        guesses = self._not_refused(self._scored(words, lang, confidence))
        if not guesses or guesses[0].intent != wish.name:
            return False
        best, other = guesses[0].confidence, guesses[1].confidence if len(guesses) > 1 else 0.0
        return best >= self._thresholds().low or best >= max(_LEAST_WHOLE, _CLEAR_OF * other)

    def _hinted(self, words: str, parts: Sequence[Clause], confidence: float, lang: str) -> Account | None:
        """What a clause, or two together, may ask for where none is clear; never where an article answers."""
        if self._likely(words, confidence, lang) is not None:
            return None
        if len(parts) < 2:
            return None
        texts = [without_when(p.text, lang) for p in parts] + [
            f"{a.text} {b.text}" for a, b in pairwise(parts)
        ]
        found = [g for text in texts if (g := self._not_refused(self._scored(text, lang, confidence)))]
        best = max(found, key=lambda guesses: guesses[0].confidence, default=())
        limits = self._thresholds()
        if not best or best[0].confidence < limits.low or self.flow.intents[best[0].intent].person:
            return None
        return Account((Wish(best),), sure=False)

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

    def _serve(self, first: Wish, second: Wish, *, in_order: bool = False) -> None:
        """Does one and keeps the other. ``in_order``: unless the second is urgent, the first comes first."""
        if self._rank(second) < (self._rank(first) if not in_order else min(1, self._rank(first))):
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
