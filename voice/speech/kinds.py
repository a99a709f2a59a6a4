"""Named sub-grammars: what spelled letters, numbers, grouped digits, dates and times are made of.

Each kind is a list of sentences for a bigram. They are not all that can be said: every class of words (tens,
hundreds, months) appears after and before every class it goes with, so that the bigram knows what may
follow what, and a back-off allows the rest. Words that are always said together ("treinta_y_uno") are one
unit, so that the back-off cannot take them apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import cycle

from voice.speech import lead_ins
from voice.speech.phrases import all_pairs, digit_words

LETTERS, NUMBERS, GROUPS, DATES, TIMES = "letters", "numbers", "groups", "dates", "times"
DIGITS = "digits"  # after a "no" to a number read back; a number that is asked for has a loop of its own
KINDS = (LETTERS, NUMBERS, GROUPS, DATES, TIMES, DIGITS)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.split(","))


_ES_UNITS = _words("uno dos tres cuatro cinco seis siete ocho nueve")
_ES_TEENS = _words(
    """diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veintiuno veintidós
    veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve veintiún veintiuna"""
)
_ES_TENS = _words("veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa")
_ES_HUNDREDS = _words(
    """ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos
    doscientas trescientas cuatrocientas quinientas seiscientas setecientas ochocientas novecientas"""
)
_ES_MONEY = _words("euros pesos dólares soles libras euro peso dólar sol libra")
_ES_CENTS = _words("céntimos centavos céntimo centavo peniques penique")
_ES_MONTHS = _words(
    "enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre"
)
_ES_WEEKDAYS = _words("lunes martes miércoles jueves viernes sábado domingo")
_ES_DAYS = (*_ES_UNITS, *_ES_TEENS[:19], "primero", "veinte", "treinta", "treinta_y_uno")
_ES_LETTERS = _phrases(
    """
    a, be, be alta, be larga, ce, de, e, efe, ge, hache, i, i latina, jota, ka, ele, eme, ene, eñe, o, pe,
    cu, erre, ere, ese, te, u, uve, ve, ve chica, ve corta, uve doble, doble uve, doble ve, doble u, ve doble,
    equis, i griega, ye, zeta
    """
)
_ES_ALPHABET = {
    letter: tuple(names.split())
    for letter, names in (
        entry.split(":")
        for entry in _phrases(
            """
            a:ávila ana antonio, be:barcelona burgos, ce:carlos casa, de:dedo daniel, e:españa elena,
            efe:francia francisco, ge:gato girona, hache:huelva hotel, i:italia isabel, jota:juan jaén,
            ka:kilo, ele:león luis, eme:madrid maría, ene:navarra nicolás, eñe:ñoño, o:oviedo óscar,
            pe:pedro parís, cu:queso, erre:roma ramón, ese:sevilla susana, te:toledo teresa, u:úrsula uva,
            uve:valencia víctor, ve:venezuela, equis:xilófono, ye:yolanda, i griega:yate, zeta:zaragoza zapato
            """
        )
    )
}
_ES_SIGNS = _phrases(
    """
    arroba, punto, punto com, punto es, guion, guion bajo, barra, barra baja, arroba gmail punto com,
    arroba hotmail punto com, punto mx, punto net, punto org
    """
)

_EN_UNITS = _words("one two three four five six seven eight nine")
_EN_TEENS = _words("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
_EN_TENS = _words("twenty thirty forty fifty sixty seventy eighty ninety")
_EN_MONEY = _words("dollars euros pounds pesos dollar euro pound peso bucks")
_EN_CENTS = _words("cents cent pence penny pennies")
_EN_MONTHS = _words("january february march april may june july august september october november december")
_EN_WEEKDAYS = _words("monday tuesday wednesday thursday friday saturday sunday")
_EN_ORDINALS = _words(
    """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
    fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth"""
)
_EN_DAYS = (
    *_EN_ORDINALS,
    *(f"twenty_{word}" for word in _EN_ORDINALS[:9]),
    "thirty_first",
    *_EN_UNITS,
    *_EN_TEENS,
    "twenty",
    *(f"twenty_{word}" for word in _EN_UNITS),
    "thirty",
    "thirty_one",
)
_EN_LETTERS = (*"abcdefghijklmnopqrstuvwxyz", "double u", "zee", "zed")
_EN_ALPHABET = _words(
    """
    alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa
    quebec romeo sierra tango uniform victor whiskey xray yankee zulu
    """
)
_EN_OTHER_NAMES = _words(
    """
    apple boy cat dog egg frank george henry ida john king larry mary nancy ocean peter queen robert sam
    tom uncle victor william xylophone yellow zebra
    """
)
_EN_SIGNS = _phrases(
    """
    at, dot, dot com, dot net, dot org, dash, hyphen, underscore, slash, at gmail dot com,
    at hotmail dot com
    """
)
_START = 10  # weight of what may be said alone, where a walk through all pairs stands beside it


@cache
def sentences(lang: str, kind: str) -> tuple[str, ...]:
    """What the bigram of a kind is estimated from, repeated by weight. Raises KeyError for another kind."""
    return tuple(_KINDS[lang, kind]())


@cache
def words(lang: str) -> frozenset[str]:
    """Every word that the kinds of a language need."""
    said = [label.replace("_", " ") for label in _labels(lang)]
    said += [lead_ins.words_of(label) or "" for label in lead_ins.labels(lang)]
    return frozenset(word for one in said for word in one.split())


@cache
def units(lang: str) -> tuple[str, ...]:
    """The units among what they are made of: words joined by underscores."""
    found = _labels(lang).difference(again_labels(lang))
    return tuple(sorted(label for label in found if "_" in label))


def _labels(lang: str) -> set[str]:
    return {label for kind in KINDS for said in sentences(lang, kind) for label in said.split()}


def _unit(text: str) -> str:
    return text.replace(" ", "_")


def _loop(items: Sequence[str]) -> Iterator[str]:
    """Any item after any other."""
    names = tuple(map(_unit, items))
    yield all_pairs(names)
    for name in names:
        yield from [name] * _START


def _es_letters() -> Iterator[str]:
    yield from _loop(_ES_LETTERS)
    for sign, letter in zip(cycle(_ES_SIGNS), (*_ES_LETTERS, *_ES_LETTERS), strict=False):
        yield f"{_unit(letter)} {_unit(sign)} {_unit(letter)}"
    for letter, names in _ES_ALPHABET.items():
        for name in names:
            yield f"{_unit(letter)} de_{name} {_unit(letter)}"
    for digit in digit_words("es"):
        yield f"{digit} {digit}"
    yield from _repeated_letters("es", _ES_LETTERS)


def _en_letters() -> Iterator[str]:
    yield from _loop(_EN_LETTERS)
    for sign, letter in zip(cycle(_EN_SIGNS), (*_EN_LETTERS, *_EN_LETTERS), strict=False):
        yield f"{_unit(letter)} {_unit(sign)} {_unit(letter)}"
    for names in (_EN_ALPHABET, _EN_OTHER_NAMES):
        for letter, name in zip(_EN_LETTERS, names, strict=False):
            yield f"{_unit(letter)} as_in_{name} {_unit(letter)}"
            yield f"{_unit(letter)} for_{name}"
    for digit in digit_words("en"):
        yield f"{digit} {digit}"
    yield from _repeated_letters("en", _EN_LETTERS)


def _repeated_letters(lang: str, names: Sequence[str]) -> Iterator[str]:
    """ "Doble ele", "double l", "doble cero"; but "doble u" is a letter of its own."""
    twice, before = _REPEATS[lang][0], cycle(map(_unit, names))
    single = (name for name in names if " " not in name and f"{twice} {name}" not in names)
    for repeat in (*(f"{twice}_{name}" for name in single), *repeats(lang)):
        yield from (repeat, f"{next(before)} {repeat} {next(before)}")


def _es_below_hundred() -> Iterator[str]:
    yield from (*_ES_UNITS, *_ES_TEENS, *_ES_TENS)
    for ten in _ES_TENS[1:]:
        for unit in (*_ES_UNITS, "un", "una"):
            yield f"{ten}_y_{unit}"


def _es_numbers() -> Iterator[str]:
    low = tuple(_es_below_hundred())
    tail, money, cents = cycle(low), cycle(_ES_MONEY), cycle(_ES_CENTS)
    yield from (*low, "cero", "cien", "mil", "medio", "un", "una")
    for hundred in _ES_HUNDREDS:
        yield from (hundred, f"{hundred} {next(tail)} {next(money)}", f"{hundred} {next(tail)}")
    for number in low:
        yield f"{number} mil {next(tail)}"
        yield f"{number} {next(money)}"
        yield f"{number} con {next(tail)}"
        yield f"{number} {next(money)} con {next(tail)} {next(cents)}"
        yield f"{number} {next(tail)}"
    for hundred in (*_ES_HUNDREDS, "cien"):
        yield f"mil {hundred} {next(money)}"
        yield f"{hundred} mil {hundred} {next(tail)}"
        yield f"{next(tail)} mil {hundred} {next(money)} con {next(tail)}"
    for coin in _ES_MONEY:
        yield from (f"cien {coin}", f"mil {coin}", f"un {coin}", f"{next(tail)} {coin} y medio")
    yield from ("un millón de pesos", "dos millones de pesos", "mil millones", "una coma cinco", "menos diez")


def _en_below_hundred() -> Iterator[str]:
    yield from (*_EN_UNITS, *_EN_TEENS, *_EN_TENS)
    for ten in _EN_TENS:
        for unit in _EN_UNITS:
            yield f"{ten}_{unit}"


def _en_numbers() -> Iterator[str]:
    low = tuple(_en_below_hundred())
    tail, money, cents = cycle(low), cycle(_EN_MONEY), cycle(_EN_CENTS)
    yield from (*low, "zero", "oh", "a hundred", "one hundred", "a thousand")
    for number in (*_EN_UNITS, *_EN_TEENS):
        yield f"{number} hundred and {next(tail)}"
        yield f"{number} hundred {next(tail)} {next(money)}"
        yield f"{number} hundred {next(money)}"
    for number in low:
        yield f"{number} thousand {next(tail)} hundred and {next(tail)}"
        yield f"{number} {next(money)} and {next(tail)} {next(cents)}"
        yield f"{number} {next(money)}"
        yield f"{number} {next(tail)}"
        yield f"{number} thousand"
    for digit in digit_words("en"):
        yield f"{next(tail)} point {digit}"
        yield f"oh {digit}"
    yield from ("a million dollars", "two million", "and a half", "half a dollar", "minus ten")


def _groups(lang: str) -> Iterator[str]:
    """Digits dictated in pairs and with repeats: tens, teens, hundreds, doubles. The digits themselves are
    the digit loop's."""
    low = tuple(_es_below_hundred() if lang == "es" else _en_below_hundred())
    tail, digit = cycle(low), cycle(digit_words(lang))
    for number in low:
        yield f"{number} {next(tail)}"
        yield f"{next(digit)} {number}"
        yield f"{number} {next(digit)}"
    for repeat in repeats(lang):
        yield from (repeat, f"{next(tail)} {repeat}", f"{next(digit)} {repeat}")
    hundreds = (*_ES_HUNDREDS, "cien") if lang == "es" else tuple(f"{unit} hundred" for unit in _EN_UNITS)
    for hundred in hundreds:
        yield from (f"{hundred} {next(tail)}", f"{next(tail)} {hundred}")


