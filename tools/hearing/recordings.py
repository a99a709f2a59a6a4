"""Folders of recordings: where they are looked for, and the list that each of them has."""

from __future__ import annotations

import json
from pathlib import Path

from voice.errors import ConfigError

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
LIST = "items.jsonl"


def items(folder: Path) -> list[dict[str, str]]:
    """What lies in a folder: a JSON object a line, ``audio`` being the file's name within the folder.

    Raises :class:`ConfigError` where there is no such list.
    """
    path = folder / LIST
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read ({error}); see tools/hearing/README.md") from error
