"""The figures of docs/understanding.md, as floors, where the public test cases are at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.understanding.eval_slots import main

DATA = Path(__file__).parents[3] / "shared" / "data"
FLOORS = {
    "amount": 91,
    "card": 100,
    "date": 84,
    "datetime": 91,
    "duration": 66,
    "email": 100,
    "iban": 100,
    "identifier": 59,
    "integer": 93,
    "phone": 95,
    "time": 96,
    "yes_no": 100,
    "every": 95,
}


@pytest.mark.skipif(not (DATA / "text").is_dir(), reason="public test cases are not in ../shared/data")
def test_public_cases_are_read_as_well_as_documented(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(DATA), "--part", "test"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if " all " in line]
    shares = {(row[0], row[-4]): float(row[-1].rstrip("%")) for row in rows if row[-1].endswith("%")}
    below = {key: share for key, share in shares.items() if share < FLOORS[key[0]]}
    assert below == {}
    assert len(shares) >= 24


def test_absent_data_is_a_clear_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--data", str(tmp_path)])
    assert stop.value.code == 2
    assert "slots_es_en.jsonl" in capsys.readouterr().err
