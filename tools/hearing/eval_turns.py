"""Measures turn-taking: how long a caller waits for an answer, and how many are cut off before they are done.

Synthetic callers in both languages, and real voices where DATA has them, go through voice activity,
endpointing, recognition with the models in use, and turn-taking, in media time. Then what is no interruption
(coughs, noise, a television, our own prompt's echo, signs of listening) and what is one are put over a
prompt.

  python -m tools.hearing.eval_turns
  python -m tools.hearing.eval_turns --quick --only digits

Exit status: 0 all targets met, 1 one missed, 2 wrong use.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tools.hearing.recordings import DATA
from tools.hearing.turns_callers import Caller, Real, Synthetic
from tools.hearing.turns_line import Outcome, TurnsLine
from tools.hearing.turns_noise import Over, Sounds
from voice.dialogue.listening import flow_phrases
from voice.dialogue.loader import load_business
from voice.errors import CentralitaError
from voice.model import LANGUAGES
from voice.speech.ears import InlineEar
from voice.speech.espeak import EspeakSynthesizer
from voice.speech.vosk_engine import VoskRecognizer

ROOT = Path(__file__).parents[2]
SEED = 7
EARLY_MS = 40  # a turn over before the last of the speech by more than this cut the caller off
CLOSED_MS = 300  # target: median wait after a closed answer
SLOW_MS = 400
CUT_OFF = 0.02  # target: callers who dictate and are cut off
CLOSED = ("yes or no", "menu", "real yes or no")


@dataclass(frozen=True, slots=True)
class Result:
    """One caller: how long the answer took after their last sound (None: no turn), whether it came before,
    and whether it was then ``lost`` on the line that they had more to say."""

    caller: Caller
    delay_ms: int | None
    cut_off: bool
    outcome: Outcome

    @property
    def lost(self) -> bool:
        mended = self.outcome.went_on_ms or any(turn.joined for turn in self.outcome.taken)
        return self.cut_off and not mended


def try_caller(ear: InlineEar, caller: Caller) -> Result:
    outcome = TurnsLine(ear, caller.expect).hear(caller.pcm)
    before = [turn for turn in outcome.taken if turn.done_ms < caller.end_ms - EARLY_MS]
    after = [turn for turn in outcome.taken if turn.done_ms >= caller.end_ms - EARLY_MS]
    delay = after[0].done_ms - caller.end_ms if after else None
    return Result(caller, delay, bool(before), outcome)


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of something over a prompt."""

    over: Over
    outcome: Outcome

    @property
    def right(self) -> bool:
        heard_out = self.outcome.prompt_over_ms is not None
        return bool(self.outcome.taken) if self.over.wanted == "stops" else heard_out

    @property
    def delay_ms(self) -> int | None:
        """From when the caller spoke to silence on our side; None where nobody does or nothing stopped."""
        stops = [at for at in self.outcome.pauses if at >= self.over.speaks_ms]
        return stops[0] - self.over.speaks_ms if self.over.speaks_ms and stops else None


def try_over(ear: InlineEar, over: Over) -> Tried:
    line = TurnsLine(ear, over.expect, prompt=over.prompt, echo=over.echo, before=over.before)
    return Tried(over, line.hear(over.sound))


def interruption_table(tried: Iterable[Tried]) -> list[str]:
    by_kind: dict[str, list[Tried]] = {}
    for one in tried:
        by_kind.setdefault(one.over.kind, []).append(one)
    head = f"{'over a prompt':<30}{'n':>5}{'right':>7}{'pauses/min':>12}{'still':>8}{'delay':>8}"
    rows = [f"{head}  resumed because"]
    for kind, found in by_kind.items():
        minutes = sum(len(one.over.sound) for one in found) / 16 / 60_000
        pauses = sum(len(one.outcome.pauses) for one in found)
        still = sum(one.outcome.still_ms for one in found) / sum(len(one.over.prompt) / 16 for one in found)
        delays = [one.delay_ms for one in found if one.delay_ms is not None]
        why: dict[str, int] = {}
        for one in found:
            for reason in one.outcome.resumes:
                why[reason] = why.get(reason, 0) + 1
        rows.append(
            f"{kind:<30}{len(found):>5}{sum(one.right for one in found) / len(found):>7.0%}"
            f"{pauses / minutes:>12.1f}{still:>8.1%}{percentile(delays, 0.5):>8.0f}"
            f"  {' '.join(f'{name} {n}' for name, n in sorted(why.items()))}"
        )
    return rows


def percentile(values: Sequence[float], share: float) -> float:
    return float(np.percentile(values, 100 * share)) if values else float("nan")


