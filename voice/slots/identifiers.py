"""Reads numbers that prove themselves: identity and tax documents, payment cards, IBANs. Pure.

What makes each of them right is for ``python-stdnum`` to know; here is how people say them, and how they
are said back. Its modules are imported on first use: 70 ms for the package, about 1 ms for each document.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType, ModuleType

from voice.languages import Language
from voice.slots.reading import Outcome, Parsed, Refused, Why
from voice.slots.spelling import read_codes


@dataclass(frozen=True, slots=True)
class Document:
    """``module`` under stdnum ("" for a plain number of ``lengths`` digits that checks nothing); ``groups``
    is how it is said back, the rest in the usual groups; ``letters``: it may hold letters."""

    country: str
    module: str
    lengths: tuple[int, ...]
    groups: tuple[int, ...] = ()
    letters: bool = False
    computed: int = 0  # keypad: so many digits are enough, the check letter or digit follows from them


DOCUMENTS = MappingProxyType(
    {
        "dni": Document("ES", "es.dni", (9,), (2, 3, 3, 1), True, computed=8),
        "nie": Document("ES", "es.nie", (9,), (1, 1, 3, 3, 1), True),
        "cif": Document("ES", "es.cif", (9,), (1, 2, 3, 3), True),
        "dni_ar": Document("AR", "ar.dni", (7, 8), (2, 3, 3)),
        "cuit": Document("AR", "ar.cuit", (11,), (2, 4, 4, 1)),
        "rut": Document("CL", "cl.rut", (8, 9), (2, 3, 3, 1), True),
        "cedula_co": Document("CO", "", (6, 7, 8, 9, 10)),
        "nit": Document("CO", "co.nit", (8, 9, 10, 11, 12, 13, 14, 15, 16), (3, 3, 3)),
        "dni_pe": Document("PE", "", (8,), (4, 4)),
        "ruc": Document("PE", "pe.ruc", (11,), (2, 3, 3, 3)),
        "rfc": Document("MX", "mx.rfc", (12, 13), (4, 6, 3), True),
        "curp": Document("MX", "mx.curp", (18,), (4, 6, 4, 4), True),
        "cedula_ec": Document("EC", "ec.ci", (10,), (4, 3, 3)),
        "ruc_ec": Document("EC", "ec.ruc", (13,), (4, 3, 3, 3)),
        "rut_uy": Document("UY", "uy.rut", (12,), (4, 4, 4)),
        "rif": Document("VE", "ve.rif", (10,), (1, 4, 4, 1), True),
        "cedula_do": Document("DO", "do.cedula", (11,), (3, 4, 3, 1)),
        "cedula_cr": Document("CR", "cr.cpf", (9, 10), (3, 3, 3)),
        "ruc_py": Document("PY", "py.ruc", (5, 6, 7, 8, 9)),
        "cpf": Document("BR", "br.cpf", (11,), (3, 3, 3, 2)),
        "nif_pt": Document("PT", "pt.nif", (9,), (3, 3, 3)),
        "ssn": Document("US", "us.ssn", (9,), (3, 2, 4)),
        "itin": Document("US", "us.itin", (9,), (3, 2, 4)),
        "ein": Document("US", "us.ein", (9,), (2, 3, 4)),
        "sin": Document("CA", "ca.sin", (9,), (3, 3, 3)),
        "nhs": Document("GB", "gb.nhs", (10,), (3, 3, 4)),
    }
)
_OF_COUNTRY = {"ES": ("dni", "nie"), "AR": ("dni_ar", "cuit"), "MX": ("curp", "rfc"), "US": ("ssn",)}
_SHORTEST_CARD, _LONGEST_CARD = 12, 19  # ISO/IEC 7812-1: up to 19 digits; Maestro issues 12
_MOST_DOUBT = 1.0
_NO_CHECK = 0.85  # the most that a document without a check digit can be sure of


def documents_of(country: str, named: Sequence[str] = ()) -> tuple[str, ...]:
    """What to expect: the documents ``named``, else the usual ones of a country (empty where unknown)."""
    if named:
        return tuple(named)
    known = _OF_COUNTRY.get(country)
    return known or tuple(name for name, document in DOCUMENTS.items() if document.country == country)


@cache
def _module(name: str) -> ModuleType:
    return importlib.import_module(f"stdnum.{name}")


def valid(module: str, code: str) -> bool:
    """Whether a module of stdnum ("luhn") takes ``code``."""
    return bool(_module(module).is_valid(code))


def refusal(name: str, code: str) -> Why | None:
    """What is wrong with a document number (separators allowed); None when nothing is."""
    document = DOCUMENTS[name]
    if document.module == "":
        plain = code.isascii() and code.isdecimal()
        return None if plain and len(code) in document.lengths else Why.FORMAT if not plain else Why.SHORT
    return _check(_module(document.module), code)


def _check(module: ModuleType, code: str) -> Why | None:
    from stdnum import exceptions

    try:
        module.validate(code)
    except exceptions.InvalidLength:
        return Why.SHORT
    except exceptions.InvalidChecksum:
        return Why.CHECK
    except exceptions.ValidationError:
        return Why.FORMAT
    return None


def read_identifier(text: str, facts: Language, documents: Sequence[str]) -> Outcome:
    """A document number in its compact form (upper-case, no separators); ``unit`` names the document."""
    worst: Refused | None = None
    for code, doubt in read_codes(text, facts.code, facts.lexicon):
        if doubt > _MOST_DOUBT:
            break
        for name in documents:
            document = DOCUMENTS[name]
            value = _padded(name, code)
            if value is None:
                worst = worst or _by_length(code, document)
                continue
            why = refusal(name, value)
            if why is None:
                sure = max(0.3, (1.0 if document.module else _NO_CHECK) - 0.3 * doubt)
                return Parsed(value, say_identifier(value, name, facts), sure, unit=name)
            if worst is None or worst.why in (Why.SHORT, Why.LONG, Why.NOTHING):
                worst = Refused(why, len(code), document.lengths[-1])
    return worst or Refused(Why.NOTHING)


def _padded(name: str, code: str) -> str | None:
    """The code at a length the document has, with the zeros that people leave out; None for another."""
    document = DOCUMENTS[name]
    if not document.letters and not code.isdecimal():
        return None
    if len(code) in document.lengths:
        return code
    if name == "dni" and 6 <= len(code) < 9 and code[-1].isalpha() and code[:-1].isdecimal():
        return code.zfill(9)
    return None


def _by_length(code: str, document: Document) -> Refused:
    if any(c.isdecimal() for c in code) or document.letters:
        short = len(code) < document.lengths[0]
        return Refused(Why.SHORT if short else Why.LONG, len(code), document.lengths[0 if short else -1])
    return Refused(Why.NOTHING)


def say_identifier(value: str, name: str, facts: Language) -> str:
    """A document number for the ear, character by character, in the groups in which it is written."""
    document = DOCUMENTS.get(name)
    groups = document.groups if document else ()
    if groups and len(value) < sum(groups):
        groups = (len(value) - sum(groups[1:]), *groups[1:]) if len(value) > sum(groups[1:]) else ()
    return facts.say_groups(value, groups)


def document_keys(name: str) -> tuple[int, ...]:
    """How many keys a document takes; none when it holds letters that do not follow from its digits."""
    document = DOCUMENTS[name]
    if document.computed:
        return (document.computed,)
    return () if document.letters else document.lengths


def keyed_document(keys: str, documents: Sequence[str]) -> tuple[str, str] | None:
    """Keys as (value, document). A DNI's eight digits are enough: the letter follows from them."""
    for name in documents:
        document = DOCUMENTS[name]
        value = keys
        if document.computed and len(keys) == document.computed:
            value = keys + str(_module(document.module).calc_check_digit(keys))
        if len(value) in document.lengths and refusal(name, value) is None:
            return value, name
    return None


