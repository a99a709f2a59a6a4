"""Days that are denied: "not Friday, Saturday", "no este viernes sino el siguiente", "hoy no". Pure.

Only what says no to a day is read here; "no, el viernes", a correction, is left to the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from voice.languages import Language, Lexicon
from voice.languages.base import word_list
from voice.slots.date_terms import NEAR
from voice.slots.reading import Outcome, Parsed, Refused, Why

_NOT = {"en": frozenset({"not"}), "es": frozenset({"no"})}
_BUT = frozenset(word_list("but sino no not pero"))
_RATHER = frozenset(word_list("but sino"))
_MOST_AFTER = 5  # words behind such a day
_ON = frozenset(
    word_list("o or a al to hasta until till through y and ni nor")
)  # two days, none of them denied
_NEAR_WORDS = frozenset(word_list("hoy manana ayer today tomorrow tonight yesterday")) | NEAR.keys()
_EXCEPT = frozenset(word_list("except excepto salvo"))
_ANY = frozenset(word_list("any anything anytime whenever every all cualquier cualquiera todos"))
_BUT_FOR = frozenset(word_list("but menos"))  # after "any day"
_WHICH = frozenset(word_list("next last this"))
_ARTICLES = frozenset(word_list("the el"))
_FOLLOWING = frozenset(word_list("after following siguiente despues"))
_ASKED = 0.5
_MOST_WORDS = 20  # looked at: who says more denies nothing

Read = Callable[[Sequence[str]], Outcome]


def affirmed(tokens: Sequence[str], facts: Language, read: Read) -> Outcome | None:
    """What a sentence that denies a day says instead: the day, or UNSUITED where it names no other. None for
    a sentence that denies none."""
    lexicon, denials = facts.lexicon, _NOT[facts.code]
    if len(tokens) > _MOST_WORDS:
        return None
    if _excepted(tokens, read):
        return Refused(Why.UNSUITED)
    if denials.isdisjoint(tokens):
        return None
    if tokens[-1] == "no":  # "el viernes no", which may be a question as well
        said = read(tokens[:-1])
        return replace(said, confidence=min(_ASKED, said.confidence)) if isinstance(said, Parsed) else None
    start = next((i for i, t in enumerate(tokens) if t in denials or t not in lexicon.fillers), 0)
    start += list(tokens[start : start + 2]) == ["no", "not"]
    if tokens[start] not in denials:
        return _but_another(tokens, facts, read)
    if list(tokens[start + 1 : start + 2]) == ["sure"]:
        return None
    rest = list(tokens[start + 1 :])
    found = _the_next_one(rest, facts, read) or second_of_two(rest, lexicon, read)
    if found is None and facts.code == "en" and _is_day(rest, lexicon) and isinstance(read(rest), Parsed):
        return Refused(Why.UNSUITED)
    return found


def _but_another(tokens: Sequence[str], facts: Language, read: Read) -> Parsed | None:
    """ "(I would like) not this Friday but the next one (please)": a denial inside a sentence."""
    start = next((i for i, t in enumerate(tokens) if t in _NOT[facts.code]), len(tokens))
    rest = list(tokens[start + 1 :])
    if _RATHER.isdisjoint(rest) or isinstance(read(tokens[:start]), Parsed):
        return None
    return _the_next_one(rest, facts, read) or second_of_two(rest, facts.lexicon, read)


def _excepted(tokens: Sequence[str], read: Read) -> bool:
    """ "Any day but Friday", "cualquiera menos el viernes"."""
    any_day = next((i for i, t in enumerate(tokens) if t in _ANY), None)
    start = next((i for i, t in enumerate(tokens) if t in _EXCEPT), None)
    if start is None and any_day is not None:
        start = next((i for i, t in enumerate(tokens) if t in _BUT_FOR and i > any_day), None)
    if start is None or isinstance(read(tokens[:start]), Parsed):
        return False
    return isinstance(read(tokens[start + 1 :]), Parsed)


def _is_day(rest: list[str], lexicon: Lexicon) -> bool:
    """Whether the words begin with a day and name nothing else: not "sure, Friday maybe"."""
    first = next((t for t in rest if t not in lexicon.fillers), "")
    known = lexicon.weekdays.keys() | lexicon.months.keys() | lexicon.ordinals.keys() | _NEAR_WORDS
    return first in known | _WHICH and _BUT.isdisjoint(rest)


def _the_next_one(rest: list[str], facts: Language, read: Read) -> Parsed | None:
    """ "(Not) this Friday, the next one (please)", "(no) mañana, el día siguiente"."""
    ends = range(len(rest), max(2, len(rest) - _MOST_AFTER), -1)
    return next((found for end in ends if (found := _next_one_at_end(rest[:end], facts, read))), None)


def _next_one_at_end(rest: list[str], facts: Language, read: Read) -> Parsed | None:
    phrase = next((p for p in map(str.split, facts.lexicon.next_ones) if rest[-len(p) :] == p), None)
    phrase = phrase or _same_weekday_after(rest, facts.lexicon)
    if phrase is None:
        return None
    denied = rest[: -len(phrase)]
    while denied and denied[-1] in _BUT:
        denied.pop()
    found = read(denied)
    if not isinstance(found, Parsed):
        return None
    away = 1 if facts.lexicon.weekdays.keys().isdisjoint(denied) else 7
    try:
        day = (date.fromisoformat(found.value) + timedelta(away)).isoformat()
    except OverflowError:
        return None
    return Parsed(day, "", min(0.9, found.confidence), "", (found.value,))


def _same_weekday_after(rest: list[str], lexicon: Lexicon) -> list[str] | None:
    """ "(Not this Saturday but) the Saturday after", "(no este sábado, sino) el sábado siguiente"."""
    for phrase in (rest[-3:], rest[-2:]):
        bare = [t for t in phrase if t not in _ARTICLES]
        days = [t for t in bare if t in lexicon.weekdays]
        denied = rest[: -len(phrase)]
        if len(days) == 1 and days[0] in denied and len(bare) == 2 and not _FOLLOWING.isdisjoint(bare):
            return phrase
    return None


def second_of_two(rest: Sequence[str], lexicon: Lexicon, read: Read) -> Parsed | None:
    """ "(Not) the ninth, the tenth": the second of two days that are named alike."""
    for i in range(1, len(rest)):
        right = rest[i:]
        while right and right[0] in _BUT:
            right = right[1:]
        if (
            not right
            or right[0] in _ON
            or _goes_on(rest[:i])
            or _is_one_name(rest[i - 1 : i + 1])
            or not _alike(rest[:i], right, lexicon)
        ):
            continue
        denied, meant = read(rest[:i]), read(right)
        if isinstance(denied, Parsed) and isinstance(meant, Parsed) and denied.value != meant.value:
            return replace(meant, confidence=min(0.9, meant.confidence))
    return None


def _is_one_name(pair: Sequence[str]) -> bool:
    """ "Pasado mañana"."""
    return any(f" {' '.join(pair)} " in f" {name} " for name in NEAR)


def _goes_on(words: Sequence[str]) -> bool:
    """ "Monday or the", before another day."""
    return next((w for w in reversed(words) if w not in _ARTICLES), "") in _ON


def _alike(one: Sequence[str], other: Sequence[str], lexicon: Lexicon) -> bool:
    """Whether both may be days of their own: "friday" and "the ninth" are one."""
    ways = (lexicon.weekdays.keys(), lexicon.months.keys(), lexicon.ordinals.keys())
    if any(not way.isdisjoint(one) and not way.isdisjoint(other) for way in ways):
        return True
    if not (_NEAR_WORDS.isdisjoint(one) and _NEAR_WORDS.isdisjoint(other)):
        return True
    named = any(not way.isdisjoint([*one, *other]) for way in ways)
    return not named and one[:1] == other[:1]  # "el nueve el diez"
