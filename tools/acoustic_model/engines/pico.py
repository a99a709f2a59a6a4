"""SVOX Pico (Debian: ``libttspico0``, ``libttspico-data``), in this process: a woman's voice a language.

It speaks Spanish and both Englishes by itself. The Italian voice speaks Spanish too, given its sounds.
When each phone is spoken is not known.
"""

from __future__ import annotations

import ctypes
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tools.acoustic_model.engines import espeak
from tools.acoustic_model.takes import Take
from voice.speech.phones import PHONES

VOICES = {"en": ("en-US", "en-GB"), "es": ("es-ES", "it-IT")}
PACKAGES = "libttspico0 libttspico-data (from Debian's non-free)"

_SIGNALS = {"en-US": "lh0", "en-GB": "kh0", "es-ES": "zl0", "it-IT": "cm0"}
_LIBRARY = "libttspico.so.0"
_DATA = Path("/usr/share/pico/lang")
_RATE = 16_000
_MEMORY = 4_000_000  # bytes for one voice: 2.5 MB is what the tool pico2wave gives it
_BUSY = 201  # pico_getData: there is more to come
_CHUNK = 1024
_NAME = 200  # PICO_RETSTRINGSIZE

# The sounds of Spanish in the Italian voice's X-SAMPA. It has no /x/, and says /θ/ as /s/.
_ITALIAN = {phone: phone for phone in PHONES["es"] if phone != "x"} | {"ny": "J", "y": "dZ", "T": "s"}


@dataclass(frozen=True, slots=True)
class _Voice:
    engine: ctypes.c_void_p
    system: ctypes.c_void_p
    memory: Any  # what the engine lives in


_OPEN: dict[str, _Voice] = {}


def installed() -> bool:
    try:
        ctypes.CDLL(_LIBRARY)
    except OSError:
        return False
    return _DATA.is_dir()


def synthesise(text: str, spoken: str, lang: str, name: str, rng: random.Random) -> Take | None:
    """``spoken`` at a random tempo and pitch, by a speaker a little bigger or smaller than the voice's."""
    size = rng.uniform(0.92, 1.1)
    speed = round(100 * rng.uniform(0.75, 1.4) / size)
    pitch = round(100 * rng.uniform(0.7, 1.35) / size)
    said = _sounds(spoken) if name == "it-IT" else spoken
    if said is None:
        return None
    pcm = _speak(name, f'<speed level="{speed}"><pitch level="{pitch}">{said}</pitch></speed>')
    if len(pcm) < _RATE // 10:
        return None
    return Take(text, lang, f"pico:{name}", pcm, round(_RATE * size / 50) * 50, None)


def _sounds(text: str) -> str | None:
    """Spanish words as the sounds of the Italian voice; None for a word with a sound it lacks."""
    tags = []
    for word in text.split():
        phones = espeak.stressed_phones(word, "es")
        if not phones or not all(phone in _ITALIAN for phone, _ in phones):
            return None
        marks = _stress_marks(phones)
        sounds = "".join(
            ("'" if mark else "") + _ITALIAN[phone] for (phone, _), mark in zip(phones, marks, strict=True)
        )
        tags.append(f'<phoneme alphabet="xsampa" ph="{sounds}"/>')
    return " ".join(tags)


def _stress_marks(phones: list[tuple[str, bool]]) -> list[bool]:
    """Where X-SAMPA's mark goes: before the consonants that open the stressed syllable."""
    marks = [False] * len(phones)
    for index, (_, stressed) in enumerate(phones):
        if stressed:
            start = index
            while start and phones[start - 1][0] in ("j", "w"):
                start -= 1
            if start and phones[start - 1][0] not in "aeiou":
                start -= 1
                liquid = phones[start][0] in ("r", "l") and start
                if liquid and phones[start - 1][0] in ("p", "t", "k", "b", "d", "g", "f"):
                    start -= 1
            marks[start] = True
    return marks


def _speak(name: str, markup: str) -> npt.NDArray[np.float32]:
    voice = _OPEN.get(name) or _open(name)
    library = _library()
    raw = markup.encode() + b"\0"
    out: list[bytes] = []
    buffer = ctypes.create_string_buffer(_CHUNK)
    count, kind, taken = ctypes.c_short(), ctypes.c_short(), ctypes.c_short()
    while raw:
        _check(library.pico_putTextUtf8(voice.engine, raw, len(raw), ctypes.byref(taken)), "text")
        raw = raw[taken.value :]
        status = _BUSY
        while status == _BUSY:
            status = library.pico_getData(
                voice.engine, buffer, _CHUNK, ctypes.byref(count), ctypes.byref(kind)
            )
            out.append(buffer.raw[: count.value])
    return np.frombuffer(b"".join(out), np.int16).astype(np.float32)


def _open(name: str) -> _Voice:
    library = _library()
    memory = ctypes.create_string_buffer(_MEMORY)
    system, engine = ctypes.c_void_p(), ctypes.c_void_p()
    _check(library.pico_initialize(memory, _MEMORY, ctypes.byref(system)), "start")
    _check(library.pico_createVoiceDefinition(system, name.encode()), name)
    for file in (f"{name}_ta.bin", f"{name}_{_SIGNALS[name]}_sg.bin"):
        resource, title = ctypes.c_void_p(), ctypes.create_string_buffer(_NAME)
        _check(library.pico_loadResource(system, str(_DATA / file).encode(), ctypes.byref(resource)), file)
        _check(library.pico_getResourceName(system, resource, title), file)
        _check(library.pico_addResourceToVoiceDefinition(system, name.encode(), title.value), file)
    _check(library.pico_newEngine(system, name.encode(), ctypes.byref(engine)), name)
    _OPEN[name] = _Voice(engine, system, memory)
    return _OPEN[name]


def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(_LIBRARY)
    pointer, text, short = ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(ctypes.c_short)
    pointer_out = ctypes.POINTER(ctypes.c_void_p)
    library.pico_initialize.argtypes = [pointer, ctypes.c_uint, pointer_out]
    library.pico_loadResource.argtypes = [pointer, text, pointer_out]
    library.pico_getResourceName.argtypes = [pointer, pointer, text]
    library.pico_createVoiceDefinition.argtypes = [pointer, text]
    library.pico_addResourceToVoiceDefinition.argtypes = [pointer, text, text]
    library.pico_newEngine.argtypes = [pointer, text, pointer_out]
    library.pico_putTextUtf8.argtypes = [pointer, text, ctypes.c_short, short]
    library.pico_getData.argtypes = [pointer, pointer, ctypes.c_short, short, short]
    return library


def _check(status: int, what: str) -> None:
    if status:
        raise RuntimeError(f"Pico refused {what} with status {status}; is {PACKAGES} complete?")
