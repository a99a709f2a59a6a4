"""What is wrong with a flow beyond its form: dead ends, missing languages, clashes, unknown names."""

from __future__ import annotations

from voice.dialogue.actions import Registry
from voice.dialogue.check_actions import ActionChecks
from voice.dialogue.check_converse import check_converse
from voice.dialogue.check_graph import check_ways
from voice.dialogue.check_wishes import check_wishes
from voice.dialogue.doubled import EXAMPLES, doubled
from voice.dialogue.flow import (
    PERSON_KEY,
    AskStep,
    BranchStep,
    Flow,
    Listening,
    MenuStep,
    targets,
    unspoken,
)
from voice.dialogue.form_mistakes import Mended
from voice.dialogue.known import BUILT_IN, usual_forms
from voice.dialogue.render import FORMS, braces_balanced, placeholders
from voice.dialogue.spoken_length import LONGEST_MS, spoken_length_ms
from voice.dialogue.yamlfile import Document, Path, perhaps
from voice.errors import Problem


class Checker(ActionChecks):
    def run(self, *, whole: bool = True) -> list[Problem]:
        self.check_targets()
        self.check_groups()
        if whole and not self.problems:  # a step that does not exist would make all these complain as well
            self.problems += check_ways(self.flow, self.document)
        self.check_texts()
        self.check_schedules()
        self.check_friction()
        self.check_digressions()
        self.check_campaigns()
        if whole:
            self.check_unused()
        self.check_names()
        self.check_keys()
        self.problems += check_wishes(self.flow, self.document)
        self.check_actions()
        self.problems += check_converse(self.flow, self.document, self.registry, self._names())
        self.check_remember()
        return sorted(dict.fromkeys(self.problems), key=lambda p: (p.severity != "error", p.line))

    # --- the graph -------------------------------------------------------------------------------

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
                    remedy = known + perhaps(target, steps)
                    self.error(("steps", name, *path), f"the step '{target}' does not exist", remedy)
            if isinstance(step, MenuStep) and step.same_as:
                other = steps.get(step.same_as)
                if not isinstance(other, MenuStep) or not other.intents:
                    message = f"'{step.same_as}' is not a menu with intents"
                    self.error(("steps", name, "same_as"), message, "Name a menu that lists its own intents.")

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
                self._unknown(path, name, f"{{{name}}}")
            elif path[0] == "steps" and self._emptied(str(path[1]), name):
                message = f"{{{name}}} is emptied by this step's forget before it is said"
                self.error(path, message, "Forget it in the step that follows.")
            if form and form not in FORMS and form not in self.flow.words:
                forms = ", ".join([*FORMS, *self.flow.words])
                self.error(path, f"'{form}' is not a way to say a value", f"There are: {forms}.")
        if path[0] == "words" or unspoken(path[:-1]):
            return
        lang = str(path[-1])
        for word, value, form in doubled(template, lang, self._form_of):
            message = f"'{word}' would be said twice beside {value}"
            self.warn(path, message, f"Leave it out: the value is said as '{EXAMPLES[lang, form]}'.")
        ms = spoken_length_ms(template, lang)
        if ms > LONGEST_MS:
            message = f"takes about {ms / 1000:.1f} seconds to say"
            self.warn(path, message, "Callers forget what is longer than 8 seconds: shorten or split it.")

    def _form_of(self, name: str) -> str:
        """How a value is said that is written without a form."""
        slot = self.flow.slots.get(name)
        return slot.kind if slot else usual_forms(self.flow).get(name, "")

    def _emptied(self, name: str, slot: str) -> bool:
        step = self.flow.steps[name]
        return slot in step.forget and not (isinstance(step, AskStep) and step.slot == slot)

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
            if isinstance(step, AskStep) and step.slot in BUILT_IN:
                message = f"'{step.slot}' is a value that every flow has already, and would hide this slot"
                self.error((*where, "slot"), message, f"Give it another name, such as my_{step.slot}.")
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

    # --- keys -----------------------------------------------------------------------

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


def check_flow(flow: Flow, document: Document, registry: Registry) -> list[Problem]:
    """Every problem of a well-formed flow, errors first, each with its line and what to do."""
    return Checker(flow, document, registry).run()


def check_rest(rest: Mended, document: Document, registry: Registry) -> list[Problem]:
    """The problems of a flow of which parts could not be read: none that those parts may be the reason for,
    such as a step that nothing leads to."""
    found = Checker(rest.flow, document, registry, rest.names | rest.lost).run(whole=False)
    return [p for p in found if not any(f"'{name}'" in p.message for name in rest.lost)]


def uses(flow: Flow) -> dict[str, int]:
    """How many steps of each kind there are, for a summary."""
    counts: dict[str, int] = {}
    for step in flow.steps.values():
        counts[step.type] = counts.get(step.type, 0) + 1
    return counts
