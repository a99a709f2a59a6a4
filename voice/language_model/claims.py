"""Whether a sentence says that something was done, or promises it, without a fact for it. Pure.

The evidence depends on what is claimed. That *I* did something, or do it now: a tool that does it was run.
That it *happened to the caller's* things: a tool returned it, or did it. Anything else, as "parcels are
insured": a word of an article will do. Whatever stands in a fact word by word is true.
"""

from __future__ import annotations

from voice.language_model.claim_words import (
    ACTING,
    ASKS,
    CLAIMS,
    CLAUSES,
    DECLINED,
    DONE,
    FIRST,
    GIFT,
    HARMLESS,
    LITERALLY,
    PERSONAL,
    STATE,
)
from voice.language_model.facts import Facts, alike
from voice.language_model.moments import days_in
from voice.language_model.plain_words import OF_DAYS
from voice.language_model.units import meanings
from voice.languages import fold, normalise

_WINDOW = 2  # words on either side of a verb that must stand with it in a fact


def promises(sentence: str, facts: Facts, *, only_deeds: bool = False, general: bool = False) -> bool:
    """Whether the sentence claims or promises what no fact bears out; with ``only_deeds``, of what a business
    does. ``general``: it says in words of a fact what follows from a condition, and not what is so."""
    question = sentence.rstrip().endswith("?")
    clauses = [clause.strip() for clause in CLAUSES.split(sentence) if clause.strip()]
    return any(
        _claims(clause, facts, question and number == len(clauses), only_deeds, general)
        for number, clause in enumerate(clauses, 1)
    )


def _claims(clause: str, facts: Facts, asks: bool, only_deeds: bool, general: bool) -> bool:
    lang = facts.lang
    said, folded = (normalise(clause) if lang == "es" else fold(clause)), fold(clause)
    if facts.changed and folded in DONE[lang]:
        return False
    wonders = asks and ASKS[lang].match(folded) is not None
    literally = not only_deeds and not general and not wonders
    if literally and any(not facts.quotes(match[0]) for match in LITERALLY[lang].finditer(folded)):
        return True
    dated = bool(days_in(clause, lang))
    said = DECLINED[lang].sub(" ", said)
    personal = PERSONAL[lang].search(folded) is not None
    for kind, pattern in CLAIMS[lang]:
        for match in pattern.finditer(said):
            verb = fold(match[1])
            acting = ACTING[lang].fullmatch(verb) is not None
            if (
                (wonders and kind != GIFT)
                or verb in HARMLESS[lang]
                or (asks and kind == FIRST)
                or (only_deeds and not acting)
            ):
                continue
            if dated and not acting and not meanings(verb, lang).isdisjoint(OF_DAYS[lang]):
                continue  # the day is what is claimed, and has a rule of its own
            around = fold(said[: match.start(1)]).split()[-_WINDOW:]
            around += fold(said[match.start(1) :]).split()[: 1 + _WINDOW]
            if len(around) > _WINDOW and facts.quotes(" ".join(around)):
                continue
            found = alike(verb, lang)
            if not found & _evidence(kind, facts, acting=acting, personal=personal and not general):
                return True
    return False


def _evidence(kind: str, facts: Facts, *, acting: bool, personal: bool) -> set[str]:
    if acting and kind == FIRST:
        return facts.done
    if acting and (personal or kind == STATE):
        return facts.done | facts.told
    return facts.stems
