"""Cuts a prompt into phrases: the unit of marks ("what was heard"), of caching and of synthesis.

A phrase ends where a speaker would breathe: at the end of a sentence, or of a clause when both sides are
long enough. It never ends inside a number, an amount or an abbreviation. Pure.
"""

from __future__ import annotations

import re
from typing import Final

LEAST_WORDS: Final = 2  # a phrase this short or shorter joins its neighbour in the same sentence
MOST_WORDS: Final = 12  # a longer clause is cut before a joining word
MOST_CHARACTERS: Final = 600  # of what an engine is given at a time: bounds its memory and its locks
LIMIT_WORDS: Final = 24  # nothing is longer than this, joining word or not, except a number

# Silence that belongs after a phrase, by its last mark; engines trim their own, so the line adds it.
_PAUSES: Final = ((".!?…", 240), (":;", 180), (",–—", 100))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CLOSERS: Final = "\"'”’»)]}"
_SENTENCE: Final = frozenset(".!?…")
_CLAUSE: Final = frozenset(",;:–—")

_ABBREVIATIONS: Final = _words(
    "sr sra srta sres sras dr dra drs ud uds vd vds d dña dn lic ing prof arq av avda c/ pza "
    "núm nº n.º art pág tel tfno ext etc ej p.ej aprox máx mín ee uu ee.uu s.a s.l c.p a.m p.m "
    "a.c d.c mr mrs jr vs e.g i.e u.s u.k dept approx inc ltd corp apt "
    "blvd rd"
)

_JOINING: Final = {
    "es": _words("y e o u pero porque que para cuando si aunque donde con mientras como"),
    "en": _words("and or but because that to when if although where with while so which as"),
}

_NUMBER_WORDS: Final = {
    "es": _words(
        "cero un uno una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce "
        "quince dieciséis diecisiete dieciocho diecinueve veinte veintiún veintiuno veintiuna "
        "veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho "
        "veintinueve treinta cuarenta cincuenta sesenta setenta ochenta noventa cien ciento "
        "doscientos doscientas trescientos trescientas cuatrocientos cuatrocientas quinientos "
        "quinientas seiscientos seiscientas setecientos setecientas ochocientos ochocientas "
        "novecientos novecientas mil millón millones doble triple"
    ),
    "en": _words(
        "zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty "
        "ninety hundred thousand million double triple"
    ),
}
# Words that stand between the parts of one amount or date: "veinte euros con diez", "two hundred and six".
_INSIDE: Final = {"es": _words("y con coma punto de"), "en": _words("and point of")}
_UNITS: Final = {
    "es": _words("euro euros céntimo céntimos peso pesos dólar dólares centavo centavos por % €"),
    "en": _words("euro euros dollar dollars cent cents pound pounds pence percent % €"),
}


def split(text: str, lang: str) -> list[str]:
    """The phrases of ``text``, none empty. Joined with spaces they are ``text`` with single spaces."""
    phrases: list[str] = []
    for sentence in _sentences(text.split()):
        for clause in _clauses(sentence, lang):
            phrases.extend(" ".join(part) for part in _cut(clause, lang))
    return _join_short(phrases)


def sentences(text: str) -> list[str]:
    """The sentences of ``text``, none empty, each with its closing mark."""
    return [" ".join(words) for words in _sentences(text.split())]


def speakable(text: str) -> list[str]:
    """Sentences to give an engine one at a time: without control characters (a zero would end the text),
    long ones cut at spaces, those without a letter or digit left out."""
    parts: list[str] = []
    for sentence in sentences("".join(c if c.isprintable() else " " for c in text)):
        while len(sentence) > MOST_CHARACTERS:
            at = sentence.rfind(" ", 1, MOST_CHARACTERS)
            at = at if at > 0 else MOST_CHARACTERS
            parts.append(sentence[:at])
            sentence = sentence[at:].lstrip()
        parts.append(sentence)
    return [part for part in parts if any(c.isalnum() for c in part)]


