"""The caller's side of a call as a pure machine in media time: it speaks, presses keys, listens, hangs up.

A driver calls :meth:`Caller.tick` every 20 ms and sends what it returns, and reports what it receives. The
machine does no I/O and reads no clock. Two times are used: media time, 20 ms a tick, decides what happens;
``at_ms``, the driver's clock (wall time for a real call), only goes into the log, so that response times
are as exact as the driver's clock.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from voice.model import FRAME_MS
from voice.replay.clips import Clip, Script, ScriptStep, encode, mix
from voice.replay.playback import HANGOVER_MS, SILENT_FRAME, Playback, voiced

DEFAULT_WITHIN_MS = 30_000
JUST_NOW_MS = 2 * FRAME_MS
SILENT_PCM = bytes(2 * len(SILENT_FRAME))
_WAIT_NOTE = re.compile(r";wait=(\d{1,5})")

ACCEPTED = "accepted"
ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Tick:
    """What the caller's telephone does in 20 ms. ``frame`` (mu-law) and ``keys`` go to the server, then
    ``marks`` are echoed; ``heard`` is the frame that the caller hears; after ``hang_up`` nothing follows."""

    frame: bytes
    heard: bytes
    keys: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    hang_up: bool = False


@dataclass(slots=True)
class Turn:
    """One thing the caller said or keyed, and how the line answered. Times are the driver's, in ms.

    ``start_ms`` is when the first speech frame's audio began, ``end_ms`` when the last speech frame (or
    key) was sent; ``answer_ms`` when the first frame with sound came back; ``wait_ms`` the end silence
    that the server waits for in this turn. ``response_ms`` = answer - end - wait. It is not measured when a
    prompt went on playing over the end of the turn (``overlapped``), for then no frame begins an answer.
    Only a turn that means to interrupt (the step has ``interrupt``) and did (``interrupted``) has a barge-in
    delay: what is keyed over a prompt that may not be interrupted is kept by the line, not answered with a
    clear.
    """

    kind: str  # say or press
    what: str
    where: str
    start_ms: float
    media_ms: int
    interrupting: bool = False
    end_ms: float | None = None
    answer_ms: float | None = None
    wait_ms: int | None = None
    interrupted: bool = False
    overlapped: bool = False
    clear_ms: float | None = None

    @property
    def response_ms(self) -> float | None:
        if self.end_ms is None or self.answer_ms is None or self.overlapped:
            return None
        return self.answer_ms - self.end_ms - (self.wait_ms or 0)

    @property
    def barge_in_ms(self) -> float | None:
        """From the onset of what interrupted a prompt to the clear."""
        if not self.interrupted or self.clear_ms is None:
            return None
        return self.clear_ms - self.start_ms

    def to_json(self) -> dict[str, Any]:
        numbers: dict[str, float | None] = {
            "start_ms": self.start_ms,
            "end_ms": self.end_ms,
            "answer_ms": self.answer_ms,
            "wait_ms": self.wait_ms,
            "response_ms": self.response_ms,
            "barge_in_ms": self.barge_in_ms,
        }
        rounded = {k: None if v is None else round(v, 1) for k, v in numbers.items()}
        return {
            "kind": self.kind,
            "what": self.what,
            "where": self.where,
            "interrupted": self.interrupted,
            "overlapped": self.overlapped,
            **rounded,
        }


@dataclass(slots=True)
class CallerLog:
    """What happened on the caller's side."""

    turns: list[Turn] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    ended_by: str = ""  # caller or server
    ms: int = 0
    audio_ms: int = 0  # received
    clears: int = 0
    marks: int = 0
    answered_ms: float | None = None  # first sound of the call


