"""Makes the audio of the recorded callers from their scenarios, with espeak-ng from its wheel.

    python audio_fixtures/make.py            make what is missing, remove what no scenario says any more
    python audio_fixtures/make.py --all      make everything anew
    python audio_fixtures/make.py --check    verify that the audio here is what the scenarios say

Every text becomes 8 kHz telephone audio: 300-3400 Hz, -17 dBFS while speaking, mu-law and back, silence
trimmed. Noise is not in the speech files: a noise loop lies beside them and runs under the whole call.
Same input, same audio: there is no randomness but seeded noise.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
from rich.console import Console
from rich.progress import track

from voice.audio.g711 import ulaw_decode, ulaw_encode
from voice.errors import CentralitaError
from voice.model import SAMPLE_RATE
from voice.replay.scenario import Source, espeak_voice, load_all
from voice.speech.espeak import EspeakSynthesizer
from voice.speech.seam import Voice

ESPEAK = EspeakSynthesizer()
FOLDER = Path(__file__).parent
CALLERS = FOLDER / "callers"
AUDIO = FOLDER / "audio"
LEVEL_DBFS = -17.0
NOISE_DBFS = -30.0
TRIM_BELOW_PEAK_DB = 40.0
PAD_MS = 20
NOISE_LOOP_MS = 6000
BABBLE = (
    ("es+m7", "ayer fuimos a comprar el pan y luego nos quedamos un rato en la plaza"),
    ("en-us+f4", "they were talking about the weather all morning and nobody was listening"),
    ("es+f5", "no me acuerdo de dónde dejé las llaves del coche esta mañana"),
    ("en-gb-x-rp+m2", "the train was late again so we had to walk across the whole town"),
)

Samples = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sound:
    """A file to make: its name and the function that makes its samples (-1 to 1)."""

    name: str
    make: Callable[[], Samples]


def synthesize(text: str, lang: str, voice: str, rate: int) -> Samples:
    """espeak-ng's speech at 8 kHz, the same every time. Raises :class:`CentralitaError` for a voice that
    does not exist."""
    pcm = b"".join(ESPEAK.stream(text, Voice(lang, voice, rate)))
    return np.frombuffer(pcm, "<i2").astype(np.float64) / 32768


def telephone_band(samples: Samples) -> Samples:
    """300-3400 Hz with a 161-tap windowed-sinc filter, without delay."""
    taps = np.arange(-80, 81)

    def low_pass(hertz: float) -> Samples:
        cut = 2 * hertz / SAMPLE_RATE
        return np.asarray(cut * np.sinc(cut * taps))

    band = (low_pass(3400) - low_pass(300)) * np.hamming(len(taps))
    return np.convolve(samples, band, "same")


def trim(samples: Samples) -> Samples:
    """Without the quiet before and after, to a 20 ms margin."""
    step = SAMPLE_RATE * 5 // 1000
    blocks = np.abs(samples[: len(samples) // step * step]).reshape(-1, step).max(axis=1)
    loud = np.flatnonzero(blocks >= blocks.max() * 10 ** (-TRIM_BELOW_PEAK_DB / 20))
    pad = SAMPLE_RATE * PAD_MS // 1000
    return samples[max(0, loud[0] * step - pad) : (loud[-1] + 1) * step + pad]


def level(samples: Samples, dbfs: float) -> Samples:
    """Scaled so that the louder half of its samples has this level."""
    power = np.sort(samples**2)[len(samples) // 2 :].mean()
    return np.asarray(samples * (10 ** (dbfs / 20) / max(np.sqrt(power), 1e-9)))


def speech(text: str, lang: str, voice: str, rate: int) -> Samples:
    return level(trim(telephone_band(synthesize(text, lang, voice, rate))), LEVEL_DBFS)


def noise(kind: str) -> Samples:
    """A loop of :data:`NOISE_LOOP_MS`; its ends fit together because it is made in the frequency domain,
    or by wrapping round."""
    count = SAMPLE_RATE * NOISE_LOOP_MS // 1000
    if kind == "babble":
        total = np.zeros(count)
        for index, (voice, text) in enumerate(BABBLE):
            talk = level(synthesize(text, voice[:2], voice, 150 + 10 * index), LEVEL_DBFS)
            total += np.roll(np.resize(talk, count), index * count // 5)
        return level(telephone_band(total), NOISE_DBFS)
    seed = {"white": 1, "pink": 2}[kind]
    white = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    hertz = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)
    shape = np.where((hertz >= 200) & (hertz <= 3500), 1.0, 0.0)
    if kind == "pink":
        shape = shape / np.sqrt(np.maximum(hertz, 1))
    return level(np.asarray(np.fft.irfft(white * shape, count)), NOISE_DBFS)


def telephone(samples: Samples) -> npt.NDArray[np.int16]:
    """As it comes out of a telephone line: 16 bits through mu-law."""
    pcm = np.clip(np.rint(samples * 32767), -32768, 32767).astype("<i2").tobytes()
    return np.frombuffer(ulaw_decode(ulaw_encode(pcm)), "<i2")


def sounds(sources: list[Source]) -> list[Sound]:
    """All that the scenarios need, each once."""
    found: dict[str, Sound] = {}
    for source in sources:
        scenario = source.scenario
        lang, voice, rate = scenario.lang, espeak_voice(scenario), scenario.voice.rate
        for index, step in enumerate(scenario.steps):
            path = source.audio_file(index)
            if path is not None and step.say is not None:
                found[path.name] = Sound(path.name, partial(speech, step.say, lang, voice, rate))
        if (bed := source.noise_file()) is not None:
            found[bed.name] = Sound(bed.name, partial(noise, scenario.noise.kind))
    return [found[name] for name in sorted(found)]


def same(made: npt.NDArray[np.int16], stored: npt.NDArray[np.int16]) -> bool:
    """Equal, but for the last bits in which processors differ (mu-law makes a bit into a step) and for
    espeak-ng's breath noise, which depends on what was said before: up to 2.7 % of the level measured."""
    if len(made) != len(stored):
        return False
    difference = made.astype(np.float64) - stored
    return bool(np.sqrt((difference**2).mean()) <= 0.05 * np.sqrt((made.astype(np.float64) ** 2).mean()))


