"""Whether what a sentence states stands in one fact. Pure.

A statement may be made if it is of a kind that claims nothing (:mod:`voice.language_model.speech_acts`), or
if every word of meaning in it stands in *one* fact, denied where the fact denies and not where it does
not. What is so now, was done or is the caller's needs a fact that a tool returned: that a card can be
used does not say that one was.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from voice.knowledge.words import stem
from voice.language_model.claim_words import CLAUSES, DONE
from voice.language_model.facts import Facts
from voice.language_model.measures import CENTS, DATE, PLAIN, Said, read_numbers, tokens_of
from voice.language_model.moments import days_in
from voice.language_model.plain_words import (
    BOUNDS,
    COMING,
    FUNCTION,
    NEGATIONS,
    OF_AMOUNTS,
    OF_CLOCKS,
    OF_DAYS,
    OPPOSITES,
    OURS,
    PRESENT,
    STRONG,
)
from voice.language_model.social import is_social
from voice.language_model.speech_acts import OFFERED_IF, TELLING, claims_nothing, is_tag, restates
from voice.language_model.strange import without_theirs
from voice.language_model.units import Unit, content, meanings, parts_of
from voice.languages import fold, language, normalise
from voice.languages.base import word_list

_COPULA = {
    "es": re.compile(r"\b(?:esta|estan|queda|quedan|sigue|siguen|es|son)\b((?: \w+)*)"),
    "en": re.compile(r"\b(?:is|are|its|thats|youre|theyre|isnt|arent|stays?)\b((?: \w+)*)"),
}
_ADVERBS = {
    "es": frozenset(word_list("todavia aun tambien solo normalmente no")),
    "en": frozenset(word_list("still also only usually normally not just the a an")),
}
# Done, or under way.
_PAST = {
    "es": re.compile(
        r"\b(?:ha|han|he|hemos|has) \w+|\b(?:fue|fueron|estaba|estaban|era|eran|estuvo|había|habían|hubo)\b"
        r"|\b\w+(?:ó|aron|ieron|é|aste|iste|aba|aban)\b|\b\w+(?<!r)ían?\b"
        r"|\b(?:está|están|estamos|estoy) \w+(?:ando|iendo|yendo)\b"
    ),
    "en": re.compile(
        r"\b(?:was|were|been|had|did|didnt|wasnt|werent|hasnt)\b"
        r"|\b(?:has|have|ive|youve|weve|theyve) (?:\w+ly |just |not |also )*(?:\w+ed|gone|done|made|paid"
        r"|sent|put"
        r"|got|taken|given|left|lost|come|kept|told|bought|brought|set|cut)\b"
        r"|\b(?:is|are|im|its|youre|theyre|were|being) (?:\w+ly |just |not |also )*\w+ing\b"
        r"|\b(?:\w+ed|went|came|took|gave|sent|paid|made|left|lost|got|told|bought|brought|kept)\b"
    ),
}
_NOT_PAST = frozenset(word_list("need indeed"))
_CONDITION = {
    "es": re.compile(r"\bsi (?!lo prefiere|prefiere|quiere|lo desea|desea|le parece|no le importa)"),
    "en": re.compile(r"\bif (?!you (?:like|want|prefer|wish|would|dont mind))"),
}
_CONJUNCTION = {
    "es": re.compile(r"\b(?:y|e|o|u|sino|porque|ya que|puesto que)\b"),
    "en": re.compile(r"\b(?:and|or|because|since)\b"),
}
_LATER = {
    "es": re.compile(
        r"^\s*(?:pasado ese plazo|después de eso|antes de eso|después|luego|entonces)\b", re.IGNORECASE
    ),
    "en": re.compile(r"^\s*(?:after that|before that|until then|then|afterwards)\b", re.IGNORECASE),
}

_TO_YOU = {
    "es": re.compile(r"\b(?:usted|le|su|sus|para ti|tiene|paga|recibe|puede)\b"),
    "en": re.compile(r"\b(?:you|your|yours|youre|youll|youve)\b"),
}
_SOME = {
    "es": re.compile(
        r"\b(?:a|para|de) (?:los|las) (?!que viene)\w+ (?:con|de|que|mayores|menores|sin|durante)\b"
        r"|\b(?:quien|quienes|los que|las que|cualquiera que|salvo|excepto|solo (?:a|para|si))\b"
    ),
    "en": re.compile(
        r"\b(?:to|for) (?:\w+ )?\w+s (?:with|who|that|under|over|from|of|during)\b"
        r"|\b(?:whoever|anyone who|those who|people who|only (?:for|if)|unless|except)\b"
    ),
}
_PARTS_OF_DAY = frozenset(word_list("morning afternoon evening night tarde noche manana madrugada"))
_COSTS = {
    "es": re.compile(
        r"\b(?:cuestan?|gratis|gratuit\w+|sin coste|sin cargo|euros?|por ciento|descuento|pagan?)\b"
    ),
    "en": re.compile(
        r"\b(?:costs?|free|no (?:extra )?(?:cost|charge)|euros?|per cent|percent|discount|pays?)\b"
    ),
}
_VERB = {
    "es": re.compile(
        r"\b(?:es|son|esta|estan|puede|pueden|cuestan?|duran?|se|tienen?|pagan?|sale|salen|lleva)\b"
    ),
    "en": re.compile(r"\b(?:is|are|can|may|must|costs?|lasts?|takes?|has|have|pays?|comes?|gives?|gets?)\b"),
}
_POLITE = frozenset(word_list("por favor please just then entonces luego"))
_PARTICIPLE = {
    "es": re.compile(
        r"\b(?:esta|estan|queda|quedan|quedo|es|son|fue|fueron|sido) (?:ya )?\w+(?:[ai]d|ch|st|t)[oa]s?\b"
    ),
    "en": re.compile(
        r"\b(?:is|are|been|was|were|its|got) (?:already |now )?(?:\w+ed|paid|sent|made|given|done|put)\b"
    ),
}
_YOURS = frozenset(("your", "su", "sus"))
# That say more than a fact which does not have them.
_WIDER = {
    "es": re.compile(r"\b(?:lo que|(?:cuando|cuant[oa]s?|donde|como|siempre que|veces que|que) (?:le "
                     r"|lo )?(?:quiera"
                     r"|apetezca|venga bien|guste|convenga)|(?:mas|menos|mejor|peor|mayor|menor|igual) que"
                     r"|otr[oa]s?(?! (?:vez|veces|manera|forma)))\b"),
    "en": re.compile(r"\b(?:as (?:long|much|many|often|soon|late|early) as|whatever|whenever|wherever|however"
                     r"|any ?time|(?:more|less|better|worse|cheaper|lower|higher) than|another"
                     r"|other(?! (?:words?|way)))\b"),
}  # fmt: skip
_BUT = frozenset({"pero", "but"})


@dataclass(frozen=True, slots=True)
class Ground:
    """What statements are held against. ``about`` and ``does`` are stems of the author's words on what the
    conversation is about, and on what its tools do."""

    facts: Facts
    about: frozenset[str]
    does: frozenset[str]


def unfounded(sentence: str, ground: Ground) -> bool:
    """Whether the sentence states something for which there is no fact."""
    lang = ground.facts.lang
    sentence = without_theirs(sentence, ground.facts)
    asked = sentence.rstrip().endswith("?")
    clauses = [
        clause
        for clause in (_LATER[lang].sub("", part).strip() for part in CLAUSES.split(sentence))
        if clause
    ]
    folded = [fold(clause) for clause in clauses]
    checks = asked and is_tag(folded[-1], lang)
    # "could you repeat that, please?"
    asks = max((n for n, plain in enumerate(folded, 1) if not is_social(plain, lang)), default=len(folded))
    whole, given = conditional(sentence, ground.facts), _CONDITION[lang].search(fold(sentence)) is not None
    offered = OFFERED_IF[lang].search(fold(sentence)) is not None
    for number, (clause, plain) in enumerate(zip(clauses, folded, strict=True), 1):
        if not plain:
            continue
        if asked and number == asks:
            told = TELLING[lang].search(plain)
            if told is None or not plain[told.end() :].strip():
                continue
            clause = plain = plain[told.end() :].strip()
        if whole or _stated(clause, plain, ground, given, offered):
            continue
        if (
            checks
            and not OURS[lang].search(plain)
            and restates(plain, lang, {*ground.facts.heard, *ground.about})
        ):
            continue
        return True
    return False


def tells(sentence: str, ground: Ground) -> bool:
    """Whether a sentence that may be said tells the caller something: a clause of it stands in a fact, and is
    neither asked nor of a kind that claims nothing."""
    facts, lang = ground.facts, ground.facts.lang
    clauses = [clause for clause in (part.strip() for part in CLAUSES.split(sentence)) if clause]
    if sentence.rstrip().endswith("?"):
        clauses = clauses[:-1]
    whole = fold(sentence)
    if _claims_nothing(whole, ground) and _BUT.isdisjoint(whole.split()):
        return False  # "I can help with orders, bills and deliveries"
    given = _CONDITION[lang].search(whole) is not None
    for clause in clauses:
        if _claims_nothing(fold(clause), ground):
            continue
        for piece in (clause, *_CONJUNCTION[lang].split(clause)):
            plain = fold(piece)
            if not plain or _claims_nothing(plain, ground):
                continue
            if (facts.changed and plain in DONE[lang]) or _stands(
                piece, plain, facts, ground.about, given=given
            ):
                return True
    return False


def conditional(sentence: str, facts: Facts) -> bool:
    """Whether the sentence says of a condition, in words of one fact, what follows from it. It is no claim
    then that the condition holds."""
    if not _CONDITION[facts.lang].search(fold(sentence)):
        return False
    return _stands(sentence, fold(sentence), facts, frozenset(), given=True)


def _stated(clause: str, plain: str, ground: Ground, given: bool, offered: bool) -> bool:
    facts, lang = ground.facts, ground.facts.lang
    if _claims_nothing(plain, ground, offered=offered):
        return True
    if facts.changed and plain in DONE[lang]:
        return True
    if _stands(clause, plain, facts, ground.about, given=given):
        return True
    pieces = [piece.strip() for piece in _CONJUNCTION[lang].split(clause)]
    return len(pieces) > 1 and all(
        _claims_nothing(fold(piece), ground) or _stands(piece, fold(piece), facts, ground.about, given=given)
        for piece in pieces
    )


def _claims_nothing(plain: str, ground: Ground, *, offered: bool = False) -> bool:
    facts = ground.facts
    return claims_nothing(
        plain,
        facts.lang,
        about=ground.about,
        does=ground.does,
        heard=facts.heard,
        facts=facts.stems,
        idle=idle(facts, ground.does),
        offered=offered,
    )


def idle(facts: Facts, does: frozenset[str]) -> frozenset[str]:
    """Stems of what the tools do and, as far as they were run, have not done."""
    return does - facts.done


def _stands(clause: str, plain: str, facts: Facts, about: frozenset[str], *, given: bool) -> bool:
    """Whether a clause's words stand in one fact. ``given``: its sentence names a condition."""
    lang = facts.lang
    words = plain.split()
    days = set(days_in(clause, lang))
    numbers = read_numbers(tokens_of(clause, lang), lang)
    figures = bool(numbers or days)
    meant = content(words, lang, figures=figures)
    if not meant:
        named = {number.value for number in numbers}
        holding = [unit for unit in facts.units if numbers and named <= unit.numbers]
        others = [unit for unit in holding if not unit.told and _for_others(plain, unit, lang)]
        return figures and NEGATIONS[lang].isdisjoint(words) and (given or not others or others != holding)
    for unit in facts.units:
        said = {number.value for number in numbers if _counts(number, unit)}
        if not days <= unit.days or not said <= unit.numbers:
            continue
        own = [word for word in meant if not _beside(word, lang, figures, bool(days), unit)]
        known = _with_opposites(unit.stems, lang)
        absent = [word for word in own if meanings(word, lang).isdisjoint(known)]
        missing = [word for word in absent if meanings(word, lang).isdisjoint(unit.context)]
        known = about | facts.heard if _advises(words, unit, lang) else about
        if any(meanings(word, lang).isdisjoint(known) for word in missing):
            continue
        borne = [word for word in own if word not in absent]
        if not borne and not figures:
            continue
        if figures and any(word in BOUNDS and f" {word} " not in unit.text for word in words):
            continue
        if not (given or unit.told) and _for_others(plain, unit, lang):
            continue
        if not (given or unit.told) and _of_another_kind(plain, unit, facts):
            continue
        if _wider(plain, unit, lang) or (not figures and _done_already(clause, plain, borne, unit, lang)):
            continue
        ours = not unit.told and OURS[lang].search(plain) is not None
        if ours and not OURS[lang].search(unit.text) and not _of_the_house(unit, about, lang):
            continue
        if not _agrees(clause, borne, unit, lang) or not (
            given or _unconditionally(words, borne, unit, lang)
        ):
            continue
        if unit.told or not _personal(clause, plain, unit, lang, bool(missing), figures):
            return True
    return False


