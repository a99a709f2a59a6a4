"""Keys said aloud: a caller who heard "press one" says "one". Pure."""

from __future__ import annotations

from functools import cache

from voice.languages import fold, language
from voice.languages.base import word_list

_AROUND = {
    "es": frozenset(
        word_list(
            "el la lo opcion numero tecla marco marque pulso pulse aprieto al a por favor pues eh vale ok"
        )
    ),
    "en": frozenset(word_list("the option number key press pressing i please um okay ok ill choose")),
}
_MOST_WORDS = 5


@cache
def _digits(lang: str) -> dict[str, str]:
    """The word of each key, by the language's own name of it."""
    return {fold(language(lang).say_number(digit)): str(digit) for digit in range(10)}


def spoken_key(text: str, lang: str) -> str:
    """The key that the words name and nothing besides: "1" of "opción uno"; "" when they say more."""
    words = [word for word in fold(text).split() if word not in _AROUND[lang]]
    if len(words) != 1 or len(text.split()) > _MOST_WORDS:
        return ""
    keys = _digits(lang)
    return words[0] if words[0] in keys.values() else keys.get(words[0], "")


def key_words(keys: str, lang: str) -> list[str]:
    """What ``keys`` are called, for a recognizer."""
    return [word for word, key in _digits(lang).items() if key in keys]
