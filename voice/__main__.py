"""``python -m voice`` is the command ``voice``."""

from __future__ import annotations

import sys

from voice.cli import main

if __name__ == "__main__":
    sys.exit(main())
