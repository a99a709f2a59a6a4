"""Conditions, schedules, holidays, the caller's profile and experiments: the small languages of flows."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from voice.dialogue.conditions import parse_condition
from voice.dialogue.hours import Hours, parse_days, parse_holidays, parse_hours
from voice.dialogue.known import _arm
from voice.dialogue.render import Wording, render

VALUES = {
    "balance": "42.50",
    "limit": "100",
    "state": "delivered",
    "due": "2026-02-01",
    "today": "2026-01-14",
    "time": "21:30",
    "profile.vip": "yes",
    "note": "on hold and paid",
    "empty": None,
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("balance > 100 or state is delivered", True),
        ("balance > 100 or state is lost", False),
        ("not balance > 100", True),
        ("not (balance > 10 and state is delivered)", False),
        ("balance > 100 or balance > 10 and state is lost", False),
        ("(balance > 100 or balance > 10) and state is delivered", True),
        ("state in (shipped, delivered)", True),
        ("state in shipped, delivered and balance > 1", True),
        ("state not in (shipped, lost)", True),
        ("state is not in (shipped, delivered)", False),
        ("empty in (a, b)", False),
        ("empty not in (a, b)", True),
        ("profile.vip is yes", True),
        ("profile.name is known", False),
        ("balance < {limit}", True),
        ("balance is {limit}", False),
        ("balance is {empty}", False),
        ("due > {today}", True),
        ("due <= 2026-01-31", False),
        ("time >= 21:00", True),
        ("time >= 2026-01-01", False),
        ('note is "on hold and paid"', True),
        ("not not state is delivered", True),
        ("desk is open and not desk is closed", True),
    ],
)
def test_a_condition(text: str, holds: bool) -> None:
    condition = parse_condition(text)
    assert condition.holds(VALUES, lambda name: name == "desk") is holds
    again = parse_condition(condition.text())
    assert again.holds(VALUES, lambda name: name == "desk") is holds


@pytest.mark.parametrize(
    "text",
    [
        "state is",
        "(balance > 1",
        "balance > 1)",
        "or balance > 1",
        "state in ()",
        "state in (a,)",
        'state is "open',
        "balance > > 1",
        "not",
        "{balance} > 1",
        "Balance > 1",
        "(" * 40 + "a is b" + ")" * 40,
    ],
)
def test_what_is_no_condition_says_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        parse_condition(text)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='abis notrnd()<>=,"{}.15 ', max_size=40))
@example('b<"{}<"')
@example('b<"{"')
@example('b is "{a} {b}"')
def test_any_text_is_a_condition_or_a_clear_error(text: str) -> None:
    try:
        condition = parse_condition(text)
    except ValueError:
        return
    assert condition.holds({}, lambda _: False) is parse_condition(condition.text()).holds(
        {}, lambda _: False
    )


def test_the_names_of_a_condition_can_be_changed() -> None:
    condition = parse_condition("amount > {limit} and office is open and not customer is known")
    renamed = condition.renamed(lambda name: f"pay.{name}")
    assert renamed.text() == "pay.amount > {pay.limit} and office is open and (not (pay.customer is known))"


SPAIN = parse_holidays(["01-01", "2026-04-03", "2026-08-10..2026-08-21", "12-24..01-02"])
OFFICE = parse_hours(
    {
        "mon-fri": "09:00-14:00, 16:00-20:00",
        "sat": "10:00-14:00",
        "closed": "10-12",
        "holidays": ["spain"],
        "except": {"12-31": "09:00-12:00", "2026-12-31": "closed", "2026-01-18": "10:00-12:00"},
    },
    {"spain": SPAIN},
)


@pytest.mark.parametrize(
    ("when", "is_open", "closes", "opens"),
    [
        ("2026-01-14 08:59", False, None, "2026-01-14 09:00"),
        ("2026-01-14 13:59", True, "14:00", "2026-01-14 16:00"),
        ("2026-01-14 20:00", False, None, "2026-01-15 09:00"),
        ("2026-01-17 14:00", False, None, "2026-01-18 10:00"),  # a Sunday, by exception
        ("2026-01-18 10:00", True, "12:00", "2026-01-19 09:00"),
        ("2026-04-03 10:00", False, None, "2026-04-04 10:00"),
        ("2026-08-09 10:00", False, None, "2026-08-22 10:00"),
        ("2026-10-12 10:00", False, None, "2026-10-13 09:00"),
        ("2026-12-31 10:00", False, None, "2027-01-04 09:00"),
        ("2027-12-31 10:00", True, "12:00", "2028-01-03 09:00"),
    ],
)
def test_a_schedule_with_holidays(when: str, is_open: bool, closes: str | None, opens: str) -> None:
    local = datetime.fromisoformat(when)
    assert OFFICE.open_at(local) is is_open
    assert OFFICE.closes(local) == (time.fromisoformat(closes) if closes else None)
    day, moment = opens.split()
    assert OFFICE.opens(local) == (date.fromisoformat(day), time.fromisoformat(moment))


def test_a_schedule_that_never_opens_has_no_next_opening() -> None:
    hours = Hours(((0, 540, 600),), (parse_days("01-01..12-31"),))
    assert hours.opens(datetime(2026, 1, 1)) is None


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ({"mon": "09:00-10:00", "closed": "13-01"}, "not a day of the year"),
        ({"mon": "09:00-10:00", "closed": "02-30"}, "not a day of the year"),
        ({"mon": "09:00-10:00", "closed": "2026-02-30"}, "not in the calendar"),
        ({"mon": "09:00-10:00", "closed": "2026-02-03..2026-02-01"}, "goes backwards"),
        ({"mon": "09:00-10:00", "closed": "2026-02-03..03-01"}, "mixes"),
        ({"mon": "09:00-10:00", "except": "12-24"}, "needs days and their hours"),
        ({"mon": "09:00-10:00", "except": {"12-24": ""}}, "has no hours"),
        ({"mon": "09:00-10:00", "except": {"12-24": "late"}}, "not a span"),
        ({"someday": "09:00-10:00"}, "not a day"),
        ({"closed": "12-25"}, "no opening times"),
    ],
)
def test_a_schedule_that_cannot_be_read(raw: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_hours(raw)


@pytest.mark.parametrize("days", ["12-25", "2026-12-25", "12-24..01-06", "2026-08-10 .. 2026-08-21"])
def test_days_are_read(days: str) -> None:
    assert parse_days(days).hold(date(2026, 12, 25)) is not days.startswith("2026-08")


@pytest.mark.parametrize(
    ("name", "said"),
    [("Marta", "Hola, Marta. ¿Qué tal, Marta?"), ("", "Hola. ¿Qué tal?"), (None, "Hola. ¿Qué tal?")],
)
def test_a_caller_whom_nobody_knows_is_greeted_all_the_same(name: str | None, said: str) -> None:
    text = "Hola, {profile.name}. ¿Qué tal, {profile.name}?"
    assert render(text, "es", {"profile.name": name}, Wording()) == said


def test_arms_keep_their_shares_and_stay_with_their_call() -> None:
    shares = {"short": 20, "long": 80}
    arms = [_arm("greeting", shares, f"call-{n}") for n in range(4000)]
    assert 700 < Counter(arms)["short"] < 900
    assert arms == [_arm("greeting", shares, f"call-{n}") for n in range(4000)]
    other = [_arm("offer", shares, f"call-{n}") for n in range(4000)]
    both = sum(a == b == "short" for a, b in zip(arms, other, strict=True))
    assert 90 < both < 240  # 4 % of 4000 when they are independent
