"""Values in the middle of sentences that nobody asked for: found, left to be asked for, or taken for another.

    python -m tools.understanding.slot_sentences [--data ../shared/data] [--failures]

Every case of the development half (as in :mod:`tools.understanding.eval_slots`) that is read rightly as an
answer, and does not tell the past, is put into four sentences of its language, all wishes. "found" is the
share with the same value, "other" those with a different one, which a caller would have to correct; the rest
is asked for.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tools.understanding.eval_slots import LONGEST, as_expected
from tools.understanding.slot_cases import FILES, Case, Excluded, cases
from voice.model import ExpectKind
from voice.slots.extract import EXTRACTABLE, extract
from voice.slots.reader import read
from voice.slots.reading import Parsed, Wanted
from voice.slots.tense import tells_the_past

CARRIERS: dict[str, dict[str, tuple[str, str, str, str]]] = {
    "es": {
        "amount": (
            "quiero pagar {}",
            "quiero pagar {} de la factura de marzo",
            "quería hacer un pago de {} con mi tarjeta",
            "me gustaría abonar {} por favor",
        ),
        "date": (
            "quiero una cita {}",
            "quiero pedir hora para {} por favor",
            "necesito que vengan {} si puede ser",
            "hola me viene bien {} a las cuatro de la tarde",
        ),
        "time": (
            "quiero una cita {}",
            "quiero pedir hora para mañana {}",
            "resérveme una mesa {} por favor",
            "me viene bien {} si puede ser",
        ),
        "duration": (
            "quiero la sala {}",
            "quería alquilarlo {} por favor",
            "me quedaría {} en total",
            "necesito el coche durante {}",
        ),
        "integer": (
            "una mesa para {} personas",
            "somos {} personas por favor",
            "quiero reservar para {} personas el lunes",
            "seríamos {} personas a las nueve",
        ),
        "phone": (
            "mi teléfono es {}",
            "llámenme al teléfono {} por favor",
            "mi móvil es el {} y quiero una cita",
            "quiero cambiar mi teléfono que es {}",
        ),
        "email": (
            "mi correo es {}",
            "mándemelo a {} por favor",
            "mi correo electrónico es {} y quiero pagar",
            "quiero cambiar el correo a {}",
        ),
        "card": (
            "mi tarjeta es la {}",
            "quiero pagar con la tarjeta {}",
            "el número de tarjeta es {} por favor",
            "quiero pagar 30 euros con la tarjeta {}",
        ),
        "iban": (
            "mi iban es {}",
            "mi cuenta es {} por favor",
            "quiero domiciliarlo en la cuenta {}",
            "el iban es {} y quiero pagar 30 euros",
        ),
        "identifier": (
            "mi documento es {}",
            "mi dni es el {} por favor",
            "soy Ana López con documento {}",
            "el documento es {} y quiero una cita",
        ),
    },
    "en": {
        "amount": (
            "i want to pay {}",
            "i want to pay {} of the march invoice",
            "i would like to make a payment of {} with my card",
            "i need to send {} please",
        ),
        "date": (
            "i want an appointment {}",
            "i would like to book a visit for {} please",
            "can somebody come {} if possible",
            "hello {} at four in the afternoon suits me",
        ),
        "time": (
            "i want an appointment {}",
            "i would like to book a visit for tomorrow {}",
            "a table {} please",
            "{} suits me if possible",
        ),
        "duration": (
            "i want the room for {}",
            "i would like to rent it {} please",
            "i would stay {} altogether",
            "i need the car for {}",
        ),
        "integer": (
            "a table for {} people",
            "we are {} people please",
            "i want to book for {} people on monday",
            "it would be {} people at nine",
        ),
        "phone": (
            "my phone is {}",
            "call me on my phone {} please",
            "my mobile is {} and i want an appointment",
            "i want to change my phone to {}",
        ),
        "email": (
            "my email is {}",
            "send it to {} please",
            "my email address is {} and i want to pay",
            "i want to change my email to {}",
        ),
        "card": (
            "my card is {}",
            "i want to pay with card {}",
            "the card number is {} please",
            "i want to pay 30 euros with card {}",
        ),
        "iban": (
            "my iban is {}",
            "my account is {} please",
            "i want it taken from account {}",
            "the iban is {} and i want to pay 30 euros",
        ),
        "identifier": (
            "my document is {}",
            "my id is {} please",
            "this is John Smith with document {}",
            "the document is {} and i want an appointment",
        ),
    },
}
_CALLED = {"integer": ("persona", "personas", "people")}


def sentences(kind: str, lang: str, said: str) -> Iterator[str]:
    """The four sentences around words that name a value."""
    return (carrier.format(said) for carrier in CARRIERS[lang][kind])


def wanted(case: Case) -> Wanted:
    return Wanted(
        ExpectKind(case.kind),
        max_length=LONGEST,
        country=case.country or "ES",
        documents=(case.document,) if case.document else (),
        called=_CALLED.get(case.kind, ()),
    )


def taken(case: Case, sentence: str) -> str | None:
    """The value that is taken from a sentence, in the form of the case's accepted values."""
    found = extract(sentence, case.lang, {case.kind: wanted(case)}, case.today, case.at)
    return as_expected(case, found[case.kind].parsed) if case.kind in found else None


def readable(items: Iterable[Case | Excluded]) -> Iterator[Case]:
    """The cases of the development half whose values may stand in a sentence and are right as an answer."""
    for case in items:
        if isinstance(case, Excluded) or case.part != "dev" or case.kind == "datetime":
            continue
        if ExpectKind(case.kind) not in EXTRACTABLE or not case.accepted:
            continue
        if tells_the_past(case.text, case.lang):
            continue
        outcome = read(wanted(case), case.text, case.lang, case.today, case.at)
        if isinstance(outcome, Parsed) and as_expected(case, outcome) in case.accepted:
            yield case


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.understanding.slot_sentences",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder that holds text/")
    parser.add_argument("--failures", action="store_true", help="print every value taken for another")
    parser.add_argument("--missed", action="store_true", help="print what is left to be asked for")
    arguments = parser.parse_args(argv)
    folder = arguments.data / "text"
    missing = [str(folder / name) for name in FILES if not (folder / name).is_file()]
    if missing:
        parser.error(
            f"no such file: {', '.join(missing)}. Give the folder whose 'text' holds the test cases."
        )
    tally: dict[tuple[str, str], list[str]] = defaultdict(list)
    for case in readable(cases(folder)):
        for sentence in sentences(case.kind, case.lang, case.text):
            value = taken(case, sentence)
            kind = "asked" if value is None else "found" if value in case.accepted else "other"
            tally[case.kind, case.lang].append(kind)
            if (arguments.failures and kind == "other") or (arguments.missed and kind == "asked"):
                print(f"{case.kind} {case.lang}: {sentence!r} gave {value}, not {sorted(case.accepted)}")
    print(f"{'kind':<11} {'lang':<4} {'n':>5} {'found':>7} {'asked':>7} {'other':>7}")
    for (name, lang), kinds in sorted(tally.items()):
        shares = (f"{100 * kinds.count(k) / len(kinds):>6.1f}%" for k in ("found", "asked", "other"))
        print(f"{name:<11} {lang:<4} {len(kinds):>5} {' '.join(shares)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
