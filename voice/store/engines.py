"""Opening the store's database: its address, and the engines that write and read it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.url import URL
from sqlalchemy.pool import StaticPool

BUSY_MS: Final = 5000
DATABASE_FILE: Final = "centralita.db"


def store_url(data: Path, url: str = "") -> str:
    """The configured URL, or the one of the SQLite file in the data folder."""
    return url or f"sqlite:///{data / DATABASE_FILE}"


def with_driver(url: URL) -> URL:
    """PostgreSQL's address as its own tools write it, for the driver that we install (psycopg 3)."""
    if url.drivername in ("postgres", "postgresql"):
        return url.set(drivername="postgresql+psycopg")
    return url


def engines_of(url: URL) -> tuple[Engine, Engine]:
    """The engine that writes and the one that reads; one and the same for a database in memory."""
    if url.get_backend_name() != "sqlite":
        engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)
        return engine, create_engine(url, pool_pre_ping=True, hide_parameters=True)
    if url.database in (None, "", ":memory:"):
        engine = create_engine(
            url, poolclass=StaticPool, connect_args={"check_same_thread": False}, hide_parameters=True
        )
        _tune_sqlite(engine, "BEGIN IMMEDIATE")
        return engine, engine
    if not str(url.database).startswith("file:"):  # SQLite's own URI, for those who need its options
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    writer = create_engine(url, hide_parameters=True)
    reader = create_engine(url, hide_parameters=True)
    # taking the write lock at BEGIN turns the deadlock of two readers that both want to write into a wait
    _tune_sqlite(writer, "BEGIN IMMEDIATE")
    _tune_sqlite(reader, "BEGIN")
    return writer, reader


def _tune_sqlite(engine: Engine, begin: str) -> None:
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGINs off: SQLAlchemy's are enough
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        if begin == "BEGIN IMMEDIATE":
            cursor.execute("PRAGMA journal_mode = WAL")
        # FULL: a commit is on disk when it returns, also after a power cut (NORMAL may lose the last ones)
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA fullfsync = ON")
        cursor.execute("PRAGMA foreign_keys = ON")
        # what is deleted is written over: erased means erased, also for whoever copies the file
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.close()

    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
