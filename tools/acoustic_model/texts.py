"""Sentences to train on: what callers say to a telephone line, and words of every kind for breadth.

Sentences are put together anew each time, so that the model learns sounds and not whole phrases. Digits,
letters, yes and no, months and short words come oftenest: they are what a line asks for, and what a short
and narrow-band recording confuses most.
"""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import num2words
import yaml

from tools.acoustic_model.vocabulary import Vocabulary, vocabulary
from voice.speech.phrases import spoken
from voice.speech.readings import speakable

_DICTIONARIES = {"en": Path("/usr/share/dict/american-english"), "es": Path("/usr/share/dict/spanish")}
_PACKAGES = {"en": "wamerican", "es": "wspanish"}
_ROOT = Path(__file__).resolve().parents[2]
_LONGEST_WORD = 13
_LONGEST_PROMPT = 12  # words: a longer sentence of the line is cut into pieces of this


def training_text(lang: str, rng: random.Random) -> str:
    """One thing to say, as lower-case words with single spaces; the same for the same state of ``rng``."""
    while True:
        kind = rng.choices(_KINDS, _WEIGHTS)[0]
        text = spoken(kind(vocabulary(lang), lang, rng))
        if text:
            return text


def number_words(number: int, lang: str, *, ordinal: bool = False) -> str:
    """A number as said: ``"doscientos doce"``, ``"two hundred and twelve"``."""
    words = num2words.num2words(number, lang=lang, to="ordinal" if ordinal else "cardinal")
    return re.sub(r"[-,]\s*", " ", str(words)).replace("  ", " ").strip()


def _digits(words: Vocabulary, _lang: str, rng: random.Random) -> str:
    """One to ten digits, now and then with the way callers say a zero or a digit that comes twice."""
    said: list[str] = []
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4, 4, 5, 6, 7, 8, 9, 10))):
        digit = rng.randrange(10)
        word = rng.choice(words.zero) if digit == 0 else words.digits[digit]
        said.append(f"{rng.choice(words.repeats)} {word}" if rng.random() < 0.05 else word)
    return " ".join(_hesitating(said, words, rng))


def _hesitating(said: list[str], words: Vocabulary, rng: random.Random) -> list[str]:
    """The same with a filler before one of the words or two, now and then."""
    if rng.random() < 0.2:
        for _ in range(rng.choice((1, 1, 2))):
            said.insert(rng.randrange(len(said)), rng.choice(words.fillers))
    return said


def _digit(words: Vocabulary, _lang: str, rng: random.Random) -> str:
    return rng.choice(words.digits)


def _groups(words: Vocabulary, lang: str, rng: random.Random) -> str:
    """A long number in groups: pairs, threes, or digit by digit, each as callers mix them."""
    groups = []
    for _ in range(rng.randint(2, 5)):
        size = rng.choice((1, 2, 2, 2, 3))
        number = rng.randrange(10**size)
        if size == 2 and number < 10:
            groups.append(f"{rng.choice(words.zero)} {words.digits[number]}")
        elif size == 3 and (number < 100 or rng.random() < 0.4):
            groups.append(" ".join(words.digits[int(digit)] for digit in f"{number:03}"))
        else:
            groups.append(number_words(number, lang))
    return " ".join(groups)


def _number(_words: Vocabulary, lang: str, rng: random.Random) -> str:
    top = rng.choice((21, 100, 100, 200, 1_000, 1_000, 10_000, 100_000, 2_000_000))
    number = rng.randrange(top)
    if rng.random() < 0.3:
        number = number // 100 * 100 or rng.choice((100, 200, 500, 1000, 1200, 2000))
    if lang == "en" and 1100 <= number < 10_000 and number % 1000 >= 100 and rng.random() < 0.5:
        head, tail = divmod(number, 100)
        return f"{number_words(head, lang)} hundred {number_words(tail, lang) if tail else ''}"
    text = number_words(number, lang)
    return text.replace(" and ", " ") if lang == "en" and rng.random() < 0.6 else text


def _amount(words: Vocabulary, lang: str, rng: random.Random) -> str:
    if rng.random() < 0.1:
        return f"{number_words(rng.randrange(101), lang)} {words.percent}"
    number = _number(words, lang, rng)
    if lang == "es":
        number = re.sub(r"veintiuno$", "veintiún", re.sub(r"\buno$", "un", number))
    return f"{number} {rng.choice(words.money).format(number_words(rng.randrange(1, 100), lang))}"


