"""festival's diphone voices, in one process a voice: an American, and Italians who speak Spanish.

They are given every sound, how long it lasts and at what pitch, all from espeak-ng's timing of the text. So
the times of the phones are exact, and Spanish has two more people's voices.
"""

from __future__ import annotations

import atexit
import random
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import soundfile

from tools.acoustic_model.engines import espeak
from tools.acoustic_model.takes import Segments, Take
from voice.speech.phones import PHONES, SILENCE


@dataclass(frozen=True, slots=True)
class Voice:
    lang: str
    command: str  # festival's name for the voice
    folder: str  # where Debian puts it
    package: str
    pitch: int  # Hz, about what it speaks at
    sounds: dict[str, str]


_ITALIAN = {phone: phone for phone in PHONES["es"]} | {
    "ny": "J",
    "rr": "r r",
    "y": "dZ",
    "T": "s",
    SILENCE: "#",
}
_ITALIAN.pop("x")  # no Italian says it
_RADIO = {phone: phone.lower() for phone in PHONES["en"]} | {SILENCE: "pau"}
_VOICES = "/usr/share/festival/voices"

VOICES = {
    "lp": Voice("es", "voice_lp_diphone", f"{_VOICES}/italian/lp_diphone", "festvox-italp16k", 190, _ITALIAN),
    "pc": Voice("es", "voice_pc_diphone", f"{_VOICES}/italian/pc_diphone", "festvox-itapc16k", 115, _ITALIAN),
    "ked": Voice(
        "en", "voice_ked_diphone", f"{_VOICES}/english/ked_diphone", "festvox-kdlpc16k", 105, _RADIO
    ),
}
HELD_OUT = frozenset({"pc", "ked"})

_READY = "READY"
_PROCESSES: dict[str, subprocess.Popen[str]] = {}
_VOWELS = frozenset(PHONES["es"][:5])  # the Italian voices have stressed ones: a1, e1 ...
_EDGE = 0.1  # seconds of silence
_SHORTEST = 0.03  # seconds: a shorter sound has no room for the halves of two diphones


def installed(name: str) -> bool:
    return Path("/usr/bin/festival").is_file() and Path(VOICES[name].folder).is_dir()


def synthesise(text: str, spoken: str, name: str, rng: random.Random) -> Take | None:
    """``spoken`` at a random tempo and pitch, by a speaker a little bigger or smaller than the voice's."""
    voice = VOICES[name]
    size = rng.uniform(0.92, 1.1)
    timed = espeak.timed_phones(spoken, voice.lang, round(rng.uniform(110, 200)))
    if timed is None or any(phone not in voice.sounds for phone, _, _ in timed[0]):
        return None
    durations, stressed = _framed(*timed)
    base = voice.pitch * rng.uniform(0.8, 1.3) / size
    lively = rng.uniform(0.05, 0.3)
    items: list[str] = []
    ends: list[float] = []
    for index, ((phone, seconds), stress) in enumerate(zip(durations, stressed, strict=True)):
        lasts = max(_SHORTEST, seconds * size)
        names = [f"{phone}1"] if stress and phone in _VOWELS else voice.sounds[phone].split()
        falling = 1.1 - 0.25 * index / len(durations) + rng.uniform(-0.03, 0.03)
        pitch = base * (falling + (lively if stress else 0))
        share = lasts / len(names)
        items += [f"({sound} {share:.4f} ({share / 2:.4f} {pitch:.0f}))" for sound in names]
        ends.append((ends[-1] if ends else 0.0) + lasts)
    with tempfile.TemporaryDirectory(prefix="festival-") as folder:
        path = Path(folder) / "take.wav"
        _say(name, f'(utt.save.wave (utt.synth (Utterance Segments ({" ".join(items)}))) "{path}" \'riff)')
        if not path.is_file():  # a pair of sounds that the voice has no diphone for
            return None
        samples, rate = soundfile.read(path, dtype="int16")
    bounds = [0, *(min(len(samples), round(at * rate)) for at in ends[:-1]), len(samples)]
    exact = tuple(
        (phone, start, stop)
        for (phone, _), start, stop in zip(durations, bounds, bounds[1:], strict=False)
        if stop > start
    )
    pcm = samples.astype("float32")
    return Take(text, voice.lang, f"festival:{name}", pcm, round(rate * size / 50) * 50, exact)


def _framed(
    segments: Segments, stressed: list[bool], clock: int
) -> tuple[list[tuple[str, float]], list[bool]]:
    """Each phone and its seconds, with a silence at both ends: a diphone voice cannot start in a sound."""
    durations = [
        (phone, (end - start) / clock) for phone, start, end in segments if phone != SILENCE or start
    ]
    stresses = [
        stress
        for (phone, start, _), stress in zip(segments, stressed, strict=True)
        if phone != SILENCE or start
    ]
    durations.insert(0, (SILENCE, _EDGE))
    stresses.insert(0, False)
    if durations[-1][0] != SILENCE:
        durations.append((SILENCE, _EDGE))
        stresses.append(False)
    return durations, stresses


def _say(name: str, command: str) -> None:
    """Runs one command in the voice's process and waits until it is done."""
    process = _PROCESSES.get(name) or _start(name)
    _run(process, command)


def _start(name: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        ["/usr/bin/festival", "--pipe"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    _PROCESSES[name] = process
    atexit.register(process.kill)
    _run(process, f"({VOICES[name].command})")
    return process


def _run(process: subprocess.Popen[str], command: str) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f'{command}\n(format t "\\n{_READY}\\n")(fflush nil)\n')
    process.stdin.flush()
    for line in process.stdout:
        if line.strip() == _READY:
            return
    raise RuntimeError(f"festival ended with {process.wait()}")
