"""What a sentence names that stands in no fact: numbers, amounts, days and other moments. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from voice.language_model.claim_words import CLAUSES
from voice.language_model.facts import Facts
from voice.language_model.measures import ANY, CENTS, CLOCK, DATE, MONEY, PLAIN, Said, read_numbers, tokens_of
from voice.language_model.moments import days_in, moments_in
from voice.language_model.words import CLOCK_WORDS, MEASURES, ORDINAL_ENDINGS, OTHERWISE, QUANTITIES
from voice.languages import fold, language

SMALL = 10  # a number up to this, in words and measuring nothing, is a way of speaking ("two things")
DICTATED = 3  # so many numbers in a row are read out
_MIXED = re.compile(r"(?<!\w)(?:(\d+)([^\W\d_]+)\w*|[^\W\d_]+\d+\w*)")
_ROMAN = re.compile(r"\b[IVXLCDM]+\b[ \u00a0]+(\S+)")


def strange_days(sentence: str, facts: Facts) -> bool:
    """Whether a day, weekday, month or another moment is named that is in no fact."""
    lang = facts.lang
    return any(day not in facts.days for day in days_in(without_theirs(sentence, facts), lang)) or any(
        not facts.quotes(moment) for moment in moments_in(sentence, lang)
    )


_THEIRS = {
    "es": re.compile(
        r"^(?:y |entonces |asi que )?(?:me |usted )*(?:ha dicho|dice|dijo|menciona|pregunta|se refiere"
        r"|quiere)\b"
    ),
    "en": re.compile(
        r"^(?:and |so )?(?:youve|you have|you) (?:said|mentioned|asked|meant|mean|want)\b|^(?:do"
        r"|did) you mean\b"
    ),
}
_DENIED = {
    "es": re.compile(r"(?<![^ ])no (?:(?:es|era|sera|esta|para|el|la|en) )*$"),
    "en": re.compile(r"(?<![^ ])(?:not|isnt|wasnt|arent) (?:(?:on|for|the|this) )*$"),
}
_WORD = re.compile(r"\w+")


def without_theirs(sentence: str, facts: Facts) -> str:
    """``sentence`` without days that only the caller named, where they are said to be theirs or denied."""
    lang, days = facts.lang, facts.heard_days - facts.days
    kept, end = "", 0
    for word in _WORD.finditer(sentence) if days else ():
        if fold(word[0]) not in days:
            continue
        clause = fold(CLAUSES.split(sentence[: word.start()])[-1]) + " "
        denied = _DENIED[lang].search(clause)
        if denied or _THEIRS[lang].match(clause):
            kept, end = kept + sentence[end : word.start()], word.end()
            if denied:  # with its "not on"
                kept = re.sub(rf"(?:[\w'’]+\W+){{{len(denied[0].split())}}}$", "", kept)
    return kept + sentence[end:]


def strange_numbers(sentence: str, facts: Facts) -> bool:
    """Whether a number is said that is in no fact of its measure. A caller's own long numbers may be
    repeated."""
    lang = facts.lang
    if _disguised(sentence, facts):
        return True
    tokens = tokens_of(sentence, lang)
    if (
        _vague(tokens, facts)
        or _torn(tokens, lang)
        or (_wrong_minutes(fold(sentence), facts) or _wrong_part_of_day(fold(sentence), facts))
    ):
        return True
    found = read_numbers(tokens, lang)
    rows = _rows(found)
    for number, row in zip(found, rows, strict=True):
        if number.measure in (PLAIN, DATE) and (_dictated(row, facts) or _paired(row, facts)):
            continue
        if _stated(number, facts) and len(row) < DICTATED:
            continue
        if not number.figures and number.value <= SMALL and number.measure == PLAIN and len(row) < DICTATED:
            continue
        return True
    return False


def _stated(number: Said, facts: Facts) -> bool:
    known = facts.numbers.get(number.value, set())
    if ANY in known or number.measure in known:
        return True
    if number.measure == PLAIN:
        return bool(known)
    return number.measure in (CLOCK, DATE) and PLAIN in known


def _rows(found: Sequence[Said]) -> list[list[Said]]:
    """For each number those that are said in one row with it."""
    rows: list[list[Said]] = []
    for number in found:
        if rows and rows[-1][-1].end == number.start and number.text and rows[-1][-1].text:
            rows[-1].append(number)
            rows.append(rows[-1])
        else:
            rows.append([number])
    return rows


def _dictated(row: Sequence[Said], facts: Facts) -> bool:
    """Whether a row of numbers is a digit string that is known, or its first or last digits."""
    digits = "".join(number.text for number in row)
    least = min(DICTATED, 4)
    return len(digits) >= least and any(
        known == digits or known.startswith(digits) or known.endswith(digits) for known in facts.ids
    )


def _paired(row: Sequence[Said], facts: Facts) -> bool:
    """ "Twenty twenty-six" for a year, "forty-two fifty" for an amount that is known."""
    if len(row) != 2 or row[1].value >= CENTS:
        return False
    first, second = row[0].value, row[1].value
    if 10 <= first < CENTS and PLAIN in facts.numbers.get(first * CENTS + second, set()):
        return True
    return bool({ANY, MONEY} & facts.numbers.get(first + second / CENTS, set()))


DAY_PARTS = {
    "es": (
        (re.compile(r"\bde la manana\b"), range(5, 13)),
        (re.compile(r"\bde la tarde\b"), range(12, 22)),
        (re.compile(r"\bde la noche\b"), (*range(19, 24), 0, 1)),
        (re.compile(r"\bde la madrugada\b"), range(7)),
    ),
    "en": (
        (re.compile(r"\bin the morning\b"), range(12)),
        (re.compile(r"\bin the afternoon\b"), range(12, 19)),
        (re.compile(r"\bin the evening\b"), range(16, 24)),
        (re.compile(r"\bat night\b"), (*range(19, 24), *range(5))),
    ),
}
_MINUTES = {
    "es": (
        (re.compile(r"\by media\b"), 30),
        (re.compile(r"\by cuarto\b"), 15),
        (re.compile(r"\bmenos cuarto\b"), 45),
    ),
    "en": (
        (re.compile(r"\bhalf past\b"), 30),
        (re.compile(r"\bquarter past\b"), 15),
        (re.compile(r"\bquarter to\b"), 45),
    ),
}


def _wrong_part_of_day(folded: str, facts: Facts) -> bool:
    """ "Seven in the morning" where the only seven there is is 19:00."""
    return bool(facts.hours) and any(
        facts.hours.isdisjoint(hours) and not facts.quotes(match[0])
        for pattern, hours in DAY_PARTS[facts.lang]
        for match in pattern.finditer(folded)
    )


def _wrong_minutes(folded: str, facts: Facts) -> bool:
    """ "Half past five" where no fact is at half past anything."""
    return any(
        CLOCK not in facts.numbers.get(Decimal(minutes), ()) and not facts.quotes(match[0])
        for pattern, minutes in _MINUTES[facts.lang]
        for match in pattern.finditer(folded)
    )


def _vague(tokens: Sequence[str], facts: Facts) -> bool:
    """ "A dozen", "half": words of quantity that are in no fact."""
    lang = facts.lang
    counted = {*MEASURES[lang], *QUANTITIES[lang], *language(lang).lexicon.currency_words}
    for at, token in enumerate(tokens):
        if token not in QUANTITIES[lang] or facts.quotes(token):
            continue
        following = tokens[at + 1] if at + 1 < len(tokens) else ""
        if token not in OTHERWISE or following in counted:
            return True
    return False


def _torn(tokens: Sequence[str], lang: str) -> bool:
    """A number or a day in pieces: "hun dred", "veinti cinco", "c i e n"."""
    lexicon = language(lang).lexicon
    words = {fold(word) for word in language(lang).number_words} | {*lexicon.months, *lexicon.weekdays}
    words = {word for word in words if len(word) > 3}
    row = 0
    for at, token in enumerate(tokens):
        row = row + 1 if len(token) == 1 and token.isalpha() else 0
        if row > DICTATED:
            return True
        pair = tokens[at : at + 2]
        if "".join(pair) in words and len(pair) == 2 and not all(part in words for part in pair):
            return True
    return False


def _disguised(sentence: str, facts: Facts) -> bool:
    """Figures with letters in them ("1OO", "5k") and Roman numerals that measure something."""
    lang = facts.lang
    lexicon = language(lang).lexicon
    measuring = {*MEASURES[lang], *lexicon.currency_words, *lexicon.cent_words}
    for match in _MIXED.finditer(sentence):
        letters = fold(match[2] or "")
        if letters in measuring or letters in CLOCK_WORDS or letters in ORDINAL_ENDINGS:
            continue
        if not facts.quotes(fold(match[0])):
            return True
    return any(fold(match[1]) in measuring for match in _ROMAN.finditer(sentence))
