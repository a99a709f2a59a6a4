"""Keeps what was synthesised: a bounded memory for what is said now, and files for prompts known ahead.

A file holds ``CPC1``, the SHA-256 of the audio, and the audio (8 kHz PCM). Its name is the hash of who says
what and how fast, so that a new engine version or rate never finds old audio. Files are written whole or
not at all, checked when read, and the least recently used go first when there are too many bytes.

Texts with a caller's own data (a balance, a name) are not asked to be kept on disk: see ``durable``.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
import threading
import time
from collections import OrderedDict
from pathlib import Path
from typing import Final

from voice.speech.seam import Voice

log = logging.getLogger(__name__)

_MAGIC: Final = b"CPC1"
_HEADER: Final = len(_MAGIC) + 32
_SUFFIX: Final = ".pcm"
DISK_BYTES: Final = 256 << 20  # 4.6 hours of audio
MEMORY_BYTES: Final = 48 << 20  # 52 minutes


def cache_key(engine: str, version: str, voice: Voice, text: str) -> str:
    """64 hex digits: the name of this audio. ``text`` counts with single spaces."""
    parts = [engine, version, voice.lang, voice.name, voice.rate, " ".join(text.split())]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()


class PromptCache:
    """Thread-safe. ``folder`` None keeps in memory only. Nothing here raises for a failing disk: reading
    fails to a miss, writing is given up for good after one log line."""

    def __init__(
        self, folder: Path | None, *, disk_bytes: int = DISK_BYTES, memory_bytes: int = MEMORY_BYTES
    ) -> None:
        self._folder = folder
        self._disk_limit = disk_bytes
        self._memory_limit = memory_bytes
        self._lock = threading.Lock()
        self._memory: OrderedDict[str, bytes] = OrderedDict()
        self._memory_bytes = 0
        self._disk_lock = threading.Lock()  # never held together with the one above
        self._files: OrderedDict[str, int] | None = None  # name -> bytes, least recently used first
        self._disk_bytes = 0
        self._writing = folder is not None

    def recall(self, key: str) -> bytes | None:
        """From memory only: never blocks on a disk, so it may be called on the event loop."""
        with self._lock:
            pcm = self._memory.get(key)
            if pcm is not None:
                self._memory.move_to_end(key)
            return pcm

    def get(self, key: str) -> bytes | None:
        """From memory, else from disk (and then into memory). A damaged file is removed and missed."""
        pcm = self.recall(key)
        if pcm is None and self._folder is not None:
            pcm = self._read(key)
            if pcm is not None:
                self._remember(key, pcm)
        return pcm

    def put(self, key: str, pcm: bytes, *, durable: bool) -> None:
        """Remembers ``pcm``; ``durable`` writes a file too, for texts that hold nobody's data."""
        self._remember(key, pcm)
        if durable and self._writing:
            self._write(key, pcm)

    def has_file(self, key: str) -> bool:
        """Whether there is a file, not whether it is sound."""
        return self._folder is not None and (self._folder / (key + _SUFFIX)).exists()

    def _remember(self, key: str, pcm: bytes) -> None:
        if len(pcm) > self._memory_limit:
            return
        with self._lock:
            self._memory_bytes += len(pcm) - len(self._memory.pop(key, b""))
            self._memory[key] = pcm
            while self._memory_bytes > self._memory_limit:
                _, oldest = self._memory.popitem(last=False)
                self._memory_bytes -= len(oldest)

    # --- disk ---------------------------------------------------------------------------------------

    def _read(self, key: str) -> bytes | None:
        assert self._folder is not None
        path = self._folder / (key + _SUFFIX)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        pcm = data[_HEADER:]
        if data[: len(_MAGIC)] != _MAGIC or hashlib.sha256(pcm).digest() != data[len(_MAGIC) : _HEADER]:
            log.warning("%s: damaged, will be made again", path)
            self._remove(path.name)
            return None
        with self._disk_lock:
            if self._files is not None and path.name in self._files:
                self._files.move_to_end(path.name)
        try:
            os.utime(path)  # the next process knows by this what was used last
        except OSError:
            pass
        return pcm

    def _write(self, key: str, pcm: bytes) -> None:
        assert self._folder is not None
        name = key + _SUFFIX
        data = _MAGIC + hashlib.sha256(pcm).digest() + pcm
        if len(data) > self._disk_limit:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            temporary = self._write_temporary(data)
            try:
                os.replace(temporary, self._folder / name)
            except OSError:
                os.unlink(temporary)
                raise
            evicted = self._account(name, len(data))
        except OSError as error:
            self._writing = False
            log.warning(
                "%s: prompts are no longer kept on disk (%s); free space or fix the folder's rights, then "
                "restart",
                self._folder,
                error.strerror,
            )
            return
        for old in evicted:
            self._remove(old)

    def _write_temporary(self, data: bytes) -> str:
        handle, temporary = tempfile.mkstemp(suffix=".part", dir=self._folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
        except OSError:
            os.unlink(temporary)
            raise
        return temporary

    def _account(self, name: str, size: int) -> list[str]:
        """Counts a file that was just written; returns the names that must go."""
        with self._disk_lock:
            if self._files is None:
                self._files = self._scan()
                self._disk_bytes = sum(self._files.values())
            self._disk_bytes -= self._files.get(name, 0)
            self._files[name] = size
            self._files.move_to_end(name)
            self._disk_bytes += size
            evicted = []
            while self._disk_bytes > self._disk_limit and len(self._files) > 1:
                old, old_size = self._files.popitem(last=False)
                self._disk_bytes -= old_size
                evicted.append(old)
            return evicted

    def _scan(self) -> OrderedDict[str, int]:
        """What earlier processes left, oldest first; what they left half-written an hour ago is removed."""
        assert self._folder is not None
        found: list[tuple[float, str, int]] = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if entry.name.endswith(_SUFFIX):
                    stat = entry.stat()
                    found.append((stat.st_mtime, entry.name, stat.st_size))
                elif entry.name.endswith(".part") and time.time() - entry.stat().st_mtime > 3600:
                    os.unlink(entry)
        return OrderedDict((name, size) for _, name, size in sorted(found))

    def _remove(self, name: str) -> None:
        assert self._folder is not None
        with self._disk_lock:
            if self._files is not None:
                self._disk_bytes -= self._files.pop(name, 0)
        try:
            os.unlink(self._folder / name)
        except OSError:
            pass
