"""What is said amid a sentence is the same value as an answer gives, or is asked for: never another."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tools.understanding.slot_cases import Case, cases
from tools.understanding.slot_sentences import readable, sentences, taken
from voice.model import ExpectKind
from voice.slots.extract import extract
from voice.slots.reading import Wanted

DATA = Path(__file__).parents[3] / "shared" / "data"
MONDAY = date(2026, 11, 23)
CODES, CODES_EVERY = ("iban", "identifier"), 12  # thousands of sentences that differ in their digits only


def found(kind: str, lang: str, text: str, today: date = MONDAY) -> str | None:
    value = extract(text, lang, {kind: Wanted(ExpectKind(kind))}, today).get(kind)
    return value.parsed.value if value is not None else None


NEAR_DAYS = {
    "es": {
        "el quince de diciembre": "2026-12-15",
        "el viernes cuatro de diciembre": "2026-12-04",
        "el treinta y uno de diciembre": "2026-12-31",
        "el veintitrés de noviembre": "2026-11-23",
        "el lunes 30": "2026-11-30",
        "28 nov": "2026-11-28",
        "pasado mañana": "2026-11-25",
        "pasado mañana a las tres y media": "2026-11-25",
        "antes de ayer": "2026-11-21",
        "anteayer": "2026-11-21",
        "el quince": "2026-12-15",
        "el día quince": "2026-12-15",
        "el quince a las cuatro": "2026-12-15",
        "del lunes al viernes": None,
        "el lunes o el martes": None,
    },
    "en": {
        "on december fifteenth": "2026-12-15",
        "on the fifteenth of december": "2026-12-15",
        "on friday the fourth of december": "2026-12-04",
        "on monday the thirtieth": "2026-11-30",
        "28 Nov": "2026-11-28",
        "3 Dec": "2026-12-03",
        "the day after tomorrow": "2026-11-25",
        "the day after tomorrow at half past three": "2026-11-25",
        "the day before yesterday": "2026-11-21",
        "on the fifteenth": "2026-12-15",
        "for the twenty first": "2026-12-21",
        "on the 15th": "2026-12-15",
        "monday to friday": None,
        "monday or tuesday": None,
    },
}


@pytest.mark.parametrize("frame", ["quiero una cita {}", "querría reservar {} por favor"])
@pytest.mark.parametrize(("said", "day"), NEAR_DAYS["es"].items())
def test_days_of_the_next_month_in_spanish(said: str, day: str | None, frame: str) -> None:
    assert found("date", "es", frame.format(said)) == day


@pytest.mark.parametrize("frame", ["i want an appointment {}", "can somebody come {} please"])
@pytest.mark.parametrize(("said", "day"), NEAR_DAYS["en"].items())
def test_days_of_the_next_month_in_english(said: str, day: str | None, frame: str) -> None:
    assert found("date", "en", frame.format(said)) == day


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("es", "marco el dos"),
        ("es", "el quince por ciento de descuento"),
        ("es", "vivo en el segundo piso"),
        ("es", "hoy no me funciona internet"),
        ("es", "hace tres días que no funciona"),
        ("en", "i live on the second floor"),
        ("en", "for the first time it fails"),
        ("en", "my internet is down today"),
    ],
)
def test_numbers_of_other_things_are_no_days(lang: str, text: str) -> None:
    assert found("date", lang, text) is None


@pytest.mark.parametrize(
    ("lang", "text"),
    [("es", "una mesa para cuatro el viernes"), ("en", "a table for four on friday")],
)
def test_people_before_a_weekday_are_no_day_of_the_month(lang: str, text: str) -> None:
    assert found("date", lang, text) == "2026-11-27"


SPOKEN = [
    ("amount", "es", "mil doscientos treinta y cuatro con cincuenta", "1234.50"),
    ("amount", "es", "doce con cincuenta", "12.50"),
    ("amount", "es", "doce y medio", "12.50"),
    ("amount", "es", "doce coma cinco", "12.50"),
    ("amount", "es", "30 euros", "30"),
    ("amount", "es", "treinta euros con cinco", "30.05"),
    ("amount", "es", "mil y pico", None),
    ("amount", "es", "treinta con dos tarjetas", None),
    ("amount", "es", "treinta euros y dos facturas", None),
    ("amount", "en", "one thousand two hundred thirty four euros and fifty cents", "1234.50"),
    ("amount", "en", "twelve fifty", "12.50"),
    ("amount", "en", "twelve point five", "12.50"),
    ("amount", "en", "thirty and a half", "30.50"),
    ("amount", "en", "30 euros", "30"),
    ("amount", "en", "thirty and something", None),
    ("amount", "en", "thirty and two more", None),
    ("date", "es", "pasado mañana", "2026-11-25"),
    ("date", "en", "the day after tomorrow", "2026-11-25"),
    ("time", "es", "a las tres y media", "15:30"),
    ("time", "en", "at half past three", "15:30"),
    ("phone", "es", "seis doble cero siete tres cuatro cinco seis siete", "+34600734567"),
    ("phone", "en", "six double oh seven three four five six seven", "+34600734567"),
    ("email", "es", "ana punto ruiz arroba gmail punto com", "ana.ruiz@gmail.com"),
    ("email", "en", "ana dot ruiz at gmail dot com", "ana.ruiz@gmail.com"),
    ("integer", "es", "menos veintitrés", "-23"),
    ("integer", "es", "mil y uno", "1001"),
    ("integer", "en", "one two three", "123"),
]


@pytest.mark.parametrize(("kind", "lang", "said", "value"), SPOKEN)
def test_spoken_forms_amid_sentences(kind: str, lang: str, said: str, value: str | None) -> None:
    one = Wanted(ExpectKind(kind), called=("personas", "people"))
    for sentence in sentences(kind, lang, said):
        taken_as = extract(sentence, lang, {kind: one}, MONDAY).get(kind)
        if taken_as is not None or kind not in ("time", "email"):  # which may be asked for
            assert (taken_as.parsed.value if taken_as else None) == value, sentence


@pytest.mark.skipif(not (DATA / "text").is_dir(), reason="public test cases are not in ../shared/data")
def test_no_case_is_taken_for_another_amid_sentences() -> None:
    every = [case for case in cases(DATA / "text") if isinstance(case, Case)]
    codes = [case for case in every if case.kind in CODES]
    checked = list(readable([case for case in every if case.kind not in CODES] + codes[::CODES_EVERY]))
    wrong = {}
    for case in checked:
        for sentence in sentences(case.kind, case.lang, case.text):
            value = taken(case, sentence)
            if value is not None and value not in case.accepted:
                wrong[sentence] = value
    assert len(checked) > 300
    assert not wrong
