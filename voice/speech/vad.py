"""Whether a 20 ms frame of the caller's audio is speech: WebRTC's detector and an energy gate together.

The detector alone takes steady noise and distant voices for speech; the gate alone takes any sound for it.
"""

from __future__ import annotations

import audioop
from collections import deque
from collections.abc import Sequence
from typing import Final, Protocol, runtime_checkable

import webrtcvad

from voice.errors import AudioError
from voice.model import FRAME_BYTES, SAMPLE_RATE

GATE = 2.0  # 6 dB above the noise floor, as a ratio of amplitudes
QUIETEST_FLOOR = 10.0  # RMS of 16-bit samples; the idle noise of mu-law lines is below it
FIRST_FLOOR = 100.0  # assumed until the line has been heard for as long as the floor remembers
_BLOCK = 12  # frames
_BLOCKS = 8  # 1.92 s: longer than a caller speaks without a dip, shorter than anyone waits after a noise

# The line's lasting noise, see LineNoise; counts are frames
IDLE_GATE: Final = 1.4  # over the noise's 80th percentile: 3 dB, where nobody speaks
TALK_GATE: Final = 1.8  # 5 dB, within a turn: what a turn falls back to is noise the sooner
UNDER_LOUD: Final = 2.5  # the gate stays 8 dB under what was loud lately
UNDER_STEADY: Final = 1.25  # 2 dB where the noise is known to be steady; without it 9 % are missed at 5 dB
HARDLY_LOUDER: Final = 3.0  # 10 dB over the noise: a turn of that level teaches
STEADY: Final = 2.0  # 6 dB between the 20th and 90th percentile; one voice never has less than 7 in 4 s
_REMEMBERED: Final = 400
_LATELY: Final = 200
_LOUD_LATELY: Final = 125
_LOUD: Final = 10  # the loudest 200 ms: a click is shorter
_ENOUGH: Final = 50
_BEFORE: Final = 8  # before an onset: its soft sounds are no noise
_OVER: Final = 25  # without speech: the turn is over
_BEGUN: Final = 3
_EVERY: Final = 50  # frames between two measures


class Activity(Protocol):
    """One call's detector."""

    def step(self, pcm_20ms: bytes) -> bool:
        """Whether the next frame is speech. Raises :class:`AudioError` unless it is 320 bytes."""


@runtime_checkable
class MeasuresNoise(Protocol):
    """A detector that knows how loud the line is when nobody speaks."""

    @property
    def noise(self) -> float:
        """RMS of 16-bit samples; 0 until it is known."""


class LineNoise:
    """How loud noise is that goes up and down, as people talking or a street do. Pure; levels are RMS of
    16-bit samples. About 4 us a frame.

    The quietest frame of two seconds says little about such noise: its ordinary ups are 6 dB above that and
    more, and a turn that begins in it does not end. Its measure here is the 80th percentile of the last 8 s
    outside turns, and of turns hardly louder. What somebody says is kept out, so that who talks for long is
    heard as before; on a quiet line it stays below the floor's gate. Sound with less ups and downs in 4 s
    than any voice has is noise wherever it comes.
    """

    __slots__ = (
        "_before",
        "_count",
        "_idle",
        "_lately",
        "_run",
        "_steady",
        "_talk",
        "_talking",
        "_turn",
        "_was",
        "level",
    )

    def __init__(self) -> None:
        self._was: deque[int] = deque(maxlen=_REMEMBERED)
        self._lately: deque[int] = deque(maxlen=_LATELY)
        self._before: deque[int] = deque()
        self._turn: deque[int] = deque(maxlen=_REMEMBERED)
        self._talk = self._idle = 0.0
        self.level = 0.0  # of the noise, once it is known
        self._talking = 0  # frames until the turn counts as over
        self._run = self._count = self._steady = 0

    def speech(self, loud: bool, level: int) -> bool:
        """Whether a frame that is speech by all else (``loud``) is above the noise too; each frame once."""
        speech = loud and level > (self._talk if self._talking else self._idle)
        self._lately.append(level)
        self._run = min(self._run + 1, _BEGUN + 1) if speech else max(self._run - 1, 0)
        if self._talking:
            self._within(speech, level)
        else:
            self._outside(level)
        self._count += 1
        if self._count >= _EVERY:
            self._count = 0
            self._measure()
        return speech

    def _within(self, speech: bool, level: int) -> None:
        self._turn.append(level)
        self._talking = _OVER if speech else self._talking - 1
        if not self._talking:
            if self._was and _share(self._turn, 0.5) < HARDLY_LOUDER * _share(self._was, 0.5):
                self._was.extend(self._turn)
            self._turn.clear()

    def _outside(self, level: int) -> None:
        self._before.append(level)
        if self._run >= _BEGUN:
            self._talking = _OVER
            self._turn.extend(self._before)
            self._before.clear()
        elif len(self._before) > _BEFORE:
            self._was.append(self._before.popleft())

    def _measure(self) -> None:
        lately = sorted(self._lately)
        if len(lately) == _LATELY and lately[_LATELY * 9 // 10] < STEADY * lately[_LATELY // 5]:
            self._was.extend(lately)
            self._turn.clear()
            self._steady = _REMEMBERED
        self._steady = max(0, self._steady - _EVERY)
        if len(self._was) < _ENOUGH:
            return
        self.level = noise = float(_share(self._was, 0.8))
        loud = sorted(list(self._lately)[-_LOUD_LATELY:])
        most = loud[-_LOUD] / (UNDER_STEADY if self._steady else UNDER_LOUD)
        self._idle, self._talk = min(IDLE_GATE * noise, most), min(TALK_GATE * noise, most)


def _share(levels: Sequence[int], share: float) -> int:
    return sorted(levels)[int(share * (len(levels) - 1))]


class VoiceActivity:
    """One call's detector. ``mode`` is WebRTC's aggressiveness, 0 to 3. About 8 us a frame.

    Speech is what WebRTC's detector says is speech, 6 dB above the noise floor and above :class:`LineNoise`.
    The noise floor is the quietest frame of the last two seconds: it falls at once, follows a rise after
    two seconds, and stays down in speech, which dips between words. Digital silence counts as the floor
    only where it fills half a block, so that short gaps in the stream do not open the gate.
    """

    __slots__ = ("_blocks", "_count", "_detector", "_floor", "_next", "_noise", "_quietest", "_zeros")

    def __init__(self, mode: int = 3) -> None:
        self._detector = webrtcvad.Vad(mode)
        self._noise = LineNoise()
        self._blocks = [FIRST_FLOOR] * _BLOCKS
        self._next = 0
        self._floor = FIRST_FLOOR
        self._start_block()

    @property
    def floor(self) -> float:
        """The noise floor now: RMS of 16-bit samples."""
        return self._floor

    @property
    def noise(self) -> float:
        """The line's lasting noise: RMS of 16-bit samples, 0 until it is known."""
        return self._noise.level

    def step(self, pcm_20ms: bytes) -> bool:
        """Takes the next frame. Raises :class:`AudioError` unless it is 320 bytes."""
        if len(pcm_20ms) != FRAME_BYTES:
            raise AudioError(f"a frame of {len(pcm_20ms)} bytes; voice activity needs {FRAME_BYTES}")
        level = audioop.rms(pcm_20ms, 2)
        # always: it adapts with every frame
        speech = self._detector.is_speech(pcm_20ms, SAMPLE_RATE, FRAME_BYTES // 2)
        loud = level > GATE * self._floor
        self._follow(level)
        return self._noise.speech(bool(speech and loud), level)

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
