"""The committed audio is what the scenarios say, small, and fit for a telephone."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from rich.console import Console

from voice.errors import CentralitaError
from voice.replay.scenario import load_all

FIXTURES = Path(__file__).parents[2] / "audio_fixtures"
sys.path.insert(0, str(FIXTURES))
import make  # type: ignore[import-not-found]  # noqa: E402 - a script beside the recordings, in no package

SCENARIO = """\
name: es-uno
summary: Dice sí.
lang: es
noise: {kind: white, snr_db: 20}
steps:
  - say: "sí"
"""


def test_committed_audio_is_what_the_scenarios_say() -> None:
    wanted = make.sounds(load_all([FIXTURES / "callers"]))
    assert make.check(wanted, FIXTURES / "audio", Console(quiet=True)) == []


def test_the_audio_is_small_and_sounds_like_a_telephone() -> None:
    files = sorted((FIXTURES / "audio").glob("*.flac"))
    assert sum(path.stat().st_size for path in files) < 5_000_000
    for path in files[::7]:
        samples, rate = soundfile.read(path)
        assert (rate, samples.ndim) == (8000, 1)
        power = np.abs(np.fft.rfft(samples)) ** 2
        hertz = np.fft.rfftfreq(len(samples), 1 / rate)
        assert power[(hertz > 250) & (hertz < 3500)].sum() > 0.98 * power.sum(), path.name


def folder(tmp_path: Path, text: str = SCENARIO) -> list[str]:
    (tmp_path / "callers").mkdir(exist_ok=True)
    (tmp_path / "callers" / "one.yaml").write_text(text, encoding="utf-8")
    return ["--callers", str(tmp_path / "callers"), "--audio", str(tmp_path / "audio")]


def test_audio_is_made_checked_and_tidied(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = folder(tmp_path)
    assert make.main([*options, "--check"]) == 1
    assert "missing" in capsys.readouterr().out
    assert make.main(options) == 0
    assert sorted(p.name.split("-")[0] for p in (tmp_path / "audio").iterdir()) == ["es", "noise"]
    assert make.main([*options, "--check"]) == 0
    first = {p.name: p.read_bytes() for p in (tmp_path / "audio").iterdir()}
    assert make.main([*options, "--all"]) == 0
    assert {p.name: p.read_bytes() for p in (tmp_path / "audio").iterdir()} == first


def test_what_nobody_says_any_more_is_removed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = folder(tmp_path)
    assert make.main(options) == 0
    folder(tmp_path, SCENARIO.replace('"sí"', '"no"'))
    assert make.main([*options, "--check"]) == 1
    assert "no scenario says this" in capsys.readouterr().out
    assert make.main(options) == 0
    assert [p.name.split("-")[1] for p in (tmp_path / "audio").glob("es-*")] == ["no"]


def test_changed_audio_is_noticed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = folder(tmp_path)
    assert make.main(options) == 0
    path = next((tmp_path / "audio").glob("es-*.flac"))
    samples, _ = soundfile.read(path, dtype="int16")
    soundfile.write(path, samples // 2, 8000)
    assert make.main([*options, "--check"]) == 1
    assert "not what its scenario says" in capsys.readouterr().out


def test_a_voice_that_does_not_exist_is_named() -> None:
    with pytest.raises(CentralitaError, match="no-such-voice"):
        make.synthesize("hola", "es", "no-such-voice", 150)
