"""A day or a time that is none yet: "as soon as possible", "some time next week", "whatever suits you". Pure.

Said as the answer to a question, or on the way in a sentence about something else.
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum

from voice.languages import fold, normalise
from voice.model import ExpectKind
from voice.slots.extract import extract
from voice.slots.reading import Wanted

MOST_WORDS = 14  # of an answer; a longer one says more than that


class Vague(StrEnum):
    """How a caller leaves open when."""

    SOONEST = "soonest"
    WEEKEND = "weekend"
    PERIOD = "period"  # a week or a month


_PART = {  # of the day
    "es": r"(?:por|de|en|a) la (?:manana|tarde|noche)|a (?:primera|ultima) hora|al mediodia",
    "en": r"in the (?:morning|afternoon|evening)|at (?:noon|lunchtime)|(?:first thing|early"
    r"|late)(?: in the day)?",
}
_MILD = {
    "es": r"(?:pues|mejor|a ser posible|si puede ser|si es posible|por favor|me gustaria|quiero|quisiera"
    r"|querria|para|en|que sea|sea|cualquier dia de|algun dia de|durante|a lo largo de|lo quiero|la quiero"
    r"|bueno|a mi|eh|preferiblemente|de preferencia)",
    "en": r"(?:well|um|uh|maybe|perhaps|ideally|if possible|please|id like|i would like|i want|for|on|in|at"
    r"|sometime|some time|any day|some day|anytime|during|how about|what about|make it|it|of|over|the"
    r"|oh|preferably|really|to me)",
}
_INDIFFERENT = {
    "es": r"(?:a mi )?(?:me )?(?:da|es) (?:igual|lo mismo)(?: (?:el dia|la hora|cual|uno que otro"
    r"|una que otra))?"
    r"|cualquier(?:a|a de (?:los|las) (?:dos|tres))?(?: (?:dia|hora|hueco))?(?: me (?:va|viene) bien)?"
    r"|(?:la|el|lo) que (?:sea|haya|quiera|prefiera|diga|tenga|tengan|usted (?:quiera|diga|prefiera))"
    r"|(?:el dia|la hora) que sea|(?:como|cuando|donde) (?:usted )?(?:quiera|quieran|prefiera|diga|pueda"
    r"|puedan)(?: usted(?:es)?)?"
    r"|(?:lo|el|la|cuando) que? ?(?:a usted(?:es)? )?(?:le|les|te) (?:venga|vaya|convenga)(?: (?:bien"
    r"|mejor))?"
    r"|(?:elija|escoja|decida|ponga) usted|usted (?:dira|mism[oa]|elige|decide)"
    r"|no tengo (?:ninguna )?preferencia"
    r"|sin preferencias?|me (?:va|viene) bien (?:cualquier(?:a)?|todo)(?: (?:dia|hora))?|no me importa",
    "en": r"(?:any|whatever|whichever|either)(?: of (?:them|those|the (?:two|three)))?(?: day| date| time"
    r"| one)?"
    r"(?: is (?:fine|good|okay|ok|easiest)| works(?: for you)?| will do| you (?:have|like|prefer|want"
    r"|think|can)"
    r"| (?:suits|is best for|is easier for) you(?: best)?)?"
    r"|(?:i )?(?:dont|do not) (?:mind|care|have a preference)|no preference|its (?:all )?the same(?: to me)?"
    r"|(?:its )?up to you|you (?:choose|decide|pick)|as you (?:like|wish|prefer)|it (?:doesnt"
    r"|does not) matter"
    r"|anything(?: is fine| works)?|i am easy|im easy|im flexible",
}
_VAGUE = {
    "es": {
        Vague.SOONEST: r"(?:lo |la |el )?(?:cuanto antes|antes posible|mas pronto posible|primero posible"
        r"|cuanto antes mejor|mas rapido posible)|(?:el )?primer (?:dia|hueco|momento|rato)"
        r"(?: (?:que (?:haya|tengan|tenga|este libre|pueda|puedan)|libre|disponible|posible))?"
        r"|(?:la )?primera (?:cita|hora)?(?: ?(?:que (?:haya|tengan|tenga)|libre|disponible))"
        r"|(?:ahora mismo|ahora|ya mismo|ya|ahorita|ahorita mismo|hoy mismo|inmediatamente|enseguida|urgente)"
        rf"|cuando (?:sea|haya)|lo antes que (?:pueda|puedan)|{_INDIFFERENT['es']}",
        Vague.WEEKEND: r"(?:el |este |los |un )?(?:proximo |mismo )?(?:fin|fines|finde) ?(?:de semana)?"
        r"(?: (?:que viene|proximo|siguiente))?",
        Vague.PERIOD: r"(?:(?:la|el|esta|este|otra|otro) )?(?:(?:proxim|mism|otr)[ao] )?(?:semana|mes)"
        r"(?: (?:que viene|que entra|proxim[ao]|siguiente|entrante))?",
    },
    "en": {
        Vague.SOONEST: r"(?:as )?soon as (?:possible|you can|i can)|asap|(?:the )?(?:earliest|soonest|first)"
        r"(?: (?:one|day|date|time|slot|appointment|opening))?"
        r"(?: (?:you have|you ve got|youve got|there is|available|possible|free|that is free))?"
        r"|(?:right now|now|straight away|right away|immediately|urgently|today if possible)"
        r"|whenever(?: you can| you like| is fine| works| suits you)?|anytime"
        rf"|(?:as )?early as possible|{_INDIFFERENT['en']}",
        Vague.WEEKEND: r"(?:the |this |next |this coming |coming )?weekend",
        Vague.PERIOD: r"(?:the |this |next |this coming |coming |the following )?(?:week|month)",
    },
}
_WHEN = {
    lang: {
        vague: re.compile(
            rf"^(?:(?:{_MILD[lang]}|{_PART[lang]}) )*(?:{pattern})"
            rf"(?: (?:{_MILD[lang]}|{_PART[lang]}|gracias|thanks|thank you))*$"
        )
        for vague, pattern in kinds.items()
    }
    for lang, kinds in _VAGUE.items()
}
_EITHER_WAY = {
    lang: re.compile(rf"^(?:{_MILD[lang]} )*(?:{pattern})(?: (?:{_MILD[lang]}|gracias|thanks|thank you))*$")
    for lang, pattern in _INDIFFERENT.items()
}
# In a sentence about something else only what says it unmistakably.
_INSIDE = {
    "es": {
        Vague.SOONEST: re.compile(
            r"\b(?:cuanto antes|(?:lo )?(?:antes|mas pronto|mas rapido) posible|lo antes que (?:pueda|puedan)"
            r"|(?:el )?primer (?:dia|hueco) (?:que (?:haya|tengan|tenga)|libre|disponible|posible)"
            r"|la primera (?:cita|hora) (?:que (?:haya|tengan|tenga)|libre|disponible))\b"
        ),
        Vague.WEEKEND: re.compile(
            r"\b(?:para|en|durante|este|el proximo) (?:el |este )?(?:fin de semana|finde)\b"
        ),
        Vague.PERIOD: re.compile(
            r"\b(?:(?:para|en|durante|cita|hora|hueco|algo) (?:la |el )?(?:est[ae] |proxim[ao] )?"
            r"(?:semana|mes)(?: (?:que viene|que entra|proxim[ao]|siguiente|entrante))?"
            r"|(?:la|el) (?:proxim[ao] (?:semana|mes)|(?:semana|mes) (?:que viene|que entra|proxim[ao])))\b"
            r"(?! pasad)"
        ),
    },
    "en": {
        Vague.SOONEST: re.compile(
            r"\b(?:(?:as )?soon as (?:possible|you can)|asap|as early as possible|earliest (?:possible"
            r"|available"
            r"|appointment|time|day|slot|you have)|first (?:available|free) \w+)\b"
        ),
        Vague.WEEKEND: re.compile(r"\b(?:for|at|on|over|this|next) (?:the |this |next )?weekend\b"),
        Vague.PERIOD: re.compile(
            r"\b(?:next|this|this coming|the coming|the following) (?:week|month)\b"
            r"|\b(?:for|in|during) the (?:week|month)\b"
        ),
    },
}
_ASIDE = {
    "es": re.compile(r"\b(?:hoy mismo|ahora mismo|si puede ser|si es posible|a ser posible|por favor)\b"),
    "en": re.compile(r"\b(?:right now|right away|straight away|if possible|if i can|please)\b"),
}
_PART_INSIDE = {lang: re.compile(rf"\b(?:{pattern})\b") for lang, pattern in _PART.items()}
_NAMED = {
    "es": re.compile(
        r"(?:(?:est[ae]|la|el|otr[ao]) )?(?:proxim[ao] |mism[ao] )?(?:fin de semana|finde|semana|mes)"
        r"(?: (?:que viene|que entra|proxim[ao]|siguiente|entrante))?"
    ),
    "en": re.compile(r"(?:(?:the|this|next|this coming|coming|the following) )*(?:weekend|week|month)"),
}


def vague_when(text: str, lang: str) -> Vague | None:
    """How the caller leaves open when; None when they do not, or say a day or a time."""
    said = fold(text)
    if len(said.split()) > MOST_WORDS:
        return None
    return next((vague for vague, pattern in _WHEN[lang].items() if pattern.match(said)), None)


def when_in(text: str, lang: str) -> Vague | None:
    """How the caller leaves open when on the way, in a sentence that is about something: "an appointment as
    soon as possible"."""
    said = fold(text)
    return next((vague for vague, pattern in _INSIDE[lang].items() if pattern.search(said)), None)


