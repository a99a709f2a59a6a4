"""Speaks with espeak-ng from its wheel: streamed, level and trimmed.

A sentence is synthesised in a thread of its own while the caller takes its audio (a thread costs 80 us, a
sentence 4 to 9 ms). The thread never waits for the caller, so the library's lock is held for one sentence
at most, whatever becomes of the iterator; what may pile up is one sentence's audio.
"""

from __future__ import annotations

import ctypes
import functools
import logging
import queue
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from voice.errors import VoiceError
from voice.speech import espeak_library as lib
from voice.speech.espeak_lock import ESPEAK_LOCK
from voice.speech.phrasing import pause_ms, speakable
from voice.speech.seam import Voice
from voice.speech.shaping import Shaper, active_level, silence

log = logging.getLogger(__name__)

# Good on a telephone, best first; "language+variant" with any variant of espeak-ng works too.
VOICES: Final = {
    "es": ("es-419", "es-419+max", "es-419+Annie", "es-419+f2", "es", "es+max", "es+Annie", "es+f2"),
    "en": ("en-us", "en-us+max", "en-us+Annie", "en-us+f2", "en-gb", "en-gb+max", "en-gb+Annie", "en-gb+f2"),
}
_LEVELLING: Final = {
    "es": "Gracias por llamar, le atiende el asistente virtual.",
    "en": "Thank you for calling, this is the virtual assistant.",
}
_SHORT_PARENTS: Final = ("/tmp",)  # noqa: S108 (a private folder is made in it)
_VOLUME: Final = 60  # of 100: some variants clip at 100; the level is set afterwards


@dataclass(frozen=True, slots=True)
class _Profile:
    """A voice ready to be used: espeak's name or file for it, and the gain to the common level."""

    name: bytes
    gain: float
    is_file: bool


class EspeakSynthesizer:
    """See :class:`voice.speech.seam.Synthesizer`. Raises :class:`VoiceError` when espeak-ng cannot start."""

    name = "espeak"

    def __init__(self) -> None:
        self._library = lib.load()
        self._library.espeak_ng_SetVoiceByFile.argtypes = [ctypes.c_char_p]
        self._library.espeak_ng_SetRandSeed.argtypes = [ctypes.c_long]
        self._library.espeak_Info.restype = ctypes.c_char_p
        self._library.espeak_Info.argtypes = [ctypes.c_void_p]
        self.version: str = self._library.espeak_Info(None).decode()
        self._folder = _short_folder()
        self._profiles: dict[str, _Profile] = {}
        self._profiles_lock = threading.Lock()

    def voices(self, lang: str) -> tuple[str, ...]:
        return VOICES.get(lang, ())

    def stream(self, text: str, voice: Voice) -> Iterator[bytes]:
        """Yields pieces of 20 ms or more. Nothing to say (no letter or digit in it) yields nothing."""
        profile = self._profile(voice)
        rate = min(450, max(80, voice.rate))
        return self._speak(speakable(text), profile, rate)

    def _speak(self, parts: list[str], profile: _Profile, rate: int) -> Iterator[bytes]:
        pause = 0
        for part in parts:
            if pause:
                yield silence(pause)
            shaper = Shaper(lib.sample_rate(), profile.gain)
            pieces = _Sentence(self._library, part, profile, rate)
            try:
                for piece in pieces:
                    if shaped := shaper.feed(piece):
                        yield shaped
            finally:
                pieces.close()
            if shaped := shaper.finish():
                yield shaped
            pause = pause_ms(part) * 165 // rate

    # --- voices -------------------------------------------------------------------------------------

    def _profile(self, voice: Voice) -> _Profile:
        if voice.lang not in VOICES:
            raise VoiceError(f"espeak is not set up for language {voice.lang!r}; use {', '.join(VOICES)}")
        name = voice.name or VOICES[voice.lang][0]
        with self._profiles_lock:
            profile = self._profiles.get(name)
            if profile is None:
                profile = self._profiles[name] = self._make_profile(name, voice.lang)
        return profile

    def _make_profile(self, name: str, lang: str) -> _Profile:
        """Measures the voice's level on one sentence (about 5 ms, once a voice and process)."""
        definition = _without_chance(name)
        plain = _Profile(name.encode(), 1.0, False)
        if self._folder is not None:
            file = Path(self._folder.name) / str(len(self._profiles))
            try:
                file.write_text(definition, encoding="utf-8")
                plain = _Profile(str(file).encode(), 1.0, True)
            except OSError as error:
                log.warning("%s: not writable (%s); voice %s varies slightly", file, error.strerror, name)
        shaper = Shaper(lib.sample_rate(), 1.0)
        raw = _Sentence(self._library, _LEVELLING[lang], plain, 165)
        pcm = b"".join([shaper.feed(piece) for piece in raw] + [shaper.finish()])
        return replace(plain, gain=active_level(pcm))


