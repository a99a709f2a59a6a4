"""The head of a flow file: what holds for the whole line."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from voice.dialogue.flow_parts import Name, Part, Text
from voice.dialogue.hours import parse_holidays, parse_hours


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


class Webhook(Part):
    """An action answered by a web server of the business: POST with JSON, JSON back."""

    url: str = Field(pattern=r"^https?://[^\s{}]+$")
    secret_env: str = Field("", pattern=r"^[A-Z_][A-Z0-9_]*$|^$")
    time_limit_ms: int = Field(10000, ge=100, le=60000)
