"""Talking through a language model, in a ``converse`` step or where a menu understood nothing.

The model's machine (:mod:`voice.language_model.consultation`) decides what is said, asked and run; here it is
tied to the call: the flow's actions, its slots, its patience, and the way on without it. What the caller may
always do (a person, another language, the main menu, goodbye) is done here and never asked of the model.
"""

from __future__ import annotations

from dataclasses import replace

from voice.dialogue.conversation import Focus, Phase, spoken_ms
from voice.dialogue.detours import Detour, Frame
from voice.dialogue.flow import Flow, HandoffStep, MenuStep
from voice.dialogue.flow_steps import ConverseStep
from voice.dialogue.keypad import NO_KEY, ONE_KEY, YES_KEY
from voice.dialogue.ladder import Trouble, lead
from voice.dialogue.listening import telling_phrases
from voice.dialogue.memory import Attempt
from voice.dialogue.modelling import brief_of
from voice.dialogue.seam import (
    ActionDone,
    ActionFailed,
    Consult,
    Heard,
    HearingFailed,
    Input,
    Keyed,
    ModelDone,
    ModelFailed,
    ModelSaid,
    Say,
    Silence,
    Spoke,
    StopConsulting,
    Tick,
)
from voice.dialogue.stay import FAULTS, OURS, Stay
from voice.dialogue.texts import Texts
from voice.dialogue.tools import Tools
from voice.dialogue.understanding import Understanding
from voice.dialogue.wishes import says_goodbye, wants_back, wants_language, wants_person, wants_repeat
from voice.events import ModelConsulted, StepEntered
from voice.knowledge.article import Article
from voice.language_model import consultation as lm
from voice.language_model.speech_acts import offers_person
from voice.languages import language
from voice.model import Ended, Expect, ExpectKind, Prompt, Utterance
from voice.slots.reader import parse

CERTAIN = 0.85  # a wish of the flow's own this clear is done by the flow, not talked about
MOST_TROUBLES = 2  # silences or empty turns in one stay
ARTICLES = 3  # that the model is given for one question
FEW = 4  # articles: so many are given whatever the question
GROUNDING = 0.15  # confidence from which an article may help the model
QUIET_MS = 2500  # of silence at most, once the model has begun to answer
BETWEEN_MS = 6000  # beyond the flow's patience: an answer has been begun by then, or none will come
MOST_BROKEN = 2  # answers that a menu lets break off in a call


