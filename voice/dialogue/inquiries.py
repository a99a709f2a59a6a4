"""What callers ask about the conversation itself: who they are talking to, what a question means, and a day
or a time that is none yet ("as soon as possible", "this weekend"). Each gets an answer and the question
again, never "I did not understand". The readers are pure and work on words without punctuation.
"""

from __future__ import annotations

import re

from voice.dialogue.answers import earliest
from voice.dialogue.conversation import Focus
from voice.dialogue.flow import AskStep, Flow, MenuStep
from voice.dialogue.ladder import Trouble
from voice.dialogue.open_when import (
    Vague,
    asked_of,
    days_of_any,
    days_within,
    indifferent,
    of_period,
    period_in,
    vague_when,
)
from voice.dialogue.pauses import OPENINGS
from voice.dialogue.repair import Repair
from voice.dialogue.texts import Texts
from voice.dialogue.understanding import Understanding
from voice.dialogue.wishes import does_not_know, says_no_more, thanks_only
from voice.languages import fold, language
from voice.languages.base import word_list
from voice.model import Slot, Source
from voice.slots.reading import Parsed, Refused, Why

MOST_WORDS = 12  # a longer turn says more than that
MOST_UNSUITED = 8  # words of a turn that only says which day does not suit
SURE = 0.8  # confidence from which words are a day or a time after all

# --- who is this ------------------------------------------------------------------------------------

_WHO = {
    "es": re.compile(
        OPENINGS["es"] + r"(?:"
        r"(?:eres|es|sois|esto es|es esto|usted es|tu eres|estoy hablando con|hablo con|me atiende|me habla)"
        r"(?: usted| tu| acaso)? (?:una? |el |la |un simple )?"
        r"(?:maquina|robot|bot|contestador(?: automatico)?|grabacion|ordenador|computadora|programa"
        r"|inteligencia artificial|ia|asistente(?: virtual| automatico)?|persona|humano|ser humano|alguien"
        r"|de verdad|real)"
        r"(?: (?:de verdad|real|humana|fisica|de carne y hueso))?"
        r"(?: o (?:es |eres |con )?(?:una? |el |la )?\w+(?: \w+)?)?"
        r"|(?:con )?quien (?:hablo|estoy hablando|me atiende|me habla|tengo el gusto(?: de hablar)?"
        r"|es usted|eres|eres tu|es)"
        r"|que (?:es usted|eres(?: tu)?)|como (?:se llama usted|te llamas|se llama)"
        r")(?: por favor)?$"
    ),
    "en": re.compile(
        OPENINGS["en"] + r"(?:"
        r"(?:are you|am i (?:talking|speaking) (?:to|with)|is (?:this|that|it)|youre|you are|this is)"
        r" (?:a |an |some |actually a |just a |really a |some kind of )?(?:real |live |actual |human )?"
        r"(?:robot|bot|machine|computer|recording|ai|person|human|human being|answering machine|real"
        r"|(?:automated|automatic|virtual) (?:system|assistant|voice|service)|automated|somebody|someone)"
        r"(?: or (?:a |an |am i (?:talking|speaking) to a )?(?:real |live )?\w+)?"
        r"|who (?:am i (?:talking|speaking) (?:to|with)|is this|are you|is (?:speaking|that|talking))"
        r"|what are you|what is your name|whats your name"
        r")(?: please| here)?$"
    ),
}


def asks_who_answers(text: str, lang: str) -> bool:
    """True when the caller asks whom they are talking to, or whether it is a machine."""
    said = fold(text)
    return len(said.split()) <= MOST_WORDS and _WHO[lang].match(said) is not None


# --- what is meant ----------------------------------------------------------------------------------

