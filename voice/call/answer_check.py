"""Whether a complete answer was said to its end: it is recognised once more in the pause after it.

A recognizer of whole phrases names one before it was said to its end, and the caller may only pause. It may
also have begun a phrase and then know of none, as after "put me um". What is heard in the audio so far,
recognised to its end, is what the words are: half a phrase is none, and the caller is waited for as after
half an answer; an answer that was not foreseen ends the turn the sooner.

At most :data:`MOST_CHECKS` an utterance, one at a time, and only of guesses of such a recognizer: others name
what was said. A check that fails, comes late or is overtaken by the caller's next words changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from voice.errors import EngineError
from voice.model import Completeness, Transcript
from voice.speech.seam import Ear, EarStream, Grammar

CHECK_MS: Final = 120  # of silence
CHECKED_MS: Final = 8000  # of audio at most
MOST_CHECKS: Final = 3
BEGINNING_MS: Final = 1000  # of speech without a phrase: who has said no more than that has hardly begun
_NOTHING_YET: Final = (Completeness.EMPTY, Completeness.OPEN)

Tell = Callable[[str, Completeness], None]
"""Gets what the words so far are after all."""
Judge = Callable[[str], Completeness]
"""How far words answer what is asked."""


class AnswerCheck:
    """One utterance's. ``pcm`` is its audio so far, in 16-bit samples at 8 kHz."""

    __slots__ = (
        "_answer", "_begun", "_checked", "_denied", "_ear", "_grammar", "_judge", "_left", "_pcm",
        "_silence_ms", "_stream", "_tell", "_verdict",
    )  # fmt: skip

    def __init__(self, ear: Ear, grammar: Grammar, pcm: bytes, tell: Tell, judge: Judge) -> None:
        self._ear = ear
        self._grammar = grammar
        self._pcm: bytearray | None = bytearray(pcm)  # None: no more checks
        self._tell, self._judge = tell, judge
        self._begun = False  # a phrase
        self._answer: str | None = None  # to check: a complete one, or "" where a phrase begun was lost
        self._checked: str | None = None  # the last that was checked
        self._denied: str | None = None  # and that which it was not
        self._verdict = Completeness.UNFINISHED  # on what was heard instead
        self._left = MOST_CHECKS
        self._silence_ms = 0
        self._stream: EarStream | None = None  # of the check under way

    def so_far(self, text: str, heard: Completeness) -> Completeness:
        """What the words so far are, as the recognizer guesses them, with what is known of that guess."""
        self._begun = self._begun or heard not in _NOTHING_YET
        lost = self._begun and heard is Completeness.EMPTY
        self._answer = text if heard is Completeness.COMPLETE or lost else None
        guessed_again = text == self._denied or heard in _NOTHING_YET
        return self._verdict if self._denied is not None and guessed_again else heard

    def audio(self, pcm: bytes, silence_ms: int) -> None:
        """The next 20 ms. ``silence_ms`` is how long nobody has spoken before them."""
        if self._pcm is None:
            return
        self._pcm += pcm
        self._silence_ms = silence_ms
        if len(self._pcm) > 16 * CHECKED_MS:
            self._goes_on()
            self.close()
        elif not silence_ms:
            self._goes_on()
        elif silence_ms >= CHECK_MS and self._answer not in (None, self._checked) and self._left:
            self._begin(self._answer or "", bytes(self._pcm))

    def close(self) -> None:
        """No more checks, and none under way."""
        self._cancel()
        self._pcm = None

    def _goes_on(self) -> None:
        """What comes is new: what is known of the words before says nothing about it."""
        if self._stream is None and self._denied is None:
            return
        self._cancel()
        denied, self._denied, self._checked = self._denied, None, None
        if denied is not None and self._answer is not None:
            self._tell(self._answer, Completeness.COMPLETE if self._answer else Completeness.EMPTY)

    def _begin(self, answer: str, pcm: bytes) -> None:
        self._cancel()
        self._checked = answer
        self._left -= 1
        spoken_ms = len(pcm) // 16 - self._silence_ms
        over = False

        def heard(transcript: Transcript) -> None:
            nonlocal over
            if over or not transcript.final:
                return
            over, self._stream = True, None
            if transcript.text != answer or not answer:
                self._deny(answer, transcript.text, spoken_ms)

        def failed(error: EngineError) -> None:
            nonlocal over  # also where another engine goes on: what that hears may differ for other reasons
            if not over:
                over = True
                self._cancel()

        stream = self._stream = self._ear.open(self._grammar, heard, failed)
        if over:  # it failed at once
            self._cancel()
            return
        stream.feed(pcm)
        stream.finish()

    def _deny(self, answer: str, text: str, spoken_ms: int) -> None:
        """``text`` was heard instead."""
        if text:
            self._verdict = self._judge(text)
        elif answer or spoken_ms < BEGINNING_MS:
            self._verdict = Completeness.UNFINISHED
        else:
            return
        self._denied = answer
        if self._answer == answer:
            self._tell(text or answer, self._verdict)

    def _cancel(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.cancel()
