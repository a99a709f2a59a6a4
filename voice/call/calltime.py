"""A call's own time: the media clock of its audio, carried on by the process clock when audio stops."""

from __future__ import annotations

from voice.clock import Clock


class CallTime:
    """Milliseconds since the call's first audio; never goes back.

    Audio sets it exactly. Between frames, and when frames stop, it goes on with the process clock, so
    that every deadline falls due even on a dead line.
    """

    __slots__ = ("_clock", "_clock_ms", "_media_ms", "_now", "started_ms")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.started_ms = clock.now_ms()
        self._clock_ms = self.started_ms
        self._media_ms = 0
        self._now = 0

    def audio(self, end_ms: int) -> int:
        """A frame ending at ``end_ms`` has arrived; returns the time now."""
        self._clock_ms = self._clock.now_ms()
        self._media_ms = end_ms
        if end_ms > self._now:
            self._now = end_ms
        return self._now

    def now(self) -> int:
        now = self._media_ms + self._clock.now_ms() - self._clock_ms
        if now > self._now:
            self._now = now
        return self._now

    @property
    def quiet_ms(self) -> int:
        """How long no audio has arrived."""
        return self._clock.now_ms() - self._clock_ms

    @property
    def ahead_ms(self) -> int:
        """How much more audio than time has arrived: a client that floods."""
        return self._media_ms - (self._clock_ms - self.started_ms)

    def clock_time(self, when_ms: int) -> int:
        """The process clock's time at call time ``when_ms``, should audio go on as it does."""
        return self._clock_ms + when_ms - self._media_ms
