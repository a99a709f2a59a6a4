"""What a provider's voice is given to say: one prompt at a time, and what was heard of each."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.call.telling import (
    MOST_LOOPS,
    MOST_REPEATS,
    RECORDING_MS,
    Began,
    Over,
    Send,
    Telling,
    TellingAction,
)
from voice.model import BargeIn, Ended, Prompt, Utterance

LONG = "Ayer llegó su paquete. Lo dejamos en la tienda de abajo. Puede recogerlo hoy."


def prompt(text: str, barge_in: BargeIn = BargeIn.ANY) -> Prompt:
    return Prompt(text, "es", barge_in)


def sent(actions: list[TellingAction]) -> list[str]:
    return [action.text for action in actions if isinstance(action, Send)]


def over(actions: list[TellingAction]) -> list[Over]:
    return [action for action in actions if isinstance(action, Over)]


def reporting() -> Telling:
    telling = Telling()
    telling.speaking(True, 0)
    return telling


def test_one_prompt_is_out_at_a_time_by_its_length() -> None:
    telling = Telling()
    assert sent(telling.say(1, prompt("uno dos tres"), 0)) == ["uno dos tres"]
    assert sent(telling.say(2, prompt("cuatro"), 10)) == []
    due = telling.deadline()
    assert due is not None
    assert 800 < due < 2000
    done = telling.tick(due)
    assert [(one.id, one.utterance.ended) for one in over(done)] == [(1, Ended.FULL)]
    assert sent(done) == ["cuatro"]


def test_the_providers_word_is_believed_over_the_length() -> None:
    telling = reporting()
    actions = telling.say(1, prompt("hola"), 0)
    assert isinstance(actions[0], Send)
    assert actions[0].preemptible
    assert not [action for action in actions if isinstance(action, Began)]
    assert telling.speaking(True, 700) == [Began(1)]
    assert [one.utterance.heard for one in over(telling.speaking(False, 900))] == ["hola"]


def test_the_end_of_the_prompt_before_is_not_taken_for_this_ones() -> None:
    telling = reporting()
    telling.say(1, prompt("hola, buenos días tenga usted"), 0)
    assert over(telling.speaking(False, 50)) == []
    telling.speaking(True, 300)
    assert over(telling.speaking(False, 2000))


def test_a_breath_between_sentences_is_no_end() -> None:
    telling = reporting()
    telling.say(1, prompt(LONG), 0)
    telling.speaking(True, 100)
    telling.played("Ayer llegó su paquete.", 1500)
    assert over(telling.speaking(False, 1600)) == []
    telling.speaking(True, 1800)
    telling.played("Lo dejamos en la tienda de abajo. Puede recogerlo hoy.", 5000)
    assert over(telling.speaking(False, 5100))


def test_reports_that_never_come_hold_nobody_up() -> None:
    telling = reporting()
    telling.say(1, prompt("hola"), 0)
    due = telling.deadline()
    assert due is not None
    assert over(telling.tick(due))
    telling.say(2, prompt("hola"), due)
    telling.speaking(True, due + 100)
    due = telling.deadline()
    assert due is not None
    assert over(telling.tick(due))
    assert telling.deadline() is None


def test_what_was_cut_goes_on_from_the_phrase_in_which_it_was() -> None:
    telling = reporting()
    telling.say(1, prompt(LONG), 0)
    telling.speaking(True, 100)
    assert telling.interrupted("Ayer llegó su paquete. Lo dejamos", 2500)
    telling.pause()
    assert telling.say(2, prompt("después"), 2600) == []
    again = telling.resume(4000)
    assert sent(again) == ["Lo dejamos en la tienda de abajo. Puede recogerlo hoy."]


def test_a_turn_ends_everything_and_says_what_was_heard() -> None:
    telling = reporting()
    telling.say(1, prompt(LONG), 0)
    telling.say(2, prompt("después"), 0)
    telling.speaking(True, 100)
    telling.interrupted("Ayer llegó su", 1200)
    telling.pause()
    done = over(telling.clear(2000))
    assert [(one.id, one.utterance.heard, one.utterance.ended) for one in done] == [
        (1, "Ayer llegó su", Ended.CUT),
        (2, "", Ended.UNHEARD),
    ]


def test_an_interruption_of_something_else_is_ignored() -> None:
    telling = reporting()
    assert not telling.interrupted("hola", 0)
    telling.say(1, prompt(LONG), 0)
    assert not telling.interrupted("Buenas tardes, dígame", 100)
    assert telling.interrupted("", 200)


def test_a_prompt_that_is_always_cut_ends_after_some_times() -> None:
    telling = Telling()
    telling.say(1, prompt(LONG, BargeIn.NONE), 0)
    done: list[Over] = []
    for n in range(MOST_REPEATS + 1):
        assert telling.interrupted("", n)
        done = over(telling.resume(n))
    assert [one.utterance.ended for one in done] == [Ended.CUT]
    assert not telling.busy


def test_the_providers_own_greeting_is_not_sent() -> None:
    telling = Telling("Hola.")
    assert sent(telling.say(1, prompt("Hola.", BargeIn.NONE), 0)) == []
    assert sent(telling.say(2, prompt("Adiós."), 0)) == []
    due = telling.deadline()
    assert due is not None
    assert sent(telling.tick(due)) == ["Adiós."]


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("say"), st.sampled_from(["", "hola", LONG, "¿sí?"]), st.sampled_from(list(BargeIn))
        ),
        st.tuples(st.just("music"), st.integers(1, 5000)),
        st.tuples(st.just("speaking"), st.booleans()),
        st.tuples(st.just("played"), st.sampled_from(["hola", LONG, "x", "¡!"])),
        st.tuples(st.just("interrupted"), st.sampled_from(["", "hola", "Ayer llegó", LONG, "otro"])),
        st.tuples(st.sampled_from(["pause", "resume", "clear", "tick"])),
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=60)
@given(STEPS)
def test_every_prompt_ends_once_in_order_whatever_happens(steps: list[tuple[object, ...]]) -> None:
    telling, now, number = Telling(), 0, 0
    ended: list[int] = []
    out = 0

    def did(actions: list[TellingAction]) -> None:
        nonlocal out
        for action in actions:
            if isinstance(action, Over):
                ended.append(action.id)
                utterance = action.utterance
                assert len(utterance.heard) <= len(utterance.text) + 1
        assert sum(isinstance(action, Send) for action in actions) <= 1 + len(over(actions))

    for step in steps:
        now += 137
        match step:
            case ("say", str(text), BargeIn() as policy):
                number += 1
                did(telling.say(number, prompt(text, policy), now))
            case ("music", int(ms)):
                number += 1
                did(telling.music(number, "es", ms, now))
            case ("speaking", bool(on)):
                did(telling.speaking(on, now))
            case ("played", str(text)):
                did(telling.played(text, now))
            case ("interrupted", str(text)):
                telling.interrupted(text, now)
            case ("pause",):
                telling.pause()
            case ("resume",):
                did(telling.resume(now))
            case ("clear",):
                did(telling.clear(now))
            case _:
                did(telling.tick(now))
    did(telling.resume(now))
    for _ in range(200):
        due = telling.deadline()
        if due is None:
            break
        now = max(now, due)
        did(telling.tick(now))
    assert ended == list(range(1, number + 1))


def test_a_recording_is_played_by_the_provider_in_its_place() -> None:
    telling = Telling()
    first = telling.say(1, Prompt("Escuche.", "es"), 0)
    assert [a.text for a in first if isinstance(a, Send)] == ["Escuche."]
    assert telling.say(2, Prompt("[a.mp3]", "es", BargeIn.DTMF, source="https://x/a.mp3", loop=2), 10) == []
    due = telling.deadline()
    assert due is not None
    (play,) = [a for a in telling.tick(due) if isinstance(a, Send)]
    assert (play.text, play.source, play.loop, play.interruptible) == ("", "https://x/a.mp3", 2, False)
    end = telling.deadline()
    assert end == due + 2 * RECORDING_MS
    (played,) = over(telling.tick(end))
    assert played.utterance == Utterance("[a.mp3]", "[a.mp3]", 2 * RECORDING_MS, Ended.FULL)


@pytest.mark.parametrize(
    ("policy", "loop", "loops", "preemptible"),
    [
        (BargeIn.ANY, 0, MOST_LOOPS, True),
        (BargeIn.ANY, 900, MOST_LOOPS, False),
        (BargeIn.NONE, 0, 1, True),
        (BargeIn.NONE, 900, 1, False),
    ],
)
def test_no_provider_plays_a_recording_without_end(
    policy: BargeIn, loop: int, loops: int, preemptible: bool
) -> None:
    prompt = Prompt("[a.mp3]", "es", policy, source="https://x/a.mp3", loop=loop)
    (play,) = [a for a in Telling().say(1, prompt, 0) if isinstance(a, Send)]
    assert (play.loop, play.preemptible) == (loops, preemptible)


def test_a_recording_that_gives_way_does_so_at_the_provider() -> None:
    prompt = Prompt("[a.mp3]", "es", source="https://x/a.mp3", preemptible=True)
    assert [a.preemptible for a in Telling().say(1, prompt, 0) if isinstance(a, Send)] == [True]
