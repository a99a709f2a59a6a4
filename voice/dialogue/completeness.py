"""Whether what a caller has said so far is a whole answer to what is being asked. Pure.

Asked of every partial transcript; the answer decides how much silence ends the turn. Nothing here reads an
answer for good: a wrong guess costs the caller a moment, or the end of a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache

from voice.dialogue.checks import CHECKS, check_named
from voice.languages import fold, language
from voice.languages.base import phrase_list, word_list
from voice.model import Completeness, Expect, ExpectKind
from voice.slots.choices import read_yes_no
from voice.slots.contacts import begins_email, ends_email
from voice.slots.reader import parse
from voice.slots.reading import MAX_TEXT
from voice.slots.spelling import read_codes, read_spelled
from voice.slots.time_words import says_minutes, says_part_of_day

CORRECTION = "correction"  # the meaning of phrases that may follow a "no"
_POLAR = frozenset({"yes", "no"})
_ANY_DAY = date(2026, 1, 1)  # what counts here is whether the words are a date, not which
_ANY_TIME = time(12)
_LONGEST = 40  # digits
_MOST_CODES = 6  # readings of a dictated code that are tried
_SHORT_CARD = 15  # American Express has 15 digits, most others 16
_CODES = frozenset(
    {ExpectKind.PHONE, ExpectKind.POSTCODE, ExpectKind.IDENTIFIER, ExpectKind.CARD, ExpectKind.IBAN}
)

_FILLED_PAUSES = {
    "es": frozenset(word_list("eh em ehm este esto mm hm ah pues bueno digamos osea")),
    "en": frozenset(word_list("uh um uhm er erm mm hm ah well like")),
}
_ALSO_HESITATIONS = {
    "es": ("a ver",),
    "en": ("so",),
}  # alone; at the end of a sentence they may be part of it
# No sentence ends in these: whoever stops there is looking for the next word.
_LEADING_ON = {
    "es": frozenset(
        word_list(
            """
            y e o u ni pero porque que con sin de del al a el la los las un una unos unas en por para mi mis
            su sus tu es son como cuando si entre desde hasta muy mas doble triple arroba guion punto coma
            """
        )
    ),
    "en": frozenset(
        word_list(
            """
            and or but because that with without of from to the a an in on for my your his her is are was
            like when if between until very double triple at dot dash underscore hyphen point
            """
        )
    ),
}
_NEAR_DAYS = {"es": ("hoy", "manana"), "en": ("today", "tomorrow")}
# What spelling and e-mail addresses are made of, beside single letters.
_SPELLED = {
    "es": frozenset(
        word_list(
            """
            be ce de efe ge hache jota ka ele eme ene pe cu erre ere ese te uve ve equis ye zeta arroba
            punto guion mayuscula minuscula
            """
        )
    ),
    "en": frozenset(
        word_list(
            """
            ay bee cee dee ee eff gee aitch jay kay el em en pee cue ar ess tee you vee double ex wye zee zed
            at dot dash underscore hyphen uppercase lowercase capital
            """
        )
    ),
}
_ALSO_BACKCHANNELS = {
    "es": phrase_list("aja, mm hm, mm mm, uhu, ok ok, ya veo, claro claro, correcto, genial"),
    "en": phrase_list("uhuh, mm mm, aha, ok ok, yep yep, right right, sure sure"),
}


def completeness(expect: Expect, text: str) -> Completeness:
    """How far ``text``, heard so far, answers ``expect``."""
    words = fold(text[:MAX_TEXT]).split()
    if not words:
        return Completeness.EMPTY
    pauses = _FILLED_PAUSES.get(expect.lang, frozenset())
    said = [word for word in words if word not in pauses]
    phrases = _table(expect.phrases, expect.meanings)
    # "mm" and "bueno" may be answers themselves: as they stand first, then without what fills pauses
    closed = _closed(words, phrases, expect) or _closed(said, phrases, expect)
    hesitates = words[-1] in pauses or _leads_on(said, expect)
    if closed is not None and expect.digits:
        return Completeness.OPEN  # more often a digit misheard than a wish
    if closed is Completeness.COMPLETE or (closed is not None and not hesitates):
        return closed
    if hesitates:
        return Completeness.HESITATING
    return _open(" ".join(said), said, expect, phrases)


def _leads_on(said: Sequence[str], expect: Expect) -> bool:
    """A lone "that" where a yes is awaited is a word misheard rather than a sentence begun."""
    alone = len(said) < 2 and expect.kind is ExpectKind.YES_NO
    return bool(said) and not alone and said[-1] in _LEADING_ON.get(expect.lang, ())


def is_backchannel(text: str, lang: str) -> bool:
    """Whether ``text`` is nothing but signs of listening ("ajá", "sí, sí", "uh-huh", "okay, right")."""
    words = fold(text[:MAX_TEXT]).split()
    signs = _backchannels(lang)
    return bool(words) and _covered(words, signs) is not None


def is_hesitation(text: str, lang: str) -> bool:
    """Whether ``text`` is nothing but what callers say while they look for words ("eh", "a ver", "um")."""
    words = fold(text[:MAX_TEXT]).split()
    return bool(words) and _covered(words, _hesitations(lang)) is not None


def meaning_of(expect: Expect | None, text: str) -> str:
    """What ``text`` means among the phrases that may be said; "" when it is none of them."""
    return "" if expect is None else _table(expect.phrases, expect.meanings).meaning_of(fold(text).split())


def answers_with_backchannel(expect: Expect | None, text: str) -> bool:
    """Whether a sign of listening is an answer to ``expect``: a yes or a no may be said, and it is one."""
    if expect is None:
        return False
    if expect.kind is ExpectKind.YES_NO and read_yes_no(text, language(expect.lang)):
        return True
    said = _table(expect.phrases, expect.meanings).meaning_of(fold(text).split())
    return said in ("yes", "no")


# --- phrases ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Table:
    """Phrases by their words, what each means, and what else each may become."""

    meanings: Mapping[tuple[str, ...], str]
    begun: Mapping[tuple[str, ...], frozenset[str]]  # proper prefixes, with the meanings they may lead to
    all_meanings: frozenset[str]

    def meaning_of(self, words: Sequence[str]) -> str:
        found = _covered(words, self.meanings)
        meant = {self.meanings[phrase] for phrase in found or ()}
        return meant.pop() if len(meant) == 1 else ""


@lru_cache(maxsize=64)
def _table(phrases: tuple[str, ...], meanings: tuple[str, ...]) -> _Table:
    """A menu's 700 phrases take about 2 ms, once; it is the same table for all calls."""
    meant: dict[tuple[str, ...], str] = {}
    begun: dict[tuple[str, ...], set[str]] = {}
    for place, phrase in enumerate(phrases):
        words = tuple(fold(phrase).split())
        meaning = meanings[place] if meanings else ""
        if not words or meant.setdefault(words, meaning) != meaning:
            continue
        for size in range(1, len(words)):
            begun.setdefault(words[:size], set()).add(meaning)
    return _Table(meant, {k: frozenset(v) for k, v in begun.items()}, frozenset(meanings))


