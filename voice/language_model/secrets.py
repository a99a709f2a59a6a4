"""Takes out of a caller's words what may not leave the house: sensitive values and long numbers. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

from voice.languages import language
from voice.slots.numbers import find_numbers, tokenise

HIDDEN = "[…]"
LONG = 12  # digits: an account or a card is longer than a customer's or an order's number
_FIGURES = re.compile(r"\d(?:[ .,\-/]?\d){11,}")


def without_secrets(words: str, lang: str, secrets: Collection[str]) -> str:
    """``words`` with ``secrets`` (also spoken, or with spaces between their characters) and numbers of twelve
    digits or more replaced. Where a spoken number of that kind cannot be cut out, nothing is left."""
    for secret in sorted(secrets, key=len, reverse=True):
        characters = [re.escape(c) for c in secret if c.isalnum()]
        if len(characters) >= 3:
            words = re.sub(r"[\s.,\-]*".join(characters), HIDDEN, words, flags=re.IGNORECASE)
    words = _FIGURES.sub(HIDDEN, words)
    numbers = find_numbers(tokenise(words), language(lang).lexicon, homophones=True)
    spoken = "".join(number.text for number in numbers)
    short = {digits for secret in secrets if len(digits := "".join(c for c in secret if c.isdigit())) >= 3}
    if len(spoken) >= LONG or any(digits in spoken for digits in short):
        return HIDDEN
    return words
