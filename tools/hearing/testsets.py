"""What is asked of the recognizer: recordings of real people, what they say, and what else they might."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from tools.hearing import recordings
from tools.hearing.split import held_out_speakers
from voice.audio.wav import read_pcm
from voice.errors import ConfigError
from voice.model import SAMPLE_RATE
from voice.speech.phrases import digit_words, spoken
from voice.speech.seam import Grammar

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
QUICK_LEAST = 20  # utterances that a quick look leaves of a set
JOINED = 100  # strings made of single digits
BYTES_A_MS = SAMPLE_RATE * 2 // 1000

# The prompts' transcripts have no accents and no ñ, which change how a word is pronounced. Two name the wrong
# prompt: "digits/0" says "cero" and "letters/y" says "i griega".
_ACCENTED = """opción inválida reproducción grabación dieciséis veintidós veintitrés veintiséis miércoles
sábado dólares décimo undécimo duodécimo séptimo vigésimo trigésimo millón extensión guión dólar exclamación
japón maría óscar víctor número está último buzón más mañana contraseña"""
SPELLED = {word.translate(str.maketrans("áéíóúñ", "aeioun")): word for word in _ACCENTED.split()} | {
    "1": "uno"
}
MENDED = {"digits__0": "cero", "letters__y": "i griega"}

_NUMBERS = """cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince
dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco
veintiséis veintisiete veintiocho veintinueve treinta cuarenta cincuenta sesenta setenta ochenta noventa
ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos
mil millón"""
NUMBERS_ES = tuple(_NUMBERS.split())
COMMANDS = ("repeat", "stop", "help", "start", "go", "enter", "erase", "rubout")
# what else a menu might offer: it makes the rejection of other speech harder
MENU_EN = ("billing", "technical support", "sales", "opening hours", "talk to a person", "cancel")
MENU_ES = (
    "sí",
    "no",
    "facturas",
    "soporte técnico",
    "ventas",
    "horario",
    "hablar con una persona",
    "cancelar",
)


@dataclass(frozen=True, slots=True)
class Item:
    """One utterance: 8 kHz PCM without margins, and what is said in it, in words of the grammar. ``inside``
    is false for speech that the grammar does not hold."""

    name: str
    speaker: str
    text: str
    pcm: bytes = field(repr=False)
    inside: bool = True

    @property
    def seconds(self) -> float:
        return len(self.pcm) / BYTES_A_MS / 1000


@dataclass(frozen=True, slots=True)
class TestSet:
    """Utterances under one grammar. ``kind`` is ``exact`` (share of utterances right), ``words`` (word error
    rate), ``rejection`` or ``asked`` (share of other speech that a menu asks about, or believes);
    ``target`` the share to reach, or not to exceed for ``words``."""

    __test__ = False  # not a case for pytest

    name: str
    title: str
    grammar: Grammar
    items: tuple[Item, ...]
    target: float | None
    kind: str = "exact"
    noisy: bool = True
    same: Callable[[str], str] = str  # brings what is heard, and what was said, to a common form


def digits_only(text: str) -> str:
    """ "oh" is a zero: the digits are what counts."""
    return " ".join("zero" if word == "oh" else word for word in text.split())


class Corpus:
    """A folder of recordings with ``items.jsonl``; audio is read when it is wanted."""

    def __init__(self, folder: Path, *, all_speakers: bool = False) -> None:
        try:
            named = [(line["audio"], line["speaker"], line["text"]) for line in recordings.items(folder)]
        except (KeyError, TypeError) as error:
            raise ConfigError(
                f"{folder / recordings.LIST}: an entry lacks {error}; see tools/hearing/README.md"
            ) from error
        wanted = {speaker for _, speaker, _ in named}
        if not all_speakers:
            wanted &= held_out_speakers(folder.name, wanted)
        self._folder = folder
        self.speakers = frozenset(wanted)
        self.lines = [
            (Path(audio).stem, speaker, text) for audio, speaker, text in named if speaker in wanted
        ]
        self._files = {Path(audio).stem: audio for audio, _, _ in named}
        self._read: dict[str, bytes] = {}

    def item(self, stem: str, speaker: str, text: str, *, inside: bool = True) -> Item:
        if stem not in self._read:
            self._read[stem] = read_pcm(self._folder / self._files[stem])
        return Item(stem, speaker, text, self._read[stem], inside)


def build(data: Path, *, all_speakers: bool = False) -> tuple[list[TestSet], list[str]]:
    """Every test set that ``data`` allows, and what is missing there in words."""
    sets: list[TestSet] = []
    missing: list[str] = []
    for name, make in (
        ("digits_en", digit_sets),
        ("an4_train_en", an4_sets),
        ("prompts_es", spanish_sets),
    ):
        folder = data / "speech" / name
        if folder.is_dir():
            sets += make(Corpus(folder, all_speakers=all_speakers))
        else:
            missing.append(str(folder))
    return sets, missing


def digit_sets(corpus: Corpus) -> list[TestSet]:
    items = tuple(corpus.item(*line) for line in corpus.lines)
    return [
        TestSet("digits", "isolated digits (FSDD)", Grammar("en", DIGITS), items, 0.95),
        TestSet(
            "strings-joined",
            "strings of 4-9 digits, joined (FSDD)",
            Grammar("en", digits=True),
            tuple(joined(items, JOINED)),
            0.80,
            same=digits_only,
        ),
    ]


def joined(items: Sequence[Item], count: int, seed: int = 9) -> Iterable[Item]:
    """Strings of 4 to 9 digits of one speaker each, with 50 to 300 ms between the digits."""
    rng = random.Random(seed)  # noqa: S311 - the same strings in every run
    by_speaker: dict[str, list[Item]] = {}
    for item in items:
        by_speaker.setdefault(item.speaker, []).append(item)
    speakers = sorted(by_speaker)
    for number in range(count if speakers else 0):
        speaker = speakers[number % len(speakers)]
        drawn = rng.choices(by_speaker[speaker], k=rng.randint(4, 9))
        pcm = drawn[0].pcm
        for item in drawn[1:]:
            pcm += faint_noise(rng.randint(50, 300)) + item.pcm
        yield Item(f"joined-{number}", speaker, " ".join(item.text for item in drawn), pcm)


def faint_noise(ms: int) -> bytes:
    """What a quiet line carries between words: 12 bits below a loud voice (root mean square 4)."""
    noise = np.random.default_rng(ms).normal(0, 4, ms * SAMPLE_RATE // 1000)
    return noise.astype("<i2").tobytes()


def an4_sets(corpus: Corpus) -> list[TestSet]:
    lines = corpus.lines
    vocabulary = tuple(sorted({word for _, _, text in lines for word in text.split()}))
    digits = set(digit_words("en"))
    strings = [line for line in lines if set(line[2].split()) <= digits and 4 <= len(line[2].split()) <= 9]
    letters = [line for line in lines if all(len(word) == 1 for word in line[2].split())]
    yes_no = [line for line in lines if line[2] in ("yes", "no")]
    menu = ("yes", "no", *COMMANDS, *MENU_EN)
    inside = [line for line in lines if line[2] in menu]
    words = {word for phrase in menu for word in phrase.split()}
    outside = [line for line in lines if not words & set(line[2].split())]
    loop = Grammar("en", vocabulary, free=True)
    return [
        TestSet(
            "strings",
            "strings of 4-9 digits (AN4)",
            Grammar("en", digits=True),
            tuple(corpus.item(*line) for line in strings),
            0.80,
            same=digits_only,
        ),
        TestSet(
            "an4", "letters, commands (AN4)", loop, tuple(corpus.item(*line) for line in lines), 0.15, "words"
        ),
        TestSet(
            "an4-letters",
            "of these, spelled only",
            loop,
            tuple(corpus.item(*line) for line in letters),
            None,
            "words",
        ),
        TestSet(
            "yes-no",
            "yes or no (AN4)",
            Grammar("en", ("yes", "no")),
            tuple(corpus.item(*line) for line in yes_no),
            0.98,
        ),
        *rejection_set(", menu (AN4)", "en", menu, corpus, inside, outside),
    ]


Line = tuple[str, str, str]


def rejection_set(
    title: str,
    lang: str,
    menu: tuple[str, ...],
    corpus: Corpus,
    inside: Iterable[Line],
    outside: Iterable[Line],
) -> tuple[TestSet, TestSet]:
    """At the confidence that tells best, with the listed phrases only; and as a flow's menus listen, which
    hear the words of these phrases in another order too (:attr:`Grammar.loose`), at their own thresholds."""
    items = tuple(corpus.item(*line) for line in inside)
    items += tuple(corpus.item(*line, inside=False) for line in outside)
    strict = TestSet(
        f"reject-{lang}", f"other speech{title}", Grammar(lang, menu), items, 0.85, "rejection", noisy=False
    )
    live = replace(strict.grammar, loose=True)
    asked = replace(
        strict,
        name=f"asked-{lang}",
        title=f"asked about by a flow{title}",
        grammar=live,
        kind="asked",
        target=None,
    )
    return strict, asked


def spanish_text(stem: str, text: str) -> str:
    """A prompt's words as they are spelled and spoken."""
    return MENDED.get(stem) or " ".join(SPELLED.get(word, word) for word in spoken(text).split())


