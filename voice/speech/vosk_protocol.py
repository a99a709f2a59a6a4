"""The vosk-server WebSocket protocol, client's side, as a pure machine: what to send, and what answers mean.

The protocol (alphacep/vosk-server, ``websocket/asr_server.py``): the client sends a text message
``{"config": {...}}``, then binary messages of PCM, then the text ``{"eof" : 1}``, to the letter, because
servers compare it. Each binary message and the end are answered by one JSON message: ``{"partial": text}``,
or, after a pause and after the end, ``{"result": [{"word", "start", "end", "conf"}], "text": text}``. The
server in C++ (``websocket-cpp``) answers the configuration too, as if it were audio, and some answers of its
are binary.

Our own service (:mod:`voice.speech.vosk_service`) says so in a header of its handshake. It then gets the
grammar itself instead of sentences to estimate one from, and adds its ``confidence`` to the last answer: what
it hears is what the local engine would hear. From version 2 on it gets a flow's own pronunciations as well:
``"pronunciations": {word: [phones with spaces between]}``. Other clients and servers never see any of these.

A server may be broken or hostile: every answer is checked, counted and bounded.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, Final

import orjson

from voice.errors import EngineError
from voice.model import SAMPLE_RATE, Transcript, Word
from voice.speech.graph import UNKNOWN
from voice.speech.lexicon import Pronunciation
from voice.speech.seam import Grammar
from voice.speech.vosk_engine import runtime_grammar, understood

EOF: Final = '{"eof" : 1}'
MAX_ANSWER_BYTES: Final = 256 * 1024  # half a minute of fast speech with every word's times is 10 kB
OURS: Final = "Centralita-Recognizer"  # the header; its value is the version of what was added
TAKES_PRONUNCIATIONS: Final = 2  # the version from which the service does
MAX_PRONOUNCED: Final = 2000  # words that a client may say how to pronounce
MAX_PHONES: Final = 60_000  # in all their pronunciations together: 200 kB
MAX_PHONES_A_WORD: Final = 100  # in one of them
BYTES_A_MS: Final = SAMPLE_RATE * 2 // 1000
_MAX_WORD: Final = 100  # characters, of an answer
MAX_WORD: Final = 60  # of a message to our service
_WORD_MS: Final = 60  # of audio for a word; in quick speech they last twice as long
_SPARE_WORDS: Final = 10
_TEXT_AT_ONCE: Final = 500  # characters of text however short the audio
_TEXT_A_SECOND: Final = 100  # and for each second of it; the quickest speakers say 25
_TIME_SLACK_MS: Final = 1000  # how far behind the audio's end a word may be said to lie


Pronunciations = tuple[tuple[str, tuple[Pronunciation, ...]], ...]
"""Words, sorted, with the ways of saying each."""


def sendable(
    entries: Mapping[str, tuple[Pronunciation, ...]], wanted: Iterable[str] = ()
) -> tuple[Pronunciations, tuple[str, ...]]:
    """As much of a flow's own pronunciations as a server takes, those of ``wanted`` words first; and the
    words that are left out."""
    first = set(wanted)
    sent: dict[str, tuple[Pronunciation, ...]] = {}
    phones = 0
    for word in sorted(entries, key=lambda word: (word not in first, word)):
        ways = tuple(way for way in entries[word] if len(way) <= MAX_PHONES_A_WORD)
        size = sum(map(len, ways))
        if ways and len(word) <= MAX_WORD and len(sent) < MAX_PRONOUNCED and phones + size <= MAX_PHONES:
            sent[word] = ways
            phones += size
    return tuple(sorted(sent.items())), tuple(sorted(entries.keys() - sent.keys()))


class ServerLied(EngineError):
    """The server's answer is not what the protocol says."""


