"""Callers whose keys are only tones in their audio operate the menu, in both languages, over noise."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
import soundfile

from voice import settings as settings_module
from voice.audio.tones import dtmf
from voice.replay.clips import load_script
from voice.replay.fast import FastLine, line
from voice.replay.judge import judge
from voice.replay.scenario import Source, Step, load

ROOT = Path(__file__).parents[2]
CALLERS = ROOT / "audio_fixtures" / "callers"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tone_line(
    tmp_path_factory: pytest.TempPathFactory, with_vocabulary: Callable[[Path], Path]
) -> AsyncIterator[FastLine]:
    data = with_vocabulary(tmp_path_factory.mktemp("line"))
    overrides = {"data": data, "prompts": ROOT / "prompts", "call.keypad_tones": "on"}
    async with line(settings_module.load(env={}, overrides=overrides)) as made:
        yield made


def as_tones(source: Source, folder: Path) -> Source:
    """The same caller on a telephone whose keys are only heard: 80 ms tones, noise 20 dB below them."""
    steps: list[Step] = []
    rng = np.random.default_rng(7)
    for step in source.scenario.steps:
        if step.press is not None:
            file = folder / f"{step.press}.wav"
            tones = np.frombuffer(dtmf(step.press, tone_ms=80, gap_ms=80, level=0.2), "<i2")
            rms = np.sqrt((tones[:640].astype(float) ** 2).mean())
            noisy = tones + rng.normal(0, rms / 10, len(tones))
            soundfile.write(file, noisy.astype("<i2"), 8000)
            step = Step(play=str(file), within_ms=step.within_ms, interrupt=step.interrupt)
        steps.append(step)
    # an answer that begins within the tone cannot be measured as a turn of the caller
    expect = source.scenario.expect.model_copy(update={"min_turns": 0})
    scenario = source.scenario.model_copy(update={"steps": steps, "expect": expect})
    return Source(scenario, source.path, source.step_lines)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", ["es-balance-keypad", "en-balance-keypad", "es-key-zero", "en-key-zero"])
async def test_a_caller_whose_keys_are_only_heard(tone_line: FastLine, name: str, tmp_path: Path) -> None:
    source = as_tones(load(CALLERS / f"{name}.yaml"), tmp_path)
    assert any(s.play for s in source.scenario.steps)
    script = load_script(source)
    report = await tone_line.call(script)
    report.checks = judge(script.scenario.expect, report)
    problems = [*report.log.failures, *(f"{c.name}: {c.detail}" for c in report.checks if c.ok is False)]
    assert report.ok, problems
    keyed = [e for e in report.events or () if e.kind == "caller.keyed"]
    pressed = [s.press for s in load(CALLERS / f"{name}.yaml").scenario.steps if s.press]
    # four keys in a row are the PIN, which is in no log
    shown = ["•" * 4 if len(keys) == 4 else keys for keys in pressed]
    assert [e.to_json()["data"]["keys"] for e in keyed] == shown
