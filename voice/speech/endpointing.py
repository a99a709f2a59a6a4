"""When the caller's turn begins and ends, from one decision a frame: a pure machine in media time."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from voice.model import FRAME_MS


@dataclass(frozen=True, slots=True)
class SpeechOn:
    """The caller began to speak at ``start_ms``: the start of the first speech frame."""

    start_ms: int


@dataclass(frozen=True, slots=True)
class SpeechOff:
    """The caller's turn is over. ``end_ms`` is the end of the last speech frame, ``silence_ms`` how long
    was waited after it (less than the endpoint when the turn reached its greatest length)."""

    start_ms: int
    end_ms: int
    silence_ms: int


class Endpointer:
    """Turns speech decisions into turns; :class:`SpeechOn` and :class:`SpeechOff` alternate.

    A turn begins when speech has gone on for ``onset_ms``: the first and the last frame of that stretch
    are speech, and three of four between. It ends when ``endpoint_ms`` have passed since the last speech
    frame, or after ``max_speech_ms``. All times in ms; a frame is 20 ms.
    """

    def __init__(self, onset_ms: int = 80, endpoint_ms: int = 500, max_speech_ms: int = 20000) -> None:
        if onset_ms < FRAME_MS:
            raise ValueError(f"an onset of {onset_ms} ms is shorter than a frame")
        self._onset_frames = -(-onset_ms // FRAME_MS)
        self._needed = -(-3 * self._onset_frames // 4)  # three of four
        self._recent: deque[bool] = deque(maxlen=2 * self._onset_frames)
        self._now_ms = 0
        self.configure(endpoint_ms, max_speech_ms)
        self.reset()

    @property
    def speaking(self) -> bool:
        return self._start_ms is not None

    def configure(self, endpoint_ms: int, max_speech_ms: int) -> None:
        """Takes effect with the next frame, also within a turn."""
        if endpoint_ms < FRAME_MS or max_speech_ms < FRAME_MS:
            raise ValueError("endpoint_ms and max_speech_ms must be at least one frame")
        self._endpoint_ms = endpoint_ms
        self._max_speech_ms = max_speech_ms

    def reset(self) -> None:
        """Forgets a turn in progress, without a :class:`SpeechOff`, and any onset."""
        self._recent.clear()
        self._start_ms: int | None = None
        self._last_speech_ms = 0

    def step(self, speech: bool, end_ms: int) -> SpeechOn | SpeechOff | None:
        """Takes the decision for the frame that ends at ``end_ms``; these times must rise."""
        if end_ms <= self._now_ms and self._recent:
            raise ValueError(f"a frame that ends at {end_ms} ms after one at {self._now_ms} ms")
        if end_ms - self._now_ms > FRAME_MS:
            self._recent.clear()  # a hole in time is no part of an onset
        self._now_ms = end_ms
        self._recent.append(speech)
        if speech:
            self._last_speech_ms = end_ms
        if self._start_ms is None:
            return self._onset(speech, end_ms)
        return self._endpoint(self._start_ms, end_ms)

    def _onset(self, speech: bool, end_ms: int) -> SpeechOn | None:
        if not speech or len(self._recent) < self._onset_frames:
            return None
        heard = list(self._recent)
        first = len(heard) - self._onset_frames
        if not heard[first] or sum(heard[first:]) < self._needed:
            return None
        while first > 0 and heard[first - 1]:  # earlier frames that were too few by themselves
            first -= 1
        self._start_ms = end_ms - (len(heard) - first) * FRAME_MS
        return SpeechOn(self._start_ms)

    def _endpoint(self, start_ms: int, end_ms: int) -> SpeechOff | None:
        silence_ms = end_ms - self._last_speech_ms
        if silence_ms < self._endpoint_ms and end_ms - start_ms < self._max_speech_ms:
            return None
        off = SpeechOff(start_ms, self._last_speech_ms, silence_ms)
        self.reset()
        return off
