"""Facts of the languages the line speaks: ``language("es")`` and ``language("en")``.

Everything that depends on a language stands in its one module; parsers and flows ask here.
"""

from __future__ import annotations

from functools import cache

from voice.errors import ConfigError
from voice.languages.base import Currency, Language, Lexicon, fold, normalise

__all__ = ["Currency", "Language", "Lexicon", "fold", "language", "normalise"]


@cache
def language(code: str) -> Language:
    """The language with ISO 639-1 ``code``; :class:`~voice.errors.ConfigError` for any other."""
    if code == "es":
        from voice.languages.es import SPANISH

        return SPANISH
    if code == "en":
        from voice.languages.en import ENGLISH

        return ENGLISH
    raise ConfigError(f"language {code!r} is not supported: use 'es' or 'en'")
