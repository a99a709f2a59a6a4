"""Makes a clean recording sound as it would arrive over a telephone: many different lines from one take.

Order of the chain: speed, room, microphone and line, noise, level, codec, packet loss.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import fft, signal

from tools.acoustic_model.features import RATE, Floats, Segment
from tools.hearing.noise import BAND_HZ
from voice.speech.phones import SILENCE

FULL_SCALE = 32768.0
Rng = np.random.Generator


@dataclass(slots=True)
class Surroundings:
    """What may be mixed in: recorded ``noises`` and ``rooms`` (impulse responses), both at 8 kHz, and the
    ``babble`` of other speakers, which fills itself from the takes that went by."""

    noises: list[Floats] = field(default_factory=list)
    rooms: list[Floats] = field(default_factory=list)
    babble: list[Floats] = field(default_factory=list)

    def remember(self, samples: Floats, keep: int = 60) -> None:
        self.babble.append(samples[:24000].copy())
        del self.babble[:-keep]


def telephone(
    samples: Floats, rate: int, segments: list[Segment] | None, rng: Rng, around: Surroundings, *, trim: bool
) -> tuple[Floats, list[Segment] | None]:
    """One telephone version of a take: samples at 8 kHz in 16-bit range, and its segments moved with it.

    ``trim`` cuts the silence at both ends of a synthetic take before random silence is put there.
    """
    samples, segments = _speed(samples, rate, segments, rng)
    if trim and segments:
        samples, segments = _trim(samples, segments)
    around.remember(_unit(samples))
    samples, segments = _pad(samples, segments, rng)
    samples = _unit(samples)
    if rng.random() < 0.4:
        samples = _room(samples, rng, around)
    samples = _unit(_line(samples, rng))
    samples = _noise(samples, rng, around)
    level = rng.uniform(-42, -12)
    samples = np.clip(_unit(samples) * 10 ** (level / 20) * FULL_SCALE, -FULL_SCALE, FULL_SCALE - 1)
    samples = _codec(samples.astype(np.float32), rng)
    if rng.random() < 0.06:
        samples = _lose_packets(samples, rng)
    return np.round(samples).astype(np.float32), segments


def noise_only(rng: Rng, around: Surroundings) -> Floats:
    """A stretch without speech of anybody near: noises, tones of the exchange, clicks, distant babble."""
    count = int(rng.uniform(0.8, 3.0) * RATE)
    kind = rng.integers(4)
    if kind == 0:
        out = _coloured(count, rng)
    elif kind == 1 and around.noises:
        out = _stretch_of(around.noises[rng.integers(len(around.noises))], count, rng)
    elif kind == 2:
        time = np.arange(count) / RATE
        tones = [350, 425, 440, 480, 620, 697, 770, 852, 941, 1209, 1336, 1477, 50, 100]
        wave = np.sin(2 * np.pi * rng.choice(tones) * time) + np.sin(2 * np.pi * rng.choice(tones) * time)
        out = (wave * (np.sin(2 * np.pi * rng.uniform(0.2, 3) * time) > 0)).astype(np.float32)
    else:
        out = 0.02 * _coloured(count, rng)
        for _ in range(rng.integers(1, 6)):
            at, length = rng.integers(count - 200), rng.integers(10, 160)
            out[at : at + length] += rng.standard_normal(length).astype(np.float32)
    level = rng.uniform(-70, -18)
    out = _unit(out) * 10 ** (level / 20) * FULL_SCALE
    return np.round(_codec(np.clip(out, -FULL_SCALE, FULL_SCALE - 1).astype(np.float32), rng))


def _unit(samples: npt.NDArray[np.floating]) -> Floats:
    return np.asarray(samples / (np.sqrt(np.mean(np.square(samples))) + 1e-6), np.float32)


def _speed(
    samples: Floats, rate: int, segments: list[Segment] | None, rng: Rng
) -> tuple[Floats, list[Segment] | None]:
    """Resampled to 8 kHz, up to a fifth faster or slower: voice and tempo change together."""
    factor = rng.uniform(0.84, 1.2)
    source = round(rate * factor / 50) * 50
    out = signal.resample_poly(samples, RATE, source).astype(np.float32)
    moved = segments and [(phone, a * RATE // source, b * RATE // source) for phone, a, b in segments]
    return out, moved


def _trim(samples: Floats, segments: list[Segment]) -> tuple[Floats, list[Segment]]:
    if segments[0][0] == SILENCE:
        cut = segments[0][2]
        samples = samples[cut:]
        segments = [(phone, a - cut, b - cut) for phone, a, b in segments[1:]]
    if segments and segments[-1][0] == SILENCE:
        samples = samples[: segments[-1][1] + 400]  # the last sound dies away
        segments = segments[:-1]
    return samples, segments


def _pad(samples: Floats, segments: list[Segment] | None, rng: Rng) -> tuple[Floats, list[Segment] | None]:
    before, after = int(rng.uniform(0.1, 0.6) * RATE), int(rng.uniform(0.15, 0.6) * RATE)
    if segments is None:
        before, after = min(before, 1600), min(after, 1600)  # a real recording has silence of its own
    out = np.concatenate([np.zeros(before, np.float32), samples, np.zeros(after, np.float32)])
    if segments is None:
        return out, None
    moved = [(SILENCE, 0, before), *((phone, a + before, b + before) for phone, a, b in segments)]
    moved.append((SILENCE, moved[-1][2], len(out)))
    return out, moved


def _room(samples: Floats, rng: Rng, around: Surroundings) -> Floats:
    if around.rooms and rng.random() < 0.4:
        response = around.rooms[rng.integers(len(around.rooms))]
    else:  # exponentially decaying noise after a direct sound
        count = int(rng.uniform(0.05, 0.4) * RATE)
        decay = np.exp(-6.9 * np.arange(count) / count)
        response = np.asarray(rng.standard_normal(count) * decay * rng.uniform(0.03, 0.35), np.float32)
        response[1 : int(rng.uniform(2, 60))] = 0
        response[0] = 1.0
    return np.asarray(signal.fftconvolve(samples, response)[: len(samples)], np.float32)


def _line(samples: Floats, rng: Rng) -> Floats:
    """Microphone, handset and line: a random smooth response, usually without the lowest octave."""
    places = np.linspace(0, 1, 9)
    gain = rng.normal(0, 5, 9) * rng.random() + rng.uniform(-9, 6) * places
    if rng.random() < 0.6:
        gain[0] -= 25
    out = signal.fftconvolve(samples, signal.firwin2(97, places, 10 ** (gain / 20)), "same")
    if rng.random() < 0.5:
        band = [rng.uniform(150, 350) / 4000, rng.uniform(3200, 3800) / 4000]
        out = signal.lfilter(*signal.butter(4, band, "band"), out)
    if rng.random() < 0.1:  # an overdriven microphone
        drive = rng.uniform(0.6, 2.0)
        out = np.tanh(_unit(out) * drive)
    return np.asarray(out, np.float32)


def _noise(samples: Floats, rng: Rng, around: Surroundings) -> Floats:
    """Steady noise in most takes, recorded noise in some, other voices in some."""
    if rng.random() < 0.7:
        samples = samples + _coloured(len(samples), rng) * 10 ** (-rng.uniform(6, 48) / 20)
    if around.noises and rng.random() < 0.5:
        samples = samples + _surroundings(len(samples), rng, around) * 10 ** (-rng.uniform(5, 32) / 20)
    if len(around.babble) > 5 and rng.random() < 0.15:
        voices = [
            _stretch_of(around.babble[rng.integers(len(around.babble))], len(samples), rng)
            for _ in range(rng.integers(1, 5))
        ]
        samples = samples + _unit(np.sum(voices, axis=0)) * 10 ** (-rng.uniform(8, 30) / 20)
    return samples.astype(np.float32)


def _surroundings(count: int, rng: Rng, around: Surroundings) -> Floats:
    """One to three recorded noises at once, through a microphone that weakens rumble, of power 1 within the
    telephone band: most of an engine lies below it, and by its whole power nothing of it would be heard."""
    bed = np.zeros(count, np.float32)
    for _ in range(rng.choice([1, 1, 2, 3])):
        noise = _stretch_of(around.noises[rng.integers(len(around.noises))], count, rng)
        bed += _unit(noise) * 10 ** (-rng.uniform(0, 9) / 20)
    cut = rng.uniform(80, 320)
    bed = np.asarray(signal.sosfilt(signal.butter(2, cut, "high", fs=RATE, output="sos"), bed), np.float32)
    within = signal.sosfilt(signal.butter(4, BAND_HZ, "band", fs=RATE, output="sos"), bed)
    return np.asarray(bed / (np.sqrt(np.mean(np.square(within))) + 1e-6), np.float32)


def _coloured(count: int, rng: Rng) -> Floats:
    """White, pink or brown noise of power 1."""
    length = fft.next_fast_len(count, real=True)
    white = rng.standard_normal(length, np.float32)
    slope = rng.choice([0.0, 0.5, 1.0])
    if slope:
        spectrum = fft.rfft(white)
        white = fft.irfft(spectrum * (np.arange(len(spectrum), dtype=np.float32) + 1) ** -slope, length)
    return _unit(white[:count])


def _stretch_of(recording: Floats, count: int, rng: Rng) -> Floats:
    return np.resize(np.roll(recording, -int(rng.integers(len(recording)))), count).astype(np.float32)


def _codec(samples: Floats, rng: Rng) -> Floats:
    draw = rng.random()
    if draw < 0.15:
        return _gsm(samples)
    if draw < 0.75:
        return _g711(samples, mu_law=rng.random() < 0.6)
    return samples


def _g711(samples: Floats, *, mu_law: bool) -> Floats:
    import audioop

    pcm = np.clip(np.round(samples), -FULL_SCALE, FULL_SCALE - 1).astype("<i2").tobytes()
    coded = audioop.lin2ulaw(pcm, 2) if mu_law else audioop.lin2alaw(pcm, 2)
    plain = audioop.ulaw2lin(coded, 2) if mu_law else audioop.alaw2lin(coded, 2)
    return np.frombuffer(plain, "<i2").astype(np.float32)


def _gsm(samples: Floats) -> Floats:
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, samples / FULL_SCALE, RATE, format="WAV", subtype="GSM610")
    file.seek(0)
    decoded, _ = soundfile.read(file, dtype="float32")
    out = np.zeros(len(samples), np.float32)
    count = min(len(out), len(decoded))
    out[:count] = decoded[:count] * FULL_SCALE
    return out


def _lose_packets(samples: Floats, rng: Rng) -> Floats:
    """Some 20 ms packets are missing; the gap is silent, or the last packet comes again, quieter."""
    out = samples.copy()
    share = rng.uniform(0.01, 0.08)
    repeat = rng.random() < 0.5
    for start in range(160, len(out) - 160, 160):
        if rng.random() < share:
            out[start : start + 160] = out[start - 160 : start] * 0.6 if repeat else 0.0
    return out
