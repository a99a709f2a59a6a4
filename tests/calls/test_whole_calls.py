"""Every recorded caller, through the whole line in process, to the outcome that its scenario expects."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from voice import settings as settings_module
from voice.replay.clips import load_script
from voice.replay.fast import FastLine, line
from voice.replay.judge import judge
from voice.replay.report import CallReport
from voice.replay.scenario import Source, load, load_all
from voice.settings import Settings

ROOT = Path(__file__).parents[2]
CALLERS = ROOT / "audio_fixtures" / "callers"
SOURCES = load_all([CALLERS])


def line_settings(data: Path) -> Settings:
    # the key is an installation's own: what a log calls a caller's identity depends on it
    given = {"data": data, "prompts": ROOT / "prompts", "profile.key": "k" * 32}
    return settings_module.load(env={}, overrides=given)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_line(
    tmp_path_factory: pytest.TempPathFactory, with_vocabulary: Callable[[Path], Path]
) -> AsyncIterator[FastLine]:
    """One line for all callers, as in life; calls are independent of each other."""
    async with line(line_settings(with_vocabulary(tmp_path_factory.mktemp("line")))) as made:
        yield made


def told(report: CallReport) -> str:
    """Why a call was not as expected, with what was said, for the reader of a failure."""
    problems = [*report.log.failures, *(f"{c.name}: {c.detail}" for c in report.checks if c.ok is False)]
    lines = [
        json.dumps(e.to_json()["data"], ensure_ascii=False)[:200]
        for e in report.events or ()
        if e.kind in ("bot.said", "caller.said", "caller.keyed", "dialogue.intent", "dialogue.slot")
    ]
    return "\n".join([*problems, "", *lines])


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.scenario.name)
async def test_a_caller_reaches_the_expected_outcome(shared_line: FastLine, source: Source) -> None:
    script = load_script(source)
    report = await shared_line.call(script)
    report.checks = judge(script.scenario.expect, report)
    seconds = report.log.ms / 1000
    print(f"{seconds:.1f} s of call in {report.took_s:.2f} s: {seconds / report.took_s:.0f}x real time")
    assert report.ok, told(report)
    assert report.wire_faults == []
    assert report.events is not None
    assert [e.seq for e in report.events] == list(range(len(report.events)))


def test_there_are_callers_of_both_languages() -> None:
    by_lang = {lang: [s for s in SOURCES if s.scenario.lang == lang] for lang in ("es", "en")}
    assert min(map(len, by_lang.values())) >= 8
    assert all(s.scenario.expect.outcome for s in SOURCES)


def test_callers_are_not_taken_for_each_other() -> None:
    """A line remembers who calls from a number: in what language, and where they were cut."""
    numbers = [s.scenario.caller for s in SOURCES]
    assert len(set(numbers)) == len(numbers)


async def test_the_same_callers_twice_write_the_same_logs(
    tmp_path: Path, with_vocabulary: Callable[[Path], Path]
) -> None:
    scripts = [load_script(load(CALLERS / f"{name}.yaml")) for name in ("es-balance-voice", "en-lost-phone")]
    logs = []
    for run in ("first", "second"):
        async with line(line_settings(with_vocabulary(tmp_path / run))) as fast:
            reports = [await fast.call(script) for script in scripts]
        texts = [json.dumps([e.to_json() for e in report.events or ()]) for report in reports]
        logs.append([text.replace(str(tmp_path / run), "DATA") for text in texts])
    assert logs[0] == logs[1]
    assert all('"call.ended"' in text for text in logs[0])
