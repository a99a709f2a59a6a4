"""Opens espeak-ng from its wheel, once a process, for speaking and for pronunciations.

The structures and numbers are those of espeak-ng's public header ``speak_lib.h`` (1.52). The synthesis
callback, the voice and the parameters are global to the library, so a user of it takes
:data:`voice.speech.espeak_lock.ESPEAK_LOCK`, sets all of them, speaks, and lets go of the lock.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import espeakng_loader

from voice.errors import VoiceError
from voice.speech.espeak_lock import ESPEAK_LOCK

EVENT_END_OF_LIST = 0
EVENT_PHONEME = 7

PARAMETER_RATE = 1  # words a minute, 80 to 450
PARAMETER_VOLUME = 2  # 0 to 200, 100 is normal
PARAMETER_PITCH = 3  # 0 to 100
PARAMETER_RANGE = 4  # 0 to 100, 0 is monotone
PARAMETER_PUNCTUATION = 5
PARAMETER_CAPITALS = 6
PARAMETER_WORD_GAP = 7  # units of 10 ms at the default rate

CHARS_UTF8 = 1
POSITION_CHARACTER = 1
CALLBACK_GO_ON = 0
CALLBACK_ABORT = 1

BUFFER_MS = 60  # how much audio each callback brings at most

_OUTPUT_SYNCHRONOUS = 2  # the callback runs inside espeak_Synth, in the caller's thread
_INITIALIZE_PHONEME_EVENTS = 0x0001
_INITIALIZE_DONT_EXIT = 0x8000  # without it a missing data folder ends the process


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class Event(ctypes.Structure):
    """``espeak_EVENT``. ``sample`` counts from the start of the text at :func:`sample_rate`."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )

    def phoneme(self) -> str:
        """The mnemonic of an ``EVENT_PHONEME``: up to 8 bytes, of which the last may not be a zero."""
        raw = ctypes.string_at(ctypes.addressof(self) + Event.id.offset, 8)
        return raw.split(b"\0", 1)[0].decode("utf-8", "replace")


SynthCallback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event)
)
"""``(samples, count, events) -> CALLBACK_GO_ON | CALLBACK_ABORT``; ``samples`` is NULL at the end and
``events`` ends with an ``EVENT_END_OF_LIST``. Keep a reference for as long as the library may call it."""


class _Loaded:
    library: ctypes.CDLL | None = None
    rate = 0


def load() -> ctypes.CDLL:
    """The library, initialised for synchronous synthesis with phoneme events (espeak mnemonics).

    Takes the lock itself: call it before taking :data:`ESPEAK_LOCK`. Raises :class:`VoiceError` when the
    library or its data cannot be used.
    """
    if _Loaded.library is None:
        with ESPEAK_LOCK:
            if _Loaded.library is None:
                _Loaded.library, _Loaded.rate = _initialize()
    return _Loaded.library


def sample_rate() -> int:
    """Hz of the samples that callbacks bring (22050 for every espeak voice)."""
    load()
    return _Loaded.rate


def data_path() -> Path:
    """The ``espeak-ng-data`` folder of the wheel."""
    return Path(espeakng_loader.get_data_path())


def phonemes_of(
    text: str, voice: str, parameters: Sequence[tuple[int, int]]
) -> tuple[bytes, list[tuple[str, int]]]:
    """A text spoken whole: 16-bit samples at :func:`sample_rate`, and ``(mnemonic, first sample)`` of each
    phoneme. ``parameters`` are pairs of ``PARAMETER_...`` and value.

    Holds the lock for as long as it takes (0.5 ms a word). Raises :class:`VoiceError` when the library cannot
    be used or has no such voice.
    """
    library = load()
    blocks: list[bytes] = []
    phonemes: list[tuple[str, int]] = []

    def collect(samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            blocks.append(ctypes.string_at(samples, 2 * count))
        index = 0
        while events[index].type != EVENT_END_OF_LIST:
            if events[index].type == EVENT_PHONEME:
                phonemes.append((events[index].phoneme(), events[index].sample))
            index += 1
        return CALLBACK_GO_ON

    callback = SynthCallback(collect)
    raw = text.encode() + b"\0"
    with ESPEAK_LOCK:
        library.espeak_SetSynthCallback(callback)
        if library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise VoiceError(f"espeak-ng has no voice {voice!r}")
        for parameter, value in parameters:
            library.espeak_SetParameter(parameter, value, 0)
        library.espeak_Synth(raw, len(raw), 0, POSITION_CHARACTER, 0, CHARS_UTF8, None, None)
    return b"".join(blocks), phonemes


def _initialize() -> tuple[ctypes.CDLL, int]:
    path = str(espeakng_loader.get_library_path())
    data = data_path()
    if not (data / "phontab").is_file():
        raise VoiceError(f"{data}: espeak-ng's data is missing; reinstall the package espeakng-loader")
    try:
        library = ctypes.CDLL(path, mode=ctypes.RTLD_GLOBAL)
    except OSError as error:
        raise VoiceError(
            f"{path}: espeak-ng cannot be opened ({error}); reinstall the package espeakng-loader"
        ) from error
    library.espeak_Initialize.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int]
    library.espeak_SetSynthCallback.argtypes = [SynthCallback]
    library.espeak_SetSynthCallback.restype = None
    library.espeak_SetVoiceByName.argtypes = [ctypes.c_char_p]
    library.espeak_SetParameter.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int]
    library.espeak_Synth.argtypes = [
        ctypes.c_char_p,  # text
        ctypes.c_size_t,  # its length with the closing zero
        ctypes.c_uint,  # position
        ctypes.c_int,  # position type
        ctypes.c_uint,  # end position, 0 for all
        ctypes.c_uint,  # flags
        ctypes.POINTER(ctypes.c_uint),
        ctypes.c_void_p,
    ]
    rate = library.espeak_Initialize(
        _OUTPUT_SYNCHRONOUS,
        BUFFER_MS,
        str(data).encode(),
        _INITIALIZE_PHONEME_EVENTS | _INITIALIZE_DONT_EXIT,
    )
    if rate <= 0:
        raise VoiceError(f"espeak-ng did not start with the data in {data}; reinstall espeakng-loader")
    return library, rate
