from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from voice.clock import ManualClock
from voice.errors import StoreError, TicketError
from voice.model import Handoff, JsonDict, Ticket, TicketState
from voice.queue.durable import FIRST_RETRY_MS
from voice.queue.machine import Agent
from voice.queue.seam import Accepted, Position, QueueNotice
from voice.queue.service import QueueService, Refusal
from voice.store.bus import LocalBus
from voice.store.engines import store_url
from voice.store.sql import SqlStore

HANDOFF = Handoff("caller_asked", "general", 5, "es", skills=("facturas",))
PACKET: JsonDict = {"one_line": "Una factura", "urgent": False}


class Gated(SqlStore):
    """A store that fails while ``broken`` and, while ``gate`` is shut, keeps a claim under way."""

    def __init__(self, url: str = "sqlite://") -> None:
        super().__init__(url)
        self.broken = False
        self.gate: asyncio.Event | None = None
        self.at_gate = asyncio.Event()

    def _check(self) -> None:
        if self.broken:
            raise StoreError("the disk is full")

    async def save_ticket(self, ticket: Ticket, packet: JsonDict) -> None:
        await self._pass()
        self._check()
        await super().save_ticket(ticket, packet)

    async def save_packet(self, ticket_id: str, packet: JsonDict) -> None:
        self._check()
        await super().save_packet(ticket_id, packet)

    async def move_ticket(
        self,
        ticket_id: str,
        expected: Sequence[TicketState],
        state: TicketState,
        *,
        now_ms: int,
        agent: str | None = None,
    ) -> Ticket:
        await self._pass()
        self._check()
        return await super().move_ticket(ticket_id, expected, state, now_ms=now_ms, agent=agent)

    async def _pass(self) -> None:
        if self.gate is not None:
            self.at_gate.set()
            await self.gate.wait()


@dataclass
class Rig:
    store: Gated
    clock: ManualClock
    service: QueueService
    notices: dict[str, list[QueueNotice]] = field(default_factory=dict)
    bus_notices: list[JsonDict] = field(default_factory=list)

    async def ring(self, name: str, handoff: Handoff = HANDOFF) -> Ticket:
        heard = self.notices.setdefault(name, [])
        return await self.service.enqueue(
            name, handoff, dict(PACKET), call_id=f"CA-{name}", caller="+34600", notify=heard.append
        )

    async def stored(self, name: str) -> TicketState | None:
        ticket = await self.store.ticket(name)
        return None if ticket is None else ticket.state

    async def mend(self) -> None:
        """The store works again, and the retry has run."""
        self.store.broken = False
        for _ in range(100_000):
            if self.service.healthy:
                return
            self.clock.advance(FIRST_RETRY_MS)
            await asyncio.sleep(0)  # the retry's turn, and the store's thread's
        raise AssertionError("the retry never wrote what was pending")


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    store, clock, bus = Gated(), ManualClock(), LocalBus()
    await store.open()
    service = QueueService(store, bus, clock)
    made = Rig(store, clock, service)
    bus.subscribe("queue", made.bus_notices.append)
    await service.start()
    yield made
    await service.close()
    await store.close()


async def test_a_ticket_is_on_disk_before_the_caller_hears_of_it(rig: Rig) -> None:
    rig.store.gate = asyncio.Event()
    ringing = asyncio.ensure_future(rig.ring("a"))
    await rig.store.at_gate.wait()
    assert rig.notices["a"] == []
    assert rig.service.waiting() == []
    rig.store.gate.set()
    ticket = await ringing
    assert rig.notices["a"] == [Position(1)]
    assert await rig.store.ticket("a") == ticket
    assert await rig.store.packet("a") == PACKET
    assert (ticket.summary, ticket.skills, ticket.caller) == ("Una factura", ("facturas",), "+34600")
    assert rig.bus_notices[-1]["position"] == 1


async def test_a_whole_shift(rig: Rig) -> None:
    await rig.ring("a")
    rig.clock.advance(1000)
    await rig.ring("b")
    await rig.ring("vip", replace(HANDOFF, priority=0, urgent=True))
    assert [t.id for t in rig.service.waiting()] == ["vip", "a", "b"]
    taken = await rig.service.accept("vip", "Ana")
    assert (taken.state, taken.agent) == (TicketState.ACCEPTED, "Ana")
    assert await rig.service.accept("vip", "Ana") == taken
    assert rig.notices["vip"] == [Position(1), Accepted("Ana")]
    assert rig.notices["a"] == [Position(1), Position(2), Position(1)]
    await rig.service.leave("a", "abandoned")
    await rig.service.leave("a", "callback")
    assert await rig.stored("a") is TicketState.ABANDONED
    done = await rig.service.complete("vip", "Ana", "resolved", "todo bien")
    assert done.state is TicketState.COMPLETED
    wrap_up = (await rig.store.packet("vip") or {})["wrap_up"]
    assert (wrap_up["agent"], wrap_up["disposition"], wrap_up["note"]) == ("Ana", "resolved", "todo bien")
    assert wrap_up["completed_at"] == "2026-01-01T00:00:01Z"
    assert [item.ticket.id for item in rig.service.open_tickets()] == ["b"]


