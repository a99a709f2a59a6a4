from __future__ import annotations

import logging

import pytest

from voice.model import JsonDict
from voice.store.bus import LocalBus
from voice.store.seam import Bus


@pytest.fixture(params=[LocalBus])
def bus(request: pytest.FixtureRequest) -> Bus:
    made: Bus = request.param()
    return made


def test_exact_topics_and_prefixes(bus: Bus) -> None:
    got: list[tuple[str, JsonDict]] = []
    bus.subscribe("queue", lambda m: got.append(("queue", m)))
    bus.subscribe("call.*", lambda m: got.append(("call.*", m)))
    bus.subscribe("call.CA1", lambda m: got.append(("call.CA1", m)))
    bus.publish("queue", {"n": 1})
    bus.publish("queues", {"n": 2})
    bus.publish("call.CA1", {"n": 3})
    bus.publish("call.CA2", {"n": 4})
    bus.publish("nobody", {"n": 5})
    assert sorted((name, m["n"]) for name, m in got) == [
        ("call.*", 3),
        ("call.*", 4),
        ("call.CA1", 3),
        ("queue", 1),
    ]


def test_unsubscribing_twice_and_from_within(bus: Bus) -> None:
    got: list[str] = []

    def once(_message: JsonDict) -> None:
        got.append("once")
        stop()

    stop = bus.subscribe("queue", once)
    bus.subscribe("queue", lambda _m: got.append("always"))
    bus.publish("queue", {})
    bus.publish("queue", {})
    stop()
    assert got == ["once", "always", "always"]


def test_a_failing_subscriber_harms_nobody(bus: Bus, caplog: pytest.LogCaptureFixture) -> None:
    got: list[int] = []

    def fail(_message: JsonDict) -> None:
        raise RuntimeError("a page's fault")

    bus.subscribe("call.*", fail)
    bus.subscribe("call.CA1", lambda m: got.append(m["n"]))
    bus.subscribe("call.*", lambda m: got.append(m["n"] * 10))
    with caplog.at_level(logging.ERROR):
        bus.publish("call.CA1", {"n": 1})
    assert sorted(got) == [1, 10]
    assert "CA1" not in caplog.records[0].getMessage()
