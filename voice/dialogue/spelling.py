"""Reads what is spelled letter by letter: names, e-mail addresses. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from voice.dialogue.languages import Lexicon, fold

_LETTER_NAMES = {
    "es": {
        "a": "a", "be": "b", "be alta": "b", "be larga": "b", "be grande": "b", "ce": "c", "de": "d",
        "e": "e",
        "efe": "f", "ge": "g", "hache": "h", "i": "i", "i latina": "i", "jota": "j", "ka": "k", "ele": "l",
        "eme": "m", "ene": "n", "ene con tilde": "ñ", "o": "o", "pe": "p", "cu": "q", "erre": "r", "ere": "r",
        "ese": "s", "te": "t", "u": "u", "uve": "v", "ve": "v", "ve chica": "v", "ve corta": "v",
        "ve baja": "v",
        "uve doble": "w", "doble uve": "w", "doble ve": "w", "doble u": "w", "ve doble": "w", "equis": "x",
        "i griega": "y", "y griega": "y", "ye": "y", "zeta": "z", "ceta": "z",
    },
    "en": {
        **{letter: letter for letter in "abcdefghijklmnopqrstuvwxyz"},
        "double u": "w", "double you": "w", "zee": "z", "zed": "z", "bee": "b", "see": "c", "jay": "j",
        "kay": "k",
        "are": "r", "you": "u", "why": "y", "ex": "x", "oh": "o",
    },
}  # fmt: skip
_SIGNS = {
    "es": {
        "arroba": "@", "punto": ".", "guion": "-", "guion medio": "-", "guion bajo": "_", "subguion": "_",
        "barra baja": "_", "barra": "/",
    },
    "en": {"at": "@", "dot": ".", "point": ".", "dash": "-", "hyphen": "-", "underscore": "_", "slash": "/"},
}  # fmt: skip
_LIKE = {"es": ("de", "como"), "en": ("as in", "for", "like")}
_WHOLE = frozenset({"com", "net", "org", "es", "mx", "gmail", "hotmail", "outlook", "yahoo"})


def read_spelled(text: str, lang: str, lexicon: Lexicon) -> str | None:
    """The letters, digits and signs of a spelled word, lower-case; None when something in it is no letter.

    "be de barcelona" and "b as in bravo" are one letter when the word begins with it.
    """
    words = _with_enye(text.lower().replace("ñ", "\0"))
    spelled: list[str] = []
    at = 0
    while at < len(words):
        length, said = _one(words, at, lang, lexicon)
        if not length:
            if words[at] not in lexicon.fillers:
                return None
            length, said = 1, ""
        spelled.append(said)
        at += length
    return "".join(spelled) or None


def _with_enye(text: str) -> list[str]:
    """Folded words; "eñe" keeps its sign as "ene con tilde" so that it is not an n."""
    named = text.replace("e\0e", " ene con tilde ").replace("\0", "ñ")
    return fold(named).split()


def _one(words: Sequence[str], at: int, lang: str, lexicon: Lexicon) -> tuple[int, str]:
    """How many words from ``at`` are one letter, digit or sign, and which; 0 when they are none."""
    tables: tuple[Mapping[str, str], ...] = (_LETTER_NAMES[lang], _SIGNS[lang])
    for length in (3, 2, 1):
        name = " ".join(words[at : at + length])
        for table in tables:
            if name in table:
                return length + _example(words, at + length, table[name], lang), table[name]
    word = words[at]
    if word in lexicon.zero or word in lexicon.units:
        return 1, str(lexicon.units.get(word, 0))
    if word.isdecimal() or (word in _WHOLE and at):
        return 1, word
    return 0, ""


def _example(words: Sequence[str], at: int, letter: str, lang: str) -> int:
    """How many words from ``at`` only say which letter was meant."""
    for link in _LIKE[lang]:
        parts = link.split()
        example = at + len(parts)
        if list(words[at:example]) == parts and example < len(words):
            word = words[example]
            sounds = word[0] == letter or (letter in "bvwx" and word[0] in "bvgwx")
            if len(word) > 2 and sounds and word not in _LETTER_NAMES[lang]:
                return len(parts) + 1
    return 0
