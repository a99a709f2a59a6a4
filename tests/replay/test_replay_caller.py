"""The caller's machine: what it does, when, and what it measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from voice.errors import AudioError
from voice.replay.caller import Caller
from voice.replay.clips import Script, clip_of, frames_of
from voice.replay.playback import SILENT_FRAME, voiced

MakeLine = Callable[..., Any]


def test_waits_for_the_prompt_to_end_before_speaking(line: MakeLine) -> None:
    call = line([{"wait": "prompt_end"}, {"say": "hola"}])
    call.say(100, 1000)
    call.run()
    (turn,) = call.caller.log.turns
    # 1000 ms from 100, then 300 ms of quiet
    assert turn.media_ms == 1400
    assert call.caller.log.ended_by == "caller"
    assert sum(map(voiced, call.frames)) == 20


def test_a_pause_inside_a_prompt_does_not_end_it_while_audio_is_queued(line: MakeLine) -> None:
    call = line([{"wait": "prompt_end"}, {"say": "hola"}])
    call.say(100, 200)

    def quiet(now: float) -> None:
        for _ in range(30):
            call.caller.audio(SILENT_FRAME, now)

    call.at[120] = [quiet]
    call.say(140, 200)
    call.run()
    assert call.caller.log.turns[0].media_ms == 100 + 200 + 600 + 200 + 300


def test_response_time_is_less_the_wait_of_the_marks_note(line: MakeLine) -> None:
    call = line([{"say": "hola"}, {"wait": "prompt_end"}, {"hang_up": True}])
    call.say(400 + 640, 500, "u1.0;wait=600")
    call.run()
    (turn,) = call.caller.log.turns
    # the last speech frame was sent at 400, the answer came at 1040
    assert (turn.end_ms, turn.answer_ms, turn.wait_ms) == (400, 1040, 600)
    assert turn.response_ms == 40


def test_without_a_note_the_given_end_silence_counts_for_speech_and_none_for_keys(line: MakeLine) -> None:
    call = line(
        [{"say": "hola"}, {"wait": "prompt_end"}, {"press": "1"}, {"wait": "prompt_end"}], endpoint_ms=700
    )
    call.say(1200, 100)
    call.say(1700, 100)
    call.run()
    said, pressed = call.caller.log.turns
    assert said.response_ms == 1200 - 400 - 700
    assert pressed.wait_ms == 0
    assert pressed.response_ms == 1700 - pressed.end_ms


def test_silence_around_a_clip_is_not_speech() -> None:
    samples = (8000 * np.sin(np.arange(3200) / 3)).astype("<i2").tobytes()
    clip = clip_of(bytes(3200) + samples + bytes(6400))
    assert (clip.first, clip.last, clip.ms) == (10, 29, 1000)


def test_a_silent_clip_is_refused() -> None:
    with pytest.raises(AudioError, match="silent"):
        clip_of(bytes(3200))


def test_barge_in_is_measured_from_onset_to_clear(line: MakeLine) -> None:
    call = line([{"say": "para", "interrupt": 300}, {"wait": "prompt_end"}, {"hang_up": True}], say_ms=600)
    call.say(0, 5000, "u1.0")
    call.clear(420)
    call.say(1500, 200)
    call.run()
    (turn,) = call.caller.log.turns
    assert turn.interrupted
    # the tick that reached 300 ms of prompt starts to speak: its audio begins at 300
    assert turn.start_ms == 300
    assert turn.barge_in_ms == 120
    assert call.marks[0] == (420, "u1.0")
    assert not any(map(voiced, call.heard[21:70]))
    assert turn.answer_ms == 1500
    assert not turn.overlapped


def test_an_answer_over_a_prompt_that_went_on_is_not_measured(line: MakeLine) -> None:
    call = line([{"say": "hola", "interrupt": 200}, {"silent": 3000}])
    call.say(0, 2000)
    call.run()
    (turn,) = call.caller.log.turns
    assert turn.overlapped
    assert turn.response_ms is None


def test_a_provider_that_drops_marks_returns_none_on_clear(line: MakeLine) -> None:
    call = line([{"silent": 1000}], drop_marks_on_clear=True)
    call.say(0, 500, "u1.0")
    call.clear(100)
    call.run()
    assert call.marks == []


def test_keys_are_spaced(line: MakeLine) -> None:
    call = line([{"press": "12#", "gap_ms": 200}, {"silent": 100}])
    call.run()
    assert call.keys == [(20, "1"), (220, "2"), (420, "#")]
    assert call.caller.log.turns[0].end_ms == 420


def test_a_wait_in_vain_fails_and_hangs_up(line: MakeLine) -> None:
    call = line([{"wait": "prompt_end", "within_ms": 500}, {"say": "hola"}])
    call.run()
    assert call.caller.log.failures == ["test.yaml:1: waited 500 ms for a prompt to end, in vain"]
    assert call.caller.log.ended_by == "caller"
    assert call.caller.log.ms == 520


def test_an_answer_that_is_too_late_fails(line: MakeLine) -> None:
    call = line([{"say": "hola", "within_ms": 300}, {"wait": "prompt_end"}])
    call.say(1000, 200)
    call.run()
    assert "an answer" in call.caller.log.failures[0]


def test_a_server_that_ends_too_early_fails_the_scenario(line: MakeLine) -> None:
    call = line([{"wait": "prompt_end"}, {"say": "hola"}])
    call.say(0, 200)
    call.end(220)
    call.run()
    assert call.caller.log.ended_by == "server"
    assert call.caller.log.failures == ["test.yaml:2: the server ended the call before this step was done"]


def test_a_goodbye_that_is_cut_by_the_servers_hang_up_is_fine(line: MakeLine) -> None:
    call = line([{"say": "adiós"}, {"wait_until": "ended"}])
    call.say(1000, 400)
    call.end(1400)
    call.run()
    assert call.caller.log.failures == []
    assert call.caller.log.ended_by == "server"


def test_waits_for_a_notice(line: MakeLine) -> None:
    call = line([{"wait_until": "accepted"}, {"hang_up": True}])
    call.at[600] = [lambda now: call.caller.notice("accepted")]
    call.run()
    assert call.caller.log.ms == 620
    assert call.caller.log.failures == []


def test_waits_for_a_mark_by_part_of_its_name(line: MakeLine) -> None:
    call = line([{"wait": "mark", "mark": "u2"}, {"hang_up": True}])
    call.say(0, 200, "u1.0")
    call.say(20, 200, "u2.0;wait=500")
    call.run()
    assert call.caller.log.ms == 420


def test_the_longest_call_ends(line: MakeLine) -> None:
    call = line([{"silent": 100_000}], fields={"max_ms": 2000})
    call.run()
    assert call.caller.log.failures == ["the call took longer than 2000 ms"]
    assert call.caller.log.ms == 2020


def test_noise_runs_under_speech_and_silence(script: Callable[..., Script]) -> None:
    noise = (1000 * np.random.default_rng(1).standard_normal(1600)).astype("<i2").tobytes()
    caller = Caller(replace(script([{"silent": 100}, {"say": "hola"}]), noise=frames_of(noise)))
    frames = []
    while not caller.over:
        frames.append(caller.tick(0.0).frame)
    assert all(map(voiced, frames))
    assert frames[0] != frames[1]
