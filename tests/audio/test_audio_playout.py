from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.audio.playout import ECHO_MS, Finished, Playout, SendAudio, SendMark
from voice.model import Ended, Utterance


def audio(ms: int, mark: int = 1) -> bytes:
    return bytes([mark, 0]) * (ms * 8)


def say(playout: Playout, uid: int, phrases: list[tuple[str, bytes]], now: int = 0) -> None:
    playout.begin(uid, " ".join(text for text, _ in phrases), now)
    for text, pcm in phrases:
        phrase = playout.add_phrase(uid, text)
        playout.feed(phrase, pcm, now)
        playout.finish_phrase(phrase)
    playout.finish(uid)


def play(playout: Playout, now: int = 0, until: int = 60_000) -> list[tuple[int, object]]:
    """Pulls whenever it is due, without echoing any mark."""
    out: list[tuple[int, object]] = [(now, action) for action in playout.pull(now)]
    while (due := playout.deadline()) is not None and due <= until:
        assert due > now, "pull at the deadline must make progress"
        now = due
        out += [(now, action) for action in playout.pull(now)]
    return out


def sent(actions: list[tuple[int, object]]) -> bytes:
    return b"".join(a.pcm for _, a in actions if isinstance(a, SendAudio))


def marks(actions: list[tuple[int, object]]) -> list[str]:
    return [a.name for _, a in actions if isinstance(a, SendMark)]


