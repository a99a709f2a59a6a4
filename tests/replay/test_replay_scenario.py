"""Scenario files: what they say, and errors that name file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from voice.errors import ScenarioError
from voice.replay.clips import load_script
from voice.replay.scenario import fold, load, load_all

GOOD = """\
name: es-saldo
summary: Pregunta por el saldo.
lang: es
caller: "+34600111222"
steps:
  - wait: prompt_end
  - say: "mi saldo"
  - press: "0123#"
    gap_ms: 200
  - hang_up: true
expect:
  outcome: completed
  slots: {customer: "12345678"}
"""


def write(folder: Path, text: str, name: str = "caller.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_scenario_is_read_with_the_lines_of_its_steps(tmp_path: Path) -> None:
    source = load(write(tmp_path, GOOD))
    assert source.scenario.expect.slots == {"customer": "12345678"}
    assert [source.where(i).rpartition(":")[2] for i in range(4)] == ["6", "7", "8", "10"]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("lang: es", "lang: fr", 3, "lang"),
        ("summary: Pregunta por el saldo.", "sumary: x", 1, "sumary"),
        ('  - say: "mi saldo"', '  - say: "mi saldo"\n    press: "1"', 7, "found say, press"),
        ('  - say: "mi saldo"', "  - gap_ms: 100", 7, "none of them"),
        ('press: "0123#"', "press: 123", 8, "quotes"),
        ('press: "0123#"', 'press: "12x"', 8, "press"),
        ("  - wait: prompt_end", "  - wait: a_while", 6, "wait"),
        ("  - wait: prompt_end", "  - {wait: quiet, mark: x}", 6, "mark goes with"),
        ("  - wait: prompt_end", "  - hang_up: true", 7, "nothing can follow"),
        ('caller: "+34600111222"', "caller: 34600111222", 4, "quotes"),
        ("  outcome: completed", "  outcome: done", 12, "outcome"),
        ("steps:", "steps: [", 13, "not valid YAML"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(ScenarioError) as caught:
        load(path)
    first = str(caught.value).splitlines()[0]
    if words != "not valid YAML":
        assert first.startswith(f"{path}:{line}: ")
    assert words in str(caught.value)


def test_two_mistakes_are_both_told(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace("lang: es", "lang: fr").replace("completed", "done"))
    with pytest.raises(ScenarioError) as caught:
        load(path)
    assert len(str(caught.value).splitlines()) == 2


def test_a_missing_file_and_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="cannot be read"):
        load(tmp_path / "nobody.yaml")
    with pytest.raises(ScenarioError, match="no scenario"):
        load_all([tmp_path])


def test_names_are_unique(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "a.yaml")
    write(tmp_path, GOOD, "b.yaml")
    with pytest.raises(ScenarioError, match=r"b\.yaml:1: .*es-saldo"):
        load_all([tmp_path])


def test_the_audio_of_a_text_depends_on_all_that_shapes_it(tmp_path: Path) -> None:
    def audio(text: str) -> Path:
        path = load(write(tmp_path, text)).audio_file(1)
        assert path is not None
        return path

    names = {
        audio(GOOD).name,
        audio(GOOD.replace("mi saldo", "mi factura")).name,
        audio(GOOD.replace("lang: es", "lang: es\nvoice: {variant: f2}")).name,
        audio(GOOD.replace("lang: es", "lang: es\nvoice: {rate: 170}")).name,
    }
    assert len(names) == 4
    assert audio(GOOD).name.startswith("es-mi-saldo-")


def test_missing_audio_names_the_step_and_the_remedy(tmp_path: Path) -> None:
    source = load(write(tmp_path, GOOD))
    with pytest.raises(ScenarioError, match=r"caller\.yaml:7: its audio .*make\.py"):
        load_script(source)


@pytest.mark.parametrize(
    ("text", "folded"),
    [("¿Qué TAL?", "que tal"), ("El  niño, dos.", "el nino dos"), ("12.345", "12 345"), ("", "")],
)
def test_text_is_compared_without_case_accents_and_punctuation(text: str, folded: str) -> None:
    assert fold(text) == folded
