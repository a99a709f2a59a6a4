"""Prepares the words of a date: ordinals become digits, and times of day, whose numbers are no days,
go. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from voice.languages import Lexicon
from voice.languages.base import word_list
from voice.slots.beside_months import has_day_after, is_rank
from voice.slots.counted_things import without_counts
from voice.slots.date_terms import BUSINESS, DAY_PARTS, PARTS_OF_DAYS, SECOND_TO_LAST, SUFFIXES, UNITS
from voice.slots.durations import OTHER_UNITS
from voice.slots.moments import without_lengths
from voice.slots.numbers import Number, find_numbers, replaced
from voice.slots.times import read_time

_NEARLY = frozenset(word_list("unos unas como aproximadamente casi ya cosa hara about around roughly some"))
_AGO = frozenset({"hara"})
_CLOCK = frozenset(word_list("am pm oclock horas"))
_HALVES_OF_DAY = frozenset(word_list("am pm"))
_CLOCK_MORE = frozenset(word_list("y media cuarto menos punto o oh m"))
_ABOUT = frozenset(word_list("around about roughly approximately"))
_ROUGHLY = frozenset(word_list("like about around roughly say maybe exactly"))  # after "at"


def plain_words(tokens: Sequence[str], lexicon: Lexicon, lang: str) -> list[str]:
    """The words without times of day, hours and approximations, ordinals as digits. Times first: "la primera"
    is not one o'clock."""
    named = _weekdays_named(tokens, lexicon) if lang == "en" else list(tokens)
    named = replaced(named, SECOND_TO_LAST, "penultimate")
    left = without_lengths(_without_times(named, lexicon, lang), lexicon, lang)
    left = without_counts(left, lexicon)
    return _ordinals_as_digits(_exactly(left, lexicon), lexicon)


def _weekdays_named(tokens: Sequence[str], lexicon: Lexicon) -> list[str]:
    """English weekdays as they stand in the lexicon: "friday's" is one, "the Friday one" is no first of a
    month, "I sat down" is no Saturday."""
    out: list[str] = []
    for i, token in enumerate(tokens):
        before, after = (tokens[i - 1] if i else ""), (tokens[i + 1] if i + 1 < len(tokens) else "")
        no_day = token in lexicon.lookalikes and before in _SUBJECTS
        no_day = no_day or (token in _PRONOUNS and (before == "the" or _pointed_at(before, lexicon)))
        plural = len(token) > _SHORT and token.endswith("s") and token[:-1] in lexicon.weekdays
        plural = plural or token in _POSSESSIVES
        one_of_month = token in _PRONOUNS and after in lexicon.months  # "(cancel) the one October third"
        if not no_day or (_begins_day(after, lexicon) and not one_of_month):
            out.append(token[:-1] if plural else token)
    return out


_SHORT = 6  # letters of the shortest weekday
_SUBJECTS = frozenset(word_list("i you he she we they it the who"))
_POSSESSIVES = frozenset(word_list("todays tomorrows yesterdays"))
_PRONOUNS = frozenset({"one"})
_POINTING = frozenset(word_list("next last previous following coming other"))


def _begins_day(token: str, lexicon: Lexicon) -> bool:
    words = (lexicon.months.keys(), lexicon.ordinals.keys(), lexicon.number_words)
    return token[:1].isdecimal() or any(token in known for known in words)


def _pointed_at(token: str, lexicon: Lexicon) -> bool:
    return token in lexicon.weekdays or token in _POINTING


def _exactly(tokens: list[str], lexicon: Lexicon) -> list[str]:
    """Without the words that make a count approximate: "hace unos tres días", "hace cosa de una semana"."""
    if _NEARLY.isdisjoint(tokens):
        return tokens
    out: list[str] = []
    for i, word in enumerate(tokens):
        following = tokens[i + 1 : i + 3]
        counts = bool(following) and (following[0] in lexicon.possible_numbers or following[0].isdecimal())
        counts = counts or (word == "cosa" and following[:1] == ["de"])
        of = word == "de" and tokens[i - 1 : i] == ["cosa"]
        if word in _AGO:
            out.append("hace")
        elif not ((word in _NEARLY and counts) or of):
            out.append(word)
    return out


