"""A call's keys from both places they come from: the provider's signals, and tones in the audio. Pure.

A key never counts twice. A provider signals a key when its tone ends or later, so the tone is recognised
first: that signal is then taken for the same press. From the first signal on the provider is believed, and
tones are no keys any more; they are still recognised, because a tone is neither speech nor for the recording.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from voice.audio.dtmf import ToneDetector
from voice.model import FRAME_BYTES, FRAME_MS, Digit
from voice.settings import CallSettings
from voice.telephony.seam import Wire

SAME_PRESS_MS: Final = 3000
"""A signal may come so long after its tone was recognised: keys are held, networks are slow."""

RECOGNISED_MS: Final = 120
"""A tone began at most this long before it was recognised, unless noise hid its beginning."""


_TOLERANCE_MS: Final = 10  # as much as the gap filler's: time stamps are rounded, no audio is missing
_MOST: Final = 64  # keys: far more than anything dials in SAME_PRESS_MS


def listens(settings: CallSettings, wire: Wire) -> bool:
    """Whether tones are listened for on this wire."""
    mode = settings.keypad_tones_of.get(wire.provider, settings.keypad_tones)
    return mode == "on" or (mode == "auto" and not wire.signals_keys)


class Keypad:
    """One call's keys. ``listens``: tones in the audio count as keys until the provider signals one."""

    __slots__ = ("_carry", "_detector", "_end_ms", "_heard", "_listens", "_lost_ms", "tone")

    def __init__(self, listens: bool) -> None:
        self._listens = listens
        self._detector = ToneDetector() if listens else None
        self._carry = b""
        self._end_ms = 0
        self._lost_ms = 0  # audio that begins before then is silence in the place of what was lost
        self._heard: deque[Digit] = deque(maxlen=_MOST)  # by their tones, not yet signalled
        self.tone = False
        """The audio taken last had a key's tone in it."""

    def lost(self, until_ms: int) -> None:
        """The audio up to ``until_ms`` never came: what follows in its place is no pause between keys."""
        self._lost_ms = until_ms

    def audio(self, pcm: bytes, end_ms: int) -> tuple[Digit, ...]:
        """The caller's next audio, of any length, which ends at ``end_ms``; the keys recognised in it."""
        detector = self._detector
        if detector is None:
            return ()
        begin_ms = end_ms - len(pcm) // 16
        if begin_ms < self._lost_ms:
            return ()
        if begin_ms - self._end_ms > _TOLERANCE_MS:
            detector.hole(begin_ms - self._end_ms)
            self._carry = b""
        self._end_ms = end_ms
        if len(pcm) == FRAME_BYTES and not self._carry:
            key = detector.step(pcm)
            self.tone = detector.sounding
            return self._keys([Digit(key, end_ms)]) if key else ()
        data = self._carry + pcm
        whole = len(data) - len(data) % FRAME_BYTES
        self._carry = data[whole:]
        at = end_ms - len(data) // 16
        found = []
        self.tone = detector.sounding
        for i in range(0, whole, FRAME_BYTES):
            at += FRAME_MS
            if key := detector.step(data[i : i + FRAME_BYTES]):
                found.append(Digit(key, at))
            self.tone = self.tone or detector.sounding
        return self._keys(found)

    def _keys(self, found: list[Digit]) -> tuple[Digit, ...]:
        if not self._listens:
            return ()
        self._heard.extend(found)
        return tuple(found)

    def signalled(self, digit: Digit, now_ms: int) -> bool:
        """The provider signals a key at ``now_ms``; False when its tone was already taken for it."""
        self._listens = False
        heard = self._heard
        while heard and heard[0].at_ms < now_ms - SAME_PRESS_MS:
            heard.popleft()
        if all(tone.key != digit.key for tone in heard):
            return True
        while heard.popleft().key != digit.key:
            pass  # a key before it that the provider did not signal
        return False
