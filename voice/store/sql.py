"""The durable store on SQLAlchemy Core: SQLite by default, the same statements on PostgreSQL.

Threads: the driver blocks, so statements run in worker threads of the store's own, never on the event
loop. SQLite has one thread that writes and one that reads (WAL lets a reader go on during a write), so
that a long export does not hold up a ticket. Every method is one transaction: all of it is kept, or
nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, Table, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Row
from sqlalchemy.engine.url import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from voice.errors import ConfigError, StoreError, TicketError
from voice.events import (
    KINDS,
    CallEnded,
    CallStarted,
    Event,
    LanguageChanged,
    RecordingSaved,
    from_json,
)
from voice.model import JsonDict, Remembered, Ticket, TicketState
from voice.store import memories
from voice.store import tables as t
from voice.store.engines import BUSY_MS, engines_of, with_driver

log = logging.getLogger(__name__)

_TICKET_COLUMNS: Final = tuple(column.name for column in t.tickets.columns)
_BIGINT: Final = 2**63 - 1

T = TypeVar("T")


class SqlStore:
    """See :class:`voice.store.seam.Store`. ``sqlite://`` keeps everything in memory (tests, replay)."""

    def __init__(self, url: str) -> None:
        try:
            self._url: URL = with_driver(make_url(url))
        except ArgumentError as error:
            raise ConfigError(f"[store] url is not a database URL: {error}") from None
        self._writer: Engine | None = None
        self._reader: Engine | None = None
        self._write_thread: ThreadPoolExecutor | None = None
        self._read_thread: ThreadPoolExecutor | None = None

    # --- life -------------------------------------------------------------------------------------------

    async def open(self) -> None:
        if self._writer is not None:
            return
        try:
            self._writer, self._reader = engines_of(self._url)
        except OSError as error:
            raise StoreError(f"{self._where()}: cannot make its folder ({error.strerror})") from error
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            remedy = "pip install it"
            if self._url.drivername == "postgresql+psycopg":
                remedy = "pip install 'psycopg[binary]'"
            raise ConfigError(
                f"[store] url {self._where()}: no driver for it ({error}); {remedy}, or leave the url empty "
                "for SQLite"
            ) from None
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix="store-write")
        self._read_thread = (
            self._write_thread
            if self._reader is self._writer
            else ThreadPoolExecutor(1, thread_name_prefix="store-read")
        )
        try:
            await self._write(self._migrate)
        except StoreError:
            await self.close()
            raise

    async def close(self) -> None:
        """Waits for what is being written. Safe to call twice."""
        engines = [e for e in (self._writer, self._reader) if e is not None]
        pools = {p for p in (self._write_thread, self._read_thread) if p is not None}
        writer = self._write_thread
        self._writer = self._reader = self._write_thread = self._read_thread = None

        def shut() -> None:
            for engine in dict.fromkeys(engines):
                engine.dispose()

        if writer is not None:
            await asyncio.get_running_loop().run_in_executor(writer, shut)
        for pool in pools:
            pool.shutdown(wait=False)

    def _migrate(self, connection: Connection) -> None:
        t.migrate(connection)

    # --- the event log ----------------------------------------------------------------------------------

    async def append(self, events: Sequence[Event]) -> None:
        if not events:
            return
        rows = [
            {
                "call_id": e.call_id,
                "seq": e.seq,
                "at_ms": min(e.at_ms, _BIGINT),
                "kind": e.kind,
                "data": _dumps(e.data.to_json()),
            }
            for e in events
        ]

        def work(connection: Connection) -> None:
            connection.execute(_insert_ignore(connection, t.events), rows)
            for item in events:
                _fold_call(connection, item)

        await self._write(work)

    async def events(self, call_id: str, after: int = -1) -> list[Event]:
        e = t.events.c
        query = (
            select(e.seq, e.at_ms, e.kind, e.data).where(e.call_id == call_id, e.seq > after).order_by(e.seq)
        )

        def work(connection: Connection) -> list[Event]:
            return [
                from_json(
                    {
                        "call_id": call_id,
                        "seq": row.seq,
                        "at_ms": row.at_ms,
                        "kind": row.kind,
                        "data": _loads(row.data),
                    }
                )
                # a kind of a newer program is skipped, so that its calls can still be read
                for row in connection.execute(query)
                if row.kind in KINDS
            ]

        return await self._read(work)

    async def calls(self, limit: int = 100) -> list[JsonDict]:
        query = select(t.calls).order_by(t.calls.c.started_at.desc(), t.calls.c.call_id).limit(limit)

        def work(connection: Connection) -> list[JsonDict]:
            return [dict(row._mapping) for row in connection.execute(query)]

        return await self._read(work)

    # --- tickets ----------------------------------------------------------------------------------------

    async def save_ticket(self, ticket: Ticket, packet: JsonDict) -> None:
        """Saving the same ticket again (a retry after a failure of unknown outcome) keeps the one with
        the higher version. Another ticket under an id that is taken raises :class:`TicketError`."""
        row = _ticket_row(ticket)
        body = _dumps(packet)

        def work(connection: Connection) -> None:
            c = t.tickets.c
            # RETURNING, since drivers differ in the row count of an insert that did nothing
            fresh = connection.execute(
                _insert_ignore(connection, t.tickets).values(**row).returning(c.id)
            ).first()
            if fresh is None:
                known = _find_ticket(connection, ticket.id)
                if known is not None and (known.call_id, known.created_at) != (
                    row["call_id"],
                    ticket.created_at,
                ):
                    raise TicketError(f"there is another ticket {ticket.id}, of an earlier call")
                changed = connection.execute(
                    update(t.tickets).where(c.id == ticket.id, c.version < ticket.version).values(**row)
                ).rowcount
                if not changed:
                    return
            _put_packet(connection, ticket.id, body)

        await self._write(work)

    async def save_packet(self, ticket_id: str, packet: JsonDict) -> None:
        body = _dumps(packet)

        def work(connection: Connection) -> None:
            known = connection.execute(select(t.tickets.c.id).where(t.tickets.c.id == ticket_id)).first()
            if known is None:
                raise TicketError(f"there is no ticket {ticket_id}")
            _put_packet(connection, ticket_id, body)

        await self._write(work)

    async def packet(self, ticket_id: str) -> JsonDict | None:
        query = select(t.packets.c.body).where(t.packets.c.ticket_id == ticket_id)

        def work(connection: Connection) -> JsonDict | None:
            body = connection.execute(query).scalar_one_or_none()
            return None if body is None else _loads(body)

        return await self._read(work)

    async def ticket(self, ticket_id: str) -> Ticket | None:
        return await self._read(lambda connection: _find_ticket(connection, ticket_id))

    async def tickets(self, states: Sequence[TicketState]) -> list[Ticket]:
        c = t.tickets.c
        query = (
            select(t.tickets)
            .where(c.state.in_([s.value for s in states]))
            .order_by(c.priority, c.created_at, c.id)
        )
        return await self._read(lambda connection: [_ticket(row) for row in connection.execute(query)])

    async def move_ticket(
        self,
        ticket_id: str,
        expected: Sequence[TicketState],
        state: TicketState,
        *,
        now_ms: int,
        agent: str | None = None,
    ) -> Ticket:
        c = t.tickets.c
        values: dict[str, Any] = {"state": state.value, "updated_at": now_ms, "version": c.version + 1}
        if agent is not None:
            values["agent"] = agent
        statement = (
            update(t.tickets)
            .where(c.id == ticket_id, c.state.in_([s.value for s in expected]))
            .values(**values)
        )

        def work(connection: Connection) -> Ticket:
            moved = connection.execute(statement).rowcount
            found = _find_ticket(connection, ticket_id)
            if found is None:
                raise TicketError(f"there is no ticket {ticket_id}")
            if not moved:
                by = f" by {found.agent}" if found.agent else ""
                raise TicketError(f"ticket {ticket_id} is already {found.state.value}{by}")
            return found

        return await self._write(work)

    # --- what is remembered beyond a call ---------------------------------------------------------------

    async def recall(self, keys: Sequence[str], now_ms: int) -> list[Remembered]:
        return await self._read(lambda connection: memories.recall(connection, keys, now_ms))

    async def remembered(self, kind: str, now_ms: int, limit: int = 100) -> list[Remembered]:
        return await self._read(lambda connection: memories.of_kind(connection, kind, now_ms, limit))

    async def amend(
        self, key: str, kind: str, change: memories.Change, *, now_ms: int, expires_at: int
    ) -> JsonDict | None:
        return await self._write(
            lambda connection: memories.amend(connection, key, kind, change, now_ms, expires_at)
        )

    async def forget(self, keys: Sequence[str]) -> int:
        gone = await self._write(lambda connection: memories.forget(connection, keys))
        await self._empty_wal(gone)
        return gone

    async def forget_expired(self, now_ms: int) -> int:
        gone = await self._write(lambda connection: memories.forget_expired(connection, now_ms))
        await self._empty_wal(gone)
        return gone

    async def _empty_wal(self, gone: int) -> None:
        """What was deleted still stands in SQLite's log of writes until that is written over. Best effort:
        while somebody reads, it is left for the next time."""
        writer = self._writer
        if not gone or writer is None or writer is self._reader or self._write_thread is None:
            return
        if self._url.get_backend_name() != "sqlite":
            return

        def job() -> None:
            try:
                with contextlib.closing(writer.raw_connection()) as connection:
                    cursor = connection.cursor()
                    try:
                        cursor.execute("PRAGMA busy_timeout = 0")
                        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                    finally:
                        cursor.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            except (SQLAlchemyError, sqlite3.Error) as error:
                log.info("the database's log of writes could not be emptied: %s", type(error).__name__)

        await asyncio.get_running_loop().run_in_executor(self._write_thread, job)

    # --- running statements -----------------------------------------------------------------------------

    async def _write(self, work: Callable[[Connection], T]) -> T:
        return await self._run(self._write_thread, self._writer, work)

    async def _read(self, work: Callable[[Connection], T]) -> T:
        return await self._run(self._read_thread, self._reader, work)

    async def _run(
        self, pool: ThreadPoolExecutor | None, engine: Engine | None, work: Callable[[Connection], T]
    ) -> T:
        if pool is None or engine is None:
            raise StoreError("the store is not open")

        def job() -> T:
            try:
                with engine.begin() as connection:
                    return work(connection)
            except SQLAlchemyError as error:
                raise StoreError(self._explain(error)) from error
            except OSError as error:
                raise StoreError(f"{self._where()}: {error.strerror or error}") from error

        # a cancelled caller must not leave a transaction that nobody waits for half known: the job itself
        # always runs to its commit or rollback in its thread
        return await asyncio.get_running_loop().run_in_executor(pool, job)

    def _where(self) -> str:
        if self._url.get_backend_name() == "sqlite":
            return f"database {self._url.database or '(in memory)'}"
        return f"database {self._url.render_as_string(hide_password=True)}"

    def _explain(self, error: SQLAlchemyError) -> str:
        orig = error.orig if isinstance(error, DBAPIError) else None
        name = str(getattr(orig, "sqlite_errorname", "") or "")
        for prefix, advice in _ADVICE:
            if name.startswith(prefix):
                return f"{self._where()}: {advice}"
        if isinstance(error, DBAPIError) and self._url.get_backend_name() != "sqlite":
            first = str(orig).strip().splitlines()
            return (
                f"{self._where()}: {first[0] if first else 'failed'}; "
                "check that the server runs and that [store] url is right"
            )
        # the statement and its parameters hold what callers said: only the driver's own words go on
        return f"{self._where()}: {name or type(error).__name__}: {orig or 'the statement failed'}"


