"""Measures recognition on real voices that no model was trained on, in quiet and in a street.

Every utterance goes the way of a call's: through G.711, with the pre-roll and the end silence that the
session gives, in pieces of 100 ms through the project's own recognizer. Prints a line for every test and
condition with a 95 % interval, the target, and whether it is met.

  python -m tools.hearing.eval_hearing
  python -m tools.hearing.eval_hearing --quick --only digits --model en=build/en --json figures.json

--model takes the folder of a model of our kind (with lexicon.txt, so that words are compiled into it; one
with am/ and conf/ alone gets the built-in words) or of an official Vosk model.

Exit status: 0 all targets met, 1 one missed, 2 wrong use or no data.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np

from tools.hearing import hesitations, noise, scoring, testsets
from tools.hearing.models import Models, megabytes
from tools.hearing.recordings import DATA
from tools.hearing.testsets import Item, TestSet
from voice.audio.g711 import ulaw_decode, ulaw_encode
from voice.dialogue.flow_parts import Thresholds
from voice.errors import CentralitaError, ConfigError
from voice.model import LANGUAGES
from voice.speech.seam import Recognizer

ONSET_MS = 80  # speech this long is a turn
PRE_ROLL_MS = 300 - ONSET_MS  # the session's pre-roll reaches back from where the onset is known
END_MS = 300  # the shortest end silence of a closed question
PIECE_BYTES = 1600  # 100 ms
WORSE_IN_NOISE = 0.05
FALSE_REJECTION = 0.05
FLOW = Thresholds()  # of a flow that says nothing about them
MAX_FACTOR = 0.03
QUICK = 6
CHUNK = 20
CLEAN, STREET = "quiet", "street"
CONDITIONS = (CLEAN, STREET)


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of one utterance. ``cpu_s`` is the decoder's CPU time for ``audio_s`` of audio."""

    text: str
    confidence: float
    audio_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table. For ``words`` and ``asked`` lower is better. ``threshold`` and ``false_rejected``
    belong to ``rejection`` and ``asked``, ``believed`` to ``asked``: what a flow acts on unasked."""

    name: str
    title: str
    condition: str
    kind: str
    figure: scoring.Figure
    target: float | None
    met: bool | None
    factor: float
    threshold: float | None = None
    false_rejected: scoring.Figure | None = None
    believed: scoring.Figure | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be measured; every process makes the same test sets of it."""

    data: Path
    models: Models
    only: tuple[str, ...]
    every: int
    all_speakers: bool
    conditions: tuple[str, ...]

    def sets(self) -> tuple[list[TestSet], list[str]]:
        sets, missing = testsets.build(self.data, all_speakers=self.all_speakers)
        known = [*(one.name for one in sets), *hesitations.NAMES]
        for name in self.only:
            if not any(one.startswith(name) for one in known):
                raise ConfigError(f"--only {name}: there is {', '.join(known) or 'nothing'} in {self.data}")
        wanted = [name for name in hesitations.NAMES if not self.only or name.startswith(self.only)]
        if sets:  # alone, synthetic callers are no measurement
            sets += hesitations.build(self.data, wanted, all_speakers=self.all_speakers)
        chosen = [one for one in sets if not self.only or one.name.startswith(self.only)]
        return [testsets.thinned(one, self.every) if self.every > 1 else one for one in chosen], missing


