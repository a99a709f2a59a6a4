"""``voice models`` as people use it: what it prints, what it returns, and what a server then uses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.speech.model_folders import entry, with_fixed_graph, with_graph_lookahead, zipped
from tests.speech.model_server import Served, serving
from voice.cli import main
from voice.commands import doctor
from voice.settings import load
from voice.speech import catalogue, vosk_model

NAME = "vosk-model-small-es-0.42"


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No proxy, no trial (tested with the installation), a data folder of its own."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(vosk_model, "trial", lambda _folder: 45)
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> int:
    return main(["models", *arguments])


def used(lang: str = "es") -> str:
    return str(getattr(load(env={}).speech, f"model_{lang}"))


def test_one_command_switches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = zipped(with_graph_lookahead(tmp_path / "made" / NAME, "es"))
    with serving(Served(content), name=f"{NAME}.zip") as served:
        known = entry(NAME, "es", served.url, content)
        monkeypatch.setattr(catalogue, "find", lambda name, *_: known if name in ("es-small", NAME) else None)
        assert run("install", "es-small", "--use") == 0
        out = capsys.readouterr().out
        assert "its checksum is right (sha256:" in out
        assert "is in use from the next start" in out
        assert used() == str(Path("data/models") / NAME)
        assert run("install", "es-small") == 0
        assert "was installed already" in capsys.readouterr().out
        assert len(served.requests) == 1
    assert run("remove", NAME) == 1
    assert "--force" in capsys.readouterr().err
    assert run("remove", NAME, "--force") == 0
    assert used() == ""


def test_offline_it_says_what_to_fetch_and_where_to_put_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(Served(b"x"), name=f"{NAME}.zip") as served:
        known = entry(NAME, "es", served.url, b"x")
    monkeypatch.setattr(catalogue, "find", lambda _name, *_: known)
    assert run("install", NAME, "--use") == 3
    said = capsys.readouterr().err
    for words in (
        served.url,
        str(known.checksum),
        f"data/models/{NAME}.zip",
        "--from",
        "HTTPS_PROXY",
        "--use",
    ):
        assert words in said


def test_a_path_in_place_of_a_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / f"{NAME}.zip").write_bytes(b"not it")
    assert run("install", f"{NAME}.zip") == 1
    assert "should be sha256:09b23988" in capsys.readouterr().err
    with_graph_lookahead(tmp_path / "mine", "en")
    assert run("install", "mine", "--lang", "en") == 0
    assert run("use", "mine") == 0
    assert used("en").endswith("mine")
    assert run("use", "built-in", "--lang", "en") == 0
    assert used("en") == ""


def test_a_large_model_gets_the_small_one_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_fixed_graph(tmp_path / "big", "es")
    with_graph_lookahead(tmp_path / "little", "es")
    assert run("install", "es-large", "--from", "big", "--use") == 0
    assert "with es-small installed too" in capsys.readouterr().out
    assert run("install", "es-small", "--from", "little") == 0
    assert "to hear closed answers with it: voice models use vosk-model-es-0.42" in capsys.readouterr().out
    assert run("use", "es-large") == 0
    assert run("list") == 0
    out = capsys.readouterr().out
    assert "in use for closed answers" in out
    assert "available as en-large" in out
    assert run("list", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert [model["grammars"] for model in report["installed"]] == [False, True]
    assert report["in_use"]["en"] == "built-in"
    assert run("remove", "es-small") == 1
    states = {finding.detail: finding.state for finding in doctor.check_models(load(env={}))}
    assert list(states.values()) == [doctor.OK]


def test_a_setting_above_the_choice_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with_graph_lookahead(tmp_path / "mine", "es")
    monkeypatch.setenv("CENTRALITA_SPEECH__MODEL_ES", "/srv/other")
    assert run("install", "mine", "--lang", "es", "--use") == 1
    assert "CENTRALITA_SPEECH__MODEL_ES" in capsys.readouterr().err
    (finding, _) = doctor.check_models(load())
    assert (finding.state, finding.topic) == (doctor.WARNING, "models")
    assert "stands above it" in finding.detail
    (tmp_path / "data/models/mine/graph/words.txt").write_text("")
    damaged = next(iter(doctor.check_models(load())))
    assert "voice models install mine" in damaged.remedy


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["install", "es-larg"], 1, "did you mean es-large"),
        (["install", "mine", "--from", "nowhere.zip", "--lang", "es"], 1, "check --from"),
        (["install", "mine", "--from", "nowhere.zip"], 1, "--lang"),
        (["install", "es-small", "--checksum", "sha256:1"], 1, "not a checksum"),
        (["use", "built-in"], 2, "--lang"),
        (["use", "es-small"], 1, "voice models install vosk-model-small-es-0.42"),
        (["use", "../outside", "--lang", "es"], 1, "not a model's name"),
        (["remove", ".."], 1, "not a model's name"),
        (["remove", "es-small"], 1, "installed: none"),
    ],
)
def test_mistakes_say_what_to_do(
    capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, says: str
) -> None:
    assert run(*arguments) == status
    assert says in capsys.readouterr().err