_REPEATS = {"es": ("doble", "triple"), "en": ("double", "triple", "treble")}


def repeats(lang: str) -> tuple[str, ...]:
    """ "doble_cero" and so on: part of every way to say digits."""
    return tuple(f"{times}_{digit}" for times in _REPEATS[lang] for digit in digit_words(lang))


@cache
def repeated(lang: str) -> tuple[str, ...]:
    """Sentences with repeated digits, for a loop of digits."""
    digit = cycle(digit_words(lang))
    return tuple(
        said for repeat in repeats(lang) for said in (repeat, f"{next(digit)} {repeat} {next(digit)}")
    )


@cache
def words_of_digits(lang: str) -> frozenset[str]:
    """What a loop of digits hears, word by word."""
    said = " ".join((*digit_words(lang), *repeated(lang)))
    return frozenset(said.replace("_", " ").split())


NO_FIRST = "no_"  # the "no" before digits; where it may stand, the graph says
SAID_AGAIN = "_"  # begins the label of a digit, or of a repeated one, after it


def _digits(lang: str) -> Iterator[str]:
    """ "No" and digits, under labels that only stand together in a graph: so no digit can begin, and "sí" is
    not heard as "seis"."""
    digits = tuple(SAID_AGAIN + digit for digit in digit_words(lang))
    yield from (f"{NO_FIRST} {digit}" for digit in digits)
    yield f"{NO_FIRST} {all_pairs(digits)}"
    before, after = cycle((NO_FIRST, *digits)), cycle(digits)
    yield from (f"{next(before)} {SAID_AGAIN}{repeat} {next(after)}" for repeat in repeats(lang))


