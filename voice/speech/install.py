"""The models folder (DATA/models): installs, lists, chooses and removes what recognizers use.

::

    DATA/models/
      vosk-model-es-0.42/          a model; installed.json in it says where it came from and what it holds
      in-use.toml                  which model each language uses, read by voice.settings
      vosk-model-es-0.42.zip       an archive brought by hand is found here by its name
      .download/                   what is on its way; a broken download goes on from there
      .unpack-XXXX/, .gone-XXXX/   on the way in and out; what a killed process left is cleared next time

A model's folder appears under its name by one rename, complete and tried out, or not at all.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from voice.errors import ModelError
from voice.model import LANGUAGES
from voice.settings import MODELS_IN_USE
from voice.speech import catalogue, vosk_model
from voice.speech.catalogue import Checksum, Entry
from voice.speech.download import Progress, Transfer, arrived, digest, discard, fetch, need_space, read_small
from voice.speech.unpack import model_root, unpack
from voice.store.lock import DataLock

RECEIPT: Final = "installed.json"
_DOWNLOAD: Final = ".download"
_ARCHIVES: Final = (".zip", ".tar.gz", ".tgz", ".tar.xz", ".tar")
_CHOICES: Final = tuple(f"{kind}model_{lang}" for lang in LANGUAGES for kind in ("", "closed_"))
_UNPACKED_TIMES: Final = 2  # models unpack to 1.5 to 2 times their archive: what must be free beforehand

Step = Callable[[str], Progress]
"""Announces what begins and returns the progress of it (bytes done, bytes in all)."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A model in the folder. ``size`` in bytes; ``memory`` in MB as the trial measured it, 0: not known.

    ``whole`` is false when a file is missing or has not the length it was installed with.
    """

    name: str
    path: Path
    lang: str
    kind: str = catalogue.VOSK
    size: int = 0
    memory: int = 0
    grammars: bool | None = None
    source: str = ""
    checksum: str = ""
    whole: bool = True


class WrongChecksum(ModelError):
    """The bytes are not those that were asked for."""


class ModelsFolder:
    """Works on DATA/models. Changing methods hold a lock, so that two commands do not mix.

    All raise :class:`ModelError`; those that fetch also :class:`voice.speech.download.Unreachable` and
    :class:`voice.speech.download.Refused`, which are ModelErrors too.
    """

    def __init__(self, folder: Path, published: str = catalogue.PUBLISHED) -> None:
        self.folder = folder
        self._published = published

    # --- looking ----------------------------------------------------------------------------------------

    def installed(self) -> list[Installed]:
        """Everything that lies there, also folders that somebody unpacked by hand."""
        if not self.folder.is_dir():
            return []
        found = (self.get(path.name) for path in sorted(self.folder.iterdir()))
        return [model for model in found if model is not None]

    def get(self, name: str) -> Installed | None:
        path = self.folder / name
        if name.startswith(".") or not path.is_dir():
            return None
        try:
            notes = json.loads((path / RECEIPT).read_text(encoding="utf-8"))
            files: dict[str, int] = notes.pop("files")
            return Installed(name=name, path=path, whole=_as_listed(path, files), **notes)
        except (OSError, ValueError, TypeError, AttributeError, KeyError):
            known = catalogue.find(name)
            return Installed(
                name,
                path,
                known.lang if known else "",
                size=_size(path),
                source="unpacked by hand",
                whole=(path / "am/final.mdl").is_file() or (path / "final.mdl").is_file(),
            )

    def in_use(self) -> dict[str, str]:
        """What :meth:`use` chose: ``model_es`` and ``closed_model_es`` (and ``_en``) to a model's name."""
        try:
            text = (self.folder / MODELS_IN_USE).read_text(encoding="utf-8")
            chosen = tomllib.loads(text).get("speech", {})
        except (OSError, ValueError):
            return {}
        return {key: str(chosen[key]) for key in _CHOICES if key in chosen}

    def by_hand(self, entry: Entry) -> Path:
        """Where an archive that was fetched by hand is looked for."""
        return self.folder / entry.file_name

    # --- changing ---------------------------------------------------------------------------------------

    def install(
        self, entry: Entry, step: Step, *, source: str = "", checksum: Checksum | None = None
    ) -> tuple[Installed, bool]:
        """Brings a model into the folder; the flag is false when it was there already, whole.

        ``source`` is an archive, a folder or an address (empty: one brought by hand into this folder, else
        the catalogue's address). A model is opened and used in a process of its own before it appears.
        """
        catalogue.check_name(entry.name)
        with self._changing():
            there = self.get(entry.name)
            if there is not None and there.whole and not source:
                return there, False
            origin = self._local(entry, source)
            if origin is not None:
                stated = _check_local(origin, entry, checksum, step)
                return self._place(entry, origin, str(origin), stated, step), True
            url = source or entry.url
            archive, stated = self._fetch(entry, url, checksum, step)
            made = self._place(entry, archive, url, stated, step)
            discard(archive)
            return made, True

    def use(self, lang: str, name: str, step: Step, *, tried: bool = False) -> str:
        """Makes a model the one of its language; an empty name goes back to the built-in one.

        A model with a fixed graph gets an installed one of its language beside it that takes grammars, for
        the closed answers: its name is returned (empty: there is none, or none is needed).
        """
        with self._changing():
            chosen = self.in_use()
            for key in (f"model_{lang}", f"closed_model_{lang}"):
                chosen.pop(key, None)
            beside = ""
            if name:
                chosen[f"model_{lang}"] = name
                if not self._usable(lang, name, step, tried=tried).runtime_grammar:
                    beside = self._beside(lang)
            if beside:
                self._usable(lang, beside, step, tried=False)
                chosen[f"closed_model_{lang}"] = beside
            self._write_choice(chosen)
            return beside

    def _usable(self, lang: str, name: str, step: Step, *, tried: bool) -> vosk_model.ModelFolder:
        catalogue.check_name(name)
        model = self.get(name)
        if model is None or not model.whole or model.kind != catalogue.VOSK:
            raise ModelError(f"{name}: not installed, or damaged; run 'voice models install {name}'")
        folder = vosk_model.inspect(model.path, lang)
        if not tried:
            step(f"trying {name}")
            vosk_model.trial(folder)
        return folder

    def _beside(self, lang: str) -> str:
        """The largest installed model of a language that takes grammars."""
        fit = [m for m in self.installed() if m.lang == lang and m.grammars and m.whole]
        return max(fit, key=lambda model: model.size).name if fit else ""

    def remove(self, name: str) -> Installed:
        """Takes a model away, and its language back to the built-in one if it was in use."""
        catalogue.check_name(name)
        with self._changing():
            model = self.get(name)
            if model is None:
                names = ", ".join(model.name for model in self.installed()) or "none"
                raise ModelError(f"{name}: not installed here ({self.folder}); installed: {names}")
            if model.path.is_symlink():
                raise ModelError(
                    f"{model.path}: is a link, not a model installed here; remove the link yourself"
                )
            self._write_choice({key: chosen for key, chosen in self.in_use().items() if chosen != name})
            gone = Path(tempfile.mkdtemp(prefix=".gone-", dir=self.folder))
            model.path.rename(gone / name)
            shutil.rmtree(gone)
            return model

    @contextmanager
    def _changing(self) -> Iterator[None]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            busy = f"another 'voice models' works in {self.folder}; wait until it is done"
            with DataLock(self.folder, ".lock", busy):
                for pattern in (".unpack-*", ".gone-*"):
                    for left in self.folder.glob(pattern):
                        shutil.rmtree(left, ignore_errors=True)
                yield
        except OSError as error:
            where = error.filename or self.folder
            raise ModelError(
                f"{where}: {error.strerror or error}; make the data folder writable, free some space, or "
                "choose another with --data"
            ) from error

    def _local(self, entry: Entry, source: str) -> Path | None:
        """The archive or folder to install from, or None when it must be fetched."""
        if not source:
            hand = self.by_hand(entry)
            return hand if entry.url and hand.is_file() else None
        address = urlsplit(source)
        if address.scheme in ("http", "https"):
            if address.username is not None:  # before it is shown as what is being fetched
                raise ModelError(
                    f"{address.hostname}: addresses with a password are not fetched; fetch it by hand"
                )
            return None
        path = Path(unquote(address.path) if address.scheme == "file" else source).expanduser()
        if not path.exists():
            raise ModelError(f"{path}: there is no such file or folder; check --from")
        if not (path.is_file() or path.is_dir()):  # a pipe or device may never end
            raise ModelError(f"{path}: is neither a file nor a folder; check --from")
        return path

    def _fetch(
        self, entry: Entry, url: str, checksum: Checksum | None, step: Step
    ) -> tuple[Path, Checksum | None]:
        size, wanted = entry.size, checksum or entry.checksum
        if checksum is not None:
            size = 0  # another file than the one the catalogue knows
        if wanted is None and url == entry.url and entry.kind == catalogue.VOSK:
            step("asking the publisher for size and checksum")
            size, wanted = catalogue.published(read_small(self._published), entry.name)
        folder = self.folder / _DOWNLOAD
        folder.mkdir(exist_ok=True)
        archive = folder / entry.name
        need_space(folder, size * (1 + _UNPACKED_TIMES) - arrived(archive))
        for again in (True, False):
            older = archive.is_file() or fetch(Transfer(url, size), archive, step(f"fetching {url}"))
            try:
                _verify(archive, wanted, step)
                break
            except WrongChecksum:
                discard(archive)
                if not (older and again):  # parts of two versions: once more from the start
                    raise
        return archive, wanted

    def _place(
        self, entry: Entry, origin: Path, source: str, checksum: Checksum | None, step: Step
    ) -> Installed:
        work = Path(tempfile.mkdtemp(prefix=".unpack-", dir=self.folder))
        try:
            content = work / "content"
            content.mkdir()
            if entry.kind == catalogue.FILE:
                need_space(content, origin.stat().st_size)
                shutil.copyfile(origin, content / entry.file_name)
                root, facts = content, {}
            else:
                unpack(origin, content, step(f"unpacking {origin.name}"))
                root = model_root(content)
                step(f"trying {entry.name}")
                facts = _tried(root, entry)
            notes = {
                "lang": entry.lang,
                "kind": entry.kind,
                "source": source,
                "checksum": str(checksum or ""),
                "size": _size(root),
                **facts,
                "files": _files(root),
            }
            (root / RECEIPT).write_text(json.dumps(notes, indent=1) + "\n", encoding="utf-8")
            final = self.folder / entry.name
            if final.exists():
                final.rename(work / "replaced")
            root.rename(final)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        made = self.get(entry.name)
        assert made is not None  # just renamed there, under the lock
        return made

    def _write_choice(self, chosen: Mapping[str, str]) -> None:
        lines = [
            "# Written by 'voice models use'; a model named in --config or the environment wins over it.",
            "[speech]",
            *(f'{key} = "{name}"' for key, name in sorted(chosen.items())),
        ]
        file = self.folder / MODELS_IN_USE
        draft = file.with_name(f".{MODELS_IN_USE}.new")
        draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
        draft.replace(file)


