"""What a flow file may say: the models behind ``prompts/flows/*.yaml``.

A flow is written by the people who run the business. Field names are the words they write; every text is
given per language. What pydantic cannot see (unknown steps, missing languages, clashes) is in ``check``.
The author's guide is ``docs/flows.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StringConstraints,
    field_validator,
    model_validator,
)

from voice.dialogue.conditions import Condition, parse_condition
from voice.dialogue.hours import Hours, parse_hours, zone
from voice.model import LANGUAGES, BargeIn, ExpectKind

PERSON_KEY = "0"


def _scalar_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Spoken = Annotated[str, StringConstraints(min_length=1, max_length=1000, strip_whitespace=True)]


def _spoken_language(value: str) -> str:
    if value not in LANGUAGES:
        raise ValueError(f"'{value}' is not a language of this line: write {' or '.join(LANGUAGES)}")
    return value


LangCode = Annotated[str, AfterValidator(_spoken_language)]
Text = dict[LangCode, Spoken]
Key = Annotated[str, BeforeValidator(_scalar_text), StringConstraints(pattern=r"^[0-9]$")]
Scalar = Annotated[str, BeforeValidator(_scalar_text)]
Confirm = Literal["by_confidence", "explicit", "implicit", "never"]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Thresholds(Part):
    """Below ``low`` is asked again, below ``high`` is confirmed with a question, above is taken."""

    low: float = Field(0.4, ge=0, le=1)
    high: float = Field(0.8, ge=0, le=1)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise ValueError("low must not be above high")
        return self


class Patience(Part):
    """How long an action may keep the caller in silence, in milliseconds."""

    filler_ms: int = Field(1200, ge=200, le=10000)
    apology_ms: int = Field(6000, ge=500, le=30000)
    limit_ms: int = Field(12000, ge=500, le=60000)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.filler_ms < self.apology_ms < self.limit_ms:
            raise ValueError("write filler_ms, apology_ms and limit_ms in rising order")
        return self


class Person(Part):
    """Which people take the call, and what is said before the queue."""

    queue: Name = "general"
    priority: int = Field(5, ge=0, le=9)
    skills: tuple[Name, ...] = ()
    announce: Text | None = None


class Webhook(Part):
    """An action answered by a web server of the business: POST with JSON, JSON back."""

    url: str = Field(pattern=r"^https?://[^\s{}]+$")
    secret_env: str = Field("", pattern=r"^[A-Z_][A-Z0-9_]*$|^$")
    time_limit_ms: int = Field(10000, ge=100, le=60000)


class Intent(Part):
    """Something callers want. ``examples`` are sentences as they say them."""

    label: Text = Field(description="Completes 'do you want to ...?'")
    topic: Text | None = Field(None, description="For colleagues: what the call is about")
    examples: dict[LangCode, tuple[Spoken, ...]]
    then: Name
    key: Key | None = None
    queue: Name | None = None
    priority: int | None = Field(None, ge=0, le=9)
    skills: tuple[Name, ...] = ()
    urgent: bool = False
    person: bool = Field(False, description="This intent is asking for a person")


class Option(Part):
    """One answer of a choice: its name for people, the ways to say it, its key, and where it leads."""

    label: Text
    say: dict[LangCode, tuple[Spoken, ...]] = Field(default_factory=dict)
    key: Key | None = None
    then: Name | None = None


class BaseStep(Part):
    forget: tuple[Name, ...] = Field((), description="Slots to empty on arriving here")


class SayStep(BaseStep):
    type: Literal["say"]
    text: Text
    barge_in: BargeIn = BargeIn.ANY
    answer: bool = Field(False, description="This is what the caller wanted to know")
    then: Name


class Listening(BaseStep):
    prompt: Text
    retry: tuple[Text, ...] = Field(min_length=1, description="Rephrased, then with an example and the keys")
    no_input: tuple[Text, ...] = ()
    no_match: tuple[Text, ...] = ()
    help: Text | None = None
    barge_in: BargeIn = BargeIn.ANY
    no_input_ms: int = Field(6000, ge=1000, le=60000)
    endpoint_ms: int | None = Field(None, ge=100, le=5000)
    thresholds: Thresholds | None = None


class AskStep(Listening):
    type: Literal["ask"]
    slot: Name
    kind: Literal["yes_no", "digits", "amount", "date", "choice", "text"]
    label: Text
    length: int | None = Field(None, ge=1, le=40)
    min_length: int = Field(1, ge=1, le=40)
    max_length: int = Field(20, ge=1, le=40)
    min: Scalar | None = None
    max: Scalar | None = None
    options: dict[Name, Option] = Field(default_factory=dict)
    confirm: Confirm = "by_confidence"
    grouped: bool = Field(False, description="Digits may be dictated in tens and hundreds, doubles, triples")
    spelled: bool = Field(False, description="The text is spelled letter by letter")
    check: Literal["luhn", "dni"] | None = Field(None, description="The test that a right number passes")
    keypad: bool = True
    inter_digit_ms: int = Field(3000, ge=500, le=10000)
    sensitive: bool = False
    unknown: Name | None = Field(None, description="Where it leads when the caller does not have it")
    ask_again: bool = Field(False, description="Ask even when the slot is already known")
    then: Name | None = None
    yes: Name | None = None
    no: Name | None = None

    @property
    def expects(self) -> ExpectKind:
        return ExpectKind(self.kind)

    @property
    def shortest(self) -> int:
        return self.length or self.min_length

    @property
    def longest(self) -> int:
        return self.length or self.max_length

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if (self.kind == "choice") != bool(self.options):
            raise ValueError("kind: choice needs options, and only choice has them")
        if self.kind == "yes_no":
            if self.then is None and not (self.yes and self.no):
                raise ValueError("say where it leads: then, or both yes and no")
        elif self.yes or self.no:
            raise ValueError("yes and no lead somewhere only for kind: yes_no")
        elif self.then is None and not all(option.then for option in self.options.values()):
            raise ValueError("say where it leads: then (or a then in every option)")
        if self.kind == "amount" and self.confirm != "explicit":
            raise ValueError("amounts of money are always confirmed with a question: write confirm: explicit")
        if self.grouped and self.kind != "digits":
            raise ValueError("grouped: true is for kind: digits")
        if self.spelled and self.kind != "text":
            raise ValueError("spelled: true is for kind: text")
        if self.check == "luhn" and self.kind != "digits":
            raise ValueError("check: luhn is for kind: digits")
        if self.check == "dni" and not self.spelled:
            raise ValueError("check: dni is for kind: text with spelled: true, because of its letter")
        if self.shortest > self.longest:
            raise ValueError("min_length must not be above max_length")
        return self._check_range()

    def _check_range(self) -> Self:
        if self.kind not in ("amount", "date") and (self.min or self.max):
            raise ValueError("min and max are for amounts and dates; digits have min_length and max_length")
        for bound in (self.min, self.max):
            if self.kind == "amount" and bound is not None:
                try:
                    Decimal(bound)
                except InvalidOperation:
                    raise ValueError(f"'{bound}' is not an amount: write for example 10.50") from None
            if self.kind == "date" and bound is not None and not DATE_BOUND.fullmatch(bound):
                raise ValueError(f"'{bound}' is not a date: write today, today+30 or 2026-12-31")
        return self


DATE_BOUND = re.compile(r"today(?:([+-])(\d{1,4}))?|(\d{4}-\d{2}-\d{2})")


class MenuStep(Listening):
    type: Literal["menu"]
    again: Text | None = Field(None, description="Said instead of prompt when the caller comes back here")
    intents: dict[Name, Intent] = Field(default_factory=dict)
    same_as: Name | None = Field(None, description="Use the intents of this other menu")
    yes: Name | None = None
    no: Name | None = None
    yes_says: dict[LangCode, tuple[Spoken, ...]] = Field(default_factory=dict)
    no_says: dict[LangCode, tuple[Spoken, ...]] = Field(
        default_factory=dict, description="Other ways of saying no here, such as 'that is all'"
    )

    @model_validator(mode="after")
    def _has_intents(self) -> Self:
        if bool(self.intents) == bool(self.same_as):
            raise ValueError("a menu has intents, or same_as with the name of a menu that has them")
        return self


class Branches(Part):
    ok: Name
    not_found: Name | None = None
    failed: Name | None = None
    timeout: Name | None = None


class CallStep(BaseStep):
    type: Literal["call"]
    action: Name
    label: Text
    with_: tuple[Name, ...] | dict[Name, Name] = Field((), alias="with")
    save: dict[Name, Name] = Field(default_factory=dict)
    limit_ms: int | None = Field(None, ge=500, le=60000)
    on: Branches

    @property
    def arguments(self) -> dict[str, str]:
        """Parameter of the action to slot or variable."""
        return dict(self.with_) if isinstance(self.with_, dict) else {name: name for name in self.with_}


class When(Part):
    if_: str = Field(alias="if")
    then: Name

    @field_validator("if_")
    @classmethod
    def _readable(cls, value: str) -> str:
        parse_condition(value)
        return value

    @cached_property
    def condition(self) -> Condition:
        return parse_condition(self.if_)


class BranchStep(BaseStep):
    type: Literal["branch"]
    when: tuple[When, ...] = Field(min_length=1)
    otherwise: Name


class HandoffStep(BaseStep):
    type: Literal["handoff"]
    queue: Name | None = None
    priority: int | None = Field(None, ge=0, le=9)
    skills: tuple[Name, ...] = ()
    reason: Literal["flow", "urgent", "action_failed", "caller_asked"] = "flow"
    announce: Text | None = None
    urgent: bool = False


class HangUpStep(BaseStep):
    type: Literal["hang_up"]
    text: Text | None = None
    outcome: Literal["completed", "failed"] = "completed"
    reason: Name = "goal_reached"


Step = Annotated[
    SayStep | AskStep | MenuStep | CallStep | BranchStep | HandoffStep | HangUpStep,
    Field(discriminator="type"),
]


class Flow(Part):
    """One business line. Loaded and checked by :func:`voice.dialogue.loader.load_business`."""

    name: Name
    title: Text
    languages: tuple[LangCode, ...] = Field(min_length=1)
    timezone: str = "Europe/Madrid"
    currency: str = Field("EUR", pattern=r"^[A-Z]{3}$")
    disclosure: Text
    language_offer: Text | None = None
    language_key: Key | None = None
    person: Person = Person()
    hours: dict[Name, dict[str, str]] = Field(default_factory=dict)
    words: dict[Name, dict[Name, Text]] = Field(default_factory=dict)
    lexicon: dict[LangCode, tuple[Spoken, ...]] = Field(default_factory=dict)
    thresholds: Thresholds = Thresholds()
    intent_thresholds: Thresholds = Thresholds(low=0.4, high=0.5)
    patience: Patience = Patience()
    actions: dict[Name, Webhook] = Field(default_factory=dict)
    start: Name
    main_menu: Name | None = None
    goodbye: Name | None = Field(None, description="Where a caller's goodbye leads, from any step")
    steps: dict[Name, Step] = Field(min_length=1)

    _version: str = PrivateAttr("")
    _file: str = PrivateAttr("")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        zone(value)
        return value

    @field_validator("hours")
    @classmethod
    def _readable_hours(cls, value: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        for entry in value.values():
            parse_hours(entry)
        return value

    @property
    def version(self) -> str:
        """First 12 hex digits of the SHA-256 of the file; changes with every edit."""
        return self._version

    @property
    def file(self) -> str:
        return self._file

    def stamped(self, file: str, version: str) -> Flow:
        """Records where this flow was read from. Called once, by the loader."""
        self._file, self._version = file, version
        return self

    @cached_property
    def opening(self) -> dict[str, Hours]:
        return {name: parse_hours(raw) for name, raw in self.hours.items()}

    @cached_property
    def main(self) -> str | None:
        """The step a caller comes back to: ``main_menu``, else the first menu with its own intents."""
        if self.main_menu:
            return self.main_menu
        menus = (n for n, s in self.steps.items() if isinstance(s, MenuStep) and s.intents)
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
        steps = self.steps.values()
        return frozenset(s.slot for s in steps if isinstance(s, AskStep) and s.sensitive)

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
            if path[-1] == "label" or path[0] in ("title", "words"):
                continue
            for lang, words in text.items():
                if "{" not in words and lang in self.languages:
                    seen[words, lang] = None
        return list(seen)


def _texts(
    value: Any, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, str]]]:
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            if name in ("examples", "say", "yes_says", "no_says", "lexicon", "hours"):
                continue  # not texts: lists of phrases or times, checked on their own
            yield from _texts(getattr(value, name), (*path, field.alias or name))
    elif isinstance(value, dict) and value and all(key in ("es", "en") for key in value):
        yield path, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, (*path, name))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            if isinstance(item, (BaseModel, dict)):
                yield from _texts(item, (*path, index))


def targets(step: Step) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The steps that ``step`` may lead to, each with its path inside the step."""
    match step:
        case SayStep():
            yield ("then",), step.then
        case AskStep():
            for name in ("then", "yes", "no", "unknown"):
                if target := getattr(step, name):
                    yield (name,), target
            for key, option in step.options.items():
                if option.then:
                    yield ("options", key, "then"), option.then
        case MenuStep():
            for key, intent in step.intents.items():
                yield ("intents", key, "then"), intent.then
            for name in ("yes", "no"):
                if target := getattr(step, name):
                    yield (name,), target
        case CallStep():
            for name in ("ok", "not_found", "failed", "timeout"):
                if target := getattr(step.on, name):
                    yield ("on", name), target
        case BranchStep():
            for index, when in enumerate(step.when):
                yield ("when", index, "then"), when.then
            yield ("otherwise",), step.otherwise
        case HandoffStep() | HangUpStep():
            return
