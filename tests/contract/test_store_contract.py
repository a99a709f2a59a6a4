"""What every store must do, on SQLite and on PostgreSQL. The latter is made for the run where it is
installed; CENTRALITA_TEST_POSTGRES names another (an empty database of its own, which is emptied again)."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.contract.postgres_server import NoPostgres, postgres
from voice import events as ev
from voice.errors import StoreError, TicketError
from voice.events import Event
from voice.model import Ticket, TicketState
from voice.store.engines import store_url, with_driver
from voice.store.seam import Store
from voice.store.sql import SqlStore

TICKET = Ticket(
    "t1", "CA1", "general", 5, "es", "caller_asked", "Una factura · niña ñ", TicketState.WAITING, 1000, 1000,
    skills=("facturas",), caller="+34600111222",
)  # fmt: skip
STARTED = ev.CallStarted("twilio", "+34600111222", "+34910000000", "es", "telecom", "1", 1000)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed (pip install '.[postgres]')")
    try:
        with postgres() as url:
            yield url
    except NoPostgres as error:
        pytest.skip(str(error))


def _empty_postgres(url: str) -> None:
    engine = create_engine(with_driver(make_url(url)))
    with engine.begin() as connection:
        connection.execute(
            text("DROP TABLE IF EXISTS memories, packets, tickets, events, calls, schema_version")
        )
    engine.dispose()


@pytest.fixture
def empty_postgres(postgres_url: str) -> str:
    """The URL of a database without tables."""
    _empty_postgres(postgres_url)
    return postgres_url


@pytest.fixture(params=["sqlite-file", "sqlite-memory", pytest.param("postgresql", marks=pytest.mark.slow)])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    url = store_url(tmp_path) if request.param == "sqlite-file" else "sqlite://"
    if request.param == "postgresql":
        url = request.getfixturevalue("empty_postgres")
    made = SqlStore(url)
    await made.open()
    yield made
    await made.close()


async def test_events_come_back_in_order_and_twice_is_once(store: Store) -> None:
    first = Event("CA1", 0, 0, STARTED)
    said = Event("CA1", 1, 900, ev.CallerSaid("mañana, ¿sí?", 0.9, "es", 100, 800, words=[["sí", 1, 2, 0.5]]))
    other = Event("CA2", 0, 0, ev.AudioStalled(2000))
    await store.append([said, other, first])
    await store.append([first, said])
    assert await store.events("CA1") == [first, said]
    assert await store.events("CA1", after=0) == [said]
    assert await store.events("CA2") == [other]
    assert await store.events("CA3") == []


async def test_text_that_no_database_likes_is_kept_as_far_as_it_goes(store: Store) -> None:
    odd = "nul \0, half a pair \ud83d, emoji 📞, quote '; DROP TABLE events; --"
    await store.append(
        [Event("CA1", 0, 0, replace(STARTED, caller=odd)), Event("CA1", 1, 1, ev.WireRejected(odd))]
    )
    event = (await store.events("CA1"))[1]
    assert isinstance(event.data, ev.WireRejected)
    assert event.data.why == odd
    assert "📞, quote '; DROP TABLE events; --" in (await store.calls())[0]["caller"]
    await store.save_ticket(replace(TICKET, summary=odd), {"one_line": odd})
    assert await store.packet("t1") == {"one_line": odd}


async def test_a_calls_row_follows_its_events(store: Store) -> None:
    await store.append([Event("CA1", 0, 0, STARTED), Event("CA2", 0, 0, replace(STARTED, wall_ms=2000))])
    await store.append(
        [
            Event("CA1", 1, 10, ev.LanguageChanged("en", "asked")),
            Event("CA1", 2, 20, ev.RecordingSaved("data/calls/CA1/recording.wav", 20)),
            Event("CA1", 3, 30, ev.CallEnded("transferred", "accepted", 30)),
        ]
    )
    newest, older = await store.calls()
    assert (newest["call_id"], newest["outcome"]) == ("CA2", "")
    assert older["call_id"] == "CA1"
    assert (older["lang"], older["outcome"], older["ms"]) == ("en", "transferred", 30)
    assert older["recording"] == "data/calls/CA1/recording.wav"
    assert [row["call_id"] for row in await store.calls(limit=1)] == ["CA2"]


async def test_a_ticket_and_its_packet_come_back_as_they_were(store: Store) -> None:
    packet = {"one_line": "niña ñ", "slots": [{"value": None, "n": 1.5}]}
    await store.save_ticket(TICKET, packet)
    assert await store.ticket("t1") == TICKET
    assert await store.packet("t1") == packet
    assert (await store.ticket("none"), await store.packet("none")) == (None, None)
    await store.save_packet("t1", {"recording": "r.wav"})
    assert await store.packet("t1") == {"recording": "r.wav"}
    with pytest.raises(TicketError):
        await store.save_packet("none", {})


async def test_tickets_come_in_queue_order(store: Store) -> None:
    for name, priority, age in [("late", 5, 30), ("urgent", 0, 40), ("early", 5, 10), ("b", 5, 10)]:
        await store.save_ticket(replace(TICKET, id=name, priority=priority, created_at=age), {})
    await store.save_ticket(replace(TICKET, id="done", state=TicketState.COMPLETED), {})
    assert [t.id for t in await store.tickets([TicketState.WAITING])] == ["urgent", "b", "early", "late"]
    assert [t.id for t in await store.tickets([TicketState.COMPLETED])] == ["done"]
    assert await store.tickets([]) == []


async def test_of_many_claimants_exactly_one_wins(store: Store) -> None:
    await store.save_ticket(TICKET, {})

    async def claim(agent: str) -> str:
        try:
            moved = await store.move_ticket(
                "t1", [TicketState.WAITING], TicketState.ACCEPTED, now_ms=2000, agent=agent
            )
        except TicketError as error:
            return str(error)
        return f"won {moved.agent}"

    results = await asyncio.gather(*(claim(f"agent{n}") for n in range(20)))
    winners = [r for r in results if r.startswith("won ")]
    assert len(winners) == 1
    winner = winners[0].removeprefix("won ")
    assert {r for r in results if r not in winners} == {f"ticket t1 is already accepted by {winner}"}
    ticket = await store.ticket("t1")
    assert ticket is not None
    assert (ticket.agent, ticket.version, ticket.updated_at) == (winner, 2, 2000)


async def test_a_move_without_an_agent_keeps_the_agent(store: Store) -> None:
    await store.save_ticket(TICKET, {})
    await store.move_ticket("t1", [TicketState.WAITING], TicketState.ACCEPTED, now_ms=1, agent="Ana")
    done = await store.move_ticket("t1", [TicketState.ACCEPTED], TicketState.COMPLETED, now_ms=2)
    assert done.agent == "Ana"
    with pytest.raises(TicketError, match="no ticket"):
        await store.move_ticket("none", [TicketState.WAITING], TicketState.ACCEPTED, now_ms=1)


async def test_saving_again_keeps_the_newer_version(store: Store) -> None:
    await store.save_ticket(TICKET, {"n": 1})
    gone = replace(TICKET, state=TicketState.ABANDONED, version=2)
    await store.save_ticket(gone, {"n": 2})
    await store.save_ticket(TICKET, {"n": 1})
    assert await store.ticket("t1") == gone
    assert await store.packet("t1") == {"n": 2}


async def test_another_calls_ticket_cannot_take_an_id(store: Store) -> None:
    await store.save_ticket(TICKET, {"n": 1})
    with pytest.raises(TicketError, match="another ticket"):
        await store.save_ticket(replace(TICKET, call_id="CA9", version=7), {"n": 2})
    assert await store.ticket("t1") == TICKET


async def test_what_is_remembered_comes_back_until_it_expires(store: Store) -> None:
    body = {"lang": "es", "slots": {"pedido": "niña ñ \ud83d"}, "n": 1.5, "none": None}
    assert await store.amend("a", "profile", lambda old: body, now_ms=10, expires_at=100) == body
    await store.amend("a", "cut", lambda old: {"step": "x"}, now_ms=20, expires_at=50)
    await store.amend("b", "profile", lambda old: {}, now_ms=30, expires_at=100)
    kept = await store.recall(["a", "none"], 49)
    assert [(m.kind, m.body, m.updated_at, m.expires_at) for m in kept] == [
        ("cut", {"step": "x"}, 20, 50),
        ("profile", body, 10, 100),
    ]
    assert [m.kind for m in await store.recall(["a"], 50)] == ["profile"]
    assert [m.key for m in await store.remembered("profile", 50)] == ["b", "a"]
    assert [m.key for m in await store.remembered("profile", 50, limit=1)] == ["b"]
    assert await store.recall([], 0) == []
    assert await store.forget_expired(50) == 1
    assert await store.forget(["a", "none"]) == 1
    assert await store.recall(["a"], 0) == []


async def test_amending_sees_what_was_and_may_delete(store: Store) -> None:
    seen: list[object] = []

    def add(old: dict[str, int] | None) -> dict[str, int] | None:
        seen.append(old)
        return {"n": (old or {"n": 0})["n"] + 1}

    await asyncio.gather(*(store.amend("a", "lock", add, now_ms=1, expires_at=9) for _ in range(12)))
    assert [m.body for m in await store.recall(["a"], 1)] == [{"n": 12}]
    await store.amend("a", "lock", add, now_ms=9, expires_at=20)
    assert seen[-1] is None, "what has expired is not seen"
    assert await store.amend("a", "lock", lambda old: None, now_ms=10, expires_at=20) is None
    assert await store.recall(["a"], 0) == []


async def test_a_change_that_fails_changes_nothing(store: Store) -> None:
    await store.amend("a", "lock", lambda old: {"n": 1}, now_ms=1, expires_at=9)

    def breaks(old: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.amend("a", "lock", breaks, now_ms=2, expires_at=9)
    assert [m.body for m in await store.recall(["a"], 2)] == [{"n": 1}]


async def test_a_closed_store_says_so(store: Store) -> None:
    await store.close()
    await store.close()
    with pytest.raises(StoreError, match="not open"):
        await store.calls()
    await store.open()
    await store.append([])


@settings(max_examples=30, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=6),
    again=st.lists(st.integers(0, 23), max_size=6),
)
async def test_any_batches_with_repeats_make_one_log(sizes: list[int], again: list[int]) -> None:
    """However events are batched and repeated, the log has each once, in order."""
    store = SqlStore("sqlite://")
    await store.open()
    all_events = [Event("CA", n, n * 10, ev.SpeechStarted(n)) for n in range(sum(sizes))]
    start = 0
    for size in sizes:
        repeats = [all_events[n] for n in again if n < start]
        await store.append([*all_events[start : start + size], *repeats])
        start += size
    assert await store.events("CA") == all_events
    await store.close()


# --- PostgreSQL alone: several servers, and connections that are lost -------------------------------------


@pytest.fixture
async def nodes(empty_postgres: str) -> AsyncIterator[list[SqlStore]]:
    """Three servers that begin at the same moment on an empty database."""
    made = [SqlStore(empty_postgres) for _ in range(3)]
    await asyncio.gather(*(node.open() for node in made))
    yield made
    for node in made:
        await node.close()


@pytest.mark.slow
async def test_servers_that_share_a_database_lose_nothing_of_each_other(nodes: list[SqlStore]) -> None:
    def add(old: dict[str, int] | None) -> dict[str, int] | None:
        return {"n": (old or {"n": 0})["n"] + 1}

    now = 1_800_000_000_000  # milliseconds of today do not fit into 32 bits
    work = [node.amend("a", "lock", add, now_ms=now, expires_at=now + 9) for node in nodes * 8]
    await asyncio.gather(*work)
    assert [m.body for m in await nodes[0].recall(["a"], now)] == [{"n": 24}]
    await nodes[0].save_ticket(replace(TICKET, created_at=now, updated_at=now), {})
    claims = [
        node.move_ticket("t1", [TicketState.WAITING], TicketState.ACCEPTED, now_ms=now, agent=f"a{n}")
        for n, node in enumerate(nodes * 3)
    ]
    results = await asyncio.gather(*claims, return_exceptions=True)
    assert sum(isinstance(one, Ticket) for one in results) == 1
    assert all(isinstance(one, Ticket | TicketError) for one in results)


@pytest.mark.slow
async def test_a_connection_that_is_cut_is_made_anew(nodes: list[SqlStore], postgres_url: str) -> None:
    await nodes[0].append([Event("CA1", 0, 0, STARTED)])
    engine = create_engine(with_driver(make_url(postgres_url)), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        connection.execute(text(kill))
    engine.dispose()
    await nodes[0].append([Event("CA1", 1, 5, ev.AudioStalled(2000))])
    assert len(await nodes[1].events("CA1")) == 2


@pytest.mark.slow
async def test_a_database_that_is_not_there_says_what_to_check(postgres_url: str) -> None:
    url = make_url(postgres_url).set(password="se-cret", database="nowhere")
    with pytest.raises(StoreError, match=r"nowhere.*check that the server runs") as raised:
        await SqlStore(url.render_as_string(hide_password=False)).open()
    assert "se-cret" not in str(raised.value)
