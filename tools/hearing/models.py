"""The models under test: the built-in ones, a candidate of our own kind, or an official Vosk model."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from voice.errors import ConfigError
from voice.model import LANGUAGES
from voice.speech import builtin
from voice.speech.vosk_engine import VoskRecognizer

_GRAPHS = ("graph", "HCLG.fst", "HCLr.fst")


@dataclass(frozen=True, slots=True)
class Models:
    """Folders by language: words can be compiled into ``ours``, ``official`` ones know only their own.
    ``work`` keeps what is compiled, for all processes of a run."""

    ours: tuple[tuple[str, Path], ...]
    official: tuple[tuple[str, Path], ...]
    work: Path

    @classmethod
    def from_arguments(cls, named: Iterable[str], work: Path) -> Models:
        """From ``LANG=DIR`` texts. Raises :class:`ConfigError`."""
        ours = {lang: builtin.base(lang) for lang in LANGUAGES}
        official = {}
        for text in named:
            lang, _, folder = text.partition("=")
            path = Path(folder).resolve()
            if lang not in LANGUAGES or not folder:
                raise ConfigError(f"--model {text}: write LANG=DIR, with one of {', '.join(LANGUAGES)}")
            if not path.is_dir():
                raise ConfigError(f"--model {text}: there is no such folder")
            if (path / builtin.LEXICON).is_file():
                ours[lang] = path
            elif (path / "am/final.mdl").is_file() and not any((path / name).exists() for name in _GRAPHS):
                ours[lang] = _with_graph(path, lang, work / f"graph-{lang}")
            else:
                official[lang] = path
        return cls(tuple(ours.items()), tuple(official.items()), work)

    def folder(self, lang: str) -> Path:
        return dict(self.ours + self.official)[lang]

    @property
    def replaces_built_in(self) -> bool:
        return any(path != builtin.base(lang) for lang, path in self.ours)

    def recognizer(self, languages: tuple[str, ...]) -> VoskRecognizer:
        """The project's recognizer with these models. A candidate takes the place of the built-in model for
        the whole process, from now on."""
        if self.replaces_built_in:
            builtin.MODELS = self._side_by_side()
            builtin.base_words.cache_clear()
        official = {lang: path for lang, path in self.official if lang in languages}
        return VoskRecognizer(official, self.work / "vocabulary", languages)

    def _side_by_side(self) -> Path:
        folder = self.work / "models"
        folder.mkdir(exist_ok=True)
        for lang, path in self.ours:
            try:
                (folder / lang).symlink_to(path, target_is_directory=True)
            except FileExistsError:
                pass  # another process of this run was faster
        return folder


def _with_graph(path: Path, lang: str, target: Path) -> Path:
    """A copy of an acoustic model with the built-in words as its graph."""
    shutil.copytree(path, target)
    builtin.write_graph(target, lang, builtin.read_lexicon(builtin.base(lang)))
    return target


def megabytes(folder: Path) -> float:
    """Size of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
