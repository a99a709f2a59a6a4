"""The figures of docs/understanding.md, as floors, where the public test cases are at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from voice.dialogue.evaluate import main

DATA = Path(__file__).parents[3] / "shared" / "data"
FLOORS = {
    ("nemo", "amount"): 90,
    ("nemo", "date"): 100,
    ("nemo", "number"): 90,
    ("nemo", "phone"): 100,
    ("recognizers", "phone"): 97,
    ("recognizers", "yes_no"): 90,
    ("recognizers", "date"): 60,
    ("recognizers", "amount"): 70,
    ("recognizers", "quantity"): 70,
}


@pytest.mark.skipif(not (DATA / "text").is_dir(), reason="public test cases are not in ../shared/data")
def test_public_cases_are_read_as_well_as_documented(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(DATA)]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    shares = {(source, kind, lang): float(share.rstrip("%")) for source, kind, lang, _, share in rows}
    below = {key: share for key, share in shares.items() if share < FLOORS.get(key[:2], 0)}
    assert below == {}
    assert len(shares) >= 17


def test_absent_data_is_a_clear_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([str(tmp_path)])
    assert stop.value.code == 2
    assert "slots_es_en.jsonl" in capsys.readouterr().err
