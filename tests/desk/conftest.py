"""Desks for tests, on a manual clock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.desk.desk_rig import DeskRig, MakeRig, rigs
from voice.clock import ManualClock


@pytest.fixture
async def make_rig(tmp_path: Path) -> AsyncIterator[MakeRig]:
    async with rigs(tmp_path) as make:
        yield make


@pytest.fixture
async def rig(make_rig: MakeRig) -> DeskRig:
    return await make_rig(ManualClock())
