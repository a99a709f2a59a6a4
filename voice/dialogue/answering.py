"""Answers from the knowledge articles: a short one, more if the caller wants it, and back to the question.

A question of the caller's is answered in the middle of whatever stands on the table, when an article is
likely and no intent is more likely. The same article is said once in short and once in full; asked for again,
it did not help, and a person takes over.
"""

from __future__ import annotations

from dataclasses import replace

from voice.dialogue.conversation import Focus
from voice.dialogue.flow import AskStep, Flow, MenuStep
from voice.dialogue.inquiries import asks_something
from voice.dialogue.keypad import NO_KEY, YES_KEY
from voice.dialogue.ladder import Trouble
from voice.dialogue.listening import confirm_expect, menu_expect, yes_no_meant
from voice.dialogue.memory import Attempt
from voice.dialogue.repair import Repair
from voice.dialogue.sayings import PHRASES, Saying, said_as, with_phrases
from voice.dialogue.texts import Texts
from voice.dialogue.understanding import Understanding
from voice.events import KnowledgeAnswered
from voice.knowledge.article import Article
from voice.knowledge.seam import ANSWER, Match
from voice.languages import fold
from voice.model import Expect, ExpectKind
from voice.slots.reader import parse

# By how much an article must be likelier than an intent: the confidences come from different models, and an
# intent does the caller's business where an article only talks of it. Of 280 wishes
# for the telecom line's intents, four lay above this lead until its flow had examples of what they say; now
# none does (docs/knowledge.md). A wider lead would cost right answers to questions.
LEAD = 0.1
OTHER_LANGUAGE = 0.8  # an article in another language than the call's must be this likely to switch
MOST_TOLD = 2  # times the same article may be said
_GOES_ON = {
    "es": ("y ", "que hay de ", "que pasa con "),
    "en": ("and ", "what about ", "how about ", "what if "),
}