def without_when(words: str, lang: str) -> str:
    """Without days, hours, sums and what leaves open when, which say nothing of what is wanted: "a doctor the
    day after tomorrow at four", "a doctor as soon as possible"."""
    kept = normalise(words).split()
    folded = [fold(word) for word in kept]  # one for one: only normalised words are
    for pattern in (_ASIDE[lang], *_INSIDE[lang].values(), _PART_INSIDE[lang]):
        while found := pattern.search(" ".join(folded)):
            start = len(found.string[: found.start()].split())
            end = start + len(found[0].split())
            if end == start:
                break
            del kept[start:end], folded[start:end]
    return _without_values(" ".join(kept), lang)


_VALUES = {kind.value: Wanted(kind) for kind in (ExpectKind.DATE, ExpectKind.TIME, ExpectKind.AMOUNT)}
_ANY_DAY = date(2026, 1, 1)  # where a day stands does not depend on when it is said


def _without_values(words: str, lang: str) -> str:
    named = extract(words, lang, _VALUES, _ANY_DAY).values()
    for one in sorted(named, key=lambda one: -one.start):
        words = words[: one.start] + words[one.end :]
    return " ".join(words.split())


def indifferent(text: str, lang: str) -> bool:
    """True when whatever is offered suits the caller: "me da igual", "you choose"."""
    said = fold(text)
    return len(said.split()) <= MOST_WORDS and _EITHER_WAY[lang].match(said) is not None


