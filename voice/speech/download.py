"""Fetches one large file over HTTP so that nothing is lost when the line, the server or this process breaks.

What has come so far lies in ``TARGET.part`` beside ``TARGET.part.json``, which holds the server's validator
(a strong ETag, else Last-Modified). A second run asks for the rest with ``Range`` and ``If-Range`` (RFC 9110,
14.2 and 13.1.5): a server that changed the file meanwhile, or that knows no ranges, answers with the whole
and it is begun again. The standard library's client is enough here: one transfer at a time, no event loop,
and it honours HTTPS_PROXY, HTTP_PROXY and NO_PROXY by itself.
"""

from __future__ import annotations

import errno
import hashlib
import http.client
import json
import re
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import urlsplit

from voice import __version__
from voice.errors import ModelError
from voice.speech.catalogue import Checksum

PIECE: Final = 1 << 18
STALL_SECONDS: Final = 30  # without a single byte; a slow server that sends something may take for ever
ATTEMPTS: Final = 5  # in a row without a byte more
LARGEST: Final = 16 << 30
_MARGIN: Final = 64 << 20  # left free on the disk
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")

Progress = Callable[[int, int], None]


class Unreachable(ModelError):
    """The server cannot be reached from here (no network, a proxy that refuses, no such host)."""


class Refused(ModelError):
    """The server answered that it will not give the file."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """What to fetch. ``size`` is the whole file's in bytes (0: not known); ``sleep`` waits between tries."""

    url: str
    size: int = 0
    stall_seconds: float = STALL_SECONDS
    sleep: Callable[[float], None] = time.sleep


class _Broken(Exception):
    """The connection ended before the file did."""


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but never from https down to http."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if req.full_url.startswith("https:") and not newurl.startswith("https:"):
            raise Refused(f"{req.full_url}: redirects to an unprotected address ({newurl}); fetch it by hand")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def read_small(url: str, limit: int = 4 << 20) -> bytes:
    """A small document. Raises :class:`Unreachable` or :class:`Refused`."""
    try:
        with _open(_request(url), STALL_SECONDS) as response:
            data: bytes = response.read(limit + 1)
    except (OSError, http.client.HTTPException, _Broken) as error:
        raise Unreachable(f"{url}: {_reason(error)}") from error
    if len(data) > limit:
        raise Refused(f"{url}: larger than expected (more than {limit >> 20} MiB); fetch it by hand")
    return data


def fetch(transfer: Transfer, target: Path, progress: Progress) -> bool:
    """Brings a file to ``target``, going on where an earlier run stopped; True: some of it was older.

    ``progress`` is called with the bytes that are here and the bytes there will be (0: not known). The file
    appears under its own name only when all of it is here; its content is the caller's to check.
    Raises :class:`Unreachable`, :class:`Refused`, or :class:`ModelError` for a disk that is full.
    """
    part = _Part(target)
    older = part.length() > 0
    fruitless = 0
    while True:
        before = part.length()
        try:
            _continue(transfer, part, progress)
            break
        except (_Broken, Unreachable) as error:
            if not part.length() and isinstance(error, Unreachable):
                raise
            fruitless = 0 if part.length() > before else fruitless + 1
            if fruitless == ATTEMPTS:
                raise Unreachable(
                    f"{transfer.url}: broke off {ATTEMPTS} times ({error}); what has come is kept, run the "
                    "same command again to go on"
                ) from error
            transfer.sleep(float(2**fruitless))
    part.finish()
    return older


