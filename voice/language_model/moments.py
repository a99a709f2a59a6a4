"""The days and other moments that a sentence names. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from voice.language_model.words import AMBIGUOUS
from voice.languages import fold, language

# Days named by their distance, the longer names first.
RELATIVE: dict[str, dict[int, tuple[str, ...]]] = {
    "es": {
        2: ("pasado manana",),
        -2: ("antes de ayer", "anteayer"),
        0: ("hoy",),
        1: ("manana",),
        -1: ("ayer",),
    },
    "en": {
        2: ("day after tomorrow",),
        -2: ("day before yesterday",),
        0: ("today", "tonight"),
        1: ("tomorrow",),
        -1: ("yesterday",),
    },
}
_NEVER_DAYS = {"es": re.compile(r"\b(?:por|de|a|en) la manana\b"), "en": re.compile(r"(?!)")}
_BEFORE_DAYS = frozenset(("in", "since", "until", "till", "by", "during", "next", "last", "on"))
_UNITS = {
    "es": r"(?:horas?|dias?|semanas?|quincenas?|mes|meses|anos?|rato)",
    "en": r"(?:hours?|days?|weeks?|weekends?|fortnights?|months?|years?)",
}
# A group "core" is what a fact must say; without one it is the whole.
_MOMENTS = {
    "es": re.compile(
        r"\b(?:est[ae]|misma?|proxim[oa]s?|siguientes?) (?:misma? |proxim[oa] )?"
        r"(?:manana|tarde|noche|madrugada|semana|mes|ano|fin de semana|quincena)\b"
        r"|\b(?:semana|mes|ano) (?:que viene|que entra|proxim[oa]|siguiente)\b"
        rf"|\b(?:en|dentro de|antes de|tras|hace|menos de) (?P<core>(?:un|una|unos|unas|pocos|pocas|algunos|"
        rf"algunas|el|la|media|medio) (?:par de )?{_UNITS['es']})\b"
        rf"|\bpar de {_UNITS['es']}\b|\bquincena\b"
        r"|\b(?:mediodia|medianoche|navidad(?:es)?|nochebuena|nochevieja|reyes|semana santa|pascuas?)\b"
        r"|\b(?:primeros?|principios|mediados|finales|fin) de (?:mes|ano|semana)\b"
        r"|\b(?:lun|mie|jue|vie|sab|dom|ene|feb|abr|jun|jul|ago|sep|oct|nov|dic)\b"
    ),
    "en": re.compile(
        r"\b(?:this|next|coming|following|last) (?:coming )?"
        r"(?:morning|afternoon|evening|night|week|weekend|month|year|fortnight)\b"
        rf"|\b(?:in|within|after|under|less than) (?P<core>(?:an?|the|the next|half an?|a few|several|some)"
        rf" (?:couple of )?{_UNITS['en']})\b"
        rf"|\bcouple of {_UNITS['en']}\b|\bfortnight\b"
        r"|\b(?:noon|midday|midnight|christmas|easter|thanksgiving|new years?|boxing day)\b"
        r"|\b(?:end|beginning|start|middle|first) of (?:the |this |next )?(?:day|week|month|year)\b"
    ),
}


def moments_in(text: str, lang: str) -> list[str]:
    """Folded expressions of time other than days: "this afternoon", "a week"."""
    return [match["core"] or match[0] for match in _MOMENTS[lang].finditer(fold(text))]


def days_in(text: str, lang: str) -> list[str]:
    """Folded names of days, weekdays and months."""
    folded = f" {_NEVER_DAYS[lang].sub(' ', fold(text))} "
    found: list[str] = []
    for names in RELATIVE[lang].values():
        for name in names:
            if f" {name} " in folded:
                found.append(name)
                folded = folded.replace(f" {name} ", " / ")
    lexicon = language(lang).lexicon
    words = folded.split()
    for at, plural in enumerate(words):
        word = plural.removesuffix("s") if plural.removesuffix("s") in lexicon.weekdays else plural
        if word not in lexicon.months and word not in lexicon.weekdays:
            continue
        before = words[at - 1] if at else ""
        if word not in AMBIGUOUS or before in _BEFORE_DAYS or _beside_number(words, at, lang):
            found.append(word)
    return found


def _beside_number(words: Sequence[str], at: int, lang: str) -> bool:
    lexicon = language(lang).lexicon
    near = [*words[max(0, at - 2) : at], *words[at + 1 : at + 3]]
    return any(t in lexicon.ordinals or t[:1].isdecimal() or t in lexicon.units for t in near)