_ANY = {
    "es": re.compile(
        r"\b(?:cualquier (?:dia|hora|manana|tarde|momento)|el dia que sea|cuando sea|me da igual)\b"
    ),
    "en": re.compile(
        r"\b(?:any (?:day|morning|afternoon|evening|time)|whenever|whichever day|i dont mind)\b"
    ),
}
_FIRST_DAYS = {
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado"),
    "en": ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday"),
}

_FIRST_OF_MONTH = {
    "es": ("el uno", "el dos", "el tres", "el cuatro", "el cinco"),
    "en": ("the first", "the second", "the third", "the fourth", "the fifth"),
}


def days_of_any(text: str, lang: str) -> list[str]:
    """Where any day of a week or month would do ("any day next week is fine"), its days in words."""
    return days_within(period_in(text, lang), lang) if _ANY[lang].search(fold(text)) else []


def days_within(period: str, lang: str) -> list[str]:
    """The days of a week or the beginning of a month, in words, the first first."""
    words = fold(period).split()
    days = _FIRST_DAYS[lang] if {"semana", "week"}.intersection(words) else _FIRST_OF_MONTH[lang]
    return [of_period(day, period, lang) for day in days] if words else []


def period_in(text: str, lang: str) -> str:
    """The week or month that the words name, as they name it; "" when they name none."""
    words = normalise(text).split()
    folded = [fold(word) for word in words]
    found = _NAMED[lang].search(" ".join(folded))
    if found is None:
        return ""
    start = len(found.string[: found.start()].split())
    return " ".join(words[start : start + len(found[0].split())])


def of_period(day: str, period: str, lang: str) -> str:
    """A day of a period, folded: "martes de la semana que viene", "tuesday of next week"."""
    joined = f"{fold(day)} {'de' if lang == 'es' else 'of'} {fold(period)}"
    return joined.replace(" de el ", " del ")


def asked_of(period: str, lang: str) -> str:
    """A period as it stands after "what day": "de la semana que viene", "next week"."""
    if lang != "es":
        return period
    bare = fold(period).split()[:1]
    named = period if bare and bare[0] in ("la", "el", "esta", "este", "otra", "otro") else f"la {period}"
    return f"de {named}".replace("de el ", "del ")
