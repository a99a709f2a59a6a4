"""Files of a prompts folder that would wear out or end the server that reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from voice.dialogue.actions import load_registry
from voice.dialogue.yamlfile import parse_yaml


def test_aliases_of_aliases_are_not_written_out_for_ever() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    found = parse_yaml("flow.yaml", "\n".join(lines))
    assert [problem.message for problem in found.problems] == ["too many values"]


@pytest.mark.parametrize("text", ["[" * 5000 + "]" * 5000, "{a: " * 5000 + "}" * 5000, "- " * 5000 + "x"])
def test_levels_without_end_are_told(text: str) -> None:
    assert parse_yaml("flow.yaml", text).problems


def test_levels_that_would_end_the_process_and_files_without_end_are_told() -> None:
    """In a process of their own each would be a segmentation fault, or minutes."""
    for text in ("[" * 200_000, "{a: " * 200_000, "- " * 200_000 + "x", "a:\n  - " + "[" * 200_000):
        (problem,) = parse_yaml("flow.yaml", text).problems
        assert (problem.message, problem.line) == ("too many levels", 2 if "\n" in text else 1)
    (problem,) = parse_yaml("flow.yaml", "a: b\n" * 1_000_000).problems
    assert "more than 4000000 characters" in problem.message


@pytest.mark.parametrize("code", ["import sys\nsys.exit(3)", "raise SystemExit", "exit()"])
def test_actions_that_end_the_process_do_not(tmp_path: Path, code: str) -> None:
    (tmp_path / "actions.py").write_text(code)
    registry, problems = load_registry(tmp_path)
    assert not registry.names()
    assert [problem.message[:26] for problem in problems] == ["cannot be loaded: SystemEx"]
