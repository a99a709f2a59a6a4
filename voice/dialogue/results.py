"""What actions answered and the flow kept, for whoever takes the call: typed, named, and from where. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from voice.dialogue.flow import Flow
from voice.dialogue.flow_calls import CallStep
from voice.dialogue.texts import Texts
from voice.model import Result
from voice.webhooks.fields import LONGEST_TEXT, FieldSpec

HIDDEN: Final = "••••"
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME: Final = re.compile(r"\d{2}:\d{2}")


@dataclass(frozen=True, slots=True)
class Kept:
    """A value as slots keep it, and the step and the field of its action's answer that it came from."""

    step: str
    field: str
    value: str
    type: str


def kept(flow: Flow, name: str, step: CallStep, field: str, value: Any) -> Kept | None:
    """None of what is no single value (a list, an object) or none at all."""
    spec = _spec(flow, step, field)
    if isinstance(value, bool):
        return Kept(name, field, "yes" if value else "no", "yes_no")
    if not isinstance(value, str | int | float) or value == "":
        return None
    text = str(value)[:LONGEST_TEXT]
    return Kept(name, field, text, spec.type if spec else _looks_like(value, text))


def presented(
    flow: Flow, texts: Texts, results: Mapping[str, Kept], told: frozenset[str], lang: str
) -> tuple[Result, ...]:
    """For people who read ``lang``. ``told``: names of what the caller has heard."""
    return tuple(_presented(flow, texts, name, one, name in told, lang) for name, one in results.items())


def _presented(flow: Flow, texts: Texts, name: str, one: Kept, told: bool, lang: str) -> Result:
    step = flow.steps[one.step]
    assert isinstance(step, CallStep)
    spec = _spec(flow, step, one.field)
    hidden = spec is not None and spec.sensitive
    shown = texts.get(one.value, lang) if one.type == "yes_no" else ""
    if spec is not None and one.type == "choice":
        shown = spec.option(one.value, lang)
    return Result(
        name=name,
        type=one.type,
        value=HIDDEN if hidden else one.value,
        label=spec.label.get(lang, "") if spec else "",
        shown="" if hidden else shown,
        action=step.action,
        source=step.label.get(lang, ""),
        sensitive=hidden,
        told=told,
    )


def _spec(flow: Flow, step: CallStep, field: str) -> FieldSpec | None:
    declared = flow.actions.get(step.action)
    return (declared.result or {}).get(field) if declared else None


def _looks_like(value: str | int | float, text: str) -> str:
    if isinstance(value, int | float):
        return "integer" if isinstance(value, int) else "amount"
    return "date" if _DATE.fullmatch(text) else "time" if _TIME.fullmatch(text) else "text"
