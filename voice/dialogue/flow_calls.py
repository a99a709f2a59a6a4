"""The steps of a flow that ask somebody else: an action, a proof of who is calling, another application."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from voice.dialogue.flow_parts import BaseStep, Name, Part, Ref, Text

# the action of a verify step that compares with the code that was sent
ONE_TIME_CODE = "one_time_code"
RELAY = "relay"  # that of a relay step


class Branches(Part):
    ok: Ref
    not_found: Ref | None = None
    failed: Ref | None = None
    timeout: Ref | None = None


class CallStep(BaseStep):
    type: Literal["call"]
    action: Name
    label: Text
    with_: tuple[Ref, ...] | dict[Name, Ref] = Field((), alias="with")
    save: dict[Ref, Name] = Field(default_factory=dict)
    limit_ms: int | None = Field(None, ge=500, le=60000)
    once: bool = Field(
        False, description="It does something (books, files, orders): once for what the caller wants"
    )
    change: Name | None = Field(
        None,
        description="The action that changes what was done, when the caller corrects an answer afterwards: "
        "it gets the same, and what save keeps. Without it a person does",
    )
    on: Branches

    @model_validator(mode="after")
    def _once_is_a_call(self) -> Self:
        if self.does_once and self.type != "call":
            raise ValueError("once and change belong to steps of type call")
        return self

    @property
    def does_once(self) -> bool:
        return self.once or self.change is not None

    @property
    def arguments(self) -> dict[str, str]:
        """Parameter of the action to slot or variable."""
        return dict(self.with_) if isinstance(self.with_, dict) else {name: name for name in self.with_}

    @property
    def parameters(self) -> tuple[str, ...]:
        """What the action is called with."""
        return tuple(self.arguments)

    def after(self, value: Mapping[str, Any]) -> str:
        """Where an answer leads."""
        return self.on.ok


class VerifyBranches(Branches):
    """``failed``: it was wrong and may be tried again; ``locked``: it may not; ``expired``: there is no
    code (any more); ``fault``: it could not be checked (a person, unless written)."""

    locked: Ref | None = None
    expired: Ref | None = None
    fault: Ref | None = None


class VerifyStep(CallStep):
    """Proves that the caller is who ``identity`` says. With ``factor`` and ``action`` the action knows
    whether the secret is right and answers ``verified``; with ``send`` it sends the one-time code that it
    is given; with ``factor`` alone, that is compared with the code that was sent."""

    type: Literal["verify"]  # type: ignore[assignment]
    action: Name = ONE_TIME_CODE
    identity: Ref = Field(description="The slot that says who the caller is")
    factor: Ref | None = Field(None, description="The sensitive slot with the secret or the code")
    send: bool = Field(False, description="Send a code: the action gets it as code, with minutes")
    attempts: int = Field(3, ge=1, le=5, description="Wrong ones in a call before it is locked")
    lock_after: int = Field(5, ge=1, le=20, description="Wrong ones over all calls before it is locked")
    lock_minutes: int = Field(30, ge=1, le=1440, description="For how long; twice as long each time again")
    withheld_after: int = Field(
        20,
        ge=1,
        le=1000,
        description="Wrong ones of all who withhold their number before they are locked out",
    )
    digits: int = Field(6, ge=4, le=10, description="Of the code that is sent")
    minutes: int = Field(5, ge=1, le=30, description="How long that code is good")
    on: VerifyBranches

    @property
    def method(self) -> Literal["factor", "code", "send"]:
        if self.send:
            return "send"
        return "code" if self.action == ONE_TIME_CODE else "factor"

    @property
    def arguments(self) -> dict[str, str]:
        given = super().arguments
        if given:
            return given
        names = [self.identity, *([self.factor] if self.factor else [])]
        return {name.rpartition(".")[2]: name for name in names}

    @property
    def parameters(self) -> tuple[str, ...]:
        return (*self.arguments, *(("code", "minutes") if self.send else ()))

    @model_validator(mode="after")
    def _proves_something(self) -> Self:
        if self.send and (self.factor or self.action == ONE_TIME_CODE):
            raise ValueError("send: true needs an action that sends the code, and has no factor")
        if not self.send and self.factor is None:
            raise ValueError("write factor: the slot with the secret, or send: true to send a code")
        if not self.send and self.on.failed is None:
            raise ValueError("on needs failed: where a wrong secret leads, for example back to its question")
        if self.withheld_after < self.lock_after:
            raise ValueError(
                f"withheld_after ({self.withheld_after}) counts the wrong ones of many callers: it cannot be "
                f"less than lock_after ({self.lock_after}), which counts one caller's"
            )
        return self


class RelayBranches(Part):
    """``ended``: the application was done; ``handoff``: it handed something back (else as ended); ``failed``:
    it could not be reached or broke off; ``timeout``: it, or the caller, said nothing any more."""

    ended: Ref
    handoff: Ref | None = None
    failed: Ref | None = None
    timeout: Ref | None = None

    @property
    def ok(self) -> str:
        return self.ended

    @property
    def not_found(self) -> str | None:
        return self.failed


Address = Annotated[str, Field(pattern=r"^https?://[^\s{}@/]+/[^\s{}]*$", max_length=500)]


class RelayStep(CallStep):
    """Hands the conversation to an external ConversationRelay application; we hear and speak for it."""

    type: Literal["relay"]  # type: ignore[assignment]
    action: Name = RELAY
    url: str = Field(pattern=r"^wss?://[^\s{}@]+$", max_length=500)
    secret_env: str = Field("", pattern=r"^[A-Z_][A-Z0-9_]*$|^$", description="Signs the request")
    send_sensitive: bool = Field(False, description="Sensitive slots named in with are sent, too")
    partial: bool = Field(False, description="What the caller says is also sent while they are saying it")
    play_from: tuple[Address, ...] = Field(
        (), description="How addresses of recordings may begin, beside those at the application's own host"
    )
    no_input_ms: int = Field(8000, ge=1000, le=60000)
    endpoint_ms: int = Field(800, ge=100, le=5000)
    limit_s: int = Field(600, ge=10, le=7200, description="The longest that the application has the caller")
    on: RelayBranches  # type: ignore[assignment]

    def after(self, value: Mapping[str, Any]) -> str:
        return self.on.handoff or self.on.ended if value.get("handed") else self.on.ended
