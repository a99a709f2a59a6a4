from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from voice.audio.gaps import Gap, GapFiller
from voice.model import Frame


def frame(n: int, at_ms: int | None = None) -> Frame:
    """The n-th 20 ms frame of a stream, recognisable by its bytes."""
    return Frame(bytes([n % 251 + 1]) * 320, 20 * n if at_ms is None else at_ms)


def run(filler: GapFiller, frames: list[Frame]) -> list[Frame | Gap]:
    return [value for f in frames for value in filler.push(f)]


def test_in_order_frames_pass_as_they_are() -> None:
    frames = [frame(n) for n in range(5)]
    out = run(GapFiller(), frames)
    assert all(a is b for a, b in zip(out[1:], frames[1:], strict=True))
    assert out == frames


def test_a_stream_may_begin_anywhere() -> None:
    assert run(GapFiller(), [frame(50), frame(51)]) == [frame(50), frame(51)]


def test_a_gap_is_reported_and_filled_with_silence() -> None:
    out = run(GapFiller(hold_ms=0), [frame(0), frame(3)])
    assert out == [frame(0), Gap(20, 40, 40), Frame(bytes(320), 20), Frame(bytes(320), 40), frame(3)]


def test_a_gap_that_is_no_whole_number_of_frames() -> None:
    out = run(GapFiller(hold_ms=0), [frame(0), frame(9, at_ms=70)])
    assert out == [
        frame(0),
        Gap(20, 50, 50),
        Frame(bytes(320), 20),
        Frame(bytes(320), 40),
        Frame(bytes(160), 60),
        frame(9, at_ms=70),
    ]


def test_a_long_gap_is_filled_up_to_the_limit_and_time_goes_on() -> None:
    out = run(GapFiller(hold_ms=0, fill_ms=40), [frame(0), frame(1000), frame(1001)])
    assert out[1] == Gap(20, 19_980, 40)
    assert out[2:4] == [Frame(bytes(320), 20), Frame(bytes(320), 40)]
    assert out[4:] == [frame(1000), frame(1001)]


def test_small_disorder_is_put_right_without_a_gap() -> None:
    assert run(GapFiller(), [frame(n) for n in (0, 2, 3, 1, 5, 4, 6)]) == [frame(n) for n in range(7)]


def test_what_waits_longer_than_the_hold_becomes_a_gap() -> None:
    filler = GapFiller(hold_ms=60)
    assert run(filler, [frame(n) for n in (0, 2, 3, 4)]) == [frame(0)]
    assert filler.push(frame(5)) == (
        Gap(20, 20, 20),
        Frame(bytes(320), 20),
        frame(2),
        frame(3),
        frame(4),
        frame(5),
    )
    assert filler.push(frame(1)) == ()
    assert filler.dropped == 1


def test_repeated_and_late_frames_are_dropped() -> None:
    filler = GapFiller()
    assert run(filler, [frame(n) for n in (0, 1, 1, 0, 2, 4, 4)]) == [frame(n) for n in range(3)]
    assert filler.dropped == 3
    assert filler.flush() == (Gap(60, 20, 20), Frame(bytes(320), 60), frame(4))


def test_time_stamps_may_be_a_little_off() -> None:
    out = run(GapFiller(), [frame(0), frame(1, at_ms=17), frame(2, at_ms=44), frame(3, at_ms=61)])
    assert out == [frame(0), frame(1), frame(2), frame(3)]


def test_a_clock_that_went_back_is_followed_after_a_while() -> None:
    filler = GapFiller(rebase_ms=100)
    out = run(filler, [frame(n) for n in range(100)] + [frame(n) for n in range(10)])
    assert filler.dropped == 4
    resumed = out[100:]
    assert [f.at_ms for f in resumed if isinstance(f, Frame)] == [2000 + 20 * n for n in range(6)]
    assert [f.pcm for f in resumed if isinstance(f, Frame)] == [frame(n).pcm for n in range(4, 10)]


def test_empty_frames_carry_nothing() -> None:
    assert run(GapFiller(), [Frame(b"", 0), Frame(b"", 500), frame(0)]) == [frame(0)]


@given(
    start=st.integers(0, 10_000),
    order=st.permutations(range(30)),
    kept=st.sets(st.integers(0, 29)),
    hold=st.sampled_from([0, 20, 60, 200]),
)
@settings(max_examples=200, deadline=None)
def test_any_disorder_comes_out_contiguous_and_in_order(
    start: int, order: list[int], kept: set[int], hold: int
) -> None:
    filler = GapFiller(hold_ms=hold, rebase_ms=10**9)
    sent = [frame(n, start + 20 * n) for n in order if n in kept]
    values = run(filler, sent) + list(filler.flush())
    out = [v for v in values if isinstance(v, Frame)]
    gaps = [v for v in values if isinstance(v, Gap)]
    at = out[0].at_ms if out else 0
    for value in out:
        assert value.at_ms == at
        at += value.ms
    real = [f for f in out if any(f.pcm)]
    assert all(f in sent for f in real)
    assert len(real) + filler.dropped == len(sent)
    assert sum(g.filled_ms for g in gaps) == 20 * (len(out) - len(real))


@given(data=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 330)), max_size=40))
@settings(max_examples=200, deadline=None)
def test_arbitrary_stamps_and_lengths_never_go_back(data: list[tuple[int, int]]) -> None:
    filler = GapFiller()
    values = run(filler, [Frame(bytes(2 * n), at) for at, n in data]) + list(filler.flush())
    at = -1
    for value in values:
        if isinstance(value, Frame):
            assert value.at_ms >= at
            at = value.at_ms + value.ms
        else:
            assert value.ms >= value.filled_ms > 0