def pause_ms(phrase: str) -> int:
    """Milliseconds of silence a listener expects between this phrase and the next one."""
    last = phrase.rstrip(_CLOSERS + " ")[-1:]
    return next((ms for marks, ms in _PAUSES if last and last in marks), 0)


def _sentences(words: list[str]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for index, word in enumerate(words):
        found[-1].append(word)
        if index + 1 < len(words) and _ends_sentence(word, words[index + 1]):
            found.append([])
    return [sentence for sentence in found if sentence]


def _ends_sentence(word: str, following: str) -> bool:
    core = word.rstrip(_CLOSERS)
    if not core or core[-1] not in _SENTENCE:
        return False
    if core[-1] != "." or core.endswith(".."):
        return not following[0].islower()
    stem = core[:-1].lstrip("¿¡\"'“‘«([{").lower()
    if stem in _ABBREVIATIONS or (len(stem) == 1 and stem.isalpha()) or re.fullmatch(r"(\w\.)+\w", stem):
        return False
    # "4. 5. 6." is a list of digits, "1. Ventas" a numbered item: neither is two sentences
    return not (stem.isdigit() and len(stem) <= 2) and not following[0].islower()


def _clauses(words: list[str], lang: str) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for index, word in enumerate(words):
        found[-1].append(word)
        rest = words[index + 1 :]
        if not rest or word.rstrip(_CLOSERS)[-1:] not in _CLAUSE:
            continue
        if len(found[-1]) <= LEAST_WORDS or len(rest) <= LEAST_WORDS or _in_number(words, index, lang):
            continue
        found.append([])
    return [clause for clause in found if clause]


def _cut(words: list[str], lang: str) -> list[list[str]]:
    """Halves a long clause before the joining word nearest to its middle, until all parts are short."""
    if len(words) <= MOST_WORDS:
        return [words]
    middle = len(words) / 2
    places = [
        index
        for index in range(LEAST_WORDS + 1, len(words) - LEAST_WORDS)
        if not _in_number(words, index - 1, lang)
    ]
    joins = [index for index in places if _bare(words[index]) in _JOINING.get(lang, frozenset())]
    if not joins and len(words) > LIMIT_WORDS:
        joins = places
    if not joins:
        return [words]
    at = min(joins, key=lambda index: (abs(index - middle), index))
    return _cut(words[:at], lang) + _cut(words[at:], lang)


def _in_number(words: list[str], index: int, lang: str) -> bool:
    """Whether a cut after ``words[index]`` would fall inside a number, an amount or a date."""
    left, right = _bare(words[index]), _bare(words[index + 1])
    if _numeric(left, lang) and (_numeric(right, lang) or right in _UNITS.get(lang, frozenset())):
        return True
    inside = _INSIDE.get(lang, frozenset())
    if right in inside and index + 2 < len(words):
        return _quantity(left, lang) and _numeric(_bare(words[index + 2]), lang)
    if left in inside and index:
        return _quantity(_bare(words[index - 1]), lang) and _numeric(right, lang)
    return left in ("$", "€", "£", "us$") and _numeric(right, lang)


def _numeric(word: str, lang: str) -> bool:
    return any(c.isdigit() for c in word) or word in _NUMBER_WORDS.get(lang, frozenset())


def _quantity(word: str, lang: str) -> bool:
    return _numeric(word, lang) or word in _UNITS.get(lang, frozenset())


def _bare(word: str) -> str:
    return word.strip(_CLOSERS + "¿¡“‘«([{.,;:!?…–—").lower()


def _join_short(phrases: list[str]) -> list[str]:
    """A one-word sentence ("Hola.") goes with the next, or the last with the one before."""
    found: list[str] = []
    for phrase in phrases:
        if found and _may_join(found[-1], phrase):
            found[-1] += " " + phrase
        else:
            found.append(phrase)
    return found


def _may_join(left: str, right: str) -> bool:
    few, many = sorted((len(left.split()), len(right.split())))
    return few < LEAST_WORDS and few + many <= MOST_WORDS
