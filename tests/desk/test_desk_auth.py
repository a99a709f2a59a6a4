from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.clock import ManualClock
from voice.desk.auth import MAX_LINKS, MAX_NAME, SESSION_HOURS, Attempts, OneTimeLinks, agent_name


def test_a_link_works_once() -> None:
    links = OneTimeLinks(ManualClock())
    token = links.issue()
    assert links.valid(token)
    assert links.valid(token)  # looking is free
    secret = links.exchange(token, "Ana")
    assert secret is not None
    assert secret != token
    assert not links.valid(token)
    assert links.exchange(token, "Eva") is None
    session = links.session(secret)
    assert session is not None
    assert session.agent == "Ana"
    assert links.session(token) is None
    links.revoke(secret)
    assert links.session(secret) is None


def test_links_and_sessions_end() -> None:
    clock = ManualClock()
    links = OneTimeLinks(clock, link_minutes=60)
    old, fresh = links.issue(), links.issue()
    clock.advance(60 * 60_000 - 1)
    secret = links.exchange(fresh, "Ana")
    assert secret is not None
    clock.advance(1)
    assert not links.valid(old)
    assert links.exchange(old, "Ana") is None
    clock.advance(SESSION_HOURS * 3_600_000 - 2)
    assert links.session(secret) is not None
    clock.advance(1)
    assert links.session(secret) is None


def test_tokens_are_long_and_differ() -> None:
    links = OneTimeLinks(ManualClock())
    tokens = {links.issue() for _ in range(MAX_LINKS + 5)}
    assert len(tokens) == MAX_LINKS + 5
    assert all(len(t) == 43 and set(t) <= set(string.ascii_letters + string.digits + "-_") for t in tokens)
    assert sum(links.valid(t) for t in tokens) == MAX_LINKS  # the oldest ones made room


@pytest.mark.parametrize("token", ["", "x" * 43, "\ud83d", "é"])
def test_wrong_tokens(token: str) -> None:
    links = OneTimeLinks(ManualClock())
    links.issue()
    assert not links.valid(token)
    assert links.exchange(token, "Ana") is None
    assert links.session(token) is None


def test_attempts_are_braked_per_address_and_forgotten() -> None:
    clock = ManualClock()
    attempts = Attempts(clock, limit=3, remotes=2)
    for _ in range(3):
        assert not attempts.blocked("a")
        attempts.wrong("a")
    assert attempts.blocked("a")
    assert not attempts.blocked("b")
    clock.advance(60_000)
    assert not attempts.blocked("a")
    for remote in ("b", "c", "d"):
        for _ in range(3):
            attempts.wrong(remote)
    assert [attempts.blocked(r) for r in "abcd"] == [False, False, True, True]


@settings(deadline=None)
@given(st.text(max_size=200))
def test_names_are_one_clean_line(raw: str) -> None:
    name = agent_name(raw)
    assert len(name) <= MAX_NAME
    assert name == name.strip()
    assert name.isprintable()
    assert agent_name(name) == name


def test_names_keep_what_people_are_called() -> None:
    assert agent_name("  Begoña \n Núñez\t") == "Begoña Núñez"
