"""The composition root: settings in, a running server out; and draining on SIGTERM.

:func:`build_runtime` makes everything a process needs, for the server and for replay alike: replay asks
for ``inline`` engines and a manual clock, and is otherwise the same line.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial

from aiohttp import web

from voice import health, metrics
from voice.call.bench_line import ONSET_MS
from voice.call.recorder import Disk, DiskThread, InlineDisk
from voice.call.recovery import finish_cut_calls
from voice.call.services import Actions, Services, Transport
from voice.call.session import CallSession
from voice.clock import Clock, RealClock
from voice.desk import api as desk_api
from voice.desk.auth import OneTimeLinks
from voice.dialogue.actions import ActionRunner
from voice.dialogue.loader import Business, load_business
from voice.dialogue.texts import load_texts
from voice.errors import ConfigError
from voice.language_model.service import ModelService, configured
from voice.line import Line
from voice.metrics import Metrics
from voice.model import LANGUAGES
from voice.profile.key_change import told_of_another_key
from voice.profile.keys import load_keys
from voice.profile.service import Limits, Profiles
from voice.profile.tries import Tries
from voice.profile.verify import Verifier
from voice.queue.service import TOPIC, QueueService
from voice.relay.client import connect, nowhere
from voice.relay.recordings import Recordings
from voice.reload import Reloader
from voice.settings import Settings
from voice.speech.silero import activity_maker
from voice.store.bus import LocalBus
from voice.store.engines import store_url
from voice.store.lock import DataLock
from voice.store.log import CallLog, LogWriter
from voice.store.sql import SqlStore
from voice.talk import begin_talk, dialogue_of, has_model, prepare_prompts
from voice.telephony import conversationrelay_http, twilio_http
from voice.telephony.conversationrelay_http import Opening
from voice.telephony.quiet import HttpLog
from voice.telephony.seam import Wire

log = logging.getLogger(__name__)

AFTER_LAST_CALL_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Runtime:
    """A process's parts, alive until its context ends."""

    settings: Settings
    services: Services
    store: SqlStore
    bus: LocalBus
    writer: LogWriter
    queue: QueueService
    business: Business | None  # None on the bench; the first version, see reloader
    reloader: Reloader | None = None
    profiles: Profiles | None = None

    def new_session(self, wire: Wire, transport: Transport) -> CallSession:
        return CallSession(self.services, wire, transport)


@asynccontextmanager
async def build_runtime(
    settings: Settings,
    *,
    clock: Clock | None = None,
    inline: bool = False,
    bench: str = "",
    store_address: str | None = None,
) -> AsyncIterator[Runtime]:
    """Makes and starts everything but the sockets; stops and stores it all on leaving.

    ``inline``: engines and disk work in the calling thread, for deterministic replay. ``bench``
    ("media" or "hearing"): see :mod:`voice.call.bench_line`. ``store_address`` overrides the settings'
    database URL. Raises ConfigError, FlowError, ModelError or StoreError with what to do.
    """
    clock = clock or RealClock()
    _make_data_folder(settings)
    async with AsyncExitStack() as stack:
        if not inline:
            stack.enter_context(DataLock(settings.data))
        store, writer = await _storage(settings, store_address, stack)
        bus = LocalBus()
        counters = Metrics()
        queue = await _queue(store, bus, clock, counters, stack)
        if bench:
            speech = settings.speech.model_copy(update={"onset_ms": ONSET_MS})
            settings = settings.model_copy(update={"speech": speech})
        business = None if bench else load_business(settings.call.flow, settings.prompts)
        talk = await begin_talk(settings, business, inline, bench, clock, counters, stack)
        clever = has_model(settings, inline)
        current: list[Business | None] = [business]
        new_actions, profiles = await _callers(settings, current, store, clock, stack)
        services = Services(
            settings=settings,
            clock=clock,
            ear=talk.ear,
            mouth=talk.mouth,
            queue=queue,
            disk=_disk(inline, stack),
            actions=new_actions(business),
            profiles=profiles,
            texts=business.texts if business else load_texts(settings.prompts),
            metrics=counters,
            new_dialogue=talk.new_dialogue,
            new_log=lambda call_id: CallLog(call_id, writer, bus),
            calls_dir=settings.data / "calls",
            flow_name=business.flow.name if business else "bench",
            flow_version=business.flow.version if business else "",
            fallback_queue=business.flow.person.queue if business else "general",
            new_activity=activity_maker(settings.speech.vad, settings.speech.vad_mode),
            player=None if inline else _player(stack),
            relay=nowhere if inline else connect,
            model=_model(settings, clock, stack) if clever else None,
        )

        def renew(edited: Business) -> Services:
            current[0] = edited
            return replace(_renewed(services, edited, clever), actions=new_actions(edited))

        reloader = None
        if business is not None and not inline:
            speak = partial(prepare_prompts, talk.mouth)
            reloader = Reloader(business, settings.prompts, learn=talk.learn, speak=speak, renew=renew)
        yield Runtime(settings, services, store, bus, writer, queue, business, reloader, profiles)