def read_card(text: str, facts: Language) -> Outcome:
    """A payment card number: 12 to 19 digits that pass the Luhn test (ISO/IEC 7812-1)."""
    worst = Refused(Why.NOTHING)
    for code, doubt in read_codes(text, facts.code, facts.lexicon):
        if not code.isdecimal() or doubt > _MOST_DOUBT:
            continue
        if card_is_valid(code):
            return Parsed(code, facts.say_groups(code, ()), max(0.3, 1.0 - 0.3 * doubt))
        if worst.why is Why.NOTHING:
            wanted = 16
            why = Why.SHORT if len(code) < wanted else Why.LONG if len(code) > _LONGEST_CARD else Why.CHECK
            worst = Refused(why, len(code), wanted)
    return worst


def card_is_valid(digits: str) -> bool:
    """Length and Luhn test; only zeros are no card."""
    sized = _SHORTEST_CARD <= len(digits) <= _LONGEST_CARD
    return sized and digits.isdecimal() and digits.strip("0") != "" and _module("luhn").is_valid(digits)


def read_iban(text: str, facts: Language, country: str) -> Outcome:
    """An IBAN (ISO 13616) without spaces. A caller of its own country may leave the country's letters out."""
    worst = Refused(Why.NOTHING)
    for code, doubt in read_codes(text, facts.code, facts.lexicon):
        if doubt > _MOST_DOUBT:
            break
        for value in (code, country + code) if code.isdecimal() else (code,):
            why = iban_refusal(value)
            if why is None:
                return Parsed(value, say_iban(value, facts), max(0.3, 1.0 - 0.3 * doubt))
            if len(value) > 10 and worst.why in (Why.NOTHING, Why.SHORT, Why.FORMAT):
                worst = Refused(why, len(value), 0)
    return worst


def iban_refusal(value: str) -> Why | None:
    """What is wrong with an IBAN; None when nothing is (its length, its country's structure, mod 97)."""
    return _check(_module("iban"), value)


def say_iban(value: str, facts: Language) -> str:
    return facts.say_groups(value, (4,) * (len(value) // 4))
