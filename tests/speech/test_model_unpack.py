"""Archives that nobody vouches for write nothing outside their folder and do not fill the disk."""

from __future__ import annotations

import gzip
import io
import shutil
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest

from voice.errors import ModelError
from voice.speech import unpack as unpacking
from voice.speech.unpack import model_root, unpack

FILES = {"model/am/final.mdl": b"acoustic" * 100, "model/conf/mfcc.conf": b"--sample-frequency=8000\n"}


def quiet(_done: int, _total: int) -> None:
    pass


def make_zip(path: Path, files: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def make_tar(path: Path, files: dict[str, bytes], mode: Literal["w", "w:gz", "w:xz"] = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def make_folder(path: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


SOURCES: dict[str, Callable[[Path], Path]] = {
    "zip": lambda folder: make_zip(folder / "m.zip", FILES),
    "tar.gz": lambda folder: make_tar(folder / "m.tar.gz", FILES),
    "tar.xz": lambda folder: make_tar(folder / "m.tar.xz", FILES, "w:xz"),
    "tar": lambda folder: make_tar(folder / "m.tar", FILES, "w"),
    "folder": lambda folder: make_folder(folder / "m", FILES),
}


@pytest.fixture
def target(tmp_path: Path) -> Path:
    made = tmp_path / "deep" / "target"
    made.mkdir(parents=True)
    return made


def written(target: Path) -> dict[str, bytes]:
    paths = [path for path in target.rglob("*") if path.is_file()]
    return {path.relative_to(target).as_posix(): path.read_bytes() for path in paths}


@pytest.mark.parametrize("kind", SOURCES)
def test_archives_and_folders_come_out_as_they_went_in(tmp_path: Path, target: Path, kind: str) -> None:
    seen: list[tuple[int, int]] = []
    unpack(SOURCES[kind](tmp_path), target, lambda done, total: seen.append((done, total)))
    assert written(target) == FILES
    total = sum(map(len, FILES.values()))
    assert seen[-1] == (total, total)
    assert model_root(target) == target / "model"


@pytest.mark.parametrize(
    "name",
    ["../out", "model/../../out", "/etc/out", "..\\out", "C:out", "a\\..\\..\\out", "model/..", "a\x1b[2J"],
)
@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_a_path_that_leads_elsewhere_writes_nothing(
    tmp_path: Path, target: Path, name: str, make: Callable[..., Path]
) -> None:
    source = make(tmp_path / "evil", {**FILES, name: b"x"})
    with pytest.raises(ModelError, match="not unpacked"):
        unpack(source, target, quiet)
    assert written(tmp_path / "deep") == {}
    assert not Path("/etc/out").exists()


def test_names_that_differ_in_case_only_are_refused(tmp_path: Path, target: Path) -> None:
    source = make_zip(tmp_path / "m.zip", {"model/a": b"1", "model/A": b"2"})
    with pytest.raises(ModelError, match="twice"):
        unpack(source, target, quiet)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_a_link_or_device_in_a_zip_is_refused(tmp_path: Path, target: Path, kind: int) -> None:
    info = zipfile.ZipInfo("model/link")
    info.external_attr = (kind | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(ModelError, match="link or device"):
        unpack(tmp_path / "m.zip", target, quiet)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_a_link_or_device_in_a_tar_is_refused(tmp_path: Path, target: Path, kind: bytes) -> None:
    with tarfile.open(tmp_path / "m.tar.gz", "w:gz") as archive:
        info = tarfile.TarInfo("model/link")
        info.type, info.linkname = kind, "/etc/passwd"
        archive.addfile(info)
    with pytest.raises(ModelError, match="link or device"):
        unpack(tmp_path / "m.tar.gz", target, quiet)
    assert written(target) == {}


def test_a_link_in_a_folder_is_refused(tmp_path: Path, target: Path) -> None:
    source = make_folder(tmp_path / "m", FILES)
    (source / "model/secret").symlink_to("/etc/passwd")
    with pytest.raises(ModelError, match="cp -rL"):
        unpack(source, target, quiet)


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_filler_that_unpacks_to_very_much_is_refused(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[..., Path]
) -> None:
    monkeypatch.setattr(unpacking, "_ALWAYS_ALLOWED", 100_000)
    source = make(tmp_path / "bomb", {"model/filler": bytes(4_000_000)})
    with pytest.raises(ModelError, match="that is no model"):
        unpack(source, target, quiet)
    assert written(target) == {}


def test_what_comes_out_is_counted_and_not_believed(tmp_path: Path, target: Path) -> None:
    """The central directory says 10 bytes where 1000 are packed."""
    source = make_zip(tmp_path / "m.zip", {"model/a": bytes(1000)})
    data = bytearray(source.read_bytes())
    at = data.rindex(b"PK\x01\x02") + 24
    assert data[at : at + 4] == (1000).to_bytes(4, "little")
    data[at : at + 4] = (10).to_bytes(4, "little")
    source.write_bytes(data)
    with pytest.raises(ModelError):
        unpack(source, target, quiet)
    assert all(len(data) <= 10 for data in written(target).values())


def test_a_tar_header_of_impossible_length_is_not_read(tmp_path: Path, target: Path) -> None:
    info = tarfile.TarInfo("PaxHeaders/x")
    info.type, info.size = tarfile.XHDTYPE, 1 << 40
    with gzip.open(tmp_path / "m.tar.gz", "wb") as file:
        file.write(info.tobuf(tarfile.GNU_FORMAT) + bytes(2048))
    with pytest.raises(ModelError, match="impossible length"):
        unpack(tmp_path / "m.tar.gz", target, quiet)


def test_very_many_files_are_refused(tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MOST_FILES", 3)
    with pytest.raises(ModelError, match="more than 3 files"):
        unpack(make_zip(tmp_path / "m.zip", {f"model/{n}": b"" for n in range(4)}), target, quiet)


def test_too_little_space_is_known_beforehand(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make_zip(tmp_path / "m.zip", FILES)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=500))
    with pytest.raises(ModelError, match="GB are needed and"):
        unpack(source, target, quiet)
    assert written(target) == {}


@pytest.mark.parametrize("kind", ["zip", "tar.gz", "tar.xz"])
@pytest.mark.parametrize("keep", [0.3, 0.7])
def test_a_cut_archive_is_damaged(tmp_path: Path, target: Path, kind: str, keep: float) -> None:
    source = SOURCES[kind](tmp_path)
    data = source.read_bytes()
    source.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(ModelError, match=r"archive|damaged"):
        unpack(source, target, quiet)


def test_a_changed_byte_is_found(tmp_path: Path, target: Path) -> None:
    source = make_zip(tmp_path / "m.zip", {"model/a": b"abc" * 99}, zipfile.ZIP_STORED)
    source.write_bytes(source.read_bytes().replace(b"abcabc", b"abcabd", 1))
    with pytest.raises(ModelError, match="CRC"):
        unpack(source, target, quiet)


def test_a_folder_without_end_is_not_read_to_its_end(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(_self: Path, _pattern: str) -> Iterator[Path]:
        while True:
            yield source / "a"

    source = make_folder(tmp_path / "m", {"a": b"x"})
    monkeypatch.setattr(unpacking, "MOST_FILES", 20)
    monkeypatch.setattr(Path, "rglob", endless)
    with pytest.raises(ModelError, match="more than 20 files"):
        unpack(source, target, quiet)


def test_something_else_is_no_archive(tmp_path: Path, target: Path) -> None:
    page = tmp_path / "m.zip"
    page.write_text("<html>Please log in</html>")
    with pytest.raises(ModelError, match="not a whole zip or tar"):
        unpack(page, target, quiet)


def test_the_model_is_found_one_or_two_levels_down(tmp_path: Path) -> None:
    make_folder(tmp_path / "deep/er", FILES)
    assert model_root(tmp_path / "deep") == tmp_path / "deep/er/model"
    assert model_root(tmp_path / "deep/er/model") == tmp_path / "deep/er/model"
    with pytest.raises(ModelError, match="no Vosk model"):
        model_root(tmp_path / "deep/er/model/conf")
    make_folder(tmp_path / "deep/second", FILES)
    with pytest.raises(ModelError, match="2 models"):
        model_root(tmp_path / "deep")


def test_what_a_mac_adds_is_left_out(tmp_path: Path, target: Path) -> None:
    files = {**FILES, "__MACOSX/model/._a": b"x", "model/.DS_Store": b"x"}
    unpack(make_zip(tmp_path / "m.zip", files), target, quiet)
    assert written(target) == FILES


def test_a_cut_tar_that_is_not_packed_is_damaged(tmp_path: Path, target: Path) -> None:
    source = SOURCES["tar"](tmp_path)
    source.write_bytes(source.read_bytes()[:1000])  # within the first file
    with pytest.raises(ModelError, match=r"shorter|archive"):
        unpack(source, target, quiet)
