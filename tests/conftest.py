"""What all tests share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import voice  # noqa: F401 (before numpy: it says how many threads that may take)


@pytest.fixture(scope="session")
def with_vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """``with_vocabulary(data)`` -> the data folder, made, with one cache of compiled vocabularies and of
    spoken prompts for all, in every process of the run: to make the demonstration flow's takes 5 s and 2 s,
    and what lies there is named by what it was made from."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cache"
    for kind in ("vocabulary", "prompts"):
        (shared / kind).mkdir(parents=True, exist_ok=True)

    def share(data: Path) -> Path:
        data.mkdir(parents=True, exist_ok=True)
        (data / "cache").symlink_to(shared, target_is_directory=True)
        return data

    return share
