from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.audio.resample import LAG_MS, RATES, Resampler, resample
from voice.errors import AudioError

PAIRS = sorted({pair for r in RATES for pair in ((8000, r), (r, 8000))} | {(16000, 48000), (48000, 16000)})


def sine(hz: float, rate: int, ms: int = 500) -> bytes:
    t = np.arange(rate * ms // 1000) / rate
    return (10000 * np.sin(2 * np.pi * hz * t)).astype("<i2").tobytes()


def array(pcm: bytes) -> npt.NDArray[np.float64]:
    return np.frombuffer(pcm, dtype="<i2").astype(np.float64)


def decibels(pcm: bytes) -> float:
    """Relative to :func:`sine`, without the first and last 20 ms."""
    samples = array(pcm)
    edge = len(samples) // 25
    return float(20 * np.log10(samples[edge:-edge].std() / (10000 / 2**0.5) + 1e-9))


@given(
    pair=st.sampled_from(PAIRS),
    pcm=st.binary(min_size=2, max_size=3000).map(lambda b: b[: len(b) & ~1]),
    cuts=st.lists(st.integers(0, 3000), max_size=12),
)
@settings(max_examples=80, deadline=None)
def test_chunks_of_any_length_give_the_same_bytes_as_the_whole(
    pair: tuple[int, int], pcm: bytes, cuts: list[int]
) -> None:
    source, target = pair
    whole = Resampler(source, target).feed(pcm)
    assert len(whole) // 2 == -(-len(pcm) // 2 * target // source)  # ceil: nothing is held back
    chunked = Resampler(source, target)
    edges = [0, *sorted(min(c, len(pcm)) for c in cuts), len(pcm)]
    assert b"".join(chunked.feed(pcm[a:b]) for a, b in itertools.pairwise(edges)) == whole


@pytest.mark.parametrize(("source", "target"), [p for p in PAIRS if p[0] != p[1]])
def test_an_impulse_is_late_by_two_milliseconds(source: int, target: int) -> None:
    pcm = np.zeros(source, dtype="<i2")
    pcm[source // 2] = 30000
    out = array(Resampler(source, target).feed(pcm.tobytes()))
    assert len(out) == target
    lag_ms = (int(np.abs(out).argmax()) - target / 2) / target * 1000
    assert lag_ms == pytest.approx(LAG_MS, abs=1000 / target)


@pytest.mark.parametrize(("source", "target"), [p for p in PAIRS if p[0] != p[1]])
def test_the_telephone_band_passes_and_aliases_do_not(source: int, target: int) -> None:
    for hz in (300, 1000, 3000):
        assert abs(decibels(Resampler(source, target).feed(sine(hz, source)))) < 0.2
    assert abs(decibels(Resampler(source, target).feed(sine(3400, source)))) < 1
    if source > target and target == 8000:
        assert decibels(Resampler(source, target).feed(sine(5000, source))) < -45
        assert decibels(Resampler(source, target).feed(sine(7000, source))) < -45


def test_a_resampled_sine_is_the_same_sine() -> None:
    out = array(Resampler(22050, 8000).feed(sine(440, 22050)))
    t = np.arange(len(out)) / 8000 - LAG_MS / 1000
    # 2 ms is 44.1 samples at 22050 Hz, the filter's centre: exact
    assert np.abs(out - 10000 * np.sin(2 * np.pi * 440 * t))[80:].max() < 40


def test_half_samples_wait_and_full_scale_does_not_wrap() -> None:
    loud = (np.sign(np.sin(np.arange(4000) / 7)) * 32767).astype("<i2").tobytes()
    resampler = Resampler(16000, 8000)
    out = resampler.feed(loud[:1001]) + resampler.feed(loud[1001:])
    assert out == Resampler(16000, 8000).feed(loud)
    halves = array(loud)[::2]  # 2 ms are 16 samples at 8000 Hz
    assert (np.sign(array(out))[16:] == np.sign(halves)[:-16]).mean() > 0.9


def test_finish_brings_the_end_out_and_starts_anew() -> None:
    resampler = Resampler(48000, 8000)
    pcm = sine(1000, 48000, 100)
    first = resampler.feed(pcm), resampler.finish()
    assert len(first[1]) == 2 * 16
    assert np.abs(array(first[1])).max() > 3000
    assert (resampler.feed(pcm), resampler.finish()) == first


def test_equal_rates_change_nothing() -> None:
    assert Resampler(8000, 8000).feed(b"abcd") == b"abcd"
    assert Resampler(8000, 8000).finish() == b""
    assert resample(b"abcd", 16000, 16000) == b"abcd"


def test_the_one_for_files_keeps_length_and_time() -> None:
    pcm = sine(1000, 44100)
    out = resample(pcm, 44100, 8000)
    assert abs(len(out) // 2 - 4000) <= 1
    t = np.arange(len(out) // 2) / 8000
    assert np.abs(array(out) - 10000 * np.sin(2 * np.pi * 1000 * t))[200:-200].max() < 30


def test_rates_that_make_no_sense_are_an_error() -> None:
    with pytest.raises(AudioError, match="4000 Hz is not supported"):
        Resampler(4000, 8000)
