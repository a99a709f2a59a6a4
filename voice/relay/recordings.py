"""Recordings that an external application has us play: fetched, decoded and kept for a while.

Which addresses may be asked is decided before (:func:`voice.relay.messages.may_play`). No redirects and no
proxies are followed, TLS is verified, and time, size (nothing is unpacked on the way), channels and length
are bounded: what is longer is cut, and what cannot be played is left out with a warning in the log, so that
the conversation goes on.
"""

from __future__ import annotations

import asyncio
import io
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol
from urllib.parse import urlsplit

import aiohttp
import numpy as np
import soundfile
import soxr

from voice.errors import CentralitaError, EngineError
from voice.model import SAMPLE_RATE
from voice.speech.seam import Speaking

log = logging.getLogger(__name__)

FETCH_SECONDS: Final = 3  # the caller hears nothing meanwhile
MOST_BYTES: Final = 4 * 2**20
MOST_MS: Final = 60_000
MOST_IMPOSED_MS: Final = 30_000  # where the caller cannot interrupt it
KEPT: Final = 8  # decoded ones
KEPT_SECONDS: Final = 300
_BYTES_A_MS: Final = SAMPLE_RATE * 2 // 1000
_PIECE: Final = 65_536  # bytes fetched, or samples decoded, at once
_LEAST_RATE: Final = 4_000
_MOST_RATE: Final = 192_000
_MOST_CHANNELS: Final = 2  # 100 KB of FLAC hold a minute of silence on eight: 400 MB of samples
_NOT_KEPT: Final = ("no-store", "no-cache", "private", "max-age=0")
_HEADERS: Final = {"Accept-Encoding": "identity"}

OnAudio = Callable[[bytes], None]
OnDone = Callable[[EngineError | None], None]


class RecordingError(CentralitaError):
    """A recording cannot be played; the text says why."""


class Player(Protocol):
    """Plays recordings into calls."""

    def play(self, source: str, loop: int, *, imposed: bool, on_audio: OnAudio, on_done: OnDone) -> Speaking:
        """``on_audio`` gets 8 kHz PCM; ``on_done`` comes once, after it or when there is none."""


def decoded(data: bytes) -> bytes:
    """8 kHz mono PCM of an audio file (WAV, FLAC, OGG, MP3 ...), at most :data:`MOST_MS` of it. Raises
    :class:`RecordingError`."""
    made: list[np.ndarray] = []
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            rate, channels = file.samplerate, file.channels
            if not _LEAST_RATE <= rate <= _MOST_RATE or channels > _MOST_CHANNELS:
                raise RecordingError(f"{channels} channels of {rate} samples a second cannot be played")
            stream = soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32", quality="HQ")
            left = rate * MOST_MS // 1000
            while left > 0 and len(block := file.read(min(_PIECE, left), dtype="float32", always_2d=True)):
                left -= len(block)
                mono = np.nan_to_num(block.mean(axis=1, dtype=np.float32))
                made.append(stream.resample_chunk(mono))
            made.append(stream.resample_chunk(np.zeros(0, np.float32), last=True))
    except soundfile.LibsndfileError as error:
        raise RecordingError("this is no audio file that can be read (WAV, FLAC, OGG, MP3)") from error
    return bytes((np.clip(np.concatenate(made), -1.0, 1.0) * 32_767).astype("<i2"))


def looped(pcm: bytes, loop: int, most_ms: int) -> bytes:
    """``pcm`` so often, 0 for as long as may be, and no longer than ``most_ms``."""
    if not pcm:
        return b""
    most = most_ms * _BYTES_A_MS
    times = -(-most // len(pcm))
    return (pcm * (min(loop, times) if loop else times))[:most]


class _Playing:
    def __init__(self, task: asyncio.Task[None]) -> None:
        self._task = task

    def cancel(self) -> None:
        self._task.cancel()


class Recordings:
    """Shared by all calls of a process. A recording is kept for :data:`KEPT_SECONDS` unless its server
    forbids it (``Cache-Control``). ``close`` ends what is still being fetched."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._fetching: dict[str, asyncio.Task[bytes]] = {}

    def play(self, source: str, loop: int, *, imposed: bool, on_audio: OnAudio, on_done: OnDone) -> Speaking:
        """See :class:`Player`. Must be used from a running event loop."""
        most = MOST_IMPOSED_MS if imposed else MOST_MS
        return _Playing(asyncio.ensure_future(self._play(source, loop, most, on_audio, on_done)))

    async def _play(self, source: str, loop: int, most_ms: int, on_audio: OnAudio, on_done: OnDone) -> None:
        try:
            pcm = await asyncio.shield(self._of(source))
        except RecordingError as error:
            log.warning("a recording of %s is left out: %s", urlsplit(source).netloc, error)
        else:
            if made := looped(pcm, loop, most_ms):
                on_audio(made)
        on_done(None)

    def _of(self, source: str) -> asyncio.Task[bytes]:
        """One fetch for all calls that ask for it at once."""
        found = self._fetching.get(source)
        if found is None:
            found = self._fetching[source] = asyncio.ensure_future(self._fetched(source))
            found.add_done_callback(partial(self._no_longer, source))
        return found

    def _no_longer(self, source: str, fetch: asyncio.Task[bytes]) -> None:
        self._fetching.pop(source, None)
        if not fetch.cancelled():
            fetch.exception()  # seen, also where every call that asked has ended

    async def _fetched(self, source: str) -> bytes:
        kept = self._kept.get(source)
        if kept is not None and time.monotonic() - kept[0] < KEPT_SECONDS:
            self._kept.move_to_end(source)
            return kept[1]
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                data, keep = await self._get(source)
                pcm = await asyncio.to_thread(decoded, data)
        except TimeoutError as error:
            raise RecordingError(f"it did not come within {FETCH_SECONDS} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise RecordingError(f"it cannot be fetched ({type(error).__name__})") from error
        if not keep:
            return pcm
        self._kept[source] = (time.monotonic(), pcm)
        self._kept.move_to_end(source)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return pcm

    async def _get(self, source: str) -> tuple[bytes, bool]:
        """The file, and whether it may be kept."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=_HEADERS, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
            )
        async with self._session.get(source, allow_redirects=False) as response:
            if response.status != 200:
                raise RecordingError(f"the answer is {response.status}, not 200")
            data = bytearray()
            async for piece in response.content.iter_chunked(_PIECE):
                data += piece
                if len(data) > MOST_BYTES:
                    raise RecordingError(f"it is larger than {MOST_BYTES // 2**20} MiB")
            told = response.headers.get("Cache-Control", "").lower()
            return bytes(data), not any(word in told for word in _NOT_KEPT)

    async def close(self) -> None:
        for task in tuple(self._fetching.values()):
            task.cancel()
        await asyncio.gather(*self._fetching.values(), return_exceptions=True)
        if self._session is not None:
            await self._session.close()
