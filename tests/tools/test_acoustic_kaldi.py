"""Vosk reads the acoustic models we write, and computes with them what numpy does."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tools.acoustic_model import kaldi
from tools.acoustic_model.features import WORD_POSITIONS
from voice.speech import builtin, vosk_model
from voice.speech.whole_words import MODEL_PHONES


def symbols(lang: str) -> list[tuple[int, int]]:
    phones = range(1, len(MODEL_PHONES[lang]) + 1)
    return [(0, 0), *((2 * phone - 1, 2 * phone) for phone in phones for _ in range(WORD_POSITIONS))]


def constant_model(lang: str, favourite: str, rng: np.random.Generator) -> bytes:
    """A network that answers one phone whatever it hears, through every kind of component we write."""
    outputs = 1 + 2 * len(MODEL_PHONES[lang])
    number = MODEL_PHONES[lang].index(favourite) + 1
    network = kaldi.Network(30)
    weights = (rng.standard_normal((128, 90)) * 0.01).astype(np.float32)
    node = network.affine("first", kaldi.append("input", (-1, 0, 1)), weights, np.zeros(128, np.float32))
    node = network.scale("scale", network.relu("relu", node, 128), np.zeros(128, np.float32))
    node = network.bias("bias", f"Sum(Scale(0.5, relu), {node})", np.zeros(128, np.float32))
    bias = np.zeros(outputs, np.float32)
    bias[[2 * number - 1, 2 * number]] = 50.0
    network.output(network.affine("out", node, np.zeros((outputs, 128), np.float32), bias))
    return kaldi.acoustic_model(symbols(lang), network)


@pytest.mark.parametrize(("lang", "phone", "word"), [("es", "o", "o"), ("en", "AO", "or")])
def test_vosk_hears_what_the_network_was_made_to_answer(
    tmp_path: Path, lang: str, phone: str, word: str
) -> None:
    folder = tmp_path / lang
    shutil.copytree(builtin.base(lang), folder)
    (folder / "am/final.mdl").write_bytes(constant_model(lang, phone, np.random.default_rng(1)))
    builtin.write_graph(
        folder, lang, {word: ((phone,),), "no": (("n", "s") if lang == "es" else ("N", "S"),)}
    )
    import vosk

    recognizer = vosk.KaldiRecognizer(vosk_model.open_model(folder), 8000, json.dumps([word, "no"]))
    recognizer.AcceptWaveform((np.random.default_rng(2).standard_normal(8000) * 900).astype("<i2").tobytes())
    assert json.loads(recognizer.FinalResult())["text"] == word


def test_eight_bits_keep_a_matrix_within_half_a_step() -> None:
    values = np.random.default_rng(3).standard_normal((80, 90)).astype(np.float32)
    step = (values.max() - values.min()) / 255
    low, codes, width = kaldi.quantise(values)
    assert width == pytest.approx(step)
    assert np.abs(low + codes * width - values).max() <= step / 2 * 1.001


def test_a_constant_matrix_survives_compression() -> None:
    values = np.full((80, 90), 0.25, np.float32)
    low, codes, width = kaldi.quantise(values)
    assert np.allclose(low + codes * width, 0.25)
