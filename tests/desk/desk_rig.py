"""A desk on a real socket with a store in memory, and the story of one call to hand over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer

from voice import events as ev
from voice.clock import Clock
from voice.desk.api import Desk, routes
from voice.desk.auth import OneTimeLinks
from voice.events import Event, EventData
from voice.model import CallInfo, Handoff, IntentGuess, JsonDict, Slot, Source, Tried
from voice.queue.packet import build
from voice.queue.seam import QueueNotice
from voice.queue.service import QueueService
from voice.settings import Settings
from voice.store.bus import LocalBus
from voice.store.sql import SqlStore

HANDOFF = Handoff(
    reason="caller_asked",
    queue="facturas",
    priority=5,
    lang="es",
    intent=IntentGuess("invoice_question", 0.93, "una factura que no reconoce"),
    alternatives=(IntentGuess("balance", 0.22, "consultar el saldo"),),
    slots=(
        Slot("customer", "40271835", "cuatro cero dos siete uno ocho tres cinco", 0.95, True, Source.SPEECH,
             "número de cliente"),
        Slot("due", "2026-03-15", "el quince de marzo", 0.61, False, Source.SPEECH, "fecha de la factura"),
        Slot("pin", "7391", "siete tres nueve uno", 1.0, True, Source.DTMF, "clave", sensitive=True),
        Slot("plan", "Fibra 600", "", 1.0, False, Source.PROFILE, "tarifa"),
    ),
    tried=(
        Tried("Consultar la factura de marzo", "encontrada, 45,20 €"),
        Tried("Explicar los conceptos", "no quedó conforme", "la cuota de alta aparece dos veces"),
    ),
    mood="frustrated",
)  # fmt: skip


def story(call_id: str) -> list[Event]:
    said: list[tuple[int, EventData]] = [
        (
            0,
            ev.CallStarted("twilio", "+34600111222", "+34910000000", "es", "telecom", "1", 1_767_225_600_000),
        ),
        (0, ev.BotSaid(1, "Hola, soy el asistente virtual de Centralita.", "es", "hello", "none")),
        (2600, ev.BotHeard(1, "Hola, soy el asistente virtual de Centralita.", 2600, "full")),
        (2600, ev.BotSaid(2, "¿En qué le ayudo? Puede decir saldo, factura o pedido.", "es", "ask", "any")),
        (4000, ev.BotHeard(2, "¿En qué le ayudo?", 1400, "cut")),
        (5600, ev.CallerSaid("hay una factura que no reconozco", 0.91, "es", 3900, 5100, 500)),
        (5620, ev.Responded(1, 22, 500)),
        (5700, ev.StepEntered("customer")),
        (5700, ev.BotSaid(3, "Dígame su número de cliente.", "es", "customer", "any")),
        (7300, ev.BotHeard(3, "Dígame su número de cliente.", 1600, "full")),
        (12900, ev.CallerSaid("cuatro cero dos siete uno ocho tres cinco", 0.57, "es", 8000, 12400, 500)),
        (12920, ev.Responded(2, 18, 500)),
        (13000, ev.StepEntered("pin")),
        (13000, ev.BotSaid(4, "Ahora marque su clave.", "es", "pin", "any")),
        (14200, ev.BotHeard(4, "Ahora marque su clave.", 1200, "full")),
        (17000, ev.CallerKeyed("••••", True)),
        (17100, ev.StepEntered("explain")),
        (21000, ev.CallerSaid("quiero hablar con una persona", 0.88, "es", 18800, 20400, 500)),
        (21050, ev.HandoffRequested("caller_asked", "facturas", 5, "invoice_question")),
    ]
    return [Event(call_id, seq, at, data) for seq, (at, data) in enumerate(said)]


@dataclass
class DeskRig:
    """A running desk; ``clock`` moves only where the test asked for a manual one."""

    desk: Desk
    queue: QueueService
    store: SqlStore
    bus: LocalBus
    links: OneTimeLinks
    clock: Clock
    server: TestServer
    data: Path
    printed: list[str] = field(default_factory=list)
    notices: dict[str, list[QueueNotice]] = field(default_factory=dict)

    def url(self, path: str) -> str:
        return f"http://{self.server.host}:{self.server.port}{path}"

    @property
    def origin(self) -> str:
        return self.url("")

    async def ring(self, call_id: str = "CA1", handoff: Handoff = HANDOFF, **changes: Any) -> JsonDict:
        """A caller gets in line; returns the packet."""
        events = changes.pop("events", None) or story(call_id)
        handoff = replace(handoff, **changes)
        info = CallInfo(call_id, "MZ1", "twilio", "+34600111222", "+34910000000")
        ticket_id = f"t-{call_id}"
        await self.store.append(events)
        packet = build(
            handoff,
            events,
            info,
            ticket_id=ticket_id,
            created_at_ms=self.clock.wall_ms(),
            recording=None,
            call_ms=21_100,
        ).model_dump(mode="json")
        heard = self.notices.setdefault(ticket_id, [])
        await self.queue.enqueue(
            ticket_id, handoff, packet, call_id=call_id, caller=info.caller, notify=heard.append
        )
        return packet

    async def sign_in(self, agent: str = "Ana") -> ClientSession:
        """A program's session; the caller closes it."""
        async with (
            ClientSession() as http,
            http.post(
                self.url("/desk/api/session"), json={"token": self.links.issue(), "agent": agent}
            ) as answer,
        ):
            secret = (await answer.json())["session"]
        return ClientSession(self.origin, headers={"Authorization": f"Bearer {secret}"})

    async def browse_in(self, agent: str = "Ana") -> ClientSession:
        """A browser's session, with its cookie."""
        http = ClientSession(self.origin, cookie_jar=CookieJar(unsafe=True))
        path = f"/desk/enter/{self.links.issue()}"
        async with http.post(path, data={"agent": agent}, headers={"Origin": self.origin}) as answer:
            assert answer.status == 200
        return http


MakeRig = Callable[[Clock], Awaitable[DeskRig]]


@asynccontextmanager
async def rigs(data: Path) -> AsyncIterator[MakeRig]:
    """Desks that are closed together."""
    made: list[DeskRig] = []

    async def make(clock: Clock) -> DeskRig:
        store = SqlStore("sqlite://")
        await store.open()
        bus = LocalBus()
        queue = QueueService(store, bus, clock)
        await queue.start()
        links = OneTimeLinks(clock)
        printed: list[str] = []
        desk = Desk(queue, store, bus, links, Settings(data=data), on_link=printed.append)
        app = web.Application()
        app.add_routes(routes(desk))
        server = TestServer(app)
        await server.start_server()
        made.append(DeskRig(desk, queue, store, bus, links, clock, server, data, printed))
        return made[-1]

    yield make
    for rig in made:
        await rig.desk.close()
        await rig.server.close()
        await rig.queue.close()
        await rig.store.close()
