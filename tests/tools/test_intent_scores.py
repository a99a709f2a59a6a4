"""The figures of `make eval-understanding`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.understanding.intents import HELD_OUT, PROMPTS, main, public
from tools.understanding.intents_scores import auroc, calibration_error, line, scores
from tools.understanding.intents_voice import OUTSIDE
from voice.dialogue.loader import load_business
from voice.languages import fold

SURE = st.floats(0, 1)


def test_the_figures_of_known_results() -> None:
    found = scores([(True, 0.9), (True, 0.3), (False, 0.5), (False, 0.1)], [0.2, 0.6], 1.5)
    assert (found.right, found.accepted, found.wrongly, found.rejected) == (0.5, 0.25, 0.25, 0.5)
    assert found.auroc == pytest.approx(4 / 8)
    assert found.error == pytest.approx((0.1 + 0.7 + 0.5 + 0.1) / 4)
    assert "50.0%" in line("title", found)


@given(st.lists(SURE, min_size=1, max_size=20), st.lists(SURE, min_size=1, max_size=20))
@settings(max_examples=50, deadline=None)
def test_auroc_is_a_share_and_turns_round(inside: list[float], outside: list[float]) -> None:
    assert auroc(inside, outside) + auroc(outside, inside) == pytest.approx(1)
    assert 0 <= calibration_error([(True, sure) for sure in inside]) <= 1


def test_training_and_test_are_apart(tmp_path: Path) -> None:
    entries = [
        {"id": f"x/{n}", "lang": "es", "intent": f"i{n % 2}", "text": f"frase {n % 40} de {n % 2}"}
        for n in range(120)
    ]
    path = tmp_path / "set.jsonl"
    path.write_text("\n".join(map(json.dumps, entries)), encoding="utf-8")
    training, tests = public(path, "es")
    known = {fold(text) for texts in training.values() for text in texts}
    assert training
    assert known.isdisjoint(fold(text) for _, text in tests)


def test_held_out_sentences_are_held_out() -> None:
    held_out = yaml.safe_load(HELD_OUT.read_text(encoding="utf-8"))
    for name, intents in held_out.items():
        flow = load_business(name, PROMPTS).flow
        assert intents.keys() - set(OUTSIDE) == flow.intents.keys()
        for lang in flow.languages:
            own = {fold(e) for intent in flow.intents.values() for e in intent.examples[lang]}
            assert own.isdisjoint(fold(text) for said in intents.values() for text in said[lang])


def test_without_data_the_flows_are_measured_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tmp_path), "--no-voice"]) == 2
    told = capsys.readouterr()
    assert "--data" in told.err
    assert "telecom" in told.out
