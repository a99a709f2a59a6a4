"""voice doctor on the secret of callers' keys: changed, gone, damaged, or readable by anybody."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from voice.commands.doctor import MISSING, OK, WARNING, Finding, check_callers
from voice.model import JsonDict
from voice.profile.key_change import changes_of, lost, told_of_another_key
from voice.profile.keys import KEY_FILE, load_keys
from voice.settings import Settings, load
from voice.store.engines import store_url
from voice.store.sql import SqlStore

NUMBER = "+34600111222"
YEAR = 365 * 86_400_000


def settings(data: Path, **more: Any) -> Settings:
    return load(None, env={}, overrides={"data": data, **more})


def found(data: Path, **more: Any) -> list[Finding]:
    return list(check_callers(settings(data, **more)))


def _as(body: JsonDict, _: JsonDict | None) -> JsonDict:
    return body


def start(data: Path, callers: int = 0, locks: int = 0) -> None:
    """A server's start, and what it keeps then."""

    async def serve() -> None:
        keys, now = load_keys(data), time.time_ns() // 1_000_000
        store = SqlStore(store_url(data))
        await store.open()
        try:
            await told_of_another_key(store, keys, now)
            rows = [(keys.number(f"{NUMBER}{n}"), "profile", {"calls": 1}) for n in range(callers)]
            rows += [(keys.lock(str(n)), "lock", {"until": now + YEAR}) for n in range(locks)]
            for key, kind, body in rows:
                await store.amend(key, kind, partial(_as, body), now_ms=now + 1, expires_at=now + YEAR)
        finally:
            await store.close()

    asyncio.run(serve())


def test_before_the_first_start_nothing_is_made(tmp_path: Path) -> None:
    (one,) = found(tmp_path / "data")
    assert (one.state, "nobody is remembered yet" in one.detail) == (OK, True)
    assert not (tmp_path / "data").exists()


def test_a_secret_that_fits_is_fine(tmp_path: Path) -> None:
    start(tmp_path, callers=2, locks=1)
    (one,) = found(tmp_path)
    assert (one.state, one.detail.split(",")[0]) == (OK, "2 remembered")
    assert (tmp_path / KEY_FILE).read_text().strip() not in one.detail


def test_another_secret_is_told_before_and_after_the_start_and_until_it_is_back(tmp_path: Path) -> None:
    start(tmp_path, callers=3, locks=1)
    former = (tmp_path / KEY_FILE).read_bytes()
    (tmp_path / KEY_FILE).write_bytes(b"another secret of some length\n")
    (before,) = found(tmp_path)
    assert (before.state, "3 of 3 callers and 1 lock-outs" in before.detail) == (WARNING, True)
    assert "put the former secret back" in before.remedy
    start(tmp_path, callers=2)
    (after,) = found(tmp_path)
    assert (after.state, "3 of 5 callers" in after.detail) == (WARNING, True), "those kept since are known"
    (tmp_path / KEY_FILE).write_bytes(former)
    (back,) = found(tmp_path)
    assert "2 of 5 callers and 0 lock-outs" in back.detail
    (setting,) = found(tmp_path, **{"profile.key": "a third secret, set in the settings"})
    assert "setting profile.key is not" in setting.detail
    assert "5 of 5" in setting.detail


def test_a_secret_that_is_gone_is_told_before_another_is_made(tmp_path: Path) -> None:
    start(tmp_path, callers=1)
    (tmp_path / KEY_FILE).unlink()
    (one,) = found(tmp_path)
    assert (one.state, "is gone, and 1 callers" in one.detail) == (WARNING, True)
    assert not (tmp_path / KEY_FILE).exists()


def test_a_damaged_one_keeps_the_server_from_starting(tmp_path: Path) -> None:
    start(tmp_path)
    (tmp_path / KEY_FILE).write_bytes(b"short")
    (one,) = found(tmp_path)
    assert (one.state, "is damaged" in one.detail) == (MISSING, True)


def test_one_that_others_can_read_is_told(tmp_path: Path) -> None:
    start(tmp_path)
    (tmp_path / KEY_FILE).chmod(0o644)
    first, second = found(tmp_path)
    assert (first.state, "chmod 600" in first.remedy, second.state) == (WARNING, True, OK)


def test_a_database_that_is_none_is_the_matter_of_another_check(tmp_path: Path) -> None:
    start(tmp_path)
    (tmp_path / "centralita.db").write_bytes(b"no database, but a text that somebody put there" * 50)
    assert found(tmp_path) == []
    assert found(tmp_path, **{"store.url": "nonsense"}) == []


@pytest.mark.parametrize("damaged", [None, {}, {"since": "x"}, {"since": [1, ["a"], ["a", "b"], None]}])
def test_a_damaged_note_of_the_secret_loses_nobody(damaged: JsonDict | None) -> None:
    assert changes_of(damaged) == []
    assert not lost([], "own", [("profile", {}, 5)], 10)


def test_what_an_earlier_version_noted_counts() -> None:
    assert changes_of({"fingerprint": "old"}) == [("old", 0)]
    assert lost([("old", 0), ("own", 7)], "own", [("profile", {}, 5), ("profile", {}, 9)], 10).known == 1