def _ordinals_as_digits(tokens: Sequence[str], lexicon: Lexicon) -> list[str]:
    out: list[str] = []
    ranked = False
    for i, token in enumerate(tokens):
        value = lexicon.ordinals.get(token)
        if value is not None and _ranks_a_day(tokens, i, value, lexicon):
            if value < 10 and out and out[-1] in lexicon.tens:
                value += lexicon.tens[out.pop()]
            out.append(str(value))
            ranked = value <= _MOST_WEEKS and not (i and tokens[i - 1] in lexicon.months)
        elif not (token in SUFFIXES and out and out[-1].isdecimal()):
            out.append(token)
            # "the first Friday" is one of a month, which nobody names: "Friday the first" is another day
            if ranked and token in lexicon.weekdays and not {*tokens[i + 1 : i + 2]} & _OF:
                out += ["of", "month"]
            ranked = False
    return out


def _ranks_a_day(tokens: Sequence[str], i: int, rank: int, lexicon: Lexicon) -> bool:
    """Spanish counts the days of a month ("el dos") but the first, and ranks other things: "la segunda
    opción", "el segundo"."""
    if not lexicon.tens_joiner or (rank == 1 and tokens[i].endswith(("o", "r"))):
        return True
    near = {*tokens[i + 1 : i + 3], *tokens[max(0, i - 1) : i]}
    return not near.isdisjoint(lexicon.weekdays.keys() | lexicon.months.keys() | UNITS.keys() | BUSINESS)


_MOST_WEEKS = 5  # of a month
_OF = frozenset(word_list("of in de del en next this after before despues antes from last"))


def _without_times(tokens: list[str], lexicon: Lexicon, lang: str) -> list[str]:
    """Drops times of day, whose numbers are not days: "a las tres y media", "at five thirty", "3 pm"."""
    drop = _times_of_day(tokens, lexicon, lang)
    numbers = {n.start: n for n in find_numbers(tokens, lexicon)}
    for start, n in numbers.items():
        after_about = start > 0 and tokens[start - 1] in _ABOUT
        other_day = after_about and has_day_after(tokens, n.end, numbers, lexicon)
        if not other_day and _is_day_of_month(tokens, n, lexicon):
            continue
        lead = 2 if tokens[max(0, start - 2) : start] in (["a", "las"], ["a", "la"]) else 0
        near = start - 1
        while near >= 0 and tokens[near] in _ROUGHLY:
            near -= 1
        lead = start - near if near >= 0 and tokens[near] == "at" else lead
        lead = lead or _about(tokens, n, lang)
        clock = tokens[n.end] in _CLOCK if n.end < len(tokens) else False
        hour = (
            ":" in tokens[start]
            or _before_a_day(tokens, n, lexicon, lang)
            or _after_a_part(tokens, n, lexicon)
        )
        if not (lead or clock or hour or _hour_and_minutes(tokens, n, numbers, lexicon, lang)):
            continue
        end = n.end
        while end < len(tokens) and (_of_a_clock(tokens, end) or end in numbers):
            if end in numbers and (":" in tokens[start] or _is_no_minute(tokens, numbers, end, lexicon)):
                break  # "at three forty five, fifteenth of May"
            whole = tokens[end] in _HALVES_OF_DAY
            end = numbers[end].end if end in numbers else end + 1
            if whole:
                break  # "five pm twenty fifth"
        drop.update(range(start - lead, end))
    return [t for i, t in enumerate(tokens) if i not in drop or _names_day(tokens, i)]


def _is_no_minute(tokens: Sequence[str], numbers: Mapping[int, Number], start: int, lexicon: Lexicon) -> bool:
    """ "(At five) two weeks from now", "(at nine) twenty first"; not "(at five) thirty October third"."""
    number = numbers[start]
    after = tokens[number.end] if number.end < len(tokens) else ""
    if after in lexicon.months and has_day_after(tokens, number.end, numbers, lexicon):
        return False
    ranked = tokens[start] in lexicon.tens and after in lexicon.ordinals
    return ranked or after in UNITS or after in BUSINESS or _is_day_of_month(tokens, number, lexicon)


