"""What a flow file says about an action: where it is answered, how patiently, and which fields it has."""

from __future__ import annotations

from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from voice.webhooks.fields import FieldName, FieldSpec


class Webhook(BaseModel):
    """An action answered by a web server of the business: POST with JSON, JSON back. Without ``url`` and
    ``url_env`` it is the Python function of its name, with its fields checked all the same; so it is while
    the variable that ``url_env`` names is not set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field("", description="Where it is answered; fixed, nothing a caller says changes it")
    url_env: str = Field(
        "", pattern=r"^[A-Z_][A-Z0-9_]*$|^$", description="The environment variable that holds the address"
    )
    path: str = Field("", pattern=r"^(/[A-Za-z0-9._~/-]*)?$", description="Added to what url_env holds")
    secret_env: str = Field(
        "", pattern=r"^[A-Z_][A-Z0-9_]*$|^$", description="The one that holds the secret for signing"
    )
    time_limit_ms: int = Field(10000, ge=100, le=60000, description="For everything, retries included")
    retries: int = Field(2, ge=0, le=5, description="How often it is tried again")
    idempotent: bool = Field(
        False,
        description="The same key twice does a thing once: try again also when a request may have arrived",
    )
    parameters: dict[FieldName, FieldSpec] | None = None
    result: dict[FieldName, FieldSpec] | None = None

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        if value:
            check_address(value)
        return value

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if self.url and self.url_env:
            raise ValueError("write url or url_env, not both")
        if self.path and not self.url_env:
            raise ValueError("path is added to the address of url_env; write it into url otherwise")
        if not (self.url or self.url_env) and self.secret_env:
            raise ValueError("secret_env signs requests: it needs url or url_env")
        if not (self.url or self.url_env or self.parameters or self.result):
            raise ValueError("write url or url_env, or the parameters and result of a function in actions.py")
        return self


def check_address(value: str) -> None:
    """Raises ValueError unless ``value`` is a plain http or https address."""
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        (parts.hostname or "").encode("idna")  # as looking it up will: an empty or endless label is no name
    except ValueError:
        good = False
    if not good or any(c in value for c in "{}<>\\ ") or not value.isprintable():
        raise ValueError("must be an address such as https://shop.example/hooks/book, without {}")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a name or password; use secret_env")