class Bench:
    """A process's recognizer, test sets and street."""

    def __init__(self, plan: Plan) -> None:
        sets, _ = plan.sets()
        self.sets = {one.name: one for one in sets}
        self._street = noise.street(plan.data / "noise") if STREET in plan.conditions else None
        languages = tuple(sorted({one.grammar.lang for one in sets}))
        self._recognizer: Recognizer = plan.models.recognizer(languages)
        self.unheard: set[str] = set()
        for lang in languages:
            phrases = {p for one in sets if one.grammar.lang == lang for p in one.grammar.phrases}
            self.unheard |= set(self._recognizer.prepare(lang, tuple(sorted(phrases))))

    def hear(self, name: str, condition: str, number: int) -> Heard:
        one = self.sets[name]
        pcm = as_received(one.items[number], self._street if condition == STREET else None)
        started = time.thread_time()
        stream = self._recognizer.open(one.grammar)
        try:
            for at in range(0, len(pcm), PIECE_BYTES):
                stream.feed(pcm[at : at + PIECE_BYTES])
            result = stream.finish()
        finally:
            stream.close()
        cpu_s = time.thread_time() - started
        return Heard(result.text, result.confidence, len(pcm) / testsets.BYTES_A_MS / 1000, cpu_s)


def as_received(item: Item, street: noise.Floats | None) -> bytes:
    """The utterance as the recognizer gets it in a call."""
    pcm = testsets.faint_noise(PRE_ROLL_MS) + item.pcm + testsets.faint_noise(END_MS)
    if street is not None:
        samples = noise.add_noise(np.frombuffer(pcm, dtype="<i2").astype(np.float64), street, item.name)
        pcm = np.clip(np.rint(samples), -32768, 32767).astype("<i2").tobytes()
    return ulaw_decode(ulaw_encode(pcm))


@cache
def _bench(plan: Plan) -> Bench:
    """This process's own, made with its first piece of work."""
    return Bench(plan)


def _chunk(plan: Plan, name: str, condition: str, numbers: range) -> tuple[list[Heard], set[str]]:
    """What was heard, and the words that the model cannot hear."""
    bench = _bench(plan)
    return [bench.hear(name, condition, number) for number in numbers], bench.unheard


def measure(
    plan: Plan, sets: list[TestSet], jobs: int
) -> tuple[dict[tuple[str, str], list[Heard]], set[str]]:
    """What every test heard in every condition, by (name, condition); and the words no model knows."""
    work = [
        (one.name, condition, range(at, min(at + CHUNK, len(one.items))))
        for one in sets
        for condition in plan.conditions
        if condition == CLEAN or one.noisy
        for at in range(0, len(one.items), CHUNK)
    ]
    heard: dict[tuple[str, str], list[Heard]] = {}
    unheard: set[str] = set()
    started = time.monotonic()
    for done, ((name, condition, _), (results, unknown)) in enumerate(_run(plan, work, jobs), 1):
        unheard |= unknown
        heard.setdefault((name, condition), []).extend(results)
        if sys.stderr.isatty():
            print(f"\r{done} of {len(work)} [{time.monotonic() - started:.0f} s] ", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return heard, unheard


Work = tuple[str, str, range]


def _run(plan: Plan, work: list[Work], jobs: int) -> Iterator[tuple[Work, tuple[list[Heard], set[str]]]]:
    """In the order of ``work``."""
    if jobs == 1 and not plan.models.replaces_built_in:
        for one in work:
            yield one, _chunk(plan, *one)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context) as pool:
        yield from zip(work, pool.map(partial(_chunk, plan), *zip(*work, strict=True)), strict=True)


