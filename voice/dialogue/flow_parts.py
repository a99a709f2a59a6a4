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
    model_validator,
)

from voice.model import LANGUAGES

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