def _advises(words: Sequence[str], unit: Unit, lang: str) -> bool:
    """Whether a clause advises what a fact advises: "put it beside the bin", of the caller's sofa."""
    first = next((word for word in words if word not in _POLITE), "")
    return any(
        part.first
        and not meanings(first, lang).isdisjoint(meanings(part.first, lang) - {""})
        and first not in FUNCTION[lang]
        for part in unit.parts
    )


def _done_already(clause: str, plain: str, borne: Sequence[str], unit: Unit, lang: str) -> bool:
    """Whether a clause says that something was done that a result only says is to be: "pay_by"."""
    told = normalise(clause) if lang == "es" else plain
    past = _PAST[lang].search(told) or _PARTICIPLE[lang].search(plain) or _COPULA[lang].search(plain)
    if not unit.to_do or not past:
        return False
    return any(not meanings(word, lang).isdisjoint(unit.to_do) for word in borne)


def _of_another_kind(plain: str, unit: Unit, facts: Facts) -> bool:
    """Whether a clause says what something costs without the word that tells it from another of its kind:
    of a visit what holds for a follow-up visit."""
    lang = facts.lang
    if not _COSTS[lang].search(plain):
        return False
    own, named = _subject(unit, lang), _stems_of(plain.split(), lang)
    shared = own & named
    others = [_subject(other, lang) for other in facts.units if shared and _COSTS[lang].search(other.text)]
    return any(own - theirs and not (own - theirs) & named for theirs in others if shared <= theirs)


