"""Edits to the prompts folder go live while calls go on: new calls meet the new version, others keep theirs.

A version goes live only when it passed its checks and its words and prompts are ready. A broken edit changes
nothing: its problems are logged with file and line, and the version before stays.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path

from voice.call.services import Services
from voice.dialogue.flow import Flow
from voice.dialogue.loader import Business, check_path
from voice.errors import EngineError, FlowError, where
from voice.speech.user_lexicon import lexicon_file

log = logging.getLogger(__name__)

KINDS = (".yaml", ".yml", ".py", ".txt", ".md")
MOST_FILES = 5000  # looked at; a prompts folder has some dozens
MOST_TOLD = 20  # problems of one edit that are logged

Marks = Mapping[str, tuple[int, int]]
"""Path to the time of its last change and its size."""


def marks_of(folder: Path, files: tuple[Path, ...] = ()) -> Marks:
    """What an edit changes: every file below ``folder`` that a business writes, and ``files``."""
    found: dict[str, tuple[int, int]] = {}
    below = (path for path in folder.rglob("*") if path.suffix in KINDS and "__pycache__" not in path.parts)
    # a folder that holds far more than prompts is not walked to its end every two seconds
    for path in (*files, *islice(below, MOST_FILES)):
        with contextlib.suppress(OSError):  # gone between the listing and the look
            status = path.stat()
            found[str(path)] = (status.st_mtime_ns, status.st_size)
    return found


class Reloader:
    """Keeps one line's business current.

    ``learn`` makes a flow's words recognisable and ``speak`` its prompts ready; both block and run in a
    thread. ``renew`` makes the services of new calls for a business, in the loop's thread.
    """

    def __init__(
        self,
        business: Business,
        prompts: Path,
        *,
        learn: Callable[[Flow], None],
        speak: Callable[[Business], None],
        renew: Callable[[Business], Services],
    ) -> None:
        self.business = business
        self._prompts = prompts
        self._learn, self._speak, self._renew = learn, speak, renew
        self._path = Path(business.flow.file)
        self._live = self.marks()  # of the version that was taken, or refused, last
        self._seen = self._live
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Looks at the files now, without waiting for the next turn; for a signal."""
        self._asked.set()

    async def watch(self, use: Callable[[Services], None], seconds: float) -> None:
        """Runs until it is cancelled: looks every ``seconds`` (0: only when asked) and hands the services
        of each new version to ``use``. An edit is taken once it has stood still for one turn."""
        while True:
            asked = await self._wait(seconds)
            marks = await asyncio.to_thread(self.marks)
            if self.settled(marks) or asked:
                self._live = marks
                services = await self.load()
                if services is not None:
                    use(services)

    def marks(self) -> Marks:
        """Of everything that the line is made of, wherever it lies."""
        flow = self.business.flow
        words = [lexicon_file(flow.file, lang) for lang in flow.languages]
        return marks_of(self._prompts, (*map(Path, flow.files), *words))

    def settled(self, marks: Marks) -> bool:
        """Whether there is an edit, and it stood so at the last look too: an editor may be writing."""
        standing, self._seen = marks == self._seen, marks
        return standing and marks != self._live

    async def _wait(self, seconds: float) -> bool:
        """Whether it was asked to look now."""
        try:
            async with asyncio.timeout(seconds or None):
                await self._asked.wait()
        except TimeoutError:
            return False
        self._asked.clear()
        return True

    async def load(self) -> Services | None:
        """Reads what is written now. None when it is broken (its problems are in the log then), or cannot be
        made ready; the version before stays."""
        old = self.business.flow
        try:
            business = await asyncio.to_thread(self._ready)
        except FlowError as error:
            for problem in error.problems[:MOST_TOLD]:
                log.error("%s", problem)
            if len(error.problems) > MOST_TOLD:
                log.error("and %s problems more: run voice check", len(error.problems) - MOST_TOLD)
            log.error("flow %s: the edit is not taken; version %s stays", old.name, old.version)
            return None
        except (EngineError, OSError) as error:
            log.error("flow %s: %s; version %s stays", old.name, where(error), old.version)
            return None
        self.business = business
        services = self._renew(business)
        log.info("flow %s: version %s is live for new calls", business.flow.name, business.flow.version)
        return services

    def _ready(self) -> Business:
        business, problems = check_path(self._path, self._prompts)
        if business is None:
            raise FlowError([problem for problem in problems if problem.severity == "error"])
        getattr(business, "understanding")  # noqa: B009 - learned here, in a thread, and not by the first caller
        self._learn(business.flow)
        self._speak(business)
        return business
