"""Caller audio in order and without holes, by media time: what the recognizer, the recorder and turn-taking
may rely on.

Providers lose, repeat and reorder frames, and restart their clock after a reconnection. What comes out
of :class:`GapFiller` is in order and contiguous, except after a :class:`Gap` longer than the fill limit.
"""

from __future__ import annotations

from dataclasses import dataclass

from voice.model import FRAME_MS, Frame


@dataclass(frozen=True, slots=True)
class Gap:
    """``ms`` of audio from ``start_ms`` never came; the first ``filled_ms`` of it follow as silence."""

    start_ms: int
    ms: int
    filled_ms: int


class GapFiller:
    """One call's caller audio. Runs 50 times a second a call: the in-order path is two compares.

    Parameters, in ms: a gap is filled with silence up to ``fill_ms``; frames that came too early wait for
    the missing one until more than ``hold_ms`` of audio waits (0: never, right for a provider that keeps
    order); a provider's time stamps may be ``tolerance_ms`` off without meaning a gap; after ``rebase_ms``
    of nothing but late audio the provider has restarted its clock, and its time goes on from ours.
    """

    __slots__ = (
        "_fill_ms",
        "_held",
        "_hold_ms",
        "_late_ms",
        "_next",
        "_rebase_ms",
        "_shift",
        "_tolerance_ms",
        "dropped",
    )

    def __init__(
        self, *, fill_ms: int = 2000, hold_ms: int = 60, tolerance_ms: int = 10, rebase_ms: int = 200
    ) -> None:
        self._fill_ms = fill_ms
        self._hold_ms = hold_ms
        self._tolerance_ms = tolerance_ms
        self._rebase_ms = rebase_ms
        self._next: int | None = None  # in the provider's time: when the next frame should begin
        self._shift = 0  # our time minus the provider's; other than 0 only after its clock went back
        self._held: dict[int, Frame] = {}  # came early, by the provider's time; all later than _next
        self._late_ms = 0  # late audio in a row
        self.dropped = 0  # late and repeated frames so far

    def push(self, frame: Frame) -> tuple[Frame | Gap, ...]:
        """What can go on now: usually the very frame, an empty tuple while one waits or was dropped."""
        if frame.at_ms == self._next and not self._held:
            self._next += len(frame.pcm) // 16
            self._late_ms = 0
            return (self._ours(frame),) if self._shift else (frame,)
        return self._disorder(frame)

    def flush(self) -> tuple[Frame | Gap, ...]:
        """The stream is over: what still waits, with its gaps."""
        out: list[Frame | Gap] = []
        while self._held:
            self._skip_to(min(self._held), out)
            self._release(out)
        return tuple(out)

    def _ours(self, frame: Frame) -> Frame:
        return Frame(frame.pcm, frame.at_ms + self._shift)

    def _disorder(self, frame: Frame) -> tuple[Frame | Gap, ...]:
        if not frame.pcm:
            return ()
        if self._next is None:
            self._next = frame.at_ms
        off = frame.at_ms - self._next
        if off > self._tolerance_ms:
            return self._early(frame)
        if off < -self._tolerance_ms and not self._rebased(frame):
            self.dropped += 1
            return ()
        self._late_ms = 0
        out: list[Frame | Gap] = []
        self._emit(frame, out)
        self._release(out)
        return tuple(out)

    def _rebased(self, frame: Frame) -> bool:
        assert self._next is not None
        self._late_ms += frame.ms
        if self._late_ms < self._rebase_ms:
            return False
        self._shift += self._next - frame.at_ms
        self._next = frame.at_ms
        self._held.clear()
        return True

    def _early(self, frame: Frame) -> tuple[Frame | Gap, ...]:
        if frame.at_ms in self._held:
            self.dropped += 1
            return ()
        self._late_ms = 0
        self._held[frame.at_ms] = frame
        out: list[Frame | Gap] = []
        while self._held and sum(f.ms for f in self._held.values()) > self._hold_ms:
            self._skip_to(min(self._held), out)
            self._release(out)
        return tuple(out)

    def _emit(self, frame: Frame, out: list[Frame | Gap]) -> None:
        """Sends a frame that begins where the last one ended, give or take the tolerance."""
        assert self._next is not None
        out.append(Frame(frame.pcm, self._next + self._shift))
        self._next += frame.ms

    def _release(self, out: list[Frame | Gap]) -> None:
        """Sends what waited and is due; drops what was overtaken."""
        while self._held:
            assert self._next is not None
            first = min(self._held)
            off = first - self._next
            if off > self._tolerance_ms:
                return
            frame = self._held.pop(first)
            if off < -self._tolerance_ms:
                self.dropped += 1
            else:
                self._emit(frame, out)

    def _skip_to(self, at_ms: int, out: list[Frame | Gap]) -> None:
        """Gives up on what is missing before ``at_ms``."""
        assert self._next is not None
        missing = at_ms - self._next
        if missing > self._tolerance_ms:
            start = self._next + self._shift
            fill = min(missing, self._fill_ms)
            out.append(Gap(start, missing, fill))
            out.extend(
                Frame(bytes(min(FRAME_MS, fill - done) * 16), start + done)
                for done in range(0, fill, FRAME_MS)
            )
            self._next = at_ms
