"""What every call of a process shares, and the small seams a session is driven through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from voice.call.consulting import Model
from voice.call.recorder import Disk
from voice.clock import Clock
from voice.dialogue.seam import Dialogue, Invoke, RelayOpen
from voice.dialogue.texts import Texts
from voice.events import Event
from voice.metrics import Metrics
from voice.model import CallInfo
from voice.profile.service import Welcome
from voice.queue.seam import Queue
from voice.relay.client import Link, connect
from voice.relay.recordings import Player
from voice.settings import Settings
from voice.speech.seam import Ear, Mouth
from voice.speech.vad import Activity, VoiceActivity
from voice.store.log import CallLog


class Transport(Protocol):
    """Where a session's messages go. ``send`` never blocks; it drops the connection of a peer that
    does not read (the session then hears of it as a disconnect)."""

    def send(self, message: str | bytes) -> None: ...

    def close(self, code: int, reason: str) -> None: ...


class Actions(Protocol):
    async def run(self, invoke: Invoke, call: CallInfo) -> dict[str, Any]:
        """Raises :class:`voice.errors.ActionError`."""


class CallerProfiles(Protocol):
    """What is known of callers; see :class:`voice.profile.service.Profiles`. Neither method raises."""

    async def load(self, caller: str) -> Welcome:
        """Answers within its time budget."""

    async def keep(self, events: Sequence[Event]) -> None:
        """Remembers a call that is over."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything is made once by :mod:`voice.app` (or a test) and outlives all calls."""

    settings: Settings
    clock: Clock
    ear: Ear
    mouth: Mouth
    queue: Queue
    actions: Actions
    texts: Texts
    metrics: Metrics
    new_dialogue: Callable[[CallInfo], Dialogue]
    new_log: Callable[[str], CallLog]
    calls_dir: Path
    disk: Disk
    flow_name: str = ""
    flow_version: str = ""
    fallback_queue: str = "general"
    new_activity: Callable[[], Activity] = VoiceActivity
    profiles: CallerProfiles | None = None
    model: Model | None = None
    player: Player | None = None
    relay: Callable[[RelayOpen], AbstractAsyncContextManager[Link]] = connect
