"""Tests that identifiers carry in themselves, so that a misheard digit is noticed. Pure.

``luhn``: payment cards, IMEI, Canadian SIN (ISO/IEC 7812-1, annex B). ``dni``: the Spanish identity number,
eight digits and the letter that their remainder by 23 selects (Real Decreto 1553/2005); a foreigner's NIE
begins with X, Y or Z in place of the first digit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_FOREIGN = {"X": "0", "Y": "1", "Z": "2"}


def luhn(value: str) -> bool:
    """Whether a digit string ends in its Luhn check digit."""
    if len(value) < 2 or not _figures(value):
        return False
    total = 0
    for place, digit in enumerate(reversed(value)):
        n = int(digit) * (2 if place % 2 else 1)
        total += n - 9 if n > 9 else n
    return total % 10 == 0


def dni(value: str) -> bool:
    """Whether a DNI or NIE, its letter in either case, has the right letter."""
    value = value.upper()
    if len(value) != 9 or value[-1] not in _LETTERS:
        return False
    number = _FOREIGN.get(value[0], value[0]) + value[1:-1]
    return _figures(number) and _LETTERS[int(number) % 23] == value[-1]


def _figures(text: str) -> bool:
    return text.isascii() and text.isdecimal()


CHECKS: Mapping[str, Callable[[str], bool]] = MappingProxyType({"luhn": luhn, "dni": dni})
