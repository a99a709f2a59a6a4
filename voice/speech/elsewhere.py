"""A line's ear when recognition servers are set: theirs first, the local engine behind them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from voice.clock import Clock
from voice.errors import EngineError
from voice.model import LANGUAGES
from voice.speech.breaker import Breaker
from voice.speech.failover import Engine, FailoverEar
from voice.speech.seam import Ear
from voice.speech.user_lexicon import Entries
from voice.speech.vosk_server import Server, VoskServerEar, VoskServerRecognizer

logger = logging.getLogger(__name__)

LOCAL = "local"
NAMED = 20  # words that a warning names


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


def listed(words: Sequence[str]) -> str:
    """For a log: the first of them, and how many more there are."""
    more = len(words) - NAMED
    return ", ".join(words[:NAMED]) + (f" and {more} more" if more > 0 else "")


def teach(found: Mapping[str, Server], lang: str, entries: Entries, phrases: tuple[str, ...]) -> None:
    """Has a line's own pronunciations sent to the server of ``lang``, if it has one."""
    if lang not in found:
        return
    words = {word for phrase in phrases for word in phrase.split()}
    if left_out := found[lang].pronounced.learn(entries, words):
        logger.warning("lexicon.%s.txt: too many for a recognition server: %s", lang, listed(left_out))


def acquaint(found: Mapping[str, Server], phrases: Callable[[str], tuple[str, ...]]) -> None:
    """Tries each server with what callers may say to it, so that one of ours has learned the words before the
    first call. One that fails is a warning: calls are heard locally then. Another is which of the line's own
    pronunciations a server does not take. Blocks, at most for a probe."""
    recognizer = VoskServerRecognizer(found)

    def probe(lang: str) -> None:
        try:
            takes, said = recognizer.probe(lang, phrases(lang)), found[lang].pronounced.said
            if said and not takes:
                logger.warning(
                    "recognition server for '%s': takes no pronunciations; words of lexicon.%s.txt are heard "
                    "only as its model knows them: %s",
                    lang,
                    lang,
                    listed([word for word, _ in said]),
                )
        except EngineError as error:
            logger.warning(
                "recognition server for '%s': %s; the local engine hears until it works", lang, error
            )

    if found:
        with ThreadPoolExecutor(len(found)) as pool:
            list(pool.map(probe, found))