class _Part:
    """The unfinished file and what the server said about it."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self.path = target.with_name(f"{target.name}.part")
        self._notes = target.with_name(f"{target.name}.part.json")

    def length(self) -> int:
        return self.path.stat().st_size if self.path.is_file() else 0

    def validator(self, url: str) -> str:
        """What the server named the version that we have a part of; empty: not known, begin again."""
        try:
            notes = json.loads(self._notes.read_text(encoding="utf-8"))
            return str(notes["validator"]) if notes["url"] == url else ""
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def begin(self, url: str, validator: str) -> None:
        self.path.unlink(missing_ok=True)
        self._notes.write_text(json.dumps({"url": url, "validator": validator}), encoding="utf-8")

    def finish(self) -> None:
        self.path.replace(self._target)
        self._notes.unlink(missing_ok=True)


def arrived(target: Path) -> int:
    """How many bytes of a download are here."""
    return target.stat().st_size if target.is_file() else _Part(target).length()


def discard(target: Path) -> None:
    """Forgets a download, finished or not."""
    part = _Part(target)
    for path in (target, part.path, part._notes):
        path.unlink(missing_ok=True)


def _continue(transfer: Transfer, part: _Part, progress: Progress) -> None:
    """One connection. Raises :class:`_Broken` when it should be tried again."""
    have, validator = part.length(), part.validator(transfer.url)
    if transfer.size and have > transfer.size:
        have = 0
    if transfer.size and have == transfer.size:
        return
    request = _request(transfer.url)
    if have and validator:
        request.add_header("Range", f"bytes={have}-")
        request.add_header("If-Range", validator)
    try:
        response = _open(request, transfer.stall_seconds)
    except _Unsatisfiable:  # the file is no longer than the part, so the part is of another version
        part.begin(transfer.url, "")
        raise _Broken("the file became shorter") from None
    with response:
        start, total = _extent(response)
        if start and start != have:
            part.begin(transfer.url, "")
            raise _Broken("the server sent another part than it was asked for")
        if not start:
            part.begin(transfer.url, _validator(response))
        if transfer.size and total and total != transfer.size:
            raise Refused(
                f"{transfer.url}: is {total} bytes now, not {transfer.size} as this version knows it; "
                "if the publisher renewed it, fetch it by hand and give --from and --checksum"
            )
        total = total or transfer.size
        if total > LARGEST:
            raise Refused(f"{transfer.url}: claims to be {total} bytes; no model is so large")
        need_space(part.path.parent, total - start)
        _copy(response, part, start, total, progress)


def _copy(response: Any, part: _Part, start: int, total: int, progress: Progress) -> None:
    here = start
    with part.path.open("ab") as file:
        progress(here, total)
        while True:
            try:
                piece = response.read1(PIECE)
            except (OSError, http.client.HTTPException) as error:
                raise _Broken(_reason(error)) from error
            if not piece:
                break
            here += len(piece)
            if here > (total or LARGEST):
                raise Refused("the server sent more bytes than it announced; fetch the file by hand")
            try:
                file.write(piece)
            except OSError as error:
                raise _disk_error(part.path, error) from error
            progress(here, total)
    if total and here < total:
        raise _Broken(f"{here} of {total} bytes came")


class _Unsatisfiable(Exception):
    pass


def _open(request: urllib.request.Request, timeout: float) -> Any:
    address = urlsplit(request.full_url)
    if address.username or address.password:
        raise Refused(f"{address.hostname}: addresses with a password are not fetched; fetch it by hand")
    if address.scheme not in ("http", "https") or not address.hostname:
        raise Refused(f"{request.full_url}: only http:// and https:// addresses are fetched")
    opener = urllib.request.build_opener(_Redirects())
    try:
        return opener.open(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        with error:
            if error.code == 416:
                raise _Unsatisfiable from None
            if error.code in (408, 429, 500, 502, 503, 504):
                raise _Broken(f"status {error.code}") from None
            raise Refused(
                f"{request.full_url}: the server answers {error.code} {error.reason}"
                + ("; the file may have moved" if error.code in (404, 410) else "")
            ) from None
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"{request.full_url}: {_reason(error)}") from error


def _request(url: str) -> urllib.request.Request:
    # identity: a length and a range of something packed on the way would not be the file's
    headers = {"User-Agent": f"centralita/{__version__}", "Accept-Encoding": "identity"}
    return urllib.request.Request(url, headers=headers)  # noqa: S310 - _open refuses all but http and https


def _extent(response: Any) -> tuple[int, int]:
    """Where the body starts in the file, and the length of the whole file (0: not said)."""
    if response.status == 206:
        match = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if match is None:
            raise _Broken("a partial answer that does not say which part")
        return int(match[1]), int(match[2]) if match[2] != "*" else 0
    length = response.headers.get("Content-Length", "")
    return 0, int(length) if length.isdecimal() else 0


def _validator(response: Any) -> str:
    tag: str = response.headers.get("ETag", "")
    return tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified", "")


def _reason(error: BaseException) -> str:
    inner = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
    return str(inner) or type(error).__name__


def need_space(folder: Path, size: int) -> None:
    """Raises :class:`ModelError` when ``size`` bytes and a margin do not fit on the folder's disk."""
    free = shutil.disk_usage(folder).free
    if free < size + _MARGIN:
        raise ModelError(
            f"{folder}: {(size + _MARGIN) / 1e9:.2f} GB are needed and {free / 1e9:.2f} GB are free; "
            "free some space or choose another data folder with --data"
        )


def _disk_error(path: Path, error: OSError) -> ModelError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ModelError(
            f"{path}: the disk is full; what has come is kept: free some space and run the same command again"
        )
    return ModelError(f"{path}: cannot be written ({error.strerror or error})")


def digest(path: Path, algorithm: str, progress: Progress | None = None) -> Checksum:
    """The checksum of a file's bytes."""
    made = hashlib.new(algorithm, usedforsecurity=False)
    total, here = path.stat().st_size, 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            made.update(piece)
            here += len(piece)
            if progress is not None:
                progress(here, total)
    return Checksum(algorithm, made.hexdigest())