@cache
def again_labels(lang: str) -> tuple[str, ...]:
    """The labels of :data:`DIGITS`: of the "no", then of digits and repeated digits."""
    return (NO_FIRST, *(SAID_AGAIN + said for said in (*digit_words(lang), *repeats(lang))))


def _es_digits() -> Iterator[str]:
    return _digits("es")


def _en_digits() -> Iterator[str]:
    return _digits("en")


def _es_groups() -> Iterator[str]:
    return _groups("es")


def _en_groups() -> Iterator[str]:
    return _groups("en")


def _es_years() -> list[str]:
    low = [n for n in _es_below_hundred() if not n.endswith(("_un", "_una", "ún", "una"))]
    return [f"mil_novecientos_{n}" for n in low[9:]] + [
        f"dos_mil_{n}" for n in low[: low.index("treinta") + 1]
    ]


def _es_dates() -> Iterator[str]:
    near = "hoy, mañana, pasado mañana, ayer, anteayer, la semana que viene, el mes que viene, fin de mes"
    yield from [_unit(said) for said in _phrases(near) for _ in range(3)]
    month, year = cycle(_ES_MONTHS), cycle(_es_years())
    for number in _ES_DAYS:
        for lead in ("", "el ", "el día "):
            yield f"{lead}{number} de_{next(month)}"
        yield f"{number} de {next(month)} de {next(year)}"
        yield f"el {number}"
    for made in _es_years():
        yield from (f"uno de_{next(month)} de {made}", f"uno de_{next(month)} del {made}")
    for day in _ES_WEEKDAYS:
        yield from (day, f"el {day}", f"este {day}", f"el próximo {day}", f"el {day} que_viene")
        yield from (f"el {day} por_la_mañana", f"{day} por_la_tarde")
        yield from (f"el {day} pasado", f"el {day} uno de_{next(month)}", f"el {day} veinte de_{next(month)}")
    for number in _ES_UNITS:
        yield from (f"dentro_de {number} días", f"en {number} días", f"hace {number} días")
    yield from map(_unit, _phrases("dentro de una semana, dentro de dos semanas, dentro de un mes"))
    for number in ("quince", "veinte"):
        yield from (f"{number} de_este_mes", f"{number} del_mes_que_viene")


