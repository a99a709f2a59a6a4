"""One server a data folder: two on the same one would take each other's callers. Other work on it can be
kept to one process in the same way."""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from voice.errors import ConfigError

if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class DataLock:
    """Held for as long as the context lasts; the system frees it when the process dies, however it dies."""

    def __init__(self, data: Path, name: str = "server.lock", busy: str = "") -> None:
        self._path = data / name
        self._busy = busy or (
            f"another server uses the data folder {data}; "
            "stop it, or give this one a folder of its own with --data"
        )
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        """Raises ConfigError when another process holds it, or the folder cannot be written."""
        try:
            self._file = self._path.open("ab")
        except OSError as error:
            raise ConfigError(
                f"{self._path}: {error.strerror}; make the data folder writable or choose another with --data"
            ) from error
        try:
            _take(self._file)
        except OSError:
            self._file.close()
            raise ConfigError(self._busy) from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()