def row(one: TestSet, condition: str, heard: list[Heard], clean: Row | None) -> Row:
    """The figure of one test in one condition; ``clean`` is the same test in quiet, to judge noise by."""
    factor = factor_of(heard)
    target, threshold, false_rejected, believed = one.target, None, None, None
    if one.kind in ("rejection", "asked"):
        sure = [h.confidence if h.text else 0.0 for h in heard]
        inside = [s for s, item in zip(sure, one.items, strict=True) if item.inside]
        outside = [s for s, item in zip(sure, one.items, strict=True) if not item.inside]
    if one.kind == "rejection":
        found = scoring.rejection(inside, outside, FALSE_REJECTION)
        figure, threshold, false_rejected = found.rejected, found.threshold, found.false_rejected
    elif one.kind == "asked":
        threshold = FLOW.low
        figure, believed = scoring.at_least(outside, FLOW.low), scoring.at_least(outside, FLOW.high)
        false_rejected = scoring.below(inside, FLOW.low)
    else:
        scored = [
            scoring.score(item.speaker, one.same(item.text), one.same(h.text))
            for item, h in zip(one.items, heard, strict=True)
        ]
        figure = scoring.word_error_rate(scored) if one.kind == "words" else scoring.exact_share(scored)
    less = one.kind == "words"
    if clean is not None and target is not None:
        target = clean.figure.value + (WORSE_IN_NOISE if less else -WORSE_IN_NOISE)
    met = None
    if target is not None and figure.n:
        # a test that fails wholly in quiet meets nothing in noise
        met = figure.value <= min(target, 1) + 1e-9 if less else figure.value >= max(target, 0.01) - 1e-9
    return Row(
        one.name,
        one.title,
        condition,
        one.kind,
        figure,
        target,
        met,
        factor,
        threshold,
        false_rejected,
        believed,
    )


def factor_of(heard: Iterable[Heard]) -> float:
    """CPU seconds a second of audio; 0 for none."""
    found = list(heard)
    return sum(h.cpu_s for h in found) / max(1e-9, sum(h.audio_s for h in found))


def rows_of(sets: list[TestSet], heard: dict[tuple[str, str], list[Heard]]) -> list[Row]:
    rows = []
    for one in sets:
        clean: Row | None = None
        for condition in CONDITIONS:
            if (one.name, condition) in heard:
                rows.append(row(one, condition, heard[one.name, condition], clean))
                clean = rows[-1] if condition == CLEAN else None
    return rows


def wrong(one: TestSet, heard: list[Heard]) -> list[dict[str, object]]:
    """What was misheard, for people who look for the reason."""
    return [
        {
            "item": item.name,
            "said": item.text,
            "inside": item.inside,
            "heard": h.text,
            "confidence": round(h.confidence, 3),
        }
        for item, h in zip(one.items, heard, strict=True)
        if (one.same(item.text) != one.same(h.text) if item.inside else h.text)
    ]


def print_table(rows: list[Row]) -> None:
    print(f"{'':38} {'':7} {'figure':>7}   {'95 % interval':15} {'of':>5}   target")
    for one in rows:
        figure = one.figure
        title = one.title if one.condition == CLEAN else ""
        value = f"{figure.value:7.1%}" if figure.n else "      -"
        interval = f"{figure.low:6.1%} - {figure.high:6.1%}"
        print(f"{title:38} {one.condition:7} {value}   {interval:15} {figure.n:5d}   {_target(one)}")


def print_markdown(rows: list[Row]) -> None:
    """The same for the documents: a line a test."""
    print("| what | utterances or words | quiet | street, 15 dB | target |\n|---|---|---|---|---|")
    for one in rows:
        if one.condition != CLEAN or not one.figure.n:
            continue
        noisy = next((r for r in rows if (r.name, r.condition) == (one.name, STREET)), None)
        cells = [
            f"{r.figure.value:.1%} ({r.figure.low:.0%}-{r.figure.high:.0%})" if r else ""
            for r in (one, noisy)
        ]
        sign = "at most" if one.kind == "words" else "at least"
        target = f"{sign} {one.target:.0%}" if one.target else ""
        print(f"| {one.title} | {one.figure.n} | {cells[0]} | {cells[1]} | {target} |")