def _en_years() -> list[str]:
    low = list(_en_below_hundred())
    early = [f"two_thousand_{n}" for n in _EN_UNITS] + [f"two_thousand_and_{n}" for n in _EN_UNITS]
    return [f"nineteen_{n}" for n in low[9:]] + early + [f"twenty_{n}" for n in low[9:46]]


def _en_dates() -> Iterator[str]:
    near = """
    today, tomorrow, the day after tomorrow, yesterday, the day before yesterday, next week, next month,
    the end of the month, in a week, in a month
    """
    yield from [_unit(said) for said in _phrases(near) for _ in range(3)]
    month, year = cycle(_EN_MONTHS), cycle(_en_years())
    for number in _EN_DAYS:
        for _ in range(3):
            yield f"{next(month)} {number}"
        yield f"{next(month)} {number} {next(year)}"
        yield f"the {number} of {next(month)}"
        yield f"on the {number}"
    for made in _en_years():
        yield f"{next(month)} first {made}"
    for day in _EN_WEEKDAYS:
        yield from (f"{day} morning", f"{day} afternoon", f"on {day} in_the_afternoon")
        yield from (day, f"on {day}", f"this {day}", f"next {day}", f"last {day}", f"{day} the first")
        yield f"{day} {next(month)} second"
    for number in _EN_UNITS:
        yield from (
            f"in {number} days",
            f"{number} days ago",
            f"in {number} weeks",
            f"{number} days from_now",
        )


_PARTS = {
    "es": _phrases("de la mañana, de la tarde, de la noche"),
    "en": _phrases("a m, p m, in the morning, in the afternoon, in the evening, at night"),
}


def _es_times() -> Iterator[str]:
    part, low = cycle(_PARTS["es"]), cycle(_es_below_hundred())
    for hour in ("una", *_ES_UNITS[1:], "diez", "once", "doce"):
        the = "la" if hour == "una" else "las"
        for minutes in (
            "",
            " y media",
            " y cuarto",
            " menos cuarto",
            " en punto",
            f" y {next(low)}",
            f" {next(low)}",
        ):
            yield f"{the} {hour}{minutes}"
            yield f"a {the} {hour}{minutes} {_unit(next(part))}"
    yield from (
        *_phrases(
            "mediodía, al mediodía, medianoche, a medianoche, por la mañana, por la tarde, por la noche"
        ),
    )


def _en_times() -> Iterator[str]:
    part, low = cycle(_PARTS["en"]), cycle(_en_below_hundred())
    for hour in (*_EN_UNITS, "ten", "eleven", "twelve"):
        for minutes in ("", " o'clock", " thirty", " fifteen", " forty five", f" oh {hour}", f" {next(low)}"):
            yield f"{hour}{minutes}"
            yield f"at {hour}{minutes} {_unit(next(part))}"
        yield from (
            f"half past {hour}",
            f"quarter past {hour}",
            f"a quarter to {hour}",
            f"{next(low)} past {hour}",
        )
    yield from _phrases("noon, at noon, midnight, in the morning, in the afternoon, in the evening")


_KINDS = {
    ("es", LETTERS): _es_letters,
    ("es", NUMBERS): _es_numbers,
    ("es", GROUPS): _es_groups,
    ("es", DATES): _es_dates,
    ("es", TIMES): _es_times,
    ("es", DIGITS): _es_digits,
    ("en", DIGITS): _en_digits,
    ("en", LETTERS): _en_letters,
    ("en", NUMBERS): _en_numbers,
    ("en", GROUPS): _en_groups,
    ("en", DATES): _en_dates,
    ("en", TIMES): _en_times,
}