_THING = {
    "es": r"(?:numero|codigo|clave|pin|letra|cifras|dato|datos|codigo postal|documento|dni|referencia)",
    "en": r"(?:number|code|pin|letter|digits|postcode|post code|document|reference|id|details)",
}
_MEANT = {
    "es": re.compile(
        OPENINGS["es"] + r"(?:"
        r"(?:a )?que (?:se refiere|te refieres|quiere decir|quieres decir|significa)(?: .+)?"
        r"|como que .+"
        r"|(?:para|por) que (?:(?:lo|la|los|las|me|se|le|eso|esto) )*(?:quieren?|necesitan?|hacen? falta"
        r"|piden?|pregunta[ns]?|tengo que (?:dar|decir|marcar)\w*)(?: .+)?"
        rf"|(?:y )?eso (?:por|para) que|cual es (?:el|la|mi|ese|esa|su) {_THING['es']}(?: .+)?"
        rf"|para que|por que|(?:que|cual) {_THING['es']}(?: (?:es|de|dice|quiere|me|tengo|debo) ?.*)?"
        rf"|que es (?:eso de )?(?:el|la|un|una|los|las|mi) {_THING['es']}(?: .+)?"
        r"|(?:en )?donde (?:(?:lo|la|se|puedo|yo|esta|viene|pone|sale|aparece|encuentro|encontrar(?:lo"
        r"|la)?|veo|ver"
        r"|miro|mirar|busco|buscar(?:lo|la)?|tengo que|eso|esto|ese numero|esa clave|ese codigo|el numero"
        r"|apuntado"
        r"|escrito) ?)+"
        r"|no (?:entiendo|comprendo) nada"
        r"|no (?:entiendo|comprendo) (?:lo que|que|la pregunta|para que|por que)(?: .+)?"
        r")$"
    ),
    "en": re.compile(
        OPENINGS["en"] + r"(?:"
        r"what (?:do|did|does) (?:you|that|it|this) mean(?: .+)?|what does (?:\w+ ){1,4}mean"
        r"|(?:why|what) (?:do|would|are|should|must) (?:you|i|we)"
        r" (?:need|want|ask|asking|have to (?:give|tell|say|key|enter))(?: .+)?"
        r"|what for|why|why (?:is )?that"
        r"|where (?:(?:do|can|would|should|is|i|it|that|find|see|look(?: for)?|get|written|that number"
        r"|the number"
        r"|on) ?)+"
        rf"|(?:what|which) {_THING['en']}(?: (?:is|do|are|of|should|exactly) ?.*)?"
        r"|i (?:dont|do not) understand (?:anything|a thing|any of (?:this|it))"
        r"|i (?:dont|do not) (?:understand|get) (?:what|the question|why|that question|your question)(?: .+)?"
        r"|what are you (?:asking|talking about)(?: .+)?"
        rf"|(?:what is|whats|which is) (?:a|an|the|my|that) (?:\w+ )?{_THING['en']}(?: .+)?"
        r")$"
    ),
}


_WHAT_IS = {
    "es": re.compile(OPENINGS["es"] + r"que es (?:eso de )?(?:el|la|un|una|los|las|mi)? ?(?P<thing>.+)$"),
    "en": re.compile(OPENINGS["en"] + r"what is (?:a|an|the|my|that)? ?(?P<thing>.+)$"),
}
_SMALL = frozenset(word_list("de del la el los las su mi of the my your a an o or"))


def asks_what_is_meant(text: str, lang: str, question: str = "") -> bool:
    """True when the caller asks what a question means, or what its answer is for; with ``question``, its
    words, also what one of the things in it is: "what is a NIE?"."""
    said = fold(text)
    if len(said.split()) > MOST_WORDS:
        return False
    if _MEANT[lang].match(said):
        return True
    asked = _WHAT_IS[lang].match(said)
    things = [word for word in asked["thing"].split() if word not in _SMALL] if asked else []
    return bool(things) and set(things) <= set(fold(question).split())


_DOUBTS = {
    "es": re.compile(OPENINGS["es"] + r"(?:esta usted|esta|estas|estan) segur[oa]s?(?: de (?:eso|que .+))?$"),
    "en": re.compile(
        OPENINGS["en"] + r"(?:are|you) (?:you |really |quite )*sure(?: (?:about|of|that) ?.*)?$"
    ),
}


def doubts(text: str, lang: str) -> bool:
    """True for "are you sure?", which is no "sure"."""
    said = fold(text)
    return len(said.split()) <= MOST_WORDS and _DOUBTS[lang].match(said) is not None


# --- questions of any kind --------------------------------------------------------------------------

_SUPPOSES = {
    "es": re.compile(OPENINGS["es"] + r"(?:(?:que|y) (?:pasa|pasaria|ocurre|sucede|hago) si|y si)\b"),
    "en": re.compile(OPENINGS["en"] + r"(?:what(?: happens)?|what do i do|what would happen) if\b"),
}
_ASKS = {
    "es": re.compile(
        OPENINGS["es"] + r"(?:(?:a|de|con|por|para|en) )?(?:que|cuant[oa]s?|cuando|donde|cual|como)\b"
    ),
    "en": re.compile(OPENINGS["en"] + r"(?:what|when|where|which|how|why|who)\b"),
}


