from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from voice.audio.wav import interleave, read_pcm, wav_header, write_stereo, write_wav
from voice.errors import AudioError

PCM = (8000 * np.sin(np.arange(1600) / 5)).astype("<i2").tobytes()


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write_wav(path, PCM)
    assert read_pcm(path) == PCM
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (1, 8000, 2)
        assert file.readframes(10_000) == PCM


def test_stereo_keeps_caller_left_and_agent_right_and_fills_the_shorter(tmp_path: Path) -> None:
    path = tmp_path / "s.wav"
    write_stereo(path, PCM, PCM[:400])
    samples, rate = soundfile.read(path, dtype="int16")
    assert rate == 8000
    assert samples[:, 0].tobytes() == PCM
    assert samples[:, 1].tobytes() == PCM[:400] + bytes(len(PCM) - 400)
    assert interleave(b"\1\0", b"\2\0") == b"\1\0\2\0"
    assert interleave(b"", b"") == b""


def test_channels_are_averaged_and_rates_converted(tmp_path: Path) -> None:
    path = tmp_path / "s.flac"
    tone = (8000 * np.sin(2 * np.pi * 440 * np.arange(44100) / 44100)).astype(np.int16)
    soundfile.write(path, np.stack([tone, np.zeros_like(tone)], axis=1), 44100)
    samples = np.frombuffer(read_pcm(path), dtype="<i2").astype(float)
    assert len(samples) == pytest.approx(8000, abs=1)
    expected = 4000 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)
    assert np.abs(samples[200:7800] - expected[200:7800]).max() < 30


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.wav", None, "check the path"),
        ("empty.wav", b"", "file is empty"),
        ("letter.wav", b"Dear sir, this is no sound.", "cannot be read as audio"),
        ("cut.wav", wav_header(1000)[:20], "cannot be read as audio"),
        ("nothing.wav", wav_header(0), "holds no audio"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(AudioError, match=message) as error:
        read_pcm(path)
    assert name in str(error.value)


def test_directories_and_unwritable_places(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="is a directory"):
        read_pcm(tmp_path)
    with pytest.raises(AudioError, match="cannot be written"):
        write_wav(tmp_path / "no" / "such" / "folder.wav", PCM)
    with pytest.raises(AudioError, match="4 GiB"):
        wav_header(2**32)