def name_of_archive(source: str) -> str:
    """The model's name in an archive's or folder's name: ``/tmp/vosk-model-es-0.42.zip``."""
    name = Path(urlsplit(source).path or source).name
    ending = next((ending for ending in _ARCHIVES if name.endswith(ending)), "")
    return name.removesuffix(ending)


def _tried(root: Path, entry: Entry) -> dict[str, Any]:
    try:
        folder = vosk_model.inspect(root, entry.lang)
        memory = vosk_model.trial(folder)
    except ModelError as error:
        why = str(error).replace(f"{root}: ", "", 1)
        raise ModelError(f"{entry.name}: not installed, what came cannot be used: {why}") from error
    return {"memory": memory, "grammars": folder.runtime_grammar}


def _check_local(origin: Path, entry: Entry, checksum: Checksum | None, step: Step) -> Checksum | None:
    """Checks an archive that was brought; a folder has no checksum, nor has a model of one's own."""
    if origin.is_dir():
        if checksum is not None or entry.kind == catalogue.FILE:
            raise ModelError(f"{origin}: is a folder; a checksum and a single file need the file itself")
        return None
    wanted = checksum or entry.checksum
    _verify(origin, wanted, step)
    return wanted


def _verify(archive: Path, wanted: Checksum | None, step: Step) -> None:
    if wanted is None:
        return
    found = digest(archive, wanted.algorithm, step(f"checking {archive.name}"))
    if found != wanted:
        raise WrongChecksum(
            f"{archive.name}: is {found} and should be {wanted}. Not installed: it was damaged on the way or "
            "is another file. Fetch it again; if the publisher renewed it, give the new one with --checksum"
        )


def _files(folder: Path) -> dict[str, int]:
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != RECEIPT)
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in paths}


def _size(folder: Path) -> int:
    return sum(_files(folder).values())


def _as_listed(folder: Path, files: Mapping[str, int]) -> bool:
    try:
        return all((folder / name).stat().st_size == size for name, size in files.items())
    except OSError:
        return False


def as_json(model: Installed) -> dict[str, Any]:
    return {**asdict(model), "path": str(model.path)}