@lru_cache(maxsize=8)
def _backchannels(lang: str) -> Mapping[tuple[str, ...], str]:
    signs = (*language(lang).backchannels, *_ALSO_BACKCHANNELS.get(lang, ()))
    return {tuple(fold(sign).split()): "" for sign in signs}


@lru_cache(maxsize=8)
def _hesitations(lang: str) -> Mapping[tuple[str, ...], str]:
    alone = [(word,) for word in _FILLED_PAUSES.get(lang, ())]
    return dict.fromkeys([*alone, *(tuple(one.split()) for one in _ALSO_HESITATIONS.get(lang, ()))], "")


def _covered(
    words: Sequence[str], phrases: Mapping[tuple[str, ...], str]
) -> tuple[tuple[str, ...], ...] | None:
    """The phrases, longest first from the left, that ``words`` are made of; None when words are left."""
    found: list[tuple[str, ...]] = []
    longest = max(map(len, phrases), default=0)
    at = 0
    while at < len(words):
        for size in range(min(longest, len(words) - at), 0, -1):
            phrase = tuple(words[at : at + size])
            if phrase in phrases:
                found.append(phrase)
                at += size
                break
        else:
            return None
    return tuple(found)


def _closed(words: Sequence[str], table: _Table, expect: Expect) -> Completeness | None:
    """The verdict on words made of whole phrases with one meaning; None when they are not."""
    meaning = table.meaning_of(words)
    if not meaning:
        return None
    if meaning not in _POLAR and set(words) <= _FILLED_PAUSES.get(expect.lang, frozenset()):
        return None  # "¿eh?" asks to repeat; far more often it is a breath before the answer
    may_correct = CORRECTION in table.all_meanings or bool(expect.kinds)
    if meaning == CORRECTION or (meaning == "no" and may_correct):
        return Completeness.EXTENSIBLE  # "no, ... el quince", "el quince ... de marzo"
    if expect.digits and set(words) <= set(language(expect.lang).digit_words):
        return None
    last = (_covered(words, table.meanings) or ((),))[-1]
    ahead = table.begun.get(last, frozenset()) | table.begun.get(tuple(words), frozenset())
    if meaning in _POLAR:
        return Completeness.COMPLETE  # nobody stops for a quarter of a second within "no problem"
    return Completeness.EXTENSIBLE if ahead - {meaning} else Completeness.COMPLETE


# --- what is not a list of phrases ------------------------------------------------------------------