def endpointing_table(results: Iterable[Result]) -> tuple[list[str], bool]:
    """The printed rows, and whether the targets are met."""
    by_kind: dict[str, list[Result]] = {}
    for result in results:
        by_kind.setdefault(result.caller.kind, []).append(result)
    head = f"{'callers':<30}{'n':>5}{'median':>9}{'p90':>7}{'cut off':>9}{'lost':>7}{'no turn':>9}  why"
    rows, met = [head], True
    for kind, found in by_kind.items():
        delays = [r.delay_ms for r in found if r.delay_ms is not None and not r.cut_off]
        cut = sum(r.cut_off for r in found) / len(found)
        none = sum(not r.outcome.taken for r in found)
        why: dict[str, int] = {}
        for r in found:
            for turn in r.outcome.taken:
                why[turn.why] = why.get(turn.why, 0) + 1
        reasons = " ".join(f"{name} {n}" for name, n in sorted(why.items()))
        median = percentile(delays, 0.5)
        missed = (kind in CLOSED and median > CLOSED_MS) or ("digits" in kind and cut >= CUT_OFF)
        met = met and not missed
        rows.append(
            f"{kind:<30}{len(found):>5}{median:>9.0f}{percentile(delays, 0.9):>7.0f}{cut:>9.1%}"
            f"{sum(r.lost for r in found) / len(found):>7.1%}{none:>9}"
            f"  {reasons}{'  MISSED' if missed else ''}"
        )
    return rows, met


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, default=DATA, help="folder of recordings (tools/hearing/README.md)"
    )
    parser.add_argument("--quick", action="store_true", help="a quarter of the callers")
    parser.add_argument("--only", default="", help="callers whose kind holds this text")
    parser.add_argument("--part", choices=("endpointing", "interruptions"), help="one half of it")
    parser.add_argument(
        "--show", action="store_true", help="every caller who was cut off, and what was heard"
    )
    args = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as work:
            return run(args, Path(work))
    except CentralitaError as error:
        print(error, file=sys.stderr)
        return 2


def run(args: argparse.Namespace, work: Path) -> int:
    began = time.monotonic()
    flow = load_business("telecom", ROOT / "prompts").flow
    recognizer = VoskRecognizer(None, work)
    for lang in LANGUAGES:
        recognizer.prepare(lang, flow_phrases(flow, lang))
    ear = InlineEar(recognizer)
    synthetic = Synthetic(EspeakSynthesizer(), flow, SEED)
    results = [try_caller(ear, caller) for caller in callers_of(args, synthetic) if args.only in caller.kind]
    rows, met = endpointing_table(results)
    print(
        "From the caller's last sound to the end of the turn (ms), callers cut off before, and those of them"
    )
    print("whose next words were not joined to the first")
    print("\n".join(rows))
    sounds = Sounds(synthetic, args.data, SEED).all(args.quick) if args.part != "endpointing" else ()
    tried = [try_over(ear, over) for over in sounds if args.only in over.kind]
    print("\nOver a prompt, what is no interruption and what is: share dealt with rightly, how often and how")
    print("long the prompt stood still, ms from the caller's first sound to silence on our side")
    print("\n".join(interruption_table(tried)))
    if args.show:
        show(results, tried)
    print(f"{time.monotonic() - began:.0f} s")
    return 0 if met else 1


def callers_of(args: argparse.Namespace, synthetic: Synthetic) -> list[Caller]:
    if args.part == "interruptions":
        return []
    count = 10 if args.quick else 40
    return [
        *synthetic.yes_or_no(count // 2),
        *synthetic.choices(count // 2),
        *synthetic.numbers(count, known=True),
        *synthetic.numbers(count, known=False),
        *synthetic.hesitating(count // 2),
        *synthetic.unsure_numbers(count // 2),
        *synthetic.addresses(count // 4),
        *synthetic.spelled(count // 2),
        *Real(args.data, synthetic.flow, SEED).callers(count),
    ]


def show(results: Iterable[Result], tried: Iterable[Tried]) -> None:
    """Everyone who was cut off or waited, everything over a prompt that was dealt with wrongly or
    taken for a turn."""
    for r in results:
        if r.cut_off or r.delay_ms is None or r.delay_ms > SLOW_MS:
            heard = " | ".join(f"{t.text} ({t.why} {t.end_ms}->{t.done_ms})" for t in r.outcome.taken)
            print(f"  {r.caller.kind}: {r.caller.said} ends {r.caller.end_ms}: {heard}")
    for one in tried:
        if not one.right or one.outcome.taken:
            heard = " | ".join(
                f"{t.text} {t.confidence:.2f} ({t.why} {t.done_ms})" for t in one.outcome.taken
            )
            print(f"  {one.over.kind} {one.over.lang} {one.over.echo or ''}: {heard}")


if __name__ == "__main__":
    sys.exit(main())
