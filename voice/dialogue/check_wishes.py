"""What is wrong with the sentences that callers are expected to say: wishes that cannot be told apart, and
answers of which one means two things."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from itertools import combinations

from rapidfuzz import fuzz

from voice.dialogue.collisions import Sentence, collisions
from voice.dialogue.flow import AskStep, Flow, Intent, MenuStep
from voice.dialogue.wishes import wants_person
from voice.dialogue.yamlfile import Document, Path
from voice.errors import Problem
from voice.languages import language

FEWEST_EXAMPLES = 3
CLOSE_RATIO = 92  # rapidfuzz token ratio from which two examples count as nearly the same

Said = Mapping[str, Mapping[str, tuple[str, Path]]]
"""Intent to each example in its normal form, with how it is written and where."""


def check_wishes(flow: Flow, document: Document) -> Iterator[Problem]:
    """Every problem of the examples of menus and the phrases of choices, per language."""
    for name, step in flow.steps.items():
        if isinstance(step, MenuStep):
            for lang in flow.languages:
                yield from _Menu(flow, document, name, step, lang).check()
        elif isinstance(step, AskStep) and step.options:
            yield from _check_options(flow, document, ("steps", name, "options"), step)


class _Menu:
    """The wishes that may be said in one menu, in one language."""

    def __init__(self, flow: Flow, document: Document, name: str, step: MenuStep, lang: str) -> None:
        self.flow, self.document, self.name, self.step, self.lang = flow, document, name, step, lang
        self.normalise = language(lang).normalise

    def check(self) -> Iterator[Problem]:
        where: Path = ("steps", self.name, "intents")
        said = self._said(self.step.intents, where)
        for intent, examples in said.items():
            path = (*where, intent, "examples", self.lang)
            if len(examples) < FEWEST_EXAMPLES:
                message = f"'{intent}' has {len(examples)} different examples in {self.lang}"
                yield self.document.problem(
                    path, message, f"Write at least {FEWEST_EXAMPLES}; twelve is better."
                )
            yield from self._written_twice(intent)
            yield from self._persons(intent, examples)
        yield from self._polar()
        doubtful = yield from self._pairs(said)
        if not doubtful:
            yield from self._confused(said)

    def _said(self, intents: Mapping[str, Intent], where: Path) -> dict[str, dict[str, tuple[str, Path]]]:
        found: dict[str, dict[str, tuple[str, Path]]] = {}
        for name, intent in intents.items():
            path = (*where, name, "examples", self.lang)
            written = list(enumerate(intent.examples.get(self.lang, ())))
            found[name] = {self.normalise(text): (text, (*path, at)) for at, text in reversed(written)}
        return found

    def _written_twice(self, intent: str) -> Iterator[Problem]:
        seen = set[str]()
        for at, example in enumerate(self.step.intents[intent].examples.get(self.lang, ())):
            plain = self.normalise(example)
            if plain in seen:
                path: Path = ("steps", self.name, "intents", intent, "examples", self.lang, at)
                message = f"'{example}' is already an example of '{intent}'"
                yield self.document.problem(path, message, "Write another way of saying it.", "warning")
            seen.add(plain)

    def _persons(self, intent: str, examples: Mapping[str, tuple[str, Path]]) -> Iterator[Problem]:
        if self.step.intents[intent].person:
            return
        for text, (example, path) in examples.items():
            if wants_person(text, self.lang):
                message = f"'{example}' asks for a person, which works everywhere"
                remedy = "Leave it out, or mark the intent with person: true."
                yield self.document.problem(path, message, remedy)

    def _polar(self) -> Iterator[Problem]:
        """A wish that is also a yes or a no here."""
        wishes = {
            self.normalise(example): intent
            for intent, wish in self.flow.intents_of(self.step).items()
            for example in wish.examples.get(self.lang, ())
        }
        for key in ("yes", "no"):
            if getattr(self.step, key) is None:
                continue
            for at, phrase in enumerate(getattr(self.step, f"{key}_says").get(self.lang, ())):
                intent = wishes.get(self.normalise(phrase))
                if intent:
                    path: Path = ("steps", self.name, f"{key}_says", self.lang, at)
                    message = f"'{phrase}' is also an example of '{intent}'"
                    yield self.document.problem(path, message, "Keep it in one of them.")

    def _pairs(self, said: Said) -> Generator[Problem, None, bool]:
        """The same or nearly the same sentence in two wishes; returns whether there was any."""
        found = False
        for (a, of_a), (b, of_b) in combinations(said.items(), 2):
            for text, (example, _) in of_a.items():
                if text in of_b:
                    message = f"'{example}' is an example of both '{a}' and '{b}'"
                    yield self.document.problem(of_b[text][1], message, "Keep it in one of them.")
                    found = True
                    continue
                for other, (written, path) in of_b.items():
                    if fuzz.token_sort_ratio(text, other) >= CLOSE_RATIO:
                        message = f"'{written}' is nearly '{example}' of '{a}'"
                        remedy = "Make the difference clearer, or drop one."
                        yield self.document.problem(path, message, remedy, "warning")
                        found = True
        return found

    def _confused(self, said: Said) -> Iterator[Problem]:
        """Examples that the understanding, when it has not seen them, takes for another wish of the menu."""
        sentences = tuple(Sentence(intent, text) for intent, examples in said.items() for text in examples)
        for collision in collisions(sentences, self.lang):
            one, other = collision.one, collision.other
            example, path = said[one.intent][one.text]
            near, there = said[other.intent][other.text]
            message = (
                f"'{example}' of '{one.intent}' is understood as '{other.intent}' unless it is said word for "
                f"word, because of '{near}' (line {self.document.line(there)})"
            )
            remedy = "Make one of them clearer, or write more examples of both as callers say them."
            yield self.document.problem(path, message, remedy, "warning")


def _check_options(flow: Flow, document: Document, where: Path, step: AskStep) -> Iterator[Problem]:
    for lang in flow.languages:
        normalise = language(lang).normalise
        owner: dict[str, str] = {}
        for name, option in step.options.items():
            said = {normalise(p) for p in (*option.say.get(lang, ()), option.label.get(lang, ""))}
            for phrase in sorted(said - {""}):
                if owner.setdefault(phrase, name) != name:
                    message = f"'{phrase}' means both '{owner[phrase]}' and '{name}'"
                    yield document.problem((*where, name), message, "Keep it in one of them.")
