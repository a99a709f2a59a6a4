"""What a call has done outside itself (booked, filed, ordered), so that nothing is done twice. Pure.

A step of ``once: true`` does its thing once for what the caller wants. Reached again with the same answers it
is done already; with others, a correction is meant: the step's ``change`` makes it, or a person. Whether a
request that was never answered did its thing is not known: the same may be asked again, under the same key,
but nothing else. Of a change that was never answered, the answers from before it are a change as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from voice.dialogue.flow_calls import CallStep


class Way(Enum):
    RUN = "run"
    DONE = "done"  # with just these answers
    CHANGE = "change"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Plan:
    """What reaching a step means. ``key`` is the same for the same wish with the same answers, "" where the
    step may be run any number of times."""

    way: Way
    action: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    arguments: Mapping[str, Any]
    value: Mapping[str, Any]


@dataclass(slots=True)
class Deeds:
    """Of one call, by step."""

    _done: dict[str, Deed] = field(default_factory=dict)
    _unanswered: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _asked: dict[str, list[tuple[str, str, Mapping[str, Any]]]] = field(default_factory=dict)
    # ^ what was not done (yet): its key, action and arguments
    _keys: int = 0
    _earlier: dict[str, str] = field(default_factory=dict)  # in a call that was cut: ok, or uncertain

    def __iter__(self) -> Iterator[Deed]:
        """What was done, each as it is known by now."""
        return iter(self._done.values())

    def new_wish(self) -> None:
        """The caller asks for something anew: another appointment is no correction of the first. One that may
        have been made all the same is not forgotten by that."""
        for name in self._done:
            self._unanswered.pop(name, None)
        self._done.clear()

    def plan(self, name: str, step: CallStep, arguments: Mapping[str, Any]) -> Plan:
        if not step.does_once:
            return Plan(Way.RUN, step.action, arguments)
        if name in self._earlier:
            return Plan(Way.PERSON)
        done, unanswered = self._done.get(name), self._unanswered.get(name)
        if done is None and (unanswered is None or unanswered == arguments):
            return Plan(Way.RUN, step.action, arguments, self._key(name, step.action, arguments))
        if done is not None and unanswered is None and done.arguments == arguments:
            return Plan(Way.DONE)
        if done is None or step.change is None:
            return Plan(Way.PERSON)
        told = {result: done.value.get(result) for result in step.save.values()}
        return Plan(Way.CHANGE, step.change, {**told, **arguments}, self._key(name, step.change, arguments))

    def _key(self, name: str, action: str, arguments: Mapping[str, Any]) -> str:
        asked = self._asked.setdefault(name, [])
        # a change that another one followed is a new one: the server may know the first as made
        same = asked[-1:] if name in self._done else asked
        known = next((key for key, *what in same if what == [action, arguments]), "")
        if not known:
            self._keys += 1
            known = f"{name}-once-{self._keys}"
            asked.append((known, action, arguments))
        return known

    def tool_key(self, tool: str, action: str, arguments: Mapping[str, Any]) -> str:
        """Of what a language model's tool changes: the same for the same arguments, until that is done."""
        return self._key(tool, action, arguments)

    def tool_did(self, tool: str) -> None:
        self._asked.pop(tool, None)

    def did(self, name: str, arguments: Mapping[str, Any], value: Mapping[str, Any]) -> Mapping[str, Any]:
        """It was done, or changed. Returns what is known of it: of a change, also what was before."""
        before = self._done.get(name)
        known = {**(before.value if before else {}), **value}
        self._done[name] = Deed(arguments, known)
        self._unanswered.pop(name, None)
        self._asked.pop(name, None)  # whoever wants the same once more means it anew
        return known

    def begun_earlier(self, steps: Mapping[str, str]) -> None:
        """They were done (ok), or may have been (uncertain), in a call that this one goes on with; with what
        answers is not known here."""
        self._earlier.update(steps)

    def was_done(self, name: str) -> bool:
        return name in self._done or self._earlier.get(name) == "ok"

    def unanswered(self, name: str, arguments: Mapping[str, Any]) -> None:
        self._unanswered[name] = arguments

    def may_be_changed(self, name: str) -> bool:
        """Whether a change of what was done was asked for and never answered."""
        return name in self._done and name in self._unanswered

    def value(self, name: str) -> Mapping[str, Any]:
        return self._done[name].value

    def differing(self, name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """With what it was done, of that which is otherwise by now."""
        done = self._done.get(name)
        return {k: v for k, v in done.arguments.items() if arguments.get(k) != v} if done else {}

    @property
    def done(self) -> tuple[str, ...]:
        return tuple(self._done)
