"""When the caller's turn begins and ends, from one decision a frame and what was heard so far: a pure
machine in media time."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from voice.model import FRAME_MS, Completeness

COMPLETE_MS = 280  # silence after an answer that nothing can be added to
SETTLED_MS = 140  # of it, what the recognizer must have heard: the words before it change no more
UNFINISHED_MS = 1000  # after half an answer; pauses within dictated numbers reach 700 ms
HESITATING_MS = 1500  # after "eh", "y", "and"
COUNTED_MS = 100  # beyond the caller's own pauses: a digit too many is sometimes heard
COUNTED_MOST_MS = 700
RHYTHM_MS = 900  # the least after digits that may be all: a group may follow
RHYTHM_MARGIN_MS = 200


@dataclass(frozen=True, slots=True)
class SpeechOn:
    """The caller began to speak at ``start_ms``: the start of the first speech frame."""

    start_ms: int


@dataclass(frozen=True, slots=True)
class SpeechOff:
    """The caller's turn is over. ``end_ms`` is the end of the last speech frame, ``silence_ms`` how long
    was waited after it (less than the endpoint when the turn reached its greatest length). ``why``:
    ``complete`` (an answer was there), ``silence``, ``unfinished`` or ``hesitation`` (the longer wait after
    these is over), ``longest`` (the greatest length)."""

    start_ms: int
    end_ms: int
    silence_ms: int
    why: str = "silence"


_WHY = {
    Completeness.COMPLETE: "complete",
    Completeness.COUNTED: "complete",
    Completeness.UNFINISHED: "unfinished",
    Completeness.HESITATING: "hesitation",
}


def silence_needed(heard: Completeness, endpoint_ms: int, longest_pause_ms: int = 0) -> int:
    """How much silence ends a turn of which ``heard`` is known, in ms. ``endpoint_ms`` is right where nothing
    is; ``longest_pause_ms`` is the longest pause within this turn: who dictates in short breaths is done
    sooner, and who pauses long between groups is given as long again.
    """
    if heard is Completeness.COMPLETE:
        return min(endpoint_ms, COMPLETE_MS)
    if heard is Completeness.COUNTED:
        paused_ms = min(longest_pause_ms + COUNTED_MS, COUNTED_MOST_MS)
        return min(endpoint_ms, max(COMPLETE_MS, paused_ms))
    if heard is Completeness.UNFINISHED:
        return max(endpoint_ms, UNFINISHED_MS)
    if heard is Completeness.HESITATING:
        return max(endpoint_ms, HESITATING_MS)
    if heard is Completeness.EXTENSIBLE and longest_pause_ms:
        return min(endpoint_ms, max(RHYTHM_MS, 2 * longest_pause_ms + RHYTHM_MARGIN_MS))
    return endpoint_ms


class Endpointer:
    """Turns speech decisions into turns; :class:`SpeechOn` and :class:`SpeechOff` alternate.

    A turn begins when speech has gone on for ``onset_ms``: the first and the last frame of that stretch
    are speech, and three of four between. It ends when ``endpoint_ms`` have passed since the last speech
    frame (more or less where :meth:`heard` was told what the words are), or after ``max_speech_ms``. All
    times in ms; a frame is 20 ms.
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

    @property
    def silence_ms(self) -> int:
        """Since the last speech of the turn; 0 outside turns."""
        return self._now_ms - self._last_speech_ms if self.speaking else 0

    def configure(self, endpoint_ms: int, max_speech_ms: int) -> None:
        """Takes effect with the next frame, also within a turn."""
        if endpoint_ms < FRAME_MS or max_speech_ms < FRAME_MS:
            raise ValueError("endpoint_ms and max_speech_ms must be at least one frame")
        self._endpoint_ms = endpoint_ms
        self._max_speech_ms = max_speech_ms

    def heard(self, heard: Completeness, least_ms: int = 0) -> None:
        """What the turn's words so far are; counts until the next call or the end of the turn. Nobody says
        them in less than ``least_ms``: a recognizer that knows whole phrases only guesses their end early."""
        if self._start_ms is not None:
            self._heard, self._least_ms = heard, least_ms

    def reset(self) -> None:
        """Forgets a turn in progress, without a :class:`SpeechOff`, and any onset."""
        self._recent.clear()
        self._start_ms: int | None = None
        self._last_speech_ms = 0
        self._longest_pause_ms = 0
        self._heard = Completeness.EMPTY
        self._least_ms = 0

    def step(self, speech: bool, end_ms: int, behind_ms: int = 0) -> SpeechOn | SpeechOff | None:
        """Takes the decision for the frame that ends at ``end_ms``; these times must rise. ``behind_ms`` of
        the audio is not recognised yet: words that may still grow are no complete answer."""
        if end_ms <= self._now_ms and self._recent:
            raise ValueError(f"a frame that ends at {end_ms} ms after one at {self._now_ms} ms")
        if end_ms - self._now_ms > FRAME_MS:
            self._recent.clear()  # a hole in time is no part of an onset
        self._now_ms = end_ms
        self._recent.append(speech)
        if speech:
            if self._start_ms is not None:
                pause_ms = end_ms - FRAME_MS - self._last_speech_ms
                self._longest_pause_ms = max(self._longest_pause_ms, pause_ms)
            self._last_speech_ms = end_ms
        if self._start_ms is None:
            return self._onset(speech, end_ms)
        return self._endpoint(self._start_ms, end_ms, behind_ms)

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

    def _endpoint(self, start_ms: int, end_ms: int, behind_ms: int) -> SpeechOff | None:
        silence_ms = end_ms - self._last_speech_ms
        heard = self._heard
        sure = heard is Completeness.COMPLETE or heard is Completeness.COUNTED
        if sure and self._last_speech_ms - start_ms < self._least_ms:
            heard = Completeness.UNFINISHED  # the beginning of what the recognizer expects
        elif sure and silence_ms - behind_ms < SETTLED_MS:
            heard = Completeness.EXTENSIBLE
        over = silence_ms >= silence_needed(heard, self._endpoint_ms, self._longest_pause_ms)
        if not over and end_ms - start_ms < self._max_speech_ms:
            return None
        why = _WHY.get(heard, "silence") if over else "longest"
        off = SpeechOff(start_ms, self._last_speech_ms, silence_ms, why)
        self.reset()
        return off
