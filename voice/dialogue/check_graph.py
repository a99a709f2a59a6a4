"""What is wrong with the ways through a flow: steps that nothing leads to, circles, ways that never end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from voice.dialogue.assemble import CAMPAIGN
from voice.dialogue.flow import (
    AskStep,
    CallStep,
    DoStep,
    Flow,
    HandoffStep,
    HangUpStep,
    Listening,
    MenuStep,
    ReturnStep,
    group_of,
    targets,
)
from voice.dialogue.yamlfile import Document
from voice.errors import Problem

Ways = Mapping[str, tuple[str, ...]]
"""Each step to those that may follow it."""
_FAILURES = ("failed", "timeout", "fault")  # of an action
_MOST_NAMED = 6  # steps of a circle that are named in its message


def check_ways(flow: Flow, document: Document) -> Iterator[Problem]:
    """Every problem of the graph of a flow whose targets all exist."""
    ways = ways_of(flow)
    yield from _unreached(flow, document, ways)
    yield from _silent_circles(flow, document)
    yield from _traps(flow, document)


def ways_of(flow: Flow) -> Ways:
    """Every way on, into sub-flows and back: a return at the flow's own level leads to the main menu."""
    home = flow.main or flow.start
    found: dict[str, tuple[str, ...]] = {}
    for name, step in flow.steps.items():
        after = [target for _, target in targets(step)]
        if isinstance(step, MenuStep) and step.same_as:
            after += [intent.then for intent in flow.intents_of(step).values()]
        if isinstance(step, DoStep):
            after.append(flow.groups[step.flow].start)
        if isinstance(step, ReturnStep) and not group_of(name):
            after.append(home)
        if isinstance(step, Listening) and flow.goodbye:
            after.append(flow.goodbye)  # whoever says goodbye to a question
        if name == f"{CAMPAIGN}.on":
            after.append(flow.start)
        found[name] = tuple(dict.fromkeys(after))
    return found


def _willing_ways(flow: Flow) -> Ways:
    """The ways of :func:`ways_of` but for goodbyes to questions, and failures where there is success too."""
    ways = dict(ways_of(flow))
    for name, step in flow.steps.items():
        if isinstance(step, AskStep):
            answers = [target for _, target in targets(step)]
            ways[name] = tuple(target for target in ways[name] if target in answers)
        elif isinstance(step, CallStep):
            ways[name] = tuple(target for path, target in targets(step) if path[-1] not in _FAILURES)
    return ways


def reach(ways: Ways, starts: Iterable[str]) -> set[str]:
    """Everything that can follow ``starts``, and they themselves."""
    seen, todo = set[str](), list(starts)
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += ways.get(name, ())
    return seen


def _unreached(flow: Flow, document: Document, ways: Ways) -> Iterator[Problem]:
    others = [name for name in (flow.main, flow.goodbye) if name]
    asked = [name for name in flow.steps if group_of(name) == CAMPAIGN]
    seen = reach(ways, [flow.start, *others, *asked])
    run = {step.flow for name, step in flow.steps.items() if name in seen and isinstance(step, DoStep)}
    for group in flow.groups:
        if group not in run:
            message = f"no step runs the sub-flow '{group}'"
            yield document.problem(("flows", group), message, "Run it with type: do.")
    for name in flow.steps:
        if name not in seen and (not group_of(name) or group_of(name) in run):
            remedy = "Lead to it with a then, or remove the step."
            yield document.problem(("steps", name), f"no step leads to '{name}'", remedy)


def _silent_circles(flow: Flow, document: Document) -> Iterator[Problem]:
    """Steps that follow each other for ever without asking anything."""
    waiting = {name for name, step in flow.steps.items() if isinstance(step, Listening)}
    quiet = _quiet_ways(flow, waiting)
    for circle in _circles(quiet):
        name = min(circle, key=list(flow.steps).index)
        message = f"'{name}' leads back to itself without a question{_through(circle, flow)}"
        remedy = "Put a question between them, or lead one of them to a hang_up or a handoff."
        yield document.problem(("steps", name), message, remedy)


def _quiet_ways(flow: Flow, waiting: set[str]) -> dict[str, tuple[str, ...]]:
    """The ways on that a caller is not asked on: past a sub-flow only if that can return unasked."""

    def unasked(name: str, passing: frozenset[str]) -> tuple[str, ...]:
        step = flow.steps[name]
        after = [target for _, target in targets(step)]
        if isinstance(step, DoStep):
            after = after if returns(step.flow, passing) else []
            after.append(flow.groups[step.flow].start)
        return tuple(target for target in dict.fromkeys(after) if target not in waiting)

    def returns(group: str, passing: frozenset[str]) -> bool:
        start = flow.groups[group].start
        if start in waiting or group in passing:
            return False
        inside, todo = set[str](), [start]
        while todo:
            name = todo.pop()
            if name not in inside:
                inside.add(name)
                todo += unasked(name, passing | {group})
        return any(isinstance(flow.steps[name], ReturnStep) and group_of(name) == group for name in inside)

    return {name: unasked(name, frozenset()) for name in flow.steps if name not in waiting}


def _traps(flow: Flow, document: Document) -> Iterator[Problem]:
    """Groups of steps that lead only to each other, so that the call goes on until the caller gives up.

    An action's failure is no way out, nor is a goodbye to a question that has other answers: who answers all
    and has everything succeed must come to an end, or to a menu.
    """
    ways = _willing_ways(flow)
    back: dict[str, list[str]] = {name: [] for name in flow.steps}
    for name, after in ways.items():
        for target in after:
            back[target].append(name)
    backwards = {name: tuple(before) for name, before in back.items()}
    lost = set[str]()
    for group in ("", *flow.groups):
        # whoever runs a sub-flow goes on by itself afterwards; inside, a return is a way out
        ends = [n for n, s in flow.steps.items() if isinstance(s, HandoffStep | HangUpStep)]
        ends += [
            n for n, s in flow.steps.items() if group and isinstance(s, ReturnStep) and group_of(n) == group
        ]
        ending = reach(backwards, ends)
        lost |= {name for name in flow.steps if group_of(name) == group and name not in ending}
    told = set[str]()
    for name in flow.steps:
        if name in lost and name not in told and group_of(name) != CAMPAIGN:
            trap = reach(ways, [name]) & lost
            if not trap & told:
                message = f"from '{name}' the call never comes to an end{_through(trap, flow)}"
                remedy = "Let one way lead to a hang_up or a handoff."
                yield document.problem(("steps", name), message, remedy)
            told |= trap


def _through(steps: set[str], flow: Flow) -> str:
    if len(steps) < 2:
        return ""
    named = [name for name in flow.steps if name in steps]
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    return f" ({', '.join(named[:_MOST_NAMED])}{more})"


def _circles(ways: Ways) -> Iterator[set[str]]:
    """Each set of steps that all lead to each other."""
    left = dict.fromkeys(ways)
    while left:
        name = next(iter(left))
        ahead = reach(ways, ways[name])
        circle = {name, *(other for other in ahead if name in reach(ways, ways.get(other, ())))}
        for other in circle:
            left.pop(other, None)
        if name in ahead:
            yield circle
