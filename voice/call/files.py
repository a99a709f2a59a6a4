"""Where a call's own files lie: DATA/calls/CALL_ID/{recording.wav, packet.json, events.jsonl}.

A provider's call id is untrusted text: it never becomes a path unless it is a plain short token.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
from collections.abc import Sequence
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


class CallFiles:
    """One call's folder. A call id seen before gets ``-2``, ``-3``...: no call overwrites another.

    Made on the event loop: a call has no name, and so no log, before its folder is its own (24 us).
    """

    def __init__(self, calls_dir: Path, raw_call_id: str) -> None:
        wanted = safe_id(raw_call_id)
        self.call_id, self.usable = wanted, True
        attempt = 1
        while True:
            self.folder = calls_dir / self.call_id
            try:
                self.folder.mkdir(parents=True)
            except FileExistsError:
                attempt += 1
                self.call_id = f"{wanted}-{attempt}"
                continue
            except OSError as error:
                # the call goes on without files of its own; the event log is in the database
                log.error(
                    "%s: cannot be made (%s); free space or mend the permissions", calls_dir, error.strerror
                )
                self.usable = False
            return

    @classmethod
    def of(cls, calls_dir: Path, call_id: str) -> CallFiles:
        """The folder of a call that had one: ``call_id`` is ours, from the log."""
        files = cls.__new__(cls)
        files.call_id = safe_id(call_id)
        files.folder = calls_dir / files.call_id
        files.usable = files.folder.is_dir()
        return files

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
