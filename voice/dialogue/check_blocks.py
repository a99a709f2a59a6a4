"""What is wrong with a flow's larger parts: sub-flows, digressions, campaigns, schedules, experiments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from voice.dialogue.assemble import CAMPAIGN
from voice.dialogue.conditions import Condition, parse_condition
from voice.dialogue.flow import (
    AskStep,
    BranchStep,
    CallStep,
    DoStep,
    Flow,
    Listening,
    ReturnStep,
    VerifyStep,
    group_of,
    targets,
)
from voice.dialogue.hours import holidays_of
from voice.dialogue.known import EXPERIMENT, PROFILE, known_names
from voice.dialogue.render import placeholders
from voice.dialogue.yamlfile import Document, Path, perhaps
from voice.errors import Problem


class BlockChecks:
    """The problems of one flow, as they are found. ``names`` may hold values beside those that its steps
    fill."""

    def __init__(self, flow: Flow, document: Document, names: Iterable[str] = ()) -> None:
        self.flow, self.document = flow, document
        self._more_names = frozenset(names)
        self.problems: list[Problem] = []

    def error(self, path: Path, message: str, remedy: str) -> None:
        self.problems.append(self.document.problem(path, message, remedy))

    def warn(self, path: Path, message: str, remedy: str) -> None:
        self.problems.append(self.document.problem(path, message, remedy, "warning"))

    def _names(self) -> set[str]:
        """Every name that holds a value: slots, what is saved, inputs, and what is known of itself."""
        saving = (s for s in self.flow.steps.values() if isinstance(s, CallStep | DoStep))
        saved = {variable for step in saving for variable in step.save}
        inputs = {f"{name}.{own}" for name, group in self.flow.groups.items() for own in group.inputs}
        return known_names(self.flow) | {*self.flow.slots, *saved, *inputs} | self._more_names

    def _unknown(self, where: Path, name: str, shown: str = "") -> None:
        """A name that holds no value, as it is ``shown`` in the file."""
        remedy = f"There are: {', '.join(sorted(self._names()))}.{perhaps(name, self._names())}"
        if name in self.flow.hours:
            remedy = f"'{name}' are opening hours: write {name} is open, or {name} is closed."
        if name.startswith(PROFILE):
            own = ", ".join((*self.flow.profile, name.removeprefix(PROFILE)))
            remedy = f"If your callers' profiles tell it, write profile: [{own}] at the head. {remedy}"
        self.error(where, f"{shown or repr(name)} is neither a slot nor a variable", remedy)

    # --- sub-flows -------------------------------------------------------------------------------

    def check_groups(self) -> None:
        for name, step in self.flow.steps.items():
            own = group_of(name)
            for path, target in targets(step):
                if target in self.flow.steps and group_of(target) != own and own != CAMPAIGN:
                    remedy = (
                        "A step leads to steps beside it; a sub-flow is run with type: do and ends in return."
                    )
                    self.error(("steps", name, *path), f"'{target}' belongs to another flow", remedy)
            for path, used in _written_names(step):
                if group_of(used) != own and used not in known_names(self.flow):
                    remedy = "Give it to the sub-flow under with, and take it back under save."
                    self.error(("steps", name, *path), f"'{used}' belongs to another flow", remedy)
            if isinstance(step, DoStep):
                self._check_do(name, step)
        for name, group in self.flow.groups.items():
            self._check_group(name, group.start, group.outputs)
        for where, group_name in (("start", self.flow.start), ("goodbye", self.flow.goodbye or "")):
            if group_of(group_name):
                self.error(
                    (where,), f"'{group_name}' belongs to a sub-flow", "Name a step of the flow itself."
                )

    def _check_group(self, name: str, start: str, outputs: tuple[str, ...]) -> None:
        if start not in self.flow.steps:
            mine = [n.removeprefix(f"{name}.") for n in self.flow.steps if group_of(n) == name]
            message = f"the first step '{start.removeprefix(name + '.')}' does not exist"
            self.error(("flows", name, "start"), message, f"Steps are: {', '.join(mine) or 'none'}.")
        for output in outputs:
            if f"{name}.{output}" not in self._names():
                message = f"the output '{output}' is neither a slot nor a variable of the sub-flow"
                self.error(("flows", name, "outputs"), message, "Ask for it or save it, or take it out.")
        if name in self._runs(name):
            remedy = "Let one of them go on with a step of its own."
            self.error(("flows", name), f"the sub-flow '{name}' runs itself, perhaps through others", remedy)
        if not any(isinstance(s, ReturnStep) for n, s in self.flow.steps.items() if group_of(n) == name):
            self.warn(
                ("flows", name), f"the sub-flow '{name}' never returns", "End it in a step type: return."
            )

    def _runs(self, name: str) -> set[str]:
        """The sub-flows that this one runs, at any depth."""
        seen, todo = set[str](), [name]
        while todo:
            here = todo.pop()
            for step_name, step in self.flow.steps.items():
                if isinstance(step, DoStep) and group_of(step_name) == here and step.flow not in seen:
                    seen.add(step.flow)
                    todo.append(step.flow)
        return seen

    def _check_do(self, name: str, step: DoStep) -> None:
        where: Path = ("steps", name)
        group = self.flow.groups.get(step.flow)
        if group is None:
            known = ", ".join(self.flow.groups) or "none; write them under flows"
            self.error((*where, "flow"), f"there is no sub-flow '{step.flow}'", f"There are: {known}.")
            return
        names = self._names()
        for inside, source in step.inputs.items():
            if inside not in group.inputs:
                message = f"'{inside}' is no input of '{step.flow}'"
                self.error((*where, "with"), message, f"Its inputs: {', '.join(group.inputs) or 'none'}.")
            if source not in names:
                there = f"There are: {', '.join(sorted(names))}."
                self.error((*where, "with"), f"'{source}' is neither a slot nor a variable", there)
        for output in step.save.values():
            if output not in group.outputs:
                message = f"'{output}' is no output of '{step.flow}'"
                self.error((*where, "save"), message, f"Its outputs: {', '.join(group.outputs) or 'none'}.")
        mine = (s for n, s in self.flow.steps.items() if group_of(n) == step.flow)
        outcomes = {s.outcome for s in mine if isinstance(s, ReturnStep) and s.outcome}
        for outcome in step.on:
            if outcome not in outcomes:
                message = f"'{step.flow}' never returns with '{outcome}'"
                known = ", ".join(sorted(outcomes)) or "none"
                self.error((*where, "on", outcome), message, f"The outcomes of its return steps: {known}.")

    # --- digressions and campaigns ---------------------------------------------------------------

    def check_digressions(self) -> None:
        known = ", ".join(self.flow.intents)
        for name, step in self.flow.steps.items():
            if isinstance(step, Listening) and isinstance(step.digressions, tuple):
                for intent in step.digressions:
                    if intent not in self.flow.intents:
                        path: Path = ("steps", name, "digressions")
                        self.error(path, f"there is no intent '{intent}'", f"Intents are: {known}.")
        for name, step in self.flow.steps.items():
            for intent, wish in getattr(step, "intents", {}).items():
                if wish.digression and (wish.person or wish.urgent):
                    message = f"'{intent}' asks for a person, so there is nothing to come back to"
                    path = ("steps", name, "intents", intent, "digression")
                    self.error(path, message, "Take digression: true out.")

    def check_campaigns(self) -> None:
        for name, campaign in self.flow.campaigns.items():
            where: Path = ("campaigns", name)
            if campaign.condition is not None:
                self._check_condition((*where, "if"), campaign.condition)
            if campaign.intent and campaign.intent not in self.flow.intents:
                known = ", ".join(self.flow.intents)
                message = f"there is no intent '{campaign.intent}'"
                self.error((*where, "after"), message, f"Intents are: {known}.")
            for lang, template in campaign.text.items():
                for used, _ in placeholders(template):
                    if not campaign.intent and used in self._names() - known_names(self.flow):
                        message = f"{{{used}}} is not known yet when a call begins"
                        self.error(
                            (*where, "text", lang), message, "Leave it out, or tell it after an intent."
                        )
            for lang in campaign.languages:
                if lang not in self.flow.languages:
                    message = f"'{lang}' is not a language of this flow"
                    self.error((*where, "languages"), message, f"It has: {', '.join(self.flow.languages)}.")
            ends = campaign.until and campaign.from_
            if ends and datetime.fromisoformat(str(campaign.until)) < datetime.fromisoformat(
                str(campaign.from_)
            ):
                self.error((*where, "until"), "it ends before it begins", "Write from before until.")

    # --- names that lead nowhere -----------------------------------------------------------------

    def check_unused(self) -> None:
        asked = {name.rpartition(".")[2] for name in self.flow.slots}
        for name in self.flow.reusable:
            if name not in asked:
                self.warn(("slots", name), f"no step asks for the slot '{name}'", "Use it, or take it out.")
        steps = self.flow.steps.values()
        branches = [when.condition for s in steps if isinstance(s, BranchStep) for when in s.when]
        branches += [c.condition for c in self.flow.campaigns.values() if c.condition is not None]
        used = {clause.name for condition in branches for clause in condition.clauses}
        for name in self.flow.experiments:
            if EXPERIMENT + name not in used:
                message = f"no condition looks at the experiment '{name}'"
                self.warn(("experiments", name), message, f"Write for example if: experiment.{name} is ...")

    def check_schedules(self) -> None:
        for name, raw in self.flow.hours.items():
            for listed in holidays_of(raw):
                if listed not in self.flow.holidays:
                    known = ", ".join(self.flow.holidays) or "none"
                    message = f"there is no list of holidays called '{listed}'"
                    self.error(("hours", name, "holidays"), message, f"There are: {known}.")

    def check_friction(self) -> None:
        rules = self.flow.friction
        if rules.hours is not None and rules.hours not in self.flow.hours:
            known = ", ".join(self.flow.hours) or "none"
            message = f"there are no hours called '{rules.hours}'"
            self.error(("friction", "hours"), message, f"There are: {known}.")
        if rules.vip is not None:
            self._check_condition(("friction", "vip"), parse_condition(rules.vip))

    def _check_condition(self, where: Path, condition: Condition) -> None:
        names = self._names()
        for clause in condition.clauses:
            if clause.about_hours and clause.name not in self.flow.hours:
                known = ", ".join(self.flow.hours) or "none"
                self.error(where, f"there are no hours called '{clause.name}'", f"There are: {known}.")
            for name in clause.names:
                if name not in names:
                    self._unknown(where, name)
            arms = self.flow.experiments.get(clause.name.removeprefix(EXPERIMENT), {})
            if clause.name.startswith(EXPERIMENT) and clause.value not in ("known", "unknown"):
                for arm in clause.values:
                    if arms and arm not in arms:
                        message = f"'{arm}' is not an arm of the experiment"
                        self.error(where, message, f"Its arms are: {', '.join(arms)}.")


def _written_names(step: object) -> list[tuple[Path, str]]:
    """The slots and variables that a step names outside its texts and conditions, with where."""
    found: list[tuple[Path, str]] = [(("forget",), name) for name in getattr(step, "forget", ())]
    if isinstance(step, AskStep):
        found.append((("slot",), step.slot))
    if isinstance(step, VerifyStep):
        found += [((key,), getattr(step, key)) for key in ("identity", "factor") if getattr(step, key)]
    if isinstance(step, CallStep):
        found += [(("with",), source) for source in step.arguments.values()]
    if isinstance(step, VerifyStep):
        found += [((key,), name) for key in ("identity", "factor") if (name := getattr(step, key))]
    if isinstance(step, DoStep):
        found += [(("with",), source) for source in step.inputs.values()]
    if isinstance(step, CallStep | DoStep):
        found += [(("save",), variable) for variable in step.save]
    return found
