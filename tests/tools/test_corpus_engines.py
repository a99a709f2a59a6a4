"""The engines besides espeak-ng: whole takes where they are installed, a package to install where not."""

from __future__ import annotations

import logging
import random
from pathlib import Path

import pytest

from tools.acoustic_model import synthesis
from tools.acoustic_model.engines import espeak, festival, flite, pico
from voice.speech.phones import PHONES, SILENCE

TEXTS = {"en": "nine five", "es": "sí dos"}


def _others(lang: str) -> list[str]:
    voices = synthesis.speakers(lang, False) + synthesis.speakers(lang, True)
    return [speaker for speaker in voices if synthesis.engine_of(speaker) != "espeak"]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_installed_voice_speaks(lang: str) -> None:
    if not _others(lang):
        pytest.skip("no speech engine but espeak-ng is installed")
    for speaker in _others(lang):
        take = synthesis.synthesise(TEXTS[lang], lang, speaker, random.Random(1))
        assert take is not None, speaker
        assert 0.3 < take.seconds < 5
        assert abs(take.pcm).max() > 1000
        assert 7000 < take.rate < 20_000
        if take.segments is None:
            assert synthesis.engine_of(speaker) == "pico"
            continue
        assert take.segments[0][1] == 0
        assert take.segments[-1][2] == len(take.pcm)
        for (_, _, end), (_, start, _) in zip(take.segments, take.segments[1:], strict=False):
            assert end == start
        assert {phone for phone, _, _ in take.segments} <= {SILENCE, *PHONES[lang]}


def test_voices_that_are_not_installed_are_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for engine in (flite, pico):
        monkeypatch.setattr(engine, "installed", lambda: False)
    monkeypatch.setattr(festival, "installed", lambda _name: False)
    synthesis._voices.cache_clear()
    try:
        with caplog.at_level(logging.WARNING):
            for lang in ("en", "es"):
                train, test = synthesis.speakers(lang, False), synthesis.speakers(lang, True)
                assert {synthesis.engine_of(name) for name in train + test} == {"espeak"}
                assert synthesis.draw_speaker(lang, False, random.Random(1)) in train
        for package in (
            "libttspico0",
            "libflite1",
            "festvox-italp16k",
            "festvox-itapc16k",
            "festvox-kdlpc16k",
        ):
            assert package in caplog.text
    finally:
        synthesis._voices.cache_clear()


def test_voices_of_people_are_drawn_often() -> None:
    people = set(_others("es")) & set(synthesis.speakers("es", False))
    if not people:
        pytest.skip("no speech engine but espeak-ng is installed")
    rng = random.Random(2)
    drawn = [synthesis.draw_speaker("es", False, rng) for _ in range(500)]
    assert sum(speaker in people for speaker in drawn) > 100
    assert not any(speaker in synthesis.speakers("es", True) for speaker in drawn)


def test_the_stressed_sound_of_a_word() -> None:
    assert [phone for phone, stressed in espeak.stressed_phones("teléfono", "es") if stressed] == ["e"]
    assert [stressed for _, stressed in espeak.stressed_phones("mamá", "es")] == [False, False, False, True]


@pytest.mark.parametrize(
    ("word", "sounds"),
    [("cuatro", "'kwatro"), ("abril", "a'bril"), ("mamá", "ma'ma"), ("señor", "se'Jor"), ("doce", "'dose")],
)
def test_spanish_words_as_italian_sounds(word: str, sounds: str) -> None:
    assert pico._sounds(word) == f'<phoneme alphabet="xsampa" ph="{sounds}"/>'


def test_a_sound_that_no_italian_says() -> None:
    assert pico._sounds("jueves") is None
    if festival.installed("lp"):
        assert festival.synthesise("jueves", "jueves", "lp", random.Random(1)) is None


def test_festival_leaves_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not festival.installed("lp"):
        pytest.skip("festvox-italp16k is not installed")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert festival.synthesise("uno", "uno", "lp", random.Random(1)) is not None
    assert list(tmp_path.iterdir()) == []