def _date(words: Vocabulary, lang: str, rng: random.Random) -> str:
    day = rng.randint(1, 31)
    return rng.choice(words.dates).format(
        d=number_words(day, lang),
        o=number_words(day, lang, ordinal=True),
        month=rng.choice(words.months),
        weekday=rng.choice(words.weekdays),
        year=_year(lang, rng),
        n=number_words(rng.randint(2, 30), lang),
    )


def _year(lang: str, rng: random.Random) -> str:
    year = rng.randint(1930, 2035)
    if lang == "en" and not 2000 <= year < 2010:
        head, tail = divmod(year, 100)
        if not tail:
            return f"{number_words(head, lang)} hundred"
        return f"{number_words(head, lang)} {'oh ' if tail < 10 else ''}{number_words(tail, lang)}"
    return number_words(year, lang).replace(" and ", rng.choice((" ", " and ")))


def _time(words: Vocabulary, lang: str, rng: random.Random) -> str:
    def fill(match: re.Match[str]) -> str:
        top = {"h": range(2, 13), "m": range(1, 60), "m5": range(5, 30, 5)}[match[1]]
        said = number_words(rng.choice(top), lang)
        return re.sub(r"\buno$", "una", said) if match[1] == "h" else said

    return re.sub(r"\{(\w+)\}", fill, rng.choice(words.times))


def _letter(words: Vocabulary, letter: str, rng: random.Random) -> str:
    return rng.choice(words.letters[letter])


def _spelled(words: Vocabulary, lang: str, rng: random.Random) -> str:
    """Letters: a name or a word spelled, or any letters with digits among them, as in a booking code."""
    if rng.random() < 0.55:
        source = rng.choice((words.names, words.surnames, words.cities, dictionary(lang)))
        letters = [letter for letter in _unaccented(rng.choice(source)) if letter in words.letters][
            : rng.randint(3, 9)
        ]
        return " ".join(_letter(words, letter, rng) for letter in letters)
    said = []
    for _ in range(rng.choice((1, 1, 2, 3, 3, 4, 5, 6, 7))):
        if rng.random() < 0.2:
            said.append(rng.choice(words.digits))
        else:
            said.append(_letter(words, rng.choice(sorted(words.letters)), rng))
    return " ".join(_hesitating(said, words, rng))


def _explained(words: Vocabulary, _lang: str, rng: random.Random) -> str:
    """``a de ávila be de burgos``, ``a as in alpha``, or the radio operators' alphabet."""
    if rng.random() < 0.25:
        return " ".join(rng.choice(words.phonetic) for _ in range(rng.randint(1, 5)))
    said = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        letter = rng.choice(sorted(words.spelling_words))
        name, word = _letter(words, letter, rng), rng.choice(words.spelling_words[letter])
        said.append(f"{name} {rng.choice(words.as_in)} {word}")
    return " ".join(said)


def _yes_no(words: Vocabulary, _lang: str, rng: random.Random) -> str:
    answer = rng.choice(rng.choice((words.yes, words.no)))
    extra = rng.choice(rng.choice((words.yes, words.no, words.commands))) if rng.random() < 0.15 else ""
    return f"{answer} {extra}"


def _short(words: Vocabulary, _lang: str, rng: random.Random) -> str:
    return " ".join(rng.choice(words.short) for _ in range(rng.choice((1, 1, 1, 2, 3, 4))))


def _calendar(words: Vocabulary, _lang: str, rng: random.Random) -> str:
    """Months and weekdays on their own: long words that differ in their beginnings only."""
    source = rng.choice((words.months, words.months, words.weekdays))
    return " ".join(rng.choice(source) for _ in range(rng.choice((1, 1, 2, 3))))


def _command(words: Vocabulary, _lang: str, rng: random.Random) -> str:
    return f"{rng.choice(words.before)} {rng.choice(words.commands)} {rng.choice(words.after)}"


def _street(words: Vocabulary, _lang: str, rng: random.Random) -> str:
    return rng.choice(words.streets).format(
        rng.choice(rng.choice((words.surnames, words.names, words.cities)))
    )


