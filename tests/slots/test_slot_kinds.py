"""Every kind of slot as callers say it in both languages, what is refused and why, and what is said back."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from voice.languages import fold, language, normalise
from voice.model import ExpectKind
from voice.slots.durations import read_duration, seconds
from voice.slots.identifiers import DOCUMENTS, document_keys, keyed_document, refusal
from voice.slots.numbers import tokenise
from voice.slots.reader import read
from voice.slots.reading import Parsed, Refused, Wanted, Why
from voice.slots.saying import say_value

TODAY = date(2026, 11, 22)
LANGS = st.sampled_from(["es", "en"])


def value(kind: str, text: str, lang: str, **asked: Any) -> str:
    """The value read, or the reason in brackets."""
    outcome = read(Wanted(ExpectKind(kind), **asked), text, lang, TODAY)
    return outcome.value if isinstance(outcome, Parsed) else f"[{outcome.why.value}]"


CASES = """
integer es tres -> 3
integer es somos cuatro personas -> 4
integer es dos docenas -> 24
integer es media docena -> 6
integer es mil y uno -> 1001
integer es menos cinco -> -5
integer es uno o dos -> [several]
integer es ninguno -> 0
integer es mañana -> [nothing]
integer en half a dozen -> 6
integer en a hundred and twenty -> 120
integer en a couple -> 2
integer en five or six -> [several]
time es las tres y media de la tarde -> 15:30
time es las diez y seis -> 10:06
time es cuarto para las dos -> 13:45
time es las nueve menos cuarto de la noche -> 20:45
time es las dieciséis cincuenta -> 16:50
time es las siete en punto de la mañana -> 07:00
time es al mediodía -> 12:00
time es la una y diez a eme -> 01:10
time es a las tres de la tarde no perdón a las cuatro -> 16:00
time es veintisiete -> [nothing]
time en half past three in the afternoon -> 15:30
time en a quarter to nine -> 08:45
time en ten to eleven pm -> 22:50
time en seven a m -> 07:00
time en nine oh five -> 09:05
time en noon -> 12:00
time en i am at home at five -> 17:00
duration es una hora y media -> PT1H30M
duration es tres cuartos de hora -> PT45M
duration es quince días -> P15D
duration es dos semanas y tres días -> P2W3D
duration es un año y medio -> P1Y6M
duration en an hour and a half -> PT1H30M
duration en a quarter of an hour -> PT15M
duration en one hour twenty -> PT1H20M
duration en one point five hours -> PT1H30M
email es juan punto pérez ochenta y cinco arroba gmail punto com -> juan.perez85@gmail.com
email es mi correo es ana guion bajo ruiz arroba hotmail punto es -> ana_ruiz@hotmail.es
email es jota pe erre arroba outlook punto com punto mx por favor -> jpr@outlook.com.mx
email es ana de la torre arroba ge mail punto com -> anadelatorre@gmail.com
email es juan arroba -> [nothing]
email en john dot smith at gmail dot com -> john.smith@gmail.com
email en a as in alpha b as in bravo at yahoo dot com -> ab@yahoo.com
email en my email is j underscore doe at outlook dot com thanks -> j_doe@outlook.com
email en i am at home -> [nothing]
email en ana.ruiz@example.org -> ana.ruiz@example.org
name es me llamo juan garcía de la torre -> Juan García de la Torre
name es soy maría, por favor -> María
name es juan pérez, no perdón, juan gómez -> Juan Gómez
name es quiero hablar con una persona -> [nothing]
name en my name is mary o'brien -> Mary O'Brien
name en i don't know -> [nothing]
spelled es ge a erre ce i a -> Garcia
spelled es muñoz, eme u eñe o zeta -> Muñoz
spelled es be de barcelona a ce o -> Baco
spelled es a de alfa -> A
spelled es be de barcelona -> B
spelled es la a -> A
spelled es eme -> M
spelled es i griega -> Y
spelled en smith, s m i t h -> Smith
spelled en a as in alpha -> A
spelled en it's a as in alpha -> A
spelled en b for bravo -> B
spelled en a -> A
spelled en the letter a -> A
spelled en alpha n as in november november -> Ann
spelled en double u i double l -> Will
postcode es veintiocho cero trece -> 28013
postcode es ocho mil uno -> 08001
postcode es 99999 -> [impossible]
iban es ES91 2100 0418 4502 0005 1332 -> ES9121000418450200051332
card es cuatro mil ciento once, once once, once once, once once -> 4111111111111111
card en four one one one, one one one one, one one one one, one one one two -> [check]
card es cuatro uno uno uno -> [short]
identifier es doce treinta y cuatro cincuenta y seis setenta y ocho zeta de zaragoza -> 12345678Z
identifier es equis uno dos tres cuatro cinco seis siete ele -> X1234567L
identifier es doce tres cuatro cinco seis siete ocho a -> [check]
identifier es uno dos tres -> [short]
identifier es no lo sé -> [nothing]
phone es seiscientos doce treinta y cuatro cincuenta y seis setenta y ocho -> +34612345678
phone es más cuarenta y cuatro veinte ocho dos tres uno siete siete siete siete -> +442082317777
phone es seis uno dos tres -> [short]
phone es doce doce doce doce doce doce doce doce -> [long]
date es treinta y uno de febrero -> [impossible]
date es quince de marzo, digo, dieciséis -> 2027-03-16
date es quince de marzo no perdón de abril -> 2027-04-15
date en march fifteenth, sorry, sixteenth -> 2027-03-16
date en the day after tomorrow at half past three -> 2026-11-24
date es el viernes santo -> 2027-03-26
date en easter sunday -> 2027-03-28
""".strip().splitlines()


@pytest.mark.parametrize("case", CASES)
def test_values(case: str) -> None:
    said, _, expected = case.partition(" -> ")
    kind, lang, text = said.split(" ", 2)
    assert value(kind, text, lang) == expected


@pytest.mark.parametrize(
    ("kind", "text", "lang", "asked", "expected"),
    [
        (
            "iban",
            "noventa y uno veintiuno cero cero cero cuatro dieciocho cuarenta y cinco cero dos cero cero "
            "cero cinco trece treinta y dos",
            "es",
            {},
            "ES9121000418450200051332",
        ),
        ("phone", "two oh six five five five one two one two", "en", {"country": "US"}, "+12065551212"),
        ("phone", "eight hundred five five five one two one two", "en", {"country": "US"}, "+18005551212"),
        ("phone", "cincuenta y cinco doce treinta y cuatro cincuenta y seis setenta y ocho", "es",
         {"country": "MX"}, "+525512345678"),
        ("postcode", "nine oh two one oh", "en", {"country": "US"}, "90210"),
        ("postcode", "S W one A one A A", "en", {"country": "GB"}, "SW1A1AA"),
        ("identifier", "veintitrés dieciséis dieciocho veintidós cuarenta y tres cuatro", "es",
         {"country": "AR"}, "23161822434"),
        ("identifier", "setenta y seis cero quince uno cero siete seis", "es",
         {"country": "CL"}, "760151076"),
        ("identifier", "ge u erre ka seis cinco uno uno dos cuatro i zeta seis", "es",
         {"documents": ("rfc",)}, "GURK651124IZ6"),
        ("identifier", "seven double nine one two three double one three", "en",
         {"country": "US"}, "799123113"),
        ("digits", "uno dos tres cuatro, no perdón, cinco", "es", {"min_length": 4, "max_length": 4}, "1235"),
        ("digits", "uno dos tres", "es", {"min_length": 8, "max_length": 8}, "[short]"),
    ],
)  # fmt: skip
def test_by_country_and_length(kind: str, text: str, lang: str, asked: dict[str, Any], expected: str) -> None:
    assert value(kind, text, lang, **asked) == expected


def test_an_amount_tells_its_currency() -> None:
    for text, unit in (("treinta dólares", "USD"), ("cien pesos mexicanos", "MXN"), ("treinta", "")):
        outcome = read(Wanted(ExpectKind.AMOUNT), text, "es", TODAY)
        assert isinstance(outcome, Parsed)
        assert outcome.unit == unit


def test_a_time_without_its_half_of_the_day_has_an_alternative() -> None:
    outcome = read(Wanted(ExpectKind.TIME), "a las tres y media", "es", TODAY)
    assert isinstance(outcome, Parsed)
    assert (outcome.value, outcome.alternatives) == ("15:30", ("03:30",))
    assert outcome.confidence < 0.8, "it is confirmed with a question"


def test_lengths_are_told_when_they_are_the_reason() -> None:
    outcome = read(Wanted(ExpectKind.DIGITS, min_length=8, max_length=8), "uno dos tres", "es", TODAY)
    assert outcome == Refused(Why.SHORT, 3, 8)


# --- what is said is read back ----------------------------------------------------------------------


def comes_back(kind: ExpectKind, said_value: str, lang: str, **asked: Any) -> None:
    wanted = Wanted(kind, **asked)
    document = wanted.documents[0] if wanted.documents else ""
    facts = language(lang)
    spoken = say_value(kind, said_value, facts, country=wanted.country, document=document)
    for said in (spoken, normalise(spoken), fold(spoken)):
        outcome = read(wanted, said, lang, TODAY)
        assert isinstance(outcome, Parsed), (said, outcome)
        assert fold(outcome.value) == fold(said_value), said


@settings(max_examples=60, deadline=None)
@given(lang=LANGS, n=st.integers(-(10**9), 10**9))
def test_integers_come_back(lang: str, n: int) -> None:
    comes_back(ExpectKind.INTEGER, str(n), lang)


@settings(max_examples=80, deadline=None)
@given(lang=LANGS, at=st.times())
def test_times_come_back(lang: str, at: time) -> None:
    comes_back(ExpectKind.TIME, f"{at.hour:02}:{at.minute:02}", lang)


@settings(max_examples=80, deadline=None)
@given(
    lang=LANGS,
    parts=st.tuples(
        st.integers(0, 20), st.integers(0, 11), st.integers(0, 29), st.integers(0, 23), st.integers(0, 59)
    ),
)
def test_durations_come_back(lang: str, parts: tuple[int, ...]) -> None:
    years, months, days, hours, minutes = parts
    day = "".join(f"{n}{unit}" for n, unit in ((years, "Y"), (months, "M"), (days, "D")) if n)
    clock = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M")) if n)
    if day or clock:
        comes_back(ExpectKind.DURATION, f"P{day}{'T' + clock if clock else ''}", lang)


@settings(max_examples=40, deadline=None)
@given(lang=LANGS, rest=st.text("0123456789", min_size=8, max_size=8))
def test_phones_come_back(lang: str, rest: str) -> None:
    comes_back(ExpectKind.PHONE, f"+346{rest}", lang)
    comes_back(ExpectKind.PHONE, f"+346{rest}", lang, country="MX")


@settings(max_examples=30, deadline=None)
@given(
    lang=LANGS,
    local=st.from_regex(r"[a-z]{1,8}([._-][a-z]{1,8})?[0-9]{0,3}", fullmatch=True),
    domain=st.sampled_from(["gmail.com", "hotmail.es", "empresa.com.mx", "example.org", "xy-z.net"]),
)
@example(lang="es", local="yb", domain="gmail.com")  # "be" after a letter's name of two words
@example(lang="es", local="cd0", domain="gmail.com")  # "ce de cero"
@example(lang="es", local="bd-a", domain="gmail.com")  # "be de guion"
@example(lang="en", local="o0", domain="gmail.com")  # "o" beside a "zero"
@example(lang="en", local="bo01", domain="gmail.com")
@example(lang="en", local="o5", domain="gmail.com")
@example(lang="en", local="book1", domain="gmail.com")
def test_addresses_that_are_spelled_come_back(lang: str, local: str, domain: str) -> None:
    # "b o five" is "b05" as well as "bo5": only a "zero" elsewhere, or nothing before it, tells.
    assume(lang == "es" or not re.search("[^o]o+[1-9]", local) or "0" in local)
    names = language(lang).letter_names
    signs = {".": ("punto", "dot"), "_": ("guion bajo", "underscore"), "-": ("guion", "dash")}
    spelled = []
    for c in local:
        sign = signs.get(c, ("", ""))[lang == "en"]
        spelled.append(
            language(lang).say_number(int(c)) if c.isdecimal() else sign or names.get(c.upper(), c)
        )
    at = "arroba" if lang == "es" else "at"
    host = say_value(ExpectKind.EMAIL, f"a@{domain}", language(lang)).partition(f"{at} ")[2]
    assert value("email", f"{' '.join(spelled)} {at} {host}", lang) == f"{local}@{domain}"


@settings(max_examples=60, deadline=None)
@given(lang=LANGS, number=st.integers(0, 99_999_999))
def test_identity_numbers_come_back(lang: str, number: int) -> None:
    found = keyed_document(f"{number:08}", ("dni",))
    assert found is not None
    comes_back(ExpectKind.IDENTIFIER, found[0], lang, documents=("dni",))


@settings(max_examples=40, deadline=None)
@given(lang=LANGS, digits=st.text("0123456789", min_size=15, max_size=15))
def test_cards_come_back(lang: str, digits: str) -> None:
    total = sum(
        sum(divmod(int(d) * 2, 10)) if i % 2 else int(d) for i, d in enumerate(reversed(digits + "0"))
    )
    card = digits + str(-total % 10)
    if card.strip("0"):
        comes_back(ExpectKind.CARD, card, lang)


@settings(max_examples=40, deadline=None)
@given(lang=LANGS, province=st.integers(1, 52), rest=st.integers(0, 999))
def test_postcodes_come_back(lang: str, province: int, rest: int) -> None:
    comes_back(ExpectKind.POSTCODE, f"{province:02}{rest:03}", lang)


@settings(max_examples=60, deadline=None)
@given(lang=LANGS, name=st.text("abcdefghijklmnopqrstuvwxzñ", min_size=2, max_size=9))
def test_spelled_names_come_back(lang: str, name: str) -> None:
    if lang == "es" or "ñ" not in name:
        comes_back(ExpectKind.SPELLED, name.capitalize(), lang)


NEW = [k for k in ExpectKind if k not in (ExpectKind.INTENT, ExpectKind.CHOICE)]


@settings(max_examples=80, deadline=None)
@given(
    kind=st.sampled_from(NEW),
    lang=LANGS,
    text=st.text(max_size=60),
    country=st.sampled_from(["ES", "US", "AR", ""]),
)
def test_any_text_is_read_or_refused(kind: ExpectKind, lang: str, text: str, country: str) -> None:
    outcome = read(Wanted(kind, country=country), text, lang, TODAY)
    assert isinstance(outcome, Refused) or (outcome.value and 0 < outcome.confidence <= 1)


WORDS = [
    "doble",
    "ene",
    "uno",
    "dos",
    "mil",
    "y",
    "media",
    "cuarto",
    "las",
    "a",
    "de",
    "la",
    "tarde",
    "menos",
    "para",
    "hora",
    "días",
    "arroba",
    "punto",
    "com",
    "gmail",
    "eñe",
    "zeta",
    "más",
    "34",
    "612",
    "99:99",
    "2500",
    "at",
    "dot",
    "half",
    "past",
    "to",
    "of",
    "an",
    "hour",
    "am",
    "pm",
    "triple",
    "oh",
    "x1",
    "ES91",
    "no",
    "perdón",
    "guion",
]


@settings(max_examples=100, deadline=None)
@given(kind=st.sampled_from(NEW), lang=LANGS, words=st.lists(st.sampled_from(WORDS), max_size=12))
def test_any_order_of_telling_words_is_read_or_refused(kind: ExpectKind, lang: str, words: list[str]) -> None:
    outcome = read(Wanted(kind), " ".join(words), lang, TODAY)
    if isinstance(outcome, Parsed) and kind is ExpectKind.TIME:
        time.fromisoformat(outcome.value)


# --- documents and durations ------------------------------------------------------------------------


def test_every_document_is_known_to_the_library() -> None:
    for name, document in DOCUMENTS.items():
        assert refusal(name, "1") is not None, name
        assert document_keys(name) or document.letters, name


def test_seconds_of_a_duration() -> None:
    assert seconds("PT1H30M") == 5400
    assert seconds("P1D") == 86_400
    with pytest.raises(ValueError, match="PT1H30M"):
        seconds("an hour")
    assert read_duration(tokenise("nada"), language("es").lexicon, "es") is None
