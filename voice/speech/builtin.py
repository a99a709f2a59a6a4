"""The built-in Vosk models, and the same models with a flow's own words compiled in.

A model folder under ``models/`` holds the acoustic model, its settings, its graph and ``lexicon.txt`` with
the pronunciations the graph was made of. :func:`with_words` makes a copy of it in a cache folder whose
graph has more words; it is found again by the content it was made from, so nothing is compiled twice.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path

from voice.errors import ModelError
from voice.speech import kinds
from voice.speech.confidence import Calibration
from voice.speech.graph import compilable, graph_files
from voice.speech.lexicon import Pronunciation, pronounce

logger = logging.getLogger(__name__)

MODELS = Path(__file__).parent / "models"
LEXICON = "lexicon.txt"
PHRASES = "phrases.txt"  # compiled models only: the whole phrases their graph knows
CHECKSUMS = "checksums.json"
_COPIED = ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf")
KEPT = 64  # compiled models of a language in a cache: more flows than a machine has, 0.5 MB or more each
_FORMAT = 9  # rises when the compiler makes other graphs from the same words

Lexicon = Mapping[str, tuple[Pronunciation, ...]]


def base(lang: str) -> Path:
    """The folder of the built-in model. Raises :class:`ModelError` when the installation lacks it."""
    folder = MODELS / lang
    if not (folder / "am/final.mdl").is_file():
        raise ModelError(
            f"{folder}: the built-in '{lang}' model is missing; install the package again, or name a Vosk "
            f"model in the setting speech.model_{lang}"
        )
    return folder


def read_lexicon(folder: Path) -> dict[str, tuple[Pronunciation, ...]]:
    """The pronunciations of a built-in or compiled model: lines of a word and its phones."""
    ways: dict[str, list[Pronunciation]] = {}
    for line in (folder / LEXICON).read_text(encoding="utf-8").splitlines():
        word, *phones = line.split()
        ways.setdefault(word, []).append(tuple(phones))
    return {word: tuple(found) for word, found in ways.items()}


def read_labels(folder: Path) -> frozenset[str]:
    """Every label that a model's graph knows: words, phrases, fillers."""
    lines = (folder / "graph/words.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line.split()[0] for line in lines)


def read_phrases(folder: Path) -> frozenset[str]:
    """The whole phrases that a model was compiled with; a built-in model has none."""
    path = folder / PHRASES
    return frozenset(path.read_text(encoding="utf-8").splitlines()) if path.is_file() else frozenset()


def lexicon_text(lexicon: Lexicon) -> str:
    return "".join(f"{word} {' '.join(way)}\n" for word, found in sorted(lexicon.items()) for way in found)


def calibration(lang: str) -> Calibration:
    """How the confidences of the built-in model are to be read; no change where it was never measured."""
    model = MODELS / lang / "am/final.mdl"
    return Calibration.of(MODELS / lang, _sha256(model)) if model.is_file() else Calibration()


@cache
def base_words(lang: str) -> frozenset[str]:
    """What the built-in model knows without compiling anything."""
    return frozenset(read_lexicon(base(lang)))


def with_words(
    lang: str,
    words: Iterable[str],
    cache_folder: Path,
    phrases: Iterable[str] = (),
    own: Lexicon | None = None,
) -> Path:
    """A model folder that knows the built-in words, ``words`` and whole ``phrases``, compiled when the cache
    has it not.

    Words that cannot be pronounced are left out, and phrases with such words; compare with
    :func:`read_lexicon` and :func:`read_phrases`. ``own`` are pronunciations that go before all others.
    Compiling takes about 3 ms a word. The folder appears under its final name only when it is whole, so that
    processes may share a cache. Raises :class:`ModelError` when the cache cannot be written.
    """
    whole, own = sorted(set(phrases)), own or {}
    wanted = {*words, *(word for phrase in whole for word in phrase.split())}
    extra = sorted(wanted - base_words(lang) - own.keys())
    if not extra and not whole and not own:
        return base(lang)
    target = cache_folder / f"{lang}-{_fingerprint(lang, extra, whole, own)}"
    if is_whole(target):
        with suppress(OSError):  # a cache that may only be read
            os.utime(target)
        return target
    lexicon = {**read_lexicon(base(lang)), **pronounce(extra, lang), **own}
    try:
        cache_folder.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{lang}-", dir=cache_folder))
        try:
            _write_model(work, lang, lexicon, whole)
            if target.exists() and not is_whole(target):
                logger.warning("%s: damaged, made again", target)
                shutil.rmtree(target)
            _move(work, target)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        _forget_old(lang, cache_folder)
    except OSError as error:
        raise ModelError(
            f"{cache_folder}: the words of a flow cannot be kept there ({error.strerror or error}); make the "
            "folder writable or name another data folder"
        ) from error
    logger.info("compiled %d words, %d phrases for '%s' into %s", len(extra), len(whole), lang, target)
    return target


def is_whole(folder: Path) -> bool:
    """Whether a built-in or compiled model is there with every byte it was made with."""
    try:
        wanted = json.loads((folder / CHECKSUMS).read_text(encoding="utf-8"))
        return bool(wanted) and all(_sha256(folder / name) == sha for name, sha in wanted.items())
    except (OSError, ValueError, AttributeError):
        return False


def write_graph(folder: Path, lang: str, lexicon: Lexicon, phrases: Iterable[str] = ()) -> None:
    """Writes the graph, the lexicon and the checksums of all files into a model folder. The words of
    :mod:`voice.speech.kinds` are added where ``lexicon`` lacks them."""
    lexicon = {**pronounce(sorted(kinds.words(lang) - lexicon.keys()), lang), **lexicon}
    (folder / LEXICON).write_text(lexicon_text(lexicon), encoding="utf-8")
    known = compilable(phrases, lexicon)
    if known:
        (folder / PHRASES).write_text("\n".join(known) + "\n", encoding="utf-8")
    for name, data in graph_files(lexicon, lang, phrases=known).items():
        path = folder / "graph" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    names = [*_COPIED, LEXICON, *(f"graph/{name}" for name in graph_files({}, lang))]
    names += [PHRASES] if known else []
    checksums = {name: _sha256(folder / name) for name in sorted(names)}
    (folder / CHECKSUMS).write_text(json.dumps(checksums, indent=1) + "\n", encoding="utf-8")


def _write_model(folder: Path, lang: str, lexicon: Lexicon, phrases: Iterable[str]) -> None:
    for name in _COPIED:
        source, copy = base(lang) / name, folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, copy)
        except OSError:  # another file system, or one without links
            shutil.copyfile(source, copy)
    write_graph(folder, lang, lexicon, phrases)


def _move(work: Path, target: Path) -> None:
    try:
        work.rename(target)
    except OSError:
        if not is_whole(target):  # else another process was faster, with the same content
            raise


def _forget_old(lang: str, cache_folder: Path) -> None:
    """Clients of a recognition server bring words without end, and each list of them is a model. Who has one
    open needs its files no more."""
    with suppress(FileNotFoundError):  # another process was faster
        made = [(path.stat().st_mtime_ns, path) for path in cache_folder.glob(f"{lang}-*")]
        for _, path in sorted(made, reverse=True)[KEPT:]:
            shutil.rmtree(path, ignore_errors=True)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def _espeak_version() -> str:
    return metadata.version("espeakng-loader")


def _fingerprint(lang: str, words: list[str], phrases: list[str], own: Lexicon) -> str:
    """Names everything that shapes a compiled model."""
    made_from = [
        str(_FORMAT),
        _espeak_version(),
        (base(lang) / CHECKSUMS).read_text(encoding="utf-8"),
        *words,
        "",
        *phrases,
        "",
        lexicon_text(own),
    ]
    return hashlib.sha256("\0".join(made_from).encode()).hexdigest()[:16]