def _subject(unit: Unit, lang: str) -> frozenset[str]:
    """Stems of what a fact is about: the words before its verb."""
    before = _VERB[lang].split(unit.text, maxsplit=1)[0]
    return _stems_of(before.split(), lang)


def _stems_of(words: Sequence[str], lang: str) -> frozenset[str]:
    ranks = language(lang).lexicon.ordinals
    meant = [word for word in words if word in ranks or word in content([word], lang, figures=True)]
    return frozenset().union(*(meanings(word, lang) for word in meant))


def _for_others(plain: str, unit: Unit, lang: str) -> bool:
    """Whether a clause says of the caller what a fact says of some people only."""
    return (
        _TO_YOU[lang].search(plain) is not None
        and _TO_YOU[lang].search(unit.text) is None
        and _SOME[lang].search(unit.text) is not None
    )


def _of_the_house(unit: Unit, about: frozenset[str], lang: str) -> bool:
    """Whether a fact says what the business does: "the clinic accepts", said of itself as "we accept"."""
    first = next(iter(content(unit.text.split(), lang, figures=False)), "")
    return not meanings(first, lang).isdisjoint(about)


def _wider(plain: str, unit: Unit, lang: str) -> bool:
    own = set(unit.text.split())
    return any(own.isdisjoint(_any_of(match[0].split())) for match in _WIDER[lang].finditer(plain))


