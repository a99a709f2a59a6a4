"""What the server counts, in Prometheus' text format at ``/metrics``.

Each :class:`Metrics` has a registry of its own, so that tests and several servers in one process do not
share figures. Labels come from closed sets only: never a number, a name or a text of a caller.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from aiohttp import web
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST

LAG_BUCKETS = (0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0)
RESPONSE_BUCKETS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.3, 0.5, 0.8, 1.2, 2.0, 5.0)
BARGE_IN_BUCKETS = (0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 0.8, 1.2, 2.0)
RECOGNITION_BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class Metrics:
    """The server's figures; the attribute names are the metrics' names without ``voice_`` and ``_total``
    (``calls_total`` and ``tickets_total`` apart, which count what the gauges show)."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.calls_active = Gauge("voice_calls_active", "Calls on the line now", registry=registry)
        self.calls_total = Counter(
            "voice_calls_total", "Calls that ended, by outcome", ["outcome"], registry=registry
        )
        self.calls_refused = Counter(
            "voice_calls_refused_total",
            "Calls turned away: busy, draining, unsigned, token",
            ["why"],
            registry=registry,
        )
        self.response_seconds = Histogram(
            "voice_response_seconds",
            "From the caller's last speech to our first audio, less the configured end silence",
            buckets=RESPONSE_BUCKETS,
            registry=registry,
        )
        self.barge_in_seconds = Histogram(
            "voice_barge_in_seconds",
            "From the onset of an interruption to our clear",
            buckets=BARGE_IN_BUCKETS,
            registry=registry,
        )
        self.wire_rejected = Counter(
            "voice_wire_rejected_total", "Messages of providers not understood", registry=registry
        )
        self.engine_failures = Counter(
            "voice_engine_failures_total", "Failures of speech engines", ["engine"], registry=registry
        )
        self.event_loop_lag_seconds = Histogram(
            "voice_event_loop_lag_seconds",
            "How late the event loop came to a timer",
            buckets=LAG_BUCKETS,
            registry=registry,
        )
        self.queue_waiting = Gauge("voice_queue_waiting", "Callers waiting for a person", registry=registry)
        self.tickets_total = Counter(
            "voice_tickets_total", "Tickets, by the state they came to", ["state"], registry=registry
        )
        self.recognition_seconds = Histogram(
            "voice_recognition_seconds",
            "From the end of an utterance's audio to its transcript",
            buckets=RECOGNITION_BUCKETS,
            registry=registry,
        )
        self.utterances = Counter(
            "voice_utterances_total",
            "Utterances recognised, by the engine that did",
            ["engine"],
            registry=registry,
        )
        self.recognizer_up = Gauge(
            "voice_recognizer_up",
            "Whether a recognition server is asked (1) or rests (0)",
            ["engine"],
            registry=registry,
        )
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)

    def render(self) -> bytes:
        return generate_latest(self.registry)


def routes(metrics: Metrics) -> list[web.RouteDef]:
    """``GET /metrics``."""

    async def show(request: web.Request) -> web.Response:
        return web.Response(body=metrics.render(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [web.get("/metrics", show, allow_head=False)]


async def watch_loop_lag(
    metrics: Metrics,
    period: float = 0.1,
    *,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Samples the loop's lag every ``period`` seconds until cancelled.

    A timer of the loop may fire a little early (its clock's resolution): that counts as no lag."""
    observe = metrics.event_loop_lag_seconds.observe
    while True:
        due = now() + period
        await sleep(period)
        observe(max(0.0, now() - due))
