"""The model card says what was measured, and nothing else in it changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.acoustic_model import card

MEASURED = {
    "rows": [
        {
            "title": title,
            "condition": condition,
            "kind": kind,
            "figure": {"value": value, "low": value - 0.02, "high": value + 0.02},
            "target": target,
        }
        for title, condition, kind, value, target in [
            ("digits", "quiet", "exact", 0.95, 0.95),
            ("digits", "street", "exact", 0.9, 0.9),
            ("letters", "quiet", "words", 0.14, 0.15),
            ("other speech", "quiet", "rejection", 1.0, None),
        ]
    ],
    "real_time_factor": 0.0251,
    "model_mb": {"es": 2.93, "en": 2.84},
}


def test_the_figures_replace_those_before(tmp_path: Path) -> None:
    path = tmp_path / "README.txt"
    path.write_text("By hand.\n\nFigures\n=======\nold\n", "utf-8")
    card.write(MEASURED, path)
    written = path.read_text("utf-8")
    assert written.startswith("By hand.\n\nFigures\n=======\n")
    assert "old" not in written
    lines = {line.split("  ")[0]: line.split() for line in written.splitlines()}
    assert lines["digits"][1:3] == ["95.0", "%"]
    assert lines["digits"][-2:] == ["95", "%"]
    assert lines["letters"][-3:] == ["<", "15", "%"]
    assert lines["other speech"][-2:] == ["-", "-"]
    card.write(MEASURED, path)
    assert path.read_text("utf-8") == written


def test_a_card_without_the_heading_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "README.txt"
    path.write_text("By hand.\n", "utf-8")
    with pytest.raises(ValueError, match="Figures"):
        card.write(MEASURED, path)
    assert path.read_text("utf-8") == "By hand.\n"


def test_the_shipped_card_has_figures() -> None:
    assert f"\n{card.HEADING}\n" in card.CARD.read_text("utf-8")
