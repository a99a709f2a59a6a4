from __future__ import annotations

from pathlib import Path

import pytest

from voice.errors import ConfigError
from voice.store.lock import DataLock


def test_one_server_a_data_folder(tmp_path: Path) -> None:
    with DataLock(tmp_path), pytest.raises(ConfigError, match="another server"), DataLock(tmp_path):
        pass
    with DataLock(tmp_path):
        pass  # free again


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="--data"), DataLock(tmp_path / "file"):
        pass
