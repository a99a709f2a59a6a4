"""Words so far on their way through a whole call to an application that wants them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.call.conftest import line, speech  # noqa: F401 (fixtures)
from tests.call.line_under_test import LineUnderTest
from tests.call.relay_phone import CODES, RelayPhone
from tests.relay.relay_flow import business
from voice.dialogue.machine import FlowDialogue
from voice.dialogue.seam import RelayOpen
from voice.model import CallInfo
from voice.relay.client import Link
from voice.relay.dialogue import with_relays


class Quiet:
    """An application that says nothing."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []

    async def send(self, message: dict[str, Any]) -> None:
        self.got.append(message)

    async def receive(self) -> str | bytes | None:
        await asyncio.Event().wait()
        return None


@pytest.mark.parametrize("partial", [True, False])
async def test_words_so_far_reach_the_application_when_it_wants_them(
    line: LineUnderTest,  # noqa: F811
    tmp_path: Path,
    partial: bool,
) -> None:
    made = business(tmp_path, more=f"partial: {str(partial).lower()}")
    application = Quiet()

    @asynccontextmanager
    async def connect(request: RelayOpen) -> AsyncIterator[Link]:
        yield application

    def new_dialogue(info: CallInfo) -> Any:
        inner = FlowDialogue(made.flow, made.texts, made.understanding, info.parameters["lang"])
        return with_relays(inner, made.flow, made.texts, CODES)

    phone = RelayPhone(replace(line.services, new_dialogue=new_dialogue, relay=connect))
    await phone.ring(lang="es")
    await phone.listen()
    await phone.press("1")
    await phone.listen()
    await phone.press("1234")
    await phone.say("una hipoteca barata")
    await phone.wait(200)
    prompts = [(one["voicePrompt"], one["last"]) for one in application.got if one["type"] == "prompt"]
    whole = [("una hipoteca barata", True)]
    assert prompts == ([("una", False), ("una hipoteca", False), *whole] if partial else whole)
    await phone.hang_up()
