"""Desks for tests, on a manual and on the real clock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.desk.desk_rig import DeskRig, MakeRig
from voice.clock import Clock, ManualClock, RealClock
from voice.desk.api import Desk, routes
from voice.desk.auth import OneTimeLinks
from voice.queue.service import QueueService
from voice.settings import Settings
from voice.store.bus import LocalBus
from voice.store.sql import SqlStore


@pytest.fixture
async def make_rig(tmp_path: Path) -> AsyncIterator[MakeRig]:
    rigs: list[DeskRig] = []

    async def make(clock: Clock) -> DeskRig:
        store = SqlStore("sqlite://")
        await store.open()
        bus = LocalBus()
        queue = QueueService(store, bus, clock)
        await queue.start()
        links = OneTimeLinks(clock)
        printed: list[str] = []
        desk = Desk(queue, store, bus, links, Settings(data=tmp_path), on_link=printed.append)
        app = web.Application()
        app.add_routes(routes(desk))
        server = TestServer(app)
        await server.start_server()
        rigs.append(DeskRig(desk, queue, store, bus, links, clock, server, tmp_path, printed))
        return rigs[-1]

    yield make
    for rig in rigs:
        await rig.desk.close()
        await rig.server.close()
        await rig.queue.close()
        await rig.store.close()


@pytest.fixture
async def rig(make_rig: MakeRig) -> DeskRig:
    return await make_rig(ManualClock())


@pytest.fixture
async def live_rig(make_rig: MakeRig) -> DeskRig:
    """On the real clock, for a browser."""
    return await make_rig(RealClock())
