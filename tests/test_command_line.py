"""The command line where people use it: odd terminals, pipes, Ctrl-C, the wrong folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from voice.cli import main
from voice.replay.clips import audio_script

PROMPTS = Path(__file__).parents[1] / "prompts"
CHAT = [sys.executable, "-m", "voice.cli", "chat", "--prompts", str(PROMPTS), "--lang", "es"]


@pytest.mark.slow
def test_pipes_carry_utf8_whatever_the_locale() -> None:
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [*CHAT, "--json"], input=b"\xff\xe1\n", capture_output=True, env=os.environ | locale, timeout=60
    )
    assert done.stderr == b""
    assert done.returncode == 1
    assert "¿En qué puedo ayudarle?" in done.stdout.decode("utf-8")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent differently there")
def test_one_ctrl_c_ends_a_chat_that_waits_for_a_line() -> None:
    chat = subprocess.Popen(CHAT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert chat.stdout is not None
        while "ayudarle" not in chat.stdout.readline().decode("utf-8"):
            assert chat.poll() is None
        chat.send_signal(signal.SIGINT)
        _, errors = chat.communicate(timeout=30)
    finally:
        chat.kill()
    assert (chat.returncode, errors) == (130, b"")


def test_without_prompts_it_says_where_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["chat"]) == 2
    assert "--prompts DIR" in capsys.readouterr().err


def test_checking_what_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "promts")]) == 2
    assert "no such file" in capsys.readouterr().err


def test_an_empty_scenario(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "caller.yaml"
    empty.touch()
    assert main(["call", "--fast", str(empty)]) == 2
    assert f"{empty}:1: is empty" in capsys.readouterr().err


def test_a_recording_rings_in_the_language_given() -> None:
    fixtures = Path(__file__).parents[1] / "audio_fixtures" / "audio"
    script = audio_script(next(fixtures.glob("en-yes-please-*.flac")), "en")
    assert script.scenario.parameters == {"lang": "en"}
    assert script.scenario.name.startswith("en-yes-please-")


def test_the_demo_outside_a_clone_says_where_to_run_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("voice.__file__", str(tmp_path / "site-packages" / "voice" / "__init__.py"))
    assert main(["demo"]) == 2
    assert "in a clone" in capsys.readouterr().err
