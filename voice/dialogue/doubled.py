"""Words of a text that a value brings along: "a las {at|time}" would be said "a las las once". Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from voice.dialogue.render import PLACEHOLDER
from voice.languages.base import phrase_list

# what each form begins and ends with, in every value: as the say_ methods of voice.languages have it
_BEFORE: Final = {
    ("es", "time"): phrase_list("la, las"),
    ("es", "date"): phrase_list("el, del, al, día"),
    ("en", "date"): phrase_list("the"),
}
_MONEY: Final = phrase_list("euro, euros, €, dólar, dólares, dollar, dollars, peso, pesos, pounds")
_AFTER: Final = {
    ("es", "time"): phrase_list("horas, h"),
    ("en", "time"): phrase_list("o'clock, hours"),
    ("es", "amount"): _MONEY,
    ("en", "amount"): _MONEY,
}
EXAMPLES: Final = {
    ("es", "time"): "las once y media de la mañana",
    ("en", "time"): "eleven thirty in the morning",
    ("es", "date"): "el jueves, quince de enero",
    ("en", "date"): "Thursday, January fifteenth",
    ("es", "amount"): "cuarenta y dos euros",
    ("en", "amount"): "forty-two euros",
}
_LAST: Final = re.compile(r"([^\W\d_]+)\s+$")
_FIRST: Final = re.compile(r"\s*(€|o'clock|[^\W\d_]+)")


def doubled(template: str, lang: str, form_of: Callable[[str], str]) -> list[tuple[str, str, str]]:
    """The word beside a value, the value as it is written, and its form, wherever both say the same.
    ``form_of`` tells the usual form of a name."""
    found = []
    for match in PLACEHOLDER.finditer(template):
        form = (match[2] or "").strip() or form_of(match[1].strip())
        before, after = _LAST.search(template[: match.start()]), _FIRST.match(template[match.end() :])
        for word, known in ((before, _BEFORE), (after, _AFTER)):
            if word and word[1].lower() in known.get((lang, form), ()):
                found.append((word[1], match[0], form))
    return found
