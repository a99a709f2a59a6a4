"""The tables, and the numbered steps that bring an older database up to them.

JSON is kept as text and wall times as epoch milliseconds in BIGINT, so that the same statements run on
SQLite and PostgreSQL. :data:`METADATA` is what queries are written against; :data:`MIGRATIONS` is what a
database is made with. A migration never changes once released: new columns come with a new number.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    inspect,
    text,
)

from voice.errors import StoreError

METADATA: Final = MetaData()

calls = Table(
    "calls",
    METADATA,
    Column("call_id", Text, primary_key=True),
    Column("started_at", BigInteger, nullable=False),
    Column("provider", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("called", Text, nullable=False),
    Column("lang", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("flow_version", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("ms", BigInteger, nullable=False),
    Column("recording", Text, nullable=False),
    Index("calls_by_start", "started_at"),
)

events = Table(
    "events",
    METADATA,
    Column("call_id", Text, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("data", Text, nullable=False),
)

tickets = Table(
    "tickets",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("call_id", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("lang", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("skills", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Index("tickets_by_state", "state", "priority", "created_at"),
)

packets = Table(
    "packets",
    METADATA,
    Column("ticket_id", Text, ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True),
    Column("body", Text, nullable=False),
)

memories = Table(
    "memories",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("body", Text, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index("memories_by_expiry", "expires_at"),
)

_FIRST: Final = (
    """CREATE TABLE calls (
        call_id TEXT PRIMARY KEY NOT NULL, started_at BIGINT NOT NULL, provider TEXT NOT NULL,
        caller TEXT NOT NULL, called TEXT NOT NULL, lang TEXT NOT NULL, flow TEXT NOT NULL,
        flow_version TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL, ms BIGINT NOT NULL,
        recording TEXT NOT NULL)""",
    "CREATE INDEX calls_by_start ON calls (started_at)",
    """CREATE TABLE events (
        call_id TEXT NOT NULL, seq INTEGER NOT NULL, at_ms BIGINT NOT NULL, kind TEXT NOT NULL,
        data TEXT NOT NULL, PRIMARY KEY (call_id, seq))""",
    """CREATE TABLE tickets (
        id TEXT PRIMARY KEY NOT NULL, call_id TEXT NOT NULL, queue TEXT NOT NULL,
        priority INTEGER NOT NULL, lang TEXT NOT NULL, reason TEXT NOT NULL, summary TEXT NOT NULL,
        state TEXT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
        skills TEXT NOT NULL, agent TEXT NOT NULL, caller TEXT NOT NULL, version INTEGER NOT NULL)""",
    "CREATE INDEX tickets_by_state ON tickets (state, priority, created_at)",
    """CREATE TABLE packets (
        ticket_id TEXT PRIMARY KEY NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
        body TEXT NOT NULL)""",
)

_SECOND: Final = (
    """CREATE TABLE memories (
        key TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, updated_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL, PRIMARY KEY (key, kind))""",
    "CREATE INDEX memories_by_expiry ON memories (expires_at)",
)

MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (_FIRST, _SECOND)
SCHEMA_VERSION: Final = len(MIGRATIONS)


def migrate(connection: Connection, target: int = SCHEMA_VERSION) -> int:
    """Brings the schema up to ``target`` inside the caller's transaction; returns how many steps ran.

    Raises :class:`StoreError` when the database was made by a newer version, or is not ours.
    """
    if connection.dialect.name == "postgresql":
        # two nodes that start together must not both migrate; the lock ends with the transaction
        connection.execute(text("SELECT pg_advisory_xact_lock(730418)"))
    names = set(inspect(connection).get_table_names())
    if "schema_version" not in names:
        ours = sorted(names & set(METADATA.tables))
        if ours:
            raise StoreError(
                f"the database already has tables called {', '.join(ours)} that this program did not make; "
                "point [store] url at an empty database, or at this program's own"
            )
        connection.execute(text("CREATE TABLE schema_version (version INTEGER NOT NULL)"))
        connection.execute(text("INSERT INTO schema_version (version) VALUES (0)"))
    version = int(connection.execute(text("SELECT version FROM schema_version")).scalar_one())
    if version > target:
        raise StoreError(
            f"the database has schema version {version} and this program knows versions up to {target}; "
            "install the newer program again, or restore a backup made before the upgrade"
        )
    for step in MIGRATIONS[version:target]:
        for statement in step:
            connection.execute(text(statement))
    # written even when nothing changed: a database that cannot be written to is found out at the start
    connection.execute(text("UPDATE schema_version SET version = :v"), {"v": target})
    return target - version
