"""flite (Debian: ``libflite1``), in this process: American and Scottish English voices, with phone times."""

from __future__ import annotations

import ctypes
import random
from dataclasses import dataclass

import numpy as np

from tools.acoustic_model.takes import Segments, Take
from voice.speech.phones import PHONES, SILENCE

VOICES = ("awb", "kal16", "rms", "slt")
PACKAGES = "libflite1"

_PITCH = {"awb": 125, "kal16": 105, "rms": 95, "slt": 170}  # Hz, about what each speaks at
# flite's names that are not those of the lexicon in lower case.
_NAMES = {
    "pau": SILENCE,
    "ssil": SILENCE,
    "ax": "AH",
    "axr": "ER",
    "ix": "IH",
    "dx": "D",
    "el": "L",
    "em": "M",
} | {
    "en": "N",
    "nx": "N",
    "hv": "HH",
}


class _Wave(ctypes.Structure):
    """``cst_wave``."""

    _fields_ = (
        ("type", ctypes.c_char_p),
        ("sample_rate", ctypes.c_int),
        ("num_samples", ctypes.c_int),
        ("num_channels", ctypes.c_int),
        ("samples", ctypes.POINTER(ctypes.c_short)),
    )


class _VoiceHead(ctypes.Structure):
    """The first members of ``cst_voice``."""

    _fields_ = (("name", ctypes.c_char_p), ("features", ctypes.c_void_p))


@dataclass(frozen=True, slots=True)
class _Voice:
    handle: int
    features: int


_OPEN: dict[str, _Voice] = {}


def installed() -> bool:
    try:
        ctypes.CDLL("libflite_cmu_us_slt.so.1")
    except OSError:
        return False
    return True


def synthesise(text: str, spoken: str, name: str, rng: random.Random) -> Take | None:
    """``spoken`` at a random tempo and pitch, by a speaker a little bigger or smaller than the voice's."""
    size = rng.uniform(0.92, 1.1)
    voice = _OPEN.get(name) or _open(name)
    library = _library()
    stretch = rng.uniform(0.75, 1.35) * size
    pitch = _PITCH[name] * rng.uniform(0.8, 1.3) / size
    library.feat_set_float(voice.features, b"duration_stretch", stretch)
    library.feat_set_float(voice.features, b"int_f0_target_mean", pitch)
    utterance = library.flite_synth_text(spoken.encode(), voice.handle)
    try:
        wave = library.utt_wave(utterance).contents
        rate = int(wave.sample_rate)
        pcm = np.ctypeslib.as_array(wave.samples, (wave.num_samples,)).astype(np.float32)
        segments = _segments(library, utterance, rate, len(pcm))
    finally:
        library.delete_utterance(utterance)
    if segments is None:
        return None
    return Take(text, "en", f"flite:{name}", pcm, round(rate * size / 50) * 50, segments)


def _segments(library: ctypes.CDLL, utterance: int, rate: int, length: int) -> Segments | None:
    found: list[tuple[str, int, int]] = []
    known = set(PHONES["en"])
    start = 0
    item = library.relation_head(library.utt_relation(utterance, b"Segment"))
    while item:
        name = library.item_feat_string(item, b"name").decode()
        phone = _NAMES.get(name, name.upper())
        if phone not in known and phone != SILENCE:
            return None
        end = min(length, round(library.item_feat_float(item, b"end") * rate))
        found.append((phone, start, end))
        start = end
        item = library.item_next(item)
    if start < length:
        found.append((SILENCE, start, length))
    return tuple(found) if any(phone != SILENCE for phone, _, _ in found) else None


def _open(name: str) -> _Voice:
    _library().flite_init()
    register = getattr(ctypes.CDLL(f"libflite_cmu_us_{name}.so.1"), f"register_cmu_us_{name}")
    register.argtypes, register.restype = [ctypes.c_char_p], ctypes.POINTER(_VoiceHead)
    head = register(None)
    handle = ctypes.cast(head, ctypes.c_void_p).value
    if handle is None:
        raise RuntimeError(f"flite has no voice {name}; is {PACKAGES} complete?")
    _OPEN[name] = _Voice(handle, head.contents.features)
    return _OPEN[name]


def _library() -> ctypes.CDLL:
    library = ctypes.CDLL("libflite.so.1")
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    library.feat_set_float.argtypes = [pointer, text, ctypes.c_float]
    library.feat_set_float.restype = None
    library.flite_synth_text.argtypes, library.flite_synth_text.restype = [text, pointer], pointer
    library.utt_wave.argtypes, library.utt_wave.restype = [pointer], ctypes.POINTER(_Wave)
    library.utt_relation.argtypes, library.utt_relation.restype = [pointer, text], pointer
    library.relation_head.argtypes, library.relation_head.restype = [pointer], pointer
    library.item_next.argtypes, library.item_next.restype = [pointer], pointer
    library.item_feat_string.argtypes, library.item_feat_string.restype = [pointer, text], text
    library.item_feat_float.argtypes, library.item_feat_float.restype = [pointer, text], ctypes.c_float
    library.delete_utterance.argtypes, library.delete_utterance.restype = [pointer], None
    return library