def check(wanted: list[Sound], folder: Path, console: Console) -> list[str]:
    """What is wrong with the folder, a line each."""
    problems = [
        f"{path.name}: no scenario says this; remove it"
        for path in sorted(folder.glob("*.flac"))
        if path.name not in {s.name for s in wanted}
    ]
    for sound in track(wanted, "checking", console=console, transient=True):
        path = folder / sound.name
        if not path.exists():
            problems.append(f"{sound.name}: missing; run: python audio_fixtures/make.py")
            continue
        stored, rate = soundfile.read(path, dtype="int16")
        if rate != SAMPLE_RATE or not same(telephone(sound.make()), stored):
            problems.append(
                f"{sound.name}: not what its scenario says; run: python audio_fixtures/make.py --all"
            )
    return problems


def write(wanted: list[Sound], folder: Path, console: Console, *, everything: bool) -> tuple[int, int]:
    """Makes and removes files; how many of each."""
    folder.mkdir(parents=True, exist_ok=True)
    names = {s.name for s in wanted}
    stale = [path for path in folder.glob("*.flac") if path.name not in names]
    for path in stale:
        path.unlink()
    todo = [s for s in wanted if everything or not (folder / s.name).exists()]
    for sound in track(todo, "speaking", console=console, transient=True):
        soundfile.write(folder / sound.name, telephone(sound.make()), SAMPLE_RATE, subtype="PCM_16")
    return len(todo), len(stale)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--check", action="store_true", help="verify only; exit status 1 when not as it should be"
    )
    parser.add_argument("--all", action="store_true", help="make every file anew")
    parser.add_argument("--callers", type=Path, default=CALLERS, metavar="DIR", help="scenarios")
    parser.add_argument("--audio", type=Path, default=AUDIO, metavar="DIR", help="where the audio lies")
    options = parser.parse_args(argv)
    console = Console(stderr=True)
    options.audio.mkdir(parents=True, exist_ok=True)
    try:
        wanted = sounds(load_all([options.callers]))
        if options.check:
            problems = check(wanted, options.audio, console)
            for problem in problems:
                print(problem)
            console.print(f"{len(wanted)} files checked, {len(problems)} problems")
            return 1 if problems else 0
        made, removed = write(wanted, options.audio, console, everything=options.all)
    except CentralitaError as error:
        print(f"make.py: {error}", file=sys.stderr)
        return 2
    size = sum(path.stat().st_size for path in options.audio.glob("*.flac"))
    console.print(f"{made} made, {removed} removed; {len(wanted)} files, {size / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
