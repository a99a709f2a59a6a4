"""The one timer of a call, set lazily: while audio flows its frames keep the deadlines, this is for when
it does not."""

from __future__ import annotations

from collections.abc import Callable

from voice.call.calltime import CallTime
from voice.clock import Clock, Timer

SLACK_MS = 60  # a frame that comes on time gets there first, and costs no timer


class CallTimer:
    """Calls ``fire`` when ``due`` (call time) has passed. Re-arming for a later time costs nothing: the
    timer already set fires, sees that it is early, and is set again."""

    __slots__ = ("_clock", "_fire", "_set_for", "_time", "_timer", "due")

    def __init__(self, clock: Clock, fire: Callable[[], None]) -> None:
        self._clock = clock
        self._fire = fire
        self._time = CallTime(clock)
        self._timer: Timer | None = None
        self._set_for: int | None = None
        self.due = 0

    def arm(self, due: int, time: CallTime) -> None:
        self.due = due
        self._time = time
        wanted = due + SLACK_MS
        if self._set_for is not None and self._set_for <= wanted:
            return
        self.cancel()
        self._set_for = wanted
        self._timer = self._clock.call_at(time.clock_time(wanted), self._fired)

    def reached(self, now: int) -> None:
        """Audio has brought the call to ``now``: no timer was needed."""
        if now >= self.due:
            self._fire()

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._set_for = None

    def _fired(self) -> None:
        self._timer = self._set_for = None
        if self._time.now() >= self.due:
            self._fire()
        else:
            self.arm(self.due, self._time)
