"""Keys that are heard and keys that are signalled: each press counts once."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.audio.tones import dtmf
from voice.call.keypad import SAME_PRESS_MS, Keypad
from voice.model import Digit

KEYS = st.text("0123456789*#", min_size=1, max_size=6)


def listen(keypad: Keypad, pcm: bytes, piece: int = 320, start_ms: int = 0) -> list[Digit]:
    found: list[Digit] = []
    for i in range(0, len(pcm), piece):
        part = pcm[i : i + piece]
        found += keypad.audio(part, start_ms + (i + len(part)) // 16)
    return found


@given(KEYS, st.sampled_from([160, 320, 480, 640, 1600, 3200]))
@settings(max_examples=40, deadline=None)
def test_tones_are_keys_in_pieces_of_any_length(keys: str, piece: int) -> None:
    found = listen(Keypad(True), dtmf(keys), piece)
    assert "".join(d.key for d in found) == keys
    for number, digit in enumerate(found):
        assert 40 <= digit.at_ms - 200 * number <= 80  # known soon after its tone begins


def test_tones_are_nothing_where_the_provider_signals_keys() -> None:
    keypad = Keypad(False)
    assert listen(keypad, dtmf("123")) == []
    assert not keypad.tone
    assert keypad.signalled(Digit("1", 100), 100)


@given(KEYS, st.integers(0, 1500))
@settings(max_examples=40, deadline=None)
def test_a_press_that_is_heard_and_signalled_later_counts_once(keys: str, late_ms: int) -> None:
    keypad = Keypad(True)
    pressed = ""
    due: list[tuple[int, str]] = [(200 * i + 100 + late_ms, key) for i, key in enumerate(keys)]
    pcm = dtmf(keys) + bytes(16 * (late_ms + 200))
    for i in range(0, len(pcm), 320):
        now = (i + 320) // 16
        pressed += "".join(d.key for d in keypad.audio(pcm[i : i + 320], now))
        while due and due[0][0] <= now:
            key = due.pop(0)[1]
            if keypad.signalled(Digit(key, now), now):
                pressed += key
    assert pressed == keys


def test_a_press_that_is_signalled_before_its_tone_counts_once() -> None:
    keypad = Keypad(True)
    assert keypad.signalled(Digit("7", 0), 0)
    assert listen(keypad, dtmf("77")) == []


def test_from_the_first_signal_on_tones_are_no_keys_but_still_known_as_tones() -> None:
    keypad = Keypad(True)
    assert [d.key for d in listen(keypad, dtmf("1"))] == ["1"]
    assert not keypad.signalled(Digit("1", 200), 200)
    assert keypad.signalled(Digit("1", 260), 260)  # a second press: the first signal used up the tone
    assert listen(keypad, dtmf("2")[:1600], start_ms=200) == []
    assert keypad.tone


def test_a_missed_tone_before_a_signalled_one_does_not_hide_others() -> None:
    keypad = Keypad(True)
    listen(keypad, dtmf("12"))
    assert not keypad.signalled(Digit("2", 400), 400)  # the 1 was never signalled
    assert keypad.signalled(Digit("1", 420), 420)


@pytest.mark.parametrize(("later_ms", "new"), [(0, False), (1, True)])
def test_a_signal_long_after_a_tone_is_another_press(later_ms: int, new: bool) -> None:
    keypad = Keypad(True)
    (digit,) = listen(keypad, dtmf("5"))
    now = digit.at_ms + SAME_PRESS_MS + later_ms
    assert keypad.signalled(Digit("5", now), now) is new


def test_a_lost_stretch_of_a_held_key_makes_no_second_key() -> None:
    keypad = Keypad(True)
    tone = dtmf("9", tone_ms=400)
    assert [d.key for d in listen(keypad, tone[: 200 * 16])] == ["9"]
    assert listen(keypad, tone[260 * 16 :], start_ms=260) == []


def test_silence_in_the_place_of_lost_audio_makes_no_second_key() -> None:
    keypad = Keypad(True)
    tone = dtmf("9", tone_ms=400)
    assert [d.key for d in listen(keypad, tone[: 200 * 16])] == ["9"]
    keypad.lost(280)
    assert listen(keypad, bytes(80 * 16), start_ms=200) == []
    assert listen(keypad, tone[280 * 16 :], start_ms=280) == []


def test_rounded_time_stamps_are_no_loss() -> None:
    keypad = Keypad(True)
    pcm = dtmf("3", tone_ms=60)
    found: list[Digit] = []
    for i in range(0, len(pcm), 180):  # 5.625 ms a piece
        end_ms = round((i + 180) / 16) + i // 180 % 3
        found += keypad.audio(pcm[i : i + 180], end_ms)
    assert [d.key for d in found] == ["3"]


def test_what_is_heard_and_never_signalled_does_not_grow() -> None:
    keypad = Keypad(True)
    for n in range(20):
        listen(keypad, dtmf("123456", 60, 60), start_ms=n * 720)
    assert len(keypad._heard) <= 64
