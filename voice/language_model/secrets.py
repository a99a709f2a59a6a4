"""Takes out of a caller's words what may not leave the house: sensitive values and long numbers. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

from voice.language_model.words import SECRETS
from voice.languages import fold, language
from voice.languages.base import word_list
from voice.slots.numbers import find_numbers, tokenise

HIDDEN = "[…]"
LONG = 12  # digits: an account or a card is longer than a customer's or an order's number
FEWEST = 3  # digits of a secret that callers tell unasked
_DIGITS = re.compile(r"\d(?:[ .\-]?\d){2,}")
_CONFIDED = {
    "es": re.compile(rf"{SECRETS['es'].pattern}|\b(?:tarjeta|codigo (?:que|del mensaje|del sms))\b"),
    "en": re.compile(rf"{SECRETS['en'].pattern}|\b(?:card|code (?:i|that|from|in))\b"),
}
_FIGURES = re.compile(r"\d(?:[ .,\-/]?\d){11,}")


_NEAR = 3  # words between numbers that are dictated in one go, if all of them are of these
_BETWEEN = frozenset(word_list("y e luego despues eh em mm ah and then um uh er oh guion espacio dash space"))


def without_secrets(words: str, lang: str, secrets: Collection[str]) -> str:
    """A caller's ``words`` with ``secrets`` (also spoken, or with spaces between their characters) and
    numbers of twelve digits or more replaced, beside the name of a secret ("my PIN is ...") those of three or
    more. Where a spoken number of that kind cannot be cut out, nothing is left."""
    words = without_values(words, secrets)
    confided = _CONFIDED[lang].search(fold(words)) is not None
    words = _DIGITS.sub(HIDDEN, words) if confided else words
    tokens, lexicon = tokenise(words), language(lang).lexicon
    between = _BETWEEN | lexicon.fillers
    short = {digits for secret in secrets if len(digits := "".join(c for c in secret if c.isdigit())) >= 3}
    spoken, end = "", 0
    for number in find_numbers(tokens, lexicon, homophones=True):
        gap = tokens[end : number.start]
        goes_on = len(gap) <= _NEAR and between.issuperset(gap)
        spoken = spoken + number.text if goes_on else number.text
        end = number.end
        if len(spoken) >= (FEWEST if confided else LONG) or any(digits in spoken for digits in short):
            return HIDDEN
    return words


def without_values(text: str, secrets: Collection[str]) -> str:
    """``text`` with ``secrets`` and figures of twelve digits or more replaced."""
    for secret in sorted(secrets, key=len, reverse=True):
        characters = [re.escape(c) for c in secret if c.isalnum()]
        if len(characters) >= 3:
            text = re.sub(r"[\s.,\-]*".join(characters), HIDDEN, text, flags=re.IGNORECASE)
    return _FIGURES.sub(HIDDEN, text)
