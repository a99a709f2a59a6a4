"""English: how values are said and what callers say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from babel.numbers import get_currency_name

from voice.languages.base import (
    Currency,
    Language,
    Lexicon,
    cardinal,
    ordinal,
    phrase_list,
    word_list,
)

MONTHS = word_list(
    """
    January February March April May June July August September October November December
    """
)
WEEKDAYS = word_list(
    """
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday
    """
)

_UNITS = {cardinal(n, "en"): n for n in range(1, 10)}
_TEENS = {cardinal(n, "en"): n for n in range(10, 20)}
_TENS = {cardinal(n, "en"): n for n in range(20, 100, 10)}
_ORDINALS = {ordinal(n, "en").replace("-", " "): n for n in range(1, 32)}

CURRENCIES = {
    "EUR": Currency("euro", "euros", "cent", "cents"),
    "USD": Currency("dollar", "dollars", "cent", "cents"),
    "GBP": Currency("pound", "pounds", "penny", "pence"),
    "PEN": Currency("sol", "soles", "centimo", "centimos"),
    **{code: Currency("peso", "pesos", "centavo", "centavos") for code in ("MXN", "ARS", "COP", "CLP")},
}

LEXICON = Lexicon(
    zero=frozenset({"zero", "nought", "naught", "zeros", "zeroes"}),
    zero_if_near=frozenset({"oh", "o", "ought", "nil"}),
    units=_UNITS,
    units_if_near={},
    homophones={"to": 2, "too": 2, "for": 4, "won": 1, "ate": 8},
    teens=_TEENS,
    tens={**_TENS, "fourty": 40},
    hundreds={},
    lone_hundreds=frozenset(),
    hundred=frozenset({"hundred", "hundreds"}),
    scales={"thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12, "grand": 1000},
    one_before_scale=frozenset({"a"}),
    tens_joiner="",
    hundred_joiner="and",
    repeats={"double": 2, "triple": 3, "treble": 3, "quadruple": 4},
    ordinals={k: v for k, v in _ORDINALS.items() if " " not in k},
    months={**{m.lower(): i for i, m in enumerate(MONTHS, 1)}, "sept": 9},
    weekdays={
        **{d.lower(): i for i, d in enumerate(WEEKDAYS)},
        **{d.lower()[:3]: i for i, d in enumerate(WEEKDAYS)},
        "tues": 1,
        "weds": 2,
        "thur": 3,
        "thurs": 3,
    },
    fillers=frozenset(
        word_list(
            """
            a ah and are be believe dash er exactly for from hello hi hmm hyphen i id im in is it its just
            let like me my number numbers of oh ok okay on period please point right say see so space sure
            sorry thank thanks that thats the then there think this to uh um us want was we well with would
            yeah yes you your about account customer code digits digit order invoice amount total card phone
            document followed by starts ends begins at have had has got around approximately maybe next dot
            slash day date correct correctly pay should will ill all only here
            """
        )
    ),
    corrections=phrase_list(
        """
        no sorry, sorry, i mean, no wait, wait, correction, scratch that, actually, make that, no i mean, no
        its, or rather, better yet, rather, i meant, i meant to say, what i meant was,
        what i mean is, my mistake, my bad, let me start over, start over,
        excuse me, pardon me, no, not, oops
        """
    ),
    minus=frozenset({"minus", "negative"}),
    decimal_words=frozenset({"point", "dot"}),
    half_words=frozenset({"half"}),
    currency_words=frozenset(
        word_list(
            """
            united states canadian australian usd eur gbp mxn ars cop clp pen euro euros dollar dollars buck
            bucks pound pounds quid peso pesos sol soles sterling mexican colombian argentine chilean
            american us yen yens yuan yuans won franc francs rupee rupees
            ruble rubles rouble roubles reais real krone kronor crowns rand dirham dirhams shekel shekels
            """
        )
    ),
    cent_words=frozenset(
        word_list(
            """
            cent cents penny pennies pence centavo centavos centimo centimos
            """
        )
    ),
    idioms=phrase_list(
        """
        one moment, one second, one sec, one minute, no one, the other one, another one, that one, this one,
        which one, one more time, once more, first of all, first thing, at first, on second thought, on second
        thoughts, twenty four seven, one of these days, one of those days, at one point
        """
    ),
    next_ones=phrase_list(
        """
        the next one, the following one, the one after, the one after that, the week after, the next week,
        the following week, the day after, the day after that, the next day, the following day
        """
    ),
    after_days=frozenset(
        word_list(
            """
            works would is be if at in for suits sounds seems can could should will do does may might best
            fine good great then or so any not no because but which when after before until by tonight
            looks early late too also instead
            """
        )
    ),
    places=frozenset(word_list("street avenue road square lane flat apartment room floor suite extension")),
    lookalikes=frozenset(word_list("sun sat wed")),
    day_first=False,
    day_first_in=frozenset(word_list("GB IE AU NZ ZA IN SG MT GI JM TT BB NG GH KE ZW ZM")),
)

YES = phrase_list(
    """
    yes, yes yes, yes sure, yes correct, yeah sure, yeah that's right, yeah please, uh yes, um yes, uh yes
    please, yes please, yes thanks, yes thank you, yes sir, yes ma'am, yes it is, yes i do, yes that's
    right, yes that's correct, yeah, yeah yeah, yep, yup, ya, sure, sure thing, of course, okay, ok,
    correct, that's correct, that is correct, that's right, that is right, right, that's it, exactly,
    absolutely, definitely, certainly, indeed, affirmative, fine, that's fine, sounds good, sounds right,
    that sounds good, go ahead, please do, i do, it is, i agree, agree, agreed, i confirm, confirm,
    confirmed, true, that's true, perfect, great, good, all right, alright, why not, you bet, uh huh, mm
    hmm, mhm, for sure, no problem, i'd like that, that works, that would work, i would, do it, let's do it,
    let's do that, it's ok, it's okay, it's correct, it's right, that'd be great, by all means, you got it,
    bingo, i guess so, i think so, i don't mind, i will, works for me, looks good, very well, continue
    """
)
NO = phrase_list(
    """
    no, no no, not yes, no not yes, no thanks, no thank you, no sir, no ma'am, no it's not, no it isn't, no
    i don't, nope, nah, no way, not really, of course not, absolutely not, certainly not, definitely not,
    negative, wrong, that's wrong, that is wrong, it's wrong, incorrect, that's incorrect, that's not right,
    that is not right, that's not correct, that is not correct, that isn't right, that isn't correct, that's
    not it, not right, not correct, not ok, not okay, it's not ok, it is not ok, it's not okay, it is not,
    it's not, it isn't, that's not true, not true, false, i disagree, disagree, i don't agree, i don't think
    so, i do not think so, i think not, don't, do not, i don't, i do not, i don't want to, i don't want
    that, i wouldn't, never, not now, not yet, not at all, no chance, i'd rather not, better not, not today,
    cancel, no need, neither, none, i'm fine, no i'm fine, i'm good, no i'm good, i'm okay, no i'm okay, no
    that's fine, no that's okay, no that's all, uh uh, nuh uh, please don't, forget it,
    don't do that
    """
)
NEITHER = phrase_list(
    """
    i don't know, i do not know, don't know, not sure, i'm not sure, i am not sure, no idea, i have no idea,
    maybe, perhaps, it depends, i don't understand, i do not understand, i didn't understand, i don't
    remember, i can't remember, i didn't hear you, i didn't hear, i can't hear you, i can't hear, yes and
    no, i don't get it, i didn't get that, i didn't catch that
    """
)
PERSON = phrase_list(
    """
    person, a person, agent, an agent, operator, the operator, representative, a representative, human, a
    human, somebody, someone, customer service, customer service please, live agent, a live agent, a real
    person, real person, live person, human being, an advisor, advisor, talk to a person, talk to an agent,
    talk to someone, talk to somebody, talk to a human, talk to a representative, speak to a person, speak
    to an agent, speak to someone, speak to a human, speak with a person, speak with an agent, speak with
    someone, speak to a representative, i want to speak to a person, i want to talk to a person, i want to
    speak to an agent, i want an agent, i want a person, i need to speak to someone, i need to talk to
    someone, i need an agent, can i speak to someone, can i talk to someone, can i speak to a person, can i
    talk to a person, can i speak with someone, i'd like to speak to someone, i'd like to speak to a person,
    put me through to an agent, transfer me to an agent, transfer me to a person, connect me to an agent,
    let me speak to a person, let me talk to someone, get me a person, give me an agent, agent please, an
    agent please, operator please, an operator please, a person please, a human please, representative please
    """
)
REPEAT = phrase_list(
    """
    repeat, repeat that, repeat please, repeat that please, please repeat, can you repeat, can you repeat
    that, could you repeat, could you repeat that, would you repeat that, say again, say that again, can you
    say that again, could you say that again, again, again please, one more time, once more, come again,
    what, what did you say, what was that, pardon, pardon me, i beg your pardon, sorry, excuse me, huh, i
    didn't hear, i didn't hear you, i didn't hear that, i didn't catch that, i didn't get that, i don't
    understand, i didn't understand, i didn't understand that, i can't hear you, i couldn't hear you,
    slower, slower please, more slowly, slow down, speak slower, speak more slowly, what's that, sorry what,
    say what, i can't hear anything, i can't hear you well, speak up, louder, sorry what was that, sorry can
    you say that again, sorry could you repeat that
    """
)
BACK = phrase_list(
    """
    back, go back, take me back, i want to go back, previous, previous menu, last menu, main menu, go to the
    main menu, back to the main menu, back to the menu, back to main menu, return, menu, return to the menu,
    return to the main menu, start over, start again, go to the beginning, previous step, step back, go back
    one step, the menu, the main menu
    """
)
HELP = phrase_list(
    """
    help, help me, i need help, can you help me, please help, what can i say, what can i do, what are my
    options, what are the options, options, more options, list the options, what do i say, what should i
    say, i don't know what to say, how does this work, what options are there, what are my choices, give me
    the options
    """
)
WAIT = phrase_list(
    """
    wait, wait a moment, wait a minute, wait a second, one moment, one moment please, one second, one sec,
    just a moment, just a second, just a minute, just a sec, a moment please, hold on, hold on a second,
    hold on a minute, hang on, hang on a second, give me a second, give me a moment, give me a minute, let
    me see, let me check, let me look, let me find it, let me get it, i'm looking for it, bear with me, one
    minute, can you wait, can you wait a moment, can you wait a second, can you hold on, can you hold on a
    second, could you wait a moment, could you wait a second, could you hold on, could you hold on a second,
    could you give me a second, could you give me a moment, hang on a sec, hold on a sec, wait a sec, give me
    a sec, hang on a minute, hang on a moment, hold on a moment, just one second, just one moment, bear with
    me a second, bear with me a moment, can you give me a second, can you give me a moment, can you hang on
    """
)
SWITCH = phrase_list(
    """
    english, in english, english please, in english please, do you speak english, can you speak english,
    speak english, i speak english, i want english, i want to speak english, can we speak english, can we do
    this in english, i'd prefer english, anyone who speaks english, inglés, en inglés, inglés por favor, en
    inglés por favor, habla inglés, hablas inglés, hablan inglés, hablar en inglés, quiero hablar en inglés,
    quiero inglés, prefiero inglés, hello do you speak english, sorry do you speak english, excuse me do you
    speak english, does anyone speak english, is there anyone who speaks english, could we speak english, i'd
    like to speak english, i only speak english, i don't speak spanish, i do not speak spanish, sorry i don't
    speak spanish, no hablo español
    """
)
GREETING = phrase_list(
    """
    hello, hello hello, hi, hi good morning, hi good afternoon, hi good evening, hi there, hello there,
    hey, good morning, good afternoon, good evening, hello good
    morning, hello good afternoon, can you hear me, hello can you hear me, are you there, hello are you there
    """
)
BYE = phrase_list(
    """
    bye, goodbye, bye bye, see you, see you later, thanks bye, thank you bye, thank you goodbye, thanks
    goodbye, bye thank you, okay bye, okay thanks bye, have a nice day
    """
)
UNKNOWN = phrase_list(
    """
    i don't know, i don't know it, i do not know, i do not know it, don't know, i don't have it, i do not
    have it, i don't have one, i don't have it with me, i don't have it here, i don't have that, i don't
    have the number, i don't have the number here, i don't have the number with me, i don't remember, i
    don't remember it, i can't remember, i can't find it, i can't find that, i don't know where it is,
    where is it, where do i find it, where do i find that, where can i find it, no idea, i'm not sure,
    what is that number, it has not arrived, it hasn't arrived, it did not arrive, it didn't arrive, it isn't
    arriving, nothing has arrived, i haven't got it, i haven't got anything, i did not get it, i didn't get
    it, i didn't get anything, i did not get anything, i have not received it, i haven't received it, it
    hasn't arrived yet,
    it has not arrived yet, i haven't received it yet, i haven't got it yet
    """
)
SLOWER = phrase_list(
    """
    slower, slower please, more slowly, slow down, slow down please, speak slower, speak more slowly, can you
    speak slower, could you speak more slowly, not so fast, too fast, you're too fast, slowly, slowly please,
    speak slowly
    """
)
FASTER = phrase_list(
    """
    faster, faster please, speak faster, can you speak faster, speed up, go faster
    """
)
ABILITY = phrase_list(
    """
    what can you do, what can you do for me, what can you help me with, what can you help with, how can you
    help me, what do you do, what can i ask, what can i ask for, what services do you have, what else can you
    do, what else
    """
)
DECLINE = phrase_list(
    """
    i don't want to say, i do not want to say, i'd rather not say, i would rather not say, i prefer not to
    say, i won't say, it's personal, it is personal, it's private, it is private, it's a personal matter, no,
    nothing, never mind, it doesn't matter, none of your business
    """
)
BACKCHANNELS = phrase_list(
    """
    uh huh, mm hmm, mhm, mm, hm, yeah, yeah yeah, yes, yes yes, yep, okay, ok, right, sure, i see, got it,
    all right, alright, ah, oh, oh okay, okay okay, good, great, fine
    """
)
FUNCTION_WORDS = frozenset(
    word_list(
        """
        the an of and to in is it i you my for on with that this was be have has do does did not what where
        when how who which can could would should will want need please hello hi good morning afternoon
        thanks thank your are am im id ive dont its there they he she we me at from or but by if so about
        speak talk help like get know see any some much many tell order bill yes yeah someone
        """
    )
)


@dataclass(frozen=True, slots=True, eq=False)  # one object a language: identity is enough
class English(Language):
    def say_number(self, n: int) -> str:
        return cardinal(n, "en")

    def say_ordinal(self, n: int) -> str:
        return ordinal(n, "en")

    def say_date(self, day: date, today: date) -> str:
        near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get((day - today).days)
        if near:
            return near
        said = f"{WEEKDAYS[day.weekday()]}, {MONTHS[day.month - 1]} {self.say_ordinal(day.day)}"
        return said if day.year == today.year else f"{said}, {say_year(day.year)}"

    def say_time(self, at: time) -> str:
        if at.minute == 0 and at.hour in (0, 12):
            return "midnight" if at.hour == 0 else "noon"
        hour = self.say_number(at.hour % 12 or 12)
        minute = f" oh {self.say_number(at.minute)}" if at.minute < 10 else f" {self.say_number(at.minute)}"
        part = "in the morning" if at.hour < 12 else "in the afternoon" if at.hour < 18 else "in the evening"
        if at.hour >= 21 or at.hour == 0:
            part = "at night"
        return f"{hour}{minute if at.minute else ''} {part}"

    def date_phrases(self, today: date) -> tuple[str, ...]:
        near = ("today", "tomorrow", "the day after tomorrow", "yesterday", "the day before yesterday")
        after = phrase_list(
            """
            on, this, next, last, next week, next month, this month, in a week, in, days
            """
        )
        ahead = phrase_list(
            """
            weeks, from now, ago, the end of the month, sorry, no, the, of, a week from
            """
        )
        weekdays = [d.lower() for d in WEEKDAYS]
        months = [m.lower() for m in MONTHS]
        ordinals = [self.say_ordinal(n).replace("-", " ") for n in range(1, 32)]
        numbers = [self.say_number(n).replace("-", " ") for n in range(1, 32)]
        years = [say_year(today.year + n).replace("-", " ") for n in (-1, 0, 1)]
        return tuple(dict.fromkeys((*near, *weekdays, *months, *after, *ahead, *ordinals, *numbers, *years)))

    def _count(self, n: int, one: str, many: str, feminine: bool) -> str:
        return f"{self.say_number(n)} {one if n == 1 else many}"

    def _join_money(self, parts: list[str]) -> str:
        return " and ".join(parts)

    def _other_currency(self, code: str) -> Currency:
        one, many = (str(get_currency_name(code, count, locale="en")) for count in (1, 2))
        return Currency(one, many, "cent", "cents")


def say_year(year: int) -> str:
    """A year in words: "twenty twenty-six", "two thousand five", "nineteen hundred"."""
    century, rest = divmod(year, 100)
    if year >= 10000 or century < 10 or (century % 10 == 0 and rest < 10):
        return cardinal(year, "en").replace(" and ", " ")
    tail = "hundred" if rest == 0 else f"oh {cardinal(rest, 'en')}" if rest < 10 else cardinal(rest, "en")
    return f"{cardinal(century, 'en')} {tail}"


def _number_words() -> tuple[str, ...]:
    words = ["zero", "oh", *_UNITS, *_TEENS, *_TENS]
    return (*words, "hundred", "thousand", "million", "and", "a")


ENGLISH = English(
    code="en",
    yes_phrases=YES,
    no_phrases=NO,
    neither_phrases=NEITHER,
    person_phrases=PERSON,
    repeat_phrases=REPEAT,
    back_phrases=BACK,
    help_phrases=HELP,
    wait_phrases=WAIT,
    digit_words=("zero", "oh", *_UNITS, "double", "triple"),
    number_words=_number_words(),
    backchannels=BACKCHANNELS,
    switch_phrases=SWITCH,
    greeting_phrases=GREETING,
    bye_phrases=BYE,
    unknown_phrases=UNKNOWN,
    decline_phrases=DECLINE,
    slower_phrases=SLOWER,
    faster_phrases=FASTER,
    ability_phrases=ABILITY,
    please="please",
    currencies=CURRENCIES,
    minus_word="minus",
    lexicon=LEXICON,
    function_words=FUNCTION_WORDS,
    clock_words=phrase_list(
        """
        half an hour, an hour and a half, a quarter of an hour, and a half, half past, quarter past, quarter
        to, o'clock, noon, midnight, at, in the morning, in the afternoon, in the evening, at night, an
        hour, a day, a week, a month, a year
        """
    ),
    duration_words={
        "Y": ("year", "years", False),
        "O": ("month", "months", False),
        "W": ("week", "weeks", False),
        "D": ("day", "days", False),
        "H": ("hour", "hours", False),
        "M": ("minute", "minutes", False),
        "S": ("second", "seconds", False),
    },
)
