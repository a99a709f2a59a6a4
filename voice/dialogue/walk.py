"""From step to step: what happens on arriving at each kind, until the dialogue waits for something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from voice.dialogue.conversation import Focus, Phase
from voice.dialogue.deeds import Deeds, Way
from voice.dialogue.detours import Detour, Detours
from voice.dialogue.flow import (
    AskStep,
    BranchStep,
    CallStep,
    DoStep,
    Flow,
    HandoffStep,
    HangUpStep,
    MenuStep,
    ReturnStep,
    SayStep,
    Step,
    VerifyStep,
    group_of,
)
from voice.dialogue.flow_calls import RelayStep
from voice.dialogue.keypad import keypad_text
from voice.dialogue.ladder import Counter
from voice.dialogue.listening import ask_expect, menu_expect, slot_kinds, slot_phrases
from voice.dialogue.memory import Attempt
from voice.dialogue.proving import identity_check, judged, told_as, way_after
from voice.dialogue.render import placeholders
from voice.dialogue.results import Kept, kept
from voice.dialogue.seam import FORGET_CALLER, Invoke
from voice.dialogue.texts import Texts
from voice.dialogue.understanding import Understanding
from voice.events import IdentityChecked, IntentRecognised, ProfileErased, StepEntered, ValuesSaved
from voice.model import ExpectKind, IntentGuess, Slot, Source
from voice.slots.digit_places import place_phrases

MOST_HOPS = 50  # steps passed without waiting; a checked flow never gets near
MOST_VISITS = 2  # one more arrival at the same question without progress is a loop
# How long an action may go on after the caller was told: its late result still reaches the packet.
ACTION_LIFETIME_MS = 60_000


@dataclass(slots=True)
class Running:
    """The action that the caller waits for. Times are of the call."""

    id: str
    step: str
    attempt: Attempt
    quiet_since: int  # when our own voice stopped: dead air is counted from here
    limit_at: int
    given: Mapping[str, Any]  # what the step's parameters had
    change: bool = False  # it changes what was done before
    said: int = 0  # 1 after the filler, 2 after the apology


class Walk(Detours):
    """Carries a conversation through its flow."""

    def __init__(self, flow: Flow, texts: Texts, understanding: Understanding, lang: str) -> None:
        super().__init__(flow, texts, understanding, lang)
        self._visits: dict[str, int] = {}  # arrivals at each step since the last progress
        self._met: set[str] = set()  # menus already introduced in this call
        self._running: Running | None = None
        self._late: dict[str, Running] = {}
        self._deeds = Deeds()
        self._standing: set[str] = set()  # answers that are not asked for again on this way
        self._cause = ""  # why the way leads to a person, where the flow only says that it does
        self._invocations = 0
        self._deaf_announced = False
        self._echoed: list[str] = []  # slots just confirmed implicitly, open to "no, ...", oldest first

    def _progress(self) -> None:
        self._visits.clear()

    def _go(self, name: str) -> None:
        """Goes on to ``name`` and beyond, until something must be waited for."""
        target: str | None = name
        for _ in range(MOST_HOPS):
            if target is None:
                return
            target = self._enter(target)
        self._handoff("fault")

    def _enter(self, name: str) -> str | None:
        """Arrives at a step; returns the next one, or None when the batch is complete."""
        step: Step = self.flow.steps[name]
        if self._frames and self._frames[-1].kind is Detour.CAMPAIGN and not group_of(name):
            self._frames.pop()  # the campaign's question led elsewhere
        if isinstance(step, MenuStep) and self._digressing():
            return self._return(None)  # "anything else?": the question that was interrupted
        self._at = name
        self._memory.set_aside(step.forget)
        visit = self._visits[name] = self._visits.get(name, 0) + 1
        if step.intent is not None:
            self._means(step.intent)
        if isinstance(step, AskStep) and self._known(step):
            self._standing.discard(step.slot)
            return self._after(step, self._memory.slots[step.slot].value)
        self._note(StepEntered(name, visit))
        match step:
            case SayStep():
                return self._say_step(step)
            case AskStep() | MenuStep():
                if visit > MOST_VISITS:
                    self._handoff("loop")
                else:
                    for focus in Focus:
                        self._counters[name, focus] = Counter()
                    again = name in self._met
                    self._met.add(name)
                    if isinstance(step, MenuStep) and self._serves_later(step):
                        pass
                    elif not (isinstance(step, AskStep) and self._said_already(step)):
                        self._ask(self._question(step, again=again))
            case CallStep():
                return self._call(name, step)
            case BranchStep():
                return self._branch(step)
            case DoStep():
                return self._run(name, step)
            case ReturnStep():
                return self._return(step.outcome)
            case HandoffStep():
                self._handoff(self._cause if self._cause and step.reason == "flow" else step.reason, step)
            case HangUpStep() if step.outcome == "completed" and self._owes():
                return self.flow.main  # there is something else the caller asked for
            case HangUpStep():
                if step.text is not None:
                    self._prompt(self._text(step.text), name)
                self._hang_up(step.outcome, step.reason)
        return None

    def _means(self, intent: str) -> None:
        """The way that was taken says what the caller wants."""
        if self._memory.intent is None or self._memory.intent.intent != intent:
            self._memory.intent, self._memory.alternatives = IntentGuess(intent, 1.0), ()
            self._new_wish()
            self._note(IntentRecognised(intent, 1.0, self._memory.intent_label(intent, self.lang)))

    def _new_wish(self) -> None:
        """What is done from now on is no correction of what was done before."""
        raise NotImplementedError

    def _said_already(self, step: AskStep) -> bool:
        """Answers a question with what the caller said before it was put; false when nothing did."""
        return False

    def _serves_later(self, step: MenuStep) -> bool:
        """Comes to something that the caller asked for besides; false when nothing is owed."""
        return False

    def _owes(self) -> bool:
        """Whether the main menu has something to come back to."""
        return False

    def _known(self, step: AskStep) -> bool:
        return step.slot in self._memory.slots and (not step.ask_again or step.slot in self._standing)

    def _go_on_corrected(self, step: AskStep, value: str) -> None:
        """Goes on from an answer given anew: the others stand, but for a yes or no to what may be otherwise
        now."""
        asked = ((name, self.flow.slots.get(name)) for name in self._memory.slots)
        self._standing = {name for name, ask in asked if ask is not None and ask.kind != "yes_no"} - {
            step.slot
        }
        self._go(self._after(step, value))
        self._standing = set()

    def _after(self, step: AskStep, value: str) -> str:
        option = step.options.get(value)
        by_answer = {"yes": step.yes, "no": step.no}.get(value) if step.kind == "yes_no" else None
        target = (option.then if option else None) or by_answer or step.then
        assert target is not None  # the model requires one
        return target

    # --- questions -------------------------------------------------------------------------------

    def _question(self, step: AskStep | MenuStep, *, again: bool = False) -> str:
        met = isinstance(step, MenuStep) and again and bool(self._memory.intent or self._memory.attempts)
        own = step.again if isinstance(step, MenuStep) and met else None
        text = self._text(own or step.prompt)
        if isinstance(step, MenuStep) and step.keys == "always" and not self._keypad_only:
            return f"{text} {keypad_text(self.flow, self.texts, step, self.lang) or ''}"
        return text

    def _ask(self, text: str) -> None:
        """Puts the current step's question, in ``text`` or for the keypad alone."""
        step = self._step()
        assert isinstance(step, AskStep | MenuStep)
        if self._keypad_only:
            by_keys = keypad_text(self.flow, self.texts, step, self.lang)
            if by_keys is None:
                self._handoff("fault")
                return
            if not self._deaf_announced:
                self._deaf_announced = True
                self._prompt(self._system("hearing_failed"), "hearing_failed")
            if by_keys not in text:
                text = by_keys
        self._prompt(text, self._at, step.barge_in)
        self._listen_step(step)

    def _listen_step(self, step: AskStep | MenuStep) -> None:
        if isinstance(step, AskStep):
            expect = ask_expect(self.flow, self._at, step, self.lang, self._today())
        else:
            dates = (s for s in self._echoed_steps() if s.expects is ExpectKind.DATE)
            kinds = next((slot_kinds(step) for step in dates), ())
            expect = menu_expect(self.flow, self._at, step, self.lang, self._correction_phrases(), kinds)
        self._listen(expect, Focus.STEP)

    def _correction_phrases(self) -> list[str]:
        """After an implicit confirmation the caller may say "no, the other one". No loop of digits beside it:
        other speech at a menu would be digits. "No, one two three" is heard at a second look."""
        steps = self._echoed_steps()
        closed = [s for s in steps if s.expects in (ExpectKind.CHOICE, ExpectKind.DATE)]
        said = [phrase for s in closed for phrase in slot_phrases(s, self.lang, self._today())]
        if any(s.expects is ExpectKind.DIGITS and not s.sensitive for s in steps):
            said += place_phrases(self.lang)
        return ["no", *said] if steps else []

    def _echoed_steps(self) -> list[AskStep]:
        return [self.flow.slots[name] for name in self._echoed if name in self.flow.slots]

    # --- the other kinds -------------------------------------------------------------------------

    def _say_step(self, step: SayStep) -> str | None:
        text = self._text(step.text)
        again = step.answer and text in self._answers_heard
        if again and text in self._answers_repeated:
            self._handoff("loop")  # it was heard to the end twice and did not help
            return None
        if again:
            self._answers_repeated.add(text)
            self._prompt(self._system("repeat"), "repeat")
        if step.answer:
            self._answers.add(text)
            self._progress()
            if (subject := self._subject()) is not None and not again:
                said = frozenset(name for name, _ in placeholders(step.text[self.lang]))
                self._answers_told[text] = Attempt("answer", subject.intent, "answered", names=said)
                self._memory.attempts.append(self._answers_told[text])
        self._prompt(text, self._at, step.barge_in)
        if step.answer and self._prompts:
            self._last_answer, self._last_answer_at = (self._prompts[-1],), self._at
        return step.then

    def _branch(self, step: BranchStep) -> str:
        values = self._values()
        for when in step.when:
            if when.condition.holds(values, self._is_open):
                return when.then
        return step.otherwise

    def _given(self, step: CallStep) -> dict[str, Any]:
        """The step's parameters, as things stand."""
        values = self._values()
        return {param: values.get(source) for param, source in step.arguments.items()}

    def _call(self, name: str, step: CallStep) -> str | None:
        """Runs the step's action, unless it was done already: then where it leads."""
        given = self._given(step)
        plan = self._deeds.plan(name, step, given)
        if plan.way is Way.DONE:
            return step.after(self._deeds.value(name))
        if plan.way is Way.PERSON:
            self._handoff("correction" if self._deeds.was_done(name) else "action_failed")
            return None
        self._invocations += 1
        attempt = Attempt("call", name, "running")
        self._memory.attempts.append(attempt)
        check = identity_check(step, self._values()) if isinstance(step, VerifyStep) else None
        ours, arguments = f"{name}-{self._invocations}", dict(plan.arguments)
        talk_ms = self._invoke(Invoke(ours, plan.action, arguments, ACTION_LIFETIME_MS, check, plan.key))
        self._running = Running(
            ours,
            name,
            attempt,
            quiet_since=self._now + 2 * talk_ms,
            limit_at=self._now + (step.limit_ms or self.flow.patience.limit_ms),
            given=given,
            change=plan.way is Way.CHANGE,
        )
        return None

    def _action_due(self) -> int:
        """When the running action next needs a word from us."""
        running, patience = self._running, self.flow.patience
        assert running is not None
        wait = (patience.filler_ms, patience.apology_ms)
        due = running.quiet_since + wait[running.said] if running.said < 2 else running.limit_at
        return min(due, running.limit_at)

    def _action_tick(self) -> None:
        running = self._running
        assert running is not None
        if self._now >= running.limit_at:
            self._action_over("timeout", {}, late=True)
        elif self._now >= self._action_due():
            key = "apology_wait" if running.said else "filler"
            running.said += 1
            self._say_now(self._system(key), key)

    def _action_over(
        self, outcome: str, value: dict[str, Any], *, late: bool = False, uncertain: bool = False
    ) -> None:
        """``outcome`` is ok, not_found, failed or timeout. ``late``: it may still finish. ``uncertain``: it
        failed, and may have been done all the same."""
        running = self._running
        assert running is not None
        self._running = None
        step = self.flow.steps[running.step]
        assert isinstance(step, CallStep)
        self._phase = Phase.LISTENING  # until the next step says otherwise
        if isinstance(step, VerifyStep):
            self._proved(step, running.attempt, outcome, value)
            return
        handed = outcome == "ok" and isinstance(step, RelayStep) and value.get("handed")
        running.attempt.outcome = "handed" if handed else outcome
        if late:
            self._given_up(running)
        elif uncertain:
            self._never_answered(running)
        if outcome == "ok" and step.action == FORGET_CALLER:
            self._memory.profile = {}
            self._note(ProfileErased("caller"))
        if outcome == "ok":
            self._save(running.step, step, self._done(running, value))
            self._progress()
            self._go(step.after(value))
            return
        if running.change:
            self._unmentioned(running)
        self._memory.troubles += 1
        target = getattr(step.on, outcome) or step.on.failed
        if target is None:
            self._handoff("action_failed")
        else:
            self._go_because("" if outcome == "not_found" else "action_failed", target)

    def _go_because(self, cause: str, target: str) -> None:
        """Goes on to ``target``; a person that it leads to at once is told the ``cause``."""
        self._cause = cause
        self._go(target)
        self._cause = ""

    def _given_up(self, running: Running) -> None:
        """Nobody waits for it any more; it may still be done."""
        self._late[running.id] = running
        self._never_answered(running)
        if running.change:
            self._unmentioned(running)

    def _never_answered(self, running: Running) -> None:
        """Of what is done once, it counts from now on whether it may have been done."""
        step = self.flow.steps[running.step]
        if isinstance(step, CallStep) and step.does_once:
            self._deeds.unanswered(running.step, running.given)
            running.attempt.outcome = "uncertain"

    def _unmentioned(self, running: Running) -> None:
        """A correction that was not made is told as what stays as it was, or may do so."""
        self._memory.attempts = [a for a in self._memory.attempts if a is not running.attempt]

    def _done(self, running: Running, value: dict[str, Any]) -> dict[str, Any]:
        """Notes what was done outside the call; returns all that is known of it."""
        step = self.flow.steps[running.step]
        if not isinstance(step, CallStep) or not step.does_once:
            return value
        if running.change:
            self._memory.attempts = [a for a in self._memory.attempts if not _same(a, running.attempt)]
            self._memory.attempts.append(running.attempt)
            running.attempt.outcome = "changed"
        return dict(self._deeds.did(running.step, running.given, value))

    def _proved(self, step: VerifyStep, attempt: Attempt, outcome: str, value: dict[str, Any]) -> None:
        """A try at proving who is calling was judged, or (any other ``outcome``) could not be."""
        memory = self._memory
        wrong = memory.wrong.get(step.identity, 0)
        verdict, left = judged(step, value, wrong) if outcome == "ok" else ("fault", step.attempts - wrong)
        identity = str(value.get("identity", ""))
        self._note(IdentityChecked(step.identity, step.method, verdict, left, identity))
        slot = memory.slots.get(step.identity)
        if step.factor is not None:
            memory.forget((step.factor,))
        attempt.outcome = told_as(step, verdict, outcome)
        self._progress()  # tries are counted on their own
        if verdict in ("ok", "sent"):
            if verdict == "ok" and slot is not None:
                memory.verified[step.identity] = slot.value
                memory.wrong.pop(step.identity, None)
                memory.profile = {**memory.profile, **value.get("profile", {})}
            self._save(attempt.subject, step, value.get("value", {}))
            self._go(step.on.ok)
            return
        memory.troubles += 1
        memory.wrong[step.identity] = wrong + (verdict in ("failed", "locked"))
        cause = {"fault": "action_failed", "locked": "not_verified"}.get(verdict, "")
        target = way_after(step, verdict, outcome)
        if target is None:
            self._handoff(cause or "flow")
        else:
            self._go_because(cause, target)

    def _save(self, name: str, step: CallStep, value: dict[str, Any]) -> None:
        """Keeps what an action answered: in the slot of that name where there is one, else as a variable."""
        declared = self.flow.actions.get(step.action)
        fields = (declared.result if declared else None) or {}
        noted: dict[str, Any] = {}
        for variable, result in step.save.items():
            item = value.get(result)
            asks = self.flow.slots.get(variable)
            if asks is None and isinstance(step, RelayStep) and item not in (None, ""):
                # what the caller told the application: for whoever takes the call, not confirmed by us
                self._fill(Slot(variable, str(item), str(item), 1.0, False, Source.ACTION, variable))
                continue
            if asks is not None and isinstance(item, str | int) and item != "":
                text = ("no", "yes")[item] if isinstance(item, bool) else str(item)
                label = asks.label[self.lang]
                self._fill(Slot(variable, text, text, 1.0, True, Source.ACTION, label, asks.sensitive))
                continue
            self._memory.variables[variable] = item
            self._note_result(variable, kept(self.flow, name, step, result, item))
            hide = result in fields and fields[result].sensitive
            if isinstance(item, str | int | float) and not hide:
                noted[variable] = item
        if noted:
            self._note(ValuesSaved(self._at, noted))

    def _note_result(self, variable: str, one: Kept | None) -> None:
        if one is None:
            self._memory.results.pop(variable, None)
        else:
            self._memory.results[variable] = one

    def _late_result(self, invocation: str, value: dict[str, Any] | None) -> None:
        """An action that we gave up on has ended after all; ``value`` is None when it failed."""
        running = self._late.pop(invocation, None)
        step = self.flow.steps[running.step] if running is not None else None
        if running is not None and isinstance(step, CallStep) and value is not None:
            running.attempt.outcome = "late"
            for variable, result in step.save.items():
                if variable not in self._memory.variables:
                    self._memory.variables[variable] = item = value.get(result)
                    self._note_result(variable, kept(self.flow, running.step, step, result, item))
            self._done(running, value)


def _same(one: Attempt, other: Attempt) -> bool:
    """Of the same step."""
    return one.kind == other.kind and one.subject == other.subject
