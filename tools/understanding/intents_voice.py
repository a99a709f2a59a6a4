"""The demonstration flows by voice: synthesis, a telephone line, our recognizer, the dialogue.

The built-in recognizer hears what a flow lists, and at a menu the listed words in another order; what counts
is what becomes of the turn. Every sentence is said by one of several voices, and some of them also by callers
who do not know yet which language the line speaks.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.hearing.testsets import faint_noise
from voice.audio.g711 import ulaw_decode, ulaw_encode
from voice.call.conversation import grammar_of
from voice.dialogue.conversation import Focus
from voice.dialogue.loader import Business
from voice.dialogue.machine import FlowDialogue
from voice.dialogue.seam import Began, Heard, Listen, Transfer
from voice.events import IntentRecognised
from voice.model import LANGUAGES, Expect, Transcript
from voice.speech.espeak import EspeakSynthesizer
from voice.speech.seam import Voice
from voice.speech.vosk_engine import VoskRecognizer

VOICES = {
    "es": (("es-419", 165), ("es+f2", 150), ("es-419+max", 180)),
    "en": (("en-us", 165), ("en-gb+f2", 150), ("en-us+max", 180)),
}
BEFORE_MS, AFTER_MS = 220, 300  # what a call gives the recognizer around an utterance
PIECE = 1600  # bytes: 100 ms
WALL_MS = 1_768_381_200_000  # a Wednesday morning
# Sentences of no intent, by their names in heldout.yaml: those that were read, and those only counted.
OUTSIDE = ("out_of_scope", "out_of_scope_test")
OWN = 0.7  # of the time, for callers who speak the line's language; the others speak the other one
KINDS = ("taken", "asked", "not understood", "wrong")


class Line:
    """A flow's recognizer and dialogue."""

    def __init__(self, business: Business, cache: Path) -> None:
        self.business = business
        self.mouth = EspeakSynthesizer()
        self.ear = VoskRecognizer({}, cache)
        for lang in business.flow.languages:
            self.ear.prepare(lang, business.flow.phrases(lang))

    def spoken(self, text: str, voice: Voice) -> bytes:
        pcm = b"".join(self.mouth.stream(text, voice))
        return ulaw_decode(ulaw_encode(faint_noise(BEFORE_MS) + pcm + faint_noise(AFTER_MS)))

    def hears(self, pcm: bytes, expect: Expect) -> Transcript:
        stream = self.ear.open(grammar_of(expect))
        try:
            for at in range(0, len(pcm), PIECE):
                stream.feed(pcm[at : at + PIECE])
            return stream.finish()
        finally:
            stream.close()

    def turn(self, text: str, lang: str, voice: Voice) -> tuple[str, set[str], Transcript]:
        """What becomes of a first turn: one of "taken", "asked" and "not understood", and the intents that
        were taken or asked about."""
        dialogue = FlowDialogue(self.business.flow, self.business.texts, self.business.understanding, lang)
        batch = dialogue.step(Began("", "", WALL_MS), 0)
        expect = next(action.expect for action in batch if isinstance(action, Listen))
        heard = self.hears(self.spoken(text, voice), expect)
        batch = dialogue.step(Heard(heard), 3000)
        noted = [getattr(action, "data", None) for action in batch]
        taken = {data.intent for data in noted if isinstance(data, IntentRecognised)}
        if not taken and (dialogue._focus is Focus.REASON or any(isinstance(a, Transfer) for a in batch)):
            taken = {"person"}
        if taken:
            return "taken", taken, heard
        if dialogue._focus in (Focus.INTENT, Focus.EITHER):
            count = 2 if dialogue._focus is Focus.EITHER else 1
            return "asked", {guess.intent for guess in dialogue._pending_intent[:count]}, heard
        return "not understood", set(), heard


def _sentences(
    business: Business, held_out: Mapping[str, Mapping[str, list[str]]], lang: str
) -> Iterator[tuple[str, str, str]]:
    """Kind, intent and sentence, in an order of which any beginning is a fair sample."""
    found: list[tuple[int, str, str, str]] = []
    for name, intent in business.flow.intents.items():
        found += [(i * 3, "examples", name, text) for i, text in enumerate(intent.examples.get(lang, ()))]
    for name, said in held_out.items():
        kind = name.replace("_", " ") if name in OUTSIDE else "paraphrases"
        found += [
            (i * 2 if kind == "paraphrases" else i, kind, name, text) for i, text in enumerate(said[lang])
        ]
    return ((kind, name, text) for _, kind, name, text in sorted(found, key=lambda one: (one[0], one[1])))


def by_voice(
    business: Business,
    held_out: Mapping[str, Mapping[str, list[str]]],
    seconds: int,
    *,
    failures: bool = False,
) -> None:
    """Prints, for examples, paraphrases and other speech, what became of the turns. Stops after about
    ``seconds``; the column of turns says how far it came."""
    print(
        f"\n{business.flow.name} by voice: {', '.join(f'{len(v)} voices ({k})' for k, v in VOICES.items())}"
    )
    print(f"{'':34} {'turns':>5} " + " ".join(f"{kind:>15}" for kind in KINDS) + "  heard as nothing")
    with tempfile.TemporaryDirectory(prefix="centralita-intents-") as folder:
        line = Line(business, Path(folder))
        for lang in LANGUAGES:
            for spoken in LANGUAGES:
                share = (OWN if spoken == lang else 1 - OWN) / len(LANGUAGES)
                _one_language(line, lang, spoken, held_out, time.monotonic() + seconds * share, failures)


def _one_language(
    line: Line,
    lang: str,
    spoken: str,
    held_out: Mapping[str, Mapping[str, list[str]]],
    until: float,
    failures: bool,
) -> None:
    """What callers who speak ``spoken`` say first to a line that speaks ``lang``."""
    tally: dict[str, Counter[str]] = {}
    wrong: list[str] = []
    for turn, (kind, intent, text) in enumerate(_sentences(line.business, held_out, spoken)):
        if time.monotonic() > until:
            break
        name, rate = VOICES[spoken][turn % len(VOICES[spoken])]
        outcome, intents, heard = line.turn(text, lang, Voice(spoken, name, rate))
        if intents and intent not in intents:
            outcome = "wrong"
        counts = tally.setdefault(kind, Counter())
        counts[outcome] += 1
        counts["turns"] += 1
        counts["nothing"] += not heard.text
        if outcome == "wrong":
            wrong.append(
                f"    {intent}: {text!r} heard as {heard.text!r} ({heard.confidence:.2f}): {intents}"
            )
    for kind, counts in tally.items():
        cells = " ".join(f"{counts[one] / counts['turns']:15.1%}" for one in KINDS)
        title = kind if spoken == lang else f"{kind}, in {spoken}"
        print(f"{lang} {title:31} {counts['turns']:5} {cells}  {counts['nothing'] / counts['turns']:.1%}")
    if failures and wrong:
        print(*wrong, sep="\n")
