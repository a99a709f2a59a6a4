"""One stay of a caller with a language model, as the dialogue keeps it, and the ways in which one ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from voice.dialogue.memory import Attempt
from voice.language_model import consultation as lm

# Ways in which the system failed, and not what the caller or the model said.
FAULTS = frozenset({"refused", "unreachable", "failed", "timeout", "cut", "invalid", "resting", "tools"})
OURS = FAULTS | {"guard", "nonsense", "repeated", "limit"}  # the caller was understood


@dataclass(slots=True)
class Stay:
    """One stay with the model."""

    step: str
    talk: lm.Consultation
    came_from: str = ""  # the menu that understood nothing; "" when the flow led here
    troubles: int = 0
    since: int = 0  # when the caller's turn ended; once the model speaks, when our voice did
    waited: int = 0  # 1 after the filler, 2 after the apology
    running: str = ""  # the tool's invocation
    deed: Attempt | None = None  # what it changes outside the call
    proposed: tuple[str, dict[str, Any]] | None = None  # waits for a yes
    filled: tuple[str, ...] = ()  # slots that the tool under way was given by the model
    attempt: Attempt | None = None  # once something was asked