def _target(one: Row) -> str:
    if one.believed is not None and one.false_rejected is not None:
        return f"{one.believed.value:.1%} believed at once, {one.false_rejected.value:.1%} false rejection"
    if one.target is None:
        return ""
    sign = "at most" if one.kind == "words" else "at least"
    met = {True: "met", False: "MISSED", None: "no data"}[one.met]
    text = f"{sign} {one.target:.1%}  {met}"
    if one.threshold is not None and one.false_rejected is not None:
        text += f"  (confidence {one.threshold:.2f}, {one.false_rejected.value:.1%} false rejection)"
    return text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=DATA, metavar="DIR", help="recordings (README.md here)")
    parser.add_argument(
        "--model", action="append", default=[], metavar="LANG=DIR", help="another model than the built-in one"
    )
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="tests that begin so")
    parser.add_argument("--quick", action="store_true", help=f"every {QUICK}th utterance")
    parser.add_argument("--quiet", action="store_true", help="leave out the street")
    parser.add_argument(
        "--all-speakers", action="store_true", help="also those whom models may be trained on"
    )
    parser.add_argument("--markdown", action="store_true", help="a table for the documents")
    parser.add_argument("--json", type=Path, metavar="FILE", help="figures and every error, for a script")
    parser.add_argument(
        "--jobs", type=int, default=min(2, os.cpu_count() or 1), help="processes (%(default)s)"
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="eval-hearing", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_arguments(parser)
    args = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="eval-hearing-") as work:
            return run(args, Path(work))
    except CentralitaError as error:
        print(f"eval-hearing: {error}", file=sys.stderr)
        return 2


def run(args: argparse.Namespace, work: Path) -> int:
    if args.jobs < 1:
        raise ConfigError(f"--jobs {args.jobs}: give 1 or more")
    models = Models.from_arguments(args.model, work)
    conditions = (CLEAN,) if args.quiet else CONDITIONS
    plan = Plan(
        args.data.expanduser(),
        models,
        tuple(args.only),
        QUICK if args.quick else 1,
        args.all_speakers,
        conditions,
    )
    sets, missing = plan.sets()
    for path in missing:
        print(
            f"not measured: {path} is missing; tools/hearing/README.md says what to put there",
            file=sys.stderr,
        )
    sets = [one for one in sets if one.items]
    if not sets:
        raise ConfigError(f"{args.data}: holds no recordings to measure with; see tools/hearing/README.md")
    heard, unheard = measure(plan, sets, args.jobs)
    if unheard:
        print(f"words that the models do not know: {', '.join(sorted(unheard))}", file=sys.stderr)
    rows = rows_of(sets, heard)
    (print_markdown if args.markdown else print_table)(rows)
    twice = {one.name for one in sets if one.kind == "asked"}  # a menu's second look
    factor = factor_of(h for (name, _), results in heard.items() if name not in twice for h in results)
    print(f"\nreal-time factor {factor:.4f} (CPU seconds a second of audio; at most {MAX_FACTOR})")
    if again := [h for (name, _), results in heard.items() if name in twice for h in results]:
        print(f"with a menu's second look, other speech: {factor_of(again):.4f}")
    sizes = {lang: round(megabytes(models.folder(lang)), 2) for lang in LANGUAGES}
    print("model size " + ", ".join(f"{lang} {size:.2f} MB" for lang, size in sizes.items()))
    if args.all_speakers:
        print("ALL SPEAKERS: models may have been trained on some of these voices")
    if args.json:
        report = {
            "models": dict.fromkeys(LANGUAGES, "built-in") | dict(text.split("=", 1) for text in args.model),
            "model_mb": sizes,
            "all_speakers": args.all_speakers,
            "quick": args.quick,
            "real_time_factor": round(factor, 5),
            "rows": [asdict(one) for one in rows],
            "errors": {
                f"{one.name} {condition}": wrong(one, heard[one.name, condition])
                for one in sets
                for condition in CONDITIONS
                if (one.name, condition) in heard
            },
        }
        args.json.write_text(
            json.dumps(_finite(report), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
    return 1 if missing or any(one.met is False for one in rows) or factor > MAX_FACTOR else 0


def _finite(value: object) -> object:
    """JSON has no NaN: a figure of nothing is null."""
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and math.isnan(value) else value


if __name__ == "__main__":
    sys.exit(main())