def supposes(text: str, lang: str) -> bool:
    """True for a question about what might be: "what if I can't come?" cancels nothing."""
    return _SUPPOSES[lang].match(fold(text)) is not None


def asks_something(text: str, lang: str) -> bool:
    """True when the words are put as a question."""
    return _ASKS[lang].match(fold(text)) is not None or supposes(text, lang)


# --- offers --------------------------------------------------------------------------------------

_SUITS = {  # asked of a time that is offered
    "es": re.compile(r"\ble (?:va|viene|iria|vendria|parece|conviene) (?:bien|mejor)?"),
    "en": re.compile(r"\b(?:suits?|works? for|is that (?:all right|okay|ok|fine))\b"),
}
_NO_THANKS = {  # whatever stands between: "no dear, that is all right, thank you"
    "es": re.compile(r"^no (?:(?!pero |quiero |necesito |es que )\w+ ){0,6}gracias(?: \w+)?$"),
    "en": re.compile(r"^no (?:(?!but |i want |i need |i would )\w+ ){0,6}(?:thanks|thank you)(?: \w+)?$"),
}
_ALL = frozenset({"todo", "all", "everything"})


class Inquiries(Repair):
    """Answers what callers ask about the conversation."""

    def __init__(self, flow: Flow, texts: Texts, understanding: Understanding, lang: str) -> None:
        super().__init__(flow, texts, understanding, lang)
        self._period = ("", "")  # a step, and the week or month that its day is to be in
        self._proposed = ""  # a value that the line offered by itself

    def _answer(self, words: str, confidence: float) -> None:
        raise NotImplementedError  # two layers above

    def _wonders_who(self, words: str) -> bool:
        """Told that it is a machine, and how to get a person. True when the turn is used up."""
        step = self._step()
        free = isinstance(step, AskStep) and step.kind in ("text", "name")
        if free or not asks_who_answers(words, self.lang):
            return False
        self._aside(self._system("machine"))
        return True

    def _inquires(self, words: str) -> bool:
        """What else is asked about the question on the table, or left open. True when the turn is used up."""
        step = self._step()
        if isinstance(step, AskStep) and self._focus is Focus.STEP and self._leaves_open_when(step, words):
            return True
        if isinstance(step, AskStep) and self._takes_whatever(step, words):
            return True
        question = ""
        if isinstance(step, AskStep) and self._focus is Focus.STEP:
            question = f"{step.label[self.lang]} {step.prompt[self.lang]}"
        if self._takes(words):
            return False
        if thanks_only(words, self.lang):
            if self._focus is not Focus.STEP or (isinstance(step, AskStep) and step.kind == "yes_no"):
                return False
            if isinstance(step, MenuStep) and step.no:
                return False
            self._aside(self._system("listening"))
            return True
        if doubts(words, self.lang):
            self._aside("")
            return True
        if does_not_know(words, self.lang) or not asks_what_is_meant(words, self.lang, question):
            return False
        self._says_what_is_meant()
        return True

    def _says_what_is_meant(self) -> None:
        step = self._step()
        own = step.help if isinstance(step, AskStep) and self._focus is Focus.STEP else None
        if own is not None and not self._counter().repeats:
            self._aside(self._text(own), again=True)
        else:
            self._aside("")

    def _aside(self, answer: str, *, again: bool = False) -> None:
        """``answer``, and the question: in other words, or with ``again`` in the same."""
        if not self._once_more():
            return
        assert self._expect is not None
        if answer:
            self._prompt(answer, "lead")
        step = self._step()
        if self._focus is Focus.STEP and not again and isinstance(step, AskStep | MenuStep):
            self._ask(self._render(self._rephrased(step)))
        elif self._focus in (Focus.SLOT, Focus.INTENT, Focus.EITHER):
            self._prompt(self._confirmation("_1"), "confirm")
            self._listen(self._expect, self._focus)
        else:
            self._put_again()

    def _takes(self, words: str) -> bool:
        """Whether the words are a value that the question on the table takes: "right now" is a time."""
        step = self._step()
        if not isinstance(step, AskStep) or self._focus is not Focus.STEP or step.kind in ("text", "yes_no"):
            return False
        return self._as_answer(step, words) is not None

    def _takes_whatever(self, step: AskStep, words: str) -> bool:
        """ "Me da igual" to a choice: its first option is offered; to a time that was offered, a yes. True
        when the turn is used up."""
        if self._focus is not Focus.STEP or not indifferent(words, self.lang):
            return False
        if step.kind == "yes_no" and _SUITS[self.lang].search(fold(step.prompt[self.lang])):
            self._answer(language(self.lang).yes_phrases[0], 1.0)
            return True
        first = next((name for name in step.options if name not in self._rejected.get(step.slot, ())), None)
        if first is None or not self._once_more():
            return False
        self._offer_value(step, first, "proposed")
        return True

    def _closes_instead(self, step: AskStep, words: str) -> bool:
        """ "That is all, thanks" to a yes-or-no question that asks nothing of the kind: a no."""
        asked = fold(step.prompt[self.lang]).split()
        declines = says_no_more(words, self.lang) or _NO_THANKS[self.lang].match(fold(words)) is not None
        return declines and not _ALL.intersection(asked)

    # --- when ------------------------------------------------------------------------------------

    def _leaves_open_when(self, step: AskStep, words: str) -> bool:
        """A day or a time that is none yet: the earliest is offered, or the day of that week asked for. True
        when the turn is used up."""
        if step.kind not in ("date", "time"):
            return False
        vague = vague_when(words, self.lang)
        outcome = self._as_answer(step, words) if vague is not None else None
        if vague is None or (outcome is not None and outcome.confidence >= SURE):
            return False
        if not self._once_more():
            return True
        self._narrow(step, vague, words)
        return True

    def _does_not_suit(self, step: AskStep, words: str) -> bool:
        """ "I can't tomorrow", asked which day: another one is asked for, whatever wish that resembles. True
        when the turn is used up."""
        outcome = self._outcome(step, words) if len(words.split()) <= MOST_UNSUITED else None
        if not isinstance(outcome, Refused) or outcome.why is not Why.UNSUITED:
            return False
        self._trouble(Trouble.NO_MATCH)
        return True

    def _does_not_know(self, step: AskStep) -> None:
        """Who does not know which day, or which of several, is helped to choose once."""
        chooses = step.kind in ("choice", "date", "time") and step.help is None and step.unknown is None
        counter = self._counter()
        if not chooses or counter.unknown:
            super()._does_not_know(step)
            return
        counter.unknown += 1
        if step.kind == "choice":
            self._aside("")
        else:
            self._narrow(step, Vague.SOONEST, "")

    def _narrow(self, step: AskStep, vague: Vague, words: str) -> None:
        """Asks for what is still open, or offers the earliest."""
        where, period = self._period  # "any day", asked which day of next week
        days = days_of_any(words, self.lang) if vague is Vague.PERIOD else []
        if vague is Vague.SOONEST and where == self._at and period:
            days = days_within(period, self.lang)
        parsed = (self._as_answer(step, day) for day in days)
        first = next((one.value for one in parsed if one is not None), None)
        if vague is Vague.SOONEST and not days:
            first = earliest(step, self._today())
        if first is not None and first not in self._rejected.get(step.slot, ()):
            self._offer_value(step, first, "soonest")
        elif vague is Vague.SOONEST or step.kind == "time":
            self._ask(self._render(self._rephrased(step)))
        else:
            period = period_in(words, self.lang)
            self._period = (self._at, fold(period))
            if vague is Vague.WEEKEND:
                self._ask(self._system("which_of_weekend"))
            elif period:
                self._ask(self._system("which_day_of", value=asked_of(period, self.lang)))
            else:
                self._ask(self._system("which_day"))

    def _offer_value(self, step: AskStep, value: str, text: str) -> None:
        """A value that the caller did not say, as a question: it counts only after a yes."""
        spoken = self._value(step, value)
        slot = Slot(
            step.slot, value, spoken, 1.0, False, Source.SPEECH, step.label[self.lang], step.sensitive
        )
        self._pending, self._proposed = slot, value
        self._prompt(self._system(text, value=spoken), "confirm_value")
        self._listen(self._slot_expect(step), Focus.SLOT)

    def _of_period(self, step: AskStep, words: str) -> Parsed | None:
        """ "Tuesday", asked which day of next week: that week's."""
        (where, period), self._period = self._period, ("", "")
        if where != self._at or not period or step.kind != "date":
            return None
        found = self._as_answer(step, of_period(words, period, self.lang))
        return found if found is not None and found.confidence >= SURE else None
