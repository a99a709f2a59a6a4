"""Whether a complete answer was said to its end: it is recognised once more in the pause after it.

A recognizer of whole phrases names one before it was said to its end, and the caller may only pause.
Recognised to the end of the audio, half a phrase is none: then the caller is waited for as after half an
answer.

At most :data:`MOST_CHECKS` an utterance, one at a time, by the phrases alone (no second look), and only of
guesses of such a recognizer: others name what was said. A check that fails, comes late or is overtaken by the
caller's next words changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from voice.errors import EngineError
from voice.model import Completeness, Transcript
from voice.speech.seam import Ear, EarStream, Grammar

CHECK_MS: Final = 120  # of silence
CHECKED_MS: Final = 8000  # of audio at most
MOST_CHECKS: Final = 3
_NOTHING_YET: Final = (Completeness.EMPTY, Completeness.OPEN)

Tell = Callable[[str, Completeness], None]
"""Gets what the words so far are after all."""


class AnswerCheck:
    """One utterance's. ``pcm`` is its audio so far, in 16-bit samples at 8 kHz."""

    __slots__ = ("_answer", "_checked", "_denied", "_ear", "_grammar", "_left", "_pcm", "_stream", "_tell")

    def __init__(self, ear: Ear, grammar: Grammar, pcm: bytes, tell: Tell) -> None:
        self._ear = ear
        self._grammar = replace(grammar, loose=False)
        self._pcm: bytearray | None = bytearray(pcm)  # None: no more checks
        self._tell = tell
        self._answer = ""  # a complete one, so far
        self._checked = ""  # the last that was checked
        self._denied = ""  # and that which it was not
        self._left = MOST_CHECKS
        self._stream: EarStream | None = None  # of the check under way

    def so_far(self, text: str, heard: Completeness) -> Completeness:
        """What the words so far are, as the recognizer guesses them, with what is known of that guess."""
        self._answer = text if heard is Completeness.COMPLETE else ""
        guessed_again = text == self._denied or heard in _NOTHING_YET
        return Completeness.UNFINISHED if self._denied and guessed_again else heard

    def audio(self, pcm: bytes, silence_ms: int) -> None:
        """The next 20 ms. ``silence_ms`` is how long nobody has spoken before them."""
        if self._pcm is None:
            return
        self._pcm += pcm
        if len(self._pcm) > 16 * CHECKED_MS:
            self._goes_on()
            self.close()
        elif not silence_ms:
            self._goes_on()
        elif silence_ms >= CHECK_MS and self._answer not in ("", self._checked) and self._left:
            self._begin(self._answer, bytes(self._pcm))

    def close(self) -> None:
        """No more checks, and none under way."""
        self._cancel()
        self._pcm = None

    def _goes_on(self) -> None:
        """What comes is new: what is known of the words before says nothing about it."""
        if self._stream is None and not self._denied:
            return
        self._cancel()
        denied, self._denied, self._checked = self._denied, "", ""
        if denied and self._answer:
            self._tell(self._answer, Completeness.COMPLETE)

    def _begin(self, answer: str, pcm: bytes) -> None:
        self._cancel()
        self._checked = answer
        self._left -= 1
        over = False

        def heard(transcript: Transcript) -> None:
            nonlocal over
            if over or not transcript.final:
                return
            over, self._stream = True, None
            if not transcript.text:
                self._denied = answer
                if self._answer == answer:
                    self._tell(answer, Completeness.UNFINISHED)

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

    def _cancel(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.cancel()
