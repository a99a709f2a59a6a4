"""Days and times that do not suit: "I can't on Friday", "el viernes no puedo, el lunes sí". Pure.

Limits ("I can't before Friday") are left alone, and where something else cannot be done ("I can't get into
my account, come on Friday") the day is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from voice.languages import Language
from voice.languages.base import word_list
from voice.slots.denials import Read, second_of_two
from voice.slots.reading import Outcome, Parsed, Refused, Why
from voice.slots.time_words import says_part_of_day


def _any(phrases: str, after: str = "") -> str:
    """A pattern for one of ``phrases``, which are separated by commas, with ``after`` right behind it."""
    return "(?:(?:" + "|".join(" ".join(phrase.split()) for phrase in phrases.split(",")) + ")" + after + ")"


_CANNOT = _any(
    """cant, cannot, can not, wont be able to, will not be able to, am not able to, im not able to,
    are not able to, unable to, dont have time, do not have time, have no time, dont want,
    do not want, dont like, do not like, would rather not, id rather not"""
)
_COME = _any("it, to, do, make it, make, come in, come, be in, be there, be home, go, on, at, for")
_DOES_NOT = _any("doesnt, does not, wont, will not, wouldnt, would not, isnt, is not, not")
_SUIT = _any("work, suit, do, fit, good, possible, convenient, be possible")
_AM = _any("im, i am, we are, were, ill be, i will be")
_AWAY = _any(
    """not free, not available, not here, not in, busy, away, tied up, booked, out of town, on holiday,
    on vacation"""
)
_NO_PUEDO = _any(
    """puedo, podemos, puede, pueden, podria, podre, podriamos, podremos, podra, voy a poder, va a poder,
    vamos a poder, es posible, tengo hueco, tengo libre, tengo tiempo, estoy, estamos, estare, quiero,
    queremos, quisiera, me gusta, me gustaria"""
)
_VA = _any("va, viene, sirve, conviene, cuadra, queda, es posible, da tiempo, acomoda")
_IR = _any(
    """que sea, que vengan, que venga, bien, ser, ir, venir, acudir, asistir, libres?, disponibles?, hacerlo,
    en casa"""
)
_UNABLE = {
    "en": re.compile(
        rf"\b{_any('i, we, he, she, they, you, really, just', ' ')}*{_CANNOT}\b(?: {_COME}\b)*"
        rf"|\b{_any('it, that', ' ')}?{_DOES_NOT} (?:really )?(?:going to )?{_SUIT}\b"
        r"(?P<whom> (?:for )?(?:me|us)\b(?: (?:on|at)\b)?)?"
        r"|\b(?:is|its|would be) (?:no good|impossible)\b(?: for (?:me|us)\b)?"
        r"|\b(?:is|are|would be) (?:a )?(?:very |really )?bad (?:day |time )?for (?:me|us)\b"
        rf"|\b{_AM} {_AWAY}\b(?: (?:on|at)\b)?"
    ),
    "es": re.compile(
        rf"\b{_any('ya, pues, yo, lo, la', ' ')}*(?:no|tampoco) (?:{_NO_PUEDO}|(?:me|nos|le|les) {_VA})\b"
        rf"(?! segur)(?: {_IR}\b)*"
        r"|\b(?:(?:me )?es )?imposible\b"
        r"|\b(?:me|nos|le|les) (?:va|viene|queda) (?:muy )?(?:mal|fatal)\b"
        r"|\b(?:estoy|estamos|estare|lo tengo|tengo) (?:muy )?(?:ocupad[oa]s?|liad[oa]s?|fuera|de viaje)\b"
    ),
}
_LIMITS = frozenset(
    word_list(
        """
        until till before after since from earlier later sooner than other else except only any anything
        hasta antes despues desde mas otro otra sino salvo excepto solo cualquier
        """
    )
)
_JOINED = frozenset(word_list("y e and ni nor o u or to a al"))  # two that do not suit
_ANOTHER_CLAUSE = frozenset(word_list("but so please pero asi quiero mejor prefiero want"))
_NEITHER = frozenset(word_list("tampoco either neither"))
_BEFORE_DAY = frozenset(word_list("el la las a para este the this on at"))
_IF = frozenset(word_list("if si"))
_NEAR = 5  # words where a limit may stand
_MOST_WORDS = 20  # looked at: each place where a second value may begin is read
_ASKED = 0.5
_SURE = 0.9


def other_than_unable(
    tokens: Sequence[str], facts: Language, known: frozenset[str], read: Read
) -> Outcome | None:
    """What a sentence about a day or time that does not suit says instead: a value, or UNSUITED. None for a
    sentence that tells no such thing. ``known`` are the words that days and times may have."""
    match = _UNABLE[facts.code].search(" ".join(tokens)) if len(tokens) <= _MOST_WORDS else None
    if match is None:
        return None
    said = match.string
    head, tail = said[: match.start()].split(), said[match.end() :].split()
    if not _LIMITS.isdisjoint([*head[-_NEAR:], *tail[:_NEAR]]):
        return None
    if _UNABLE[facts.code].search(" ".join(tail)):
        return other_than_unable(tail, facts, known, read)
    known |= facts.lexicon.possible_numbers
    found = _instead(head, tail, _subject_alone(match), known, facts, read)
    if found is None or (isinstance(found, Refused) and match[0].endswith(" ser")):  # "¿no puede ser mañana?"
        start = next((i for i, word in enumerate(tail, 1) if word in _ANOTHER_CLAUSE), len(tail))
        if found is None and _is_value(tail[start:], read):
            return None
        asked = read(tokens)
        return replace(asked, confidence=min(_ASKED, asked.confidence)) if isinstance(asked, Parsed) else None
    if isinstance(found, Parsed) and {*head[:1]} & _IF:
        return Refused(Why.SEVERAL)  # "if Friday doesn't work, Monday"
    return found


def is_denied(tokens: Sequence[str], start: int, end: int, facts: Language) -> bool:
    """Whether a day or time in the middle of a sentence, ``tokens[start:end]``, is said not to suit."""
    head, tail = list(tokens[max(0, start - _MOST_WORDS) : start]), list(tokens[end : end + _MOST_WORDS])
    if not _LIMITS.isdisjoint([*head[-_NEAR:], *tail[:_NEAR]]):
        return False
    while head and head[-1] in _BEFORE_DAY:
        head.pop()
    before, pattern = " ".join(head), _UNABLE[facts.code]
    if any(m.end() == len(before) and not _subject_alone(m) for m in pattern.finditer(before)):
        return True
    after = pattern.match(" ".join(tail))
    return after is not None and not after[0].endswith(" ser")


def _subject_alone(match: re.Match[str]) -> bool:
    """Whether only what stands before can be what does not suit: "it doesn't work (on Mondays)"."""
    return "work" in match[0].split() and not match["whom"]


def _instead(
    head: list[str], tail: list[str], subject: bool, known: frozenset[str], facts: Language, read: Read
) -> Outcome | None:
    """The value that is not denied, UNSUITED when all are; None where none certainly is."""
    before, after = _run(head[::-1], known)[::-1], _run(tail, known)
    before = [] if facts.lexicon.fillers.issuperset(before) else before
    if _is_value(before, read):
        denied, others = before, (head[: -len(before)], tail)
    elif before or subject:
        return None
    elif (second := second_of_two(tail, facts.lexicon, read)) is not None:
        return second
    elif _is_value(after, read):
        denied, others = after, (tail[len(after) :], head)
    else:
        return None
    if not _NEITHER.isdisjoint(tail):
        return Refused(Why.UNSUITED)
    for part in others:
        found = read(part)
        if isinstance(found, Parsed) and not _JOINED & {*part[:1], *part[-1:]}:
            return replace(found, confidence=min(_SURE, found.confidence))
    parts = (denied, *(tail[:end] for end in range(1, _NEAR)))
    in_part = any(says_part_of_day(part, facts.code) for part in parts)
    return None if in_part else Refused(Why.UNSUITED)  # who cannot on Friday morning may on Friday


def _run(words: Sequence[str], known: frozenset[str]) -> list[str]:
    """The first of ``words`` that belong to days and times."""
    return list(takewhile(lambda word: word in known or word[:1].isdecimal(), words))


def _is_value(words: Sequence[str], read: Read) -> bool:
    return bool(words) and isinstance(read(words), Parsed)
