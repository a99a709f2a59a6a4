"""The provider's playback buffer and the caller's ear, in media time.

A provider queues the audio it is sent, plays it at 8000 mu-law samples a second, echoes a mark when all
audio before it has been played, and empties the queue on ``clear``, returning the marks in it at once
(Twilio, "WebSocket messages to Twilio"; some compatible providers drop them: ``drop_marks``).
"""

from __future__ import annotations

from collections import deque

from voice.audio.g711 import ULAW_SILENCE
from voice.model import FRAME_MS

FRAME_SAMPLES = 160
HANGOVER_MS = 300
REAL_TIME_HANGOVER_MS = 700
"""Over a socket: an engine that is a little late between two sentences does not end the prompt."""

LONG_QUIET_MS = 1000
SILENT_FRAME = ULAW_SILENCE * FRAME_SAMPLES

_MAGNITUDE = bytes(~code & 0x7F for code in range(256))
VOICED_CODE = 16
"""The mu-law magnitude from which audio counts as sound: a peak of 132 of 32768, -48 dB."""


def voiced(ulaw: bytes) -> bool:
    """Whether there is any sound in mu-law audio."""
    return bool(ulaw) and max(ulaw.translate(_MAGNITUDE)) >= VOICED_CODE


class Playback:
    """Invariant: a mark in the queue has audio before it; marks without any are echoed at once."""

    def __init__(self, *, drop_marks: bool = False, hangover_ms: int = HANGOVER_MS) -> None:
        self._hangover_ms = hangover_ms
        self._queue: deque[bytes | str] = deque()
        self._samples = 0
        self._drop_marks = drop_marks
        self.now_ms = 0
        self.last_voiced_ms: int | None = None  # end of the last frame with sound that was played
        self.started_ms = 0  # when the prompt that plays (or played last) began
        self.echoed: list[str] = []

    @property
    def buffered_ms(self) -> int:
        return self._samples // 8

    def playing(self, quiet_ms: int | None = None) -> bool:
        """Whether a prompt is being heard: sound now, queued, or less than ``quiet_ms`` ago. Queued
        silence keeps a prompt alive for a second at most."""
        if self.last_voiced_ms is None:
            return False
        quiet = self.now_ms - self.last_voiced_ms
        hangover = self._hangover_ms if quiet_ms is None else quiet_ms
        return quiet < (max(hangover, LONG_QUIET_MS) if self._samples else hangover)

    def add(self, ulaw: bytes) -> None:
        if ulaw:
            self._queue.append(ulaw)
            self._samples += len(ulaw)

    def mark(self, name: str) -> tuple[str, ...]:
        """The marks to echo now: this one, when there is nothing left to play before it."""
        if not self._samples:
            self.echoed.append(name)
            return (name,)
        self._queue.append(name)
        return ()

    def clear(self) -> tuple[str, ...]:
        """Forgets all audio; the marks that were waiting, to be echoed at once."""
        names = tuple(item for item in self._queue if isinstance(item, str))
        self._queue.clear()
        self._samples = 0
        if self._drop_marks:
            return ()
        self.echoed.extend(names)
        return names

    def play(self) -> tuple[bytes, tuple[str, ...]]:
        """Plays the next 20 ms: the frame that is heard, and the marks that were reached."""
        frame = bytearray()
        names: list[str] = []
        while self._queue:
            item = self._queue[0]
            if isinstance(item, str):
                names.append(item)
                self._queue.popleft()
                continue
            room = FRAME_SAMPLES - len(frame)
            if not room:
                break
            frame += item[:room]
            self._queue.popleft()
            if len(item) > room:
                self._queue.appendleft(item[room:])
        self._samples -= len(frame)
        heard = bytes(frame) + ULAW_SILENCE * (FRAME_SAMPLES - len(frame))
        self.echoed.extend(names)
        self._note(heard)
        return heard, tuple(names)

    def _note(self, heard: bytes) -> None:
        if voiced(heard):
            if not self.playing():
                self.started_ms = self.now_ms
            self.last_voiced_ms = self.now_ms + FRAME_MS
        self.now_ms += FRAME_MS
