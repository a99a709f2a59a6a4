"""Audio files: anything libsndfile reads becomes 8 kHz mono PCM; what we write is plain WAV.

The WAV layout is that of the "Multimedia Programming Interface and Data Specifications 1.0" (IBM and
Microsoft, 1991): RIFF, ``fmt`` with format 1 (PCM), ``data``.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import soundfile

from voice.audio.resample import resample
from voice.errors import AudioError
from voice.model import SAMPLE_RATE

HEADER_BYTES = 44
MAX_DATA_BYTES = 0xFFFFFFFF - HEADER_BYTES


def read_pcm(path: Path | str) -> bytes:
    """The file as 8 kHz mono PCM; channels are averaged. Raises :class:`AudioError` saying what to do."""
    path = Path(path)
    try:
        size = path.stat().st_size
    except OSError as error:
        raise AudioError(f"{path}: cannot be opened ({error.strerror}); check the path") from error
    if path.is_dir():
        raise AudioError(f"{path}: is a directory; name an audio file in it")
    if size == 0:
        raise AudioError(f"{path}: the file is empty; record or copy it again")
    try:
        samples, rate = soundfile.read(path, dtype="int16", always_2d=True)
    except (soundfile.SoundFileError, OSError, ValueError) as error:
        raise AudioError(
            f"{path}: cannot be read as audio; use WAV, FLAC, OGG or MP3 "
            f"(convert with: ffmpeg -i INPUT -ar 8000 -ac 1 OUTPUT.wav)"
        ) from error
    if len(samples) == 0:
        raise AudioError(f"{path}: holds no audio samples; record it again")
    if samples.shape[1] == 1:
        mono = samples[:, 0]
    else:
        mono = np.rint(samples.mean(axis=1, dtype=np.float64)).astype(np.int16)
    return resample(mono.astype("<i2").tobytes(), int(rate), SAMPLE_RATE)


def wav_header(data_bytes: int, channels: int = 1, rate: int = SAMPLE_RATE) -> bytes:
    """The 44 bytes before ``data_bytes`` of 16-bit PCM."""
    if data_bytes > MAX_DATA_BYTES:
        raise AudioError("a WAV file holds at most 4 GiB; record in shorter files")
    width = channels * 2
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", 36 + data_bytes, b"WAVE",
        b"fmt ", 16, 1, channels, rate, rate * width, width, 16,
        b"data", data_bytes,
    )  # fmt: skip


def interleave(left: bytes | bytearray, right: bytes | bytearray) -> bytes:
    """Two channels as one stereo stream; the shorter one is filled with silence."""
    length = max(len(left), len(right)) // 2
    stereo = np.zeros((length, 2), dtype="<i2")
    stereo[: len(left) // 2, 0] = np.frombuffer(left, dtype="<i2", count=len(left) // 2)
    stereo[: len(right) // 2, 1] = np.frombuffer(right, dtype="<i2", count=len(right) // 2)
    return stereo.tobytes()


def write_wav(path: Path | str, pcm: bytes | bytearray, rate: int = SAMPLE_RATE) -> None:
    """Mono. Raises :class:`AudioError` when the file cannot be written."""
    _write(Path(path), bytes(pcm), 1, rate)


def write_stereo(
    path: Path | str, left: bytes | bytearray, right: bytes | bytearray, rate: int = SAMPLE_RATE
) -> None:
    """Two channels; the shorter one is filled with silence. Raises :class:`AudioError`."""
    _write(Path(path), interleave(left, right), 2, rate)


def _write(path: Path, data: bytes, channels: int, rate: int) -> None:
    header = wav_header(len(data), channels, rate)
    try:
        path.write_bytes(header + data)
    except OSError as error:
        raise AudioError(f"{path}: cannot be written ({error.strerror}); check folder and space") from error