@functools.lru_cache(maxsize=256)
def config_message(grammar: Grammar, *, version: int = 0, said: Pronunciations = ()) -> str:
    """What begins an utterance. Kept, because a flow asks the same questions of everyone."""
    config: dict[str, Any] = {"sample_rate": SAMPLE_RATE, "words": True, "max_alternatives": 0}
    if version:
        config["grammar"] = {field.name: getattr(grammar, field.name) for field in fields(grammar)}
    elif grammar != Grammar(grammar.lang):
        config["phrase_list"] = runtime_grammar(grammar)
    if said and version >= TAKES_PRONUNCIATIONS:
        config["pronunciations"] = {word: [" ".join(way) for way in ways] for word, ways in said}
    return orjson.dumps({"config": config}).decode()


class Dialog:
    """One utterance's exchange. ``now`` is in ms of any monotonic clock."""

    def __init__(self, grammar: Grammar, said: Pronunciations = ()) -> None:
        self._grammar = grammar
        self._pronunciations = said
        self._bytes = 0
        self._unanswered: deque[tuple[int, int]] = deque()  # when sent, and how many bytes of audio
        self._unanswered_bytes = 0
        self._asked = 0
        self._answered = 0
        self._ended = False
        self._pieces: list[Mapping[str, Any]] = []
        self._words = 0
        self._said = 0  # characters in them
        self._partial = ""
        self._final: Transcript | None = None
        self._complete = False
        self._ours = False

    def opening(self, *, version: int = 0) -> str:
        """``version``: what the header :data:`OURS` of the handshake says, 0 without it."""
        self._ours = version > 0
        return config_message(self._grammar, version=version, said=self._pronunciations)

    def audio(self, pcm: bytes, now: int) -> bytes:
        """To be called as the message is sent."""
        self._bytes += len(pcm)
        self._asks(now, len(pcm))
        return pcm

    def end(self, now: int) -> str:
        self._ended = True
        self._asks(now, 0)
        return EOF

    @property
    def waits_since(self) -> int | None:
        """Since when the oldest unanswered message waits, or None."""
        return self._unanswered[0][0] if self._unanswered else None

    @property
    def unanswered_bytes(self) -> int:
        """Audio that was sent and that no answer speaks of yet."""
        return self._unanswered_bytes

    def answer(self, message: str | bytes) -> Transcript | None:
        """A new partial, the final transcript, or None. Raises :class:`ServerLied`.

        The final transcript is the answer to the end; an answer too many (the C++ server's to the
        configuration) is allowed once.
        """
        heard = self.take(message)
        return self.conclude() if self.complete and self._final is None else heard

    @property
    def complete(self) -> bool:
        """The answer to the end was taken: :meth:`conclude` gives the final transcript."""
        return self._complete

    def conclude(self) -> Transcript:
        """The final transcript. Looks for what was heard among all phrases (6 ms with 400 of them)."""
        if self._final is None:
            ms = self._bytes // BYTES_A_MS
            self._final = (
                _as_said(self._pieces[-1], self._grammar.lang, ms)
                if self._ours
                else understood(self._grammar, self._pieces, ms)
            )
        return self._final

    def take(self, message: str | bytes) -> Transcript | None:
        """As :meth:`answer`, but the final transcript is left to :meth:`conclude`."""
        if self._complete:
            return None
        if self._answered > self._asked:
            raise ServerLied("the recognition server sends answers that nobody asked for")
        self._answered += 1
        if self._unanswered:
            self._unanswered_bytes -= self._unanswered.popleft()[1]
        found = _read(message, self._ours, self._bytes // BYTES_A_MS + _TIME_SLACK_MS)
        if "partial" in found:
            self._bounded(self._said + len(found["partial"]))
            return self._new_partial(found["partial"])
        self._words += len(found["result"])
        # what follows looks for them among all phrases
        if self._words > _SPARE_WORDS + self._bytes // BYTES_A_MS // _WORD_MS:
            raise ServerLied("the recognition server hears more words than can be said")
        self._said += 1 + max(len(found["text"]), sum(len(word["word"]) for word in found["result"]))
        self._bounded(self._said)
        self._pieces.append(found)
        if self._ended and self._answered >= self._asked:
            self._complete = True
            return None
        return self._new_partial("")

    def _bounded(self, characters: int) -> None:
        """What reads the text (phrases, numbers, completeness) runs in the event loop and expects speech."""
        if characters > _TEXT_AT_ONCE + _TEXT_A_SECOND * self._bytes // BYTES_A_MS // 1000:
            raise ServerLied("the recognition server gives more text than can have been said")

    def _asks(self, now: int, size: int) -> None:
        self._asked += 1
        self._unanswered.append((now, size))
        self._unanswered_bytes += size

    def _new_partial(self, newest: str) -> Transcript | None:
        said = [str(piece["text"]) for piece in self._pieces] + [newest]
        text = " ".join(word for part in said for word in part.split() if word != UNKNOWN)
        if text == self._partial:
            return None
        self._partial = text
        return Transcript(text, 0.0, final=False, lang=self._grammar.lang, end_ms=self._bytes // BYTES_A_MS)


def _as_said(found: Mapping[str, Any], lang: str, ms: int) -> Transcript:
    """A transcript that our service has made already."""
    words = tuple(
        Word(item["word"], round(item["start"] * 1000), round(item["end"] * 1000), item["conf"])
        for item in found["result"]
    )
    return Transcript(
        found["text"],
        found["confidence"],
        words,
        lang=lang,
        start_ms=words[0].start_ms if words else 0,
        end_ms=words[-1].end_ms if words else ms,
    )


def _read(message: str | bytes, ours: bool, longest_ms: int) -> Mapping[str, Any]:
    """``{"partial": str}`` or ``{"text": str, "result": [...]}``, every value checked."""
    if len(message) > MAX_ANSWER_BYTES:
        raise ServerLied(f"the recognition server's answer is longer than {MAX_ANSWER_BYTES} bytes")
    try:
        found = orjson.loads(message)
    except orjson.JSONDecodeError:
        raise ServerLied("the recognition server's answer is not JSON") from None
    if not isinstance(found, dict):
        raise ServerLied("the recognition server's answer is not an object")
    if isinstance(found.get("partial"), str):
        partial = " ".join(found["partial"].split())
        if not partial.isprintable():
            raise ServerLied("the recognition server's text holds control characters")
        return {"partial": partial}
    if "alternatives" in found:
        raise ServerLied(
            "the recognition server answers with alternatives; start it with VOSK_ALTERNATIVES=0"
        )
    if not isinstance(found.get("text"), str):
        raise ServerLied("the recognition server's answer has neither text nor partial")
    result = found.get("result", [])
    if not isinstance(result, list):
        raise ServerLied("the recognition server's result is not a list")
    words = [_word(item, longest_ms) for item in result]
    if any(one["start"] > after["start"] for one, after in itertools.pairwise(words)):
        raise ServerLied("the recognition server's words are out of order")
    if found["text"] and not words:
        raise ServerLied("the recognition server gives no words; start it with VOSK_SHOW_WORDS=True")
    if not ours:
        return {"text": " ".join(word["word"] for word in words), "result": words}
    text, sure = found["text"], _number(found.get("confidence"))
    if bool(text) != bool(words) or text != " ".join(text.split()) or not text.isprintable():
        raise ServerLied("the recognition server's text is not that of its words")
    if not 0 <= sure <= 1:
        raise ServerLied("the recognition server has an impossible confidence")
    return {"text": text, "result": words, "confidence": sure}


def _word(item: Any, longest_ms: int) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise ServerLied("a word of the recognition server is not an object")
    word = item.get("word")
    if not isinstance(word, str) or word.split() != [word] or len(word) > _MAX_WORD or not word.isprintable():
        raise ServerLied("a word of the recognition server is not a word")
    start, end, conf = (_number(item.get(name)) for name in ("start", "end", "conf"))
    if not 0 <= start <= end <= longest_ms / 1000:
        raise ServerLied("a word of the recognition server lies outside the audio")
    if not 0 <= conf <= 1.01:  # Vosk's sums may exceed 1 in the last decimals
        raise ServerLied("a word of the recognition server has an impossible confidence")
    return {"word": word, "start": start, "end": end, "conf": min(conf, 1.0)}


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ServerLied("a word of the recognition server lacks its times or its confidence")
    return float(value)