def spanish_sets(corpus: Corpus) -> list[TestSet]:
    lines = [(stem, speaker, spanish_text(stem, text)) for stem, speaker, text in corpus.lines]
    short = [line for line in lines if 1 <= len(line[2].split()) <= 4]
    listed = tuple(sorted({text for _, _, text in short}))
    digits = set(digit_words("es"))
    sets = [
        TestSet(
            "prompts",
            "prompts of 1-4 words (es)",
            Grammar("es", listed),
            tuple(corpus.item(*line) for line in short),
            0.90,
        ),
        TestSet(
            "numbers",
            "number words (es)",
            Grammar("es", NUMBERS_ES),
            tuple(corpus.item(*line) for line in short if line[2] in NUMBERS_ES),
            0.90,
        ),
        TestSet(
            "digits-es",
            "digits (es)",
            Grammar("es", digit_words("es")),
            tuple(corpus.item(*line) for line in short if line[2] in digits),
            0.90,
        ),
    ]
    return [*sets, *spanish_rejection(corpus, lines, short)]


def spanish_rejection(corpus: Corpus, lines: list[Line], short: list[Line]) -> tuple[TestSet, TestSet]:
    """Every sixth short prompt of two words or of six letters is in the menu; other speech shares no word
    with it."""
    able = sorted({text for _, _, text in short if len(text) >= 6})
    menu = (*MENU_ES, *able[::6])
    words = {word for phrase in menu for word in phrase.split()}
    inside = [line for line in short if line[2] in menu]
    outside = [line for line in lines if not words & set(line[2].split())]
    return rejection_set(", menu (es)", "es", menu, corpus, inside, outside)


def thinned(one: TestSet, every: int) -> TestSet:
    """Every n-th utterance, for a quick look; of a small set more, so that something can be said of it."""
    step = max(1, min(every, len(one.items) // QUICK_LEAST))
    return replace(one, items=one.items[::step])
