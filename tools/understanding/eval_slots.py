"""Measures slot reading on public test cases and prints accuracy per kind and language.

    python -m tools.understanding.eval_slots [--data ../shared/data] [--part test] [--failures] [--libraries]

The data folder holds text/slots_es_en.jsonl, text/spoken_written_es_en.jsonl and text/pii_es_en.jsonl.
Cases that no caller could speak as one answer are left out, and counted with the reason (--excluded lists
them by kind). Half of the cases (by a hash of their id) are for development: their failures were read and the
readers improved on them. The other half is the test: what --part test prints is what to expect. A case is
right when the value is one of those its source gives; for identifiers with n = 0, when nothing is read.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from tools.understanding.slot_cases import FILES, INVALID, Case, Excluded, cases, plain
from voice.model import ExpectKind
from voice.slots.contacts import phone_is_valid
from voice.slots.durations import seconds
from voice.slots.reader import read
from voice.slots.reading import Parsed, Wanted

LONGEST = 25  # digits


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.understanding.eval_slots",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder that holds text/")
    parser.add_argument("--part", choices=("dev", "test"), default=None, help="test unless --failures")
    parser.add_argument(
        "--failures", action="store_true", help="print every case of the development half read wrongly"
    )
    parser.add_argument("--excluded", action="store_true", help="print how many cases were left out, by kind")
    parser.add_argument(
        "--libraries", action="store_true", help="the same cases read by dateparser and text2num"
    )
    arguments = parser.parse_args(argv)
    part = arguments.part or ("dev" if arguments.failures else "test")
    if arguments.failures and part == "test":
        parser.error("the test half is only counted: --failures shows the development half (--part dev).")
    folder = arguments.data / "text"
    missing = [str(folder / name) for name in FILES if not (folder / name).is_file()]
    if missing:
        parser.error(
            f"no such file: {', '.join(missing)}. Give the folder whose 'text' holds the test cases."
        )
    left_out: Counter[tuple[str, str]] = Counter()
    chosen: list[Case] = []
    for item in cases(folder):
        if isinstance(item, Excluded):
            left_out[item.reason, f"{item.source} {item.model}"] += 1
        elif _no_telephone(item):
            left_out[INVALID, f"{item.source} phone"] += 1
        elif item.part == part:
            chosen.append(item)
    _table(chosen, answer, arguments.failures)
    if arguments.libraries:
        from tools.understanding.slot_libraries import readers

        for name, reader, kinds in readers():
            print(f"\n{name}")
            _table([c for c in chosen if c.kind in kinds], reader, arguments.failures)
    _print_excluded(left_out, by_kind=arguments.excluded)
    return 0


def _table(chosen: Sequence[Case], reader: Callable[[Case], str | None], failures: bool) -> None:
    tally: dict[tuple[str, str, str], list[bool]] = defaultdict(list)
    spent: dict[tuple[str, str, str], float] = defaultdict(float)
    for case in chosen:
        key = (case.kind, case.lang, case.source)
        began = time.perf_counter()
        got = reader(case)
        spent[key] += time.perf_counter() - began
        right = got in case.accepted if case.accepted else got is None
        tally[key].append(right)
        if failures and not right:
            print(f"{case.id} {' '.join(key)}: {case.text!r} gave {got}, not {sorted(case.accepted)}")
    print(f"{'kind':<11} {'lang':<4} {'cases':<11} {'n':>4} {'right':>6} {'ms':>6}")
    totals: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for key, results in sorted(tally.items()):
        kind, lang, source = key
        totals[kind, lang] += results
        each = 1000 * spent[key] / len(results)
        print(f"{kind:<11} {lang:<4} {source:<11} {len(results):>4} {_share(results)} {each:>6.2f}")
    print()
    for (kind, lang), results in sorted(totals.items()):
        print(f"{kind:<11} {lang:<4} {'all':<11} {len(results):>4} {_share(results)}")
    for lang in ("es", "en"):
        everything = [r for (_, code), results in totals.items() if code == lang for r in results]
        if everything:
            print(f"{'every kind':<11} {lang:<4} {'all':<11} {len(everything):>4} {_share(everything)}")


def _share(results: Sequence[bool]) -> str:
    return f"{100 * sum(results) / len(results):>5.1f}%"


def _print_excluded(left_out: Counter[tuple[str, str]], *, by_kind: bool) -> None:
    reasons: Counter[str] = Counter()
    for (reason, _), count in left_out.items():
        reasons[reason] += count
    print(f"\nLeft out (of all parts): {sum(reasons.values())}")
    for reason, count in reasons.most_common():
        print(f"{count:>5}  {reason}")
        if by_kind:
            kinds = Counter({model: n for (why, model), n in left_out.items() if why == reason})
            print("       " + ", ".join(f"{model} {n}" for model, n in kinds.most_common()))


def _no_telephone(case: Case) -> bool:
    """Whether a phone case is a number that exists nowhere (made up for a test of patterns)."""
    if case.kind != "phone":
        return False
    digits = next(iter(case.accepted))
    codes = {"ES": "34", "US": "1"}
    return not any(phone_is_valid(f"+{prefix}{digits}") for prefix in ("", codes[case.country]))


def answer(case: Case) -> str | None:
    """What the readers make of a case, in the form of its accepted values."""
    if case.kind == "datetime":
        return _day_and_time(case)
    wanted = Wanted(
        ExpectKind(case.kind),
        max_length=LONGEST,
        country=case.country or "ES",
        documents=(case.document,) if case.document else (),
    )
    outcome = read(wanted, case.text, case.lang, case.today, case.at)
    if not isinstance(outcome, Parsed):
        return None
    return as_expected(case, outcome)


def as_expected(case: Case, outcome: Parsed) -> str:
    """A value in the form of the case's accepted ones."""
    value = outcome.value
    match case.kind:
        case "amount":
            return plain(Decimal(value))
        case "duration":
            return str(seconds(value))
        case "phone":
            digits = value.lstrip("+")
            return next((a for a in case.accepted if digits in (a, "34" + a, "1" + a)), digits)
        case "time":
            return (
                value
                if value in case.accepted
                else next((a for a in outcome.alternatives if a in case.accepted), value)
            )
        case _:
            return value


def _day_and_time(case: Case) -> str | None:
    """A date and a time from one sentence. A sentence with a time alone is about today."""
    day = read(Wanted(ExpectKind.DATE), case.text, case.lang, case.today, case.at)
    at = read(Wanted(ExpectKind.TIME), case.text, case.lang, case.today, case.at)
    if not isinstance(at, Parsed) or not isinstance(day, Parsed):
        return None
    found = [f"{_iso(day.value)} {clock}" for clock in (at.value, *at.alternatives)]
    return next((f for f in found if f in case.accepted), found[0])


def _iso(value: str) -> str:
    return date.fromisoformat(value).isoformat()


if __name__ == "__main__":
    sys.exit(main())
