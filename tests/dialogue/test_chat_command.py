"""``voice chat``: a conversation from a pipe, as text and as JSON lines."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.dialogue.test_flow_blocks import SHOP, SHOP_ACTIONS
from tests.dialogue.text_caller import PROMPTS, make_prompts
from voice.cli import main
from voice.commands.chat import read_line
from voice.dialogue.seam import Heard, Keyed, Silence
from voice.errors import ConfigError


def chat(monkeypatch: pytest.MonkeyPatch, lines: list[str], *options: str) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(line + "\n" for line in lines)))
    return main(["chat", "--prompts", str(PROMPTS), "--flow", "telecom", *options])


def objects(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_conversation_in_text(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code = chat(monkeypatch, ["quiero saber mi saldo", "#12345678", "sí", "#2580", "no"], "--lang", "es")
    out = capsys.readouterr().out
    assert code == 0
    assert "< ¿En qué puedo ayudarle?" in out
    assert "cuarenta y dos euros" in out
    assert "[action balance: ok]" in out
    assert "[the line hangs up: completed, goal_reached]" in out


def test_a_conversation_in_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    lines = ['{"say": "my phone was stolen", "confidence": 0.9}', '{"keys": "12345678"}', "yes", "yes"]
    assert chat(monkeypatch, lines, "--lang", "en", "--json") == 0
    told = objects(capsys)
    kinds = [item["type"] for item in told]
    for kind in ("note", "step", "say", "listen", "intent", "slot", "confirmed", "action", "handoff"):
        assert kind in kinds
    handoff = told[-1]
    assert (handoff["type"], handoff["queue"], handoff["priority"]) == ("handoff", "urgent", 0)
    assert handoff["slots"][0]["value"] == "12345678"
    assert next(i for i in told if i["type"] == "intent")["intent"] == "lost_phone"


def test_silence_and_the_end_of_the_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert chat(monkeypatch, ["", '{"silence": true}'], "--lang", "es", "--json") == 1, "not at an end yet"
    assert [i["count"] for i in objects(capsys) if i["type"] == "trouble"] == [1, 2]
    assert chat(monkeypatch, ["", "", ""], "--lang", "es", "--notes") == 0
    assert "because no_input" in capsys.readouterr().out


def test_a_handoff_in_text_shows_the_story(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert chat(monkeypatch, ["mi factura", "#11223344", "#1", "#4826", "sí"], "--lang", "es") == 0
    out = capsys.readouterr().out
    assert "[to a person: queue billing" in out
    assert "número de cliente: 11223344 (verified)" in out
    assert "answered: motivo del importe: uso en el extranjero" in out
    assert "tried: consultar la última factura: hecho" in out


@pytest.mark.parametrize("line", ['{"sey": "x"}', '{"say": 1}', '{"say": "x", "confidence": 2}', "{"])
def test_wrong_objects_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    folder = str(make_prompts(tmp_path / "prompts", SHOP, SHOP_ACTIONS, name="shop"))
    assert chat(monkeypatch, [line], "--prompts", folder, "--flow", "shop", "--json") == 2


def test_lines_as_inputs() -> None:
    assert read_line("", "es") == Silence()
    assert read_line("# 12 3#\n", "es") == Keyed("123")
    said = read_line(" hola \n", "es")
    assert isinstance(said, Heard)
    assert (said.transcript.text, said.transcript.confidence) == ("hola", 1.0)
    with pytest.raises(ConfigError):
        read_line('{"say": null}', "es")


def test_an_unknown_flow(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["chat", "--prompts", str(PROMPTS), "--flow", "nothing"]) == 2
    assert "Flows here are: telecom" in capsys.readouterr().err


def test_the_caller_the_day_and_the_arm_can_be_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(make_prompts(tmp_path / "prompts", SHOP, SHOP_ACTIONS, name="shop"))
    options = ["--prompts", folder, "--flow", "shop", "--lang", "es"]
    who = ["--profile", "area=north", "--profile", "name=Marta", "--arm", "offer=warm"]
    assert chat(monkeypatch, ["no", "#2", "pan"], *options, *who, "--at", "2026-01-14 11:59") == 1
    out = capsys.readouterr().out
    assert "avería en el norte" in out
    assert "Gracias de corazón, Marta." in out
    assert chat(monkeypatch, ["#2", "pan"], *options, *who, "--at", "2026-01-14 12:00") == 1
    assert "avería" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--profile", "vip"], "NAME=VALUE"),
        (["--profile", "shoe=42"], "a profile tells name, "),
        (["--arm", "offer=cold"], "there are none"),
        (["--at", "tomorrow"], "2026-12-24 19:30"),
    ],
)
def test_what_cannot_be_chosen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: list[str], told: str
) -> None:
    assert chat(monkeypatch, [], *options) == 2
    assert told in capsys.readouterr().err
