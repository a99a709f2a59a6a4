"""What the event log alone can tell a person, for when the dialogue itself has failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from voice import events as ev
from voice.events import Event
from voice.insight.standing import standing
from voice.model import Handoff, IntentGuess, Result, Slot, Source


def from_log(events: Sequence[Event], *, reason: str, queue: str, lang: str) -> Handoff:
    """A handoff folded from the event log alone: for when the dialogue itself broke, so that the caller
    need not repeat anything even then."""
    slots: dict[str, Slot] = {}
    intent: IntentGuess | None = None
    alternatives: tuple[IntentGuess, ...] = ()
    also: dict[str, IntentGuess] = {}
    results: dict[str, Result] = {}
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
        elif isinstance(data, ev.ValuesSaved):
            results |= {name: _result(name, value) for name, value in data.values.items()}
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
    )


def _result(name: str, value: object) -> Result:
    if isinstance(value, bool):
        return Result(name, "yes_no", "yes" if value else "no")
    return Result(name, "text", str(value))
