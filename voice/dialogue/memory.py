"""What a conversation has learnt: slots, variables, the intent, what was tried, and how it is going."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from voice.dialogue.assemble import CAMPAIGN
from voice.dialogue.flow import Flow
from voice.dialogue.flow_steps import ConverseStep
from voice.dialogue.known import EXPERIMENT, PROFILE, profile_values
from voice.dialogue.render import PLACEHOLDER
from voice.dialogue.results import Kept, presented
from voice.dialogue.texts import Texts
from voice.model import IntentGuess, Result, Slot, Source, Tried

BULLET = "•"
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}|\d{2}:\d{2}")


def hidden(slot: Slot) -> Slot:
    """The slot as it may be logged and shown: a sensitive one keeps only its length."""
    if not slot.sensitive:
        return slot
    return replace(slot, value=BULLET * len(slot.value), spoken=BULLET * len(slot.value))


@dataclass(slots=True)
class Attempt:
    """Something tried, kept as names so that it can be worded in the language of the handoff."""

    kind: str  # call, talk (with the language model), ask, menu, answer or article
    subject: str  # step name, or intent name for an answer
    outcome: str  # a key under "tried."
    before: Mapping[str, str] = field(default_factory=dict)  # slot to the value it was done with
    heard: str = ""  # an answer that was heard to its end
    names: frozenset[str] = frozenset()  # what an answer says


@dataclass(slots=True)
class Memory:
    flow: Flow
    texts: Texts
    slots: dict[str, Slot] = field(default_factory=dict)
    aside: dict[str, Slot] = field(default_factory=dict)  # said, and asked for anew since
    variables: dict[str, Any] = field(default_factory=dict)
    results: dict[str, Kept] = field(default_factory=dict)  # variables that actions answered
    profile: Mapping[str, str] = field(default_factory=dict)  # who is calling, as far as it is known
    unsettled: Slot | None = None  # heard, but not confirmed yet when a person was asked for
    copies: dict[str, str] = field(default_factory=dict)  # a slot lent or given back, to its original
    arms: Mapping[str, str] = field(default_factory=dict)  # experiment to the arm this call is in
    intent: IntentGuess | None = None
    alternatives: tuple[IntentGuess, ...] = ()
    also: tuple[IntentGuess, ...] = ()  # wanted besides, and not dealt with yet
    attempts: list[Attempt] = field(default_factory=list)
    troubles: int = 0  # misunderstandings, rejections and failed actions
    silences: int = 0
    person_asked: int = 0
    verified: dict[str, str] = field(default_factory=dict)  # slot to the value that was proved
    wrong: dict[str, int] = field(default_factory=dict)  # slot to wrong tries at proving it

    def values(self) -> dict[str, Any]:
        """Every name a text, a condition or an action may use."""
        told = profile_values(self.profile) | {EXPERIMENT + name: arm for name, arm in self.arms.items()}
        if any(map(self.is_verified, self.verified)):
            told[PROFILE + "verified"] = "yes"
        return told | self.variables | {name: slot.value for name, slot in self.slots.items()}

    def begin_group(self, group: str, given: Mapping[str, tuple[str, Any]]) -> None:
        """A sub-flow begins: what it learnt before is forgotten, and it gets its inputs (name inside to
        the name here and its value). An input that it also asks for counts as answered."""
        own = f"{group}."
        self.forget(tuple(name for name in {**self.slots, **self.variables} if name.startswith(own)))
        for inside, (source, value) in given.items():
            name = own + inside
            if source in self.slots:
                self.slots[name] = replace(self.slots[source], name=name)
                self.copies[name] = source
            elif value in (None, ""):
                continue
            elif (step := self.flow.slots.get(name)) is not None:
                text, hide = str(value), name in self.flow.sensitive
                kind = Source.PROFILE if source.startswith(PROFILE) else Source.ACTION
                self.slots[name] = Slot(name, text, text, 1.0, True, kind, sensitive=hide or step.sensitive)
            else:
                self.variables[name] = value

    def end_group(self, group: str, save: Mapping[str, str]) -> None:
        """A sub-flow is over: its outputs (variable here to name inside) are kept."""
        for variable, inside in save.items():
            name = f"{group}.{inside}"
            self.forget((variable,))
            if name in self.slots:
                self.slots[variable] = replace(self.slots[name], name=variable)
                self.copies[variable] = name
            else:
                self.variables[variable] = self.variables.get(name)
                if name in self.results:
                    self.results[variable] = self.results.pop(name)

    def is_verified(self, name: str) -> bool:
        """The caller proved to be whom ``name`` says; another value must be proved anew."""
        slot = self.slots.get(name)
        names = [name, *(inside for inside, origin in self.copies.items() if origin == name)]
        return slot is not None and any(self.verified.get(each) == slot.value for each in names)

    def set_aside(self, names: tuple[str, ...]) -> None:
        """Forgotten for the talk; whoever takes over need not ask for it as if it had never been said."""
        said = {name: self.slots[name] for name in names if name in self.slots}
        self.forget(names)
        self.aside |= said

    def forget(self, names: tuple[str, ...]) -> None:
        for name in names:
            self.aside.pop(name, None)
            self.slots.pop(name, None)
            self.variables.pop(name, None)
            self.results.pop(name, None)
            self.copies.pop(name, None)

    def tried(self, lang: str) -> tuple[Tried, ...]:
        return tuple(
            Tried(
                self._what(attempt, lang),
                self.texts.get(f"tried.{attempt.outcome}", lang),
                attempt.heard or self._before(attempt, lang),
                kind="question" if self._is_question(attempt) else attempt.kind,
                code=attempt.outcome,
                label=self._subject(attempt, lang),
            )
            for attempt in self.attempts
        )

    def _before(self, attempt: Attempt, lang: str) -> str:
        """The answers it was done with, where those were corrected afterwards."""
        told = []
        for name, value in attempt.before.items():
            step = self.flow.slots.get(name)
            if step is not None and not step.sensitive:
                option = step.options.get(value)
                shown = _in(option.label, lang) if option else value
                told.append(f"{_in(step.label, lang)} {shown}")
            elif step is None and _MOMENT.fullmatch(value):  # a variable has no label; these need none
                told.append(value)
        return ", ".join(told)

    def _what(self, attempt: Attempt, lang: str) -> str:
        if attempt.kind == "answer":
            return self.topic(attempt.subject, lang)
        if attempt.kind == "article":
            return self.texts.get("tried.article", lang, title=self._subject(attempt, lang))
        if attempt.kind == "menu":
            return self.texts.get("tried.menu", lang)
        label = self._subject(attempt, lang)
        return (
            label
            if attempt.kind in ("call", "talk") or self._is_question(attempt)
            else self.texts.get("tried.ask", lang, label=label)
        )

    def _is_question(self, attempt: Attempt) -> bool:
        """A yes or no was asked for: its label names what it is about, and nothing that one could give."""
        return attempt.kind == "ask" and getattr(self.flow.steps.get(attempt.subject), "kind", "") == "yes_no"

    def _subject(self, attempt: Attempt, lang: str) -> str:
        """The label of what was tried, without a verb around it."""
        if attempt.kind in ("answer", "menu"):
            return self._what(attempt, lang)
        if attempt.kind == "article":
            article = self.flow.articles.article(attempt.subject, lang) if self.flow.articles else None
            return article.title if article else attempt.subject
        name, _, tool = attempt.subject.partition("/")
        step = self.flow.steps.get(name)
        if isinstance(step, ConverseStep) and tool in step.tools:
            return PLACEHOLDER.sub(lambda found: self._said(found[1].strip()), step.tools[tool].label[lang])
        return _in(getattr(step, "label", {}), lang) or attempt.subject

    def _said(self, name: str) -> str:
        """A value within a label, for people."""
        slot = self.slots.get(name)
        return hidden(slot).value if slot is not None else str(self.variables.get(name, ""))

    def intent_label(self, name: str, lang: str) -> str:
        intent = self.flow.intents.get(name)
        return _in(intent.label, lang) if intent else name

    def topic(self, name: str, lang: str) -> str:
        """What an intent is called among colleagues."""
        intent = self.flow.intents.get(name)
        return _in((intent.topic if intent else None) or {}, lang) or self.intent_label(name, lang)

    def guess(self, guess: IntentGuess | None, lang: str) -> IntentGuess | None:
        return replace(guess, label=self.topic(guess.intent, lang)) if guess else None

    def packet_slots(self, lang: str) -> tuple[Slot, ...]:
        """For the person: labels in the caller's language, sensitive values hidden."""
        found = []
        # who proved to be somebody still is, also where nothing was found under that number
        proved = {name for name, s in self.aside.items() if self.verified.get(name) == s.value}
        aside = {
            name: s if name in proved else replace(s, confirmed=False, dropped=True)
            for name, s in self.aside.items()
        }
        last = {} if self.unsettled is None else {self.unsettled.name: self.unsettled}
        slots = {n: s for n, s in aside.items() if not s.sensitive} | last | self.slots
        for name, slot in slots.items():
            if name.startswith(f"{CAMPAIGN}.") or self.copies.get(name) in self.slots:
                continue
            step = self.flow.slots.get(name)
            option = step.options.get(slot.value) if step else None
            spoken = _in(option.label, lang) if option else slot.spoken
            if step and step.kind == "yes_no":
                spoken = self.texts.get(slot.value, lang)
            found.append(
                hidden(
                    replace(
                        slot,
                        label=_in(step.label, lang) if step else slot.label or name,
                        spoken=spoken,
                        verified=self.is_verified(name) or (name in proved and name not in self.slots),
                    )
                )
            )
        return tuple(found)

    def packet_results(self, lang: str) -> tuple[Result, ...]:
        """What our systems answered, for the person: what became a slot is told there."""
        told = frozenset[str]().union(*(one.names for one in self.attempts if one.heard))
        results = {name: one for name, one in self.results.items() if name not in self.slots}
        return presented(self.flow, self.texts, results, told, lang)

    def mood(self) -> str:
        """A rule, not a reading of minds: how much went wrong, and how often a person was asked for."""
        upset = self.troubles and self.troubles + self.silences >= 3  # silence alone tells nothing
        if upset or self.person_asked >= 2:
            return "frustrated"
        return "neutral" if self.troubles or self.silences or self.person_asked else "calm"


def _in(text: Mapping[Any, str], lang: str) -> str:
    return text.get(lang, "")
