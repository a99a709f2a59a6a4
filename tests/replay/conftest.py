"""Scripts made in memory, and a small server's side of a call on the same media time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from voice.model import FRAME_MS
from voice.replay.caller import Caller
from voice.replay.clips import Clip, Script, ScriptStep, clip_of
from voice.replay.scenario import Scenario

LOUD = b"\x10" * 160  # 20 ms of a loud constant, mu-law


def tone(ms: int, before_ms: int = 0, after_ms: int = 0) -> Clip:
    t = np.arange(ms * 8) / 8000
    sound = (8000 * np.sin(2 * np.pi * 400 * t)).astype("<i2").tobytes()
    return clip_of(bytes(before_ms * 16) + sound + bytes(after_ms * 16))


def make_script(steps: list[dict[str, Any]], say_ms: int = 400, **fields: Any) -> Script:
    scenario = Scenario.model_validate(
        {"name": "test", "summary": "a test", "lang": "es", "steps": steps, **fields}
    )
    made = tuple(
        ScriptStep(spec, f"test.yaml:{i + 1}", tone(say_ms) if spec.say or spec.play else None)
        for i, spec in enumerate(scenario.steps)
    )
    return Script(scenario, made)


class Line:
    """Drives a caller; ``at`` holds what the server does at a media time, before that tick."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.at: dict[int, list[Callable[[float], Any]]] = {}
        self.keys: list[tuple[int, str]] = []
        self.marks: list[tuple[int, str]] = []
        self.frames: list[bytes] = []
        self.heard: list[bytes] = []

    def say(self, at_ms: int, ms: int, mark: str = "") -> None:
        """The server sends a prompt in one burst, and a mark behind it."""

        def send(now: float) -> None:
            for _ in range(ms // FRAME_MS):
                self.caller.audio(LOUD, now)
            if mark:
                self.echo(self.caller.mark(mark, now))

        self.at.setdefault(at_ms, []).append(send)

    def clear(self, at_ms: int) -> None:
        self.at.setdefault(at_ms, []).append(lambda now: self.echo(self.caller.clear(now)))

    def end(self, at_ms: int) -> None:
        self.at.setdefault(at_ms, []).append(lambda now: self.caller.ended())

    def echo(self, names: tuple[str, ...]) -> None:
        self.marks += [(self.caller.now_ms, name) for name in names]

    def run(self, until_ms: int = 60_000) -> Line:
        """Tick ``n`` goes out at (n + 1) * 20 ms."""
        caller = self.caller
        while not caller.over and caller.now_ms < until_ms:
            now = caller.now_ms + FRAME_MS
            for do in self.at.get(caller.now_ms, ()):
                do(float(caller.now_ms))
            if caller.over:
                break
            tick = caller.tick(float(now))
            self.frames.append(tick.frame)
            self.heard.append(tick.heard)
            self.keys += [(now, key) for key in tick.keys]
            self.echo(tick.marks)
        return self


@pytest.fixture
def line() -> Callable[..., Line]:
    def make(steps: list[dict[str, Any]], **options: Any) -> Line:
        say_ms = options.pop("say_ms", 400)
        fields = options.pop("fields", {})
        return Line(Caller(make_script(steps, say_ms, **fields), **options))

    return make


@pytest.fixture
def script() -> Callable[..., Script]:
    return make_script
