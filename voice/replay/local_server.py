"""A server of our own for a demonstration: a subprocess on a free loopback port, stopped whatever happens."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from voice.errors import CentralitaError
from voice.settings import ENV_PREFIX

START_S = 90.0  # the first start compiles the flow's words
STOP_S = 15.0
_LISTENING = "Listening on "
_DESK = "Agent desk: "


class LocalServer:
    """``async with LocalServer(data, prompts) as server``: up, with ``url`` and the desk's one-time
    ``desk_address``. Its log goes to ``data/server.log``. Settings come from the defaults alone, not from
    the environment; ``environment`` adds variables of the flow (where webhooks are answered). Raises
    :class:`CentralitaError` with the end of the log when it does not come up."""

    def __init__(self, data: Path, prompts: Path, environment: Mapping[str, str] | None = None) -> None:
        self._data = data
        self._prompts = prompts
        self._environment = dict(environment or {})
        self._process: asyncio.subprocess.Process | None = None
        self._draining: asyncio.Task[None] | None = None
        self.log = data / "server.log"
        self.url = ""
        self.desk_address = ""

    @property
    def pid(self) -> int:
        """The process's id; 0 before it was started."""
        return self._process.pid if self._process else 0

    async def __aenter__(self) -> LocalServer:
        self._data.mkdir(parents=True, exist_ok=True)
        arguments = ["serve", "--port", "0", "--data", str(self._data), "--prompts", str(self._prompts)]
        environment = {k: v for k, v in os.environ.items() if not k.startswith(ENV_PREFIX)}
        environment |= self._environment
        with self.log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "voice.cli",
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env=environment,
                # Ctrl-C is for us: we stop the server ourselves, after the call in progress
                start_new_session=True,
            )
        try:
            async with asyncio.timeout(START_S):
                await self._ready(self._process)
        except TimeoutError:
            await self._stop()
            raise CentralitaError(f"the server did not start in {START_S:.0f} s; see {self.log}") from None
        except BaseException:
            await self._stop()
            raise
        self._draining = asyncio.create_task(self._drain(self._process))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def _ready(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while not (self.url and self.desk_address):
            raw = await process.stdout.readline()
            if not raw:
                await process.wait()
                raise CentralitaError(f"the server did not start:\n{self.tail()}")
            line = raw.decode("utf-8", "replace").strip()
            if line.startswith(_LISTENING):
                self.url = line.removeprefix(_LISTENING)
            elif line.startswith(_DESK):
                self.desk_address = line.removeprefix(_DESK)

    async def _drain(self, process: asyncio.subprocess.Process) -> None:
        """Keeps the pipe empty, so that the server never waits for us."""
        assert process.stdout is not None
        while await process.stdout.readline():
            pass

    def tail(self, lines: int = 15) -> str:
        """The end of the server's log."""
        try:
            with self.log.open(encoding="utf-8", errors="replace") as log:
                return "".join(deque(log, lines)).strip() or "(its log is empty)"
        except OSError:
            return "(it wrote no log)"

    async def _stop(self) -> None:
        process = self._process
        if process is not None and process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), STOP_S)
            except TimeoutError:
                process.kill()
                await process.wait()
        if self._draining is not None:
            self._draining.cancel()
            await asyncio.gather(self._draining, return_exceptions=True)
