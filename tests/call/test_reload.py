"""Edits go live between calls: a good one for new calls, a broken one never."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path
from typing import Any, cast

import pytest

from tests.dialogue.text_caller import APPOINTMENT_ACTIONS, APPOINTMENTS, make_prompts
from voice.call.services import Services
from voice.dialogue.loader import Business, load_business
from voice.errors import EngineError, FlowError, Problem
from voice.line import Line
from voice.reload import Reloader, marks_of


class Bench:
    """A reloader over a folder, and what it was asked to do."""

    def __init__(self, folder: Path) -> None:
        self.prompts = make_prompts(folder / "prompts", APPOINTMENTS, APPOINTMENT_ACTIONS)
        self.flow = self.prompts / "flows" / "appointments.yaml"
        self.done: list[str] = []
        self.fails: Exception | None = None
        self.reloader = Reloader(
            load_business("appointments", self.prompts),
            self.prompts,
            learn=self._learn,
            speak=lambda business: self.done.append("speak"),
            renew=self._renew,
        )

    def _learn(self, flow: Any) -> None:
        if self.fails is not None:
            raise self.fails
        self.done.append("learn")

    def _renew(self, business: Business) -> Services:
        self.done.append(business.flow.version)
        return cast(Services, business)

    def write(self, old: str, new: str) -> None:
        assert old in APPOINTMENTS
        self.flow.write_text(APPOINTMENTS.replace(old, new), encoding="utf-8")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def test_an_edit_goes_live_when_it_is_ready(bench: Bench) -> None:
    before = bench.reloader.business
    bench.write("¿Qué necesita?", "¿Qué desea?")
    services = await bench.reloader.load()
    assert services is not None
    version = bench.reloader.business.flow.version
    assert version != before.flow.version
    assert bench.done == ["learn", "speak", version]
    assert before.flow.steps["menu"].prompt["es"] == "¿Qué necesita?"  # type: ignore[union-attr]  # a menu


async def test_new_actions_and_texts_go_live_too(bench: Bench) -> None:
    (bench.prompts / "actions.py").write_text(APPOINTMENT_ACTIONS.replace("4711", "12"), encoding="utf-8")
    os.utime(bench.prompts / "actions.py", (1, 1))  # not the time that its compiled twin remembers
    assert await bench.reloader.load() is not None
    assert bench.reloader.business.registry.functions["book"](day="", place="") == {"code": "12"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("start: menu", "start: nowhere", ":9: error: the first step"),
        ("type: hang_up", "type: [", "cannot be read"),
    ],
)
async def test_a_broken_edit_changes_nothing(
    bench: Bench, caplog: pytest.LogCaptureFixture, old: str, new: str, told: str
) -> None:
    before = bench.reloader.business
    bench.write(old, new)
    with caplog.at_level(logging.ERROR):
        assert await bench.reloader.load() is None
    assert bench.reloader.business is before
    assert bench.done == []
    assert any(told in line and "appointments.yaml" in line for line in caplog.messages)
    assert f"version {before.flow.version} stays" in caplog.text


@pytest.mark.parametrize(
    ("edits", "told"),
    [
        (
            [("ok: booked", "ok: bokked"), ("código {code|digits}", "código {kode|digits}")],
            ["the step 'bokked' does not exist", "{kode} is neither a slot nor a variable"],
        ),
        (
            [("    min: 5\n", "    mim: 5\n"), ("kind: date\n", "kind: dat\n")],
            ["'mim' is not known here", "'kind' must be one of"],
        ),
    ],
)
async def test_every_mistake_of_an_edit_is_told(
    bench: Bench, caplog: pytest.LogCaptureFixture, edits: list[tuple[str, str]], told: list[str]
) -> None:
    source = APPOINTMENTS
    for old, new in edits:
        source = source.replace(old, new)
    bench.write(APPOINTMENTS, source)
    with caplog.at_level(logging.ERROR):
        assert await bench.reloader.load() is None
    for mistake in told:
        assert any(mistake in line and "appointments.yaml:" in line for line in caplog.messages), mistake


@pytest.mark.parametrize(
    "error", [EngineError("no"), OSError("no"), FlowError([Problem("f", 1, "no", "do")])]
)
async def test_words_that_cannot_be_made_ready_change_nothing(bench: Bench, error: Exception) -> None:
    bench.fails = error
    assert await bench.reloader.load() is None
    assert "speak" not in bench.done


def test_an_edit_is_taken_once_it_stands_still(bench: Bench) -> None:
    assert not bench.reloader.settled(bench.reloader.marks())
    bench.write("¿Qué necesita?", "¿Qué")
    assert not bench.reloader.settled(bench.reloader.marks())  # just written
    bench.write("¿Qué necesita?", "¿Qué desea hoy?")
    assert not bench.reloader.settled(bench.reloader.marks())  # and again
    assert bench.reloader.settled(bench.reloader.marks())
    bench.flow.unlink()
    assert not bench.reloader.settled(bench.reloader.marks())
    assert bench.reloader.settled(bench.reloader.marks())


async def test_asked_for_it_looks_at_once(bench: Bench) -> None:
    used: asyncio.Queue[Services] = asyncio.Queue()
    watching = asyncio.create_task(bench.reloader.watch(used.put_nowait, 0))
    bench.write("¿Qué necesita?", "¿Qué desea?")
    bench.reloader.ask()
    business = cast(Business, await asyncio.wait_for(used.get(), 30))
    assert business.flow.steps["menu"].prompt["es"] == "¿Qué desea?"  # type: ignore[union-attr]  # a menu
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


def test_only_what_a_business_writes_is_watched(bench: Bench) -> None:
    (bench.prompts / "__pycache__").mkdir(exist_ok=True)  # Python makes it where it may
    (bench.prompts / "__pycache__" / "actions.py").write_text("")
    (bench.prompts / "flows" / ".appointments.yaml.swp").write_text("")
    (bench.prompts / "flows" / "lexicon.es.txt").write_text("")
    names = {Path(name).name for name in marks_of(bench.prompts)}
    assert names == {"appointments.yaml", "es.yaml", "en.yaml", "actions.py", "lexicon.es.txt"}


def test_new_calls_begin_with_the_new_services() -> None:
    old, new = cast(Services, object()), cast(Services, object())
    line = Line(old)
    line.use(new)
    assert line._services is new
