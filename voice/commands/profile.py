"""See, erase or add to what is remembered of callers.

    voice profile list
    voice profile show --number +34600111222
    voice profile set --number +34600111222 --value vip=yes --value name="Ana García"
    voice profile erase --number +34600111222
    voice profile erase --identity customer=12345678
    voice profile unlock --identity customer=12345678
    voice profile unlock --withheld customer

Callers are kept under keyed hashes of their numbers and of their proved identities: with a number its profile
can be found, from a profile no number. '--number -' reads the number from standard input. Erasing takes
effect at once, also while the server runs. It does not touch the log of calls, recordings and tickets:
'voice profile erase' says how many calls of the number they still hold. 'unlock' ends the lock-out of a
number, of an identity, or of all callers who withhold their number, and leaves the rest.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import orjson

from voice import settings
from voice.clock import RealClock
from voice.errors import ConfigError
from voice.model import JsonDict
from voice.profile import merge
from voice.profile.keys import Keys, load_keys, plain_number
from voice.profile.service import DAY_MS, PROFILE
from voice.profile.verify import WITHHELD
from voice.store.engines import store_url
from voice.store.sql import SqlStore

SHOWN_KEY = 14
MOST_CALLS = 100_000
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("list", "show", "set", "erase", "unlock"))
    parser.add_argument(
        "--value",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="for set, also several times; NAME= takes it away",
    )
    parser.add_argument("--number", help="the caller's number; - reads it from standard input")
    parser.add_argument(
        "--identity", metavar="SLOT=VALUE", help="a proved identity, for example customer=12345678"
    )
    parser.add_argument(
        "--withheld", metavar="SLOT", help="for unlock: callers without a number, and the slot they prove"
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="data folder (default: settings)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file (TOML)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(args: argparse.Namespace) -> int:
    chosen = settings.load(args.config, overrides={"data": args.data})
    if args.withheld and args.what != "unlock":
        raise ConfigError(f"--withheld is for 'voice profile unlock', not for {args.what}")
    if args.what != "list" and not (args.number or args.identity or args.withheld):
        withheld = ", or --withheld customer" if args.what == "unlock" else ""
        raise ConfigError(f"say whose: --number +34600111222, or --identity customer=12345678{withheld}")
    if args.what != "set" and args.value:
        raise ConfigError(f"--value is for 'voice profile set', not for {args.what}")
    if not chosen.data.is_dir():
        raise ConfigError(f"there is no data folder {chosen.data}; name the server's with --data")
    keys = load_keys(chosen.data, chosen.profile.key.get_secret_value())
    return asyncio.run(_run(args, chosen, keys))


async def _run(args: argparse.Namespace, chosen: settings.Settings, keys: Keys) -> int:
    store = SqlStore(store_url(chosen.data, chosen.store.url))
    await store.open()
    try:
        if args.what == "list":
            return await _list(store, args.json)
        if args.withheld:
            return await _unlock(store, keys, f"{WITHHELD}.{args.withheld}")
        number = sys.stdin.readline().strip() if args.number == "-" else args.number or ""
        key = _key(keys, number, args.identity or "")
        if args.what == "erase":
            return await _erase(store, keys, key, number)
        if args.what == "unlock":
            return await _unlock(store, keys, key)
        if args.what == "set":
            return await _set(store, key, args.value, chosen.profile.days)
        return await _show(store, key, args.json)
    finally:
        await store.close()


def _key(keys: Keys, number: str, identity: str) -> str:
    if number and identity:
        raise ConfigError("say --number or --identity, not both")
    if identity:
        slot, separator, value = identity.partition("=")
        key = keys.identity(slot.strip(), value) if separator else ""
        if not key:
            raise ConfigError("write --identity SLOT=VALUE, for example customer=12345678")
        return key
    if not plain_number(number):
        raise ConfigError("this is no number that a profile can be kept for; write it as +34600111222")
    return keys.number(number)


async def _list(store: SqlStore, as_json: bool) -> int:
    rows = await store.remembered(PROFILE, RealClock().wall_ms(), 1000)
    for row in rows:
        kind = "identity" if row.key.startswith("i:") else "number"
        shown = {
            "key": row.key[:SHOWN_KEY],
            "of": kind,
            "calls": row.body.get("calls", 0),
            "language": row.body.get("lang", ""),
            "last": _day(row.updated_at),
            "until": _day(row.expires_at),
        }
        if as_json:
            print(orjson.dumps(shown).decode())
        else:
            print(
                f"{shown['key']}  {kind:8}  {shown['calls']} calls, {shown['language']}, "
                f"last {shown['last']}, until {shown['until']}"
            )
    if not rows and not as_json:
        print("Nobody is remembered. A flow remembers its callers when it has a 'remember' section.")
    return 0


async def _show(store: SqlStore, key: str, as_json: bool) -> int:
    rows = await store.recall([key], RealClock().wall_ms())
    if not rows:
        print("{}" if as_json else "Nothing is remembered of this caller.")
        return 1
    for row in rows:
        if as_json:
            print(orjson.dumps({"kind": row.kind, "until": _day(row.expires_at), "kept": row.body}).decode())
            continue
        print(f"{row.kind}, kept until {_moment(row.expires_at)}")
        print(orjson.dumps(row.body, option=orjson.OPT_INDENT_2).decode())
    return 0


async def _set(store: SqlStore, key: str, pairs: list[str], days: int) -> int:
    changes: dict[str, str] = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator or not _NAME.fullmatch(name):
            raise ConfigError(f"'{pair}' is not NAME=VALUE; write for example vip=yes")
        if name in merge.COUNTED:
            raise ConfigError(f"'{name}' is counted from calls and cannot be set")
        changes[name] = value[: merge.LONGEST_VALUE]
    if not changes:
        raise ConfigError("say what: voice profile set --number +34600111222 --value vip=yes")
    now = RealClock().wall_ms()

    def change(old: JsonDict | None) -> JsonDict | None:
        given = dict((old or {}).get("set") or {}) | changes
        new = dict(old or {}) | {"set": {name: value for name, value in given.items() if value}}
        return new if any(new.values()) else None

    await store.amend(key, PROFILE, change, now_ms=now, expires_at=now + days * DAY_MS)
    print("Kept.")
    return 0


async def _erase(store: SqlStore, keys: Keys, key: str, number: str) -> int:
    gone = await store.forget([key, keys.lock(key), keys.lock("send." + key)])
    print(
        f"Erased. Things that were remembered: {gone}." if gone else "Nothing was remembered of this caller."
    )
    if number:
        plain = plain_number(number)
        calls = [c for c in await store.calls(MOST_CALLS) if plain_number(str(c["caller"])) == plain]
        if calls:
            print(
                f"The log still has {len(calls)} calls of this number, with what was said in them, their "
                "recordings and tickets (docs/profiles.md)."
            )
    return 0


async def _unlock(store: SqlStore, keys: Keys, key: str) -> int:
    gone = await store.forget([keys.lock(key), keys.lock("send." + key)])
    print("Unlocked: all tries may be made again." if gone else "There were no wrong tries.")
    return 0


def _day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).date().isoformat()


def _moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
