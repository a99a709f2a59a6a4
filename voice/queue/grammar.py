"""The little grammar that facts need to become sentences: articles, lists, agreement, contractions.

Flow authors write labels as bare nouns ("número de cliente", "invoice date"). Spanish needs their gender and
number: read from the first word by its ending, with the usual exceptions (Nueva gramática, 2.1-2.4 and 3.1).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from voice.languages.base import word_list

_DETERMINERS: Final = {
    "es": frozenset(
        word_list("el la los las un una unos unas su sus mi mis tu tus este esta ese esa otro otra algo")
    ),
    "en": frozenset(word_list("the a an this that these those another something")),
}
_FEMININE_ENDINGS: Final = ("a", "cion", "sion", "dad", "tad", "tud", "umbre", "triz")
_MASCULINE: Final = frozenset(
    word_list("""
    dia mapa problema idioma sistema programa tema tranvia planeta clima dilema esquema diploma pijama sofa
    nif dni iban pin cif
    """)
)
_FEMININE: Final = frozenset(
    word_list("""
    mano foto moto radio imagen clave calle llave tarde noche parte serie base fase gente leche nube sede
    orden red sal senal piel ley web sim tarifa sucursal linea imei cuenta matricula
    """)
)
_STRESSED_A: Final = frozenset(word_list("agua area arma aula alta hambre alma aguila acta"))  # el agua, fem.
_SINGULAR_S: Final = frozenset(
    word_list(
        "mes pais interes autobus bus ingles frances lunes martes miercoles jueves viernes analisis "
        "crisis virus gas dosis tesis plus sms dos tres seis"
    )
)


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.lower())
    return "".join(c for c in bare if not unicodedata.combining(c))


def is_plural(noun: str, lang: str) -> bool:
    """Whether a label's head is plural: "observaciones", "remarks". In English the head is the last word
    before "of" or a preposition."""
    if lang == "es":
        head = _head_es(noun)
        return head.endswith("s") and len(head) > 3 and head not in _SINGULAR_S
    words = re.split(r" (?:of|for|on|in|at|with|to|from|about) ", noun.lower(), maxsplit=1)[0].split()
    last = words[-1] if words else ""
    return last.endswith("s") and not last.endswith(("ss", "us", "is", "address")) and len(last) > 3


def is_feminine(noun: str) -> bool:
    """Of a Spanish noun, singular or plural."""
    head = _head_es(noun)
    if head.endswith("s") and len(head) > 3 and head not in _SINGULAR_S:
        head = head[:-1]
        if head.endswith("e") and head[:-1].endswith((*_FEMININE_ENDINGS, *_FEMININE)):
            head = head[:-1]  # "ciudad-es", "red-es"
    if head in _MASCULINE:
        return False
    return head in _FEMININE or head in _STRESSED_A or head.endswith(_FEMININE_ENDINGS)


def _head_es(noun: str) -> str:
    words = _plain(noun).split()
    return re.sub(r"\W", "", words[0]) if words else ""


def the(noun: str, lang: str) -> str:
    """With its definite article, unless it has a determiner: "la fecha", "los datos", "the date"; a name in
    quotes or capitals keeps its own form."""
    noun = noun.strip()
    words = noun.split()
    if not words:
        return noun
    first = _plain(words[0])
    if first in _DETERMINERS[lang]:
        return noun
    if lang == "en":
        if first in ("your", "my"):
            return f"their {' '.join(words[1:])}"
        return f"the {noun}"
    feminine, plural = is_feminine(noun), is_plural(noun, "es")
    if plural:
        return f"{'las' if feminine else 'los'} {noun}"
    return f"{'la' if feminine and first not in _STRESSED_A else 'el'} {noun}"


def contracted(text: str) -> str:
    """Spanish "a el" and "de el" as "al" and "del"."""
    return re.sub(r"\b(a|de) el (?=\S)", lambda m: "al " if m[1] == "a" else "del ", text)


def listed(items: Sequence[str], lang: str, *, other: bool = False) -> str:
    """ "a, b y c", "a, b and c"; with ``other``, "a o b", "a or b". Spanish "y" is "e" before an i, "o" is
    "u" before an o."""
    if len(items) < 2:
        return "".join(items)
    word = ("o" if other else "y") if lang == "es" else ("or" if other else "and")
    last = _plain(items[-1]).lstrip("«\"' ")
    if lang == "es":
        if word == "y" and re.match(r"h?i(?!e)", last):
            word = "e"
        elif word == "o" and re.match(r"h?o", last):
            word = "u"
    return f"{', '.join(items[:-1])} {word} {items[-1]}"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def lower(text: str) -> str:
    """Lower-cases the first letter within a sentence, but leaves abbreviations (SIM, DNI) alone."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
