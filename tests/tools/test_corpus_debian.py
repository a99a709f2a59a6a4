"""Recordings of Debian's packages: read with the right text where installed, named where not."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tools.acoustic_model.corpora import debian_takes, split_of

STAMPS = "usr/share/tuxpaint/stamps/animals"


def _record(path: Path, seconds: float = 1.0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.full((int(8000 * seconds), 2), 0.25), 8000, format="OGG", subtype="VORBIS")


def _stamp(root: Path, name: str, texts: str, seconds: float = 1.0) -> None:
    _record(root / STAMPS / f"{name}_desc_es.ogg", seconds)
    (root / STAMPS / f"{name}.txt").write_text(texts, "utf-8")


def test_missing_packages_are_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert list(debian_takes("es", tmp_path)) == []
    for package in ("asterisk-prompt-es-co", "klettres-data", "ktuberling-data", "tuxpaint-stamps-default"):
        assert f"apt-get install {package}" in caplog.text


def test_a_stamps_text_is_that_of_its_language(tmp_path: Path) -> None:
    _stamp(tmp_path, "owl", "An owl.\nca.utf8=Un mussol.\nes.utf8=¡Un búho, 2 alas!\n")
    takes = list(debian_takes("es", tmp_path))
    assert [take.text for take in takes] == ["un búho dos alas"]
    assert takes[0].speaker == "tuxpaint:es"
    assert split_of(takes[0]) == "train"
    assert takes[0].pcm.shape == (8000,)
    assert takes[0].pcm.dtype == np.float32


def test_a_stamp_recorded_with_another_wording_is_left_out(tmp_path: Path) -> None:
    _stamp(
        tmp_path, "rook", "A rook.\nes.utf8=Esta frase es demasiado larga para medio segundo de voz.\n", 0.5
    )
    _stamp(tmp_path, "cow", "A cow.\n")
    assert list(debian_takes("es", tmp_path)) == []


def test_file_names_with_known_texts(tmp_path: Path) -> None:
    folder = tmp_path / "usr/share/klettres/es"
    recordings = Path(__file__).parents[2] / "tools/acoustic_model/words/debian_recordings.yaml"
    assert 'alpha/nn.ogg: "ñ"' in recordings.read_text("utf-8")
    for line in recordings.read_text("utf-8").split("folder: /usr/share/klettres/es\n")[1].splitlines()[1:]:
        if line.startswith("- "):
            break
        _record(folder / line.split(":")[0].strip(), 0.05)
    texts = [take.text for take in debian_takes("es", tmp_path)]
    assert {"ñ", "be", "i griega", "que"} <= set(texts)
