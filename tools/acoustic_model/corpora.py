"""Recordings of people: the corpora of the data folder, and the sound packages of Debian.

Which speaker is trained on and which only tested on never changes (:func:`split`): a speaker that a model
has heard says nothing about how it hears others.
"""

from __future__ import annotations

import functools
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import soundfile
import yaml

from tools.acoustic_model.takes import Segments, Take
from tools.acoustic_model.texts import number_words
from voice.speech.phrases import spoken

__all__ = ["CORPORA", "Segments", "Split", "Take", "read_audio", "real_takes", "split", "split_of"]

_LOG = logging.getLogger(__name__)

Split = Literal["train", "test"]

CORPORA = {"en": ("an4_train_en", "digits_en"), "es": ("prompts_es",)}
"""The corpora of each language, as folders of the data folder's ``speech``."""

# Women and men apart, in the order of the SHA-256 of their names: the first 5 of 21 and 13 of 53.
_AN4_TEST = frozenset(
    (
        "fbbh",
        "fjam",
        "fkdo",
        "fmjc",
        "fnsv",
        "mcel",
        "mcfl",
        "mcrt",
        "mdxn",
        "mdxs",
        "mewl",
        "mgah",
        "mjdr",
        "mmaf",
        "mnjl",
        "mrjc2",
        "mtcv",
        "mtje",
    )
)
_DIGITS_TEST = frozenset({"lucas", "yweweler"})


def real_takes(lang: str, data: Path) -> Iterator[Take]:
    """Every recording of a language below ``data/speech``, speakers named ``corpus:name``.

    Raises FileNotFoundError when a corpus is not there.
    """
    for corpus in CORPORA[lang]:
        folder = data / "speech" / corpus
        for line in (folder / "items.jsonl").read_text("utf-8").splitlines():
            item = json.loads(line)
            pcm, rate = read_audio(folder / item["audio"])
            text = normalise(item["text"], lang)
            yield Take(text, lang, f"{corpus}:{item['speaker']}", pcm, rate, None)


def split(speaker: str, corpus: str) -> Split:
    """Whether a speaker of a corpus may be trained on. Debian's speakers may; ``prompts_es`` never."""
    if corpus == "an4_train_en":
        return "test" if speaker in _AN4_TEST else "train"
    if corpus == "digits_en":
        return "test" if speaker in _DIGITS_TEST else "train"
    return "test" if corpus == "prompts_es" else "train"


def split_of(take: Take) -> Split:
    """The same for a recording of :func:`real_takes` or :func:`debian_takes`."""
    corpus, _, speaker = take.speaker.partition(":")
    return split(speaker, corpus)


def normalise(text: str, lang: str) -> str:
    """A transcript as words to align: lower case, no punctuation, numbers in words, accents restored."""
    digits_said = re.sub(r"\d+", lambda match: f" {number_words(int(match[0]), lang)} ", text)
    words = spoken(digits_said).split()
    if lang == "es":
        words = [_spelling().get(word, word) for word in words]
    return " ".join(words)


@functools.cache
def _spelling() -> dict[str, str]:
    path = Path(__file__).parent / "words" / "prompts_es_spelling.yaml"
    table: dict[str, str] = yaml.safe_load(path.read_text("utf-8"))
    return table


def read_audio(path: Path) -> tuple[npt.NDArray[np.float32], int]:
    """Mono samples in the range of 16 bits, and their rate. Raises ``soundfile.LibsndfileError``."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono: npt.NDArray[np.float32] = (samples.mean(axis=1) * 32767.0).astype(np.float32)
    return mono, int(rate)
