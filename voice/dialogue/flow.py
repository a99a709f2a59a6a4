"""What a flow file may say: the models behind ``prompts/flows/*.yaml``.

A flow is written by the people who run the business. Field names are the words they write; every text is
given per language. What pydantic cannot see (unknown steps, missing languages, clashes) is in ``check``.
The author's guide is ``docs/flows.md``. The parts: ``flow_parts`` (names, texts, keys), ``flow_head`` (what
holds for the whole line), ``flow_calls`` and ``flow_steps``; all of them can be imported from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Self

from babel.core import get_global
from pydantic import BaseModel, Field, PrivateAttr, field_validator, model_validator

from voice.dialogue.flow_calls import Branches, CallStep, VerifyStep
from voice.dialogue.flow_head import (
    Campaign,
    Defaults,
    Group,
    Holidays,
    Patience,
    Person,
    Schedule,
    Shares,
)
from voice.dialogue.flow_parts import (
    PERSON,
    PERSON_KEY,
    BaseStep,
    Confirm,
    Key,
    Ladder,
    LangCode,
    Name,
    Part,
    Ref,
    Scalar,
    Spoken,
    Text,
    Thresholds,
    group_of,
)
from voice.dialogue.flow_steps import (
    DATE_BOUND,
    AskStep,
    BranchStep,
    DoStep,
    HandoffStep,
    HangUpStep,
    Intent,
    Listening,
    MenuStep,
    Option,
    ReturnStep,
    SayStep,
    Step,
    When,
    targets,
)
from voice.dialogue.friction import FrictionRules
from voice.dialogue.hours import Hours, parse_holidays, parse_hours, zone
from voice.knowledge.seam import Knowledge
from voice.profile.spec import Remember
from voice.slots.identifiers import documents_of
from voice.webhooks.spec import Webhook

__all__ = [
    "DATE_BOUND",
    "PERSON",
    "PERSON_KEY",
    "AskStep",
    "BaseStep",
    "BranchStep",
    "Branches",
    "CallStep",
    "Campaign",
    "Confirm",
    "Defaults",
    "DoStep",
    "Flow",
    "Group",
    "HandoffStep",
    "HangUpStep",
    "Intent",
    "Key",
    "Ladder",
    "LangCode",
    "Listening",
    "MenuStep",
    "Name",
    "Option",
    "Part",
    "Patience",
    "Person",
    "Ref",
    "ReturnStep",
    "SayStep",
    "Scalar",
    "Spoken",
    "Step",
    "Text",
    "Thresholds",
    "VerifyStep",
    "Webhook",
    "When",
    "group_of",
    "targets",
]


class Flow(Part):
    """One business line. Loaded and checked by :func:`voice.dialogue.loader.load_business`."""

    name: Name
    title: Text
    languages: tuple[LangCode, ...] = Field(min_length=1)
    timezone: str = "Europe/Madrid"
    currency: str = Field("EUR", pattern=r"^[A-Z]{3}$")
    country: str = Field(
        "", pattern=r"^([A-Z]{2})?$", description="Whose phones, postcodes, documents; else the timezone's"
    )
    disclosure: Text
    language_offer: Text | None = None
    language_key: Key | None = None
    person: Person = Person()
    holidays: dict[Name, Holidays] = Field(default_factory=dict)
    hours: dict[Name, Schedule] = Field(default_factory=dict)
    profile: tuple[Name, ...] = Field((), description="What else a caller's profile may tell, by name")
    remember: Remember | None = Field(None, description="What is remembered of callers; nothing without it")
    experiments: dict[Name, Shares] = Field(default_factory=dict)
    words: dict[Name, dict[Name, Text]] = Field(default_factory=dict)
    lexicon: dict[LangCode, tuple[Spoken, ...]] = Field(default_factory=dict)
    thresholds: Thresholds = Thresholds()
    intent_thresholds: Thresholds = Thresholds(low=0.4, high=0.55)
    patience: Patience = Patience()
    knowledge: bool = Field(False, description="Answer questions from the articles in knowledge/")
    friction: FrictionRules = FrictionRules()
    actions: dict[Name, Webhook] = Field(default_factory=dict)
    defaults: Defaults = Defaults()
    reusable: dict[Name, dict[str, Any]] = Field(default_factory=dict, alias="slots")
    groups: dict[Ref, Group] = Field(default_factory=dict, alias="flows")
    campaigns: dict[Name, Campaign] = Field(default_factory=dict)
    start: Name
    main_menu: Name | None = None
    goodbye: Name | None = Field(None, description="Where a caller's goodbye leads, from any step")
    steps: dict[Ref, Step] = Field(min_length=1)

    _version: str = PrivateAttr("")
    _articles: Knowledge | None = PrivateAttr(None)
    _files: tuple[str, ...] = PrivateAttr(("",))

    @model_validator(mode="after")
    def _at_home(self) -> Self:
        for name, step in self.steps.items():
            if isinstance(step, AskStep):
                step.at_home(self.home)
                if step.kind == "identifier" and not documents_of(step.home, step.documents):
                    raise ValueError(f"step {name}: say which documents, such as documents: [dni, nie]")
        return self

    @property
    def home(self) -> str:
        """The flow's country: its own word for it, else the one its timezone lies in, else Spain."""
        zones = get_global("zone_territories")  # of the Unicode CLDR
        return self.country or str(zones.get(self.timezone, "ES"))

    @property
    def articles(self) -> Knowledge | None:
        """What the line knows beside its steps; None when the flow does not ask for it."""
        return self._articles

    def knowing(self, articles: Knowledge) -> None:
        """Gives the flow its articles. Called once, by the loader."""
        self._articles = articles

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        zone(value)
        return value

    @property
    def version(self) -> str:
        """12 hex digits of a SHA-256 of its files and its knowledge articles; changes with every edit."""
        return self._version

    @property
    def file(self) -> str:
        return self._files[0]

    @property
    def files(self) -> tuple[str, ...]:
        """Its own file, and those of its sub-flows."""
        return self._files

    def stamped(self, files: tuple[str, ...], version: str) -> Flow:
        """Records where this flow was read from. Called once, by the loader."""
        self._files, self._version = files, version
        return self

    @cached_property
    def opening(self) -> dict[str, Hours]:
        lists = {name: parse_holidays(raw) for name, raw in self.holidays.items()}
        return {name: parse_hours(raw, lists) for name, raw in self.hours.items()}

    @cached_property
    def main(self) -> str | None:
        """The step a caller comes back to: ``main_menu``, else the first menu with its own intents."""
        if self.main_menu:
            return self.main_menu
        menus = (
            n for n, s in self.steps.items() if isinstance(s, MenuStep) and s.intents and not group_of(n)
        )
        return next(menus, None)

    def intents_of(self, step: MenuStep) -> dict[str, Intent]:
        if step.same_as:
            other = self.steps.get(step.same_as)
            return other.intents if isinstance(other, MenuStep) else {}
        return step.intents

    @cached_property
    def intents(self) -> dict[str, Intent]:
        """All intents of all menus, by name (names are unique in a flow)."""
        found: dict[str, Intent] = {}
        for step in self.steps.values():
            if isinstance(step, MenuStep):
                found.update(step.intents)
        return found

    def examples(self) -> dict[str, dict[str, list[str]]]:
        """Intent to language to what callers say: what an understanding learns from."""
        return {n: {lang: list(e) for lang, e in i.examples.items()} for n, i in self.intents.items()}

    def labels(self) -> dict[str, dict[str, str]]:
        """Intent to language to its name for people."""
        return {name: dict(intent.label) for name, intent in self.intents.items()}

    @cached_property
    def slots(self) -> dict[str, AskStep]:
        """The first step that asks for each slot."""
        found: dict[str, AskStep] = {}
        for step in self.steps.values():
            if isinstance(step, AskStep):
                found.setdefault(step.slot, step)
        return found

    @cached_property
    def sensitive(self) -> frozenset[str]:
        """Every name that may hold what no text, log or screen may show: slots that are sensitive, and
        what sub-flows are given of them or give back."""
        found = {s.slot for s in self.steps.values() if isinstance(s, AskStep) and s.sensitive}
        while more := {copy for copy, source in self._copied if source in found} - found:
            found |= more
        return frozenset(found)

    @cached_property
    def _copied(self) -> tuple[tuple[str, str], ...]:
        """(copy, source) of what sub-flows are given and give back."""
        runs = [s for s in self.steps.values() if isinstance(s, DoStep)]
        given = [(f"{s.flow}.{name}", source) for s in runs for name, source in s.inputs.items()]
        return (*given, *((name, f"{s.flow}.{output}") for s in runs for name, output in s.save.items()))

    @cached_property
    def copies(self) -> dict[str, str]:
        """Each name that a sub-flow is given, or that is saved of it, to where its value comes from first."""
        found: dict[str, str] = {}
        for copy, source in self._copied:
            found.setdefault(copy, source)
        for copy in found:
            for _ in found:  # as long as the longest chain
                found[copy] = found.get(found[copy], found[copy])
        return found

    @cached_property
    def digressions(self) -> frozenset[str]:
        """The intents that may interrupt a question that does not say which may."""
        return frozenset(name for name, intent in self.intents.items() if intent.digression)

    def texts(self) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, str]]]:
        """Every per-language text with its path in the file."""
        yield from _texts(self, ())

    def phrases(self, lang: str) -> tuple[str, ...]:
        """Everything a caller may say in this flow in ``lang``: for a recognizer's ``prepare()``."""
        from voice.dialogue.listening import flow_phrases  # it needs these models

        return flow_phrases(self, lang)

    def static_texts(self) -> list[tuple[str, str]]:
        """(text, lang) of everything that is said word for word, to be spoken ahead of need."""
        seen: dict[tuple[str, str], None] = {}
        for path, text in self.texts():
            if unspoken(path) or path[0] in ("title", "words"):
                continue
            for lang, words in text.items():
                if "{" not in words and lang in self.languages:
                    seen[words, lang] = None
        return list(seen)


_PHRASES = frozenset(
    ("examples", "say", "yes_says", "no_says", "never", "lexicon", "hours", "holidays", "reusable")
)


def unspoken(path: tuple[str | int, ...]) -> bool:
    """Whether the text at ``path`` is for people or a language model, never said as it is."""
    return path[-1] in ("label", "goal", "when") or "topics" in path or path[0] == "actions"


def _is_text(value: Mapping[Any, Any]) -> bool:
    return bool(value) and all(key in ("es", "en") and isinstance(text, str) for key, text in value.items())


def _texts(
    value: Any, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, str]]]:
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            if name in _PHRASES:
                continue  # not texts: lists of phrases or times, checked on their own
            yield from _texts(getattr(value, name), (*path, field.alias or name))
    elif isinstance(value, dict) and _is_text(value):
        yield path, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, (*path, name))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            if isinstance(item, (BaseModel, dict)):
                yield from _texts(item, (*path, index))
