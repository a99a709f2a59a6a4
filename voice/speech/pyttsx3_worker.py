"""pyttsx3 in a process of its own: ``python -m voice.speech.pyttsx3_worker``, driven by ``pyttsx3_engine``.

Lines of JSON. The worker first says ``{"ready": true, "voices": [[id, name, [language]]]}`` or
``{"ready": false, "error": ...}``. Each ``{"id", "text", "lang", "voice", "rate", "file"}`` that it reads is
answered by ``{"id", "error"}``, with an empty error when ``file`` has the speech. It ends with its standard
input, even in the middle of a sentence.

What pyttsx3 2.99 does wrong and is dealt with here: on Linux it finds espeak-ng only when the wheel's
library was opened before it is imported; with the data path unset the process may simply end; a second
engine hangs the first; of two queued sentences only the last is kept; it prints to standard output;
a wrong voice name is ignored without a word.
"""

from __future__ import annotations

import ctypes
import json
import os
import queue
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TextIO

VoiceRow = tuple[str, str, list[str]]  # id, name, languages

PREFERRED: Final = {
    "es": ("es-419", "es-mx", "es-us", "es-es", "es"),
    "en": ("en-us", "en-gb", "en"),
}
_NAMES: Final = {"es": ("spanish", "español", "espanol"), "en": ("english", "inglés")}
_FILE_SECONDS: Final = 1.0  # some drivers finish the file after they say that they are done


def choose_voice(voices: Sequence[VoiceRow], lang: str, name: str) -> str | None:
    """The id to speak ``lang`` with: ``name`` is an id, a voice's name or a language code; "" the best."""
    if name:
        wanted = name.casefold()
        for voice_id, title, languages in voices:
            if wanted in (voice_id.casefold(), title.casefold(), *map(_tag, languages)):
                return voice_id
        return None
    ranked = [
        (rank, place, voice_id)
        for place, (voice_id, title, languages) in enumerate(voices)
        if (rank := _rank(lang, title, languages)) is not None
    ]
    return min(ranked)[2] if ranked else None


def _rank(lang: str, title: str, languages: Sequence[str]) -> int | None:
    """0 is best; None when the voice does not speak the language."""
    tags = [_tag(tag) for tag in languages]
    preferred = PREFERRED.get(lang, (lang,))
    exact = [preferred.index(tag) for tag in tags if tag in preferred]
    if exact:
        return min(exact)
    if any(tag.split("-")[0] == lang for tag in tags):
        return len(preferred)
    if not tags and any(word in title.casefold() for word in _NAMES.get(lang, ())):
        return len(preferred) + 1
    return None


def _tag(language: str) -> str:
    return language.replace("_", "-").casefold()


def _text(value: object) -> str:
    """Drivers give text, or bytes that begin with a priority."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return "".join(c for c in text if c.isprintable()).strip()


def _open_espeak() -> None:
    """Makes the wheel's library the one that pyttsx3's driver finds."""
    import espeakng_loader

    os.environ["ESPEAK_DATA_PATH"] = espeakng_loader.get_data_path()
    ctypes.CDLL(espeakng_loader.get_library_path(), mode=ctypes.RTLD_GLOBAL)


class _Engine:
    """The one pyttsx3 engine of this process."""

    def __init__(self) -> None:
        if sys.platform.startswith("linux"):
            _open_espeak()
        import pyttsx3

        self._engine: Any = pyttsx3.init()
        self.voices: list[VoiceRow] = [
            (str(voice.id), _text(voice.name), [_text(tag) for tag in voice.languages or [] if tag])
            for voice in self._engine.getProperty("voices")
        ]

    def speak(self, request: dict[str, Any]) -> str:
        """Returns what went wrong, or ""."""
        name = str(request["voice"])
        base, plus, variant = name.partition("+")
        voice = choose_voice(self.voices, request["lang"], base)
        if voice is None:
            return f"no voice {name!r} for language {request['lang']}"
        path = Path(request["file"])
        path.unlink(missing_ok=True)
        self._engine.setProperty("voice", voice + plus + variant)
        self._engine.setProperty("rate", request["rate"])
        self._engine.save_to_file(request["text"], str(path))
        self._engine.runAndWait()
        end = time.monotonic() + _FILE_SECONDS
        while not (path.exists() and path.stat().st_size > 100):  # more than a header
            if time.monotonic() > end:
                return "no file was written"
            time.sleep(0.01)
        return ""


def _read_requests(into: queue.SimpleQueue[dict[str, Any]]) -> None:
    for line in sys.stdin:
        into.put(json.loads(line))
    os._exit(0)  # the server is gone; the main thread may hang in the engine


def _say(out: TextIO, message: dict[str, Any]) -> None:
    out.write(json.dumps(message) + "\n")
    out.flush()


def main() -> int:
    # pyttsx3 prints; what it prints must not get between our lines
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_read_requests, args=(requests,), daemon=True).start()
    try:
        engine = _Engine()
    except (ImportError, OSError, RuntimeError, KeyError, ValueError, AttributeError) as error:
        _say(out, {"ready": False, "error": f"{type(error).__name__}: {error}"})
        return 1
    _say(out, {"ready": True, "voices": engine.voices})
    while True:
        request = requests.get()
        try:
            error_text = engine.speak(request)
        except (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError) as error:
            error_text = f"{type(error).__name__}: {error}"
        _say(out, {"id": request["id"], "error": error_text})


if __name__ == "__main__":
    sys.exit(main())
