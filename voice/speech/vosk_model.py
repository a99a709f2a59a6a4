"""Opens Vosk model folders safely: what is missing or broken is a clear error, never a crash.

Vosk (0.3.45) reports some broken files with an exception, but a damaged ``HCLr.fst`` is a segmentation fault
and a damaged ``disambig_tid.int`` an abort. So a folder is first checked by its files, then tried in a
process of its own, and only then opened here. Folders that we made carry checksums and need no trial.
"""

from __future__ import annotations

import functools
import json
import re
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voice.errors import ModelError
from voice.model import SAMPLE_RATE
from voice.speech import builtin

SILENT_LOG = -10  # below every level of Kaldi's log
PROBE_SECONDS = 180  # a large model on a slow disk
_KILLED = 9
_RATE = re.compile(r"^--sample-frequency=(\d+)", re.MULTILINE)
_UPSAMPLES = re.compile(r"^--allow-upsample=true", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """What a model folder's files say. ``rate`` is in Hz: what audio must be brought to beforehand."""

    path: Path
    rate: int
    runtime_grammar: bool
    ours: bool


def inspect(path: Path, lang: str) -> ModelFolder:
    """Looks at the files only. Raises :class:`ModelError` that says what to do."""
    remedy = f"set speech.model_{lang} to an unpacked Vosk model, or leave it empty for the built-in one"
    if path.suffix == ".zip" and path.is_file():
        raise ModelError(f"{path}: this is the packed model; unpack it and name the folder that comes out")
    if not path.is_dir():
        raise ModelError(f"{path}: there is no such folder; {remedy}")
    new_layout = (path / "am/final.mdl").is_file()
    if not new_layout and not (path / "final.mdl").is_file():
        inner = [child for child in sorted(path.iterdir()) if (child / "am/final.mdl").is_file()]
        hint = f"did you mean {inner[0]}?" if inner else remedy
        raise ModelError(f"{path}: not a Vosk model (no am/final.mdl); {hint}")
    graph, conf = (path / "graph", path / "conf") if new_layout else (path, path)
    static = (graph / "HCLG.fst").is_file()
    needed = [conf / "mfcc.conf", graph / "words.txt"]
    needed += [conf / "model.conf"] if new_layout else []
    needed += [] if static else [graph / name for name in ("HCLr.fst", "Gr.fst", "disambig_tid.int")]
    missing = [
        str(file.relative_to(path)) for file in needed if not file.is_file() or not file.stat().st_size
    ]
    if missing:
        raise ModelError(
            f"{path}: the model is incomplete (missing or empty: {', '.join(missing)}); unpack it again"
        )
    features = (conf / "mfcc.conf").read_text(encoding="utf-8", errors="replace")
    stated = _RATE.search(features)
    rate = int(stated.group(1)) if stated else 16000
    if rate <= SAMPLE_RATE or _UPSAMPLES.search(features):
        rate = SAMPLE_RATE  # Kaldi's own resampler takes the stream as it is
    return ModelFolder(path, rate, not static, builtin.is_whole(path))


@functools.lru_cache(maxsize=8)
def load(path: Path, lang: str) -> tuple[Any, ModelFolder]:
    """The shared model of a folder (``vosk.Model``), opened once a process. Raises :class:`ModelError`."""
    with _LOADING:
        folder = inspect(path, lang)
        if not folder.ours:
            trial(folder)
        return open_model(path), folder


_LOADING = threading.Lock()


def open_model(path: Path) -> Any:
    """Opens by path only: a model named by language would be fetched from the network."""
    import vosk  # here, not above: it takes 0.2 s and commands that never listen need it not

    vosk.SetLogLevel(SILENT_LOG)
    try:
        return vosk.Model(str(path))
    except Exception as error:  # Vosk raises the bare class
        raise ModelError(f"{path}: Vosk cannot open this model ({error}); unpack it again") from error


def trial(folder: ModelFolder) -> int:
    """Opens and uses the model in another process, which may crash in our stead.

    Returns the most memory that took, in MB (0 where the system does not say). Raises :class:`ModelError`.
    """
    try:
        run = subprocess.run(  # noqa: S603 - our own interpreter and module, no shell
            [sys.executable, "-m", "voice.speech.vosk_model", str(folder.path), str(folder.rate)],
            capture_output=True,
            timeout=PROBE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ModelError(
            f"{folder.path}: the model did not open within {PROBE_SECONDS} s; use a smaller one"
        ) from error
    if run.returncode == -_KILLED:
        raise ModelError(
            f"{folder.path}: the trial was killed by the system, which is what happens when memory runs out; "
            "use a smaller model or a larger machine"
        )
    if run.returncode != 0:
        raise ModelError(
            f"{folder.path}: the model is damaged or not for Vosk (trial ended with status "
            f"{run.returncode}); unpack it again"
        )
    return int(run.stdout)


def try_model(path: Path, rate: int) -> None:
    """Opens a model and decodes half a second of silence with it, with and without a grammar."""
    import vosk

    model = open_model(path)
    grammar = json.dumps(["[unk]"])
    for recognizer in (vosk.KaldiRecognizer(model, rate), vosk.KaldiRecognizer(model, rate, grammar)):
        recognizer.SetWords(True)
        recognizer.AcceptWaveform(bytes(rate))
        json.loads(recognizer.FinalResult())


def _peak_memory() -> int:
    """The most memory this process has used, in MB; 0 where the system does not say."""
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (1 << 20 if sys.platform == "darwin" else 1 << 10)


if __name__ == "__main__":
    try_model(Path(sys.argv[1]), int(sys.argv[2]))
    print(_peak_memory())  # noqa: T201 - this is the trial's answer
