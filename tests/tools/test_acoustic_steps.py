"""A training that was stopped and goes on gives what one without a stop gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the acoustic-model extra (torch) is not installed")

from tools.acoustic_model import steps as steps_module  # noqa: E402 - after the check for torch
from tools.acoustic_model.build import Build, OtherRecipe, Recipe  # noqa: E402
from tools.acoustic_model.features import BINS, pdf_count  # noqa: E402
from tools.acoustic_model.network import AcousticNetwork, Shape  # noqa: E402
from tools.acoustic_model.steps import Plan  # noqa: E402
from tools.acoustic_model.training import Pool, train_frames, train_sequences  # noqa: E402

SMALL = Shape(width=16, bottleneck=8, depth=1)
PLAN = Plan(steps=7, rate=1e-3)


class Stopped(Exception):
    pass


def pools() -> list[Pool]:
    rng = np.random.default_rng(3)
    made = []
    for lang in ("en", "es"):
        features = rng.standard_normal((900, BINS)).astype(np.float16)
        labels = rng.integers(0, pdf_count(lang), 900).astype(np.uint16)
        made.append(Pool(lang, features, labels, 1.0))
    return made


@pytest.mark.parametrize("sequences", [False, True])
def test_a_training_goes_on_where_it_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sequences: bool
) -> None:
    monkeypatch.setattr(steps_module, "KEPT_EVERY", 2)
    monkeypatch.setattr(steps_module, "SAID_EVERY", 1)
    torch.set_num_threads(1)
    kept = tmp_path / "second-steps.pt"

    def trained(stop_after: int | None, path: Path | None) -> tuple[AcousticNetwork, list[str]]:
        torch.manual_seed(5)
        network, said = AcousticNetwork(SMALL), []

        def say(text: str) -> None:
            said.append(text)
            if stop_after is not None and text.startswith(f"step {stop_after} "):
                raise Stopped

        try:
            if sequences:
                train_sequences(network, pools(), "es", PLAN, 1, say, path)
            else:
                train_frames(network, pools(), PLAN, 1, say, path)
        except Stopped:
            pass
        return network, said

    whole, _ = trained(None, None)
    trained(5, kept)
    assert kept.exists()
    again, said = trained(None, kept)
    assert said[0] == "goes on after step 4"
    assert len(said) == 1 + 3
    for name, weights in whole.state_dict().items():
        assert torch.equal(weights, again.state_dict()[name]), name


def test_stages_of_another_recipe_are_not_gone_on_with(tmp_path: Path) -> None:
    data, work = tmp_path / "data", tmp_path / "work"
    (data / "speech").mkdir(parents=True)
    (data / "noise").mkdir()
    (data / "speech" / "one.flac").write_bytes(b"abc")

    def begin(recipe: Recipe) -> None:
        work.mkdir(exist_ok=True)
        Build(recipe, data, work, tmp_path / "out", lambda _: None).same_recipe()

    begin(Recipe())
    begin(Recipe(workers=7, threads=3))
    with pytest.raises(OtherRecipe, match="other seed, hours"):
        begin(Recipe(hours=1.0, seed=4))
    (data / "speech" / "two.flac").write_bytes(b"abc")
    with pytest.raises(OtherRecipe, match="other recordings: name another folder with --work"):
        begin(Recipe())
