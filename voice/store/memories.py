"""The table of what is remembered beyond a call: statements, run by :class:`voice.store.sql.SqlStore`.

A row is a small JSON object under a key (never a number in clear, see :mod:`voice.profile.keys`) and a kind,
with the time from which it no longer exists. Whoever reads never sees a row past that time, whether or not
it was deleted yet.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.engine import Row

from voice.model import JsonDict, Remembered
from voice.store.tables import memories

Change = Callable[[JsonDict | None], JsonDict | None]


def recall(connection: Connection, keys: Sequence[str], now_ms: int) -> list[Remembered]:
    c = memories.c
    query = select(memories).where(c.key.in_(list(keys)), c.expires_at > now_ms).order_by(c.key, c.kind)
    return [_remembered(row) for row in connection.execute(query)]


def of_kind(connection: Connection, kind: str, now_ms: int, limit: int) -> list[Remembered]:
    c = memories.c
    query = (
        select(memories)
        .where(c.kind == kind, c.expires_at > now_ms)
        .order_by(c.updated_at.desc(), c.key)
        .limit(limit)
    )
    return [_remembered(row) for row in connection.execute(query)]


def amend(
    connection: Connection, key: str, kind: str, change: Change, now_ms: int, expires_at: int
) -> JsonDict | None:
    """Reads, changes and writes in the caller's transaction. Two that amend the same row come one after the
    other: on SQLite because a writing transaction holds the database, on PostgreSQL by a lock on the key."""
    c = memories.c
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 730418))")
        connection.execute(lock, {"name": f"{kind}/{key}"})
    here = (c.key == key) & (c.kind == kind)
    row = connection.execute(select(memories).where(here)).first()
    old = _remembered(row).body if row is not None and row.expires_at > now_ms else None
    new = change(old)
    if new is None:
        connection.execute(delete(memories).where(here))
        return None
    values = {"body": json.dumps(new), "updated_at": now_ms, "expires_at": expires_at}
    if row is None:
        connection.execute(insert(memories).values(key=key, kind=kind, **values))
    else:
        connection.execute(update(memories).where(here).values(**values))
    return new


def forget(connection: Connection, keys: Sequence[str]) -> int:
    return connection.execute(delete(memories).where(memories.c.key.in_(list(keys)))).rowcount


def forget_expired(connection: Connection, now_ms: int) -> int:
    return connection.execute(delete(memories).where(memories.c.expires_at <= now_ms)).rowcount


def _remembered(row: Row[tuple[object, ...]]) -> Remembered:
    body = json.loads(row.body)
    return Remembered(row.key, row.kind, body, row.updated_at, row.expires_at)
