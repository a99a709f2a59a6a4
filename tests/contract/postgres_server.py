"""A PostgreSQL of a test run's own: in a temporary folder, reached over a socket file, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES_ONE = "CENTRALITA_TEST_POSTGRES"  # an empty database, which is emptied again
_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")


class NoPostgres(Exception):
    """Why there is none on this machine."""


def _programs() -> Path:
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    for pattern in _FOLDERS:
        for folder in sorted(Path("/").glob(pattern.lstrip("/")), reverse=True):
            if (folder / "initdb").exists():
                return folder
    raise NoPostgres(f"no PostgreSQL here (apt-get install postgresql), and {NAMES_ONE} names no database")


def _user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: an ordinary user for the subprocesses then."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": ()}
    raise NoPostgres("PostgreSQL does not run as root, and there is no user nobody")


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of an empty database. Raises :class:`NoPostgres`."""
    if named := os.environ.get(NAMES_ONE):
        yield named
        return
    programs, user = _programs(), _user()
    # not pytest's tmp_path: only its owner may enter that, and a socket's path has at most 107 bytes
    folder = Path(tempfile.mkdtemp(prefix="centralita-pg-"))
    try:
        if user:
            os.chown(folder, user["user"], user["group"])
        data = folder / "data"

        def run(*command: str) -> None:
            done = subprocess.run(
                [programs / command[0], *command[1:]],
                cwd=folder,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "HOME": str(folder)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,  # a pipe would be kept open by the server
                stderr=subprocess.DEVNULL,
                timeout=60,
                check=False,
                **user,
            )
            if done.returncode:
                raise NoPostgres(f"{command[0]} of {programs} failed with {done.returncode}")

        run("initdb", "-D", str(data), "-U", "centralita", "-A", "trust", "--no-sync", "-E", "UTF8")
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql://centralita@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
