"""How words that are not plain letters are read aloud: "5g" as "cinco ge", "são" as "sao", "nº" as "número".

Only the reading is made here, as plain words of the language; :mod:`voice.speech.lexicon` says how those
sound.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import islice, product

from voice.languages import language

Reading = tuple[str, ...]

_SPEAKABLE = re.compile(r"[a-záéíóúüñçàèìòùâêîôûäëïö]+(?:['·-][a-záéíóúüñçàèìòùâêîôûäëïö]+)*'?")
# Letters that no decomposition of Unicode takes apart.
_BASE = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_ACCENTED_HERE = {"es": "áéíóúüñ", "en": ""}
_MIXED = re.compile(r"[0-9]+|[^\W\d_]+")
_OF_RUNS = re.compile(r"(?:[0-9]+|[^\W\d_]+|['·-])+")
_WRITTEN = {"es": {"nº": "número"}, "en": {"nº": "number"}}
_RANK = {
    "es": re.compile(r"([1-9][0-9]?)(º|er|ro|do|to|ª|ra|da|ta)"),
    "en": re.compile(r"([1-9][0-9]?)(st|nd|rd|th)"),
}
_VOWEL = re.compile("[aeiouyáéíóúü]")
_LONGEST_NUMBER = 6  # digits that are read as one number as well
_LONGEST = 24  # characters of a word that is read in parts
MOST_READINGS = 6


def speakable(word: str) -> bool:
    """Whether a word is letters that both languages' voices read as a word (digits and signs are not)."""
    return _SPEAKABLE.fullmatch(word) is not None


def plain_letters(word: str, lang: str) -> str:
    """``word`` with the letters of other languages as the base letters of ``lang``."""
    kept = _ACCENTED_HERE[lang]
    return "".join(letter if letter in kept else _base(letter) for letter in word)


def _base(letter: str) -> str:
    apart = unicodedata.normalize("NFKD", letter.translate(_BASE))
    return "".join(one for one in apart if not unicodedata.combining(one))


def readings(word: str, lang: str) -> tuple[Reading, ...]:
    """The ways of reading ``word`` aloud, each as words that :func:`speakable` takes; the word itself where
    it is such a word, none where nothing says how it is read."""
    if speakable(word):
        return ((word,),)
    if len(word) > _LONGEST:
        return ()
    if word in _WRITTEN[lang]:
        return ((_WRITTEN[lang][word],),)
    if rank := _RANK[lang].fullmatch(word):
        return _rank(int(rank[1]), rank[2], lang)
    if not _OF_RUNS.fullmatch(word):
        return ()
    parts = [
        _number(run, lang) if run.isdecimal() else _letters(plain_letters(run, lang), lang, alone=run == word)
        for run in _MIXED.findall(word)
    ]
    ways = dict.fromkeys(tuple(said for part in chosen for said in part) for chosen in product(*parts))
    return tuple(way for way in ways if way and all(map(speakable, way)))[:MOST_READINGS]


@lru_cache(maxsize=64)
def read_aloud(phrases: tuple[str, ...], lang: str) -> dict[str, str]:
    """The readings of those phrases that are not all plain words ("quiero cinco ge"), each with its phrase,
    for a model whose words are fixed."""
    found: dict[str, str] = {}
    for phrase in phrases:
        words = phrase.split()
        if not all(map(speakable, words)):
            chosen = islice(product(*(readings(word, lang) for word in words)), MOST_READINGS)
            for parts in chosen:
                found.setdefault(" ".join(word for part in parts for word in part), phrase)
    return found


def _rank(number: int, ending: str, lang: str) -> tuple[Reading, ...]:
    said = language(lang).say_ordinal(number).replace("-", " ")
    ways = [said]
    if lang == "es" and ending in ("ª", "ra", "da", "ta"):
        ways = [" ".join(word[:-1] + "a" if word.endswith("o") else word for word in said.split())]
    if lang == "es" and ending == "er" and said.endswith("ero"):
        ways = [said[:-1]]
    return tuple(tuple(way.split()) for way in ways)


def _number(digits: str, lang: str) -> list[Reading]:
    """As one number, and digit by digit."""
    facts = language(lang)
    one_by_one = [facts.say_number(int(digit)) for digit in digits]
    ways = [one_by_one]
    if len(digits) <= _LONGEST_NUMBER and (digits == "0" or not digits.startswith("0")):
        ways.insert(0, _words(facts.say_number(int(digits))))
    if lang == "en":
        ways += [[word for word in ways[0] if word != "and"]]
        if len(digits) == 4 and digits[1:] != "000" and digits[2] != "0":  # a year, or "nineteen fifty"
            ways.insert(
                0, _words(facts.say_number(int(digits[:2])) + " " + facts.say_number(int(digits[2:])))
            )
        if "0" in digits:
            ways.append(["oh" if word == "zero" else word for word in one_by_one])
    elif digits.endswith("1"):  # "una hora", "un plan"
        ways += [[*ways[0][:-1], "un"], [*ways[0][:-1], "una"]] if ways[0][-1] == "uno" else []
    return [tuple(way) for way in ways]


def _words(said: str) -> list[str]:
    return said.replace("-", " ").replace(",", " ").split()


def _letters(letters: str, lang: str, *, alone: bool) -> list[Reading]:
    """A run of letters beside digits: by their names where it is no word."""
    names = language(lang).letter_names
    spelled = tuple(name for letter in letters for name in names.get(letter.upper(), letter).split())
    if alone or (len(letters) > 2 and _VOWEL.search(letters)):
        return [(letters,)]
    return [spelled]
