"""Large files come whole or not at all, over lines and from servers that break."""

from __future__ import annotations

import errno
import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.speech.model_server import Served, serving
from voice.errors import ModelError
from voice.speech import download
from voice.speech.download import Refused, Transfer, Unreachable, arrived, digest, discard, fetch

CONTENT = bytes(range(256)) * 4000  # about 1 MB, no part of it like another when hashed
OTHER = CONTENT[::-1]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def quiet(_done: int, _total: int) -> None:
    pass


def bring(served: Served, target: Path, size: int = 0, waits: list[float] | None = None) -> bool:
    sleep = (waits if waits is not None else []).append
    return fetch(Transfer(served.url, size, 5.0, sleep), target, quiet)


def test_a_file_comes_whole_with_progress(tmp_path: Path) -> None:
    target, seen = tmp_path / "model", []
    with serving(Served(CONTENT)) as served:
        older = fetch(Transfer(served.url, len(CONTENT)), target, lambda d, t: seen.append((d, t)))
    assert target.read_bytes() == CONTENT
    assert not older
    assert seen[0] == (0, len(CONTENT))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_cut_line_is_taken_up_where_it_broke(tmp_path: Path) -> None:
    waits: list[float] = []
    with serving(Served(CONTENT, cut_after=[300_000, 100_000])) as served:
        assert not bring(served, tmp_path / "model", waits=waits)
        assert served.requests == [None, "bytes=300000-", "bytes=400000-"]
    assert (tmp_path / "model").read_bytes() == CONTENT
    assert waits == [1.0, 1.0]  # each try brought something


def test_a_server_that_falls_silent_is_asked_for_the_rest(tmp_path: Path) -> None:
    with serving(Served(CONTENT, cut_after=[300_000], hang=True)) as served:
        fetch(Transfer(served.url, 0, 0.2, lambda _seconds: None), tmp_path / "model", quiet)
        assert served.requests == [None, "bytes=300000-"]
    assert (tmp_path / "model").read_bytes() == CONTENT


def test_a_second_run_goes_on(tmp_path: Path) -> None:
    target = tmp_path / "model"
    with serving(Served(CONTENT, cut_after=[500_000] + [0] * download.ATTEMPTS)) as served:
        with pytest.raises(Unreachable, match="run the same command again"):
            bring(served, target)
        assert arrived(target) == 500_000
        assert not target.exists()
        assert bring(served, target)
        assert served.requests[-1] == "bytes=500000-"
    assert target.read_bytes() == CONTENT


def test_a_server_without_ranges_begins_again(tmp_path: Path) -> None:
    with serving(Served(CONTENT, ranges=False, cut_after=[300_000])) as served:
        bring(served, tmp_path / "model")
        assert served.requests == [None, "bytes=300000-"]
    assert (tmp_path / "model").read_bytes() == CONTENT


def test_without_a_validator_no_part_is_trusted(tmp_path: Path) -> None:
    with serving(Served(CONTENT, etag="", cut_after=[300_000])) as served:
        bring(served, tmp_path / "model")
        assert served.requests == [None, None]
    assert (tmp_path / "model").read_bytes() == CONTENT


@pytest.mark.parametrize("other", [OTHER, OTHER[:200_000]], ids=["same length", "shorter than the part"])
def test_a_file_that_changes_in_between_is_not_mixed(tmp_path: Path, other: bytes) -> None:
    with serving(Served(CONTENT, cut_after=[300_000], change_after_cut=other)) as served:
        bring(served, tmp_path / "model")
    assert (tmp_path / "model").read_bytes() == other


def test_a_part_longer_than_the_file_is_dropped(tmp_path: Path) -> None:
    target = tmp_path / "model"
    with serving(Served(CONTENT, cut_after=[300_000] + [0] * 9)) as served:
        with pytest.raises(Unreachable):
            bring(served, target)
        served.content, served.cut_after = OTHER[:1000], []  # the same ETag, to provoke a 416
        bring(served, target)
    assert target.read_bytes() == OTHER[:1000]


