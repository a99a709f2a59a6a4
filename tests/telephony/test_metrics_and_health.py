from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families

from voice import health, metrics


async def test_metrics_are_prometheus_text() -> None:
    figures = metrics.Metrics()
    figures.calls_active.set(3)
    figures.calls_total.labels("transferred").inc()
    figures.calls_refused.labels("busy").inc(2)
    figures.response_seconds.observe(0.02)
    figures.engine_failures.labels("recognizer").inc()
    app = web.Application()
    app.add_routes(metrics.routes(figures))
    async with TestClient(TestServer(app)) as client:
        response = await client.get("/metrics")
        text = await response.text()
    assert response.content_type == "text/plain"
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["voice_calls_active",] == 3
    assert samples["voice_calls_total", "transferred"] == 1
    assert samples["voice_calls_refused_total", "busy"] == 2
    assert samples["voice_response_seconds_count",] == 1
    assert samples["voice_engine_failures_total", "recognizer"] == 1
    for name in ("voice_wire_rejected_total", "voice_queue_waiting", "voice_barge_in_seconds_count"):
        assert samples[name,] == 0
    for name in ("voice_event_loop_lag_seconds_count", "voice_recognition_seconds_count"):
        assert samples[name,] == 0


def test_each_has_its_own_figures() -> None:
    one, other = metrics.Metrics(), metrics.Metrics()
    one.wire_rejected.inc()
    assert b"voice_wire_rejected_total 1.0" in one.render()
    assert b"voice_wire_rejected_total 0.0" in other.render()


async def test_loop_lag_is_how_late_the_timer_was() -> None:
    figures = metrics.Metrics()
    moments = iter([0.0, 0.1, 0.1, 0.26, 0.26, 0.359, 1.0])  # due at 0.1, 0.2, 0.36
    naps = 0

    async def sleep(seconds: float) -> None:
        nonlocal naps
        naps += 1
        if naps > 3:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await metrics.watch_loop_lag(figures, 0.1, now=lambda: next(moments), sleep=sleep)
    text = figures.render().decode()
    assert "voice_event_loop_lag_seconds_count 3.0" in text
    assert 'voice_event_loop_lag_seconds_bucket{le="0.001"} 2.0' in text, "on time, and a little early"
    assert 'voice_event_loop_lag_seconds_bucket{le="0.05"} 2.0' in text
    assert 'voice_event_loop_lag_seconds_bucket{le="0.075"} 3.0' in text, "60 ms late"


async def test_health_and_readiness() -> None:
    state: tuple[bool, Mapping[str, str]] = (True, {"store": "ok"})
    app = web.Application()
    app.add_routes(health.routes(lambda: state))
    async with TestClient(TestServer(app)) as client:
        good = await client.get("/readyz")
        assert (good.status, await good.json()) == (200, {"ready": True, "checks": {"store": "ok"}})
        state = (False, {"store": "locked", "calls": "draining"})
        bad = await client.get("/readyz")
        assert bad.status == 503
        assert await bad.json() == {"ready": False, "checks": {"store": "locked", "calls": "draining"}}
        alive = await client.get("/healthz")
        assert (alive.status, await alive.json()) == (200, {"alive": True})