class _Sentence:
    """One call of ``espeak_Synth`` in a thread; iterates over raw 16-bit pieces at the library's rate."""

    def __init__(self, library: ctypes.CDLL, text: str, profile: _Profile, rate: int) -> None:
        self._library = library
        self._text = text.encode()
        self._profile = profile
        self._rate = rate
        self._stop = threading.Event()
        # bounded by the sentence: see the module's docstring for why the thread must not wait
        self._pieces: queue.SimpleQueue[bytes | VoiceError | None] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="espeak", daemon=True).start()

    def __iter__(self) -> Iterator[bytes]:
        while (piece := self._pieces.get()) is not None:
            if isinstance(piece, VoiceError):
                raise piece
            yield piece

    def close(self) -> None:
        """The library stops at its next callback, within 60 ms of audio (about 0.1 ms)."""
        self._stop.set()

    def _run(self) -> None:
        try:
            with ESPEAK_LOCK:
                if not self._stop.is_set():
                    self._synthesise()
            self._pieces.put(None)
        except VoiceError as error:
            self._pieces.put(error)

    def _synthesise(self) -> None:
        put, stopped = self._pieces.put, self._stop.is_set

        def on_samples(samples: ctypes._Pointer[ctypes.c_short], count: int, _events: object) -> int:
            if samples and count > 0:
                put(ctypes.string_at(samples, count * 2))
            return lib.CALLBACK_ABORT if stopped() else lib.CALLBACK_GO_ON

        library, callback = self._library, lib.SynthCallback(on_samples)
        name, is_file = self._profile.name, self._profile.is_file
        set_voice = library.espeak_ng_SetVoiceByFile if is_file else library.espeak_SetVoiceByName
        if (status := set_voice(name)) != 0:
            raise VoiceError(f"espeak cannot use the voice {name.decode()} (status {status:#x})")
        library.espeak_ng_SetRandSeed(1)
        for parameter, value in (
            (lib.PARAMETER_RATE, self._rate),
            (lib.PARAMETER_VOLUME, _VOLUME),
            (lib.PARAMETER_PITCH, 50),
            (lib.PARAMETER_RANGE, 50),
            (lib.PARAMETER_PUNCTUATION, 0),
            (lib.PARAMETER_CAPITALS, 0),
            (lib.PARAMETER_WORD_GAP, 0),
        ):
            library.espeak_SetParameter(parameter, value, 0)
        library.espeak_SetSynthCallback(callback)
        status = library.espeak_Synth(
            self._text, len(self._text) + 1, 0, lib.POSITION_CHARACTER, 0, lib.CHARS_UTF8, None, None
        )
        if status != 0 and not stopped():
            raise VoiceError(f"espeak failed on a text of {len(self._text)} bytes (status {status})")


def _without_chance(name: str) -> str:
    """espeak's definition of ``language[+variant]`` without its random parts.

    Pitch flutter and roughness run on counters inside the library that nothing resets, so that with them
    the same text is up to 1 ms longer or shorter each time; a replay needs the same bytes.
    """
    base, _, variant = name.partition("+")
    source = _languages().get(base.lower())
    if source is None:
        some = ", ".join(VOICES["es"] + VOICES["en"])
        raise VoiceError(f"espeak has no voice {base!r}; some that it has: {some}")
    lines = _definition(source)
    if variant:
        path = _variants().get(variant.lower())
        if path is None:
            raise VoiceError(
                f"espeak has no variant {variant!r} for {base}; it has {', '.join(sorted(_variants()))}"
            )
        lines += [line for line in _definition(path) if not line.startswith(("name", "language", "gender"))]
    lines = [line for line in lines if not line.startswith(("flutter", "roughness"))]
    return "\n".join([*lines, "flutter 0", "roughness 0", ""])


def _short_folder() -> tempfile.TemporaryDirectory[str] | None:
    """A temporary folder for voice files. The library copies their paths into 60 bytes and takes "+" for
    the start of a variant; without such a folder it is given plain names."""
    for parent in (tempfile.gettempdir(), *_SHORT_PARENTS):
        if len(parent.encode()) <= 30 and "+" not in parent:
            try:
                return tempfile.TemporaryDirectory(prefix="voice-", dir=parent, ignore_cleanup_errors=True)
            except OSError:
                continue
    log.warning("no temporary folder with a short path can be written; espeak's audio varies slightly")
    return None


def _definition(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


@functools.cache
def _languages() -> dict[str, Path]:
    """Language code, lower-case -> espeak's definition; a file's own first code wins over an alias."""
    found: dict[str, tuple[int, Path]] = {}
    for path in sorted((lib.data_path() / "lang").rglob("*")):
        if path.is_file():
            codes = [line.split()[1].lower() for line in _definition(path) if line.startswith("language ")]
            for place, code in enumerate(codes):
                if code not in found or place < found[code][0]:
                    found[code] = (place, path)
    return {code: path for code, (_, path) in found.items()}


@functools.cache
def _variants() -> dict[str, Path]:
    return {path.name.lower(): path for path in (lib.data_path() / "voices" / "!v").iterdir()}
