"""Whether a sentence says that something was done, or promises it, without a fact for it. Pure.

The evidence depends on what is claimed. That *I* did something, or do it now: a tool that does it was run.
That it *happened to the caller's* things: a tool returned it, or did it. Anything else, as "parcels are
insured": a word of an article will do. Whatever stands in a fact word by word is true.
"""

from __future__ import annotations

from voice.language_model.claim_words import (
    ACTING,
    CLAIMS,
    CLAUSES,
    DECLINED,
    FIRST,
    HARMLESS,
    LITERALLY,
    PERSONAL,
    STATE,
)
from voice.language_model.facts import Facts, alike
from voice.languages import fold, normalise

_WINDOW = 2  # words on either side of a verb that must stand with it in a fact


def promises(sentence: str, facts: Facts, *, only_deeds: bool = False) -> bool:
    """Whether the sentence claims or promises what no fact bears out; with ``only_deeds``, of what a business
    does."""
    question = sentence.rstrip().endswith("?")
    clauses = [clause.strip() for clause in CLAUSES.split(sentence) if clause.strip()]
    return any(
        _claims(clause, facts, asks=question and number == len(clauses), only_deeds=only_deeds)
        for number, clause in enumerate(clauses, 1)
    )


def _claims(clause: str, facts: Facts, *, asks: bool, only_deeds: bool) -> bool:
    lang = facts.lang
    said, folded = (normalise(clause) if lang == "es" else fold(clause)), fold(clause)
    if not only_deeds and any(not facts.quotes(match[0]) for match in LITERALLY[lang].finditer(folded)):
        return True
    said = DECLINED[lang].sub(" ", said)
    personal = PERSONAL[lang].search(folded) is not None
    for kind, pattern in CLAIMS[lang]:
        for match in pattern.finditer(said):
            verb = fold(match[1])
            acting = ACTING[lang].fullmatch(verb) is not None
            if verb in HARMLESS[lang] or (asks and kind == FIRST) or (only_deeds and not acting):
                continue
            around = fold(said[: match.start(1)]).split()[-_WINDOW:]
            around += fold(said[match.start(1) :]).split()[: 1 + _WINDOW]
            if len(around) > _WINDOW and facts.quotes(" ".join(around)):
                continue
            found = alike(verb, lang)
            if not found & _evidence(kind, facts, acting=acting, personal=personal):
                return True
    return False


def _evidence(kind: str, facts: Facts, *, acting: bool, personal: bool) -> set[str]:
    if acting and kind == FIRST:
        return facts.done
    if acting and (personal or kind == STATE):
        return facts.done | facts.told
    return facts.stems
