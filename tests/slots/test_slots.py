"""Answers as callers give them: what each kind of slot reads, and what it refuses."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from voice.model import ExpectKind
from voice.slots.reader import parse

SUNDAY = date(2026, 11, 22)
MONDAY = date(2026, 11, 23)
YES_NO = {
    "es": {
        "yes": "sí|si|sí, sí|claro|así es|ajá|por supuesto|sí quiero pagar|no hay problema|de acuerdo|eso es",
        "no": "no|no, gracias|ni hablar|claro que no|para nada|no está bien|creo que no|sí, digo no",
        "": "no, sí|no sé|sí pero no|quiero saber si no me cobraron|mañana|no entiendo|tal vez||mi saldo",
    },
    "en": {
        "yes": "yes|yep|that's right|sure|yes please|no problem|I think so|yeah, let's do that|uh huh",
        "no": "no|nope|no thank you|I don't think so|that's not right|not really|I said no not yes|no way",
        "": "yes and no|i'm not sure|maybe|no yes|my balance|i don't know|what||tomorrow",
    },
}


def value(kind: ExpectKind, text: str, lang: str, today: date = SUNDAY, **bounds: Any) -> str:
    parsed = parse(kind, text, lang, today=today, **bounds)
    return parsed.value if parsed else ""


@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize("answer", ["yes", "no", ""])
def test_yes_and_no(lang: str, answer: str) -> None:
    for text in YES_NO[lang][answer].split("|"):
        assert (text, value(ExpectKind.YES_NO, text, lang)) == (text, answer)


@pytest.mark.parametrize(
    ("lang", "text", "digits"),
    [
        ("es", "es el uno dos tres", "123"),
        ("es", "doce treinta y cuatro", "1234"),
        ("es", "doble cero siete", "007"),
        ("es", "triple tres uno", "3331"),
        ("es", "uno 2 tres 45", "12345"),
        ("es", "612-345-678", "612345678"),
        ("es", "uno dos, no perdón, cuatro cinco", "45"),
        ("es", "el uno dos tres, perdón", "123"),
        ("es", "veintidos dieciseis", "2216"),
        ("es", "seiscientos doce treinta y cuatro", "61234"),
        ("es", "quiero saber mi saldo", ""),
        ("es", "tengo una factura", ""),
        ("en", "double oh seven", "007"),
        ("en", "twelve thirty four", "1234"),
        ("en", "it's one two three", "123"),
        ("en", "one two, sorry, three four", "34"),
        ("en", "one for two", "142"),
        ("en", "nineteen eighty-six", "1986"),
        ("en", "treble four o two", "44402"),
        ("en", "i want to pay for it", ""),
        ("en", "oh yes", ""),
    ],
)
def test_digits(lang: str, text: str, digits: str) -> None:
    assert value(ExpectKind.DIGITS, text, lang) == digits


@pytest.mark.parametrize("lang", ["es", "en"])
def test_what_is_no_price_and_no_digits_is_refused(lang: str) -> None:
    assert parse(ExpectKind.AMOUNT, "1" + "0" * 26, lang, today=MONDAY) is None
    digits = parse(ExpectKind.DIGITS, "doble mil 12.5", lang, today=MONDAY)
    assert digits is None or digits.value.isdecimal()


def test_digits_keep_to_their_length() -> None:
    assert value(ExpectKind.DIGITS, "uno dos tres", "es", min_length=4) == ""
    assert value(ExpectKind.DIGITS, "uno dos tres", "es", max_length=2) == ""
    assert value(ExpectKind.DIGITS, "uno dos tres no cuatro", "es", min_length=3) == ""


def test_tens_without_their_joining_word_are_read_as_the_length_asks() -> None:
    assert value(ExpectKind.DIGITS, "treinta cuatro uno", "es", min_length=3, max_length=3) == "341"
    assert value(ExpectKind.DIGITS, "treinta cuatro uno", "es", min_length=4, max_length=4) == "3041"


@pytest.mark.parametrize(
    ("lang", "text", "amount"),
    [
        ("es", "mil doscientos treinta y cuatro con cincuenta", "1234.50"),
        ("es", "cuarenta y dos cincuenta", "42.50"),
        ("es", "un euro", "1"),
        ("es", "un euro y medio", "1.50"),
        ("es", "medio millón de pesos", "500000"),
        ("es", "dos millones y medio", "2500000"),
        ("es", "cincuenta céntimos", "0.50"),
        ("es", "tres coma cero cinco", "3.05"),
        ("es", "nueve punto cinco millones de pesos", "9500000"),
        ("es", "menos tres euros", "-3"),
        ("es", "1.234,50 €", "1234.50"),
        ("es", "12.50", "12.50"),
        ("es", "son dos facturas de treinta euros", "30"),
        ("es", "treinta, no, perdón, cuarenta euros", "40"),
        ("es", "mañana", ""),
        ("en", "thirty euros", "30"),
        ("en", "fifteen ninety nine", "15.99"),
        ("en", "one oh five", "1.05"),
        ("en", "$12.50", "12.50"),
        ("en", "half a dollar", "0.50"),
        ("en", "twelve and a half", "12.50"),
        ("en", "for thirty dollars", "30"),
        ("en", "point five dollars", "0.50"),
        ("en", "fifteen point two million dollars", "15200000"),
        ("en", "one fifty five dollars", "155"),
        ("en", "five cents", "0.05"),
        ("en", "forty-two dollars and five cents", "42.05"),
        ("en", "i don't know", ""),
    ],
)
def test_amounts(lang: str, text: str, amount: str) -> None:
    assert value(ExpectKind.AMOUNT, text, lang) == amount


@pytest.mark.parametrize(
    ("lang", "text", "day"),
    [
        ("es", "mañana", "2026-11-23"),
        ("es", "pasado mañana", "2026-11-24"),
        ("es", "el quince", "2026-12-15"),
        ("es", "el lunes que viene", "2026-11-23"),
        ("es", "el lunes por la mañana", "2026-11-23"),
        ("es", "el lunes a las cinco", "2026-11-23"),
        ("es", "el lunes de la semana que viene", "2026-11-23"),
        ("es", "el lunes pasado", "2026-11-16"),
        ("es", "quince de diciembre", "2026-12-15"),
        ("es", "primero de enero", "2027-01-01"),
        ("es", "el quince de mayo del ochenta y seis", "1986-05-15"),
        ("es", "quince del doce", "2026-12-15"),
        ("es", "dentro de dos semanas", "2026-12-06"),
        ("es", "hace tres días", "2026-11-19"),
        ("es", "dos días después de mañana", "2026-11-25"),
        ("es", "fin de mes", "2026-11-30"),
        ("es", "navidad", "2026-12-25"),
        ("es", "15/12", "2026-12-15"),
        ("es", "15122026", "2026-12-15"),
        ("es", "el lunes, no, el quince", "2026-12-15"),
        ("es", "treinta y uno de febrero", ""),
        ("es", "del dos al cinco", ""),
        ("es", "quiero pagar", ""),
        ("en", "next tuesday", "2026-11-24"),
        ("en", "the day after tomorrow", "2026-11-24"),
        ("en", "december fifteenth", "2026-12-15"),
        ("en", "the twenty first of december", "2026-12-21"),
        ("en", "december fifteen twenty twenty seven", "2027-12-15"),
        ("en", "a week from monday", "2026-11-30"),
        ("en", "three days ago", "2026-11-19"),
        ("en", "next friday at three thirty pm", "2026-11-27"),
        ("en", "christmas eve", "2026-12-24"),
        ("en", "12/15/2026", "2026-12-15"),
        ("en", "monday, sorry, the fifteenth", "2026-12-15"),
        ("en", "february thirtieth", ""),
        ("en", "my balance", ""),
    ],
)
def test_dates(lang: str, text: str, day: str) -> None:
    assert value(ExpectKind.DATE, text, lang) == day


def test_next_friday_means_different_days_in_english_and_spanish_and_says_so() -> None:
    english = parse(ExpectKind.DATE, "next friday", "en", today=MONDAY)
    spanish = parse(ExpectKind.DATE, "el viernes que viene", "es", today=MONDAY)
    assert english is not None
    assert spanish is not None
    assert (english.value, spanish.value) == ("2026-12-04", "2026-11-27")
    assert english.confidence < 0.8 < spanish.confidence


OPTIONS = {
    "es": {"mobile": ("móvil", "celular"), "fibre": ("fibra", "internet"), "tv": ("televisión",)},
    "en": {"mobile": ("mobile", "cell phone"), "fibre": ("fiber", "internet"), "tv": ("television",)},
}


@pytest.mark.parametrize(
    ("lang", "text", "choice"),
    [
        ("es", "el móvil", "mobile"),
        ("es", "fivra", "fibre"),
        ("es", "la segunda", "fibre"),
        ("es", "la última", "tv"),
        ("es", "no quiero fibra, quiero móvil", "mobile"),
        ("es", "fibra y móvil", ""),
        ("es", "otra cosa", ""),
        ("en", "my cell phone please", "mobile"),
        ("en", "televison", "tv"),
        ("en", "option three", "tv"),
        ("en", "not fiber", ""),
        ("en", "", ""),
    ],
)
def test_choices(lang: str, text: str, choice: str) -> None:
    parsed = parse(ExpectKind.CHOICE, text, lang, options=OPTIONS[lang], today=SUNDAY)
    assert (parsed.value if parsed else "") == choice


def test_text_is_cleaned_and_an_intent_is_no_slot() -> None:
    assert value(ExpectKind.TEXT, "  eh  pues mi   router no va ", "es") == "mi router no va"
    assert value(ExpectKind.TEXT, " ... ", "en") == ""
    assert value(ExpectKind.INTENT, "anything", "en") == ""
