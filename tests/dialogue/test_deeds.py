"""What a call has done, and what it does not know whether it has: the ledger by itself."""

from __future__ import annotations

from voice.dialogue.deeds import Deeds, Way
from voice.dialogue.flow_calls import CallStep

STEP = CallStep.model_validate(
    {
        "type": "call",
        "action": "book",
        "label": {"en": "book"},
        "with": ["day"],
        "save": {"booking": "number"},
        "change": "move",
        "on": {"ok": "done"},
    }
)


def test_a_change_that_was_never_answered_may_have_been_made() -> None:
    deeds = Deeds()
    deeds.plan("book", STEP, {"day": 1})
    deeds.did("book", {"day": 1}, {"number": "7"})
    lost = deeds.plan("book", STEP, {"day": 2})
    deeds.unanswered("book", {"day": 2})
    back = deeds.plan("book", STEP, {"day": 1})
    assert (lost.way, back.way) == (Way.CHANGE, Way.CHANGE), "the first day may not be booked any more"
    deeds.unanswered("book", {"day": 1})
    again = deeds.plan("book", STEP, {"day": 2})
    assert again.key not in (lost.key, back.key), "the server would take it for done, and it was undone since"
    assert deeds.plan("book", STEP, {"day": 2}).key == again.key
    deeds.did("book", {"day": 2}, {})
    assert deeds.plan("book", STEP, {"day": 2}).way is Way.DONE
