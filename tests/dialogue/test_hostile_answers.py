"""What a caller may say to wear the machine out: endless corrections, numbers without a name."""

from __future__ import annotations

from datetime import date

import pytest

from voice.languages import language
from voice.model import ExpectKind
from voice.slots.corrections import split_correction
from voice.slots.reader import parse
from voice.slots.reading import MAX_TEXT, Parsed

TODAY = date(2026, 1, 26)
KINDS = [kind for kind in ExpectKind if kind not in (ExpectKind.INTENT, ExpectKind.CHOICE)]


@pytest.mark.parametrize("lang", ["es", "en"])
def test_an_endless_no_is_looked_at_a_few_times(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0

    def counted(*args: object) -> object:
        nonlocal looks
        looks += 1
        return split_correction(*args)  # type: ignore[arg-type]

    monkeypatch.setattr("voice.slots.reader.split_correction", counted)
    parse(ExpectKind.INTEGER, "no " * (MAX_TEXT // 3), lang, today=TODAY)
    assert looks <= 10


@pytest.mark.parametrize("lang", ["es", "en"])
def test_a_correction_of_a_correction_still_counts(lang: str) -> None:
    said = {"es": "tres no perdón cuatro no perdón cinco no", "en": "three no sorry four no sorry five no"}[
        lang
    ]
    found = parse(ExpectKind.INTEGER, said, lang, today=TODAY)
    assert found is not None
    assert found.value == "5"


@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize("text", ["1" * 28, "1" * 400, "9" * 27, "1." * 250, "1/2/" * 140])
@pytest.mark.parametrize("kind", KINDS)
def test_a_number_without_a_name_is_no_fault(kind: ExpectKind, text: str, lang: str) -> None:
    found = parse(kind, text, lang, today=TODAY)
    assert found is None or isinstance(found, Parsed)


def test_a_number_without_a_name_is_said_digit_by_digit() -> None:
    assert language("en").say_number(10**18) == " ".join(["one", *["zero"] * 18])
    assert language("es").say_number(10**17) == "cien mil billones"
