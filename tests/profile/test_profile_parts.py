"""Keys, lock-outs, and what a call leaves to remember: the pure parts of a caller's profile."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice import events as ev
from voice.call.handover import from_log
from voice.dialogue.loader import load_business
from voice.errors import ConfigError
from voice.events import Event, EventData
from voice.profile import lock, merge
from voice.profile.facts import CallFacts, FlowFacts, cut_call, fold_call
from voice.profile.keys import KEY_FILE, Keys, load_keys, plain_number
from voice.profile.lock import Policy

PROMPTS = Path(__file__).parents[2] / "prompts"
NUMBER = "+34600111222"
KEYS = Keys(b"0123456789abcdef")
FACTS = FlowFacts(
    "shop", "v1",
    asks={"customer": "customer", "order": "order", "pin": "pin"},
    answers=frozenset({"told"}),
    forgets={"unknown": ("order",)},
    sensitive=frozenset({"pin"}),
)  # fmt: skip
NAMES = ("order", "order_state")
WALL = 1_768_381_200_000  # 2026-01-14 10:00 in Madrid


def call(*data: EventData, outcome: str = "abandoned", flow: str = "v1") -> CallFacts:
    began = ev.CallStarted("twilio", NUMBER, "+34910000000", "es", "shop", flow, WALL)
    all_data = [began, *data, ev.CallEnded(outcome, "x", 60_000)]
    return fold_call([Event("CA1", n, n * 10, item) for n, item in enumerate(all_data)], FACTS)


def filled(name: str, value: str, sensitive: bool = False) -> ev.SlotFilled:
    return ev.SlotFilled(name, value, value, 0.9, False, "speech", name, sensitive)


ORDER = (
    ev.IntentRecognised("order", 0.9, "saber de un pedido"),
    ev.StepEntered("customer"),
    filled("customer", "12345678"),
    ev.StepEntered("order"),
)

# --- keys -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        (NUMBER, "34600111222"),
        ("0034 600-111-222", "34600111222"),
        ("+1 (202) 555-0131", "12025550131"),
        ("", ""),
        ("anonymous", ""),
        ("+266696687", ""),
        ("7378742833", ""),
        ("client:ana", ""),
        ("112", ""),
        ("9" * 30, ""),
    ],
)
def test_numbers_and_withheld_ones(raw: str, plain: str) -> None:
    assert plain_number(raw) == plain
    assert bool(KEYS.number(raw)) == bool(plain)


def test_keys_tell_nothing_and_differ_by_what_they_are_for() -> None:
    found = {
        KEYS.number(NUMBER),
        KEYS.identity("customer", "34600111222"),
        KEYS.identity("dni", "34600111222"),
        KEYS.lock(KEYS.number(NUMBER)),
        Keys(b"another secret of 16").number(NUMBER),
    }
    assert len(found) == 5
    assert not any("600111222" in key for key in found)
    assert KEYS.identity("dni", "12.345.678-z") == KEYS.identity("dni", "12345678Z")
    assert KEYS.identity("dni", " - ") == ""


def test_the_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    one = load_keys(tmp_path)
    assert load_keys(tmp_path).number(NUMBER) == one.number(NUMBER)
    file = tmp_path / KEY_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == [KEY_FILE]
    assert load_keys(tmp_path, "a setting of our own").number(NUMBER) != one.number(NUMBER)
    file.write_bytes(b"short")
    with pytest.raises(ConfigError, match="is damaged"):
        load_keys(tmp_path)
    with pytest.raises(ConfigError, match="at least 16"):
        load_keys(tmp_path, "short")


# --- lock-outs ------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(gaps=st.lists(st.integers(0, 40 * 60_000), min_size=1, max_size=40), after=st.integers(1, 6))
def test_never_more_wrong_tries_than_allowed_in_any_window(gaps: list[int], after: int) -> None:
    policy = Policy(after, 30)
    record, now, judged = None, 0, []
    for gap in gaps:
        now += gap
        record = lock.begin(record, now, policy)
        if not lock.is_locked(record, now):
            judged.append(now)
            record = lock.wrong(record, now, policy)
    for start in judged:
        assert sum(start <= at < start + policy.ms for at in judged) <= after


def test_a_right_one_takes_its_own_try_back_and_a_lock_ends() -> None:
    policy = Policy(2, 30)
    one = lock.begin(None, 1000, policy)
    assert lock.take_back(one, 1000) is None
    two = lock.wrong(lock.begin(lock.wrong(one, 1000, policy), 2000, policy), 2000, policy)
    assert lock.is_locked(two, 2000)
    assert lock.begin(two, 3000, policy) is two, "trying while locked does not lengthen it"
    assert not lock.is_locked(lock.begin(two, 2000 + policy.ms, policy), 2000 + policy.ms)
    assert lock.begin({"tries": "x", "until": None}, 5, policy) == {"tries": [5], "until": 0}


def test_a_lock_lasts_twice_as_long_each_time_up_to_a_day() -> None:
    policy, now, lasted = Policy(2, 30), 0, []
    record: dict[str, Any] = {}
    for _ in range(9):
        while not lock.is_locked(record, now):
            record = lock.wrong(lock.begin(record, now, policy), now, policy)
        lasted.append((record["until"] - now) // 60_000)
        now = record["until"]
    assert lasted == [30, 60, 120, 240, 480, 960, 1440, 1440, 1440]
    assert lock.begin(record, now + lock.MEMORY_MS, policy) == {"tries": [now + lock.MEMORY_MS], "until": 0}
    assert Policy(5, 1440).lock_ms(3) == lock.LONGEST_MS


def test_what_two_places_counted_is_added_up() -> None:
    assert lock.merged(None, None) is None
    one, other = {"tries": [1, 2, 2], "until": 9, "locks": 1}, {"tries": [2, 3], "until": 0}
    assert lock.merged(one, other) == {"tries": [1, 2, 2, 3], "until": 9, "locks": 1}
    assert lock.merged(other, one) == lock.merged(one, other)
    assert lock.merged(one, None) == one


# --- what a call leaves ---------------------------------------------------------------------------------


def test_a_call_cut_at_a_question_goes_on_there_with_what_was_collected() -> None:
    cut = cut_call(call(*ORDER, filled("order", "654321")), FACTS)
    assert cut is not None
    assert (cut.step, cut.intent.intent, cut.lang, cut.call_id) == ("order", "order", "es", "CA1")
    assert [(slot.name, slot.value) for slot in cut.slots] == [("customer", "12345678")], "this one is asked"
    body = merge.cut_to_json(cut, "shop", "v1")
    again = merge.cut_from_json(body, "shop", "v1")
    assert again is not None
    assert (again.step, again.intent, [s.value for s in again.slots]) == ("order", cut.intent, ["12345678"])
    assert merge.cut_from_json(body, "shop", "v2") is None
    assert merge.cut_from_json(body | {"slots": [1]}, "shop", "v1") is None
    assert merge.cut_from_json({}, "shop", "v1") is None


@pytest.mark.parametrize(
    ("data", "outcome"),
    [
        (ORDER, "completed"),
        (ORDER, "transferred"),
        ((*ORDER, ev.StepEntered("told")), "abandoned"),
        ((*ORDER, ev.HandoffRequested("caller_asked", "general", 5)), "abandoned"),
        (ORDER[:1], "abandoned"),
        (ORDER[1:], "abandoned"),
        ((), "abandoned"),
    ],
)
def test_what_is_no_cut_call(data: tuple[EventData, ...], outcome: str) -> None:
    assert cut_call(call(*data, outcome=outcome), FACTS) is None


def test_what_an_action_is_given_does_not_come_back_by_the_number_alone() -> None:
    """A forged number is no proof: the customer number is asked for again, and so is what follows."""
    careful = replace(FACTS, acted_on=frozenset({"customer"}))
    saved = ev.ValuesSaved("look", {"amount": "42.50"})
    for data in (ORDER, (*ORDER, saved)):
        cut = cut_call(call(*data), careful)
        assert cut is not None
        assert (cut.step, cut.slots, dict(cut.saved)) == ("", (), {})
    told = replace(careful, told=frozenset({"customer"}))
    cut = cut_call(call(*ORDER), told)
    assert cut is not None
    assert (cut.step, [slot.value for slot in cut.slots]) == ("order", ["12345678"])
    cut = cut_call(call(*ORDER[:3], saved, *ORDER[3:]), told)
    assert cut is not None
    assert (cut.step, dict(cut.saved)) == ("", {})


def test_the_sample_line_gives_no_customer_number_back() -> None:
    facts = FlowFacts.of(load_business("telecom", PROMPTS).flow)
    assert facts.needs_the_caller("customer")
    assert not facts.needs_the_caller("order_number"), "the flow tells it by the number anyway"


def test_a_question_that_is_put_again_after_a_digression_is_open() -> None:
    aside = (ev.IntentRecognised("hours", 0.9), ev.StepEntered("told"))
    assert cut_call(call(*ORDER, *aside), FACTS) is None
    again = ev.BotSaid(7, "¿Qué pedido?", "es", "order", "any")
    cut = cut_call(call(*ORDER, *aside, again), FACTS)
    assert cut is not None
    assert (cut.step, cut.intent.intent) == ("order", "order")


def test_a_cut_call_of_another_version_is_not_gone_on_with() -> None:
    assert cut_call(call(*ORDER, flow="v0"), FACTS) is None


def test_after_an_identity_check_it_goes_on_before_it() -> None:
    """Whoever rings from the same number within ten minutes must prove who they are again."""
    checked = ev.IdentityChecked("customer", "factor", "ok", identity="i:abc")
    saved = ev.ValuesSaved("check", {"name": "Ana"})
    cut = cut_call(call(*ORDER[:3], checked, saved, *ORDER[3:]), FACTS)
    assert cut is not None
    assert (cut.step, dict(cut.saved)) == ("", {})


def test_sensitive_rejected_and_forgotten_values_are_not_kept() -> None:
    found = call(
        *ORDER,
        filled("order", "111111"),
        ev.SlotConfirmed("order", "rejected"),
        ev.StepEntered("pin"),
        filled("pin", "7391"),
        filled("code", "••••••", sensitive=True),
        ev.ValuesSaved("get", {"order_state": "shipped"}),
    )
    assert set(found.slots) == {"customer"}
    assert found.value("order_state") == "shipped"
    gone = call(*ORDER, filled("order", "222222"), ev.StepEntered("unknown"))
    assert gone.value("order") is None


def test_a_profile_grows_with_calls_and_shows_as_strings() -> None:
    first = call(
        *ORDER, filled("order", "654321"), ev.LanguageChanged("en", "asked"),
        ev.TicketChanged("t-CA1", "waiting"), outcome="transferred",
    )  # fmt: skip
    profile = merge.merge(None, first, NAMES, "")
    day = 86_400_000
    shown = merge.as_values(profile, {"t-CA1"}, WALL + 2 * day, "Europe/Madrid")
    assert shown == {
        "known": "yes", "calls": "1", "language": "en", "last_call": "2026-01-14", "days": "2",
        "last_intent": "order", "last_outcome": "transferred", "order": "654321",
        "open_case": "order", "open_case_day": "2026-01-14",
    }  # fmt: skip
    second = call(*ORDER, ev.CallerKeyed("1"), ev.CallerKeyed("2"), ev.CallerKeyed("3"), ev.CallerKeyed("4"))
    profile = merge.merge(profile | {"set": {"vip": "yes", "calls": "9"}}, second, NAMES, "yes")
    shown = merge.as_values(profile, set(), WALL + 60_000, "Europe/Madrid")
    assert (shown["calls"], shown["days"], shown["last_outcome"]) == ("2", "0", "cut")
    assert (shown["vip"], shown["prefers"], shown["consent"], shown["order"]) == (
        "yes", "keypad", "yes", "654321",
    )  # fmt: skip
    assert "open_case" not in shown
    fewer = merge.merge(profile, second, ("order_state",), "")
    assert "order" not in fewer["values"], "what a flow no longer remembers goes"


def test_history_and_cases_do_not_grow_for_ever() -> None:
    profile = None
    handed = call(*ORDER, ev.TicketChanged("t-1", "waiting"), outcome="transferred")
    for _ in range(30):
        profile = merge.merge(profile, handed, NAMES, "")
    assert profile is not None
    assert (len(profile["history"]), len(profile["cases"]), profile["calls"]) == (10, 5, 30)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(["calls", "first", "last", "lang", "consent", "history", "values", "cases", "set"])


@settings(max_examples=100, deadline=None)
@given(damaged=st.dictionaries(FIELDS, JSON))
def test_a_damaged_profile_is_read_as_far_as_it_goes(damaged: dict[str, object]) -> None:
    shown = merge.as_values(dict(damaged), {"t"}, WALL, "Europe/Madrid")
    assert all(isinstance(value, str) and value for value in shown.values())
    merged = merge.merge(dict(damaged), call(*ORDER), NAMES, "")
    assert merge.as_values(merged, set(), WALL, "Europe/Madrid")["known"] == "yes"


def test_a_handoff_from_the_log_alone_knows_what_was_proved() -> None:
    """When the dialogue itself breaks."""
    data = [
        filled("customer", "12345678"),
        filled("order", "654321"),
        ev.IdentityChecked("customer", "factor", "failed"),
        ev.IdentityChecked("customer", "factor", "ok", identity="i:abc"),
    ]
    log = [Event("CA1", n, n, item) for n, item in enumerate(data)]
    slots = {s.name: s for s in from_log(log, reason="fault", queue="general", lang="es").slots}
    assert (slots["customer"].verified, slots["order"].verified) == (True, False)


@pytest.mark.parametrize(
    ("ended", "how"),
    [
        ((), {"book": "uncertain"}),  # the line went while it ran
        ((ev.ActionFinished("book-1", "x", True, 9),), {"book": "ok"}),
        ((ev.ActionFinished("book-1", "x", False, 9, "fault", True),), {"book": "uncertain"}),
        ((ev.ActionFinished("book-1", "x", False, 9, "refused"),), {}),
    ],
)
def test_what_a_cut_call_did_or_may_have_done_goes_with_it(
    ended: tuple[EventData, ...], how: dict[str, str]
) -> None:
    facts = replace(FACTS, once=frozenset({"book"}))
    data = (*ORDER, ev.ActionStarted("look_up-1", "y"), ev.ActionStarted("book-1", "x"), *ended)
    began = ev.CallStarted("twilio", NUMBER, "+34910000000", "es", "shop", "v1", WALL)
    all_data = [began, *data, ev.CallEnded("abandoned", "x", 60_000)]
    kept = fold_call([Event("CA1", n, n * 10, item) for n, item in enumerate(all_data)], facts)
    cut = cut_call(kept, facts)
    assert cut is not None
    assert dict(cut.begun) == how
    again = merge.cut_from_json(merge.cut_to_json(cut, "shop", "v1"), "shop", "v1")
    assert again is not None
    assert dict(again.begun) == how


def test_who_wants_to_be_forgotten_is_not_remembered_anew_where_that_failed() -> None:
    wish = ev.ActionStarted("forget-1", "forget_caller")
    failed = ev.ActionFinished("forget-1", "forget_caller", False, 9, "fault")
    assert call(*ORDER, wish, failed).erased
    assert not call(*ORDER, ev.ActionStarted("book-1", "book")).erased