def _open(text: str, words: Sequence[str], expect: Expect, table: _Table) -> Completeness:
    kind = expect.kind
    if kind is ExpectKind.DIGITS:
        return _digits(text, expect)
    if kind in (ExpectKind.AMOUNT, ExpectKind.DATE):
        known = parse(kind, text, expect.lang, today=_ANY_DAY)
        if known is None:
            return Completeness.UNFINISHED
        return _amount(words, expect.lang) if kind is ExpectKind.AMOUNT else _date(words, expect.lang)
    if kind in (ExpectKind.INTEGER, ExpectKind.TIME, ExpectKind.DURATION):
        known = parse(kind, text, expect.lang, today=_ANY_DAY, at=_ANY_TIME)
        if known is None:
            return Completeness.UNFINISHED
        return _time(words, expect.lang) if kind is ExpectKind.TIME else Completeness.EXTENSIBLE
    if kind in _CODES:
        return _code(text, expect)
    if kind is ExpectKind.EMAIL:
        whole = ends_email(words) and parse(kind, text, expect.lang, today=_ANY_DAY)
        return _email(words) if whole else Completeness.UNFINISHED
    if kind is ExpectKind.TEXT:
        passes = CHECKS.get(expect.check)
        spelled = read_spelled(text, expect.lang, language(expect.lang).lexicon) if passes else None
        if passes is not None and spelled and passes(spelled):
            return Completeness.COMPLETE
        return _free(words, expect.lang)
    if kind is ExpectKind.YES_NO and not expect.meanings:
        sure = read_yes_no(text, language(expect.lang))
        return Completeness.COMPLETE if sure and sure[1] >= 1.0 else Completeness.OPEN
    return Completeness.UNFINISHED if _begun(words, table) else Completeness.OPEN


def _amount(words: Sequence[str], lang: str) -> Completeness:
    """ "Quince euros" may go on with cents; said cents are the end."""
    return (
        Completeness.COMPLETE if words[-1] in language(lang).lexicon.cent_words else Completeness.EXTENSIBLE
    )


def _date(words: Sequence[str], lang: str) -> Completeness:
    """ "El quince" may go on with a month; a day with its month is a date, and so is "mañana"."""
    if _ends_a_date(words, lang):
        return Completeness.COMPLETE
    return Completeness.COUNTED if words[-1] in _NEAR_DAYS.get(lang, ()) else Completeness.EXTENSIBLE


def _time(words: Sequence[str], lang: str) -> Completeness:
    if says_part_of_day(words, lang):
        return Completeness.COMPLETE
    return Completeness.COUNTED if says_minutes(words, lang) else Completeness.EXTENSIBLE


def _email(words: Sequence[str]) -> Completeness:
    """An address that ends as most do; "punto co" may become "punto com" and "punto co punto uk"."""
    return Completeness.EXTENSIBLE if words[-1] == "co" else Completeness.COUNTED


def _ends_a_date(words: Sequence[str], lang: str) -> bool:
    """Whether a day and its month end the words: "quince de marzo", "march fifteenth"; to "march twenty" a
    "first" may be added."""
    lexicon = language(lang).lexicon
    if words[-1] in lexicon.months:
        return len(words) > 1
    return words[-1] in lexicon.ordinals and not lexicon.months.keys().isdisjoint(words)


def _begun(words: Sequence[str], table: _Table) -> bool:
    """Whether the last words are the beginning of a phrase and not the end of one."""
    for start in range(len(words)):
        tail = tuple(words[start:])
        if tail in table.meanings:
            return False
        if tail in table.begun:
            return True
    return False


def _digits(text: str, expect: Expect) -> Completeness:
    read = parse(ExpectKind.DIGITS, text, expect.lang, min_length=1, max_length=_LONGEST, today=_ANY_DAY)
    if read is None:
        return Completeness.UNFINISHED
    length = len(read.value)
    longest = expect.longest or _LONGEST
    if length < expect.shortest:
        return Completeness.UNFINISHED
    passes = CHECKS.get(expect.check)
    if passes is not None:
        return Completeness.COMPLETE if passes(read.value) else Completeness.EXTENSIBLE
    return Completeness.COUNTED if length == longest else Completeness.EXTENSIBLE


def _code(text: str, expect: Expect) -> Completeness:
    """A phone, card or document is whole when it passes its test. Nothing can be added to most of them; a
    phone or a postcode has nothing that checks its digits, and a card may go on after a lucky prefix."""
    passes = check_named(expect.check)
    lexicon = language(expect.lang).lexicon
    codes = [code for code, _ in read_codes(text, expect.lang, lexicon)[:_MOST_CODES]]
    right = next((code for code in codes if passes is not None and passes(code)), None)
    if right is None:
        return Completeness.UNFINISHED
    if expect.kind in (ExpectKind.PHONE, ExpectKind.POSTCODE):
        return Completeness.COUNTED
    short_card = expect.kind is ExpectKind.CARD and len(right) < _SHORT_CARD
    return Completeness.EXTENSIBLE if short_card else Completeness.COMPLETE


def _free(words: Sequence[str], lang: str) -> Completeness:
    """Free text says nothing about its end, but spelling and e-mail addresses do."""
    if begins_email(words, lang):
        return _email(words) if ends_email(words) else Completeness.UNFINISHED
    spelled = _SPELLED.get(lang, frozenset())
    tail = words[-2:]
    if len(tail) == 2 and all(len(word) == 1 or word in spelled for word in tail):
        return Completeness.UNFINISHED
    return Completeness.OPEN
