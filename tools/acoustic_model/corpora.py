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
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import soundfile
import yaml

from tools.acoustic_model.takes import Segments, Take
from tools.acoustic_model.texts import number_words
from tools.hearing.split import HELD_OUT
from voice.speech.phrases import spoken

__all__ = [
    "CORPORA",
    "Segments",
    "Split",
    "Take",
    "debian_takes",
    "read_audio",
    "real_takes",
    "split",
    "split_of",
]

_LOG = logging.getLogger(__name__)

Split = Literal["train", "test"]

CORPORA = {"en": ("an4_train_en", "digits_en"), "es": ("prompts_es",)}
"""The corpora of each language, as folders of the data folder's ``speech``."""

_FASTEST = 24  # letters a second: a stamp's recording that is shorter was made for another wording


def real_takes(lang: str, data: Path) -> Iterator[Take]:
    """Every recording of a language below ``data/speech``, speakers named ``corpus:name``.

    Raises FileNotFoundError when a corpus is not there.
    """
    for corpus in CORPORA[lang]:
        folder = data / "speech" / corpus
        for line in (folder / "items.jsonl").read_text("utf-8").splitlines():
            item = json.loads(line)
            yield _take(folder / item["audio"], item["text"], lang, f"{corpus}:{item['speaker']}")


def debian_takes(lang: str, root: Path = Path("/")) -> Iterator[Take]:
    """Every recording with a known text in the installed Debian packages, below ``root``.

    A package that is not installed is logged as a warning that names it, and passed over.
    """
    for recordings in _debian_recordings():
        if recordings["lang"] == lang:
            folder = root / str(recordings["folder"]).lstrip("/")
            if not folder.is_dir():
                _LOG.warning("no recordings in %s: apt-get install %s", folder, recordings["package"])
                continue
            for name, text in recordings["texts"].items():
                yield _take(folder / name, text, lang, recordings["speaker"])
    yield from _tux_paint(lang, root / "usr/share/tuxpaint/stamps")


def _tux_paint(lang: str, folder: Path) -> Iterator[Take]:
    """Tux Paint's stamps, each with a recording and, in a text file, its wording in all languages."""
    if not folder.is_dir():
        _LOG.warning("no recordings in %s: apt-get install tuxpaint-stamps-default", folder)
        return
    ending = "_desc.ogg" if lang == "en" else f"_desc_{lang}.ogg"
    for path in sorted(folder.rglob(f"*{ending}")):
        texts = path.with_name(path.name.removesuffix(ending) + ".txt")
        text = _stamp_text(texts, lang) if texts.is_file() else ""
        if not text:
            continue
        take = _take(path, text, lang, f"tuxpaint:{lang}")
        if len(take.text) <= _FASTEST * take.seconds:
            yield take


def _stamp_text(path: Path, lang: str) -> str:
    """English is the first line; the other languages follow as ``es.utf8=...``."""
    lines = path.read_text("utf-8", errors="replace").splitlines()
    if lang == "en":
        return lines[0] if lines else ""
    return next((line.partition("=")[2] for line in lines if line.startswith(f"{lang}.utf8=")), "")


def _take(path: Path, text: str, lang: str, speaker: str) -> Take:
    pcm, rate = read_audio(path)
    return Take(normalise(text, lang), lang, speaker, pcm, rate, None)


@functools.cache
def _debian_recordings() -> tuple[dict[str, Any], ...]:
    path = Path(__file__).parent / "words" / "debian_recordings.yaml"
    return tuple(yaml.safe_load(path.read_text("utf-8")))


def split(speaker: str, corpus: str) -> Split:
    """Whether a speaker of a corpus may be trained on. Debian's speakers may, but for Allison, in whatever
    language: her Spanish prompts are ``prompts_es``, which is only tested on."""
    return "test" if speaker == "allison" or speaker in HELD_OUT.get(corpus, ()) else "train"


def split_of(take: Take) -> Split:
    """The same for a recording of :func:`real_takes` or :func:`debian_takes`."""
    corpus, _, speaker = take.speaker.partition(":")
    return split(speaker, corpus)


def normalise(text: str, lang: str) -> str:
    """A transcript as words to align: lower case, no punctuation, numbers in words, accents restored."""
    digits_said = re.sub(r"\d+", lambda match: f" {number_words(int(match[0]), lang)} ", text)
    words = [word for word in (word.strip("-'·º") for word in spoken(digits_said).split()) if word]
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
