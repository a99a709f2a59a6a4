"""The steps of a flow: one model a kind, and where each may lead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, PrivateAttr, field_validator, model_validator

from voice.dialogue.conditions import Condition, parse_condition
from voice.dialogue.flow_calls import CallStep, RelayStep, VerifyStep
from voice.dialogue.flow_converse import ConverseExit, ConverseLimits, ModelTool
from voice.dialogue.flow_parts import (
    PERSON,
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
)
from voice.model import BargeIn, ExpectKind
from voice.slots.identifiers import DOCUMENTS


def _known_document(name: str) -> str:
    if name not in DOCUMENTS:
        raise ValueError(f"'{name}' is not a document this line knows: {', '.join(DOCUMENTS)}")
    return name


DocumentName = Annotated[str, AfterValidator(_known_document)]


class Intent(Part):
    """Something callers want. ``examples`` are sentences as they say them."""

    label: Text = Field(description="Completes 'do you want to ...?'")
    topic: Text | None = Field(None, description="For colleagues: what the call is about")
    examples: dict[LangCode, tuple[Spoken, ...]]
    then: Ref
    key: Key | None = None
    queue: Name | None = None
    priority: int | None = Field(None, ge=0, le=9)
    skills: tuple[Name, ...] = ()
    urgent: bool = False
    person: bool = Field(False, description="This intent is asking for a person")
    digression: bool = Field(
        False, description="Answered in the middle of anything; then the line comes back"
    )


class Option(Part):
    """One answer of a choice: its name for people, the ways to say it, its key, and where it leads."""

    label: Text
    say: dict[LangCode, tuple[Spoken, ...]] = Field(default_factory=dict)
    key: Key | None = None
    then: Ref | None = None


class SayStep(BaseStep):
    type: Literal["say"]
    text: Text
    barge_in: BargeIn = BargeIn.ANY
    answer: bool = Field(False, description="This is what the caller wanted to know")
    then: Ref


class Listening(BaseStep):
    prompt: Text
    retry: tuple[Text, ...] = Field(min_length=1, description="Rephrased, then with an example and the keys")
    no_input: tuple[Text, ...] = ()
    no_match: tuple[Text, ...] = ()
    help: Text | None = None
    barge_in: BargeIn = BargeIn.ANY
    no_input_ms: int = Field(6000, ge=1000, le=60000)
    endpoint_ms: int | None = Field(None, ge=100, le=5000)
    max_speech_ms: int = Field(20000, ge=2000, le=60000)
    ladder: Ladder = Ladder()
    digressions: tuple[Name, ...] | Literal["none"] | None = Field(
        None, description="The intents that may interrupt this question and come back to it"
    )
    thresholds: Thresholds | None = None


class AskStep(Listening):
    type: Literal["ask"]
    slot: Ref
    kind: Literal[
        "yes_no", "choice", "integer", "digits", "amount", "date", "time", "duration", "phone", "email",
        "spelled", "name", "postcode", "identifier", "card", "iban", "text",
    ]  # fmt: skip
    label: Text
    length: int | None = Field(None, ge=1, le=40)
    min_length: int = Field(1, ge=1, le=40)
    max_length: int = Field(20, ge=1, le=40)
    min: Scalar | None = None
    max: Scalar | None = None
    options: dict[Name, Option] = Field(default_factory=dict)
    confirm: Confirm = "by_confidence"
    grouped: bool = Field(False, description="Digits may be dictated in tens and hundreds")
    spelled: bool = Field(False, description="The text is spelled letter by letter")
    takes: Literal["wish", "place"] | None = Field(
        None,
        description="For text: what it takes from what the caller said before: the sentence that told the "
        "wish, or the place that was named in it",
    )
    check: Literal["luhn", "dni"] | None = Field(None, description="The test that a right number passes")
    country: str | None = Field(
        None, pattern=r"^[A-Z]{2}$", description="Whose phones, postcodes, documents; else the flow's"
    )
    documents: tuple[DocumentName, ...] = Field((), description="For identifier; else those of the country")
    keypad: bool = True
    inter_digit_ms: int = Field(3000, ge=500, le=10000)
    sensitive: bool = False
    unknown: Ref | None = Field(None, description="Where it leads when the caller does not have it")
    ask_again: bool = Field(False, description="Ask even when the slot is already known")
    then: Ref | None = None
    yes: Ref | None = None
    no: Ref | None = None

    _home: str = PrivateAttr("ES")

    @property
    def expects(self) -> ExpectKind:
        return ExpectKind(self.kind)

    @property
    def home(self) -> str:
        """The country of the step, or of its flow."""
        return self.country or self._home

    def at_home(self, country: str) -> None:
        """Tells the step its flow's country. Called once, by the flow."""
        self._home = country

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
        if self.takes and (self.kind != "text" or self.spelled):
            raise ValueError("takes is for kind: text, not spelled")
        if self.check == "luhn" and self.kind != "digits":
            raise ValueError("check: luhn is for kind: digits")
        if self.check == "dni" and not self.spelled:
            raise ValueError("check: dni is for kind: text with spelled: true, because of its letter")
        if self.kind == "card" and not self.sensitive:
            raise ValueError("a card number must not be heard by others or kept: write sensitive: true")
        if self.documents and self.kind != "identifier":
            raise ValueError("documents are for kind: identifier")
        if self.shortest > self.longest:
            raise ValueError("min_length must not be above max_length")
        return self._check_range()

    def _check_range(self) -> Self:
        if self.kind not in ("amount", "integer", "date", "time") and (self.min or self.max):
            raise ValueError(
                "min and max are for amounts, integers, dates and times; "
                "digits have min_length and max_length"
            )
        for bound in (self.min, self.max):
            if self.kind == "amount" and bound is not None:
                try:
                    Decimal(bound)
                except InvalidOperation:
                    raise ValueError(f"'{bound}' is not an amount: write for example 10.50") from None
            if self.kind == "integer" and bound is not None and not re.fullmatch(r"-?\d{1,12}", bound):
                raise ValueError(f"'{bound}' is not a whole number")
            if self.kind == "time" and bound is not None and not TIME_BOUND.fullmatch(bound):
                raise ValueError(f"'{bound}' is not a time: write for example \"09:00\", between quotes")
            if self.kind == "date" and bound is not None and not DATE_BOUND.fullmatch(bound):
                raise ValueError(f"'{bound}' is not a date: write today, today+30 or 2026-12-31")
        return self


