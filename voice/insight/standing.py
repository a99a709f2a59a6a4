"""What stands of a call's events: those of turns that were taken back are left out. Pure.

A caller who had only paused goes on, and the answer to what they had said so far is taken back (see
:mod:`voice.call.rejoin`). The log keeps all of it, with a ``turn.taken_back`` behind it; whoever folds the
log into what was said, meant and done must not count it. What came to pass outside the dialogue stands:
sound, and what the caller heard of the answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from voice import events as ev
from voice.events import Event

# what a dialogue makes of a turn
_TAKEN_BACK: Final = (
    ev.CallerSaid,
    ev.CallerSilent,
    ev.CallerNotUnderstood,
    ev.Responded,
    ev.StepEntered,
    ev.IntentRecognised,
    ev.WishKept,
    ev.KnowledgeAnswered,
    ev.ModelConsulted,
    ev.SlotFilled,
    ev.SlotConfirmed,
    ev.CampaignTold,
    ev.LanguageChanged,
    ev.ValuesSaved,
    ev.CallResumed,
    ev.FrictionDecided,
)


def standing(events: Iterable[Event]) -> list[Event]:
    """The events that stand, in order; of a turn taken back, all that the caller said is where its first part
    was. Works on a call in progress."""
    kept: list[Event] = []
    goes_on_at: int | None = None  # where a turn began whose whole is still to come
    for event in events:
        if isinstance(event.data, ev.CallerSaid) and goes_on_at is not None:
            kept.insert(goes_on_at, event)
            goes_on_at = None
            continue
        if isinstance(event.data, ev.TurnTakenBack):
            said = (n for n in range(len(kept) - 1, -1, -1) if isinstance(kept[n].data, ev.CallerSaid))
            goes_on_at = next(said, len(kept))
            since = kept[goes_on_at:]
            kept[goes_on_at:] = [one for one in since if not isinstance(one.data, _TAKEN_BACK)]
        kept.append(event)
    return kept
