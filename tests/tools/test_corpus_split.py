"""Which speakers may be trained on: fixed, and fair to women and men."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tools.acoustic_model.corpora import normalise, real_takes, split, split_of

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def _need_data() -> None:
    if not (DATA / "speech").is_dir():
        pytest.skip(f"no recordings in {DATA}")


def test_an4_split_follows_the_names_alone() -> None:
    _need_data()
    lines = (DATA / "speech" / "an4_train_en" / "items.jsonl").read_text("utf-8").splitlines()
    names = {json.loads(line)["speaker"] for line in lines}
    expected: set[str] = set()
    for sex, count in (("f", 5), ("m", 13)):
        of_sex = [name for name in names if name.startswith(sex)]
        expected |= set(sorted(of_sex, key=lambda name: hashlib.sha256(name.encode()).hexdigest())[:count])
    assert {name for name in names if split(name, "an4_train_en") == "test"} == expected
    assert len(names) == 74


def test_digits_and_prompts() -> None:
    assert [split(name, "digits_en") for name in ("george", "jackson", "lucas", "yweweler")] == [
        "train",
        "train",
        "test",
        "test",
    ]
    assert split("allison", "prompts_es") == "test"
    assert split("allison", "asterisk_en") == "test"
    assert split("anyone", "klettres") == "train"


def test_transcripts_become_words() -> None:
    assert normalise("Marque 1, para mañana... (28)", "es") == "marque uno para mañana veintiocho"
    assert normalise("la manana del miercoles", "es") == "la mañana del miércoles"
    assert normalise("area code 21", "en") == "area code twenty one"


@pytest.mark.parametrize(("lang", "corpus"), [("en", "an4_train_en"), ("es", "prompts_es")])
def test_recordings_are_8_khz_and_loud_enough_to_be_16_bit(lang: str, corpus: str) -> None:
    _need_data()
    take = next(real_takes(lang, DATA))
    assert take.speaker.startswith(f"{corpus}:")
    assert take.rate == 8000
    assert take.lang == lang
    assert take.text.islower()
    assert abs(take.pcm).max() > 500
    assert split_of(take) in ("train", "test")
