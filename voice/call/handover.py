"""What the event log alone can tell a person, for when the dialogue itself has failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from voice import events as ev
from voice.events import Event
from voice.insight.standing import standing
from voice.model import Handoff, IntentGuess, Result, Slot, Source, Tried

# by the names of actions: what their steps are called, the log does not know
_ENDED: Final = {
    "ok": {"es": "hecho", "en": "done"},
    "failed": {"es": "falló", "en": "failed"},
    "uncertain": {"es": "puede que se haya hecho", "en": "it may have been done"},
}


def from_log(events: Sequence[Event], *, reason: str, queue: str, lang: str) -> Handoff:
    """A handoff folded from the event log alone: for when the dialogue itself broke, so that the caller
    need not repeat anything even then."""
    slots: dict[str, Slot] = {}
    intent: IntentGuess | None = None
    alternatives: tuple[IntentGuess, ...] = ()
    also: dict[str, IntentGuess] = {}
    results: dict[str, Result] = {}
    actions: dict[str, tuple[str, str]] = {}  # invocation to name, and how it ended
    for event in standing(events):
        data = event.data
        if isinstance(data, ev.SlotFilled):
            slots[data.name] = Slot(
                data.name,
                data.value,
                data.spoken,
                data.confidence,
                data.confirmed,
                Source(data.source),
                data.label,
                data.sensitive,
            )
        elif isinstance(data, ev.SlotConfirmed):
            if data.how == "rejected":
                slots.pop(data.name, None)
            elif data.name in slots:
                slots[data.name] = replace(slots[data.name], confirmed=True)
        elif isinstance(data, ev.IdentityChecked):
            if data.outcome == "ok" and data.slot in slots:
                slots[data.slot] = replace(slots[data.slot], verified=True)
        elif isinstance(data, ev.ActionStarted):
            actions[data.id] = data.name, "uncertain"
        elif isinstance(data, ev.ActionFinished):
            actions[data.id] = data.name, "ok" if data.ok else "uncertain" if data.uncertain else "failed"
        elif isinstance(data, ev.ValuesSaved):
            results |= {name: _result(name, value) for name, value in data.values.items() if value != ""}
        elif isinstance(data, ev.IntentRecognised):
            intent = IntentGuess(data.intent, data.confidence, data.label)
            also.pop(data.intent, None)
            alternatives = tuple(
                IntentGuess(name, confidence) for name, confidence in data.alternatives or []
            )
        elif isinstance(data, ev.WishKept):
            also[data.intent] = IntentGuess(data.intent, data.confidence, data.label)
    return Handoff(
        reason=reason,
        queue=queue,
        priority=3,
        lang=lang,
        intent=intent,
        alternatives=alternatives,
        slots=tuple(slots.values()),
        also=tuple(also.values()),
        results=tuple(one for name, one in results.items() if name not in slots),
        tried=tuple(
            Tried(name, _ENDED[how]["en" if lang == "en" else "es"]) for name, how in actions.values()
        ),
    )


def _result(name: str, value: object) -> Result:
    if isinstance(value, bool):
        return Result(name, "yes_no", "yes" if value else "no")
    return Result(name, "text", str(value))
