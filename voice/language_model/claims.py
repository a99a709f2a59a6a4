"""Whether a sentence says that something was done, or promises it, without a fact for it. Pure.

The evidence depends on what is claimed. That *I* did something, or do it now: a tool that does it was run.
That it *happened to the caller's* things: a tool returned it, or did it. Anything else, as "parcels are
insured": a word of an article will do. Whatever stands in a fact word by word is true.
"""

from __future__ import annotations

from collections.abc import Collection

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
    IN_PASSING,
    LITERALLY,
    PERSONAL,
    STATE,
)
from voice.language_model.facts import Facts, alike
from voice.language_model.moments import days_in
from voice.language_model.plain_words import NEGATIONS, OF_DAYS
from voice.language_model.social import is_social
from voice.language_model.speech_acts import OFFERED_IF, SPEAK_TO, TO_DO
from voice.language_model.units import counting, meanings
from voice.languages import fold, normalise

_DENIED = 4  # words before a verb among which a "not" belongs to it
_WINDOW = 2  # words on either side of a verb that must stand with it in a fact


def promises(
    sentence: str,
    facts: Facts,
    *,
    only_deeds: bool = False,
    general: bool = False,
    idle: Collection[str] = (),
) -> bool:
    """Whether the sentence claims or promises what no fact bears out; with ``only_deeds``, of what a business
    does. ``general``: it says in words of a fact what follows from a condition, and not what is so. ``idle``
    are stems of what tools could do and have not done: to say that is no claim, nor to offer it."""
    question = sentence.rstrip().endswith("?")
    clauses = [clause.strip() for clause in CLAUSES.split(sentence) if clause.strip()]
    offered = OFFERED_IF[facts.lang].search(fold(sentence)) is not None
    return any(
        _claims(clause, facts, question and number == len(clauses), only_deeds, general, idle, offered)
        for number, clause in enumerate(clauses, 1)
        if not is_social(fold(clause), facts.lang)
    )


def _claims(
    clause: str,
    facts: Facts,
    asks: bool,
    only_deeds: bool,
    general: bool,
    idle: Collection[str],
    offered: bool,
) -> bool:
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
    if asks and any(not alike(fold(m[1]), lang) & facts.done for m in IN_PASSING[lang].finditer(said)):
        return True
    for kind, pattern in CLAIMS[lang]:
        for match in pattern.finditer(said):
            verb = fold(match[1])
            acting = ACTING[lang].fullmatch(verb) is not None
            if (
                (wonders and kind != GIFT)
                or verb in HARMLESS[lang]
                or verb in counting(lang)  # "son ochenta" is no participle
                or (asks and kind == FIRST)
                or (only_deeds and not acting)
            ):
                continue
            if kind == GIFT and not meanings(verb, lang).isdisjoint(facts.heard) and _not_given(folded, lang):
                continue
            denied = not NEGATIONS[lang].isdisjoint(fold(said[: match.start(1)]).split()[-_DENIED:])
            if (denied or (offered and kind == FIRST)) and (
                verb in TO_DO[lang] or not meanings(verb, lang).isdisjoint(idle)
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


def _not_given(clause: str, lang: str) -> bool:
    """Whether a clause only denies, or names who is to be asked."""
    return not NEGATIONS[lang].isdisjoint(clause.split()) or SPEAK_TO[lang].search(clause) is not None


def _evidence(kind: str, facts: Facts, *, acting: bool, personal: bool) -> set[str]:
    if acting and kind == FIRST:
        return facts.done
    if acting and (personal or kind == STATE):
        return facts.done | facts.told
    return facts.stems
