"""Callers' profiles between the store and the calls: loaded within a budget, kept at a call's end.

Nothing here may hold up or break a call: a store that is slow or fails means that the caller is not known,
and what could not be kept waits in memory and is tried again.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from voice.clock import Clock, within
from voice.dialogue.flow import Flow
from voice.dialogue.seam import CutCall
from voice.errors import StoreError, where
from voice.events import Event
from voice.model import JsonDict, TicketState
from voice.profile import merge
from voice.profile.facts import CallFacts, FlowFacts, cut_call, fold_call
from voice.profile.keys import Keys
from voice.profile.spec import Remember
from voice.store.seam import Store

log = logging.getLogger(__name__)

PROFILE: Final = "profile"
CUT: Final = "cut"
KEEP_MS: Final = 5000
DAY_MS: Final = 86_400_000
TIDY_MS: Final = 3_600_000
MOST_CASES_ASKED: Final = 3
AGAIN_MS: Final = 30_000
MOST_WAITING: Final = 1000  # calls; the oldest is lost first
# of ours, or of what is kept: they cost this caller's profile, never the call
_MISTAKES: Final = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
_OPEN: Final = (TicketState.WAITING, TicketState.ACCEPTED, TicketState.CALLBACK)


@dataclass(frozen=True, slots=True)
class Welcome:
    """What is known of a caller; ``why`` nothing is: withheld, unknown, slow or failed. ``remembers``: a call
    of theirs can be remembered, so that asking them whether it may be makes sense."""

    values: Mapping[str, str] = field(default_factory=dict)
    cut: CutCall | None = None
    ms: int = 0
    why: str = ""
    remembers: bool = False

    @property
    def found(self) -> bool:
        return bool(self.values) or self.cut is not None

    @property
    def profile(self) -> Mapping[str, str]:
        """As a flow sees it."""
        return {**self.values, "remembers": "yes"} if self.remembers else self.values


@dataclass(frozen=True, slots=True)
class Limits:
    """``load_ms``: how long a call waits for its profile. ``days``: the most that a flow may keep."""

    load_ms: int = 300
    resume_minutes: int = 10
    days: int = 365


class Profiles:
    """One per process. ``flow`` gives the one that calls now begin with."""

    def __init__(
        self, store: Store, clock: Clock, keys: Keys, flow: Callable[[], Flow], limits: Limits | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._keys = keys
        self._flow = flow
        self._limits = limits or Limits()
        self._waiting: deque[tuple[CallFacts, FlowFacts, Remember]] = deque()

    @property
    def unstored(self) -> int:
        """How many calls wait in memory for the store."""
        return len(self._waiting)

    # --- at the beginning -----------------------------------------------------------------------------

    async def load(self, caller: str) -> Welcome:
        """Never raises, and takes no longer than its budget."""
        flow = self._flow()
        key = self._keys.number(caller)
        if flow.remember is None or not key:
            return Welcome(why="unknown" if key else "withheld")
        began = self._clock.now_ms()
        try:
            welcome = await within(self._clock, self._limits.load_ms, self._read(key, flow))
        except TimeoutError:
            welcome = Welcome(why="slow")
        except StoreError as error:
            log.warning("a caller's profile could not be read: %s", error)
            welcome = Welcome(why="failed")
        except _MISTAKES as error:
            log.error("a caller's profile could not be read: %s", where(error))
            welcome = Welcome(why="failed")
        ms = self._clock.now_ms() - began
        why = welcome.why or ("" if welcome.found else "unknown")
        return Welcome(welcome.values, welcome.cut, ms, why, remembers=not welcome.why)

    async def of_identity(self, key: str) -> Mapping[str, str]:
        """What is known of whoever proved to be ``key``, as :meth:`load`; empty when nothing is."""
        flow = self._flow()
        if flow.remember is None or not key:
            return {}
        try:
            welcome = await within(self._clock, self._limits.load_ms, self._read(key, flow))
        except TimeoutError:
            return {}
        except StoreError as error:
            log.warning("a verified caller's profile could not be read: %s", error)
            return {}
        except _MISTAKES as error:
            log.error("a verified caller's profile could not be read: %s", where(error))
            return {}
        return welcome.values

    async def _read(self, key: str, flow: Flow) -> Welcome:
        now = self._clock.wall_ms()
        kept = {row.kind: row.body for row in await self._store.recall([key], now)}
        cut = None
        if CUT in kept and flow.remember is not None and flow.remember.resume:
            cut = merge.cut_from_json(kept[CUT], flow.name, flow.version)
        profile = kept.get(PROFILE)
        if profile is None:
            return Welcome(cut=cut)
        open_tickets = set()
        for ticket_id in merge.tickets(profile)[-MOST_CASES_ASKED:]:
            ticket = await self._store.ticket(ticket_id)
            if ticket is not None and ticket.state in _OPEN:
                open_tickets.add(ticket_id)
        return Welcome(merge.as_values(profile, open_tickets, now, flow.timezone), cut)

    # --- at the end -----------------------------------------------------------------------------------

    async def keep(self, events: Sequence[Event]) -> None:
        """Folds a call that is over into what is known of its caller. Never raises."""
        flow = self._flow()
        if flow.remember is None or not events:
            return
        facts = FlowFacts.of(flow)
        call = fold_call(events, facts)
        if call.flow != flow.name or call.erased:
            return
        try:
            await within(self._clock, KEEP_MS, self._write(call, facts, flow.remember))
        except (StoreError, TimeoutError) as error:
            why = error or "the store is too slow"
            log.warning("call %s: its caller's profile waits in memory: %s", call.call_id, why)
            self._waiting.append((call, facts, flow.remember))
            if len(self._waiting) > MOST_WAITING:
                lost = self._waiting.popleft()[0].call_id
                log.error("call %s: its caller's profile is lost: too many wait for the store", lost)
        except _MISTAKES as error:
            log.error("call %s: its caller's profile was not kept: %s", call.call_id, where(error))

    async def keep_stored(self) -> None:
        """Writes what waits in memory, every half minute. Runs until cancelled."""
        while True:
            await self._clock.sleep(AGAIN_MS)
            await self.settle()

    async def settle(self) -> bool:
        """Writes what waits in memory, the oldest first; true when nothing waits any more."""
        some = bool(self._waiting)
        while self._waiting:
            waiting = self._waiting[0]
            try:
                await within(self._clock, KEEP_MS, self._write(*waiting, again=True))
            except (StoreError, TimeoutError):
                return False  # it was said when it began to wait
            except _MISTAKES as error:
                log.error("call %s: its caller's profile was not kept: %s", waiting[0].call_id, where(error))
            if self._waiting and self._waiting[0] is waiting:  # else it was erased meanwhile
                self._waiting.popleft()
        if some:
            log.info("the store answers again: the profiles that waited are kept there now")
        return True

    async def _write(
        self, call: CallFacts, facts: FlowFacts, remember: Remember, *, again: bool = False
    ) -> None:
        """``again``: some of it may be written already, and later calls too, which go before it."""
        number = self._keys.number(call.caller)
        said = call.value(remember.consent) if remember.consent else "yes"
        keys = [key for key in (number, call.identity) if key]
        now = self._clock.wall_ms()
        if said == "no":
            await self._store.forget(keys)
            await self._note_no(keys, remember, now)
            return
        if remember.consent and (again or said != "yes") and await self._said_no(keys, now):
            return
        if number:
            cut = cut_call(call, facts) if remember.resume and not again else None
            await self._put_cut(number, cut, facts, remember, now)
            await self._put_profile(number, call, remember.values, remember, said == "yes", now, again)
        if call.identity:
            names = (*remember.values, *remember.verified)
            await self._put_profile(call.identity, call, names, remember, said == "yes", now, again)

    async def _note_no(self, keys: Sequence[str], remember: Remember, now: int) -> None:
        """The one thing that is kept of who does not want to be remembered, so that nobody asks again."""
        expires = self._expires(remember, now)
        for key in keys:
            await self._store.amend(key, PROFILE, lambda _: {"consent": "no"}, now_ms=now, expires_at=expires)

    async def _said_no(self, keys: Sequence[str], now: int) -> bool:
        """Whether they said no in an earlier call."""
        return any(
            row.kind == PROFILE and row.body.get("consent") == "no"
            for row in await self._store.recall(keys, now)
        )

    def _expires(self, remember: Remember, now: int) -> int:
        return now + min(remember.days, self._limits.days) * DAY_MS

    async def _put_cut(
        self, key: str, cut: CutCall | None, facts: FlowFacts, remember: Remember, now: int
    ) -> None:
        body = merge.cut_to_json(cut, facts.name, facts.version, remember.verified) if cut else None
        expires = now + self._limits.resume_minutes * 60_000
        await self._store.amend(key, CUT, lambda _: body, now_ms=now, expires_at=expires)

    async def _put_profile(
        self,
        key: str,
        call: CallFacts,
        names: Sequence[str],
        remember: Remember,
        agreed: bool,
        now: int,
        again: bool,
    ) -> None:
        consent = "yes" if agreed and remember.consent else ""

        def change(old: JsonDict | None) -> JsonDict | None:
            last = (old or {}).get("last")
            if again and isinstance(last, int) and last >= call.began_at:
                return old  # this call is in it already, or a later one is
            if agreed or (old or {}).get("consent") == "yes":
                return merge.merge(old, call, names, consent)
            return old

        await self._store.amend(key, PROFILE, change, now_ms=now, expires_at=self._expires(remember, now))

    # --- erasing --------------------------------------------------------------------------------------

    async def erase(self, caller: str, identity: str = "") -> bool:
        """Everything kept of a number (and of a verified identity); false when the store would not."""
        keys = [key for key in (self._keys.number(caller), identity) if key]
        self._waiting = deque(
            one for one in self._waiting if not {self._keys.number(one[0].caller), one[0].identity} & {*keys}
        )
        try:
            await within(self._clock, KEEP_MS, self._store.forget(keys))
        except (StoreError, TimeoutError) as error:
            log.error("what is remembered of a caller could not be erased: %s", error or "too slow")
            return False
        return True

    async def keep_tidy(self) -> None:
        """Deletes what has expired, now and every hour. Runs until cancelled."""
        while True:
            try:
                gone = await self._store.forget_expired(self._clock.wall_ms())
            except StoreError as error:
                log.warning("what has expired of callers could not be deleted: %s", error)
            else:
                if gone:
                    log.info("%d things remembered of callers have expired and are deleted", gone)
            await self._clock.sleep(TIDY_MS)
