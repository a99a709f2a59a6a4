"""What ``voice doctor`` says of callers' profiles: the secret of their keys, and whether they fit it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, create_engine, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from voice.commands.doctor import MISSING, OK, WARNING, Finding
from voice.errors import ConfigError
from voice.model import JsonDict
from voice.profile.key_change import BACK, KIND, MOST, ROW, changes_of, lost
from voice.profile.keys import KEY_FILE, Keys, existing_keys
from voice.settings import Settings
from voice.store import tables as t
from voice.store.engines import store_url, with_driver

TOPIC: Final = "callers"
_OTHERS: Final = 0o077


def check_callers(settings: Settings) -> Iterator[Finding]:
    """Reads only: neither the secret nor the database is made."""
    path = settings.data / KEY_FILE
    configured = settings.profile.key.get_secret_value()
    where = "setting profile.key" if configured else str(path)
    try:
        keys = existing_keys(settings.data, configured)
        rows = _kept(settings)
    except ConfigError as error:
        yield Finding(TOPIC, MISSING, str(error), "without it the server does not start")
        return
    except (SQLAlchemyError, ModuleNotFoundError, ValueError):
        return  # the check of the database says what is wrong with it
    now = time.time_ns() // 1_000_000
    known = sum(kind == "profile" for _, kind, _, _ in rows)
    if keys is None:
        yield _without_key(path, known)
        return
    if not configured and path.stat().st_mode & _OTHERS:
        detail = f"{path} can be read by others than its owner: with it, numbers can be tried out"
        yield Finding(TOPIC, WARNING, detail, f"chmod 600 {path}")
    yield _fitting(keys, rows, where, now)


def _fitting(keys: Keys, rows: list[tuple[str, str, JsonDict, int]], where: str, now: int) -> Finding:
    own = keys.fingerprint()
    noted = next((body for key, kind, body, _ in rows if (key, kind) == (ROW, KIND)), None)
    changes = changes_of(noted)
    if changes and changes[-1][0] != own:
        changes.append((own, now))  # as the next start would note it
    gone = lost(changes, own, ((kind, body, at) for _, kind, body, at in rows), now)
    known = sum(kind == "profile" for _, kind, _, _ in rows)
    if gone:
        detail = (
            f"{where} is not the secret under which {gone.known} of {known} callers and {gone.locks} "
            "lock-outs after wrong PINs were kept: they are not recognised, and do not hold"
        )
        return Finding(TOPIC, WARNING, detail, f"if that was not meant, {BACK}")
    return Finding(TOPIC, OK, f"{known} remembered, all under {where}")


def _without_key(path: Path, known: int) -> Finding:
    if not known:
        return Finding(TOPIC, OK, f"nobody is remembered yet; {path} will be made at the first start")
    detail = f"{path} is gone, and {known} callers are kept under it: a start makes one that knows nobody"
    return Finding(TOPIC, WARNING, detail, f"before the next start, {BACK}")


def _kept(settings: Settings) -> list[tuple[str, str, JsonDict, int]]:
    """Key, kind, body and time of writing; nothing where there is no database yet."""
    url = with_driver(make_url(store_url(settings.data, settings.store.url)))
    if url.get_backend_name() == "sqlite" and not Path(str(url.database or "")).exists():
        return []
    engine = create_engine(url, hide_parameters=True)
    try:
        with engine.connect() as connection:
            return _rows(connection)
    finally:
        engine.dispose()


def _rows(connection: Connection) -> list[tuple[str, str, JsonDict, int]]:
    if not inspect(connection).has_table(t.memories.name):
        return []
    c, now = t.memories.c, time.time_ns() // 1_000_000
    found = []
    for kind in (KIND, "lock", "profile"):
        query = select(c.key, c.body, c.updated_at).where(c.kind == kind, c.expires_at > now).limit(MOST)
        for key, body, at in connection.execute(query):
            read = _read(body)
            if read is not None:
                found.append((str(key), kind, read, int(at)))
    return found


def _read(body: str) -> JsonDict | None:
    try:
        read = json.loads(body)
    except ValueError:
        return None
    return read if isinstance(read, dict) else None