async def test_many_agents_race_and_one_wins(rig: Rig) -> None:
    await rig.ring("a")
    results = await asyncio.gather(
        *(rig.service.accept("a", f"agent{n}") for n in range(10)), return_exceptions=True
    )
    winners = [r for r in results if isinstance(r, Ticket)]
    losers = [r for r in results if isinstance(r, Refusal)]
    assert (len(winners), len(losers)) == (1, 9)
    assert {(e.code, e.by) for e in losers} == {("taken", winners[0].agent)}
    assert rig.notices["a"] == [Position(1), Accepted(winners[0].agent)]


@pytest.mark.parametrize("why", ["abandoned", "returned"])
async def test_the_caller_leaves_while_an_agent_accepts(rig: Rig, why: str) -> None:
    await rig.ring("a")
    rig.store.gate = asyncio.Event()
    accepting = asyncio.ensure_future(rig.service.accept("a", "Ana"))
    await rig.store.at_gate.wait()
    leaving = asyncio.ensure_future(rig.service.leave("a", why))
    await asyncio.sleep(0)  # the caller has left
    rig.store.gate.set()
    with pytest.raises(TicketError, match="left a moment before"):
        await accepting
    await leaving
    assert await rig.stored("a") is TicketState(why)
    assert rig.notices["a"] == [Position(1)]
    assert rig.service.open_tickets() == []


async def test_the_caller_asks_for_a_callback_while_an_agent_accepts(rig: Rig) -> None:
    await rig.ring("a")
    rig.store.gate = asyncio.Event()
    accepting = asyncio.ensure_future(rig.service.accept("a", "Ana"))
    await rig.store.at_gate.wait()
    leaving = asyncio.ensure_future(rig.service.leave("a", "callback"))
    await asyncio.sleep(0)  # the caller has left
    rig.store.gate.set()
    assert (await accepting).agent == "Ana"
    await leaving
    assert rig.notices["a"] == [Position(1)]  # nobody is on the line to hear it
    assert (await rig.store.packet("a") or {})["callback"] == "asked"


async def test_the_caller_leaves_while_the_ticket_is_being_stored(rig: Rig) -> None:
    rig.store.gate = asyncio.Event()
    ringing = asyncio.ensure_future(rig.ring("a"))
    await rig.store.at_gate.wait()
    leaving = asyncio.ensure_future(rig.service.leave("a", "abandoned"))
    await asyncio.sleep(0)  # the caller has left
    rig.store.gate.set()
    await asyncio.gather(ringing, leaving)
    assert await rig.stored("a") is TicketState.ABANDONED
    assert rig.notices["a"] == []
    assert rig.service.open_tickets() == []


async def test_a_cancelled_request_still_finishes_its_change(rig: Rig) -> None:
    await rig.ring("a")
    rig.store.gate = asyncio.Event()
    accepting = asyncio.ensure_future(rig.service.accept("a", "Ana"))
    await rig.store.at_gate.wait()
    accepting.cancel()
    await asyncio.sleep(0)  # the request is gone
    rig.store.gate.set()
    await rig.service.close()
    assert await rig.stored("a") is TicketState.ACCEPTED
    assert rig.notices["a"] == [Position(1), Accepted("Ana")]


async def test_a_failing_store_keeps_callers_in_line_and_catches_up(rig: Rig) -> None:
    rig.store.broken = True
    with pytest.raises(StoreError, match="disk is full"):
        await rig.ring("a")
    assert rig.notices["a"] == [Position(1)]
    assert not rig.service.healthy
    with pytest.raises(StoreError):
        await rig.ring("b")
    assert (await rig.service.accept("a", "Ana")).agent == "Ana"  # from memory
    await rig.service.leave("b", "callback")
    await rig.mend()
    assert await rig.stored("a") is TicketState.ACCEPTED
    assert await rig.stored("b") is TicketState.CALLBACK
    assert (await rig.store.packet("b") or {})["callback"] == "asked"
    await rig.service.complete("a", "Ana", "resolved")
    assert await rig.stored("a") is TicketState.COMPLETED


async def test_a_claim_the_store_refuses_is_given_back(rig: Rig) -> None:
    await rig.ring("a")
    await rig.ring("b")
    rig.store.broken = True
    with pytest.raises(StoreError):
        await rig.service.accept("a", "Ana")
    assert [t.id for t in rig.service.waiting()] == ["a", "b"]
    assert rig.notices["a"] == [Position(1), Position(1)]
    rig.store.broken = False
    assert (await rig.service.accept("a", "Luis")).agent == "Luis"


async def test_leaving_and_fuller_packets_survive_an_outage(rig: Rig) -> None:
    await rig.ring("a")
    await rig.ring("b")
    rig.store.broken = True
    await rig.service.leave("a", "abandoned")
    await rig.service.update_packet("b", {"one_line": "more"})
    await rig.mend()
    assert await rig.stored("a") is TicketState.ABANDONED
    assert await rig.store.packet("b") == {"one_line": "more"}
    rig.store.broken = True
    await rig.service.update_packet("a", {"one_line": "late"})
    assert not rig.service.healthy
    await rig.mend()
    assert await rig.store.packet("a") == {"one_line": "late"}


