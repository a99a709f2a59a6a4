"""How long a text takes to say, without saying it. Pure.

Fitted by least squares to the built-in voices at their usual rate over the demonstration's prompts and
articles: on average 0.13 s off in both languages (a plain count of characters: 0.2 s in Spanish, 0.45 s in
English, and up to 1.8 s for lists of keys, whose commas are pauses).
"""

from __future__ import annotations

import re

from voice.dialogue.render import PLACEHOLDER

LONGEST_MS = 8000  # what people remember of a prompt
_VALUE = "x" * 15  # what stands for a value: an amount, a date
_LETTER, _GAP, _PAUSE, _END = range(4)
_MS = {"es": (62, 38, 309, 249), "en": (54, 47, 228, 235)}
_PAUSES = re.compile(r"[,;:]")
_ENDS = re.compile(r"[.!?…]+")
_LETTERS = re.compile(r"\w")


def spoken_length_ms(template: str, lang: str) -> int:
    """Milliseconds that ``template`` takes to say, its values included."""
    text = PLACEHOLDER.sub(_VALUE, template)
    cost = _MS.get(lang, _MS["en"])
    return (
        len(_LETTERS.findall(text)) * cost[_LETTER]
        + text.count(" ") * cost[_GAP]
        + len(_PAUSES.findall(text)) * cost[_PAUSE]
        + len(_ENDS.findall(text)) * cost[_END]
    )
