"""Measures voice activity detectors on real speech in real noise, and prints a table.

    python -m tools.hearing.eval_vad [--data ../shared/data] [--quick] [--detectors webrtc,two-stage]

Calls are put together from utterances of three corpora (English digits, English answers, Spanish prompts),
1.5 to 2.5 s apart, all at one level, in one noise at one signal-to-noise ratio, in mu-law. The detectors
hear them through the project's own endpointer with its defaults. The seed is fixed. Where an utterance begins
and ends is measured on the clean recording: its level within 25 dB of its loud parts.

Columns: ``missed`` no turn met the utterance; ``swallowed`` a turn that noise began was already open when
it began; ``onset`` from its first sound to the turn being known, median and 95th percentile of those that
were met; ``end`` how far the turn's end is from the utterance's, median and 95th percentile; ``false`` turns
a minute, and the share of time within one, in the same noise without any speech; ``cost`` processor time a
frame, as a multiple of WebRTC's detector in the same run.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import soundfile
import webrtcvad

from tools.hearing.recordings import DATA, LIST, items
from voice.audio.g711 import ulaw_decode, ulaw_encode
from voice.errors import ModelError
from voice.model import FRAME_BYTES, FRAME_MS, SAMPLE_RATE
from voice.speech.endpointing import Endpointer, SpeechOff, SpeechOn
from voice.speech.silero import SileroActivity, SileroNetwork, TwoStageActivity
from voice.speech.vad import VoiceActivity

Signal = npt.NDArray[np.float64]

CORPORA = ("digits_en", "an4_train_en", "prompts_es")
LEVEL_DB = -24.0  # of speech while it lasts, against full scale
SNRS_DB = (20, 15, 10, 5)
NOISE_ALONE_SECONDS = 30
ENDPOINT_MS = 500
LONGEST_SECONDS = 4.0
LEAD_SECONDS = 4  # before the first utterance: the caller listens to the welcome
BABBLE_VOICES = 8
BABBLE_SECONDS = 60


class Detector(Protocol):
    def step(self, pcm_20ms: bytes) -> bool: ...


class WebRtcAlone:
    """WebRTC's detector by itself: what the others are compared with."""

    def __init__(self) -> None:
        self._detector = webrtcvad.Vad(3)

    def step(self, pcm_20ms: bytes) -> bool:
        return bool(self._detector.is_speech(pcm_20ms, SAMPLE_RATE, FRAME_BYTES // 2))


@dataclass
class Call:
    """A made-up call: 16-bit PCM, and where people speak in it (ms)."""

    pcm: bytes
    spoken: list[tuple[int, int]]


@dataclass
class Turn:
    start_ms: int
    known_ms: int
    end_ms: int = 0
    off_ms: int = 0


@dataclass
class Tally:
    """What became of the utterances of one kind of call, with one detector."""

    spoken: int = 0
    missed: int = 0
    swallowed: int = 0
    onset: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    false: int = 0
    false_ms: int = 0
    alone_ms: int = 0
    cost_s: float = 0.0
    frames: int = 0

    def add(self, other: Tally) -> None:
        for name in ("spoken", "missed", "swallowed", "false", "false_ms", "alone_ms", "cost_s", "frames"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.onset += other.onset
        self.end += other.end


def load(path: Path) -> Signal:
    """Mono, -1 to 1."""
    samples, rate = soundfile.read(path, dtype="float64")
    if rate != SAMPLE_RATE or samples.ndim != 1:
        raise SystemExit(f"{path}: {rate} Hz in {samples.ndim} channels; 8 kHz mono is needed")
    return np.asarray(samples)


def speech_span(samples: Signal) -> tuple[int, int, float]:
    """First and last sample of what is said, and its level (RMS while it lasts)."""
    step = SAMPLE_RATE // 100
    frames = samples[: len(samples) // step * step].reshape(-1, step)
    level = np.sqrt((frames**2).mean(axis=1)) + 1e-9
    loud = float(np.percentile(level, 95))
    inside = np.flatnonzero(level > loud * 10 ** (-25 / 20))
    return (
        int(inside[0]) * step,
        (int(inside[-1]) + 1) * step,
        float(np.sqrt((level[level > loud / 10] ** 2).mean())),
    )


def utterances(data: Path, each: int, rng: np.random.Generator) -> list[tuple[Signal, int, int]]:
    """``each`` of every corpus, spread over its speakers, all at one level; with what is said in samples."""
    found = []
    for corpus in CORPORA:
        folder = data / "speech" / corpus
        rows = [r for r in items(folder) if float(r["seconds"]) <= LONGEST_SECONDS]
        by_speaker: dict[str, list[dict[str, str]]] = {}
        for i in rng.permutation(len(rows)):
            by_speaker.setdefault(rows[i]["speaker"], []).append(rows[i])
        chosen: list[dict[str, str]] = []
        while len(chosen) < each:
            for group in by_speaker.values():
                if group and len(chosen) < each:
                    chosen.append(group.pop())
        for row in chosen:
            samples = load(folder / row["audio"])
            first, last, level = speech_span(samples)
            # its own background is cut, so that the call's noise is all there is around it
            cut = samples[max(0, first - 240) : last + 240] * (10 ** (LEVEL_DB / 20) / level)
            found.append((cut, min(first, 240), min(first, 240) + last - first))
    order = rng.permutation(len(found))
    return [found[i] for i in order]


def noises(data: Path) -> dict[str, Signal]:
    """By name; impulse responses are left out."""
    folder = data / "noise"
    found = {}
    for row in items(folder):
        if row["label"] != "rir":
            name = row["label"] if row["label"] != "noise" else Path(row["audio"]).stem.removeprefix("sb_")
            found[name] = load(folder / row["audio"])
    return found


def babble(data: Path, rng: np.random.Generator) -> Signal:
    """Eight people of AN4 talking at once, each without more than half a second of rest."""
    folder = data / "speech" / "an4_train_en"
    rows = list(items(folder))
    sum_of_all = np.zeros(BABBLE_SECONDS * SAMPLE_RATE)
    for _ in range(BABBLE_VOICES):
        at = 0
        while at < len(sum_of_all):
            samples = load(folder / rows[int(rng.integers(len(rows)))]["audio"])
            first, last, level = speech_span(samples)
            said = samples[first:last] / level
            place = sum_of_all[at : at + len(said)]
            place += said[: len(place)]
            at += len(said) + int(rng.integers(SAMPLE_RATE // 10, SAMPLE_RATE // 2))
    return sum_of_all


def looped(noise: Signal, length: int, rng: np.random.Generator) -> Signal:
    start = int(rng.integers(len(noise)))
    return np.resize(np.roll(noise, -start), length)


def at_snr(noise: Signal, snr_db: float) -> Signal:
    """``noise`` at a level below that of speech: its RMS over the 200 ms frames that are not near silent."""
    step = SAMPLE_RATE // 5
    level = np.sqrt((noise[: len(noise) // step * step].reshape(-1, step) ** 2).mean(axis=1))
    level = level[level > level.max() / 30]
    rms = float(np.sqrt((level**2).mean()))
    return noise * (10 ** ((LEVEL_DB - snr_db) / 20) / rms)


def coded(samples: Signal) -> bytes:
    """As a telephone line carries it."""
    pcm = np.clip(np.rint(samples * 32767), -32768, 32767).astype("<i2").tobytes()
    return ulaw_decode(ulaw_encode(pcm))


def call_of(said: Sequence[tuple[Signal, int, int]], noise: Signal | None, rng: np.random.Generator) -> Call:
    at = LEAD_SECONDS * SAMPLE_RATE
    places = []
    for samples, _, _ in said:
        places.append(at)
        at += len(samples) + int(rng.uniform(1.5, 2.5) * SAMPLE_RATE)
    track = np.zeros(at) if noise is None else looped(noise, at, rng)
    for (samples, _, _), place in zip(said, places, strict=True):
        track[place : place + len(samples)] += samples
    spans = [((p + f) // 8, (p + e) // 8) for p, (_, f, e) in zip(places, said, strict=True)]
    return Call(coded(track), spans)


def turns(detector: Detector, pcm: bytes) -> tuple[list[Turn], float, int]:
    """The turns that are heard, the processor time the detector took, and the frames."""
    whole = len(pcm) - len(pcm) % FRAME_BYTES
    frames = [pcm[i : i + FRAME_BYTES] for i in range(0, whole, FRAME_BYTES)]
    began = time.process_time()
    decisions = [detector.step(frame) for frame in frames]
    cost = time.process_time() - began
    endpointer = Endpointer(endpoint_ms=ENDPOINT_MS)
    found: list[Turn] = []
    for number, speech in enumerate(decisions, 1):
        change = endpointer.step(speech, number * FRAME_MS)
        if isinstance(change, SpeechOn):
            found.append(Turn(change.start_ms, number * FRAME_MS))
        elif isinstance(change, SpeechOff):
            found[-1].end_ms, found[-1].off_ms = change.end_ms, number * FRAME_MS
    if found and not found[-1].off_ms:
        found[-1].end_ms = found[-1].off_ms = len(frames) * FRAME_MS
    return found, cost, len(frames)


def judge(call: Call, alone: bytes, make: Callable[[], Detector]) -> Tally:
    tally = Tally()
    heard, cost, frames = turns(make(), call.pcm)
    tally.cost_s, tally.frames = cost, frames
    for start, end in call.spoken:
        tally.spoken += 1
        met = [t for t in heard if t.known_ms < end + 200 and t.off_ms > start]
        if not met:
            tally.missed += 1
        elif met[0].known_ms < start:
            tally.swallowed += 1
        else:
            tally.onset.append(met[0].known_ms - start)
        if met:
            tally.end.append(met[-1].end_ms - end)
    if alone:
        heard, cost, frames = turns(make(), alone)
        tally.cost_s += cost
        tally.frames += frames
        tally.false = len(heard)
        tally.false_ms = sum(t.off_ms - t.known_ms for t in heard)
        tally.alone_ms = frames * FRAME_MS
    return tally


def calls(data: Path, each: int, alone_s: int, quick: bool) -> Iterator[tuple[str, str, Call, bytes]]:
    """(noise, SNR, call, the noise alone)."""
    rng = np.random.default_rng(3)
    yield "none", "", call_of(utterances(data, each * 4, rng), None, rng), b""
    sounds = noises(data)
    sounds["white"] = rng.standard_normal(SAMPLE_RATE * 20)
    sounds["babble of eight"] = babble(data, np.random.default_rng(5))
    for name, noise in sounds.items():
        for snr in SNRS_DB[1::2] if quick else SNRS_DB:
            loud = at_snr(noise, snr)
            call = call_of(utterances(data, each, rng), loud, rng)
            yield name, str(snr), call, coded(looped(loud, alone_s * SAMPLE_RATE, rng))


def available(names: Sequence[str] | None) -> dict[str, Callable[[], Detector]]:
    made: dict[str, Callable[[], Detector]] = {"webrtcvad alone": WebRtcAlone, "webrtc": VoiceActivity}
    try:
        network = SileroNetwork()
    except ModelError as error:
        print(f"left out: {error}", file=sys.stderr)
    else:
        made["silero"] = lambda: SileroActivity(network)
        made["two-stage"] = lambda: TwoStageActivity(network)
    if names is None:
        return made
    if unknown := set(names) - made.keys():
        raise SystemExit(f"no such detector: {', '.join(sorted(unknown))}; there are: {', '.join(made)}")
    return {name: made[name] for name in dict.fromkeys(["webrtcvad alone", *names])}


HEAD = ("noise", "SNR", "detector", "missed", "swallowed", "onset ms", "end ms", "false/min", "open", "cost")


def middle(values: list[int]) -> str:
    if not values:
        return "-"
    return f"{np.median(values):.0f} / {np.percentile(values, 95):.0f}"


def row(noise: str, snr: str, detector: str, tally: Tally, unit_s: float) -> tuple[str, ...]:
    minutes = tally.alone_ms / 60000
    return (
        noise,
        snr,
        detector,
        f"{100 * tally.missed / tally.spoken:.1f} %",
        f"{100 * tally.swallowed / tally.spoken:.1f} %",
        middle(tally.onset),
        middle(tally.end),
        f"{tally.false / minutes:.1f}" if minutes else "-",
        f"{100 * tally.false_ms / tally.alone_ms:.0f} %" if minutes else "-",
        f"{tally.cost_s / tally.frames / unit_s:.1f}" if unit_s else "-",
    )


def show(rows: list[tuple[str, ...]], markdown: bool) -> None:
    if markdown:
        print("| " + " | ".join(HEAD) + " |\n|" + "---|" * len(HEAD))
        for cells in rows:
            print("| " + " | ".join(cells) + " |")
        return
    widths = [max(map(len, column)) for column in zip(HEAD, *rows, strict=True)]
    for cells in (HEAD, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA, help="folder with speech/ and noise/")
    parser.add_argument("--quick", action="store_true", help="15 and 5 dB only, fewer utterances")
    parser.add_argument("--detectors", help="comma-separated; default: all that are installed")
    parser.add_argument("--each", action="store_true", help="one line a noise and SNR, not only the sums")
    parser.add_argument("--markdown", action="store_true")
    args = parser.parse_args()
    if not (args.data / "noise" / LIST).is_file():
        raise SystemExit(f"{args.data} has no noise/{LIST}; name the folder of recordings with --data")
    detectors = available(args.detectors.split(",") if args.detectors else None)
    single: dict[tuple[str, str, str], Tally] = {}
    for noise, snr, call, alone in calls(args.data, 4 if args.quick else 6, NOISE_ALONE_SECONDS, args.quick):
        for name, make in detectors.items():
            single[noise, snr, name] = judge(call, alone, make)
    by_noise: dict[tuple[str, str, str], Tally] = {}
    by_snr: dict[tuple[str, str, str], Tally] = {}
    for (noise, snr, name), tally in single.items():
        if noise != "none":
            by_noise.setdefault((noise, "all", name), Tally()).add(tally)
        by_snr.setdefault(("all", snr or "clean", name), Tally()).add(tally)
    unit = Tally()
    for (_, _, name), tally in single.items():
        if name == "webrtcvad alone":
            unit.add(tally)
    unit_s = unit.cost_s / unit.frames
    chosen = {**(single if args.each else {}), **by_noise, **by_snr}
    show([row(*key, tally, unit_s) for key, tally in chosen.items()], args.markdown)
    print(f"\nwebrtcvad alone: {unit_s * 1e6:.1f} us a frame")
    print(f"{unit.spoken} utterances, {unit.alone_ms // 60000} min of noise without speech")


if __name__ == "__main__":
    main()