def _any_of(words: Sequence[str]) -> set[str]:
    """What in a fact stands for a word of the kind."""
    return (
        {"any", "another", "other", "cualquier", "cualquiera", "otro", "otra", "otros", "otras"}
        if (words[0] in ("another", "other") or words[0].startswith("otr"))
        else {*words}
    )


def _counts(number: Said, unit: Unit) -> bool:
    """Whether a number must stand in the very fact: what it measures does, and how many there are."""
    if number.measure not in (PLAIN, DATE):
        return True
    return not unit.told and 1 < number.value < CENTS and len(number.text) <= 2


def _beside(word: str, lang: str, figures: bool, days: bool, unit: Unit) -> bool:
    """Whether a word only goes with what is claimed: "now", and what says what a day or an amount is."""
    if word in PRESENT[lang]:
        return True
    if not figures:
        return False
    return (
        (days and word in COMING[lang])
        or word in OF_CLOCKS
        or (unit.told and word in _PARTS_OF_DAY)
        or _of_figures(word, lang, days=days, unit=unit)
    )


def _agrees(clause: str, borne: Sequence[str], unit: Unit, lang: str) -> bool:
    """Whether each part of the clause denies what the fact denies, and nothing else."""
    for piece in parts_of(clause, lang):
        words = fold(piece).split()
        denied = not NEGATIONS[lang].isdisjoint(words)
        if any(word in STRONG and f" {word} " not in unit.text for word in words):
            return False
        here = [word for word in words if word in borne]
        if denied not in (_denials(here, unit, lang) if here else {denied and unit.denies}):
            return False
    return True


