"""Finds an amount of money in the middle of a sentence. Pure.

A wrong sum is worse than none: where what follows an amount could belong to it, it is read as well, or the
amount is asked for.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from voice.languages import Language, Lexicon
from voice.languages.base import word_list
from voice.model import ExpectKind
from voice.slots.hits import UNSURE, Hit, Tokens, is_called, shrunk, windows
from voice.slots.money import currency_of, read_amount
from voice.slots.numbers import Number, find_numbers
from voice.slots.reading import Parsed, Wanted
from voice.slots.saying import say_value

_PAYS = frozenset(
    word_list(
        """
        pagar pago pagarle pague abonar ingresar transferir recargar recarga importe cantidad valor monto pay
        paying payment amount transfer send top deposit charge
        """
    )
)
_OF = frozenset({"de", "of"})
_AFTER = frozenset(word_list("de del a al en con para por y of to on from with for in and"))
_LINKS = frozenset(word_list("con y and"))
_ARTICLES = frozenset(word_list("un una a an"))
_MORE_OR_LESS = frozenset(word_list("pico algo tantos tantas something odd change some"))
_REACH = 10  # words before the first currency
_CENTS = 5  # words from a currency to the end of its cents
_APART = 8  # words between two currencies that are of two amounts
_LARGEST_BARE = 100_000  # without a currency; a larger number is more likely one that numbers something


def find_amount(tokens: Tokens, wanted: Wanted, facts: Language, today: date) -> Hit | None:
    """The first amount whose currency is named, or that stands after what is paid."""
    for start, end in windows(tokens):
        window = tokens[start:end]
        numbers = find_numbers(window, facts.lexicon)
        hit = _with_currency(window, numbers, wanted, facts) or _bare(window, numbers, wanted, facts)
        if hit is not None:
            return replace(hit, start=start + hit.start, end=start + hit.end)
    return None


def _money_words(lexicon: Lexicon) -> frozenset[str]:
    return lexicon.currency_words | lexicon.cent_words | frozenset("$€£")


def _with_currency(window: Tokens, numbers: list[Number], wanted: Wanted, facts: Language) -> Hit | None:
    money = _money_words(facts.lexicon)
    named = [i for i, t in enumerate(window) if t in money]
    if not named:
        return None
    last = named[-1] + _CENTS if named[-1] - named[0] < _APART else named[0] + 2
    first, last = _whole(max(0, named[0] - _REACH), min(len(window), last), numbers)
    hit = _money(window[first:last], wanted, facts)
    if hit is None:
        return None
    hit = replace(hit, start=first + hit.start, end=first + hit.end)
    # "treinta euros y dos facturas": those are no cents
    counts = any(n.end == hit.end and window[n.start - 1] in _LINKS for n in numbers if n.start > hit.start)
    return None if counts and not _ends(window, hit.end, facts) else hit


def _bare(window: Tokens, numbers: list[Number], wanted: Wanted, facts: Language) -> Hit | None:
    ends = {n.start: n.end for n in numbers}
    for number in numbers:
        last = number.end
        while last in ends:
            last = ends[last]
        before = [*window[: number.start], ""][number.start - 1] if number.start else ""
        paid = before in _PAYS or (before in _OF and window[number.start - 2] in _PAYS)
        if not (paid or _names_amount(window, number, last, wanted)):
            continue
        last = _with_cents(window, last, ends, facts.lexicon)
        hit = _money(window[number.start : last], wanted, facts) if _ends(window, last, facts) else None
        if hit is not None:
            sure = replace(hit.parsed, confidence=min(hit.parsed.confidence, UNSURE))
            return Hit(sure, number.start, last)
    return None


def _with_cents(window: Tokens, end: int, ends: dict[int, int], lexicon: Lexicon) -> int:
    """The end of an amount with its cents: "doce" con cincuenta, "twelve" and a half, "doce" coma cinco."""
    following = [*window[end : end + 3], "", "", ""]
    if following[0] not in _LINKS | lexicon.decimal_words:
        return end
    last = end + 1
    while last in ends:
        last = ends[last]
    half = 1 + (following[1] in _ARTICLES)
    return end + half + 1 if following[half] in lexicon.half_words else last if last > end + 1 else end


def _ends(window: Tokens, end: int, facts: Language) -> bool:
    """Whether an amount that ends there is whole, and counts nothing that follows."""
    after, then = [*window[end:], "", ""][:2]
    if after in _LINKS and then in _MORE_OR_LESS:
        return False
    return not after or after in _AFTER or after in facts.lexicon.fillers


def _names_amount(window: Tokens, number: Number, last: int, wanted: Wanted) -> bool:
    """Whether a number stands after what the amount is called: "límite de la tarjeta dos mil". One said digit
    by digit is no amount."""
    if number.end != last or number.value >= _LARGEST_BARE or number.unit:
        return False
    return is_called(window, number.start, wanted.called, 4)


def _money(tokens: Tokens, wanted: Wanted, facts: Language) -> Hit | None:
    found = read_amount(tokens, facts.lexicon)
    if found is None:
        return None
    unit = currency_of(tokens, wanted.currency)

    def same(part: Tokens) -> bool:
        reading = read_amount(part, facts.lexicon)
        kept = currency_of(part, wanted.currency) == unit
        return kept and reading is not None and reading[0] == found[0] and reading[1] >= found[1]

    start, end = _whole(*shrunk(tokens, 0, len(tokens), same), find_numbers(tokens, facts.lexicon))
    while end < len(tokens) and tokens[end] in _money_words(facts.lexicon):
        end += 1
    spoken = say_value(ExpectKind.AMOUNT, found[0], facts, currency=unit or wanted.currency)
    return Hit(Parsed(found[0], spoken, max(found[1], 0.8), unit), start, end)


def _whole(start: int, end: int, numbers: list[Number]) -> tuple[int, int]:
    """A span with the rest of the numbers that it would cut: "one thousand" reads as "thousand" does."""
    cut = [n for n in numbers if n.start < end and n.end > start]
    return min([start, *(n.start for n in cut)]), max([end, *(n.end for n in cut)])
