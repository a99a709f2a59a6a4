"""Whether a 20 ms frame of the caller's audio is speech: WebRTC's detector and an energy gate together.

The detector alone takes steady noise and distant voices for speech; the gate alone takes any sound for it.
"""

from __future__ import annotations

import audioop
from typing import Protocol

import webrtcvad

from voice.errors import AudioError
from voice.model import FRAME_BYTES, SAMPLE_RATE

GATE = 2.0  # 6 dB above the noise floor, as a ratio of amplitudes
QUIETEST_FLOOR = 10.0  # RMS of 16-bit samples; the idle noise of mu-law lines is below it
FIRST_FLOOR = 100.0  # assumed until the line has been heard for as long as the floor remembers
_BLOCK = 12  # frames
_BLOCKS = 8  # 1.92 s: longer than a caller speaks without a dip, shorter than anyone waits after a noise


class Activity(Protocol):
    """One call's detector."""

    def step(self, pcm_20ms: bytes) -> bool:
        """Whether the next frame is speech. Raises :class:`AudioError` unless it is 320 bytes."""


class VoiceActivity:
    """One call's detector. ``mode`` is WebRTC's aggressiveness, 0 to 3. About 5 us a frame.

    The noise floor is the quietest frame of the last two seconds: it falls at once, follows a rise after
    two seconds, and stays down in speech, which dips between words. Digital silence counts as the floor
    only where it fills half a block, so that short gaps in the stream do not open the gate.
    """

    __slots__ = ("_blocks", "_count", "_detector", "_floor", "_next", "_quietest", "_zeros")

    def __init__(self, mode: int = 3) -> None:
        self._detector = webrtcvad.Vad(mode)
        self._blocks = [FIRST_FLOOR] * _BLOCKS
        self._next = 0
        self._floor = FIRST_FLOOR
        self._start_block()

    @property
    def floor(self) -> float:
        """The noise floor now: RMS of 16-bit samples."""
        return self._floor

    def step(self, pcm_20ms: bytes) -> bool:
        """Takes the next frame. Raises :class:`AudioError` unless it is 320 bytes."""
        if len(pcm_20ms) != FRAME_BYTES:
            raise AudioError(f"a frame of {len(pcm_20ms)} bytes; voice activity needs {FRAME_BYTES}")
        level = audioop.rms(pcm_20ms, 2)
        # always: it adapts with every frame
        speech = self._detector.is_speech(pcm_20ms, SAMPLE_RATE, FRAME_BYTES // 2)
        loud = level > GATE * self._floor
        self._follow(level)
        return bool(speech and loud)

    def _start_block(self) -> None:
        self._count = 0
        self._zeros = 0
        self._quietest = float("inf")

    def _follow(self, level: int) -> None:
        if level == 0:
            self._zeros += 1
        elif level < self._quietest:
            self._quietest = level
            if level < self._floor:
                self._floor = max(float(level), QUIETEST_FLOOR)
        self._count += 1
        if self._count == _BLOCK:
            silent = 2 * self._zeros >= _BLOCK
            self._blocks[self._next] = QUIETEST_FLOOR if silent else max(self._quietest, QUIETEST_FLOOR)
            self._next = (self._next + 1) % _BLOCKS
            self._floor = min(self._blocks)
            self._start_block()
