from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from voice.clock import ManualClock
from voice.telephony.tokens import StreamTokens


def test_good_once_for_one_call(clock: ManualClock) -> None:
    tokens = StreamTokens("secret", clock)
    token = tokens.issue("CA1")
    assert not tokens.redeem(token, "CA2")
    assert tokens.redeem(token, "CA1")
    assert not tokens.redeem(token, "CA1")


def test_good_for_a_minute(clock: ManualClock) -> None:
    tokens = StreamTokens("secret", clock)
    token, late = tokens.issue("CA1"), tokens.issue("CA1")
    clock.advance(59_999)
    assert tokens.redeem(token, "CA1")
    clock.advance(1)
    assert not tokens.redeem(late, "CA1")
    assert not tokens.redeem(token, "CA1")
    assert not tokens._used, "what expired is forgotten"


def test_another_process_with_the_same_secret_accepts_it(clock: ManualClock) -> None:
    token = StreamTokens("secret", clock).issue("CA1")
    assert not StreamTokens("other", clock).redeem(token, "CA1")
    assert StreamTokens("secret", clock).redeem(token, "CA1")


def test_without_a_secret_tokens_stay_in_the_process(clock: ManualClock) -> None:
    tokens = StreamTokens("", clock)
    assert not StreamTokens("", clock).redeem(tokens.issue("CA1"), "CA1")
    assert tokens.redeem(tokens.issue("CA1"), "CA1")


@settings(max_examples=200, deadline=None)
@given(
    st.text() | st.from_regex(r"[0-9a-f]{1,12}\.[A-Za-z0-9_-]{0,12}(\.[A-Za-z0-9_-]{0,30})?", fullmatch=True)
)
def test_made_up_tokens_are_refused(token: str) -> None:
    assert not StreamTokens("secret", ManualClock()).redeem(token, "CA1")
