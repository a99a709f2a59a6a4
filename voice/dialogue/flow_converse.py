"""The parts of a ``converse`` step: the tools of a language model, its ways out, and how much it may cost."""

from __future__ import annotations

from pydantic import Field

from voice.dialogue.flow_parts import Name, Part, Ref, Text


class ModelTool(Part):
    """An action that the model may ask for."""

    action: Name
    label: Text = Field(description="Completes 'do you want to ...?'; tells the model what it does")
    with_: tuple[Ref, ...] | dict[Name, Ref] = Field((), alias="with")
    tells: tuple[Name, ...] = Field((), description="The fields of the result that the model may know")
    changes: bool = Field(True, description="It changes something: the caller must say yes first")

    @property
    def arguments(self) -> dict[str, str]:
        """Parameter of the action to slot or variable."""
        return dict(self.with_) if isinstance(self.with_, dict) else {name: name for name in self.with_}


class ConverseExit(Part):
    """A way out that the model may take."""

    when: Text = Field(description="For the model: when this is the way to go on")
    then: Ref


class ConverseLimits(Part):
    """How much one stay may cost."""

    turns: int = Field(6, ge=1, le=30, description="Of the caller")
    tokens: int = Field(12_000, ge=200, le=200_000, description="Of questions and answers together")
    answer_tokens: int = Field(300, ge=20, le=2000)
    tool_rounds: int = Field(3, ge=1, le=10, description="Times that tools are asked for in one turn")
    sentences: int = Field(4, ge=1, le=10, description="In one answer")
