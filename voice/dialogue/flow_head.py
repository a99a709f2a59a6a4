"""The head of a flow file: what holds for the whole line."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from voice.dialogue.conditions import Condition, parse_condition
from voice.dialogue.flow_parts import Ladder, LangCode, Name, Part, Ref, Text
from voice.dialogue.hours import parse_holidays, parse_hours
from voice.model import BargeIn


def _readable_hours(value: dict[str, Any]) -> dict[str, Any]:
    parse_hours(value)
    return value


def _readable_holidays(value: Any) -> Any:
    parse_holidays(value)
    return value


def _whole(value: dict[str, int]) -> dict[str, int]:
    if len(value) < 2 or sum(value.values()) != 100 or min(value.values()) < 0:
        raise ValueError("write two arms or more with their shares of callers, which add up to 100")
    return value


Shares = Annotated[dict[Name, int], AfterValidator(_whole)]
"""The arms of an experiment, each with its percentage of callers."""
Schedule = Annotated[dict[str, Any], AfterValidator(_readable_hours)]
"""Opening hours: days of the week, ``closed``, ``holidays`` and ``except`` (see voice.dialogue.hours)."""
Holidays = Annotated[str | tuple[str, ...], AfterValidator(_readable_holidays)]
"""Days, and ranges of days, of every year or of one."""


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


class Defaults(Part):
    """What every question (and, for ``barge_in``, every ``say``) has unless it says otherwise."""

    barge_in: BargeIn | None = None
    no_input_ms: int | None = Field(None, ge=1000, le=60000)
    endpoint_ms: int | None = Field(None, ge=100, le=5000)
    max_speech_ms: int | None = Field(None, ge=2000, le=60000)
    inter_digit_ms: int | None = Field(None, ge=500, le=10000)
    ladder: Ladder | None = None


class Group(Part):
    """A sub-flow: its steps stand among the flow's, under names that begin with its own."""

    inputs: tuple[Name, ...] = ()
    outputs: tuple[Name, ...] = ()
    start: Ref


def _moment(value: str) -> str:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f"'{value}' is not a moment: write 2026-03-01 or 2026-03-01 18:00") from None
    return value


Moment = Annotated[str, AfterValidator(_moment)]


class Campaign(Part):
    """Something to tell callers for a while, such as a known outage. Each call hears it once."""

    text: Text
    if_: str = Field("", alias="if")
    from_: Moment | None = Field(None, alias="from")
    until: Moment | None = Field(None, description="A day counts to its end")
    languages: tuple[LangCode, ...] = ()
    after: str = Field("disclosure", pattern=r"^(disclosure|intent [a-z][a-z0-9_]*)$")
    barge_in: BargeIn = BargeIn.ANY
    enough: Text | None = Field(None, description="Asks whether that is all; a yes ends the call")
    retry: tuple[Text, ...] = ()

    @field_validator("if_")
    @classmethod
    def _readable(cls, value: str) -> str:
        if value:
            parse_condition(value)
        return value

    @cached_property
    def condition(self) -> Condition | None:
        return parse_condition(self.if_) if self.if_ else None

    @property
    def intent(self) -> str:
        """The intent that it follows; "" after the disclosure."""
        return self.after.removeprefix("intent ") if self.after != "disclosure" else ""

    def runs_at(self, local: datetime) -> bool:
        """Whether ``local`` lies between ``from`` and ``until``."""
        here = local.replace(tzinfo=None)
        if self.from_ and here < datetime.fromisoformat(self.from_):
            return False
        if self.until is None:
            return True
        until = datetime.fromisoformat(self.until)
        return here < until if len(self.until) > len("2026-03-01") else here.date() <= until.date()