def _unconditionally(words: Sequence[str], borne: Sequence[str], unit: Unit, lang: str) -> bool:
    """Whether the fact says it without a condition; advice ("switch it off and on") may be given anyway."""
    if not unit.conditional:
        return True
    meant = frozenset().union(*(meanings(word, lang) for word in borne))
    if any(part.condition and not meant.isdisjoint(part.stems) for part in unit.parts):
        return False
    return words[0] in borne and any(part.first == words[0] for part in unit.parts)


def _of_figures(word: str, lang: str, *, days: bool, unit: Unit) -> bool:
    """Whether a word only says what the day or the amount is that stands beside it."""
    found = meanings(word, lang) | {stem(word, lang)}
    if not found.isdisjoint(OF_AMOUNTS[lang]):
        return True
    return not found.isdisjoint(OF_DAYS[lang]) and (unit.told or not days)


def _with_opposites(stems: frozenset[str], lang: str) -> frozenset[str]:
    opposites = frozenset(OPPOSITES[lang])
    return stems | opposites if stems & opposites else stems


def _denials(words: Sequence[str], unit: Unit, lang: str) -> set[bool]:
    """Whether the fact denies what it says with these words: of each of its parts that has one."""
    meant = frozenset().union(*(meanings(word, lang) for word in words))
    found = {part.denied for part in unit.parts if not meant.isdisjoint(part.stems)}
    one, other = OPPOSITES[lang]
    for mine, theirs in ((one, other), (other, one)):
        if mine in meant:
            found |= {not part.denied for part in unit.parts if theirs in part.stems}
    return found


def _personal(clause: str, plain: str, unit: Unit, lang: str, missing: bool, figures: bool) -> bool:
    """Whether a clause says how the caller's matter is, or was: an article cannot bear that out."""
    words = plain.split()
    if not PRESENT[lang].isdisjoint(words) and not all(
        f" {w} " in unit.text for w in words if w in PRESENT[lang]
    ):
        return True
    said = normalise(clause) if lang == "es" else plain
    for match in _PAST[lang].finditer(said):
        form = fold(match[0])
        if form not in _NOT_PAST and f" {form} " not in unit.text:
            return True
    for match in _COPULA[lang].finditer(plain):
        following = [word for word in match[1].split() if word not in _ADVERBS[lang]]
        if not following or (
            figures and following[0] not in _YOURS and not content(following[:1], lang, figures=True)
        ):
            continue
        copula = plain[match.start() :].split()[0]
        if figures and f" {following[0]}s " in unit.text:
            continue  # "is open from nine" of what opens then
        if missing or not any(
            f" {form} {following[0]} " in _without(unit.text, lang) for form in (copula, *_BE[lang])
        ):
            return True
    return False


_BE = {"es": ("esta", "estan", "es", "son", "queden", "quedan"), "en": ("is", "are", "be", "stay")}


def _without(text: str, lang: str) -> str:
    return f" {' '.join(word for word in text.split() if word not in _ADVERBS[lang])} "
