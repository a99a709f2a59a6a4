"""Keypad tones are found within the limits of ITU-T Q.24 and beyond them are not; speech is never a key."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.audio.dtmf import ToneDetector
from voice.audio.g711 import ulaw_decode, ulaw_encode
from voice.audio.tones import DTMF_HZ, dtmf, hold_music
from voice.errors import AudioError
from voice.model import FRAME_BYTES

SHARED = Path(__file__).parents[3] / "shared" / "data"
FIXTURES = Path(__file__).parents[2] / "audio_fixtures" / "audio"
KEYS = st.text("0123456789*#ABCD", min_size=1, max_size=5)
LEADS = st.integers(0, 159)  # where a frame begins is chance
SEEDS = st.integers(0, 2**32 - 1)


def line(
    keys: str,
    *,
    tone_ms: int = 60,
    pause_ms: int = 50,
    low_dbm0: float = -12.0,
    twist_db: float = 0.0,
    low_off: float = 0.0,
    high_off: float = 0.0,
    snr_db: float | None = None,
    lead: int = 0,
    seed: int = 0,
    hole: tuple[int, int] | None = None,
) -> bytes:
    """Tones as a mu-law line carries them. 0 dBm0 is 3.17 dB below a full-scale sine; ``twist_db`` is the
    high tone over the low one; ``hole`` (ms of each tone) is silent; white noise at ``snr_db``."""
    rng = np.random.default_rng(seed)
    low_peak = 32767 * 10 ** ((low_dbm0 - 3.17) / 20)
    high_peak = low_peak * 10 ** (twist_db / 20)
    t = np.arange(tone_ms * 8) / 8000
    pieces = [np.zeros(lead)]
    for key in keys:
        low, high = DTMF_HZ[key]
        a, b = rng.uniform(0, 2 * np.pi, 2)
        tone = low_peak * np.sin(2 * np.pi * low * (1 + low_off) * t + a)
        tone += high_peak * np.sin(2 * np.pi * high * (1 + high_off) * t + b)
        if hole:
            tone[hole[0] * 8 : hole[1] * 8] = 0
        pieces += [tone, np.zeros(pause_ms * 8)]
    samples = np.concatenate([*pieces, np.zeros(800)])
    if snr_db is not None:
        power = (low_peak**2 + high_peak**2) / 2
        samples += rng.normal(0, np.sqrt(power / 10 ** (snr_db / 10)), len(samples))
    pcm = np.clip(np.rint(samples), -32768, 32767).astype("<i2").tobytes()
    return ulaw_decode(ulaw_encode(pcm))


def found(pcm: bytes) -> str:
    detector = ToneDetector()
    whole = len(pcm) - len(pcm) % FRAME_BYTES
    return "".join(detector.step(pcm[i : i + FRAME_BYTES]) for i in range(0, whole, FRAME_BYTES))


@given(
    KEYS,
    st.integers(40, 120),
    st.integers(40, 120),
    st.floats(-35, -4),
    st.floats(-0.015, 0.015),
    st.floats(-0.015, 0.015),
    st.one_of(st.none(), st.floats(15, 30)),
    LEADS,
    SEEDS,
)
@settings(max_examples=150, deadline=None)
def test_every_key_is_found_once(
    keys: str,
    tone_ms: int,
    pause_ms: int,
    low_dbm0: float,
    low_off: float,
    high_off: float,
    snr_db: float | None,
    lead: int,
    seed: int,
) -> None:
    pcm = line(
        keys,
        tone_ms=tone_ms,
        pause_ms=pause_ms,
        low_dbm0=low_dbm0,
        low_off=low_off,
        high_off=high_off,
        snr_db=snr_db,
        lead=lead,
        seed=seed,
    )
    assert found(pcm) == keys


@given(KEYS, st.floats(-8, 4), st.floats(-26, -8), st.floats(18, 40), LEADS, SEEDS)
@settings(max_examples=60, deadline=None)
def test_tones_of_unlike_strength_are_found(
    keys: str, twist_db: float, low_dbm0: float, snr_db: float, lead: int, seed: int
) -> None:
    pcm = line(keys, twist_db=twist_db, low_dbm0=low_dbm0, snr_db=snr_db, lead=lead, seed=seed)
    assert found(pcm) == keys


OFF = st.one_of(st.floats(0.035, 0.05), st.floats(-0.05, -0.035))


@given(KEYS, OFF, st.booleans(), LEADS)
@settings(max_examples=60, deadline=None)
def test_a_tone_off_its_frequency_is_no_key(keys: str, off: float, which: bool, lead: int) -> None:
    assert found(line(keys, low_off=off * which, high_off=off * (not which), lead=lead)) == ""


@given(KEYS, st.one_of(st.floats(8, 30), st.floats(-30, -12)), LEADS)
@settings(max_examples=60, deadline=None)
def test_too_much_twist_is_no_key(keys: str, twist_db: float, lead: int) -> None:
    assert found(line(keys, twist_db=twist_db, low_dbm0=-12 - max(0.0, twist_db), lead=lead)) == ""


@given(KEYS, st.integers(1, 23), LEADS)
@settings(max_examples=40, deadline=None)
def test_a_tone_of_23_ms_is_no_key(keys: str, tone_ms: int, lead: int) -> None:
    assert found(line(keys, tone_ms=tone_ms, lead=lead)) == ""


@given(KEYS, st.floats(-70, -48), LEADS)
@settings(max_examples=30, deadline=None)
def test_a_tone_too_weak_is_no_key(keys: str, low_dbm0: float, lead: int) -> None:
    assert found(line(keys, low_dbm0=low_dbm0, lead=lead)) == ""


@given(KEYS, st.integers(50, 130), st.integers(1, 20), LEADS)
@settings(max_examples=40, deadline=None)
def test_an_interruption_or_a_lost_frame_makes_no_second_key(
    keys: str, at_ms: int, hole_ms: int, lead: int
) -> None:
    assert found(line(keys, tone_ms=200, pause_ms=80, hole=(at_ms, at_ms + hole_ms), lead=lead)) == keys


@pytest.mark.parametrize("key", sorted(DTMF_HZ))
def test_a_held_key_counts_once_and_its_sound_is_known_until_it_ends(key: str) -> None:
    detector = ToneDetector()
    pcm = line(key, tone_ms=2000, pause_ms=400)
    keys, sounding = "", []
    for i in range(0, 2400 * 16, FRAME_BYTES):
        keys += detector.step(pcm[i : i + FRAME_BYTES])
        sounding.append(detector.sounding)
    assert keys == key
    first, last = sounding.index(True), len(sounding) - sounding[::-1].index(True)
    assert first * 20 <= 60
    assert all(sounding[first:last])
    assert 2000 <= last * 20 <= 2080


@pytest.mark.parametrize("key", ["1", "5", "#"])
def test_a_sound_over_a_held_key_makes_no_second_key(key: str) -> None:
    samples = np.frombuffer(line(key, tone_ms=300, pause_ms=100), "<i2").astype(np.float64)
    rng = np.random.default_rng(2)
    samples[960:1760] += rng.normal(0, 8000, 800)  # 100 ms, as loud as the tones
    assert found(np.clip(samples, -32768, 32767).astype("<i2").tobytes()) == key


def test_audio_lost_within_a_held_key_is_bridged_and_a_long_loss_ends_it() -> None:
    tone = line("5", tone_ms=400, pause_ms=0)
    frames = [tone[i : i + FRAME_BYTES] for i in range(0, 20 * FRAME_BYTES, FRAME_BYTES)]
    for lost, expected in ((1, "5"), (5, "5"), (6, "55")):
        detector = ToneDetector()
        keys = "".join(map(detector.step, frames[:8]))
        detector.hole(lost * 20)
        assert detector.sounding == (expected == "5")
        assert keys + "".join(map(detector.step, frames[8 + lost :])) == expected


def test_one_tone_alone_or_two_of_a_group_are_no_key() -> None:
    t = np.arange(1600) / 8000
    for hz in ((697,), (1209,), (697, 770), (1209, 1336), (350, 440), (480, 620), (425,), (1100,), (2100,)):
        tone = sum((6000 * np.sin(2 * np.pi * f * t) for f in hz), np.zeros(1600))
        assert found(tone.astype("<i2").tobytes()) == "", hz


def test_our_own_tones_are_found_and_our_music_is_none() -> None:
    assert found(dtmf("0123456789*#ABCD")) == "0123456789*#ABCD"
    assert found(hold_music()) == ""


def test_other_frame_sizes_are_refused() -> None:
    with pytest.raises(AudioError, match="318 bytes"):
        ToneDetector().step(bytes(318))


def keys_in(files: list[Path]) -> tuple[dict[str, str], float]:
    """What is taken for keys in ``files``, and how long they are in minutes."""
    taken, seconds = {}, 0.0
    for file in files:
        samples, rate = soundfile.read(file, dtype="int16")
        assert rate == 8000
        seconds += len(samples) / rate
        if keys := found(samples.tobytes()):
            taken[file.name] = keys
    return taken, seconds / 60


def test_synthetic_callers_press_no_keys_by_speaking() -> None:
    taken, minutes = keys_in(sorted(FIXTURES.glob("*.flac")))
    assert minutes > 1
    assert taken == {}


@pytest.mark.slow
@pytest.mark.skipif(not (SHARED / "speech").is_dir(), reason="no recordings in ../shared/data")
def test_no_real_speech_and_no_noise_is_a_key() -> None:
    """A third of the recordings; all of them are an hour, and half a minute of work."""
    taken, minutes = keys_in(
        sorted(SHARED.glob("*/*/*.flac"))[::3] + sorted(SHARED.glob("noise/*.flac"))[::3]
    )
    assert minutes > 20
    assert taken == {}
