"""What is wrong with a flow beyond its form: dead ends, missing languages, clashes, unknown names."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from rapidfuzz import fuzz

from voice.dialogue.actions import Registry
from voice.dialogue.assemble import CAMPAIGN
from voice.dialogue.check_actions import ActionChecks
from voice.dialogue.check_converse import check_converse
from voice.dialogue.conversation import MS_PER_CHARACTER
from voice.dialogue.flow import (
    PERSON_KEY,
    AskStep,
    BranchStep,
    DoStep,
    Flow,
    HandoffStep,
    HangUpStep,
    Intent,
    Listening,
    MenuStep,
    ReturnStep,
    group_of,
    targets,
    unspoken,
)
from voice.dialogue.languages import language
from voice.dialogue.render import FORMS, PLACEHOLDER, braces_balanced, placeholders
from voice.dialogue.slots import wants_person
from voice.dialogue.yamlfile import Document, Path
from voice.errors import Problem

LONGEST_MS = 8000
CLOSE_RATIO = 92  # rapidfuzz token ratio from which two examples count as nearly the same
FEWEST_EXAMPLES = 3


class Checker(ActionChecks):
    def run(self) -> list[Problem]:
        self.check_targets()
        self.check_groups()
        if not self.problems:  # a step that does not exist would make all these complain as well
            self.check_reachable()
            self.check_loops()
        self.check_texts()
        self.check_schedules()
        self.check_friction()
        self.check_digressions()
        self.check_campaigns()
        self.check_unused()
        self.check_names()
        self.check_keys()
        self.check_examples()
        self.check_actions()
        self.problems += check_converse(self.flow, self.document, self.registry, self._names())
        self.check_remember()
        return sorted(dict.fromkeys(self.problems), key=lambda p: (p.severity != "error", p.line))

    # --- the graph -------------------------------------------------------------------------------

    def _edges(self, name: str) -> Iterator[str]:
        step = self.flow.steps[name]
        for _, target in targets(step):
            yield target
        if isinstance(step, MenuStep) and step.same_as:
            yield from (intent.then for intent in self.flow.intents_of(step).values())
        if isinstance(step, DoStep):
            yield self.flow.groups[step.flow].start

    def check_targets(self) -> None:
        steps = self.flow.steps
        known = f"Steps are: {', '.join(steps)}."
        if self.flow.start not in steps:
            self.error(("start",), f"the first step '{self.flow.start}' does not exist", known)
        if self.flow.main_menu and not isinstance(steps.get(self.flow.main_menu), MenuStep):
            self.error(("main_menu",), f"'{self.flow.main_menu}' is not a menu", "Name a step of type menu.")
        if self.flow.goodbye and self.flow.goodbye not in steps:
            self.error(("goodbye",), f"the step '{self.flow.goodbye}' does not exist", known)
        for name, step in steps.items():
            for path, target in targets(step):
                if target not in steps:
                    self.error(("steps", name, *path), f"the step '{target}' does not exist", known)
            if isinstance(step, MenuStep) and step.same_as:
                other = steps.get(step.same_as)
                if not isinstance(other, MenuStep) or not other.intents:
                    message = f"'{step.same_as}' is not a menu with intents"
                    self.error(("steps", name, "same_as"), message, "Name a menu that lists its own intents.")

    def check_reachable(self) -> None:
        others = [name for name in (self.flow.main, self.flow.goodbye) if name]
        asked = [name for name in self.flow.steps if group_of(name) == CAMPAIGN]
        seen, todo = set[str](), [self.flow.start, *others, *asked]
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo += self._edges(name)
        run = {
            step.flow for name, step in self.flow.steps.items() if name in seen and isinstance(step, DoStep)
        }
        for group in self.flow.groups:
            if group not in run:
                self.error(("flows", group), f"no step runs the sub-flow '{group}'", "Run it with type: do.")
        for name in self.flow.steps:
            if name not in seen and (not group_of(name) or group_of(name) in run):
                remedy = "Lead to it with a then, or remove the step."
                self.error(("steps", name), f"no step leads to '{name}'", remedy)

    def check_loops(self) -> None:
        waiting = {n for n, s in self.flow.steps.items() if isinstance(s, Listening)}
        quiet = [n for n in self.flow.steps if n not in waiting]
        for name in quiet:
            if name in self._reach(name, avoiding=waiting):
                remedy = "Put a question between them, or lead one of them to a hang_up or a handoff."
                self.error(("steps", name), f"'{name}' leads back to itself without a question", remedy)
        last = HandoffStep | HangUpStep | ReturnStep
        ends = {n for n, s in self.flow.steps.items() if isinstance(s, last)}
        for name in self.flow.steps:
            if name not in ends and not self._reach(name) & ends:
                remedy = "Let one way lead to a hang_up or a handoff."
                self.error(("steps", name), f"from '{name}' the call never comes to an end", remedy)

    def _reach(self, name: str, avoiding: set[str] | None = None) -> set[str]:
        seen = set[str]()
        todo = list(self._edges(name) if not avoiding else self._quiet_edges(name, avoiding))
        while todo:
            here = todo.pop()
            if here in seen or (avoiding and here in avoiding):
                continue
            seen.add(here)
            todo += self._edges(here) if not avoiding else self._quiet_edges(here, avoiding)
        return seen

    def _quiet_edges(self, name: str, waiting: set[str]) -> Iterator[str]:
        """The ways on that a caller is not asked on: past a sub-flow only if that can return unasked."""
        step = self.flow.steps[name]
        if not isinstance(step, DoStep):
            yield from self._edges(name)
            return
        start = self.flow.groups[step.flow].start
        yield start
        inside = {start, *self._reach(start, avoiding=waiting)} if start not in waiting else set()
        if any(isinstance(self.flow.steps[n], ReturnStep) and group_of(n) == step.flow for n in inside):
            yield from (target for _, target in targets(step))

    # --- texts -----------------------------------------------------------------------------------

    def check_texts(self) -> None:
        for path, text in self.flow.texts():
            missing = [lang for lang in self._languages_of(path) if lang not in text]
            if missing and path != ("language_offer",):
                what = f"the text in {' and '.join(missing)} is missing"
                self.error(path, what, "Every text needs all of the flow's languages.")
            for lang, template in text.items():
                self._check_template((*path, lang), template)
        for name, step in self.flow.steps.items():
            if not isinstance(step, Listening):
                continue
            for ladder in ("no_input", "no_match"):
                if len(getattr(step, ladder)) == 1:
                    remedy = "Write two: first rephrased, then with an example and the keys."
                    message = f"{ladder} has one text, so it would be said twice in a row"
                    self.error(("steps", name, ladder), message, remedy)

    def _languages_of(self, path: Path) -> tuple[str, ...]:
        """The languages that a text needs: a campaign's message may be for some callers only."""
        campaign = self.flow.campaigns.get(str(path[1])) if path[0] == "campaigns" else None
        own = campaign.languages if campaign and path[2:] == ("text",) else ()
        return own or self.flow.languages

    def _check_template(self, path: Path, template: str) -> None:
        if not braces_balanced(template):
            self.error(path, "a single brace", "Write values as {name} or {name|form}.")
            return
        for name, form in placeholders(template):
            if name in self.flow.sensitive:
                self.error(path, f"{{{name}}} is sensitive and must not be said", "Leave it out of the text.")
            elif name not in self._names():
                known = ", ".join(sorted(self._names()))
                self.error(path, f"{{{name}}} is neither a slot nor a variable", f"There are: {known}.")
            if form and form not in FORMS and form not in self.flow.words:
                forms = ", ".join([*FORMS, *self.flow.words])
                self.error(path, f"'{form}' is not a way to say a value", f"There are: {forms}.")
        if path[0] == "words" or unspoken(path[:-1]):
            return
        ms = len(PLACEHOLDER.sub("x" * 18, template)) * MS_PER_CHARACTER
        if ms > LONGEST_MS:
            message = f"takes about {ms / 1000:.0f} seconds to say"
            self.warn(path, message, "Callers forget what is longer than 8 seconds: shorten or split it.")

    def check_names(self) -> None:
        names = self._names()
        there = f"There are: {', '.join(sorted(names))}."
        kinds: dict[str, str] = {}
        intents: dict[str, str] = {}
        for name, step in self.flow.steps.items():
            where: Path = ("steps", name)
            for slot in step.forget:
                if slot not in names:
                    self.error((*where, "forget"), f"'{slot}' is neither a slot nor a variable", there)
            if isinstance(step, AskStep) and kinds.setdefault(step.slot, step.kind) != step.kind:
                message = f"'{step.slot}' is asked elsewhere as {kinds[step.slot]}"
                self.error((*where, "slot"), message, "Give this one another name.")
            if isinstance(step, AskStep) and (step.slot in self.flow.sensitive) != step.sensitive:
                message = f"'{step.slot}' is sensitive elsewhere and not here"
                self.error((*where, "slot"), message, "Write sensitive: true here too, or rename one.")
            if isinstance(step, AskStep) and step.sensitive and step.confirm in ("explicit", "implicit"):
                message = "a sensitive value is never read back"
                self.error((*where, "confirm"), message, "Write confirm: never, or leave it out.")
            if isinstance(step, BranchStep):
                self._check_conditions(name, step)
            if isinstance(step, MenuStep):
                for intent in step.intents:
                    if intents.setdefault(intent, name) != name:
                        message = f"the intent '{intent}' is also in the menu '{intents[intent]}'"
                        remedy = "Use same_as to share intents, or give this one another name."
                        self.error((*where, "intents", intent), message, remedy)

    def _check_conditions(self, name: str, step: BranchStep) -> None:
        for index, when in enumerate(step.when):
            where: Path = ("steps", name, "when", index, "if")
            self._check_condition(where, when.condition)

    # --- keys and examples -----------------------------------------------------------------------

    def check_keys(self) -> None:
        if self.flow.language_key == PERSON_KEY:
            self.error(("language_key",), "0 is always a person", "Choose a key from 1 to 9.")
        for name, step in self.flow.steps.items():
            where: Path = ("steps", name)
            if isinstance(step, MenuStep):
                taken: dict[str | None, str] = (
                    {self.flow.language_key: "the language"} if self.flow.language_key else {}
                )
                persons = {n for n, i in step.intents.items() if i.person}
                keys = {n: i.key for n, i in step.intents.items()}
                self._check_key_set((*where, "intents"), keys, taken, persons)
            elif isinstance(step, AskStep) and step.options:
                self._check_key_set(
                    (*where, "options"), {n: o.key for n, o in step.options.items()}, {}, set()
                )

    def _check_key_set(
        self, where: Path, keys: dict[str, str | None], taken: dict[str | None, str], persons: set[str]
    ) -> None:
        owners = dict(taken)
        for name, key in keys.items():
            path = (*where, name, "key")
            if key is None:
                message = f"'{name}' has no key, so it cannot be chosen when hearing fails"
                self.warn((*where, name), message, "Give it a key from 1 to 9.")
            elif key == PERSON_KEY and name not in persons:
                self.error(path, "0 is always a person", "Choose a key from 1 to 9.")
            elif key in owners:
                self.error(path, f"key {key} is taken by {owners[key]}", "Choose another key.")
            else:
                owners[key] = f"'{name}'"

    def check_examples(self) -> None:
        for name, step in self.flow.steps.items():
            if isinstance(step, MenuStep):
                for lang in self.flow.languages:
                    self._check_menu(("steps", name, "intents"), step.intents, lang)
            elif isinstance(step, AskStep) and step.options:
                self._check_options(("steps", name, "options"), step)

    def _check_menu(self, where: Path, intents: dict[str, Intent], lang: str) -> None:
        normalise = language(lang).normalise
        said = {n: {normalise(e): e for e in i.examples.get(lang, ())} for n, i in intents.items()}
        for name, examples in said.items():
            path = (*where, name, "examples", lang)
            if len(examples) < FEWEST_EXAMPLES:
                message = f"'{name}' has {len(examples)} different examples in {lang}"
                self.error(path, message, f"Write at least {FEWEST_EXAMPLES}; twelve is better.")
            if not intents[name].person:
                for text, example in examples.items():
                    if wants_person(text, lang):
                        message = f"'{example}' asks for a person, which works everywhere"
                        self.error(path, message, "Leave it out, or mark the intent with person: true.")
        for (a, of_a), (b, of_b) in combinations(said.items(), 2):
            self._check_pair(where, lang, (a, of_a), (b, of_b))

    def _check_pair(
        self, where: Path, lang: str, one: tuple[str, dict[str, str]], two: tuple[str, dict[str, str]]
    ) -> None:
        for text, example in one[1].items():
            path = (*where, two[0], "examples", lang)
            if text in two[1]:
                message = f"'{example}' is an example of both '{one[0]}' and '{two[0]}'"
                self.error(path, message, "Keep it in one of them.")
                continue
            for other, written in two[1].items():
                if fuzz.token_sort_ratio(text, other) >= CLOSE_RATIO:
                    message = f"'{written}' is nearly '{example}' of '{one[0]}'"
                    self.warn(path, message, "Make the difference clearer, or drop one.")

    def _check_options(self, where: Path, step: AskStep) -> None:
        for lang in self.flow.languages:
            normalise = language(lang).normalise
            owner: dict[str, str] = {}
            for name, option in step.options.items():
                said = {normalise(p) for p in (*option.say.get(lang, ()), option.label.get(lang, ""))}
                for phrase in said - {""}:
                    if owner.setdefault(phrase, name) != name:
                        message = f"'{phrase}' means both '{owner[phrase]}' and '{name}'"
                        self.error((*where, name), message, "Keep it in one of them.")


def check_flow(flow: Flow, document: Document, registry: Registry) -> list[Problem]:
    """Every problem of a well-formed flow, errors first, each with its line and what to do."""
    return Checker(flow, document, registry).run()


def uses(flow: Flow) -> dict[str, int]:
    """How many steps of each kind there are, for a summary."""
    counts: dict[str, int] = {}
    for step in flow.steps.values():
        counts[step.type] = counts.get(step.type, 0) + 1
    return counts
