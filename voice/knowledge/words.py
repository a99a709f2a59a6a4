"""Words that mean the same to whoever asks: "wifi" and "internet". The business's own, one file. Pure.

``PROMPTS/knowledge/words.yaml``::

    en:
      - [internet, wifi, wi fi]
      - [unlock code, puk, puk code]
    es:
      - [internet, wifi]

Inflections need not be written: words are compared as stems, but for countries' names. What stands in a group
counts as one word, in the articles and in what callers ask. :func:`voice.knowledge.files.load_words` reads
the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Any

from voice.languages import fold, language
from voice.languages.base import word_list

PLACE = "@"  # begins the token of a country, or of a group with one
GROUP = "="  # and that of another group
Groups = tuple[tuple[str, ...], ...]

# Said in any question, beside the words without meaning that every language module lists.
_LIGHT = {
    "es": frozenset(
        word_list(
            """
            aqui ahi alli ya ayer hoy ahora aun todavia luego despues entonces algo alguien alguno
            alguna algun nada oiga oye mire mira vera saber decir digame explique explicar
            informacion pregunta duda duda favor si hola buenas gracias semana mes vez veces tambien
            tan tanto muy mucho mucha hacer hago hace hacen pasa tener tengo tienen hay hubo sera
            seria posible otra otro quisiera gustaria
            """
        )
    ),
    "en": frozenset(
        word_list(
            """
            here there yet now yesterday today then later still already something anything nothing
            someone please hello hi thanks thank know tell explain information question ask well
            just really also too very much get got getting make makes possible would like since been
            being ive im youre theres week month time
            """
        )
    ),
}
_STEMMERS = {"es": "spanish", "en": "english"}  # Snowball's names


@cache
def _stemmer(lang: str) -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer(_STEMMERS[lang])


@lru_cache(maxsize=8192)
def stem(word: str, lang: str) -> str:
    """The stem of a folded word."""
    return str(_stemmer(lang).stemWord(word))


@cache
def countries(lang: str) -> tuple[tuple[str, str], ...]:
    """Code and name of every country, but for those that sound as a verb does."""
    from babel import Locale

    names = Locale(lang).territories.items()
    return tuple((code, name) for code, name in names if code.isalpha() and (lang, code) != ("es", "IR"))


class Vocabulary:
    """What of a text is looked at: the stems of the words that carry meaning, those of a group as one, and
    countries."""

    def __init__(self, lang: str, groups: Groups = ()) -> None:
        self._lang = lang
        self._light = language(lang).function_words | _LIGHT.get(lang, frozenset())
        # as they are written: the stem of "Granada" is that of "gran", and that of "Cuba" a bucket's
        self._places = {tuple(fold(name).split()): f"{PLACE}{code}" for code, name in countries(lang)}
        self._same: dict[tuple[str, ...], str] = {}
        for number, group in enumerate(groups):
            members = [tuple(fold(member).split()) for member in group]
            named = [member for member in members if member in self._places]
            token = f"{PLACE if named else GROUP}{number}"
            self._places |= dict.fromkeys(named, token)
            self._same |= {
                self.key(text): token
                for text, member in zip(group, members, strict=True)
                if member not in self._places
            }
        self._longest = max(map(len, (*self._places, *self._same)), default=0)

    def stems(self, text: str) -> tuple[str, ...]:
        """In order, without accents."""
        return tuple(self._read(fold(text).split()))

    def key(self, text: str) -> tuple[str, ...]:
        """What two members of groups have in common when they are the same to this."""
        return tuple(stem(word, self._lang) for word in fold(text).split())

    def _read(self, words: Sequence[str]) -> Iterator[str]:
        every = [stem(word, self._lang) for word in words]
        at = 0
        while at < len(words):
            for size in range(min(self._longest, len(words) - at), 0, -1):
                group = self._places.get(tuple(words[at : at + size]))
                group = group or self._same.get(tuple(every[at : at + size]))
                if group is not None:
                    yield group
                    at += size
                    break
            else:
                if words[at] not in self._light and (len(words[at]) > 1 or words[at].isdecimal()):
                    yield every[at]
                at += 1


@cache
def _plain(lang: str) -> Vocabulary:
    return Vocabulary(lang)


def stems(text: str, lang: str) -> tuple[str, ...]:
    """The stems of the words that carry meaning, in order, without accents and with no group."""
    return _plain(lang).stems(text)
