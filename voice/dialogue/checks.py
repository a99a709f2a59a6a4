"""Tests that values carry in themselves, so that a misheard digit is noticed. Pure.

The check digits and letters are ``python-stdnum``'s: Luhn (ISO/IEC 7812-1, annex B), the Spanish identity
number and a foreigner's NIE (Real Decreto 1553/2005), and the documents of
:data:`voice.slots.identifiers.DOCUMENTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from voice.slots.contacts import keyed_phone, phone_is_valid
from voice.slots.identifiers import card_is_valid, iban_refusal, refusal, valid
from voice.slots.postcodes import postcode_is_valid


def luhn(value: str) -> bool:
    """Whether a digit string ends in its Luhn check digit."""
    return len(value) >= 2 and _figures(value) and valid("luhn", value)


def dni(value: str) -> bool:
    """Whether a DNI or NIE, its letter in either case, has the right letter."""
    plain = len(value) == 9 and value.isascii() and value.isalnum()
    return plain and any(refusal(name, value.upper()) is None for name in ("dni", "nie"))


def _figures(text: str) -> bool:
    return text.isascii() and text.isdecimal()


CHECKS: Mapping[str, Callable[[str], bool]] = MappingProxyType({"luhn": luhn, "dni": dni})


def check_named(name: str) -> Callable[[str], bool] | None:
    """The test that ``Expect.check`` names: one of :data:`CHECKS`, ``card``, ``phone:ES``, ``postcode:ES``,
    ``iban:ES`` or ``identifier:dni,nie``. None for no name; KeyError for an unknown one."""
    kind, _, rest = name.partition(":")
    match kind:
        case "":
            return None
        case "card":
            return card_is_valid
        case "phone":
            return lambda value: phone_is_valid(value) or keyed_phone(value, rest) is not None
        case "postcode":
            return lambda value: postcode_is_valid(value, rest)
        case "iban":
            return lambda value: iban_refusal(value) is None
        case "identifier":
            names = rest.split(",")
            return lambda value: any(refusal(document, value) is None for document in names)
        case _:
            return CHECKS[name]