def _mail(words: Vocabulary, lang: str, rng: random.Random) -> str:
    kinds: tuple[Callable[[], str], ...] = (
        lambda: rng.choice(words.names),
        lambda: rng.choice(words.surnames),
        lambda: rng.choice(dictionary(lang)),
        lambda: _spelled(words, lang, rng),
        lambda: _digits(words, lang, rng),
        lambda: rng.choice(words.mail),
    )
    return " ".join([rng.choice(kinds)() for _ in range(rng.randint(1, 3))] + [rng.choice(words.mail)])


def _sentence(words: Vocabulary, lang: str, rng: random.Random) -> str:
    fields: dict[str, Callable[[], str]] = {
        "cmd": lambda: rng.choice(words.commands),
        "name": lambda: rng.choice(words.names),
        "surname": lambda: rng.choice(words.surnames),
        "city": lambda: rng.choice(words.cities),
        "unit": lambda: rng.choice(words.units),
        "street": lambda: _street(words, lang, rng),
        "number": lambda: number_words(rng.randrange(rng.choice((20, 100, 1000))), lang),
        "digits": lambda: rng.choice((_digits, _groups))(words, lang, rng),
        "digit": lambda: rng.choice(words.digits[1:]),
        "date": lambda: _date(words, lang, rng),
        "time": lambda: _time(words, lang, rng),
        "amount": lambda: _amount(words, lang, rng),
    }
    pattern = rng.choice(words.sentences)
    return re.sub(r"\{(\w+)\}", lambda match: fields[match[1]](), pattern)


def _dictionary_words(_words: Vocabulary, lang: str, rng: random.Random) -> str:
    return " ".join(rng.choice(dictionary(lang)) for _ in range(rng.choice((1, 2, 2, 3, 3, 4, 5))))


def _prompt(_words: Vocabulary, lang: str, rng: random.Random) -> str:
    """A piece of what this project's own lines say and listen for."""
    words = rng.choice(project_phrases(lang)).split()
    start = rng.randrange(max(1, len(words) - _LONGEST_PROMPT + 1))
    return " ".join(words[start : start + _LONGEST_PROMPT])


def _unaccented(word: str) -> str:
    return word.translate(str.maketrans("áéíóúü", "aeiouu"))


@functools.cache
def dictionary(lang: str) -> tuple[str, ...]:
    """Debian's list of the language's words, those that a voice can say as a word.

    Raises FileNotFoundError that names the package to install.
    """
    path = _DICTIONARIES[lang]
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: apt-get install {_PACKAGES[lang]}")
    words = (line.strip() for line in path.read_text("utf-8").splitlines())
    return tuple(
        word
        for word in words
        if 2 <= len(word) <= _LONGEST_WORD and word.islower() and word.isalpha() and speakable(word)
    )


@functools.cache
def project_phrases(lang: str) -> tuple[str, ...]:
    """The sentences of ``prompts/texts`` and of the flows in ``prompts/flows``, in one language."""
    found = list(_strings(_yaml(_ROOT / "prompts" / "texts" / f"{lang}.yaml")))
    for path in sorted((_ROOT / "prompts" / "flows").glob("*.yaml")):
        found += _in_language(_yaml(path), lang)
    pieces = (piece for text in found for piece in re.split(r"[.?!:;¿¡]|\{[^}]*\}", text))
    sentences = (spoken(piece) for piece in pieces)
    return tuple(dict.fromkeys(text for text in sentences if text and all(map(speakable, text.split()))))


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from _strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from _strings(value)


def _in_language(node: Any, lang: str) -> Iterator[str]:
    """Every text that stands under the key of the language."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _strings(value) if key == lang else _in_language(value, lang)
    elif isinstance(node, list):
        for value in node:
            yield from _in_language(value, lang)


_Kind = Callable[[Vocabulary, str, random.Random], str]
_MIX: tuple[tuple[_Kind, float], ...] = (
    (_digits, 18),
    (_groups, 5),
    (_number, 5),
    (_amount, 3),
    (_date, 5),
    (_time, 4),
    (_spelled, 20),
    (_explained, 2),
    (_yes_no, 9),
    (_short, 6),
    (_calendar, 3),
    (_command, 10),
    (_sentence, 8),
    (_mail, 2),
    (_prompt, 3),
    (_dictionary_words, 14),
)
_KINDS = [kind for kind, _ in _MIX]
_WEIGHTS = [weight for _, weight in _MIX]