async def test_a_fuller_packet_keeps_what_the_agent_wrote(rig: Rig) -> None:
    await rig.ring("a")
    await rig.service.accept("a", "Ana")
    await rig.service.complete("a", "Ana", "follow_up", "llamar el lunes")
    await rig.service.update_packet("a", {"recording": "r.wav", "wrap_up": None, "callback": None})
    packet = await rig.store.packet("a") or {}
    assert (packet["recording"], packet["wrap_up"]["note"]) == ("r.wav", "llamar el lunes")


async def test_refusals_say_why(rig: Rig) -> None:
    await rig.ring("a")
    cases: list[tuple[Callable[[], Awaitable[Ticket]], str]] = [
        (lambda: rig.service.accept("none", "Ana"), "unknown"),
        (lambda: rig.service.complete("none", "Ana", "resolved"), "unknown"),
        (lambda: rig.service.complete("a", "Ana", "resolved"), "not_accepted"),
        (lambda: rig.service.complete("a", "Ana", "whatever"), "disposition"),
    ]
    for work, code in cases:
        with pytest.raises(Refusal) as caught:
            await work()
        assert caught.value.code == code
    rig.service.sign_in(Agent("Kim", languages=frozenset({"en"})))
    with pytest.raises(Refusal, match="language es"):
        await rig.service.accept("a", "Kim")
    await rig.service.accept("a", "Ana")
    with pytest.raises(Refusal, match="is with Ana"):
        await rig.service.complete("a", "Luis", "resolved")
    await rig.service.complete("a", "Ana", "resolved")
    with pytest.raises(Refusal, match="already completed by Ana"):
        await rig.service.accept("a", "Luis")
    with pytest.raises(ValueError, match="does not leave as"):
        await rig.service.leave("a", "accepted")
    rig.clock.advance(1)
    with pytest.raises(TicketError):
        await rig.ring("a")  # the id belongs to a ticket of the past


async def test_another_process_took_the_ticket(rig: Rig) -> None:
    await rig.ring("a")
    await rig.store.move_ticket("a", [TicketState.WAITING], TicketState.COMPLETED, now_ms=1, agent="Zoe")
    with pytest.raises(TicketError, match="already completed by Zoe"):
        await rig.service.accept("a", "Ana")
    assert rig.service.waiting() == []


CHILD = """
import asyncio, sys
from voice.clock import RealClock
from voice.model import Handoff
from voice.queue.service import QueueService
from voice.store.bus import LocalBus
from voice.store.sql import SqlStore

async def main():
    store = SqlStore(sys.argv[1])
    await store.open()
    service = QueueService(store, LocalBus(), RealClock())
    await service.start()
    handoff = Handoff("caller_asked", "general", 5, "es")
    for name in ("waiting", "taken", "callback"):
        await service.enqueue(name, handoff, {"one_line": name}, call_id="CA-" + name, caller="+34600",
                              notify=lambda notice: None)
    await service.accept("taken", "Ana")
    await service.leave("callback", "callback")
    print("told", flush=True)
    n = 0
    while True:
        name = f"more{n}"
        await service.enqueue(name, handoff, {"one_line": name}, call_id="CA-" + name, caller="",
                              notify=lambda notice: None)
        print(name, flush=True)
        n += 1

asyncio.run(main())
"""


def _run_and_kill(url: str) -> list[str]:
    """What a process said it had told its callers before it was killed in mid-work."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, url], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as child:
        assert child.stdout is not None
        told = [child.stdout.readline().strip() for _ in range(30)]
        child.send_signal(signal.SIGKILL)
        told += child.stdout.read().split()
    assert child.returncode == -signal.SIGKILL
    return told


@pytest.mark.slow
async def test_nothing_that_a_caller_was_told_is_lost_on_kill_9(tmp_path: Path) -> None:
    url = store_url(tmp_path)
    told = _run_and_kill(url)
    assert told[0] == "told"

    store = SqlStore(url)
    await store.open()
    service = QueueService(store, LocalBus(), ManualClock())
    await service.start()
    found = {item.ticket.id: item for item in service.open_tickets()}
    assert set(told[1:]) | {"waiting", "taken", "callback"} <= set(found)
    assert found["taken"].ticket.state is TicketState.ACCEPTED
    assert found["callback"].packet["callback"] == "asked"
    for name in ("waiting", *told[1:]):
        assert found[name].ticket.state is TicketState.CALLBACK
        assert found[name].packet == {"one_line": name, "callback": "cut"}
    assert service.waiting() == []
    assert (await service.complete("taken", "Ana", "resolved")).state is TicketState.COMPLETED
    assert (await service.accept("waiting", "Luis")).agent == "Luis"
    await service.close()
    await store.close()