class Conversing(Tools):
    """Knows the language model. ``model``: there is one to be asked."""

    def __init__(
        self, flow: Flow, texts: Texts, understanding: Understanding, lang: str, model: bool = False
    ) -> None:
        super().__init__(flow, texts, understanding, lang)
        self._model = model
        self._stay: Stay | None = None
        self._stays = 0
        self._tokens = 0  # of the whole call
        self._broken = 0  # answers that broke off, where a menu had asked
        self._stating: dict[str, Attempt] = {}  # what told something, until it is known what was heard of it

    # --- coming and going ----------------------------------------------------------------------------

    def _enter(self, name: str) -> str | None:
        step = self.flow.steps[name]
        if not isinstance(step, ConverseStep):
            return super()._enter(name)
        self._at = name
        self._memory.forget(step.forget)
        visit = self._visits[name] = self._visits.get(name, 0) + 1
        self._note(StepEntered(name, visit))
        if not self._model or self._keypad_only:
            return step.offline
        self._begin(name, step, "")
        self._prompt(self._text(step.prompt), name)
        self._wait_for_words()
        return None

    def _thinks(self, step: MenuStep, words: str) -> bool:
        """A menu that understood nothing asks the model, where the flow says so. True when the turn is used
        up."""
        if step.fallback is None or not self._model or self._keypad_only or self._broken >= MOST_BROKEN:
            return False
        talk = self.flow.steps[step.fallback]
        assert isinstance(talk, ConverseStep)
        origin, self._at = self._at, step.fallback
        self._note(StepEntered(step.fallback, 1))
        self._begin(step.fallback, talk, origin)
        self._ask_model(words)
        return True

    def _begin(self, name: str, step: ConverseStep, came_from: str) -> None:
        self._stays += 1
        brief = brief_of(self.flow, step, self.lang, self._memory, self._values(), self._render)
        left = max(0, brief.limits.tokens - self._tokens)
        brief = replace(brief, limits=replace(brief.limits, tokens=left))
        talk = lm.Consultation(brief, self._articles_for, self._today(), f"model-{self._stays}")
        self._stay = Stay(name, talk, came_from)

    def _articles_for(self, words: str) -> tuple[Article, ...]:
        knowledge = self.flow.articles
        if knowledge is None:
            return ()
        every = knowledge.articles(self.lang)
        if len(every) <= FEW:
            return tuple(article for article in every if article.holds(self._today()))
        found = knowledge.find(words, self.lang, self._today())
        return tuple(match.article for match in found[:ARTICLES] if match.confidence >= GROUNDING)

    def _stop(self, outcome: str) -> Stay:
        """Ends the stay; nothing of the model is wanted any more."""
        stay = self._stay
        assert stay is not None
        if self._phase is Phase.CONSULTING and not stay.running:
            self._out.append(StopConsulting(stay.talk.asking))
        if stay.deed is not None:
            stay.deed.outcome = "uncertain"  # nobody waits for its end
        talk = stay.talk
        self._tokens += talk.tokens
        self._note(ModelConsulted(stay.step, outcome, talk.tokens, list(talk.refused), list(talk.consulted)))
        if stay.attempt is not None and stay.attempt.outcome == "unanswered" and outcome in FAULTS:
            stay.attempt.outcome = "failed"
        self._stay, self._phase, self._focus = None, Phase.LISTENING, Focus.STEP
        return stay

    def _handoff(self, reason: str, step: HandoffStep | None = None) -> None:
        if self._stay is not None:
            self._stop("left")
        super()._handoff(reason, step)

    def _without_model(self, why: str) -> None:
        """The way on that needs no model, from where the caller was."""
        stay = self._stop(why)
        step = self.flow.steps[stay.step]
        assert isinstance(step, ConverseStep)
        self._progress()
        key = ""
        if why in OURS and stay.talk.spoke_ever:
            key = "answer_cut" if stay.talk.spoke and why in FAULTS else "no_answer"
        if stay.came_from:
            self._at = stay.came_from
        if stay.came_from and not key:
            self._trouble(Trouble.NO_INPUT if why == Trouble.NO_INPUT else Trouble.NO_MATCH)
            return
        self._prompt(self._system(key or "apology"), key or "apology")
        if stay.came_from:
            self._broken += 1
            self._put_again()
        else:
            self._go(step.offline)

    def _remember_heard(self, utterances: tuple[Utterance, ...]) -> None:
        super()._remember_heard(utterances)
        for utterance in utterances:
            attempt = self._stating.get(utterance.text)
            if attempt is not None and utterance.ended is Ended.FULL:
                attempt.outcome, attempt.heard = "answered", utterance.text

    # --- inputs --------------------------------------------------------------------------------------

    def _consult_due(self) -> int:
        """When the caller next needs a word from us, or has waited long enough."""
        stay, patience = self._stay, self.flow.patience
        assert stay is not None
        if self._midway(stay):
            return stay.since + (QUIET_MS if stay.waited else min(QUIET_MS, patience.filler_ms))
        waits = (patience.filler_ms, patience.apology_ms, patience.limit_ms)
        return stay.since + waits[stay.waited]

    def _conversed(self, event: Input) -> bool:
        """One input while the model has the caller; false when it is not for here."""
        stay = self._stay
        if stay is None or self._phase not in (Phase.CONSULTING, Phase.LISTENING):
            return isinstance(event, ModelSaid | ModelDone | ModelFailed)  # too late
        if isinstance(event, HearingFailed):
            self._keypad_only = True
            self._without_model("deaf")
            return True
        if isinstance(event, Heard | Keyed | Silence | Spoke):
            stay.talk.heard_of_us({u.text: u.heard for u in event.heard_prompts})
        match event:
            case Heard():
                self._stay_heard(stay, event.transcript.text, event.transcript.confidence)
            case Keyed() if event.keys:
                self._stay_keyed(stay, event.keys)
            case Silence() | Keyed() if self._phase is Phase.LISTENING:
                self._stay_trouble(stay, Trouble.NO_INPUT)
            case ModelSaid() if event.id == stay.talk.asking:
                self._follow(stay.talk.sentence(event.text))
            case ModelDone() if event.id == stay.talk.asking:
                stay.since = max(stay.since, self._now)
                self._follow(stay.talk.ended(event.calls, event.tokens))
            case ModelFailed() if event.id == stay.talk.asking:
                self._follow(stay.talk.failed(event.kind))
            case ActionDone() if event.id == stay.running:
                self._ran(stay, event.value, "")
            case ActionFailed() if event.id == stay.running:
                if stay.deed is not None and event.uncertain:
                    self._may_be_done()
                else:
                    self._ran(stay, None, event.kind)
            case Tick():
                self._stay_tick(stay)
            case Spoke() if self._midway(stay):
                stay.since = self._now
            case Keyed() | Silence() | Spoke() | ModelSaid() | ModelDone() | ModelFailed():
                pass
            case _:
                return False
        return True

    def _stay_tick(self, stay: Stay) -> None:
        if self._phase is Phase.LISTENING:
            if self._now >= self._watchdog:
                self._stay_trouble(stay, Trouble.NO_INPUT)
            return
        if self._now < self._consult_due():
            return
        if stay.waited == 2:
            if stay.deed is not None:
                self._may_be_done()
            else:
                self._without_model("timeout")
            return
        key = "apology_wait" if stay.waited else "filler"
        stay.waited += 1
        self._say_now(self._system(key), key)
        if self._midway(stay):
            self._voiced(stay, self._system(key))

    def _midway(self, stay: Stay) -> bool:
        """The model has begun an answer, and the rest of it is awaited."""
        return self._phase is Phase.CONSULTING and stay.talk.spoke and not stay.running

    def _voiced(self, stay: Stay, text: str) -> None:
        """Something more is being said. Silence is counted from its end: at the latest from then on, and from
        when all was spoken, where that is told."""
        stay.since = max(stay.since, self._now) + 2 * spoken_ms((Prompt(text, self.lang),))

    # --- the caller ----------------------------------------------------------------------------------

    def _stay_heard(self, stay: Stay, text: str, confidence: float) -> None:
        words = language(self.lang).normalise(text)
        wanted = wants_language(words) if words else None
        if words and (wants_person(words, self.lang) or self._takes_person(words)):
            self._to_person()
        elif stay.running:
            return  # what runs may change something: its end decides
        elif not words:
            if self._phase is Phase.LISTENING:
                self._stay_trouble(stay, Trouble.NO_MATCH)
        elif wanted is not None and wanted in self.flow.languages and wanted != self.lang:
            self._stop("left")
            self._set_language(wanted, "asked")
            self._prompt(self._system("language_changed"), "language_changed")
            self._progress()
            self._go(stay.came_from or stay.step)
        elif wants_back(words, self.lang) and self.flow.main is not None:
            self._stop("left")
            self._back()
        elif self.flow.goodbye is not None and says_goodbye(words, self.lang):
            self._stop("left")
            self._go(self.flow.goodbye)
        elif stay.proposed is not None:
            self._decide(stay, words)
        elif (
            self._phase is Phase.LISTENING
            and wants_repeat(words, self.lang)
            and stay.troubles < MOST_TROUBLES
        ):
            stay.troubles += 1
            self._prompts += self._last_question
            self._wait_for_words()
        elif not self._flows_own(stay, words, confidence):
            self._ask_model(words)

    def _person_offered(self) -> bool:
        """The model has just asked whether the caller would like a person."""
        asked = self._last_question[-1:] if self._phase is Phase.LISTENING else ()
        return any(offers_person(prompt.text, self.lang) for prompt in asked)

    def _takes_person(self, words: str) -> bool:
        if not self._person_offered():
            return False
        answer = parse(ExpectKind.YES_NO, words, self.lang, today=self._today())
        return answer is not None and answer.value == "yes"

    def _to_person(self) -> None:
        self._stop("left")
        self._memory.person_asked += 1
        self._handoff("caller_asked")

    def _asks_aside(self, stay: Stay, words: str, confidence: float) -> bool:
        """What is answered in the middle of anything is, and then the stay begins anew; true when the turn is
        used up."""
        best = next(iter(self._understanding.classify(words, self.lang)), None)
        if best is None or best.intent not in self.flow.digressions or best.confidence * confidence < CERTAIN:
            return False
        guess = replace(best, confidence=round(best.confidence * confidence, 3))
        self._stop("left")
        self._note_intent(guess, ())
        if self._too_often(guess.intent):
            self._handoff("loop")
            return True
        self._interrupt(Frame(Detour.DIGRESSION, stay.came_from or stay.step, intent=guess))
        self._go(self._past_campaigns(guess.intent, self.flow.intents[guess.intent].then))
        return True

    def _come_back(self, frame: Frame) -> None:
        if isinstance(self.flow.steps[frame.at], ConverseStep):
            self._prompt(self._system("digression_back"), "digression_back")
            self._go(frame.at)
        else:
            super()._come_back(frame)

    def _flows_own(self, stay: Stay, words: str, confidence: float) -> bool:
        """A clear wish for what the flow does itself; true when the turn is used up. Words that are just one
        of its phrases are clear: in open speech nothing forced them to be."""
        listed = words in telling_phrases(self.flow, self.lang)
        confidence = 1.0 if listed else min(1.0, max(0.0, confidence))
        if self._asks_aside(stay, words, confidence):
            return True
        guesses = self._scored(words, self.lang, confidence)
        if not guesses or guesses[0].confidence < CERTAIN:
            return False
        self._stop("left")
        self._take_intent(guesses)
        return True

    def _stay_keyed(self, stay: Stay, keys: str) -> None:
        if keys == "0" or (keys == YES_KEY and stay.proposed is None and self._person_offered()):
            self._to_person()
        elif self._phase is not Phase.LISTENING:
            return
        elif stay.proposed is not None and keys in (YES_KEY, NO_KEY):
            self._decided_on(stay, keys == YES_KEY)
        else:
            self._stay_trouble(stay, Trouble.NO_MATCH)

    def _stay_trouble(self, stay: Stay, trouble: Trouble) -> None:
        stay.troubles += 1
        if stay.troubles > MOST_TROUBLES:
            self._without_model(trouble.value)
            return
        self._prompt(lead(self.texts, trouble, stay.troubles, self.lang), "lead")
        if stay.proposed is not None:
            self._propose(stay, *stay.proposed)
        else:
            self._wait_for_words()

    def _wait_for_words(self) -> None:
        stay = self._stay
        assert stay is not None
        step = self.flow.steps[stay.step]
        assert isinstance(step, ConverseStep)
        expect = Expect(
            ExpectKind.TEXT,
            self.lang,
            keypad=ONE_KEY,
            no_input_ms=step.no_input_ms,
            endpoint_ms=step.endpoint_ms or 700,
            step=stay.step,
            believed=telling_phrases(self.flow, self.lang),
        )
        self._listen(expect, Focus.STEP)

    def _ask_model(self, words: str) -> None:
        stay = self._stay
        assert stay is not None
        effects = stay.talk.interrupted() if self._phase is Phase.CONSULTING else []
        stay.since, stay.waited = self._now, 0
        if stay.attempt is None:
            stay.attempt = Attempt("talk", stay.step, "unanswered")
            self._memory.attempts.append(stay.attempt)
        self._follow([*effects, *stay.talk.heard(words)])

    # --- the model -----------------------------------------------------------------------------------

    def _follow(self, effects: list[lm.Effect]) -> None:
        """Does what the model's machine decided."""
        for effect in effects:
            stay = self._stay
            if stay is None:
                return
            match effect:
                case lm.Speak():
                    self._flush()
                    self._last_question = (*self._last_question, Prompt(effect.text, self.lang))
                    self._out.append(Say((Prompt(effect.text, self.lang, key=f"{stay.step}.model"),)))
                    self._voiced(stay, effect.text)
                    stay.waited = 0
                    if stay.attempt is not None and effect.text in stay.talk.told:
                        self._stating[effect.text] = stay.attempt
                case lm.Consult():
                    self._flush()
                    self._last_question = ()
                    limit = self.flow.patience.limit_ms + BETWEEN_MS
                    self._out.append(Consult(effect.id, effect.ask, limit))
                    self._phase, self._expect = Phase.CONSULTING, None
                case lm.Stop():
                    self._out.append(StopConsulting(effect.id))
                case lm.RunTool():
                    self._run_tool(stay, effect.name, effect.arguments)
                case lm.Propose():
                    self._proposing(stay, effect.name, effect.arguments)
                case lm.Wait():
                    stay.troubles = 0
                    self._progress()
                    self._wait_for_words()
                case lm.Leave():
                    step = self.flow.steps[stay.step]
                    assert isinstance(step, ConverseStep)
                    self._stop("left")
                    self._progress()
                    self._go(step.exits[effect.exit].then)
                case lm.Failed():
                    self._without_model(effect.why)