def test_another_part_than_asked_for_is_not_appended(tmp_path: Path) -> None:
    with serving(Served(CONTENT, cut_after=[300_000], wrong_part=True)) as served:
        bring(served, tmp_path / "model")
    assert (tmp_path / "model").read_bytes() == CONTENT


def test_busy_servers_are_asked_again_and_a_missing_file_is_not(tmp_path: Path) -> None:
    waits: list[float] = []
    with serving(Served(CONTENT, statuses=[503, 429])) as served:
        bring(served, tmp_path / "model", waits=waits)
        assert waits == [2.0, 4.0]
        served.statuses = [404]
        with pytest.raises(Refused, match="404 Not Found; the file may have moved"):
            bring(served, tmp_path / "other")
        assert len(served.requests) == 4


def test_a_file_of_another_size_is_refused_before_it_is_fetched(tmp_path: Path) -> None:
    with serving(Served(CONTENT)) as served, pytest.raises(Refused, match="not 999"):
        bring(served, tmp_path / "model", size=999)
    assert arrived(tmp_path / "model") == 0


def test_nobody_there_says_so(tmp_path: Path) -> None:
    with serving(Served(CONTENT)) as served:
        pass
    with pytest.raises(Unreachable, match="refused"):
        bring(served, tmp_path / "model")


def test_a_proxy_of_the_environment_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Served(CONTENT)) as served:
        monkeypatch.setenv("http_proxy", served.url.rsplit("/", 1)[0])
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        fetch(Transfer("http://models.example/model.zip"), tmp_path / "model", quiet)
    assert (tmp_path / "model").read_bytes() == CONTENT


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/x", "http://user:secret@host/x"])
def test_only_plain_web_addresses_are_fetched(tmp_path: Path, url: str) -> None:
    with pytest.raises(Refused) as caught:
        fetch(Transfer(url), tmp_path / "model", quiet)
    assert "secret" not in str(caught.value)


def test_a_redirect_never_leaves_encryption(tmp_path: Path) -> None:
    handler, request = download._Redirects(), download._request("https://host/model.zip")
    with pytest.raises(Refused, match="unprotected"):
        handler.redirect_request(request, None, 302, "", {}, "http://host/model.zip")  # type: ignore[arg-type]  # no answer is read
    with serving(Served(CONTENT)) as real, serving(Served(b"", location=real.url)) as first:
        bring(first, tmp_path / "model")
    assert (tmp_path / "model").read_bytes() == CONTENT


def test_too_little_space_is_known_beforehand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=len(CONTENT)))
    with serving(Served(CONTENT)) as served, pytest.raises(ModelError, match="GB are needed and"):
        bring(served, tmp_path / "model")
    assert arrived(tmp_path / "model") == 0


class _FullDisk:
    """A file on a disk with room for ``room`` bytes."""

    def __init__(self, file: Any, room: int) -> None:
        self._file, self._room = file, room

    def __enter__(self) -> _FullDisk:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def write(self, data: bytes) -> int:
        self._room -= len(data)
        if self._room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return int(self._file.write(data))


def test_a_disk_that_fills_up_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, real = tmp_path / "model", Path.open

    def small_disk(path: Path, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        file = real(path, mode, *args, **kwargs)
        return _FullDisk(file, 600_000) if mode == "ab" else file

    with serving(Served(CONTENT)) as served:
        with monkeypatch.context() as patched:
            patched.setattr(Path, "open", small_disk)
            with pytest.raises(ModelError, match="the disk is full"):
                bring(served, target)
        assert 0 < arrived(target) <= 600_000
        assert bring(served, target)
    assert target.read_bytes() == CONTENT


def test_digests_and_discarding(tmp_path: Path) -> None:
    target = tmp_path / "model"
    target.write_bytes(CONTENT)
    assert digest(target, "sha256").digest == hashlib.sha256(CONTENT).hexdigest()
    assert str(digest(target, "md5")) == f"md5:{hashlib.md5(CONTENT).hexdigest()}"
    (tmp_path / "model.part").touch()
    discard(target)
    assert list(tmp_path.iterdir()) == []
