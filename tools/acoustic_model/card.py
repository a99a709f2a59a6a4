"""``python -m tools.acoustic_model.card FIGURES``: writes what was measured into the model card.

FIGURES is what ``python -m tools.hearing.eval_hearing --json FIGURES`` wrote. Everything after the heading
"Figures" in ``voice/speech/models/README.txt`` is replaced; the rest of the card is written by hand.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from voice.speech.builtin import MODELS

CARD = MODELS / "README.txt"
HEADING = "Figures"
_WIDTH = 44


def figures(measured: dict[str, Any]) -> str:
    """The table of the card: a line a test, in quiet and in a street, with the target and the interval.

    Raises KeyError when ``measured`` is not of eval_hearing.
    """
    rows: dict[str, dict[str, Any]] = {}
    for row in measured["rows"]:
        rows.setdefault(row["title"], {})[row["condition"]] = row
    lines = [HEADING, "=" * len(HEADING), "", "On voices never trained on; 95 % interval in brackets.", ""]
    lines.append(f"{'':{_WIDTH}}{'quiet':>20}{'street, 15 dB':>20}{'target':>10}")
    for title, found in rows.items():
        quiet, street = (_cell(found.get(name)) for name in ("quiet", "street"))
        lines.append(f"{title:{_WIDTH}}{quiet:>20}{street:>20}{_target(found):>10}".rstrip())
    lines += ["", f"Real-time factor {measured['real_time_factor']:.3f} (CPU seconds a second of audio)."]
    lines += [f"Size {', '.join(f'{lang} {mb:.1f} MB' for lang, mb in measured['model_mb'].items())}."]
    return "\n".join(lines) + "\n"


def _cell(row: dict[str, Any] | None) -> str:
    if row is None:
        return "-"
    figure = row["figure"]
    return f"{100 * figure['value']:.1f} % ({100 * figure['low']:.0f}-{100 * figure['high']:.0f})"


def _target(found: dict[str, Any]) -> str:
    row = found.get("quiet", {})
    if row.get("target") is None:
        return "-"
    sign = "<" if row["kind"] == "words" else ">"
    return f"{sign} {100 * row['target']:.0f} %"


def write(measured: dict[str, Any], card: Path = CARD) -> None:
    """Raises ValueError when the card has no heading "Figures"."""
    written = card.read_text("utf-8")
    head, found, _ = written.partition(f"\n{HEADING}\n")
    if not found:
        raise ValueError(f"{card}: no line '{HEADING}' to write the figures after")
    card.write_text(f"{head}\n{figures(measured)}", "utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.acoustic_model.card", description=__doc__)
    parser.add_argument("figures", type=Path, metavar="FIGURES")
    path = parser.parse_args().figures
    try:
        write(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError) as error:
        print(f"{path}: {error}; make it with python -m tools.hearing.eval_hearing --json", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