class Caller:
    """See the module. One object a call."""

    def __init__(
        self,
        script: Script,
        *,
        endpoint_ms: int = 500,
        drop_marks_on_clear: bool = False,
        hangover_ms: int = HANGOVER_MS,
    ) -> None:
        self.log = CallerLog()
        self.playback = Playback(drop_marks=drop_marks_on_clear, hangover_ms=hangover_ms)
        self._script = script
        self._endpoint_ms = endpoint_ms
        self._steps = self._run()
        self._speech: deque[bytes] = deque()
        self._keys: list[str] = []
        self._quiet_from_ms = -1  # sound after this media time is an answer to what was done last
        self._notices: set[str] = set()
        self._hang_up = False
        self._at_ms = 0.0
        self._turn: Turn | None = None  # the last one, while it waits for its answer, wait or clear
        self._speech_index = 0
        self._clip: Clip | None = None
        self.step = 0

    @property
    def now_ms(self) -> int:
        return self.playback.now_ms

    @property
    def over(self) -> bool:
        return bool(self.log.ended_by)

    # --- what the driver reports ----------------------------------------------------------------------

    def audio(self, ulaw: bytes, at_ms: float) -> None:
        """Audio arrived (mu-law, any length)."""
        self.log.audio_ms += len(ulaw) // 8
        if voiced(ulaw):
            if self.log.answered_ms is None:
                self.log.answered_ms = at_ms
            turn = self._turn
            waits = turn is not None and turn.end_ms is not None and turn.answer_ms is None
            if turn is not None and waits and not turn.overlapped:
                turn.answer_ms = at_ms
        self.playback.add(ulaw)

    def mark(self, name: str, at_ms: float) -> tuple[str, ...]:
        """The server asks for a mark; returns those to echo now."""
        self.log.marks += 1
        turn = self._turn
        note = _WAIT_NOTE.search(name)
        if note and turn is not None and turn.answer_ms is not None and turn.wait_ms is None:
            turn.wait_ms = int(note.group(1))
        return self.playback.mark(name)

    def clear(self, at_ms: float) -> tuple[str, ...]:
        """The server stops what is being played; returns the marks to echo now."""
        self.log.clears += 1
        turn = self._turn
        if turn is not None and turn.clear_ms is None and turn.answer_ms is None:
            turn.clear_ms = at_ms
            if turn.interrupting:
                turn.overlapped = False
        return self.playback.clear()

    def notice(self, what: str) -> None:
        """Something known from elsewhere: ``accepted`` (an agent took the ticket)."""
        self._notices.add(what)

    def ended(self) -> None:
        """The server ended the call. A failure when the caller still had something to do or to hear."""
        if not self.over:
            self._notices.add(ENDED)
            step = self._script.steps[self.step]
            unheard = step.spec.wait in ("prompt_start", "prompt_end") and not self._answered()
            unsaid = [s for s in self._script.steps[self.step + 1 :] if s.clip or s.spec.press]
            if unheard or unsaid or self._speech:
                where = unsaid[0].where if unsaid else step.where
                self._fail(f"{where}: the server ended the call before this step was done")
        self._finish("server")

    # --- 20 ms ----------------------------------------------------------------------------------------

    def tick(self, at_ms: float) -> Tick:
        """The next 20 ms. After ``hang_up`` or :meth:`ended` it must not be called again."""
        assert not self.over, "the call is over"
        self._at_ms = at_ms
        if self.now_ms >= self._script.scenario.max_ms:
            self._fail(f"the call took longer than {self._script.scenario.max_ms} ms")
            self._hang_up = True
        elif not self._hang_up:
            next(self._steps, None)
        frame = self._outgoing()
        heard, marks = self.playback.play()
        keys, self._keys = tuple(self._keys), []
        if self._hang_up:
            self._finish("caller")
        return Tick(frame, heard, keys, marks, self._hang_up)

    def _outgoing(self) -> bytes:
        noise = self._script.noise
        pcm = SILENT_PCM
        if self._speech:
            pcm = self._speech.popleft()
            self._note_speech()
        elif not noise:
            return SILENT_FRAME
        if noise:
            pcm = mix(pcm, noise[self.now_ms // FRAME_MS % len(noise)])
        return encode(pcm)

    def _note_speech(self) -> None:
        clip, turn = self._clip, self._turn
        assert clip is not None
        assert turn is not None
        if self._speech_index == clip.first:
            turn.start_ms = self._at_ms - FRAME_MS
            turn.interrupted = turn.interrupting and self.playback.playing(JUST_NOW_MS)
        if self._speech_index == clip.last:
            self._turn_ended(turn)
        self._speech_index += 1

    def _turn_ended(self, turn: Turn) -> None:
        turn.end_ms = self._at_ms
        # sound still queued belongs to the prompt that was interrupted, until a clear says otherwise
        turn.overlapped = turn.clear_ms is None and self.playback.playing(JUST_NOW_MS)
        self._quiet_from_ms = self.now_ms + FRAME_MS

    def _finish(self, by: str) -> None:
        if self.over:
            return
        self.log.ended_by = by
        self.log.ms = self.now_ms
        self._steps.close()
        for turn in self.log.turns:
            if turn.answer_ms is not None and turn.wait_ms is None:
                turn.wait_ms = self._endpoint_ms if turn.kind == "say" else 0

    def _fail(self, why: str) -> None:
        self.log.failures.append(why)

    # --- the script -----------------------------------------------------------------------------------

    def _run(self) -> Generator[None, None, None]:
        """Each ``yield`` ends a tick. A step that fails ends the call."""
        for index, step in enumerate(self._script.steps):
            self.step = index
            if not (yield from self._do(step)):
                self._hang_up = True
                return
        self._hang_up = True

    def _do(self, step: ScriptStep) -> Generator[None, None, bool]:
        spec = step.spec
        if spec.interrupt is not None:
            after = spec.interrupt
            if not (yield from self._wait(step, lambda: self._heard_ms() >= after, "a prompt to interrupt")):
                return False
        if step.clip is not None:
            return (yield from self._say(step, step.clip))
        if spec.press is not None:
            return (yield from self._press(step, spec.press))
        if spec.silent is not None:
            until = self.now_ms + spec.silent
            while self.now_ms < until:
                yield
            return True
        if spec.hang_up:
            return True  # it is the last step
        return (yield from self._wait(step, *self._condition(step)))

    def _condition(self, step: ScriptStep) -> tuple[Callable[[], bool], str]:
        spec = step.spec
        if spec.wait == "prompt_start":
            return self._answered, "a prompt to begin"
        if spec.wait == "prompt_end":
            return (
                lambda: self._answered() and not self.playback.playing(spec.quiet_ms),
                "a prompt to end",
            )
        if spec.wait == "mark":
            seen = len(self.playback.echoed)
            return lambda: any(spec.mark in n for n in self.playback.echoed[seen:]), "a mark"
        if spec.wait == "quiet":
            start = self.now_ms
            quiet = spec.quiet_ms or 1000
            return lambda: self.now_ms - max(start, self.playback.last_voiced_ms or 0) >= quiet, "quiet"
        wanted = str(spec.wait_until)
        return lambda: wanted in self._notices, f"the call to be {wanted}"

    def _answered(self) -> bool:
        heard = self.playback.last_voiced_ms
        return heard is not None and heard > self._quiet_from_ms

    def _heard_ms(self) -> int:
        """How long the prompt that plays now has been heard."""
        if not (self._answered() and self.playback.playing()):
            return -1
        return self.now_ms - max(self.playback.started_ms, self._quiet_from_ms)

    def _wait(self, step: ScriptStep, done: Callable[[], bool], what: str) -> Generator[None, None, bool]:
        limit = step.spec.within_ms if step.spec.within_ms is not None else DEFAULT_WITHIN_MS
        start = self.now_ms
        while not done():
            if self.now_ms - start >= limit:
                self._fail(f"{step.where}: waited {limit} ms for {what}, in vain")
                return False
            yield
        return True

    def _say(self, step: ScriptStep, clip: Clip) -> Generator[None, None, bool]:
        what = step.spec.say or step.spec.play or ""
        interrupting = step.spec.interrupt is not None
        self._turn = Turn("say", what, step.where, self._at_ms, self.now_ms, interrupting)
        self.log.turns.append(self._turn)
        self._speech.extend(clip.frames)
        self._speech_index, self._clip = 0, clip
        while self._speech:
            yield
        return (yield from self._answer_in_time(step))

    def _press(self, step: ScriptStep, keys: str) -> Generator[None, None, bool]:
        interrupting = step.spec.interrupt is not None
        turn = Turn("press", keys, step.where, self._at_ms, self.now_ms, interrupting)
        turn.interrupted = turn.interrupting and self.playback.playing(JUST_NOW_MS)
        self._turn = turn
        self.log.turns.append(turn)
        for index, key in enumerate(keys):
            if index:
                for _ in range(max(1, step.spec.gap_ms // FRAME_MS)):
                    yield
            self._keys.append(key)
            self._turn_ended(turn)
        yield
        return (yield from self._answer_in_time(step))

    def _answer_in_time(self, step: ScriptStep) -> Generator[None, None, bool]:
        """With a limit on a say or press, waits until the answer is heard."""
        if step.spec.within_ms is None:
            return True
        return (yield from self._wait(step, self._answered, "an answer"))