_ADVICE: Final = (
    ("SQLITE_FULL", "the disk is full; free some space, nothing was written"),
    ("SQLITE_BUSY", "locked by another program for too long; close it (a backup, an sqlite3 shell?)"),
    ("SQLITE_LOCKED", "locked by another program for too long; close it (a backup, an sqlite3 shell?)"),
    ("SQLITE_READONLY", "is read-only; give this user the right to write to the file and its folder"),
    ("SQLITE_PERM", "may not be used by this user; check the rights of the file and its folder"),
    ("SQLITE_CANTOPEN", "cannot be opened; check that its folder exists and that this user may write there"),
    ("SQLITE_NOTADB", "is not an SQLite database; move the file away, or point [store] url elsewhere"),
    ("SQLITE_CORRUPT", "is damaged; stop the server and restore a backup (or try sqlite3 FILE .recover)"),
    ("SQLITE_IOERR", "the disk failed while reading or writing; check the disk and the system log"),
)


def _insert_ignore(connection: Connection, table: Table) -> Any:
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def _put_packet(connection: Connection, ticket_id: str, body: str) -> None:
    found = connection.execute(
        update(t.packets).where(t.packets.c.ticket_id == ticket_id).values(body=body)
    ).rowcount
    if not found:
        connection.execute(insert(t.packets).values(ticket_id=ticket_id, body=body))


