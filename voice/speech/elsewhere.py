"""A line's ear when recognition servers are set: theirs first, the local engine behind them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from voice.clock import Clock
from voice.errors import EngineError
from voice.model import LANGUAGES
from voice.speech.breaker import Breaker
from voice.speech.failover import Engine, FailoverEar
from voice.speech.seam import Ear
from voice.speech.vosk_server import Server, VoskServerEar, VoskServerRecognizer

logger = logging.getLogger(__name__)

LOCAL = "local"


def engine_name(lang: str) -> str:
    """How the server of a language is called in logs, events and figures."""
    return f"server_{lang}"


def servers_first(
    found: Mapping[str, Server], local: Ear, clock: Clock, on_state: Callable[[str, bool], None]
) -> FailoverEar:
    """Each language is heard by its server, if it has one, and by ``local`` when that fails. ``on_state``
    gets an engine's name and whether it is asked, now and when that changes."""
    engines = [
        Engine(engine_name(lang), VoskServerEar(server, clock), frozenset({lang}), Breaker())
        for lang, server in found.items()
    ]
    for engine in engines:
        on_state(engine.name, True)
    return FailoverEar([*engines, Engine(LOCAL, local, frozenset(LANGUAGES))], clock, on_state)


def acquaint(found: Mapping[str, Server], phrases: Callable[[str], tuple[str, ...]]) -> None:
    """Tries each server with what callers may say to it, so that one of ours has learned the words before the
    first call. One that fails is a warning: calls are heard locally then. Blocks, at most for a probe."""
    recognizer = VoskServerRecognizer(found)

    def probe(lang: str) -> None:
        try:
            recognizer.probe(lang, phrases(lang))
        except EngineError as error:
            logger.warning(
                "recognition server for '%s': %s; the local engine hears until it works", lang, error
            )

    if found:
        with ThreadPoolExecutor(len(found)) as pool:
            list(pool.map(probe, found))
