"""Callers for the measurement of turns: synthetic ones in both languages, and real voices joined up.

A caller is what they say, piece by piece with the pause after each, so that the true end of their speech is
known; every piece is cut to where it is louder than 30 dB below its peak.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from tools.hearing.noise import Floats, speech_level, telephone_band
from tools.hearing.testsets import Corpus
from voice.dialogue.flow import AskStep, Flow, MenuStep
from voice.dialogue.listening import ask_expect, confirm_expect, menu_expect
from voice.errors import ConfigError
from voice.model import SAMPLE_RATE, Expect
from voice.speech.phrases import digit_words
from voice.speech.seam import Synthesizer, Voice

LEVEL = 32768 * 10 ** (-20 / 20)  # RMS of speech, 20 dB below full scale
LEAD_MS = 600  # of quiet before the caller speaks
TAIL_MS = 2600  # and after: longer than any endpoint
PAUSES_MS = (100, 700)  # between dictated groups
STOPS_MS = (400, 800)  # within a phrase
THINKING = {"es": ("eh", "em", "este"), "en": ("uh", "um", "er")}
VOICES = {
    "es": ("es+f5", "es-419+m2", "es+michel", "es-419+f3", "es+Andy"),
    "en": ("en-us+f4", "en-gb+m3", "en-us+michel", "en-gb-x-rp+f2", "en-us+Andy"),
}
RATES = (130, 150, 170)
EDGE_DB = 30.0
ANY_DAY = date(2026, 1, 14)


@dataclass(frozen=True, slots=True)
class Caller:
    """``pcm`` begins with quiet and ends with it; the caller speaks from ``start_ms`` to ``end_ms``."""

    kind: str
    said: str
    expect: Expect
    pcm: bytes
    start_ms: int
    end_ms: int


def quiet(ms: int) -> Floats:
    return np.zeros(ms * SAMPLE_RATE // 1000)


def cut(samples: Floats) -> Floats:
    """From the first to the last 10 ms within 30 dB of the loudest."""
    step = SAMPLE_RATE // 100
    count = len(samples) // step
    power = np.sqrt(np.mean(np.square(samples[: count * step].reshape(count, step)), axis=1))
    loud = np.flatnonzero(power > power.max() * 10 ** (-EDGE_DB / 20))
    return samples[loud[0] * step : (loud[-1] + 1) * step]


def levelled(samples: Floats) -> Floats:
    return samples * (LEVEL / max(speech_level(samples), 1.0))


def caller(kind: str, said: str, expect: Expect, pieces: Sequence[Floats], pauses: Sequence[int]) -> Caller:
    """``pauses`` (ms) stand between the pieces."""
    parts: list[Floats] = [quiet(LEAD_MS)]
    for place, piece in enumerate(pieces):
        if place:
            parts.append(quiet(pauses[place - 1]))
        parts.append(levelled(cut(piece)))
    end_ms = sum(map(len, parts)) * 1000 // SAMPLE_RATE
    samples = np.concatenate([*parts, quiet(TAIL_MS)])
    pcm = np.clip(samples, -32768, 32767).astype("<i2").tobytes()
    return Caller(kind, said, expect, pcm, LEAD_MS, end_ms)


class Synthetic:
    """Synthetic callers of a flow."""

    def __init__(self, synthesizer: Synthesizer, flow: Flow, seed: int) -> None:
        self._synthesizer = synthesizer
        self.flow = flow
        self._random = random.Random(seed)  # noqa: S311 - the same callers in every run
        self._made: dict[tuple[str, Voice], Floats] = {}

    def voice(self, lang: str) -> Voice:
        return Voice(lang, self._random.choice(VOICES[lang]), self._random.choice(RATES))

    def speech(self, text: str, voice: Voice) -> Floats:
        if (text, voice) not in self._made:
            pcm = b"".join(self._synthesizer.stream(text, voice))
            self._made[text, voice] = telephone_band(np.frombuffer(pcm, "<i2").astype(np.float64))
        return self._made[text, voice]

    def says(self, kind: str, text: str, expect: Expect) -> Caller:
        """``text`` with pauses in it: "quiero eh <900> mi saldo"."""
        voice = self.voice(expect.lang)
        pieces, pauses = [], []
        for part in text.replace(">", "<").split("<"):
            if part.strip().isdecimal():
                pauses.append(int(part))
            elif part.strip():
                pieces.append(self.speech(part.strip(), voice))
        return caller(kind, text, expect, pieces, pauses)

    def dictates(self, kind: str, digits: str, groups: Sequence[int], expect: Expect) -> Caller:
        """A digit string in groups, with a pause of 100 to 700 ms between them."""
        voice, words, at = self.voice(expect.lang), digit_words(expect.lang), 0
        names = words if expect.lang == "es" else (words[0], *words[2:])
        pieces = []
        for size in groups:
            group = digits[at : at + size]
            pieces.append(self.speech(" ".join(names[int(d)] for d in group), voice))
            at += size
        pauses = [self._random.randint(*PAUSES_MS) for _ in groups[1:]]
        return caller(kind, " ".join(digits), expect, pieces, pauses)

    # --- kinds of callers ---------------------------------------------------------------------------

    def yes_or_no(self, count: int) -> list[Caller]:
        texts = {
            "es": ("sí", "no", "sí por favor", "no gracias", "vale", "correcto", "sí sí", "claro que sí"),
            "en": ("yes", "no", "yes please", "no thanks", "okay", "that's right", "yeah", "no thank you"),
        }
        return [
            self.says("yes or no", self._random.choice(texts[lang]), confirm_expect(self.flow, "step", lang))
            for lang in texts
            for _ in range(count)
        ]

    def choices(self, count: int) -> list[Caller]:
        at, menu = main_menu(self.flow)
        found = []
        for lang in VOICES:
            texts = [t for i in self.flow.intents_of(menu).values() for t in i.examples.get(lang, ())]
            expect = menu_expect(self.flow, at, menu, lang)
            found += [self.says("menu", self._random.choice(texts), expect) for _ in range(count)]
        return found

    def numbers(self, count: int, *, known: bool) -> list[Caller]:
        """Dictated digit strings: of a ``known`` length, or of any from 3 to 12."""
        found = []
        for lang in VOICES:
            for _ in range(count):
                length = self._random.randint(4, 9)
                digits = "".join(self._random.choice("0123456789") for _ in range(length))
                bounds = (length, length) if known else (3, 12)
                kind = "digits, length known" if known else "digits, length open"
                found.append(
                    self.dictates(
                        kind, digits, self.grouping(length), digits_expect(self.flow, lang, *bounds)
                    )
                )
        return found

    def grouping(self, length: int) -> list[int]:
        size = self._random.choice((1, 2, 3, 4))
        return [size] * (length // size) + ([length % size] if length % size else [])

    def hesitating(self, count: int) -> list[Caller]:
        at, menu = main_menu(self.flow)
        texts = {
            "es": (
                "quiero saber eh <900> mi saldo",
                "quiero <700> saber mi saldo",
                "eh <800> quiero un agente",
                "dónde está <800> mi pedido",
            ),
            "en": (
                "i want to know um <900> my balance",
                "uh <800> where is my order",
                "i have a question <500> about my invoice",
                "i want to <800> know my balance",
            ),
        }
        said = [(lang, texts[lang][n % 4]) for lang in texts for n in range(min(count, 4))]
        for lang in texts:
            phrases = [t for i in self.flow.intents_of(menu).values() for t in i.examples.get(lang, ())]
            long = [phrase for phrase in phrases if len(phrase.split()) > 3]
            said += [(lang, self.stopping(self._random.choice(long), lang)) for _ in range(count - 4)]
        return [self.says("hesitating", text, menu_expect(self.flow, at, menu, lang)) for lang, text in said]

    def stopping(self, phrase: str, lang: str) -> str:
        """``phrase`` with one pause between two of its words, every other time after a sound of thinking."""
        words = phrase.split()
        place = self._random.randrange(1, len(words))
        sound = self._random.choice(("", "", *THINKING[lang]))
        pause = self._random.randint(*STOPS_MS)
        return f"{' '.join((*words[:place], sound))} <{pause}> {' '.join(words[place:])}"

    def unsure_numbers(self, count: int) -> list[Caller]:
        """Digit strings of a known length, with "eh" or "um" between two groups."""
        found = []
        for lang in VOICES:
            names = digit_words(lang) if lang == "es" else (digit_words(lang)[0], *digit_words(lang)[2:])
            for _ in range(count):
                length = self._random.randint(4, 9)
                said = [names[self._random.randrange(10)] for _ in range(length)]
                place = self._random.randrange(1, length)
                sound = self._random.choice(THINKING[lang])
                pauses = [self._random.randint(*PAUSES_MS) for _ in range(2)]
                text = (
                    f"{' '.join(said[:place])} <{pauses[0]}> {sound} <{pauses[1]}> {' '.join(said[place:])}"
                )
                expect = digits_expect(self.flow, lang, length, length)
                found.append(self.says("digits with eh or um", text, expect))
        return found

    def addresses(self, count: int) -> list[Caller]:
        """E-mail addresses, with a pause before and after the sign in their middle."""
        names = {"es": ("ana punto ruiz", "pedro", "info", "marta guion bajo gil"),
                 "en": ("anna dot ross", "peter", "info", "martha underscore gill")}  # fmt: skip
        hosts = {"es": ("arroba", "gmail punto com", "hotmail punto es"),
                 "en": ("at", "gmail dot com", "outlook dot com")}  # fmt: skip
        found = []
        for lang in VOICES:
            expect = asked(self.flow, lang, "email")
            for _ in range(count):
                sign, *ends = hosts[lang]
                one, other = (self._random.randint(*PAUSES_MS) for _ in range(2))
                name, end = self._random.choice(names[lang]), self._random.choice(ends)
                found.append(self.says("e-mail", f"{name} <{one}> {sign} <{other}> {end}", expect))
        return found

    def spelled(self, count: int) -> list[Caller]:
        """Names letter by letter, in groups of one to three with pauses between them."""
        names = {"es": ("be e ene i te o", "ge o ene zeta a ele o", "erre u i zeta", "eme a ere te i ene"),
                 "en": ("b e n n e t t", "r o s s", "m a r t i n", "g i l l")}  # fmt: skip
        found = []
        for lang in VOICES:
            expect = asked(self.flow, lang, "text", spelled=True)
            for _ in range(count):
                letters = self._random.choice(names[lang]).split()
                size = self._random.choice((1, 2, 3))
                parts = [" ".join(letters[at : at + size]) for at in range(0, len(letters), size)]
                pauses = [f" <{self._random.randint(*PAUSES_MS)}> " for _ in parts[1:]]
                text = "".join(x for pair in zip(parts, [*pauses, ""], strict=True) for x in pair)
                found.append(self.says("spelling", text, expect))
        return found


def digits_expect(flow: Flow, lang: str, shortest: int, longest: int) -> Expect:
    """What an ask step for a digit string of these lengths waits for."""
    return asked(flow, lang, "digits", min_length=shortest, max_length=longest)


def asked(flow: Flow, lang: str, kind: str, **more: object) -> Expect:
    """What an ask step of ``kind`` waits for."""
    both = {"es": "número", "en": "number"}
    step = AskStep.model_validate(
        {
            "type": "ask",
            "slot": "number",
            "kind": kind,
            **more,
            "label": both,
            "prompt": both,
            "retry": [both, both],
            "then": "next",
        }
    )
    return ask_expect(flow, "number", step, lang, ANY_DAY)


def main_menu(flow: Flow) -> tuple[str, MenuStep]:
    """The menu that the flow comes back to, after its name. Raises :class:`ConfigError` when it has none."""
    at = flow.main or flow.start
    menu = flow.steps.get(at)
    if not isinstance(menu, MenuStep):
        raise ConfigError(f"flow {flow.name} has no menu; the measurement needs one")
    return at, menu


class Real:
    """Real voices: AN4's and FSDD's, the speakers kept for measuring only."""

    def __init__(self, data: Path, flow: Flow, seed: int) -> None:
        self._data, self._flow = data, flow
        self._random = random.Random(seed)  # noqa: S311 - the same callers in every run

    def callers(self, count: int) -> list[Caller]:
        found: list[Caller] = []
        an4 = self._data / "speech" / "an4_train_en"
        fsdd = self._data / "speech" / "digits_en"
        if an4.is_dir():
            found += self._an4(Corpus(an4, all_speakers=True), count)
        if fsdd.is_dir():
            found += self._joined(Corpus(fsdd, all_speakers=True), count)
        return found

    def _an4(self, corpus: Corpus, count: int) -> list[Caller]:
        answers = [line for line in corpus.lines if line[2] in ("yes", "no")]
        words = set(digit_words("en"))
        strings = [
            line for line in corpus.lines if set(line[2].split()) <= words and 4 <= len(line[2].split()) <= 9
        ]
        spelled = [
            line
            for line in corpus.lines
            if 4 <= len(line[2].split()) <= 9 and all(len(word) == 1 for word in line[2].split())
        ]
        kinds = (("real yes or no", answers), ("real digit string", strings), ("real spelling", spelled))
        found = []
        for kind, lines in kinds:
            for line in self._random.sample(lines, min(count, len(lines))):
                item = corpus.item(*line)
                length = len(line[2].split())
                expect = (
                    confirm_expect(self._flow, "step", "en")
                    if kind == "real yes or no"
                    else asked(self._flow, "en", "text", spelled=True)
                    if kind == "real spelling"
                    else digits_expect(self._flow, "en", length, length)
                )
                samples = np.frombuffer(item.pcm, "<i2").astype(np.float64)
                found.append(caller(kind, line[2], expect, [samples], []))
        return found

    def _joined(self, corpus: Corpus, count: int) -> list[Caller]:
        """Single digits of one speaker, dictated in groups with pauses of 100 to 700 ms."""
        found = []
        by_speaker: dict[str, list[tuple[str, str, str]]] = {}
        for line in corpus.lines:
            by_speaker.setdefault(line[1], []).append(line)
        for n in range(2 * count):
            lines = by_speaker[self._random.choice(sorted(by_speaker))]
            length = self._random.randint(4, 9)
            picked = [self._random.choice(lines) for _ in range(length)]
            size = self._random.choice((1, 2, 3, 4))
            pauses = [
                self._random.randint(*PAUSES_MS) if (place + 1) % size == 0 else 20
                for place in range(length - 1)
            ]
            known = n % 2 == 0
            expect = (
                digits_expect(self._flow, "en", length, length)
                if known
                else digits_expect(self._flow, "en", 3, 12)
            )
            pieces = [np.frombuffer(corpus.item(*line).pcm, "<i2").astype(np.float64) for line in picked]
            kind = "real digits joined, known" if known else "real digits joined, open"
            found.append(caller(kind, " ".join(line[2] for line in picked), expect, pieces, pauses))
        return found
