"""Speech that may be in another of a line's languages: heard once more where it is not surely in the first.

A caller who says "I want to check my balance" to a Spanish line is heard as nothing, or as Spanish words in
some order. The same audio is then heard in the other languages as well, each with what may be said in it.
The confidences of two acoustic models compare badly, so the kinds of finds do: a whole phrase, which other
speech hardly ever is, beats any words in another order, and those have to be much surer than what they
replace. Of 130 phrases, said to a line in the other language, 126 were told so, of 144 paraphrases 102; of
394 sentences in the line's own language, 120 of them about other things, 2 were taken for the other one.
It costs nothing where the first language is plain, and else what two utterances more cost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from voice.model import Transcript
from voice.speech.second_look import Look, Looking

PHRASE = 0.6  # confidence from which a whole phrase tells its language
WORDS = 0.9  # ... and words in another order, which must also be that much surer than those of the first:
LEAD = 0.2
ONE_WORD = 0.95  # ... and a phrase of one word, where the first language has no words at all


@dataclass(frozen=True, slots=True)
class Tongue:
    """Another language: its phrases, and what opens a stream that hears them."""

    phrases: tuple[str, ...]
    open: Callable[[], Look]


class OtherLanguageStream(Looking):
    """The transcript's ``lang`` says which language it was; partial ones are in the first."""

    def __init__(self, first: Look, phrases: tuple[str, ...], others: tuple[Tongue, ...]) -> None:
        super().__init__(first)
        self._phrases = phrases
        self._others = others

    def finish(self) -> Transcript:
        found = self._first.finish()
        plain = found.text in self._phrases and found.confidence >= PHRASE
        if plain or not self._whole or not self._first.heard:
            return found
        heard = [(self._look(tongue.open)[0], tongue.phrases) for tongue in self._others]
        told = [said for said, phrases in heard if _tells(said, phrases, found)]
        best = max(told, key=lambda said: said.confidence, default=None)
        return found if best is None else replace(best, told_apart=True)


def _tells(said: Transcript, phrases: tuple[str, ...], instead_of: Transcript) -> bool:
    """Whether ``said`` tells that its language is spoken."""
    listed = said.text in phrases
    if len(said.text.split()) < 2:
        return listed and not instead_of.text and said.confidence >= ONE_WORD
    return said.confidence >= (PHRASE if listed else max(WORDS, instead_of.confidence + LEAD))
