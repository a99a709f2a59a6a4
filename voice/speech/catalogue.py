"""What can be installed by name: official Vosk models for Spanish and English, and single files of engines.

Sizes, checksums and addresses belong to the archives at https://alphacephei.com/vosk/models. The SHA-256 of
the five models below are those that independent packagers (Arch Linux, Yocto, nixpkgs, model mirrors) pin
for them; a model without one is checked with the MD5 that the publisher's own list gives at the time
(:data:`PUBLISHED`), and so is any other official Spanish or English model asked for by its full name.
"""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from typing import Any, Final

from voice.errors import ModelError
from voice.model import LANGUAGES

SITE: Final = "https://alphacephei.com/vosk/models"
PUBLISHED: Final = f"{SITE}/model-list.json"
VOSK: Final = "vosk"
FILE: Final = "file"
_OFFICIAL = re.compile(r"vosk-model-(?:small-)?(es|en)(?:-[A-Za-z0-9_.]+)+")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_HEX_DIGITS: Final = {"md5": 32, "sha256": 64}


@dataclass(frozen=True, slots=True)
class Checksum:
    """``algorithm`` is md5 or sha256, ``digest`` lower-case hexadecimal."""

    algorithm: str
    digest: str

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.digest}"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that can be installed. Sizes are in bytes, memory in MB; 0: not known.

    ``kind`` is ``vosk`` (an archive with one model folder) or ``file`` (one file, kept as it is).
    ``grammars`` says whether what may be said can be given while it runs: a model with a fixed graph hears
    everything it knows at any time, and its answers are matched with the expected ones afterwards.
    """

    name: str
    alias: str
    kind: str
    lang: str
    url: str
    size: int = 0
    checksum: Checksum | None = None
    memory: int = 0
    grammars: bool | None = None

    @property
    def file_name(self) -> str:
        return self.url.rsplit("/", 1)[-1] or self.name


def _vosk(alias: str, lang: str, name: str, size: int, sha256: str, *, memory: int, grammars: bool) -> Entry:
    checksum = Checksum("sha256", sha256) if sha256 else None
    url = f"{SITE}/{name}.zip"
    return Entry(name, alias, VOSK, lang, url, size, checksum, memory, grammars)


# Memory: the publisher states about 300 MB for small models and up to 16 GB for large ones; en-medium is what
# another project measured. The trial at installation measures what opening and a first utterance take here.
CATALOGUE: Final[tuple[Entry, ...]] = (
    _vosk(
        "es-small",
        "es",
        "vosk-model-small-es-0.42",
        39_817_833,
        "09b239888f633ef2f0b4e09736e3d9936acfd810bc65d53fad45261762c6511f",
        memory=300,
        grammars=True,
    ),
    _vosk(
        "es-large",
        "es",
        "vosk-model-es-0.42",
        1_484_681_703,
        "bbbfaf9239bed5dcb0d140886b5834fcc13c13c7fb2f2799ae790f03ff20bfce",
        memory=16_000,
        grammars=False,
    ),
    _vosk(
        "en-small",
        "en",
        "vosk-model-small-en-us-0.15",
        41_205_931,
        "30f26242c4eb449f948e42cb302dd7a686cb29a3423a8367f99ff41780942498",
        memory=300,
        grammars=True,
    ),
    _vosk(
        "en-medium",
        "en",
        "vosk-model-en-us-0.22-lgraph",
        130_557_655,
        "d9838b4aaa82a75c4a17f5aca300eaca129aaab2a7cbf951bafbb500eb9c4334",
        memory=420,
        grammars=True,
    ),
    _vosk(
        "en-large",
        "en",
        "vosk-model-en-us-0.22",
        1_913_365_522,
        "47f9a81ebb039dbb0bd319175c36ac393c0893b796c2b6303e64cf58c27b69f6",
        memory=16_000,
        grammars=False,
    ),
    _vosk(
        "en-gigaspeech",
        "en",
        "vosk-model-en-us-0.42-gigaspeech",
        2_423_807_363,
        "",
        memory=16_000,
        grammars=False,
    ),
)


def find(name: str, catalogue: tuple[Entry, ...] = CATALOGUE) -> Entry | None:
    """The entry of a name or an alias; any official Spanish or English name has one. None: unknown."""
    for entry in catalogue:
        if name in (entry.name, entry.alias):
            return entry
    official = _OFFICIAL.fullmatch(name)
    return Entry(name, "", VOSK, official[1], f"{SITE}/{name}.zip") if official else None


def require(name: str, catalogue: tuple[Entry, ...] = CATALOGUE) -> Entry:
    """As :func:`find`. Raises :class:`ModelError` that says which names there are."""
    entry = find(name, catalogue)
    if entry is not None:
        return entry
    names = [text for known in catalogue for text in (known.alias, known.name) if text]
    close = difflib.get_close_matches(name, names, n=1)
    known = ", ".join(known.alias or known.name for known in catalogue)
    hint = f"did you mean {close[0]}?" if close else f"known are {known}"
    raise ModelError(f"{name}: no model of that name; {hint} ('voice models list' shows all)")


def own(name: str, lang: str) -> Entry:
    """An entry for a model that no catalogue knows, brought with ``--from``. Raises :class:`ModelError`."""
    check_name(name)
    if lang not in LANGUAGES:
        raise ModelError(f"{name}: not an official model; say its language with --lang es or --lang en")
    return Entry(name, "", VOSK, lang, "")


def check_name(name: str) -> None:
    """Names become folders. Raises :class:`ModelError` for one that could lead elsewhere."""
    if not _NAME.fullmatch(name) or name.endswith("."):
        raise ModelError(f"{name!r}: not a model's name; use letters, digits, dots, dashes and underscores")


def parse_checksum(text: str) -> Checksum:
    """Reads ``sha256:HEX`` or ``md5:HEX``. Raises :class:`ModelError`."""
    algorithm, _, digest = text.strip().lower().partition(":")
    if len(digest) != _HEX_DIGITS.get(algorithm) or not re.fullmatch("[0-9a-f]+", digest):
        raise ModelError(f"{text!r}: not a checksum; write sha256:64-HEX-DIGITS or md5:32-HEX-DIGITS")
    return Checksum(algorithm, digest)


def published(text: bytes, name: str) -> tuple[int, Checksum]:
    """The size and checksum that the publisher's list (a JSON array of objects) gives for a model.

    Raises :class:`ModelError` when the list is not what it was or has no such model.
    """
    try:
        models: list[dict[str, Any]] = json.loads(text)
        found = next((model for model in models if model["name"] == name), None)
        if found is not None:
            return int(found["size"]), parse_checksum(f"md5:{found['md5']}")
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{PUBLISHED}: no longer the list this version knows ({type(error).__name__}); "
            "give the checksum yourself with --checksum sha256:HEX"
        ) from error
    raise ModelError(f"{name}: the publisher's list {PUBLISHED} has no such model; check the name there")
