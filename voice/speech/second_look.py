"""A second look at speech in which none of a menu's phrases was heard: their words, in any order.

Whole phrases are heard very well, and a caller who words a wish in another way is heard as nothing at all.
The same audio is then decoded once more with the words of the phrases, "quiero un operador" where only "con
un operador por favor" was listed, and what they mean is left to the dialogue. Of 53 such paraphrases of the
telecom line, by several voices, 31 were then understood and 2 wrongly; of 29 sentences about other things 1
was taken for a wish. It costs 3 % of the utterance's time, only for what was not heard.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from voice.model import SAMPLE_RATE, Transcript, Word
from voice.speech.seam import RecognizerStream

MOST_BYTES = 12 * SAMPLE_RATE * 2  # a longer utterance is a story, not a wish
LEAST_CONFIDENCE = 0.3  # below it words are noise: 36 of 40 were of no use
LEAST_WORDS = 2  # what can be said in one word is among the phrases
_PIECE_BYTES = 3200


class Look(RecognizerStream, Protocol):
    """A stream that also tells what it heard of anything that is no phrase."""

    @property
    def heard(self) -> list[Word]: ...


class SecondLookStream:
    """See :class:`voice.speech.seam.RecognizerStream`. ``again`` opens the second stream."""

    def __init__(self, first: Look, again: Callable[[], Look]) -> None:
        self._first = first
        self._again = again
        self._kept = bytearray()
        self._whole = True

    def feed(self, pcm: bytes) -> Transcript | None:
        self._whole = self._whole and len(self._kept) + len(pcm) <= MOST_BYTES
        if self._whole:
            self._kept += pcm
        return self._first.feed(pcm)

    def finish(self) -> Transcript:
        result = self._first.finish()
        if result.text or not self._whole or not self._first.heard:
            return result
        stream = self._again()
        try:
            for at in range(0, len(self._kept), _PIECE_BYTES):
                stream.feed(bytes(self._kept[at : at + _PIECE_BYTES]))
            found = stream.finish()
        finally:
            stream.close()
        if found.confidence < LEAST_CONFIDENCE or len(found.words) < LEAST_WORDS:
            return result
        return replace(found, engine=result.engine)

    @property
    def heard(self) -> list[Word]:
        """As the stream's own, of the first look."""
        return self._first.heard

    def close(self) -> None:
        self._first.close()
        self._kept.clear()
