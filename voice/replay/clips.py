"""Turns a scenario's audio files into frames ready to send, with where speech begins and ends in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from voice.audio.g711 import ulaw_encode
from voice.audio.wav import read_pcm
from voice.errors import AudioError, ScenarioError
from voice.model import FRAME_BYTES, FRAME_MS
from voice.replay.scenario import Expected, Scenario, Source, Step

SPEECH_BELOW_PEAK_DB = 40.0
"""A frame is speech when it is at most this far below the clip's loudest frame. On the project's own callers
this ends within one frame of what webrtcvad (mode 3) and an energy gate call the end; at 30 dB soft endings
(-s, -ct) were cut by up to 200 ms."""

FULL_SCALE = 32768.0


@dataclass(frozen=True, slots=True)
class Clip:
    """20 ms frames of 16-bit PCM; ``first`` and ``last`` are the indices of the outer speech frames."""

    frames: tuple[bytes, ...]
    first: int
    last: int

    @property
    def ms(self) -> int:
        return len(self.frames) * FRAME_MS


@dataclass(frozen=True, slots=True)
class ScriptStep:
    """A scenario's step with its audio; ``where`` is file and line for messages."""

    spec: Step
    where: str
    clip: Clip | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """All a caller needs, in memory. ``noise`` is looped under everything the caller sends."""

    scenario: Scenario
    steps: tuple[ScriptStep, ...]
    noise: tuple[bytes, ...] = ()


def frames_of(pcm: bytes) -> tuple[bytes, ...]:
    """20 ms frames; the last one is filled with silence."""
    padded = pcm + bytes(-len(pcm) % FRAME_BYTES)
    return tuple(padded[i : i + FRAME_BYTES] for i in range(0, len(padded), FRAME_BYTES))


def _levels(frames: tuple[bytes, ...]) -> npt.NDArray[np.float64]:
    samples = np.frombuffer(b"".join(frames), "<i2").astype(np.float64).reshape(len(frames), -1)
    return np.asarray(np.sqrt((samples**2).mean(axis=1)))


def clip_of(pcm: bytes) -> Clip:
    """Raises :class:`AudioError` for audio without a sound in it."""
    frames = frames_of(pcm)
    levels = _levels(frames) if frames else np.zeros(1)
    loud = np.flatnonzero(levels >= max(levels.max() * 10 ** (-SPEECH_BELOW_PEAK_DB / 20), 20.0))
    if not len(loud):
        raise AudioError("the audio is silent; record it again")
    return Clip(frames, int(loud[0]), int(loud[-1]))


def load_clip(path: Path) -> Clip:
    """Any audio file. Raises :class:`AudioError` with what to do."""
    pcm = read_pcm(path)
    try:
        return clip_of(pcm)
    except AudioError as error:
        raise AudioError(f"{path}: {error}") from error


def load_script(source: Source) -> Script:
    """Reads the scenario's audio. Raises :class:`ScenarioError` naming the step whose audio is missing."""
    steps = []
    for index, spec in enumerate(source.scenario.steps):
        path = source.audio_file(index)
        clip = None
        if path is not None:
            if not path.exists():
                made = "; make it with: python audio_fixtures/make.py" if spec.say is not None else ""
                raise ScenarioError(f"{source.where(index)}: its audio {path} does not exist{made}")
            clip = load_clip(path)
        steps.append(ScriptStep(spec, source.where(index), clip))
    return Script(source.scenario, tuple(steps), _noise(source, steps))


def _noise(source: Source, steps: list[ScriptStep]) -> tuple[bytes, ...]:
    path = source.noise_file()
    if path is None:
        return ()
    if not path.exists():
        raise ScenarioError(
            f"{source.path}:1: its noise {path} does not exist; make it with: python audio_fixtures/make.py"
        )
    noise = np.frombuffer(read_pcm(path), "<i2").astype(np.float64)
    level = np.sqrt((noise**2).mean())
    speech = [_levels(s.clip.frames[s.clip.first : s.clip.last + 1]) for s in steps if s.clip]
    wanted = np.sqrt((np.concatenate(speech) ** 2).mean()) if speech else FULL_SCALE / 10
    gain = wanted * 10 ** (-source.scenario.noise.snr_db / 20) / max(level, 1.0)
    return frames_of(np.clip(noise * gain, -32768, 32767).astype("<i2").tobytes())


def audio_script(path: Path, lang: str | None = None, start_ms: int | None = None) -> Script:
    """A caller who plays one recording: after the first prompt, or ``start_ms`` into the call, then
    listens to the answer and hangs up. ``lang`` asks the line to begin in that language."""
    before = {"wait": "prompt_end", "within_ms": 30_000} if start_ms is None else {"silent": start_ms}
    scenario = Scenario.model_validate(
        {
            "name": re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "recording",
            "summary": path.name,
            "lang": lang or "es",
            "parameters": {"lang": lang} if lang else {},
            "steps": [
                before,
                {"play": str(path)},
                {"wait": "prompt_end", "within_ms": 30_000},
                {"hang_up": True},
            ],
            "expect": Expected(),
        }
    )
    where = str(path)
    steps = [ScriptStep(s, where, load_clip(path) if s.play else None) for s in scenario.steps]
    return Script(scenario, tuple(steps))


def mix(pcm: bytes, noise: bytes) -> bytes:
    """Two frames as one, clipped."""
    total = np.frombuffer(pcm, "<i2").astype(np.int32) + np.frombuffer(noise, "<i2")
    return bytes(np.clip(total, -32768, 32767).astype("<i2").tobytes())


def encode(pcm: bytes) -> bytes:
    """A frame as it goes over the wire: mu-law."""
    return ulaw_encode(pcm)
