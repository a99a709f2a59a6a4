"""The words that every part of a flow file is made of: names, texts, keys, and the base of all models."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from voice.model import LANGUAGES

PERSON_KEY = "0"


def _scalar_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Ref = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=200)]
"""A name, or one inside a sub-flow (``payment.card``) or of the caller's profile (``profile.name``)."""
Spoken = Annotated[str, StringConstraints(min_length=1, max_length=1000, strip_whitespace=True)]


def _spoken_language(value: str) -> str:
    if value not in LANGUAGES:
        raise ValueError(f"'{value}' is not a language of this line: write {' or '.join(LANGUAGES)}")
    return value


LangCode = Annotated[
    str, AfterValidator(_spoken_language), Field(json_schema_extra={"enum": list(LANGUAGES)})
]
Text = dict[LangCode, Spoken]
Key = Annotated[
    str,
    BeforeValidator(_scalar_text),
    StringConstraints(pattern=r"^[0-9]$"),
    WithJsonSchema({"type": ["integer", "string"], "minimum": 0, "maximum": 9, "pattern": "^[0-9]$"}),
]
Scalar = Annotated[str, BeforeValidator(_scalar_text), WithJsonSchema({"type": ["string", "number"]})]
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


PERSON = "person"


class Ladder(Part):
    """How often the line tries again at one question, and where it goes then."""

    no_input: int = Field(2, ge=0, le=5, description="Tries after silence")
    no_match: int = Field(2, ge=0, le=5, description="Tries after words that were not understood")
    total: int = Field(4, ge=0, le=8, description="Tries of both kinds together")
    then: Ref = Field(PERSON, description="'person', or a step")


def group_of(name: str) -> str:
    """The sub-flow that a step, slot or variable belongs to; "" for the flow itself."""
    return name.rpartition(".")[0]


class BaseStep(Part):
    forget: tuple[Ref, ...] = Field((), description="Slots to empty on arriving here")
    intent: Name | None = Field(None, description="Arriving here means that the caller wants this")