def _player(stack: AsyncExitStack) -> Recordings:
    player = Recordings()
    stack.push_async_callback(player.close)
    return player


def _renewed(services: Services, edited: Business, clever: bool) -> Services:
    """The services with all that a flow says itself, but for its actions."""
    lang, codes = services.settings.call.lang, services.settings.relay.codes
    return replace(
        services,
        texts=edited.texts,
        new_dialogue=partial(dialogue_of, edited, lang, codes, clever),
        flow_name=edited.flow.name,
        flow_version=edited.flow.version,
        fallback_queue=edited.flow.person.queue,
    )


async def _queue(
    store: SqlStore, bus: LocalBus, clock: Clock, counters: Metrics, stack: AsyncExitStack
) -> QueueService:
    """The started queue; how many wait is counted."""
    queue = QueueService(store, bus, clock)
    await queue.start()
    stack.push_async_callback(queue.close)
    stack.callback(bus.subscribe(TOPIC, lambda _: counters.queue_waiting.set(len(queue.waiting()))))
    return queue


def _make_data_folder(settings: Settings) -> None:
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"data folder {settings.data}: {error.strerror}; make it writable or choose another with --data"
        ) from error


async def _storage(
    settings: Settings, address: str | None, stack: AsyncExitStack
) -> tuple[SqlStore, LogWriter]:
    """The database, with the calls of an earlier process brought to an end."""
    store = SqlStore(address or store_url(settings.data, settings.store.url))
    await store.open()
    stack.push_async_callback(store.close)
    writer = LogWriter(store)
    stack.push_async_callback(writer.close)
    await finish_cut_calls(store, settings.data / "calls")
    return store, writer


def _disk(inline: bool, stack: AsyncExitStack) -> Disk:
    if inline:
        return InlineDisk()
    disk = DiskThread()
    stack.callback(disk.close, 10)
    return disk


def _actions(settings: Settings, business: Business | None, stack: AsyncExitStack) -> ActionRunner:
    if business is None:
        actions = ActionRunner(None, settings.prompts)
    else:
        actions = ActionRunner(business.flow, settings.prompts, registry=business.registry)
    stack.push_async_callback(actions.close)
    return actions


async def _callers(
    settings: Settings,
    current: Sequence[Business | None],
    store: SqlStore,
    clock: Clock,
    stack: AsyncExitStack,
) -> tuple[Callable[[Business | None], Actions], Profiles | None]:
    """What makes the actions of a business (callers' wishes are carried out with them), and what is known of
    callers (None: nothing is kept). ``current`` holds the business that calls now begin with."""
    business = current[0]
    if business is None:
        return lambda _: _actions(settings, None, stack), None
    keys = load_keys(settings.data, settings.profile.key.get_secret_value())
    await told_of_another_key(store, keys, clock.wall_ms())
    profiles = None
    if settings.profile.enabled and business.flow.remember is not None:
        own = settings.profile
        limits = Limits(own.load_ms, own.resume_minutes, own.days)
        profiles = Profiles(store, clock, keys, lambda: (current[0] or business).flow, limits)
        tidying = asyncio.get_running_loop().create_task(profiles.keep_tidy(), name="profiles-tidy")
        keeping = asyncio.get_running_loop().create_task(profiles.keep_stored(), name="profiles-store")
        stack.push_async_callback(profiles.settle)
        stack.callback(keeping.cancel)
        stack.callback(tidying.cancel)

    tries = Tries(store, clock)
    keeping = asyncio.get_running_loop().create_task(tries.keep_stored(), name="tries-store")
    stack.push_async_callback(tries.settle)
    stack.callback(keeping.cancel)

    def new_actions(edited: Business | None) -> Actions:
        return Verifier(_actions(settings, edited, stack), tries, clock, keys, profiles)

    return new_actions, profiles


