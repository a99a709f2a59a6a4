"""``voice chat`` with a flow that hands the conversation to an application, over a real socket."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.relay.relay_flow import business
from tests.relay.test_relay_sockets import Application, serve
from voice.cli import main
from voice.commands.chat import Chat
from voice.dialogue.actions import ActionRunner
from voice.dialogue.seam import Began

CODES = {"es": "es-ES", "en": "en-US"}


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


def texts(said: list[dict[str, Any]]) -> list[str]:
    return [item["text"] for item in said if item["type"] == "say"]


async def test_the_chat_talks_to_the_application(tmp_path: Path, stack: AsyncExitStack) -> None:
    application = Application()
    made = business(tmp_path, await serve(stack, application.handle))
    runner = ActionRunner(made.flow, tmp_path / "prompts", registry=made.registry)
    said: list[dict[str, Any]] = []
    chat = Chat(made, runner, "es", Began("", "", 1_768_381_200_000), said.append, codes=CODES)
    await chat.open()
    await chat.turn("quiero consejo")
    await chat.turn("#1234")
    assert texts(said)[-1] == "Soy la consejera."
    assert not chat.over
    await chat.turn("una hipoteca")
    await chat.close()
    await runner.close()
    prompt = {"type": "prompt", "voicePrompt": "una hipoteca", "lang": "es-ES", "last": True}
    assert application.got[1:] == [prompt]
    assert [item["kind"] for item in said if item["type"] == "relay"] == ["relay.started", "relay.ended"]
    assert said[-1]["type"] == "handoff"
    assert chat.over


def test_without_the_application_the_chat_takes_the_failed_branch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    business(tmp_path, "ws://127.0.0.1:1/nobody")
    lines = ["quiero consejo", "#1234"]
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(line + "\n" for line in lines)))
    prompts = str(tmp_path / "prompts")
    assert main(["chat", "--prompts", prompts, "--flow", "lent", "--lang", "es", "--json"]) == 1
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    ended = next(item for item in told if item.get("kind") == "relay.ended")
    assert ended["how"] == "unreachable"
    assert "Sigo yo." in texts(told)
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(line + "\n" for line in lines)))
    assert main(["chat", "--prompts", prompts, "--flow", "lent", "--lang", "es"]) == 1
    assert "[application advisor-1: unreachable]" in capsys.readouterr().out
