"""What outlives one conversation in the chat: the caller's profile, lock-outs and one-time codes. With a
caller's number they are the data folder's, as on the telephone; else they are forgotten with the chat."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from voice.clock import RealClock
from voice.dialogue.actions import ActionRunner
from voice.dialogue.flow import Flow
from voice.dialogue.seam import Began
from voice.errors import ConfigError
from voice.events import CallEnded, CallStarted, Event, EventData
from voice.model import CallInfo, JsonDict
from voice.profile.keys import Keys, load_keys, plain_number
from voice.profile.service import Limits, Profiles
from voice.profile.tries import Tries
from voice.profile.verify import Verifier
from voice.settings import Settings
from voice.store.engines import store_url
from voice.store.sql import SqlStore


@dataclass(slots=True)
class ChatMemory:
    """``actions`` runs what the flow calls; ``noted`` gathers the call's log for the next one."""

    actions: Verifier
    profiles: Profiles
    flow: Flow
    call: CallInfo
    noted: list[EventData] = field(default_factory=list)

    async def known(self, began: Began) -> Began:
        """With what the data folder knows of the caller; what the options say goes before it."""
        welcome = await self.profiles.load(self.call.caller)
        known = {**welcome.profile, **began.profile}
        return replace(began, caller=self.call.caller, profile=known, cut=welcome.cut)

    async def keep(self, began: Began, lang: str, outcome: str, ms: int) -> None:
        """Remembers the call for the next one of this number."""
        start = CallStarted(
            "chat", self.call.caller, "", lang, self.flow.name, self.flow.version, began.wall_ms
        )
        data: Sequence[EventData] = (start, *self.noted, CallEnded(outcome, "chat", ms))
        await self.profiles.keep([Event(self.call.call_id, n, ms, item) for n, item in enumerate(data)])


@asynccontextmanager
async def chat_memory(
    settings: Settings, flow: Flow, runner: ActionRunner, caller: str, out: Callable[[JsonDict], None]
) -> AsyncIterator[ChatMemory]:
    """``out`` is told of each one-time code, since there is no telephone that it could be sent to.
    Raises ConfigError, StoreError."""
    if caller and not plain_number(caller):
        raise ConfigError("--caller: this is no number that a profile can be kept for; write +34600111222")
    if caller:
        settings.data.mkdir(parents=True, exist_ok=True)
        keys = load_keys(settings.data, settings.profile.key.get_secret_value())
        store = SqlStore(store_url(settings.data, settings.store.url))
    else:
        keys, store = Keys(secrets.token_bytes(32)), SqlStore("sqlite://")
    clock = RealClock()

    def new_code(digits: int) -> str:
        code = f"{secrets.randbelow(10**digits):0{digits}d}"
        out({"type": "code", "code": code})
        return code

    await store.open()
    try:
        own = settings.profile
        limits = Limits(own.load_ms, own.resume_minutes, own.days)
        profiles = Profiles(store, clock, keys, lambda: flow, limits)
        verifier = Verifier(runner, Tries(store, clock), clock, keys, profiles, new_code=new_code)
        # a name of its own, so that a back office does not take its requests for repetitions
        call = CallInfo(f"chat-{clock.wall_ms()}-{secrets.token_hex(3)}", "chat", "chat", caller)
        yield ChatMemory(verifier, profiles, flow, call)
    finally:
        await store.close()
