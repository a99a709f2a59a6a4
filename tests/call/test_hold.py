from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from voice.call.hold import (
    COMFORT_MS,
    GIVE_UP,
    MUSIC_PIECE_MS,
    Finish,
    Holding,
    Leave,
    Patience,
    PlayMusic,
    SayText,
    StopPlaying,
)


def keys(actions: list[object]) -> list[str]:
    return [a.key for a in actions if isinstance(a, SayText)]


def test_the_position_is_said_first_and_then_only_when_it_improves() -> None:
    hold = Holding(0, can_call_back=True)
    hold.position(3, 0)
    assert hold.played(100)[0] == SayText("queue.first", (("position", "3"),))
    hold.position(4, 1000)
    assert keys(list(hold.played(5000))) == []
    hold.position(2, 6000)
    assert keys(list(hold.played(10_000))) == ["queue.improved"]
    hold.position(1, 11_000)
    assert keys(list(hold.played(15_000))) == ["queue.next"]


def test_what_is_said_with_the_position_and_between() -> None:
    hold = Holding(0, can_call_back=True)
    hold.position(1, 0)
    music = PlayMusic(MUSIC_PIECE_MS)
    options = SayText("queue.options")
    assert hold.played(10_000) == [SayText("queue.next"), options, music]
    # counted from the last voice, not from the start
    assert hold.played(10_000 + COMFORT_MS - 1) == [music]
    now = 10_000 + COMFORT_MS
    assert hold.played(now) == [SayText("queue.comfort_1"), options, music]
    assert hold.played(now + 1) == [music]
    assert hold.played(now + COMFORT_MS) == [SayText("queue.comfort_2"), options, music]
    assert hold.played(now + 2 * COMFORT_MS)[0] == SayText("queue.comfort_1")


def test_nothing_changes_what_is_decided() -> None:
    for decide in ("accept", "callback", "drain"):
        hold = Holding(0, can_call_back=True)
        if decide == "accept":
            assert hold.accepted("Ana", 0)
        elif decide == "callback":
            assert hold.key("1", 0)
        else:
            assert hold.drain(0)
        assert hold.accepted("Luis", 1) == hold.key("1", 1) == hold.key("2", 1) == hold.drain(1) == []
    hold = Holding(0, can_call_back=True)
    hold.key("2", 0)
    assert hold.over
    assert hold.accepted("Ana", 1) == hold.key("1", 1) == hold.drain(1) == hold.played(1) == []


def test_music_never_plays_long_without_a_voice_nor_the_same_words_twice() -> None:
    hold = Holding(0, can_call_back=True)
    hold.position(1, 0)
    now, last_voice, said = 0, 0, []
    for _ in range(40):
        actions = hold.played(now)
        spoken = keys(list(actions))
        if spoken:
            said.append(spoken[0])
            last_voice = now
        music = [a.ms for a in actions if isinstance(a, PlayMusic)]
        assert music, "always something to hear"
        now += sum(music)
        assert now - last_voice <= COMFORT_MS + 5000
    assert all(a != b for a, b in pairwise(said))


def test_an_agent_takes_the_caller() -> None:
    hold = Holding(0, can_call_back=True)
    hold.position(1, 0)
    hold.played(0)
    assert hold.accepted("Ana", 100) == [StopPlaying(), SayText("queue.accepted", (("agent", "Ana"),))]
    assert hold.key("1", 200) == []  # too late to leave
    assert hold.played(3000) == [Finish("transferred", "accepted")]
    assert hold.played(3001) == []


def test_the_keys_out() -> None:
    hold = Holding(0, can_call_back=True)
    assert Leave("callback") in hold.key("1", 0)
    assert hold.played(900) == [Finish("callback", "caller_asked_callback")]
    hold = Holding(0, can_call_back=True)
    assert hold.key("2", 0) == [StopPlaying(), Leave("returned")]
    hold = Holding(0, can_call_back=False)
    assert keys(list(hold.key("1", 0))) == ["queue.callback_impossible"]
    assert not hold.over
    assert hold.key("7", 0) == []


def test_draining_leaves_nobody_behind() -> None:
    hold = Holding(0, can_call_back=True)
    assert Leave("callback") in hold.drain(0)
    assert hold.played(10) == [Finish("callback", "draining")]
    hold = Holding(0, can_call_back=False)
    assert keys(list(hold.drain(0))) == ["failure"]
    assert hold.played(10) == [Finish("abandoned", "draining")]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("pkad"), st.integers(1, 9)), max_size=40))
def test_something_always_follows(steps: list[tuple[str, int]]) -> None:
    """Whatever the order: until it is over, every end of playing gives more to hear or the end."""
    hold = Holding(0, can_call_back=True)
    now = 0
    for kind, n in steps:
        now += 1000
        if kind == "p":
            hold.position(n, now)
        elif kind == "k":
            hold.key(str(n), now)
        elif kind == "a":
            hold.accepted("Ana", now)
        else:
            hold.drain(now)
        if not hold.over:
            assert hold.played(now)


def test_the_wait_for_the_store_is_never_silent_nor_endless() -> None:
    patience = Patience(1000)
    said = [patience.tick(now) for now in range(1000, 25_000, 20)]
    assert [key for key in said if key] == ["filler", "apology_wait", "filler", GIVE_UP]
    assert said.index("filler") * 20 == 2000
    assert Patience(0).tick(30_000) == GIVE_UP
