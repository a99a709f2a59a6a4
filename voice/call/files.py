"""Where a call's own files lie: DATA/calls/CALL_ID/{recording.wav, packet.json, events.jsonl}.

A provider's call id is untrusted text: it never becomes a path unless it is a plain short token.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from voice.events import Event
from voice.model import JsonDict

log = logging.getLogger(__name__)
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def safe_id(raw: str) -> str:
    """``raw`` itself when it is a plain token, else a digest of it."""
    if _PLAIN.fullmatch(raw):
        return raw
    return "call-" + hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class CallFiles:
    """One call's folder, named by its id. Nothing is written when it is not ``usable``."""

    folder: Path
    usable: bool = True

    @classmethod
    def make(cls, calls_dir: Path, raw_call_id: str) -> CallFiles:
        """A new call's. An id seen before gets ``-2``, ``-3``...: no call overwrites another.

        On the event loop: a call has no name, and so no log, before its folder is its own (24 us).
        """
        wanted = safe_id(raw_call_id)
        folder, attempt = calls_dir / wanted, 1
        while True:
            try:
                folder.mkdir(parents=True)
            except FileExistsError:
                attempt += 1
                folder = calls_dir / f"{wanted}-{attempt}"
            except OSError as error:
                # the call goes on without files of its own; the event log is in the database
                log.error(
                    "%s: cannot be made (%s); free space or mend the permissions", calls_dir, error.strerror
                )
                return cls(folder, usable=False)
            else:
                return cls(folder)

    @classmethod
    def of(cls, calls_dir: Path, call_id: str) -> CallFiles:
        """Those of a call that had a folder: ``call_id`` is ours, from the log."""
        folder = calls_dir / safe_id(call_id)
        return cls(folder, usable=folder.is_dir())

    @property
    def call_id(self) -> str:
        return self.folder.name

    @property
    def recording(self) -> Path:
        return self.folder / "recording.wav"

    @property
    def packet(self) -> Path:
        return self.folder / "packet.json"

    @property
    def events(self) -> Path:
        return self.folder / "events.jsonl"

    def write_packet(self, packet: JsonDict) -> None:
        self._write(self.packet, orjson.dumps(packet, option=orjson.OPT_INDENT_2) + b"\n")

    def write_events(self, events: Sequence[Event]) -> None:
        self._write(self.events, b"".join(orjson.dumps(e.to_json()) + b"\n" for e in events))

    def _write(self, path: Path, data: bytes) -> None:
        """Whole or not at all; a failure is logged, since the database has the same."""
        if not self.usable:
            return
        partial = path.with_name(path.name + ".part")
        try:
            with partial.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except OSError as error:
            log.error(
                "%s: not written (%s); it can be made again from the database", path.name, error.strerror
            )
            partial.unlink(missing_ok=True)