def _about(tokens: Sequence[str], number: Number, lang: str) -> int:
    """How many words before an hour make it one: "Friday (around) five"; not "about five days"."""
    after = tokens[number.end] if number.end < len(tokens) else ""
    counts = after in UNITS.keys() | BUSINESS | PARTS_OF_DAYS | OTHER_UNITS or after in ("of", *SUFFIXES)
    return int(lang == "en" and not counts and number.start > 0 and tokens[number.start - 1] in _ABOUT)


def _is_day_of_month(tokens: Sequence[str], number: Number, lexicon: Lexicon) -> bool:
    """ "(At) 8th May", "(a las nueve) quince de mayo"; not "(around) five October third"."""
    after = [*tokens[number.end : number.end + 2], "", ""]
    if after[0] in ("de", "of"):
        after.pop(0)
    elif after[0] in lexicon.months and is_rank(tokens, number.end + 1, lexicon):
        return False
    return after[0] in lexicon.months or (after[0] in SUFFIXES and tokens[number.start].isdecimal())


def _of_a_clock(tokens: Sequence[str], i: int) -> bool:
    """Whether a word after an hour belongs to it: of "one pm a week from Friday" the "a" does not."""
    if tokens[i] in ("a", "p"):
        return list(tokens[i + 1 : i + 2]) == ["m"]
    return tokens[i] in _CLOCK | _CLOCK_MORE


def _before_a_day(tokens: Sequence[str], number: Number, lexicon: Lexicon, lang: str) -> bool:
    """ "4 on Wednesday", "for 5 tomorrow": an hour. Not "June 4 on Thursday"."""
    if lang != "en" or not 1 <= number.value <= 12 or tokens[number.start - 1 : number.start] == ["the"]:
        return False
    if lexicon.months.keys() & set(tokens):
        return False
    after = [*tokens[number.end : number.end + 2], "", ""]
    return after[0] in ("tomorrow", "tonight") or (after[0] == "on" and after[1] in lexicon.weekdays)


def _after_a_part(tokens: Sequence[str], number: Number, lexicon: Lexicon) -> bool:
    """ "Saturday evening nine", "mañana por la tarde cuatro": an hour."""
    if tokens[number.start - 1 : number.start] and tokens[number.start - 1] in _DAYPARTS:
        return number.value <= 12 and not lexicon.weekdays.keys().isdisjoint(tokens)
    return False


def _hour_and_minutes(
    tokens: Sequence[str], number: Number, numbers: Mapping[int, Number], lexicon: Lexicon, lang: str
) -> bool:
    """ "Two forty five next Wednesday": figures that are no month and day, beside a weekday."""
    second = numbers.get(number.end)
    if lang != "en" or second is None or number.value > 23 or not lexicon.months.keys().isdisjoint(tokens):
        return False
    quarter = second.value in (15, 30) or 31 < second.value < 60
    return quarter and second.end not in numbers and not lexicon.weekdays.keys().isdisjoint(tokens)


_TURNED = frozenset(word_list("past cuarto"))
_DAYPARTS = frozenset(word_list("tarde noche morning afternoon evening night"))
_WHOSE = frozenset({"esta", "this", "last"})


def _names_day(tokens: Sequence[str], i: int) -> bool:
    """Whether a word of a time tells the day as well: "at eight tonight", "a las ocho de esta noche"."""
    here, before = tokens[i], tokens[i - 1] if i else ""
    if here in _WHOSE:
        return i + 1 < len(tokens) and tokens[i + 1] in DAY_PARTS
    if here == "manana" and before == "de":
        return tokens[i - 2 : i - 1] == ["manana"]  # "de la mañana de mañana"
    return (
        here == "tonight" or (here == "manana" and before != "la") or (here in DAY_PARTS and before in _WHOSE)
    )


def _times_of_day(tokens: list[str], lexicon: Lexicon, lang: str) -> set[int]:
    """The places of a time with numbers of its own: "half past three", "8 de la noche"."""
    found = read_time(tokens, lexicon, lang)
    if found is None or not found.marked:
        return set()
    numbered = any(found.start <= n.start < found.end for n in find_numbers(tokens, lexicon))
    # "half past noon", "la una y cuarto": these words tell no day
    turned = not _TURNED.isdisjoint(tokens[found.start : found.end])
    return set(range(found.start, found.end)) if numbered or turned else set()
