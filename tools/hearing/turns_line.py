"""A line reduced to what decides about turns: voice activity, endpointing, real recognition, turn-taking.

In media time and as fast as it goes. The prompt is audio that plays, stands still and goes on as turn-taking
says, and may come back as an echo.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from voice.audio.g711 import ulaw_decode, ulaw_encode
from voice.call import turns
from voice.call.conversation import grammar_of
from voice.call.hearing import Hearing
from voice.call.rejoin import Answered, GoesOn, goes_on
from voice.dialogue.seam import Heard
from voice.errors import EngineError
from voice.model import FRAME_BYTES, FRAME_MS, BargeIn, Expect, Transcript
from voice.speech.endpointing import SpeechOff
from voice.speech.seam import Ear
from voice.speech.vad import VoiceActivity

ANSWER_MS = 3000  # what the line says after a turn
IDLE_NOISE = 6.0  # RMS of a quiet line, 16-bit samples
SEED = 20260114


@dataclass(frozen=True, slots=True)
class Echo:
    """Our own prompt, coming back ``delay_ms`` later and ``loss_db`` softer."""

    loss_db: float
    delay_ms: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A turn: what was understood, when the speech was over, when the turn was, and ``why`` it ended."""

    text: str
    confidence: float
    end_ms: int
    done_ms: int
    why: str
    joined: bool = False  # with the turn before, which it takes the place of


@dataclass(slots=True)
class Outcome:
    """What happened in one run. Times in ms from its beginning."""

    taken: list[Taken] = field(default_factory=list)
    went_on_ms: list[int] = field(default_factory=list)  # when more of a turn was heard that changed nothing
    pauses: list[int] = field(default_factory=list)  # when the prompt was stopped for speech
    resumes: list[str] = field(default_factory=list)  # why it went on
    still_ms: int = 0  # how long it stood still
    prompt_over_ms: int | None = None


class TurnsLine:
    """One call's ear and floor. ``prompt`` is PCM that plays from the start, with ``policy``; without one
    every turn is answered, and asked anew. ``before`` is the question whose words are still listened for
    where nothing is asked."""

    def __init__(
        self,
        ear: Ear,
        expect: Expect | None,
        *,
        prompt: bytes = b"",
        policy: BargeIn = BargeIn.ANY,
        echo: Echo | None = None,
        before: Expect | None = None,
    ) -> None:
        self.outcome = Outcome()
        self._expect = expect
        self._prompt, self._echo = prompt, echo
        self._played = 0
        self._sent = bytearray()  # what the caller heard, from the beginning
        self._now = 0
        self._why = ""
        self._answered: Answered | None = None
        self._answer_ms = 0  # still to be said
        self._rejoined = False
        self._turns = turns.TurnTaking()
        self._hearing = Hearing(ear, self, activity=VoiceActivity(), onset_ms=80, endpoint_ms=500)
        if before is not None:
            self._hearing.grammar = grammar_of(before)
        self._noise = np.random.default_rng(SEED)
        if prompt:
            self._turns.speak(1, policy)
        self._listen()

    def _listen(self) -> None:
        expect = self._expect
        if expect is None:
            return
        self._hearing.grammar, self._hearing.expect = grammar_of(expect), expect
        self._hearing.configure(endpoint_ms=expect.endpoint_ms, max_speech_ms=expect.max_speech_ms)
        self._take(self._turns.listen(expect, self._now))

    def hear(self, pcm: bytes) -> Outcome:
        """The caller's side of the line, as a microphone has it; what came of all so far."""
        whole = len(pcm) - len(pcm) % FRAME_BYTES
        for at in range(0, whole, FRAME_BYTES):
            self._play()
            self._now += FRAME_MS
            self._hearing.audio(self._line(pcm[at : at + FRAME_BYTES]), self._now)
            self._take(self._turns.tick(self._now))
        return self.outcome

    def _play(self) -> None:
        playing = self._turns.speaking and not self._turns.paused and self._played < len(self._prompt)
        frame = self._prompt[self._played : self._played + FRAME_BYTES] if playing else b""
        self._sent += frame.ljust(FRAME_BYTES, b"\0")
        if playing:
            self._hearing.sent(frame.ljust(FRAME_BYTES, b"\0"), self._now)
            self._played += len(frame)
            if self._played >= len(self._prompt):
                self.outcome.prompt_over_ms = self._now
                self._take(self._turns.finished(1, self._now))
        elif self._turns.paused:
            self.outcome.still_ms += FRAME_MS
        elif self._answer_ms:
            self._answer_ms -= FRAME_MS
            if not self._answer_ms:
                self._take(self._turns.finished(len(self.outcome.taken), self._now))

    def _line(self, pcm: bytes) -> bytes:
        samples = np.frombuffer(pcm, "<i2").astype(np.float64)
        samples = samples + self._noise.normal(0, IDLE_NOISE, len(samples))
        if self._echo is not None:
            end = len(self._sent) - self._echo.delay_ms * 16
            back = bytes(self._sent[max(0, end - FRAME_BYTES) : max(0, end)]).rjust(FRAME_BYTES, b"\0")
            samples += np.frombuffer(back, "<i2") * 10 ** (-self._echo.loss_db / 20)
        return ulaw_decode(ulaw_encode(np.clip(samples, -32768, 32767).astype("<i2").tobytes()))

    # --- what hearing reports -----------------------------------------------------------------------

    def on_speech(self, start_ms: int) -> None:
        self._take(self._turns.speech_on(start_ms, self._now))

    def on_partial(self, transcript: Transcript) -> None:
        self._hearing.so_far(transcript.text, self._turns.completeness(transcript.text, transcript.lang))
        self._take(self._turns.partial(transcript, self._now))

    def on_silence(self, ended: SpeechOff) -> None:
        self._why = ended.why
        self._turns.speech_off(ended.silence_ms, self._now)

    def on_transcript(self, transcript: Transcript) -> None:
        answered, joined, what = self._answered, self._hearing.joined, GoesOn.NOT
        if answered is not None and joined is not None:
            what = goes_on(answered, transcript, joined, self._expect)
        if answered is None or joined is None or what is GoesOn.NOT:
            self._take(self._turns.heard(transcript, self._now))
        elif what is GoesOn.SAME:
            self._hearing.answered(joined=True)
            self.outcome.went_on_ms.append(self._now)
            self._take(self._turns.went_on(self._now))
        else:
            self._answer_ms, self._rejoined = 0, True
            self._take(self._turns.taken_back(answered.expect, self._now))
            self._take(self._turns.heard(joined, self._now))
            self._rejoined = False

    def on_deaf(self, error: EngineError) -> None:
        raise error

    def _take(self, actions: list[turns.TurnAction]) -> None:
        for action in actions:
            if isinstance(action, turns.Interrupt) and action.resumable:
                self.outcome.pauses.append(self._now)
            elif isinstance(action, turns.Resume):
                self.outcome.resumes.append(action.why)
            elif isinstance(action, turns.TurnDone):
                if isinstance(action.turn, Heard):
                    said = action.turn.transcript
                    self._answer(said, action.said_end_ms)
                self._listen()

    def _answer(self, said: Transcript, end_ms: int) -> None:
        taken = Taken(said.text, said.confidence, end_ms, self._now, self._why, self._rejoined)
        self.outcome.taken.append(taken)
        if self._expect is None or self._prompt:
            return
        self._answered = Answered(self._expect, said)
        self._hearing.answered(joined=self._rejoined)
        self._answer_ms = ANSWER_MS
        self._turns.speak(len(self.outcome.taken), BargeIn.ANY)