class Answering(Repair):
    """Knows the articles."""

    def __init__(self, flow: Flow, texts: Texts, understanding: Understanding, lang: str) -> None:
        super().__init__(flow, texts, understanding, lang)
        self._article = ""  # the article that "would you like more?" is about
        self._question_answered = ""  # the question that it answered
        self._question_before = ""  # that question, while the caller goes on from it: "and in America?"
        self._articles_told: dict[str, int] = {}

    # --- finding -----------------------------------------------------------------------------------

    def _knows(self, words: str, confidence: float, best: float = 0.0) -> bool:
        """Answers ``words`` from an article unless an intent, of confidence ``best``, is as likely. True when
        the turn is used up."""
        knowledge = self.flow.articles
        if knowledge is None or self._keypad_only:
            return False
        found = self._likely(words, confidence, self.lang)
        if found is not None and found.confidence >= best + LEAD:
            self._tell(found, words)
            return True
        for other in self.flow.languages if self._language_open and found is None else ():
            found = self._likely(words, confidence, other) if other != self.lang else None
            if found is not None and found.confidence >= max(OTHER_LANGUAGE, best + LEAD):
                self._set_language(other, "first_words")
                self._tell(found, words)
                return True
        return False

    def _likely(self, words: str, confidence: float, lang: str) -> Match | None:
        knowledge = self.flow.articles
        after = self._question_before if lang == self.lang else ""
        matches = knowledge.find(words, lang, self._today(), after=after) if knowledge is not None else ()
        if not matches or matches[0].confidence * confidence < ANSWER:
            return None
        return replace(matches[0], confidence=round(matches[0].confidence * confidence, 3))

    # --- saying ------------------------------------------------------------------------------------

    def _tell(self, match: Match, asked: str = "") -> None:
        article = match.article
        self._question_answered = f"{self._question_before} {asked}".strip()
        told = self._articles_told[article.name] = self._articles_told.get(article.name, 0) + 1
        if told > MOST_TOLD:
            self._handoff("loop")
            return
        self._language_open = False
        if told == 1:
            self._answers_told[article.short] = Attempt("article", article.name, "answered")
            self._memory.attempts.append(self._answers_told[article.short])
            self._progress()
        part = "short" if told == 1 or not article.more else "all"
        self._note(KnowledgeAnswered(article.name, article.title, match.confidence, part))
        self._prompt(article.short, f"knowledge.{article.name}")
        self._last_answer, self._last_answer_at = (self._prompts[-1],), ""
        self._focus, self._article = Focus.STEP, ""
        self._pending, self._pending_intent = None, ()
        if part == "all":
            self._prompt(article.more, f"knowledge.{article.name}")
            self._put_again()
        elif article.more and not self._owes():
            self._offer_more(article)
        else:
            self._put_again()

    def _offer_more(self, article: Article) -> None:
        self._article = article.name
        self._prompt(self._system("article_more"), "article_more")
        self._listen(self._more_expect(), Focus.ARTICLE)

    def _more_expect(self) -> Expect:
        """A yes or no; or, in a menu, the next wish at once."""
        step = self._step()
        if isinstance(step, MenuStep):
            expect = yes_no_meant(menu_expect(self.flow, self._at, step, self.lang))
        else:
            expect = confirm_expect(self.flow, self._at, self.lang)
        for saying in (Saying.MORE, Saying.ENOUGH, Saying.NO_HELP):
            expect = with_phrases(expect, list(PHRASES[saying][self.lang]), saying.value)
        return expect

    def _article_answer(self, words: str, confidence: float) -> None:
        """The answer to "would you like more?": yes, no, or something else altogether."""
        if said_as(words, Saying.NO_HELP, self.lang):
            self._did_not_help()
            return
        if (more := said_as(words, Saying.MORE, self.lang)) or said_as(words, Saying.ENOUGH, self.lang):
            self._more(more)
            return
        answer = parse(ExpectKind.YES_NO, words, self.lang, today=self._today())
        # "no me ha llegado el pedido" holds a no, and is none
        best = next(iter(self._classify(words)), None) if answer and answer.confidence < 1.0 else None
        wish = best is not None and best.confidence * confidence >= self.flow.intent_thresholds.high
        if answer is not None and not wish:
            self._more(answer.value == "yes")
            return
        self._focus, self._article = Focus.STEP, ""
        goes_on = fold(words).startswith(_GOES_ON[self.lang])
        self._question_before = self._question_answered if goes_on else ""
        self._answer(words, confidence)
        self._question_before = ""

    def _did_not_help(self) -> None:
        """The article was no answer: whoever takes over learns that, and the caller how to get there."""
        for attempt in self._memory.attempts:
            if attempt.kind == "article" and attempt.subject == self._article:
                attempt.outcome = "failed"
        self._focus, self._article = Focus.STEP, ""
        self._prompt(self._system("friction.offer"), "person")
        self._put_again()

    def _more(self, wanted: bool) -> None:
        knowledge, name = self.flow.articles, self._article
        article = knowledge.article(name, self.lang) if knowledge is not None else None
        self._focus, self._article = Focus.STEP, ""
        if wanted and article is not None:
            self._articles_told[name] = MOST_TOLD
            self._note(KnowledgeAnswered(article.name, article.title, 1.0, "more"))
            self._prompt(article.more, f"knowledge.{name}")
        self._put_again()

    def _article_key(self, keys: str) -> bool:
        """True when the keys were an answer to "would you like more?"."""
        if self._focus is not Focus.ARTICLE:
            return False
        if keys in (YES_KEY, NO_KEY):
            self._more(keys == YES_KEY)
            return True
        self._focus, self._article = Focus.STEP, ""
        return False

    # --- what else may happen while it is offered ------------------------------------------------------

    def _trouble(self, trouble: Trouble) -> None:
        if self._focus is Focus.ARTICLE:
            self._focus, self._article = Focus.STEP, ""
            if trouble is Trouble.NO_INPUT:  # who says nothing wants no more of it
                self._put_again()
                return
        super()._trouble(trouble)

    def _put_again(self) -> None:
        if self._focus is not Focus.ARTICLE:
            super()._put_again()
            return
        knowledge = self.flow.articles
        article = knowledge.article(self._article, self.lang) if knowledge is not None else None
        if article is not None and article.more and not self._keypad_only:
            self._offer_more(article)
        else:  # not in this language, or the line went deaf
            self._focus, self._article = Focus.STEP, ""
            super()._put_again()

    def _confirmation(self, rung_suffix: str = "") -> str:
        if self._focus is Focus.ARTICLE:
            return self._system("article_more")
        return super()._confirmation(rung_suffix)

    def _answer(self, words: str, confidence: float) -> None:
        """What a turn means where the conversation stands."""
        raise NotImplementedError

    def _asks_openly(self, words: str) -> bool:
        """Whether a caller's question may be taken for one here: free text and secrets are no questions."""
        step = self._step()
        if not isinstance(step, AskStep):
            return isinstance(step, MenuStep)
        if step.kind == "yes_no":
            return asks_something(words, self.lang)
        return step.kind not in ("text", "name") and not step.sensitive