TIME_BOUND = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
DATE_BOUND = re.compile(r"today(?:([+-])(\d{1,4}))?|(\d{4}-\d{2}-\d{2})")


class MenuStep(Listening):
    type: Literal["menu"]
    keys: Literal["needed", "always"] = Field("needed", description="When the keys are read out")
    again: Text | None = Field(None, description="Said instead of prompt when the caller comes back here")
    intents: dict[Name, Intent] = Field(default_factory=dict)
    same_as: Ref | None = Field(None, description="Use the intents of this other menu")
    fallback: Ref | None = Field(None, description="The converse step for what nothing here understood")
    yes: Ref | None = None
    no: Ref | None = None
    yes_says: dict[LangCode, tuple[Spoken, ...]] = Field(default_factory=dict)
    no_says: dict[LangCode, tuple[Spoken, ...]] = Field(
        default_factory=dict, description="Other ways of saying no here, such as 'that is all'"
    )

    @model_validator(mode="after")
    def _has_intents(self) -> Self:
        if bool(self.intents) == bool(self.same_as):
            raise ValueError("a menu has intents, or same_as with the name of a menu that has them")
        return self


class When(Part):
    if_: str = Field(alias="if")
    then: Ref

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
    otherwise: Ref


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


class DoStep(BaseStep):
    """Runs a sub-flow and goes on when it returns."""

    type: Literal["do"]
    flow: Ref
    with_: tuple[Ref, ...] | dict[Name, Ref] = Field((), alias="with")
    save: dict[Ref, Name] = Field(default_factory=dict, description="Variable here: output there")
    then: Ref
    on: dict[Name, Ref] = Field(default_factory=dict, description="Where each outcome leads instead of then")

    @property
    def inputs(self) -> dict[str, str]:
        """Input of the sub-flow to the name here that it is taken from."""
        return dict(self.with_) if isinstance(self.with_, dict) else {name: name for name in self.with_}


class ReturnStep(BaseStep):
    """Back to where the sub-flow was called from, or to the question that was interrupted."""

    type: Literal["return"]
    outcome: Name | None = None


class ConverseStep(BaseStep):
    """A stretch of free conversation with a language model. Without one, or when it fails: ``offline``."""

    type: Literal["converse"]
    label: Text = Field(description="What it is, for the person who takes the call")
    prompt: Text
    goal: Text = Field(description="What the model is to achieve")
    topics: tuple[Text, ...] = Field(min_length=1, description="What it may talk about, and nothing else")
    never: dict[LangCode, tuple[Spoken, ...]] = Field(
        default_factory=dict, description="Words and phrases it may not say"
    )
    facts: tuple[Ref, ...] = Field((), description="Slots and variables that it may know")
    tools: dict[Name, ModelTool] = Field(default_factory=dict)
    exits: dict[Name, ConverseExit] = Field(min_length=1)
    offline: Ref = Field(description="Where the call goes without the model")
    limits: ConverseLimits = ConverseLimits()
    no_input_ms: int = Field(6000, ge=1000, le=60000)
    endpoint_ms: int | None = Field(None, ge=100, le=5000)

    @model_validator(mode="after")
    def _no_clash(self) -> Self:
        if "leave" in self.tools:
            raise ValueError("a tool cannot be called leave: the model leaves by that name")
        return self


Step = Annotated[
    SayStep
    | AskStep
    | MenuStep
    | CallStep
    | VerifyStep
    | RelayStep
    | BranchStep
    | DoStep
    | ReturnStep
    | HandoffStep
    | HangUpStep
    | ConverseStep,
    Field(discriminator="type"),
]


def targets(step: Step) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The steps that ``step`` may lead to, each with its path inside the step."""
    if isinstance(step, Listening) and step.ladder.then != PERSON:
        yield ("ladder", "then"), step.ladder.then
    match step:
        case SayStep():
            yield ("then",), step.then
        case DoStep():
            yield ("then",), step.then
            for outcome, target in step.on.items():
                yield ("on", outcome), target
        case AskStep():
            for name in ("then", "yes", "no", "unknown"):
                if target := getattr(step, name):
                    yield (name,), target
            for key, option in step.options.items():
                if option.then:
                    yield ("options", key, "then"), option.then
        case MenuStep():
            if step.fallback is not None:
                yield ("fallback",), step.fallback
            for key, intent in step.intents.items():
                yield ("intents", key, "then"), intent.then
            for name in ("yes", "no"):
                if target := getattr(step, name):
                    yield (name,), target
        case CallStep():
            for name in type(step.on).model_fields:
                if target := getattr(step.on, name):
                    yield ("on", name), target
        case BranchStep():
            for index, when in enumerate(step.when):
                yield ("when", index, "then"), when.then
            yield ("otherwise",), step.otherwise
        case ConverseStep():
            yield ("offline",), step.offline
            for name, way in step.exits.items():
                yield ("exits", name, "then"), way.then
        case ReturnStep() | HandoffStep() | HangUpStep():
            return
