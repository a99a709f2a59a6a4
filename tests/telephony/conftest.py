"""The routes under test, around a fake host and a clock that stands still."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from tests.telephony.twilio_peer import Client, EchoHost, Serve, configured
from voice.clock import ManualClock
from voice.metrics import Metrics
from voice.telephony import twilio_http


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
async def host() -> EchoHost:
    return EchoHost()


@pytest.fixture
async def serve(host: EchoHost, metrics: Metrics, clock: ManualClock) -> AsyncIterator[Serve]:
    """``await serve(twilio__auth_token="...")`` starts the routes with these settings."""
    clients: list[Client] = []

    async def serving(**values: Any) -> Client:
        app = web.Application()
        app.add_routes(twilio_http.routes(configured(**values), host, metrics, clock))
        client = TestClient(TestServer(app))
        await client.start_server()
        clients.append(client)
        return client

    yield serving
    for client in clients:
        await client.close()
