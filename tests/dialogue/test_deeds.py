"""What a call has done, and what it does not know whether it has: the ledger by itself."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

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


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["ok", "lost", "failed", "wish"]), st.integers(0, 2)), max_size=12))
def test_a_key_is_never_used_for_two_things(turns: list[tuple[str, int]]) -> None:
    """A key stands for one action with one set of arguments; within a wish, at most one booking is made."""
    deeds, used, booked = Deeds(), dict[str, tuple[str, int]](), 0
    for what, day in turns:
        if what == "wish":
            deeds.new_wish()
            booked = 0
            continue
        plan = deeds.plan("book", STEP, {"day": day})
        if plan.way in (Way.DONE, Way.PERSON):
            continue
        assert used.setdefault(plan.key, (plan.action, day)) == (plan.action, day)
        assert plan.way is Way.RUN or plan.arguments["number"] == "7"
        if what == "ok":
            booked += plan.way is Way.RUN
            deeds.did("book", {"day": day}, {"number": "7"} if plan.way is Way.RUN else {})
        elif what == "lost":
            deeds.unanswered("book", {"day": day})
    assert booked <= 1


def test_another_wish_does_not_forget_what_may_have_been_done() -> None:
    deeds = Deeds()
    lost = deeds.plan("book", STEP, {"day": 1})
    deeds.unanswered("book", {"day": 1})
    deeds.new_wish()
    assert deeds.plan("book", STEP, {"day": 2}).way is Way.PERSON, "the first day may be booked"
    again = deeds.plan("book", STEP, {"day": 1})
    assert (again.way, again.key) == (Way.RUN, lost.key)
    deeds.did("book", {"day": 1}, {})
    deeds.new_wish()
    assert deeds.plan("book", STEP, {"day": 2}).way is Way.RUN
