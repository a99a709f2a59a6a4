"""The provider's buffer: nothing is lost, nothing is early, marks come once and in order."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from voice.replay.playback import FRAME_SAMPLES, SILENT_FRAME, Playback, voiced

Step = tuple[str, int]
steps = st.lists(
    st.one_of(
        st.tuples(st.just("audio"), st.integers(0, 900)),
        st.tuples(st.just("mark"), st.just(0)),
        st.tuples(st.just("clear"), st.just(0)),
        st.tuples(st.just("play"), st.integers(1, 5)),
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(steps)
def test_every_mark_is_echoed_once_in_order_and_never_before_its_audio(script: list[Step]) -> None:
    playback = Playback()
    sent = 0  # samples
    played = 0  # samples that were heard, or cleared
    due: list[int] = []  # for each mark, the samples before it
    echoed: list[str] = []
    for what, amount in script:
        if what == "audio":
            playback.add(b"\x00" * amount)
            sent += amount
        elif what == "mark":
            due.append(sent)
            echoed += playback.mark(str(len(due) - 1))
        elif what == "clear":
            played = sent
            echoed += playback.clear()
        else:
            for _ in range(amount):
                heard, names = playback.play()
                played += heard.count(b"\x00")
                echoed += names
        assert all(due[int(name)] <= played for name in echoed)
        assert playback.buffered_ms == (sent - played) // 8
    while playback.buffered_ms:
        echoed += playback.play()[1]
    echoed += playback.play()[1]
    assert echoed == [str(i) for i in range(len(due))]
    assert playback.echoed == echoed


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=700), max_size=8))
def test_audio_comes_out_as_it_went_in(pieces: list[bytes]) -> None:
    playback = Playback()
    for piece in pieces:
        playback.add(piece)
    whole = b"".join(pieces)
    out = b"".join(playback.play()[0] for _ in range(len(whole) // FRAME_SAMPLES + 1))
    assert out[: len(whole)] == whole
    assert set(out[len(whole) :]) <= {0xFF}


def test_sound_and_silence() -> None:
    assert not voiced(b"")
    assert not voiced(SILENT_FRAME)
    assert not voiced(b"\x7f" * 160)  # the other zero of mu-law
    assert voiced(SILENT_FRAME[1:] + b"\x20")


def test_a_prompt_ends_300_ms_after_its_last_sound() -> None:
    playback = Playback()
    playback.add(b"\x20" * 800)
    states = []
    for _ in range(25):
        playback.play()
        states.append(playback.playing())
    assert states.index(False) == (100 + 300) // 20 - 1
    assert playback.started_ms == 0


def test_queued_silence_keeps_a_prompt_alive_for_a_second_only() -> None:
    playback = Playback()
    playback.add(b"\x20" * 160)
    playback.add(SILENT_FRAME * 200)
    states = []
    for _ in range(80):
        playback.play()
        states.append(playback.playing())
    assert states.index(False) == (20 + 1000) // 20 - 1
