"""The call session: the only shell. Moves bytes, owns the one timer, carries out what the machines decide.

Everything here runs in the event loop's thread. Whatever is slow (recognition, synthesis, actions, disk)
runs elsewhere and comes back through :meth:`CallSession.enter`. What belongs to the audio is in
:mod:`voice.call.media`, or to words alone, where the provider hears and speaks, in
:mod:`voice.call.text_media`; here are the call's phases, its order and its deadlines.
:meth:`CallSession.run` returns when the call is over and everything of it is stored; leaving it is the only
teardown.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from enum import Enum
from functools import partial
from typing import Any

from voice import events as ev
from voice.call.allowance import Allowance
from voice.call.beginning import began, call_started, profile_loaded
from voice.call.calltime import CallTime
from voice.call.ending import store_away
from voice.call.files import CallFiles
from voice.call.handover import from_log
from voice.call.hold import GIVE_UP, Patience
from voice.call.inbox import Effects, Inbox
from voice.call.invoking import action_finished, invoke
from voice.call.medium import Medium, Setting, medium_for
from voice.call.queueing import Queueing
from voice.call.relaying import Relaying
from voice.call.services import CallerProfiles, Services, Transport
from voice.call.timer import CallTimer
from voice.dialogue import seam as dlg
from voice.errors import WireError, where
from voice.model import BargeIn, CallInfo, Digit, Frame, Prompt
from voice.profile.service import Welcome
from voice.store.log import CallLog
from voice.telephony.seam import (
    Connected,
    Disconnected,
    Interrupted,
    MarkPlayed,
    Played,
    Said,
    Speaking,
    TextWire,
    Wire,
)

log = logging.getLogger(__name__)

START_SECONDS = 10  # a connection that never becomes a call
FLOOD_MS = 15_000  # audio this far ahead of time: not a telephone


class Phase(Enum):
    NEW = "new"  # connected, no call yet
    TALKING = "talking"  # the dialogue has the caller
    TRANSFERRING = "transferring"  # the ticket is being stored
    HOLDING = "holding"  # in line for a person
    CLOSING = "closing"  # last words, then the end
    ENDED = "ended"


class CallSession:
    """One call from its first message to its last stored byte."""

    def __init__(self, services: Services, wire: Wire | TextWire, transport: Transport) -> None:
        self._services = services
        self._settings = services.settings
        self._clock = services.clock
        self._wire = wire
        self._transport = transport
        self._time = CallTime(services.clock)
        self._phase = Phase.NEW
        self._ended = asyncio.Event()
        self._inbox = Inbox(self._rearm)
        self._effects = Effects(services.clock, self._effect_broke)
        self._timer = CallTimer(self._clock, lambda: self.enter(self._tick))
        self._relaying = Relaying(self, services.relay, services.clock)
        self._bad_messages = 0
        self._draining = False
        self._transferring = Patience(0)
        self._ending: tuple[str, str] | None = None
        self._queueing: Queueing | None = None
        self._log: CallLog | None = None  # while it is None, the call has not started and these are missing
        self._media: Medium
        self._files: CallFiles
        self._info: CallInfo
        self._allowance = Allowance()
        self.call_id = ""
        self.outcome = ""
        self.reason = ""

    # --- what the server calls ----------------------------------------------------------------------

    @property
    def ended(self) -> bool:
        return self._phase is Phase.ENDED

    @property
    def events(self) -> Sequence[ev.Event]:
        """The call's log so far."""
        return self._log.events if self._log else ()

    def receive(self, message: str | bytes) -> None:
        """One message of the provider. Never raises: what is wrong is logged and counted."""
        if self._phase is Phase.ENDED:
            return
        try:
            received = self._wire.receive(message)
        except WireError as error:
            self.enter(partial(self._rejected, error))
            return
        audio = received and type(received[0]) is Frame
        if not audio and not self._allowance.take(self._clock.now_ms()):
            self.enter(self._flooded)
            return
        for item in received:
            if isinstance(item, Frame):
                if self._log is not None:
                    self._media.frame(item)
            else:
                self.enter(partial(self._signal, item))

    def disconnected(self) -> None:
        """The connection is gone: the caller hung up, or the provider did."""
        self.enter(lambda: self._hung_up("connection_closed"))

    def drain(self) -> None:
        """The server stops: a caller still talking hears so, and is put down to be called back."""
        self.enter(self._drain)

    def stop(self) -> None:
        """The server stops at once: a caller in line is put down to be called back, nothing more is said."""
        self.enter(self._stop)

    async def run(self) -> None:
        """The whole call. Cancelling it ends the call as failed, with everything stored."""
        starting = self._clock.call_at(self._clock.now_ms() + START_SECONDS * 1000, self._never_started)
        try:
            await self._ended.wait()
        except asyncio.CancelledError:
            self._end("failed", "cancelled")
            raise
        finally:
            starting.cancel()
            await self._effects.cancel()
            if self._log is not None:
                # the call's last events must reach the store even if the server is told to stop meanwhile
                recorder, now = self._media.recorder, self._time.now()
                profiles = self._services.profiles
                await asyncio.shield(
                    store_away(self._log, self._files, recorder, self._queueing, now, profiles)
                )
                self._services.metrics.calls_total.labels(self.outcome).inc()

    async def settled(self) -> None:
        """Until no effect of this call is running, other than those that wait for the (manual) clock."""
        await self._effects.settled()

    # --- order: one thing at a time -----------------------------------------------------------------

    def enter(self, work: Callable[[], None]) -> None:
        """Runs ``work`` now, or after what is being done: machines are never re-entered."""
        self._inbox.enter(work)

    def effect(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs something that waits (an action, the queue, the store) beside the call."""
        self._effects.start(work)

    def _effect_broke(self, error: Exception) -> None:
        def broke() -> None:
            if self._phase is Phase.TRANSFERRING:
                self._sorry("transfer_failed")
            else:
                self.on_fault()

        log.error("call %s: %s", self.call_id, where(error))
        self.enter(broke)

    # --- the caller's side --------------------------------------------------------------------------

    def _signal(
        self, item: Connected | Disconnected | Digit | MarkPlayed | Said | Interrupted | Speaking | Played
    ) -> None:
        if isinstance(item, Connected):
            self._start(item.info)
        elif self._phase in (Phase.NEW, Phase.ENDED):
            return
        elif isinstance(item, Disconnected):
            self._hung_up(item.reason)
        else:
            self._media.signal(item)

    def on_key(self, digit: Digit) -> None:
        """The caller pressed a key, wherever that is known from."""
        if self._phase is Phase.HOLDING and self._queueing is not None:
            self._queueing.key(digit.key, self._time.now())
        else:
            self._media.conversation.key(digit)

    # --- our side -----------------------------------------------------------------------------------

    def note(self, data: ev.EventData) -> None:
        """Into the event log, at the call's time."""
        if self._log is not None:
            self._log.add(self._time.now(), data)

    def say(self, prompt: Prompt) -> None:
        self._media.say(prompt)

    def say_text(self, key: str, barge_in: BargeIn, **values: str) -> None:
        """Says a system text in the call's language."""
        self._media.say_text(key, barge_in, **values)

    def play_music(self, ms: int) -> None:
        self._media.play_music(ms)

    def hush(self) -> None:
        """Everything that is playing or waiting to be said is dropped."""
        self._media.hush()

    def now(self) -> int:
        """The call's time."""
        return self._time.now()

    # --- what the conversation decides --------------------------------------------------------------

    async def run_action(self, request: dlg.Invoke) -> None:
        started = self._time.now()
        self.note(ev.ActionStarted(request.id, request.name))
        answer = await invoke(self._services.actions, self._clock, request, self._info)
        took = self._time.now() - started
        self.note(action_finished(request, answer, took))
        self.enter(lambda: self._media.conversation.feed(answer))

    def relay(self, action: dlg.RelayAction) -> None:
        """What the dialogue wants of an external application."""
        self._relaying.do(action)

    def connection(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs a connection to somebody else beside the call."""
        self._effects.start(work, connection=True)

    def tell(self, item: dlg.Input) -> None:
        """To the dialogue, in order with everything else."""
        self.enter(lambda: self._media.conversation.feed(item))

    def on_all_spoken(self) -> None:
        if self._phase is Phase.HOLDING and self._queueing is not None:
            self._queueing.played(self._time.now())
        elif self._phase is Phase.CLOSING:
            self._end(*(self._ending or ("completed", "dialogue")))
        elif self._phase is Phase.TALKING:
            self._media.conversation.spoken()

    def on_transfer(self, transfer: dlg.Transfer) -> None:
        self._phase = Phase.TRANSFERRING
        self._relaying.leave()
        self._media.conversation.stop()
        self._transferring = Patience(self._time.now())
        queueing = Queueing(self, self._services, self._files, self._info, transfer)
        self._queueing = queueing
        self.effect(queueing.enqueue(self.events, self._time.now()))

    def on_goodbye(self, outcome: str, reason: str) -> None:
        """Ends the call once everything queued has been said."""
        self._ending = (outcome, reason)
        self._phase = Phase.CLOSING
        self._relaying.leave()
        self._media.conversation.stop()
        if not self._media.conversation.speaking:
            self._end(outcome, reason)

    def on_fault(self, announce: str = "transfer.fault") -> None:
        """Something of ours broke: the caller goes to a person with all that the log knows, and hears the
        system text ``announce`` first."""
        if self._phase is Phase.TALKING:
            self._give_over("fault", announce)

    # what Queueing reports

    def on_queued(self, announce: Sequence[Prompt]) -> None:
        """The ticket is stored: now the caller may be told."""

        def queued() -> None:
            if self._phase is not Phase.TRANSFERRING or self._queueing is None:
                return
            self._phase = Phase.HOLDING
            if self._queueing.decided is None:  # an agent, or our own end, may have been faster
                for prompt in announce:
                    self.say(prompt)
            if self._draining:
                self._queueing.drain(self._time.now())
            if not self._media.conversation.speaking:
                self._queueing.played(self._time.now())

        self.enter(queued)

    def on_notice(self, work: Callable[[int], None]) -> None:
        """The queue moved; ``work`` is run with the time, in order with everything else."""

        def noticed() -> None:
            if self._phase in (Phase.TRANSFERRING, Phase.HOLDING):
                work(self._time.now())

        self.enter(noticed)

    def on_returned(self, reason: str) -> None:
        """The caller leaves the queue for the assistant."""
        self._phase = Phase.TALKING
        self._queueing = None
        self._media.conversation.resume(dlg.Returned(reason))

    def on_hold_over(self, outcome: str, reason: str) -> None:
        self._end(outcome, reason)

    # --- beginning and end --------------------------------------------------------------------------

    def _start(self, info: CallInfo) -> None:
        if self._phase is not Phase.NEW:
            return
        self._files = CallFiles.make(self._services.calls_dir, info.call_id)
        self.call_id = self._files.call_id
        self._info = replace(info, call_id=self.call_id)
        self._time = CallTime(self._clock)
        dialogue = self._services.new_dialogue(self._info)
        setting = Setting(self._services, self._transport, dialogue, self._time, self._timer, self._files)
        self._media = medium_for(self._wire)(self, setting)
        self._log = self._services.new_log(self.call_id)
        self._phase = Phase.TALKING
        self.note(call_started(self._services, self._info, dialogue.lang))
        log.info("call %s: started", self.call_id)
        if self._services.profiles is None:
            self._begin(Welcome())
        else:
            self.effect(self._welcome(self._services.profiles))

    async def _welcome(self, profiles: CallerProfiles) -> None:
        """The call begins once it is known who calls, or the time for finding out is over."""
        known = await profiles.load(self._info.caller)

        def welcome() -> None:
            if self._phase is Phase.TALKING:
                self.note(profile_loaded(known))
                self._begin(known)

        self.enter(welcome)

    def _begin(self, known: Welcome) -> None:
        self._media.conversation.feed(began(self._services, self._info, known))

    def _give_over(self, reason: str, announce: str) -> None:
        """Hands the caller to a person with all that the log knows, past the dialogue."""
        self._media.hush()
        prompts: tuple[Prompt, ...] = ()
        if announce:
            prompts = (self._media.text(announce, BargeIn.NONE),)
        handoff = from_log(
            self.events,
            reason=reason,
            queue=self._services.fallback_queue,
            lang=self._media.conversation.lang,
        )
        self.note(ev.HandoffRequested(reason, handoff.queue, handoff.priority))
        self.on_transfer(dlg.Transfer(handoff, prompts))

    def _hung_up(self, reason: str) -> None:
        if self._phase is Phase.ENDED:
            return
        if self._queueing is not None and self._queueing.decided:
            self._end(*self._queueing.decided)
        elif self._phase is Phase.CLOSING and self._ending is not None:
            self._end(*self._ending)
        else:
            self._end("abandoned", reason)

    def _never_started(self) -> None:
        if self._phase is Phase.NEW:
            log.warning("a connection sent no call within %s s and was closed", START_SECONDS)
            self._end("failed", "never_started")

    def _drain(self) -> None:
        self._draining = True
        if self._phase is Phase.NEW:
            self._end("refused", "draining")
        elif self._phase is Phase.TALKING:
            self._give_over("drain", "drain")
        elif self._queueing is not None and not self._queueing.decided:
            self._queueing.drain(self._time.now())

    def _stop(self) -> None:
        if self._phase is Phase.HOLDING and self._queueing is not None and not self._queueing.decided:
            self._queueing.call_back()
            self._end("callback", "draining")
        else:
            self._end("failed", "cancelled")

    def _rejected(self, error: WireError) -> None:
        self._bad_messages += 1
        self._services.metrics.wire_rejected.inc()
        if self._bad_messages == 1:
            log.warning("call %s: message rejected: %s", self.call_id or "(not started)", error)
            self.note(ev.WireRejected(str(error)))
        if self._bad_messages >= self._settings.call.max_bad_messages:
            log.warning(
                "call %s: %s bad messages, closing", self.call_id or "(not started)", self._bad_messages
            )
            self.note(ev.WireRejected(str(error), self._bad_messages))
            self._end("failed", "bad_messages")

    def _flooded(self) -> None:
        if self._phase is not Phase.ENDED:
            log.warning(
                "call %s: messages arrive far faster than a telephone's; closing",
                self.call_id or "(not started)",
            )
            self._end("failed", "flood")

    def _end(self, outcome: str, reason: str) -> None:
        """The last thing: once, from any phase."""
        if self._phase is Phase.ENDED:
            return
        started = self._phase is not Phase.NEW
        self._phase = Phase.ENDED
        self.outcome, self.reason = outcome, reason
        self._timer.cancel()
        if started:
            ticket = self._queueing.ticket_id if self._queueing is not None else ""
            self._media.close({"outcome": outcome, "reason": reason, "call": self.call_id, "ticket": ticket})
            if self._queueing is not None:
                self._queueing.conclude()
            self.note(ev.CallEnded(outcome, reason, self._time.now()))
            log.info("call %s: %s (%s)", self.call_id, outcome, reason)
        self._transport.close(*self._wire.close_code(reason))
        self._ended.set()

    # --- time ---------------------------------------------------------------------------------------

    def _tick(self) -> None:
        """Some deadline has come. Machines are asked in the order in which they could matter."""
        if self._phase in (Phase.NEW, Phase.ENDED):
            return
        now = self._time.now()
        self._media.pump()
        settings = self._settings.call
        if self._media.stalled():
            self.note(ev.AudioStalled(self._time.quiet_ms))
            self._hung_up("audio_stalled")
            return
        if self._time.ahead_ms > FLOOD_MS:
            self._flooded()
            return
        if self._phase is Phase.TRANSFERRING:
            self._bear_with_us(now)
        if self._phase is not Phase.TALKING:
            return
        if now >= settings.max_seconds * 1000:
            self._media.conversation.stop()
            self._media.hush()
            self.say_text("max_duration", BargeIn.NONE)
            self.on_goodbye("completed", "max_duration")
            return
        self._media.conversation.tick(now)

    def _bear_with_us(self, now: int) -> None:
        """The store takes its time with the ticket: the caller does not wait in silence, nor for ever."""
        said = self._transferring.tick(now)
        if said == GIVE_UP:
            self._sorry("transfer_slow")
        elif said and not self._media.conversation.speaking:
            self.say_text(said, BargeIn.NONE)

    def _sorry(self, reason: str) -> None:
        """Nothing can be done for the caller now: they are told so. A ticket that was made stays."""
        self._media.hush()
        self.say_text("failure", BargeIn.NONE)
        self.on_goodbye("failed", reason)

    def _next_due(self) -> int:
        """The earliest deadline of all machines, in call time."""
        due = self._time.now() + 1000  # stalls, floods and the longest call are looked at once a second
        wanted = self._media.deadline()
        if wanted is not None and wanted < due:
            due = wanted
        return due

    def _rearm(self) -> None:
        if self._phase not in (Phase.NEW, Phase.ENDED):
            self._timer.arm(self._next_due(), self._time)
