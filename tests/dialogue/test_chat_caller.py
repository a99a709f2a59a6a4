"""The chat as a caller with a number: known, cut off and gone on with, verified, forgotten by command."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.dialogue.test_known_callers import ACTIONS, FLOW
from tests.dialogue.text_caller import make_prompts
from voice.cli import main

Run = Callable[..., str]


@pytest.fixture
def chat(
    tmp_path_factory: pytest.TempPathFactory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    prompts = make_prompts(tmp_path_factory.mktemp("chat") / "prompts", FLOW, ACTIONS, "bank")
    monkeypatch.setenv("CENTRALITA_DATA", str(tmp_path / "data"))

    def run(*lines: str, caller: str = "+34600111222", lang: str = "") -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(line + "\n" for line in lines)))
        options = ["--caller", caller] if caller else []
        options += ["--lang", lang] if lang else []
        main(["chat", "--flow", "bank", "--prompts", str(prompts), *options])
        return capsys.readouterr().out

    return run


def test_a_chat_that_ends_early_can_be_gone_on_with(
    chat: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "¿El rojo o el azul?" in chat("#1", "#1234")
    again = chat("sí", "#1")
    assert "¿Seguimos donde lo dejamos?" in again
    assert "¿El rojo o el azul?" in again
    assert "¿Llama por su pedido uno dos tres cuatro?" in chat("no")
    assert "Seguimos" not in chat("no", caller="+34600111333")
    assert "Is this about your order" in chat("no", lang="en"), "the option goes before the profile"
    assert main(["profile", "show", "--number", "0034 600 111 222"]) == 0
    assert '"lang": "en"' in capsys.readouterr().out
    assert main(["profile", "list"]) == 0
    assert "600111" not in capsys.readouterr().out
    assert main(["profile", "set", "--number", "+34600111222", "--value", "vip=yes"]) == 0
    assert main(["profile", "erase", "--number", "+34600111222"]) == 0
    assert "Erased" in capsys.readouterr().out
    assert "¿Llama por" not in chat("no")
    assert main(["profile", "erase", "--number", "anonymous"]) == 2


def test_verify_steps_work_in_the_chat(chat: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.randbelow", lambda most: 42137)
    said = chat("#2", "#12345678", "#7391", "#042137", caller="")
    assert re.search(r"\[one-time code: 042137\]", said)
    assert "Ana, debe cuarenta y dos euros" in said