def _model(settings: Settings, clock: Clock, stack: AsyncExitStack) -> ModelService | None:
    """The language model that the settings name, if any."""
    model = configured(settings.model, clock)
    if model is not None:
        stack.push_async_callback(model.close)
    return model


# --- the server -----------------------------------------------------------------------------------------


def _opening(business: Business | None) -> Opening:
    """What callers of a provider that hears and speaks begin with."""
    if business is None:
        return Opening(LANGUAGES)
    flow = business.flow
    fixed = {lang: text.strip() for lang, text in flow.disclosure.items() if "{" not in text}
    return Opening(flow.languages, fixed, flow.lexicon)


class Server:
    """The HTTP side of a runtime: telephony, desk, health and metrics."""

    def __init__(self, runtime: Runtime, announce: Callable[[str], None]) -> None:
        self._runtime = runtime
        self._announce = announce
        self.line = Line(runtime.services)
        self.address = ""
        settings = runtime.settings
        self.links = OneTimeLinks(runtime.services.clock, link_minutes=settings.desk.link_minutes)
        self.desk: desk_api.Desk | None = None
        app = web.Application()
        app.add_routes(twilio_http.routes(settings, self.line, runtime.services.metrics))
        app.add_routes(
            conversationrelay_http.routes(settings, self.line, self._opening, runtime.services.metrics)
        )
        app.add_routes(health.routes(self._ready))
        app.add_routes(metrics.routes(runtime.services.metrics))
        if settings.desk.enabled:
            self.desk = desk_api.Desk(
                runtime.queue, runtime.store, runtime.bus, self.links, settings, on_link=self._announce_link
            )
            app.add_routes(desk_api.routes(self.desk))
        self._runner = web.AppRunner(
            app,
            access_log=None,
            logger=HttpLog(runtime.services.clock),
            keepalive_timeout=twilio_http.IDLE_SECONDS,
            shutdown_timeout=5,
        )

    async def start(self) -> None:
        """Binds the port. Raises ConfigError when it is taken."""
        server = self._runtime.settings.server
        await self._runner.setup()
        site = web.TCPSite(self._runner, server.host, server.port, backlog=1024)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            raise ConfigError(
                f"cannot listen on {server.host}:{server.port} ({error.strerror}); "
                "is another server running? choose another with --port"
            ) from error
        host, port = self._runner.addresses[0][:2]
        # "every address" is none that a browser elsewhere could open
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (compared with, not bound to)
        shown = f"[{host}]" if ":" in host else host
        self.address = f"http://{shown}:{port}"

    def _opening(self) -> Opening:
        reloader = self._runtime.reloader
        return _opening(reloader.business if reloader else self._runtime.business)

    def _announce_link(self, token: str) -> None:
        base = self._runtime.settings.server.public_url or self.address
        self._announce(f"Agent desk: {base}/desk/enter/{token}")

    def announce_desk(self) -> None:
        """Prints a one-time address of the agents' page."""
        if self.desk is not None:
            self._announce_link(self.links.issue())

    def _ready(self) -> tuple[bool, dict[str, str]]:
        runtime = self._runtime
        store_works = runtime.writer.healthy and runtime.queue.healthy
        waiting = runtime.profiles.unstored if runtime.profiles else 0
        return store_works and not self.line.draining, {
            "line": "draining" if self.line.draining else self.line.accepts() or "ok",
            "store": "ok" if store_works else "failing: see the log",
            **({"profiles": f"{waiting} calls wait for the store"} if waiting else {}),
        }

    async def stop(self, hurry: asyncio.Event | None = None) -> None:
        """Drains the line, then closes everything. ``hurry``: once set, calls are stored and cut."""
        hurry = hurry or asyncio.Event()
        had_calls = self.line.active > 0
        hurried = asyncio.create_task(hurry.wait())
        drained = asyncio.create_task(self.line.drain(self._runtime.settings.server.drain_seconds))
        try:
            await asyncio.wait({hurried, drained}, return_when=asyncio.FIRST_COMPLETED)
            if not drained.done():
                self.line.cut()
            await drained
        finally:
            hurried.cancel()
            drained.cancel()
        if had_calls and not hurry.is_set():
            # providers ask what comes next right after our close; a closed port would be read out as an error
            await asyncio.sleep(AFTER_LAST_CALL_SECONDS)
        if self.desk is not None:
            await self.desk.close()
        await self._runner.cleanup()
