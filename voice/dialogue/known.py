"""The names that a flow may use besides its own slots and variables, and their values in a call. Pure.

``today``, ``time``, ``caller`` and ``intent``; ``profile.NAME`` (who is calling); ``experiment.NAME`` (the
arm this call is in); and of each schedule ``NAME.closes``, ``NAME.opens`` and ``NAME.opens_day``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from voice.dialogue.flow import CallStep, Flow
from voice.dialogue.render import FORMS
from voice.webhooks.fields import FORMS as RESULT_FORMS

BUILT_IN = ("today", "time", "caller", "intent")
PROFILE = "profile."
EXPERIMENT = "experiment."
# What a caller's profile may tell of anybody; a flow adds its own under ``profile``.
PROFILE_NAMES = (
    "name",
    "language",
    "vip",  # yes or no
    "known",  # yes when this number has called before
    "verified",  # yes when the caller has shown who they are
    "calls",
    "last_call",  # a date
    "last_intent",
    "last_outcome",
    "open_case",  # an intent that a person still deals with
    "open_case_day",  # a date
    "days",  # since the last call
    "prefers",  # keypad or voice
    "consent",  # yes or no: what the caller said to being remembered
    "remembers",  # yes when this call can be: the number is known and the store answered
)
_PROFILE_FORMS = {"last_call": "date", "open_case_day": "date", "calls": "number", "days": "number"}
_SCHEDULE_FORMS = {"closes": "time", "opens": "time", "opens_day": "date"}


def known_names(flow: Flow) -> set[str]:
    """Every name that is there without being asked for or saved."""
    return {
        *BUILT_IN,
        *(PROFILE + name for name in (*PROFILE_NAMES, *flow.profile, *_remembered(flow))),
        *(EXPERIMENT + name for name in flow.experiments),
        *schedule_forms(flow),
    }


def _remembered(flow: Flow) -> tuple[str, ...]:
    """What the flow itself keeps of its callers."""
    return (*flow.remember.values, *flow.remember.verified) if flow.remember else ()


def schedule_forms(flow: Flow) -> dict[str, str]:
    """The names of the schedules' moments, and how each is said."""
    return {f"{name}.{moment}": form for name in flow.hours for moment, form in _SCHEDULE_FORMS.items()}


def usual_forms(flow: Flow) -> dict[str, str]:
    """How values are said that are no slots, when a text says them without a form: moments of schedules,
    what is known of callers, and what actions declare to answer."""
    forms = schedule_forms(flow) | {PROFILE + name: form for name, form in _PROFILE_FORMS.items()}
    for step in flow.steps.values():
        declared = flow.actions.get(step.action) if isinstance(step, CallStep) else None
        fields = (declared.result if declared else None) or {}
        if isinstance(step, CallStep):
            for variable, field in step.save.items():
                if field in fields and fields[field].type in RESULT_FORMS:
                    forms[variable] = RESULT_FORMS[fields[field].type]
    for name in _remembered(flow):
        kind = flow.slots[name].kind if name in flow.slots else ""
        if kind in FORMS or name in forms:
            forms[PROFILE + name] = kind if kind in FORMS else forms[name]
    return forms


def schedule_values(flow: Flow, local: datetime) -> dict[str, str]:
    """When each schedule closes (while it is open) and opens next."""
    found: dict[str, str] = {}
    for name, hours in flow.opening.items():
        if (closes := hours.closes(local)) is not None:
            found[f"{name}.closes"] = closes.strftime("%H:%M")
        if (opens := hours.opens(local)) is not None:
            found[f"{name}.opens_day"] = opens[0].isoformat()
            found[f"{name}.opens"] = opens[1].strftime("%H:%M")
    return found


def arms_of(flow: Flow, call_id: str) -> dict[str, str]:
    """Experiment to arm: the same for the same call, whatever machine asks. The shares are kept over many
    calls, and experiments do not follow each other (each name is hashed with the call)."""
    return {name: _arm(name, shares, call_id) for name, shares in flow.experiments.items()}


def _arm(name: str, shares: Mapping[str, int], call_id: str) -> str:
    digest = hashlib.sha256(f"{name}\n{call_id}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") % 100
    for arm, share in shares.items():
        if place < share:
            return arm
        place -= share
    raise AssertionError("shares add up to 100")


def profile_values(profile: Mapping[str, str]) -> dict[str, Any]:
    return {PROFILE + name: value for name, value in profile.items()}
