"""Several values in one sentence: "quiero pagar 30 euros de la factura de marzo con mi tarjeta". Pure.

An answer to a question may be read generously; a sentence that nobody asked for may not: an order number is
no amount, "a las tres" no date, and a word that was taken for one value is never taken for another. So here
every value needs words that tell what it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from functools import partial

from voice.languages import Language, language, normalise
from voice.model import ExpectKind
from voice.slots.corrections import split_correction
from voice.slots.finders import FINDERS, find_time
from voice.slots.hits import TAKEN, Finder, Hit, Tokens, is_called
from voice.slots.inability import is_denied
from voice.slots.names import name_case
from voice.slots.numbers import tokenise_spans
from voice.slots.reading import MAX_TEXT, Parsed, Wanted

_MOST_HITS = 3  # values of one kind looked for


@dataclass(frozen=True, slots=True)
class Extracted:
    """A value and where it was said: ``start`` and ``end`` are positions in the text's characters."""

    parsed: Parsed
    start: int
    end: int


def extract(
    text: str, lang: str, wanted: Mapping[str, Wanted], today: date, at: time | None = None
) -> dict[str, Extracted]:
    """The values of ``wanted`` slots that ``text`` names, by slot. No words count twice.

    A slot is left out when the text does not clearly name it, or names two different values for it that no
    correction ("no, perdón, ...") decides between. Yes or no, free text and spelled words are never taken
    from a sentence. Values, confidences and alternatives are as :func:`voice.slots.reader.read` gives them,
    the confidence lower where the words are less clear. ``at`` is the line's time of day, for "in two hours".
    """
    text = text[:MAX_TEXT]
    facts = language(lang)
    spans = tokenise_spans(text)
    tokens = [token for token, _, _ in spans]
    found: dict[str, Extracted] = {}
    for kind, finder in FINDERS.items():
        slots = {name: one for name, one in wanted.items() if one.kind is kind}
        if kind is ExpectKind.TIME:
            finder = partial(find_time, at=at)
        hits = {name: _hits(finder, tokens, one, facts, today) for name, one in slots.items()}
        for name, hit in _assigned(hits, slots, tokens).items():
            start, end = spans[hit.start][1], spans[hit.end - 1][2]
            parsed = _as_written(hit.parsed, text[start:end]) if kind is ExpectKind.NAME else hit.parsed
            found[name] = Extracted(parsed, start, end)
            tokens[hit.start : hit.end] = [TAKEN] * (hit.end - hit.start)
    return {name: found[name] for name in wanted if name in found}


def _as_written(parsed: Parsed, text: str) -> Parsed:
    """A name with the accents that the tokens have lost."""
    value = name_case(normalise(text))
    return replace(parsed, value=value, spoken=value)


def _hits(finder: Finder, tokens: Tokens, one: Wanted, facts: Language, today: date) -> list[Hit]:
    """Values for one slot, in the order of the sentence; only what follows a correction, if that has any."""
    head, tail = split_correction(tokens, facts)
    if tail and head:
        hidden = [TAKEN] * (len(tokens) - len(tail))
        corrected = _all_hits(finder, [*hidden, *tail], one, facts, today)
        if corrected:
            return _suiting(corrected, tokens, one, facts)
    return _suiting(_all_hits(finder, tokens, one, facts, today), tokens, one, facts)


def _suiting(hits: list[Hit], tokens: Tokens, one: Wanted, facts: Language) -> list[Hit]:
    """Without the days and times that do not suit: "el viernes no puedo" is no wish for Friday."""
    if one.kind not in (ExpectKind.DATE, ExpectKind.TIME):
        return hits
    return [hit for hit in hits if not is_denied(tokens, hit.start, hit.end, facts)]


def _all_hits(finder: Finder, tokens: Tokens, one: Wanted, facts: Language, today: date) -> list[Hit]:
    left, found = list(tokens), []
    for _ in range(_MOST_HITS):
        hit = finder(left, one, facts, today)
        if hit is None:
            break
        found.append(hit)
        left[hit.start : hit.end] = [TAKEN] * (hit.end - hit.start)
    return sorted(found, key=lambda hit: hit.start)


def _assigned(
    hits: Mapping[str, Sequence[Hit]], slots: Mapping[str, Wanted], tokens: Tokens
) -> dict[str, Hit]:
    """Which value is whose: a slot's only one, unless another slot could have it too; then, and among
    several, the one that its words announce."""
    chosen: dict[str, Hit] = {}
    for name, mine in hits.items():
        others = {
            i for other in hits if other != name for hit in hits[other] for i in range(hit.start, hit.end)
        }
        alone = [hit for hit in mine if not others & set(range(hit.start, hit.end))]
        announced = [hit for hit in mine if is_called(tokens, hit.start, slots[name].called)]
        if len({hit.parsed.value for hit in alone}) == 1 and len(alone) == len(mine):
            chosen[name] = alone[0]
        elif len(announced) == 1 and all(not _overlap(announced[0], hit) for hit in chosen.values()):
            chosen[name] = announced[0]
    return chosen


def _overlap(a: Hit, b: Hit) -> bool:
    return a.start < b.end and b.start < a.end


EXTRACTABLE = frozenset(FINDERS)
"""The kinds that are ever taken from the middle of a sentence."""
