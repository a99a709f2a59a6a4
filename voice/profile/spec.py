"""What a flow remembers of its callers: the ``remember`` section of a flow file."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]


class Remember(BaseModel):
    """Without this section nothing is remembered. ``remember: {}`` keeps the language, what calls were
    about and how they ended, and lets a caller go on after a cut call."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    values: tuple[Name, ...] = Field((), description="Slots and saved values kept for the number's next call")
    verified: tuple[Name, ...] = Field((), description="The same, but only for whoever proved who they are")
    consent: Name | None = Field(
        None,
        description="The yes-or-no slot without whose yes nothing is remembered; a no erases, and lasts",
    )
    days: int = Field(365, ge=1, le=3650, description="Forgotten so long after the last call")
    resume: bool = Field(True, description="A call that was cut off can go on within some minutes")
