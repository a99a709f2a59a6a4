# ruff: noqa: E501 (whole sentences, one a line)
"""Several values in one sentence, no words twice, and nothing that was not clearly named."""

from __future__ import annotations

import json
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.cli import main
from voice.model import ExpectKind
from voice.slots.extract import extract
from voice.slots.reading import Wanted

TODAY = date(2026, 11, 22)
WANTED = {
    "amount": Wanted(ExpectKind.AMOUNT),
    "month": Wanted(ExpectKind.CHOICE, {"march": ("marzo", "march"), "april": ("abril", "april")}),
    "means": Wanted(ExpectKind.CHOICE, {"card": ("tarjeta", "card"), "bank": ("banco", "bank")}),
    "order": Wanted(ExpectKind.DIGITS, min_length=4, max_length=6, called=("pedido", "order")),
    "people": Wanted(ExpectKind.INTEGER, called=("persona", "personas", "people")),
    "day": Wanted(ExpectKind.DATE),
    "hour": Wanted(ExpectKind.TIME),
    "length": Wanted(ExpectKind.DURATION),
    "mail": Wanted(ExpectKind.EMAIL),
    "phone": Wanted(ExpectKind.PHONE),
    "dni": Wanted(ExpectKind.IDENTIFIER),
    "name": Wanted(ExpectKind.NAME),
    "postcode": Wanted(ExpectKind.POSTCODE),
}


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("es", "quiero pagar 30 euros de la factura de marzo con mi tarjeta", "amount=30 month=march means=card"),
        ("en", "I want to pay 30 euros of the March invoice with my card", "amount=30 month=march means=card"),
        ("es", "treinta euros con cincuenta de mi pedido uno dos tres cuatro", "amount=30.50 order=1234"),
        ("es", "mi pedido 4521 no ha llegado", "order=4521"),
        ("es", "quiero pagar 2 facturas", ""),
        ("es", "quiero pagar 30 euros, no, perdón, 40 euros", "amount=40"),
        ("es", "hoy no me funciona internet", ""),
        ("es", "hace tres días que no funciona", ""),
        ("es", "no quiero pagar con tarjeta", ""),
        ("es", "quiero cita mañana por la tarde a las cinco", "day=2026-11-23 hour=17:00"),
        (
            "es",
            "una mesa para cuatro personas el viernes a las nueve y media de la noche a nombre de Juan García",
            "people=4 day=2026-11-27 hour=21:30 name=Juan García",
        ),
        (
            "en",
            "a table for four people on friday at half past nine in the evening under the name of John Smith",
            "people=4 day=2026-11-27 hour=21:30 name=John Smith",
        ),
        (
            "es",
            "mi correo es ana punto ruiz arroba gmail punto com y mi teléfono el seis uno dos tres cuatro cinco "
            "seis siete ocho",
            "mail=ana.ruiz@gmail.com phone=+34612345678",
        ),
        ("es", "mi dni es doce treinta y cuatro cincuenta y seis setenta y ocho zeta", "dni=12345678Z"),
        ("es", "mándelo al código postal 28013", "postcode=28013"),
        ("en", "i am at home at five in the afternoon", "hour=17:00"),
        ("en", "my order number is one two three four five and it is twelve pounds fifty", "amount=12.50 order=12345"),
        ("es", "la sala dos horas y media el lunes", "day=2026-11-23 length=PT2H30M"),
    ],
)  # fmt: skip
def test_sentences(lang: str, text: str, expected: str) -> None:
    found = extract(text, lang, WANTED, TODAY)
    assert " ".join(f"{name}={one.parsed.value}" for name, one in found.items()) == expected


def test_two_slots_of_a_kind_need_their_names() -> None:
    two = {
        "leave": Wanted(ExpectKind.DATE, called=("salida",)),
        "back": Wanted(ExpectKind.DATE, called=("vuelta",)),
    }
    assert extract("el lunes", "es", two, TODAY) == {}
    found = extract("salida el lunes y vuelta el viernes", "es", two, TODAY)
    assert {name: one.parsed.value for name, one in found.items()} == {
        "leave": "2026-11-23",
        "back": "2026-11-27",
    }


TELLING = [
    "quiero",
    "pagar",
    "30",
    "euros",
    "de",
    "marzo",
    "con",
    "tarjeta",
    "pedido",
    "1234",
    "el",
    "lunes",
    "a",
    "las",
    "tres",
    "y",
    "media",
    "mañana",
    "dos",
    "horas",
    "personas",
    "arroba",
    "gmail",
    "punto",
    "com",
    "teléfono",
    "612345678",
    "me",
    "llamo",
    "ana",
    "zeta",
    "no",
    "perdón",
    "dólares",
]


@settings(max_examples=60, deadline=None)
@given(words=st.lists(st.sampled_from(TELLING), max_size=16), lang=st.sampled_from(["es", "en"]))
def test_no_words_count_twice(words: list[str], lang: str) -> None:
    text = " ".join(words)
    spans = sorted((one.start, one.end) for one in extract(text, lang, WANTED, TODAY).values())
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))


# --- the command --------------------------------------------------------------------------------------


def test_understand_prints_a_value_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["understand", "--slot", "amount", "--lang", "es", "mil doscientos con cincuenta", "mañana"]
    assert main(asked) == 1
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["value"], first["confidence"]) == ("1200.50", 1.0)
    assert (second["value"], second["why"]) == (None, "nothing")


def test_understand_reads_a_flow(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["understand", "--flow", "telecom", "--lang", "es", "cuánto debo"]) == 0
    line = json.loads(capsys.readouterr().out)
    assert line["intents"][0]["intent"] == "balance"


def test_understand_says_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["understand", "--slot", "choice", "--lang", "es", "tarjeta"]) == 2
    assert "--option" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stop:
        main(["understand", "--slot", "date", "--today", "soon", "hoy"])
    assert stop.value.code == 2
