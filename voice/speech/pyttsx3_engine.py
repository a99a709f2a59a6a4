"""Speaks with pyttsx3 (espeak-ng on Linux, the system's voices on macOS and Windows) in a worker process.

The worker is started at the first sentence, given one sentence at a time and a time limit, killed when it
does not answer and started again; its file is read and checked here. It ends with this process.
"""

from __future__ import annotations

import importlib.metadata
import itertools
import json
import logging
import os
import queue
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TextIO

import numpy as np
import soundfile

from voice.errors import VoiceError
from voice.speech.phrasing import pause_ms, speakable
from voice.speech.pyttsx3_worker import choose_voice
from voice.speech.seam import Voice
from voice.speech.shaping import Shaper, active_level, silence

log = logging.getLogger(__name__)

_COMMAND: Final = (sys.executable, "-m", "voice.speech.pyttsx3_worker")
_ATTEMPTS: Final = 3  # a file was missing in 3 of 12 fresh processes, never twice running
_START_SECONDS: Final = 20.0
_SENTENCE_SECONDS: Final = 5.0
_LEVELLING: Final = {
    "es": "Gracias por llamar, le atiende el asistente.",
    "en": "Thank you for calling today.",
}
_REMEDY: Final = "set speech.synthesizer = \"espeak\", or see 'voice doctor'"


class _WorkerLost(Exception):
    """The worker ended, or did not answer in time."""


class _Process:
    """A running worker: lines out, lines in with a time limit."""

    def __init__(self, command: tuple[str, ...], start_seconds: float) -> None:
        self._process = subprocess.Popen(  # noqa: S603 (our own module)
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        assert self._process.stdout is not None
        # a function, not a method: the thread must not keep this object, and so the worker, alive
        threading.Thread(
            target=_pump, args=(self._process.stdout, self._lines), name="pyttsx3-reader", daemon=True
        ).start()
        self._finalizer = weakref.finalize(self, self._process.kill)
        try:
            self.hello = self._receive(start_seconds)
        except _WorkerLost:
            self.kill()
            raise

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise _WorkerLost("it ended") from error
        while (answer := self._receive(seconds)).get("id") != request["id"]:
            pass  # a late answer to a sentence that was given up
        return answer

    def _receive(self, seconds: float) -> dict[str, Any]:
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            raise _WorkerLost(f"no answer in {seconds:g} s") from None
        if line is None:
            raise _WorkerLost(f"it ended with status {self._process.wait()}")
        try:
            message = json.loads(line)
        except ValueError:
            raise _WorkerLost("it answered something that is not JSON") from None
        if not isinstance(message, dict):
            raise _WorkerLost("it answered something that is not an object")
        return message

    def kill(self) -> None:
        self._finalizer()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    pass  # a last line could not be flushed to the dead worker


def _pump(lines: TextIO, into: queue.SimpleQueue[str | None]) -> None:
    for line in lines:
        into.put(line)
    into.put(None)


class Pyttsx3Synthesizer:
    """See :class:`voice.speech.seam.Synthesizer`. Starts nothing until it must speak or name its voices."""

    name = "pyttsx3"

    def __init__(
        self,
        *,
        command: tuple[str, ...] = _COMMAND,
        start_seconds: float = _START_SECONDS,
        sentence_seconds: float = _SENTENCE_SECONDS,
    ) -> None:
        self._command = command
        self._start_seconds = start_seconds
        self._sentence_seconds = sentence_seconds
        self._lock = threading.Lock()  # one sentence at a time
        self._process: _Process | None = None
        self._rows: list[tuple[str, str, list[str]]] = []
        self._ids = itertools.count(1)
        self._gains: dict[tuple[str, str], float] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="centralita-", ignore_cleanup_errors=True)
        self.version = importlib.metadata.version("pyttsx3")

    def voices(self, lang: str) -> tuple[str, ...]:
        """The system's voices for ``lang``, the default first. Empty when pyttsx3 does not work here."""
        try:
            with self._lock:
                self._start()
        except VoiceError as error:
            log.warning("%s", error)
            return ()
        default = choose_voice(self._rows, lang, "")
        rows = [row for row in self._rows if choose_voice([row], lang, "") is not None]
        return tuple(sorted((row[0] for row in rows), key=lambda voice_id: voice_id != default))

    def stream(self, text: str, voice: Voice) -> Iterator[bytes]:
        """One piece a sentence: the driver writes whole files."""
        pause = 0
        for sentence in speakable(text):
            if pause:
                yield silence(pause)
            raw, rate = self._synthesise(sentence, voice)
            shaper = Shaper(rate, self._gain(voice))
            if pcm := shaper.feed(raw) + shaper.finish():
                yield pcm
            pause = pause_ms(sentence) * 165 // max(80, voice.rate)

    def close(self) -> None:
        """Ends the worker; the next sentence would start another."""
        with self._lock:
            self._stop()

    def _gain(self, voice: Voice) -> float:
        key = (voice.lang, voice.name)
        if key not in self._gains:
            raw, rate = self._synthesise(_LEVELLING.get(voice.lang, "1 2 3 4 5"), voice)
            shaper = Shaper(rate, 1.0)
            self._gains[key] = active_level(shaper.feed(raw) + shaper.finish())
        return self._gains[key]

    def _synthesise(self, sentence: str, voice: Voice) -> tuple[bytes, int]:
        """16-bit mono samples and their rate. Tries again, with a new worker when the old one is lost."""
        why = ""
        with self._lock:
            for _attempt in range(_ATTEMPTS):
                process = self._start()
                number = next(self._ids)
                path = Path(self._folder.name) / f"{number}{'.aiff' if sys.platform == 'darwin' else '.wav'}"
                request = {
                    "id": number,
                    "text": sentence,
                    "lang": voice.lang,
                    "voice": voice.name,
                    "rate": voice.rate,
                    "file": str(path),
                }
                try:
                    why = str(process.ask(request, self._sentence_seconds)["error"])
                    if not why:
                        return _read(path)
                except (_WorkerLost, KeyError) as error:
                    why = f"the worker was lost: {error}"
                    self._stop()
                except (OSError, soundfile.LibsndfileError) as error:
                    why = f"its file cannot be read ({error})"
                finally:
                    path.unlink(missing_ok=True)
                if why.startswith("no voice"):
                    break
                log.info("pyttsx3: %s; trying again", why)
        raise VoiceError(f"pyttsx3 cannot speak: {why}; {_REMEDY}")

    def _start(self) -> _Process:
        if self._process is None:
            try:
                process = _Process(self._command, self._start_seconds)
            except (OSError, _WorkerLost) as error:
                raise VoiceError(f"pyttsx3's worker does not start: {error}; {_REMEDY}") from error
            if not process.hello.get("ready"):
                process.kill()
                raise VoiceError(f"pyttsx3 does not work here: {process.hello.get('error')}; {_REMEDY}")
            self._process = process
            self._rows = [(row[0], row[1], list(row[2])) for row in process.hello.get("voices", [])]
        return self._process

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process = None


def _read(path: Path) -> tuple[bytes, int]:
    samples, rate = soundfile.read(os.fspath(path), dtype="int16", always_2d=True)
    if not len(samples):
        raise OSError("it is empty")
    mono = samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1)
    return np.asarray(mono, dtype="<i2").tobytes(), int(rate)
