"""The breaker: when an engine is asked, rests and is tried again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.speech.breaker import Breaker, Pass, State

REST, LONGEST, TRIAL = 1000, 8000, 3000


def breaker() -> Breaker:
    return Breaker(failures=3, rest_ms=REST, longest_rest_ms=LONGEST, trial_ms=TRIAL)


def opened(now: int = 0) -> Breaker:
    one = breaker()
    for _ in range(3):
        one.failed(now)
    return one


def test_three_failures_in_a_row_begin_a_rest() -> None:
    one = breaker()
    one.failed(0)
    one.failed(0)
    one.succeeded(0)
    one.failed(0)
    one.failed(0)
    assert one.ask(0) is Pass.GO
    one.failed(5)
    assert one.state is State.OPEN
    assert one.ask(5 + REST - 1) is Pass.NO


def test_after_the_rest_exactly_one_is_let_through() -> None:
    one = opened()
    assert [one.ask(REST) for _ in range(3)] == [Pass.TRIAL, Pass.NO, Pass.NO]
    one.succeeded(REST + 10, trial=True)
    assert one.state is State.CLOSED
    assert one.ask(REST + 10) is Pass.GO


def test_each_failed_trial_doubles_the_rest_up_to_the_longest() -> None:
    one, now = opened(), REST
    rests = []
    for _ in range(5):
        assert one.ask(now) is Pass.TRIAL
        one.failed(now, trial=True)
        began = now
        while one.ask(now) is Pass.NO:
            now += 500
        rests.append(now - began)
        one.abandoned(now, trial=True)
    assert rests == [2000, 4000, 8000, 8000, 8000]


def test_a_success_forgets_how_long_the_rests_had_become() -> None:
    one = opened()
    one.ask(REST)
    one.failed(REST, trial=True)
    one.ask(REST * 3)
    one.succeeded(REST * 3, trial=True)
    for _ in range(3):
        one.failed(10_000)
    assert one.ask(10_000 + REST - 1) is Pass.NO
    assert one.ask(10_000 + REST) is Pass.TRIAL


@pytest.mark.parametrize("trial_result", ["succeeded", "failed"])
def test_what_was_sent_before_the_rest_decides_nothing(trial_result: str) -> None:
    one = opened()
    getattr(one, trial_result)(10)
    assert one.ask(REST - 1) is Pass.NO
    assert one.ask(REST) is Pass.TRIAL
    getattr(one, trial_result)(REST)  # not the trial's
    assert one.state is State.HALF_OPEN


def test_a_trial_that_its_caller_abandoned_is_given_to_the_next() -> None:
    one = opened()
    assert one.ask(REST) is Pass.TRIAL
    one.abandoned(REST + 100, trial=True)
    assert one.ask(REST + 100) is Pass.TRIAL


def test_a_trial_that_never_reports_counts_as_failed() -> None:
    one = opened()
    one.ask(REST)
    assert one.ask(REST + TRIAL - 1) is Pass.NO
    assert one.ask(REST + TRIAL) is Pass.NO  # rests again, twice as long
    assert one.ask(REST + TRIAL + 2 * REST) is Pass.TRIAL


steps = st.lists(
    st.tuples(
        st.integers(0, 5000),
        st.sampled_from(["ask", "ok", "bad", "trial_ok", "trial_bad", "trial_left"]),
    ),
    max_size=60,
)


@settings(max_examples=100, deadline=None)
@given(steps)
def test_there_is_always_a_way_back_and_never_two_trials(script: list[tuple[int, str]]) -> None:
    one, now = breaker(), 0
    trial_since: int | None = None
    for wait, step in script:
        now += wait
        if step == "ask":
            closed = one.state is State.CLOSED
            answer = one.ask(now)
            assert (answer is Pass.GO) == closed
            if answer is Pass.TRIAL:
                assert trial_since is None or now - trial_since >= TRIAL
                trial_since = now
        elif step == "ok":
            one.succeeded(now)
        elif step == "bad":
            one.failed(now)
        elif trial_since is not None:
            outcome = {"trial_ok": one.succeeded, "trial_bad": one.failed, "trial_left": one.abandoned}[step]
            outcome(now, trial=True)
            trial_since = None
    # whatever happened: asked often enough, it lets someone through before trial and longest rest are over
    answers = [one.ask(now + ms) for ms in range(0, TRIAL + LONGEST + 1, 250)]
    assert answers[0] is Pass.GO or Pass.TRIAL in answers
