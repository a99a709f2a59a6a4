"""The SQLite store when things go wrong: full, locked, read-only, damaged, foreign or newer."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, MetaData, create_engine, text

from voice import events as ev
from voice.errors import ConfigError, StoreError
from voice.events import Event
from voice.model import JsonDict, Ticket, TicketState
from voice.store import engines, tables
from voice.store.engines import DATABASE_FILE, store_url
from voice.store.sql import SqlStore

TICKET = Ticket("t1", "CA1", "general", 5, "es", "flow", "s", TicketState.WAITING, 1, 1)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    made = SqlStore(store_url(tmp_path))
    await made.open()
    yield made
    await made.close()


def _replaced(new: JsonDict, old: JsonDict | None) -> JsonDict:
    return new


def _events(count: int, start: int = 0) -> list[Event]:
    return [Event("CA1", n, n, ev.WireRejected("x" * 500)) for n in range(start, start + count)]


async def test_it_makes_its_folder_and_migrates_once(tmp_path: Path) -> None:
    url = store_url(tmp_path / "deep" / "data")
    for _ in range(2):
        store = SqlStore(url)
        await store.open()
        await store.append(_events(1))
        assert len(await store.events("CA1")) == 1
        await store.close()


async def test_durability_settings(store: SqlStore) -> None:
    def pragmas(connection: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    assert await store._write(pragmas) == ["wal", 2, 1, engines.BUSY_MS]


async def test_what_is_forgotten_is_in_no_file_any_more(store: SqlStore, tmp_path: Path) -> None:
    """Neither in a page that became free, nor in the log of writes: a copied file tells nobody."""

    def traces(word: str) -> int:
        return sum(p.read_bytes().count(word.encode()) for p in tmp_path.glob(f"{DATABASE_FILE}*"))

    for n in range(40):
        body = {"name": "Remedios Zurbarán" if n == 7 else "somebody", "more": "x" * 900}
        await store.amend(f"key{n}", "profile", partial(_replaced, body), now_ms=1, expires_at=9)
    await store.amend("old", "cut", lambda old: {"name": "Eufrasia"}, now_ms=1, expires_at=5)
    assert traces("Remedios")
    await store.amend("key8", "profile", lambda old: {"name": "less"}, now_ms=2, expires_at=9)
    assert await store.forget(["key7"]) == 1
    assert traces("Remedios") == 0
    assert await store.forget_expired(5) == 1
    assert traces("Eufrasia") == 0
    assert len(await store.remembered("profile", 1)) == 39


async def test_forgetting_does_not_wait_for_whoever_reads(store: SqlStore, tmp_path: Path) -> None:
    """The log of writes cannot be emptied then; it is the next time."""
    await store.amend("a", "profile", lambda old: {"n": 1}, now_ms=1, expires_at=9)
    other = sqlite3.connect(tmp_path / DATABASE_FILE)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM memories").fetchone()
    assert await store.forget(["a"]) == 1
    other.close()
    assert await store.recall(["a"], 1) == []


async def test_the_migrated_schema_is_the_one_that_is_queried(store: SqlStore, tmp_path: Path) -> None:
    made = MetaData()
    made.reflect(create_engine(store_url(tmp_path)))
    assert set(made.tables) == {*tables.METADATA.tables, "schema_version"}
    for name, table in tables.METADATA.tables.items():
        assert {(c.name, c.nullable, c.primary_key) for c in made.tables[name].columns} == {
            (c.name, c.nullable, c.primary_key) for c in table.columns
        }
        assert {i.name for i in made.tables[name].indexes} == {i.name for i in table.indexes}


async def test_a_full_disk_keeps_what_was_there_and_nothing_half(store: SqlStore) -> None:
    await store.append(_events(3))

    def limit(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 3}")

    await store._write(limit)
    with pytest.raises(StoreError, match=r"disk is full; free some space"):
        await store.append(_events(200, start=3))
    assert len(await store.events("CA1")) == 3
    await store._write(lambda c: c.exec_driver_sql("PRAGMA max_page_count = 100000").scalar())
    await store.append(_events(200, start=3))
    assert len(await store.events("CA1")) == 203


async def test_a_locked_database_says_what_to_close(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "BUSY_MS", 1)
    store = SqlStore(store_url(tmp_path))
    await store.open()
    other = sqlite3.connect(tmp_path / DATABASE_FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked by another program"):
        await store.save_ticket(TICKET, {})
    assert await store.ticket("t1") is None  # readers go on meanwhile
    other.execute("ROLLBACK")
    other.close()
    await store.save_ticket(TICKET, {})
    await store.close()


async def test_a_read_only_database_says_so(tmp_path: Path) -> None:
    first = SqlStore(store_url(tmp_path))
    await first.open()
    await first.close()
    store = SqlStore(f"sqlite:///file:{tmp_path / DATABASE_FILE}?mode=ro&uri=true")
    with pytest.raises(StoreError, match="is read-only"):
        await store.open()


async def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(StoreError, match="cannot make its folder"):
        await SqlStore(store_url(tmp_path / "data")).open()


async def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / DATABASE_FILE).write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreError, match="is not an SQLite database; move the file away"):
        await SqlStore(store_url(tmp_path)).open()


async def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    store = SqlStore(store_url(tmp_path))
    await store.open()
    await store._write(lambda c: c.execute(text("UPDATE schema_version SET version = 99")).rowcount)
    await store.close()
    with pytest.raises(StoreError, match=r"schema version 99 .* install the newer program again"):
        await store.open()
    with pytest.raises(StoreError, match="not open"):
        await store.calls()


async def test_somebody_elses_tables_are_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / DATABASE_FILE) as other:
        other.execute("CREATE TABLE calls (theirs TEXT)")
    other.close()
    with pytest.raises(StoreError, match="tables called calls"):
        await SqlStore(store_url(tmp_path)).open()
    with sqlite3.connect(tmp_path / DATABASE_FILE) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("calls",)]
    other.close()


async def test_a_database_of_the_first_version_gets_the_newer_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables.migrate, "__defaults__", (1,))
    store = SqlStore(store_url(tmp_path))
    await store.open()
    await store.save_ticket(TICKET, {})
    await store.close()
    monkeypatch.undo()
    await store.open()
    assert await store.ticket("t1") == TICKET
    assert await store.recall(["a"], 0) == []
    await store.close()


async def test_a_migration_that_fails_leaves_the_old_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqlStore(store_url(tmp_path))
    await store.open()
    await store.save_ticket(TICKET, {})
    await store.close()
    second = ("ALTER TABLE tickets ADD COLUMN extra TEXT NOT NULL DEFAULT ''", "CREATE TABLE oops (")
    monkeypatch.setattr(tables, "MIGRATIONS", (*tables.MIGRATIONS, second))
    monkeypatch.setattr(tables.migrate, "__defaults__", (len(tables.MIGRATIONS),))
    with pytest.raises(StoreError):
        await store.open()
    monkeypatch.undo()
    await store.open()
    assert await store.ticket("t1") == TICKET
    await store.close()


def test_urls_that_cannot_be() -> None:
    with pytest.raises(ConfigError, match="not a database URL"):
        SqlStore("nonsense")


async def test_a_missing_driver_is_named() -> None:
    with pytest.raises(ConfigError, match=r"no driver for it"):
        await SqlStore("postgresql+nosuchdriver://me:secret@host/db").open()


async def test_errors_never_hold_what_a_caller_said(store: SqlStore, tmp_path: Path) -> None:
    await store._write(lambda c: c.execute(text("DROP TABLE events")).rowcount)
    with pytest.raises(StoreError) as caught:
        await store.append([Event("CA1", 0, 0, ev.CallerSaid("mi clave es 7391", 0.9, "es", 0, 1))])
    assert "7391" not in str(caught.value)
    assert "no such table" in str(caught.value)
