"""Waiting in the queue as a pure machine: what the caller hears, and the keys that lead out.

Music is never longer than :data:`COMFORT_MS` without a voice. The position is said at the start and then
only when it improves. Key 1 leaves the queue for a call back, key 2 returns to the assistant.
"""

from __future__ import annotations

from dataclasses import dataclass

COMFORT_MS = 25_000
MUSIC_PIECE_MS = 5_000  # music is played in pieces so that a line can come between two of them
CALLBACK_KEY = "1"
RETURN_KEY = "2"


GIVE_UP = "give_up"
_BEAR_WITH_US = ((2_000, "filler"), (8_000, "apology_wait"), (14_000, "filler"), (20_000, GIVE_UP))


class Patience:
    """The wait for a ticket to be stored, which is silence unless something is said."""

    def __init__(self, since: int) -> None:
        self._due = [(since + ms, key) for ms, key in _BEAR_WITH_US]

    def tick(self, now: int) -> str:
        """The system text that is due, :data:`GIVE_UP`, or "". Each comes once."""
        said = ""
        while self._due and now >= self._due[0][0]:
            said = self._due.pop(0)[1]
        return said


@dataclass(frozen=True, slots=True)
class SayText:
    """Say the system text ``key`` with ``values``."""

    key: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PlayMusic:
    ms: int


@dataclass(frozen=True, slots=True)
class StopPlaying:
    """Cut the music (a person is there, or the caller chose)."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The caller leaves the queue: ``callback`` or ``returned``."""

    why: str


@dataclass(frozen=True, slots=True)
class Finish:
    """All is said: the call ends so."""

    outcome: str
    reason: str


HoldAction = SayText | PlayMusic | StopPlaying | Leave | Finish


class Holding:
    """One caller in line, from the ticket's storing to a person, a callback, or back to the assistant."""

    def __init__(self, now: int, *, can_call_back: bool) -> None:
        self._can_call_back = can_call_back
        self._position: int | None = None
        self._said_position: int | None = None
        self._comfort_at = now + COMFORT_MS
        self._comforts = 0
        self._closing: Finish | None = None
        self.over = False

    def position(self, position: int, now: int) -> list[HoldAction]:
        """The queue moved. Said between two pieces of music, and only when better."""
        self._position = position
        return []

    def accepted(self, agent: str, now: int) -> list[HoldAction]:
        if self.over or self._closing:
            return []
        self._closing = Finish("transferred", "accepted")
        return [StopPlaying(), SayText("queue.accepted", (("agent", agent),))]

    def key(self, key: str, now: int) -> list[HoldAction]:
        if self.over or self._closing:
            return []
        if key == CALLBACK_KEY:
            if not self._can_call_back:
                return [StopPlaying(), SayText("queue.callback_impossible")]
            self._closing = Finish("callback", "caller_asked_callback")
            return [StopPlaying(), Leave("callback"), SayText("queue.callback_confirmed")]
        if key == RETURN_KEY:
            self.over = True
            return [StopPlaying(), Leave("returned")]
        return []

    def drain(self, now: int) -> list[HoldAction]:
        """The server stops. With a number to ring, the caller is called back; else asked to ring again."""
        if self.over or self._closing:
            return []
        if self._can_call_back:
            self._closing = Finish("callback", "draining")
            return [StopPlaying(), Leave("callback"), SayText("queue.callback_confirmed")]
        self._closing = Finish("abandoned", "draining")
        return [StopPlaying(), SayText("failure")]

    def played(self, now: int) -> list[HoldAction]:
        """Everything queued has been heard."""
        if self.over:
            return []
        if self._closing:
            self.over = True
            return [self._closing]
        return self._next_piece(now)

    def _next_piece(self, now: int) -> list[HoldAction]:
        actions: list[HoldAction] = []
        position = self._position
        if position is not None and (self._said_position is None or position < self._said_position):
            first = self._said_position is None
            self._said_position = position
            key = "queue.next" if position == 1 else "queue.first" if first else "queue.improved"
            actions.append(SayText(key, (("position", str(position)),) if position > 1 else ()))
            if first:
                actions.append(SayText("queue.options"))
            self._comfort_at = now + COMFORT_MS
        elif now >= self._comfort_at:
            self._comfort_at = now + COMFORT_MS
            # two wordings in turn, so that nobody hears the same line twice in a row
            self._comforts += 1
            actions.append(SayText(f"queue.comfort_{1 + (self._comforts - 1) % 2}"))
            actions.append(SayText("queue.options"))
        actions.append(PlayMusic(MUSIC_PIECE_MS))
        return actions
