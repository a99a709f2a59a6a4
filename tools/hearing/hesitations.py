"""Callers who look for words: answers with "eh", "um", "a ver" or "well" before them or between digits.

The fillers are synthetic, in voices of their own and drawn out as callers do; the digits are real voices.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from itertools import cycle
from pathlib import Path

import numpy as np

from tools.hearing.noise import Floats, speech_level, telephone_band
from tools.hearing.testsets import Corpus, Item, TestSet, digits_only, faint_noise
from tools.hearing.turns_callers import VOICES, cut, levelled, main_menu
from voice.dialogue.listening import menu_expect
from voice.dialogue.loader import load_business
from voice.model import SAMPLE_RATE
from voice.speech.espeak import EspeakSynthesizer
from voice.speech.fillers import without_filler
from voice.speech.seam import Grammar, Synthesizer, Voice

FLOW = Path(__file__).parents[2] / "prompts"
NAMES = ("hesitant-menu-es", "hesitant-menu-en", "hesitant-digits")
COUNT = 120
SLOW = 110  # words a minute
DRAWN_OUT_MS = (0, 120, 250, 450)  # how much longer than espeak says it
GAPS_MS = (60, 250, 500)
# as they are written for a voice; what is drawn out is the sound they end in
SAID = {
    "es": {"e": True, "em": True, "este": True, "pues": False, "a ver": False, "bueno": True, "vale": True},
    "en": {"uh": True, "um": True, "er": True, "well": True, "so": True, "okay": True},
}
UNSURE = {"es": ("e", "em", "este"), "en": ("uh", "um", "er")}  # between digits


class Hesitations:
    """Makes the fillers of callers; the same in every run."""

    def __init__(self, synthesizer: Synthesizer, lang: str, seed: int = 11) -> None:
        self._synthesizer = synthesizer
        self._lang = lang
        self.random = random.Random(seed)  # noqa: S311 - the same callers in every run

    def speech(self, text: str, voice: str, rate: int) -> Floats:
        pcm = b"".join(self._synthesizer.stream(text, Voice(self._lang, voice, rate)))
        return cut(telephone_band(np.frombuffer(pcm, "<i2").astype(np.float64)))

    def filler(self, text: str, voice: str, level: float) -> Floats:
        """One that is as loud as ``level`` (RMS)."""
        samples = self.speech(text, voice, SLOW)
        if SAID[self._lang][text]:
            samples = drawn_out(samples, self.random.choice(DRAWN_OUT_MS))
        return samples * (level / max(speech_level(samples), 1.0))

    def gap(self) -> Floats:
        ms = self.random.choice(GAPS_MS)
        return np.frombuffer(faint_noise(ms), "<i2").astype(np.float64)


def drawn_out(samples: Floats, ms: int) -> Floats:
    """Longer by ``ms``: its loudest 60 ms are repeated, each into the next over 20 ms."""
    step, over = 60 * SAMPLE_RATE // 1000, 20 * SAMPLE_RATE // 1000
    if len(samples) < 2 * step or not ms:
        return samples
    power = np.convolve(np.square(samples), np.ones(step), "valid")
    at = int(power.argmax())
    fade = np.linspace(0, 1, over)
    made, piece = samples[: at + step], samples[at : at + step]
    for _ in range(-(-ms * SAMPLE_RATE // 1000 // (step - over))):
        joined = made[-over:] * (1 - fade) + piece[:over] * fade
        made = np.concatenate([made[:-over], joined, piece[over:]])
    return np.concatenate([made, samples[at + step :]])


def as_pcm(parts: Iterable[Floats]) -> bytes:
    return bytes(np.clip(np.concatenate(list(parts)), -32768, 32767).astype("<i2").tobytes())


def build(data: Path, names: Sequence[str], *, all_speakers: bool = False) -> list[TestSet]:
    """Of :data:`NAMES` the test sets that are wanted, as far as ``data`` allows."""
    synthesizer = EspeakSynthesizer()
    sets = [
        menu_set(Hesitations(synthesizer, lang), lang) for lang in SAID if f"hesitant-menu-{lang}" in names
    ]
    folder = data / "speech" / "digits_en"
    if "hesitant-digits" in names and folder.is_dir():
        corpus = Corpus(folder, all_speakers=all_speakers)
        sets.append(digit_set(Hesitations(synthesizer, "en"), corpus))
    return sets


def menu_set(made: Hesitations, lang: str) -> TestSet:
    """Synthetic callers in the menu of the demonstration flow, with a filler before what they want."""
    flow = load_business("telecom", FLOW).flow
    at, menu = main_menu(flow)
    grammar = Grammar(lang, menu_expect(flow, at, menu, lang).phrases)
    wanted = [t for intent in flow.intents_of(menu).values() for t in intent.examples.get(lang, ())]
    wanted = [text for text in wanted if text in grammar.phrases]
    items = []
    for number, filler in zip(range(COUNT), cycle(SAID[lang]), strict=False):
        voice = made.random.choice(VOICES[lang])
        text = made.random.choice(wanted)
        answer = levelled(made.speech(text, voice, made.random.choice((140, 165, 190))))
        before = made.filler(filler, voice, speech_level(answer))
        items.append(Item(f"{number}-{filler}", voice, text, as_pcm([before, made.gap(), answer])))
    return TestSet(
        f"hesitant-menu-{lang}",
        f"filler before a menu's phrase ({lang})",
        grammar,
        tuple(items),
        None,
        same=lambda text: without_filler(text, lang),
    )


def digit_set(made: Hesitations, corpus: Corpus) -> TestSet:
    """Real digits, 4 to 9 of one speaker, with a synthetic filler before them or between two."""
    by_speaker: dict[str, list[tuple[str, str, str]]] = {}
    for line in corpus.lines:
        by_speaker.setdefault(line[1], []).append(line)
    items = []
    for number in range(COUNT if by_speaker else 0):
        speaker = sorted(by_speaker)[number % len(by_speaker)]
        lines = made.random.choices(by_speaker[speaker], k=made.random.randint(4, 9))
        digits = [np.frombuffer(corpus.item(*line).pcm, "<i2").astype(np.float64) for line in lines]
        items.append(_dictated(made, number, speaker, [line[2] for line in lines], digits))
    return TestSet(
        "hesitant-digits",
        "fillers in strings of 4-9 digits (FSDD)",
        Grammar("en", digits=True),
        tuple(items),
        None,
        same=digits_only,
    )


def _dictated(
    made: Hesitations, number: int, speaker: str, words: Sequence[str], digits: Sequence[Floats]
) -> Item:
    filler = UNSURE["en"][number % len(UNSURE["en"])]
    place = 0 if number % 2 else made.random.randrange(1, len(digits))
    voice = made.random.choice(VOICES["en"])
    parts: list[Floats] = []
    for at, digit in enumerate(digits):
        if at == place:
            parts += [made.filler(filler, voice, speech_level(digit)), made.gap()]
        parts += [digit, made.gap()]
    return Item(f"{number}-{filler}-{place}", speaker, " ".join(words), as_pcm(parts[:-1]))
