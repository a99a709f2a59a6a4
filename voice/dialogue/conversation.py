"""The means of a dialogue: saying, listening, noting, wording, and asking for a person."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from enum import Enum
from typing import Any

from voice.dialogue.answers import answer_of
from voice.dialogue.flow import AskStep, Flow, HandoffStep, Intent, MenuStep, Step
from voice.dialogue.hours import local_time
from voice.dialogue.known import schedule_values
from voice.dialogue.ladder import Counter
from voice.dialogue.listening import plain_yes_no, wording_of
from voice.dialogue.memory import Attempt, Memory, hidden
from voice.dialogue.render import Wording, render
from voice.dialogue.seam import Action, HangUp, Invoke, Listen, Note, Say, Transfer
from voice.dialogue.texts import Texts
from voice.dialogue.understanding import Remembering, Understanding
from voice.events import DisclosureMade, EventData, HandoffRequested, SlotFilled
from voice.model import BargeIn, Ended, Expect, Handoff, IntentGuess, Prompt, Slot, Utterance
from voice.slots.reading import Outcome, Parsed

# Speech runs at about 15 characters a second (165 words a minute); used for deadlines, never for pacing.
MS_PER_CHARACTER = 66
WATCHDOG_MS = 60_000


def spoken_ms(prompts: Iterable[Prompt]) -> int:
    """About how long ``prompts`` take to say."""
    return sum(len(prompt.text) for prompt in prompts) * MS_PER_CHARACTER


class Phase(Enum):
    NEW = "new"
    LISTENING = "listening"
    INVOKING = "invoking"
    CONSULTING = "consulting"  # the language model, or a tool it asked for
    TRANSFERRED = "transferred"
    ENDED = "ended"


class Focus(Enum):
    """What the question on the table is about."""

    STEP = "step"  # the menu's or ask step's own question
    SLOT = "slot"  # is this value right?
    INTENT = "intent"  # is this what you want?
    EITHER = "either"  # which of these two do you want?
    REASON = "reason"  # what shall I tell the person?
    ARTICLE = "article"  # would you like to hear more?
    RESUME = "resume"  # shall we go on with the call that was cut off?


class Conversation:
    """State of one call and the means to act. One batch of actions is collected per step."""

    def __init__(self, flow: Flow, texts: Texts, understanding: Understanding, lang: str) -> None:
        self.flow = flow
        self.texts = texts
        self.lang = lang if lang in flow.languages else flow.languages[0]
        self._understanding = Remembering(understanding)
        self._memory = Memory(flow, texts)
        self._phase = Phase.NEW
        self._focus = Focus.STEP
        self._at = flow.start
        self._now = 0
        self._began_at = 0
        self._wall_ms = 0
        self._out: list[Action] = []
        self._prompts: list[Prompt] = []  # said with the next batch
        self._last_question: tuple[Prompt, ...] = ()  # what "repeat" says again
        self._expect: Expect | None = None
        self._watchdog = 0
        self._counters: dict[tuple[str, Focus], Counter] = {}
        self._answers: set[str] = set()  # texts of answers given
        self._answers_told: dict[str, Attempt] = {}  # ... until it is known what was heard of them
        self._answers_heard: set[str] = set()  # ... and heard to the end
        self._answers_repeated: set[str] = set()  # ... and given once more, because it was asked for again
        self._last_answer: tuple[Prompt, ...] = ()  # the last answer, for who asks what it was
        self._last_answer_at = ""  # the step that gave it, "" where it was an article
        self._keypad_only = False
        self._pace = 100  # of what is said, in hundredths of the voice's rate
        self._reason_asked = False
        self._wording: Wording | None = None

    # --- words ---------------------------------------------------------------------------------

    def _local(self) -> datetime:
        return local_time(self._wall_ms + self._now - self._began_at, self.flow.timezone)

    def _today(self) -> date:
        return self._local().date()

    def _outcome(self, step: AskStep, text: str) -> Outcome:
        """The caller's words as a value of this step, or why they are none."""
        local = self._local()
        return answer_of(step, text, self.lang, local.date(), at=local.time())

    def _as_answer(self, step: AskStep, text: str) -> Parsed | None:
        outcome = self._outcome(step, text)
        return outcome if isinstance(outcome, Parsed) else None

    def _words(self) -> Wording:
        today = self._today()
        if self._wording is None or self._wording.today != today:
            self._wording = wording_of(self.flow, self.texts, today)
        return self._wording

    def _subject(self) -> IntentGuess | None:
        """What is being dealt with."""
        return self._memory.intent

    def _values(self) -> dict[str, Any]:
        local = self._local()
        return (
            schedule_values(self.flow, local)
            | self._memory.values()
            | {
                "today": local.date().isoformat(),
                "time": local.strftime("%H:%M"),
                "intent": subject.intent if (subject := self._subject()) else None,
            }
        )

    def _render(self, template: str) -> str:
        return render(template, self.lang, self._values(), self._words())

    def _text(self, text: Mapping[Any, str]) -> str:
        return self._render(text[self.lang])

    def _system(self, key: str, **values: Any) -> str:
        return self.texts.get(key, self.lang, **values)

    # --- saying and listening --------------------------------------------------------------------

    def _note(self, data: EventData) -> None:
        self._out.append(Note(data))

    def _prompt(self, text: str, key: str, barge_in: BargeIn = BargeIn.ANY, lang: str = "") -> None:
        if text.strip():
            self._prompts.append(Prompt(text.strip(), lang or self.lang, barge_in, key, self._pace))

    def _flush(self) -> tuple[Prompt, ...]:
        prompts, self._prompts = tuple(self._prompts), []
        if prompts:
            self._out.append(Say(prompts))
        return prompts

    def _listen(self, expect: Expect, focus: Focus, *, remember: bool = True) -> None:
        """Ends the batch: says what is pending, then waits for the caller."""
        prompts = self._flush()
        if remember:
            kept = tuple(p for p in prompts if p.key != "disclosure" and p.lang == self.lang)
            self._last_question = kept or self._last_question
        self._phase, self._focus, self._expect = Phase.LISTENING, focus, expect
        self._watchdog = self._now + 2 * spoken_ms(prompts) + expect.no_input_ms + WATCHDOG_MS
        self._out.append(Listen(expect))

    def _disclose(self) -> None:
        text = self._text(self.flow.disclosure)
        self._prompt(text, "disclosure", BargeIn.NONE)
        self._note(DisclosureMade(self.lang, hashlib.sha256(text.encode()).hexdigest()))
        for other in self.flow.languages:
            if other != self.lang and self.flow.language_offer and other in self.flow.language_offer:
                self._prompt(self.flow.language_offer[other], "language_offer", lang=other)

    def _remember_heard(self, utterances: tuple[Utterance, ...]) -> None:
        for utterance in utterances:
            if utterance.ended is Ended.FULL and utterance.text in self._answers:
                self._answers_heard.add(utterance.text)
            told = self._answers_told.pop(utterance.text, None)
            if told is not None and told.kind == "answer" and utterance.ended is Ended.FULL:
                told.heard = utterance.text
            if told in self._memory.attempts and not utterance.heard.strip():
                self._memory.attempts.remove(told)  # of an answer that nobody heard no colleague is told

    # --- what is known ---------------------------------------------------------------------------

    def _counter(self, focus: Focus | None = None) -> Counter:
        return self._counters.setdefault((self._at, focus or self._focus), Counter())

    def _step(self) -> Step:
        return self.flow.steps[self._at]

    def _ask_step(self) -> AskStep:
        step = self._step()
        assert isinstance(step, AskStep)
        return step

    def _menu(self) -> MenuStep | None:
        """The menu whose intents are meant now: the current one, else the main one."""
        step = self._step()
        if isinstance(step, MenuStep):
            return step
        main = self.flow.steps.get(self.flow.main) if self.flow.main else None
        return main if isinstance(main, MenuStep) else None

    def _classify(self, text: str, lang: str | None = None) -> tuple[IntentGuess, ...]:
        """Best first, only intents that can be chosen here; none for a yes or no and nothing besides, which
        wishes with a word of it ("I have no data") would take for theirs."""
        menu, lang = self._menu(), lang or self.lang
        if menu is None or plain_yes_no(text, lang):
            return ()
        offered = self.flow.intents_of(menu)
        return tuple(g for g in self._understanding.classify(text, lang) if g.intent in offered)

    def _fill(self, slot: Slot) -> None:
        self._memory.slots[slot.name] = slot
        shown = hidden(slot)
        self._note(
            SlotFilled(
                shown.name,
                shown.value,
                shown.spoken,
                round(shown.confidence, 3),
                shown.confirmed,
                shown.source.value,
                shown.label,
                shown.sensitive,
            )
        )

    # --- a person --------------------------------------------------------------------------------

    def _announcement(self, reason: str, step: HandoffStep | None, urgent: bool) -> str:
        own = step.announce if step else None
        if own is None and reason in ("caller_asked", "flow"):
            own = self.flow.person.announce
        if own is not None and "{" not in own[self.lang]:
            return own[self.lang]
        if own is not None:
            return self._text(own)
        return self._system("transfer.urgent" if urgent and reason == "flow" else f"transfer.{reason}")

    def _handoff(self, reason: str, step: HandoffStep | None = None) -> None:
        """Ends the batch: asks for a person with all that is known."""
        memory, person = self._memory, self.flow.person
        wanted: Intent | None = self.flow.intents.get(memory.intent.intent) if memory.intent else None
        urgent = bool((step and step.urgent) or (wanted and wanted.urgent))
        chosen = [own.priority for own in (step, wanted) if own is not None and own.priority is not None]
        priority = chosen[0] if chosen else (0 if urgent else person.priority)
        queue = (step and step.queue) or (wanted and wanted.queue) or person.queue
        skills = dict.fromkeys([*(step.skills if step else ()), *(wanted.skills if wanted else ())])
        if step is None and not wanted:
            skills = dict.fromkeys(person.skills)
        handoff = Handoff(
            reason=reason,
            queue=queue,
            priority=priority,
            lang=self.lang,
            intent=memory.guess(memory.intent, self.lang),
            alternatives=tuple(g for a in memory.alternatives if (g := memory.guess(a, self.lang))),
            also=tuple(g for a in memory.also if (g := memory.guess(a, self.lang))),
            slots=memory.packet_slots(self.lang),
            results=memory.packet_results(self.lang),
            tried=memory.tried(self.lang),
            skills=tuple(skills),
            mood="frustrated" if reason == "loop" else memory.mood(),
            urgent=urgent,
        )
        # an author's own words before it have said why
        told = "flow" if step and step.reason == "flow" and self._prompts else reason
        announcement = self._announcement(told, step, urgent)
        self._note(HandoffRequested(reason, queue, priority, memory.intent.intent if memory.intent else ""))
        self._flush()
        announce = Prompt(announcement, self.lang, BargeIn.NONE, f"transfer.{told}", self._pace)
        self._out.append(Transfer(handoff, (announce,)))
        self._phase, self._expect = Phase.TRANSFERRED, None

    def _hang_up(self, outcome: str, reason: str) -> None:
        self._flush()
        self._out.append(HangUp(outcome, reason))
        self._phase, self._expect = Phase.ENDED, None

    def _say_now(self, text: str, key: str) -> None:
        """Something short while an action runs; the state stays as it is."""
        self._out.append(Say((Prompt(text, self.lang, BargeIn.ANY, key, self._pace),)))

    def _invoke(self, invoke: Invoke) -> int:
        """Ends the batch. Returns about how long what was said before it takes."""
        prompts = self._flush()
        self._out.append(invoke)
        self._phase, self._expect = Phase.INVOKING, None
        return spoken_ms(prompts)

    def _confirmed(self, name: str) -> None:
        slot = self._memory.slots[name]
        self._memory.slots[name] = replace(slot, confirmed=True)
