"""``python -m tools.acoustic_model``: builds the built-in acoustic models from nothing but data and seeds."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tools.hearing.recordings import DATA

try:
    from tools.acoustic_model.build import STAGES, Build, OtherRecipe, Recipe
except ModuleNotFoundError as missing:
    if missing.name != "torch":
        raise
    sys.exit(
        "python -m tools.acoustic_model: PyTorch is not installed; run 'make acoustic-model', which installs "
        "it, or pip install -e '.[acoustic-model]' (tools/acoustic_model/README.md)"
    )


def main() -> int:
    recipe = Recipe()
    parser = argparse.ArgumentParser(
        prog="python -m tools.acoustic_model",
        description="Trains the acoustic models of both languages and writes them as Vosk model folders. "
        "Every stage leaves files in the work folder, and training one every 200 steps; a run that was "
        "stopped goes on from there.",
    )
    parser.add_argument(
        "--data", type=Path, default=DATA, metavar="DIR", help="folder with speech/ and noise/"
    )
    parser.add_argument("--work", type=Path, default=Path("build/acoustic-model"), help="intermediate files")
    parser.add_argument("--out", type=Path, default=Path("voice/speech/models"), help="where es/ and en/ go")
    parser.add_argument("--hours", type=float, default=recipe.hours, help="of synthetic speech a language")
    parser.add_argument("--steps", type=int, default=recipe.frame_steps, help="of the main training")
    parser.add_argument("--workers", type=int, default=recipe.workers, help="processes that make speech")
    parser.add_argument("--threads", type=int, default=recipe.threads, help="of the training itself")
    parser.add_argument("--seed", type=int, default=recipe.seed)
    parser.add_argument("--until", choices=STAGES, default=STAGES[-1], help="stop after this stage")
    chosen = parser.parse_args()
    begun = time.monotonic()

    def say(text: str) -> None:
        minutes, seconds = divmod(int(time.monotonic() - begun), 60)
        print(f"{minutes:3}:{seconds:02} {text}", flush=True)

    build = Build(
        Recipe(
            hours=chosen.hours,
            frame_steps=chosen.steps,
            workers=chosen.workers,
            threads=chosen.threads,
            seed=chosen.seed,
        ),
        chosen.data,
        chosen.work,
        chosen.out,
        say,
    )
    try:
        build.run(chosen.until)
    except OtherRecipe as error:
        print(error, file=sys.stderr)
        return 1
    except FileNotFoundError as error:
        print(f"{error}; tools/acoustic_model/README.md says where the data comes from", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
