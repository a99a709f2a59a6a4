"""Confirmation by confidence and risk: take it, echo it, ask about it, or ask again."""

from __future__ import annotations

from enum import Enum

from voice.dialogue.flow import AskStep, Thresholds
from voice.languages import language


class Decision(Enum):
    TAKE = "take"  # without a word
    ECHO = "echo"  # implicitly: said with the next prompt, and open to "no, ..."
    QUESTION = "question"  # explicitly: yes or no
    REFUSE = "refuse"  # not sure enough to even ask


def decide(step: AskStep, confidence: float, thresholds: Thresholds) -> Decision:
    """``confidence`` is of recognition and parsing together; 1.0 for keys.

    Money is always confirmed with a question. A sensitive value is never read back: in doubt it is
    asked again.
    """
    if confidence < thresholds.low:
        return Decision.REFUSE
    if step.kind == "amount":
        return Decision.QUESTION
    if step.kind == "yes_no" or step.confirm == "never":
        return Decision.TAKE
    if step.sensitive:
        return Decision.ECHO if confidence >= thresholds.high else Decision.REFUSE
    if step.confirm == "explicit":
        return Decision.QUESTION
    if step.confirm == "implicit" or confidence >= thresholds.high:
        return Decision.ECHO
    return Decision.QUESTION


def after_no(text: str, lang: str) -> str | None:
    """What follows a leading "no" in normalised ``text``: "" for a bare one, None when there is none."""
    for phrase in sorted(language(lang).no_phrases, key=len, reverse=True):
        if text == phrase:
            return ""
        if text.startswith(phrase + " "):
            rest = text[len(phrase) + 1 :]
            return after_no(rest, lang) or rest if rest != phrase else ""
    return None