def test_audio_goes_out_paced_in_chunks_with_a_mark_after_each_phrase() -> None:
    playout = Playout(lead_ms=240)
    say(playout, 7, [("Hola.", audio(250)), ("Adiós.", audio(90, 2))], now=1000)
    actions = play(playout, 1000, until=2000)
    assert [
        (now, a.at_ms, len(a.pcm) // 16) if isinstance(a, SendAudio) else (now, a.name)
        for now, a in actions
        if isinstance(a, SendAudio | SendMark)
    ] == [
        (1000, 1000, 100),
        (1000, 1100, 100),
        (1020, 1200, 60),
        (1020, "7.0"),
        (1120, 1260, 100),
        (1120, "7.1"),
    ]
    assert sent(actions) == audio(250) + bytes(160) + audio(90, 2) + bytes(160)


def test_all_marks_back_is_heard_in_full() -> None:
    playout = Playout(240)
    say(playout, 1, [("Uno.", audio(60)), ("Dos.", audio(60))])
    play(playout, until=500)
    assert playout.mark_played("1.0", 60) == []
    assert playout.mark_played("1.1", 120) == [
        Finished(1, Utterance("Uno. Dos.", "Uno. Dos.", 120, Ended.FULL))
    ]
    assert not playout.playing
    assert playout.deadline() is None


def test_a_clear_keeps_only_what_was_acknowledged() -> None:
    playout = Playout(2000)
    say(playout, 1, [(f"Frase {n}.", audio(100)) for n in range(7)])
    say(playout, 2, [("Otra.", audio(100))])
    play(playout, until=700)
    for n in range(3):
        playout.mark_played(f"1.{n}", 100 * (n + 1))
    assert playout.clear(350) == [
        Finished(
            1,
            Utterance(
                " ".join(f"Frase {n}." for n in range(7)), "Frase 0. Frase 1. Frase 2.", 300, Ended.CUT
            ),
        ),
        Finished(2, Utterance("Otra.", "", 0, Ended.UNHEARD)),
    ]
    # what the provider returns because of the clear is not heard, and what comes later is ignored
    assert [playout.mark_played(f"1.{n}", 351) for n in range(3, 7)] == [[], [], [], []]
    assert playout.pull(400) == []
    assert playout.deadline() is None


def test_a_later_mark_stands_for_those_before_it() -> None:
    playout = Playout(2000)
    say(playout, 1, [("Uno.", audio(40)), ("Dos.", audio(40))])
    say(playout, 2, [("Tres.", audio(40))])
    play(playout, until=100)
    assert [f.utterance.ended for f in playout.mark_played("2.0", 200)] == [Ended.FULL, Ended.FULL]


def test_without_any_echo_a_phrase_was_heard_two_seconds_after_its_end() -> None:
    playout = Playout(240)
    say(playout, 1, [("Uno.", audio(100)), ("Dos.", audio(1000))])
    actions = play(playout)
    finished = [(now, a) for now, a in actions if isinstance(a, Finished)]
    assert finished == [(1100 + ECHO_MS, Finished(1, Utterance("Uno. Dos.", "Uno. Dos.", 1100, Ended.FULL)))]
    playout = Playout(240)
    say(playout, 1, [("Uno.", audio(100)), ("Dos.", audio(1000))])
    play(playout, until=100 + ECHO_MS)
    assert [f.utterance.heard for f in playout.clear(100 + ECHO_MS)] == ["Uno."]


def test_the_first_audio_is_sent_at_once_then_whole_chunks_are_awaited() -> None:
    playout = Playout(240)
    playout.begin(1, "Hola", 0)
    phrase = playout.add_phrase(1, "Hola")
    assert playout.pull(0) == []
    assert playout.deadline() is None
    playout.feed(phrase, audio(65), 10)
    assert playout.pull(10) == [SendAudio(audio(60), 10)]
    playout.feed(phrase, audio(35), 20)
    assert playout.pull(20) == []  # 50 ms ahead: no hurry
    assert playout.deadline() == 30
    assert playout.pull(30) == [SendAudio(audio(40), 70)]
    playout.finish_phrase(phrase)
    assert playout.deadline() == 30
    assert playout.pull(30) == [SendMark("1.0")]


def test_a_slow_engine_only_delays() -> None:
    playout = Playout(240)
    playout.begin(1, "Hola", 0)
    phrase = playout.add_phrase(1, "Hola")
    playout.feed(phrase, audio(100), 0)
    assert playout.pull(0) == [SendAudio(audio(100), 0)]
    playout.feed(phrase, audio(100, 2), 700)
    assert playout.pull(700) == [SendAudio(audio(100, 2), 700)]


def test_a_pause_takes_back_to_the_start_of_the_phrase() -> None:
    playout = Playout(240)
    say(playout, 1, [("Uno.", audio(100, 1)), ("Dos.", audio(400, 2))])
    play(playout, until=150)
    playout.mark_played("1.0", 110)
    playout.pause(200)
    assert playout.playing
    assert playout.paused
    assert playout.pull(210) == []
    assert playout.deadline() is None
    assert playout.mark_played("1.1", 220) == []
    playout.resume(2200)
    assert playout.deadline() == 2200
    actions = play(playout, 2200, until=2500)
    assert sent(actions) == audio(400, 2)
    assert marks(actions) == ["1.1+1"]
    assert playout.mark_played("1.1", 2300) == []  # an echo of the first time
    assert playout.mark_played("1.1+1", 2600) == [
        Finished(1, Utterance("Uno. Dos.", "Uno. Dos.", 500, Ended.FULL))
    ]


def test_a_pause_may_reach_back_into_an_utterance_before() -> None:
    playout = Playout(2000)
    say(playout, 1, [("Uno.", audio(100, 1)), ("", b"")])
    say(playout, 2, [("Dos.", audio(100, 2))])
    play(playout, until=50)
    playout.pause(60)
    playout.resume(90)
    actions = play(playout, 90, until=400)
    assert sent(actions) == audio(100, 1) + audio(100, 2)
    assert marks(actions) == ["1.0+1", "2.0+1"]


def test_what_is_still_being_made_outlives_the_end_of_what_was_said_before() -> None:
    playout = Playout(2000)
    say(playout, 1, [("Uno.", audio(100, 1))])
    playout.begin(2, "Dos.", 0)
    phrase = playout.add_phrase(2, "Dos.")
    playout.finish(2)
    play(playout, until=50)
    assert playout.mark_played("1.0", 100) == [Finished(1, Utterance("Uno.", "Uno.", 100, Ended.FULL))]
    playout.feed(phrase, audio(100, 2), 200)
    playout.finish_phrase(phrase)
    assert sent(play(playout, 200, until=300)) == audio(100, 2)


def test_without_audio_nothing_was_heard() -> None:
    playout = Playout(240)
    say(playout, 1, [("Uno.", b"")])
    assert playout.deadline() is not None
    assert playout.pull(0) == [Finished(1, Utterance("Uno.", "", 0, Ended.UNHEARD))]
    playout.begin(2, "nada", 0)
    playout.finish(2)
    assert playout.pull(0) == [Finished(2, Utterance("nada", "", 0, Ended.UNHEARD))]
    say(playout, 3, [("Uno.", audio(20)), ("Dos.", b"")])
    playout.pull(0)
    assert playout.mark_played("3.0", 20) == [Finished(3, Utterance("Uno. Dos.", "Uno.", 20, Ended.CUT))]


def test_late_callbacks_of_what_is_gone_are_ignored() -> None:
    playout = Playout(240)
    playout.begin(1, "Hola", 0)
    phrase = playout.add_phrase(1, "Hola")
    playout.clear(0)
    playout.feed(phrase, audio(100), 5)
    playout.finish_phrase(phrase)
    playout.finish(1)
    assert playout.add_phrase(1, "más") != phrase
    assert playout.pull(5) == []
    assert not playout.playing


def test_a_finished_phrase_takes_no_more_audio() -> None:
    playout = Playout(240)
    playout.begin(1, "Hola", 0)
    phrase = playout.add_phrase(1, "Hola")
    playout.feed(phrase, audio(20), 0)
    playout.finish_phrase(phrase)
    playout.feed(phrase, audio(20, 2), 0)
    assert playout.pull(0) == [SendAudio(audio(20), 0), SendMark("1.0")]


def test_a_lead_that_cannot_work_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least 40"):
        Playout(20)


# --- random sequences -----------------------------------------------------------------------------------


@dataclass
class Model:
    """What a provider sees, and the rules it can check."""

    lead: int
    chunk: int
    playout: Playout = field(init=False)
    now: int = 0
    uid: int = 0
    fed: dict[tuple[int, int], bytes] = field(default_factory=dict)  # (utterance, phrase index)
    phrase_ids: dict[tuple[int, int], int] = field(default_factory=dict)
    open: list[int] = field(default_factory=list)
    counts: dict[int, int] = field(default_factory=dict)
    stream: bytes = b""  # sent since the last mark, clear or pause
    got: dict[tuple[int, int], bytes] = field(default_factory=dict)
    queue: list[str] = field(default_factory=list)  # marks to echo
    finished: dict[int, Utterance] = field(default_factory=dict)
    acked: dict[int, int] = field(default_factory=dict)
    cursor: int = 0

    def __post_init__(self) -> None:
        self.playout = Playout(self.lead, self.chunk)

    def take(self, actions: list[object]) -> None:
        for action in actions:
            if isinstance(action, SendAudio):
                assert len(action.pcm) % 320 == 0
                assert action.at_ms == max(self.cursor, self.now)
                self.cursor = action.at_ms + len(action.pcm) // 16
                assert self.cursor <= self.now + self.lead
                self.stream += action.pcm
            elif isinstance(action, SendMark):
                key = action.name.split("+")[0].split(".")
                where = (int(key[0]), int(key[1]))
                assert all(where > before for before in map(self.place, self.queue))
                pcm = self.fed[where]
                assert self.stream == pcm + bytes(-len(pcm) % 320), "nothing lost, nothing doubled"
                self.stream = b""
                self.queue.append(action.name)
            else:
                assert isinstance(action, Finished)
                assert action.utterance_id not in self.finished
                assert action.utterance_id == min({*self.counts} - {*self.finished})
                self.finished[action.utterance_id] = action.utterance
                self.queue = [name for name in self.queue if self.place(name)[0] != action.utterance_id]

    @staticmethod
    def place(name: str) -> tuple[int, int]:
        uid, index = name.split("+")[0].split(".")
        return int(uid), int(index)

    def step(self, op: str, value: int) -> None:
        playout = self.playout
        if op == "begin":
            self.uid += 1
            playout.begin(self.uid, "", self.now)
            self.counts[self.uid] = 0
            self.open.append(self.uid)
        elif op == "phrase" and self.open:
            uid = self.open[value % len(self.open)]
            key = (uid, self.counts[uid])
            self.counts[uid] += 1
            self.phrase_ids[key] = playout.add_phrase(uid, f"p{key[1]}")
            self.fed[key] = b""
        elif op == "feed" and self.phrase_ids:
            keys = list(self.phrase_ids)
            key = keys[value % len(keys)]
            pcm = bytes([value % 255 + 1]) * (value * 3)
            self.fed[key] += pcm
            playout.feed(self.phrase_ids[key], pcm, self.now)
        elif op == "end_phrase" and self.phrase_ids:
            keys = list(self.phrase_ids)
            playout.finish_phrase(self.phrase_ids.pop(keys[value % len(keys)]))
        elif op == "end" and self.open:
            playout.finish(self.open.pop(value % len(self.open)))
        elif op == "echo" and self.queue:
            self.echo(value % len(self.queue))
        elif op == "bogus":
            assert playout.mark_played(f"{value}.x", self.now) == []
        elif op == "pause":
            if not playout.paused:
                self.drop()
            playout.pause(self.now)
        elif op == "resume":
            playout.resume(self.now)
        elif op == "clear":
            cleared = playout.clear(self.now)
            self.open.clear()
            self.phrase_ids.clear()
            self.take(list(cleared))
            self.drop()
        self.take(list(playout.pull(self.now)))

    def echo(self, index: int) -> None:
        name = self.queue[index]
        uid, phrase = self.place(name)
        del self.queue[: index + 1]
        self.acked[uid] = phrase + 1
        self.take(list(self.playout.mark_played(name, self.now)))

    def drop(self) -> None:
        self.queue.clear()
        self.stream = b""
        self.cursor = self.now

    def wait(self, ms: int) -> None:
        end = self.now + ms
        while (due := self.playout.deadline()) is not None and due <= end:
            assert due > self.now, "pull at the deadline must make progress"
            self.now = due
            self.queue = [name for name in self.queue if name not in self.timed_out()]
            self.take(list(self.playout.pull(due)))
        self.now = end
        self.take(list(self.playout.pull(end)))

    def timed_out(self) -> set[str]:
        pending = {mark.name for mark in self.playout._pending if mark.end_ms + ECHO_MS > self.now}
        return {name for name in self.queue if name not in pending}


OPS = [
    "begin",
    "phrase",
    "feed",
    "feed",
    "end_phrase",
    "end",
    "echo",
    "bogus",
    "pause",
    "resume",
    "clear",
    "wait",
]


@given(
    lead=st.sampled_from([40, 100, 240, 1000]),
    chunk=st.sampled_from([20, 100]),
    ops=st.lists(st.tuples(st.sampled_from(OPS), st.integers(0, 900)), max_size=60),
)
@settings(max_examples=300, deadline=None)
def test_any_sequence_keeps_the_rules(lead: int, chunk: int, ops: list[tuple[str, int]]) -> None:
    model = Model(lead, chunk)
    for op, value in ops:
        if op == "wait":
            model.wait(value)
        else:
            model.step(op, value)
    # everything ends once the engines have ended, even without a single echo
    model.step("resume", 0)
    for phrase in model.phrase_ids.values():
        model.playout.finish_phrase(phrase)
    for uid in model.open:
        model.playout.finish(uid)
    model.take(list(model.playout.pull(model.now)))
    model.wait(200_000)
    assert model.finished.keys() == model.counts.keys()
    assert not model.playout.playing
    for uid, utterance in model.finished.items():
        check_heard(model, uid, utterance)


def check_heard(model: Model, uid: int, utterance: Utterance) -> None:
    """Heard is a prefix of the phrases that have audio, as long as what it took."""
    audible = [f"p{n}" for n in range(model.counts[uid]) if model.fed[uid, n]]
    if utterance.ended is Ended.FULL:
        assert len(audible) == model.counts[uid] > 0
        return
    heard = utterance.heard.split()
    assert heard == audible[: len(heard)]
    assert (utterance.ended is Ended.UNHEARD) == (heard == [])
    assert utterance.heard_ms == sum(-(-len(model.fed[uid, int(p[1:])]) // 320) * 20 for p in heard)
    assert len(heard) >= len([p for p in audible if int(p[1:]) < model.acked.get(uid, 0)])
