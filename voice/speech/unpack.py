"""Takes a model out of an archive or a folder that nobody vouches for.

Nothing is written outside the target: absolute paths, ``..``, drive letters, links and devices are refused
before anything is written. Neither does an archive fill the disk: what it declares is compared with its own
size and the free space first, and what really comes out is counted.
"""

from __future__ import annotations

import functools
import gzip
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final, cast

from voice.errors import ModelError
from voice.speech.download import need_space

PIECE: Final = 1 << 20
MOST_FILES: Final = 10_000
LARGEST: Final = 32 << 30
# Models of both sizes unpack to 1.5 to 2 times their archive; empty filler packs 1000 times.
MOST_TIMES: Final = 30
_ALWAYS_ALLOWED: Final = 16 << 20  # a tiny archive of repetitive text may pack better than that
_LARGEST_READ: Final = 16 << 20  # tarfile reads a header's extension at once, whatever length it claims
_JUNK: Final = ("__MACOSX", ".DS_Store")

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Member:
    """A file to write: where, how long it claims to be, and its content."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]


def unpack(source: Path, target: Path, progress: Progress) -> None:
    """Writes the files of an archive (zip, tar, tar.gz, tar.xz) or folder into ``target``, which is empty.

    Raises :class:`ModelError` when the source is damaged, unsafe, or too large for the disk; what has been
    written by then is the caller's to remove. May raise OSError.
    """
    with _members(source) as members:
        _write(source, members, target, progress)


def model_root(folder: Path) -> Path:
    """The folder with the model in what an archive held: itself, or one or two levels down.

    Raises :class:`ModelError` when there is none, or more than one.
    """
    roots = [
        level
        for pattern in (".", "*", "*/*")
        for level in sorted(folder.glob(pattern) if pattern != "." else [folder])
        if (level / "am/final.mdl").is_file() or (level / "final.mdl").is_file()
    ]
    roots = [root for root in roots if root.name != "am"]
    if len(roots) != 1:
        found = f"{len(roots)} models" if roots else "no Vosk model (no am/final.mdl)"
        raise ModelError(f"the archive holds {found}; give one with a single model folder")
    return roots[0]


def _write(source: Path, members: list[_Member], target: Path, progress: Progress) -> None:
    places = _places(source, members)
    total = sum(member.size for member in members)
    packed = source.stat().st_size if source.is_file() else total
    if total > min(LARGEST, max(packed * MOST_TIMES, _ALWAYS_ALLOWED)):
        raise ModelError(f"{source}: would unpack to {total / 1e9:.2f} GB; that is no model")
    need_space(target, total)
    written = 0
    for member, place in zip(members, places, strict=True):
        path = target / place
        path.parent.mkdir(parents=True, exist_ok=True)
        with member.open() as content, path.open("xb") as file:
            here = 0
            while piece := content.read(PIECE):
                here += len(piece)
                if here > member.size:
                    raise ModelError(f"{source}: {place} is larger than the archive says; it is damaged")
                file.write(piece)
                progress(written + here, total)
        if here != member.size:
            raise ModelError(f"{source}: {place} is shorter than the archive says; it is damaged")
        written += here


def _places(source: Path, members: Iterable[_Member]) -> list[PurePosixPath]:
    """Where each member goes. Raises :class:`ModelError` for a name that leads elsewhere or comes twice."""
    places: list[PurePosixPath] = []
    seen: set[str] = set()
    for member in members:
        name = member.name
        place = PurePosixPath(name)
        if (
            not place.parts
            or place.is_absolute()
            or ".." in place.parts
            or any(sign in name for sign in "\\:")
            or not name.isprintable()
        ):
            raise ModelError(
                f"{source}: holds a file that would be written elsewhere ({name!r}); not unpacked"
            )
        if str(place).casefold() in seen:
            raise ModelError(f"{source}: holds {name!r} twice; not unpacked")
        seen.add(str(place).casefold())
        places.append(place)
    return places


@contextmanager
def _members(source: Path) -> Iterator[list[_Member]]:
    """What a source holds. Whatever its readers stumble over becomes a :class:`ModelError`."""
    try:
        if source.is_dir():
            yield _few(source, _of_folder(source))
        elif zipfile.is_zipfile(source):
            with zipfile.ZipFile(source) as archive:
                yield _few(source, _of_zip(source, archive))
        else:
            with _tar_stream(source) as stream, tarfile.open(fileobj=cast("IO[bytes]", stream)) as tar:
                yield _few(source, _of_tar(source, tar))
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError) as error:
        raise ModelError(f"{source}: not a whole zip or tar archive ({error}); fetch it again") from error
    except gzip.BadGzipFile as error:
        raise ModelError(f"{source}: damaged ({error}); fetch it again") from error
    except (NotImplementedError, RuntimeError) as error:  # zipfile: a packing it lacks, or a password
        raise ModelError(
            f"{source}: cannot be unpacked ({error}); unpack it by hand, give the folder"
        ) from error


def _few(source: Path, members: Iterable[_Member]) -> list[_Member]:
    few: list[_Member] = []
    for member in members:
        if not any(junk in PurePosixPath(member.name).parts for junk in _JUNK):
            few.append(member)
        if len(few) > MOST_FILES:
            raise ModelError(f"{source}: holds more than {MOST_FILES} files; that is no model")
    return few


def _of_zip(source: Path, archive: zipfile.ZipFile) -> Iterator[_Member]:
    for info in archive.infolist():
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise ModelError(f"{source}: holds a link or device ({info.filename!r}); not unpacked")
        if not info.is_dir():
            yield _Member(info.filename, info.file_size, functools.partial(archive.open, info))


def _of_tar(source: Path, tar: tarfile.TarFile) -> Iterator[_Member]:
    for info in tar:
        if not (info.isreg() or info.isdir()) or info.issparse():
            raise ModelError(f"{source}: holds a link or device ({info.name!r}); not unpacked")
        if info.isreg():
            yield _Member(info.name, info.size, functools.partial(_content, tar, info))


def _content(tar: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    content = tar.extractfile(info)
    assert content is not None  # a regular file has one
    return content


def _bytes(path: Path) -> IO[bytes]:
    return path.open("rb")


def _of_folder(source: Path) -> Iterator[_Member]:
    for path in sorted(islice(source.rglob("*"), 2 * MOST_FILES)):  # of "/" there is no end
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise ModelError(f"{source}: holds a link or device ({path.name}); copy it with 'cp -rL' first")
        if path.is_file():
            name = path.relative_to(source).as_posix()
            yield _Member(name, path.stat().st_size, functools.partial(_bytes, path))


class _Bounded:
    """A packed stream for tarfile: counts what comes out, and refuses to read very much at once."""

    def __init__(self, stream: Any, source: Path) -> None:
        self._stream = stream
        self._source = source
        self._most = min(LARGEST, max(source.stat().st_size * MOST_TIMES, _ALWAYS_ALLOWED)) + PIECE

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _LARGEST_READ:
            raise ModelError(f"{self._source}: holds a header of impossible length; not unpacked")
        return self._checked(bytes(self._stream.read(size)))

    def _checked(self, data: bytes) -> bytes:
        if self._stream.tell() > self._most:
            raise ModelError(
                f"{self._source}: unpacks to more than {self._most / 1e9:.2f} GB; that is no model"
            )
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        if offset > self._most:
            raise ModelError(
                f"{self._source}: unpacks to more than {self._most / 1e9:.2f} GB; that is no model"
            )
        return int(self._stream.seek(offset, whence))

    def tell(self) -> int:
        return int(self._stream.tell())

    def _bomb(self) -> ModelError:
        return ModelError(f"{self._source}: unpacks to more than {self._most / 1e9:.2f} GB; that is no model")


@contextmanager
def _tar_stream(source: Path) -> Iterator[_Bounded]:
    with source.open("rb") as file:
        magic = file.read(6)
        file.seek(0)
        packed: Any = file
        if magic.startswith(b"\x1f\x8b"):
            packed = gzip.GzipFile(fileobj=file)
        elif magic == b"\xfd7zXZ\0":
            packed = lzma.LZMAFile(file)  # noqa: SIM115 (closed with the file it reads)
        yield _Bounded(packed, source)
