"""G.711 against the Recommendation's own arithmetic, written down here independently of audioop."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.audio import g711

pcm = st.lists(st.integers(-32768, 32767), max_size=200).map(lambda xs: struct.pack(f"<{len(xs)}h", *xs))


def ulaw_value(code: int) -> int:
    """G.711 table 2a/2b: inverted bits, a sign, a 3-bit segment, a 4-bit step; 14 bits, here as 16."""
    code = ~code & 0xFF
    segment, step = code >> 4 & 7, code & 15
    magnitude = ((2 * step + 33) << segment) - 33
    return -4 * magnitude if code & 0x80 else 4 * magnitude


def alaw_value(code: int) -> int:
    """G.711 table 1a/1b: even bits inverted, sign 1 is positive; 13 bits, here as 16."""
    code ^= 0x55
    segment, step = code >> 4 & 7, code & 15
    magnitude = 2 * step + 1 if segment == 0 else (2 * step + 33) << (segment - 1)
    return 8 * magnitude if code & 0x80 else -8 * magnitude


def samples(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 2}h", data)


def test_every_code_decodes_to_the_value_of_the_table() -> None:
    codes = bytes(range(256))
    assert samples(g711.ulaw_decode(codes)) == tuple(ulaw_value(c) for c in codes)
    assert samples(g711.alaw_decode(codes)) == tuple(alaw_value(c) for c in codes)


def test_values_printed_in_the_recommendation() -> None:
    # decoder output of table 2a: 8031 (code 10000000) and 0; table 1a: 4032 (as sent, 0x80 ^ 0x55 = 0xAA)
    assert samples(g711.ulaw_decode(b"\x80\x00\xff\x7f")) == (8031 * 4, -8031 * 4, 0, 0)
    assert samples(g711.alaw_decode(b"\xaa\x2a\xd5")) == (4032 * 8, -4032 * 8, 8)


def test_silence() -> None:
    assert g711.ulaw_encode(bytes(4)) == g711.ULAW_SILENCE * 2
    assert g711.alaw_encode(bytes(4)) == g711.ALAW_SILENCE * 2


@given(codes=st.binary(max_size=300))
@settings(max_examples=50, deadline=None)
def test_decoding_and_encoding_again_changes_no_value(codes: bytes) -> None:
    assert g711.alaw_encode(g711.alaw_decode(codes)) == codes
    # mu-law has two zeros; all else comes back as the same byte
    assert g711.ulaw_encode(g711.ulaw_decode(codes)) == codes.replace(b"\x7f", b"\xff")


@given(data=pcm)
@settings(max_examples=100, deadline=None)
def test_encoding_picks_a_value_within_half_a_step(data: bytes) -> None:
    for decode, encode, clip in (
        (g711.ulaw_decode, g711.ulaw_encode, 32124),
        (g711.alaw_decode, g711.alaw_encode, 32256),
    ):
        heard = samples(decode(encode(data)))
        assert len(heard) == len(data) // 2
        for said, got in zip(samples(data), heard, strict=True):
            # the step of a segment is 1/16 of its lower end; the first segments have a fixed one
            assert abs(max(-clip, min(clip, said)) - got) <= max(16, abs(said) / 16)


def test_half_a_sample_is_an_error() -> None:
    for encode in (g711.ulaw_encode, g711.alaw_encode):
        with pytest.raises(Exception, match="whole number of frames"):
            encode(b"\0\0\0")