def _fold_call(connection: Connection, item: Event) -> None:
    """Keeps the one-line account of a call beside its events."""
    c = t.calls.c
    data = item.data
    values: dict[str, Any]
    match data:
        case CallStarted():
            row = {
                "call_id": item.call_id,
                "started_at": data.wall_ms,
                "provider": _clean(data.provider),
                "caller": _clean(data.caller),
                "called": _clean(data.called),
                "lang": data.lang,
                "flow": data.flow,
                "flow_version": data.flow_version,
                "outcome": "",
                "reason": "",
                "ms": 0,
                "recording": "",
            }
            connection.execute(_insert_ignore(connection, t.calls), row)
            return
        case CallEnded():
            values = {"outcome": data.outcome, "reason": data.reason, "ms": data.ms}
        case LanguageChanged():
            values = {"lang": data.lang}
        case RecordingSaved():
            values = {"recording": data.path}
        case _:
            return
    connection.execute(update(t.calls).where(c.call_id == item.call_id).values(**values))


def _ticket_row(ticket: Ticket) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(ticket, name) for name in _TICKET_COLUMNS}
    row = {name: _clean(value) if isinstance(value, str) else value for name, value in row.items()}
    return row | {"state": ticket.state.value, "skills": _dumps(ticket.skills)}


def _ticket(row: Row[Any]) -> Ticket:
    values = dict(row._mapping)
    ticket = Ticket(**values)
    return replace(ticket, state=TicketState(values["state"]), skills=tuple(_loads(values["skills"])))


def _find_ticket(connection: Connection, ticket_id: str) -> Ticket | None:
    row = connection.execute(select(t.tickets).where(t.tickets.c.id == ticket_id)).first()
    return None if row is None else _ticket(row)


def _clean(value: str) -> str:
    """Text that every database takes: no NUL (PostgreSQL) and no lone surrogates (UTF-8 has none)."""
    return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _plain(value: Any) -> Any:
    """A number of an array library becomes a number; an event is not lost over a value's type."""
    return value.item() if hasattr(value, "item") else str(value)


def _dumps(value: Any) -> str:
    # ASCII escapes: a provider's strings may hold NUL or half a surrogate pair, which columns refuse
    return json.dumps(value, separators=(",", ":"), default=_plain)


def _loads(body: str) -> Any:
    return json.loads(body)
