"""What a language model has the flow do: its tools, the caller's yes for what changes something, and what is
known of how that ended: a person is told, and nothing is done twice."""

from __future__ import annotations

from typing import Any

from voice.dialogue.answers import allowed
from voice.dialogue.conversation import Focus, Phase
from voice.dialogue.flow_converse import ModelTool
from voice.dialogue.flow_steps import ConverseStep
from voice.dialogue.ladder import Trouble
from voice.dialogue.listening import confirm_expect
from voice.dialogue.memory import Attempt
from voice.dialogue.modelling import filled
from voice.dialogue.seam import Invoke
from voice.dialogue.stay import Stay
from voice.dialogue.turns import Turns
from voice.dialogue.walk import ACTION_LIFETIME_MS
from voice.language_model import consultation as lm
from voice.model import ExpectKind, Slot, Source
from voice.slots.reader import parse


class Tools(Turns):
    """Proposes and runs what the model asks for."""

    def _follow(self, effects: list[lm.Effect]) -> None:
        """Does what the model's machine decided."""
        raise NotImplementedError

    def _stop(self, outcome: str) -> Stay:
        """Ends the stay."""
        raise NotImplementedError

    def _stay_trouble(self, stay: Stay, trouble: Trouble) -> None:
        """Nothing was said, or nothing of use."""
        raise NotImplementedError

    def _tool(self, stay: Stay, name: str) -> ModelTool:
        step = self.flow.steps[stay.step]
        assert isinstance(step, ConverseStep)
        return step.tools[name]

    def _take(self, stay: Stay, name: str, given: dict[str, Any]) -> bool:
        """Puts the model's arguments into their slots; false when one is not a value of its slot."""
        tool, found = self._tool(stay, name), list[Slot]()
        for parameter, value in given.items():
            ask = self.flow.slots[tool.arguments[parameter]]
            if not allowed(ask, value, self._today()):
                return False
            label = ask.label[self.lang]
            found.append(Slot(ask.slot, value, value, 0.5, False, Source.SPEECH, label, ask.sensitive))
        for slot in found:
            self._fill(slot)
        stay.filled = tuple(slot.name for slot in found)
        return True

    def _run_tool(self, stay: Stay, name: str, given: dict[str, Any]) -> None:
        if not self._take(stay, name, given):
            self._follow(stay.talk.ran(None, "invalid"))
            return
        self._start(stay, name)

    def _start(self, stay: Stay, name: str) -> None:
        tool = self._tool(stay, name)
        values = filled(tool, self._values())
        self._invocations += 1
        stay.running = f"{name}-{self._invocations}"
        stay.since, stay.waited = self._now, 0
        self._flush()
        key, subject = "", f"{stay.step}/{name}"
        if tool.changes:
            key = self._deeds.tool_key(subject, tool.action, values)
            stay.deed = Attempt("call", subject, "running")
            self._memory.attempts.append(stay.deed)
        self._out.append(Invoke(stay.running, tool.action, values, ACTION_LIFETIME_MS, key=key))
        self._phase, self._expect = Phase.CONSULTING, None

    def _ran(self, stay: Stay, value: dict[str, Any] | None, failure: str) -> None:
        stay.running, stay.since, stay.waited = "", self._now, 0
        deed, stay.deed = stay.deed, None
        if deed is not None and value is not None:
            deed.outcome = "ok"
            self._deeds.tool_did(deed.subject)
        elif deed is not None:
            deed.outcome = failure if failure in ("timeout", "not_found") else "failed"
        self._follow(stay.talk.ran(value, failure))

    def _may_be_done(self) -> None:
        """Whether it was done somebody must look up, before anybody asks for it again."""
        self._stop("left")
        self._memory.troubles += 1
        self._handoff("action_failed")

    def _proposing(self, stay: Stay, name: str, given: dict[str, Any]) -> None:
        if not self._take(stay, name, given):
            self._follow(stay.talk.ran(None, "invalid"))
            return
        stay.proposed = (name, given)
        self._propose(stay, name, given)

    def _propose(self, stay: Stay, name: str, given: dict[str, Any]) -> None:
        """Asks for the yes without which nothing is changed, with every value the model chose."""
        tool = self._tool(stay, name)
        label = self._text(tool.label)
        chosen = [
            (self.flow.slots[slot], given[parameter])
            for parameter, slot in tool.arguments.items()
            if parameter in given and f"{{{slot}" not in tool.label[self.lang]
        ]
        told = [f"{ask.label[self.lang]}: {self._value(ask, value)}" for ask, value in chosen]
        if told:
            self._prompt(f"{'; '.join(told)}.", "confirm_values")
        self._prompt(self._system("confirm_intent", label=label), "confirm_intent")
        self._listen(confirm_expect(self.flow, self._at, self.lang), Focus.STEP)

    def _decide(self, stay: Stay, words: str) -> None:
        answer = parse(ExpectKind.YES_NO, words, self.lang, today=self._today())
        if answer is None:
            self._stay_trouble(stay, Trouble.NO_MATCH)
        else:
            self._decided_on(stay, answer.value == "yes")

    def _decided_on(self, stay: Stay, agreed: bool) -> None:
        assert stay.proposed is not None
        name, stay.proposed = stay.proposed[0], None
        if agreed:
            for slot in stay.filled:
                self._confirmed(slot)
            self._start(stay, name)
            return
        self._memory.forget(stay.filled)
        stay.since, stay.waited = self._now, 0
        self._follow(stay.talk.ran(None, "declined"))
